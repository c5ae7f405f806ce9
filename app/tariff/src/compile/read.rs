//! A file's sections into a [`Tariff`]: the closed set of keys (section 4.2 of the specification), names, types.

mod head;
mod questions;

use super::check::{
    Exactness, Kind, Name, Scope, Typed, WORDS_MAX, check, checked_rounding, is_reserved, mode_named, modes,
};
use super::parse::parse;
use super::source::{Section, Source};
use super::{tables, templates};
use crate::expression::{Expression, Slot, TODAY};
use crate::model::{Beneficiary, InputKind, Law, Line, Rule, Shape, Step, Tariff};
use crate::number::{Mode, Number, Rounding};
use crate::text::Text;
use head::{TOP, beneficiaries, head, is_dashed, laws};

const STEPS_MAX: usize = 128;
const RULES_MAX: usize = 64;
const LINES_MAX: usize = 64;
const NAME_LENGTH_MAX: usize = 60;

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
