//! The HTML view as text: written, and read back where a page is to draw what was sent to it.

use super::tree::{Attribute, Element, Node, Tag};

/// How what HTML reads as its own is written.
const ESCAPES: [(char, &str); 5] = [
    ('&', "&amp;"),
    ('<', "&lt;"),
    ('>', "&gt;"),
    ('"', "&quot;"),
    ('\'', "&#39;"),
];

/// Writes an element.
pub(super) fn write(out: &mut String, element: &Element) {
    let name = element.tag.name();
    out.extend(["<", name]);
    for (attribute, value) in &element.attributes {
        out.extend([" ", attribute.name(), "=\""]);
        write_escaped(out, value);
        out.push('"');
    }
    out.push('>');
    for child in &element.children {
        match child {
            Node::Element(element) => write(out, element),
            Node::Text(text) => write_escaped(out, text),
        }
    }
    out.extend(["</", name, ">"]);
}

fn write_escaped(out: &mut String, text: &str) {
    for character in text.chars() {
        match ESCAPES.iter().find(|(plain, _)| *plain == character) {
            Some((_, escaped)) => out.push_str(escaped),
            None => out.push(character),
        }
    }
}

/// Reads back what [`write`] wrote, and nothing else. `None` for any other text.
pub(super) fn read(html: &str) -> Option<Element> {
    let mut open: Vec<Element> = Vec::new();
    let mut rest = html;
    loop {
        let (text, more) = rest.split_once('<')?;
        let (tag, more) = more.split_once('>')?;
        rest = more;
        if !text.is_empty() {
            open.last_mut()?.children.push(Node::Text(unescaped(text)?));
        }
        let Some(name) = tag.strip_prefix('/') else {
            open.push(read_tag(tag)?);
            continue;
        };
        let element = open.pop()?;
        if element.tag.name() != name {
            return None;
        }
        match open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => return rest.is_empty().then_some(element),
        }
    }
}

fn read_tag(tag: &str) -> Option<Element> {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut element = Element::new(Tag::named(name)?, Vec::new());
    while !rest.is_empty() {
        let (name, more) = rest.split_once("=\"")?;
        let (value, more) = more.split_once('"')?;
        element
            .attributes
            .push((Attribute::named(name)?, unescaped(value)?));
        rest = more.strip_prefix(' ').unwrap_or(more);
    }
    Some(element)
}

fn unescaped(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, escape) = rest.split_at(at);
        let (character, escaped) = ESCAPES.iter().find(|(_, escaped)| escape.starts_with(escaped))?;
        plain.push_str(before);
        plain.push(*character);
        rest = &escape[escaped.len()..];
    }
    plain.push_str(rest);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::{html, view};
    use crate::testing::{arbitrary, examples};
    use proptest::prelude::*;

    #[test]
    fn every_example_is_read_back() {
        for (name, document) in examples() {
            assert_eq!(read(&html(&document)).as_ref(), Some(&view(&document)), "{name}");
        }
    }

    #[test]
    fn what_the_view_cannot_say_is_not_read() {
        for other in [
            "",
            "text",
            "<p>",
            "<p></p>more",
            "<p></div>",
            "</p>",
            "<script></script>",
            "<p onclick=\"x\"></p>",
            "<p class=x></p>",
            "<p>&nbsp;</p>",
            "<p><br></p>",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_receipt_is_read_back(receipt in arbitrary::receipt()) {
            let document = crate::receipt::document(&receipt, crate::Language::It, None);
            prop_assert_eq!(read(&html(&document)), Some(view(&document)));
        }

        #[test]
        fn no_text_breaks_the_reader(text in "[<>/a-z =\"&;#0-9]{0,60}") {
            let element = read(&text);
            let written = element.map(|element| { let mut out = String::new(); write(&mut out, &element); out });
            prop_assert!(written.is_none_or(|written| read(&written).is_some()));
        }
    }
}
