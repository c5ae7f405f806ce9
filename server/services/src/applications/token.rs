//! Secrets exchanged for tokens that end soon (RFC 6749, 4.4).
//!
//! A token says which application it was given to, for which secret, until when, for which scopes and, where the application
//! comes with a certificate, for which one (RFC 8705, 3); it is signed and kept nowhere.

use super::Applications;
use crate::digest::hexadecimal;
use crate::rate_limit::{Limited, TooMany};
use crate::signing::SigningKeys;
use crate::{Services, Unavailable};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use domain::application::{Application, Scope};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use storage::applications::{Secret, find_application, list_secrets_of_application};
use subtle::{Choice, ConstantTimeEq as _};

/// How long a token lasts.
pub const TOKEN_LASTS: Duration = Duration::minutes(15);
/// What tokens are signed for.
const PURPOSE: &str = "lanterna token 1";

/// What a program exchanges.
#[derive(Clone, Copy)]
pub struct Exchange<'a> {
    /// Id of the application.
    pub application: &'a str,
    /// Its secret.
    pub secret: &'a str,
    /// The scopes the token is for; without, all the application has.
    pub scopes: Option<&'a [Scope]>,
    /// The address it comes from.
    pub from: Option<IpAddr>,
    /// SHA-256 of its certificate, when it came over a connection on which it showed one.
    pub certificate: Option<[u8; 32]>,
}

/// A token, for whoever asked.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// Its text.
    pub token: String,
    /// How long it lasts.
    pub lasts: Duration,
    /// What it is for.
    pub scopes: Vec<Scope>,
}

/// Why no token is given.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// No application is opened by id and secret together. Said alike for an application that is not there or may not come,
    /// a secret that is wrong, taken back or over, and a certificate that is another's.
    #[error("no application is opened by this id and this secret")]
    NotOpened,
    /// Id and secret are right; the application comes with its certificate only.
    #[error("application {application} is let in with its certificate only, over the listener of programs")]
    WithoutCertificate {
        /// Its id.
        application: String,
    },
    /// The application was not granted one of the scopes.
    #[error("the application has no grant of {}", .0.as_str())]
    NotGranted(Scope),
    /// Too many attempts.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<storage::StorageError> for ExchangeError {
    fn from(error: storage::StorageError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Exchanges an application's secret for a token. The archive is asked, not the memory: a new secret opens at once.
pub async fn exchange(services: &Services, exchange: Exchange<'_>) -> Result<Issued, ExchangeError> {
    let now = services.clock.now();
    if let Some(from) = exchange.from {
        services.limits.count(Limited::TokenFrom(from), now)?;
    }
    let name: String = exchange.application.chars().take(40).collect();
    services.limits.count(Limited::TokenOf(name), now)?;

    let mut snapshot = services.store.read().await?;
    let application = find_application(&mut snapshot, exchange.application).await?;
    let secrets = list_secrets_of_application(&mut snapshot, exchange.application).await?;
    drop(snapshot);
    // Compared even when there is nothing to compare with: how long it takes tells nothing.
    let secret = opened_by(&secrets, exchange.secret, now);
    let (Some(application), Some(secret)) = (application.filter(|application| application.active), secret)
    else {
        return Err(ExchangeError::NotOpened);
    };
    let certificate = match (&application.certificate, exchange.certificate) {
        (None, _) => None,
        (Some(_), None) => {
            return Err(ExchangeError::WithoutCertificate {
                application: application.id,
            });
        }
        (Some(own), Some(shown)) if is_fingerprint_of(own, shown) => Some(own.clone()),
        (Some(_), Some(_)) => return Err(ExchangeError::NotOpened),
    };
    let scopes = exchange.scopes.map(<[Scope]>::to_vec);
    if let Some(missing) = scopes
        .iter()
        .flatten()
        .find(|scope| application.granted(**scope).is_none())
    {
        return Err(ExchangeError::NotGranted(*missing));
    }
    Applications::note_use(services, secret);
    let claims = Claims {
        application: application.id.clone(),
        secret,
        expires: (now + TOKEN_LASTS).timestamp(),
        scopes: scopes.clone(),
        certificate,
    };
    Ok(Issued {
        token: claims.sign(services.applications.keys()),
        lasts: TOKEN_LASTS,
        scopes: scopes.unwrap_or_else(|| granted(&application)),
    })
}

fn granted(application: &Application) -> Vec<Scope> {
    application.grants.iter().map(|grant| grant.scope).collect()
}

/// The secret this text is, of those that open. Takes the same time whichever it is.
fn opened_by(secrets: &[Secret], text: &str, now: DateTime<Utc>) -> Option<i64> {
    let digest: [u8; 32] = Sha256::digest(text).into();
    let mut found = None;
    let mut compare = |secret: &[u8; 32], id: Option<i64>| {
        let same: Choice = secret.ct_eq(&digest);
        if bool::from(same) {
            found = id;
        }
    };
    compare(&[0; 32], None);
    for secret in secrets {
        compare(&secret.digest, secret.opens(now).then_some(secret.id));
    }
    found
}

/// Whether a certificate of this SHA-256 is the one of a fingerprint.
pub(super) fn is_fingerprint_of(fingerprint: &str, digest: [u8; 32]) -> bool {
    hexadecimal(&digest) == fingerprint
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    #[serde(rename = "a")]
    pub(super) application: String,
    #[serde(rename = "k")]
    pub(super) secret: i64,
    /// The last second it lets anybody in, from the epoch.
    #[serde(rename = "e")]
    pub(super) expires: i64,
    #[serde(rename = "s", skip_serializing_if = "Option::is_none", default)]
    pub(super) scopes: Option<Vec<Scope>>,
    #[serde(rename = "x", skip_serializing_if = "Option::is_none", default)]
    pub(super) certificate: Option<String>,
}

impl Claims {
    fn sign(&self, keys: &SigningKeys) -> String {
        let said = serde_json::to_vec(self).expect("texts and numbers can be written");
        let said = URL_SAFE_NO_PAD.encode(said);
        let signature = keys.sign(&[PURPOSE, &said]);
        format!("{said}.{signature}")
    }

    /// What a token says, if we said it.
    pub(super) fn read(keys: &SigningKeys, token: &str) -> Option<Self> {
        let (said, signature) = token.split_once('.')?;
        if !keys.have_signed(&[PURPOSE, said], signature) {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(said).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_was_changed_says_nothing() {
        let keys = SigningKeys::new("a key of links that is long enough", None).unwrap();
        let claims = Claims {
            application: "tributi".to_owned(),
            secret: 1,
            expires: 1_000,
            scopes: Some(vec![Scope::ReadReceipts]),
            certificate: None,
        };
        let token = claims.sign(&keys);
        assert_eq!(Claims::read(&keys, &token), Some(claims.clone()));
        let longer = Claims {
            expires: 2_000,
            ..claims
        };
        let (said, _) = longer
            .sign(&keys)
            .split_once('.')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        let (_, signature) = token.split_once('.').unwrap();
        for wrong in [
            "",
            ".",
            "x",
            &token[1..],
            &token[..token.len() - 1],
            &format!("{said}.{signature}"),
        ] {
            assert_eq!(Claims::read(&keys, wrong), None, "{wrong}");
        }
        let others = SigningKeys::new("another key of links, long enough", None).unwrap();
        assert_eq!(Claims::read(&others, &token), None);
    }
}
