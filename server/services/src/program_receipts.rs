//! Receipts, for the programs of the institution that got them.
//!
//! A program granted some services sees the receipts of their positions. Those of no position of the institution (of a notice
//! nobody knows, or of another institution's with a part for this one) are for programs granted all services.

use crate::caller::{Caller, Forbidden};
use crate::documents::access::receipt_key;
use crate::documents::links::Signature;
use crate::{Services, Unavailable};
use chrono::{DateTime, Utc};
use domain::application::Scope;
use domain::{NoticeNumber, ReceiptId};
use storage::StorageError;
use storage::receipts::{
    OfRecipient, ReceiptOfPosition, find_receipt_with_position, list_receipts_of_recipient,
    list_receipts_with_position_of_notice,
};

/// Which receipts a program looks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sought {
    /// Of this notice: all of them at once, at most a hundred.
    pub notice: Option<NoticeNumber>,
    /// Of positions of this service.
    pub service: Option<String>,
    /// Received from this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Received before this instant.
    pub before: Option<DateTime<Utc>>,
}

/// Why receipts are not shown.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptsError {
    /// The application may not see them.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StorageError> for ReceiptsError {
    fn from(error: StorageError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// A page of receipts, the newest first: those after the one received then in this row, at most `limit`.
pub async fn list_receipts(
    services: &Services,
    caller: &Caller,
    sought: &Sought,
    after: Option<(DateTime<Utc>, i64)>,
    limit: u32,
) -> Result<Vec<ReceiptOfPosition>, ReceiptsError> {
    let granted = caller.services(Scope::ReadReceipts)?;
    let only = match &sought.service {
        Some(service) => {
            caller.needs(Scope::ReadReceipts, service)?;
            Some(std::iter::once(service.clone()).collect())
        }
        None => granted.cloned(),
    };
    let from = sought.from.unwrap_or(DateTime::<Utc>::UNIX_EPOCH);
    let before = sought
        .before
        .unwrap_or_else(|| services.clock.now() + chrono::Duration::days(1));
    let mut snapshot = services.store.glance().await?;
    if let Some(number) = &sought.notice {
        if after.is_some() {
            return Ok(Vec::new());
        }
        let mut found =
            list_receipts_with_position_of_notice(&mut snapshot, caller.institution(), number).await?;
        found.retain(|receipt| {
            let received_at = receipt.stored.received_at;
            let is_shown = |only: &std::collections::BTreeSet<String>| {
                receipt
                    .service
                    .as_ref()
                    .is_some_and(|service| only.contains(service))
            };
            from <= received_at && received_at < before && only.as_ref().is_none_or(is_shown)
        });
        return Ok(found);
    }
    let of = OfRecipient {
        recipient: caller.institution(),
        services: only.as_ref(),
        from,
        before,
    };
    Ok(list_receipts_of_recipient(&mut snapshot, of, after, limit).await?)
}

/// A receipt by its id; `None` when the institution has none, or it is of a service the application may not see.
pub async fn find_receipt(
    services: &Services,
    caller: &Caller,
    id: &ReceiptId,
) -> Result<Option<ReceiptOfPosition>, ReceiptsError> {
    let granted = caller.services(Scope::ReadReceipts)?;
    let mut snapshot = services.store.glance().await?;
    let found = find_receipt_with_position(&mut snapshot, caller.institution(), id).await?;
    Ok(found.filter(|receipt| match (granted, &receipt.service) {
        (None, _) => true,
        (Some(granted), Some(service)) => granted.contains(service),
        (Some(_), None) => false,
    }))
}

/// A link to a receipt's document that ends by itself, and when; `None` as for [`find_receipt`]. Who opens it is noted then.
pub async fn link_to_receipt(
    services: &Services,
    caller: &Caller,
    id: &ReceiptId,
) -> Result<Option<(Signature, DateTime<Utc>)>, ReceiptsError> {
    let Some(receipt) = find_receipt(services, caller, id).await? else {
        return Ok(None);
    };
    let ends = services.clock.now() + services.documents.link_lasts;
    let key = receipt_key(caller.institution(), &receipt.stored.receipt.id);
    Ok(Some((services.documents.keys.sign(&key, ends), ends)))
}
