//! Notices printed together: which positions a batch chose, how far it is, and the volumes it made.
//!
//! Every step is written by compare-and-set on how far the batch was: of two workers at the same step one is told
//! [`StorageError::Conflict`], and a step that was interrupted is simply done again.

use crate::debt_positions::StoredPosition;
use crate::debt_positions::positions::find_position_by_id;
use crate::document_accesses::{Access, record_access};
use crate::engine::on_engine;
use crate::error::unknown;
use crate::row::{RowOf, one_row};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{CreditorFiscalCode, Subject};

macro_rules! batch_query {
    ($tail:literal) => {
        concat!(
            "SELECT id, institution, plan, state, looked_at, is_chosen, chosen, printed, refused, pages, volumes, \
             created_at, ended_at FROM print_batch ",
            $tail
        )
    };
}

statements! {
    INSERT_BATCH =
        "INSERT INTO print_batch (institution, plan, state, looked_at, is_chosen, chosen, printed, refused, pages, \
                                  volumes, created_at) \
         VALUES ($1, $2, 'running', '', FALSE, 0, 0, 0, 0, 0, $3) RETURNING id";
    FIND_BATCH = batch_query!("WHERE id = $1");
    LIST_BATCHES = batch_query!("WHERE institution = $1 ORDER BY id DESC LIMIT $2");
    // Bounds instead of conditions that may be missing: the statement is one, and its plan too.
    LIST_CANDIDATES =
        "SELECT p.id, p.key, p.debtor FROM debt_position p \
         WHERE p.institution = $1 AND p.key > $2 AND p.key >= $3 AND p.key <= $4 AND p.status = 'open' \
             AND p.service >= $5 AND p.service <= $6 AND p.created_at >= $7 AND p.created_at < $8 \
             AND EXISTS (SELECT 1 FROM instalment i \
                         WHERE i.position_id = p.id \
                             AND ((i.due_on IS NULL AND $9) OR (i.due_on >= $10 AND i.due_on <= $11))) \
         ORDER BY p.key LIMIT $12";
    INSERT_ITEM =
        "INSERT INTO print_batch_item (batch, place, position_id) VALUES ($1, $2, $3)";
    MOVE_CHOOSING =
        "UPDATE print_batch SET looked_at = $1, is_chosen = $2, chosen = chosen + $3 \
         WHERE id = $4 AND state = 'running' AND NOT is_chosen AND looked_at = $5";
    LIST_ITEMS_LEFT =
        "SELECT place, position_id FROM print_batch_item WHERE batch = $1 AND result IS NULL \
         ORDER BY place, position_id LIMIT $2";
    RECORD_ITEM =
        "UPDATE print_batch_item SET result = $1, volume = $2, line = $3 \
         WHERE batch = $4 AND place = $5 AND position_id = $6 AND result IS NULL";
    INSERT_VOLUME =
        "INSERT INTO print_batch_volume (batch, ordinal, file, digest, bytes, pages, printed, refused, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    MOVE_PRINTING =
        "UPDATE print_batch SET volumes = volumes + 1, pages = pages + $1, printed = printed + $2, \
                                refused = refused + $3 \
         WHERE id = $4 AND state = 'running' AND is_chosen AND volumes = $5";
    LIST_VOLUMES =
        "SELECT batch, ordinal, file, digest, bytes, pages, printed, refused, at FROM print_batch_volume \
         WHERE batch = $1 ORDER BY ordinal";
    LIST_LINES =
        "SELECT place, position_id, line FROM print_batch_item \
         WHERE batch = $1 AND line IS NOT NULL AND (place, position_id) > ($2, $3) \
         ORDER BY place, position_id LIMIT $4";
    LIST_REFUSED_LINES =
        "SELECT place, position_id, line FROM print_batch_item \
         WHERE batch = $1 AND result = 'refused' ORDER BY place, position_id LIMIT $2";
    END_BATCH =
        "UPDATE print_batch SET state = $1, ended_at = $2 WHERE id = $3 AND state = 'running'";
    RESUME_BATCH =
        "UPDATE print_batch SET state = 'running', ended_at = NULL WHERE id = $1 AND state = 'cancelled'";
    DELETE_BATCHES_BEFORE =
        "DELETE FROM print_batch WHERE id IN (SELECT id FROM print_batch WHERE ended_at < $1 \
                                              ORDER BY ended_at LIMIT $2)";
}

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    /// Being made, or waiting to be gone on with.
    Running,
    /// Made whole.
    Done,
    /// Stopped by somebody.
    Cancelled,
}

impl BatchState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Running, Self::Done, Self::Cancelled];

    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A batch, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintBatch {
    /// Its row.
    pub id: i64,
    /// Whose notices.
    pub institution: CreditorFiscalCode,
    /// Which positions, in which order and languages, how many in a volume: JSON.
    pub plan: String,
    /// Where it stands.
    pub state: BatchState,
    /// The key of the last position looked at to be chosen.
    pub looked_at: String,
    /// Whether every position is chosen.
    pub is_chosen: bool,
    /// Positions chosen so far.
    pub chosen: u64,
    /// Notices printed so far.
    pub printed: u64,
    /// Notices that could not be printed.
    pub refused: u64,
    /// Pages printed so far.
    pub pages: u64,
    /// Volumes so far.
    pub volumes: u64,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was done or stopped.
    pub ended_at: Option<DateTime<Utc>>,
}

impl PrintBatch {
    /// Reads the plan.
    ///
    /// # Errors
    /// When another program wrote something else.
    pub fn read_plan<T: serde::de::DeserializeOwned>(&self) -> Result<T, StorageError> {
        let key = self.id.to_string();
        RowOf {
            table: "print_batch",
            key: &key,
        }
        .json("plan", &self.plan)
    }
}

/// Which positions of an institution: open ones, and of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidates<'a> {
    /// Whose.
    pub institution: &'a CreditorFiscalCode,
    /// Of this service alone.
    pub service: Option<&'a str>,
    /// Whose key begins so.
    pub key_prefix: &'a str,
    /// Something of which is due from this day on.
    pub due_from: Option<NaiveDate>,
    /// Something of which is due until this day.
    pub due_until: Option<NaiveDate>,
    /// Stored from this instant on.
    pub created_from: Option<DateTime<Utc>>,
    /// Stored before this instant.
    pub created_before: DateTime<Utc>,
}

/// A position that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its row.
    pub position_id: i64,
    /// Its key.
    pub key: String,
    /// Who owes.
    pub debtor: Subject,
}

/// A position chosen, and its place among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its place: texts in the order of their bytes.
    pub place: String,
    /// Its row.
    pub position_id: i64,
}

/// What became of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemDone {
    /// Which.
    pub item: Item,
    /// Whether it is in the volume.
    pub is_printed: bool,
    /// Its line of the index.
    pub line: String,
}

/// A volume made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Its place among the batch's, from 1.
    pub ordinal: u64,
    /// Its file and the SHA-256 of its bytes; `None` when every notice of it was refused.
    pub file: Option<(String, [u8; 32])>,
    /// Length of the file.
    pub bytes: u64,
    /// Its pages.
    pub pages: u64,
    /// Notices in it.
    pub printed: u64,
    /// Notices that could not be.
    pub refused: u64,
    /// When it was made.
    pub at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct BatchRow {
    id: i64,
    institution: String,
    plan: String,
    state: String,
    looked_at: String,
    is_chosen: bool,
    chosen: i64,
    printed: i64,
    refused: i64,
    pages: i64,
    volumes: i64,
    created_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

impl TryFrom<BatchRow> for PrintBatch {
    type Error = StorageError;
    fn try_from(row: BatchRow) -> Result<Self, StorageError> {
        let key = row.id.to_string();
        let of = RowOf {
            table: "print_batch",
            key: &key,
        };
        Ok(Self {
            id: row.id,
            institution: of.parse("institution", &row.institution)?,
            state: of.one_of("state", &row.state, BatchState::ALL, BatchState::as_str)?,
            chosen: large(of, "chosen", row.chosen)?,
            printed: large(of, "printed", row.printed)?,
            refused: large(of, "refused", row.refused)?,
            pages: large(of, "pages", row.pages)?,
            volumes: large(of, "volumes", row.volumes)?,
            plan: row.plan,
            looked_at: row.looked_at,
            is_chosen: row.is_chosen,
            created_at: row.created_at,
            ended_at: row.ended_at,
        })
    }
}

#[derive(sqlx::FromRow)]
struct VolumeRow {
    batch: i64,
    ordinal: i64,
    file: Option<String>,
    digest: Option<Vec<u8>>,
    bytes: i64,
    pages: i64,
    printed: i64,
    refused: i64,
    at: DateTime<Utc>,
}

impl TryFrom<VolumeRow> for Volume {
    type Error = StorageError;
    fn try_from(row: VolumeRow) -> Result<Self, StorageError> {
        let key = format!("{}/{}", row.batch, row.ordinal);
        let of = RowOf {
            table: "print_batch_volume",
            key: &key,
        };
        let file = match (row.file, row.digest.map(TryInto::try_into)) {
            (Some(file), Some(Ok(digest))) => Some((file, digest)),
            (None, None) => None,
            (Some(_) | None, _) => return Err(of.wrong("digest")),
        };
        Ok(Self {
            file,
            ordinal: large(of, "ordinal", row.ordinal)?,
            bytes: large(of, "bytes", row.bytes)?,
            pages: large(of, "pages", row.pages)?,
            printed: large(of, "printed", row.printed)?,
            refused: large(of, "refused", row.refused)?,
            at: row.at,
        })
    }
}

fn large(of: RowOf<'_>, column: &'static str, number: i64) -> Result<u64, StorageError> {
    u64::try_from(number).map_err(|_| of.wrong(column))
}

/// What counts in a program goes into a column as this.
fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Begins a batch of an institution's notices. Returns its row.
///
/// # Errors
/// [`StorageError::Unknown`] when the institution is not served here. Undo the transaction then.
pub async fn insert_batch(
    tx: &mut Tx,
    institution: &CreditorFiscalCode,
    plan: &str,
    at: DateTime<Utc>,
) -> Result<i64, StorageError> {
    let inserted = on_engine!(tx, |c| sqlx::query_scalar(INSERT_BATCH)
        .bind(institution.as_str())
        .bind(plan)
        .bind(at)
        .fetch_one(c)
        .await);
    inserted.map_err(|error| unknown(error, "institution"))
}

/// The batch of a row.
pub async fn find_batch(snapshot: &mut Snapshot, id: i64) -> Result<Option<PrintBatch>, StorageError> {
    let row: Option<BatchRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_BATCH)
        .bind(id)
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// The batches of an institution, the newest first, at most `limit`.
pub async fn list_batches(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    limit: u32,
) -> Result<Vec<PrintBatch>, StorageError> {
    let rows: Vec<BatchRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_BATCHES)
        .bind(institution.as_str())
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The first day of those that can be kept, and the last.
fn all_days() -> (NaiveDate, NaiveDate) {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    (day(1, 1, 1), day(9999, 12, 31))
}

/// The open positions that may be chosen after the one with the key `after`, by key, at most `limit`.
pub async fn list_candidates(
    snapshot: &mut Snapshot,
    sought: Candidates<'_>,
    after: &str,
    limit: u32,
) -> Result<Vec<Candidate>, StorageError> {
    // After every text that begins so, in the order of bytes both engines keep.
    let last_key = format!("{}\u{10ffff}", sought.key_prefix);
    let services = sought
        .service
        .map_or(("", "\u{10ffff}"), |service| (service, service));
    let (first_day, last_day) = all_days();
    let any_day = sought.due_from.is_none() && sought.due_until.is_none();
    let rows: Vec<(i64, String, String)> = on_engine!(snapshot, |c| sqlx::query_as(LIST_CANDIDATES)
        .bind(sought.institution.as_str())
        .bind(after)
        .bind(sought.key_prefix)
        .bind(&last_key)
        .bind(services.0)
        .bind(services.1)
        .bind(sought.created_from.unwrap_or(DateTime::UNIX_EPOCH))
        .bind(sought.created_before)
        .bind(any_day)
        .bind(sought.due_from.unwrap_or(first_day))
        .bind(sought.due_until.unwrap_or(last_day))
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|(position_id, key, debtor)| {
            let row = position_id.to_string();
            let of = RowOf {
                table: "debt_position",
                key: &row,
            };
            Ok(Candidate {
                position_id,
                debtor: of.json("debtor", &debtor)?,
                key,
            })
        })
        .collect()
}

/// Adds positions to a batch, which was looked for as far as the key `looked_at`. With the last ones, choosing ends.
///
/// # Errors
/// [`StorageError::Conflict`] when somebody else chose meanwhile, or the batch was stopped. Undo the transaction then.
pub async fn record_chosen(
    tx: &mut Tx,
    batch: &PrintBatch,
    items: &[Item],
    looked_at: &str,
    is_last: bool,
) -> Result<(), StorageError> {
    let moved = on_engine!(tx, |c| sqlx::query(MOVE_CHOOSING)
        .bind(looked_at)
        .bind(is_last)
        .bind(column(items.len() as u64))
        .bind(batch.id)
        .bind(&batch.looked_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(moved)?;
    for item in items {
        on_engine!(tx, |c| sqlx::query(INSERT_ITEM)
            .bind(batch.id)
            .bind(&item.place)
            .bind(item.position_id)
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// The next positions of a batch that are not printed yet, in its order, at most `limit`.
pub async fn list_items_left(
    snapshot: &mut Snapshot,
    batch: i64,
    limit: u32,
) -> Result<Vec<(Item, StoredPosition)>, StorageError> {
    let rows: Vec<(String, i64)> = on_engine!(snapshot, |c| sqlx::query_as(LIST_ITEMS_LEFT)
        .bind(batch)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    let mut items = Vec::with_capacity(rows.len());
    for (place, position_id) in rows {
        let key = position_id.to_string();
        let of = RowOf {
            table: "print_batch_item",
            key: &key,
        };
        let position = find_position_by_id(snapshot, position_id).await?;
        let position = position.ok_or_else(|| of.wrong("position_id"))?;
        items.push((Item { place, position_id }, position));
    }
    Ok(items)
}

/// Notes a volume, what became of each of its positions, and that their notices were handed out.
///
/// # Errors
/// [`StorageError::Conflict`] when somebody else made it first, or the batch was stopped. Undo the transaction then.
pub async fn record_volume(
    tx: &mut Tx,
    batch: i64,
    volume: &Volume,
    items: &[ItemDone],
    accesses: &[Access],
) -> Result<(), StorageError> {
    let moved = on_engine!(tx, |c| sqlx::query(MOVE_PRINTING)
        .bind(column(volume.pages))
        .bind(column(volume.printed))
        .bind(column(volume.refused))
        .bind(batch)
        .bind(column(volume.ordinal) - 1)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(moved)?;
    on_engine!(tx, |c| sqlx::query(INSERT_VOLUME)
        .bind(batch)
        .bind(column(volume.ordinal))
        .bind(volume.file.as_ref().map(|(file, _)| file.as_str()))
        .bind(volume.file.as_ref().map(|(_, digest)| &digest[..]))
        .bind(column(volume.bytes))
        .bind(column(volume.pages))
        .bind(column(volume.printed))
        .bind(column(volume.refused))
        .bind(volume.at)
        .execute(c)
        .await
        .map(drop))?;
    for done in items {
        let recorded = on_engine!(tx, |c| sqlx::query(RECORD_ITEM)
            .bind(if done.is_printed { "printed" } else { "refused" })
            .bind(column(volume.ordinal))
            .bind(&done.line)
            .bind(batch)
            .bind(&done.item.place)
            .bind(done.item.position_id)
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
        one_row(recorded)?;
    }
    for access in accesses {
        record_access(tx, access).await?;
    }
    Ok(())
}

/// The volumes of a batch, in order.
pub async fn list_volumes(snapshot: &mut Snapshot, batch: i64) -> Result<Vec<Volume>, StorageError> {
    let rows: Vec<VolumeRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_VOLUMES)
        .bind(batch)
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Lines of a batch's index after an item, in the batch's order, at most `limit`, each with its item.
pub async fn list_lines(
    snapshot: &mut Snapshot,
    batch: i64,
    after: Option<&Item>,
    limit: u32,
) -> Result<Vec<(Item, String)>, StorageError> {
    let (place, position_id) = after.map_or(("", i64::MIN), |item| (&item.place, item.position_id));
    let rows: Vec<(String, i64, String)> = on_engine!(snapshot, |c| sqlx::query_as(LIST_LINES)
        .bind(batch)
        .bind(place)
        .bind(position_id)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    Ok(rows.into_iter().map(with_line).collect())
}

/// The first lines of what a batch could not print, at most `limit`.
pub async fn list_refused_lines(
    snapshot: &mut Snapshot,
    batch: i64,
    limit: u32,
) -> Result<Vec<String>, StorageError> {
    let rows: Vec<(String, i64, String)> = on_engine!(snapshot, |c| sqlx::query_as(LIST_REFUSED_LINES)
        .bind(batch)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    Ok(rows.into_iter().map(|(_, _, line)| line).collect())
}

fn with_line((place, position_id, line): (String, i64, String)) -> (Item, String) {
    (Item { place, position_id }, line)
}

/// Ends a running batch.
///
/// # Errors
/// [`StorageError::Conflict`] when it does not run.
pub async fn end_batch(
    tx: &mut Tx,
    batch: i64,
    state: BatchState,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let ended = on_engine!(tx, |c| sqlx::query(END_BATCH)
        .bind(state.as_str())
        .bind(at)
        .bind(batch)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(ended)
}

/// Lets a stopped batch run again from where it was.
///
/// # Errors
/// [`StorageError::Conflict`] when it was not stopped.
pub async fn resume_batch(tx: &mut Tx, batch: i64) -> Result<(), StorageError> {
    let resumed = on_engine!(tx, |c| sqlx::query(RESUME_BATCH)
        .bind(batch)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(resumed)
}

/// Deletes what is known of batches that ended before an instant, at most `limit`. Their files are not touched. Returns
/// how many.
pub async fn delete_batches_before(tx: &mut Tx, at: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
    Ok(on_engine!(tx, |c| sqlx::query(DELETE_BATCHES_BEFORE)
        .bind(at)
        .bind(i64::from(limit))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}
