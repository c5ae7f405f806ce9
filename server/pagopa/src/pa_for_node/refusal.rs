//! Why the hub refuses an institution's answer. The payment provider sees `PPT_STAZIONE_INT_PA_ERRORE_RESPONSE`
//! whatever the reason; the reasons are for the institution.

use crate::WireError;
use domain::Cents;
use domain::iban::ParseIbanError;

/// One reason why an answer is refused (technical manual, integration via synchronous APIs).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot be read.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// `KO` without `fault`.
    #[error("outcome KO without fault")]
    KoWithoutFault,
    /// `OK` with a `fault`.
    #[error("outcome OK with a fault")]
    OkWithFault,
    /// A `faultCode` that is not an institution's.
    #[error("faultCode is not in the list of codes an institution may answer")]
    FaultCode,
    /// An element that the schema lets out and the hub does not.
    #[error("{element} is missing: the schema allows it, the hub does not")]
    Missing {
        /// Its name.
        element: &'static str,
    },
    /// `options` other than `EQ`.
    #[error("options is not EQ")]
    Options,
    /// The answer is about another institution.
    #[error("fiscalCodePA is not the institution asked")]
    OtherInstitution,
    /// The reference is not the notice's.
    #[error("creditorReferenceId is not the reference inside the notice number")]
    Reference,
    /// The transfers do not sum to the amount.
    #[error("the transfers sum to {sum}, paymentAmount is {amount}")]
    Sum {
        /// What they sum to.
        sum: Cents,
        /// What the answer asks.
        amount: Cents,
    },
    /// Two transfers have one number.
    #[error("idTransfer {id} comes twice")]
    TransferTwice {
        /// That number.
        id: u8,
    },
    /// A transfer's account is not an Italian IBAN.
    #[error("the IBAN of transfer {transfer} is wrong: {error}")]
    Iban {
        /// The transfer.
        transfer: u8,
        /// What is wrong with it.
        error: ParseIbanError,
    },
    /// A transfer's category is not of the taxonomy's form.
    #[error("transferCategory of transfer {transfer} is not like 9/0101101IM/")]
    Category {
        /// The transfer.
        transfer: u8,
    },
}
