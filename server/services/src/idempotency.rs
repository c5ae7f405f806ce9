//! What a program asks for under a key of its own is done once, however often it is asked for.
//!
//! A use case begins with [`Idempotency::begin`] in the transaction in which it acts: it gets the answer of before, or does
//! what is asked for and keeps its own answer with [`Idempotency::end`] before it commits. Of two that come at once one does it
//! and the other waits for its answer. What is refused is not kept: asked again, it is decided again.

use crate::caller::Caller;
use crate::{Services, Unavailable};
use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use storage::idempotent_requests::{Before, begin_request, end_request, find_request};
use storage::{StorageError, Tx};

/// Most characters of a key.
pub const KEY_LENGTH_MAX: usize = 255;
/// How long an answer is kept: longer than a program that was down over a weekend goes on asking.
pub const ANSWERS_KEPT: Duration = Duration::days(7);

/// A key a program asks for something under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    key: String,
    digest: [u8; 32],
}

/// A text that cannot be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key has 1 to {KEY_LENGTH_MAX} printable ASCII characters")]
pub struct InvalidKey;

/// Why nothing can be done under a key.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// Something else was asked for under it.
    #[error("the key was used for another request")]
    Reused,
    /// The same is being done and takes its time.
    #[error("the same request is under way")]
    InProgress,
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StorageError> for IdempotencyError {
    fn from(error: StorageError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl Idempotency {
    /// A key, and the SHA-256 of all that is asked for under it.
    ///
    /// # Errors
    /// When the text is empty, too long, or holds something else than printable ASCII characters.
    pub fn new(key: &str, digest: [u8; 32]) -> Result<Self, InvalidKey> {
        let is_key =
            (1..=KEY_LENGTH_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_key {
            return Err(InvalidKey);
        }
        Ok(Self {
            key: key.to_owned(),
            digest,
        })
    }

    /// What was answered before, without taking the key: spares whoever asks again what comes before [`Self::begin`], a
    /// number of notice above all.
    ///
    /// # Errors
    /// [`IdempotencyError::Reused`] when something else was asked for under the key.
    pub async fn answered<T: DeserializeOwned>(
        &self,
        services: &Services,
        caller: &Caller,
    ) -> Result<Option<T>, IdempotencyError> {
        let mut snapshot = services.store.glance().await?;
        match find_request(&mut snapshot, &caller.application().id, &self.key).await? {
            Some(before) => self.same(before).map(Some),
            None => Ok(None),
        }
    }

    /// Takes the key for what is about to be done in this transaction; the answer of before, when it was done already.
    ///
    /// # Errors
    /// [`IdempotencyError::Reused`] when something else was asked for under the key, [`IdempotencyError::InProgress`] when the
    /// same is being done for too long to wait. The transaction is to be undone.
    pub async fn begin<T: DeserializeOwned>(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        now: DateTime<Utc>,
    ) -> Result<Option<T>, IdempotencyError> {
        let application = &caller.application().id;
        match begin_request(tx, application, &self.key, &self.digest, now).await {
            Ok(true) => Ok(None),
            Ok(false) => match find_request(tx, application, &self.key).await? {
                Some(before) => self.same(before).map(Some),
                None => Err(IdempotencyError::InProgress),
            },
            Err(StorageError::Locked) => Err(IdempotencyError::InProgress),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps the answer to what was begun in this transaction.
    ///
    /// # Errors
    /// When nothing was begun.
    ///
    /// # Panics
    /// When the answer has no JSON form, which those of programs have.
    pub async fn end<T: Serialize>(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        answer: &T,
    ) -> Result<(), StorageError> {
        let answer = serde_json::to_string(answer).expect("answers are texts, numbers and lists of them");
        end_request(tx, &caller.application().id, &self.key, &answer).await
    }

    /// The answer of before, to the same request.
    fn same<T: DeserializeOwned>(&self, before: Before) -> Result<T, IdempotencyError> {
        if before.digest != self.digest {
            return Err(IdempotencyError::Reused);
        }
        let answer = before.answer.ok_or(IdempotencyError::InProgress)?;
        serde_json::from_str(&answer).map_err(|_| {
            StorageError::Inconsistent {
                table: "idempotent_request",
                column: "answer",
                key: self.key.clone(),
            }
            .into()
        })
    }
}
