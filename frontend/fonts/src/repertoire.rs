//! The characters of each pack.

use documents::font::Tier;
use documents::model::Face;
use std::collections::BTreeSet;

/// Letters of Italian, German, French and Slovene beyond ASCII, and of names from next door.
const LETTERS: &str = "ÀÈÉÌÒÓÙÚàèéìòóùúÁáÍíÄÖÜẞäöüßÂÇÊËÎÏÔÛŸÆŒâçêëîïôûÿæœČŠŽčšžĆćĐđÑñ";
/// Signs of ordinary texts, with the spaces and hyphens that govern where lines break.
const SIGNS: &str = "«»‹›“”„‘’‚–—…€ºª°·•§©®×−\u{a0}\u{ad}\u{2011}\u{202f}";
/// Codes, amounts and dates are in ASCII; the rest is what their captions may hold.
const MONO: &str = "ÀÈÉÌÒÙàèéìòù€º°’–—\u{a0}\u{ad}\u{2011}\u{202f}";

/// What the small pack has in a face, where the font has it.
fn core(face: Face) -> BTreeSet<char> {
    let others = match face {
        Face::Regular | Face::Semibold | Face::Bold => [LETTERS, SIGNS].concat(),
        Face::Mono | Face::MonoBold => MONO.to_owned(),
    };
    (' '..='~').chain(others.chars()).collect()
}

/// What the large pack has, where the font has it: Latin, and the signs that go with it.
fn wide(face: Face) -> BTreeSet<char> {
    let ranges = [
        '\u{a0}'..='\u{24f}',    // Latin-1, Latin Extended-A and -B
        '\u{259}'..='\u{259}',   // schwa, a letter of Azerbaijani
        '\u{2bb}'..='\u{2bc}',   // the letters that look like apostrophes
        '\u{1e00}'..='\u{1eff}', // Latin Extended Additional: Welsh, Vietnamese
        '\u{2010}'..='\u{2015}', // hyphens and dashes
        '\u{2018}'..='\u{2026}', // quotation marks, daggers, bullet, ellipsis
        '\u{202f}'..='\u{203a}', // narrow space, per mille, primes, quotation marks
        '\u{2044}'..='\u{2044}', // fraction
        '\u{2070}'..='\u{209f}', // raised and lowered figures
        '\u{20a0}'..='\u{20bf}', // currencies
        '\u{2116}'..='\u{2122}', // numero, trade mark
        '\u{2212}'..='\u{2212}', // minus
        '\u{2248}'..='\u{2265}', // about, not equal, at most, at least
    ];
    ranges.into_iter().flatten().chain(core(face)).collect()
}

/// What a pack has in a face, where the font has it.
pub(crate) fn of(tier: Tier, face: Face) -> BTreeSet<char> {
    match tier {
        Tier::Core => core(face),
        Tier::Wide => wide(face),
    }
}

/// What stands in for a character that a font lacks; each gets a glyph of its own, so that copied text is right.
pub(crate) const fn stand_in(character: char) -> Option<char> {
    match character {
        '\u{a0}' | '\u{202f}' => Some(' '),
        '\u{ad}' | '\u{2010}' | '\u{2011}' => Some('-'),
        'Ţ' => Some('Ț'), // one letter of Romanian, once written with a cedilla
        '\u{2bb}' => Some('‘'),
        '\u{2bc}' => Some('’'),
        _ => None,
    }
}
