//! The questions of a file: kinds, bounds, options, defaults.

use super::{NAME_LENGTH_MAX, Reader, refuse, slot, unit};
use crate::answers::{self, Answer};
use crate::calendar::Calendar;
use crate::compile::check::{Exactness, Kind, Name, Scope};
use crate::compile::source::Section;
use crate::model::{ChoiceOption, Input, InputKind, Range, Status, Tariff, Value};
use crate::number::Number;
use crate::text::Text;
use chrono::NaiveDate;
use toml::de::DeValue;

const INPUTS_MAX: usize = 64;
const OPTIONS_MAX: usize = 200;
/// Decimals of an answer at most, and where the file does not say.
const DECIMALS_MAX: u32 = 6;
const DECIMALS_USUAL: u32 = 2;

impl<'s, 't> Reader<'s, 't> {
    pub(super) fn inputs(&self, scope: &mut Scope) -> Vec<Input> {
        let mut inputs = Vec::new();
        for section in self.top.sections("input", "[[input]]", INPUTS_MAX) {
            match self.input(&section, inputs.len(), scope) {
                Some(input) => inputs.push(input),
                None => refuse(&section, scope),
            }
        }
        inputs
    }

    fn input(&self, section: &Section<'s, 't>, place: usize, scope: &mut Scope) -> Option<Input> {
        section.refuse_others(&[
            "id", "kind", "label", "help", "unit", "min", "max", "decimals", "options", "ask_when", "default",
        ]);
        let id = self.name(section, scope)?;
        let (label, help) = (section.words("label"), section.words_if("help"));
        let unit = unit(section);
        let ask_when = section
            .find("ask_when")
            .and_then(|_| self.condition(section, "ask_when", scope));
        let (kind, names) = input_kind(section, scope)?;
        let nonzero = kind
            .range()
            .is_some_and(|range| range.min.is_some_and(|min| min > Number::ZERO));
        let index = u16::try_from(place).unwrap_or(u16::MAX);
        scope.later.remove(id);
        scope.names.insert(
            id.to_owned(),
            Name {
                slot: slot(place),
                kind: names,
                exactness: Exactness::Exact,
                nonzero,
                input: Some(index),
            },
        );
        let mut input = Input {
            id: id.to_owned(),
            label: label?,
            help,
            unit,
            kind,
            ask_when,
            default: None,
            personal: section.boolean_if("x_personal").unwrap_or(false),
            monotone: section.boolean_if("x_monotone").unwrap_or(false),
            bounds: Vec::new(),
        };
        input.default = self.default(section, &input, scope);
        Some(input)
    }

    fn default(&self, section: &Section<'s, 't>, input: &Input, scope: &Scope) -> Option<Value> {
        let Some(value) = section.find("default") else {
            if section.find("ask_when").is_some() {
                section.wrong(
                    format!("`{}` is not always asked and has no `default`", input.id),
                    "add `default = …`: what it is worth when it is not asked",
                );
            }
            return None;
        };
        let at = value.span().start;
        if section.find("ask_when").is_none() {
            self.source().wrong(
                at,
                "a question that is always asked has no default",
                "leave `default` out, or add `ask_when`",
            );
        }
        let answer = match value.get_ref() {
            DeValue::String(text) => Answer::Text(text.to_string()),
            DeValue::Boolean(truth) => Answer::Boolean(*truth),
            DeValue::Integer(_) | DeValue::Float(_) => {
                section.not_a_number("default", value);
                return None;
            }
            DeValue::Datetime(day) => Answer::Text(day.to_string()),
            DeValue::Array(_) | DeValue::Table(_) => Answer::Unusable,
        };
        let alone = words_only(scope);
        let read = answers::read(&alone, input, &answer);
        if let Err(problem) = read {
            self.source().wrong(
                at,
                format!(
                    "the default of `{}` is not an answer to it ({})",
                    input.id,
                    problem.code()
                ),
                "it is an answer like any other: of the kind, within bounds, one of the options",
            );
        }
        read.ok()
    }
}

/// Enough of a tariff to read an answer with.
fn words_only(scope: &Scope) -> Tariff {
    Tariff {
        id: String::new(),
        version: String::new(),
        digest: String::new(),
        replaces: None,
        status: Status::Draft,
        source: String::new(),
        title: Text::default(),
        intro: None,
        valid_from: NaiveDate::MIN,
        valid_to: None,
        selected_by: None,
        calendar: Calendar::Italy,
        not_due_below: None,
        laws: Vec::new(),
        beneficiaries: Vec::new(),
        words: scope.words.clone(),
        inputs: Vec::new(),
        tables: Vec::new(),
        steps: Vec::new(),
        requires: Vec::new(),
        exempts: Vec::new(),
        lines: Vec::new(),
        depends_on_today: false,
    }
}

fn input_kind(section: &Section<'_, '_>, scope: &mut Scope) -> Option<(InputKind, Kind)> {
    let kinds = ["integer", "number", "money", "boolean", "date", "choice"];
    let kind = section.one_of("kind", &kinds, |kind| kind)?;
    let numeric = ["integer", "number", "money"].contains(&kind);
    for key in ["min", "max"] {
        if section.find(key).is_some() && !numeric {
            section.source.wrong(
                section.place(key),
                format!("a {kind} has no `{key}`"),
                "bounds are for numbers and amounts",
            );
        }
    }
    if section.find("decimals").is_some() && kind != "number" {
        section.source.wrong(
            section.place("decimals"),
            format!("a {kind} has no `decimals`"),
            "an integer has none, an amount has two",
        );
    }
    if section.find("options").is_some() && kind != "choice" {
        section.source.wrong(
            section.place("options"),
            format!("a {kind} has no options"),
            "options are for a choice",
        );
    }
    Some(match kind {
        "integer" => (InputKind::Number(range(section, 0)), Kind::Number),
        "number" => {
            let decimals = section.count_if("decimals", 0, DECIMALS_MAX);
            (
                InputKind::Number(range(section, decimals.unwrap_or(DECIMALS_USUAL))),
                Kind::Number,
            )
        }
        "money" => (InputKind::Money(range(section, 2)), Kind::Money),
        "boolean" => (InputKind::Boolean, Kind::Boolean),
        "date" => (InputKind::Date, Kind::Date),
        _ => {
            let options = options(section, scope);
            let words = options.iter().map(|option| option.word).collect();
            (InputKind::Choice(options), Kind::Choice(words))
        }
    })
}

fn range(section: &Section<'_, '_>, decimals: u32) -> Range {
    let bound = |key: &str| {
        let number = section.number_if(key)?;
        if number.decimals() > decimals {
            section.source.wrong(
                section.place(key),
                format!("`{key}` has more decimals than an answer may have"),
                "write it as an answer is written",
            );
        }
        Some(number)
    };
    let range = Range {
        min: bound("min"),
        max: bound("max"),
        decimals,
    };
    if let (Some(min), Some(max)) = (range.min, range.max)
        && min > max
    {
        section.source.wrong(
            section.place("max"),
            "the most is below the least",
            "`max` is not below `min`",
        );
    }
    range
}

fn options(section: &Section<'_, '_>, scope: &mut Scope) -> Vec<ChoiceOption> {
    let mut options: Vec<ChoiceOption> = Vec::new();
    if section.find("options").is_none() {
        section.wrong(
            "a choice has no options",
            "add `options = [ { id = \"…\", label = { it = \"…\", en = \"…\" } } ]`",
        );
    }
    for option in section.sections("options", "an option", OPTIONS_MAX) {
        option.refuse_others(&["id", "label"]);
        let (Some(id), Some(label)) = (option.text("id"), option.words("label")) else {
            continue;
        };
        let word = scope.word(id);
        let plain = id.len() <= NAME_LENGTH_MAX
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        if !plain {
            option.source.wrong(
                option.place("id"),
                format!("\"{id}\" is not an option's id"),
                "use letters, digits, - and _",
            );
        }
        if options.iter().any(|other| other.word == word) {
            option.source.wrong(
                option.place("id"),
                format!("there are two options `{id}`"),
                "give each its own id",
            );
        }
        options.push(ChoiceOption { word, label });
    }
    if section.find("options").is_some() && options.is_empty() {
        section.wrong("a choice has no options", "one option at least");
    }
    options
}
