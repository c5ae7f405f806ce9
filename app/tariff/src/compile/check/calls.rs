//! Functions and tables, called with their arguments.

use super::operators::{made, whole};
use super::{
    Exactness, Kind, Misfit, Scope, Typed, check, checked_rounding, consequence, date, misfit, mode_named,
    modes, numeric, suggestion,
};
use crate::compile::parse::{Node, NodeKind};
use crate::expression::{Expression, Operator, Roll};
use crate::number::Rounding;

pub(super) fn called(at: usize, name: &str, arguments: &[Node], scope: &mut Scope) -> Result<Typed, Misfit> {
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
