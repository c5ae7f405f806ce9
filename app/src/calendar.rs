//! Days and moments as people write them. Only what a page shows: arithmetic with dates stays on the server.

use crate::Language;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// A civil day: year, month from 1, day from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Day(pub u16, pub u8, pub u8);

/// A day with the Italian wall-clock time: hour and minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment(pub Day, pub u8, pub u8);

const MONTHS: [(&str, &str); 12] = [
    ("gennaio", "January"),
    ("febbraio", "February"),
    ("marzo", "March"),
    ("aprile", "April"),
    ("maggio", "May"),
    ("giugno", "June"),
    ("luglio", "July"),
    ("agosto", "August"),
    ("settembre", "September"),
    ("ottobre", "October"),
    ("novembre", "November"),
    ("dicembre", "December"),
];

const WEEKDAYS: [(&str, &str); 7] = [
    ("domenica", "Sunday"),
    ("lunedì", "Monday"),
    ("martedì", "Tuesday"),
    ("mercoledì", "Wednesday"),
    ("giovedì", "Thursday"),
    ("venerdì", "Friday"),
    ("sabato", "Saturday"),
];

impl Day {
    /// `30 novembre 2026`, `1º dicembre 2026`, `30 November 2026`.
    pub fn written(self, language: Language) -> String {
        let (italian, english) = MONTHS[usize::from(self.1.clamp(1, 12) - 1)];
        let first = if language == Language::Italian && self.2 == 1 {
            "º"
        } else {
            ""
        };
        format!("{}{first} {} {}", self.2, language.pick(italian, english), self.0)
    }

    /// With the day of the week: `lunedì 30 novembre 2026`.
    pub fn written_with_weekday(self, language: Language) -> String {
        let (italian, english) = WEEKDAYS[self.weekday()];
        format!("{} {}", language.pick(italian, english), self.written(language))
    }

    /// `2026-11-30`, for machines.
    pub fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.0, self.1, self.2)
    }

    /// Days since Sunday, by Sakamoto's method for the Gregorian calendar.
    fn weekday(self) -> usize {
        const SHIFTS: [usize; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
        let month = self.1.clamp(1, 12);
        let year = usize::from(self.0) - usize::from(month < 3 && self.0 > 0);
        (year + year / 4 - year / 100 + year / 400 + SHIFTS[usize::from(month - 1)] + usize::from(self.2)) % 7
    }
}

impl Moment {
    /// `30 novembre 2026, ore 14:05`; `30 November 2026, 14:05`.
    pub fn written(self, language: Language) -> String {
        format!(
            "{}, {}{}:{:02}",
            self.0.written(language),
            language.pick("ore ", ""),
            self.1,
            self.2
        )
    }

    /// `2026-11-30T14:05`, for machines.
    pub fn iso(self) -> String {
        format!("{}T{:02}:{:02}", self.0.iso(), self.1, self.2)
    }
}

fn small(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(0)
}

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Self {
        Self(
            u16::try_from(date.year()).unwrap_or(0),
            small(date.month()),
            small(date.day()),
        )
    }
}

#[cfg(feature = "ssr")]
mod ssr {
    use super::{Moment, small};
    use chrono::{DateTime, NaiveDateTime, Timelike, Utc};

    impl From<NaiveDateTime> for Moment {
        fn from(time: NaiveDateTime) -> Self {
            Self(time.date().into(), small(time.hour()), small(time.minute()))
        }
    }

    impl From<DateTime<Utc>> for Moment {
        fn from(instant: DateTime<Utc>) -> Self {
            services::clock::italian_time(instant).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_people_write_it() {
        let day = Day(2026, 11, 30);
        assert_eq!(day.written(Language::Italian), "30 novembre 2026");
        assert_eq!(
            day.written_with_weekday(Language::Italian),
            "lunedì 30 novembre 2026"
        );
        assert_eq!(
            day.written_with_weekday(Language::English),
            "Monday 30 November 2026"
        );
        assert_eq!(Day(2026, 12, 1).written(Language::Italian), "1º dicembre 2026");
        assert_eq!(day.iso(), "2026-11-30");
    }

    #[test]
    fn weekdays_are_right_around_leap_days_and_centuries() {
        for (day, weekday) in [
            (Day(2024, 2, 29), "giovedì"),
            (Day(2024, 3, 1), "venerdì"),
            (Day(2000, 2, 29), "martedì"),
            (Day(1900, 3, 1), "giovedì"),
            (Day(2027, 1, 1), "venerdì"),
        ] {
            assert!(
                day.written_with_weekday(Language::Italian).starts_with(weekday),
                "{day:?}"
            );
        }
    }

    #[test]
    fn minutes_keep_their_zero() {
        let moment = Moment(Day(2026, 3, 5), 9, 7);
        assert_eq!(moment.written(Language::Italian), "5 marzo 2026, ore 9:07");
        assert_eq!(moment.written(Language::English), "5 March 2026, 9:07");
        assert_eq!(moment.iso(), "2026-03-05T09:07");
    }
}
