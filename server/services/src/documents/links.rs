//! Links to one document that nobody can make but us, and that end by themselves.
//!
//! A link says which document and until when, and bears an HMAC-SHA-256 (RFC 2104) of that. Two keys are believed, so that
//! one can be replaced without breaking the links of the last minutes: the first signs.

use crate::signing::{InvalidKey, SigningKeys};
use chrono::{DateTime, Utc};
use domain::CreditorFiscalCode;
use storage::document_accesses::DocumentKind;

/// Which document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentKey {
    /// Whose.
    pub institution: CreditorFiscalCode,
    /// Notice or receipt.
    pub kind: DocumentKind,
    /// The notice's number or the receipt's id.
    pub reference: String,
}

/// What makes a link ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The last second it opens its document in, from the epoch.
    pub expires: i64,
    /// The signature, as it stands in an address.
    pub text: String,
}

/// Why a link opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkProblem {
    /// It is not ours: changed, cut off, or signed with a key that is no longer believed.
    #[error("the link is not one of ours")]
    Forged,
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
}

/// The keys of links.
#[derive(Debug, Clone)]
pub struct LinkKeys(SigningKeys);

impl LinkKeys {
    /// Takes the key that signs, and the one before it.
    ///
    /// # Errors
    /// When one is too short to be safe, or no key at all.
    pub fn new(current: &str, previous: Option<&str>) -> Result<Self, InvalidKey> {
        SigningKeys::new(current, previous).map(Self)
    }

    /// The keys, to sign something else with too.
    pub const fn signing(&self) -> &SigningKeys {
        &self.0
    }

    /// Signs a link to a document that opens it until then, this second included.
    pub fn sign(&self, document: &DocumentKey, until: DateTime<Utc>) -> Signature {
        let expires = until.timestamp();
        Signature {
            expires,
            text: self.0.sign(&signed(document, &expires.to_string())),
        }
    }

    /// Whether a link opens a document now. Takes the same time for every signature that is wrong.
    ///
    /// # Errors
    /// Why not; only of a link of ours is it said that it has expired.
    pub fn check(
        &self,
        document: &DocumentKey,
        signature: &Signature,
        now: DateTime<Utc>,
    ) -> Result<(), LinkProblem> {
        let expires = signature.expires.to_string();
        let is_ours = self.0.have_signed(&signed(document, &expires), &signature.text);
        match is_ours {
            false => Err(LinkProblem::Forged),
            true if now.timestamp() > signature.expires => Err(LinkProblem::Expired),
            true => Ok(()),
        }
    }
}

/// What is signed.
fn signed<'a>(document: &'a DocumentKey, expires: &'a str) -> [&'a str; 5] {
    [
        "lanterna document 1",
        document.institution.as_str(),
        document.kind.as_str(),
        &document.reference,
        expires,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;

    const OLD: &str = "old-old-old-old-old-old-old-old-";
    const NEW: &str = "new-new-new-new-new-new-new-new-";

    fn document() -> DocumentKey {
        DocumentKey {
            institution: "00856930102".parse().unwrap(),
            kind: DocumentKind::Notice,
            reference: "302000000000000000".to_owned(),
        }
    }

    fn noon() -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_link_opens_its_document_until_its_last_second() {
        let keys = LinkKeys::new(NEW, None).unwrap();
        let signature = keys.sign(&document(), noon());
        assert_eq!(keys.check(&document(), &signature, noon()), Ok(()));
        let last = noon() + Duration::milliseconds(999);
        assert_eq!(keys.check(&document(), &signature, last), Ok(()));
        let after = noon() + Duration::seconds(1);
        assert_eq!(
            keys.check(&document(), &signature, after),
            Err(LinkProblem::Expired)
        );
    }

    #[test]
    fn a_link_that_was_changed_in_any_part_opens_nothing() {
        let keys = LinkKeys::new(NEW, None).unwrap();
        let signature = keys.sign(&document(), noon());
        let check = |document: &DocumentKey, signature: &Signature| keys.check(document, signature, noon());
        let others = [
            DocumentKey {
                institution: "00856930103".parse().unwrap(),
                ..document()
            },
            DocumentKey {
                kind: DocumentKind::Receipt,
                ..document()
            },
            DocumentKey {
                reference: "302000000000000001".to_owned(),
                ..document()
            },
        ];
        for other in others {
            assert_eq!(check(&other, &signature), Err(LinkProblem::Forged), "{other:?}");
        }
        for text in ["", "A", "è", &signature.text[1..], &"A".repeat(43)] {
            let changed = Signature {
                text: text.to_owned(),
                ..signature
            };
            assert_eq!(check(&document(), &changed), Err(LinkProblem::Forged), "{text}");
        }
        for expires in [i64::MIN, 0, signature.expires + 1, i64::MAX] {
            let changed = Signature {
                expires,
                ..signature.clone()
            };
            assert_eq!(
                check(&document(), &changed),
                Err(LinkProblem::Forged),
                "{expires}"
            );
        }
    }

    #[test]
    fn a_replaced_key_is_believed_as_long_as_it_stands_second() {
        let link = LinkKeys::new(OLD, None).unwrap().sign(&document(), noon());
        let check = |keys: Result<LinkKeys, InvalidKey>| keys.unwrap().check(&document(), &link, noon());
        assert_eq!(check(LinkKeys::new(NEW, Some(OLD))), Ok(()));
        assert_eq!(check(LinkKeys::new(NEW, None)), Err(LinkProblem::Forged));
        let signed_now = LinkKeys::new(NEW, Some(OLD)).unwrap().sign(&document(), noon());
        assert_ne!(signed_now, link);
    }
}
