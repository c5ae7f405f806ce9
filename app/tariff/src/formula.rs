//! Expressions in words people read: names by their labels, words by those of their options, operations as on paper.

use crate::explain::{key_label, number_for_people, value_for_people};
use crate::expression::{Expression, Operator, Roll, Slot, TODAY};
use crate::model::{Shape, Table, Tariff, Value};
use crate::number::{Mode, Number, Rounding};
use crate::text::{Piece, Template, Tongue};

/// How closely an operation binds: what binds less closely than what it stands in gets brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Choice,
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Value,
}

/// An expression in words.
pub fn in_words(tariff: &Tariff, expression: &Expression, tongue: Tongue) -> String {
    Writer { tariff, tongue }.write(expression, Binding::Choice)
}

/// A template whose holes are filled with what they are for, not with values.
pub fn template_in_words(tariff: &Tariff, template: &Template, tongue: Tongue) -> String {
    let written = template.in_tongue(tongue).iter().map(|piece| match piece {
        Piece::Words(words) => words.clone(),
        Piece::Value(expression, _) => in_words(tariff, expression, tongue),
    });
    written.collect()
}

/// A rounding in words: "al centesimo più vicino, la metà in su".
pub fn rounding_in_words(rounding: Rounding, tongue: Tongue) -> String {
    let step = number_for_people(rounding.step, Shape::Number, tongue);
    let mode = match (rounding.mode, tongue) {
        (Mode::HalfUp, Tongue::Italian) => "al più vicino, la metà in su",
        (Mode::HalfEven, Tongue::Italian) => "al più vicino, la metà al pari",
        (Mode::HalfDown, Tongue::Italian) => "al più vicino, la metà in giù",
        (Mode::Up, Tongue::Italian) => "per eccesso",
        (Mode::Down, Tongue::Italian) => "per difetto",
        (Mode::HalfUp, Tongue::English) => "to the nearest, halves up",
        (Mode::HalfEven, Tongue::English) => "to the nearest, halves to the even one",
        (Mode::HalfDown, Tongue::English) => "to the nearest, halves down",
        (Mode::Up, Tongue::English) => "up",
        (Mode::Down, Tongue::English) => "down",
    };
    match tongue {
        Tongue::Italian => format!("a multipli di {step}, {mode}"),
        Tongue::English => format!("to multiples of {step}, {mode}"),
    }
}

/// What a table is called: as the office says for people, else by its name.
pub fn table_title(table: &Table, tongue: Tongue) -> String {
    match &table.label {
        Some(label) => label.in_tongue(tongue).to_owned(),
        None => name_as_words(&table.id),
    }
}

/// A name of the file as words: `quota_pasto` is "Quota pasto".
pub(crate) fn name_as_words(name: &str) -> String {
    let spaced = name.replace('_', " ");
    let mut letters = spaced.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

struct Writer<'a> {
    tariff: &'a Tariff,
    tongue: Tongue,
}

impl Writer<'_> {
    /// `italian` or `english`.
    fn either(&self, italian: &'static str, english: &'static str) -> &'static str {
        match self.tongue {
            Tongue::Italian => italian,
            Tongue::English => english,
        }
    }

    fn quoted(&self, label: &str) -> String {
        match self.tongue {
            Tongue::Italian => format!("«{label}»"),
            Tongue::English => format!("“{label}”"),
        }
    }

    fn number(&self, number: Number, shape: Shape) -> String {
        number_for_people(number, shape, self.tongue)
    }

    fn write(&self, expression: &Expression, inside: Binding) -> String {
        let (text, binding) = self.unbracketed(expression);
        if binding < inside {
            format!("({text})")
        } else {
            text
        }
    }

    fn unbracketed(&self, expression: &Expression) -> (String, Binding) {
        let value = |text: String| (text, Binding::Value);
        match expression {
            Expression::Number(number) => value(self.number(*number, Shape::Number)),
            Expression::Amount(amount) => value(match self.tongue {
                Tongue::Italian => format!("{} €", self.number(*amount, Shape::Money)),
                Tongue::English => format!("€{}", self.number(*amount, Shape::Money)),
            }),
            Expression::Boolean(true) => value(self.either("sì", "yes").to_owned()),
            Expression::Boolean(false) => value("no".to_owned()),
            Expression::Word(word) => value(self.word(*word, None)),
            Expression::Name(slot) => value(self.name(*slot)),
            Expression::Negated(inner) => {
                let inner = self.write(inner, Binding::Product);
                (format!("\u{2212}{inner}"), Binding::Product)
            }
            Expression::Not(inner) => {
                let inner = self.write(inner, Binding::Not);
                (format!("{} {inner}", self.either("non", "not")), Binding::Not)
            }
            Expression::Binary(operator, sides) => self.binary(*operator, &sides.0, &sides.1),
            Expression::If(parts) => {
                let condition = self.write(&parts.0, Binding::Or);
                let (then, otherwise) = (
                    self.write(&parts.1, Binding::Or),
                    self.write(&parts.2, Binding::Choice),
                );
                let text = match self.tongue {
                    Tongue::Italian => format!("se {condition} allora {then}, altrimenti {otherwise}"),
                    Tongue::English => format!("if {condition} then {then}, otherwise {otherwise}"),
                };
                (text, Binding::Choice)
            }
            Expression::Round(inner, rounding) => {
                let inner = self.write(inner, Binding::Value);
                let how = rounding_in_words(*rounding, self.tongue);
                value(format!("{inner} {} {how}", self.either("arrotondato", "rounded")))
            }
            Expression::AddDays(parts) => {
                let (day, days) = (
                    self.write(&parts.0, Binding::Sum),
                    self.write(&parts.1, Binding::Product),
                );
                (
                    format!("{day} + {days} {}", self.either("giorni", "days")),
                    Binding::Sum,
                )
            }
            Expression::Roll(inner, roll) => {
                let day = self.write(inner, Binding::Value);
                value(format!("{day} {}", self.rolled(*roll)))
            }
            Expression::Year(inner) => {
                let day = self.write(inner, Binding::Value);
                value(format!("{} {day}", self.either("anno di", "year of")))
            }
            Expression::DaysInYear(inner) => {
                let day = self.write(inner, Binding::Value);
                let words = self.either("giorni dell'anno di", "days in the year of");
                value(format!("{words} {day}"))
            }
            Expression::Table(table, column, keys) => value(self.looked_up(*table, *column, keys)),
        }
    }

    fn rolled(&self, roll: Roll) -> &'static str {
        match roll {
            Roll::Holidays => self.either(
                "(se festivo, il primo giorno non festivo)",
                "(if a holiday, the next day that is not)",
            ),
            Roll::HolidaysAndSaturdays => self.either(
                "(se sabato o festivo, il primo giorno lavorativo)",
                "(if a Saturday or a holiday, the next working day)",
            ),
        }
    }

    fn binary(&self, operator: Operator, a: &Expression, b: &Expression) -> (String, Binding) {
        let (sign, binding) = match operator {
            Operator::Add => ("+", Binding::Sum),
            Operator::Subtract => ("\u{2212}", Binding::Sum),
            Operator::Multiply => return self.product(a, b),
            Operator::Divide => ("/", Binding::Product),
            Operator::DaysBetween => {
                let (from, to) = (self.write(b, Binding::Value), self.write(a, Binding::Value));
                let text = match self.tongue {
                    Tongue::Italian => format!("giorni da {from} a {to}"),
                    Tongue::English => format!("days from {from} to {to}"),
                };
                return (text, Binding::Value);
            }
            Operator::Minimum | Operator::Maximum => {
                let words = if operator == Operator::Minimum {
                    self.either("il minore fra", "the smaller of")
                } else {
                    self.either("il maggiore fra", "the larger of")
                };
                let and = self.either("e", "and");
                let (a, b) = (self.write(a, Binding::Sum), self.write(b, Binding::Sum));
                return (format!("{words} {a} {and} {b}"), Binding::Comparison);
            }
            Operator::And => (self.either("e", "and"), Binding::And),
            Operator::Or => (self.either("o", "or"), Binding::Or),
            Operator::Equal => ("=", Binding::Comparison),
            Operator::NotEqual => ("≠", Binding::Comparison),
            Operator::Less => ("<", Binding::Comparison),
            Operator::LessOrEqual => ("≤", Binding::Comparison),
            Operator::Greater => (">", Binding::Comparison),
            Operator::GreaterOrEqual => ("≥", Binding::Comparison),
        };
        // What is taken away or divided by keeps its brackets: a − (b − c) is not a − b − c.
        let (first, second) = match binding {
            Binding::Comparison => (Binding::Sum, Binding::Sum),
            Binding::Sum if operator == Operator::Subtract => (Binding::Sum, Binding::Product),
            Binding::Product => (Binding::Product, Binding::Value),
            Binding::Choice | Binding::Or | Binding::And | Binding::Not | Binding::Sum | Binding::Value => {
                (binding, binding)
            }
        };
        let (left, right) = (self.beside(a, b, first), self.beside(b, a, second));
        (format!("{left} {sign} {right}"), binding)
    }

    /// A share is written as regulations do: 0.2 × an amount is "20% di".
    fn product(&self, a: &Expression, b: &Expression) -> (String, Binding) {
        if let Expression::Number(share) = a
            && *share > Number::ZERO
            && *share < Number::ONE
            && let Some(hundredths) = share.checked_mul(Number::from_i64(100))
        {
            let of = self.write(b, Binding::Value);
            let percent = self.number(hundredths, Shape::Number);
            return (
                format!("{percent}% {} {of}", self.either("di", "of")),
                Binding::Product,
            );
        }
        let (left, right) = (self.write(a, Binding::Product), self.write(b, Binding::Product));
        (format!("{left} × {right}"), Binding::Product)
    }

    /// A word is written as the option of what it is compared with.
    fn beside(&self, expression: &Expression, other: &Expression, inside: Binding) -> String {
        match (expression, other) {
            (Expression::Word(word), Expression::Name(slot)) => {
                let input = usize::from(*slot).checked_sub(1);
                self.word(*word, input.and_then(|input| u16::try_from(input).ok()))
            }
            _ => self.write(expression, inside),
        }
    }

    fn word(&self, word: u16, input: Option<u16>) -> String {
        let day = |day: chrono::NaiveDate| day.to_string();
        value_for_people(
            self.tariff,
            Value::Word(word),
            Shape::Choice(input),
            self.tongue,
            &day,
        )
    }

    fn name(&self, slot: Slot) -> String {
        if slot == TODAY {
            return self.either("oggi", "today").to_owned();
        }
        let (tariff, place) = (self.tariff, usize::from(slot) - 1);
        let (inputs, steps) = (tariff.inputs.len(), tariff.steps.len());
        if let Some(input) = tariff.inputs.get(place) {
            return self.quoted(input.label.in_tongue(self.tongue));
        }
        if let Some(step) = place.checked_sub(inputs).and_then(|step| tariff.steps.get(step)) {
            return self.quoted(step.label.in_tongue(self.tongue));
        }
        let line = place
            .checked_sub(inputs + steps)
            .and_then(|line| tariff.lines.get(line));
        line.map_or_else(String::new, |line| {
            self.quoted(&template_in_words(tariff, &line.label, self.tongue))
        })
    }

    fn looked_up(&self, table: u16, column: u16, keys: &[Expression]) -> String {
        let Some(table) = self.tariff.tables.get(usize::from(table)) else {
            return String::new();
        };
        let title = table_title(table, self.tongue);
        let column = match table.columns.get(usize::from(column)) {
            Some(column) if table.columns.len() > 1 => {
                format!(", {}", name_as_words(column).to_lowercase())
            }
            Some(_) | None => String::new(),
        };
        // What is said already by the table's own keys is not said again.
        let own = keys
            .iter()
            .zip(&table.keys)
            .all(|(given, key)| self.is_named(given, key));
        if own {
            return format!("[{title}{column}]");
        }
        let given: Vec<String> = keys.iter().map(|key| self.write(key, Binding::Choice)).collect();
        format!("[{title}{column}: {}]", given.join(", "))
    }

    fn is_named(&self, expression: &Expression, key: &str) -> bool {
        let Expression::Name(slot) = expression else {
            return false;
        };
        let Some(place) = usize::from(*slot).checked_sub(1) else {
            return false;
        };
        let inputs = self.tariff.inputs.len();
        match self.tariff.inputs.get(place) {
            Some(input) => input.id == key,
            None => place
                .checked_sub(inputs)
                .and_then(|step| self.tariff.steps.get(step))
                .is_some_and(|step| step.id == key),
        }
    }
}

/// How a value of a table's key is written: by the question or step the key is.
pub(crate) fn key_shape(tariff: &Tariff, key: &str, tongue: Tongue) -> Shape {
    key_label(tariff, key, tongue).map_or(Shape::Number, |(_, shape)| shape)
}
