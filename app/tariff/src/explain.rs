//! A quote in words: templates filled with the values that were used, rows of tables with their bounds.

use crate::evaluate::value_of;
use crate::expression::Slot;
use crate::model::{InputKind, Rows, Shape, Tariff, Value};
use crate::number::Number;
use crate::quote::{Quote, RowUsed};
use crate::text::{Piece, Template, Tongue};
use chrono::NaiveDate;

/// How a day is written for people; pages and terminals differ.
pub type WriteDay<'a> = &'a dyn Fn(NaiveDate) -> String;

/// Fills a template with the values of a quote. A value that was never worked out leaves its hole empty.
pub fn fill(quote: &Quote<'_>, template: &Template, tongue: Tongue, day: WriteDay<'_>) -> String {
    let mut text = String::new();
    let Some(tariff) = quote.tariff else {
        return text;
    };
    for piece in template.in_tongue(tongue) {
        match piece {
            Piece::Words(words) => text.push_str(words),
            Piece::Value(expression, shape) => {
                if let Some(value) = value_of(tariff, &quote.values, expression) {
                    text.push_str(&value_for_people(tariff, value, *shape, tongue, day));
                }
            }
        }
    }
    text
}

/// A value as people write it: `1.226,94`, `41,25`, `sì`, an option by its name.
pub fn value_for_people(
    tariff: &Tariff,
    value: Value,
    shape: Shape,
    tongue: Tongue,
    day: WriteDay<'_>,
) -> String {
    match value {
        Value::Number(number) => number_for_people(number, shape, tongue),
        Value::Boolean(true) => match tongue {
            Tongue::Italian => "sì".to_owned(),
            Tongue::English => "yes".to_owned(),
        },
        Value::Boolean(false) => "no".to_owned(),
        Value::Date(date) => day(date),
        Value::Word(word) => word_for_people(tariff, word, shape, tongue),
    }
}

fn word_for_people(tariff: &Tariff, word: u16, shape: Shape, tongue: Tongue) -> String {
    let input = match shape {
        Shape::Choice(input) => input.and_then(|input| tariff.inputs.get(usize::from(input))),
        Shape::Money | Shape::Number | Shape::Boolean | Shape::Date => None,
    };
    let label = input.and_then(|input| match &input.kind {
        InputKind::Choice(options) => options.iter().find(|option| option.word == word),
        InputKind::Number(_) | InputKind::Money(_) | InputKind::Boolean | InputKind::Date => None,
    });
    match label {
        Some(option) => option.label.in_tongue(tongue).to_owned(),
        None => tariff
            .words
            .get(usize::from(word))
            .map_or_else(String::new, |word| word.replace('_', " ")),
    }
}

/// A number as people write it, its thousands apart: `1.226,94` in Italian, `1,226.94` in English. Amounts have two
/// decimals at least; nothing is rounded.
pub fn number_for_people(number: Number, shape: Shape, tongue: Tongue) -> String {
    let written = match shape {
        Shape::Money => number.money(),
        Shape::Number | Shape::Boolean | Shape::Date | Shape::Choice(_) => number.plain(),
    };
    let (group, point) = match tongue {
        Tongue::Italian => ('.', ','),
        Tongue::English => (',', '.'),
    };
    let (sign, digits) = match written.strip_prefix('-') {
        Some(digits) => ("\u{2212}", digits),
        None => ("", written.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut text = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        // Four digits stay together in Italian where they are not an amount: 1000 m², a year.
        let grouped = whole.len() > 4 || shape == Shape::Money;
        if place > 0 && grouped && (whole.len() - place).is_multiple_of(3) {
            text.push(group);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(point);
        text.push_str(fraction);
    }
    text
}

/// The rows of bands and segments a step or a line used: "ISEE: 12.000,00, fra 4.800,01 e 16.500,00".
pub fn rows(quote: &Quote<'_>, by: Slot, tongue: Tongue) -> Vec<String> {
    let Some(tariff) = quote.tariff else {
        return Vec::new();
    };
    let used = quote.rows.iter().filter(|row| row.by == by);
    used.filter_map(|row| row_in_words(tariff, row, tongue)).collect()
}

fn row_in_words(tariff: &Tariff, row: &RowUsed, tongue: Tongue) -> Option<String> {
    let table = tariff.tables.get(usize::from(row.table))?;
    let name = table.keys.first()?;
    let (label, shape) = key_label(tariff, name, tongue)?;
    let written = |number| number_for_people(number, shape, tongue);
    let key = written(row.key?);
    // A band begins above where the one before ends; a segment has both its ends.
    let is_band = matches!(table.rows, Rows::Bands(_) | Rows::Slices(_));
    let (above, up_to, between, and) = match tongue {
        Tongue::Italian => ("oltre ", "fino a ", "fra ", " e "),
        Tongue::English => ("above ", "up to ", "between ", " and "),
    };
    let place = match row.bounds(tariff) {
        (Some(from), Some(to)) if is_band => [above, &written(from), ", ", up_to, &written(to)].concat(),
        (Some(from), Some(to)) => [between, &written(from), and, &written(to)].concat(),
        (None, Some(to)) => [up_to, &written(to)].concat(),
        (Some(from), None) => [above, &written(from)].concat(),
        (None, None) => return None,
    };
    Some([label, ": ", &key, ", ", &place].concat())
}

/// The label of the input or step a table's key is, and how its values are written.
pub fn key_label<'a>(tariff: &'a Tariff, name: &str, tongue: Tongue) -> Option<(&'a str, Shape)> {
    if let Some((place, input)) = tariff
        .inputs
        .iter()
        .enumerate()
        .find(|(_, input)| input.id == name)
    {
        let shape = match &input.kind {
            InputKind::Number(_) => Shape::Number,
            InputKind::Money(_) => Shape::Money,
            InputKind::Boolean => Shape::Boolean,
            InputKind::Date => Shape::Date,
            InputKind::Choice(_) => Shape::Choice(u16::try_from(place).ok()),
        };
        return Some((input.label.in_tongue(tongue), shape));
    }
    let step = tariff.steps.iter().find(|step| step.id == name)?;
    Some((step.label.in_tongue(tongue), step.shape))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_readers_language_writes_them() {
        let number = |text| Number::parse(text).expect("a number");
        let italian = |text, shape| number_for_people(number(text), shape, Tongue::Italian);
        assert_eq!(italian("1226.94", Shape::Money), "1.226,94");
        assert_eq!(italian("-69.2", Shape::Money), "\u{2212}69,20");
        assert_eq!(italian("0.4790", Shape::Money), "0,479");
        assert_eq!(italian("2026", Shape::Number), "2026");
        assert_eq!(italian("12345.5", Shape::Number), "12.345,5");
        let english = |text, shape| number_for_people(number(text), shape, Tongue::English);
        assert_eq!(english("1226.94", Shape::Money), "1,226.94");
    }
}
