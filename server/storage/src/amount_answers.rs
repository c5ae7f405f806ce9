//! What management programs last said of notices: when they were asked, and whether anything was due. How much is due
//! stands in the position, which the answer amended in the same transaction.

use crate::engine::on_engine;
use crate::error::unknown;
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::{CreditorFiscalCode, NoticeNumber};

statements! {
    // The later question stays: two servers may have asked at once.
    RECORD_AMOUNT_ANSWER =
        "INSERT INTO amount_answer (institution, notice_number, asked_at, is_due) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (institution, notice_number) DO UPDATE SET asked_at = excluded.asked_at, \
             is_due = excluded.is_due \
         WHERE amount_answer.asked_at < excluded.asked_at";
    FIND_AMOUNT_ANSWER =
        "SELECT asked_at, is_due FROM amount_answer WHERE institution = $1 AND notice_number = $2";
}

/// What a program said of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct RecordedAnswer {
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// Whether anything was due.
    pub is_due: bool,
}

/// Keeps what a program said of a notice, unless what is kept was asked later.
///
/// # Errors
/// [`StorageError::Unknown`] when the institution is not served here.
pub async fn record_amount_answer(
    tx: &mut Tx,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
    answer: RecordedAnswer,
) -> Result<(), StorageError> {
    let outcome = on_engine!(tx, |c| sqlx::query(RECORD_AMOUNT_ANSWER)
        .bind(institution.as_str())
        .bind(number.as_str())
        .bind(answer.asked_at)
        .bind(answer.is_due)
        .execute(c)
        .await
        .map(drop));
    outcome.map_err(|error| unknown(error, "institution"))
}

/// What a program last said of a notice.
pub async fn find_amount_answer(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
) -> Result<Option<RecordedAnswer>, StorageError> {
    Ok(on_engine!(snapshot, |c| sqlx::query_as(FIND_AMOUNT_ANSWER)
        .bind(institution.as_str())
        .bind(number.as_str())
        .fetch_optional(c)
        .await)?)
}
