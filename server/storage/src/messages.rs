//! The log of messages: every exchange with the hub as it came or went, kept before it is interpreted.

use crate::engine::on_engine;
use crate::error::duplicate;
use crate::row::RowOf;
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::{CreditorFiscalCode, Iuv, NoticeNumber, ReceiptId};
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};

macro_rules! message_query {
    ($tail:literal) => {
        concat!(
            "SELECT id, at, direction, kind, operation, institution, notice_number, iuv, receipt_id, peer, \
             outcome, request_id, station, psp, channel, payment_type, component, context_code, duration_ms, body \
             FROM message ",
            $tail
        )
    };
}

/// What an answer says of its request, which was kept before anybody knew what it was about.
macro_rules! about_columns {
    () => {
        "id, request_id, operation, institution, notice_number, iuv, receipt_id, station, psp, channel, \
         payment_type, component, context_code"
    };
}

/// The messages a condition finds and the requests they answer, which get what their answers say of them.
macro_rules! search_query {
    ($condition:literal, $or_from:literal) => {
        search_query!(@ concat!($condition, about_columns!(), $or_from))
    };
    ($condition:literal) => {
        search_query!(@ $condition)
    };
    (@ $condition:expr) => {
        concat!(
            "WITH about AS (SELECT ",
            about_columns!(),
            " FROM message ",
            $condition,
            ") SELECT m.id, m.at, m.direction, m.kind, COALESCE(a.operation, m.operation) AS operation, \
             COALESCE(m.institution, a.institution) AS institution, \
             COALESCE(m.notice_number, a.notice_number) AS notice_number, COALESCE(m.iuv, a.iuv) AS iuv, \
             COALESCE(m.receipt_id, a.receipt_id) AS receipt_id, m.peer, m.outcome, m.request_id, \
             COALESCE(m.station, a.station) AS station, COALESCE(m.psp, a.psp) AS psp, \
             COALESCE(m.channel, a.channel) AS channel, COALESCE(m.payment_type, a.payment_type) AS payment_type, \
             COALESCE(m.component, a.component) AS component, \
             COALESCE(m.context_code, a.context_code) AS context_code, m.duration_ms, m.body \
             FROM message m LEFT JOIN about a ON a.request_id = m.id \
             WHERE m.id IN (SELECT id FROM about UNION SELECT request_id FROM about WHERE request_id IS NOT NULL) \
             AND m.at >= $3 AND m.at < $4 AND m.id > $5 ORDER BY m.id LIMIT $6"
        )
    };
}

statements! {
    FIND_MESSAGE = message_query!("WHERE id = $1");
    SEARCH_MESSAGES_BY_NOTICE = search_query!("WHERE notice_number = $1 AND institution = $2");
    // What was not given a reference of its own is found by the notice number the reference is part of.
    SEARCH_MESSAGES_BY_IUV = search_query!(
        "WHERE iuv = $1 AND institution = $2 UNION SELECT ",
        " FROM message WHERE notice_number = $7 AND institution = $2"
    );
    SEARCH_MESSAGES_BY_RECEIPT = search_query!("WHERE receipt_id = $1 AND institution = $2");
    // Looks at the oldest only: ids begin with the time.
    DELETE_MESSAGES_BEFORE =
        "DELETE FROM message WHERE at < $1 AND id IN (SELECT id FROM message ORDER BY id LIMIT $2)";
    // A batch is one array for each column.
    RECORD_MESSAGES_ON_POSTGRES =
        "INSERT INTO message (id, at, direction, kind, operation, institution, notice_number, iuv, receipt_id, peer, \
                          outcome, request_id, station, psp, channel, payment_type, component, context_code, duration_ms, \
                          body) \
     SELECT * FROM UNNEST($1::bytea[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], \
                          $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[], $13::text[], \
                          $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::bigint[], $20::bytea[])";
}

/// Later than any message.
const END_OF_TIME: DateTime<Utc> = DateTime::from_timestamp_nanos(i64::MAX);

/// Key of a message: sixteen bytes, the time first, so that keys sort as the messages came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub [u8; 16]);

impl MessageId {
    /// A key of this instant; the tail tells apart what comes in one microsecond.
    pub fn new(at: DateTime<Utc>, tail: [u8; 8]) -> Self {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&at.timestamp_micros().to_be_bytes());
        bytes[8..].copy_from_slice(&tail);
        Self(bytes)
    }

    /// The instant it begins with.
    pub fn at(self) -> Option<DateTime<Utc>> {
        let (time, _) = self.0.split_first_chunk()?;
        DateTime::from_timestamp_micros(i64::from_be_bytes(*time))
    }
}

/// Who sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It came to us.
    Inbound,
    /// We sent it.
    Outbound,
}

impl Direction {
    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }
}

/// Whether a message asks or answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// It asks.
    Request,
    /// It answers.
    Response,
}

impl MessageKind {
    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}

/// A message to keep, or a kept one. What it is about is text as it came: it may be wrong.
#[derive(Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Its key, never used before.
    pub id: MessageId,
    /// When it came or went.
    pub at: DateTime<Utc>,
    /// Who sent it.
    pub direction: Direction,
    /// Whether it asks or answers.
    pub kind: MessageKind,
    /// Name of the operation, as on the wire; empty when it could not be told.
    pub operation: String,
    /// The institution it is about.
    pub institution: Option<String>,
    /// The notice it is about.
    pub notice_number: Option<String>,
    /// The payment reference it is about.
    pub iuv: Option<String>,
    /// The receipt it is about.
    pub receipt_id: Option<String>,
    /// Who is at the other end.
    pub peer: String,
    /// What was answered, in a word or a fault code.
    pub outcome: Option<String>,
    /// The request this answers.
    pub request_id: Option<MessageId>,
    /// The station it came through or was sent for.
    pub station: Option<String>,
    /// The payment provider it is about.
    pub psp: Option<String>,
    /// The channel of the payment provider.
    pub channel: Option<String>,
    /// How it is or was paid, in the hub's word.
    pub payment_type: Option<String>,
    /// The product of the platform at the other end; the hub itself when nothing is said.
    pub component: Option<String>,
    /// What ties the messages of one attempt to pay together: payment token, cart.
    pub context_code: Option<String>,
    /// For an answer: milliseconds since the request.
    pub duration_ms: Option<i64>,
    /// The message itself, byte by byte.
    pub body: Vec<u8>,
}

impl NewMessage {
    /// A message of which nothing more is known. What is known is added with struct update:
    /// `NewMessage { institution: …, ..NewMessage::new(…) }`.
    pub fn new(
        id: MessageId,
        at: DateTime<Utc>,
        direction: Direction,
        kind: MessageKind,
        operation: impl Into<String>,
        body: Vec<u8>,
    ) -> Self {
        Self {
            id,
            at,
            direction,
            kind,
            operation: operation.into(),
            institution: None,
            notice_number: None,
            iuv: None,
            receipt_id: None,
            peer: String::new(),
            outcome: None,
            request_id: None,
            station: None,
            psp: None,
            channel: None,
            payment_type: None,
            component: None,
            context_code: None,
            duration_ms: None,
            body,
        }
    }
}

impl std::fmt::Debug for NewMessage {
    /// Leaves out the body, which names people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewMessage")
            .field("id", &self.id)
            .field("operation", &self.operation)
            .field("direction", &self.direction)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

#[derive(sqlx::FromRow)]
struct MessageRow {
    id: Vec<u8>,
    at: DateTime<Utc>,
    direction: String,
    kind: String,
    operation: String,
    institution: Option<String>,
    notice_number: Option<String>,
    iuv: Option<String>,
    receipt_id: Option<String>,
    peer: String,
    outcome: Option<String>,
    request_id: Option<Vec<u8>>,
    station: Option<String>,
    psp: Option<String>,
    channel: Option<String>,
    payment_type: Option<String>,
    component: Option<String>,
    context_code: Option<String>,
    duration_ms: Option<i64>,
    body: Vec<u8>,
}

impl TryFrom<MessageRow> for NewMessage {
    type Error = StorageError;
    fn try_from(row: MessageRow) -> Result<Self, StorageError> {
        let key = format!("{:02x?}", row.id);
        let of = RowOf {
            table: "message",
            key: &key,
        };
        let id = |column, bytes: Vec<u8>| bytes.try_into().map(MessageId).map_err(|_| of.wrong(column));
        Ok(Self {
            id: id("id", row.id)?,
            at: row.at,
            direction: of.one_of(
                "direction",
                &row.direction,
                [Direction::Inbound, Direction::Outbound],
                Direction::as_str,
            )?,
            kind: of.one_of(
                "kind",
                &row.kind,
                [MessageKind::Request, MessageKind::Response],
                MessageKind::as_str,
            )?,
            request_id: row.request_id.map(|bytes| id("request_id", bytes)).transpose()?,
            operation: row.operation,
            institution: row.institution,
            notice_number: row.notice_number,
            iuv: row.iuv,
            receipt_id: row.receipt_id,
            peer: row.peer,
            outcome: row.outcome,
            station: row.station,
            psp: row.psp,
            channel: row.channel,
            payment_type: row.payment_type,
            component: row.component,
            context_code: row.context_code,
            duration_ms: row.duration_ms,
            body: row.body,
        })
    }
}

/// Keeps a batch of messages.
///
/// # Errors
/// [`StorageError::Duplicate`] when a key was used before.
pub async fn record_messages(tx: &mut Tx, messages: &[NewMessage]) -> Result<(), StorageError> {
    on_engine!(tx, |c| insert_on_sqlite(c, messages).await, |c| {
        insert_on_postgres(c, messages).await
    })
    .map_err(|error| duplicate(error, "message key"))
}

/// PostgreSQL takes a batch as one list for each column.
async fn insert_on_postgres(
    connection: &mut PgConnection,
    messages: &[NewMessage],
) -> Result<(), sqlx::Error> {
    let text = |column: fn(&NewMessage) -> Option<&str>| messages.iter().map(column).collect::<Vec<_>>();
    sqlx::query(RECORD_MESSAGES_ON_POSTGRES)
        .bind(messages.iter().map(|m| &m.id.0[..]).collect::<Vec<_>>())
        .bind(messages.iter().map(|m| m.at).collect::<Vec<_>>())
        .bind(messages.iter().map(|m| m.direction.as_str()).collect::<Vec<_>>())
        .bind(messages.iter().map(|m| m.kind.as_str()).collect::<Vec<_>>())
        .bind(messages.iter().map(|m| m.operation.as_str()).collect::<Vec<_>>())
        .bind(text(|m| m.institution.as_deref()))
        .bind(text(|m| m.notice_number.as_deref()))
        .bind(text(|m| m.iuv.as_deref()))
        .bind(text(|m| m.receipt_id.as_deref()))
        .bind(messages.iter().map(|m| m.peer.as_str()).collect::<Vec<_>>())
        .bind(text(|m| m.outcome.as_deref()))
        .bind(
            messages
                .iter()
                .map(|m| m.request_id.as_ref().map(|id| &id.0[..]))
                .collect::<Vec<_>>(),
        )
        .bind(text(|m| m.station.as_deref()))
        .bind(text(|m| m.psp.as_deref()))
        .bind(text(|m| m.channel.as_deref()))
        .bind(text(|m| m.payment_type.as_deref()))
        .bind(text(|m| m.component.as_deref()))
        .bind(text(|m| m.context_code.as_deref()))
        .bind(messages.iter().map(|m| m.duration_ms).collect::<Vec<_>>())
        .bind(messages.iter().map(|m| m.body.as_slice()).collect::<Vec<_>>())
        .execute(connection)
        .await
        .map(drop)
}

/// SQLite takes a batch as rows of values. Few lengths of statement are used, so that each stays prepared.
async fn insert_on_sqlite(
    connection: &mut SqliteConnection,
    mut messages: &[NewMessage],
) -> Result<(), sqlx::Error> {
    while !messages.is_empty() {
        let length = [64, 16, 4, 1]
            .into_iter()
            .find(|length| *length <= messages.len())
            .unwrap_or(1);
        let (chunk, rest) = messages.split_at(length);
        // OR FAIL spares SQLite the journal that would undo this one statement: the whole transaction is undone anyway.
        let mut insert = QueryBuilder::new(
            "INSERT OR FAIL INTO message (id, at, direction, kind, operation, institution, notice_number, iuv, \
             receipt_id, peer, outcome, request_id, station, psp, channel, payment_type, component, context_code, \
             duration_ms, body) ",
        );
        insert.push_values(chunk, |mut row, message| {
            row.push_bind(&message.id.0[..])
                .push_bind(message.at)
                .push_bind(message.direction.as_str())
                .push_bind(message.kind.as_str())
                .push_bind(&message.operation)
                .push_bind(&message.institution)
                .push_bind(&message.notice_number)
                .push_bind(&message.iuv)
                .push_bind(&message.receipt_id)
                .push_bind(&message.peer)
                .push_bind(&message.outcome)
                .push_bind(message.request_id.as_ref().map(|id| &id.0[..]))
                .push_bind(&message.station)
                .push_bind(&message.psp)
                .push_bind(&message.channel)
                .push_bind(&message.payment_type)
                .push_bind(&message.component)
                .push_bind(&message.context_code)
                .push_bind(message.duration_ms)
                .push_bind(&message.body[..]);
        });
        insert.build().execute(&mut *connection).await?;
        messages = rest;
    }
    Ok(())
}

/// The message with this key.
pub async fn find_message(
    snapshot: &mut Snapshot,
    id: MessageId,
) -> Result<Option<NewMessage>, StorageError> {
    let row: Option<MessageRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_MESSAGE)
        .bind(&id.0[..])
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// What messages are looked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageSubject {
    /// A notice.
    Notice(NoticeNumber),
    /// A payment reference.
    Iuv(Iuv),
    /// A receipt.
    Receipt(ReceiptId),
}

/// Which messages are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSearch {
    /// The institution they are about.
    pub institution: CreditorFiscalCode,
    /// What they are about.
    pub subject: MessageSubject,
    /// From this moment on.
    pub from: Option<DateTime<Utc>>,
    /// Until before this moment.
    pub until: Option<DateTime<Utc>>,
}

/// The messages of a search after a key, oldest first, at most `limit`. A request comes with what its answer says of it.
pub async fn search_messages(
    snapshot: &mut Snapshot,
    search: &MessageSearch,
    after: Option<MessageId>,
    limit: u32,
) -> Result<Vec<NewMessage>, StorageError> {
    let (statement, key, notice) = match &search.subject {
        MessageSubject::Notice(number) => (SEARCH_MESSAGES_BY_NOTICE, number.as_str(), None),
        MessageSubject::Iuv(iuv) => (
            SEARCH_MESSAGES_BY_IUV,
            iuv.as_str(),
            Some(NoticeNumber::holding(iuv)),
        ),
        MessageSubject::Receipt(id) => (SEARCH_MESSAGES_BY_RECEIPT, id.as_str(), None),
    };
    let from = search.from.unwrap_or(DateTime::UNIX_EPOCH);
    let until = search.until.unwrap_or(END_OF_TIME);
    // Nothing at all comes before every key.
    let after = after.map(|id| id.0.to_vec()).unwrap_or_default();
    let rows: Vec<MessageRow> = on_engine!(snapshot, |c| {
        let query = sqlx::query_as(statement)
            .bind(key)
            .bind(search.institution.as_str())
            .bind(from)
            .bind(until)
            .bind(after)
            .bind(i64::from(limit));
        match notice {
            Some(notice) => query.bind(notice.map(|number| number.to_string())),
            None => query,
        }
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Deletes messages of before an instant among the `limit` oldest. Returns how many; call again until it is none.
pub async fn delete_messages_before(tx: &mut Tx, at: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
    Ok(on_engine!(tx, |c| sqlx::query(DELETE_MESSAGES_BEFORE)
        .bind(at)
        .bind(i64::from(limit))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}
