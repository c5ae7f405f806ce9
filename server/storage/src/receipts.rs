//! Receipts, each kept once for each institution it was sent to. Nothing here judges one: a receipt is a fact.

use crate::engine::on_engine;
use crate::error::duplicate;
use crate::messages::MessageId;
use crate::row::{RowOf, to_json};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::receipt::{ReceiptDestination, ReceiptEffect};
use domain::{CreditorFiscalCode, NoticeNumber, Receipt, ReceiptId};

macro_rules! receipt_query {
    ($tail:literal) => {
        concat!(
            "SELECT id, effect, message_id, access_token, received_at, content FROM receipt ",
            $tail
        )
    };
}

statements! {
    // The key is met with DO NOTHING, so that a failure can only be the access token.
    RECORD_RECEIPT =
        "INSERT INTO receipt (recipient, receipt_id, issuer, notice_number, iuv, amount, psp_id, paid_at_local, \
                              effect, message_id, access_token, digest, received_at, content) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (recipient, receipt_id) DO NOTHING RETURNING id";
    RECORD_RECEIPT_TRANSFER =
        "INSERT INTO receipt_transfer (receipt, ordinal, amount, beneficiary, account, remittance_information, \
                                       category) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    FIND_DIGEST = "SELECT digest FROM receipt WHERE recipient = $1 AND receipt_id = $2";
    FIND_RECEIPT = receipt_query!("WHERE recipient = $1 AND receipt_id = $2");
    FIND_RECEIPT_BY_TOKEN = receipt_query!("WHERE access_token = $1");
    LIST_RECEIPTS_OF_NOTICE = receipt_query!(
        "WHERE notice_number = $1 AND recipient = $2 ORDER BY received_at DESC, id DESC LIMIT 100"
    );
    // A beneficiary's copy says the same as the issuer's own, which is here or elsewhere.
    LIST_RECEIPTS_OF_PERSON = receipt_query!(
        "WHERE (debtor_code = $1 OR payer_code = $1) AND recipient = $2 AND effect <> 'as_beneficiary' \
             AND received_at >= $3 AND received_at < $4 AND id > $5 ORDER BY id LIMIT $6"
    );
    COUNT_RECEIPTS_BY_EFFECT =
        "SELECT effect, COUNT(*) AS receipts FROM receipt WHERE recipient = $1 GROUP BY effect ORDER BY effect";
}

/// A receipt to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReceipt {
    /// The receipt.
    pub receipt: Receipt,
    /// What it does to the archive.
    pub effect: ReceiptEffect,
    /// The logged message it came in.
    pub message_id: MessageId,
    /// Unguessable part of the link that opens it.
    pub access_token: String,
    /// SHA-256 of the raw receipt.
    pub digest: [u8; 32],
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// A kept receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReceipt {
    /// The receipt.
    pub receipt: Receipt,
    /// What it did to the archive.
    pub effect: ReceiptEffect,
    /// The logged message it came in.
    pub message_id: MessageId,
    /// Unguessable part of the link that opens it.
    pub access_token: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// Whether a receipt was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It was, and is kept now.
    New,
    /// This institution has one with this number; the first stays.
    Repeated {
        /// Whether it says the same, byte by byte.
        same_content: bool,
    },
}

#[derive(sqlx::FromRow)]
struct ReceiptRow {
    id: i64,
    effect: String,
    message_id: Vec<u8>,
    access_token: String,
    received_at: DateTime<Utc>,
    content: String,
}

impl TryFrom<ReceiptRow> for StoredReceipt {
    type Error = StorageError;
    fn try_from(row: ReceiptRow) -> Result<Self, StorageError> {
        let key = row.id.to_string();
        let of = RowOf {
            table: "receipt",
            key: &key,
        };
        Ok(Self {
            receipt: of.json("content", &row.content)?,
            effect: read_effect(of, &row.effect)?,
            message_id: MessageId(row.message_id.try_into().map_err(|_| of.wrong("message_id"))?),
            access_token: row.access_token,
            received_at: row.received_at,
        })
    }
}

fn read_effect(of: RowOf<'_>, name: &str) -> Result<ReceiptEffect, StorageError> {
    of.one_of("effect", name, ReceiptEffect::ALL, ReceiptEffect::as_str)
}

/// Keeps a receipt unless its institution has one with its number. When another transaction is keeping the same one,
/// waits for it.
///
/// # Errors
/// [`StorageError::Duplicate`] when the access token was used before.
pub async fn record_receipt(tx: &mut Tx, new: &NewReceipt) -> Result<Recorded, StorageError> {
    let receipt = &new.receipt;
    let inserted = on_engine!(tx, |c| sqlx::query_scalar(RECORD_RECEIPT)
        .bind(receipt.recipient.as_str())
        .bind(receipt.id.as_str())
        .bind(receipt.issuer.as_str())
        .bind(receipt.notice_number.as_str())
        .bind(receipt.iuv.as_str())
        .bind(receipt.amount.as_i64())
        .bind(&receipt.psp.id)
        .bind(receipt.paid_at)
        .bind(new.effect.as_str())
        .bind(&new.message_id.0[..])
        .bind(&new.access_token)
        .bind(&new.digest[..])
        .bind(new.received_at)
        .bind(to_json(receipt))
        .fetch_optional(c)
        .await);
    let id: Option<i64> = inserted.map_err(|error| duplicate(error, "access token"))?;
    let Some(id) = id else {
        let digest: Vec<u8> = on_engine!(tx, |c| sqlx::query_scalar(FIND_DIGEST)
            .bind(receipt.recipient.as_str())
            .bind(receipt.id.as_str())
            .fetch_one(c)
            .await)?;
        return Ok(Recorded::Repeated {
            same_content: digest == new.digest,
        });
    };
    for (transfer, ordinal) in receipt.transfers.iter().zip(1_i16..) {
        let account = match &transfer.destination {
            ReceiptDestination::Account(account) => Some(account),
            ReceiptDestination::StampDuty { .. } => None,
        };
        on_engine!(tx, |c| sqlx::query(RECORD_RECEIPT_TRANSFER)
            .bind(id)
            .bind(ordinal)
            .bind(transfer.amount.as_i64())
            .bind(transfer.beneficiary.as_str())
            .bind(account)
            .bind(&transfer.remittance_information)
            .bind(&transfer.category)
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(Recorded::New)
}

/// The receipt an institution got under this number.
pub async fn find_receipt(
    snapshot: &mut Snapshot,
    recipient: &CreditorFiscalCode,
    id: &ReceiptId,
) -> Result<Option<StoredReceipt>, StorageError> {
    let row: Option<ReceiptRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_RECEIPT)
        .bind(recipient.as_str())
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// The receipt this unguessable token opens.
pub async fn find_receipt_by_token(
    snapshot: &mut Snapshot,
    token: &str,
) -> Result<Option<StoredReceipt>, StorageError> {
    let row: Option<ReceiptRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_RECEIPT_BY_TOKEN)
        .bind(token)
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// The receipts of a notice that came to an institution, as its issuer or as a beneficiary: newest first, at most a
/// hundred. Another institution's copy is not among them.
pub async fn list_receipts_of_notice(
    snapshot: &mut Snapshot,
    recipient: &CreditorFiscalCode,
    number: &NoticeNumber,
) -> Result<Vec<StoredReceipt>, StorageError> {
    let rows: Vec<ReceiptRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_RECEIPTS_OF_NOTICE)
        .bind(number.as_str())
        .bind(recipient.as_str())
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Whose receipts are looked for, and of when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfPerson<'a> {
    /// The institution that got them.
    pub recipient: &'a CreditorFiscalCode,
    /// Fiscal code of who owed or paid, as the receipts write it.
    pub person: &'a str,
    /// Received from this instant on.
    pub from: DateTime<Utc>,
    /// Received before this instant.
    pub before: DateTime<Utc>,
}

/// A page of a person's receipts: those after the row `after`, the oldest first, at most `limit`, each with its row.
pub async fn list_receipts_of_person(
    snapshot: &mut Snapshot,
    sought: OfPerson<'_>,
    after: i64,
    limit: u32,
) -> Result<Vec<(i64, StoredReceipt)>, StorageError> {
    let rows: Vec<ReceiptRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_RECEIPTS_OF_PERSON)
        .bind(sought.person)
        .bind(sought.recipient.as_str())
        .bind(sought.from)
        .bind(sought.before)
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|row| Ok((row.id, row.try_into()?)))
        .collect()
}

/// How many receipts an institution got, by what they did; effects that never happened are left out.
pub async fn count_receipts_by_effect(
    snapshot: &mut Snapshot,
    recipient: &CreditorFiscalCode,
) -> Result<Vec<(ReceiptEffect, u64)>, StorageError> {
    let rows: Vec<(String, i64)> = on_engine!(snapshot, |c| sqlx::query_as(COUNT_RECEIPTS_BY_EFFECT)
        .bind(recipient.as_str())
        .fetch_all(c)
        .await)?;
    let of = RowOf {
        table: "receipt",
        key: recipient.as_str(),
    };
    rows.into_iter()
        .map(|(effect, receipts)| {
            let receipts = u64::try_from(receipts).map_err(|_| of.wrong("effect"))?;
            Ok((read_effect(of, &effect)?, receipts))
        })
        .collect()
}
