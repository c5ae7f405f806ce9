//! A tariff as the compiler leaves it: what the evaluator, the pages and the printed table read.

use crate::calendar::Calendar;
use crate::expression::{Expression, Slot};
use crate::number::{Number, Rounding};
use crate::text::{Template, Text};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One version of a tariff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// The tariff, the same in all its versions.
    pub id: String,
    /// The version: its first day, and a number behind a point when it corrects another one.
    pub version: String,
    /// SHA-256 of the file, in small hexadecimal digits.
    pub digest: String,
    /// Digest of the version this one corrects, which is then no longer used.
    pub replaces: Option<String>,
    /// Where the figures come from.
    pub status: Status,
    /// The source of the figures, as the office wrote it.
    pub source: String,
    /// What is worked out.
    pub title: Text,
    /// A sentence before the questions.
    pub intro: Option<Text>,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force, included; open without it.
    pub valid_to: Option<NaiveDate>,
    /// The date among the inputs that picks the version; the day of the quote without it.
    pub selected_by: Option<String>,
    /// Which days are holidays.
    pub calendar: Calendar,
    /// A total below it is not asked for.
    pub not_due_below: Option<Number>,
    /// The acts the rates stand on.
    pub laws: Vec<Law>,
    /// Whose money it is, at most five.
    pub beneficiaries: Vec<Beneficiary>,
    /// The words choices and tables use; [`Expression::Word`] counts in them.
    pub words: Vec<String>,
    /// What the person is asked, in order.
    pub inputs: Vec<Input>,
    /// Tables of rates.
    pub tables: Vec<Table>,
    /// Intermediate results, in order.
    pub steps: Vec<Step>,
    /// Conditions without which there is nothing to work out.
    pub requires: Vec<Rule>,
    /// Conditions under which nothing is due.
    pub exempts: Vec<Rule>,
    /// What the total is made of, in order.
    pub lines: Vec<Line>,
    /// Whether the result may change with the day it is worked out for, within the version.
    pub depends_on_today: bool,
}

impl Tariff {
    /// Whether it is in force on this day.
    pub fn is_in_force(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    /// The slot of an input.
    pub fn input_slot(&self, input: usize) -> Slot {
        slot(1 + input)
    }

    /// The slot of a step.
    pub fn step_slot(&self, step: usize) -> Slot {
        slot(1 + self.inputs.len() + step)
    }

    /// The slot of a line.
    pub fn line_slot(&self, line: usize) -> Slot {
        slot(1 + self.inputs.len() + self.steps.len() + line)
    }
}

/// The compiler bounds the names of a tariff far below.
fn slot(place: usize) -> Slot {
    Slot::try_from(place).unwrap_or(Slot::MAX)
}

/// The versions of a tariff that count: those no other one corrects.
pub fn versions_in_force<'a>(versions: &[&'a Tariff]) -> Vec<&'a Tariff> {
    let corrected = |digest: &str| {
        let mut corrections = versions.iter().filter_map(|version| version.replaces.as_deref());
        corrections.any(|replaced| replaced == digest)
    };
    versions
        .iter()
        .filter(|version| !corrected(&version.digest))
        .copied()
        .collect()
}

/// How sure the figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// From the act itself.
    Real,
    /// Some from the act, some not.
    Partial,
    /// Invented, of a likely shape.
    Illustrative,
    /// Being written: never offered to citizens.
    Draft,
}

impl Status {
    /// All of them.
    pub const ALL: [Status; 4] = [Status::Real, Status::Partial, Status::Illustrative, Status::Draft];

    /// As it is written in a tariff.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Partial => "partial",
            Self::Illustrative => "illustrative",
            Self::Draft => "draft",
        }
    }
}

/// An act a rate stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Law {
    /// Its name within the tariff.
    pub id: String,
    /// How it is quoted. English falls back to Italian: laws are quoted as they are.
    pub text: Text,
    /// Where it can be read.
    pub url: Option<String>,
    /// What it says here.
    pub note: Option<Text>,
}

/// Whose money a line is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beneficiary {
    /// Its name within the tariff.
    pub id: String,
    /// Its name for people.
    pub name: Text,
    /// Category of pagoPA's taxonomy, with the leading `9/`.
    pub taxonomy: String,
    /// Key of the account in the configuration.
    pub account: String,
    /// Whether it is paid by a transfer of its own. Without, the institution collects and passes on.
    pub transfer: bool,
}

/// How a value is written for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Shape {
    /// An amount in euro.
    Money,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// A word; of this input's options when it is one of theirs.
    Choice(Option<u16>),
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Its name within the tariff.
    pub id: String,
    /// The question.
    pub label: Text,
    /// Where to find the answer.
    pub help: Option<Text>,
    /// What is counted.
    pub unit: Option<Text>,
    /// What an answer is.
    pub kind: InputKind,
    /// Asked only when this holds; then [`Input::default`] is there.
    pub ask_when: Option<Expression>,
    /// What it is worth when it is not asked.
    pub default: Option<Value>,
    /// Whether it says something about the person that a shared link must not carry.
    pub personal: bool,
    /// Whether the total never falls when this grows.
    pub monotone: bool,
    /// Where rates change: bounds of tables and numbers it is compared with, in order.
    pub bounds: Vec<Number>,
}

/// What an answer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum InputKind {
    /// A number with at most so many decimals; an integer has none.
    Number(Range),
    /// An amount in euro, to the cent.
    Money(Range),
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// One of these.
    Choice(Vec<ChoiceOption>),
}

impl InputKind {
    /// The bounds of a number or an amount.
    pub fn range(&self) -> Option<&Range> {
        match self {
            Self::Number(range) | Self::Money(range) => Some(range),
            Self::Boolean | Self::Date | Self::Choice(_) => None,
        }
    }
}

/// The bounds of a number, both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The least.
    pub min: Option<Number>,
    /// The most.
    pub max: Option<Number>,
    /// Decimals at most.
    pub decimals: u32,
}

/// An option of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceOption {
    /// Its word.
    pub word: u16,
    /// Its name for people.
    pub label: Text,
}

/// A value while a fee is worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// A number or an amount.
    Number(Number),
    /// Yes or no.
    Boolean(bool),
    /// A day.
    Date(NaiveDate),
    /// One of the tariff's words.
    Word(u16),
}

/// A table of rates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name within the tariff.
    pub id: String,
    /// Its name for people, where the office gives one (`x_label`).
    pub label: Option<Text>,
    /// Names of the inputs or steps its keys are.
    pub keys: Vec<String>,
    /// Its columns; `value` alone when it has one.
    pub columns: Vec<String>,
    /// How its values are written.
    pub shape: Shape,
    /// The unit as the office wrote it: `EUR/m2/giorno`.
    pub unit: Option<String>,
    /// What is in it.
    pub rows: Rows,
}

/// The rows of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rows {
    /// A row for each set of keys.
    Lookup(Vec<LookupRow>),
    /// The whole key falls into one row, up to its bound included.
    Bands(Vec<Band>),
    /// Each part of the key falls into its own row; the parts are summed.
    Slices(Vec<Band>),
    /// Straight lines between points; above the last, one value.
    Interpolate(Vec<Segment>, Option<Number>),
}

/// A row of a lookup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookupRow {
    /// One for each key of the table.
    pub keys: Vec<RowKey>,
    /// One for each column.
    pub values: Vec<Value>,
}

/// What a row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowKey {
    /// This word.
    Word(u16),
    /// Yes or no.
    Boolean(bool),
    /// This whole number.
    Exactly(i64),
    /// This whole number and all above: `6+`.
    AtLeast(i64),
}

/// A band: from where the one before ends, up to a bound included; the last may have none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// Its upper bound, included.
    pub up_to: Option<Number>,
    /// What is paid for the whole, or for each unit of a slice.
    pub value: Number,
}

/// A straight line between two points, both included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// First key.
    pub from: Number,
    /// Last key.
    pub to: Number,
    /// Value at the first key.
    pub start: Number,
    /// Value at the last key.
    pub end: Number,
}

/// An intermediate result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its name within the tariff.
    pub id: String,
    /// What it is.
    pub label: Text,
    /// How it is written.
    pub shape: Shape,
    /// Its unit for people.
    pub unit: Option<Text>,
    /// How it is worked out.
    pub value: Expression,
    /// Exact without it.
    pub round: Option<Rounding>,
    /// Whether others may divide by it.
    pub nonzero: bool,
}

/// A condition with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// When it holds a fee is refused (a requirement negated) or not due (an exemption).
    pub when: Expression,
    /// Its code.
    pub code: String,
    /// What people are told.
    pub message: Template,
    /// The laws it stands on, by place.
    pub laws: Vec<u16>,
}

/// A part of the total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its name within the tariff.
    pub id: String,
    /// What is paid.
    pub label: Template,
    /// Only when this holds.
    pub when: Option<Expression>,
    /// The amount before rounding.
    pub value: Expression,
    /// Always to the cent or coarser.
    pub round: Rounding,
    /// Whose it is, by place.
    pub to: u16,
    /// How it came about.
    pub explain: Option<Template>,
    /// The laws it stands on, by place.
    pub laws: Vec<u16>,
}
