//! A file taken apart into records, without holding more than one of them.
//!
//! The rules of quotes are those of `csv-core`. What is added: bounds, the exact byte each record begins at, rows counted as
//! a spreadsheet does (empty ones too), and a way on after a quote that is never closed: only the line it stands in is lost.

use crate::debt::Place;
use crate::trouble::RowProblem;
use csv_core::{ReadRecordResult, ReaderBuilder};
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes of a record at most.
pub const ROW_BYTES_MAX: usize = 256 * 1024;
/// Columns of a record at most.
pub const COLUMNS_MAX: usize = 256;
/// Bytes asked of the file at once.
const READ_BYTES: usize = 64 * 1024;

/// The file, a piece of it in memory.
struct Window<R> {
    input: R,
    bytes: Vec<u8>,
    /// Where the next record begins in `bytes`.
    start: usize,
    is_whole: bool,
    place: Place,
}

impl<R: Read> Window<R> {
    fn held(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Reads on. Says whether there was more.
    fn fill(&mut self) -> io::Result<bool> {
        if self.is_whole {
            return Ok(false);
        }
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        let before = self.bytes.len();
        self.bytes.resize(before + READ_BYTES, 0);
        let mut filled = before;
        while filled < self.bytes.len() {
            match self.input.read(&mut self.bytes[filled..]) {
                Ok(0) => {
                    self.is_whole = true;
                    break;
                }
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.bytes.truncate(filled);
                    return Err(error);
                }
            }
        }
        self.bytes.truncate(filled);
        Ok(filled > before)
    }

    fn byte(&mut self, at: usize) -> io::Result<Option<u8>> {
        while self.held().len() <= at {
            if !self.fill()? {
                return Ok(None);
            }
        }
        Ok(self.held().get(at).copied())
    }

    fn advance(&mut self, count: usize) {
        self.start += count;
        self.place.byte += count as u64;
    }

    /// The length of the line end that begins at a byte: 0 when none does.
    fn line_end(&mut self, at: usize) -> io::Result<usize> {
        Ok(match self.byte(at)? {
            Some(b'\r') if self.byte(at + 1)? == Some(b'\n') => 2,
            Some(b'\n' | b'\r') => 1,
            _ => 0,
        })
    }

    /// Goes past empty lines. Says whether anything is left.
    fn skip_empty_lines(&mut self) -> io::Result<bool> {
        loop {
            let length = self.line_end(0)?;
            if length == 0 {
                return Ok(self.byte(0)?.is_some());
            }
            self.advance(length);
            self.place.row += 1;
        }
    }

    /// Goes past the rest of the line.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let found = self.held().iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            if let Some(at) = found {
                let length = self.line_end(at)?;
                self.advance(at + length);
                break;
            }
            let length = self.held().len();
            self.advance(length);
            if !self.fill()? {
                break;
            }
        }
        self.place.row += 1;
        Ok(())
    }
}

impl<R: Seek> Window<R> {
    fn go_to(&mut self, place: Place) -> io::Result<()> {
        self.input.seek(SeekFrom::Start(place.byte))?;
        self.bytes.clear();
        self.start = 0;
        self.is_whole = false;
        self.place = place;
        Ok(())
    }
}

/// The fields of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    text: String,
    ends: Vec<usize>,
}

impl Fields {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start..end)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

/// A record, or why a row is none.
pub(crate) struct Record {
    /// Where it begins.
    pub(crate) place: Place,
    /// Its row, from 1.
    pub(crate) row: u64,
    /// Its fields; of a wrong one as far as they were read.
    pub(crate) fields: Fields,
    /// What is wrong with it.
    pub(crate) problem: Option<RowProblem>,
}

/// The records of a CSV file.
pub(crate) struct Records<R> {
    window: Window<R>,
    core: csv_core::Reader,
    output: Vec<u8>,
    ends: Vec<usize>,
    /// Columns each record has, once the header is read.
    columns: Option<usize>,
}

impl<R: Read> Records<R> {
    /// Records from the beginning of a file, its byte order mark left out.
    pub(crate) fn new(input: R, delimiter: u8) -> io::Result<Self> {
        let mut window = Window {
            input,
            bytes: Vec::with_capacity(2 * READ_BYTES),
            start: 0,
            is_whole: false,
            place: Place::default(),
        };
        window.byte(2)?;
        if window.held().starts_with(b"\xef\xbb\xbf") {
            window.advance(3);
        }
        Ok(Self {
            window,
            core: ReaderBuilder::new().delimiter(delimiter).build(),
            output: vec![0; ROW_BYTES_MAX + READ_BYTES],
            ends: vec![0; COLUMNS_MAX],
            columns: None,
        })
    }

    /// From now on each record has as many columns as this one.
    pub(crate) fn expect_columns(&mut self, count: usize) {
        self.columns = Some(count);
    }

    /// Where the next record begins.
    pub(crate) fn place(&self) -> Place {
        self.window.place
    }

    /// The next record.
    pub(crate) fn next(&mut self) -> io::Result<Option<Record>> {
        if !self.window.skip_empty_lines()? {
            return Ok(None);
        }
        let place = self.window.place;
        let row = place.row + 1;
        self.core.reset();
        let (mut read, mut written, mut ended) = (0, 0, 0);
        let outcome = loop {
            let input = &self.window.held()[read..];
            let (result, taken, put, closed) =
                self.core
                    .read_record(input, &mut self.output[written..], &mut self.ends[ended..]);
            read += taken;
            written += put;
            ended += closed;
            match result {
                ReadRecordResult::InputEmpty if read > ROW_BYTES_MAX => break Some(RowProblem::TooLong),
                // At the end of the file an empty input ends the record.
                ReadRecordResult::InputEmpty => {
                    self.window.fill()?;
                }
                ReadRecordResult::OutputFull => break Some(RowProblem::TooLong),
                ReadRecordResult::OutputEndsFull => break Some(RowProblem::TooManyColumns),
                ReadRecordResult::Record if read > ROW_BYTES_MAX + 2 => break Some(RowProblem::TooLong),
                ReadRecordResult::Record | ReadRecordResult::End => break None,
            }
        };
        let raw = &self.window.held()[..read];
        let is_ended = raw.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r'));
        let ended_by_return = raw.last() == Some(&b'\r');
        let count =
            |bytes: &[u8], one: u8| -> usize { bytes.iter().map(|byte| usize::from(*byte == one)).sum() };
        let lines = count(&raw[..raw.len().saturating_sub(1)], b'\n');
        let has_open_quote = count(raw, b'"') % 2 == 1;
        let columns = self.columns.unwrap_or(ended);
        let (fields, is_text) = self.fields(written, ended);
        let problem = match outcome {
            Some(problem) => Some(problem),
            None if !is_ended && (has_open_quote || ended < columns) => Some(RowProblem::Truncated),
            None if ended != columns && lines > 0 => Some(RowProblem::Quote),
            None if ended != columns => Some(RowProblem::Columns {
                expected: columns,
                found: ended,
            }),
            None if !is_text => Some(RowProblem::Encoding),
            None => None,
        };
        // What goes wrong over several lines may be an open quote: only the line it stands in is given up.
        let is_torn = matches!(
            problem,
            Some(RowProblem::Quote | RowProblem::TooLong | RowProblem::TooManyColumns)
        ) || problem == Some(RowProblem::Truncated) && lines > 0;
        if is_torn {
            self.window.skip_line()?;
        } else {
            self.window.advance(read);
            if ended_by_return && self.window.byte(0)? == Some(b'\n') {
                self.window.advance(1);
            }
            self.window.place.row += 1;
        }
        let problem = match problem {
            Some(RowProblem::Truncated) if lines > 0 => Some(RowProblem::Quote),
            other => other,
        };
        Ok(Some(Record {
            place,
            row,
            fields,
            problem,
        }))
    }

    /// The fields just read, and whether they are UTF-8.
    fn fields(&self, written: usize, ended: usize) -> (Fields, bool) {
        let ends = self.ends[..ended].to_vec();
        match std::str::from_utf8(&self.output[..written]) {
            Ok(text) if ends.iter().all(|end| text.is_char_boundary(*end)) => (
                Fields {
                    text: text.to_owned(),
                    ends,
                },
                true,
            ),
            Ok(_) | Err(_) => (Fields::default(), false),
        }
    }
}

impl<R: Read + Seek> Records<R> {
    /// Goes to where a record begins.
    pub(crate) fn go_to(&mut self, place: Place) -> io::Result<()> {
        self.window.go_to(place)
    }
}

/// The lines of a file.
pub(crate) struct Lines<R> {
    window: Window<R>,
}

/// A line: where it begins, its row, and its text.
pub(crate) type Line = (Place, u64, Result<String, RowProblem>);

impl<R: Read> Lines<R> {
    /// Lines from the beginning of a file, its byte order mark left out.
    pub(crate) fn new(input: R) -> io::Result<Self> {
        // A delimiter no line is parted by.
        let Records { window, .. } = Records::new(input, b',')?;
        Ok(Self { window })
    }

    pub(crate) fn place(&self) -> Place {
        self.window.place
    }

    /// The next line that is not empty.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line>> {
        if !self.window.skip_empty_lines()? {
            return Ok(None);
        }
        let place = self.window.place;
        let mut looked = 0;
        let end = loop {
            let held = self.window.held();
            let found = held[looked..]
                .iter()
                .position(|byte| matches!(byte, b'\n' | b'\r'));
            if let Some(at) = found {
                break Some(looked + at);
            }
            looked = held.len();
            if looked > ROW_BYTES_MAX {
                break None;
            }
            if !self.window.fill()? {
                break Some(looked);
            }
        };
        let text = match end {
            Some(end) if end <= ROW_BYTES_MAX => std::str::from_utf8(&self.window.held()[..end])
                .map(str::to_owned)
                .map_err(|_| RowProblem::Encoding),
            Some(_) | None => Err(RowProblem::TooLong),
        };
        self.window.skip_line()?;
        Ok(Some((place, place.row + 1, text)))
    }
}

impl<R: Read + Seek> Lines<R> {
    pub(crate) fn go_to(&mut self, place: Place) -> io::Result<()> {
        self.window.go_to(place)
    }
}
