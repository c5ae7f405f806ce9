//! Where one quantum or one day more changes the total otherwise than just before and just after: what an office
//! confirms.
//!
//! A total jumps where something is decided otherwise: a comparison turns, another row of a table is used. What decides
//! may be worked out from several answers, and a deadline from a day and the holidays after it, so the place is searched:
//! from the answers of each example one answer, or today, is moved along all it can be, and between two places where
//! something is decided otherwise the search halves until they are neighbours. What is decided otherwise only between two
//! places that are tried, and back again, is not found.

use super::Compiled;
use super::bounds::expressions;
use super::probe::{OPEN_MAX, OPEN_MIN, TOLD_MAX};
use crate::answers::{self, Answer, Answers};
use crate::evaluate::{quote_with, row_of, value_of};
use crate::expression::{Expression, Operator};
use crate::model::{Input, InputKind, Rows, Tariff, Value};
use crate::number::{Mode, Number, Rounding};
use crate::quote::Outcome;
use chrono::{Datelike, NaiveDate};
use domain::Cents;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

/// Days tried before and after the one an example has.
const DAYS_AROUND: i32 = 400;
/// Days between two that are tried at first.
const DAYS_APART: usize = 7;
/// Parts the range of a number is tried in at first.
const PARTS: i64 = 16;
/// The place of the largest number that is moved to, so that places can be added.
const PLACE_MAX: i64 = 1 << 60;
/// Decisions watched in one tariff at most.
const DECISIONS_MAX: usize = 400;
/// Quotes tried for one tariff at most.
const TRIES_MAX: usize = 50_000;
/// Parts of expressions worked out for one tariff at most.
const WORK_MAX: usize = 20_000_000;

/// A place where one quantum or one day more costs a different amount than elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jump {
    /// The example whose other answers are used.
    pub example: String,
    /// The question; nothing when it is today that moves on.
    pub input: Option<String>,
    /// The last answer, or the last day, before the jump.
    pub before: Value,
    /// The total with it.
    pub total_before: Cents,
    /// The total one quantum or one day later.
    pub total_after: Cents,
}

/// The jumps of a file, each told once, with the first example that shows it.
pub fn jumps(file: &Compiled) -> Vec<Jump> {
    let tariff = &file.tariff;
    let decisions = decisions(tariff);
    let mut tries = tries(tariff, &decisions);
    let steps = tariff.lines.iter().filter_map(|line| line.round.step.to_cents());
    let rounding = steps.map(Cents::as_i64).max().unwrap_or(1);
    let mut jumps = Vec::new();
    // Where it is, and what is decided otherwise there: one of the two has not been told before.
    let mut places: BTreeSet<(Option<usize>, i64)> = BTreeSet::new();
    let mut turns: BTreeSet<(Option<usize>, Turn)> = BTreeSet::new();
    for example in &file.examples {
        let questions = (0..tariff.inputs.len()).map(Some);
        let today = tariff.depends_on_today.then_some(None);
        for moved in questions.chain(today) {
            let Some(axis) = Axis::new(tariff, moved, &example.inputs, example.today) else {
                continue;
            };
            let mut search = Search {
                tariff,
                decisions: &decisions,
                axis: &axis,
                answers: &example.inputs,
                today: example.today,
                rounding,
                trials: BTreeMap::new(),
                tries: &mut tries,
            };
            for at in search.turning_places() {
                let Some((total_before, total_after)) = search.jump(at) else {
                    continue;
                };
                let turned = search.turns(at);
                let is_new = turned.iter().any(|turn| !turns.contains(&(moved, *turn)));
                if !is_new || !places.insert((moved, at)) || jumps.len() >= TOLD_MAX {
                    continue;
                }
                turns.extend(turned.into_iter().map(|turn| (moved, turn)));
                if let Some(before) = axis.value(at) {
                    jumps.push(Jump {
                        example: example.name.clone(),
                        input: moved.map(|place| tariff.inputs[place].id.clone()),
                        before,
                        total_before,
                        total_after,
                    });
                }
            }
        }
    }
    jumps
}

/// What decides in a tariff: comparisons, and the rows of tables that are not summed part by part.
fn decisions(tariff: &Tariff) -> Vec<&Expression> {
    fn collect<'a>(tariff: &Tariff, expression: &'a Expression, found: &mut Vec<&'a Expression>) {
        for part in expression.parts() {
            collect(tariff, part, found);
        }
        let decides = if let Expression::Binary(operator, _) = expression {
            compares(*operator)
        } else if let Expression::Table(table, ..) = expression {
            let table = tariff.tables.get(usize::from(*table));
            table.is_some_and(|table| !matches!(table.rows, Rows::Slices(_)))
        } else {
            false
        };
        if decides && found.len() < DECISIONS_MAX && !found.contains(&expression) {
            found.push(expression);
        }
    }
    let mut found = Vec::new();
    for expression in all(tariff) {
        collect(tariff, expression, &mut found);
    }
    found
}

fn compares(operator: Operator) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::Equal | O::NotEqual | O::Less | O::LessOrEqual | O::Greater | O::GreaterOrEqual
    )
}

fn all(tariff: &Tariff) -> Vec<&Expression> {
    expressions(
        &tariff.inputs,
        &tariff.steps,
        &tariff.requires,
        &tariff.exempts,
        &tariff.lines,
    )
}

/// How many quotes may be tried: fewer when each is much work.
fn tries(tariff: &Tariff, decisions: &[&Expression]) -> usize {
    fn size(expression: &Expression) -> usize {
        1 + expression.parts().into_iter().map(size).sum::<usize>()
    }
    let every = all(tariff).into_iter().chain(decisions.iter().copied());
    let work: usize = every.map(size).sum();
    (WORK_MAX / work.max(1)).min(TRIES_MAX)
}

/// What a decision came to: the row, or which side of a comparison is larger, or whether it holds. Nothing where it
/// cannot be worked out.
type Decided = Option<u16>;

/// That both sides are equal; for what has no order it is that they are, too.
const EQUAL: u16 = 1;

/// A decision, by place, that is one thing before and another after.
type Turn = (usize, Decided, Decided);

fn decided(tariff: &Tariff, values: &[Option<Value>], decision: &Expression) -> Decided {
    let value = |expression| value_of(tariff, values, expression);
    match decision {
        Expression::Table(..) => row_of(tariff, values, decision),
        // What is equal in one place only is found from both sides.
        Expression::Binary(Operator::Equal | Operator::NotEqual, sides) => {
            let order = match (value(&sides.0)?, value(&sides.1)?) {
                (Value::Number(a), Value::Number(b)) => a.cmp(&b),
                (Value::Date(a), Value::Date(b)) => a.cmp(&b),
                (a, b) => return Some(u16::from(a == b)),
            };
            Some(match order {
                Ordering::Less => 0,
                Ordering::Equal => EQUAL,
                Ordering::Greater => EQUAL + 1,
            })
        }
        comparison => match value(comparison)? {
            Value::Boolean(truth) => Some(u16::from(truth)),
            Value::Number(_) | Value::Date(_) | Value::Word(_) => None,
        },
    }
}

/// What one answer, or today, can be: places in a row, a quantum or a day apart.
struct Axis<'a> {
    /// The question; today without.
    input: Option<&'a Input>,
    /// All places.
    range: RangeInclusive<i64>,
    /// Where the search begins, in order.
    first: Vec<i64>,
}

impl<'a> Axis<'a> {
    /// `None` when the example has no such answer, or none that can be moved.
    fn new(tariff: &'a Tariff, moved: Option<usize>, answers: &Answers, today: NaiveDate) -> Option<Self> {
        let Some(input) = moved.map(|place| &tariff.inputs[place]) else {
            let within = tariff.selected_by.is_none().then_some(tariff);
            return Some(Self::of_days(None, within, today));
        };
        let answer = answers.get(&input.id)?;
        match answers::read(tariff, input, answer).ok()? {
            Value::Number(own) => Self::of_numbers(input, own),
            Value::Date(own) => {
                let selects = tariff.selected_by.as_ref() == Some(&input.id);
                Some(Self::of_days(Some(input), selects.then_some(tariff), own))
            }
            Value::Boolean(_) | Value::Word(_) => None,
        }
    }

    fn of_numbers(input: &'a Input, own: Number) -> Option<Self> {
        let range = input.kind.range()?;
        let least = range.min.unwrap_or(Number::from_i64(OPEN_MIN));
        let most = range.max.unwrap_or(Number::from_i64(OPEN_MAX));
        let place = |number| place(number, range.decimals);
        let (least, most, own) = (-place(least.negated())?, place(most)?, place(own)?);
        let bounds = input.bounds.iter().filter_map(|bound| place(*bound));
        let width = most.checked_sub(least)?;
        // Everywhere alike, and ever closer to the example's answer and to the least.
        let alike = (0..=PARTS).map(|part| least + width / PARTS * part);
        let doubled = (0..i64::BITS - 1).map(|bit| 1_i64 << bit);
        let around = doubled.flat_map(|distance| {
            [
                own.checked_add(distance),
                own.checked_sub(distance),
                least.checked_add(distance),
            ]
        });
        let first = bounds
            .flat_map(|bound| [bound, bound.saturating_add(1)])
            .chain(alike)
            .chain(around.flatten())
            .chain([own, most]);
        Some(Self::starting(Some(input), least..=most, first))
    }

    fn of_days(input: Option<&'a Input>, within: Option<&Tariff>, own: NaiveDate) -> Self {
        let own = own.num_days_from_ce();
        let begins = within.map_or(i32::MIN, |tariff| tariff.valid_from.num_days_from_ce());
        let ends = within.and_then(|tariff| tariff.valid_to);
        let ends = ends.map_or(i32::MAX, |last| last.num_days_from_ce());
        let (from, to) = ((own - DAYS_AROUND).max(begins), (own + DAYS_AROUND).min(ends));
        let first = (from..=to).step_by(DAYS_APART).chain([own, to]).map(i64::from);
        Self::starting(input, i64::from(from)..=i64::from(to), first)
    }

    fn starting(
        input: Option<&'a Input>,
        range: RangeInclusive<i64>,
        first: impl Iterator<Item = i64>,
    ) -> Self {
        let first: BTreeSet<i64> = first.filter(|place| range.contains(place)).collect();
        Self {
            input,
            range,
            first: first.into_iter().collect(),
        }
    }

    /// The answer, or the day, at a place.
    fn value(&self, at: i64) -> Option<Value> {
        match self.input.map(|input| &input.kind) {
            Some(InputKind::Number(range) | InputKind::Money(range)) => {
                Number::from_parts(i128::from(at), range.decimals).map(Value::Number)
            }
            Some(InputKind::Boolean | InputKind::Choice(_)) => None,
            Some(InputKind::Date) | None => {
                let days = i32::try_from(at).ok()?;
                NaiveDate::from_num_days_from_ce_opt(days).map(Value::Date)
            }
        }
    }
}

/// The place of a number with so many decimals, or of the one just below it.
fn place(number: Number, decimals: u32) -> Option<i64> {
    let whole = Rounding {
        step: Number::ONE,
        mode: Mode::Down,
    };
    let quanta = number.checked_mul(Number::from_parts(10_i128.checked_pow(decimals)?, 0)?)?;
    let place = quanta.rounded(whole)?;
    let place = place.to_i64()?.saturating_sub(i64::from(quanta < place));
    (-PLACE_MAX..=PLACE_MAX).contains(&place).then_some(place)
}

/// What came out at a place.
struct Trial {
    decided: Vec<Decided>,
    /// Only when there is one to compare.
    total: Option<Cents>,
}

/// The search along one axis, with the other answers of one example.
struct Search<'a> {
    tariff: &'a Tariff,
    decisions: &'a [&'a Expression],
    axis: &'a Axis<'a>,
    answers: &'a Answers,
    today: NaiveDate,
    /// The cents rounding alone may change a total by.
    rounding: i64,
    trials: BTreeMap<i64, Trial>,
    tries: &'a mut usize,
}

impl Search<'_> {
    /// Whether the place is tried now: it is on the axis, and not too much was.
    fn try_at(&mut self, at: i64) -> bool {
        if self.trials.contains_key(&at) {
            return true;
        }
        let (true, Some(left)) = (self.axis.range.contains(&at), self.tries.checked_sub(1)) else {
            return false;
        };
        let Some(value) = self.axis.value(at) else {
            return false;
        };
        *self.tries = left;
        let trial = self.trial(value);
        self.trials.insert(at, trial);
        true
    }

    fn trial(&self, value: Value) -> Trial {
        let written = match value {
            Value::Number(number) => Some(number.plain()),
            Value::Date(day) => Some(day.to_string()),
            Value::Boolean(_) | Value::Word(_) => None,
        };
        let mut answers = self.answers.clone();
        if let (Some(input), Some(written)) = (self.axis.input, written) {
            answers.set(&input.id, Answer::Text(written));
        }
        let today = match (self.axis.input, value) {
            (None, Value::Date(day)) => day,
            (None | Some(_), _) => self.today,
        };
        let quote = quote_with(self.tariff, &answers, today);
        Trial {
            decided: self
                .decisions
                .iter()
                .map(|decision| decided(self.tariff, &quote.values, decision))
                .collect(),
            total: match quote.outcome {
                Outcome::Due | Outcome::NotDue | Outcome::Exempt(_) => Some(quote.total),
                Outcome::Refused(_)
                | Outcome::Invalid { .. }
                | Outcome::NotInForce
                | Outcome::Unworkable { .. } => None,
            },
        }
    }

    /// The places after which something is decided otherwise, in order.
    fn turning_places(&mut self) -> Vec<i64> {
        let mut found = Vec::new();
        let axis = self.axis;
        for pair in axis.first.windows(2) {
            if let [a, b] = *pair {
                self.halve(a, b, &mut found);
            }
        }
        found
    }

    fn halve(&mut self, a: i64, b: i64, found: &mut Vec<i64>) {
        if !self.try_at(a) || !self.try_at(b) || self.turned(a, b).next().is_none() {
            return;
        }
        if b - a <= 1 {
            found.push(a);
            return;
        }
        let middle = a + (b - a) / 2;
        self.halve(a, middle, found);
        self.halve(middle, b, found);
    }

    /// What is decided otherwise at `b` than at `a`.
    fn turned(&self, a: i64, b: i64) -> impl Iterator<Item = Turn> {
        let at = |place| self.trials.get(&place).map_or(&[][..], |trial| &trial.decided);
        let pairs = at(a).iter().copied().zip(at(b).iter().copied());
        pairs
            .enumerate()
            .filter(|(_, (a, b))| a.is_some() && b.is_some() && a != b)
            .map(|(decision, (a, b))| (decision, a, b))
    }

    fn turns(&self, at: i64) -> Vec<Turn> {
        self.turned(at, at + 1).collect()
    }

    fn total(&mut self, at: i64) -> Option<Cents> {
        self.try_at(at).then(|| self.trials.get(&at)?.total).flatten()
    }

    /// The totals before and after, if the change is larger than one quantum or one day before and after, whatever the
    /// lines are rounded to.
    fn jump(&mut self, at: i64) -> Option<(Cents, Cents)> {
        let (before, after) = (self.total(at)?, self.total(at + 1)?);
        let change = |a: Option<Cents>, b: Option<Cents>| match (a, b) {
            (Some(a), Some(b)) => (b.as_i64() - a.as_i64()).abs(),
            (None, _) | (_, None) => 0,
        };
        let earlier = change(self.total(at - 1), Some(before));
        let later = change(Some(after), self.total(at + 2));
        // Into and out of the one place where two sides are equal are two jumps, neither of which is usual.
        let earlier = if self.is_lone(at) { 0 } else { earlier };
        let later = if self.is_lone(at + 1) { 0 } else { later };
        let usual = earlier.max(later) + self.rounding;
        (change(Some(before), Some(after)) > usual).then_some((before, after))
    }

    /// Whether something is equal in this place and on neither side of it.
    fn is_lone(&self, at: i64) -> bool {
        let equal = Some(EQUAL);
        let mut into = self.turned(at - 1, at);
        let decides_equality = |decision: usize| {
            matches!(
                self.decisions[decision],
                Expression::Binary(Operator::Equal | Operator::NotEqual, _)
            )
        };
        into.any(|(decision, _, to)| {
            to == equal
                && decides_equality(decision)
                && self.turned(at, at + 1).any(|(other, _, _)| other == decision)
        })
    }
}
