//! What is wrong in a tariff file: where, what, and how to mend it.

use std::fmt;

/// Mistakes told for one file at most.
pub const MISTAKES_MAX: usize = 50;

/// A mistake in a tariff file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub how: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            what,
            how,
        } = self;
        write!(f, "{file}:{line}:{column}: {what}")?;
        if !how.is_empty() {
            write!(f, "\n    {how}")?;
        }
        Ok(())
    }
}

/// The nearest of the known words, when one is near enough to be a slip of the keyboard.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = 1 + word.chars().count() / 4;
    known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Letters to change, add or leave out to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let changed = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_keyboard_finds_the_word_that_was_meant() {
        let known = ["label", "value", "legal", "when"];
        assert_eq!(nearest("lable", known), Some("label"));
        assert_eq!(nearest("vaule", known), Some("value"));
        assert_eq!(nearest("beneficiary", known), None);
        assert_eq!(nearest("", ["a"]), Some("a"));
    }
}
