//! A bounded tree of elements: what SOAP and the documents inside it need of XML, and nothing else.
//!
//! No document types, no entities beyond the five, and limits on depth, count, attributes and text, so that reading
//! costs at most a small multiple of the message's length.

use crate::Reason;
use crate::encoding::is_xml_char;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, NamespaceResolver, ResolveResult};
use quick_xml::{NsReader, XmlVersion};

/// Elements in elements.
pub(crate) const MAX_DEPTH: usize = 32;
/// Elements of a message. The largest legal receipt has some 320.
pub(crate) const MAX_ELEMENTS: usize = 2_000;
/// Attributes of an element, namespace declarations included.
pub(crate) const MAX_ATTRIBUTES: usize = 32;
/// Text of one element, in bytes. A stamp duty attached to a receipt has some 5 kB.
pub(crate) const MAX_TEXT_BYTES: usize = 128 * 1024;

/// Where a name belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    /// No namespace: every child of a paForNode message.
    Unqualified,
    /// The SOAP 1.1 envelope.
    Soap11,
    /// The SOAP 1.2 envelope.
    Soap12,
    /// The roots of paForNode messages.
    PaForNode,
    /// Every element of a flow report.
    Payments,
    /// Service data of canone unico patrimoniale.
    CanoneUnico,
    /// Service data of electronic identity cards.
    Cie,
    /// Stamp duties.
    StampDuty,
    /// XML signatures.
    Signature,
    /// Anything else.
    Foreign,
}

/// Namespace of the SOAP 1.1 envelope.
pub(crate) const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
/// Namespace of the messages' roots.
pub(crate) const PA_FOR_NODE: &str = "http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd";
/// Namespace of flow reports.
pub(crate) const PAYMENTS: &str = "http://www.digitpa.gov.it/schemas/2011/Pagamenti/";
/// Namespace of the service data of canone unico patrimoniale.
pub(crate) const CANONE_UNICO: &str = "http://PuntoAccessoPSP.spcoop.gov.it/Cup";
/// Namespace of the service data of electronic identity cards.
pub(crate) const CIE: &str = "http://PuntoAccessoPSP.spcoop.gov.it/pagamentoCIE";
/// Namespace of stamp duties.
pub(crate) const STAMP_DUTY: &str = "http://www.agenziaentrate.gov.it/2014/MarcaDaBollo";
/// Namespace of XML signatures.
pub(crate) const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// An element with its children and its own text.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) space: Space,
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
    /// Local names and values of its attributes, namespace declarations and schema-instance hints apart.
    pub(crate) attributes: Vec<(String, String)>,
}

impl Element {
    pub(crate) fn is(&self, space: Space, name: &str) -> bool {
        self.space == space && self.name == name
    }
}

/// Reads a document. `on_open` sees each element when it opens, with its parent, so that a caller knows what a
/// message was about even when its end is broken.
pub(crate) fn read(text: &str, on_open: impl FnMut(Option<&Element>, &Element)) -> Result<Element, Reason> {
    read_through(text, MAX_ELEMENTS, on_open, |_, element| Ok(Some(element)))
}

/// As [`read`], for documents too long to hold. `on_close` gets each element when it is complete, with its parent, and
/// gives back what is to stay in the tree.
pub(crate) fn read_through(
    text: &str,
    elements_max: usize,
    mut on_open: impl FnMut(Option<&Element>, &Element),
    mut on_close: impl FnMut(&Element, Element) -> Result<Option<Element>, Reason>,
) -> Result<Element, Reason> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut elements = 0_usize;
    let mut first = true;
    loop {
        let event = reader.read_event().map_err(|_| Reason::NotXml)?;
        match event {
            Event::Start(start) => {
                elements += 1;
                if root.is_some() {
                    return Err(Reason::NotXml);
                }
                if elements > elements_max {
                    return Err(Reason::TooManyElements);
                }
                if open.len() == MAX_DEPTH {
                    return Err(Reason::TooDeep);
                }
                let element = opened(reader.resolver(), &start)?;
                on_open(open.last(), &element);
                open.push(element);
            }
            Event::End(_) => {
                let element = open.pop().ok_or(Reason::NotXml)?;
                match open.last_mut() {
                    Some(parent) => parent.children.extend(on_close(parent, element)?),
                    None => root = Some(element),
                }
            }
            Event::Text(text) => push_text(&mut open, &text.xml_content(XmlVersion::Explicit1_0))?,
            Event::CData(data) if open.is_empty() && !data.is_empty() => return Err(Reason::NotXml),
            Event::CData(data) => push_text(&mut open, &data.xml_content(XmlVersion::Explicit1_0))?,
            Event::GeneralRef(reference) => {
                push_text(&mut open, resolved(&reference)?.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err(Reason::Doctype),
            Event::Decl(_) if first => {}
            Event::Decl(_) | Event::Empty(_) => return Err(Reason::NotXml),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => {
                return if open.is_empty() {
                    root.ok_or(Reason::NotXml)
                } else {
                    Err(Reason::NotXml)
                };
            }
        }
        first = false;
    }
}

fn opened(resolver: &NamespaceResolver, start: &BytesStart<'_>) -> Result<Element, Reason> {
    let (space, name) = resolver.resolve_element(start.name());
    let space = match space {
        ResolveResult::Unbound => Space::Unqualified,
        ResolveResult::Bound(Namespace(SOAP_11)) => Space::Soap11,
        ResolveResult::Bound(Namespace(SOAP_12)) => Space::Soap12,
        ResolveResult::Bound(Namespace(PA_FOR_NODE)) => Space::PaForNode,
        ResolveResult::Bound(Namespace(PAYMENTS)) => Space::Payments,
        ResolveResult::Bound(Namespace(CANONE_UNICO)) => Space::CanoneUnico,
        ResolveResult::Bound(Namespace(CIE)) => Space::Cie,
        ResolveResult::Bound(Namespace(STAMP_DUTY)) => Space::StampDuty,
        ResolveResult::Bound(Namespace(SIGNATURE)) => Space::Signature,
        ResolveResult::Bound(_) => Space::Foreign,
        ResolveResult::Unknown(_) => return Err(Reason::NotXml),
    };
    let mut attributes = Vec::new();
    for (place, attribute) in start.attributes().enumerate() {
        let attribute = attribute.map_err(|_| Reason::NotXml)?;
        if place == MAX_ATTRIBUTES {
            return Err(Reason::TooManyAttributes);
        }
        if attribute.value.contains('<') {
            return Err(Reason::NotXml);
        }
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        match resolver.resolve_attribute(attribute.key).0 {
            ResolveResult::Bound(Namespace(SCHEMA_INSTANCE)) => {}
            ResolveResult::Unknown(_) => return Err(Reason::NotXml),
            ResolveResult::Unbound | ResolveResult::Bound(_) => {
                let name = attribute.key.local_name().as_ref().to_owned();
                attributes.push((name, attribute.value.into_owned()));
            }
        }
    }
    let name = name.as_ref().to_owned();
    Ok(Element {
        space,
        name,
        text: String::new(),
        children: Vec::new(),
        attributes,
    })
}

fn push_text(open: &mut [Element], text: &str) -> Result<(), Reason> {
    let Some(element) = open.last_mut() else {
        let blank = text.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '\n'));
        return if blank { Ok(()) } else { Err(Reason::NotXml) };
    };
    if element.text.len() + text.len() > MAX_TEXT_BYTES {
        return Err(Reason::TextTooLong);
    }
    element.text.push_str(text);
    Ok(())
}

fn resolved(reference: &BytesRef<'_>) -> Result<char, Reason> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| Reason::NotXml)? {
        return if is_xml_char(character) {
            Ok(character)
        } else {
            Err(Reason::Character)
        };
    }
    match reference.as_ref() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => Err(Reason::Entity),
    }
}

/// The children of an element in the order of a schema's sequence.
pub(crate) struct Fields<'e> {
    space: Space,
    children: std::iter::Peekable<std::vec::IntoIter<&'e Element>>,
}

impl<'e> Fields<'e> {
    /// The unqualified children of `parent`, which has no text of its own and no attributes.
    pub(crate) fn of(parent: &'e Element) -> Result<Self, Reason> {
        Self::filtered(parent, |_| true)
    }

    /// As [`Fields::of`], where the children are of a namespace.
    pub(crate) fn within(space: Space, parent: &'e Element) -> Result<Self, Reason> {
        Ok(Self {
            space,
            ..Self::of(parent)?
        })
    }

    /// As [`Fields::of`], without the children that `keep` leaves out.
    pub(crate) fn filtered(parent: &'e Element, keep: impl Fn(&Element) -> bool) -> Result<Self, Reason> {
        if !parent.attributes.is_empty() {
            return Err(Reason::Attribute {
                element: shown(&parent.name),
            });
        }
        if !parent.text.trim_ascii().is_empty() {
            return Err(Reason::Text {
                element: shown(&parent.name),
            });
        }
        let children: Vec<&Element> = parent.children.iter().filter(|child| keep(child)).collect();
        Ok(Self {
            space: Space::Unqualified,
            children: children.into_iter().peekable(),
        })
    }

    /// The next child, if it has that name.
    pub(crate) fn optional(&mut self, name: &str) -> Option<&'e Element> {
        let space = self.space;
        self.children.next_if(|child| child.is(space, name))
    }

    /// Whether the next child has that name.
    pub(crate) fn comes(&mut self, name: &str) -> bool {
        let space = self.space;
        self.children.peek().is_some_and(|child| child.is(space, name))
    }

    /// The next child, which must have that name.
    pub(crate) fn required(&mut self, name: &'static str) -> Result<&'e Element, Reason> {
        self.optional(name).ok_or(Reason::Missing { element: name })
    }

    /// The next child, which must have that name in another namespace than its siblings.
    pub(crate) fn required_of(&mut self, space: Space, name: &'static str) -> Result<&'e Element, Reason> {
        self.children
            .next_if(|child| child.is(space, name))
            .ok_or(Reason::Missing { element: name })
    }

    /// That no child is left.
    pub(crate) fn end(mut self) -> Result<(), Reason> {
        match self.children.next() {
            None => Ok(()),
            Some(child) => Err(Reason::Unexpected {
                element: shown(&child.name),
            }),
        }
    }
}

/// The text of an element that has neither children nor attributes.
pub(crate) fn leaf(element: &Element) -> Result<&str, Reason> {
    if !element.attributes.is_empty() {
        return Err(Reason::Attribute {
            element: shown(&element.name),
        });
    }
    match element.children.first() {
        None => Ok(&element.text),
        Some(child) => Err(Reason::Unexpected {
            element: shown(&child.name),
        }),
    }
}

/// A name as it may appear in a sentence: at most forty printable characters.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_only(text: &str) -> Result<Element, Reason> {
        read(text, |_, _| ())
    }

    #[test]
    fn text_is_gathered_from_every_way_to_write_it() {
        let element = read_only(
            "<?xml version='1.0'?><!-- c --><a>1&amp;<![CDATA[<2>]]><?pi?>&#51;<!-- c -->\r\n</a>\n",
        );
        assert_eq!(element.unwrap().text, "1&<2>3\n");
    }

    #[test]
    fn names_are_told_apart_by_namespace_and_not_by_prefix() {
        let element = read_only(&format!(
            "<x:a xmlns:x='{SOAP_11}' xmlns='{PA_FOR_NODE}'><b><c xmlns=''/></b></x:a>"
        ));
        let element = element.unwrap();
        assert!(element.is(Space::Soap11, "a"));
        assert!(element.children[0].is(Space::PaForNode, "b"));
        assert!(element.children[0].children[0].is(Space::Unqualified, "c"));
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for text in [
            "",
            " ",
            "a",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "x<a/>",
            "<x:a/>",
            "<a b='1' b='2'/>",
            "<a x:b='1'/>",
            "<a b='<'/>",
            "<a>&</a>",
            "<a/><![CDATA[x]]>",
            "<a><?xml version='1.0'?></a>",
            "<a",
            "<!-- ",
            "</a>",
        ] {
            assert_eq!(read_only(text).unwrap_err(), Reason::NotXml, "{text}");
        }
    }

    #[test]
    fn document_types_and_entities_are_refused_before_they_cost_anything() {
        let laughs = "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]><l>&b;</l>";
        assert_eq!(read_only(laughs).unwrap_err(), Reason::Doctype);
        assert_eq!(
            read_only("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>").unwrap_err(),
            Reason::Doctype
        );
        assert_eq!(read_only("<a>&b;</a>").unwrap_err(), Reason::Entity);
        assert_eq!(read_only("<a>&#1;</a>").unwrap_err(), Reason::Character);
    }

    #[test]
    fn each_limit_holds_on_both_sides() {
        let nested = |depth| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(read_only(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(read_only(&nested(MAX_DEPTH + 1)).unwrap_err(), Reason::TooDeep);
        let many = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count - 1));
        assert!(read_only(&many(MAX_ELEMENTS)).is_ok());
        assert_eq!(
            read_only(&many(MAX_ELEMENTS + 1)).unwrap_err(),
            Reason::TooManyElements
        );
        let long = |bytes| format!("<a>{}</a>", "x".repeat(bytes));
        assert!(read_only(&long(MAX_TEXT_BYTES)).is_ok());
        assert_eq!(
            read_only(&long(MAX_TEXT_BYTES + 1)).unwrap_err(),
            Reason::TextTooLong
        );
        let attributes = |count: usize| {
            let list: Vec<String> = (0..count).map(|n| format!(" x{n}='1'")).collect();
            format!("<a{}/>", list.concat())
        };
        assert!(read_only(&attributes(MAX_ATTRIBUTES)).is_ok());
        assert_eq!(
            read_only(&attributes(MAX_ATTRIBUTES + 1)).unwrap_err(),
            Reason::TooManyAttributes
        );
    }
}
