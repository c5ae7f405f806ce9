//! Who owes and who pays.

use crate::cart::is_email;
use crate::{CreditorFiscalCode, PersonalFiscalCode, is_text};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Natural or legal person (`F` or `G` on the wire).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A person.
    Natural,
    /// A company, body or association.
    Legal,
}

/// A debtor or payer as the hub describes one. `Debug` hides everything personal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
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

/// The part of a subject that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectField {
    /// The fiscal code or VAT number.
    Code,
    /// The name.
    Name,
    /// A part of the address.
    Address,
    /// The e-mail address.
    Email,
}

impl Subject {
    /// The subject as somebody typed it, tidied: what is around texts and the case of the code do not count, and a part
    /// left empty is not there. The code is a right one, or [`Subject::ANONYMOUS`] for a person who has none.
    ///
    /// # Errors
    /// The first part that cannot be used.
    pub fn tidied(&self) -> Result<Self, SubjectField> {
        let part = |text: &Option<String>| {
            text.as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let tidy = Self {
            kind: self.kind,
            code: self.code.trim().to_ascii_uppercase(),
            full_name: self.full_name.trim().to_owned(),
            address: Address {
                street: part(&self.address.street),
                number: part(&self.address.number),
                postal_code: part(&self.address.postal_code),
                city: part(&self.address.city),
                province: part(&self.address.province),
                country: part(&self.address.country),
            },
            email: part(&self.email),
        };
        // Eleven digits are also the code of a person whose data the registry is still checking.
        let has_digits = CreditorFiscalCode::parse(&tidy.code).is_ok_and(|code| code.has_right_check_digit());
        let is_code = match tidy.kind {
            SubjectKind::Natural => {
                has_digits || tidy.code == Self::ANONYMOUS || PersonalFiscalCode::parse(&tidy.code).is_ok()
            }
            SubjectKind::Legal => has_digits,
        };
        if !is_code {
            return Err(SubjectField::Code);
        }
        if !is_text(&tidy.full_name, 70) {
            return Err(SubjectField::Name);
        }
        if !tidy.address.fits() {
            return Err(SubjectField::Address);
        }
        if tidy.email.as_deref().is_some_and(|email| !is_email(email)) {
            return Err(SubjectField::Email);
        }
        Ok(tidy)
    }
}

impl Address {
    /// Whether every part keeps to the length of the hub's messages.
    fn fits(&self) -> bool {
        let is_country = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        [
            (&self.street, 70),
            (&self.number, 16),
            (&self.postal_code, 16),
            (&self.city, 35),
            (&self.province, 35),
        ]
        .into_iter()
        .all(|(part, most)| part.as_deref().is_none_or(|text| is_text(text, most)))
            && self.country.as_deref().is_none_or(is_country)
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

    #[test]
    fn what_somebody_typed_is_tidied() {
        let typed = Subject {
            code: " rssmra85t10a562s ".to_owned(),
            full_name: " Mario Rossi".to_owned(),
            email: Some("  ".to_owned()),
            address: Address {
                city: Some(" Genova ".to_owned()),
                ..Address::default()
            },
            ..subject("")
        };
        let expected = Subject {
            address: Address {
                city: Some("Genova".to_owned()),
                ..Address::default()
            },
            ..subject("RSSMRA85T10A562S")
        };
        assert_eq!(typed.tidied(), Ok(expected));
    }

    #[test]
    fn the_part_that_cannot_be_used_is_told() {
        let natural = |code: &str| subject(code).tidied().map(|_| ());
        for right in ["RSSMRA85T10A562S", "00856930102", Subject::ANONYMOUS] {
            assert_eq!(natural(right), Ok(()), "{right}");
        }
        for wrong in ["", "RSSMRA85T10A562T", "00856930103", "ROSSI"] {
            assert_eq!(natural(wrong), Err(SubjectField::Code), "{wrong}");
        }
        let right = || subject("RSSMRA85T10A562S");
        let company = Subject {
            kind: SubjectKind::Legal,
            ..right()
        };
        assert_eq!(company.tidied(), Err(SubjectField::Code));
        let with_name = |full_name: String| Subject { full_name, ..right() }.tidied().map(|_| ());
        assert_eq!(with_name("à".repeat(70)), Ok(()));
        assert_eq!(with_name("à".repeat(71)), Err(SubjectField::Name));
        assert_eq!(with_name(" ".to_owned()), Err(SubjectField::Name));
        let with_email = |email: &str| {
            let email = Some(email.to_owned());
            Subject { email, ..right() }.tidied().map(|_| ())
        };
        assert_eq!(with_email("mario@example.it"), Ok(()));
        assert_eq!(with_email("mario"), Err(SubjectField::Email));
        let country = Some("Italia".to_owned());
        let address = Address {
            country,
            ..Address::default()
        };
        assert_eq!(
            Subject { address, ..right() }.tidied(),
            Err(SubjectField::Address)
        );
    }
}
