//! Times of many requests in little room, exact to about 1%.

use std::time::Duration;

/// Each power of two of microseconds is cut into this many parts.
const PARTS: u64 = 64;

/// Counts of times. The first `PARTS` microseconds have a place each; after that places grow with the time.
#[derive(Clone)]
pub(crate) struct Histogram {
    places: Vec<u64>,
    count: u64,
    max: Duration,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self {
            places: vec![0; 4_096],
            count: 0,
            max: Duration::ZERO,
        }
    }

    /// Counts one time.
    pub(crate) fn record(&mut self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let last = self.places.len() - 1;
        self.places[place_of(micros).min(last)] += 1;
        self.count += 1;
        self.max = self.max.max(time);
    }

    /// Adds another's counts.
    pub(crate) fn add(&mut self, other: &Self) {
        for (place, count) in self.places.iter_mut().zip(&other.places) {
            *place += count;
        }
        self.count += other.count;
        self.max = self.max.max(other.max);
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn max(&self) -> Duration {
        self.max
    }

    /// The time that `per_mille` of a thousand requests did not exceed, rounded up to its place's end.
    pub(crate) fn quantile(&self, per_mille: u64) -> Duration {
        let wanted = (self.count * per_mille).div_ceil(1_000).max(1);
        let mut seen = 0;
        for (place, count) in self.places.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Duration::from_micros(end_of(place)).min(self.max);
            }
        }
        self.max
    }
}

fn place_of(micros: u64) -> usize {
    let place = if micros < PARTS {
        micros
    } else {
        // How often the time must be halved to fall under twice PARTS.
        let halvings = u64::from(micros.ilog2() - PARTS.ilog2());
        halvings * PARTS + (micros >> halvings)
    };
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// The longest time, in microseconds, that falls into a place.
fn end_of(place: usize) -> u64 {
    let place = u64::try_from(place).unwrap_or(u64::MAX);
    if place < 2 * PARTS {
        return place;
    }
    let halvings = place / PARTS - 1;
    ((place - halvings * PARTS + 1) << halvings) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_falls_into_a_place_that_ends_within_two_percent_of_it() {
        for micros in (0..5_000).chain((5_000..100_000_000).step_by(99_991)) {
            let end = end_of(place_of(micros));
            assert!(end >= micros && end - micros <= micros / 64, "{micros} {end}");
        }
    }

    #[test]
    fn quantiles_of_a_hundred_times() {
        let mut histogram = Histogram::new();
        for millis in 1..=100 {
            histogram.record(Duration::from_millis(millis));
        }
        let near = |per_mille, millis| {
            let found = histogram.quantile(per_mille);
            assert!(
                (millis..=millis + millis / 50 + 1).contains(&found.as_millis()),
                "{found:?}"
            );
        };
        near(500, 50);
        near(990, 99);
        assert_eq!(histogram.quantile(1_000), Duration::from_millis(100));
        assert_eq!(
            (histogram.count(), histogram.max()),
            (100, Duration::from_millis(100))
        );
    }
}
