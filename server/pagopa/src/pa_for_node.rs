//! The SOAP service an institution exposes to the hub (`paForNode.wsdl`, `paForNode.xsd`).
//!
//! Each operation is a module with its `Request` and `Response`, each of which is read and written: the institution
//! reads requests and writes responses, a double of the hub does the opposite. Reading a response is as strict as
//! the hub is and lists every [`Refusal`]. A new operation is a module here, a variant of [`Request`] and an arm in
//! [`read_request`].

mod answer;
pub mod demand_payment_notice;
pub mod get_payment;
mod operation;
mod parts;
mod refusal;
pub mod send_rt;
pub mod verify_payment_notice;

pub use answer::{Answer, write_refusal};
pub use operation::Operation;
pub use parts::Head;
pub use refusal::Refusal;

use crate::envelope;
use crate::xml::Element;

/// The edition of an operation. Which one arrives depends on the payment provider, and a receipt of one may follow a
/// question of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// Accounts only: no stamp duties, no names of beneficiaries.
    First,
    /// The one in force.
    Second,
}

impl Edition {
    /// Both.
    pub const ALL: [Self; 2] = [Self::First, Self::Second];
}
use crate::{Reason, WireError};

/// A request of the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// What is due for a notice.
    VerifyPaymentNotice(verify_payment_notice::Request),
    /// What is due and where to credit it: somebody is about to pay.
    GetPayment(get_payment::Request),
    /// Somebody paid.
    SendRt(Box<send_rt::Request>),
    /// Somebody wants to pay without a notice.
    DemandPaymentNotice(Box<demand_payment_notice::Request>),
}

impl Request {
    /// The operation it asks for.
    pub const fn operation(&self) -> Operation {
        match self {
            Self::VerifyPaymentNotice(_) => Operation::VerifyPaymentNotice,
            Self::GetPayment(request) => request.operation(),
            Self::SendRt(request) => request.operation(),
            Self::DemandPaymentNotice(_) => Operation::DemandPaymentNotice,
        }
    }

    /// Who is addressed, and through whom.
    pub const fn head(&self) -> &Head {
        match self {
            Self::VerifyPaymentNotice(request) => &request.head,
            Self::GetPayment(request) => &request.head,
            Self::SendRt(request) => &request.head,
            Self::DemandPaymentNotice(request) => &request.head,
        }
    }
}

/// Reads whatever request the bytes hold. The operation is the body's root; `SOAPAction` is not needed.
pub fn read_request(bytes: &[u8]) -> Result<Request, WireError> {
    let (operation, root) = open_request(bytes)?;
    match operation {
        Operation::VerifyPaymentNotice => {
            verify_payment_notice::from_root(&root).map(Request::VerifyPaymentNotice)
        }
        Operation::GetPayment => get_payment::from_root(&root, Edition::First).map(Request::GetPayment),
        Operation::GetPaymentV2 => get_payment::from_root(&root, Edition::Second).map(Request::GetPayment),
        Operation::SendRt => {
            send_rt::from_root(&root, Edition::First).map(|request| Request::SendRt(Box::new(request)))
        }
        Operation::SendRtV2 => {
            send_rt::from_root(&root, Edition::Second).map(|request| Request::SendRt(Box::new(request)))
        }
        Operation::DemandPaymentNotice => demand_payment_notice::from_root(&root)
            .map(|request| Request::DemandPaymentNotice(Box::new(request))),
    }
    .map_err(|reason| WireError {
        operation: Some(operation),
        reason,
    })
}

fn open_request(bytes: &[u8]) -> Result<(Operation, Element), WireError> {
    let root = envelope::read(bytes).map_err(|broken| WireError {
        operation: broken.root.as_deref().and_then(Operation::of_request),
        reason: broken.reason,
    })?;
    match Operation::of_request(&root.name) {
        Some(operation) => Ok((operation, root)),
        None => Err(WireError {
            operation: None,
            reason: Reason::UnknownOperation,
        }),
    }
}

/// The error of whoever expected another request.
fn unexpected(request: &Request) -> WireError {
    WireError {
        operation: Some(request.operation()),
        reason: Reason::UnknownOperation,
    }
}
