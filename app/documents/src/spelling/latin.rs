//! Names from every script in letters the fonts have.
//!
//! The fonts the guidelines ask for have Latin letters alone, and a document may not show a box for a letter it does not
//! have. So a name in another script is spelt in Latin letters, and the document says so. Letters follow the tables of
//! `AnyAscii` (<https://anyascii.com>); what belongs to more than one letter is decided here.

mod greek;

use super::{composed, is_mark, tidy};
use crate::font::Fonts;
use crate::model::Face;
use unicode_normalization::char::decompose_canonical;

/// A text the fonts can show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Legible {
    /// The text, tidy.
    pub text: String,
    /// Whether it is spelt otherwise than it was given, so that a document has to say so.
    pub transliterated: bool,
}

/// What stands for letters that cannot be spelt, and for a name of which nothing can.
const UNKNOWN: &str = "–";

/// Spells a text with the characters every face of the large pack has.
///
/// Those stay as they are; letters of other scripts become Latin ones, and a dash where no spelling is known; pictures are left
/// out. A text of which nothing is left becomes a dash.
pub fn in_latin_letters(text: &str) -> Legible {
    let given: Vec<char> = tidy(text).chars().collect();
    let mut spelt = Speller::default();
    for place in 0..given.len() {
        spelt.add(Letter { given: &given, place });
    }
    let legible = Legible {
        text: tidy(&spelt.text),
        transliterated: spelt.is_different,
    };
    if legible.text.is_empty() && !text.trim().is_empty() {
        return Legible {
            text: UNKNOWN.to_owned(),
            transliterated: true,
        };
    }
    legible
}

/// A character among its neighbours.
#[derive(Clone, Copy)]
struct Letter<'a> {
    given: &'a [char],
    place: usize,
}

impl Letter<'_> {
    fn character(self) -> char {
        self.given[self.place]
    }

    /// The character some places further, or before.
    fn neighbour(self, distance: isize) -> Option<char> {
        self.given.get(self.place.checked_add_signed(distance)?).copied()
    }

    fn is_among_capitals(self) -> bool {
        let is_capital = |distance| self.neighbour(distance).is_some_and(char::is_uppercase);
        self.character().is_uppercase() && (is_capital(-1) || is_capital(1))
    }
}

/// A text as it is spelt so far.
#[derive(Default)]
struct Speller {
    text: String,
    is_different: bool,
    after_syllable: bool,
}

impl Speller {
    fn add(&mut self, letter: Letter) {
        let character = letter.character();
        let is_syllable = is_syllable(character);
        if is_syllable && self.after_syllable {
            self.text.push(' ');
        }
        self.after_syllable = is_syllable;
        if is_shown(character) {
            self.text.push(character);
        } else if let Some((nearest, is_whole)) = nearest(character) {
            self.text.push(nearest);
            self.is_different |= !is_whole;
        } else {
            let spelling = greek::spelt(letter).map_or_else(|| romanized(character), str::to_owned);
            self.add_cased(letter, &spelling);
            self.is_different = true;
        }
    }

    /// With a capital where the letter was one, and in scripts without capitals at the beginning of words.
    fn add_cased(&mut self, letter: Letter, spelling: &str) {
        let character = letter.character();
        let has_case = (character.is_uppercase() || character.is_lowercase()) && !is_georgian(character);
        let begins_capital = if has_case {
            character.is_uppercase()
        } else {
            self.is_at_word()
        };
        if letter.is_among_capitals() {
            // Щ is Shch in Щукин and SHCH in ЩУКИН.
            self.text.push_str(&spelling.to_uppercase());
        } else if begins_capital {
            let mut letters = spelling.chars();
            self.text
                .extend(letters.next().into_iter().flat_map(char::to_uppercase));
            self.text.extend(letters);
        } else {
            self.text.push_str(spelling);
        }
    }

    /// Whether what comes next begins a word.
    fn is_at_word(&self) -> bool {
        let mut letters = self.text.chars().rev().filter(|last| !['‘', '\''].contains(last));
        letters.next().is_none_or(|last| !last.is_alphanumeric())
    }
}

/// Whether every face has a character.
fn is_shown(character: char) -> bool {
    Face::ALL
        .iter()
        .all(|face| Fonts::wide().covers(*face, character))
}

/// A letter of which the fonts have the base, with those of its marks they have, and whether these are all.
fn nearest(character: char) -> Option<(char, bool)> {
    let mut letter = None;
    let mut is_whole = true;
    decompose_canonical(character, |part| {
        letter = match letter {
            None => Some(part),
            Some(base) => composed(base, part).or_else(|| {
                is_whole = false;
                Some(base)
            }),
        };
    });
    letter
        .filter(|letter| *letter != character && is_shown(*letter))
        .map(|letter| (letter, is_whole))
}

/// A letter after `AnyAscii`; nothing for what is no letter.
fn romanized(character: char) -> String {
    let spelling = any_ascii::any_ascii_char(character);
    let is_letter = is_syllable(character) || (character >= '\u{10000}' && character.is_alphabetic());
    if is_picture(character) || is_mark(character) || (spelling.len() > 2 && spelling.starts_with(':')) {
        String::new()
    } else if spelling.is_empty() && is_letter {
        // Below, letters without a spelling are marks of vowels and accents; these are rare ones nobody has listed.
        UNKNOWN.to_owned()
    } else {
        spelling.replace('`', "‘")
    }
}

/// Symbols that decorate: arrows, dingbats, emoji, flags.
const fn is_picture(character: char) -> bool {
    matches!(character, '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2500}'..='\u{27bf}' | '\u{2900}'..='\u{297f}'
        | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1f0ff}' | '\u{1f1e6}'..='\u{1faff}')
}

/// Georgian, of which Unicode says that it has small letters alone: its names begin with one.
const fn is_georgian(character: char) -> bool {
    matches!(character, '\u{10d0}'..='\u{10ff}')
}

/// Characters that are a syllable each: Chinese, and Korean.
const fn is_syllable(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '\u{ac00}'..='\u{d7a3}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn changed(name: &str) -> String {
        let legible = in_latin_letters(name);
        assert!(legible.transliterated, "{name}");
        legible.text
    }

    #[test]
    fn names_in_letters_the_fonts_have_stay_as_they_are() {
        for name in [
            "Søren Ångström",
            "Þórður",
            "O’Connor",
            "D'Angelò",
            "Müller-Lüdenscheid",
            "Żółć",
            "Łukasz",
            "Dvořák",
            "Šešelj",
            "Straße",
            "İstanbul ı",
            "Ștefan Ţuțea",
            "",
        ] {
            let expected = Legible {
                text: name.to_owned(),
                transliterated: false,
            };
            assert_eq!(in_latin_letters(name), expected);
        }
    }

    #[test]
    fn names_in_other_scripts_become_latin() {
        assert_eq!(changed("Владимир Путилин"), "Vladimir Putilin");
        assert_eq!(changed("ЩУКИН Щукин"), "SHCHUKIN Shchukin");
        assert_eq!(changed("محمد علي"), "Mhmd ‘Ly");
        assert_eq!(changed("יוסף כהן"), "Yvsf Khhn");
        assert_eq!(changed("王小明"), "Wang Xiao Ming");
        assert_eq!(changed("김민준"), "Gim Min Jun");
        assert_eq!(changed("たなか サトシ"), "Tanaka Satoshi");
        assert_eq!(changed("Հայկ გიორგი"), "Hayk Giorgi");
        assert_eq!(changed("Maria Петрова"), "Maria Petrova");
    }

    #[test]
    fn greek_names_are_spelt_as_in_greek_passports() {
        assert_eq!(changed("Αλέξανδρος Παπαδόπουλος"), "Alexandros Papadopoulos");
        assert_eq!(changed("Ευάγγελος Μπεν Ψάλτης"), "Evangelos Ben Psaltis");
        assert_eq!(changed("ΕΥΑΓΓΕΛΟΣ ΜΠΕΝ ΨΑΛΤΗΣ"), "EVANGELOS BEN PSALTIS");
        assert_eq!(
            changed("Λευτέρης Σούζας Χαραλάμπους"),
            "Lefteris Souzas Charalampous"
        );
    }

    #[test]
    fn letters_with_marks_the_fonts_lack_keep_those_they_have() {
        assert_eq!(changed("Đặng Văn Lâm"), "Đăng Văn Lâm");
        assert_eq!(changed("Nguyễn Thị Hạnh"), "Nguyễn Thi Hanh");
        assert_eq!(changed("x\u{301}"), "x");
        assert_eq!(changed("GROẞ"), "GROSS");
        // The sign for ångström is the letter, in Unicode's eyes.
        assert!(!in_latin_letters("\u{212b}").transliterated);
    }

    #[test]
    fn pictures_are_left_out() {
        assert_eq!(changed("Anna 😀🏽 Bianchi ❤\u{fe0f} 🇮🇹"), "Anna Bianchi");
        assert_eq!(changed("★ Bar Sport →"), "Bar Sport");
    }

    #[test]
    fn what_cannot_be_seen_is_no_change() {
        let legible = in_latin_letters("Ma\u{200d}rio\n\u{202e}Rossi");
        assert_eq!(
            (legible.text.as_str(), legible.transliterated),
            ("Mario Rossi", false)
        );
    }

    #[test]
    fn a_letter_without_a_known_spelling_is_told_by_a_dash() {
        assert_eq!(changed("王\u{9fef}"), "Wang –");
        assert_eq!(changed("\u{12000}"), "–");
    }

    #[test]
    fn a_name_never_becomes_nothing() {
        for name in ["😀", "\u{200d}", "\u{e000}", "\u{301}\u{10ffff}"] {
            assert_eq!(changed(name), "–");
        }
        assert_eq!(in_latin_letters(" \n").text, "");
    }

    proptest! {
        #[test]
        fn every_text_becomes_one_the_fonts_have(text in "\\PC{0,40}|[\u{0}-\u{10ffff}]{0,20}") {
            let legible = in_latin_letters(&text);
            prop_assert!(legible.text.chars().all(is_shown));
            prop_assert_eq!(legible.text.is_empty(), text.trim().is_empty());
            let again = in_latin_letters(&legible.text);
            prop_assert_eq!((again.text, again.transliterated), (legible.text, false));
        }
    }
}
