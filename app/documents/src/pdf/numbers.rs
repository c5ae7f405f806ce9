//! Numbers and texts as PDF writes them. What they are written to takes everything.

use crate::Length;
use std::fmt::Write;

/// Writes a length in points with two decimals: a hundredth is 0.0035 mm.
pub(super) fn push_length(out: &mut impl Write, length: Length) {
    let hundredths = (length.as_thousandths_of_pt() + 5).div_euclid(10);
    if hundredths < 0 {
        let _ = out.write_char('-');
    }
    push_decimal(out, hundredths.unsigned_abs(), 2);
}

/// Writes `number` divided by ten to the power of `places`, without idle zeros.
pub(super) fn push_decimal(out: &mut impl Write, number: u32, places: u32) {
    let one = 10_u32.pow(places);
    let _ = write!(out, "{}", number / one);
    let mut rest = number % one;
    if rest > 0 {
        let mut width = places as usize;
        while rest.is_multiple_of(10) {
            rest /= 10;
            width -= 1;
        }
        let _ = write!(out, ".{rest:0width$}");
    }
}

/// Writes a text string: as it is when it has nothing but ASCII, else in UTF-16.
pub(super) fn push_text(out: &mut String, text: &str) {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        out.push('(');
        for character in text.chars() {
            if matches!(character, '(' | ')' | '\\') {
                out.push('\\');
            }
            out.push(character);
        }
        out.push(')');
    } else {
        out.push_str("<FEFF");
        for unit in text.encode_utf16() {
            let _ = write!(out, "{unit:04X}");
        }
        out.push('>');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_rounded_to_hundredths_and_carry_no_idle_zeros() {
        let written = |thousandths| {
            let mut out = String::new();
            push_length(&mut out, Length::thousandths_of_pt(thousandths));
            out
        };
        assert_eq!(
            [0, 4, 5, 1000, 1500, 595_276, -1, -5, -2500].map(written),
            ["0", "0", "0.01", "1", "1.5", "595.28", "0", "0", "-2.5"]
        );
    }

    #[test]
    fn a_text_keeps_brackets_and_letters_with_accents() {
        let written = |text| {
            let mut out = String::new();
            push_text(&mut out, text);
            out
        };
        assert_eq!(written(r"a(b)\"), r"(a\(b\)\\)");
        assert_eq!(written("è😀"), "<FEFF00E8D83DDE00>");
    }
}
