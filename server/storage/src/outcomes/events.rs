//! Facts.

use crate::engine::on_engine;
use crate::error::duplicate;
use crate::row::{RowOf, to_json};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::outcome::{Concerned, Outcome, OutcomeContent, OutcomeKind};
use domain::{CreditorFiscalCode, NoticeNumber};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, QueryBuilder, SqliteConnection};

/// The columns of a told outcome, of a table called `e`.
macro_rules! told_columns {
    () => {
        "e.event_id, e.institution, e.service, e.position, e.at, e.content"
    };
}
pub(super) use told_columns;

statements! {
    RECORD_OUTCOMES_ON_POSTGRES =
        "INSERT INTO outcome_event (event_id, institution, service, position, subject, kind, at, content) \
         SELECT * FROM UNNEST($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], \
                              $7::timestamptz[], $8::text[]) \
         ON CONFLICT (event_id) DO NOTHING";
    FIND_CONCERNED =
        "SELECT p.service, p.key FROM instalment i JOIN debt_position p ON p.id = i.position_id \
         WHERE i.notice_number = $1 AND i.institution = $2";
    LIST_OUTCOMES_TO_FAN_OUT =
        "SELECT id, institution, service, kind, subject FROM outcome_event WHERE NOT fanned_out ORDER BY id LIMIT $1";
    // The writer is ours alone on SQLite: all that waits up to there was read.
    MARK_FANNED_OUT = "UPDATE outcome_event SET fanned_out = TRUE WHERE NOT fanned_out AND id <= $1";
    MARK_FANNED_OUT_ON_POSTGRES =
        "UPDATE outcome_event SET fanned_out = TRUE WHERE NOT fanned_out AND id = ANY($1)";
    LIST_OUTCOMES_OF_SUBJECT = concat!(
        "SELECT ",
        told_columns!(),
        " FROM outcome_event e WHERE e.institution = $1 AND e.subject = $2 ORDER BY e.id DESC LIMIT $3"
    );
}

/// Facts one statement takes on PostgreSQL.
const BATCH_ON_POSTGRES: usize = 10_000;
/// Facts one statement takes on SQLite.
const BATCH_ON_SQLITE: usize = 128;

/// The id of a fact: 26 characters (`0-9`, `a-z` without `i l o u`) out of a digest of institution and fact. A fact told
/// again, or recorded again after the archive was restored from a copy, has the id it had: whoever was told it once knows
/// it again. An id opens nothing.
pub fn event_id(institution: &CreditorFiscalCode, fact: &str) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut digest = Sha256::new();
    for part in ["lanterna outcome 1", institution.as_str(), fact] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest
        .finalize()
        .iter()
        .take(26)
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect()
}

/// An outcome as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldOutcome {
    /// The event's id.
    pub event_id: String,
    /// Whose debt or money it is.
    pub institution: CreditorFiscalCode,
    /// Code of the debt's service.
    pub service: Option<String>,
    /// Key of the debt position.
    pub position: Option<String>,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// What is said.
    pub content: OutcomeContent,
}

/// A fact that is in nobody's feed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingOutcome {
    /// Its row.
    pub id: i64,
    /// Whose debt or money it is.
    pub institution: CreditorFiscalCode,
    /// Code of the debt's service.
    pub service: Option<String>,
    /// Its kind.
    pub kind: OutcomeKind,
    /// What it is kept in order by.
    pub subject: String,
}

#[derive(sqlx::FromRow)]
pub(super) struct ToldRow {
    event_id: String,
    institution: String,
    service: Option<String>,
    position: Option<String>,
    at: DateTime<Utc>,
    content: String,
}

impl TryFrom<ToldRow> for ToldOutcome {
    type Error = StorageError;
    fn try_from(row: ToldRow) -> Result<Self, StorageError> {
        let of = RowOf {
            table: "outcome_event",
            key: &row.event_id,
        };
        Ok(Self {
            institution: of.parse("institution", &row.institution)?,
            content: of.json("content", &row.content)?,
            service: row.service,
            position: row.position,
            at: row.at,
            event_id: row.event_id,
        })
    }
}

#[derive(sqlx::FromRow)]
struct PendingRow {
    id: i64,
    institution: String,
    service: Option<String>,
    kind: String,
    subject: String,
}

/// Records facts. One that is here already stays as it is.
pub async fn record_outcomes(tx: &mut Tx, outcomes: &[Outcome]) -> Result<(), StorageError> {
    let rows: Vec<NewRow<'_>> = outcomes.iter().map(NewRow::of).collect();
    on_engine!(tx, |c| insert_on_sqlite(c, &rows).await, |c| insert_on_postgres(
        c, &rows
    )
    .await)
}

struct NewRow<'a> {
    event_id: String,
    content: String,
    outcome: &'a Outcome,
}

impl<'a> NewRow<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        Self {
            event_id: event_id(&outcome.institution, &outcome.fact),
            content: to_json(&outcome.content),
            outcome,
        }
    }
}

async fn insert_on_sqlite(
    connection: &mut SqliteConnection,
    rows: &[NewRow<'_>],
) -> Result<(), StorageError> {
    for batch in rows.chunks(BATCH_ON_SQLITE) {
        let mut insert = QueryBuilder::new(
            "INSERT INTO outcome_event (event_id, institution, service, position, subject, kind, at, content) ",
        );
        insert.push_values(batch, |mut values, row| {
            let outcome = row.outcome;
            values
                .push_bind(&row.event_id)
                .push_bind(outcome.institution.as_str())
                .push_bind(&outcome.service)
                .push_bind(&outcome.position)
                .push_bind(outcome.subject())
                .push_bind(outcome.kind().as_str())
                .push_bind(outcome.at)
                .push_bind(&row.content);
        });
        insert.push(" ON CONFLICT (event_id) DO NOTHING");
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

async fn insert_on_postgres(connection: &mut PgConnection, rows: &[NewRow<'_>]) -> Result<(), StorageError> {
    for batch in rows.chunks(BATCH_ON_POSTGRES) {
        let column = |of: fn(&Outcome) -> &str| batch.iter().map(|row| of(row.outcome)).collect::<Vec<_>>();
        sqlx::query(RECORD_OUTCOMES_ON_POSTGRES)
            .bind(batch.iter().map(|row| row.event_id.as_str()).collect::<Vec<_>>())
            .bind(column(|outcome| outcome.institution.as_str()))
            .bind(
                batch
                    .iter()
                    .map(|row| row.outcome.service.as_deref())
                    .collect::<Vec<_>>(),
            )
            .bind(
                batch
                    .iter()
                    .map(|row| row.outcome.position.as_deref())
                    .collect::<Vec<_>>(),
            )
            .bind(column(Outcome::subject))
            .bind(column(|outcome| outcome.kind().as_str()))
            .bind(batch.iter().map(|row| row.outcome.at).collect::<Vec<_>>())
            .bind(batch.iter().map(|row| row.content.as_str()).collect::<Vec<_>>())
            .execute(&mut *connection)
            .await
            .map_err(|error| duplicate(error, "outcome"))?;
    }
    Ok(())
}

/// The debt of the institution a notice belongs to.
pub async fn find_concerned(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
) -> Result<Option<Concerned>, StorageError> {
    let row: Option<(String, String)> = on_engine!(snapshot, |c| sqlx::query_as(FIND_CONCERNED)
        .bind(number.as_str())
        .bind(institution.as_str())
        .fetch_optional(c)
        .await)?;
    Ok(row.map(|(service, position)| Concerned { service, position }))
}

/// The facts that are in nobody's feed yet, by id, at most `limit`.
pub async fn list_outcomes_to_fan_out(
    snapshot: &mut Snapshot,
    limit: u32,
) -> Result<Vec<PendingOutcome>, StorageError> {
    let rows: Vec<PendingRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_OUTCOMES_TO_FAN_OUT)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|row| {
            let key = row.id.to_string();
            let of = RowOf {
                table: "outcome_event",
                key: &key,
            };
            Ok(PendingOutcome {
                institution: of.parse("institution", &row.institution)?,
                kind: OutcomeKind::parse(&row.kind).ok_or_else(|| of.wrong("kind"))?,
                id: row.id,
                service: row.service,
                subject: row.subject,
            })
        })
        .collect()
}

/// Notes that facts, read in this transaction and in the order of their ids, are in every feed they concern.
///
/// # Errors
/// [`StorageError::Conflict`] when somebody else did the same meanwhile.
pub async fn mark_fanned_out(tx: &mut Tx, ids: &[i64]) -> Result<(), StorageError> {
    let Some(last) = ids.last() else { return Ok(()) };
    let marked = on_engine!(
        tx,
        |c| sqlx::query(MARK_FANNED_OUT)
            .bind(last)
            .execute(c)
            .await
            .map(|done| done.rows_affected()),
        |c| sqlx::query(MARK_FANNED_OUT_ON_POSTGRES)
            .bind(ids)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    )?;
    if marked == ids.len() as u64 {
        Ok(())
    } else {
        Err(StorageError::Conflict)
    }
}

/// What was told of a position, or of a notice without one, the newest first, at most `limit`.
pub async fn list_outcomes_of_subject(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    subject: &str,
    limit: u32,
) -> Result<Vec<ToldOutcome>, StorageError> {
    let rows: Vec<ToldRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_OUTCOMES_OF_SUBJECT)
        .bind(institution.as_str())
        .bind(subject)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}
