//! Signatures as in the Standard Webhooks specification 1.0: HMAC-SHA-256 over id, timestamp and body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::header::HeaderMap;
use sha2::Sha256;
use std::fmt;

/// The header of a message's id: the same however often it is sent.
pub const ID_HEADER: &str = "webhook-id";
/// The header of the second it was sent in, from the epoch.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header of its signatures.
pub const SIGNATURE_HEADER: &str = "webhook-signature";
/// What secrets begin with when they are shown.
const PREFIX: &str = "whsec_";

/// A secret both ends know. Printing it for developers shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// A text that is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret is whsec_ and the base64 of 24 to 64 bytes")]
pub struct ParseSecretError;

impl Secret {
    /// The secret of an installation's key for something, in one of its generations. Nothing of it is kept: whoever has the
    /// key derives it again.
    pub fn derived(key: &[u8], of: &str, generation: u32) -> Self {
        let mut deriving = mac(key);
        for part in ["lanterna webhook 1", of, &generation.to_string()] {
            deriving.update(&(part.len() as u64).to_be_bytes());
            deriving.update(part.as_bytes());
        }
        Self(deriving.finalize().into_bytes().to_vec())
    }

    /// Reads a secret as it is shown.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, ParseSecretError> {
        let encoded = text.strip_prefix(PREFIX).ok_or(ParseSecretError)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| ParseSecretError)?;
        if !(24..=64).contains(&bytes.len()) {
            return Err(ParseSecretError);
        }
        Ok(Self(bytes))
    }

    /// The secret as it is told to whoever receives.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// The signature of a message, as it stands in its header.
    fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let signed = self.over(id, timestamp, body).finalize();
        format!("v1,{}", STANDARD.encode(signed.into_bytes()))
    }

    fn over(&self, id: &str, timestamp: i64, body: &[u8]) -> Hmac<Sha256> {
        let mut signing = mac(&self.0);
        signing.update(format!("{id}.{timestamp}.").as_bytes());
        signing.update(body);
        signing
    }
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The signatures of a message, one for each secret: whoever receives takes it if one of them is right.
pub fn signatures(secrets: &[Secret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let signed: Vec<String> = secrets
        .iter()
        .map(|secret| secret.sign(id, timestamp, body))
        .collect();
    signed.join(" ")
}

/// How far the sender's clock may be from ours.
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// Signatures looked at in one header.
const SIGNATURES_MAX: usize = 10;

/// Why a message is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// A header is missing or not what it must be.
    #[error("the headers webhook-id, webhook-timestamp and webhook-signature are missing or wrong")]
    Headers,
    /// It was sent too long ago, or the clocks differ.
    #[error("the message was signed more than {} minutes from now", TOLERANCE.num_minutes())]
    Time,
    /// No secret made the signature.
    #[error("the signature was made with another secret, or of another message")]
    Signature,
}

/// Whether a message was signed with one of the secrets, around `now`, and under which id. Takes the same time for every
/// signature that is wrong.
///
/// # Errors
/// Why it is not believed.
pub fn verify<'a>(
    secrets: &[Secret],
    headers: &'a HeaderMap,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<&'a str, Unsigned> {
    let header = |name| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.ok_or(Unsigned::Headers)
    };
    let (id, signatures) = (header(ID_HEADER)?, header(SIGNATURE_HEADER)?);
    let timestamp: i64 = header(TIMESTAMP_HEADER)?.parse().map_err(|_| Unsigned::Headers)?;
    let sent = DateTime::from_timestamp(timestamp, 0).ok_or(Unsigned::Headers)?;
    if (now - sent).abs() > TOLERANCE {
        return Err(Unsigned::Time);
    }
    let is_ours = signatures
        .split(' ')
        .take(SIGNATURES_MAX)
        .filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok())
        .any(|signature| {
            let made = |secret: &Secret| secret.over(id, timestamp, body).verify_slice(&signature).is_ok();
            secrets.iter().any(made)
        });
    if is_ours { Ok(id) } else { Err(Unsigned::Signature) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(secrets: &[Secret], id: &str, timestamp: i64, body: &[u8]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (ID_HEADER, id.to_owned()),
            (TIMESTAMP_HEADER, timestamp.to_string()),
            (SIGNATURE_HEADER, signatures(secrets, id, timestamp, body)),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_secret_that_is_being_replaced_is_still_believed() {
        let secret = |of| Secret::derived(b"key", of, 1);
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let signed = headers(&[secret("a"), secret("b")], "msg_1", 1_000, b"{}");
        for believed in [[secret("a"), secret("c")], [secret("c"), secret("b")]] {
            assert_eq!(verify(&believed, &signed, b"{}", at(1_000)), Ok("msg_1"));
        }
        for believed in [vec![secret("c")], Vec::new()] {
            assert_eq!(
                verify(&believed, &signed, b"{}", at(1_000)),
                Err(Unsigned::Signature)
            );
        }
    }

    #[test]
    fn a_message_that_was_changed_or_is_old_is_not_believed() {
        let secrets = [Secret::derived(b"key", "a", 1)];
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let signed = headers(&secrets, "msg_1", 1_000, b"{}");
        assert_eq!(
            verify(&secrets, &signed, b"{ }", at(1_000)),
            Err(Unsigned::Signature)
        );
        assert_eq!(verify(&secrets, &signed, b"{}", at(1_300)), Ok("msg_1"));
        assert_eq!(verify(&secrets, &signed, b"{}", at(1_301)), Err(Unsigned::Time));
        assert_eq!(verify(&secrets, &signed, b"{}", at(699)), Err(Unsigned::Time));
        let changed = |name: &'static str, value: &str| {
            let mut headers = signed.clone();
            headers.insert(name, value.parse().unwrap());
            verify(&secrets, &headers, b"{}", at(1_000)).map(str::to_owned)
        };
        assert_eq!(changed(ID_HEADER, "msg_2"), Err(Unsigned::Signature));
        assert_eq!(changed(TIMESTAMP_HEADER, "1001"), Err(Unsigned::Signature));
        assert_eq!(changed(TIMESTAMP_HEADER, "now"), Err(Unsigned::Headers));
        assert_eq!(changed(SIGNATURE_HEADER, "v1,AAAA"), Err(Unsigned::Signature));
        assert_eq!(changed(SIGNATURE_HEADER, "v2,x"), Err(Unsigned::Signature));
        assert_eq!(
            verify(&secrets, &HeaderMap::new(), b"{}", at(1_000)),
            Err(Unsigned::Headers)
        );
    }

    #[test]
    fn the_published_example_of_the_specification_is_signed_alike() {
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signatures(
            std::slice::from_ref(&secret),
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(secret.reveal(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    #[test]
    fn a_secret_is_derived_again_and_each_generation_and_endpoint_has_its_own() {
        let key = b"an installation's key that is long enough";
        let secret = Secret::derived(key, "endpoint", 1);
        assert_eq!(secret, Secret::derived(key, "endpoint", 1));
        assert_eq!(secret, Secret::parse(&secret.reveal()).unwrap());
        for other in [
            Secret::derived(key, "endpoint", 2),
            Secret::derived(key, "endpoin", 1),
            Secret::derived(b"another key", "endpoint", 1),
        ] {
            assert_ne!(secret, other);
        }
        assert_eq!(format!("{secret:?}"), "Secret(..)");
    }

    #[test]
    fn two_secrets_make_two_signatures() {
        let secrets = [Secret::derived(b"key", "a", 2), Secret::derived(b"key", "a", 1)];
        let both = signatures(&secrets, "id", 1, b"{}");
        let one = |secret: &Secret| signatures(std::slice::from_ref(secret), "id", 1, b"{}");
        assert_eq!(both, format!("{} {}", one(&secrets[0]), one(&secrets[1])));
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for text in [
            "",
            "whsec_",
            "whsec_AAAA",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_?",
        ] {
            assert_eq!(Secret::parse(text), Err(ParseSecretError), "{text}");
        }
    }
}
