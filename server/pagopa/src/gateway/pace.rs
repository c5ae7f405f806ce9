//! How often a product may be called, and whose turn it is.

use std::time::{Duration, Instant};

/// By how much calls may come closer together on their way to the hub.
const MARGIN: Duration = Duration::from_millis(50);

/// So many calls in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    calls: u32,
    seconds: u32,
}

impl Pace {
    /// `calls` in `seconds`, both at least 1.
    pub const fn new(calls: u32, seconds: u32) -> Self {
        Self {
            calls: if calls == 0 { 1 } else { calls },
            seconds: if seconds == 0 { 1 } else { seconds },
        }
    }

    /// A little longer than what the hub counts by: a call may need less time to arrive than the one before it.
    fn period(self) -> Duration {
        Duration::from_secs(u64::from(self.seconds)) + MARGIN
    }
}

/// The turns of one product: at most [`Pace::calls`] begin in any period, however the periods are laid.
#[derive(Debug)]
pub(super) struct Turns {
    pace: Pace,
    /// Beyond this a call is refused instead of waiting for its turn.
    patience: Duration,
    /// When the last calls began or will begin, oldest first, at most as many as the pace allows.
    begun: std::collections::VecDeque<Instant>,
}

impl Turns {
    pub(super) fn new(pace: Pace, patience: Duration) -> Self {
        Self {
            pace,
            patience,
            begun: std::collections::VecDeque::new(),
        }
    }

    /// Takes a turn at `now`: how long to wait for it, or, where that is too long, when to ask again.
    pub(super) fn take(&mut self, now: Instant) -> Result<Duration, Duration> {
        let earliest = if self.begun.len() < self.pace.calls as usize {
            now
        } else {
            self.begun
                .front()
                .map_or(now, |oldest| (*oldest + self.pace.period()).max(now))
        };
        let wait = earliest - now;
        if wait > self.patience {
            return Err(wait);
        }
        if self.begun.len() == self.pace.calls as usize {
            self.begun.pop_front();
        }
        self.begun.push_back(earliest);
        Ok(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PATIENCE: Duration = Duration::from_secs(15);

    #[test]
    fn the_last_allowed_call_goes_at_once_and_the_next_waits_for_the_oldest() {
        let start = Instant::now();
        let mut turns = Turns::new(Pace::new(3, 10), PATIENCE);
        let at = |seconds| start + Duration::from_secs(seconds);
        for second in [0, 2, 3] {
            assert_eq!(turns.take(at(second)), Ok(Duration::ZERO));
        }
        assert_eq!(turns.take(at(4)), Ok(Duration::from_secs(6) + MARGIN));
        assert_eq!(turns.take(at(4)), Ok(Duration::from_secs(8) + MARGIN));
        assert_eq!(turns.take(at(20)), Ok(Duration::ZERO));
    }

    #[test]
    fn a_turn_too_far_off_is_refused_and_not_taken() {
        let start = Instant::now();
        let mut turns = Turns::new(Pace::new(1, 3_600), PATIENCE);
        assert_eq!(turns.take(start), Ok(Duration::ZERO));
        let later = start + Duration::from_mins(10);
        assert_eq!(turns.take(later), Err(Duration::from_mins(50) + MARGIN));
        assert_eq!(
            turns.take(start + Duration::from_secs(3_590)),
            Ok(Duration::from_secs(10) + MARGIN)
        );
    }

    proptest! {
        #[test]
        fn no_period_ever_holds_more_calls_than_allowed(
            calls in 1_u32..6, steps in proptest::collection::vec(0_u64..4_000, 1..60)
        ) {
            let start = Instant::now();
            let pace = Pace::new(calls, 5);
            let mut turns = Turns::new(pace, PATIENCE);
            let (mut now, mut begun) = (start, Vec::new());
            for step in steps {
                now += Duration::from_millis(step);
                if let Ok(wait) = turns.take(now) {
                    begun.push(now + wait);
                }
            }
            begun.sort();
            for window in begun.windows(calls as usize + 1) {
                prop_assert!(window[calls as usize] - window[0] >= pace.period());
            }
        }
    }
}
