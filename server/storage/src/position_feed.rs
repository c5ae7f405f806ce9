//! What the national archives of open positions hold of ours, and which positions they must be told of.
//!
//! A position carries the mark that it must be fed in its own row: whoever writes it leaves the mark in the same
//! statement, so that loading a million costs one entry of a partial index each and nothing else. The mark is taken
//! away only at the version that was sent.

use crate::debt_positions::StoredPosition;
use crate::debt_positions::positions::find_position_by_id;
use crate::engine::on_engine;
use crate::row::{RowOf, one_row};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::CreditorFiscalCode;
use domain::feed::{Archive, Held, Step};

/// Characters kept of a reason.
const REASON_MAX: usize = 300;

macro_rules! fed_query {
    ($tail:literal) => {
        concat!(
            "SELECT f.position_id, f.archive, f.iupd, f.held, f.version, f.whole, f.listed, f.sent_at, f.upload, f.step, f.failures, \
             f.reason FROM position_feed f ",
            $tail
        )
    };
}

// Where most positions carry the mark, SQLite's statistics call the index of marks useless, and every institution without
// one is looked for in the whole table.
macro_rules! marked {
    (sqlite) => {
        "debt_position p INDEXED BY debt_position_feed_pending"
    };
    (postgres) => {
        "debt_position p"
    };
}

macro_rules! list_pending {
    ($engine:tt) => {
        // What goes with a file waits for its report.
        concat!(
            "SELECT p.id FROM ",
            marked!($engine),
            " LEFT JOIN position_feed f ON f.position_id = p.id WHERE p.feed_pending AND p.institution = $1 \
             AND p.id > $2 AND (f.held IS NULL OR f.held <> 'uploading') ORDER BY p.id LIMIT $3"
        )
    };
}

macro_rules! list_pending_institutions {
    ($engine:tt) => {
        concat!(
            "SELECT i.fiscal_code FROM institution i WHERE EXISTS (SELECT 1 FROM ",
            marked!($engine),
            " WHERE p.feed_pending AND p.institution = i.fiscal_code) ORDER BY i.fiscal_code"
        )
    };
}

macro_rules! count_pending {
    ($engine:tt, $before:literal, $after:literal) => {
        concat!(
            $before,
            marked!($engine),
            " WHERE p.feed_pending AND p.institution = $1",
            $after
        )
    };
}

statements! {
    LIST_PENDING_ON_SQLITE = list_pending!(sqlite);
    LIST_PENDING_ON_POSTGRES = list_pending!(postgres);
    LIST_PENDING_INSTITUTIONS_ON_SQLITE = list_pending_institutions!(sqlite);
    LIST_PENDING_INSTITUTIONS_ON_POSTGRES = list_pending_institutions!(postgres);
    COUNT_PENDING_ON_SQLITE = count_pending!(sqlite, "SELECT COUNT(*) FROM ", "");
    COUNT_PENDING_ON_POSTGRES = count_pending!(postgres, "SELECT COUNT(*) FROM ", "");
    COUNT_PENDING_UP_TO_ON_SQLITE = count_pending!(sqlite, "SELECT COUNT(*) FROM (SELECT 1 FROM ", " LIMIT $2) few");
    COUNT_PENDING_UP_TO_ON_POSTGRES = count_pending!(postgres, "SELECT COUNT(*) FROM (SELECT 1 FROM ", " LIMIT $2) few");
    FIND_FED = fed_query!("WHERE f.position_id = $1");
    FIND_FED_BY_IUPD = fed_query!("WHERE f.institution = $1 AND f.iupd = $2");
    LIST_FED = fed_query!("WHERE f.position_id > $1 AND f.institution = $2 ORDER BY f.position_id LIMIT $3");
    LIST_REFUSED =
        fed_query!("WHERE f.institution = $1 AND f.held = 'refused' ORDER BY f.position_id LIMIT $2");
    LIST_UPLOADED = fed_query!("WHERE f.upload = $1 ORDER BY f.position_id");
    COUNT_FED =
        "SELECT archive, held, COUNT(*) FROM position_feed WHERE institution = $1 GROUP BY archive, held \
         ORDER BY archive, held";
    RECORD_FED =
        "INSERT INTO position_feed (position_id, institution, archive, iupd, held, version, whole, listed, sent_at, \
                                    upload, step, failures, reason) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
         ON CONFLICT (position_id) DO UPDATE SET archive = excluded.archive, iupd = excluded.iupd, \
             held = excluded.held, version = excluded.version, whole = excluded.whole, listed = excluded.listed, \
             sent_at = excluded.sent_at, upload = excluded.upload, step = excluded.step, \
             failures = excluded.failures, reason = excluded.reason";
    END_UPLOAD =
        "UPDATE position_feed SET held = CASE step WHEN 'delete' THEN 'withdrawn' ELSE 'payable' END, upload = NULL, \
                                  step = NULL, failures = 0, reason = NULL \
         WHERE upload = $1";
    UNCERTAIN_UPLOAD =
        "UPDATE debt_position SET feed_pending = TRUE \
         WHERE id IN (SELECT position_id FROM position_feed WHERE upload = $1)";
    FORGET_UPLOAD =
        "UPDATE position_feed SET held = 'unsure', upload = NULL, step = NULL, reason = $2 WHERE upload = $1";
    CLEAR_MARK = "UPDATE debt_position SET feed_pending = FALSE WHERE id = $1 AND version = $2";
    SET_MARK = "UPDATE debt_position SET feed_pending = TRUE WHERE id = $1";
    MARK_REFUSED =
        "UPDATE debt_position SET feed_pending = TRUE WHERE id IN \
             (SELECT position_id FROM position_feed WHERE institution = $1 AND held = 'refused')";
    FORGIVE_REFUSED =
        "UPDATE position_feed SET failures = 0 WHERE institution = $1 AND held = 'refused'";
    // A position in part paid is never told: the archive takes none that is.
    COUNT_UNFED =
        "SELECT COUNT(*) FROM debt_position p \
         WHERE p.institution = $1 AND p.status = 'open' AND p.chosen IS NULL AND NOT p.feed_pending \
             AND NOT EXISTS (SELECT 1 FROM position_feed f WHERE f.position_id = p.id)";
    MARK_UNFED =
        "UPDATE debt_position SET feed_pending = TRUE \
         WHERE institution = $1 AND status = 'open' AND chosen IS NULL AND NOT feed_pending \
             AND NOT EXISTS (SELECT 1 FROM position_feed f WHERE f.position_id = debt_position.id)";
    MARK_SERVICE =
        "UPDATE debt_position SET feed_pending = TRUE WHERE institution = $1 AND service = $2 AND status <> 'draft'";
}

/// What an archive holds of a position, as far as we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fed {
    /// The position's row.
    pub position_id: i64,
    /// Which archive.
    pub archive: Archive,
    /// The position's key there.
    pub iupd: String,
    /// What it holds.
    pub held: Held,
    /// The position's version that was sent last.
    pub version: i64,
    /// Digest of all that was sent last.
    pub whole: [u8; 32],
    /// Digest of the part the archive's list shows.
    pub listed: [u8; 32],
    /// When it was sent, or what is held was learnt.
    pub sent_at: DateTime<Utc>,
    /// The file it went with and what for, while that is being worked on.
    pub upload: Option<(String, Step)>,
    /// Steps in a row that did not lead where they should.
    pub failures: u16,
    /// Why the last of them did not.
    pub reason: Option<String>,
}

/// A position to feed, with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The position.
    pub stored: StoredPosition,
    /// What an archive holds of it.
    pub fed: Option<Fed>,
}

/// How many positions an archive holds in some way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FedCount {
    /// Which archive.
    pub archive: Archive,
    /// In what way.
    pub held: Held,
    /// How many.
    pub count: u64,
}

#[derive(sqlx::FromRow)]
struct FedRow {
    position_id: i64,
    archive: String,
    iupd: String,
    held: String,
    version: i64,
    whole: Vec<u8>,
    listed: Vec<u8>,
    sent_at: DateTime<Utc>,
    upload: Option<String>,
    step: Option<String>,
    failures: i16,
    reason: Option<String>,
}

impl TryFrom<FedRow> for Fed {
    type Error = StorageError;
    fn try_from(row: FedRow) -> Result<Self, StorageError> {
        let key = row.position_id.to_string();
        let of = RowOf {
            table: "position_feed",
            key: &key,
        };
        let upload = match (row.upload, row.step) {
            (None, None) => None,
            (Some(file), Some(step)) => Some((file, of.one_of("step", &step, Step::ALL, Step::as_str)?)),
            (Some(_), None) | (None, Some(_)) => return Err(of.wrong("step")),
        };
        Ok(Self {
            position_id: row.position_id,
            archive: of.one_of("archive", &row.archive, Archive::ALL, Archive::as_str)?,
            held: of.one_of("held", &row.held, Held::ALL, Held::as_str)?,
            whole: row.whole.try_into().map_err(|_| of.wrong("whole"))?,
            listed: row.listed.try_into().map_err(|_| of.wrong("listed"))?,
            failures: u16::try_from(row.failures).map_err(|_| of.wrong("failures"))?,
            iupd: row.iupd,
            version: row.version,
            sent_at: row.sent_at,
            upload,
            reason: row.reason,
        })
    }
}

/// The institutions with positions to feed, by fiscal code.
pub async fn list_pending_institutions(
    snapshot: &mut Snapshot,
) -> Result<Vec<CreditorFiscalCode>, StorageError> {
    let statement = snapshot.pick(
        LIST_PENDING_INSTITUTIONS_ON_SQLITE,
        LIST_PENDING_INSTITUTIONS_ON_POSTGRES,
    );
    let codes: Vec<String> = on_engine!(snapshot, |c| sqlx::query_scalar(statement).fetch_all(c).await)?;
    codes
        .into_iter()
        .map(|code| {
            RowOf {
                table: "institution",
                key: &code,
            }
            .parse("fiscal_code", &code)
        })
        .collect()
}

/// Rows of the institution's positions to feed, after row `after`, at most `limit`, in the order of their rows.
pub async fn list_pending(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    after: i64,
    limit: u32,
) -> Result<Vec<i64>, StorageError> {
    let statement = snapshot.pick(LIST_PENDING_ON_SQLITE, LIST_PENDING_ON_POSTGRES);
    Ok(on_engine!(snapshot, |c| sqlx::query_scalar(statement)
        .bind(institution.as_str())
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?)
}

/// How many of the institution's positions carry the mark.
pub async fn count_pending(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
) -> Result<u64, StorageError> {
    let statement = snapshot.pick(COUNT_PENDING_ON_SQLITE, COUNT_PENDING_ON_POSTGRES);
    let count: i64 = on_engine!(snapshot, |c| sqlx::query_scalar(statement)
        .bind(institution.as_str())
        .fetch_one(c)
        .await)?;
    Ok(count.unsigned_abs())
}

/// Whether as many of the institution's positions carry the mark. No more of them are looked at.
pub async fn pend_at_least(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    count: u32,
) -> Result<bool, StorageError> {
    let statement = snapshot.pick(COUNT_PENDING_UP_TO_ON_SQLITE, COUNT_PENDING_UP_TO_ON_POSTGRES);
    let found: i64 = on_engine!(snapshot, |c| sqlx::query_scalar(statement)
        .bind(institution.as_str())
        .bind(i64::from(count))
        .fetch_one(c)
        .await)?;
    Ok(found == i64::from(count))
}

/// A position to feed by its row, with what is known of it.
pub async fn find_pending(
    snapshot: &mut Snapshot,
    position_id: i64,
) -> Result<Option<Pending>, StorageError> {
    let Some(stored) = find_position_by_id(snapshot, position_id).await? else {
        return Ok(None);
    };
    let row: Option<FedRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_FED)
        .bind(position_id)
        .fetch_optional(c)
        .await)?;
    let fed = row.map(TryInto::try_into).transpose()?;
    Ok(Some(Pending { stored, fed }))
}

/// What is known of the institution's position with this key in an archive.
pub async fn find_fed(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    iupd: &str,
) -> Result<Option<Fed>, StorageError> {
    let row: Option<FedRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_FED_BY_IUPD)
        .bind(institution.as_str())
        .bind(iupd)
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// What is known of the institution's positions after row `after`, at most `limit`, in the order of their rows.
pub async fn list_fed(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    after: i64,
    limit: u32,
) -> Result<Vec<Fed>, StorageError> {
    let rows: Vec<FedRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_FED)
        .bind(after)
        .bind(institution.as_str())
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The institution's positions an archive refused, at most `limit`.
pub async fn list_refused(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    limit: u32,
) -> Result<Vec<Fed>, StorageError> {
    let rows: Vec<FedRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_REFUSED)
        .bind(institution.as_str())
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The positions that went with a file.
pub async fn list_uploaded(snapshot: &mut Snapshot, upload: &str) -> Result<Vec<Fed>, StorageError> {
    let rows: Vec<FedRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_UPLOADED)
        .bind(upload)
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many of the institution's positions the archives hold, in each way.
pub async fn count_fed(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
) -> Result<Vec<FedCount>, StorageError> {
    let rows: Vec<(String, String, i64)> = on_engine!(snapshot, |c| sqlx::query_as(COUNT_FED)
        .bind(institution.as_str())
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|(archive, held, count)| {
            let of = RowOf {
                table: "position_feed",
                key: institution.as_str(),
            };
            Ok(FedCount {
                archive: of.one_of("archive", &archive, Archive::ALL, Archive::as_str)?,
                held: of.one_of("held", &held, Held::ALL, Held::as_str)?,
                count: count.unsigned_abs(),
            })
        })
        .collect()
}

/// Records what an archive holds of a position, in place of what was known.
pub async fn record_fed(
    tx: &mut Tx,
    institution: &CreditorFiscalCode,
    fed: &Fed,
) -> Result<(), StorageError> {
    let (upload, step) = fed
        .upload
        .as_ref()
        .map(|(file, step)| (file, step.as_str()))
        .unzip();
    let recorded = on_engine!(tx, |c| sqlx::query(RECORD_FED)
        .bind(fed.position_id)
        .bind(institution.as_str())
        .bind(fed.archive.as_str())
        .bind(&fed.iupd)
        .bind(fed.held.as_str())
        .bind(fed.version)
        .bind(&fed.whole[..])
        .bind(&fed.listed[..])
        .bind(fed.sent_at)
        .bind(upload)
        .bind(step)
        .bind(i16::try_from(fed.failures).unwrap_or(i16::MAX))
        .bind(
            fed.reason
                .as_deref()
                .map(|reason| reason.chars().take(REASON_MAX).collect::<String>())
        )
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(recorded)
}

/// Ends a file: what still waits for its report is as the file asked.
pub async fn end_upload(tx: &mut Tx, upload: &str) -> Result<u64, StorageError> {
    Ok(on_engine!(tx, |c| sqlx::query(END_UPLOAD)
        .bind(upload)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Gives a file up: what it did is to be read position by position.
pub async fn give_upload_up(tx: &mut Tx, upload: &str, reason: &str) -> Result<u64, StorageError> {
    on_engine!(tx, |c| sqlx::query(UNCERTAIN_UPLOAD)
        .bind(upload)
        .execute(c)
        .await
        .map(drop))?;
    Ok(on_engine!(tx, |c| sqlx::query(FORGET_UPLOAD)
        .bind(upload)
        .bind(reason)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Takes the mark away, unless the position moved since `version`. Says whether it did.
pub async fn clear_mark(tx: &mut Tx, position_id: i64, version: i64) -> Result<bool, StorageError> {
    let cleared = on_engine!(tx, |c| sqlx::query(CLEAR_MARK)
        .bind(position_id)
        .bind(version)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(cleared == 1)
}

/// Leaves the mark on a position.
pub async fn set_mark(tx: &mut Tx, position_id: i64) -> Result<(), StorageError> {
    let marked = on_engine!(tx, |c| sqlx::query(SET_MARK)
        .bind(position_id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(marked)
}

/// Leaves the mark on every position of the institution an archive refused. Returns how many.
pub async fn mark_refused(tx: &mut Tx, institution: &CreditorFiscalCode) -> Result<u64, StorageError> {
    on_engine!(tx, |c| sqlx::query(FORGIVE_REFUSED)
        .bind(institution.as_str())
        .execute(c)
        .await
        .map(drop))?;
    Ok(on_engine!(tx, |c| sqlx::query(MARK_REFUSED)
        .bind(institution.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// How many open positions of the institution no archive was ever told of, though none carries the mark.
pub async fn count_unfed(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
) -> Result<u64, StorageError> {
    let count: i64 = on_engine!(snapshot, |c| sqlx::query_scalar(COUNT_UNFED)
        .bind(institution.as_str())
        .fetch_one(c)
        .await)?;
    Ok(count.unsigned_abs())
}

/// Leaves the mark on the positions [`count_unfed`] counts. Returns how many.
pub async fn mark_unfed(tx: &mut Tx, institution: &CreditorFiscalCode) -> Result<u64, StorageError> {
    Ok(on_engine!(tx, |c| sqlx::query(MARK_UNFED)
        .bind(institution.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Leaves the mark on every published position of a service: it is fed elsewhere or in another way from now on.
/// Returns how many.
pub async fn mark_service(
    tx: &mut Tx,
    institution: &CreditorFiscalCode,
    service: &str,
) -> Result<u64, StorageError> {
    Ok(on_engine!(tx, |c| sqlx::query(MARK_SERVICE)
        .bind(institution.as_str())
        .bind(service)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}
