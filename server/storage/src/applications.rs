//! Applications and their secrets, of which only digests are kept.

use crate::engine::on_engine;
use crate::error::{duplicate_or_unknown, unknown};
use crate::row::{RowOf, one_row, to_json};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Duration, Utc};
use domain::application::Application;

/// How often it is noted that a secret is used.
pub const USE_NOTED_EVERY: Duration = Duration::minutes(1);

macro_rules! application_query {
    ($tail:literal) => {
        concat!(
            "SELECT id, institution, name, grants, numbers, requests_per_minute, certificate, active FROM application ",
            $tail
        )
    };
}

macro_rules! secret_query {
    ($tail:literal) => {
        concat!(
            "SELECT id, application, digest, created_at, expires_at, revoked_at, last_used_at FROM application_secret ",
            $tail
        )
    };
}

statements! {
    INSERT_APPLICATION =
        "INSERT INTO application (id, institution, name, grants, numbers, requests_per_minute, certificate, active, \
                                  changed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    // Whose it is never changes: what it made stays where it is.
    UPDATE_APPLICATION =
        "UPDATE application SET name = $1, grants = $2, numbers = $3, requests_per_minute = $4, certificate = $5, \
                                active = $6, changed_at = $7 \
         WHERE id = $8 AND institution = $9";
    // Holds the row, so that two who change the same application do it one after the other.
    HOLD_APPLICATION = "UPDATE application SET changed_at = $1 WHERE id = $2";
    FIND_APPLICATION = application_query!("WHERE id = $1");
    LIST_APPLICATIONS = application_query!("ORDER BY institution, id");
    INSERT_SECRET =
        "INSERT INTO application_secret (application, digest, created_at, expires_at) VALUES ($1, $2, $3, $4) \
         RETURNING id";
    REVOKE_SECRET =
        "UPDATE application_secret SET revoked_at = $1 WHERE id = $2 AND application = $3 AND revoked_at IS NULL";
    NOTE_USE_OF_SECRET =
        "UPDATE application_secret SET last_used_at = $1 \
         WHERE id = $2 AND (last_used_at IS NULL OR last_used_at <= $3)";
    LIST_SECRETS_OF_APPLICATION = secret_query!("WHERE application = $1 ORDER BY id");
    LIST_SECRETS_THAT_OPEN = secret_query!("WHERE revoked_at IS NULL ORDER BY id");
}

/// A secret of an application.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its number, unique in the installation.
    pub id: i64,
    /// The application it is of.
    pub application: String,
    /// SHA-256 of its text.
    pub digest: [u8; 32],
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself, if it does.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl Secret {
    /// Whether it lets its application in.
    pub fn opens(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

// Printing it for developers shows nothing one could try.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret")
            .field("id", &self.id)
            .field("application", &self.application)
            .field("expires_at", &self.expires_at)
            .field("revoked_at", &self.revoked_at)
            .finish_non_exhaustive()
    }
}

#[derive(sqlx::FromRow)]
struct ApplicationRow {
    id: String,
    institution: String,
    name: String,
    grants: String,
    numbers: String,
    requests_per_minute: i64,
    certificate: Option<String>,
    active: bool,
}

impl TryFrom<ApplicationRow> for Application {
    type Error = StorageError;
    fn try_from(row: ApplicationRow) -> Result<Self, StorageError> {
        let of = RowOf {
            table: "application",
            key: &row.id,
        };
        Ok(Self {
            institution: of.parse("institution", &row.institution)?,
            grants: of.json("grants", &row.grants)?,
            numbers: of.json("numbers", &row.numbers)?,
            requests_per_minute: of.count("requests_per_minute", row.requests_per_minute)?,
            name: row.name,
            certificate: row.certificate,
            active: row.active,
            id: row.id,
        })
    }
}

#[derive(sqlx::FromRow)]
struct SecretRow {
    id: i64,
    application: String,
    digest: Vec<u8>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

impl TryFrom<SecretRow> for Secret {
    type Error = StorageError;
    fn try_from(row: SecretRow) -> Result<Self, StorageError> {
        let id = row.id.to_string();
        let of = RowOf {
            table: "application_secret",
            key: &id,
        };
        Ok(Self {
            id: row.id,
            digest: row.digest.try_into().map_err(|_| of.wrong("digest"))?,
            application: row.application,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
        })
    }
}

/// Adds an application.
///
/// # Errors
/// [`StorageError::Duplicate`] when there is one with this id, of whichever institution; [`StorageError::Unknown`] when its
/// institution is not served here.
pub async fn insert_application(
    tx: &mut Tx,
    application: &Application,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let outcome = on_engine!(tx, |c| sqlx::query(INSERT_APPLICATION)
        .bind(&application.id)
        .bind(application.institution.as_str())
        .bind(&application.name)
        .bind(to_json(&application.grants))
        .bind(to_json(&application.numbers))
        .bind(i64::from(application.requests_per_minute))
        .bind(&application.certificate)
        .bind(application.active)
        .bind(now)
        .execute(c)
        .await
        .map(drop));
    outcome.map_err(|error| duplicate_or_unknown(error, "id", "institution"))
}

/// Brings an application up to date.
///
/// # Errors
/// [`StorageError::Conflict`] when its institution has none with this id.
pub async fn update_application(
    tx: &mut Tx,
    application: &Application,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let updated = on_engine!(tx, |c| sqlx::query(UPDATE_APPLICATION)
        .bind(&application.name)
        .bind(to_json(&application.grants))
        .bind(to_json(&application.numbers))
        .bind(i64::from(application.requests_per_minute))
        .bind(&application.certificate)
        .bind(application.active)
        .bind(now)
        .bind(&application.id)
        .bind(application.institution.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(updated)
}

/// Takes an application to be changed: whoever else would waits until the transaction ends.
pub async fn take_application(
    tx: &mut Tx,
    id: &str,
    now: DateTime<Utc>,
) -> Result<Option<Application>, StorageError> {
    on_engine!(tx, |c| sqlx::query(HOLD_APPLICATION)
        .bind(now)
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
    find_application(tx, id).await
}

/// The application with this id.
pub async fn find_application(
    snapshot: &mut Snapshot,
    id: &str,
) -> Result<Option<Application>, StorageError> {
    let row: Option<ApplicationRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_APPLICATION)
        .bind(id)
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// Every application of every institution, by institution and id.
pub async fn list_applications(snapshot: &mut Snapshot) -> Result<Vec<Application>, StorageError> {
    let rows: Vec<ApplicationRow> =
        on_engine!(snapshot, |c| sqlx::query_as(LIST_APPLICATIONS).fetch_all(c).await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Adds a secret to an application. Returns its number.
///
/// # Errors
/// [`StorageError::Unknown`] when there is no such application.
pub async fn insert_secret(
    tx: &mut Tx,
    application: &str,
    digest: &[u8; 32],
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
) -> Result<i64, StorageError> {
    let outcome = on_engine!(tx, |c| sqlx::query_scalar(INSERT_SECRET)
        .bind(application)
        .bind(&digest[..])
        .bind(created_at)
        .bind(expires_at)
        .fetch_one(c)
        .await);
    outcome.map_err(|error| unknown(error, "application"))
}

/// Takes a secret of an application back.
///
/// # Errors
/// [`StorageError::Conflict`] when the application has none with this number, or it was taken back before.
pub async fn revoke_secret(
    tx: &mut Tx,
    application: &str,
    id: i64,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let revoked = on_engine!(tx, |c| sqlx::query(REVOKE_SECRET)
        .bind(now)
        .bind(id)
        .bind(application)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(revoked)
}

/// Notes that a secret is used now, unless that was noted within [`USE_NOTED_EVERY`].
pub async fn note_use_of_secret(tx: &mut Tx, id: i64, now: DateTime<Utc>) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(NOTE_USE_OF_SECRET)
        .bind(now)
        .bind(id)
        .bind(now - USE_NOTED_EVERY)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The secrets of an application, the oldest first, those taken back too.
pub async fn list_secrets_of_application(
    snapshot: &mut Snapshot,
    application: &str,
) -> Result<Vec<Secret>, StorageError> {
    let rows: Vec<SecretRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_SECRETS_OF_APPLICATION)
        .bind(application)
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Every secret that was not taken back.
pub async fn list_secrets_that_open(snapshot: &mut Snapshot) -> Result<Vec<Secret>, StorageError> {
    let rows: Vec<SecretRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_SECRETS_THAT_OPEN)
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}
