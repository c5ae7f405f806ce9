//! Writes elements, exact to the byte, whatever the text.

use crate::encoding::is_xml_char;

/// XML being written.
pub(crate) struct Writer {
    out: String,
}

impl Writer {
    pub(crate) fn new(head: &str) -> Self {
        let mut out = String::with_capacity(2048);
        out.push_str(head);
        Self { out }
    }

    /// An element whose content `inside` writes.
    pub(crate) fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.tag("<", name);
        inside(self);
        self.tag("</", name);
    }

    /// An element with attributes, whose values are our own and need no escaping, and whose content `inside` writes.
    pub(crate) fn declaring(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self),
    ) {
        self.out.push('<');
        self.out.push_str(name);
        for (attribute, value) in attributes {
            for part in [" ", attribute, "=\"", value, "\""] {
                self.out.push_str(part);
            }
        }
        self.out.push('>');
        inside(self);
        self.tag("</", name);
    }

    /// An element that holds a text, which is escaped and never cut, and is read as it was. Characters XML cannot carry
    /// become spaces.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.element(name, |w| {
            for character in text.chars() {
                match character {
                    '&' => w.out.push_str("&amp;"),
                    '<' => w.out.push_str("&lt;"),
                    '>' => w.out.push_str("&gt;"),
                    // As it is, a reader takes it for a line's end, which is one character.
                    '\r' => w.out.push_str("&#13;"),
                    c if !is_xml_char(c) => w.out.push(' '),
                    c => w.out.push(c),
                }
            }
        });
    }

    /// A text that must be there, cut at `max` characters; a dash when it is empty.
    pub(crate) fn text(&mut self, name: &str, text: &str, max: usize) {
        self.leaf(name, if text.is_empty() { "-" } else { cut(text, max) });
    }

    /// A text that may be missing, cut at `max` characters; left out when it is empty.
    pub(crate) fn optional_text(&mut self, name: &str, text: Option<&str>, max: usize) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.leaf(name, cut(text, max));
        }
    }

    pub(crate) fn finish(mut self, tail: &str) -> String {
        self.out.push_str(tail);
        self.out
    }

    fn tag(&mut self, open: &str, name: &str) {
        self.out.push_str(open);
        self.out.push_str(name);
        self.out.push('>');
    }
}

/// The first `max` characters.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    text.char_indices().nth(max).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Writer)) -> String {
        let mut writer = Writer::new("");
        write(&mut writer);
        writer.finish("")
    }

    #[test]
    fn no_text_can_break_out_of_its_element() {
        assert_eq!(
            written(|w| w.leaf("a", "<b>&]]>\"'")),
            "<a>&lt;b&gt;&amp;]]&gt;\"'</a>"
        );
    }

    #[test]
    fn line_breaks_are_kept_and_what_xml_cannot_carry_becomes_a_space() {
        assert_eq!(
            written(|w| w.leaf("a", "x\u{0}\u{1}\r\n\t\u{85}\u{FFFF}y")),
            "<a>x  &#13;\n\t\u{85} y</a>"
        );
    }

    #[test]
    fn a_text_is_cut_between_characters_at_the_schemas_length() {
        assert_eq!(written(|w| w.text("a", "città", 5)), "<a>città</a>");
        assert_eq!(written(|w| w.text("a", "città!", 5)), "<a>città</a>");
        assert_eq!(written(|w| w.text("a", "", 5)), "<a>-</a>");
        assert_eq!(written(|w| w.optional_text("a", Some(""), 5)), "");
        assert_eq!(written(|w| w.optional_text("a", None, 5)), "");
        assert_eq!(
            written(|w| w.optional_text("a", Some("città!"), 5)),
            "<a>città</a>"
        );
    }
}
