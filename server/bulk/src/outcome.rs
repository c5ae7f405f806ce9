//! The outcome file: a line for each row of what was loaded, which a spreadsheet can open without obeying it.

use std::fmt::Write as _;

/// The names of its columns, with the line end.
pub const OUTCOME_HEADER: &str =
    "row;key;operation;result;code;sentence_it;sentence_en;notice_number;iuv\r\n";

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Result {
    /// The position was made.
    Inserted,
    /// The position says something else now.
    Updated,
    /// It was so already.
    Unchanged,
    /// The position was withdrawn.
    Cancelled,
    /// The position took the place of another.
    Replaced,
    /// Nothing was done.
    Refused,
}

impl Result {
    /// Its name in the file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inserted => "inserted",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Cancelled => "cancelled",
            Self::Replaced => "replaced",
            Self::Refused => "refused",
        }
    }
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeRow<'a> {
    /// The row, from 1.
    pub row: u64,
    /// The key of its position, as far as it was read.
    pub key: &'a str,
    /// What was asked.
    pub operation: &'a str,
    /// What became of it.
    pub result: Result,
    /// Of what was refused, the code.
    pub code: &'a str,
    /// Why, in Italian.
    pub italian: &'a str,
    /// Why, in English.
    pub english: &'a str,
    /// The number of its notice.
    pub notice_number: &'a str,
    /// Its payment reference.
    pub iuv: &'a str,
}

impl OutcomeRow<'_> {
    /// Writes the line.
    pub fn write(&self, out: &mut String) {
        let _ = write!(out, "{}", self.row);
        let cells = [
            self.key,
            self.operation,
            self.result.as_str(),
            self.code,
            self.italian,
            self.english,
            self.notice_number,
            self.iuv,
        ];
        for text in cells {
            out.push(';');
            cell(out, text);
        }
        out.push_str("\r\n");
    }
}

/// Writes a cell. What a spreadsheet would take for a formula gets an apostrophe before it, and is only text.
pub fn cell(out: &mut String, text: &str) {
    let is_formula = text
        .trim_start_matches(' ')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let needs_quotes = is_formula || text.contains([';', ',', '"', '\n', '\r', '\t']);
    if needs_quotes {
        out.push('"');
    }
    if is_formula {
        out.push('\'');
    }
    if text.contains('"') {
        out.push_str(&text.replace('"', "\"\""));
    } else {
        out.push_str(text);
    }
    if needs_quotes {
        out.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = String::new();
        cell(&mut out, text);
        out
    }

    #[test]
    fn a_formula_is_only_text_for_a_spreadsheet() {
        assert_eq!(written("TARI-2026-1"), "TARI-2026-1");
        assert_eq!(written("=1+1"), "\"'=1+1\"");
        assert_eq!(written("+39010"), "\"'+39010\"");
        assert_eq!(written("-2"), "\"'-2\"");
        assert_eq!(written("@SUM(A1)"), "\"'@SUM(A1)\"");
        assert_eq!(written("\t=1"), "\"'\t=1\"");
        assert_eq!(written("\r=1"), "\"'\r=1\"");
        assert_eq!(written(" =1"), "\"' =1\"");
        assert_eq!(written("say \"no\""), "\"say \"\"no\"\"\"");
        assert_eq!(written("1;2"), "\"1;2\"");
    }
}
