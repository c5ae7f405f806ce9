//! The stamp duty attached to a receipt (`MBDAttachment`, `MarcaDaBollo.xsd`): base64 of an XML document of the Revenue
//! Agency. Read against the schema's shape; the signature is looked for and not verified, which is the business of who
//! releases the stamped document.

use crate::values::{self, from_base64, to_base64};
use crate::writer::Writer;
use crate::xml::{Element, Fields, SIGNATURE, STAMP_DUTY, Space, leaf};
use crate::{Reason, encoding, xml};
use chrono::NaiveDateTime;
use domain::Cents;
use domain::receipt::ReceiptDestination;

/// The only digest the schema allows.
const SHA_256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
/// Base64 of 32 bytes.
const DIGEST_CHARACTERS: usize = 44;

/// A stamp duty bought for a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampDuty {
    /// Fiscal code of who sold it.
    pub psp_code: String,
    /// Name of who sold it.
    pub psp_name: String,
    /// Its unique identifier (IUBD).
    pub id: String,
    /// When it was bought, Italian time.
    pub bought_at: NaiveDateTime,
    /// What it is worth.
    pub amount: Cents,
    /// SHA-256 of the document, in base64.
    pub document_digest: String,
}

/// What a part of a receipt bought, from its attachment. One that is no stamp is no reason to lose the receipt: whoever
/// takes it looks at the digest.
pub(crate) fn bought(attachment: String) -> ReceiptDestination {
    let document_digest = StampDuty::read(&attachment)
        .ok()
        .map(|stamp| stamp.document_digest);
    ReceiptDestination::StampDuty {
        attachment,
        document_digest,
    }
}

impl StampDuty {
    /// Reads an attachment, a word of base64.
    pub fn read(attachment: &str) -> Result<Self, Reason> {
        let bytes = from_base64(attachment).ok_or(Reason::Value {
            element: "MBDAttachment",
            rule: "is not base64",
        })?;
        let root = xml::read(&encoding::decode(&bytes)?, |_, _| ())?;
        if !root.is(Space::StampDuty, "marcaDaBollo") {
            return Err(Reason::Missing {
                element: "marcaDaBollo",
            });
        }
        let mut fields = Fields::within(Space::StampDuty, &root)?;
        let mut seller = Fields::within(Space::StampDuty, fields.required("PSP")?)?;
        let psp_code = text(&mut seller, "CodiceFiscale")?;
        let psp_name = text(&mut seller, "Denominazione")?;
        seller.end()?;
        let id = text(&mut fields, "IUBD")?;
        let bought_at = values::date_time(fields.required("OraAcquisto")?, "OraAcquisto")?;
        let amount = read_amount(leaf(fields.required("Importo")?)?)?;
        if leaf(fields.required("TipoBollo")?)? != "01" {
            return Err(Reason::Value {
                element: "TipoBollo",
                rule: "is not 01",
            });
        }
        let document_digest = read_digest(fields.required("ImprontaDocumento")?)?;
        fields.required_of(Space::Signature, "Signature")?;
        fields.end()?;
        Ok(Self {
            psp_code,
            psp_name,
            id,
            bought_at,
            amount,
            document_digest,
        })
    }

    /// Writes an attachment whose signature signs nothing, for a double of the hub.
    pub fn write_unsigned(&self) -> String {
        let mut writer = Writer::new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        writer.declaring(
            "marcaDaBollo",
            &[("xmlns", STAMP_DUTY), ("xmlns:ds", SIGNATURE)],
            |w| {
                w.element("PSP", |w| {
                    w.leaf("CodiceFiscale", &self.psp_code);
                    w.leaf("Denominazione", &self.psp_name);
                });
                w.leaf("IUBD", &self.id);
                w.leaf(
                    "OraAcquisto",
                    &format!("{}T{}", self.bought_at.date(), self.bought_at.time()),
                );
                w.leaf("Importo", &self.amount.to_wire());
                w.leaf("TipoBollo", "01");
                w.element("ImprontaDocumento", |w| {
                    w.declaring("DigestMethod", &[("Algorithm", SHA_256)], |_| ());
                    w.leaf("ds:DigestValue", &self.document_digest);
                });
                w.element("ds:Signature", write_signature);
            },
        );
        to_base64(writer.finish(""))
    }
}

fn text(fields: &mut Fields<'_>, name: &'static str) -> Result<String, Reason> {
    values::text(fields.required(name)?, name, usize::MAX)
}

/// `tipoImporto`: a decimal of at most two places, written in any way.
fn read_amount(text: &str) -> Result<Cents, Reason> {
    let text = text.trim_ascii();
    let (euros, cents) = text.split_once('.').unwrap_or((text, ""));
    Cents::from_wire(&format!("{euros}.{cents:0<2}")).map_err(|_| Reason::Value {
        element: "Importo",
        rule: "is not an amount with at most two decimals",
    })
}

/// `tipoImpronta`
fn read_digest(element: &Element) -> Result<String, Reason> {
    let mut fields = Fields::within(Space::StampDuty, element)?;
    let method = fields.required("DigestMethod")?;
    match &method.attributes[..] {
        [(name, value)] if name == "Algorithm" && value == SHA_256 && method.children.is_empty() => {}
        _ => {
            return Err(Reason::Value {
                element: "DigestMethod",
                rule: "is not SHA-256",
            });
        }
    }
    let digest = values::base64(
        fields.required_of(Space::Signature, "DigestValue")?,
        "DigestValue",
    )?;
    fields.end()?;
    if digest.len() == DIGEST_CHARACTERS {
        Ok(digest)
    } else {
        Err(Reason::Value {
            element: "DigestValue",
            rule: "is not as long as a SHA-256",
        })
    }
}

/// The least the schema of signatures asks for.
fn write_signature(w: &mut Writer) {
    w.element("ds:SignedInfo", |w| {
        let canonical = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
        w.declaring("ds:CanonicalizationMethod", &[("Algorithm", canonical)], |_| ());
        let method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
        w.declaring("ds:SignatureMethod", &[("Algorithm", method)], |_| ());
        w.declaring("ds:Reference", &[("URI", "")], |w| {
            w.declaring("ds:DigestMethod", &[("Algorithm", SHA_256)], |_| ());
            w.leaf("ds:DigestValue", "AAAA");
        });
    });
    w.leaf("ds:SignatureValue", "AAAA");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp() -> StampDuty {
        StampDuty {
            psp_code: "99999999990".to_owned(),
            psp_name: "Banca & figli".to_owned(),
            id: "01234567890123".to_owned(),
            bought_at: "2026-11-20T10:15:30".parse().expect("a time"),
            amount: Cents::new(1600),
            document_digest: "JtST9dN+2S++MicVNPKmAFx9GoYvb7Iq8gl2xB8CIKo=".to_owned(),
        }
    }

    fn changed(from: &str, to: &str) -> Result<StampDuty, Reason> {
        let xml = String::from_utf8(from_base64(&stamp().write_unsigned()).expect("base64")).expect("UTF-8");
        assert!(xml.contains(from), "{xml}");
        StampDuty::read(&to_base64(xml.replacen(from, to, 1)))
    }

    #[test]
    fn a_stamp_is_read_as_written() {
        assert_eq!(StampDuty::read(&stamp().write_unsigned()), Ok(stamp()));
        for amount in [">16<", ">16.0<", "> 016.00 <"] {
            assert_eq!(changed(">16.00<", amount), Ok(stamp()), "{amount}");
        }
    }

    #[test]
    fn what_is_not_shaped_as_a_stamp_is_refused() {
        for (from, to) in [
            ("MarcaDaBollo\"", "Altro\""),
            ("<IUBD>01234567890123</IUBD>", ""),
            ("<IUBD>01234567890123", "<IUBD>"),
            (">01</TipoBollo>", ">02</TipoBollo>"),
            (">16.00<", ">16,00<"),
            ("2026-11-20T", "ieri, "),
            ("xmlenc#sha256", "xmlenc#sha512"),
            (" Algorithm=", " Algoritmo="),
            ("JtST9dN+2S++MicVNPKmAFx9GoYvb7Iq8gl2xB8CIKo=", "JtST"),
            ("JtST9dN+2S", "JtST9dN!2S"),
            ("ds:DigestValue>JtST", "DigestValue>JtST"),
            ("<PSP>", "<PSP>x"),
            ("</marcaDaBollo>", "<Altro/></marcaDaBollo>"),
        ] {
            assert!(changed(from, to).is_err(), "{to}");
        }
        for attachment in ["", "PGEvPg==", "!", "AAAA"] {
            assert!(StampDuty::read(attachment).is_err(), "{attachment}");
        }
    }

    #[test]
    fn a_stamp_without_a_signature_is_none() {
        let xml = String::from_utf8(from_base64(&stamp().write_unsigned()).expect("base64")).expect("UTF-8");
        let (head, rest) = xml.split_once("<ds:Signature>").expect("a signature");
        let (_, tail) = rest.split_once("</ds:Signature>").expect("its end");
        assert_eq!(
            StampDuty::read(&to_base64(format!("{head}{tail}"))),
            Err(Reason::Missing { element: "Signature" })
        );
    }
}
