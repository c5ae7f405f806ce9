//! SOAP 1.1 around the hub's messages: any prefix, a missing or unknown header, one element in the body.

use crate::writer::Writer;
use crate::xml::{Element, PA_FOR_NODE, SOAP_11, Space};
use crate::{MAX_MESSAGE_BYTES, Reason, encoding, xml};

/// A message that could not be read, with the name of its root when that was seen before the trouble.
pub(crate) struct Broken {
    pub(crate) root: Option<String>,
    pub(crate) reason: Reason,
}

/// Reads an envelope and returns the body's only element, one of the service's namespace.
pub(crate) fn read(bytes: &[u8]) -> Result<Element, Broken> {
    let mut root = None;
    read_body(bytes, &mut root).map_err(|reason| Broken { root, reason })
}

fn read_body(bytes: &[u8], root: &mut Option<String>) -> Result<Element, Reason> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(Reason::TooLarge);
    }
    let text = encoding::decode(bytes)?;
    let envelope = xml::read(&text, |parent, element| {
        if root.is_none()
            && element.space == Space::PaForNode
            && parent.is_some_and(|parent| parent.is(Space::Soap11, "Body"))
        {
            *root = Some(element.name.clone());
        }
    })?;
    if envelope.space == Space::Soap12 {
        return Err(Reason::SoapVersion);
    }
    if !envelope.is(Space::Soap11, "Envelope") || !envelope.text.trim_ascii().is_empty() {
        return Err(Reason::NotSoap);
    }
    let mut parts = envelope.children.into_iter().peekable();
    parts.next_if(|part| part.is(Space::Soap11, "Header"));
    let body = parts
        .next_if(|part| part.is(Space::Soap11, "Body"))
        .ok_or(Reason::NotSoap)?;
    if parts.next().is_some() {
        return Err(Reason::NotSoap);
    }
    let mut content = body.children.into_iter();
    match (content.next(), content.next()) {
        (Some(only), None) if body.text.trim_ascii().is_empty() => match only.space {
            Space::PaForNode => Ok(only),
            _ => Err(Reason::UnknownOperation),
        },
        _ => Err(Reason::Body),
    }
}

/// Writes an envelope around the message `root`, whose content `inside` writes.
pub(crate) fn write(root: &str, inside: impl FnOnce(&mut Writer)) -> String {
    let mut writer = Writer::new(&format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soapenv:Envelope xmlns:soapenv=\"{SOAP_11}\" \
         xmlns:paf=\"{PA_FOR_NODE}\"><soapenv:Header/><soapenv:Body>"
    ));
    writer.element(&format!("paf:{root}"), inside);
    writer.finish("</soapenv:Body></soapenv:Envelope>")
}

/// Whose mistake a SOAP fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoapFaultCode {
    /// The sender's.
    Client,
    /// Ours: the same message may succeed later.
    Server,
    /// The envelope is of another SOAP version.
    VersionMismatch,
}

/// Writes a SOAP fault, for messages whose operation cannot be recognised.
pub fn write_soap_fault(code: SoapFaultCode, text: &str) -> String {
    let code = match code {
        SoapFaultCode::Client => "soapenv:Client",
        SoapFaultCode::Server => "soapenv:Server",
        SoapFaultCode::VersionMismatch => "soapenv:VersionMismatch",
    };
    let mut writer = Writer::new(&format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soapenv:Envelope xmlns:soapenv=\"{SOAP_11}\"><soapenv:Body>"
    ));
    writer.element("soapenv:Fault", |w| {
        w.leaf("faultcode", code);
        w.leaf("faultstring", text);
    });
    writer.finish("</soapenv:Body></soapenv:Envelope>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> Reason {
        match read(text.as_bytes()) {
            Ok(element) => panic!("{} was read", element.name),
            Err(broken) => broken.reason,
        }
    }

    #[test]
    fn a_missing_header_any_prefix_and_white_space_are_fine() {
        for text in [
            format!(
                "<s:Envelope xmlns:s='{SOAP_11}'><s:Body><x xmlns='{PA_FOR_NODE}'/></s:Body></s:Envelope>"
            ),
            format!(
                "<Envelope xmlns='{SOAP_11}'> <Header><w:s xmlns:w='urn:w'>1</w:s></Header>\n<Body>\t<p:x xmlns:p='{PA_FOR_NODE}'/> </Body></Envelope>"
            ),
            write("x", |_| ()),
        ] {
            assert!(read(text.as_bytes()).ok().expect(&text).is(Space::PaForNode, "x"));
        }
    }

    #[test]
    fn what_is_not_one_message_in_one_body_is_refused() {
        let envelope = |inside: &str| {
            format!("<s:Envelope xmlns:s='{SOAP_11}' xmlns:p='{PA_FOR_NODE}'>{inside}</s:Envelope>")
        };
        assert_eq!(reason("<Envelope/>"), Reason::NotSoap);
        assert_eq!(reason(&envelope("")), Reason::NotSoap);
        assert_eq!(
            reason(&envelope("<s:Body><p:x/></s:Body><s:Header/>")),
            Reason::NotSoap
        );
        assert_eq!(
            reason(&envelope("<s:Body><p:x/></s:Body><s:Body/>")),
            Reason::NotSoap
        );
        assert_eq!(reason(&envelope("<s:Body/>")), Reason::Body);
        assert_eq!(reason(&envelope("<s:Body><p:x/><p:x/></s:Body>")), Reason::Body);
        assert_eq!(reason(&envelope("<s:Body>text<p:x/></s:Body>")), Reason::Body);
        assert_eq!(
            reason(&envelope("<s:Body><x/></s:Body>")),
            Reason::UnknownOperation
        );
        assert_eq!(
            reason("<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body/></s:Envelope>"),
            Reason::SoapVersion
        );
    }

    #[test]
    fn a_message_is_read_up_to_its_largest_length() {
        let message = write("x", |_| ());
        let padded = |length: usize| format!("{message}{}", " ".repeat(length - message.len()));
        assert!(read(padded(MAX_MESSAGE_BYTES).as_bytes()).is_ok());
        assert_eq!(reason(&padded(MAX_MESSAGE_BYTES + 1)), Reason::TooLarge);
    }

    #[test]
    fn a_soap_fault_is_written_to_the_byte() {
        assert_eq!(
            write_soap_fault(SoapFaultCode::Client, "a < b"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soapenv:Envelope \
             xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body><soapenv:Fault>\
             <faultcode>soapenv:Client</faultcode><faultstring>a &lt; b</faultstring></soapenv:Fault>\
             </soapenv:Body></soapenv:Envelope>"
        );
    }
}
