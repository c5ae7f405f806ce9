//! Texts that nobody can make but us, by HMAC-SHA-256 (RFC 2104). Two keys are believed, so that one can be replaced without
//! breaking what was signed in the last minutes: the first signs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt;

/// The keys that sign. Printing them for developers shows nothing.
#[derive(Clone)]
pub struct SigningKeys {
    current: Hmac<Sha256>,
    previous: Option<Hmac<Sha256>>,
}

/// A text that cannot be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key that signs has {KEY_BYTES_MIN} to {KEY_BYTES_MAX} characters")]
pub struct InvalidKey;

/// Fewest bytes of a key: nobody tries them all.
pub const KEY_BYTES_MIN: usize = 32;
/// Most bytes of a key.
pub const KEY_BYTES_MAX: usize = 1_000;

impl SigningKeys {
    /// Takes the key that signs, and the one before it.
    ///
    /// # Errors
    /// When one is too short to be safe, or no key at all.
    pub fn new(current: &str, previous: Option<&str>) -> Result<Self, InvalidKey> {
        Ok(Self {
            current: key(current)?,
            previous: previous.map(key).transpose()?,
        })
    }

    /// Signs texts, the first of which says what for: what is signed for one purpose is worth nothing for another.
    pub(crate) fn sign(&self, parts: &[&str]) -> String {
        URL_SAFE_NO_PAD.encode(with(&self.current, parts).finalize().into_bytes())
    }

    /// Whether a signature is ours. Takes the same time for every one that is wrong.
    pub(crate) fn have_signed(&self, parts: &[&str], signature: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(signature) else {
            return false;
        };
        [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .any(|key| with(key, parts).verify_slice(&bytes).is_ok())
    }
}

fn key(text: &str) -> Result<Hmac<Sha256>, InvalidKey> {
    let text = text.trim();
    if !(KEY_BYTES_MIN..=KEY_BYTES_MAX).contains(&text.len()) {
        return Err(InvalidKey);
    }
    Hmac::new_from_slice(text.as_bytes()).map_err(|_| InvalidKey)
}

/// Each part after its length: no two lists of texts run together into the same bytes.
fn with(key: &Hmac<Sha256>, parts: &[&str]) -> Hmac<Sha256> {
    let mut signing = key.clone();
    for part in parts {
        signing.update(&(part.len() as u64).to_be_bytes());
        signing.update(part.as_bytes());
    }
    signing
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKeys { .. }")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "new-new-new-new-new-new-new-new-";

    #[test]
    fn what_is_signed_for_one_purpose_is_worth_nothing_for_another() {
        let keys = SigningKeys::new(KEY, None).unwrap();
        let signature = keys.sign(&["a link", "x"]);
        assert!(keys.have_signed(&["a link", "x"], &signature));
        for parts in [
            ["a token", "x"].as_slice(),
            &["a link", "y"],
            &["a linkx"],
            &["a link", "x", ""],
        ] {
            assert!(!keys.have_signed(parts, &signature), "{parts:?}");
        }
    }

    #[test]
    fn a_key_is_long_and_never_shown() {
        assert!(SigningKeys::new(&KEY[1..], None).is_err());
        assert!(SigningKeys::new(KEY, Some("")).is_err());
        assert!(SigningKeys::new(&"x".repeat(KEY_BYTES_MAX + 1), None).is_err());
        let shown = format!("{:?}", SigningKeys::new(&format!(" {KEY}\n"), None).unwrap());
        assert_eq!(shown, "SigningKeys { .. }");
    }
}
