//! Worked examples: what an office knows to be right, run at every compilation.

use super::source::{Section, Source};
use super::{Compiled, Mistake};
use crate::answers::{Answer, Answers};
use crate::evaluate::quote;
use crate::model::Tariff;
use chrono::NaiveDate;
use serde_json::Value;
use toml::Spanned;
use toml::de::DeValue;

const EXAMPLES_MAX: usize = 500;

/// A worked example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The day it is worked out for.
    pub today: NaiveDate,
    /// The answers.
    pub inputs: Answers,
    /// What must come out, as JSON of the shape a quote is written in.
    pub expect: Value,
}

/// Reads the examples of a file.
pub(crate) fn read(top: &Section<'_, '_>) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for section in top.sections("example", "[[example]]", EXAMPLES_MAX) {
        section.refuse_others(&["name", "today", "inputs", "expect"]);
        let name = section.text("name");
        if let Some(name) = name
            && examples.iter().any(|example| example.name == name)
        {
            section.source.wrong(
                section.place("name"),
                format!("there are two examples \"{name}\""),
                "say what each one shows",
            );
        }
        let today = section.date("today");
        for key in ["inputs", "expect"] {
            if section.find(key).is_none() {
                section.wrong(
                    format!("[[example]] has no `{key}`"),
                    format!("add `{key} = {{ … }}`"),
                );
            }
        }
        let inputs = section.section_if("inputs", "inputs").map(|inputs| {
            inputs
                .entries()
                .into_iter()
                .map(|(id, _, value)| (id, answer(section.source, value)))
                .collect()
        });
        let expect = section.section_if("expect", "expect").map(|expect| {
            expect.refuse_others(&[
                "version", "status", "code", "field", "steps", "lines", "split", "total",
            ]);
            expect.text("status");
            let entries = expect.entries().into_iter();
            Value::Object(
                entries
                    .map(|(key, _, value)| (key.to_owned(), json(section.source, value)))
                    .collect(),
            )
        });
        if let (Some(name), Some(today), Some(inputs), Some(expect)) = (name, today, inputs, expect) {
            examples.push(Example {
                name: name.to_owned(),
                today,
                inputs,
                expect,
            });
        }
    }
    if top.find("example").is_none() {
        top.wrong(
            "there are no examples",
            "add [[example]]s: what the office knows to be right is tried at every check",
        );
    }
    examples
}

fn answer(source: &Source<'_>, value: &Spanned<DeValue<'_>>) -> Answer {
    match value.get_ref() {
        DeValue::String(text) => Answer::Text(text.to_string()),
        DeValue::Boolean(truth) => Answer::Boolean(*truth),
        DeValue::Integer(whole) if whole.radix() == 10 => {
            whole.as_str().parse().map_or(Answer::Unusable, Answer::Whole)
        }
        DeValue::Datetime(day) => Answer::Text(day.to_string()),
        DeValue::Float(float) => {
            source.wrong(
                value.span().start,
                format!("a bare number with a point: {float}"),
                format!("write it in quotes, \"{float}\": a bare one is not exact"),
            );
            Answer::Unusable
        }
        DeValue::Integer(_) | DeValue::Array(_) | DeValue::Table(_) => Answer::Unusable,
    }
}

fn json(source: &Source<'_>, value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(truth) => Value::Bool(*truth),
        DeValue::Datetime(day) => Value::String(day.to_string()),
        DeValue::Table(table) => Value::Object(
            table
                .iter()
                .map(|(key, value)| (key.get_ref().to_string(), json(source, value)))
                .collect(),
        ),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Array(_) => {
            source.wrong(
                value.span().start,
                "an expected value is not a text",
                "amounts and numbers stand in quotes, as they are shown: \"12.30\"",
            );
            Value::Null
        }
    }
}

/// Runs the examples of a file with the versions that count.
pub(crate) fn run(file: &Compiled, versions: &[&Tariff]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for example in &file.examples {
        let quote = quote(versions, &example.inputs, example.today);
        let Ok(Value::Object(mut got)) = serde_json::to_value(&quote) else {
            continue;
        };
        got.remove("digest");
        if let Some(difference) = difference("", &example.expect, &Value::Object(got)) {
            let why = match (quote.field(), quote.code()) {
                (Some(field), Some(code)) => format!(" ({field}: {code})"),
                (None, _) | (_, None) => String::new(),
            };
            mistakes.push(file.wrong(
                &example.name,
                format!("example \"{}\": {difference}{why}", example.name),
                "mend the rates, or the example if it is wrong",
            ));
        }
    }
    mistakes
}

/// The first thing that is not as it was said.
fn difference(path: &str, said: &Value, got: &Value) -> Option<String> {
    match (said, got) {
        (Value::Object(said), Value::Object(got)) => {
            let inner = |key: &str| {
                if path.is_empty() {
                    key.to_owned()
                } else {
                    format!("{path}.{key}")
                }
            };
            // The verdict first: what else differs follows from it.
            let mut keys: Vec<&String> = said
                .keys()
                .chain(got.keys().filter(|key| !said.contains_key(*key)))
                .collect();
            keys.sort_by_key(|key| key.as_str() != "status");
            keys.into_iter()
                .find_map(|key| match (said.get(key), got.get(key)) {
                    (Some(said), Some(got)) => difference(&inner(key), said, got),
                    (Some(said), None) => Some(format!("`{}` should be {said} and is not there", inner(key))),
                    (None, Some(got)) => Some(format!(
                        "`{}` is {got} and the example does not say so",
                        inner(key)
                    )),
                    (None, None) => None,
                })
        }
        (said, got) if said == got => None,
        (said, got) => Some(format!("`{path}` is {got}, the example says {said}")),
    }
}
