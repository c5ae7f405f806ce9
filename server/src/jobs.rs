//! What happens by itself: expiry is recorded, old carts and messages leave.

use chrono::{Duration, Months};
use services::Services;
use services::expiry::record_expired_positions;
use std::time::Duration as StdDuration;
use storage::{StorageError, carts, messages};

/// How often the jobs run.
const EVERY: StdDuration = StdDuration::from_mins(10);
/// How long messages are kept: what the hub's rules ask, and no longer.
const MESSAGES_KEPT: Months = Months::new(24);
/// How long a cart is kept: its outcome page can be found again for this long. The e-mail address goes with it.
const CARTS_KEPT: Duration = Duration::days(90);
/// Rows one statement deletes.
const DELETED_MAX: u32 = 5_000;

/// Runs the jobs now and then, for ever.
pub(crate) async fn run(services: Services) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        match record_expired_positions(&services).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "recorded expired positions"),
            Err(error) => tracing::error!(error = ?error, "cannot record expired positions"),
        }
        if let Err(error) = clean(&services).await {
            tracing::error!(%error, "cannot delete old carts and messages");
        }
    }
}

async fn clean(services: &Services) -> Result<(), StorageError> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    carts::delete_carts_before(&mut tx, now - CARTS_KEPT, DELETED_MAX).await?;
    if let Some(before) = now.checked_sub_months(MESSAGES_KEPT) {
        messages::delete_messages_before(&mut tx, before, DELETED_MAX).await?;
    }
    tx.commit().await
}
