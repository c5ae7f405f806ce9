//! What applications asked for under keys of their own, so that asked again it is not done again.

use crate::engine::on_engine;
use crate::error::unknown;
use crate::row::{RowOf, one_row};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};

statements! {
    // Whoever asks at the same moment waits here until the first has ended.
    BEGIN_REQUEST =
        "INSERT INTO idempotent_request (application, key, digest, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (application, key) DO NOTHING";
    END_REQUEST =
        "UPDATE idempotent_request SET answer = $1 WHERE application = $2 AND key = $3 AND answer IS NULL";
    FIND_REQUEST =
        "SELECT digest, answer FROM idempotent_request WHERE application = $1 AND key = $2";
    DELETE_REQUESTS_BEFORE =
        "DELETE FROM idempotent_request WHERE (application, key) IN \
             (SELECT application, key FROM idempotent_request WHERE at < $1 ORDER BY at LIMIT $2)";
}

/// What was asked for under a key before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// SHA-256 of what was asked for.
    pub digest: [u8; 32],
    /// What was answered, as JSON.
    pub answer: Option<String>,
}

#[derive(sqlx::FromRow)]
struct RequestRow {
    digest: Vec<u8>,
    answer: Option<String>,
}

/// Takes a key for what is about to be done in this transaction; whoever wants the same key waits for its end. Returns
/// whether it was free.
///
/// # Errors
/// [`StorageError::Locked`] when somebody else holds the key for too long; [`StorageError::Unknown`] when there is no such
/// application.
pub async fn begin_request(
    tx: &mut Tx,
    application: &str,
    key: &str,
    digest: &[u8; 32],
    at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let inserted = on_engine!(tx, |c| sqlx::query(BEGIN_REQUEST)
        .bind(application)
        .bind(key)
        .bind(&digest[..])
        .bind(at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()));
    Ok(inserted.map_err(|error| unknown(error, "application"))? == 1)
}

/// Keeps what is answered to what was begun in this transaction.
///
/// # Errors
/// [`StorageError::Conflict`] when nothing was begun under the key, or it ended before.
pub async fn end_request(
    tx: &mut Tx,
    application: &str,
    key: &str,
    answer: &str,
) -> Result<(), StorageError> {
    let ended = on_engine!(tx, |c| sqlx::query(END_REQUEST)
        .bind(answer)
        .bind(application)
        .bind(key)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(ended)
}

/// What was asked for under a key.
pub async fn find_request(
    snapshot: &mut Snapshot,
    application: &str,
    key: &str,
) -> Result<Option<Before>, StorageError> {
    let row: Option<RequestRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_REQUEST)
        .bind(application)
        .bind(key)
        .fetch_optional(c)
        .await)?;
    let of = RowOf {
        table: "idempotent_request",
        key: application,
    };
    row.map(|row| {
        Ok(Before {
            digest: row.digest.try_into().map_err(|_| of.wrong("digest"))?,
            answer: row.answer,
        })
    })
    .transpose()
}

/// Deletes what was asked for before an instant, oldest first, at most `limit`. Returns how many.
pub async fn delete_requests_before(
    tx: &mut Tx,
    before: DateTime<Utc>,
    limit: u32,
) -> Result<u64, StorageError> {
    Ok(on_engine!(tx, |c| sqlx::query(DELETE_REQUESTS_BEFORE)
        .bind(before)
        .bind(i64::from(limit))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}
