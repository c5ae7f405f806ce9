//! A breaker: what failed again and again is left alone for a while, then tried with one call.

use std::time::{Duration, Instant};

/// Failures in a row after which it is left alone.
const FAILURES_MAX: u32 = 5;
/// How long it is left alone.
const LEFT_ALONE_FOR: Duration = Duration::from_secs(30);

/// The breaker of one product or program.
#[derive(Debug, Default)]
pub struct Breaker {
    failures: u32,
    left_alone_until: Option<Instant>,
}

impl Breaker {
    /// Whether a call may begin at `now`; else how long it is still left alone. After that time one call is
    /// let through, and its outcome decides for the others.
    pub fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        match self.left_alone_until {
            Some(until) if now < until => Err(until - now),
            Some(_) => {
                self.left_alone_until = Some(now + LEFT_ALONE_FOR);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// It answered, whatever it said.
    pub fn answered(&mut self) {
        *self = Self::default();
    }

    /// It did not answer, or had trouble of its own.
    pub fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES_MAX {
            self.left_alone_until = Some(now + LEFT_ALONE_FOR);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_in_a_row_open_it_and_one_success_closes_it() {
        let start = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            breaker.failed(start);
        }
        assert_eq!(breaker.admit(start), Ok(()));
        breaker.failed(start);
        assert_eq!(breaker.admit(start), Err(LEFT_ALONE_FOR));

        let after = start + LEFT_ALONE_FOR;
        assert_eq!(breaker.admit(after), Ok(()), "one call tries");
        assert_eq!(
            breaker.admit(after),
            Err(LEFT_ALONE_FOR),
            "the others wait for it"
        );
        breaker.answered();
        assert_eq!(breaker.admit(after), Ok(()));
    }

    #[test]
    fn a_success_between_failures_starts_the_count_again() {
        let start = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..10 {
            for _ in 0..4 {
                breaker.failed(start);
            }
            breaker.answered();
        }
        assert_eq!(breaker.admit(start), Ok(()));
    }
}
