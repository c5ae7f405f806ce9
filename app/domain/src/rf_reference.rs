//! The structured creditor reference of ISO 11649 (`RF…`), used as payment reference by the oldest notices.

use crate::iban::check_digits_97;
use crate::{Iuv, text_newtype};
use serde::{Deserialize, Serialize};

/// `RF`, two check digits, 1 to 21 capital letters or digits. It never becomes a notice number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RfReference(String);

/// Why a text is not such a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseRfReferenceError {
    /// Not `RF`, two digits, 1 to 21 capital letters or digits.
    #[error("a creditor reference is RF, two digits, then 1 to 21 letters or digits")]
    Shape,
    /// The two digits are wrong.
    #[error("the two check digits of the creditor reference are wrong")]
    CheckDigits,
}

impl RfReference {
    /// Reads a reference without spaces, in capital letters.
    pub fn parse(text: &str) -> Result<Self, ParseRfReferenceError> {
        let (digits, free) = match text.as_bytes() {
            [b'R', b'F', tens @ b'0'..=b'9', units @ b'0'..=b'9', free @ ..] => {
                ((tens - b'0') * 10 + (units - b'0'), free)
            }
            _ => return Err(ParseRfReferenceError::Shape),
        };
        if !is_free_part(free) {
            return Err(ParseRfReferenceError::Shape);
        }
        if digits != check_digits_97(*b"RF", free) {
            return Err(ParseRfReferenceError::CheckDigits);
        }
        Ok(Self(text.to_owned()))
    }

    /// A reference around 1 to 21 capital letters or digits; `None` for anything else.
    pub fn issue(free: &str) -> Option<Self> {
        is_free_part(free.as_bytes())
            .then(|| Self(format!("RF{:02}{free}", check_digits_97(*b"RF", free.as_bytes()))))
    }

    /// In groups of four, as printed: `RF18 5390 0754 7034`.
    pub fn grouped(&self) -> String {
        crate::groups_of_four(&self.0)
    }

    /// The reference as a payment reference.
    pub fn iuv(&self) -> Iuv {
        Iuv::inside(&self.0)
    }
}

fn is_free_part(free: &[u8]) -> bool {
    (1..=21).contains(&free.len()) && free.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

text_newtype!(RfReference, ParseRfReferenceError);

#[cfg(test)]
mod tests {
    use super::*;
    use ParseRfReferenceError as E;
    use proptest::prelude::*;

    #[test]
    fn known_references_are_read_and_issued_again() {
        for known in [
            "RF741",
            "RF18539007547034",
            "RF47ABC123",
            "RF8047164923022221054",
            "RF78567483937849450550875",
            "RF9601000000000000142",
            "RF12999999999999999999999",
        ] {
            assert_eq!(RfReference::parse(known).map(String::from), Ok(known.to_owned()));
            assert_eq!(
                RfReference::issue(&known[4..]).map(String::from),
                Some(known.to_owned())
            );
        }
        assert_eq!(
            RfReference::parse("RF18539007547034").unwrap().grouped(),
            "RF18 5390 0754 7034"
        );
    }

    #[test]
    fn the_example_printed_wrong_in_the_specification_is_refused() {
        assert_eq!(
            RfReference::parse("RF23567483937849450550875"),
            Err(E::CheckDigits)
        );
    }

    #[test]
    fn the_free_part_has_one_to_twenty_one_characters() {
        assert!(RfReference::issue("A").is_some());
        assert!(RfReference::issue(&"9".repeat(21)).is_some());
        assert_eq!(RfReference::issue(""), None);
        assert_eq!(RfReference::issue(&"9".repeat(22)), None);
        for shapeless in ["", "RF", "RF74", "RF7 41", "rf741", "RFA41", "XX741", "RF74é"] {
            assert_eq!(RfReference::parse(shapeless), Err(E::Shape), "{shapeless}");
        }
    }

    proptest! {
        #[test]
        fn an_issued_reference_reads_back(free in "[0-9A-Z]{1,21}") {
            let reference = RfReference::issue(&free).unwrap();
            prop_assert_eq!(RfReference::parse(reference.as_str()), Ok(reference));
        }

        #[test]
        fn one_wrong_character_is_caught(free in "[0-9]{1,21}", place in 0_usize..21, add in 1_u8..10) {
            let reference = RfReference::issue(&free).unwrap();
            let mut wrong = reference.as_str().as_bytes().to_vec();
            let place = 4 + place % free.len();
            wrong[place] = (wrong[place] - b'0' + add) % 10 + b'0';
            prop_assert_eq!(RfReference::parse(std::str::from_utf8(&wrong).unwrap()), Err(E::CheckDigits));
        }
    }
}
