//! From bytes to text: byte order mark, then the encoding the XML declaration names, then UTF-8.

use crate::Reason;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// Decodes a whole message. A character that the encoding or XML 1.0 does not allow refuses the message.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Reason> {
    let (encoding, bom) = match Encoding::for_bom(bytes) {
        Some(found) => found,
        None if bytes.starts_with(b"<\0") => (UTF_16LE, 0),
        None if bytes.starts_with(b"\0<") => (UTF_16BE, 0),
        None => (declared(bytes)?, 0),
    };
    let text = encoding
        .decode_without_bom_handling_and_without_replacement(&bytes[bom..])
        .ok_or(Reason::Encoding)?;
    if text.chars().all(is_xml_char) {
        Ok(text)
    } else {
        Err(Reason::Character)
    }
}

/// The encoding named by `<?xml … encoding="…"?>`. A declaration that names UTF-16 in single bytes was written by
/// software that converted the text afterwards: it is UTF-8.
fn declared(bytes: &[u8]) -> Result<&'static Encoding, Reason> {
    if !bytes.starts_with(b"<?xml") {
        return Ok(UTF_8);
    }
    let declaration = bytes.split(|byte| *byte == b'>').next().unwrap_or_default();
    let Some(at) = declaration.windows(8).position(|window| window == b"encoding") else {
        return Ok(UTF_8);
    };
    let label = declaration[at + 8..]
        .split(|byte| matches!(byte, b'"' | b'\''))
        .nth(1)
        .and_then(Encoding::for_label_no_replacement)
        .ok_or(Reason::Encoding)?;
    Ok(
        if label.is_single_byte() || label == UTF_8 || label.is_ascii_compatible() {
            label
        } else {
            UTF_8
        },
    )
}

/// Whether XML 1.0 allows the character (production `Char`).
pub(crate) const fn is_xml_char(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_encoding_gives_the_same_text() {
        let text = "<a>città €</a>";
        assert_eq!(decode(text.as_bytes()).unwrap(), text);
        assert_eq!(decode(format!("\u{FEFF}{text}").as_bytes()).unwrap(), text);
        let latin = |label: &str, euro: u8| {
            let mut bytes = format!("<?xml version='1.0' encoding='{label}'?><a>citt").into_bytes();
            bytes.extend([0xE0, b' ', euro]);
            bytes.extend(b"</a>");
            bytes
        };
        for (label, euro) in [
            ("windows-1252", 0x80),
            ("ISO-8859-15", 0xA4),
            ("iso-8859-1", 0x80),
        ] {
            assert!(decode(&latin(label, euro)).unwrap().ends_with(text), "{label}");
        }
        let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        assert_eq!(decode(&wide(u16::to_le_bytes)).unwrap(), text);
        assert_eq!(decode(&wide(u16::to_be_bytes)).unwrap(), text);
        let marked: Vec<u8> = [0xFF, 0xFE].into_iter().chain(wide(u16::to_le_bytes)).collect();
        assert_eq!(decode(&marked).unwrap(), text);
    }

    #[test]
    fn a_wide_label_on_narrow_bytes_is_read_as_utf_8() {
        assert!(
            decode("<?xml version=\"1.0\" encoding=\"utf-16\"?><a>è</a>".as_bytes())
                .unwrap()
                .contains('è')
        );
    }

    #[test]
    fn broken_bytes_unknown_labels_and_control_characters_are_refused() {
        assert_eq!(decode(b"<a>\xE0</a>").unwrap_err(), Reason::Encoding);
        assert_eq!(
            decode(b"<?xml version='1.0' encoding='klingon'?><a/>").unwrap_err(),
            Reason::Encoding
        );
        assert_eq!(decode(b"<a>\x01</a>").unwrap_err(), Reason::Character);
        assert_eq!(
            decode("<a>\u{FFFF}</a>".as_bytes()).unwrap_err(),
            Reason::Character
        );
        assert!(decode(b"<a>\t\r\n</a>").is_ok());
    }
}
