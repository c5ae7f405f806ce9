//! Right answers drawn from a seed, the same each time. Also read by `end2end/quotes`, which draws them in the browser.

use chrono::{Days, NaiveDate};
use tariff::evaluate::{Question, interview};
use tariff::model::{Input, InputKind};
use tariff::{Answer, Answers, Number, Tariff};

/// Numbers in a row from a seed, the same each time.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// Any number.
    pub(crate) fn roll(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number from 0 to below `count`.
    pub(crate) fn below(&mut self, count: u64) -> u64 {
        self.roll() % count.max(1)
    }

    /// One of these; none of nothing.
    pub(crate) fn pick<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let place = self.below(u64::try_from(of.len()).ok()?);
        of.get(usize::try_from(place).ok()?).cloned()
    }
}

/// A day near the version's first one.
pub(crate) fn day_near(tariff: &Tariff, dice: &mut Dice) -> NaiveDate {
    let later = Days::new(dice.below(900));
    tariff.valid_from.checked_add_days(later).expect("a day")
}

/// A right answer to a question.
pub(crate) fn right_answer(tariff: &Tariff, input: &Input, dice: &mut Dice) -> Answer {
    match &input.kind {
        InputKind::Boolean => Answer::Boolean(dice.below(2) == 0),
        InputKind::Date => Answer::Text(day_near(tariff, dice).to_string()),
        InputKind::Choice(options) => {
            let words: Vec<u16> = options.iter().map(|option| option.word).collect();
            let word = dice.pick(&words).expect("an option");
            Answer::Text(tariff.words[usize::from(word)].clone())
        }
        InputKind::Number(range) | InputKind::Money(range) => {
            let near_a_bound = dice.below(3) == 0;
            if near_a_bound && let Some(bound) = dice.pick(&input.bounds) {
                return Answer::Text(bound.plain());
            }
            let scale = 10_i128.pow(range.decimals);
            let whole = |number: Option<Number>, otherwise: i128| {
                number.map_or(otherwise, |number| {
                    let written = number.plain();
                    let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
                    let digits = format!("{whole}{fraction:0<width$}", width = range.decimals as usize);
                    digits.parse().expect("digits")
                })
            };
            let (least, most) = (whole(range.min, 0), whole(range.max, 10_000 * scale));
            let span = u64::try_from(most - least + 1).expect("a span");
            // Small answers are the usual ones.
            let span = if dice.below(2) == 0 { span } else { span.min(400) };
            let number = least + i128::from(dice.below(span));
            Answer::Text(
                Number::from_parts(number, range.decimals)
                    .expect("a number")
                    .plain(),
            )
        }
    }
}

/// Right answers to every question that is asked.
pub(crate) fn right_answers(tariff: &Tariff, today: NaiveDate, dice: &mut Dice) -> Answers {
    let mut answers: Answers = tariff
        .inputs
        .iter()
        .map(|input| (input.id.clone(), right_answer(tariff, input, dice)))
        .collect();
    // An answer taken back may make another question not asked.
    for _ in 0..tariff.inputs.len() {
        let standing = interview(tariff, &answers, today);
        for (input, question) in tariff.inputs.iter().zip(standing) {
            match question {
                Question::Skipped => answers.remove(&input.id),
                Question::Asked(Some(_)) => answers.set(&input.id, right_answer(tariff, input, dice)),
                Question::Asked(None) | Question::Later => {}
            }
        }
    }
    answers
}
