//! Amounts as JSON numbers, read from their own digits.

use domain::Cents;
use serde_json::value::RawValue;

/// Exponents beyond this are of no amount.
const EXPONENT_MAX: i32 = 20;

/// The amount in euro that a JSON number writes, exactly. The hub writes doubles: `355.5`, `190.0`, `1.25E7`. `None`
/// for what is no number, for fractions of a cent, and beyond 999 999 999.99 on either side of zero.
pub(crate) fn cents_of(number: &RawValue) -> Option<Cents> {
    let text = number.get();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || exponent.abs() > EXPONENT_MAX || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // The number is `digits` with its point moved: how many of them are whole cents?
    let whole_cents = i32::try_from(whole.len()).ok()? + exponent + 2;
    let kept = usize::try_from(whole_cents).unwrap_or(0);
    let (cents, rest) = digits.split_at(kept.min(digits.len()));
    if rest.bytes().any(|b| b != b'0') {
        return None;
    }
    let cents = format!("{cents:0<kept$}");
    let cents = cents.trim_start_matches('0');
    if cents.len() > 11 {
        return None;
    }
    let number = cents.bytes().fold(0_i64, |sum, b| sum * 10 + i64::from(b - b'0'));
    Some(Cents::new(if negative { -number } else { number }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cents(text: &str) -> Option<i64> {
        let number: Box<RawValue> = serde_json::from_str(text).ok()?;
        cents_of(&number).map(Cents::as_i64)
    }

    #[test]
    fn every_spelling_of_an_amount_is_read_exactly() {
        for (text, expected) in [
            ("355.5", 35_550),
            ("190.0", 19_000),
            ("190", 19_000),
            ("0.01", 1),
            ("0", 0),
            ("-20.00", -2_000),
            ("120.5000", 12_050),
            ("1.25E7", 1_250_000_000),
            ("1.2345678999E8", 12_345_678_999),
            ("5e-1", 50),
            ("1.0e-2", 1),
            ("999999999.99", 99_999_999_999),
            ("-999999999.99", -99_999_999_999),
            // A double would make 8.29 of it times a hundred 828.9999.
            ("8.29", 829),
        ] {
            assert_eq!(cents(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_not_read() {
        for text in [
            "0.001",
            "1e-3",
            "1000000000.00",
            "1e9",
            "1e300",
            "1e99999999999",
            "\"1.00\"",
            "true",
            "null",
            "[1]",
            "0.30000000000000004",
        ] {
            assert_eq!(cents(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_wire_spelling_is_read_as_the_same_amount(amount in -99_999_999_999..=99_999_999_999_i64) {
            prop_assert_eq!(cents(&Cents::new(amount).to_wire()), Some(amount));
        }

        #[test]
        fn no_number_makes_the_reader_stop(text in "-?[0-9]{1,30}(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,12})?") {
            let _ = cents(&text);
        }
    }
}
