//! Random answers and a day: half of the time right ones, else spoilt ones.

#[path = "../../../app/tariff/tests/common/draw.rs"]
mod draw;

use chrono::{Days, NaiveDate};
use draw::{Dice, day_near, right_answer, right_answers};
use tariff::model::{Input, Tariff};
use tariff::{Answer, Answers, Number};

/// Texts that look like answers, or like none.
const ODD_TEXTS: [&str; 16] = [
    "",
    " ",
    "0",
    "-0",
    "00012.30",
    "0.005",
    "1e3",
    "1,50",
    "+1",
    ".5",
    "٣",
    "true",
    "false",
    "null",
    "2024-02-29",
    "2026-02-29",
];

/// What is worked out.
pub(crate) struct Case {
    /// The answers.
    pub(crate) answers: Answers,
    /// The day.
    pub(crate) today: NaiveDate,
}

impl Case {
    /// The case in this place of a seed's. Nothing but whole numbers of fixed size decides it: it is the same on every
    /// machine.
    pub(crate) fn draw(versions: &[Tariff], seed: u32, place: u32) -> Self {
        let number = u64::from(seed) << 32 | u64::from(place);
        // Neighbours must not have similar dice.
        let dice = &mut Dice::new(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let versions: Vec<&Tariff> = versions.iter().collect();
        let Some(tariff) = dice.pick(&versions) else {
            return Self {
                answers: Answers::default(),
                today: NaiveDate::default(),
            };
        };
        let today = day_near(tariff, dice);
        let mut case = Self {
            answers: right_answers(tariff, today, dice),
            today,
        };
        if dice.below(2) == 0 {
            for _ in 0..=dice.below(2) {
                case.spoil(tariff, dice);
            }
        }
        case
    }

    fn spoil(&mut self, tariff: &Tariff, dice: &mut Dice) {
        let inputs: Vec<&Input> = tariff.inputs.iter().collect();
        let Some(input) = dice.pick(&inputs) else { return };
        match dice.below(8) {
            0 => self.answers.remove(&input.id),
            1 => self.answers.set("nobody_asked", any_answer(tariff, dice)),
            2 => self.today = any_day(dice),
            3 => self.answers.set(&input.id, right_answer(tariff, input, dice)),
            4 | 5 => self.answers.set(&input.id, beside_a_bound(input, dice)),
            _ => self.answers.set(&input.id, any_answer(tariff, dice)),
        }
    }
}

/// A number on a bound, or one quantum on either side; where there is none, a day on either side of the known years.
fn beside_a_bound(input: &Input, dice: &mut Dice) -> Answer {
    let Some(range) = input.kind.range() else {
        let days = ["1899-12-31", "1900-01-01", "2199-12-31", "2200-01-01"];
        return Answer::Text(dice.pick(&days).unwrap_or_default().to_owned());
    };
    let bounds: Vec<Number> = input
        .bounds
        .iter()
        .copied()
        .chain(range.min)
        .chain(range.max)
        .collect();
    let bound = dice.pick(&bounds).unwrap_or_default();
    let quantum = dice
        .pick(&[-1, 0, 1])
        .and_then(|quanta| Number::from_parts(quanta, range.decimals));
    let number = quantum
        .and_then(|quantum| bound.checked_add(quantum))
        .unwrap_or(bound);
    Answer::Text(number.plain())
}

/// Any answer of any kind.
fn any_answer(tariff: &Tariff, dice: &mut Dice) -> Answer {
    match dice.below(8) {
        0 => Answer::Text(dice.pick(&ODD_TEXTS).unwrap_or_default().to_owned()),
        1 => Answer::Text(any_day(dice).to_string()),
        2 => {
            let (year, month, day) = (1890 + dice.below(320), dice.below(14), dice.below(33));
            Answer::Text(format!("{year:04}-{month:02}-{day:02}"))
        }
        3 => {
            let words: Vec<&String> = tariff.words.iter().collect();
            Answer::Text(dice.pick(&words).cloned().unwrap_or_default())
        }
        4 => Answer::Whole(dice.roll().cast_signed()),
        5 => Answer::Whole(dice.below(400).cast_signed() - 3),
        6 => dice
            .pick(&[Answer::Boolean(true), Answer::Boolean(false), Answer::Unusable])
            .unwrap_or(Answer::Unusable),
        _ => Answer::Text(any_number(dice)),
    }
}

/// Up to 26 digits before the point and 11 behind it, more than a number may have.
fn any_number(dice: &mut Dice) -> String {
    let mut digits = |most: u64| -> String {
        let count = dice.below(most);
        (0..count)
            .map(|_| char::from(b'0' + u8::try_from(dice.below(10)).unwrap_or_default()))
            .collect()
    };
    let (whole, fraction) = (digits(27), digits(12));
    let sign = if dice.below(4) == 0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// A day of the four centuries from 1800 on.
fn any_day(dice: &mut Dice) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(1800, 1, 1).unwrap_or_default();
    first
        .checked_add_days(Days::new(dice.below(146_097)))
        .unwrap_or_default()
}
