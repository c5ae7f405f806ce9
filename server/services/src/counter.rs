//! The counter: an employee with a citizen in front releases a notice, prints one again, and says how a payment stands.
//!
//! Whatever the citizen has serves: a notice's number or payment reference, the key of the office's program, their fiscal
//! code. An older notice leads to the newer one that took its place.

mod debts;
mod person;
mod release;
mod verification;

pub use debts::{Asking, Debt, DebtKey, find_debts};
pub use person::{PersonSummary, ServiceTotals, summarise};
pub use release::{Release, Released, release};
pub use verification::{Reported, Seen, TakenReceipt, Verification, verify};

use crate::Services;
use crate::caller::{Caller, Forbidden};
use crate::digest::digest_of;
use crate::directory::Entries;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::application::Scope;
use domain::service::Service;
use serde_json::json;
use storage::StorageError;

/// The services whose debts a counter may look at, by code.
pub fn services_at<'a>(caller: &Caller, entries: &'a Entries) -> Result<Vec<&'a Service>, Forbidden> {
    let granted = caller.services(Scope::UseCounter)?;
    Ok(entries
        .services
        .iter()
        .filter(|service| service.institution == *caller.institution())
        .filter(|service| granted.is_none_or(|granted| granted.contains(&service.code)))
        .collect())
}

/// Notes that somebody looked a person up. The person is told from others by a digest, and by nothing that could be read.
async fn note_look_up(
    services: &Services,
    caller: &Caller,
    action: &'static str,
    person: &str,
) -> Result<(), StorageError> {
    let digest = digest_of(&["person", caller.institution().as_str(), person]);
    let subject = URL_SAFE_NO_PAD.encode(&digest[..12]);
    let mut tx = services.store.begin().await?;
    caller
        .act(action, &subject)
        .with(json!({ "subject": "digest" }))
        .note(&mut tx, services.clock.now())
        .await?;
    tx.commit().await
}
