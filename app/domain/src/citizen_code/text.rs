//! Taking apart what a person wrote: plain characters, links, runs of digits.

/// The text in plain characters: full-width and other scripts' digits become ASCII, every blank a space, every line
/// break a newline, every dash a hyphen; invisible characters go.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter_map(plain_character).collect()
}

fn plain_character(character: char) -> Option<char> {
    let ascii = |from: char, base: u32| char::from_u32(base + (character as u32 - from as u32));
    match character {
        '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        ' '..='~' => Some(character),
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{20e3}'
        | '\u{feff}' => None,
        '\0'..='\u{1f}'
        | '\u{7f}'..='\u{a0}'
        | '\u{1680}'
        | '\u{2000}'..='\u{200a}'
        | '\u{202f}'
        | '\u{205f}'
        | '\u{3000}' => Some(' '),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => Some('-'),
        '\u{b7}' | '\u{2022}' | '\u{2024}' | '\u{2219}' | '\u{22c5}' => Some('.'),
        '\u{2044}' | '\u{2215}' => Some('/'),
        '\u{ff01}'..='\u{ff5e}' => ascii('\u{ff01}', 0x21),
        '\u{660}'..='\u{669}' => ascii('\u{660}', 0x30),
        '\u{6f0}'..='\u{6f9}' => ascii('\u{6f0}', 0x30),
        '\u{1d7ce}'..='\u{1d7ff}' => char::from_digit((character as u32 - 0x1d7ce) % 10, 10),
        other => Some(other),
    }
}

/// Whether people put this between the groups of a code.
pub(super) fn separates_groups(character: char) -> bool {
    matches!(character, ' ' | '\n' | '.' | '-' | '/' | '\\' | '_')
}

/// What may stand between the digits of one run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Anything: the text holds no letter.
    DigitsOnly,
    /// What people put between groups, line breaks too.
    Words,
    /// The same within one line.
    Lines,
    /// What a link leaves of a blank; a slash parts two runs.
    Link,
}

impl Mode {
    /// The mode that joins lines.
    pub(super) fn over_lines(plain: &str) -> Self {
        if plain.bytes().any(|b| b.is_ascii_alphabetic()) {
            Self::Words
        } else {
            Self::DigitsOnly
        }
    }

    fn joins(self, character: char) -> bool {
        match self {
            Self::DigitsOnly => true,
            Self::Words => separates_groups(character),
            Self::Lines => character != '\n' && separates_groups(character),
            Self::Link => matches!(character, ' ' | '.' | '-' | '_' | '+'),
        }
    }
}

/// The runs of digits of a plain text. A word of three letters or more ends a run, even glued to it as in text copied
/// from a document; digits mixed with fewer letters (`A12B3`, an IBAN) are no run.
pub(super) fn runs(plain: &str, mode: Mode) -> Vec<String> {
    let mut runs = Runs::default();
    let mut rest = plain;
    while let Some(first) = rest.chars().next() {
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        if end > 0 {
            runs.token(&rest[..end]);
            rest = &rest[end..];
        } else {
            if !mode.joins(first) {
                runs.close();
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    runs.close();
    runs.done
}

#[derive(Default)]
struct Runs {
    done: Vec<String>,
    open: String,
}

impl Runs {
    fn token(&mut self, token: &str) {
        let mixed = token
            .split(|c: char| c.is_ascii_digit())
            .any(|letters| (1..3).contains(&letters.len()) && letters.len() < token.len());
        if mixed {
            self.close();
            return;
        }
        for character in token.chars() {
            if character.is_ascii_digit() {
                self.open.push(character);
            } else {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            self.done.push(std::mem::take(&mut self.open));
        }
    }
}

/// A link in a text.
pub(super) struct Link {
    /// What follows its host, percent-encoding undone.
    pub(super) tail: String,
}

impl Link {
    /// The first link of a plain text: with a scheme, with `www.`, or a host and a path.
    pub(super) fn find(plain: &str) -> Option<Self> {
        plain.split([' ', '\n']).find_map(|chunk| {
            let after_scheme = chunk.split_once("://").map(|(_, rest)| rest);
            let rest = after_scheme.unwrap_or(chunk);
            let (host, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
            let is_link = after_scheme.is_some()
                || host
                    .get(..4)
                    .is_some_and(|start| start.eq_ignore_ascii_case("www."))
                || (is_host(host) && !tail.is_empty());
            is_link.then(|| Self {
                tail: percent_decoded(tail),
            })
        })
    }
}

/// Labels of letters, digits and hyphens with points between, the last of two letters or more.
fn is_host(text: &str) -> bool {
    let name =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    text.rsplit_once('.').is_some_and(|(start, last)| {
        last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic()) && start.split('.').all(name)
    })
}

/// `%41` becomes `A`; what is not a printable ASCII character becomes a blank.
fn percent_decoded(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let byte = rest.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) => {
                decoded.push(if byte.is_ascii_graphic() {
                    char::from(byte)
                } else {
                    ' '
                });
                rest = &rest[2..];
            }
            None => decoded.push('%'),
        }
    }
    decoded.push_str(rest);
    decoded
}
