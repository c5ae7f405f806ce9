//! Operators: what can be compared, calculated and joined, and what stays exact.

use super::{Exactness, Kind, Misfit, Scope, Typed, boolean, check, misfit};
use crate::compile::mistake::nearest;
use crate::compile::parse::Node;
use crate::expression::{Expression, Operator};

pub(super) fn binary(
    at: usize,
    operator: Operator,
    a: &Node,
    b: &Node,
    scope: &mut Scope,
) -> Result<Typed, Misfit> {
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

pub(super) fn made(operator: Operator, sides: (Expression, Expression), kind: Kind) -> Typed {
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
pub(super) fn whole(node: &Node, typed: &Typed, done: &str) -> Result<(), Misfit> {
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
