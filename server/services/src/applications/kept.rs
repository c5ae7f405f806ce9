//! The applications as they are kept in memory.

use crate::Services;
use crate::signing::SigningKeys;
use chrono::{DateTime, Duration, Utc};
use domain::application::Application;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use storage::applications::{USE_NOTED_EVERY, list_applications, list_secrets_that_open, note_use_of_secret};
use storage::{StorageError, Store};

/// How long what is in memory is trusted.
const TRUSTED_FOR: Duration = Duration::seconds(30);
/// How soon it is read again when it does not know whom another server let in a moment ago.
const READ_AGAIN_AFTER: Duration = Duration::seconds(1);

/// The applications of this installation, and the keys their tokens are signed with. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Applications {
    keys: SigningKeys,
    current: Arc<RwLock<Option<Arc<Kept>>>>,
    /// When it was last noted that a secret is used.
    noted: Arc<Mutex<HashMap<i64, DateTime<Utc>>>>,
}

/// What is in memory, and when it was read.
#[derive(Debug)]
struct Kept {
    read_at: DateTime<Utc>,
    by_id: HashMap<String, Known>,
}

/// An application, with its secrets that were not taken back and when they end.
#[derive(Debug)]
struct Known {
    application: Arc<Application>,
    secrets: Vec<(i64, Option<DateTime<Utc>>)>,
}

impl Applications {
    /// Applications whose tokens are signed with these keys. Servers that stand side by side share them.
    pub fn new(keys: SigningKeys) -> Self {
        Self {
            keys,
            current: Arc::default(),
            noted: Arc::default(),
        }
    }

    pub(super) const fn keys(&self) -> &SigningKeys {
        &self.keys
    }

    /// Forgets what is in memory: somebody just changed it.
    pub fn refresh(&self) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The application a secret was given to, if both may still come.
    pub(super) async fn holder(
        services: &Services,
        application: &str,
        secret: i64,
    ) -> Result<Option<Arc<Application>>, StorageError> {
        let now = services.clock.now();
        let of = &services.applications;
        let kept = of.read(&services.store, now, TRUSTED_FOR).await?;
        if let Some(known) = kept.holder(application, secret, now) {
            return Ok(Some(known));
        }
        let kept = of.read(&services.store, now, READ_AGAIN_AFTER).await?;
        Ok(kept.holder(application, secret, now))
    }

    async fn read(
        &self,
        store: &Store,
        now: DateTime<Utc>,
        trusted_for: Duration,
    ) -> Result<Arc<Kept>, StorageError> {
        let kept = self
            .current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(kept) = kept
            && now - kept.read_at < trusted_for
        {
            return Ok(kept);
        }
        let mut snapshot = store.read().await?;
        let mut by_id: HashMap<String, Known> = list_applications(&mut snapshot)
            .await?
            .into_iter()
            .filter(|application| application.active)
            .map(|application| {
                let known = Known {
                    application: Arc::new(application),
                    secrets: Vec::new(),
                };
                (known.application.id.clone(), known)
            })
            .collect();
        for secret in list_secrets_that_open(&mut snapshot).await? {
            if let Some(known) = by_id.get_mut(&secret.application) {
                known.secrets.push((secret.id, secret.expires_at));
            }
        }
        let kept = Arc::new(Kept { read_at: now, by_id });
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&kept));
        Ok(kept)
    }

    /// Notes that a secret is used, by and by: nobody waits for it, and a use that could not be noted is noted a minute later.
    pub(super) fn note_use(services: &Services, secret: i64) {
        let now = services.clock.now();
        {
            let noted = &services.applications.noted;
            let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
            match noted.get(&secret) {
                Some(at) if now - *at < USE_NOTED_EVERY => return,
                Some(_) | None => noted.insert(secret, now),
            };
        }
        let store = services.store.clone();
        tokio::spawn(async move {
            let noting = async {
                let mut tx = store.begin().await?;
                note_use_of_secret(&mut tx, secret, now).await?;
                tx.commit().await
            };
            if let Err(error) = noting.await {
                tracing::debug!(%error, secret, "the use of a secret could not be noted");
            }
        });
    }
}

impl Kept {
    fn holder(&self, application: &str, secret: i64, now: DateTime<Utc>) -> Option<Arc<Application>> {
        let known = self.by_id.get(application)?;
        let opens =
            |(id, end): &(i64, Option<DateTime<Utc>>)| *id == secret && end.is_none_or(|end| now < end);
        known
            .secrets
            .iter()
            .any(opens)
            .then(|| Arc::clone(&known.application))
    }
}
