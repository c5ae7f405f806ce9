//! Types and names: makes a checked [`Expression`] of a parsed one, or says what does not fit.

use super::mistake::nearest;
use super::parse::{Node, NodeKind};
use crate::expression::{Expression, Operator, Roll, Slot};
use crate::number::{Mode, Number, Rounding};
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

fn binary(at: usize, operator: Operator, a: &Node, b: &Node, scope: &mut Scope) -> Result<Typed, Misfit> {
    match operator {
        Operator::And | Operator::Or => {
            let sides = (boolean(a, scope)?, boolean(b, scope)?);
            Ok(made(operator, sides, Kind::Boolean))
        }
        Operator::Less
        | Operator::LessOrEqual
        | Operator::Greater
        | Operator::GreaterOrEqual
        | Operator::Equal
        | Operator::NotEqual => compared(operator, a, b, scope),
        Operator::Add
        | Operator::Subtract
        | Operator::Multiply
        | Operator::Divide
        | Operator::DaysBetween
        | Operator::Minimum
        | Operator::Maximum => arithmetic(at, operator, a, b, scope),
    }
}

fn made(operator: Operator, sides: (Expression, Expression), kind: Kind) -> Typed {
    Typed {
        expression: Expression::Binary(operator, Box::new(sides)),
        kind,
        exactness: Exactness::Exact,
        nonzero: false,
    }
}

fn compared(operator: Operator, a: &Node, b: &Node, scope: &mut Scope) -> Result<Typed, Misfit> {
    let (left, right) = (check(a, scope)?, check(b, scope)?);
    if !left.kind.is_like(&right.kind) {
        let (is, with) = (left.kind.said(), right.kind.said());
        let how = match (&left.kind, &right.kind) {
            (Kind::Money, Kind::Number) | (Kind::Number, Kind::Money) => {
                "an amount has a euro sign: `12.00€`"
            }
            (Kind::Choice(_), _) | (_, Kind::Choice(_)) => {
                "words stand in single quotes and are compared with a choice"
            }
            _ => "both sides must be of one kind",
        };
        return misfit(b.at, format!("{is} is compared with {with}"), how);
    }
    if let (Kind::Choice(some), Kind::Choice(others)) = (&left.kind, &right.kind) {
        let ordered = !matches!(operator, Operator::Equal | Operator::NotEqual);
        if ordered {
            return misfit(a.at, "words have no order", "compare them with `==` or `!=`");
        }
        let literal = |typed: &Typed| matches!(typed.expression, Expression::Word(_));
        match (literal(&left), literal(&right)) {
            (true, true) => {
                return misfit(
                    a.at,
                    "two words are compared with each other",
                    "compare a choice with a word: `zona == 'centro'`",
                );
            }
            (true, false) => outside(a, &left, others, scope)?,
            (false, true) => outside(b, &right, some, scope)?,
            (false, false) if !some.iter().any(|word| others.contains(word)) => {
                return misfit(
                    b.at,
                    "the two have no word in common",
                    "they are never equal: compare each with its own words",
                );
            }
            (false, false) => {}
        }
    }
    if left.kind == Kind::Boolean && !matches!(operator, Operator::Equal | Operator::NotEqual) {
        return misfit(
            a.at,
            "yes and no have no order",
            "use the condition itself, or `not`",
        );
    }
    for (node, side) in [(a, &left), (b, &right)] {
        whole(node, side, "compared")?;
    }
    Ok(made(operator, (left.expression, right.expression), Kind::Boolean))
}

/// A word in quotes must be one the other side can be.
fn outside(node: &Node, literal: &Typed, others: &[u16], scope: &Scope) -> Result<(), Misfit> {
    let Expression::Word(word) = &literal.expression else {
        return Ok(());
    };
    if others.contains(word) {
        return Ok(());
    }
    let known: Vec<&str> = others.iter().map(|word| scope.spelled(*word)).collect();
    let how = match nearest(scope.spelled(*word), known.iter().copied()) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None => format!("it can be {}", known.join(", ")),
    };
    misfit(
        node.at,
        format!("'{}' is none of the options", scope.spelled(*word)),
        how,
    )
}

/// A quotient that may go on for ever has lost what is behind its 28th digit.
fn whole(node: &Node, typed: &Typed, done: &str) -> Result<(), Misfit> {
    match typed.exactness {
        Exactness::Exact => Ok(()),
        Exactness::Quotient => misfit(
            node.at,
            format!("a quotient that is not exact is {done}"),
            "multiply before you divide, or round it first: `round(…, 0.01, 'half_up')` or a step with `round`",
        ),
    }
}

fn arithmetic(at: usize, operator: Operator, a: &Node, b: &Node, scope: &mut Scope) -> Result<Typed, Misfit> {
    let (left, right) = (check(a, scope)?, check(b, scope)?);
    if operator == Operator::Subtract && left.kind == Kind::Date && right.kind == Kind::Date {
        return Ok(made(
            Operator::DaysBetween,
            (left.expression, right.expression),
            Kind::Number,
        ));
    }
    for (node, side) in [(a, &left), (b, &right)] {
        if !side.kind.is_numeric() {
            let how = match side.kind {
                Kind::Date => {
                    "days are added with `add_days(day, number)`; the difference of two days is a number"
                }
                Kind::Boolean => "use `if … then … else …`",
                Kind::Choice(_) => "look the word up in a table",
                Kind::Money | Kind::Number => "",
            };
            return misfit(
                node.at,
                format!("{} cannot be calculated with", side.kind.said()),
                how,
            );
        }
    }
    let kind = arithmetic_kind(at, operator, (a, &left), (b, &right))?;
    let endless = operator == Operator::Divide
        && !matches!(
            &right.expression,
            Expression::Number(divisor) | Expression::Amount(divisor) if divisor.divides_evenly()
        );
    let has_quotient = [left.exactness, right.exactness].contains(&Exactness::Quotient);
    Ok(Typed {
        exactness: if has_quotient || endless {
            Exactness::Quotient
        } else {
            Exactness::Exact
        },
        nonzero: operator == Operator::Multiply && left.nonzero && right.nonzero,
        ..made(operator, (left.expression, right.expression), kind)
    })
}

/// The kind of a sum, product or quotient of two amounts or numbers, if it makes sense and stays exact.
fn arithmetic_kind(
    at: usize,
    operator: Operator,
    (a, left): (&Node, &Typed),
    (b, right): (&Node, &Typed),
) -> Result<Kind, Misfit> {
    let is_money = (left.kind == Kind::Money, right.kind == Kind::Money);
    match operator {
        Operator::Multiply => {
            if is_money == (true, true) {
                return misfit(
                    at,
                    "an amount is multiplied by an amount",
                    "multiply an amount by a number",
                );
            }
            whole(a, left, "multiplied")?;
            whole(b, right, "multiplied")?;
            Ok(if is_money.0 || is_money.1 {
                Kind::Money
            } else {
                Kind::Number
            })
        }
        Operator::Divide => {
            if is_money == (false, true) {
                return misfit(
                    at,
                    "a number is divided by an amount",
                    "divide an amount by a number, or by an amount",
                );
            }
            if !right.nonzero {
                return misfit(
                    b.at,
                    "the divisor may be zero",
                    "divide by a number, by an input whose `min` is above zero, or by a step with `nonzero = true`",
                );
            }
            whole(a, left, "divided")?;
            whole(b, right, "divided by")?;
            Ok(if is_money == (true, false) {
                Kind::Money
            } else {
                Kind::Number
            })
        }
        // Sums and differences; the others do not come here.
        Operator::Add
        | Operator::Subtract
        | Operator::DaysBetween
        | Operator::Minimum
        | Operator::Maximum
        | Operator::And
        | Operator::Or
        | Operator::Equal
        | Operator::NotEqual
        | Operator::Less
        | Operator::LessOrEqual
        | Operator::Greater
        | Operator::GreaterOrEqual => {
            if is_money.0 != is_money.1 {
                return misfit(
                    at,
                    "an amount and a number are added or subtracted",
                    "an amount has a euro sign: `12.00€`",
                );
            }
            if left.exactness == Exactness::Quotient {
                whole(b, right, "added to another")?;
            }
            Ok(left.kind.clone())
        }
    }
}

fn called(at: usize, name: &str, arguments: &[Node], scope: &mut Scope) -> Result<Typed, Misfit> {
    let count = |wanted: usize, written: &str| {
        if arguments.len() == wanted {
            return Ok(());
        }
        misfit(
            at,
            format!("`{name}` has {} arguments", arguments.len()),
            format!("write `{written}`"),
        )
    };
    let exact = |expression, kind| Typed {
        expression,
        kind,
        exactness: Exactness::Exact,
        nonzero: false,
    };
    match name {
        "min" | "max" => {
            let operator = if name == "min" {
                Operator::Minimum
            } else {
                Operator::Maximum
            };
            extreme(at, operator, arguments, scope)
        }
        "round" => {
            count(3, "round(value, 0.01, 'half_up')")?;
            let value = numeric(&arguments[0], scope, "only amounts and numbers are rounded")?;
            let rounding = rounding(&arguments[1], &arguments[2])?;
            Ok(exact(
                Expression::Round(Box::new(value.expression), rounding),
                value.kind,
            ))
        }
        "add_days" => {
            count(2, "add_days(day, 5)")?;
            let day = date(&arguments[0], scope)?;
            let days = check(&arguments[1], scope)?;
            if days.kind != Kind::Number {
                return misfit(
                    arguments[1].at,
                    format!("{} where a number of days is needed", days.kind.said()),
                    "write `add_days(day, 5)`",
                );
            }
            whole(&arguments[1], &days, "a number of days")?;
            Ok(exact(
                Expression::AddDays(Box::new((day, days.expression))),
                Kind::Date,
            ))
        }
        "roll" => {
            count(2, "roll(day, 'festivi')")?;
            let day = date(&arguments[0], scope)?;
            let roll = match &arguments[1].kind {
                NodeKind::Text(text) if text == "festivi" => Roll::Holidays,
                NodeKind::Text(text) if text == "festivi_e_sabato" => Roll::HolidaysAndSaturdays,
                _ => {
                    return misfit(
                        arguments[1].at,
                        "`roll` does not know these days",
                        "they are 'festivi' or 'festivi_e_sabato'",
                    );
                }
            };
            Ok(exact(Expression::Roll(Box::new(day), roll), Kind::Date))
        }
        "year" => {
            count(1, "year(day)")?;
            Ok(exact(
                Expression::Year(Box::new(date(&arguments[0], scope)?)),
                Kind::Number,
            ))
        }
        "days_in_year" => {
            count(1, "days_in_year(day)")?;
            let day = date(&arguments[0], scope)?;
            Ok(Typed {
                nonzero: true,
                ..exact(Expression::DaysInYear(Box::new(day)), Kind::Number)
            })
        }
        _ => looked_up(at, name, arguments, scope),
    }
}

fn extreme(at: usize, operator: Operator, arguments: &[Node], scope: &mut Scope) -> Result<Typed, Misfit> {
    if arguments.len() < 2 {
        return misfit(
            at,
            "there is nothing to choose from",
            "write `min(a, b)` or `max(a, b)`",
        );
    }
    let mut chosen: Option<Typed> = None;
    for node in arguments {
        let typed = check(node, scope)?;
        if !typed.kind.is_numeric() && typed.kind != Kind::Date {
            return misfit(
                node.at,
                format!("{} has no smaller and larger", typed.kind.said()),
                "compare amounts, numbers or days",
            );
        }
        whole(node, &typed, "compared")?;
        chosen = Some(match chosen {
            None => typed,
            Some(before) if before.kind != typed.kind => {
                return misfit(
                    node.at,
                    format!("{} is compared with {}", before.kind.said(), typed.kind.said()),
                    "an amount has a euro sign: `12.00€`",
                );
            }
            Some(before) => Typed {
                nonzero: before.nonzero && typed.nonzero,
                ..made(operator, (before.expression, typed.expression), typed.kind)
            },
        });
    }
    chosen.map_or_else(|| misfit(at, "there is nothing to choose from", ""), Ok)
}

/// Step and mode are literals: where and how a regulation rounds is never worked out.
fn rounding(step: &Node, mode: &Node) -> Result<Rounding, Misfit> {
    let NodeKind::Number(number) = step.kind else {
        return misfit(
            step.at,
            "the step of a rounding is not a number",
            "write `round(value, 0.01, 'half_up')`",
        );
    };
    let NodeKind::Text(word) = &mode.kind else {
        return misfit(
            mode.at,
            "the mode of a rounding is not a word",
            "write `round(value, 0.01, 'half_up')`",
        );
    };
    let Some(known) = mode_named(word) else {
        return misfit(mode.at, format!("rounding does not know '{word}'"), modes());
    };
    checked_rounding(number, known).map_or_else(
        || {
            misfit(
                step.at,
                format!("one cannot round to multiples of {number}"),
                "use a step like 0.01, 0.5, 1 or 10",
            )
        },
        Ok,
    )
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

fn looked_up(at: usize, name: &str, arguments: &[Node], scope: &mut Scope) -> Result<Typed, Misfit> {
    let (table_name, column_name) = name
        .split_once('.')
        .map_or((name, None), |(table, column)| (table, Some(column)));
    let Some(table) = scope.tables.get(table_name).cloned() else {
        if scope.refused.contains(table_name) {
            return consequence(at);
        }
        let what = if scope.names.contains_key(name) {
            format!("`{name}` is a value, not a table")
        } else {
            format!("there is no table or function `{table_name}`")
        };
        return misfit(at, what, suggestion(table_name, scope));
    };
    let column = match column_name {
        Some(column) => table.columns.iter().position(|known| known == column),
        None => (table.columns.len() == 1).then_some(0),
    };
    let Some(column) = column else {
        return misfit(
            at,
            format!("`{name}` does not name a column"),
            format!(
                "the table has {}: write `{table_name}.{}(…)`",
                table.columns.join(", "),
                table.columns[0]
            ),
        );
    };
    if arguments.len() != table.keys.len() {
        return misfit(
            at,
            format!(
                "`{table_name}` has {} keys and is given {}",
                table.keys.len(),
                arguments.len()
            ),
            "give one value for each key, in their order",
        );
    }
    let mut keys = Vec::with_capacity(arguments.len());
    for (node, wanted) in arguments.iter().zip(&table.keys) {
        let typed = check(node, scope)?;
        let fits = match (&typed.kind, wanted) {
            (Kind::Choice(given), Kind::Choice(known)) => given.iter().all(|word| known.contains(word)),
            (given, wanted) => given == wanted,
        };
        if !fits {
            return misfit(
                node.at,
                format!("{} is not a key of `{table_name}`", typed.kind.said()),
                format!("its key is {}", wanted.said()),
            );
        }
        whole(node, &typed, "a key")?;
        keys.push(typed.expression);
    }
    let column = u16::try_from(column).unwrap_or(u16::MAX);
    Ok(Typed {
        expression: Expression::Table(table.index, column, keys),
        kind: table.kind,
        exactness: table.exactness,
        nonzero: false,
    })
}
