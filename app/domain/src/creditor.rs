//! Creditor institutions and how the hub addresses them.

use crate::{Iban, text_newtype};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Fiscal code of a creditor institution: eleven digits. The wire reader checks the shape only, because official
/// test institutions fail the checksum; [`CreditorFiscalCode::has_right_check_digit`] tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CreditorFiscalCode(String);

/// A text that is not eleven digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an institution's fiscal code has 11 digits")]
pub struct ParseCreditorFiscalCodeError;

impl CreditorFiscalCode {
    /// Reads exactly eleven ASCII digits.
    pub fn parse(text: &str) -> Result<Self, ParseCreditorFiscalCodeError> {
        if text.len() == 11 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseCreditorFiscalCodeError)
        }
    }

    /// Whether the eleventh digit is right.
    pub fn has_right_check_digit(&self) -> bool {
        passes_luhn(self.0.as_bytes())
    }
}

/// Whether digits end with the right check digit of the Luhn scheme, used by VAT numbers and payment cards: from the
/// right, every second digit doubled and its digits added; the sum ends with 0.
pub(crate) fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            match (place % 2, digit) {
                (0, _) => digit,
                (_, 0..=4) => digit * 2,
                (_, _) => digit * 2 - 9,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

text_newtype!(CreditorFiscalCode, ParseCreditorFiscalCodeError);

/// Code of the subject connected to the hub (`idBrokerPA`); for a directly connected institution its own fiscal
/// code. 1 to 35 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BrokerId(String);

/// Code of a station (`idStation`), `<broker>_<nn>`. 1 to 35 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StationId(String);

/// A text that cannot be a broker or station code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a broker or station code has 1 to 35 printable characters")]
pub struct ParseStationIdError;

fn read_code(text: &str) -> Result<String, ParseStationIdError> {
    let printable = text.bytes().all(|b| b.is_ascii_graphic());
    if text.is_empty() || text.len() > 35 || !printable {
        Err(ParseStationIdError)
    } else {
        Ok(text.to_owned())
    }
}

impl BrokerId {
    /// Reads a broker code.
    pub fn parse(text: &str) -> Result<Self, ParseStationIdError> {
        read_code(text).map(Self)
    }
}

impl StationId {
    /// Reads a station code.
    pub fn parse(text: &str) -> Result<Self, ParseStationIdError> {
        read_code(text).map(Self)
    }
}

text_newtype!(BrokerId, ParseStationIdError);
text_newtype!(StationId, ParseStationIdError);

/// Two digits that keep the notice numbers of several archives of one institution apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SegregationCode(u8);

/// A text that is not two digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a segregation code has 2 digits")]
pub struct ParseSegregationCodeError;

impl std::str::FromStr for SegregationCode {
    type Err = ParseSegregationCodeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.as_bytes() {
            [tens @ b'0'..=b'9', units @ b'0'..=b'9'] => Ok(Self((tens - b'0') * 10 + (units - b'0'))),
            _ => Err(ParseSegregationCodeError),
        }
    }
}

impl TryFrom<String> for SegregationCode {
    type Error = ParseSegregationCodeError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<SegregationCode> for String {
    fn from(code: SegregationCode) -> String {
        code.to_string()
    }
}

impl fmt::Display for SegregationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

/// A creditor institution: the tenant. Every row of the archive belongs to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreditorInstitution {
    /// Fiscal code, the key.
    pub fiscal_code: CreditorFiscalCode,
    /// Full name as printed on notices, at most 140 characters.
    pub name: String,
    /// Broker through which the hub reaches it.
    pub broker: BrokerId,
    /// Station through which the hub reaches it.
    pub station: StationId,
    /// Segregation code of its notice numbers.
    pub segregation_code: SegregationCode,
    /// CBILL (SIA) code printed on notices: five capital letters or digits.
    #[serde(default)]
    pub cbill_code: Option<String>,
    /// Postal collection account, when it has one.
    #[serde(default)]
    pub postal_iban: Option<Iban>,
    /// Where citizens ask about a notice.
    pub contact: Contact,
}

/// How citizens reach an institution's office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Telephone number as printed.
    pub telephone: String,
    /// E-mail address.
    pub email: String,
    /// Web site, `https` address.
    pub website: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eleven_digits_are_a_code_and_the_check_digit_only_tells() {
        for (text, right) in [
            ("00856930102", true),
            ("01199250158", true),
            ("80034810103", true),
            ("97735020584", true),
            ("15376371009", true),
            ("00311260095", true),
            ("99999999990", true),
            ("12345678903", true),
            // The hub's own test institution.
            ("77777777777", false),
        ] {
            let code = CreditorFiscalCode::parse(text).unwrap();
            assert_eq!(code.has_right_check_digit(), right, "{text}");
        }
        for wrong in ["", "0085693010", "008569301022", "0085693010A", "IT008569301"] {
            assert_eq!(
                CreditorFiscalCode::parse(wrong),
                Err(ParseCreditorFiscalCodeError),
                "{wrong}"
            );
        }
    }

    #[test]
    fn broker_and_station_codes_have_one_to_thirty_five_printable_characters() {
        assert!(StationId::parse("00856930102_01").is_ok());
        assert!(StationId::parse(&"9".repeat(35)).is_ok());
        for wrong in ["", "00856930102 01", "00856930102\n", &"9".repeat(36)] {
            assert_eq!(StationId::parse(wrong), Err(ParseStationIdError), "{wrong}");
            assert_eq!(BrokerId::parse(wrong), Err(ParseStationIdError), "{wrong}");
        }
    }

    #[test]
    fn a_segregation_code_keeps_its_leading_zero() {
        assert_eq!(
            "07".parse::<SegregationCode>().map(String::from),
            Ok("07".to_owned())
        );
        for wrong in ["", "7", "007", "0a"] {
            assert_eq!(
                wrong.parse::<SegregationCode>(),
                Err(ParseSegregationCodeError),
                "{wrong}"
            );
        }
    }
}
