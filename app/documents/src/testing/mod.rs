//! Notices and receipts to test with: random ones, and named examples of every variant.

#![expect(
    clippy::missing_panics_doc,
    reason = "what is made here is made of checked constants"
)]

pub mod arbitrary;
mod emblem;
mod notices;
mod receipts;

pub use notices::{common as notice, notices};
pub use receipts::common as receipt;

use crate::Document;

/// A named document for every variant of receipt and notice, the same each time.
pub fn examples() -> Vec<(String, Document)> {
    let mut examples = receipts::examples();
    examples.extend(notices::examples());
    examples
}
