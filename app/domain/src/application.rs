//! The programs of an institution that speak to this installation, and what each may do.

use crate::{CreditorFiscalCode, NoticeNumber, SegregationCode, is_text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Requests an application may make in a minute when nothing else is said.
pub const REQUESTS_PER_MINUTE_USUAL: u32 = 3_000;

/// A program of one institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Its id, unique in the installation: 3 to 40 small letters, digits and dashes.
    pub id: String,
    /// The institution it belongs to. It never sees anything of another.
    pub institution: CreditorFiscalCode,
    /// Its name for people, at most 70 characters.
    pub name: String,
    /// What it may do.
    pub grants: Vec<Grant>,
    /// The ranges it numbers notices in by itself; none when it takes the numbers it is given.
    #[serde(default)]
    pub numbers: Vec<NumberRange>,
    /// Requests it may make in a minute.
    pub requests_per_minute: u32,
    /// SHA-256 of the certificate it must come with, in small hexadecimal digits; without, its secret suffices.
    #[serde(default)]
    pub certificate: Option<String>,
    /// Whether it may come at all.
    pub active: bool,
}

/// Something an application may do, and for which services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// What.
    pub scope: Scope,
    /// For which services, by code; `None` for all of them, also those to come.
    #[serde(default)]
    pub services: Option<BTreeSet<String>>,
}

/// What applications may be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Reading positions and notices.
    #[serde(rename = "positions:read")]
    ReadPositions,
    /// Creating, changing, replacing and cancelling positions.
    #[serde(rename = "positions:write")]
    WritePositions,
    /// Reading receipts.
    #[serde(rename = "receipts:read")]
    ReadReceipts,
    /// Reading outcomes, acknowledging them, and saying where they are sent.
    #[serde(rename = "outcomes:read")]
    ReadOutcomes,
    /// Loading files.
    #[serde(rename = "imports:write")]
    LoadFiles,
    /// Releasing, reprinting and verifying notices at the counter, by person too.
    #[serde(rename = "counter:use")]
    UseCounter,
    /// Working fees out by tariff.
    #[serde(rename = "quotes:read")]
    Quote,
}

impl Scope {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::ReadPositions,
        Self::WritePositions,
        Self::ReadReceipts,
        Self::ReadOutcomes,
        Self::LoadFiles,
        Self::UseCounter,
        Self::Quote,
    ];

    /// The name other programs know it by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadPositions => "positions:read",
            Self::WritePositions => "positions:write",
            Self::ReadReceipts => "receipts:read",
            Self::ReadOutcomes => "outcomes:read",
            Self::LoadFiles => "imports:write",
            Self::UseCounter => "counter:use",
            Self::Quote => "quotes:read",
        }
    }

    /// The scope with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// Numbers an application may give to its notices: auxiliary digit 3, this segregation code, a base within these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberRange {
    /// The segregation code.
    pub segregation: SegregationCode,
    /// The first base.
    pub from: u64,
    /// The last base.
    pub to: u64,
}

impl NumberRange {
    /// Whether the number lies in the range.
    pub fn holds(&self, number: &NoticeNumber) -> bool {
        number.segregation_code() == Some(self.segregation)
            && number.as_str()[3..16]
                .parse()
                .is_ok_and(|base: u64| (self.from..=self.to).contains(&base))
    }
}

/// Why an application cannot be as it is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidApplication {
    /// The id.
    #[error("an application's id has 3 to 40 small letters, digits and dashes")]
    Id,
    /// The name.
    #[error("an application's name has 1 to 70 printable characters")]
    Name,
    /// It is granted nothing.
    #[error("an application needs at least one scope")]
    NoGrant,
    /// A scope is there twice.
    #[error("scope {0:?} is granted twice")]
    RepeatedGrant(Scope),
    /// A range is empty, too high, or where this installation numbers by itself.
    #[error("a range of numbers goes upwards, below {}", NoticeNumber::OWN_BASES_FROM)]
    Range,
    /// The limit.
    #[error("an application may make 1 to 100000 requests in a minute")]
    Requests,
    /// The fingerprint of the certificate.
    #[error("the fingerprint of a certificate is its SHA-256: 64 small hexadecimal digits")]
    Certificate,
}

impl Application {
    /// Checks what its types cannot.
    pub fn check(&self) -> Result<(), InvalidApplication> {
        let is_id = (3..=40).contains(&self.id.len())
            && self
                .id
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if !is_id {
            return Err(InvalidApplication::Id);
        }
        if !is_text(&self.name, 70) {
            return Err(InvalidApplication::Name);
        }
        if self.grants.is_empty() {
            return Err(InvalidApplication::NoGrant);
        }
        let mut scopes = BTreeSet::new();
        for grant in &self.grants {
            if !scopes.insert(grant.scope) {
                return Err(InvalidApplication::RepeatedGrant(grant.scope));
            }
        }
        let is_range =
            |range: &NumberRange| range.from <= range.to && range.to < NoticeNumber::OWN_BASES_FROM;
        if !self.numbers.iter().all(is_range) {
            return Err(InvalidApplication::Range);
        }
        if !(1..=100_000).contains(&self.requests_per_minute) {
            return Err(InvalidApplication::Requests);
        }
        let is_fingerprint = |text: &String| {
            text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        if !self.certificate.iter().all(is_fingerprint) {
            return Err(InvalidApplication::Certificate);
        }
        Ok(())
    }

    /// Whether it may do this for the service.
    pub fn may(&self, scope: Scope, service: &str) -> bool {
        self.granted(scope)
            .is_some_and(|services| services.is_none_or(|services| services.contains(service)))
    }

    /// The services it may do this for: `None` when it may not at all, `Some(None)` for every service.
    pub fn granted(&self, scope: Scope) -> Option<Option<&BTreeSet<String>>> {
        self.grants
            .iter()
            .find(|grant| grant.scope == scope)
            .map(|grant| grant.services.as_ref())
    }
}
