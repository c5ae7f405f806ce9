//! Institutions and services, read on nearly every request and changed a few times a year: kept in memory and read
//! again every half minute.

use crate::clock::Clock;
use chrono::{DateTime, Duration, Utc};
use domain::{CreditorFiscalCode, CreditorInstitution, service::Service};
use std::sync::{Arc, PoisonError, RwLock};
use storage::{StorageError, Store, institutions, service_catalogue};

/// How long what is in memory is trusted.
const TRUSTED_FOR: Duration = Duration::seconds(30);

/// What is in memory, and when it was read.
type Kept = Option<(DateTime<Utc>, Arc<Entries>)>;

/// The institutions served here and their services. Cloning is cheap.
#[derive(Clone, Default)]
pub struct Directory {
    current: Arc<RwLock<Kept>>,
}

/// The directory at one moment.
#[derive(Debug, Default)]
pub struct Entries {
    /// Every institution, by fiscal code.
    pub institutions: Vec<CreditorInstitution>,
    /// Every service.
    pub services: Vec<Service>,
}

impl Entries {
    /// The institution with this code.
    pub fn institution(&self, code: &CreditorFiscalCode) -> Option<&CreditorInstitution> {
        self.institutions
            .iter()
            .find(|institution| institution.fiscal_code == *code)
    }

    /// The institution's service with this code.
    pub fn service(&self, institution: &CreditorFiscalCode, code: &str) -> Option<&Service> {
        self.services
            .iter()
            .find(|service| service.institution == *institution && service.code == code)
    }
}

impl Directory {
    /// The directory as it is now, read again when it is older than half a minute.
    pub async fn entries(&self, store: &Store, clock: &dyn Clock) -> Result<Arc<Entries>, StorageError> {
        let now = clock.now();
        let kept = self
            .current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((read_at, entries)) = kept
            && now - read_at < TRUSTED_FOR
        {
            return Ok(entries);
        }
        let mut snapshot = store.read().await?;
        let entries = Arc::new(Entries {
            institutions: institutions::list_institutions(&mut snapshot).await?,
            services: service_catalogue::list_services(&mut snapshot).await?,
        });
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some((now, Arc::clone(&entries)));
        Ok(entries)
    }

    /// Forgets what is in memory: somebody just changed it.
    pub fn refresh(&self) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
