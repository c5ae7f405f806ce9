//! Receipts, each kept once for each institution it was sent to. Nothing here judges one: a receipt is a fact.

use crate::engine::on_engine;
use crate::error::duplicate;
use crate::messages::MessageId;
use crate::outcomes::{find_concerned, record_outcomes};
use crate::row::{RowOf, to_json};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::outcome::{of_correction, of_receipt};
use domain::receipt::{ReceiptDestination, ReceiptEffect};
use domain::{CreditorFiscalCode, NoticeNumber, Receipt, ReceiptId};
use std::collections::BTreeSet;
use std::fmt::Write as _;

macro_rules! receipt_query {
    ($tail:literal) => {
        concat!(
            "SELECT id, effect, message_id, access_token, received_at, content FROM receipt ",
            $tail
        )
    };
}

/// The position is the recipient's own or none: a beneficiary's copy is of a notice of somebody else.
macro_rules! with_position_query {
    ($tail:literal) => {
        concat!(
            "SELECT r.id, r.effect, r.message_id, r.access_token, r.received_at, r.content, p.service, \
             p.key AS position_key FROM receipt r \
             LEFT JOIN instalment i ON i.institution = r.recipient AND i.institution = r.issuer \
                 AND i.notice_number = r.notice_number \
             LEFT JOIN debt_position p ON p.id = i.position_id ",
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
    // Fewer receipts are filled up with the last: one statement stays prepared for every count.
    FIND_RECEIPTS = receipt_query!(
        "WHERE recipient = $1 AND receipt_id IN ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
                                                 $17)"
    );
    FIND_RECEIPT_BY_TOKEN = receipt_query!("WHERE access_token = $1");
    LIST_RECEIPTS_OF_NOTICE = receipt_query!(
        "WHERE notice_number = $1 AND recipient = $2 ORDER BY received_at DESC, id DESC LIMIT 100"
    );
    // A beneficiary's copy says the same as the issuer's own, which is here or elsewhere.
    LIST_RECEIPTS_OF_PERSON = receipt_query!(
        "WHERE (debtor_code = $1 OR payer_code = $1) AND recipient = $2 AND effect <> 'as_beneficiary' \
             AND received_at >= $3 AND received_at < $4 AND id > $5 ORDER BY id LIMIT $6"
    );
    // Codes of services hold no wildcards.
    LIST_RECEIPTS_OF_RECIPIENT =
        with_position_query!(
            "WHERE r.recipient = $1 AND r.received_at >= $2 AND r.received_at < $3 AND (r.received_at, r.id) < ($4, $5) \
             AND ($6 OR $7 LIKE '%,' || p.service || ',%') \
         ORDER BY r.received_at DESC, r.id DESC LIMIT $8"
        );
    FIND_RECEIPT_WITH_POSITION =
        with_position_query!(
            "WHERE r.recipient = $1 AND r.receipt_id = $2"
        );
    LIST_RECEIPTS_WITH_POSITION_OF_NOTICE =
        with_position_query!(
            "WHERE r.notice_number = $2 AND r.recipient = $1 ORDER BY r.received_at DESC, r.id DESC LIMIT 100"
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

/// Keeps a receipt unless its institution has one with its number, and records what programs are told of one that pays
/// nothing that waits for it. When another transaction is keeping the same one, waits for it.
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
    // What pays its notice is told with the position it moves.
    if new.effect != ReceiptEffect::Applied {
        let of = find_concerned(tx, &receipt.recipient, &receipt.notice_number).await?;
        let told = of_receipt(receipt, new.effect, of, new.received_at);
        record_outcomes(tx, told.as_slice()).await?;
    }
    Ok(Recorded::New)
}

/// Records that other contents came for a kept receipt, once for the same contents: `digest` is the SHA-256 of the message.
pub async fn record_correction(
    tx: &mut Tx,
    first: &Receipt,
    other: &Receipt,
    digest: &[u8; 32],
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let of = find_concerned(tx, &other.recipient, &other.notice_number).await?;
    let digest = digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    record_outcomes(tx, &[of_correction(first, other, &digest, of, at)]).await
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

/// The receipts sent to an institution under any of these numbers, in no order. A few statements for many receipts.
pub async fn find_receipts(
    snapshot: &mut Snapshot,
    recipient: &CreditorFiscalCode,
    ids: &[ReceiptId],
) -> Result<Vec<StoredReceipt>, StorageError> {
    const TOGETHER: usize = 16;
    let mut found = Vec::with_capacity(ids.len());
    for several in ids.chunks(TOGETHER) {
        // A chunk is never empty: what is missing of sixteen repeats one of them.
        let filled_up = several.iter().cycle().take(TOGETHER);
        let rows: Vec<ReceiptRow> = on_engine!(snapshot, |c| {
            filled_up
                .fold(
                    sqlx::query_as(FIND_RECEIPTS).bind(recipient.as_str()),
                    |query, id| query.bind(id.as_str()),
                )
                .fetch_all(c)
                .await
        })?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
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

/// A receipt with the position it is of, when that is the recipient's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptOfPosition {
    /// Its row.
    pub row: i64,
    /// The receipt.
    pub stored: StoredReceipt,
    /// Code of the position's service.
    pub service: Option<String>,
    /// The position's key.
    pub position_key: Option<String>,
}

#[derive(sqlx::FromRow)]
struct WithPositionRow {
    #[sqlx(flatten)]
    receipt: ReceiptRow,
    service: Option<String>,
    position_key: Option<String>,
}

impl TryFrom<WithPositionRow> for ReceiptOfPosition {
    type Error = StorageError;
    fn try_from(row: WithPositionRow) -> Result<Self, StorageError> {
        Ok(Self {
            row: row.receipt.id,
            stored: row.receipt.try_into()?,
            service: row.service,
            position_key: row.position_key,
        })
    }
}

/// Which receipts of an institution are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfRecipient<'a> {
    /// The institution that got them.
    pub recipient: &'a CreditorFiscalCode,
    /// Codes of the services they are of; `None` for every receipt, those of no position too.
    pub services: Option<&'a BTreeSet<String>>,
    /// Received from this instant on.
    pub from: DateTime<Utc>,
    /// Received before this instant.
    pub before: DateTime<Utc>,
}

/// A page of an institution's receipts, the newest first: those before the one received then in this row, at most `limit`.
pub async fn list_receipts_of_recipient(
    snapshot: &mut Snapshot,
    sought: OfRecipient<'_>,
    after: Option<(DateTime<Utc>, i64)>,
    limit: u32,
) -> Result<Vec<ReceiptOfPosition>, StorageError> {
    let (received_at, row) = after.unwrap_or((sought.before, i64::MAX));
    let services = sought.services.into_iter().flatten();
    let services: String = services.fold(",".to_owned(), |list, code| list + code + ",");
    let rows: Vec<WithPositionRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_RECEIPTS_OF_RECIPIENT)
        .bind(sought.recipient.as_str())
        .bind(sought.from)
        .bind(sought.before)
        .bind(received_at)
        .bind(row)
        .bind(sought.services.is_none())
        .bind(services)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The receipt an institution got under this number, with its position.
pub async fn find_receipt_with_position(
    snapshot: &mut Snapshot,
    recipient: &CreditorFiscalCode,
    id: &ReceiptId,
) -> Result<Option<ReceiptOfPosition>, StorageError> {
    let row: Option<WithPositionRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_RECEIPT_WITH_POSITION)
        .bind(recipient.as_str())
        .bind(id.as_str())
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// The receipts of a notice that came to an institution, with their position: newest first, at most a hundred.
pub async fn list_receipts_with_position_of_notice(
    snapshot: &mut Snapshot,
    recipient: &CreditorFiscalCode,
    number: &NoticeNumber,
) -> Result<Vec<ReceiptOfPosition>, StorageError> {
    let rows: Vec<WithPositionRow> = on_engine!(snapshot, |c| sqlx::query_as(
        LIST_RECEIPTS_WITH_POSITION_OF_NOTICE
    )
    .bind(recipient.as_str())
    .bind(number.as_str())
    .fetch_all(c)
    .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
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
