//! The port to the national hub, for what we begin: opening a Checkout cart.

use domain::{Cents, CreditorFiscalCode, NoticeNumber};
use std::future::Future;
use std::pin::Pin;

/// The national hub as this platform calls it.
pub trait PaymentHub: Send + Sync {
    /// Opens a cart on Checkout and returns the address where the citizen pays. While this waits, the hub calls our
    /// own verify: no transaction may be open around it.
    fn open_cart<'a>(
        &'a self,
        cart: &'a HubCart,
    ) -> Pin<Box<dyn Future<Output = Result<String, OpenCartError>> + Send + 'a>>;
}

/// A cart as Checkout wants it (`POST /carts`, version 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubCart {
    /// Our unguessable reference; comes back as `paymentNote` in the receipt.
    pub token: String,
    /// Where Checkout sends its own confirmation.
    pub email: Option<String>,
    /// One to five notices.
    pub notices: Vec<HubCartNotice>,
    /// Where the browser returns when it is paid.
    pub return_ok: String,
    /// Where the browser returns when the citizen gave up.
    pub return_cancel: String,
    /// Where the browser returns when it failed.
    pub return_error: String,
    /// Where the browser returns when the outcome is not known yet.
    pub return_waiting: String,
}

/// A notice in a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubCartNotice {
    /// Its code.
    pub number: NoticeNumber,
    /// Its institution.
    pub institution: CreditorFiscalCode,
    /// What is due.
    pub amount: Cents,
    /// Name of the institution, at most 140 characters.
    pub company_name: String,
    /// What it is for, at most 140 characters.
    pub description: String,
}

/// Why no cart was opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenCartError {
    /// The hub does not answer, or not in time.
    #[error("the hub does not answer")]
    Unreachable,
    /// The hub asks to wait.
    #[error("the hub asks to slow down")]
    TooManyRequests,
    /// The hub refuses the cart: one of its notices cannot be paid there.
    #[error("the hub refuses the cart with status {status}")]
    Refused {
        /// HTTP status of its answer.
        status: u16,
    },
    /// The hub's answer makes no sense.
    #[error("the hub's answer makes no sense: {0}")]
    Rubbish(&'static str),
}
