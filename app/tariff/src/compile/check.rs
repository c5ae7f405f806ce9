//! Types and names: makes a checked [`Expression`] of a parsed one, or says what does not fit.

mod calls;
mod operators;

use super::mistake::nearest;
use super::parse::{Node, NodeKind};
use crate::expression::{Expression, Slot};
use crate::number::{Mode, Number, Rounding};
use calls::called;
use operators::binary;
use std::collections::{BTreeMap, BTreeSet};

/// Words of a tariff at most; one more is kept, so that it is seen.
pub(crate) const WORDS_MAX: usize = 4_096;

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Money,
    Number,
    Boolean,
    Date,
    /// One of these words of the tariff.
    Choice(Vec<u16>),
}

impl Kind {
    fn said(&self) -> &'static str {
        match self {
            Self::Money => "an amount",
            Self::Number => "a number",
            Self::Boolean => "yes or no",
            Self::Date => "a day",
            Self::Choice(_) => "a word",
        }
    }

    fn is_numeric(&self) -> bool {
        matches!(self, Self::Money | Self::Number)
    }

    /// Whether values of both can be compared.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Choice(_), Self::Choice(_)) => true,
            (Self::Money | Self::Number | Self::Boolean | Self::Date | Self::Choice(_), _) => self == other,
        }
    }
}

/// How far from exact a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exactness {
    Exact,
    /// A quotient that may go on for ever, cut after 28 digits: it must be rounded before anything else is done.
    Quotient,
}

/// A name an expression may use.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    pub(crate) slot: Slot,
    pub(crate) kind: Kind,
    pub(crate) exactness: Exactness,
    pub(crate) nonzero: bool,
    /// The input whose options its words are.
    pub(crate) input: Option<u16>,
}

/// A table an expression may look up.
#[derive(Debug, Clone)]
pub(crate) struct TableName {
    pub(crate) index: u16,
    pub(crate) columns: Vec<String>,
    pub(crate) keys: Vec<Kind>,
    pub(crate) kind: Kind,
    pub(crate) exactness: Exactness,
}

/// What an expression may use: names that stand above it, and tables.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    pub(crate) names: BTreeMap<String, Name>,
    /// Names of the file that may not be used here, with the reason.
    pub(crate) later: BTreeMap<String, &'static str>,
    /// Names whose own section is refused: what is wrong with it is told there, not wherever it is used.
    pub(crate) refused: BTreeSet<String>,
    pub(crate) tables: BTreeMap<String, TableName>,
    /// The words of the tariff.
    pub(crate) words: Vec<String>,
}

impl Scope {
    /// The place of a word, kept if it is new and there are not too many.
    pub(crate) fn word(&mut self, text: &str) -> u16 {
        let known = self.words.iter().position(|word| word == text);
        let place = known.unwrap_or_else(|| {
            if self.words.len() <= WORDS_MAX {
                self.words.push(text.to_owned());
            }
            self.words.len() - 1
        });
        u16::try_from(place).unwrap_or(u16::MAX)
    }

    fn spelled(&self, word: u16) -> &str {
        self.words.get(usize::from(word)).map_or("", String::as_str)
    }
}

/// A checked expression and what is known of its value.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    pub(crate) expression: Expression,
    pub(crate) kind: Kind,
    pub(crate) exactness: Exactness,
    nonzero: bool,
}

/// What does not fit, and where in the text.
#[derive(Debug)]
pub(crate) struct Misfit {
    pub(crate) at: usize,
    pub(crate) what: String,
    pub(crate) how: String,
    /// It follows from another mistake, which is told where that one is.
    pub(crate) is_consequence: bool,
}

fn misfit<T>(at: usize, what: impl Into<String>, how: impl Into<String>) -> Result<T, Misfit> {
    Err(Misfit {
        at,
        what: what.into(),
        how: how.into(),
        is_consequence: false,
    })
}

fn consequence<T>(at: usize) -> Result<T, Misfit> {
    Err(Misfit {
        at,
        what: String::new(),
        how: String::new(),
        is_consequence: true,
    })
}

const FUNCTIONS: [&str; 7] = ["min", "max", "round", "add_days", "roll", "year", "days_in_year"];

/// Whether a name means something in every expression.
pub(crate) fn is_reserved(name: &str) -> bool {
    let words = ["today", "if", "then", "else", "and", "or", "not", "true", "false"];
    FUNCTIONS.contains(&name) || words.contains(&name)
}

/// Checks an expression.
pub(crate) fn check(node: &Node, scope: &mut Scope) -> Result<Typed, Misfit> {
    let exact = |expression, kind, nonzero| Typed {
        expression,
        kind,
        exactness: Exactness::Exact,
        nonzero,
    };
    match &node.kind {
        NodeKind::Number(number) => Ok(exact(
            Expression::Number(*number),
            Kind::Number,
            !number.is_zero(),
        )),
        NodeKind::Money(number) => Ok(exact(Expression::Amount(*number), Kind::Money, !number.is_zero())),
        NodeKind::Boolean(truth) => Ok(exact(Expression::Boolean(*truth), Kind::Boolean, false)),
        NodeKind::Text(text) => {
            let word = scope.word(text);
            Ok(exact(Expression::Word(word), Kind::Choice(vec![word]), false))
        }
        NodeKind::Name(name) => named(node.at, name, scope),
        NodeKind::Call(name, arguments) => called(node.at, name, arguments, scope),
        NodeKind::Negated(inner) => {
            let inner = numeric(inner, scope, "only amounts and numbers have a sign")?;
            Ok(Typed {
                expression: Expression::Negated(Box::new(inner.expression)),
                ..inner
            })
        }
        NodeKind::Not(inner) => {
            let inner = boolean(inner, scope)?;
            Ok(exact(Expression::Not(Box::new(inner)), Kind::Boolean, false))
        }
        NodeKind::Binary(operator, sides) => binary(node.at, *operator, &sides.0, &sides.1, scope),
        NodeKind::If(parts) => {
            let condition = boolean(&parts.0, scope)?;
            let (first, second) = (check(&parts.1, scope)?, check(&parts.2, scope)?);
            let kind = joined(&parts.2, &first.kind, &second.kind)?;
            let quotient = [first.exactness, second.exactness].contains(&Exactness::Quotient);
            Ok(Typed {
                expression: Expression::If(Box::new((condition, first.expression, second.expression))),
                kind,
                exactness: if quotient {
                    Exactness::Quotient
                } else {
                    Exactness::Exact
                },
                nonzero: first.nonzero && second.nonzero,
            })
        }
    }
}

/// The kind of either branch.
fn joined(second: &Node, a: &Kind, b: &Kind) -> Result<Kind, Misfit> {
    match (a, b) {
        (Kind::Choice(a), Kind::Choice(b)) => {
            let mut words = a.clone();
            words.extend(b.iter().filter(|word| !a.contains(word)));
            Ok(Kind::Choice(words))
        }
        _ if a == b => Ok(a.clone()),
        _ => misfit(
            second.at,
            format!("one branch is {}, the other {}", a.said(), b.said()),
            "both must be of one kind: an amount has a euro sign, `0.00€`",
        ),
    }
}

fn named(at: usize, name: &str, scope: &Scope) -> Result<Typed, Misfit> {
    if let Some(found) = scope.names.get(name) {
        return Ok(Typed {
            expression: Expression::Name(found.slot),
            kind: found.kind.clone(),
            exactness: found.exactness,
            nonzero: found.nonzero,
        });
    }
    if let Some(reason) = scope.later.get(name) {
        return misfit(
            at,
            format!("`{name}` cannot be used here: {reason}"),
            "a name may be used only below the place where it stands",
        );
    }
    let table = name.split('.').next().unwrap_or(name);
    if scope.refused.contains(table) {
        return consequence(at);
    }
    if scope.tables.contains_key(table) {
        return misfit(
            at,
            format!("`{name}` is a table"),
            "give it its key in brackets, like `table(key)`",
        );
    }
    misfit(at, format!("nothing is called `{name}`"), suggestion(name, scope))
}

fn suggestion(name: &str, scope: &Scope) -> String {
    let known = scope
        .names
        .keys()
        .chain(scope.tables.keys())
        .map(String::as_str)
        .chain(FUNCTIONS);
    match nearest(name, known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "use an input, a step above, a table or a function of the guide".to_owned(),
    }
}

fn numeric(node: &Node, scope: &mut Scope, how: &str) -> Result<Typed, Misfit> {
    let typed = check(node, scope)?;
    if typed.kind.is_numeric() {
        return Ok(typed);
    }
    misfit(
        node.at,
        format!("{} where an amount or a number is needed", typed.kind.said()),
        how,
    )
}

fn boolean(node: &Node, scope: &mut Scope) -> Result<Expression, Misfit> {
    let typed = check(node, scope)?;
    match typed.kind {
        Kind::Boolean => Ok(typed.expression),
        other => misfit(
            node.at,
            format!("{} where a condition is needed", other.said()),
            "compare it with something: `particelle > 5`",
        ),
    }
}

fn date(node: &Node, scope: &mut Scope) -> Result<Expression, Misfit> {
    let typed = check(node, scope)?;
    match typed.kind {
        Kind::Date => Ok(typed.expression),
        other => misfit(
            node.at,
            format!("{} where a day is needed", other.said()),
            "use a date input, `today` or a step of kind date",
        ),
    }
}

/// The mode with this name.
pub(crate) fn mode_named(word: &str) -> Option<Mode> {
    Mode::ALL.into_iter().find(|mode| mode.as_str() == word)
}

/// The modes there are, in a sentence.
pub(crate) fn modes() -> String {
    let names: Vec<&str> = Mode::ALL.iter().map(|mode| mode.as_str()).collect();
    format!("it knows {}", names.join(", "))
}

/// A rounding whose counting is exact.
pub(crate) fn checked_rounding(step: Number, mode: Mode) -> Option<Rounding> {
    (step > Number::ZERO && step.divides_evenly()).then_some(Rounding { step, mode })
}
