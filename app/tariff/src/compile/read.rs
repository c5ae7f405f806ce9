//! A file's sections into a [`Tariff`]: the closed set of keys (section 4.2 of the specification), names, types.

use super::check::{
    Exactness, Kind, Name, Scope, Typed, WORDS_MAX, check, checked_rounding, is_reserved, mode_named, modes,
};
use super::parse::parse;
use super::source::{Section, Source};
use super::{tables, taxonomy, templates};
use crate::answers::{self, Answer};
use crate::calendar::Calendar;
use crate::expression::{Expression, Slot, TODAY};
use crate::model::{
    Beneficiary, ChoiceOption, Input, InputKind, Law, Line, Range, Rule, Shape, Status, Step, Tariff, Value,
};
use crate::number::{Mode, Number, Rounding};
use crate::text::Text;
use chrono::NaiveDate;
use toml::de::DeValue;

const LAWS_MAX: usize = 64;
const BENEFICIARIES_MAX: usize = 5;
const INPUTS_MAX: usize = 64;
const OPTIONS_MAX: usize = 200;
const STEPS_MAX: usize = 128;
const RULES_MAX: usize = 64;
const LINES_MAX: usize = 64;
const NAME_LENGTH_MAX: usize = 60;
/// Decimals of an answer at most, and where the file does not say.
const DECIMALS_MAX: u32 = 6;
const DECIMALS_USUAL: u32 = 2;

const TOP: [&str; 25] = [
    "schema",
    "id",
    "version",
    "status",
    "source",
    "title",
    "intro",
    "valid_from",
    "valid_to",
    "selected_by",
    "currency",
    "calendar",
    "replaces",
    "reason",
    "rounding",
    "total",
    "legal",
    "beneficiary",
    "input",
    "table",
    "step",
    "require",
    "exempt",
    "line",
    "example",
];

/// Reads the sections of a file. Whatever is wrong is noted in the source; then the tariff is not to be used.
pub(crate) fn read(top: &Section<'_, '_>, digest: &str) -> Option<Tariff> {
    top.refuse_others(&TOP);
    let head = head(top)?;
    let mut scope = Scope::default();
    scope.names.insert(
        "today".to_owned(),
        Name {
            slot: TODAY,
            kind: Kind::Date,
            exactness: Exactness::Exact,
            nonzero: false,
            input: None,
        },
    );
    let laws = laws(top);
    let beneficiaries = beneficiaries(top, head.valid_from, head.valid_to);
    note_later_names(top, &mut scope);
    let reader = Reader {
        top: *top,
        laws: &laws,
        beneficiaries: &beneficiaries,
    };
    let mut inputs = reader.inputs(&mut scope);
    if let Some(name) = &head.selected_by
        && !inputs
            .iter()
            .any(|input| &input.id == name && input.kind == InputKind::Date && input.ask_when.is_none())
    {
        top.source.wrong(
            top.place("selected_by"),
            format!("`{name}` is not a date that is always asked"),
            "`selected_by` is \"today\" or the name of a date input without `ask_when`",
        );
    }
    let tables = tables::read(top, &inputs, &mut scope);
    let steps = reader.steps(inputs.len(), &mut scope);
    let requires = reader.rules("require", "[[require]]", "that", &mut scope);
    let exempts = reader.rules("exempt", "[[exempt]]", "when", &mut scope);
    let lines = reader.lines(inputs.len() + steps.len(), head.line_rounding, &mut scope);
    if scope.words.len() > WORDS_MAX {
        top.wrong(
            "there are too many words in options and tables",
            format!("at most {WORDS_MAX}"),
        );
    }
    super::bounds::note(&mut inputs, &tables, &steps, &requires, &exempts, &lines);
    let depends_on_today = super::bounds::looks_at_today(&inputs, &steps, &requires, &exempts, &lines);
    Some(Tariff {
        id: head.id,
        version: head.version,
        digest: digest.to_owned(),
        replaces: head.replaces,
        status: head.status,
        source: head.source,
        title: head.title,
        intro: head.intro,
        valid_from: head.valid_from,
        valid_to: head.valid_to,
        selected_by: head.selected_by,
        calendar: head.calendar,
        not_due_below: head.not_due_below,
        laws,
        beneficiaries,
        words: scope.words,
        inputs,
        tables,
        steps,
        requires,
        exempts,
        lines,
        depends_on_today,
    })
}

/// What stands before the sections.
struct Head {
    id: String,
    version: String,
    replaces: Option<String>,
    status: Status,
    source: String,
    title: Text,
    intro: Option<Text>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    selected_by: Option<String>,
    calendar: Calendar,
    line_rounding: Option<Rounding>,
    not_due_below: Option<Number>,
}

fn head(top: &Section<'_, '_>) -> Option<Head> {
    let source = top.source;
    if let Some(schema) = top.text("schema")
        && schema != "tariff/1"
    {
        source.wrong(
            top.place("schema"),
            format!("the schema \"{schema}\" is unknown"),
            "write schema = \"tariff/1\"",
        );
    }
    if let Some(currency) = top.text("currency")
        && currency != "EUR"
    {
        source.wrong(
            top.place("currency"),
            format!("the currency \"{currency}\" is unknown"),
            "write currency = \"EUR\"",
        );
    }
    let id = top.text("id");
    if let Some(id) = id
        && !is_dashed(id)
    {
        source.wrong(
            top.place("id"),
            format!("\"{id}\" is not an id"),
            "use small letters, digits and dashes, beginning with a letter",
        );
    }
    let valid_from = top.date("valid_from");
    let valid_to = top.date_if("valid_to");
    if let (Some(from), Some(to)) = (valid_from, valid_to)
        && to < from
    {
        source.wrong(
            top.place("valid_to"),
            "the last day is before the first",
            "`valid_to` is the last day in force, included",
        );
    }
    let version = top.text("version");
    let replaces = top.text_if("replaces");
    if let (Some(version), Some(from)) = (version, valid_from) {
        check_version(top, version, from, replaces.is_some());
    }
    if let Some(digest) = replaces {
        if digest.len() != 64
            || !digest
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        {
            source.wrong(
                top.place("replaces"),
                "that is not the digest of a version",
                "copy the 64 digits from `tariffs.lock`",
            );
        }
        top.text("reason");
    }
    let selected_by = top.text("selected_by").filter(|name| *name != "today");
    let line_rounding = top.section_if("rounding", "[rounding]").and_then(|section| {
        section.refuse_others(&["line"]);
        rounding_of_lines(&section, "line")
    });
    let not_due_below = top.section_if("total", "[total]").and_then(|section| {
        section.refuse_others(&["not_due_below"]);
        let least = section.number_if("not_due_below")?;
        if least.is_negative() {
            source.wrong(
                section.place("not_due_below"),
                "the least amount is below zero",
                "write an amount, like \"12.00\"",
            );
        }
        Some(least)
    });
    Some(Head {
        status: top.one_of("status", &Status::ALL, Status::as_str)?,
        source: top.text("source")?.to_owned(),
        title: top.words("title")?,
        intro: top.words_if("intro"),
        calendar: top.one_of("calendar", &Calendar::ALL, Calendar::as_str)?,
        id: id?.to_owned(),
        version: version?.to_owned(),
        replaces: replaces.map(str::to_owned),
        valid_from: valid_from?,
        valid_to,
        selected_by: selected_by.map(str::to_owned),
        line_rounding,
        not_due_below,
    })
}

/// A version is its first day; one that corrects another has a number behind: `2026-01-01.2`.
fn check_version(top: &Section<'_, '_>, version: &str, from: NaiveDate, corrects: bool) {
    let rest = version.strip_prefix(&from.to_string());
    let fits = match rest {
        Some("") => true,
        Some(rest) => {
            corrects
                && rest.strip_prefix('.').is_some_and(|count| {
                    !count.is_empty() && count.len() <= 3 && count.bytes().all(|byte| byte.is_ascii_digit())
                })
        }
        None => false,
    };
    if !fits {
        top.source.wrong(
            top.place("version"),
            format!("the version \"{version}\" is not the first day"),
            format!("write version = \"{from}\"; one that corrects another has a number behind, \"{from}.2\", and `replaces`"),
        );
    }
}

fn is_dashed(id: &str) -> bool {
    id.len() <= NAME_LENGTH_MAX
        && id.starts_with(|first: char| first.is_ascii_lowercase())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether an expression can name it.
pub(crate) fn is_name(id: &str) -> bool {
    id.len() <= NAME_LENGTH_MAX
        && id.starts_with(|first: char| first.is_ascii_lowercase())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// `"0.01 half_up"`.
fn rounding(section: &Section<'_, '_>, key: &str) -> Option<Rounding> {
    let text = section.text_if(key)?;
    let at = section.place(key);
    let example = "write a step and a mode: \"0.01 half_up\"";
    let Some((step, mode)) = text.split_once(' ') else {
        section
            .source
            .wrong(at, format!("\"{text}\" is not a rounding"), example);
        return None;
    };
    let Some(mode) = mode_named(mode.trim()) else {
        section
            .source
            .wrong(at, format!("rounding does not know \"{}\"", mode.trim()), modes());
        return None;
    };
    let rounding = Number::parse(step).and_then(|step| checked_rounding(step, mode));
    if rounding.is_none() {
        section.source.wrong(
            at,
            format!("one cannot round to multiples of \"{step}\""),
            "use a step like 0.01, 0.5, 1 or 10",
        );
    }
    rounding
}

/// A rounding to the cent or coarser.
fn rounding_of_lines(section: &Section<'_, '_>, key: &str) -> Option<Rounding> {
    let round = rounding(section, key)?;
    let cent = Rounding {
        step: Number::from_parts(1, 2).unwrap_or(Number::ONE),
        mode: Mode::Down,
    };
    if round.step.rounded(cent) != Some(round.step) {
        section.source.wrong(
            section.place(key),
            "an amount has no parts of a cent",
            "round lines to 0.01 or coarser",
        );
    }
    Some(round)
}

fn laws(top: &Section<'_, '_>) -> Vec<Law> {
    let mut laws: Vec<Law> = Vec::new();
    for section in top.sections("legal", "[[legal]]", LAWS_MAX) {
        section.refuse_others(&["id", "text", "url", "note"]);
        let Some(id) = section.text("id") else { continue };
        if laws.iter().any(|law| law.id == id) {
            section.source.wrong(
                section.place("id"),
                format!("there are two laws `{id}`"),
                "give each its own id",
            );
        }
        let url = section.text_if("url");
        if let Some(url) = url
            && !url.starts_with("https://")
        {
            section.source.wrong(
                section.place("url"),
                "the address does not begin with https://",
                "write the whole address",
            );
        }
        let Some(text) = section.quoted("text") else {
            continue;
        };
        let note = section.find("note").and_then(|_| section.quoted("note"));
        laws.push(Law {
            id: id.to_owned(),
            text,
            url: url.map(str::to_owned),
            note,
        });
    }
    laws
}

fn beneficiaries(top: &Section<'_, '_>, from: NaiveDate, to: Option<NaiveDate>) -> Vec<Beneficiary> {
    let mut beneficiaries: Vec<Beneficiary> = Vec::new();
    for section in top.sections("beneficiary", "[[beneficiary]]", BENEFICIARIES_MAX) {
        section.refuse_others(&["id", "name", "taxonomy", "account", "transfer"]);
        let id = section.text("id");
        if let Some(id) = id {
            check_name(&section, id);
            if beneficiaries.iter().any(|other| other.id == id) {
                section.source.wrong(
                    section.place("id"),
                    format!("there are two beneficiaries `{id}`"),
                    "give each its own id",
                );
            }
        }
        let taxonomy = section.text("taxonomy");
        if let Some(code) = taxonomy
            && let Err((what, how)) = taxonomy::check(code, from, to)
        {
            section.source.wrong(section.place("taxonomy"), what, how);
        }
        let (name, account) = (section.words("name"), section.text("account"));
        let transfer = section.boolean_if("transfer").unwrap_or(true);
        if let (Some(id), Some(name), Some(taxonomy), Some(account)) = (id, name, taxonomy, account) {
            beneficiaries.push(Beneficiary {
                id: id.to_owned(),
                name,
                taxonomy: taxonomy.to_owned(),
                account: account.to_owned(),
                transfer,
            });
        }
    }
    if top.find("beneficiary").is_none() {
        top.wrong("nobody gets the money", "add a [[beneficiary]]");
    } else if !beneficiaries.is_empty() && !beneficiaries.iter().any(|one| one.transfer) {
        top.source.wrong(
            top.place("beneficiary"),
            "no beneficiary has a transfer",
            "leave `transfer = false` only to shares that another beneficiary collects",
        );
    }
    beneficiaries
}

fn check_name(section: &Section<'_, '_>, id: &str) {
    let at = section.place("id");
    if !is_name(id) {
        section.source.wrong(
            at,
            format!("\"{id}\" is not a name"),
            "use small letters, digits and _, beginning with a letter",
        );
    } else if is_reserved(id) {
        section.source.wrong(
            at,
            format!("`{id}` means something else in expressions"),
            "choose another name",
        );
    }
}

/// Names of steps and lines, to say why they cannot be used above their place.
fn note_later_names(top: &Section<'_, '_>, scope: &mut Scope) {
    for (key, reason) in [
        ("input", "it is asked further down"),
        ("step", "it is worked out further down"),
        (
            "line",
            "it is a line further down, and lines are worked out after everything else",
        ),
    ] {
        let Some(array) = top.find(key).and_then(|value| value.get_ref().as_array()) else {
            continue;
        };
        for value in array {
            if let Some(id) = value.get_ref().get("id").and_then(|id| id.get_ref().as_str()) {
                scope.later.insert(id.to_owned(), reason);
            }
        }
    }
}

/// Notes the name of a section that was refused: what uses it is not told too.
fn refuse(section: &Section<'_, '_>, scope: &mut Scope) {
    if let Some(id) = section.find("id").and_then(|id| id.get_ref().as_str())
        && !scope.names.contains_key(id)
    {
        scope.later.remove(id);
        scope.refused.insert(id.to_owned());
    }
}

/// Whether a section of this list has this name, refused or not.
fn is_declared(top: &Section<'_, '_>, key: &str, id: &str) -> bool {
    let sections = top.find(key).and_then(|value| value.get_ref().as_array());
    sections.into_iter().flatten().any(|section| {
        let declared = section.get_ref().get("id").and_then(|id| id.get_ref().as_str());
        declared == Some(id)
    })
}

/// What the sections below need of those above.
struct Reader<'s, 't> {
    top: Section<'s, 't>,
    laws: &'s [Law],
    beneficiaries: &'s [Beneficiary],
}

impl<'s, 't> Reader<'s, 't> {
    fn source(&self) -> &'s Source<'t> {
        self.top.source
    }

    /// A name for the values of a section, unless it is taken.
    fn name(&self, section: &Section<'s, 't>, scope: &Scope) -> Option<&'s str> {
        let id = section.text("id")?;
        check_name(section, id);
        if scope.names.contains_key(id) || scope.tables.contains_key(id) {
            self.source().wrong(
                section.place("id"),
                format!("there is already something called `{id}`"),
                "inputs, tables, steps and lines share their names: choose another",
            );
            return None;
        }
        Some(id)
    }

    fn condition(&self, section: &Section<'s, 't>, key: &str, scope: &mut Scope) -> Option<Expression> {
        let typed = expression(section, key, scope)?;
        if typed.kind != Kind::Boolean {
            self.source().wrong(
                section.place(key),
                format!("`{key}` is not a condition"),
                "compare something: `particelle > 5`",
            );
        }
        Some(typed.expression)
    }

    fn inputs(&self, scope: &mut Scope) -> Vec<Input> {
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

    fn steps(&self, before: usize, scope: &mut Scope) -> Vec<Step> {
        let mut steps = Vec::new();
        for section in self.top.sections("step", "[[step]]", STEPS_MAX) {
            match self.step(&section, before + steps.len(), scope) {
                Some(step) => steps.push(step),
                None => refuse(&section, scope),
            }
        }
        steps
    }

    fn step(&self, section: &Section<'s, 't>, place: usize, scope: &mut Scope) -> Option<Step> {
        section.refuse_others(&["id", "kind", "label", "unit", "value", "round", "nonzero"]);
        let id = self.name(section, scope)?;
        let kinds = [
            ("money", Kind::Money, Shape::Money),
            ("number", Kind::Number, Shape::Number),
            ("boolean", Kind::Boolean, Shape::Boolean),
            ("date", Kind::Date, Shape::Date),
        ];
        let names = ["money", "number", "boolean", "date"];
        let declared = section.one_of("kind", &names, |name| name);
        let value = expression(section, "value", scope);
        let round = rounding(section, "round");
        let nonzero = section.boolean_if("nonzero").unwrap_or(false);
        let (_, kind, shape) = kinds.into_iter().find(|(name, ..)| Some(*name) == declared)?;
        if let Some(value) = &value
            && value.kind != kind
        {
            self.source().wrong(section.place("value"), format!("`{id}` is declared {} and its value is another kind", declared.unwrap_or_default()), "an amount comes from amounts: `5.00€`, a table with a unit in EUR, or a number times an amount");
        }
        let numeric = matches!(kind, Kind::Money | Kind::Number);
        if section.find("round").is_some() && !numeric {
            self.source().wrong(
                section.place("round"),
                "only amounts and numbers are rounded",
                "leave `round` out",
            );
        }
        if nonzero && !numeric {
            self.source().wrong(
                section.place("nonzero"),
                "only amounts and numbers can be zero",
                "leave `nonzero` out",
            );
        }
        let exactness = match (&value, round) {
            (Some(value), None) => value.exactness,
            (Some(_), Some(_)) | (None, _) => Exactness::Exact,
        };
        scope.later.remove(id);
        scope.names.insert(
            id.to_owned(),
            Name {
                slot: slot(place),
                kind,
                exactness,
                nonzero,
                input: None,
            },
        );
        Some(Step {
            id: id.to_owned(),
            label: section.words("label")?,
            shape,
            unit: unit(section),
            value: value?.expression,
            round,
            nonzero,
        })
    }

    fn rules(&self, key: &str, name: &'s str, condition: &str, scope: &mut Scope) -> Vec<Rule> {
        let mut rules: Vec<Rule> = Vec::new();
        for section in self.top.sections(key, name, RULES_MAX) {
            section.refuse_others(&[condition, "code", "message", "legal"]);
            let when = self.condition(&section, condition, scope);
            let code = section.text("code");
            if let Some(code) = code {
                if !is_dashed(code) {
                    self.source().wrong(
                        section.place("code"),
                        format!("\"{code}\" is not a code"),
                        "use small letters, digits and dashes, beginning with a letter",
                    );
                }
                if rules.iter().any(|rule| rule.code == code) {
                    self.source().wrong(
                        section.place("code"),
                        format!("there are two rules with the code `{code}`"),
                        "give each its own: it travels with the answer",
                    );
                }
            }
            let message = templates::read(&section, "message", scope, None);
            let laws = self.laws_of(&section);
            if let (Some(when), Some(code), Some(message)) = (when, code, message) {
                // A requirement is kept the other way round: both kinds of rule fire when they hold.
                let when = if condition == "that" {
                    Expression::Not(Box::new(when))
                } else {
                    when
                };
                rules.push(Rule {
                    when,
                    code: code.to_owned(),
                    message,
                    laws,
                });
            }
        }
        rules
    }

    fn lines(&self, before: usize, usual: Option<Rounding>, scope: &mut Scope) -> Vec<Line> {
        let mut lines = Vec::new();
        for section in self.top.sections("line", "[[line]]", LINES_MAX) {
            match self.line(&section, before + lines.len(), usual, scope) {
                Some(line) => lines.push(line),
                None => refuse(&section, scope),
            }
        }
        if self.top.find("line").is_none() {
            self.top.wrong("the total has no lines", "add a [[line]]");
        }
        lines
    }

    fn line(
        &self,
        section: &Section<'s, 't>,
        place: usize,
        usual: Option<Rounding>,
        scope: &mut Scope,
    ) -> Option<Line> {
        section.refuse_others(&["id", "label", "when", "value", "round", "to", "explain", "legal"]);
        let id = self.name(section, scope)?;
        let when = section
            .find("when")
            .and_then(|_| self.condition(section, "when", scope));
        let value = expression(section, "value", scope);
        if let Some(value) = &value
            && value.kind != Kind::Money
        {
            self.source().wrong(section.place("value"), format!("`{id}` is not an amount"), "an amount comes from amounts: `5.00€`, a table with a unit in EUR, or a number times an amount");
        }
        let label = templates::read(section, "label", scope, value.as_ref());
        let explain = section
            .find("explain")
            .and_then(|_| templates::read(section, "explain", scope, value.as_ref()));
        let round = self.line_rounding(section, usual);
        let to = section.text("to").and_then(|to| {
            let found = self
                .beneficiaries
                .iter()
                .position(|beneficiary| beneficiary.id == to);
            if found.is_none() && !is_declared(&self.top, "beneficiary", to) {
                let known: Vec<&str> = self.beneficiaries.iter().map(|one| one.id.as_str()).collect();
                self.source().wrong(
                    section.place("to"),
                    format!("there is no beneficiary `{to}`"),
                    format!("there are: {}", known.join(", ")),
                );
            }
            found
        });
        let laws = self.laws_of(section);
        scope.later.remove(id);
        scope.names.insert(
            id.to_owned(),
            Name {
                slot: slot(place),
                kind: Kind::Money,
                exactness: Exactness::Exact,
                nonzero: false,
                input: None,
            },
        );
        Some(Line {
            id: id.to_owned(),
            label: label?,
            when,
            value: value?.expression,
            round: round?,
            to: u16::try_from(to?).ok()?,
            explain,
            laws,
        })
    }

    fn line_rounding(&self, section: &Section<'s, 't>, usual: Option<Rounding>) -> Option<Rounding> {
        if section.find("round").is_some() {
            return rounding_of_lines(section, "round");
        }
        if usual.is_none() && self.top.find("rounding").is_none() {
            section.wrong(
                "this line says nothing of rounding",
                "add [rounding] with line = \"0.01 half_up\", or `round` to the line",
            );
        }
        usual
    }

    fn laws_of(&self, section: &Section<'s, 't>) -> Vec<u16> {
        let mut laws = Vec::new();
        for (id, at) in section.texts("legal") {
            match self.laws.iter().position(|law| law.id == id) {
                Some(place) => laws.push(u16::try_from(place).unwrap_or(u16::MAX)),
                None if is_declared(&self.top, "legal", id) => {}
                None => self.source().wrong(
                    at,
                    format!("there is no law `{id}`"),
                    "add it as [[legal]], or mend its name",
                ),
            }
        }
        laws
    }
}

/// An expression under a key, checked.
pub(crate) fn expression(section: &Section<'_, '_>, key: &str, scope: &mut Scope) -> Option<Typed> {
    let text = section.text(key)?;
    let span = section.find(key)?.span();
    let place = |offset| section.source.inside(&span, offset);
    match parse(text) {
        Err(refusal) => {
            section.source.wrong(place(refusal.at), refusal.what, refusal.how);
            None
        }
        Ok(node) => match check(&node, scope) {
            Err(misfit) if misfit.is_consequence => None,
            Err(misfit) => {
                section.source.wrong(place(misfit.at), misfit.what, misfit.how);
                None
            }
            Ok(typed) => Some(typed),
        },
    }
}

fn slot(place: usize) -> Slot {
    Slot::try_from(1 + place).unwrap_or(Slot::MAX)
}

/// A unit is one word for both languages, or one for each.
fn unit(section: &Section<'_, '_>) -> Option<Text> {
    let value = section.find("unit")?;
    if value.get_ref().as_table().is_some() {
        return section.words_if("unit");
    }
    let unit = section.text("unit")?;
    Some(Text {
        it: unit.to_owned(),
        en: unit.to_owned(),
    })
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
