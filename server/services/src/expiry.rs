//! Positions whose time is over. A notice past its last day is refused at once, by date; this records the fact.

use crate::{Services, Unavailable};
use domain::debt_position::DebtPositionEvent;
use storage::{StorageError, debt_positions};

/// Positions one sweep may record.
const SWEEP_MAX: u32 = 500;

/// Records the expiry of open positions no notice of which can be paid any more. Each is its own transaction, so that
/// one that a receipt moves meanwhile does not hold the others back. Returns how many were recorded.
pub async fn record_expired_positions(services: &Services) -> Result<usize, Unavailable> {
    let mut snapshot = services.store.read().await?;
    let due = debt_positions::list_expirable(&mut snapshot, services.clock.today(), SWEEP_MAX).await?;
    drop(snapshot);
    let mut recorded = 0;
    for stored in due {
        let now = services.clock.now();
        let event = DebtPositionEvent::Expired { at: now };
        let Ok(after) = stored.position.apply(&event) else {
            continue;
        };
        let mut tx = services.store.begin().await?;
        match debt_positions::transition_position(&mut tx, &stored, &after, &event, now).await {
            Ok(()) => {
                tx.commit().await?;
                recorded += 1;
            }
            Err(StorageError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(recorded)
}
