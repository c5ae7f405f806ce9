//! Moments as people write them in settings and on the command line.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use services::clock::instant_of_italian_time;

/// A text that is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a moment: write 2026-12-01T22:00:00+01:00, or in Italian time 2026-12-01T22:00 or 2026-12-01"
)]
pub(crate) struct ParseMomentError(String);

/// Reads RFC 3339, or Italian wall-clock time when no offset is written; a day alone is its first moment.
pub(crate) fn parse_moment(text: &str) -> Result<DateTime<Utc>, ParseMomentError> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| {
            NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .ok()
                .map(|day| day.and_time(NaiveTime::MIN))
        })
        .map(instant_of_italian_time)
        .ok_or_else(|| ParseMomentError(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_without_an_offset_is_italian() {
        let read = |text: &str| parse_moment(text).unwrap().to_rfc3339();
        assert_eq!(read("2026-12-01T22:00:00+02:00"), "2026-12-01T20:00:00+00:00");
        assert_eq!(read("2026-12-01T22:00"), "2026-12-01T21:00:00+00:00");
        assert_eq!(read("2026-07-01 22:00"), "2026-07-01T20:00:00+00:00");
        assert_eq!(read("2026-07-01"), "2026-06-30T22:00:00+00:00");
    }

    #[test]
    fn what_is_no_moment_is_refused_with_examples() {
        for text in ["", "domani", "2026-13-01", "2026-12-01T25:00", "01/12/2026"] {
            assert!(parse_moment(text).is_err(), "{text}");
        }
    }
}
