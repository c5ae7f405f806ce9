//! What an institution prints on its notices beside what the catalogue says of it anyway.

use documents::Language;
use documents::model::Drawing;
use domain::CreditorInstitution;
use serde::{Deserialize, Serialize};

/// What an institution prints on its notices. Nothing of it is needed, except for postal slips.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Imprint {
    /// The office printed under the institution's name; when not said, the service's.
    pub sector: Option<String>,
    /// How to ask; when not said, telephone, e-mail and web site of the catalogue.
    pub info: Option<String>,
    /// In whose name the postal account is.
    pub postal_holder: Option<String>,
    /// The authorisation to print postal slips.
    pub postal_authorisation: Option<String>,
    /// Payment works on the institution's site: this portal.
    pub takes_payment_on_site: bool,
    /// Payment works in the institution's app.
    pub takes_payment_in_app: bool,
    /// The institution's own counters that take payment.
    pub own_counters: Option<String>,
    /// The second language of its notices.
    pub second_language: Option<Language>,
    /// Both languages are equal by law.
    pub languages_are_equal: bool,
    /// Its coat of arms.
    pub logo: Option<Drawing>,
}

/// Why an institution's notices would not be lawful, or not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidImprint {
    /// Slips of an account say in whose name it is and under which authorisation they are printed.
    #[error(
        "notice.{field} is missing: it is printed on the slips of the postal account (postal_iban). Without it no slip \
         may be printed; leave out both notice.postal_holder and notice.postal_authorisation to print notices without slips"
    )]
    Postal {
        /// What is missing.
        field: &'static str,
    },
    /// There is no account these belong to.
    #[error("notice.{field} has a meaning only with postal_iban")]
    NoAccount {
        /// What is too much.
        field: &'static str,
    },
    /// A text is empty, or longer than its place.
    #[error("notice.{field} has 1 to {most} characters")]
    Text {
        /// Which.
        field: &'static str,
        /// The most it may have.
        most: usize,
    },
    /// The second language is the first.
    #[error("notice.second_language is Italian, which every notice is in anyway")]
    Languages,
}

impl Imprint {
    /// Checks what would be refused or cut when a notice is printed.
    pub fn check(&self, institution: &CreditorInstitution) -> Result<(), InvalidImprint> {
        for (field, text, most) in [
            ("sector", &self.sector, 50),
            ("info", &self.info, 100),
            ("postal_holder", &self.postal_holder, 50),
            ("postal_authorisation", &self.postal_authorisation, 50),
            ("own_counters", &self.own_counters, 100),
        ] {
            if text
                .as_deref()
                .is_some_and(|text| text.trim().is_empty() || text.chars().count() > most)
            {
                return Err(InvalidImprint::Text { field, most });
            }
        }
        let postal = [
            ("postal_holder", self.postal_holder.is_some()),
            ("postal_authorisation", self.postal_authorisation.is_some()),
        ];
        let is_there = |wanted| postal.into_iter().find(|(_, there)| *there == wanted);
        match (institution.postal_iban.is_some(), is_there(true), is_there(false)) {
            (false, Some((field, _)), _) => return Err(InvalidImprint::NoAccount { field }),
            (true, Some(_), Some((field, _))) => return Err(InvalidImprint::Postal { field }),
            (true, Some(_), None) | (_, None, _) => {}
        }
        if self.second_language == Some(Language::It) {
            return Err(InvalidImprint::Languages);
        }
        Ok(())
    }

    /// Whether an account has no slips because what they say is missing.
    pub fn lacks_slips(&self, institution: &CreditorInstitution) -> bool {
        institution.postal_iban.is_some()
            && (self.postal_holder.is_none() || self.postal_authorisation.is_none())
    }
}
