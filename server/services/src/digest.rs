//! One digest for several texts.

use sha2::{Digest, Sha256};

/// SHA-256 of texts, each after its length: no two lists of texts run together into the same bytes.
pub(crate) fn digest_of(parts: &[&str]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_do_not_run_together() {
        assert_ne!(digest_of(&["ab", "c"]), digest_of(&["a", "bc"]));
        assert_ne!(digest_of(&["ab"]), digest_of(&["ab", ""]));
    }
}
