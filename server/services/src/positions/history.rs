//! What happened to a position, and who did it.

use super::change::PositionError;
use crate::Services;
use crate::caller::Caller;
use chrono::{DateTime, Utc};
use domain::application::Scope;
use domain::debt_position::DebtPositionEvent;
use serde::{Deserialize, Serialize};
use storage::audit::{AuditEvent, list_audit_of_subject};
use storage::debt_positions::{RecordedEvent, StoredPosition, find_position, list_position_events};
use storage::{Snapshot, StorageError};

/// Acts that are looked at, the newest.
const ACTS_MAX: u32 = 200;

/// Something that happened to a position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// What: `created`, `published`, `amended`, `receipt_received`, `cancelled`, `replaced`, `expired`.
    pub what: String,
    /// The version it led to.
    pub version: i64,
    /// The notice it is about: the one paid, or the one to pay instead.
    pub notice_number: Option<String>,
    /// The receipt.
    pub receipt_id: Option<String>,
    /// The application that did it; nothing when nobody's program did.
    pub by: Option<String>,
}

/// What happened to the position under a key, the oldest first.
pub async fn position_history(
    services: &Services,
    caller: &Caller,
    scope: Scope,
    key: &str,
) -> Result<Vec<HistoryEntry>, PositionError> {
    caller.services(scope)?;
    let mut snapshot = services.store.read().await?;
    let stored = find_position(&mut snapshot, caller.institution(), key)
        .await?
        .filter(|stored| caller.needs(scope, &stored.position.service).is_ok())
        .ok_or(PositionError::NotFound)?;
    Ok(read_history(&mut snapshot, &stored).await?)
}

pub(crate) async fn read_history(
    snapshot: &mut Snapshot,
    stored: &StoredPosition,
) -> Result<Vec<HistoryEntry>, StorageError> {
    let events = list_position_events(snapshot, stored.id).await?;
    let acts = list_audit_of_subject(
        snapshot,
        &stored.position.institution,
        &stored.position.key,
        ACTS_MAX,
    )
    .await?;
    let created = HistoryEntry {
        at: stored.created_at,
        what: "created".to_owned(),
        version: 0,
        notice_number: None,
        receipt_id: None,
        by: who(&acts, "position.created", stored.created_at),
    };
    let happened = events.iter().map(|event| entry(event, &acts));
    Ok(std::iter::once(created).chain(happened).collect())
}

fn entry(recorded: &RecordedEvent, acts: &[AuditEvent]) -> HistoryEntry {
    use DebtPositionEvent as E;
    let (notice_number, receipt_id, act) = match &recorded.event {
        E::Published => (None, None, Some("position.published")),
        E::ReceiptReceived {
            notice_number,
            receipt_id,
            ..
        } => (
            Some(notice_number.to_string()),
            Some(receipt_id.to_string()),
            None,
        ),
        E::Amended { .. } => (None, None, Some("position.amended")),
        E::Cancelled { .. } => (None, None, Some("position.cancelled")),
        E::Replaced { by, .. } => (Some(by.to_string()), None, Some("position.replaced")),
        E::Expired { .. } => (None, None, None),
    };
    let by = act.and_then(|act| {
        // A draft can be published by what amends it.
        who(acts, act, recorded.at).or_else(|| who(acts, "position.amended", recorded.at))
    });
    HistoryEntry {
        at: recorded.at,
        what: recorded.event.as_str().to_owned(),
        version: recorded.version,
        notice_number,
        receipt_id,
        by,
    }
}

/// Who did an act: it is noted in the transaction that did it, at the same instant.
fn who(acts: &[AuditEvent], action: &str, at: DateTime<Utc>) -> Option<String> {
    acts.iter()
        .find(|act| act.action == action && act.at == at)
        .and_then(|act| act.actor.id().map(str::to_owned))
}
