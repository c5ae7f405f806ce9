//! Receipts asked of the hub by their reference: each question is written before it is asked, because few are allowed
//! and several servers share them.

use crate::engine::on_engine;
use crate::row::{RowOf, one_row};
use crate::statements::statements;
use crate::{StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::{CreditorFiscalCode, ReceiptId};

statements! {
    // Reading goes on; who wants to ask waits.
    LOCK_REQUESTS_ON_POSTGRES = "LOCK TABLE receipt_request IN SHARE ROW EXCLUSIVE MODE";
    COUNT_REQUESTS_AFTER = "SELECT COUNT(*) AS requests, MIN(asked_at) AS first FROM receipt_request WHERE asked_at > $1";
    LIST_REQUESTS =
        "SELECT asked_at FROM receipt_request WHERE institution = $1 AND receipt_id = $2 ORDER BY ordinal";
    RECORD_REQUEST =
        "INSERT INTO receipt_request (institution, receipt_id, ordinal, iuv, asked_at, outcome) \
         VALUES ($1, $2, $3, $4, $5, 'asked')";
    ANSWER_REQUEST =
        "UPDATE receipt_request SET outcome = $4 WHERE institution = $1 AND receipt_id = $2 AND ordinal = $3";
    WITHDRAW_REQUEST = "DELETE FROM receipt_request WHERE institution = $1 AND receipt_id = $2 AND ordinal = $3";
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestOutcome {
    /// The receipt came and was taken.
    Taken,
    /// The hub has no such receipt.
    NotFound,
    /// The answer is no receipt of this institution.
    Unreadable,
    /// There was no answer.
    NoAnswer,
}

impl RequestOutcome {
    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::NotFound => "not_found",
            Self::Unreadable => "unreadable",
            Self::NoAnswer => "no_answer",
        }
    }
}

/// What was asked before: of any receipt since an instant, and of one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// How many questions since the instant.
    pub lately: u64,
    /// When the first of those was asked.
    pub first_lately: Option<DateTime<Utc>>,
    /// When each question about the one receipt was asked, in order.
    pub of_this: Vec<DateTime<Utc>>,
}

/// What was asked after an instant, and ever of this receipt. Until the transaction ends nobody else can ask.
pub async fn lock_and_count_requests(
    tx: &mut Tx,
    after: DateTime<Utc>,
    institution: &CreditorFiscalCode,
    id: &ReceiptId,
) -> Result<Asked, StorageError> {
    // A transaction that may write holds the only writer there is of SQLite.
    on_engine!(tx, |_c| Ok(()), |c| sqlx::query(LOCK_REQUESTS_ON_POSTGRES)
        .execute(c)
        .await
        .map(drop))?;
    let (lately, first_lately): (i64, Option<DateTime<Utc>>) =
        on_engine!(tx, |c| sqlx::query_as(COUNT_REQUESTS_AFTER)
            .bind(after)
            .fetch_one(c)
            .await)?;
    let of_this = on_engine!(tx, |c| sqlx::query_scalar(LIST_REQUESTS)
        .bind(institution.as_str())
        .bind(id.as_str())
        .fetch_all(c)
        .await)?;
    let of = RowOf {
        table: "receipt_request",
        key: id.as_str(),
    };
    Ok(Asked {
        lately: u64::try_from(lately).map_err(|_| of.wrong("asked_at"))?,
        first_lately,
        of_this,
    })
}

/// Notes that a receipt is about to be asked for, for the `ordinal`th time.
pub async fn record_request(
    tx: &mut Tx,
    institution: &CreditorFiscalCode,
    id: &ReceiptId,
    ordinal: u8,
    iuv: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(RECORD_REQUEST)
        .bind(institution.as_str())
        .bind(id.as_str())
        .bind(i16::from(ordinal))
        .bind(iuv)
        .bind(now)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Notes what became of a question.
pub async fn answer_request(
    tx: &mut Tx,
    institution: &CreditorFiscalCode,
    id: &ReceiptId,
    ordinal: u8,
    outcome: RequestOutcome,
) -> Result<(), StorageError> {
    one_row(on_engine!(tx, |c| sqlx::query(ANSWER_REQUEST)
        .bind(institution.as_str())
        .bind(id.as_str())
        .bind(i16::from(ordinal))
        .bind(outcome.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Takes back a question that was not asked after all.
pub async fn withdraw_request(
    tx: &mut Tx,
    institution: &CreditorFiscalCode,
    id: &ReceiptId,
    ordinal: u8,
) -> Result<(), StorageError> {
    one_row(on_engine!(tx, |c| sqlx::query(WITHDRAW_REQUEST)
        .bind(institution.as_str())
        .bind(id.as_str())
        .bind(i16::from(ordinal))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}
