//! What whoever runs the installation does with applications. Every act is audited in its transaction.

use crate::audit::Act;
use crate::directory::Entries;
use crate::{Services, Unavailable};
use chrono::{DateTime, Utc};
use domain::CreditorFiscalCode;
use domain::application::{Application, InvalidApplication, NumberRange};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use storage::applications::{
    self as stored, Secret, find_application, insert_application, insert_secret, list_applications,
    list_secrets_of_application, take_application, update_application,
};
use storage::audit::Actor;
use storage::{StorageError, Tx};

/// Secrets of an application that open at the same time: the one in use and the one that will replace it.
pub const SECRETS_MAX: usize = 2;

/// Why an application is not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// It cannot be as it is described.
    #[error(transparent)]
    Invalid(#[from] InvalidApplication),
    /// There is none with this id.
    #[error("there is no application {0}: `lanterna application list` shows all of them")]
    Unknown(String),
    /// There is one with this id already.
    #[error("there is an application {0} already: choose another id")]
    Taken(String),
    /// Its institution is not served here.
    #[error("institution {0} is not served here")]
    UnknownInstitution(CreditorFiscalCode),
    /// Its institution has no such service.
    #[error("the institution has no service {0}")]
    UnknownService(String),
    /// Another application of the institution numbers there.
    #[error("application {0} numbers notices in that range: choose another one")]
    RangeTaken(String),
    /// As many secrets as may be open already.
    #[error("the application has {SECRETS_MAX} secrets that open: revoke one of them first")]
    TooManySecrets,
    /// The application has no such secret, or it was taken back before.
    #[error("application {application} has no secret {secret} that was not revoked")]
    UnknownSecret {
        /// The application.
        application: String,
        /// The number of the secret.
        secret: i64,
    },
    /// The secret would end before it begins.
    #[error("a secret expires in the future")]
    PastExpiry,
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StorageError> for ApplicationError {
    fn from(error: StorageError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// A new secret. Its text is told once and kept nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSecret {
    /// Its number.
    pub id: i64,
    /// Its text.
    pub text: String,
}

/// Adds an application.
pub async fn create_application(
    services: &Services,
    application: &Application,
) -> Result<(), ApplicationError> {
    let entries = entries(services).await?;
    check(application, &entries)?;
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    check_ranges(&mut tx, application).await?;
    insert_application(&mut tx, application, now)
        .await
        .map_err(|error| match error {
            StorageError::Duplicate { .. } => ApplicationError::Taken(application.id.clone()),
            other => other.into(),
        })?;
    note(
        &mut tx,
        application,
        "application.created",
        said(application),
        now,
    )
    .await?;
    tx.commit().await?;
    services.applications.refresh();
    Ok(())
}

/// Changes an application. Its id and its institution stay. Returns what it has become.
pub async fn change_application(
    services: &Services,
    id: &str,
    change: impl FnOnce(&mut Application) + Send,
) -> Result<Application, ApplicationError> {
    let entries = entries(services).await?;
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let before = take(&mut tx, id, now).await?;
    let mut changed = before.clone();
    change(&mut changed);
    let after = Application {
        id: before.id.clone(),
        institution: before.institution.clone(),
        ..changed
    };
    if after == before {
        return Ok(after);
    }
    check(&after, &entries)?;
    check_ranges(&mut tx, &after).await?;
    update_application(&mut tx, &after, now).await?;
    let action = match (before.active, after.active) {
        (true, false) => "application.deactivated",
        (false, true) => "application.activated",
        (true, true) | (false, false) => "application.changed",
    };
    let detail = json!({ "before": said(&before), "after": said(&after) });
    note(&mut tx, &after, action, detail, now).await?;
    tx.commit().await?;
    services.applications.refresh();
    Ok(after)
}

/// Gives an application a new secret. The one before it opens until it is taken back or ends.
pub async fn new_secret(
    services: &Services,
    id: &str,
    expires_at: Option<DateTime<Utc>>,
) -> Result<NewSecret, ApplicationError> {
    let now = services.clock.now();
    if expires_at.is_some_and(|end| end <= now) {
        return Err(ApplicationError::PastExpiry);
    }
    let mut tx = services.store.begin().await?;
    let application = take(&mut tx, id, now).await?;
    let secrets = list_secrets_of_application(&mut tx, id).await?;
    if secrets.iter().filter(|secret| secret.opens(now)).count() >= SECRETS_MAX {
        return Err(ApplicationError::TooManySecrets);
    }
    // 260 random bits, with a beginning by which a secret that leaked is recognised for what it is.
    let text = ["lanterna_", &services.ids.token(), &services.ids.token()].concat();
    let digest = Sha256::digest(&text).into();
    let secret = insert_secret(&mut tx, id, &digest, now, expires_at).await?;
    let detail = json!({ "secret": secret, "expires_at": expires_at });
    note(&mut tx, &application, "application.secret_made", detail, now).await?;
    tx.commit().await?;
    services.applications.refresh();
    Ok(NewSecret { id: secret, text })
}

/// Takes a secret back. Tokens given for it let nobody in any more, on every server within half a minute.
pub async fn revoke_secret(services: &Services, id: &str, secret: i64) -> Result<(), ApplicationError> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let application = take(&mut tx, id, now).await?;
    stored::revoke_secret(&mut tx, id, secret, now)
        .await
        .map_err(|error| match error {
            StorageError::Conflict => ApplicationError::UnknownSecret {
                application: id.to_owned(),
                secret,
            },
            other => other.into(),
        })?;
    let detail = json!({ "secret": secret });
    note(&mut tx, &application, "application.secret_revoked", detail, now).await?;
    tx.commit().await?;
    services.applications.refresh();
    Ok(())
}

/// Every application of every institution.
pub async fn all_applications(services: &Services) -> Result<Vec<Application>, Unavailable> {
    let mut snapshot = services.store.glance().await?;
    Ok(list_applications(&mut snapshot).await?)
}

/// An application and its secrets, the oldest first.
pub async fn show_application(
    services: &Services,
    id: &str,
) -> Result<(Application, Vec<Secret>), ApplicationError> {
    let mut snapshot = services.store.read().await?;
    let application = find_application(&mut snapshot, id)
        .await?
        .ok_or_else(|| ApplicationError::Unknown(id.to_owned()))?;
    let secrets = list_secrets_of_application(&mut snapshot, id).await?;
    Ok((application, secrets))
}

async fn entries(services: &Services) -> Result<std::sync::Arc<Entries>, StorageError> {
    services
        .directory
        .entries(&services.store, &*services.clock)
        .await
}

async fn take(tx: &mut Tx, id: &str, now: DateTime<Utc>) -> Result<Application, ApplicationError> {
    take_application(tx, id, now)
        .await?
        .ok_or_else(|| ApplicationError::Unknown(id.to_owned()))
}

/// Checks what an application says, and that its institution has the services.
fn check(application: &Application, entries: &Entries) -> Result<(), ApplicationError> {
    application.check()?;
    let institution = &application.institution;
    if entries.institution(institution).is_none() {
        return Err(ApplicationError::UnknownInstitution(institution.clone()));
    }
    let mut services = application
        .grants
        .iter()
        .flat_map(|grant| grant.services.iter().flatten());
    match services.find(|code| entries.service(institution, code).is_none()) {
        Some(unknown) => Err(ApplicationError::UnknownService(unknown.clone())),
        None => Ok(()),
    }
}

/// Makes sure that no other application of the institution numbers where this one does: both would give out one number.
async fn check_ranges(tx: &mut Tx, application: &Application) -> Result<(), ApplicationError> {
    if application.numbers.is_empty() {
        return Ok(());
    }
    let meets = |one: &NumberRange, other: &NumberRange| {
        one.segregation == other.segregation && one.from <= other.to && other.from <= one.to
    };
    let other = list_applications(tx).await?.into_iter().find(|other| {
        other.id != application.id
            && other.institution == application.institution
            && other
                .numbers
                .iter()
                .any(|range| application.numbers.iter().any(|own| meets(range, own)))
    });
    match other {
        Some(other) => Err(ApplicationError::RangeTaken(other.id)),
        None => Ok(()),
    }
}

/// What of an application is worth knowing later.
fn said(application: &Application) -> Value {
    json!({
        "name": application.name,
        "grants": application.grants,
        "numbers": application.numbers,
        "requests_per_minute": application.requests_per_minute,
        "certificate": application.certificate,
        "active": application.active,
    })
}

async fn note(
    tx: &mut Tx,
    application: &Application,
    action: &'static str,
    detail: Value,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let act = Act {
        institution: &application.institution,
        actor: Actor::CommandLine,
        from: None,
        action,
        subject: &application.id,
        detail,
    };
    act.note(tx, now).await
}
