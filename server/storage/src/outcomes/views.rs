//! What the log of messages says of notices that were looked at, read behind a cursor: whoever asks about a notice waits for
//! nothing here.

use crate::engine::on_engine;
use crate::messages::MessageId;
use crate::row::RowOf;
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::outcome::{Concerned, NoticeReference};
use domain::{Cents, CreditorFiscalCode};

statements! {
    FIND_CURSOR = "SELECT position FROM outcome_cursor WHERE name = $1";
    SET_CURSOR =
        "INSERT INTO outcome_cursor (name, position) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET position = excluded.position";
    FIND_END_OF_PAGE =
        "SELECT id FROM (SELECT id FROM message WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3) AS page \
         ORDER BY id DESC LIMIT 1";
    // An answer says what it is about; only one that was no refusal shows the notice.
    LIST_VIEWS =
        "SELECT m.at, m.psp, i.notice_number, i.iuv, i.amount, p.institution, p.service, p.key FROM message m \
         JOIN instalment i ON i.notice_number = m.notice_number AND i.institution = m.institution \
         JOIN debt_position p ON p.id = i.position_id \
         WHERE m.id > $1 AND m.id <= $2 AND m.kind = 'response' AND m.direction = 'outbound' AND m.outcome = 'OK' \
           AND m.operation IN ($3, $4, $5) ORDER BY m.id";
}

/// A notice the hub was told about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewRow {
    /// Whose.
    pub institution: CreditorFiscalCode,
    /// Its debt.
    pub of: Concerned,
    /// The notice.
    pub notice: NoticeReference,
    /// When.
    pub at: DateTime<Utc>,
    /// The payment provider that asked.
    pub psp: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    at: DateTime<Utc>,
    psp: Option<String>,
    notice_number: String,
    iuv: String,
    amount: i64,
    institution: String,
    service: String,
    key: String,
}

/// How far the reader of this name has come.
pub async fn find_cursor(snapshot: &mut Snapshot, name: &str) -> Result<Option<MessageId>, StorageError> {
    let row: Option<Vec<u8>> = on_engine!(snapshot, |c| sqlx::query_scalar(FIND_CURSOR)
        .bind(name)
        .fetch_optional(c)
        .await)?;
    row.map(|bytes| read_id(name, bytes)).transpose()
}

fn read_id(key: &str, bytes: Vec<u8>) -> Result<MessageId, StorageError> {
    let of = RowOf {
        table: "outcome_cursor",
        key,
    };
    Ok(MessageId(bytes.try_into().map_err(|_| of.wrong("position"))?))
}

/// Notes how far the reader of this name has come.
pub async fn set_cursor(tx: &mut Tx, name: &str, at: MessageId) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(SET_CURSOR)
        .bind(name)
        .bind(&at.0[..])
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The last of the next `limit` messages after one and before another; `None` when there is none.
pub async fn find_end_of_page(
    snapshot: &mut Snapshot,
    after: MessageId,
    before: MessageId,
    limit: u32,
) -> Result<Option<MessageId>, StorageError> {
    let row: Option<Vec<u8>> = on_engine!(snapshot, |c| sqlx::query_scalar(FIND_END_OF_PAGE)
        .bind(&after.0[..])
        .bind(&before.0[..])
        .bind(i64::from(limit))
        .fetch_optional(c)
        .await)?;
    row.map(|bytes| read_id("message", bytes)).transpose()
}

/// The notices of this archive that answers of these operations showed, after a message and up to another, as they came.
pub async fn list_views(
    snapshot: &mut Snapshot,
    after: MessageId,
    up_to: MessageId,
    operations: [&str; 3],
) -> Result<Vec<ViewRow>, StorageError> {
    let [verify, get, get_v2] = operations;
    let rows: Vec<Row> = on_engine!(snapshot, |c| sqlx::query_as(LIST_VIEWS)
        .bind(&after.0[..])
        .bind(&up_to.0[..])
        .bind(verify)
        .bind(get)
        .bind(get_v2)
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|row| {
            let of = RowOf {
                table: "instalment",
                key: &row.notice_number,
            };
            Ok(ViewRow {
                institution: of.parse("institution", &row.institution)?,
                notice: NoticeReference {
                    notice_number: of.parse("notice_number", &row.notice_number)?,
                    iuv: of.parse("iuv", &row.iuv)?,
                    amount: Cents::new(row.amount),
                },
                of: Concerned {
                    service: row.service,
                    position: row.key,
                },
                at: row.at,
                psp: row.psp,
            })
        })
        .collect()
}
