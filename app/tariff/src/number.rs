//! Exact decimals: 28 digits, no binary fractions, every operation checked.

use domain::Cents;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Digits a number may be written with.
const DIGITS_MAX: usize = 24;

/// An exact decimal. Equal numbers are equal however they are written: `1.50` is `1.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Number(Decimal);

impl Number {
    /// Nothing.
    pub const ZERO: Number = Number(Decimal::ZERO);
    /// One.
    pub const ONE: Number = Number(Decimal::ONE);

    /// `mantissa` divided by ten to the power of `scale`: `(1230, 2)` is 12.30. `None` beyond 28 digits.
    pub fn from_parts(mantissa: i128, scale: u32) -> Option<Self> {
        Decimal::try_from_i128_with_scale(mantissa, scale).ok().map(Self)
    }

    /// A whole number.
    pub fn from_i64(whole: i64) -> Self {
        Self(Decimal::from(whole))
    }

    /// An amount of cents, in euro.
    pub fn from_cents(cents: Cents) -> Self {
        Self(Decimal::new(cents.as_i64(), 2))
    }

    /// Reads digits with at most one point between them and at most one minus before: `-12.30`. Nothing else is a
    /// number: no exponent, no grouping, no sign alone.
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let has_point = digits.len() > whole.len();
        if whole.is_empty() || (has_point && fraction.is_empty()) || whole.len() + fraction.len() > DIGITS_MAX
        {
            return None;
        }
        if !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let mantissa = whole
            .bytes()
            .chain(fraction.bytes())
            .fold(0_i128, |sum, byte| sum * 10 + i128::from(byte - b'0'));
        Self::from_parts(sign * mantissa, u32::try_from(fraction.len()).ok()?)
    }

    /// The decimals it is written with.
    pub fn decimals(self) -> u32 {
        self.0.scale()
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Whether it has no fraction.
    pub fn is_whole(self) -> bool {
        self.0.is_integer()
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// The whole number it is; `None` with a fraction or beyond 64 bits.
    pub fn to_i64(self) -> Option<i64> {
        self.is_whole().then(|| self.0.to_i64()).flatten()
    }

    /// The cents it is in euro; `None` when it has parts of a cent or too many.
    pub fn to_cents(self) -> Option<Cents> {
        let cents = self.0.checked_mul(Decimal::ONE_HUNDRED)?;
        Self(cents).to_i64().map(Cents::new)
    }

    /// The sum, unless it has too many digits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, unless it has too many digits.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The product, unless it has too many digits.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        // A product of more than 28 decimals would be rounded in silence.
        let (a, b) = (self.0.normalize(), other.0.normalize());
        (a.scale() + b.scale() <= Decimal::MAX_SCALE)
            .then(|| a.checked_mul(b))
            .flatten()
            .map(Self)
    }

    /// The quotient to 28 digits; `None` when the divisor is zero.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        self.0.checked_div(other.0).map(Self)
    }

    /// The number with the other sign.
    #[must_use]
    pub fn negated(self) -> Self {
        Self(-self.0)
    }

    /// Rounded to a multiple of the rounding's step.
    pub fn rounded(self, rounding: Rounding) -> Option<Self> {
        let steps = self.0.checked_div(rounding.step.0)?;
        let whole = steps.round_dp_with_strategy(0, rounding.mode.strategy());
        whole.checked_mul(rounding.step.0).map(Self)
    }

    /// Whether dividing by it always comes to an end: its digits have no other factors than 2 and 5.
    pub fn divides_evenly(self) -> bool {
        let mut rest = self.0.normalize().mantissa().unsigned_abs();
        if rest == 0 {
            return false;
        }
        for factor in [2, 5] {
            while rest.is_multiple_of(factor) {
                rest /= factor;
            }
        }
        rest == 1
    }

    /// Plainly: `41.25`, `13`, no zeros at the end.
    pub fn plain(self) -> String {
        // Zero has no sign.
        if self.0.is_zero() {
            "0".to_owned()
        } else {
            self.0.normalize().to_string()
        }
    }

    /// As an amount: at least two decimals, more where there are: `12.30`, `2.288`.
    pub fn money(self) -> String {
        let mut number = if self.0.is_zero() {
            Decimal::ZERO
        } else {
            self.0.normalize()
        };
        if number.scale() < 2 {
            number.rescale(2);
        }
        number.to_string()
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain())
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&self.0.to_string())
        } else {
            (self.0.mantissa(), self.0.scale()).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = if deserializer.is_human_readable() {
            Self::parse(&String::deserialize(deserializer)?)
        } else {
            let (mantissa, scale) = <(i128, u32)>::deserialize(deserializer)?;
            Self::from_parts(mantissa, scale)
        };
        number.ok_or_else(|| serde::de::Error::custom("not a number"))
    }
}

/// To which multiple, and which way. Never left to a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounding {
    /// Above zero, with no other factors than 2 and 5, so that counting in it is exact: 0.01, 0.5, 1, 10.
    pub step: Number,
    /// Which way.
    pub mode: Mode,
}

/// Which way to round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// To the nearest, halves away from zero.
    HalfUp,
    /// To the nearest, halves to the even one.
    HalfEven,
    /// To the nearest, halves towards zero.
    HalfDown,
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
}

impl Mode {
    /// All of them.
    pub const ALL: [Mode; 5] = [Mode::HalfUp, Mode::HalfEven, Mode::HalfDown, Mode::Up, Mode::Down];

    /// As it is written in a tariff.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HalfUp => "half_up",
            Self::HalfEven => "half_even",
            Self::HalfDown => "half_down",
            Self::Up => "up",
            Self::Down => "down",
        }
    }

    const fn strategy(self) -> RoundingStrategy {
        match self {
            Self::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Self::HalfEven => RoundingStrategy::MidpointNearestEven,
            Self::HalfDown => RoundingStrategy::MidpointTowardZero,
            Self::Up => RoundingStrategy::AwayFromZero,
            Self::Down => RoundingStrategy::ToZero,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap_or_else(|| panic!("{text} is a number"))
    }

    #[test]
    fn only_digits_with_one_point_are_a_number() {
        assert_eq!(number("-12.30").money(), "-12.30");
        assert_eq!(number("007").plain(), "7");
        for wrong in [
            "",
            "-",
            ".5",
            "5.",
            "1,5",
            "1e3",
            "+1",
            " 1",
            "1 ",
            "--1",
            "1.2.3",
            "٣",
            "1234567890123456789012345",
        ] {
            assert_eq!(Number::parse(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn halves_go_away_from_zero_also_below_it() {
        let cent = |mode| Rounding {
            step: number("0.01"),
            mode,
        };
        let rounded = |text, mode| number(text).rounded(cent(mode)).map(Number::money);
        assert_eq!(rounded("-69.205", Mode::HalfUp).as_deref(), Some("-69.21"));
        assert_eq!(rounded("69.205", Mode::HalfUp).as_deref(), Some("69.21"));
        assert_eq!(rounded("69.205", Mode::HalfDown).as_deref(), Some("69.20"));
        assert_eq!(rounded("69.205", Mode::HalfEven).as_deref(), Some("69.20"));
        assert_eq!(rounded("69.201", Mode::Up).as_deref(), Some("69.21"));
        assert_eq!(rounded("69.209", Mode::Down).as_deref(), Some("69.20"));
    }

    #[test]
    fn other_steps_than_powers_of_ten_are_counted_too() {
        let to = |text, step| {
            number(text)
                .rounded(Rounding {
                    step: number(step),
                    mode: Mode::HalfUp,
                })
                .map(Number::plain)
        };
        assert_eq!(to("12.26", "0.5").as_deref(), Some("12.5"));
        assert_eq!(to("12.24", "0.5").as_deref(), Some("12"));
        assert_eq!(to("155", "50").as_deref(), Some("150"));
        assert_eq!(to("175", "50").as_deref(), Some("200"));
    }

    #[test]
    fn what_has_too_many_digits_is_refused_and_never_rounded_in_silence() {
        let long = number("0.00000000000000000000001");
        assert_eq!(long.checked_mul(long), None);
        let large = number("999999999999999999999999");
        assert_eq!(large.checked_mul(large), None);
        assert_eq!(Number::ONE.checked_div(Number::ZERO), None);
    }

    #[test]
    fn a_divisor_comes_to_an_end_when_it_has_only_twos_and_fives() {
        assert!(
            ["1", "2", "0.25", "40", "-8", "0.01"]
                .iter()
                .all(|text| number(text).divides_evenly())
        );
        assert!(
            ["0", "3", "365", "1.22", "0.07"]
                .iter()
                .all(|text| !number(text).divides_evenly())
        );
    }

    #[test]
    fn equal_numbers_are_written_alike() {
        assert_eq!(number("45.50").plain(), "45.5");
        assert_eq!(number("45.50").money(), "45.50");
        assert_eq!(number("2.2880").money(), "2.288");
        assert_eq!(number("-0").plain(), "0");
        assert_eq!(number("0").money(), "0.00");
    }

    #[test]
    fn a_number_survives_both_encodings() {
        for text in ["0", "-12.30", "0.4790", "999999999999.99"] {
            let packed = postcard::to_stdvec(&number(text)).expect("fits");
            assert_eq!(
                postcard::from_bytes::<Number>(&packed).map(Number::plain),
                Ok(number(text).plain())
            );
            let json = serde_json::to_string(&number(text)).expect("a string");
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Number>(&json).ok(), Some(number(text)));
        }
    }
}
