//! Work left for later by a use case, in its own transaction, and taken up by whoever comes first.
//!
//! One job waits for each kind and key. Asking for a waiting one again only grows its `asked`; who does it ends it with
//! the number it began with, and if it was asked for meanwhile it stays. So no request is lost, and no two workers
//! ever do the same thing at once.
//!
//! Whoever takes a job holds it for a while. If that passes without a word, the worker is gone and the job is anybody's:
//! what jobs do must be such that it can be done twice.

use crate::engine::on_engine;
use crate::row::RowOf;
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::CreditorFiscalCode;
use serde::de::DeserializeOwned;

/// Characters kept of an error.
const ERROR_MAX: usize = 500;

macro_rules! claim {
    ($($which:literal),+) => {
        concat!(
            "UPDATE job SET claimed_by = $1, claimed_until = $2 WHERE ",
            $($which,)+
            " RETURNING id, kind, key, institution, payload, asked, attempts, run_at"
        )
    };
}

macro_rules! claim_due {
    ($lock:literal) => {
        claim!(
            "id = (SELECT id FROM job WHERE state = 'waiting' AND kind = $3 AND run_at <= $4 \
                         AND (claimed_until IS NULL OR claimed_until <= $4) \
                   ORDER BY run_at, id LIMIT 1",
            $lock,
            ")"
        )
    };
}

statements! {
    // An earlier time wins; a waiting job keeps its failures, so that asking does not hurry what goes wrong.
    ENQUEUE =
        "INSERT INTO job (kind, key, institution, payload, state, asked, attempts, run_at, created_at) \
         VALUES ($1, $2, $3, $4, 'waiting', 1, 0, $5, $6) \
         ON CONFLICT (kind, key) WHERE state = 'waiting' DO UPDATE SET asked = job.asked + 1, \
             payload = excluded.payload, \
             run_at = CASE WHEN job.attempts = 0 AND excluded.run_at < job.run_at THEN excluded.run_at \
                           ELSE job.run_at END";
    // The writer is ours alone on SQLite.
    CLAIM = claim_due!("");
    CLAIM_ON_POSTGRES = claim_due!(" FOR UPDATE SKIP LOCKED");
    TAKE =
        claim!("state = 'waiting' AND kind = $3 AND key = $5 AND (claimed_until IS NULL OR claimed_until <= $4)");
    FINISH =
        "UPDATE job SET state = 'done', ended_at = $1, claimed_by = NULL, claimed_until = NULL, last_error = NULL \
         WHERE id = $2 AND claimed_by = $3 AND state = 'waiting' AND asked = $4";
    // Waits again: put off, failed, or asked for meanwhile.
    RELEASE =
        "UPDATE job SET run_at = $1, attempts = $2, last_error = $3, claimed_by = NULL, claimed_until = NULL \
         WHERE id = $4 AND claimed_by = $5 AND state = 'waiting'";
    BURY =
        "UPDATE job SET state = 'dead', ended_at = $1, attempts = $2, last_error = $3, claimed_by = NULL, \
                        claimed_until = NULL \
         WHERE id = $4 AND claimed_by = $5 AND state = 'waiting'";
    PROLONG =
        "UPDATE job SET claimed_until = $1 WHERE id = $2 AND claimed_by = $3 AND state = 'waiting'";
    // What was asked for again since waits already, and does the same.
    REVIVE =
        "UPDATE job SET state = 'waiting', ended_at = NULL, attempts = 0, run_at = $1 \
         WHERE id IN (SELECT MAX(d.id) FROM job d WHERE d.state = 'dead' AND d.kind = $2 \
                      AND NOT EXISTS (SELECT 1 FROM job w \
                                      WHERE w.kind = d.kind AND w.key = d.key AND w.state = 'waiting') \
                      GROUP BY d.key)";
    LIST_JOBS =
        "SELECT id, key, institution, attempts, run_at, last_error FROM job \
         WHERE kind = $1 AND state = $2 ORDER BY run_at, id LIMIT $3";
    DELETE_ENDED_BEFORE =
        "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE state <> 'waiting' AND ended_at < $1 \
                                      ORDER BY ended_at LIMIT $2)";
}

/// A job to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob<'a> {
    /// What kind of work it is.
    pub kind: &'static str,
    /// What it is about: of two with one key, one waits.
    pub key: &'a str,
    /// Whose work it is.
    pub institution: &'a CreditorFiscalCode,
    /// What its kind needs to know, as JSON.
    pub payload: &'a str,
    /// When to begin at the earliest.
    pub run_at: DateTime<Utc>,
}

/// A job in somebody's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedJob {
    /// Its row.
    pub id: i64,
    /// What it is about.
    pub key: String,
    /// Whose work it is.
    pub institution: CreditorFiscalCode,
    /// What its kind needs to know, as JSON.
    pub payload: String,
    /// How often it was asked for when it was taken.
    pub asked: i64,
    /// Failures in a row before.
    pub attempts: u16,
    /// When it was to be done.
    pub run_at: DateTime<Utc>,
    /// Who holds it.
    pub worker: String,
}

impl ClaimedJob {
    /// Reads what its kind needs to know.
    ///
    /// # Errors
    /// When another program wrote something else.
    pub fn read_payload<T: DeserializeOwned>(&self) -> Result<T, StorageError> {
        self.row().json("payload", &self.payload)
    }

    fn row(&self) -> RowOf<'_> {
        RowOf {
            table: "job",
            key: &self.key,
        }
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// To be done, or being done.
    Waiting,
    /// Done.
    Done,
    /// Given up.
    Dead,
}

impl JobState {
    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }
}

/// A job as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedJob {
    /// What it is about.
    pub key: String,
    /// Whose work it is.
    pub institution: CreditorFiscalCode,
    /// Failures in a row.
    pub attempts: u16,
    /// When it is to be done.
    pub run_at: DateTime<Utc>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

#[derive(sqlx::FromRow)]
struct ClaimedRow {
    id: i64,
    key: String,
    institution: String,
    payload: String,
    asked: i64,
    attempts: i16,
    run_at: DateTime<Utc>,
}

impl ClaimedRow {
    fn held_by(self, worker: &str) -> Result<ClaimedJob, StorageError> {
        let of = RowOf {
            table: "job",
            key: &self.key,
        };
        Ok(ClaimedJob {
            id: self.id,
            institution: of.parse("institution", &self.institution)?,
            attempts: read_attempts(of, self.attempts)?,
            asked: self.asked,
            run_at: self.run_at,
            worker: worker.to_owned(),
            payload: self.payload,
            key: self.key,
        })
    }
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    id: i64,
    key: String,
    institution: String,
    attempts: i16,
    run_at: DateTime<Utc>,
    last_error: Option<String>,
}

/// Leaves a job, or asks again for the one that waits.
pub async fn enqueue(tx: &mut Tx, job: &NewJob<'_>, now: DateTime<Utc>) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(ENQUEUE)
        .bind(job.kind)
        .bind(job.key)
        .bind(job.institution.as_str())
        .bind(job.payload)
        .bind(job.run_at)
        .bind(now)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Takes the job of this kind that has waited longest, if one is due, and holds it for `worker` until `until`. Others
/// taking one at the same moment get another.
pub async fn claim_job(
    tx: &mut Tx,
    kind: &'static str,
    worker: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<ClaimedJob>, StorageError> {
    let claim = tx.pick(CLAIM, CLAIM_ON_POSTGRES);
    let row: Option<ClaimedRow> = on_engine!(tx, |c| sqlx::query_as(claim)
        .bind(worker)
        .bind(until)
        .bind(kind)
        .bind(now)
        .fetch_optional(c)
        .await)?;
    row.map(|row| row.held_by(worker)).transpose()
}

/// Takes the waiting job of a kind and key, due or not, unless somebody else holds it.
pub async fn take_job(
    tx: &mut Tx,
    kind: &'static str,
    key: &str,
    worker: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<ClaimedJob>, StorageError> {
    let row: Option<ClaimedRow> = on_engine!(tx, |c| sqlx::query_as(TAKE)
        .bind(worker)
        .bind(until)
        .bind(kind)
        .bind(now)
        .bind(key)
        .fetch_optional(c)
        .await)?;
    row.map(|row| row.held_by(worker)).transpose()
}

fn read_attempts(of: RowOf<'_>, attempts: i16) -> Result<u16, StorageError> {
    u16::try_from(attempts).map_err(|_| of.wrong("attempts"))
}

fn write_attempts(attempts: u16) -> i16 {
    i16::try_from(attempts).unwrap_or(i16::MAX)
}

/// Ends a job. One that was asked for again meanwhile waits again, from `now`. Nothing happens when it is in other
/// hands by now.
pub async fn finish_job(tx: &mut Tx, job: &ClaimedJob, now: DateTime<Utc>) -> Result<(), StorageError> {
    let ended = on_engine!(tx, |c| sqlx::query(FINISH)
        .bind(now)
        .bind(job.id)
        .bind(&job.worker)
        .bind(job.asked)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    if ended == 0 {
        release_job(tx, job, now, 0, None).await?;
    }
    Ok(())
}

/// Lets a job wait again until `run_at`, after `attempts` failures in a row, the last of them this one.
pub async fn release_job(
    tx: &mut Tx,
    job: &ClaimedJob,
    run_at: DateTime<Utc>,
    attempts: u16,
    error: Option<&str>,
) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(RELEASE)
        .bind(run_at)
        .bind(write_attempts(attempts))
        .bind(error.map(bounded))
        .bind(job.id)
        .bind(&job.worker)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Gives a job up after `attempts` failures.
pub async fn bury_job(
    tx: &mut Tx,
    job: &ClaimedJob,
    now: DateTime<Utc>,
    attempts: u16,
    error: &str,
) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(BURY)
        .bind(now)
        .bind(write_attempts(attempts))
        .bind(bounded(error))
        .bind(job.id)
        .bind(&job.worker)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Holds a job longer. Says whether it is still in these hands.
pub async fn prolong_job(tx: &mut Tx, job: &ClaimedJob, until: DateTime<Utc>) -> Result<bool, StorageError> {
    let held = on_engine!(tx, |c| sqlx::query(PROLONG)
        .bind(until)
        .bind(job.id)
        .bind(&job.worker)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(held == 1)
}

/// Lets the given-up jobs of a kind wait again from `now`, except those asked for again since. Returns how many.
pub async fn revive_jobs(tx: &mut Tx, kind: &'static str, now: DateTime<Utc>) -> Result<u64, StorageError> {
    Ok(on_engine!(tx, |c| sqlx::query(REVIVE)
        .bind(now)
        .bind(kind)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// The jobs of a kind in a state, the longest due first, at most `limit`.
pub async fn list_jobs(
    snapshot: &mut Snapshot,
    kind: &'static str,
    state: JobState,
    limit: u32,
) -> Result<Vec<ListedJob>, StorageError> {
    let rows: Vec<ListedRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_JOBS)
        .bind(kind)
        .bind(state.as_str())
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|row| {
            let id = row.id.to_string();
            let of = RowOf {
                table: "job",
                key: &id,
            };
            Ok(ListedJob {
                institution: of.parse("institution", &row.institution)?,
                attempts: read_attempts(of, row.attempts)?,
                key: row.key,
                run_at: row.run_at,
                last_error: row.last_error,
            })
        })
        .collect()
}

/// Deletes jobs that ended before an instant, at most `limit`. Returns how many.
pub async fn delete_jobs_before(tx: &mut Tx, at: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
    Ok(on_engine!(tx, |c| sqlx::query(DELETE_ENDED_BEFORE)
        .bind(at)
        .bind(i64::from(limit))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

fn bounded(error: &str) -> String {
    error.chars().take(ERROR_MAX).collect()
}
