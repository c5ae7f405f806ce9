//! What is known of an import: what its check found, and what was done.

use bulk::{OutcomeResult, RowError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Errors kept of a check; the outcome file has all.
pub(super) const FINDINGS_MAX: usize = 100;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Checked {
    /// Bytes looked through so far.
    pub bytes: u64,
    /// Rows, the header and empty ones included.
    pub rows: u64,
    /// Debts: rows of one position are one.
    pub debts: u64,
    /// Those in which nothing is wrong.
    pub right: u64,
    /// Those in which something is.
    pub wrong: u64,
    /// Debts whose key came before in the file.
    pub repeated: u64,
    /// How many there are of each operation.
    pub operations: BTreeMap<String, u64>,
    /// Columns of the file that are not used.
    pub ignored_columns: Vec<String>,
    /// The first errors.
    pub findings: Vec<Finding>,
}

/// An error of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The row, from 1, the header included.
    pub row: u64,
    /// The column; empty when it is the whole row.
    pub column: String,
    /// The stable code.
    pub code: String,
    /// What to do, in Italian.
    pub it: String,
    /// What to do, in English.
    pub en: String,
}

impl From<&RowError> for Finding {
    fn from(error: &RowError) -> Self {
        Self {
            row: error.row,
            column: error.column.clone(),
            code: error.code.to_owned(),
            it: error.italian.clone(),
            en: error.english.clone(),
        }
    }
}

impl Checked {
    /// Notes errors, as far as there is room.
    pub(super) fn note(&mut self, errors: &[RowError]) {
        let room = FINDINGS_MAX.saturating_sub(self.findings.len());
        self.findings.extend(errors.iter().take(room).map(Finding::from));
    }
}

/// What was done, debt by debt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Applied {
    /// Positions made.
    pub inserted: u64,
    /// Positions changed.
    pub updated: u64,
    /// Positions that were so already.
    pub unchanged: u64,
    /// Positions withdrawn.
    pub cancelled: u64,
    /// Positions that took another's place.
    pub replaced: u64,
    /// Debts nothing was done of.
    pub refused: u64,
}

impl Applied {
    pub(super) fn count(&mut self, result: OutcomeResult) {
        let counted = match result {
            OutcomeResult::Inserted => &mut self.inserted,
            OutcomeResult::Updated => &mut self.updated,
            OutcomeResult::Unchanged => &mut self.unchanged,
            OutcomeResult::Cancelled => &mut self.cancelled,
            OutcomeResult::Replaced => &mut self.replaced,
            OutcomeResult::Refused => &mut self.refused,
        };
        *counted += 1;
    }

    /// Debts something was said of.
    pub const fn debts(&self) -> u64 {
        self.inserted + self.updated + self.unchanged + self.cancelled + self.replaced + self.refused
    }
}
