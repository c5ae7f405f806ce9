//! Amendments: what an institution says anew of a position nothing of which is paid. Its notices keep their numbers.

use super::positions::{StoredPosition, all_postal, last_payable_day, record_event, status_columns};
use super::transfers::{delete_transfers, insert_transfer};
use crate::engine::on_engine;
use crate::row::{one_row, to_json};
use crate::statements::statements;
use crate::{StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::debt_position::DebtPositionEvent;
use domain::{CreditorFiscalCode, DebtPosition, Instalment};

statements! {
    AMEND_POSITION =
        "UPDATE debt_position SET debtor = $1, description = $2, valid_from = $3, payable_until = $4, status = $5, \
                                  chosen = $6, status_at = $7, replaced_by = $8, version = version + 1, \
                                  changed_at = $9, feed_pending = TRUE \
         WHERE id = $10 AND version = $11";
    AMEND_INSTALMENT =
        "UPDATE instalment SET amount = $1, due_on = $2, payable_until = $3, description = $4, all_postal = $5 \
         WHERE notice_number = $6 AND institution = $7 AND receipt_id IS NULL RETURNING id";
}

/// Writes what a position says from now on, adds the event to its history, and leaves the mark that the national archive
/// must be told. Only the notices that say something else are written.
///
/// # Errors
/// [`StorageError::Conflict`] when it moved since `before` was read: read it again and decide again.
pub async fn amend_position(
    tx: &mut Tx,
    before: &StoredPosition,
    after: &DebtPosition,
    event: &DebtPositionEvent,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let (status, chosen, status_at, replaced_by) = status_columns(&after.status);
    let amended = on_engine!(tx, |c| sqlx::query(AMEND_POSITION)
        .bind(to_json(&after.debtor))
        .bind(&after.description)
        .bind(after.valid_from)
        .bind(last_payable_day(after))
        .bind(status)
        .bind(chosen)
        .bind(status_at)
        .bind(replaced_by)
        .bind(at)
        .bind(before.id)
        .bind(before.version)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(amended)?;
    for ((_, _, old), (_, _, new)) in before.position.instalments().zip(after.instalments()) {
        if old != new {
            amend_instalment(tx, &after.institution, new).await?;
        }
    }
    record_event(tx, before, event, at).await
}

async fn amend_instalment(
    tx: &mut Tx,
    institution: &CreditorFiscalCode,
    instalment: &Instalment,
) -> Result<(), StorageError> {
    let id: Option<i64> = on_engine!(tx, |c| sqlx::query_scalar(AMEND_INSTALMENT)
        .bind(instalment.amount.as_i64())
        .bind(instalment.due_on)
        .bind(instalment.payable_until)
        .bind(&instalment.description)
        .bind(all_postal(instalment))
        .bind(instalment.notice_number.as_str())
        .bind(institution.as_str())
        .fetch_optional(c)
        .await)?;
    let id = id.ok_or(StorageError::Conflict)?;
    delete_transfers(tx, id).await?;
    for transfer in &instalment.transfers {
        insert_transfer(tx, id, transfer).await?;
    }
    Ok(())
}
