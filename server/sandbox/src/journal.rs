//! What was said between the sandbox and the institution.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// One exchange, request and response.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Exchange {
    /// Place in the journal, from 1.
    pub(crate) number: u64,
    /// When the request went.
    pub(crate) at: DateTime<Utc>,
    /// `postCarts` is the institution's call to us; all others are ours to the station.
    pub(crate) operation: &'static str,
    /// The notices it is about.
    pub(crate) about: String,
    /// `OK`, the institution's fault code, or the hub's own code.
    pub(crate) outcome: String,
    /// Why the hub refuses it.
    pub(crate) reasons: Vec<String>,
    /// How long it took.
    pub(crate) milliseconds: u64,
    /// What was asked.
    pub(crate) request: String,
    /// What was answered, as text.
    pub(crate) response: String,
}

impl Exchange {
    /// Whether it ended well.
    pub(crate) fn is_ok(&self) -> bool {
        self.outcome == "OK"
    }
}

/// The longest text kept of a message, in bytes.
const MAX_TEXT: usize = 32 * 1024;

/// A message as text, cut.
pub(crate) fn as_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_TEXT)]).into_owned()
}
