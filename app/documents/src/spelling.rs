//! Texts from outside as documents can show them: without what cannot be seen, and in letters the fonts have.

#[cfg(feature = "transliterate")]
mod latin;

#[cfg(feature = "transliterate")]
pub use latin::{Legible, in_latin_letters};

use std::ops::RangeInclusive;

/// Without what cannot be seen, with single spaces, with each accent on its letter.
///
/// Characters of control, of format and of writing direction, those without width and variation selectors are removed;
/// white space of any kind, line breaks with it, becomes single spaces, none at the ends; a letter followed by a combining
/// mark becomes the letter with that mark where the fonts have it, as Unicode's canonical composition would have it. Nothing
/// else changes.
pub fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut cluster = Cluster::default();
    for word in text.split_whitespace() {
        if !tidy.is_empty() && !tidy.ends_with(' ') {
            tidy.push(' ');
        }
        for character in word.chars().filter(|character| !is_invisible(*character)) {
            if !cluster.combine(character) {
                cluster.finish(&mut tidy);
                cluster.base = Some(character);
            }
        }
        cluster.finish(&mut tidy);
    }
    // A last word of which nothing was left.
    tidy.truncate(tidy.trim_end().len());
    tidy
}

/// A letter, and the marks that found no place on it.
#[derive(Default)]
struct Cluster {
    base: Option<char>,
    marks: Vec<char>,
}

impl Cluster {
    /// Takes a mark in; no for anything else, and for a mark without a letter.
    fn combine(&mut self, character: char) -> bool {
        let Some(base) = self.base.filter(|_| is_mark(character)) else {
            return false;
        };
        // A mark that stays on its own is between the letter and those that come after on the same side.
        let is_blocked = self
            .marks
            .iter()
            .any(|mark| is_below(*mark) == is_below(character));
        match composed(base, character) {
            Some(composed) if !is_blocked => self.base = Some(composed),
            _ => self.marks.push(character),
        }
        true
    }

    fn finish(&mut self, text: &mut String) {
        text.extend(self.base.take());
        text.extend(self.marks.drain(..));
    }
}

/// A letter with a mark, where every face has it.
fn composed(letter: char, mark: char) -> Option<char> {
    let (_, letters, with_mark) = COMPOSED.iter().find(|(known, _, _)| *known == mark)?;
    let place = letters.chars().position(|known| known == letter)?;
    with_mark.chars().nth(place)
}

const fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

const fn is_below(mark: char) -> bool {
    matches!(mark, '\u{316}'..='\u{319}' | '\u{31c}'..='\u{333}' | '\u{339}'..='\u{33c}' | '\u{345}')
}

fn is_invisible(character: char) -> bool {
    character.is_control() || INVISIBLE.iter().any(|range| range.contains(&character))
}

/// Format characters (Unicode's general category Cf) and others without a shape of their own (`Default_Ignorable_Code_Point`),
/// but for the signs that stand before numbers in Arabic and Syriac, which have one.
const INVISIBLE: [RangeInclusive<char>; 20] = [
    '\u{ad}'..='\u{ad}',       // soft hyphen
    '\u{34f}'..='\u{34f}',     // grapheme joiner
    '\u{61c}'..='\u{61c}',     // Arabic letter mark
    '\u{115f}'..='\u{1160}',   // fillers of Hangul
    '\u{17b4}'..='\u{17b5}',   // inherent vowels of Khmer
    '\u{180b}'..='\u{180f}',   // selectors and separators of Mongolian
    '\u{200b}'..='\u{200f}',   // no width: space, joiners, marks of direction
    '\u{202a}'..='\u{202e}',   // embeddings and overrides of direction
    '\u{2060}'..='\u{206f}',   // word joiner, invisible operators, isolates of direction
    '\u{3164}'..='\u{3164}',   // filler of Hangul
    '\u{fe00}'..='\u{fe0f}',   // variation selectors
    '\u{feff}'..='\u{feff}',   // byte order mark
    '\u{ffa0}'..='\u{ffa0}',   // filler of Hangul, half width
    '\u{fff0}'..='\u{fffb}',   // annotations
    '\u{fffe}'..='\u{ffff}',   // no characters
    '\u{110bd}'..='\u{110bd}', // number sign of Kaithi
    '\u{13430}'..='\u{1343f}', // joiners of hieroglyphs
    '\u{1bca0}'..='\u{1bca3}', // shorthand
    '\u{1d173}'..='\u{1d17a}', // beams and slurs of music
    '\u{e0000}'..='\u{e0fff}', // tags, variation selectors
];

/// Marks, letters, and the letters with the marks: all that the five faces of the large pack have.
const COMPOSED: [(char, &str, &str); 15] = [
    // grave
    ('\u{300}', "AEIOUaeiouWwĂYy", "ÀÈÌÒÙàèìòùẀẁẰỲỳ"),
    // acute
    (
        '\u{301}',
        "AEIOUYaeiouyCcLlNnRrSsZzÅåÆæØøWw",
        "ÁÉÍÓÚÝáéíóúýĆćĹĺŃńŔŕŚśŹźǺǻǼǽǾǿẂẃ",
    ),
    // circumflex
    ('\u{302}', "AEIOUaeiouCcGgHhJjSsWwYy", "ÂÊÎÔÛâêîôûĈĉĜĝĤĥĴĵŜŝŴŵŶŷ"),
    // tilde
    ('\u{303}', "ANOanoIiUuâêôYy", "ÃÑÕãñõĨĩŨũẫễỗỸỹ"),
    // macron
    ('\u{304}', "AaEeIiOoUu", "ĀāĒēĪīŌōŪū"),
    // breve
    ('\u{306}', "AaEeGgIiOoUu", "ĂăĔĕĞğĬĭŎŏŬŭ"),
    // dot
    ('\u{307}', "CcEeGgIZz", "ĊċĖėĠġİŻż"),
    // diaeresis
    ('\u{308}', "AEIOUaeiouyYWw", "ÄËÏÖÜäëïöüÿŸẄẅ"),
    // ring
    ('\u{30a}', "AaUu", "ÅåŮů"),
    // double acute
    ('\u{30b}', "OoUu", "ŐőŰű"),
    // caron
    ('\u{30c}', "CcDdEeLlNnRrSsTtZz", "ČčĎďĚěĽľŇňŘřŠšŤťŽž"),
    // comma below
    ('\u{326}', "SsTt", "ȘșȚț"),
    // cedilla
    ('\u{327}', "CcGgKkLlNnRrSsTt", "ÇçĢģĶķĻļŅņŖŗŞşŢţ"),
    // ogonek
    ('\u{328}', "AaEeIiUu", "ĄąĘęĮįŲų"),
    // stroke
    ('\u{338}', "=", "≠"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::font::{Fonts, Tier};
    use crate::model::Face;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization as _;

    #[test]
    fn what_cannot_be_seen_is_removed() {
        assert_eq!(tidy("Ma\u{200b}rio\u{feff} Ro\u{ad}ssi\u{200d}"), "Mario Rossi");
        assert_eq!(tidy("\u{202e}issoR\u{202c} \u{2066}x\u{2069}\u{200f}"), "issoR x");
        assert_eq!(tidy("a\u{0}b\u{1b}c\u{7f}d\u{85}e\u{9f}"), "abcd e");
        assert_eq!(tidy("❤\u{fe0f}\u{e0061}"), "❤");
    }

    #[test]
    fn white_space_becomes_single_spaces() {
        assert_eq!(
            tidy(" via\tRoma\r\n\r\n 1\u{a0}\u{2003}bis\u{2028}"),
            "via Roma 1 bis"
        );
        assert_eq!(tidy("\u{200b} a \u{200b} b \u{200b}"), "a b");
        assert_eq!(tidy("\n\u{200b}\t"), "");
    }

    #[test]
    fn accents_go_onto_their_letters() {
        assert_eq!(tidy("Nicolo\u{300} D'Angelo\u{300}"), "Nicolò D'Angelò");
        assert_eq!(
            tidy("Dvor\u{30c}a\u{301}k, Z\u{307}o\u{301}łc\u{301}"),
            "Dvořák, Żółć"
        );
        assert_eq!(tidy("I\u{307}stanbul ı"), "İstanbul ı");
        assert_eq!(tidy("E\u{302}\u{300} e\u{302}\u{303}"), "Ê\u{300} ễ");
    }

    #[test]
    fn a_mark_without_a_letter_that_has_it_stays() {
        assert_eq!(tidy("x\u{301} \u{301}"), "x\u{301} \u{301}");
        // The dot below is not in the fonts; the accent above goes onto the letter all the same, as in Unicode.
        assert_eq!(tidy("o\u{323}\u{301}"), "ó\u{323}");
        assert_eq!(tidy("e\u{311}\u{301}"), "e\u{311}\u{301}");
    }

    #[test]
    fn ordinary_texts_stay_as_they_are() {
        for text in [
            "",
            "O’Connor",
            "Müller-Lüdenscheid",
            "Þórður",
            "ß ẞ",
            "王小明",
            "Владимир",
            "€ 12,50 – 1/2",
        ] {
            assert_eq!(tidy(text), text);
        }
    }

    #[test]
    fn every_letter_of_the_large_pack_is_composed() {
        let fonts = Fonts::of(Tier::Wide);
        let mut decomposed = 0_usize;
        for character in '\u{a1}'..='\u{ffff}' {
            let parts: String = std::iter::once(character).nfd().collect();
            let is_composed = parts.chars().count() > 1 && parts.nfc().eq([character]);
            if is_composed && Face::ALL.iter().all(|face| fonts.covers(*face, character)) {
                assert_eq!(tidy(&parts), character.to_string());
                decomposed += 1;
            }
        }
        assert_eq!(
            decomposed,
            COMPOSED
                .iter()
                .map(|(_, letters, _)| letters.chars().count())
                .sum::<usize>()
        );
    }

    proptest! {
        #[test]
        fn what_is_tidy_stays_so_and_means_the_same(
            text in "[a-zA-Z\u{300}-\u{331}\u{ad}\u{200b}\u{202e}\u{a0}\n\u{e0}-\u{17f}]{0,30}",
        ) {
            let once = tidy(&text);
            prop_assert_eq!(tidy(&once), once.clone());
            prop_assert!(!once.contains("  ") && once.trim() == once);
            let visible: String = text.chars().filter(|c| c.is_whitespace() || !is_invisible(*c)).collect();
            let words = |text: &str| text.split_whitespace().map(|word| word.nfd().collect()).collect::<Vec<String>>();
            prop_assert_eq!(words(&once), words(&visible));
        }
    }
}
