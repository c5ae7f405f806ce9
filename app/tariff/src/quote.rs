//! What came out: the verdict, the lines, whose money it is.

use crate::answers::AnswerProblem;
use crate::evaluate::Fault;
use crate::expression::Slot;
use crate::model::{Rows, Shape, Tariff, Value};
use crate::number::Number;
use domain::Cents;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// A fee worked out, or why there is none.
#[derive(Debug, Clone)]
pub struct Quote<'a> {
    /// The version that was used; none when none was in force, or the date that picks it was not usable.
    pub tariff: Option<&'a Tariff>,
    /// The verdict.
    pub outcome: Outcome,
    /// What each name was worth: today, inputs, steps, lines. As far as it came.
    pub values: Vec<Option<Value>>,
    /// The rows of tables that were looked up, in order.
    pub rows: Vec<RowUsed>,
    /// The lines that apply, in order.
    pub lines: Vec<QuoteLine>,
    /// What each beneficiary gets, by place in the tariff; only those a line is for.
    pub split: Vec<(u16, Cents)>,
    /// The sum of the lines.
    pub total: Cents,
}

/// The verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The total is due.
    Due,
    /// The total is below what is asked for.
    NotDue,
    /// Nothing is due, by the exemption in this place; by the sum itself without one.
    Exempt(Option<u16>),
    /// There is nothing to work out, by the requirement in this place.
    Refused(u16),
    /// An answer cannot be used.
    Invalid {
        /// The question.
        field: String,
        /// What is wrong.
        problem: AnswerProblem,
    },
    /// No version is in force on the day that picks it.
    NotInForce,
    /// The rates themselves do not work for these answers: an error of the office.
    Unworkable {
        /// The step or line that could not be worked out.
        at: String,
        /// Why.
        fault: Fault,
    },
}

impl Outcome {
    /// As it is written in an example.
    pub const fn status(&self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::NotDue => "not_due",
            Self::Exempt(_) => "exempt",
            Self::Refused(_) => "refused",
            Self::Invalid { .. } => "invalid",
            Self::NotInForce => "not_in_force",
            Self::Unworkable { .. } => "unworkable",
        }
    }
}

/// A line that applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteLine {
    /// Its place in the tariff.
    pub line: u16,
    /// Before rounding.
    pub exact: Number,
    /// After it.
    pub amount: Cents,
}

/// A row of a table that was looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowUsed {
    /// The step or line that looked it up; today's slot when it was a condition.
    pub by: Slot,
    /// The table, by place.
    pub table: u16,
    /// The row, by place. Of a table of segments the place after the last is what holds beyond them.
    pub row: u16,
    /// The key, when it is a single number.
    pub key: Option<Number>,
}

impl<'a> Quote<'a> {
    /// A quote that ended before anything was worked out.
    pub(crate) fn ended(tariff: Option<&'a Tariff>, outcome: Outcome) -> Self {
        Self {
            tariff,
            outcome,
            values: Vec::new(),
            rows: Vec::new(),
            lines: Vec::new(),
            split: Vec::new(),
            total: Cents::ZERO,
        }
    }

    /// The code of the rule or of the problem.
    pub fn code(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Due | Outcome::NotDue | Outcome::NotInForce => None,
            Outcome::Exempt(None) => Some("zero"),
            Outcome::Exempt(Some(rule)) => Some(&self.tariff?.exempts.get(usize::from(*rule))?.code),
            Outcome::Refused(rule) => Some(&self.tariff?.requires.get(usize::from(*rule))?.code),
            Outcome::Invalid { problem, .. } => Some(problem.code()),
            Outcome::Unworkable { fault, .. } => Some(fault.code()),
        }
    }

    /// The question or the step the code is about.
    pub fn field(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Invalid { field, .. } => Some(field),
            Outcome::Unworkable { at, .. } => Some(at),
            Outcome::Due
            | Outcome::NotDue
            | Outcome::Exempt(_)
            | Outcome::Refused(_)
            | Outcome::NotInForce => None,
        }
    }

    /// What a name is worth, written as in an example.
    fn written(&self, tariff: &Tariff, slot: u16, shape: Shape) -> Option<String> {
        let value = (*self.values.get(usize::from(slot))?)?;
        Some(write_value(tariff, value, shape))
    }
}

/// A value as an example writes it: amounts with two decimals at least, days as `2026-03-10`, words as they are.
pub fn write_value(tariff: &Tariff, value: Value, shape: Shape) -> String {
    match value {
        Value::Number(number) => match shape {
            Shape::Money => number.money(),
            Shape::Number | Shape::Boolean | Shape::Date | Shape::Choice(_) => number.plain(),
        },
        Value::Boolean(truth) => truth.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Word(word) => tariff.words.get(usize::from(word)).cloned().unwrap_or_default(),
    }
}

/// The same shape as the `expect` of an example, and the digest of the version.
impl Serialize for Quote<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let Some(tariff) = self.tariff else {
            map.serialize_entry("status", self.outcome.status())?;
            if let Some(field) = self.field() {
                map.serialize_entry("field", field)?;
            }
            if let Some(code) = self.code() {
                map.serialize_entry("code", code)?;
            }
            return map.end();
        };
        map.serialize_entry("version", &tariff.version)?;
        map.serialize_entry("status", self.outcome.status())?;
        if let Some(code) = self.code() {
            map.serialize_entry("code", code)?;
        }
        if let Some(field) = self.field() {
            map.serialize_entry("field", field)?;
        }
        let (has_steps, has_lines) = match self.outcome {
            Outcome::Due | Outcome::NotDue | Outcome::Exempt(_) => (true, true),
            Outcome::Refused(_) => (true, false),
            Outcome::Invalid { .. } | Outcome::NotInForce | Outcome::Unworkable { .. } => (false, false),
        };
        if has_steps {
            let steps = tariff.steps.iter().enumerate().filter_map(|(place, step)| {
                let written = self.written(tariff, tariff.step_slot(place), step.shape)?;
                Some((step.id.as_str(), written))
            });
            map.serialize_entry("steps", &Entries(steps.collect()))?;
        }
        if has_lines {
            let lines = self.lines.iter().filter_map(|line| {
                let id = &tariff.lines.get(usize::from(line.line))?.id;
                Some((id.as_str(), line.amount.to_wire()))
            });
            map.serialize_entry("lines", &Entries(lines.collect()))?;
            let split = self.split.iter().filter_map(|(beneficiary, amount)| {
                let id = &tariff.beneficiaries.get(usize::from(*beneficiary))?.id;
                Some((id.as_str(), amount.to_wire()))
            });
            map.serialize_entry("split", &Entries(split.collect()))?;
            map.serialize_entry("total", &self.total.to_wire())?;
        }
        map.serialize_entry("digest", &tariff.digest)?;
        map.end()
    }
}

/// Pairs as an object that keeps their order.
struct Entries<'a>(Vec<(&'a str, String)>);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl RowUsed {
    /// The bounds of the band or segment, both included: `(4800.01, 16500.00)`. Nothing where a side is open.
    pub fn bounds(&self, tariff: &Tariff) -> (Option<Number>, Option<Number>) {
        let row = usize::from(self.row);
        match tariff
            .tables
            .get(usize::from(self.table))
            .map(|table| &table.rows)
        {
            Some(Rows::Bands(bands) | Rows::Slices(bands)) => (
                row.checked_sub(1)
                    .and_then(|before| bands.get(before))
                    .and_then(|band| band.up_to),
                bands.get(row).and_then(|band| band.up_to),
            ),
            Some(Rows::Interpolate(segments, _)) => match segments.get(row) {
                Some(segment) => (Some(segment.from), Some(segment.to)),
                None => (segments.last().map(|last| last.to), None),
            },
            Some(Rows::Lookup(_)) | None => (None, None),
        }
    }
}
