//! Tries a tariff where rates change: rates that do not work are mistakes, what no example reaches is for a person to look
//! at.

use super::{Compiled, Mistake};
use crate::answers::{Answer, Answers};
use crate::evaluate::{Question, interview, quote_with};
use crate::explain::number_for_people;
use crate::expression::{Expression, Slot};
use crate::model::{InputKind, Rows, Shape, Tariff};
use crate::number::Number;
use crate::quote::{Outcome, Quote};
use crate::text::Tongue;
use chrono::{Days, NaiveDate};
use domain::Cents;
use std::collections::BTreeSet;

/// Quotes tried for one tariff, beside its examples.
const TRIES: usize = 2_000;
/// The least that is tried for a question without a `min`.
pub(super) const OPEN_MIN: i64 = -1;
/// The most that is tried for a question without a `max`.
pub(super) const OPEN_MAX: i64 = 1_000_000;
/// Candidates for one question.
const CANDIDATES_MAX: usize = 24;
/// Jumps and remarks told for one tariff.
pub(super) const TOLD_MAX: usize = 60;

/// Something a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The file.
    pub file: String,
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
    /// What it is.
    pub what: String,
}

/// Rates that do not work on a grid of answers: a share below zero, a missing row, too many digits, a total that falls
/// where the file says it does not.
pub(crate) fn faults(file: &Compiled) -> Vec<Mistake> {
    let tariff = &file.tariff;
    let mut mistakes: Vec<Mistake> = Vec::new();
    let mut told = BTreeSet::new();
    for (answers, today) in grid(file) {
        let quote = quote_with(tariff, &answers, today);
        if let Outcome::Unworkable { at, fault } = &quote.outcome
            && told.insert((at.clone(), fault.code()))
        {
            let with = written(&answers);
            mistakes.push(file.wrong(
                at,
                format!("`{at}` does not work ({}) on {today} with {with}", fault.code()),
                "bound the questions, refuse these answers with a [[require]], or mend the rates",
            ));
        }
    }
    for (place, input) in tariff
        .inputs
        .iter()
        .enumerate()
        .filter(|(_, input)| input.monotone)
    {
        if let Some(fall) = fall(file, place) {
            mistakes.push(file.wrong(
                &input.id,
                format!("the total falls when `{}` grows: {fall}", input.id),
                "mend the rates, or leave `x_monotone` out",
            ));
        }
    }
    mistakes
}

fn written(answers: &Answers) -> String {
    let parts: Vec<String> = answers
        .iter()
        .map(|(id, answer)| match answer {
            Answer::Text(text) => format!("{id} {text}"),
            Answer::Whole(whole) => format!("{id} {whole}"),
            Answer::Boolean(truth) => format!("{id} {truth}"),
            Answer::Unusable => format!("{id} ?"),
        })
        .collect();
    parts.join(", ")
}

/// Answers to try: every example with each of its answers moved to where rates change, and a spread over all of them.
fn grid(file: &Compiled) -> Vec<(Answers, NaiveDate)> {
    let tariff = &file.tariff;
    let candidates: Vec<Vec<Answer>> = (0..tariff.inputs.len())
        .map(|place| candidates(tariff, place))
        .collect();
    let mut tried: Vec<(Answers, NaiveDate)> = Vec::new();
    for example in &file.examples {
        tried.push((example.inputs.clone(), example.today));
        for (input, answers) in tariff.inputs.iter().zip(&candidates) {
            for answer in answers {
                let mut moved = example.inputs.clone();
                moved.set(&input.id, answer.clone());
                tried.push((
                    consistent(tariff, moved, &candidates, example.today),
                    example.today,
                ));
            }
        }
    }
    tried.truncate(TRIES);
    // The same spread at every check: a generator of its own, begun at the same place.
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    let mut draw = |count: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).unwrap_or(0) % count.max(1)
    };
    let days: Vec<NaiveDate> = days(tariff);
    for _ in 0..TRIES {
        let today = days[draw(days.len())];
        let answers: Answers = tariff
            .inputs
            .iter()
            .zip(&candidates)
            .filter_map(|(input, answers)| {
                Some((input.id.clone(), answers.get(draw(answers.len()))?.clone()))
            })
            .collect();
        tried.push((consistent(tariff, answers, &candidates, today), today));
    }
    tried
}

/// Days a tariff is tried on.
fn days(tariff: &Tariff) -> Vec<NaiveDate> {
    let first = tariff.valid_from;
    let mut days: Vec<NaiveDate> = [0, 1, 5, 6, 30, 60, 61, 200, 364, 365, 366]
        .into_iter()
        .filter_map(|later| first.checked_add_days(Days::new(later)))
        .filter(|day| tariff.is_in_force(*day))
        .collect();
    days.extend(tariff.valid_to);
    days
}

fn candidates(tariff: &Tariff, place: usize) -> Vec<Answer> {
    let input = &tariff.inputs[place];
    match &input.kind {
        InputKind::Boolean => vec![Answer::Boolean(false), Answer::Boolean(true)],
        InputKind::Date => days(tariff)
            .into_iter()
            .map(|day| Answer::Text(day.to_string()))
            .collect(),
        InputKind::Choice(options) => options
            .iter()
            .filter_map(|option| tariff.words.get(usize::from(option.word)))
            .map(|word| Answer::Text(word.clone()))
            .collect(),
        InputKind::Number(range) | InputKind::Money(range) => {
            let quantum = Number::from_parts(1, range.decimals).unwrap_or(Number::ONE);
            // Where nothing bounds the answers people give any.
            let (least, most) = (
                range.min.unwrap_or(Number::from_i64(OPEN_MIN)),
                range.max.unwrap_or(Number::from_i64(OPEN_MAX)),
            );
            let mut numbers: Vec<Number> = vec![least, most];
            for bound in &input.bounds {
                numbers.push(*bound);
                numbers.extend(bound.checked_add(quantum));
            }
            if let Some(min) = range.min {
                numbers.extend(min.checked_add(quantum));
                numbers.extend(range.max.and_then(|max| {
                    let whole = crate::number::Rounding {
                        step: quantum,
                        mode: crate::number::Mode::Down,
                    };
                    max.checked_add(min)?
                        .checked_div(Number::from_i64(2))?
                        .rounded(whole)
                }));
            }
            numbers.retain(|number| {
                range.min.is_none_or(|min| *number >= min) && range.max.is_none_or(|max| *number <= max)
            });
            numbers.sort_unstable();
            numbers.dedup();
            numbers
                .into_iter()
                .map(|number| Answer::Text(number.plain()))
                .take(CANDIDATES_MAX)
                .collect()
        }
    }
}

/// The answers with those taken back that are not asked, and one for each that now is.
fn consistent(
    tariff: &Tariff,
    mut answers: Answers,
    candidates: &[Vec<Answer>],
    today: NaiveDate,
) -> Answers {
    for _ in 0..tariff.inputs.len() {
        let questions = interview(tariff, &answers, today);
        let mut changed = false;
        for (place, (input, question)) in tariff.inputs.iter().zip(questions).enumerate() {
            match question {
                Question::Skipped if answers.get(&input.id).is_some() => {
                    answers.remove(&input.id);
                    changed = true;
                }
                Question::Asked(Some(_)) if answers.get(&input.id).is_none() => {
                    if let Some(answer) = candidates[place].first() {
                        answers.set(&input.id, answer.clone());
                        changed = true;
                    }
                }
                Question::Asked(_) | Question::Skipped | Question::Later => {}
            }
        }
        if !changed {
            break;
        }
    }
    answers
}

fn total_with(file: &Compiled, example: &super::Example, input: &str, number: Number) -> Option<Cents> {
    let mut answers = example.inputs.clone();
    answers.set(input, Answer::Text(number.plain()));
    let quote = quote_with(&file.tariff, &answers, example.today);
    match quote.outcome {
        Outcome::Due | Outcome::NotDue | Outcome::Exempt(_) => Some(quote.total),
        Outcome::Refused(_) | Outcome::Invalid { .. } | Outcome::NotInForce | Outcome::Unworkable { .. } => {
            None
        }
    }
}

/// Where the total falls although it must not.
fn fall(file: &Compiled, place: usize) -> Option<String> {
    let input = &file.tariff.inputs[place];
    for example in file
        .examples
        .iter()
        .filter(|example| example.inputs.get(&input.id).is_some())
    {
        let mut before: Option<(Number, Cents)> = None;
        for answer in candidates(&file.tariff, place) {
            let Answer::Text(text) = answer else { continue };
            let Some(number) = Number::parse(&text) else {
                continue;
            };
            let Some(total) = total_with(file, example, &input.id, number) else {
                continue;
            };
            if let Some((smaller, larger_total)) = before
                && total < larger_total
            {
                let written = |number| number_for_people(number, Shape::Number, Tongue::English);
                return Some(format!(
                    "{larger_total} with {}, {total} with {}",
                    written(smaller),
                    written(number)
                ));
            }
            before = Some((number, total));
        }
    }
    None
}

/// What is asked, quoted or paid and then plays no part: the place's name, and what to say of it.
fn unused(tariff: &Tariff) -> Vec<(String, String)> {
    fn names(expression: &Expression, found: &mut BTreeSet<Slot>) {
        if let Expression::Name(slot) = expression {
            found.insert(*slot);
        }
        for part in expression.parts() {
            names(part, found);
        }
    }
    let Tariff {
        inputs,
        steps,
        requires,
        exempts,
        lines,
        ..
    } = tariff;
    let mut found = BTreeSet::new();
    for expression in super::bounds::expressions(inputs, steps, requires, exempts, lines) {
        names(expression, &mut found);
    }
    let asked = inputs.iter().enumerate().filter(|(place, input)| {
        !found.contains(&tariff.input_slot(*place)) && tariff.selected_by.as_ref() != Some(&input.id)
    });
    let asked = asked.map(|(_, input)| {
        (
            input.id.clone(),
            format!("nothing depends on the answer `{}`", input.id),
        )
    });
    let paid = tariff
        .beneficiaries
        .iter()
        .enumerate()
        .filter(|(place, _)| !lines.iter().any(|line| usize::from(line.to) == *place));
    let paid = paid.map(|(_, one)| {
        (
            one.id.clone(),
            format!("no line is for the beneficiary `{}`", one.id),
        )
    });
    let quoted = |place: usize| {
        let rules = requires.iter().chain(exempts).map(|rule| &rule.laws);
        let mut all = rules.chain(lines.iter().map(|line| &line.laws));
        all.any(|laws| laws.iter().any(|law| usize::from(*law) == place))
    };
    let laws = tariff
        .laws
        .iter()
        .enumerate()
        .filter(|(place, _)| !quoted(*place));
    let laws = laws.map(|(_, law)| {
        (
            format!("/legal/{}", law.id),
            format!("nothing quotes the law `{}`", law.id),
        )
    });
    asked.chain(paid).chain(laws).collect()
}

/// What no example reaches: conditions of lines both ways, requirements, exemptions, rows of tables.
pub fn remarks(file: &Compiled) -> Vec<Remark> {
    let tariff = &file.tariff;
    let quotes: Vec<Quote<'_>> = file
        .examples
        .iter()
        .map(|example| quote_with(tariff, &example.inputs, example.today))
        .collect();
    let mut remarks = Vec::new();
    let mut remark = |name: &str, what: String| {
        let (line, column) = file.places.get(name).copied().unwrap_or((1, 1));
        if remarks.len() < TOLD_MAX {
            remarks.push(Remark {
                file: file.file.clone(),
                line,
                column,
                what,
            });
        }
    };
    let counted = |quote: &&Quote<'_>| {
        matches!(
            quote.outcome,
            Outcome::Due | Outcome::NotDue | Outcome::Exempt(None)
        )
    };
    for (name, what) in unused(tariff) {
        remark(&name, what);
    }
    for (place, line) in tariff.lines.iter().enumerate() {
        let with = |quote: &&Quote<'_>| quote.lines.iter().any(|one| usize::from(one.line) == place);
        if !quotes.iter().any(|quote| with(&quote)) {
            remark(&line.id, format!("no example has the line `{}`", line.id));
        } else if line.when.is_some() && !quotes.iter().filter(counted).any(|quote| !with(&quote)) {
            remark(&line.id, format!("no example is without the line `{}`", line.id));
        }
    }
    for (place, rule) in tariff.requires.iter().enumerate() {
        if !quotes
            .iter()
            .any(|quote| matches!(quote.outcome, Outcome::Refused(rule) if usize::from(rule) == place))
        {
            remark(&rule.code, format!("no example is refused by `{}`", rule.code));
        }
    }
    for (place, rule) in tariff.exempts.iter().enumerate() {
        if !quotes
            .iter()
            .any(|quote| matches!(quote.outcome, Outcome::Exempt(Some(rule)) if usize::from(rule) == place))
        {
            remark(&rule.code, format!("no example is exempt by `{}`", rule.code));
        }
    }
    for (place, table) in tariff.tables.iter().enumerate() {
        let rows = match &table.rows {
            Rows::Lookup(rows) => rows.len(),
            Rows::Bands(bands) | Rows::Slices(bands) => bands.len(),
            Rows::Interpolate(segments, beyond) => segments.len() + usize::from(beyond.is_some()),
        };
        let used: BTreeSet<usize> = quotes
            .iter()
            .flat_map(|quote| &quote.rows)
            .filter(|row| usize::from(row.table) == place)
            .map(|row| usize::from(row.row))
            .collect();
        let missing: Vec<String> = (0..rows)
            .filter(|row| !used.contains(row))
            .map(|row| (row + 1).to_string())
            .collect();
        if !missing.is_empty() {
            remark(
                &table.id,
                format!(
                    "no example uses row {} of the table `{}`",
                    missing.join(", "),
                    table.id
                ),
            );
        }
    }
    remarks
}
