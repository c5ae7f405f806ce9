//! A program that has shown who it is, and what it may touch.

use crate::Services;
use crate::audit::Act;
use crate::directory::Entries;
use domain::CreditorFiscalCode;
use domain::application::{Application, Scope};
use domain::draft::Rules;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use storage::audit::Actor;

/// An application that has shown who it is. Whatever it asks for is asked of its own institution: no use case takes the
/// institution from anywhere else.
#[derive(Debug, Clone)]
pub struct Caller {
    application: Arc<Application>,
    from: Option<IpAddr>,
}

/// The application may not do this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the application has no grant of {} for this", scope.as_str())]
pub struct Forbidden {
    /// What it would need.
    pub scope: Scope,
}

impl Caller {
    /// The application, come from an address.
    pub fn new(application: Arc<Application>, from: Option<IpAddr>) -> Self {
        Self { application, from }
    }

    /// The application.
    pub fn application(&self) -> &Application {
        &self.application
    }

    /// Its institution.
    pub fn institution(&self) -> &CreditorFiscalCode {
        &self.application.institution
    }

    /// Makes sure that it may do this for a service.
    ///
    /// # Errors
    /// When it may not.
    pub fn needs(&self, scope: Scope, service: &str) -> Result<(), Forbidden> {
        if self.application.may(scope, service) {
            Ok(())
        } else {
            Err(Forbidden { scope })
        }
    }

    /// The services it may do this for; `None` for every one.
    ///
    /// # Errors
    /// When it may not for any.
    pub fn services(&self, scope: Scope) -> Result<Option<&BTreeSet<String>>, Forbidden> {
        self.application.granted(scope).ok_or(Forbidden { scope })
    }

    /// What a draft of a service is checked against; `None` when its institution is not served here any more.
    pub fn rules<'a>(
        &'a self,
        services: &'a Services,
        entries: &'a Entries,
        service: &str,
    ) -> Option<Rules<'a>> {
        Some(Rules {
            institution: entries.institution(self.institution())?,
            service: entries.service(self.institution(), service),
            institutions: &entries.institutions,
            accounts: &*services.tariffs,
            numbers: &self.application.numbers,
            today: services.clock.today(),
        })
    }

    /// Something it does, for the audit trail.
    pub fn act<'a>(&'a self, action: &'static str, subject: &'a str) -> Act<'a> {
        Act {
            institution: self.institution(),
            actor: Actor::Application(self.application.id.clone()),
            from: self.from,
            action,
            subject,
            detail: serde_json::Value::Null,
        }
    }
}
