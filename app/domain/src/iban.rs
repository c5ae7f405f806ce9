//! Italian accounts of credit.

use crate::fiscal_code::check_letter;
use crate::text_newtype;
use serde::{Deserialize, Serialize};

/// An Italian IBAN: 27 characters, right modulo 97 and right CIN letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Iban(String);

/// Why a text is not an Italian IBAN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseIbanError {
    /// Not `IT`, two digits, a letter, ten digits, twelve letters or digits.
    #[error(
        "an Italian IBAN has 27 characters: IT, two digits, a letter, ten digits, twelve letters or digits"
    )]
    Shape,
    /// The two digits after the country are wrong.
    #[error("the two check digits of the IBAN are wrong: one character was mistyped or swapped")]
    CheckDigits,
    /// The CIN letter is wrong.
    #[error("the CIN letter of the IBAN does not fit the account")]
    Cin,
}

impl Iban {
    /// Reads an IBAN without spaces, in capital letters.
    pub fn parse(text: &str) -> Result<Self, ParseIbanError> {
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 27
            && text.starts_with("IT")
            && bytes[2..4].iter().all(u8::is_ascii_digit)
            && bytes[4].is_ascii_uppercase()
            && bytes[5..15].iter().all(u8::is_ascii_digit)
            && bytes[15..]
                .iter()
                .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        if !shaped {
            return Err(ParseIbanError::Shape);
        }
        let given = (bytes[2] - b'0') * 10 + (bytes[3] - b'0');
        if given != check_digits_97(*b"IT", &bytes[4..]) {
            return Err(ParseIbanError::CheckDigits);
        }
        if check_letter(&bytes[5..]) != bytes[4] {
            return Err(ParseIbanError::Cin);
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether it is a postal account (ABI 07601).
    pub fn is_postal(&self) -> bool {
        &self.0[5..10] == "07601"
    }

    /// The twelve characters of the account itself: on a postal IBAN, the postal account number.
    pub fn account(&self) -> &str {
        &self.0[15..]
    }
}

text_newtype!(Iban, ParseIbanError);

/// The two check digits (02 to 98) that go between `prefix` and `body`, as ISO 13616 and ISO 11649 work them out:
/// 98 less the remainder by 97 of body, prefix and `00` read as one number with A = 10 … Z = 35. Takes capital
/// letters and digits only.
pub(crate) fn check_digits_97(prefix: [u8; 2], body: &[u8]) -> u8 {
    let remainder = body
        .iter()
        .chain(&prefix)
        .chain(b"00")
        .fold(0_u32, |sum, byte| match byte {
            b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
            _ => (sum * 100 + u32::from(byte - b'A') + 10) % 97,
        });
    u8::try_from(98 - remainder).expect("98 less a remainder of 97 fits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn italian_accounts_are_read_and_postal_ones_told_apart() {
        for (iban, postal) in [
            ("IT60X0542811101000000123456", false),
            ("IT45R0760103200000000001016", true),
            ("IT30N0103076271000001823603", false),
            ("IT63J0760101400000012345678", true),
            ("IT92P0617501400000000123456", false),
            ("IT23X0000100001000000000999", false),
        ] {
            assert_eq!(
                Iban::parse(iban).map(|iban| iban.is_postal()),
                Ok(postal),
                "{iban}"
            );
        }
        assert_eq!(
            Iban::parse("IT63J0760101400000012345678").unwrap().account(),
            "000012345678"
        );
    }

    #[test]
    fn wrong_check_digits_are_told_from_a_wrong_cin_and_a_wrong_shape() {
        assert_eq!(
            Iban::parse("IT61X0542811101000000123456"),
            Err(ParseIbanError::CheckDigits)
        );
        let wrong_cin = format!(
            "IT{:02}Y0542811101000000123456",
            check_digits_97(*b"IT", b"Y0542811101000000123456")
        );
        assert_eq!(Iban::parse(&wrong_cin), Err(ParseIbanError::Cin));
        for shapeless in [
            "",
            "IT60X054281110100000012345",
            "IT60X05428111010000001234567",
            "it60x0542811101000000123456",
            "IT60 X05428111010000001234",
            "DE89370400440532013000",
            "IT60X0542811101000000\u{e9}3456",
        ] {
            assert_eq!(Iban::parse(shapeless), Err(ParseIbanError::Shape), "{shapeless}");
        }
    }

    proptest! {
        #[test]
        fn an_account_with_its_check_characters_is_read(account in "[0-9]{10}[0-9A-Z]{12}") {
            let body = format!("{}{account}", char::from(check_letter(account.as_bytes())));
            let iban = format!("IT{:02}{body}", check_digits_97(*b"IT", body.as_bytes()));
            prop_assert!(Iban::parse(&iban).is_ok(), "{}", iban);
        }
    }
}
