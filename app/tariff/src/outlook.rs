//! What a price does next: until which day it holds, and what would change it.

use crate::answers::{Answer, Answers};
use crate::evaluate::{Question, interview, pick, quote, quote_with};
use crate::model::{InputKind, Tariff, Value};
use crate::number::Number;
use crate::quote::{Outcome, Quote, write_value};
use chrono::{Days, NaiveDate};
use domain::Cents;

/// Days looked ahead at most: a year and some.
pub const DAYS_MAX: u64 = 400;
/// Alternatives shown at most.
const CHANGES_MAX: usize = 8;

/// Until when a price holds.
#[derive(Debug)]
pub struct Holds<'a> {
    /// The last day with this verdict and this total.
    pub until: NaiveDate,
    /// What the day after brings.
    pub then: Quote<'a>,
}

/// The last day with the same verdict and total, and what comes after it. `None` when nothing changes for
/// [`DAYS_MAX`] days.
pub fn holds<'a>(versions: &[&'a Tariff], answers: &Answers, today: NaiveDate) -> Option<Holds<'a>> {
    let now = quote(versions, answers, today);
    let tariff = now.tariff?;
    if tariff.selected_by.is_some() && !tariff.depends_on_today {
        return None;
    }
    let mut until = today;
    for day in today
        .iter_days()
        .skip(1)
        .take(usize::try_from(DAYS_MAX).unwrap_or(usize::MAX))
    {
        // Within a version that does not look at the day nothing can change.
        if !tariff.depends_on_today && tariff.is_in_force(day) && tariff.valid_to.is_none() {
            return None;
        }
        let then = quote(versions, answers, day);
        if then.outcome != now.outcome || then.total != now.total {
            return Some(Holds { until, then });
        }
        until = day;
    }
    None
}

/// The last day a notice with this total may be paid, at most `days` from today.
pub fn last_day(versions: &[&Tariff], answers: &Answers, today: NaiveDate, days: u64) -> NaiveDate {
    let limit = today.checked_add_days(Days::new(days)).unwrap_or(today);
    holds(versions, answers, today).map_or(limit, |holds| holds.until.min(limit))
}

/// Another answer to one question, and what it would cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The question, by place.
    pub input: u16,
    /// The other answer.
    pub value: Value,
    /// The verdict with it.
    pub outcome: Outcome,
    /// The total with it.
    pub total: Cents,
}

/// What would change the total: other options, the next rows of tables on either side. Only what does change it, in
/// the order of the questions.
pub fn changes(versions: &[&Tariff], answers: &Answers, today: NaiveDate) -> Vec<Change> {
    let Ok(Some(tariff)) = pick(versions, answers, today) else {
        return Vec::new();
    };
    let now = quote_with(tariff, answers, today);
    let questions = interview(tariff, answers, today);
    let mut changes = Vec::new();
    for (place, input) in tariff.inputs.iter().enumerate() {
        if questions.get(place) != Some(&Question::Asked(None)) {
            continue;
        }
        let slot = usize::from(tariff.input_slot(place));
        let Some(present) = now.values.get(slot).copied().flatten() else {
            continue;
        };
        for value in alternatives(&input.kind, &input.bounds, present) {
            let with = answers_with(tariff, answers, place, value, today);
            let then = quote_with(tariff, &with, today);
            let comparable = matches!(then.outcome, Outcome::Due | Outcome::NotDue | Outcome::Exempt(_));
            if comparable && (then.total != now.total || then.outcome != now.outcome) {
                changes.push(Change {
                    input: u16::try_from(place).unwrap_or(u16::MAX),
                    value,
                    outcome: then.outcome,
                    total: then.total,
                });
            }
        }
        if changes.len() >= CHANGES_MAX {
            changes.truncate(CHANGES_MAX);
            break;
        }
    }
    changes
}

/// The answers with another one in this place. Questions that are then no longer asked lose theirs.
fn answers_with(tariff: &Tariff, answers: &Answers, place: usize, value: Value, today: NaiveDate) -> Answers {
    let mut with = answers.clone();
    if let Some(input) = tariff.inputs.get(place) {
        with.set(
            &input.id,
            Answer::Text(write_value(tariff, value, crate::model::Shape::Number)),
        );
    }
    let questions = interview(tariff, &with, today);
    for (input, question) in tariff.inputs.iter().zip(questions) {
        if question == Question::Skipped {
            with.remove(&input.id);
        }
    }
    with
}

fn alternatives(kind: &InputKind, bounds: &[Number], present: Value) -> Vec<Value> {
    match (kind, present) {
        (InputKind::Boolean, Value::Boolean(truth)) => vec![Value::Boolean(!truth)],
        (InputKind::Choice(options), Value::Word(word)) => options
            .iter()
            .map(|option| Value::Word(option.word))
            .filter(|value| *value != Value::Word(word))
            .collect(),
        (InputKind::Number(range) | InputKind::Money(range), Value::Number(number)) => {
            let quantum = Number::from_parts(1, range.decimals).unwrap_or(Number::ONE);
            // The last of the row below, and the first of the row above.
            let below = bounds.iter().rev().find(|bound| **bound < number).copied();
            let above = bounds
                .iter()
                .find(|bound| **bound >= number)
                .and_then(|bound| bound.checked_add(quantum));
            [below, above]
                .into_iter()
                .flatten()
                .filter(|value| {
                    range.min.is_none_or(|min| *value >= min) && range.max.is_none_or(|max| *value <= max)
                })
                .map(Value::Number)
                .collect()
        }
        (
            InputKind::Boolean
            | InputKind::Date
            | InputKind::Choice(_)
            | InputKind::Number(_)
            | InputKind::Money(_),
            _,
        ) => Vec::new(),
    }
}
