//! The payment reference (IUV, `creditorReferenceId`).

use crate::text_newtype;
use serde::{Deserialize, Serialize};

/// A payment reference: 1 to 35 printable characters without spaces on the wire (`stText35`); 17 digits in every notice
/// issued today, 15 in old ones with auxiliary digit 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Iuv(String);

/// A text that cannot be a payment reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a payment reference has 1 to 35 printable characters")]
pub struct ParseIuvError;

impl Iuv {
    /// Reads a reference as it comes from the hub.
    pub fn parse(text: &str) -> Result<Self, ParseIuvError> {
        let printable = text.bytes().all(|b| b.is_ascii_graphic());
        if text.is_empty() || text.len() > 35 || !printable {
            return Err(ParseIuvError);
        }
        Ok(Self(text.to_owned()))
    }

    /// The reference inside a code that is already known to be up to 35 letters and digits.
    pub(crate) fn inside(code: &str) -> Self {
        Self(code.to_owned())
    }
}

text_newtype!(Iuv, ParseIuvError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_thirty_five_printable_characters_are_a_reference() {
        for right in ["1", "47164923022221054", "RF18539007547034", &"9".repeat(35)] {
            assert_eq!(Iuv::parse(right).map(String::from), Ok(right.to_owned()));
        }
        for wrong in ["", "4716 4923", "47164923022221054\n", "é", &"9".repeat(36)] {
            assert_eq!(Iuv::parse(wrong), Err(ParseIuvError), "{wrong}");
        }
    }
}
