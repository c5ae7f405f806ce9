//! The services citizens pay for.

use crate::CreditorFiscalCode;
use crate::at_provider::AtProvider;
use crate::feed::Feed;
use crate::transfer::TransferCategory;
use serde::{Deserialize, Serialize};

/// A service (tipo dovuto) of an institution: what its notices are for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The institution that offers it.
    pub institution: CreditorFiscalCode,
    /// Key within the institution, 1 to 40 small letters, digits and dashes.
    pub code: String,
    /// Its name in Italian.
    pub name_it: String,
    /// Its name in English.
    pub name_en: String,
    /// Taxonomy category of its transfers.
    pub category: TransferCategory,
    /// The office that answers for it.
    pub office_name: String,
    /// Whether it is offered now. One that no longer is keeps its notices.
    pub active: bool,
    /// How it is paid at a payment provider without a notice, when it can be.
    #[serde(default)]
    pub at_provider: Option<AtProvider>,
    /// Where its positions are fed; when not said, to ACA if the hub's settings have it.
    #[serde(default)]
    pub feed: Option<Feed>,
    /// Whether what is due can change after the notice is out (late interest, notification costs): then nothing of it
    /// may be paid while the station does not answer.
    #[serde(default)]
    pub amounts_move: bool,
}
