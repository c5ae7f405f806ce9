//! The national hub's messages: bytes to typed values and back. Pure, except the gateway's client.
//!
//! | Module | What |
//! |---|---|
//! | [`pa_for_node`] | the SOAP service an institution exposes: requests, answers, both directions |
//! | [`envelope`] | SOAP 1.1 around those messages, SOAP faults |
//! | [`fault`] | the codes an institution may refuse with |
//! | [`flow_reports`] | flow reports, asked for or read from a file |
//! | [`payment_options`] | the ways open to pay a debt, answered to the hub |
//! | [`receipts`] | receipts asked for by their reference |
//! | [`gateway`] | how the hub's products are called: keys, limits, breaker, the client |
//! | [`checkout`] | carts on the hub's payment page |
//! | [`stamp_duty`] | the stamp duty attached to a receipt |
//! | [`debt_positions`] | positions as the national archives (ACA, GPD) take them, one at a time and in files |
//!
//! Element names of the hub live here and nowhere else. Readers choose by namespace and local name, never by
//! prefix, and refuse whatever the schema refuses; writers are exact to the byte. Sources: `paForNode.xsd`,
//! `sac-common-types-1.0.xsd`, `Cup_1_0_0.xsd`, `Cie_1_0_0.xsd`, `MarcaDaBollo.xsd`, `checkout_v2.json` of pagoPA's interface repository, technical manual (SANP) 3.12.
//!
//! # Texts that do not fit
//!
//! What an institution's software or a citizen typed may be longer than the schema allows, or hold control
//! characters. Refusing would stop a payment for a cosmetic reason, so [`pa_for_node`]'s writers replace each
//! character XML cannot carry, and each line break, with a space, and cut at the schema's number of characters,
//! never inside one. A mandatory text that is empty becomes a dash; an optional one is left out, as is an e-mail
//! address or country the schema refuses. A debtor's code that does not fit becomes `ANONIMO`: a cut code would be
//! somebody else's. Codes and amounts are never cut: their types in `domain` guarantee them.

mod amount;
pub mod checkout;
pub mod debt_positions;
mod encoding;
pub mod envelope;
pub mod fault;
pub mod flow_reports;
pub mod gateway;
mod json;
pub mod pa_for_node;
pub mod payment_options;
pub mod receipts;
pub mod stamp_duty;
mod values;
mod wire_error;
mod writer;
mod xml;

pub use fault::{Fault, FaultCode};
pub use json::Wrong;
pub use wire_error::{Reason, WireError};

/// The largest message read, in bytes. Servers refuse longer bodies before reading them whole.
pub const MAX_MESSAGE_BYTES: usize = 1024 * 1024;

/// `Content-Type` of every SOAP message.
pub const SOAP_CONTENT_TYPE: &str = "text/xml; charset=utf-8";
