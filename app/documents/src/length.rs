//! Lengths on paper, exact: the same in the browser and on the server, whatever the processor.

use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

/// A length in thousandths of a typographic point (1/72 inch).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Length(i32);

impl Length {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Millimetres.
    pub const fn mm(millimetres: i32) -> Self {
        Self::tenths_of_mm(millimetres * 10)
    }

    /// Tenths of a millimetre.
    pub const fn tenths_of_mm(tenths: i32) -> Self {
        // 25.4 mm are 72 points; within 7 metres the product fits.
        Self(tenths * 36_000 / 127)
    }

    /// Points.
    pub const fn pt(points: i32) -> Self {
        Self(points * 1000)
    }

    /// Tenths of a point.
    pub const fn tenths_of_pt(tenths: i32) -> Self {
        Self(tenths * 100)
    }

    /// Thousandths of a point.
    pub const fn thousandths_of_pt(thousandths: i32) -> Self {
        Self(thousandths)
    }

    /// In thousandths of a point.
    pub const fn as_thousandths_of_pt(self) -> i32 {
        self.0
    }

    /// `numerator` of `denominator` equal parts.
    #[must_use]
    pub const fn scaled(self, numerator: i32, denominator: i32) -> Self {
        // A page times a thousand is beyond 32 bits; the quotient is not.
        #[expect(clippy::cast_possible_truncation, reason = "a part of a page fits")]
        Self((self.0 as i64 * numerator as i64 / denominator as i64) as i32)
    }
}

impl Add for Length {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Length {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Length {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl SubAssign for Length {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Neg for Length {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Length {
    fn sum<I: Iterator<Item = Self>>(lengths: I) -> Self {
        lengths.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inch_is_seventy_two_points() {
        assert_eq!(Length::tenths_of_mm(254), Length::pt(72));
        assert_eq!(Length::mm(210).as_thousandths_of_pt(), 595_275);
        assert_eq!(Length::pt(600).scaled(999, 1000), Length::tenths_of_pt(5994));
    }
}
