//! How many calls each service takes: the published limits, counted over a sliding window.

use crate::product::Product;
use serde::Serialize;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The calls of late, by service.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    windows: Mutex<HashMap<(Product, bool), Window>>,
}

#[derive(Debug, Default)]
struct Window {
    /// When each call of late came: never more than the limit.
    calls: VecDeque<Instant>,
    taken: u64,
    refused: u64,
}

impl Limits {
    /// Counts a call; how long to wait when there were too many.
    pub(crate) fn count(&self, product: Product, is_read: bool, now: Instant) -> Result<(), Duration> {
        let (most, within) = product.limit(is_read);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry((product, is_read)).or_default();
        while window
            .calls
            .front()
            .is_some_and(|at| now.duration_since(*at) >= within)
        {
            window.calls.pop_front();
        }
        if window.calls.len() >= most {
            window.refused += 1;
            let oldest = window
                .calls
                .front()
                .map_or(Duration::ZERO, |at| now.duration_since(*at));
            return Err(within.saturating_sub(oldest));
        }
        window.calls.push_back(now);
        window.taken += 1;
        Ok(())
    }

    /// As if nobody had called: time passed.
    pub(crate) fn forget(&self) {
        self.windows
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// The counters, for people and tests.
    pub(crate) fn view(&self) -> Vec<Counter> {
        let windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counters: Vec<Counter> = windows
            .iter()
            .map(|(&(product, is_read), window)| {
                let (limit, within) = product.limit(is_read);
                Counter {
                    product,
                    is_read,
                    limit,
                    seconds: within.as_secs(),
                    taken: window.taken,
                    refused: window.refused,
                }
            })
            .collect();
        counters.sort_by_key(|counter| (counter.product.as_str(), counter.is_read));
        counters
    }
}

/// The calls of a kind to a service.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Counter {
    pub(crate) product: Product,
    pub(crate) is_read: bool,
    pub(crate) limit: usize,
    /// How long the limit counts.
    pub(crate) seconds: u64,
    pub(crate) taken: u64,
    pub(crate) refused: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_after_the_last_allowed_waits_until_the_first_is_old() {
        let limits = Limits::default();
        let start = Instant::now();
        for _ in 0..150 {
            assert_eq!(limits.count(Product::Checkout, false, start), Ok(()));
        }
        let later = start + Duration::from_secs(4);
        assert_eq!(
            limits.count(Product::Checkout, false, later),
            Err(Duration::from_secs(6))
        );
        assert_eq!(limits.count(Product::Flows, true, later), Ok(()));
        assert_eq!(
            limits.count(Product::Checkout, false, start + Duration::from_secs(10)),
            Ok(())
        );
    }
}
