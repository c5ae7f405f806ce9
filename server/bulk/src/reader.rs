//! A file read debt by debt.

use crate::columns::{Cells, Columns};
use crate::debt::{Debt, Place};
use crate::format::{Format, HEAD_BYTES, RefusedFile, Shape, shape_of};
use crate::records::{Lines, Record, Records};
use crate::row::{HeadNames, NumberedRow, ROWS_MAX, Row, assemble};
use crate::trouble::{RowError, RowProblem};
use crate::{govpay, json_lines, lanterna, unified};
use domain::CreditorFiscalCode;
use std::io::{self, Read, Seek, SeekFrom};

/// Reads the debts of a file one after the other.
pub struct DebtReader<R> {
    source: Source<R>,
    format: Format,
    columns: Columns,
    ignored: Vec<String>,
    institution: CreditorFiscalCode,
    /// The record after the debt that was read last.
    ahead: Option<Record>,
}

enum Source<R> {
    Table(Box<Records<R>>),
    Lines(Lines<R>),
}

/// Why a file cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is nothing that is read.
    #[error(transparent)]
    Refused(#[from] RefusedFile),
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] io::Error),
}

impl<R: Read + Seek> DebtReader<R> {
    /// Opens a file of an institution's debts.
    ///
    /// # Errors
    /// When it is nothing that is read, or the file cannot be read.
    pub fn open(mut input: R, institution: &CreditorFiscalCode) -> Result<Self, OpenError> {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        input.seek(SeekFrom::Start(0))?;
        (&mut input).take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        input.seek(SeekFrom::Start(0))?;
        let Shape {
            format,
            delimiter,
            columns,
            ignored,
        } = shape_of(&head)?;
        let source = match format {
            Format::JsonLines => Source::Lines(Lines::new(input)?),
            Format::Lanterna | Format::GovPay | Format::UnifiedPlatform => {
                let mut records = Records::new(input, delimiter)?;
                if let Some(header) = records.next()? {
                    records.expect_columns(header.fields.len());
                }
                Source::Table(Box::new(records))
            }
        };
        Ok(Self {
            source,
            format,
            columns,
            ignored,
            institution: institution.clone(),
            ahead: None,
        })
    }

    /// Goes to where a debt ended before. The beginning of everything is the first row after the header.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn go_to(&mut self, place: Place) -> io::Result<()> {
        self.ahead = None;
        match &mut self.source {
            _ if place.byte == 0 => Ok(()),
            Source::Table(records) => records.go_to(place),
            Source::Lines(lines) => lines.go_to(place),
        }
    }
}

impl<R: Read> DebtReader<R> {
    /// What the file is.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The columns of the file that are not used.
    pub fn ignored_columns(&self) -> &[String] {
        &self.ignored
    }

    /// Where the next debt begins.
    pub fn place(&self) -> Place {
        match (&self.ahead, &self.source) {
            (Some(record), _) => record.place,
            (None, Source::Table(records)) => records.place(),
            (None, Source::Lines(lines)) => lines.place(),
        }
    }

    /// The next debt.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn next_debt(&mut self) -> io::Result<Option<Debt>> {
        let Source::Table(_) = &self.source else {
            return self.next_line();
        };
        let Some(first) = self.next_record()? else {
            return Ok(None);
        };
        let key = self.key_of(&first);
        let mut rows = vec![self.row_of(&first, None)];
        while let Some(record) = self.next_record()? {
            let own = self.key_of(&record);
            let is_of_this = match (&key, &own) {
                (Some(key), Some(own)) => key == own,
                (Some(_) | None, _) => false,
            };
            // One more than a position may have is enough to know that it has too many.
            if is_of_this {
                let before = rows.last().and_then(|row| row.said.as_ref().ok());
                let row = self.row_of(&record, before);
                if rows.len() <= ROWS_MAX {
                    rows.push(row);
                }
            } else {
                self.ahead = Some(record);
                break;
            }
        }
        let numbers: Vec<u64> = rows.iter().map(|row| row.row).collect();
        let operation = rows
            .iter()
            .find_map(|row| row.said.as_ref().ok().and_then(|row| row.verb));
        let names = self.head_names();
        let said = match &key {
            Some(key) => assemble(key, rows, names),
            None => Err(rows
                .into_iter()
                .filter_map(|row| row.said.err())
                .flatten()
                .collect()),
        };
        let operation = match &said {
            Ok(instruction) => Some(instruction.operation()),
            Err(_) => operation.map(crate::row::Verb::as_str),
        };
        Ok(Some(Debt {
            key,
            operation,
            rows: numbers,
            said,
            until: self.place(),
            format: self.format,
        }))
    }

    fn next_line(&mut self) -> io::Result<Option<Debt>> {
        let Source::Lines(lines) = &mut self.source else {
            return Ok(None);
        };
        let Some((_, row, text)) = lines.next()? else {
            return Ok(None);
        };
        let (key, said) = match text {
            Ok(text) => json_lines::read(row, &text),
            Err(problem) => (None, Err(vec![RowError::row(row, "", problem)])),
        };
        Ok(Some(Debt {
            key,
            operation: said.as_ref().ok().map(crate::Instruction::operation),
            rows: vec![row],
            said,
            until: lines.place(),
            format: self.format,
        }))
    }

    fn next_record(&mut self) -> io::Result<Option<Record>> {
        match (self.ahead.take(), &mut self.source) {
            (Some(record), _) => Ok(Some(record)),
            (None, Source::Table(records)) => records.next(),
            (None, Source::Lines(_)) => Ok(None),
        }
    }

    /// The key of a record, also of one that is otherwise wrong: its position must not be made of the other rows alone.
    fn key_of(&self, record: &Record) -> Option<String> {
        let key = match self.format {
            Format::Lanterna => self.columns.text(&record.fields, lanterna::KEY),
            Format::GovPay => govpay::key(&self.columns, &record.fields),
            Format::UnifiedPlatform => self.columns.text(&record.fields, unified::KEY),
            Format::JsonLines => None,
        };
        // A key of two lines is what an open quote made of it.
        key.filter(|key| !key.contains(['\n', '\r'])).map(str::to_owned)
    }

    fn head_names(&self) -> &'static HeadNames {
        match self.format {
            Format::Lanterna | Format::JsonLines => &lanterna::HEAD_NAMES,
            Format::GovPay => &govpay::HEAD_NAMES,
            Format::UnifiedPlatform => &unified::HEAD_NAMES,
        }
    }

    fn row_of(&self, record: &Record, before: Option<&Row>) -> NumberedRow {
        let row = record.row;
        if let Some(problem) = record.problem {
            return NumberedRow {
                row,
                said: Err(vec![RowError::row(row, "", problem)]),
            };
        }
        let mut cells = Cells::new(&self.columns, &record.fields, row);
        if self.key_of(record).is_none() {
            let column = match self.format {
                Format::Lanterna | Format::JsonLines => lanterna::KEY,
                Format::GovPay => 0,
                Format::UnifiedPlatform => unified::KEY,
            };
            cells.wrong(
                column,
                crate::values::Wrong::Field(domain::draft::Problem::Required),
            );
        }
        let said = match self.format {
            Format::Lanterna | Format::JsonLines => lanterna::read(&mut cells),
            Format::GovPay => govpay::read(&mut cells, &self.institution, before),
            Format::UnifiedPlatform => unified::read(&mut cells),
        };
        let said = if cells.errors.is_empty() {
            Ok(said)
        } else {
            Err(cells.errors)
        };
        NumberedRow { row, said }
    }
}

/// What the rows of a refused debt are told: its own errors where they lie, and on the others that one of them is wrong.
impl Debt {
    /// The errors of each of its rows, in order: every row has one at least.
    pub fn errors_by_row(&self, errors: &[RowError]) -> Vec<(u64, Vec<RowError>)> {
        let first = errors.first().map_or(self.first_row(), |error| error.row);
        let of = |row: u64| -> Vec<RowError> {
            let own: Vec<RowError> = errors.iter().filter(|error| error.row == row).cloned().collect();
            if own.is_empty() {
                vec![RowError::row(row, "", RowProblem::Companion { row: first })]
            } else {
                own
            }
        };
        self.rows.iter().map(|row| (*row, of(*row))).collect()
    }
}
