//! How often one address may ask, and how often one code may be asked about.
//!
//! Counts live in this process: behind a balancer each replica counts its own share, which loosens the limits by the
//! number of replicas and never blocks anybody wrongly.

use chrono::{DateTime, Duration, Utc};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// What is being counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Limited {
    /// Codes looked up from one address.
    LookupFrom(IpAddr),
    /// Looks at one code, from anywhere.
    LookupOf(String),
    /// Proofs of identity tried from one address.
    ProofFrom(IpAddr),
    /// Proofs of identity tried on one notice, from anywhere.
    ProofOf(String),
    /// Payments begun from one address.
    PaymentFrom(IpAddr),
    /// Notices made by a tariff from one address.
    FeeNoticeFrom(IpAddr),
    /// Ratings left from one address.
    RatingFrom(IpAddr),
    /// Tokens asked for from one address.
    TokenFrom(IpAddr),
    /// Tokens asked for in the name of one application.
    TokenOf(String),
    /// Requests of one application.
    RequestsOf {
        /// Its id.
        application: String,
        /// How many it may make in a minute.
        per_minute: u32,
    },
}

impl Limited {
    /// How many times in how long.
    fn allowance(&self) -> (u32, Duration) {
        match self {
            // A token lasts a quarter of an hour: every program of an institution behind one address has room.
            Self::LookupFrom(_) | Self::TokenFrom(_) => (60, Duration::minutes(1)),
            // Far above what a family and its bank do; below what would slow the others down.
            Self::LookupOf(_) => (240, Duration::minutes(1)),
            Self::ProofFrom(_) => (20, Duration::minutes(10)),
            Self::ProofOf(_) => (5, Duration::minutes(10)),
            Self::PaymentFrom(_) => (20, Duration::minutes(1)),
            // A family at a counter makes a few; each takes a number and a place in the national archive.
            Self::FeeNoticeFrom(_) => (30, Duration::hours(1)),
            Self::RatingFrom(_) => (10, Duration::minutes(10)),
            Self::TokenOf(_) => (120, Duration::minutes(1)),
            Self::RequestsOf { per_minute, .. } => (*per_minute, Duration::minutes(1)),
        }
    }
}

/// Asked too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many requests; try again in {seconds} seconds")]
pub struct TooMany {
    /// When it is worth trying again.
    pub seconds: u32,
}

/// What is left of an allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// How many times more.
    pub times: u32,
    /// In how many seconds all of it is there again.
    pub seconds: u32,
}

/// Counts requests in fixed windows.
#[derive(Default)]
pub struct RateLimiter {
    windows: Mutex<HashMap<Limited, (DateTime<Utc>, u32)>>,
}

/// Keys kept at once; beyond this, finished windows are dropped, and if none is finished the oldest count is lost.
const KEYS_MAX: usize = 100_000;

impl RateLimiter {
    /// Counts one request, or says when to come back.
    pub fn count(&self, what: Limited, now: DateTime<Utc>) -> Result<(), TooMany> {
        self.count_down(what, now).map(drop)
    }

    /// Counts one request and says what is left, or when to come back.
    pub fn count_down(&self, what: Limited, now: DateTime<Utc>) -> Result<Left, TooMany> {
        let (allowed, window) = what.allowance();
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= KEYS_MAX {
            windows.retain(|key, (began_at, _)| now - *began_at < key.allowance().1);
            if windows.len() >= KEYS_MAX {
                windows.clear();
            }
        }
        let (began_at, count) = windows.entry(what).or_insert((now, 0));
        if now - *began_at >= window {
            (*began_at, *count) = (now, 0);
        }
        let left = (window - (now - *began_at)).num_seconds().clamp(1, 3_600);
        let seconds = u32::try_from(left).unwrap_or(60);
        if *count >= allowed {
            return Err(TooMany { seconds });
        }
        *count += 1;
        Ok(Left {
            times: allowed - *count,
            seconds,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_allowed_request_passes_and_the_next_one_waits() {
        let limiter = RateLimiter::default();
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let notice = || Limited::ProofOf("302000000000000000".to_owned());
        for _ in 0..5 {
            assert_eq!(limiter.count(notice(), now), Ok(()));
        }
        assert_eq!(limiter.count(notice(), now), Err(TooMany { seconds: 600 }));
        assert_eq!(
            limiter.count(notice(), now + Duration::seconds(599)),
            Err(TooMany { seconds: 1 })
        );
        assert_eq!(limiter.count(notice(), now + Duration::seconds(600)), Ok(()));
    }

    #[test]
    fn one_address_does_not_use_up_anothers_allowance() {
        let limiter = RateLimiter::default();
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let from = |last| Limited::LookupFrom(IpAddr::from([192, 0, 2, last]));
        for _ in 0..60 {
            assert_eq!(limiter.count(from(1), now), Ok(()));
        }
        assert!(limiter.count(from(1), now).is_err());
        assert_eq!(limiter.count(from(2), now), Ok(()));
    }

    #[test]
    fn thirty_notices_an_hour_are_made_from_one_address() {
        let limiter = RateLimiter::default();
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let from = || Limited::FeeNoticeFrom(IpAddr::from([192, 0, 2, 1]));
        for _ in 0..30 {
            assert_eq!(limiter.count(from(), now), Ok(()));
        }
        assert_eq!(limiter.count(from(), now), Err(TooMany { seconds: 3_600 }));
        assert_eq!(limiter.count(from(), now + Duration::hours(1)), Ok(()));
    }

    #[test]
    fn one_code_asked_about_from_everywhere_waits_and_the_others_do_not() {
        let limiter = RateLimiter::default();
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let code = |last: char| Limited::LookupOf(format!("30200000000000000{last}"));
        for _ in 0..240 {
            assert_eq!(limiter.count(code('1'), now), Ok(()));
        }
        assert_eq!(limiter.count(code('1'), now), Err(TooMany { seconds: 60 }));
        assert_eq!(limiter.count(code('2'), now), Ok(()));
    }
}
