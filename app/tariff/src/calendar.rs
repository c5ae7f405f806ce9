//! Which days are holidays. Data with a life of their own: a holiday has a first year.
//!
//! Sources: L. 260/1949 art. 2 and later changes; L. 151/2025 for 4 October, from 2026.

use crate::expression::Roll;
use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// Days a term is moved on at most: more holidays in a row there are not.
const ROLL_MAX: usize = 14;

/// The calendar a tariff names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Calendar {
    /// `it`: the national holidays.
    Italy,
    /// `it-ge`: with the day of Genoa's patron, 24 June.
    Genoa,
}

/// A holiday on the same day of each year: month, day, first year.
struct Fixed(u32, u32, i32);

const NATIONAL: [Fixed; 11] = [
    Fixed(1, 1, 0),
    Fixed(1, 6, 0),
    Fixed(4, 25, 0),
    Fixed(5, 1, 0),
    Fixed(6, 2, 0),
    Fixed(8, 15, 0),
    Fixed(10, 4, 2026),
    Fixed(11, 1, 0),
    Fixed(12, 8, 0),
    Fixed(12, 25, 0),
    Fixed(12, 26, 0),
];
const PATRON_OF_GENOA: [Fixed; 1] = [Fixed(6, 24, 0)];

impl Calendar {
    /// All of them.
    pub const ALL: [Calendar; 2] = [Calendar::Italy, Calendar::Genoa];

    /// As it is written in a tariff.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Italy => "it",
            Self::Genoa => "it-ge",
        }
    }

    const fn own(self) -> &'static [Fixed] {
        match self {
            Self::Italy => &[],
            Self::Genoa => &PATRON_OF_GENOA,
        }
    }

    /// Whether the day is a Sunday or a holiday.
    pub fn is_holiday(self, day: NaiveDate) -> bool {
        let is = |fixed: &Fixed| fixed.0 == day.month() && fixed.1 == day.day() && fixed.2 <= day.year();
        day.weekday() == Weekday::Sun
            || NATIONAL.iter().any(is)
            || self.own().iter().any(is)
            || easter(day.year()).and_then(|easter| easter.succ_opt()) == Some(day)
    }

    /// The day itself, or the next one a term may end on. `None` at the end of the calendar.
    pub fn roll(self, day: NaiveDate, roll: Roll) -> Option<NaiveDate> {
        let moves = |day: NaiveDate| {
            self.is_holiday(day)
                || match roll {
                    Roll::Holidays => false,
                    Roll::HolidaysAndSaturdays => day.weekday() == Weekday::Sat,
                }
        };
        day.iter_days().take(ROLL_MAX).find(|day| !moves(*day))
    }
}

/// Easter Sunday of the Gregorian calendar (the anonymous algorithm printed by Meeus).
fn easter(year: i32) -> Option<NaiveDate> {
    let (century, of_century) = (year / 100, year % 100);
    let skipped = century - century / 4 - (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * (year % 19) + skipped + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let correction = (year % 19 + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * correction + 114;
    NaiveDate::from_ymd_opt(
        year,
        u32::try_from(days / 31).ok()?,
        u32::try_from(days % 31 + 1).ok()?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn easter_monday_is_a_holiday() {
        for monday in [
            "2024-04-01",
            "2025-04-21",
            "2026-04-06",
            "2027-03-29",
            "2038-04-26",
        ] {
            assert!(Calendar::Italy.is_holiday(day(monday)), "{monday}");
        }
        assert!(!Calendar::Italy.is_holiday(day("2026-04-07")));
    }

    #[test]
    fn the_fourth_of_october_is_a_holiday_from_2026() {
        assert!(!Calendar::Italy.is_holiday(day("2025-10-04")));
        assert!(Calendar::Italy.is_holiday(day("2027-10-04")));
    }

    #[test]
    fn the_patron_moves_terms_only_in_the_citys_own_calendar() {
        assert_eq!(
            Calendar::Italy.roll(day("2026-06-24"), Roll::Holidays),
            Some(day("2026-06-24"))
        );
        assert_eq!(
            Calendar::Genoa.roll(day("2026-06-24"), Roll::Holidays),
            Some(day("2026-06-25"))
        );
    }

    #[test]
    fn christmas_saint_stephen_and_a_saturday() {
        assert_eq!(
            Calendar::Italy.roll(day("2025-12-25"), Roll::Holidays),
            Some(day("2025-12-27"))
        );
        assert_eq!(
            Calendar::Italy.roll(day("2025-12-25"), Roll::HolidaysAndSaturdays),
            Some(day("2025-12-29"))
        );
    }

    #[test]
    fn the_last_day_of_the_calendar_rolls_nowhere() {
        assert_eq!(Calendar::Italy.roll(NaiveDate::MAX, Roll::Holidays), None);
    }
}
