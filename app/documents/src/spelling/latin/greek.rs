//! Greek letters that are spelt by their neighbours (ELOT 743, which Greek passports follow).

use super::Letter;
use unicode_normalization::char::decompose_canonical;

/// How a letter is spelt because of its neighbours; `None` when they do not matter.
pub(super) fn spelt(letter: Letter) -> Option<&'static str> {
    let before = letter.neighbour(-1).map(small);
    let after = letter.neighbour(1).map(|after| plain(small(after)));
    match small(letter.character()) {
        // With a diaeresis it is a letter by itself, and after an accent too.
        'υ' | 'ύ' => match before? {
            'ο' => Some("u"),
            'α' | 'ε' | 'η' if after.is_some_and(is_voiced) => Some("v"),
            'α' | 'ε' | 'η' => Some("f"),
            _ => None,
        },
        'γ' => matches!(after?, 'γ' | 'ξ' | 'χ').then_some("n"),
        // Μπ is one sound at the beginning of a word.
        'μ' => (begins_word(letter.neighbour(-1)) && after? == 'π').then_some("b"),
        'π' => (before? == 'μ' && begins_word(letter.neighbour(-2))).then_some(""),
        _ => None,
    }
}

fn begins_word(before: Option<char>) -> bool {
    !before.is_some_and(char::is_alphabetic)
}

/// Vowels and the consonants that are spoken with the voice.
const fn is_voiced(letter: char) -> bool {
    matches!(
        letter,
        'α' | 'ε' | 'η' | 'ι' | 'ο' | 'υ' | 'ω' | 'β' | 'γ' | 'δ' | 'ζ' | 'λ' | 'μ' | 'ν' | 'ρ'
    )
}

fn small(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

/// Without its accent.
fn plain(letter: char) -> char {
    let mut base = None;
    decompose_canonical(letter, |part| base = base.or(Some(part)));
    base.unwrap_or(letter)
}
