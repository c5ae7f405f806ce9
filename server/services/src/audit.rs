//! The audit trail: every act of a program or of whoever runs the installation, noted in the transaction of the act.

use crate::caller::Caller;
use crate::{Services, Unavailable};
use chrono::{DateTime, Utc};
use domain::CreditorFiscalCode;
use domain::application::Scope;
use serde_json::Value;
use std::net::{IpAddr, Ipv6Addr};
use storage::audit::{Actor, AuditEvent, list_audit_of_subject, record_audit};
use storage::{StorageError, Tx};

/// Something somebody does.
#[derive(Debug, Clone)]
pub struct Act<'a> {
    /// Whose data it touches.
    pub institution: &'a CreditorFiscalCode,
    /// Who does it.
    pub actor: Actor,
    /// Where they are.
    pub from: Option<IpAddr>,
    /// What is done, as in `position.cancelled`.
    pub action: &'static str,
    /// To what: a position's key, an application's id.
    pub subject: &'a str,
    /// What else is worth knowing; nothing personal.
    pub detail: Value,
}

impl Act<'_> {
    /// The same, with what else is worth knowing.
    #[must_use]
    pub fn with(self, detail: Value) -> Self {
        Self { detail, ..self }
    }

    /// Notes it.
    pub(crate) async fn note(self, tx: &mut Tx, now: DateTime<Utc>) -> Result<(), StorageError> {
        let event = AuditEvent {
            at: now,
            institution: self.institution.clone(),
            actor: self.actor,
            action: self.action.to_owned(),
            subject: self.subject.to_owned(),
            detail: self.detail.to_string(),
            network: self.from.map(network_of),
        };
        record_audit(tx, &event).await
    }
}

/// The most acts told at once.
const ACTS_MAX: u32 = 500;

/// What was done to something of the application's institution, the newest first: what the application did itself, and, where
/// it may read the positions of every service, what everybody did.
pub async fn acts_on(
    services: &Services,
    caller: &Caller,
    subject: &str,
) -> Result<Vec<AuditEvent>, Unavailable> {
    let mut events = all_acts_on(services, caller.institution(), subject).await?;
    let sees_all = caller.services(Scope::ReadPositions) == Ok(None);
    let own = Actor::Application(caller.application().id.clone());
    events.retain(|event| sees_all || event.actor == own);
    Ok(events)
}

/// What was done to something of an institution, the newest first, for whoever runs the installation.
pub async fn all_acts_on(
    services: &Services,
    institution: &CreditorFiscalCode,
    subject: &str,
) -> Result<Vec<AuditEvent>, Unavailable> {
    let mut snapshot = services.store.glance().await?;
    Ok(list_audit_of_subject(&mut snapshot, institution, subject, ACTS_MAX).await?)
}

/// The network of an address: its first 24 bits in version 4, 48 in version 6. Enough to see where a storm came from, too
/// little to find a person.
pub(crate) fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_tells_no_address() {
        let network = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(network("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(network("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1::/48");
    }
}
