//! What a file says of one debt.

use crate::format::Format;
use crate::trouble::RowError;
use crate::{govpay, lanterna, unified};
use domain::draft::{FieldError, PositionDraft};
use serde::{Deserialize, Serialize};

/// A point in a file between two debts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// Bytes before it.
    pub byte: u64,
    /// Rows before it, the header and empty ones included.
    pub row: u64,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instruction {
    /// Make a position that is not here yet.
    Insert(PositionDraft),
    /// Change one that is here; its notices keep their numbers.
    Update(PositionDraft),
    /// Make it, or change it when it is here.
    Put(PositionDraft),
    /// Withdraw it.
    Cancel {
        /// Its key.
        key: String,
    },
    /// Make a new one that takes the place of another.
    Replace {
        /// The key of the other.
        replaces: String,
        /// The new one.
        with: PositionDraft,
    },
}

impl Instruction {
    /// Its name in files.
    pub const fn operation(&self) -> &'static str {
        match self {
            Self::Insert(_) => "insert",
            Self::Update(_) => "update",
            Self::Put(_) => "put",
            Self::Cancel { .. } => "cancel",
            Self::Replace { .. } => "replace",
        }
    }

    /// The key of the position it is about; of the new one where one is replaced.
    pub fn key(&self) -> &str {
        match self {
            Self::Insert(draft)
            | Self::Update(draft)
            | Self::Put(draft)
            | Self::Replace { with: draft, .. } => &draft.key,
            Self::Cancel { key } => key,
        }
    }

    /// The draft, where there is one.
    pub const fn draft(&self) -> Option<&PositionDraft> {
        match self {
            Self::Insert(draft)
            | Self::Update(draft)
            | Self::Put(draft)
            | Self::Replace { with: draft, .. } => Some(draft),
            Self::Cancel { .. } => None,
        }
    }
}

/// The rows of one debt, and what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debt {
    /// Its key, as far as it can be read.
    pub key: Option<String>,
    /// The name of the operation, as far as it can be read.
    pub operation: Option<&'static str>,
    /// Its rows, in order: of a right one those of its instalments, in the order of the draft.
    pub rows: Vec<u64>,
    /// What they say.
    pub said: Result<Instruction, Vec<RowError>>,
    /// Where the next debt begins.
    pub until: Place,
    /// What the file is.
    pub format: Format,
}

impl Debt {
    /// Its first row.
    pub fn first_row(&self) -> u64 {
        self.rows.first().copied().unwrap_or(self.until.row)
    }

    /// What is wrong with its draft, told by row and column.
    pub fn errors(&self, errors: &[FieldError]) -> Vec<RowError> {
        errors.iter().map(|error| self.error(error)).collect()
    }

    fn error(&self, error: &FieldError) -> RowError {
        let part = Part::of(&error.path);
        let row = part
            .instalment
            .and_then(|(option, ordinal)| self.row_of(option, ordinal))
            .unwrap_or_else(|| self.first_row());
        let column = match self.format {
            Format::Lanterna => lanterna::column_of(&part),
            Format::GovPay => govpay::column_of(&part),
            Format::UnifiedPlatform => unified::column_of(&part),
            Format::JsonLines => error.path.clone(),
        };
        RowError::field(row, column, &error.problem)
    }

    /// The row of an instalment.
    fn row_of(&self, option: usize, ordinal: usize) -> Option<u64> {
        let draft = self.said.as_ref().ok()?.draft()?;
        let before: usize = draft
            .options
            .get(..option)?
            .iter()
            .map(|option| option.instalments.len())
            .sum();
        self.rows.get(before + ordinal).copied()
    }
}

/// A path like `options[0].instalments[2].transfers[1].iban`, taken apart.
pub(crate) struct Part<'a> {
    /// Its option and instalment, from 0.
    pub(crate) instalment: Option<(usize, usize)>,
    /// Its transfer, from 0.
    pub(crate) transfer: Option<usize>,
    /// What is left, as in `debtor.code`.
    pub(crate) leaf: &'a str,
}

impl<'a> Part<'a> {
    fn of(path: &'a str) -> Self {
        let (option, rest) = indexed(path, "options");
        let (ordinal, rest) = indexed(rest, "instalments");
        let (transfer, leaf) = indexed(rest, "transfers");
        Self {
            instalment: option.map(|option| (option, ordinal.unwrap_or(0))),
            transfer,
            leaf,
        }
    }
}

/// The number in `name[number].rest`, and the rest.
fn indexed<'a>(path: &'a str, name: &str) -> (Option<usize>, &'a str) {
    let split = || {
        let (number, rest) = path.strip_prefix(name)?.strip_prefix('[')?.split_once(']')?;
        Some((number.parse().ok()?, rest.strip_prefix('.').unwrap_or(rest)))
    };
    split().map_or((None, path), |(number, rest)| (Some(number), rest))
}
