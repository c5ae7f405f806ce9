//! What a person answered, and how each answer is read.

use crate::model::{ChoiceOption, Input, InputKind, Range, Tariff, Value};
use crate::number::Number;
use chrono::{Datelike, NaiveDate};

/// Answers kept at most; a tariff has fewer questions.
pub const ANSWERS_MAX: usize = 256;
/// Characters of an answer that are read; a longer one is of the wrong type.
pub const ANSWER_LENGTH_MAX: usize = 64;
/// Years a day may be of.
pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

/// One answer as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Text: a plain decimal, a day as `2026-03-10`, a word, `true` or `false`.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// Yes or no.
    Boolean(bool),
    /// Something else: a list, a number with a fraction that may have lost digits on its way.
    Unusable,
}

/// Answers by the name of their question, in the order they came. Of two for one question the first counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers(Vec<(String, Answer)>);

impl Answers {
    /// The answer to a question.
    pub fn get(&self, id: &str) -> Option<&Answer> {
        self.0
            .iter()
            .find(|(name, _)| name == id)
            .map(|(_, answer)| answer)
    }

    /// Answers a question again, or for the first time.
    pub fn set(&mut self, id: &str, answer: Answer) {
        match self.0.iter_mut().find(|(name, _)| name == id) {
            Some((_, old)) => *old = answer,
            None => self.0.push((id.to_owned(), answer)),
        }
    }

    /// Takes an answer back.
    pub fn remove(&mut self, id: &str) {
        self.0.retain(|(name, _)| name != id);
    }

    /// Each question's name and its answer.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Answer)> {
        self.0.iter().map(|(name, answer)| (name.as_str(), answer))
    }

    /// Whether nothing was answered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<String>> FromIterator<(N, Answer)> for Answers {
    fn from_iter<I: IntoIterator<Item = (N, Answer)>>(answers: I) -> Self {
        Self(
            answers
                .into_iter()
                .take(ANSWERS_MAX)
                .map(|(name, answer)| (name.into(), answer))
                .collect(),
        )
    }
}

/// Answers written as a JSON object: texts, whole numbers, yes and no. A number with a fraction is not usable: it may
/// have lost digits before it came here.
///
/// # Errors
/// Why the text is not such an object.
#[cfg(feature = "json")]
pub fn answers_from_json(text: &str) -> Result<Answers, String> {
    use serde_json::Value as Json;
    let object: serde_json::Map<String, Json> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    if object.len() > ANSWERS_MAX {
        return Err(format!("there are more than {ANSWERS_MAX} answers"));
    }
    Ok(object
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(id, value)| {
            let answer = match value {
                Json::String(text) => Answer::Text(text),
                Json::Bool(truth) => Answer::Boolean(truth),
                Json::Number(number) => number.as_i64().map_or(Answer::Unusable, Answer::Whole),
                Json::Null | Json::Array(_) | Json::Object(_) => Answer::Unusable,
            };
            (id, answer)
        })
        .collect())
}

/// Answers as [`answers_from_json`] reads them.
#[cfg(feature = "json")]
pub fn answers_to_json(answers: &Answers) -> String {
    use serde_json::Value as Json;
    let object = answers.iter().map(|(id, answer)| {
        let value = match answer {
            Answer::Text(text) => Json::String(text.clone()),
            Answer::Whole(whole) => (*whole).into(),
            Answer::Boolean(truth) => Json::Bool(*truth),
            Answer::Unusable => Json::Array(Vec::new()),
        };
        (id.to_owned(), value)
    });
    Json::Object(object.collect()).to_string()
}

/// Why an answer cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerProblem {
    /// There is no such question.
    Unknown,
    /// The question is not asked with these other answers.
    NotAsked,
    /// The question has no answer.
    Missing,
    /// Not of the kind that is asked.
    Type,
    /// More decimals than allowed.
    Decimals,
    /// Below the least.
    Min,
    /// Above the most.
    Max,
    /// None of the options.
    Option,
    /// A day that does not exist, or too far away.
    Date,
}

impl AnswerProblem {
    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotAsked => "not_asked",
            Self::Missing => "missing",
            Self::Type => "type",
            Self::Decimals => "decimals",
            Self::Min => "min",
            Self::Max => "max",
            Self::Option => "option",
            Self::Date => "date",
        }
    }
}

/// Reads the answer to a question.
///
/// # Errors
/// What is wrong with it, by itself: whether it should have been given is another matter.
pub fn read(tariff: &Tariff, input: &Input, answer: &Answer) -> Result<Value, AnswerProblem> {
    match &input.kind {
        InputKind::Number(range) | InputKind::Money(range) => read_number(range, answer).map(Value::Number),
        InputKind::Boolean => match answer {
            Answer::Boolean(truth) => Ok(Value::Boolean(*truth)),
            Answer::Text(text) if text == "true" => Ok(Value::Boolean(true)),
            Answer::Text(text) if text == "false" => Ok(Value::Boolean(false)),
            Answer::Text(_) | Answer::Whole(_) | Answer::Unusable => Err(AnswerProblem::Type),
        },
        InputKind::Date => match answer {
            Answer::Text(text) => read_date(text).map(Value::Date),
            Answer::Boolean(_) | Answer::Whole(_) | Answer::Unusable => Err(AnswerProblem::Type),
        },
        InputKind::Choice(options) => match answer {
            Answer::Text(text) => options
                .iter()
                .find(|option| word_of(tariff, option) == Some(text))
                .map(|option| Value::Word(option.word))
                .ok_or(AnswerProblem::Option),
            Answer::Boolean(_) | Answer::Whole(_) | Answer::Unusable => Err(AnswerProblem::Type),
        },
    }
}

fn word_of<'a>(tariff: &'a Tariff, option: &ChoiceOption) -> Option<&'a String> {
    tariff.words.get(usize::from(option.word))
}

fn read_number(range: &Range, answer: &Answer) -> Result<Number, AnswerProblem> {
    let number = match answer {
        Answer::Whole(whole) => Number::from_i64(*whole),
        Answer::Text(text) if text.len() <= ANSWER_LENGTH_MAX => {
            Number::parse(text).ok_or(AnswerProblem::Type)?
        }
        Answer::Text(_) | Answer::Boolean(_) | Answer::Unusable => return Err(AnswerProblem::Type),
    };
    if number.decimals() > range.decimals {
        return Err(AnswerProblem::Decimals);
    }
    if range.min.is_some_and(|min| number < min) {
        return Err(AnswerProblem::Min);
    }
    if range.max.is_some_and(|max| number > max) {
        return Err(AnswerProblem::Max);
    }
    Ok(number)
}

/// Reads a day as `2026-03-10`.
///
/// # Errors
/// [`AnswerProblem::Type`] when it is not of that shape, [`AnswerProblem::Date`] when there is no such day.
pub fn read_date(text: &str) -> Result<NaiveDate, AnswerProblem> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(place, byte)| match place {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shaped {
        return Err(AnswerProblem::Type);
    }
    let part = |range: std::ops::Range<usize>| {
        bytes[range]
            .iter()
            .fold(0_u32, |sum, byte| sum * 10 + u32::from(byte - b'0'))
    };
    let year = i32::try_from(part(0..4)).map_err(|_| AnswerProblem::Date)?;
    NaiveDate::from_ymd_opt(year, part(5..7), part(8..10))
        .filter(|day| YEARS.contains(&day.year()))
        .ok_or(AnswerProblem::Date)
}
