//! The clock port: the only source of "now".

use chrono::{DateTime, NaiveDate, SubsecRound, TimeZone, Utc};
use chrono_tz::Europe::Rome;

/// Says what time it is.
pub trait Clock: Send + Sync {
    /// The instant, in UTC, to the microsecond (what both databases keep).
    fn now(&self) -> DateTime<Utc>;

    /// The civil date in Italy.
    fn today(&self) -> NaiveDate {
        italian_date(self.now())
    }
}

/// The civil date in Italy of an instant.
pub fn italian_date(instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&Rome).date_naive()
}

/// The Italian wall-clock time of an instant.
pub fn italian_time(instant: DateTime<Utc>) -> chrono::NaiveDateTime {
    instant.with_timezone(&Rome).naive_local()
}

/// The instant of an Italian wall-clock time. In the hour that happens twice it is the first; in the hour that does
/// not exist it is one hour later, so that no receipt is lost to the calendar.
pub fn instant_of_italian_time(local: chrono::NaiveDateTime) -> DateTime<Utc> {
    Rome.from_local_datetime(&local)
        .earliest()
        .or_else(|| {
            Rome.from_local_datetime(&(local + chrono::Duration::hours(1)))
                .earliest()
        })
        .map_or_else(|| Utc.from_utc_datetime(&local), |time| time.with_timezone(&Utc))
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

/// A clock that stands still until told, for tests.
pub struct FrozenClock(std::sync::Mutex<DateTime<Utc>>);

impl FrozenClock {
    /// A clock standing at `instant`.
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self(std::sync::Mutex::new(instant))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: chrono::Duration) {
        let mut instant = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *instant += by;
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_italian_date_changes_at_italian_midnight() {
        let instant = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(
            italian_date(instant("2026-07-01T21:59:59Z")).to_string(),
            "2026-07-01"
        );
        assert_eq!(
            italian_date(instant("2026-07-01T22:00:00Z")).to_string(),
            "2026-07-02"
        );
        assert_eq!(
            italian_date(instant("2026-12-01T22:59:59Z")).to_string(),
            "2026-12-01"
        );
        assert_eq!(
            italian_date(instant("2026-12-01T23:00:00Z")).to_string(),
            "2026-12-02"
        );
    }

    #[test]
    fn the_hours_that_happen_twice_or_never_still_have_an_instant() {
        let local = |text: &str| chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap();
        assert_eq!(
            instant_of_italian_time(local("2026-10-25T02:30")).to_rfc3339(),
            "2026-10-25T00:30:00+00:00"
        );
        assert_eq!(
            instant_of_italian_time(local("2026-03-29T02:30")).to_rfc3339(),
            "2026-03-29T01:30:00+00:00"
        );
    }
}
