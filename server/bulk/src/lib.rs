//! Debt files: whatever an office's program writes becomes instructions about drafts, row by row, and what became of each
//! row goes back in a file of its own.
//!
//! Pure: bytes in, values out. Nothing here knows an archive, a service or an account; whether a draft can be a position is
//! `domain::draft`'s business. Memory holds one position's rows, whatever the file, and every size has a bound.
//!
//! To read a file: [`recognise`] its first [`HEAD_BYTES`], open a [`DebtReader`], take [`Debt`]s from it. A reader can be
//! opened again at the [`Place`] where any debt ended, so that a load goes on where it was cut off.

mod columns;
mod debt;
mod format;
mod govpay;
mod json_lines;
mod lanterna;
mod outcome;
mod reader;
mod records;
mod row;
mod trouble;
mod unified;
mod values;

pub use debt::{Debt, Instruction, Place};
pub use format::{Format, HEAD_BYTES, RefusedFile, recognise};
pub use lanterna::{header, write_debt};
pub use outcome::{OUTCOME_HEADER, OutcomeRow, Result as OutcomeResult, cell};
pub use reader::{DebtReader, OpenError};
pub use records::{COLUMNS_MAX, ROW_BYTES_MAX};
pub use trouble::{RowError, RowProblem};
