//! Fees worked out by tariff, for programs: a counter that asks before it releases a notice, a website that shows a price.

use crate::caller::{Caller, Forbidden};
use crate::{Services, Unavailable};
use domain::application::Scope;
use domain::service::Service;
use storage::StorageError;

/// Why no fee is worked out.
#[derive(Debug, thiserror::Error)]
pub enum QuoteError {
    /// The institution has no such service, or it is not worked out by a tariff.
    #[error("no such service is worked out by a tariff")]
    UnknownService,
    /// The application may not do this for the service.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StorageError> for QuoteError {
    fn from(error: StorageError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// The service whose fees a program asks for, which is worked out by a tariff that is here.
pub async fn quoted_service(
    services: &Services,
    caller: &Caller,
    code: &str,
) -> Result<(Service, String), QuoteError> {
    caller.needs(Scope::Quote, code)?;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let service = entries
        .service(caller.institution(), code)
        .filter(|service| service.active)
        .ok_or(QuoteError::UnknownService)?;
    let tariff = service
        .by_tariff
        .as_ref()
        .map(|terms| terms.tariff.clone())
        .filter(|tariff| !services.tariffs.versions(tariff).is_empty())
        .ok_or(QuoteError::UnknownService)?;
    Ok((service.clone(), tariff))
}
