//! The addresses outcomes are sent to.

use super::feeds::{Kinds, read_kinds, write_kinds};
use crate::engine::on_engine;
use crate::row::{RowOf, one_row};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::CreditorFiscalCode;

macro_rules! endpoint_query {
    ($tail:literal) => {
        concat!(
            "SELECT id, application, institution, url, kinds, reason, generation, previous_until, failures, resume_at, \
             created_at FROM outcome_endpoint ",
            $tail
        )
    };
}

statements! {
    INSERT_ENDPOINT =
        "INSERT INTO outcome_endpoint (id, application, institution, url, kinds, state, generation, failures, \
                                       created_at) \
         VALUES ($1, $2, $3, $4, $5, 'active', 1, 0, $6)";
    FIND_ENDPOINT = endpoint_query!("WHERE id = $1 AND application = $2");
    FIND_ENDPOINT_BY_ID = endpoint_query!("WHERE id = $1");
    LIST_ENDPOINTS = endpoint_query!("WHERE application = $1 ORDER BY created_at, id");
    LIST_ACTIVE_ENDPOINTS = endpoint_query!("WHERE state = 'active' ORDER BY application, created_at, id");
    DISABLE_ENDPOINT = "UPDATE outcome_endpoint SET state = 'disabled', reason = $1 WHERE id = $2";
    ENABLE_ENDPOINT =
        "UPDATE outcome_endpoint SET state = 'active', reason = NULL, failures = 0, resume_at = NULL WHERE id = $1";
    // Whoever rotates at the same moment is told that somebody else did.
    ROTATE_ENDPOINT =
        "UPDATE outcome_endpoint SET generation = generation + 1, previous_until = $1 WHERE id = $2 AND generation = $3";
    NOTE_ENDPOINT = "UPDATE outcome_endpoint SET failures = $1, resume_at = $2 WHERE id = $3";
}

/// An address outcomes are sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id, which nobody can guess.
    pub id: String,
    /// Whose it is.
    pub application: String,
    /// The institution of that application.
    pub institution: CreditorFiscalCode,
    /// The address.
    pub url: String,
    /// Which kinds are sent, of those in the application's feed.
    pub kinds: Kinds,
    /// Whether anything is sent.
    pub state: EndpointState,
    /// Number its secret is derived from.
    pub generation: u32,
    /// Until when the secret before signs too.
    pub previous_until: Option<DateTime<Utc>>,
    /// Requests in a row that failed.
    pub failures: u32,
    /// When the next request may be made.
    pub resume_at: Option<DateTime<Utc>>,
    /// Since when it is known.
    pub created_at: DateTime<Utc>,
}

/// Whether anything is sent to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointState {
    /// It is.
    Active,
    /// It is not. The feed goes on.
    Disabled {
        /// Why.
        reason: String,
    },
}

#[derive(sqlx::FromRow)]
struct EndpointRow {
    id: String,
    application: String,
    institution: String,
    url: String,
    kinds: Option<String>,
    reason: Option<String>,
    generation: i64,
    previous_until: Option<DateTime<Utc>>,
    failures: i64,
    resume_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl TryFrom<EndpointRow> for Endpoint {
    type Error = StorageError;
    fn try_from(row: EndpointRow) -> Result<Self, StorageError> {
        let of = RowOf {
            table: "outcome_endpoint",
            key: &row.id,
        };
        Ok(Self {
            institution: of.parse("institution", &row.institution)?,
            kinds: read_kinds(of, row.kinds.as_deref())?,
            generation: of.count("generation", row.generation)?,
            failures: of.count("failures", row.failures)?,
            state: row
                .reason
                .map_or(EndpointState::Active, |reason| EndpointState::Disabled { reason }),
            application: row.application,
            url: row.url,
            previous_until: row.previous_until,
            resume_at: row.resume_at,
            created_at: row.created_at,
            id: row.id,
        })
    }
}

/// Keeps a new endpoint: active, of the first generation. Its application has a feed.
pub async fn insert_endpoint(tx: &mut Tx, endpoint: &Endpoint) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(INSERT_ENDPOINT)
        .bind(&endpoint.id)
        .bind(&endpoint.application)
        .bind(endpoint.institution.as_str())
        .bind(&endpoint.url)
        .bind(write_kinds(&endpoint.kinds))
        .bind(endpoint.created_at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// An application's endpoint.
pub async fn find_endpoint(
    snapshot: &mut Snapshot,
    application: &str,
    id: &str,
) -> Result<Option<Endpoint>, StorageError> {
    let row: Option<EndpointRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_ENDPOINT)
        .bind(id)
        .bind(application)
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// An endpoint, whosever it is: for what sends, and for whoever runs the installation.
pub async fn find_endpoint_by_id(
    snapshot: &mut Snapshot,
    id: &str,
) -> Result<Option<Endpoint>, StorageError> {
    let row: Option<EndpointRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_ENDPOINT_BY_ID)
        .bind(id)
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// The endpoints of an application, the oldest first.
pub async fn list_endpoints(
    snapshot: &mut Snapshot,
    application: &str,
) -> Result<Vec<Endpoint>, StorageError> {
    let rows: Vec<EndpointRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_ENDPOINTS)
        .bind(application)
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Every endpoint something is sent to.
pub async fn list_active_endpoints(snapshot: &mut Snapshot) -> Result<Vec<Endpoint>, StorageError> {
    let rows: Vec<EndpointRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_ACTIVE_ENDPOINTS)
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Sends nothing more to an endpoint.
pub async fn disable_endpoint(tx: &mut Tx, id: &str, reason: &str) -> Result<(), StorageError> {
    let disabled = on_engine!(tx, |c| sqlx::query(DISABLE_ENDPOINT)
        .bind(reason)
        .bind(id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(disabled)
}

/// Sends to an endpoint again.
pub async fn enable_endpoint(tx: &mut Tx, id: &str) -> Result<(), StorageError> {
    let enabled = on_engine!(tx, |c| sqlx::query(ENABLE_ENDPOINT)
        .bind(id)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(enabled)
}

/// Gives an endpoint the next secret; the one it has signs too until then.
///
/// # Errors
/// [`StorageError::Conflict`] when it got another meanwhile.
pub async fn rotate_endpoint(
    tx: &mut Tx,
    endpoint: &Endpoint,
    previous_until: DateTime<Utc>,
) -> Result<(), StorageError> {
    let rotated = on_engine!(tx, |c| sqlx::query(ROTATE_ENDPOINT)
        .bind(previous_until)
        .bind(&endpoint.id)
        .bind(i64::from(endpoint.generation))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(rotated)
}

/// Notes how many requests in a row failed, and when the next may be made.
pub async fn note_endpoint(
    tx: &mut Tx,
    id: &str,
    failures: u32,
    resume_at: Option<DateTime<Utc>>,
) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(NOTE_ENDPOINT)
        .bind(i64::from(failures))
        .bind(resume_at)
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
