//! Who a program is, by the token it comes with.

use super::Applications;
use super::token::{Claims, is_fingerprint_of};
use crate::caller::Caller;
use crate::rate_limit::{Left, Limited, TooMany};
use crate::{Services, Unavailable};
use domain::application::Application;
use std::net::IpAddr;
use std::sync::Arc;

/// What a program comes with.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    /// Its token.
    pub token: &'a str,
    /// The address it comes from.
    pub from: Option<IpAddr>,
    /// SHA-256 of its certificate, when it came over a connection on which it showed one.
    pub certificate: Option<[u8; 32]>,
}

/// A program that was let in.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// Who it is, and what it may do.
    pub caller: Caller,
    /// What is left of its requests.
    pub left: Left,
}

/// Why a token lets nobody in.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// It is not one of ours, or whom it was given to may no longer come.
    #[error("the token is not valid")]
    Invalid,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// The application comes with its certificate only, over the listener of programs.
    #[error("the application is let in with its certificate only")]
    WithoutCertificate,
    /// Too many requests of the application.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<storage::StorageError> for AccessError {
    fn from(error: storage::StorageError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Lets a program in by its token, and counts its request.
///
/// # Errors
/// Why not.
pub async fn admit(services: &Services, presented: Presented<'_>) -> Result<Admitted, AccessError> {
    let now = services.clock.now();
    let claims = Claims::read(services.applications.keys(), presented.token).ok_or(AccessError::Invalid)?;
    if now.timestamp() > claims.expires {
        return Err(AccessError::Expired);
    }
    let application = Applications::holder(services, &claims.application, claims.secret)
        .await?
        .ok_or(AccessError::Invalid)?;
    match (&application.certificate, presented.certificate) {
        (None, _) => {}
        (Some(_), None) => return Err(AccessError::WithoutCertificate),
        // The token's own too: it was given to whoever held that one.
        (Some(own), Some(shown))
            if is_fingerprint_of(own, shown) && claims.certificate.as_ref() == Some(own) => {}
        (Some(_), Some(_)) => return Err(AccessError::Invalid),
    }
    let requests = Limited::RequestsOf {
        application: application.id.clone(),
        per_minute: application.requests_per_minute,
    };
    let left = services.limits.count_down(requests, now)?;
    Applications::note_use(services, claims.secret);
    let application = match &claims.scopes {
        Some(scopes) => {
            let grants = application.grants.iter();
            let grants = grants.filter(|grant| scopes.contains(&grant.scope));
            Arc::new(Application {
                grants: grants.cloned().collect(),
                ..Application::clone(&application)
            })
        }
        None => application,
    };
    Ok(Admitted {
        caller: Caller::new(application, presented.from),
        left,
    })
}
