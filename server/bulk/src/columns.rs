//! Where the columns of a format are in a file, by name, and the cells of a row by them.

use crate::format::RefusedFile;
use crate::records::Fields;
use crate::trouble::RowError;
use crate::values::{self, Wrong};
use chrono::NaiveDate;
use domain::Cents;
use domain::draft::Problem;

/// Characters of a cell at most.
const CELL_CHARACTERS_MAX: usize = 4_000;

/// The columns of a format, and where each is in the file.
#[derive(Default)]
pub(crate) struct Columns {
    names: Vec<String>,
    places: Vec<Option<usize>>,
}

impl Columns {
    /// Finds the columns of a format in a header, whatever their case. Gives back the header's names nobody knows.
    pub(crate) fn of(header: &[String], names: Vec<String>) -> (Self, Vec<String>) {
        let place = |name: &String| header.iter().position(|own| own.eq_ignore_ascii_case(name));
        let places: Vec<Option<usize>> = names.iter().map(place).collect();
        let unknown = header
            .iter()
            .enumerate()
            .filter(|(index, name)| !name.is_empty() && !places.contains(&Some(*index)))
            .map(|(_, name)| name.clone())
            .collect();
        (Self { names, places }, unknown)
    }

    /// Makes sure that columns are there.
    pub(crate) fn need(&self, needed: &[&'static str]) -> Result<(), RefusedFile> {
        let is_there = |needed: &str| {
            let mut both = self.names.iter().zip(&self.places);
            both.any(|(name, place)| name == needed && place.is_some())
        };
        match needed.iter().find(|name| !is_there(name)) {
            Some(missing) => Err(RefusedFile::MissingColumn(missing)),
            None => Ok(()),
        }
    }

    /// The text of a column in a row, when there is some.
    pub(crate) fn text<'a>(&self, fields: &'a Fields, column: usize) -> Option<&'a str> {
        let place = (*self.places.get(column)?)?;
        fields.get(place).map(str::trim).filter(|text| !text.is_empty())
    }

    pub(crate) fn name(&self, column: usize) -> &str {
        &self.names[column]
    }
}

/// The cells of a row: what cannot be read leaves an error, and the next is looked at all the same.
pub(crate) struct Cells<'a> {
    columns: &'a Columns,
    fields: &'a Fields,
    row: u64,
    pub(crate) errors: Vec<RowError>,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(columns: &'a Columns, fields: &'a Fields, row: u64) -> Self {
        Self {
            columns,
            fields,
            row,
            errors: Vec::new(),
        }
    }

    /// Says what is wrong with a column.
    pub(crate) fn wrong(&mut self, column: usize, wrong: Wrong) {
        let name = self.columns.name(column);
        self.errors.push(match wrong {
            Wrong::Field(problem) => RowError::field(self.row, name, &problem),
            Wrong::Row(problem) => RowError::row(self.row, name, problem),
        });
    }

    /// Whether there is anything in a column.
    pub(crate) fn has(&self, column: usize) -> bool {
        self.columns.text(self.fields, column).is_some()
    }

    /// The text of a column, of a bearable length.
    pub(crate) fn text(&mut self, column: usize) -> Option<&'a str> {
        let text = self.columns.text(self.fields, column)?;
        if text.len() > CELL_CHARACTERS_MAX && text.chars().count() > CELL_CHARACTERS_MAX {
            let most = CELL_CHARACTERS_MAX;
            self.wrong(column, Wrong::Field(Problem::Text { most }));
            return None;
        }
        Some(text)
    }

    pub(crate) fn owned(&mut self, column: usize) -> Option<String> {
        self.text(column).map(str::to_owned)
    }

    /// A text that must be there.
    pub(crate) fn needed(&mut self, column: usize) -> String {
        let text = self.owned(column);
        if text.is_none() && !self.has(column) {
            self.wrong(column, Wrong::Field(Problem::Required));
        }
        text.unwrap_or_default()
    }

    pub(crate) fn amount(&mut self, column: usize) -> Option<Cents> {
        self.read(column, values::amount)
    }

    pub(crate) fn day(&mut self, column: usize) -> Option<NaiveDate> {
        self.read(column, values::day)
    }

    pub(crate) fn flag(&mut self, column: usize) -> Option<bool> {
        self.read(column, values::flag)
    }

    /// The number of an option; an empty one is the first.
    pub(crate) fn option(&mut self, column: usize) -> u32 {
        let number = self.read(column, |text| {
            let expected = ("un numero da 1 a 20", "a number from 1 to 20");
            let number = text.parse().ok().filter(|number| (1..=20).contains(number));
            number.ok_or(Wrong::Field(Problem::Unreadable { expected }))
        });
        number.unwrap_or(1)
    }

    /// What a column holds, as `reader` reads it.
    pub(crate) fn read<T>(&mut self, column: usize, reader: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        match reader(self.text(column)?) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.wrong(column, wrong);
                None
            }
        }
    }

    /// One of a few words, whatever their case.
    pub(crate) fn word<T: Copy>(
        &mut self,
        column: usize,
        words: &[(&str, T)],
        expected: (&'static str, &'static str),
    ) -> Option<T> {
        self.read(column, |text| {
            let known = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
            known
                .map(|(_, value)| *value)
                .ok_or(Wrong::Field(Problem::Unreadable { expected }))
        })
    }
}
