//! The port to the national hub, for what we begin: calls of the products behind its gateway.

use crate::message_log::About;
use pagopa::gateway::{Call, CallError, Product, Reply};
use std::future::Future;
use std::pin::Pin;
use storage::messages::MessageId;

/// A call under way.
pub type Calling<'a> = Pin<Box<dyn Future<Output = Result<Answered, HubError>> + Send + 'a>>;

/// What the hub answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The answer, whatever it says.
    pub reply: Reply,
    /// The message of the log that holds it.
    pub message_id: MessageId,
}

/// The national hub as this platform calls it.
pub trait HubGateway: Send + Sync {
    /// Makes a call and returns its answer. Call and answer are in the message log, under what they
    /// are `about`, before anybody reads them. No transaction may be open around it: it takes seconds, and the hub may
    /// call us meanwhile.
    fn call<'a>(&'a self, product: Product, call: &'a Call, about: &'a About) -> Calling<'a>;

    /// Whether a product is configured.
    fn offers(&self, product: Product) -> bool;
}

/// Why the hub gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HubError {
    /// The settings do not say how the product is reached. Nothing was sent.
    #[error("the settings do not say how {} is reached: add [hub.products.{}]", .0.as_str(), .0.as_str())]
    NotConfigured(Product),
    /// The message log did not take the call. Nothing was sent.
    #[error("the message log did not take the call")]
    NotLogged,
    /// The gateway's own reasons.
    #[error(transparent)]
    Call(#[from] CallError),
}
