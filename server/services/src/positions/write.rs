//! The changes programs ask for one by one: each is one transaction, noted in the audit trail, done once under a key.

use super::change::{Change, Done, Expect, PositionError, Writer, Written};
use super::view::{PositionView, views_of};
use crate::Services;
use crate::caller::Caller;
use crate::idempotency::Idempotency;
use domain::application::Scope;
use domain::draft::PositionDraft;
use serde::{Deserialize, Serialize};
use serde_json::json;
use storage::{StorageError, Tx};

/// How often a change is tried when somebody else comes first each time.
const ATTEMPTS: u32 = 20;

/// A position after a change, as its program sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PositionAnswer {
    /// The position.
    pub position: PositionView,
    /// What was done.
    pub done: Done,
}

/// Makes a position, or makes the one under its key say this. The same again changes nothing.
pub async fn put_position(
    services: &Services,
    caller: &Caller,
    draft: &PositionDraft,
    expect: Expect,
    under: Option<&Idempotency>,
) -> Result<PositionAnswer, PositionError> {
    let change = Change::Put { draft, expect };
    change_position(services, caller, Scope::WritePositions, &change, under).await
}

/// Makes a draft payable. One that is payable already stays so.
pub async fn publish_position(
    services: &Services,
    caller: &Caller,
    key: &str,
    expect: Expect,
    under: Option<&Idempotency>,
) -> Result<PositionAnswer, PositionError> {
    let change = Change::Publish { key, expect };
    change_position(services, caller, Scope::WritePositions, &change, under).await
}

/// Withdraws a position. One that is withdrawn already stays so.
pub async fn cancel_position(
    services: &Services,
    caller: &Caller,
    key: &str,
    expect: Expect,
    under: Option<&Idempotency>,
) -> Result<PositionAnswer, PositionError> {
    let change = Change::Cancel { key, expect };
    change_position(services, caller, Scope::WritePositions, &change, under).await
}

/// Makes a position that takes the place of another: whoever comes with a notice of the old one is sent to the new one.
/// Answers with the new one.
pub async fn replace_position(
    services: &Services,
    caller: &Caller,
    key: &str,
    by: &PositionDraft,
    expect: Expect,
    under: Option<&Idempotency>,
) -> Result<PositionAnswer, PositionError> {
    let change = Change::Replace { key, by, expect };
    change_position(services, caller, Scope::WritePositions, &change, under).await
}

/// One change. Numbers are made sure of first, in a transaction of their own, so that the one of the change stays short.
pub(crate) async fn change_position(
    services: &Services,
    caller: &Caller,
    scope: Scope,
    change: &Change<'_>,
    under: Option<&Idempotency>,
) -> Result<PositionAnswer, PositionError> {
    caller.services(scope)?;
    if let Some(under) = under
        && let Some(answer) = under.answered(services, caller).await?
    {
        return Ok(answer);
    }
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    for _ in 0..ATTEMPTS {
        let writer = Writer {
            services,
            entries: &entries,
            caller,
            scope,
            now: services.clock.now(),
        };
        let wanted = Writer::numbers_wanted(change);
        if wanted > 0 && entries.institution(caller.institution()).is_some() {
            services
                .numbers
                .prepare(services, caller.institution(), wanted)
                .await?;
        }
        match attempt(&writer, change, under).await {
            Err(PositionError::Again) => {}
            other => return other,
        }
    }
    Err(PositionError::Unavailable(StorageError::Conflict.into()))
}

async fn attempt(
    writer: &Writer<'_>,
    change: &Change<'_>,
    under: Option<&Idempotency>,
) -> Result<PositionAnswer, PositionError> {
    let Writer {
        services,
        caller,
        now,
        ..
    } = *writer;
    let mut tx = services.store.begin().await?;
    if let Some(under) = under
        && let Some(answer) = under.begin(&mut tx, caller, now).await?
    {
        return Ok(answer);
    }
    let written = writer.carry_out(&mut tx, change).await?;
    note(writer, &mut tx, change, &written).await?;
    let mut positions = views_of(services, &mut tx, std::slice::from_ref(&written.stored)).await?;
    let answer = PositionAnswer {
        position: positions.pop().ok_or(PositionError::NotFound)?,
        done: written.done,
    };
    if let Some(under) = under {
        under.end(&mut tx, caller, &answer).await?;
    }
    tx.commit().await?;
    Ok(answer)
}

/// Notes what was done; what was so already is nothing done.
async fn note(
    writer: &Writer<'_>,
    tx: &mut Tx,
    change: &Change<'_>,
    written: &Written,
) -> Result<(), StorageError> {
    let Written { stored, done } = written;
    let version = json!({ "version": stored.version });
    let noted = match (change, done) {
        (_, Done::Unchanged) => return Ok(()),
        (Change::Put { .. }, Done::Created) => ("position.created", &*stored.position.key, version),
        (Change::Put { .. }, Done::Changed) => ("position.amended", &*stored.position.key, version),
        (Change::Publish { .. }, _) => ("position.published", &*stored.position.key, version),
        (Change::Cancel { .. }, _) => ("position.cancelled", &*stored.position.key, version),
        (Change::Replace { key, .. }, _) => {
            let by = json!({ "by": stored.position.key });
            writer
                .caller
                .act("position.replaced", key)
                .with(by)
                .note(tx, writer.now)
                .await?;
            ("position.created", &*stored.position.key, version)
        }
    };
    let (action, key, detail) = noted;
    writer
        .caller
        .act(action, key)
        .with(detail)
        .note(tx, writer.now)
        .await
}
