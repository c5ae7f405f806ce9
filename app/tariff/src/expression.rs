//! Expressions as the compiler leaves them: names are places, tables are numbers, types agree.

use crate::number::{Number, Rounding};
use serde::{Deserialize, Serialize};

/// Where a name's value is kept: today first, then inputs, steps and lines in the order of the file.
pub type Slot = u16;

/// The slot of the day the fee is worked out for.
pub const TODAY: Slot = 0;

/// A checked expression. At most 512 nodes, at most 32 deep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expression {
    /// A number.
    Number(Number),
    /// An amount in euro.
    Amount(Number),
    /// Yes or no.
    Boolean(bool),
    /// One of the tariff's words.
    Word(u16),
    /// The value of a name.
    Name(Slot),
    /// With the other sign.
    Negated(Box<Expression>),
    /// The contrary.
    Not(Box<Expression>),
    /// Two operands.
    Binary(Operator, Box<(Expression, Expression)>),
    /// The second when the first holds, else the third. Only one of them is worked out.
    If(Box<(Expression, Expression, Expression)>),
    /// Rounded to a multiple.
    Round(Box<Expression>, Rounding),
    /// A day so many days after another.
    AddDays(Box<(Expression, Expression)>),
    /// The day itself, or the next that is not a holiday.
    Roll(Box<Expression>, Roll),
    /// The year of a day.
    Year(Box<Expression>),
    /// 365 or 366.
    DaysInYear(Box<Expression>),
    /// A column of a table's row for these keys.
    Table(u16, u16, Vec<Expression>),
}

/// What is done with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    /// Sum.
    Add,
    /// Difference.
    Subtract,
    /// Product.
    Multiply,
    /// Quotient.
    Divide,
    /// Days from the second to the first.
    DaysBetween,
    /// The smaller.
    Minimum,
    /// The larger.
    Maximum,
    /// Both hold. The second is not worked out when the first does not.
    And,
    /// One of them holds. The second is not worked out when the first does.
    Or,
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// Before, below.
    Less,
    /// Not after, not above.
    LessOrEqual,
    /// After, above.
    Greater,
    /// Not before, not below.
    GreaterOrEqual,
}

/// Which days a term moves on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Roll {
    /// Sundays and holidays of the calendar.
    Holidays,
    /// Saturdays too.
    HolidaysAndSaturdays,
}

impl Expression {
    /// The expressions it is made of.
    pub fn parts(&self) -> Vec<&Expression> {
        match self {
            Self::Number(_) | Self::Amount(_) | Self::Boolean(_) | Self::Word(_) | Self::Name(_) => {
                Vec::new()
            }
            Self::Negated(inner)
            | Self::Not(inner)
            | Self::Round(inner, _)
            | Self::Roll(inner, _)
            | Self::Year(inner)
            | Self::DaysInYear(inner) => vec![inner],
            Self::Binary(_, sides) | Self::AddDays(sides) => vec![&sides.0, &sides.1],
            Self::If(parts) => vec![&parts.0, &parts.1, &parts.2],
            Self::Table(_, _, keys) => keys.iter().collect(),
        }
    }
}
