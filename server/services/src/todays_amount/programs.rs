//! What this process knows of the programs it asks: how they are reached, what they said lately, which are down.

use super::NoticeKey;
use chrono::{DateTime, TimeDelta, Utc};
use pagopa::gateway::Breaker;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use storage::amount_answers::RecordedAnswer;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use webhooks::{Reach, Secret, Sender, SenderSettings, SetupError};

/// Time for the whole of a question: the hub allows two seconds for all of its own.
const ASKED_WITHIN: Duration = Duration::from_millis(1_500);
/// Questions under way at once.
const QUESTIONS_MAX: usize = 64;
/// Answers kept in memory; beyond this they are forgotten, and found in the archive.
const KEPT_MAX: usize = 100_000;
/// Turns kept; beyond this those nobody waits for are dropped.
const TURNS_MAX: usize = 10_000;
/// How long it is not tried again to ask about a notice after silence.
const SILENCE_HOLDS_FOR: TimeDelta = TimeDelta::seconds(10);

/// The programs that say what is due today. By itself it asks nobody.
#[derive(Default)]
pub struct AmountPrograms {
    sender: Option<Sender>,
    /// By the names services know them by. All of them sign, and are believed.
    secrets: BTreeMap<String, Vec<Secret>>,
    kept: Mutex<HashMap<NoticeKey, Kept>>,
    turns: Mutex<HashMap<NoticeKey, Arc<tokio::sync::Mutex<()>>>>,
    breakers: Mutex<HashMap<String, Breaker>>,
    places: Places,
}

struct Places(Arc<Semaphore>);

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(QUESTIONS_MAX)))
    }
}

/// What was heard when a program was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// What stands in the position is due.
    Due,
    /// Nothing is due today.
    NothingDue,
    /// No answer that could be used.
    Silence,
}

/// What was heard about a notice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    pub(super) asked_at: DateTime<Utc>,
    pub(super) heard: Heard,
    /// The last answer before it.
    pub(super) last: Option<RecordedAnswer>,
}

impl Kept {
    /// An answer of the archive.
    pub(super) fn recorded(answer: RecordedAnswer) -> Self {
        Self {
            asked_at: answer.asked_at,
            heard: if answer.is_due {
                Heard::Due
            } else {
                Heard::NothingDue
            },
            last: None,
        }
    }

    /// Whether it still counts at `now` where answers hold for so long.
    pub(super) fn holds(&self, holds_for: TimeDelta, now: DateTime<Utc>) -> bool {
        let holds_for = match self.heard {
            Heard::Due | Heard::NothingDue => holds_for,
            Heard::Silence => holds_for.min(SILENCE_HOLDS_FOR),
        };
        now - self.asked_at < holds_for
    }
}

impl AmountPrograms {
    /// Programs that may be called within `reach`, whose certificates the system or these authorities (PEM) vouch for, and
    /// which are sent what these secrets sign.
    ///
    /// # Errors
    /// When an authority's certificate cannot be read.
    pub fn new(
        reach: Reach,
        authorities: Vec<Vec<u8>>,
        secrets: BTreeMap<String, Vec<Secret>>,
    ) -> Result<Self, SetupError> {
        let sender = Sender::new(SenderSettings {
            reach,
            connect_timeout: ASKED_WITHIN,
            timeout: ASKED_WITHIN,
            authorities,
            lookup: None,
        })?;
        Ok(Self {
            sender: Some(sender),
            secrets,
            ..Self::default()
        })
    }

    /// The way out, and the secrets of this name.
    pub(super) fn sender(&self, name: &str) -> Option<(&Sender, &[Secret])> {
        self.sender
            .as_ref()
            .zip(self.secrets.get(name).map(Vec::as_slice))
    }

    pub(super) fn kept(&self, key: &NoticeKey) -> Option<Kept> {
        locked(&self.kept).get(key).copied()
    }

    pub(super) fn keep(&self, key: NoticeKey, answer: Kept) {
        let mut kept = locked(&self.kept);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(key, answer);
    }

    /// Waits for the turn to ask about a notice. The second says whether another had it meanwhile.
    pub(super) async fn turn(&self, key: &NoticeKey) -> (OwnedMutexGuard<()>, bool) {
        let turn = {
            let mut turns = locked(&self.turns);
            if turns.len() >= TURNS_MAX {
                turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            }
            Arc::clone(turns.entry(key.clone()).or_default())
        };
        match Arc::clone(&turn).try_lock_owned() {
            Ok(taken) => (taken, false),
            Err(_) => (turn.lock_owned().await, true),
        }
    }

    /// Room for a question; none when too many are under way.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places.0).try_acquire_owned().ok()
    }

    /// Whether the program at this address may be asked, or is left alone because it failed again and again.
    pub(super) fn admits(&self, url: &str) -> bool {
        let mut breakers = locked(&self.breakers);
        breakers
            .entry(url.to_owned())
            .or_default()
            .admit(Instant::now())
            .is_ok()
    }

    /// Notes how the program at this address did.
    pub(super) fn told(&self, url: &str, failed: bool) {
        let mut breakers = locked(&self.breakers);
        let breaker = breakers.entry(url.to_owned()).or_default();
        if failed {
            breaker.failed(Instant::now());
        } else {
            breaker.answered();
        }
    }
}

/// Held for a moment, never while waiting.
fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
