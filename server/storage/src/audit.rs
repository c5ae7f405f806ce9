//! Who did what, when, to what: written in the transaction of the act itself, never changed.

use crate::engine::on_engine;
use crate::row::RowOf;
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::CreditorFiscalCode;

statements! {
    RECORD_AUDIT =
        "INSERT INTO audit_event (at, institution, actor_kind, actor, action, subject, detail, network) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    // The newest first: what is asked about is what happened lately.
    LIST_AUDIT_OF_SUBJECT =
        "SELECT id, at, institution, actor_kind, actor, action, subject, detail, network FROM audit_event \
         WHERE institution = $1 AND subject = $2 ORDER BY id DESC LIMIT $3";
    DELETE_AUDIT_BEFORE =
        "DELETE FROM audit_event WHERE id IN (SELECT id FROM audit_event WHERE at < $1 ORDER BY at LIMIT $2)";
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A program, by its id.
    Application(String),
    /// Whoever runs the installation.
    CommandLine,
    /// The installation by itself.
    System,
}

impl Actor {
    /// The name of its kind in storage.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Application(_) => "application",
            Self::CommandLine => "command_line",
            Self::System => "system",
        }
    }

    /// Its id, of a program.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Application(id) => Some(id),
            Self::CommandLine | Self::System => None,
        }
    }

    fn read(of: RowOf<'_>, kind: &str, id: Option<String>) -> Result<Self, StorageError> {
        match (kind, id) {
            ("application", Some(id)) => Ok(Self::Application(id)),
            ("command_line", None) => Ok(Self::CommandLine),
            ("system", None) => Ok(Self::System),
            _ => Err(of.wrong("actor_kind")),
        }
    }
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// When.
    pub at: DateTime<Utc>,
    /// Whose data it touched.
    pub institution: CreditorFiscalCode,
    /// Who did it.
    pub actor: Actor,
    /// What was done, as in `position.cancelled`.
    pub action: String,
    /// To what: a position's key, an application's id.
    pub subject: String,
    /// What else is worth knowing, as JSON. Nothing personal.
    pub detail: String,
    /// The network it came from.
    pub network: Option<String>,
}

#[derive(sqlx::FromRow)]
struct AuditRow {
    id: i64,
    at: DateTime<Utc>,
    institution: String,
    actor_kind: String,
    actor: Option<String>,
    action: String,
    subject: String,
    detail: String,
    network: Option<String>,
}

/// Notes that something was done.
pub async fn record_audit(tx: &mut Tx, event: &AuditEvent) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(RECORD_AUDIT)
        .bind(event.at)
        .bind(event.institution.as_str())
        .bind(event.actor.kind())
        .bind(event.actor.id())
        .bind(&event.action)
        .bind(&event.subject)
        .bind(&event.detail)
        .bind(&event.network)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// What was done to something of the institution, the newest first, at most `limit`.
pub async fn list_audit_of_subject(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    subject: &str,
    limit: u32,
) -> Result<Vec<AuditEvent>, StorageError> {
    let rows: Vec<AuditRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_AUDIT_OF_SUBJECT)
        .bind(institution.as_str())
        .bind(subject)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter()
        .map(|row| {
            let id = row.id.to_string();
            let of = RowOf {
                table: "audit_event",
                key: &id,
            };
            Ok(AuditEvent {
                at: row.at,
                institution: of.parse("institution", &row.institution)?,
                actor: Actor::read(of, &row.actor_kind, row.actor)?,
                action: row.action,
                subject: row.subject,
                detail: row.detail,
                network: row.network,
            })
        })
        .collect()
}

/// Deletes what was done before an instant, at most `limit`. Returns how many.
pub async fn delete_audit_before(
    tx: &mut Tx,
    before: DateTime<Utc>,
    limit: u32,
) -> Result<u64, StorageError> {
    Ok(on_engine!(tx, |c| sqlx::query(DELETE_AUDIT_BEFORE)
        .bind(before)
        .bind(i64::from(limit))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}
