//! Works out a fee: pure, bounded by the size of the tariff, never panics.

use crate::answers::{self, AnswerProblem, Answers, YEARS};
use crate::expression::{Expression, Operator, Slot, TODAY};
use crate::model::{Band, Rows, Segment, Tariff, Value};
use crate::number::Number;
use crate::quote::{Outcome, Quote, QuoteLine, RowUsed};
use chrono::{Datelike, Days, NaiveDate};
use domain::Cents;

/// Rows noted for one quote at most.
const ROWS_NOTED_MAX: usize = 256;

/// Why rates do not work. The compiler tries each tariff on a grid of answers and refuses those where it meets one; what
/// it did not meet ends here, and nothing is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// More digits than can be exact.
    Overflow,
    /// Division by zero.
    ZeroDivisor,
    /// No row of the table is for this key.
    NoRow,
    /// Part of a day was to be added to a day.
    PartOfDay,
    /// A day beyond the years that are known.
    FarDay,
    /// Less than nothing for somebody.
    Negative,
    /// Not what the compiler wrote.
    Damaged,
}

impl Fault {
    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Overflow => "overflow",
            Self::ZeroDivisor => "zero_divisor",
            Self::NoRow => "no_row",
            Self::PartOfDay => "part_of_day",
            Self::FarDay => "far_day",
            Self::Negative => "negative",
            Self::Damaged => "damaged",
        }
    }
}

/// Works out the fee with the version that is in force. `versions` are those of one tariff that count, in any order.
/// `today` is the civil day in Europe/Rome.
pub fn quote<'a>(versions: &[&'a Tariff], answers: &Answers, today: NaiveDate) -> Quote<'a> {
    match pick(versions, answers, today) {
        Ok(Some(tariff)) => quote_with(tariff, answers, today),
        Ok(None) => Quote::ended(None, Outcome::NotInForce),
        Err((field, problem)) => Quote::ended(None, Outcome::Invalid { field, problem }),
    }
}

/// The version in force on the day that picks it; never the nearest one.
///
/// # Errors
/// The date that picks it, when it cannot be used.
pub fn pick<'a>(
    versions: &[&'a Tariff],
    answers: &Answers,
    today: NaiveDate,
) -> Result<Option<&'a Tariff>, (String, AnswerProblem)> {
    let Some(any) = versions.first() else {
        return Ok(None);
    };
    let day = match &any.selected_by {
        None => today,
        Some(field) => answers
            .get(field)
            .ok_or(AnswerProblem::Missing)
            .and_then(|answer| match answer {
                answers::Answer::Text(text) => answers::read_date(text),
                answers::Answer::Boolean(_) | answers::Answer::Whole(_) | answers::Answer::Unusable => {
                    Err(AnswerProblem::Type)
                }
            })
            .map_err(|problem| (field.clone(), problem))?,
    };
    Ok(versions.iter().find(|tariff| tariff.is_in_force(day)).copied())
}

/// Works out the fee with this version, whichever day picks it.
pub fn quote_with<'a>(tariff: &'a Tariff, answers: &Answers, today: NaiveDate) -> Quote<'a> {
    let mut work = Work::new(tariff, today);
    let outcome = work.run(answers).unwrap_or_else(|outcome| outcome);
    work.finish(outcome)
}

/// Where a question stands with the answers so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// To be asked; with what is wrong with its answer, if anything is.
    Asked(Option<AnswerProblem>),
    /// Not asked, and worth its default.
    Skipped,
    /// Whether it is asked depends on answers that are still missing.
    Later,
}

/// Where each question of the version stands, in order: which to show, and what to say beside them.
pub fn interview(tariff: &Tariff, answers: &Answers, today: NaiveDate) -> Vec<Question> {
    let mut work = Work::new(tariff, today);
    let mut questions = Vec::with_capacity(tariff.inputs.len());
    for (place, input) in tariff.inputs.iter().enumerate() {
        let asked = input.ask_when.as_ref().map(|when| work.boolean(when));
        let question = match asked {
            // A name without a value is a question without an answer.
            Some(Err(_)) => Question::Later,
            Some(Ok(false)) => {
                work.set(tariff.input_slot(place), input.default);
                Question::Skipped
            }
            Some(Ok(true)) | None => {
                let read = answers
                    .get(&input.id)
                    .ok_or(AnswerProblem::Missing)
                    .and_then(|answer| answers::read(tariff, input, answer));
                work.set(tariff.input_slot(place), read.ok());
                Question::Asked(read.err())
            }
        };
        questions.push(question);
    }
    questions
}

/// What an expression is worth with these values; nothing when it has none.
pub fn value_of(tariff: &Tariff, values: &[Option<Value>], expression: &Expression) -> Option<Value> {
    Work::with(tariff, values).value(expression).ok()
}

/// The row a look-up uses with these values; nothing when there is none.
#[cfg(feature = "compiler")]
pub(crate) fn row_of(tariff: &Tariff, values: &[Option<Value>], look_up: &Expression) -> Option<u16> {
    let mut work = Work::with(tariff, values);
    work.value(look_up).ok()?;
    // Those its keys look up come before it.
    work.rows.last().map(|used| used.row)
}

/// A quote being worked out.
struct Work<'a> {
    tariff: &'a Tariff,
    values: Vec<Option<Value>>,
    /// The rows that were looked up.
    rows: Vec<RowUsed>,
    /// What is being worked out: the slot of a step or a line; that of today while it is neither.
    working_on: Slot,
    lines: Vec<QuoteLine>,
    split: Vec<(u16, Cents)>,
    total: Cents,
}

impl<'a> Work<'a> {
    fn new(tariff: &'a Tariff, today: NaiveDate) -> Self {
        let names = 1 + tariff.inputs.len() + tariff.steps.len() + tariff.lines.len();
        let mut values = vec![None; names];
        values[usize::from(TODAY)] = Some(Value::Date(today));
        Self {
            tariff,
            values,
            rows: Vec::new(),
            working_on: TODAY,
            lines: Vec::new(),
            split: Vec::new(),
            total: Cents::ZERO,
        }
    }

    /// With these values, by slot.
    fn with(tariff: &'a Tariff, values: &[Option<Value>]) -> Self {
        let mut work = Self::new(tariff, NaiveDate::MIN);
        for (slot, value) in values.iter().enumerate() {
            work.set(index(slot), *value);
        }
        work
    }

    fn set(&mut self, slot: u16, value: Option<Value>) {
        if let Some(place) = self.values.get_mut(usize::from(slot)) {
            *place = value;
        }
    }

    fn finish(self, outcome: Outcome) -> Quote<'a> {
        Quote {
            tariff: Some(self.tariff),
            outcome,
            values: self.values,
            rows: self.rows,
            lines: self.lines,
            split: self.split,
            total: self.total,
        }
    }

    /// The order of the specification: inputs, steps, requirements, exemptions, lines, total. Either way an outcome.
    fn run(&mut self, answers: &Answers) -> Result<Outcome, Outcome> {
        let tariff = self.tariff;
        self.read_answers(answers)?;
        for (place, step) in tariff.steps.iter().enumerate() {
            self.working_on = tariff.step_slot(place);
            let value = self.step(step).map_err(|fault| unworkable(&step.id, fault))?;
            self.set(self.working_on, Some(value));
        }
        self.working_on = TODAY;
        for (place, rule) in tariff.requires.iter().enumerate() {
            if self
                .boolean(&rule.when)
                .map_err(|fault| unworkable(&rule.code, fault))?
            {
                return Ok(Outcome::Refused(index(place)));
            }
        }
        for (place, rule) in tariff.exempts.iter().enumerate() {
            if self
                .boolean(&rule.when)
                .map_err(|fault| unworkable(&rule.code, fault))?
            {
                return Ok(Outcome::Exempt(Some(index(place))));
            }
        }
        for place in 0..tariff.lines.len() {
            let line = &tariff.lines[place];
            self.line(place).map_err(|fault| unworkable(&line.id, fault))?;
        }
        self.judge()
    }

    fn read_answers(&mut self, answers: &Answers) -> Result<(), Outcome> {
        let tariff = self.tariff;
        let invalid = |field: &str, problem| Outcome::Invalid {
            field: field.to_owned(),
            problem,
        };
        let known = |id: &str| tariff.inputs.iter().any(|input| input.id == id);
        if let Some((id, _)) = answers.iter().find(|(id, _)| !known(id)) {
            return Err(invalid(id, AnswerProblem::Unknown));
        }
        for (place, input) in tariff.inputs.iter().enumerate() {
            let asked = match &input.ask_when {
                None => true,
                Some(when) => self.boolean(when).map_err(|fault| unworkable(&input.id, fault))?,
            };
            let value = match (asked, answers.get(&input.id)) {
                (true, Some(answer)) => {
                    answers::read(tariff, input, answer).map_err(|problem| invalid(&input.id, problem))?
                }
                (true, None) => return Err(invalid(&input.id, AnswerProblem::Missing)),
                (false, Some(_)) => return Err(invalid(&input.id, AnswerProblem::NotAsked)),
                (false, None) => input
                    .default
                    .ok_or_else(|| unworkable(&input.id, Fault::Damaged))?,
            };
            self.set(tariff.input_slot(place), Some(value));
        }
        Ok(())
    }

    fn step(&mut self, step: &crate::model::Step) -> Result<Value, Fault> {
        let value = match (self.value(&step.value)?, step.round) {
            (Value::Number(number), Some(rounding)) => {
                Value::Number(number.rounded(rounding).ok_or(Fault::Overflow)?)
            }
            (value, _) => value,
        };
        match value {
            Value::Number(number) if step.nonzero && number.is_zero() => Err(Fault::ZeroDivisor),
            value => Ok(value),
        }
    }

    fn line(&mut self, place: usize) -> Result<(), Fault> {
        let line = &self.tariff.lines[place];
        let slot = self.tariff.line_slot(place);
        let applies = match &line.when {
            None => true,
            Some(when) => self.boolean(when)?,
        };
        if !applies {
            self.set(slot, Some(Value::Number(Number::ZERO)));
            return Ok(());
        }
        self.working_on = slot;
        let exact = self.number(&line.value)?;
        let rounded = exact.rounded(line.round).ok_or(Fault::Overflow)?;
        let amount = rounded.to_cents().ok_or(Fault::Overflow)?;
        self.set(slot, Some(Value::Number(rounded)));
        self.total = self.total.checked_add(amount).ok_or(Fault::Overflow)?;
        match self.split.iter_mut().find(|(to, _)| *to == line.to) {
            Some((_, share)) => *share = share.checked_add(amount).ok_or(Fault::Overflow)?,
            None => self.split.push((line.to, amount)),
        }
        self.lines.push(QuoteLine {
            line: index(place),
            exact,
            amount,
        });
        Ok(())
    }

    fn judge(&mut self) -> Result<Outcome, Outcome> {
        // In the order of the file, whichever line came first.
        self.split.sort_unstable_by_key(|(to, _)| *to);
        if self.total == Cents::ZERO {
            return Ok(Outcome::Exempt(None));
        }
        let below = |bound: Number| Number::from_cents(self.total) < bound;
        if self.total > Cents::ZERO && self.tariff.not_due_below.is_some_and(below) {
            return Ok(Outcome::NotDue);
        }
        if let Some((to, _)) = self.split.iter().find(|(_, share)| *share < Cents::ZERO) {
            let beneficiary = self.tariff.beneficiaries.get(usize::from(*to));
            let name = beneficiary.map_or("", |beneficiary| &beneficiary.id);
            return Err(unworkable(name, Fault::Negative));
        }
        if self.total > Cents::MAX_WIRE {
            return Err(unworkable("total", Fault::Overflow));
        }
        Ok(Outcome::Due)
    }

    fn number(&mut self, expression: &Expression) -> Result<Number, Fault> {
        match self.value(expression)? {
            Value::Number(number) => Ok(number),
            Value::Boolean(_) | Value::Date(_) | Value::Word(_) => Err(Fault::Damaged),
        }
    }

    fn boolean(&mut self, expression: &Expression) -> Result<bool, Fault> {
        match self.value(expression)? {
            Value::Boolean(truth) => Ok(truth),
            Value::Number(_) | Value::Date(_) | Value::Word(_) => Err(Fault::Damaged),
        }
    }

    fn date(&mut self, expression: &Expression) -> Result<NaiveDate, Fault> {
        match self.value(expression)? {
            Value::Date(day) => Ok(day),
            Value::Number(_) | Value::Boolean(_) | Value::Word(_) => Err(Fault::Damaged),
        }
    }

    fn value(&mut self, expression: &Expression) -> Result<Value, Fault> {
        Ok(match expression {
            Expression::Number(number) | Expression::Amount(number) => Value::Number(*number),
            Expression::Boolean(truth) => Value::Boolean(*truth),
            Expression::Word(word) => Value::Word(*word),
            Expression::Name(slot) => self
                .values
                .get(usize::from(*slot))
                .copied()
                .flatten()
                .ok_or(Fault::Damaged)?,
            Expression::Negated(inner) => Value::Number(self.number(inner)?.negated()),
            Expression::Not(inner) => Value::Boolean(!self.boolean(inner)?),
            Expression::Binary(operator, operands) => self.binary(*operator, &operands.0, &operands.1)?,
            Expression::If(parts) => {
                let branch = if self.boolean(&parts.0)? {
                    &parts.1
                } else {
                    &parts.2
                };
                self.value(branch)?
            }
            Expression::Round(inner, rounding) => {
                Value::Number(self.number(inner)?.rounded(*rounding).ok_or(Fault::Overflow)?)
            }
            Expression::AddDays(parts) => {
                let (day, days) = (self.date(&parts.0)?, self.number(&parts.1)?);
                Value::Date(add_days(day, days)?)
            }
            Expression::Roll(inner, roll) => {
                let day = self.date(inner)?;
                Value::Date(self.tariff.calendar.roll(day, *roll).ok_or(Fault::FarDay)?)
            }
            Expression::Year(inner) => Value::Number(Number::from_i64(i64::from(self.date(inner)?.year()))),
            Expression::DaysInYear(inner) => {
                let days = if self.date(inner)?.leap_year() { 366 } else { 365 };
                Value::Number(Number::from_i64(days))
            }
            Expression::Table(table, column, keys) => self.look_up(*table, *column, keys)?,
        })
    }

    fn binary(&mut self, operator: Operator, a: &Expression, b: &Expression) -> Result<Value, Fault> {
        let exact = |number: Option<Number>| number.map(Value::Number).ok_or(Fault::Overflow);
        match operator {
            Operator::And => Ok(Value::Boolean(self.boolean(a)? && self.boolean(b)?)),
            Operator::Or => Ok(Value::Boolean(self.boolean(a)? || self.boolean(b)?)),
            Operator::Add => exact(self.number(a)?.checked_add(self.number(b)?)),
            Operator::Subtract => exact(self.number(a)?.checked_sub(self.number(b)?)),
            Operator::Multiply => exact(self.number(a)?.checked_mul(self.number(b)?)),
            Operator::Divide => {
                let (dividend, divisor) = (self.number(a)?, self.number(b)?);
                if divisor.is_zero() {
                    return Err(Fault::ZeroDivisor);
                }
                exact(dividend.checked_div(divisor))
            }
            Operator::DaysBetween => {
                let days = self.date(a)?.signed_duration_since(self.date(b)?).num_days();
                Ok(Value::Number(Number::from_i64(days)))
            }
            Operator::Minimum | Operator::Maximum => {
                let (first, second) = (self.value(a)?, self.value(b)?);
                let first_is_less = compare(first, second)?.is_le();
                Ok(if (operator == Operator::Minimum) == first_is_less {
                    first
                } else {
                    second
                })
            }
            Operator::Equal => Ok(Value::Boolean(self.value(a)? == self.value(b)?)),
            Operator::NotEqual => Ok(Value::Boolean(self.value(a)? != self.value(b)?)),
            Operator::Less => Ok(Value::Boolean(self.ordering(a, b)?.is_lt())),
            Operator::LessOrEqual => Ok(Value::Boolean(self.ordering(a, b)?.is_le())),
            Operator::Greater => Ok(Value::Boolean(self.ordering(a, b)?.is_gt())),
            Operator::GreaterOrEqual => Ok(Value::Boolean(self.ordering(a, b)?.is_ge())),
        }
    }

    fn ordering(&mut self, a: &Expression, b: &Expression) -> Result<std::cmp::Ordering, Fault> {
        compare(self.value(a)?, self.value(b)?)
    }

    fn look_up(&mut self, table: u16, column: u16, keys: &[Expression]) -> Result<Value, Fault> {
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            found.push(self.value(key)?);
        }
        let rows = &self
            .tariff
            .tables
            .get(usize::from(table))
            .ok_or(Fault::Damaged)?
            .rows;
        let single = match found.first() {
            Some(Value::Number(key)) if found.len() == 1 => Some(*key),
            Some(Value::Number(_) | Value::Boolean(_) | Value::Date(_) | Value::Word(_)) | None => None,
        };
        let numeric = single.ok_or(Fault::Damaged);
        let (row, value) = match rows {
            Rows::Lookup(rows) => {
                let row = rows
                    .iter()
                    .position(|row| {
                        row.keys.len() == found.len()
                            && row.keys.iter().zip(&found).all(|(key, value)| key.is_for(*value))
                    })
                    .ok_or(Fault::NoRow)?;
                let value = rows[row].values.get(usize::from(column)).ok_or(Fault::Damaged)?;
                (row, *value)
            }
            Rows::Bands(bands) => {
                let row = band_of(bands, numeric?).ok_or(Fault::NoRow)?;
                (row, Value::Number(bands[row].value))
            }
            Rows::Slices(bands) => {
                let key = numeric?;
                let row = band_of(bands, key).ok_or(Fault::NoRow)?;
                (
                    row,
                    Value::Number(sliced(bands, row, key).ok_or(Fault::Overflow)?),
                )
            }
            Rows::Interpolate(segments, beyond) => interpolate(segments, *beyond, numeric?)?,
        };
        if self.rows.len() < ROWS_NOTED_MAX {
            self.rows.push(RowUsed {
                by: self.working_on,
                table,
                row: index(row),
                key: single,
            });
        }
        Ok(value)
    }
}

fn unworkable(at: &str, fault: Fault) -> Outcome {
    Outcome::Unworkable {
        at: at.to_owned(),
        fault,
    }
}

/// The compiler bounds every list of a tariff far below.
fn index(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

fn compare(a: Value, b: Value) -> Result<std::cmp::Ordering, Fault> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Ok(a.cmp(&b)),
        (Value::Date(a), Value::Date(b)) => Ok(a.cmp(&b)),
        (Value::Number(_) | Value::Date(_) | Value::Boolean(_) | Value::Word(_), _) => Err(Fault::Damaged),
    }
}

fn add_days(day: NaiveDate, days: Number) -> Result<NaiveDate, Fault> {
    if !days.is_whole() {
        return Err(Fault::PartOfDay);
    }
    let days = days.to_i64().ok_or(Fault::FarDay)?;
    let moved = if days < 0 {
        day.checked_sub_days(Days::new(days.unsigned_abs()))
    } else {
        day.checked_add_days(Days::new(days.unsigned_abs()))
    };
    moved
        .filter(|day| YEARS.contains(&day.year()))
        .ok_or(Fault::FarDay)
}

impl crate::model::RowKey {
    /// Whether the row is for this key.
    pub(crate) fn is_for(self, value: Value) -> bool {
        match (self, value) {
            (Self::Word(word), Value::Word(value)) => word == value,
            (Self::Boolean(truth), Value::Boolean(value)) => truth == value,
            (Self::Exactly(whole), Value::Number(value)) => value == Number::from_i64(whole),
            (Self::AtLeast(whole), Value::Number(value)) => value >= Number::from_i64(whole),
            (Self::Word(_) | Self::Boolean(_) | Self::Exactly(_) | Self::AtLeast(_), _) => false,
        }
    }
}

/// The first band whose bound is not below the key.
fn band_of(bands: &[Band], key: Number) -> Option<usize> {
    bands
        .iter()
        .position(|band| band.up_to.is_none_or(|bound| key <= bound))
}

/// The sum of the parts of the key that fall into each band up to `last`. Below zero there is nothing.
fn sliced(bands: &[Band], last: usize, key: Number) -> Option<Number> {
    let mut sum = Number::ZERO;
    let mut begin = Number::ZERO;
    for (place, band) in bands.iter().enumerate().take(last + 1) {
        let end = match band.up_to {
            Some(bound) if place < last => bound,
            Some(_) | None => key,
        };
        if end > begin {
            sum = sum.checked_add(end.checked_sub(begin)?.checked_mul(band.value)?)?;
            begin = end;
        }
    }
    Some(sum)
}

/// One division, the last thing done: whoever rounds the result to the cent rounds the exact one.
fn interpolate(segments: &[Segment], beyond: Option<Number>, key: Number) -> Result<(usize, Value), Fault> {
    for (place, segment) in segments.iter().enumerate() {
        if key < segment.from {
            return Err(Fault::NoRow);
        }
        if key <= segment.to {
            let value = on_segment(segment, key).ok_or(Fault::Overflow)?;
            return Ok((place, Value::Number(value)));
        }
    }
    let beyond = beyond.ok_or(Fault::NoRow)?;
    Ok((segments.len(), Value::Number(beyond)))
}

fn on_segment(segment: &Segment, key: Number) -> Option<Number> {
    let width = segment.to.checked_sub(segment.from)?;
    if width.is_zero() || segment.start == segment.end {
        return Some(segment.start);
    }
    let base = segment.start.checked_mul(width)?;
    let rise = key
        .checked_sub(segment.from)?
        .checked_mul(segment.end.checked_sub(segment.start)?)?;
    base.checked_add(rise)?.checked_div(width)
}
