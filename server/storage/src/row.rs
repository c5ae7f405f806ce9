//! Reading rows back: text and numbers become the domain's types, or the row is named in the error.

use crate::StorageError;
use serde::{Serialize, de::DeserializeOwned};
use std::str::FromStr;

/// A row being read: what to say when a column cannot be.
#[derive(Clone, Copy)]
pub(crate) struct RowOf<'k> {
    pub(crate) table: &'static str,
    /// The row's own number or code. Nothing personal.
    pub(crate) key: &'k str,
}

impl RowOf<'_> {
    /// The error of a column that cannot be read.
    pub(crate) fn wrong(self, column: &'static str) -> StorageError {
        StorageError::Inconsistent {
            table: self.table,
            column,
            key: self.key.to_owned(),
        }
    }

    /// Text of a type with a checked reader.
    pub(crate) fn parse<T: FromStr>(self, column: &'static str, text: &str) -> Result<T, StorageError> {
        text.parse().map_err(|_| self.wrong(column))
    }

    /// Text of a type with a checked reader, or nothing.
    pub(crate) fn parse_if<T: FromStr>(
        self,
        column: &'static str,
        text: Option<&str>,
    ) -> Result<Option<T>, StorageError> {
        text.map(|text| self.parse(column, text)).transpose()
    }

    /// A value kept as JSON.
    pub(crate) fn json<T: DeserializeOwned>(
        self,
        column: &'static str,
        text: &str,
    ) -> Result<T, StorageError> {
        serde_json::from_str(text).map_err(|_| self.wrong(column))
    }

    /// A small number.
    pub(crate) fn small(self, column: &'static str, number: i16) -> Result<u8, StorageError> {
        u8::try_from(number).map_err(|_| self.wrong(column))
    }

    /// A count or a place.
    pub(crate) fn count(self, column: &'static str, number: i64) -> Result<u32, StorageError> {
        u32::try_from(number).map_err(|_| self.wrong(column))
    }

    /// One of a closed list of names.
    pub(crate) fn one_of<T: Copy>(
        self,
        column: &'static str,
        text: &str,
        all: impl IntoIterator<Item = T>,
        name: impl Fn(T) -> &'static str,
    ) -> Result<T, StorageError> {
        all.into_iter()
            .find(|value| name(*value) == text)
            .ok_or_else(|| self.wrong(column))
    }
}

/// The JSON of a value kept whole.
pub(crate) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the domain's types have text keys and no failing serialiser")
}

/// Exactly one row was written, or somebody else was first.
pub(crate) fn one_row(rows_affected: u64) -> Result<(), StorageError> {
    if rows_affected == 1 {
        Ok(())
    } else {
        Err(StorageError::Conflict)
    }
}
