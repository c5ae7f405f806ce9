//! Amounts in euro cents. No floating point comes near them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in euro cents; never negative on the wire, at most 999 999 999.99 there ([`Cents::MAX_WIRE`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Cents(i64);

/// Why a text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseCentsError {
    /// Not digits, a point and exactly two digits.
    #[error("an amount is written with a point and two decimals, like 12.30")]
    Shape,
    /// Over 999 999 999.99.
    #[error("an amount is at most 999999999.99")]
    TooLarge,
}

impl Cents {
    /// Nothing.
    pub const ZERO: Cents = Cents(0);
    /// The largest amount the hub's messages can carry (`stAmount` of sac-common-types).
    pub const MAX_WIRE: Cents = Cents(99_999_999_999);

    /// An amount from its number of cents.
    pub const fn new(cents: i64) -> Self {
        Self(cents)
    }

    /// The number of cents.
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    /// The sum, unless it overflows.
    #[must_use]
    pub fn checked_add(self, other: Cents) -> Option<Cents> {
        self.0.checked_add(other.0).map(Cents)
    }

    /// The sum of all amounts, unless it overflows.
    pub fn sum(amounts: impl IntoIterator<Item = Cents>) -> Option<Cents> {
        amounts.into_iter().try_fold(Cents::ZERO, Cents::checked_add)
    }

    /// Reads the hub's spelling: digits, a point, exactly two digits (`\d+\.\d{2}`).
    pub fn from_wire(text: &str) -> Result<Cents, ParseCentsError> {
        let (euros, cents) = text.split_once('.').ok_or(ParseCentsError::Shape)?;
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(euros) || !digits(cents) || cents.len() != 2 {
            return Err(ParseCentsError::Shape);
        }
        let euros = euros.trim_start_matches('0');
        if euros.len() > 9 {
            return Err(ParseCentsError::TooLarge);
        }
        let number = |part: &str| part.bytes().fold(0_i64, |sum, b| sum * 10 + i64::from(b - b'0'));
        Ok(Cents(number(euros) * 100 + number(cents)))
    }

    /// Writes the hub's spelling, `12.30`. Amounts on the wire are never negative; a negative one is
    /// written with its sign so that a mistake is seen.
    pub fn to_wire(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        format!("{sign}{}.{:02}", cents / 100, cents % 100)
    }

    /// Writes the amount for people: `1.234,56` (Italian) or `1,234.56` (English), without the euro sign.
    pub fn to_people(self, style: NumberStyle) -> String {
        let (group, point) = match style {
            NumberStyle::Italian => ('.', ','),
            NumberStyle::English => (',', '.'),
        };
        let digits = format!("{:03}", self.0.unsigned_abs());
        let (euros, cents) = digits.split_at(digits.len() - 2);
        let mut text = String::with_capacity(euros.len() * 2 + 4);
        if self.0 < 0 {
            text.push('\u{2212}');
        }
        for (place, digit) in euros.chars().enumerate() {
            if place > 0 && (euros.len() - place).is_multiple_of(3) {
                text.push(group);
            }
            text.push(digit);
        }
        text.push(point);
        text.push_str(cents);
        text
    }
}

/// How numbers are written for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberStyle {
    /// `1.234,56`
    Italian,
    /// `1,234.56`
    English,
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_wire())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_spelling_has_a_point_and_two_decimals() {
        assert_eq!(Cents::from_wire("120.50"), Ok(Cents::new(12050)));
        assert_eq!(Cents::from_wire("0.01"), Ok(Cents::new(1)));
        assert_eq!(Cents::from_wire("000120.50"), Ok(Cents::new(12050)));
        for wrong in [
            "120,50", "120", "120.5", "120.500", ".50", "", "-1.00", "1e2.00", "+1.00", " 1.00",
        ] {
            assert_eq!(Cents::from_wire(wrong), Err(ParseCentsError::Shape), "{wrong}");
        }
    }

    #[test]
    fn the_largest_amount_is_read_and_one_cent_more_is_not() {
        assert_eq!(Cents::from_wire("999999999.99"), Ok(Cents::MAX_WIRE));
        assert_eq!(Cents::from_wire("1000000000.00"), Err(ParseCentsError::TooLarge));
    }

    #[test]
    fn people_read_groups_of_three() {
        let amount = Cents::new(123_456_789);
        assert_eq!(amount.to_people(NumberStyle::Italian), "1.234.567,89");
        assert_eq!(amount.to_people(NumberStyle::English), "1,234,567.89");
        assert_eq!(Cents::new(5).to_people(NumberStyle::Italian), "0,05");
        assert_eq!(
            Cents::new(-100_000).to_people(NumberStyle::Italian),
            "\u{2212}1.000,00"
        );
    }

    proptest::proptest! {
        #[test]
        fn printing_then_reading_is_identity(cents in 0..=99_999_999_999_i64) {
            proptest::prop_assert_eq!(Cents::from_wire(&Cents::new(cents).to_wire()), Ok(Cents::new(cents)));
        }
    }
}
