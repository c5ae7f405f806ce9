//! Who owes and who pays.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Natural or legal person (`F` or `G` on the wire).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A person.
    Natural,
    /// A company, body or association.
    Legal,
}

/// A debtor or payer as the hub describes one. `Debug` hides everything personal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Natural or legal person.
    pub kind: SubjectKind,
    /// Fiscal code or VAT number, 2 to 16 characters; `ANONIMO` when unknown. Not checked here: receipts carry
    /// what others typed.
    pub code: String,
    /// Full name, 1 to 70 characters.
    pub full_name: String,
    /// Where they live, when known.
    #[serde(default)]
    pub address: Address,
    /// E-mail address, when known.
    #[serde(default)]
    pub email: Option<String>,
}

/// A postal address, every part optional as in the hub's messages.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Address {
    /// Street, at most 70 characters.
    pub street: Option<String>,
    /// House number, at most 16 characters.
    pub number: Option<String>,
    /// Postal code, at most 16 characters.
    pub postal_code: Option<String>,
    /// City, at most 35 characters.
    pub city: Option<String>,
    /// Province, at most 35 characters.
    pub province: Option<String>,
    /// Country, two capital letters.
    pub country: Option<String>,
}

impl Subject {
    /// The code the hub uses for a debtor that is not known.
    pub const ANONYMOUS: &'static str = "ANONIMO";

    /// Whether `proof` is the last five characters of this subject's code, whatever the case. An anonymous subject
    /// can prove nothing.
    pub fn is_proved_by(&self, proof: &str) -> bool {
        let from = self.code.len().saturating_sub(5);
        self.code != Self::ANONYMOUS
            && proof.len() == 5
            && self
                .code
                .get(from..)
                .is_some_and(|tail| tail.len() == 5 && tail.eq_ignore_ascii_case(proof))
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address { .. }")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(code: &str) -> Subject {
        Subject {
            kind: SubjectKind::Natural,
            code: code.to_owned(),
            full_name: "Mario Rossi".to_owned(),
            address: Address::default(),
            email: None,
        }
    }

    #[test]
    fn the_last_five_characters_prove_who_one_is_whatever_the_case() {
        assert!(subject("RSSMRA85T10A562S").is_proved_by("A562S"));
        assert!(subject("RSSMRA85T10A562S").is_proved_by("a562s"));
        assert!(subject("00856930102").is_proved_by("30102"));
        for wrong in ["", "562S", "0A562S", "RSSMRA85T10A562S", "A562T", "A562\u{e9}"] {
            assert!(!subject("RSSMRA85T10A562S").is_proved_by(wrong), "{wrong}");
        }
    }

    #[test]
    fn nobody_proves_to_be_an_unknown_debtor() {
        assert!(!subject(Subject::ANONYMOUS).is_proved_by("ONIMO"));
        assert!(!subject("AB").is_proved_by("AB"));
    }

    #[test]
    fn printing_for_developers_hides_the_person() {
        let printed = format!("{:?}", subject("RSSMRA85T10A562S"));
        assert!(
            !printed.contains("RSSMRA") && !printed.contains("Mario"),
            "{printed}"
        );
    }
}
