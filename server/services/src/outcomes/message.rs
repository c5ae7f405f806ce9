//! An outcome as it is told: the same bytes by every way.

use chrono::{DateTime, Utc};
use domain::outcome::OutcomeContent;
use serde::Serialize;
use storage::outcomes::ToldOutcome;

/// What a program gets: `{"id": …, "type": …, "data": {…}, "timestamp": …, …}`, as the Standard Webhooks specification
/// recommends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message<'a> {
    /// Its id: the same however often and by whatever way it is told.
    pub id: &'a str,
    /// What happened.
    #[serde(flatten)]
    pub content: &'a OutcomeContent,
    /// When it was recorded.
    pub timestamp: DateTime<Utc>,
    /// Fiscal code of the institution.
    pub institution: &'a str,
    /// Code of the debt's service.
    pub service: Option<&'a str>,
    /// Key of the debt, as the program gave it.
    pub position: Option<&'a str>,
}

/// An outcome as it is told.
pub fn message_of(told: &ToldOutcome) -> Message<'_> {
    Message {
        id: &told.event_id,
        content: &told.content,
        timestamp: told.at,
        institution: told.institution.as_str(),
        service: told.service.as_deref(),
        position: told.position.as_deref(),
    }
}

impl Message<'_> {
    /// Its JSON.
    pub(super) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts, numbers and lists of them can be written")
    }
}
