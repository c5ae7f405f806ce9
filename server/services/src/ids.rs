//! The port for identifiers that nobody can guess.

use chrono::{DateTime, Utc};
use storage::messages::MessageId;

/// Makes identifiers.
pub trait IdSource: Send + Sync {
    /// A reference of 26 characters (`0-9`, `a-z` without `i l o u`) that nobody can guess: 130 random bits.
    fn token(&self) -> String;
    /// Key of a logged message: the time first, so that the log's index grows at its end.
    fn message_id(&self, now: DateTime<Utc>) -> MessageId;
}

/// Identifiers from the operating system's randomness.
pub struct RandomIds;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl IdSource for RandomIds {
    fn token(&self) -> String {
        random::<26>()
            .iter()
            .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
            .collect()
    }

    fn message_id(&self, now: DateTime<Utc>) -> MessageId {
        MessageId::new(now, random())
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the port")]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness, or nothing here is safe");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_plain_and_never_alike() {
        let (one, two) = (RandomIds.token(), RandomIds.token());
        assert_ne!(one, two);
        assert_eq!(one.len(), 26);
        assert!(one.bytes().all(|byte| ALPHABET.contains(&byte)));
    }

    #[test]
    fn a_later_message_sorts_after_an_earlier_one() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let first = RandomIds.message_id(at("2026-11-23T10:00:00Z"));
        let second = RandomIds.message_id(at("2026-11-23T10:00:00.000001Z"));
        assert!(first.0 < second.0);
    }
}
