//! What the browser may ask of the server: the whole remote surface of the portal.
//!
//! Reads are GET. Writes are form POSTs that a plain `<form>` can send: they answer with a redirect, to the next page
//! or back to the form with the problem's name in the address. View models live beside the function that returns
//! them; nothing personal leaves on the strength of a notice code alone.

pub mod catalogue;
pub mod documents;
pub mod error;
pub mod fees;
pub mod json;
pub mod notices;
pub mod payments;
pub mod ratings;
pub mod receipts;
#[cfg(feature = "ssr")]
mod request;

pub use error::PortalError;
