//! The ways open to pay a notice's debt, for the hub's payment options service. Asking changes nothing.

use crate::{Services, Unavailable};
use domain::open_options::{NothingOpen, OpenOption, open_options};
use domain::service::Service;
use domain::{CreditorInstitution, NoticeNumber};
use storage::debt_positions;

/// The ways open to pay a debt, with what is said beside them.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// The institution.
    pub institution: CreditorInstitution,
    /// Its service, unless it left the catalogue.
    pub service: Option<Service>,
    /// The ways, in the order shown.
    pub options: Vec<OpenOption>,
}

/// Why no ways are told.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    /// The institution is not served here.
    #[error("no such institution here")]
    UnknownInstitution,
    /// There is none.
    #[error(transparent)]
    NothingOpen(#[from] NothingOpen),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<storage::StorageError> for OptionsError {
    fn from(error: storage::StorageError) -> Self {
        Self::Unavailable(Unavailable(error))
    }
}

/// Lists the ways open to pay the debt a notice belongs to: a debt has one debtor, so none is anybody else's.
pub async fn list_open_options(
    services: &Services,
    institution: &str,
    number: &NoticeNumber,
) -> Result<OpenOptions, OptionsError> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let institution = entries
        .institutions
        .iter()
        .find(|served| served.fiscal_code.as_str() == institution)
        .ok_or(OptionsError::UnknownInstitution)?;
    let code = &institution.fiscal_code;
    let mut snapshot = services.store.read().await?;
    let notice = debt_positions::find_notice(&mut snapshot, code, number)
        .await?
        .ok_or(NothingOpen::Unknown)?;
    let notices = debt_positions::list_notices_of_position(&mut snapshot, code, &notice.position_key).await?;
    Ok(OpenOptions {
        options: open_options(&notices, services.clock.today())?,
        institution: institution.clone(),
        service: entries.service(code, &notice.service).cloned(),
    })
}
