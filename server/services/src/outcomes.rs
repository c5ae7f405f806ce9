//! Outcomes out: what programs are told of the debts they handed over, by any of three ways.
//!
//! 1. **Facts** are recorded where they happen, in the same transaction (`storage::outcomes`). Only that somebody looked at a
//!    notice is read out of the log of messages a minute later ([`views`]), so that whoever asks about a notice waits for
//!    nothing.
//! 2. **Fan-out** ([`fan_out`]) copies facts into the feed of each application they concern and numbers them there. One
//!    worker does it at a time. Facts become visible when their transactions end, not in the order of their ids, so a cursor
//!    over facts would miss some; the numbers of a feed grow without a gap, in the order in which they can be seen.
//! 3. From its feed an application takes what it wants: it **asks** for what comes after a number ([`feed`]), has it **sent**
//!    to its endpoints ([`deliver`], [`endpoints`]), or fetches a **daily file** ([`daily`]).
//!
//! Every way tells everything at least once, under an id that is always the same.

pub mod daily;
pub mod deliver;
pub mod endpoints;
pub mod fan_out;
pub mod feed;
mod message;
pub mod views;

pub use message::{Message, message_of};

use crate::{Services, Unavailable};
use chrono::{Duration, Months};
use std::fmt;
use std::path::PathBuf;
use storage::StorageError;
use storage::outcomes::{
    delete_acknowledged_before, delete_outcomes_before, delete_webhooks_before, list_feeds,
};
use webhooks::{Secret, Sender};

/// How long facts are kept, and how long what nobody acknowledged can be asked for.
pub const FACTS_KEPT: Months = Months::new(24);
/// How long an application can ask again for what it acknowledged, and see that it was delivered.
pub const ACKNOWLEDGED_KEPT: Duration = Duration::days(90);
/// Fewest bytes of the installation's key.
pub const KEY_BYTES_MIN: usize = 32;

/// What outcomes need beside the archive. Printing it for developers shows no key.
#[derive(Clone)]
pub struct Outcomes {
    /// Sends webhooks.
    pub sender: Sender,
    /// The installation's key, from which the secrets of endpoints are derived.
    key: Option<Vec<u8>>,
    /// Folder for daily files, if any are written.
    pub folder: Option<PathBuf>,
}

/// A key too short to be safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key of webhooks has at least {KEY_BYTES_MIN} characters")]
pub struct ShortKey;

impl Outcomes {
    /// What sends, with the installation's key; without one nothing can be sent.
    ///
    /// # Errors
    /// When the key is too short.
    pub fn new(sender: Sender, key: Option<&str>, folder: Option<PathBuf>) -> Result<Self, ShortKey> {
        let key = key.map(str::trim);
        if key.is_some_and(|key| key.len() < KEY_BYTES_MIN) {
            return Err(ShortKey);
        }
        Ok(Self {
            sender,
            key: key.map(|key| key.as_bytes().to_vec()),
            folder,
        })
    }

    /// The secret of an endpoint in one of its generations; none without a key.
    fn secret(&self, endpoint: &str, generation: u32) -> Option<Secret> {
        let key = self.key.as_deref()?;
        Some(Secret::derived(key, endpoint, generation))
    }
}

impl fmt::Debug for Outcomes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcomes")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// Deletes some of what is too old, at most `most` rows of each kind. Returns how many.
pub async fn clean(services: &Services, most: u32) -> Result<u64, Unavailable> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let mut deleted = delete_webhooks_before(&mut tx, now - ACKNOWLEDGED_KEPT, most).await?;
    for feed in list_feeds(&mut tx).await? {
        deleted +=
            delete_acknowledged_before(&mut tx, &feed.application, now - ACKNOWLEDGED_KEPT, most).await?;
    }
    if let Some(before) = now.checked_sub_months(FACTS_KEPT) {
        deleted += delete_outcomes_before(&mut tx, before, most).await?;
    }
    tx.commit().await?;
    Ok(deleted)
}

/// Whether an outcome of a service, or of none, is an application's business.
fn concerns(application: &domain::application::Application, service: Option<&str>) -> bool {
    use domain::application::Scope;
    match service {
        Some(service) => application.may(Scope::ReadOutcomes, service),
        // Money of which no debt is known is told to whoever may see every service.
        None => matches!(application.granted(Scope::ReadOutcomes), Some(None)),
    }
}

/// Why something about outcomes cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum OutcomeError {
    /// The application may not.
    #[error(transparent)]
    Forbidden(#[from] crate::caller::Forbidden),
    /// There is no such endpoint.
    #[error("the application has no endpoint {0}")]
    UnknownEndpoint(String),
    /// The address must not be called.
    #[error(transparent)]
    Target(#[from] webhooks::TargetError),
    /// It has as many endpoints as it may.
    #[error(
        "an application has at most {} endpoints: disable one",
        endpoints::ENDPOINTS_MAX
    )]
    TooManyEndpoints,
    /// Nothing is sent to it.
    #[error("the endpoint is disabled: enable it first")]
    Disabled,
    /// The installation has no key.
    #[error("this installation has no key for webhooks: name one in outcomes.key_file")]
    NoKey,
    /// The number is not in the feed yet.
    #[error("the feed ends at {last}")]
    BeyondTheEnd {
        /// The last number.
        last: i64,
    },
    /// The day is not over, or was before the feed began.
    #[error("the day is not closed: a day is closed after it is over, from the day the feed began on")]
    DayNotClosed,
    /// More than one answer can hold.
    #[error(
        "the day has more than {} outcomes: take the file, or the feed",
        daily::ROWS_MAX
    )]
    DayTooLarge,
    /// Somebody else changed it at the same moment.
    #[error("somebody else changed it at the same moment: look again")]
    ChangedMeanwhile,
    /// Asked under a key that cannot be used.
    #[error(transparent)]
    Idempotency(crate::idempotency::IdempotencyError),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StorageError> for OutcomeError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Conflict => Self::ChangedMeanwhile,
            other => Self::Unavailable(other.into()),
        }
    }
}

impl From<crate::idempotency::IdempotencyError> for OutcomeError {
    fn from(error: crate::idempotency::IdempotencyError) -> Self {
        use crate::idempotency::IdempotencyError as I;
        match error {
            I::Unavailable(error) => Self::Unavailable(error),
            I::Reused | I::InProgress => Self::Idempotency(error),
        }
    }
}
