//! What is too old leaves, a few rows at a time.

use crate::engine::on_engine;
use crate::statements::statements;
use crate::{StorageError, Tx};
use chrono::{DateTime, Utc};

statements! {
    DELETE_WEBHOOKS_BEFORE =
        "DELETE FROM outcome_webhook WHERE state = 'delivered' AND event IN \
             (SELECT e.id FROM outcome_event e JOIN outcome_webhook w ON w.event = e.id \
              WHERE e.at < $1 AND w.state = 'delivered' ORDER BY e.at LIMIT $2)";
    DELETE_ACKNOWLEDGED_BEFORE =
        "DELETE FROM outcome_delivery WHERE application = $1 AND number IN \
             (SELECT number FROM outcome_delivery WHERE application = $1 AND number <= \
                  (SELECT MAX(up_to) FROM outcome_acknowledgement WHERE application = $1 AND at < $2) \
              ORDER BY number LIMIT $3)";
    DELETE_ACKNOWLEDGEMENTS_BEFORE =
        "DELETE FROM outcome_acknowledgement WHERE application = $1 AND at < $2 AND up_to < \
             (SELECT MAX(up_to) FROM outcome_acknowledgement WHERE application = $1 AND at < $2)";
    DELETE_OLD_WEBHOOKS =
        "DELETE FROM outcome_webhook WHERE event IN (SELECT id FROM outcome_event WHERE at < $1 ORDER BY at, id LIMIT $2)";
    DELETE_OLD_DELIVERIES =
        "DELETE FROM outcome_delivery WHERE event IN (SELECT id FROM outcome_event WHERE at < $1 ORDER BY at, id LIMIT $2)";
    DELETE_OLD_OUTCOMES =
        "DELETE FROM outcome_event WHERE id IN (SELECT id FROM outcome_event WHERE at < $1 ORDER BY at, id LIMIT $2)";
}

/// Deletes webhooks that were delivered, of facts recorded before an instant, about `limit` of them. Returns how many.
pub async fn delete_webhooks_before(tx: &mut Tx, at: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
    Ok(on_engine!(tx, |c| sqlx::query(DELETE_WEBHOOKS_BEFORE)
        .bind(at)
        .bind(i64::from(limit))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Deletes what an application acknowledged before an instant from its feed, at most `limit`. Returns how many. Facts stay.
pub async fn delete_acknowledged_before(
    tx: &mut Tx,
    application: &str,
    at: DateTime<Utc>,
    limit: u32,
) -> Result<u64, StorageError> {
    let deleted = on_engine!(tx, |c| sqlx::query(DELETE_ACKNOWLEDGED_BEFORE)
        .bind(application)
        .bind(at)
        .bind(i64::from(limit))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    // The highest of them still says from where on the feed is there.
    on_engine!(tx, |c| sqlx::query(DELETE_ACKNOWLEDGEMENTS_BEFORE)
        .bind(application)
        .bind(at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(deleted)
}

/// Deletes facts recorded before an instant with all that was told of them, at most `limit`. Returns how many.
pub async fn delete_outcomes_before(tx: &mut Tx, at: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
    let mut deleted = 0;
    for statement in [DELETE_OLD_WEBHOOKS, DELETE_OLD_DELIVERIES, DELETE_OLD_OUTCOMES] {
        deleted = on_engine!(tx, |c| sqlx::query(statement)
            .bind(at)
            .bind(i64::from(limit))
            .execute(c)
            .await
            .map(|done| done.rows_affected()))?;
    }
    Ok(deleted)
}
