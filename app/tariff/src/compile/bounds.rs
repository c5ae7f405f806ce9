//! Where rates change: for what an answer looks up, and for what it is compared with.

use crate::expression::{Expression, Operator, TODAY};
use crate::model::{Input, Line, RowKey, Rows, Rule, Step, Table};
use crate::number::Number;

/// Bounds kept for one question at most.
const BOUNDS_MAX: usize = 200;

/// Notes with each numeric input the last values of the rows it is looked up in, and of what it is compared with.
pub(crate) fn note(
    inputs: &mut [Input],
    tables: &[Table],
    steps: &[Step],
    requires: &[Rule],
    exempts: &[Rule],
    lines: &[Line],
) {
    let mut found: Vec<Vec<Number>> = vec![Vec::new(); inputs.len()];
    for table in tables {
        let place = table
            .keys
            .first()
            .and_then(|key| inputs.iter().position(|input| &input.id == key));
        if let (Some(place), 1) = (place, table.keys.len()) {
            found[place].extend(of_table(table));
        }
    }
    for expression in expressions(inputs, steps, requires, exempts, lines) {
        compared(expression, inputs, &mut found);
    }
    for (input, mut bounds) in inputs.iter_mut().zip(found) {
        if let Some(range) = input.kind.range() {
            bounds.retain(|bound| {
                range.min.is_none_or(|min| *bound >= min) && range.max.is_none_or(|max| *bound < max)
            });
            bounds.sort_unstable();
            bounds.dedup();
            bounds.truncate(BOUNDS_MAX);
            input.bounds = bounds;
        }
    }
}

/// Whether the result may change with the day alone.
pub(crate) fn looks_at_today(
    inputs: &[Input],
    steps: &[Step],
    requires: &[Rule],
    exempts: &[Rule],
    lines: &[Line],
) -> bool {
    fn looks(expression: &Expression) -> bool {
        *expression == Expression::Name(TODAY) || expression.parts().into_iter().any(looks)
    }
    expressions(inputs, steps, requires, exempts, lines)
        .into_iter()
        .any(looks)
}

/// Everything that is worked out.
pub(super) fn expressions<'a>(
    inputs: &'a [Input],
    steps: &'a [Step],
    requires: &'a [Rule],
    exempts: &'a [Rule],
    lines: &'a [Line],
) -> Vec<&'a Expression> {
    let mut all: Vec<&Expression> = inputs
        .iter()
        .filter_map(|input| input.ask_when.as_ref())
        .collect();
    all.extend(steps.iter().map(|step| &step.value));
    all.extend(requires.iter().chain(exempts).map(|rule| &rule.when));
    all.extend(
        lines
            .iter()
            .flat_map(|line| line.when.iter().chain([&line.value])),
    );
    all
}

fn of_table(table: &Table) -> Vec<Number> {
    match &table.rows {
        Rows::Bands(bands) | Rows::Slices(bands) => bands.iter().filter_map(|band| band.up_to).collect(),
        Rows::Interpolate(segments, _) => segments.iter().map(|segment| segment.to).collect(),
        Rows::Lookup(rows) => rows
            .iter()
            .flat_map(|row| &row.keys)
            .filter_map(|key| match key {
                RowKey::Exactly(whole) => Some(Number::from_i64(*whole)),
                RowKey::AtLeast(whole) => Some(Number::from_i64(whole.saturating_sub(1))),
                RowKey::Word(_) | RowKey::Boolean(_) => None,
            })
            .collect(),
    }
}

fn compared(expression: &Expression, inputs: &[Input], found: &mut [Vec<Number>]) {
    for part in expression.parts() {
        compared(part, inputs, found);
    }
    let Expression::Binary(operator, sides) = expression else {
        return;
    };
    let (slot, number, turned) = match (&sides.0, &sides.1) {
        (Expression::Name(slot), Expression::Number(number) | Expression::Amount(number)) => {
            (*slot, *number, false)
        }
        (Expression::Number(number) | Expression::Amount(number), Expression::Name(slot)) => {
            (*slot, *number, true)
        }
        _ => return,
    };
    let Some(place) = usize::from(slot)
        .checked_sub(1)
        .filter(|place| *place < inputs.len())
    else {
        return;
    };
    let quantum = inputs[place]
        .kind
        .range()
        .and_then(|range| Number::from_parts(1, range.decimals));
    let below = quantum.and_then(|quantum| number.checked_sub(quantum));
    let bounds = match (operator, turned) {
        (Operator::Less | Operator::GreaterOrEqual, false)
        | (Operator::Greater | Operator::LessOrEqual, true) => {
            vec![below]
        }
        (Operator::LessOrEqual | Operator::Greater, false)
        | (Operator::GreaterOrEqual | Operator::Less, true) => {
            vec![Some(number)]
        }
        (Operator::Equal | Operator::NotEqual, _) => vec![below, Some(number)],
        (
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::DaysBetween
            | Operator::Minimum
            | Operator::Maximum
            | Operator::And
            | Operator::Or,
            _,
        ) => Vec::new(),
    };
    found[place].extend(bounds.into_iter().flatten());
}
