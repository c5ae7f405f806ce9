//! Planned stops of a station, declared beforehand in the hub's back office (technical manual, service levels).
//!
//! While a station is stopped every message to it is answered HTTP 503, at once and without touching the archive. A polite
//! refusal would be worse: for a question it would tell citizens something untrue of their notice, and for a receipt it
//! would end the hub's attempts and lose it. A station that gives no answer is one the hub knows how to treat: it answers
//! from its own archive, and sends the receipts again later.

use crate::moment::parse_moment;
use anyhow::{Result, ensure};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Deserializer};

/// Longest stop that can be declared: more in a year than the hub allows altogether is a slip of the pen.
const LENGTH_MAX: Duration = Duration::hours(36);
/// Longest reason.
const REASON_CHARACTERS_MAX: usize = 200;

/// A planned stop of a station, its last moment excluded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceWindow {
    /// Code of the station.
    pub station: String,
    /// Its first moment: RFC 3339, or Italian time without an offset.
    #[serde(deserialize_with = "moment")]
    pub from: DateTime<Utc>,
    /// The moment the station works again.
    #[serde(deserialize_with = "moment")]
    pub until: DateTime<Utc>,
    /// Why, for those who read the log.
    pub reason: String,
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_moment(&text).map_err(serde::de::Error::custom)
}

impl MaintenanceWindow {
    /// Whether it can be meant.
    pub(crate) fn check(&self) -> Result<()> {
        ensure!(!self.station.trim().is_empty(), "a stop names its station");
        ensure!(
            self.from < self.until,
            "the stop of {} ends before it begins",
            self.station
        );
        ensure!(
            self.until - self.from <= LENGTH_MAX,
            "the stop of {} is longer than 36 hours, all the hub allows in a year",
            self.station
        );
        ensure!(
            !self.reason.trim().is_empty() && self.reason.chars().count() <= REASON_CHARACTERS_MAX,
            "the stop of {} needs a reason of at most {REASON_CHARACTERS_MAX} characters",
            self.station
        );
        Ok(())
    }

    /// Whether the station is stopped at this moment.
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.from <= now && now < self.until
    }

    /// Whole seconds until the station works again, at least one.
    pub fn seconds_left(&self, now: DateTime<Utc>) -> i64 {
        let left = self.until - now;
        (left.num_seconds() + i64::from(left.subsec_nanos() > 0)).max(1)
    }
}

/// The stop of a station at this moment, the one that ends last when there are several.
pub fn stop_of<'w>(
    windows: &'w [MaintenanceWindow],
    station: &str,
    now: DateTime<Utc>,
) -> Option<&'w MaintenanceWindow> {
    windows
        .iter()
        .filter(|window| window.holds(now) && window.station == station)
        .max_by_key(|window| window.until)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(from: &str, until: &str) -> MaintenanceWindow {
        toml::from_str(&format!(
            "station = '00856930102_01'\nfrom = '{from}'\nuntil = '{until}'\nreason = 'new disks'"
        ))
        .unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_station_is_stopped_from_the_first_moment_until_before_the_last() {
        let windows = [window("2026-12-01T22:00", "2026-12-02T02:00")];
        let stopped = |station, now| stop_of(&windows, station, at(now)).is_some();
        assert!(!stopped("00856930102_01", "2026-12-01T20:59:59Z"));
        assert!(stopped("00856930102_01", "2026-12-01T21:00:00Z"));
        assert!(stopped("00856930102_01", "2026-12-02T00:59:59Z"));
        assert!(!stopped("00856930102_01", "2026-12-02T01:00:00Z"));
        assert!(!stopped("00856930102_02", "2026-12-01T21:00:00Z"));
    }

    #[test]
    fn of_two_stops_the_one_that_ends_last_counts() {
        let windows = [
            window("2026-12-01T22:00", "2026-12-02T02:00"),
            window("2026-12-01T22:00", "2026-12-01T23:00"),
        ];
        let now = at("2026-12-01T21:30:00.5Z");
        let stop = stop_of(&windows, "00856930102_01", now).unwrap();
        assert_eq!(stop.seconds_left(now), 3 * 3600 + 1800);
    }

    #[test]
    fn a_stop_that_cannot_be_meant_is_refused() {
        assert!(window("2026-12-01T22:00", "2026-12-03T10:00").check().is_ok());
        assert!(window("2026-12-01T22:00", "2026-12-03T10:01").check().is_err());
        assert!(window("2026-12-01T22:00", "2026-12-01T22:00").check().is_err());
        let mut nameless = window("2026-12-01T22:00", "2026-12-01T23:00");
        nameless.reason.clear();
        assert!(nameless.check().is_err());
    }
}
