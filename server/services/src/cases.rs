//! Cases: what the offices must look at.

use crate::{Services, Unavailable};
use domain::CreditorFiscalCode;
use storage::cases::{OpenCase, PAGE_MAX};

/// A page of an institution's open cases, the oldest first, after the row `after` (0 for the first page). A page that
/// is not full is the last.
pub async fn list_open_cases(
    services: &Services,
    institution: &CreditorFiscalCode,
    after: i64,
) -> Result<Vec<OpenCase>, Unavailable> {
    let mut snapshot = services.store.glance().await?;
    Ok(storage::cases::list_open_cases(&mut snapshot, institution, after, PAGE_MAX).await?)
}
