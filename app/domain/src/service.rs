//! The services citizens pay for.

use crate::CreditorFiscalCode;
use crate::at_provider::{AtProvider, DAYS_TO_PAY_MAX};
use crate::feed::Feed;
use crate::todays_amount::TodaysAmount;
use crate::transfer::TransferCategory;
use serde::{Deserialize, Serialize};

/// A service (tipo dovuto) of an institution: what its notices are for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The institution that offers it.
    pub institution: CreditorFiscalCode,
    /// Key within the institution, 1 to 40 small letters, digits and dashes.
    pub code: String,
    /// Its name in Italian.
    pub name_it: String,
    /// Its name in English.
    pub name_en: String,
    /// Taxonomy category of its transfers.
    pub category: TransferCategory,
    /// The office that answers for it.
    pub office_name: String,
    /// Whether it is offered now. One that no longer is keeps its notices.
    pub active: bool,
    /// How it is paid at a payment provider without a notice, when it can be.
    #[serde(default)]
    pub at_provider: Option<AtProvider>,
    /// Where its positions are fed; when not said, to ACA if the hub's settings have it.
    #[serde(default)]
    pub feed: Option<Feed>,
    /// Whether what is due can change after the notice is out (late interest, notification costs): then nothing of it
    /// may be paid while the station does not answer.
    #[serde(default)]
    pub amounts_move: bool,
    /// How citizens work out what is due and get a notice for it themselves, when they can.
    #[serde(default)]
    pub by_tariff: Option<ByTariff>,
    /// What in citizens' lives it belongs to; where it is looked for.
    #[serde(default)]
    pub life_events: Vec<LifeEvent>,
    /// Key of the account its notices credit when whoever makes them names none.
    #[serde(default)]
    pub account: Option<String>,
    /// Which program says what is due today, when one does.
    #[serde(default)]
    pub todays_amount: Option<TodaysAmount>,
}

/// How a service is paid by whoever works out its fee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByTariff {
    /// The tariff the fee is worked out with, by its id.
    pub tariff: String,
    /// Days a notice can be paid, the day it is asked for apart; fewer when the price changes before.
    #[serde(default = "days_to_pay_usual")]
    pub days_to_pay: u16,
}

fn days_to_pay_usual() -> u16 {
    30
}

/// Why a service cannot be paid by its tariff as its catalogue says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("days_to_pay is between 1 and {DAYS_TO_PAY_MAX}")]
pub struct InvalidByTariff;

impl ByTariff {
    /// Checks what its type cannot.
    pub fn check(&self) -> Result<(), InvalidByTariff> {
        if (1..=DAYS_TO_PAY_MAX).contains(&self.days_to_pay) {
            Ok(())
        } else {
            Err(InvalidByTariff)
        }
    }
}

/// What happens in people's lives, which is how they look for services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LifeEvent {
    /// A home: waste, building, the land around it.
    Home,
    /// Children: nurseries, schools, meals.
    SchoolAndFamily,
    /// Certificates, cards and copies.
    Documents,
    /// Getting around: permits, parking, fines.
    Mobility,
    /// Running a business.
    Business,
    /// Free time, culture and visitors.
    CultureAndTourism,
    /// Saying goodbye to somebody.
    Farewell,
}

impl LifeEvent {
    /// All of them, in the order shown.
    pub const ALL: [Self; 7] = [
        Self::Home,
        Self::SchoolAndFamily,
        Self::Documents,
        Self::Mobility,
        Self::Business,
        Self::CultureAndTourism,
        Self::Farewell,
    ];

    /// The name in the catalogue and in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::SchoolAndFamily => "school_and_family",
            Self::Documents => "documents",
            Self::Mobility => "mobility",
            Self::Business => "business",
            Self::CultureAndTourism => "culture_and_tourism",
            Self::Farewell => "farewell",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_event_is_written_by_its_name() {
        for event in LifeEvent::ALL {
            let written = serde_json::to_string(&event).unwrap();
            assert_eq!(written, format!("\"{}\"", event.as_str()));
        }
        assert!(serde_json::from_str::<LifeEvent>("\"garden\"").is_err());
    }

    #[test]
    fn a_notice_by_tariff_lasts_thirty_days_unless_said_and_a_year_at_most() {
        let read = |text| serde_json::from_str::<ByTariff>(text).unwrap();
        assert_eq!(read(r#"{"tariff":"nido"}"#).days_to_pay, 30);
        for (days, outcome) in [
            (0, Err(InvalidByTariff)),
            (1, Ok(())),
            (365, Ok(())),
            (366, Err(InvalidByTariff)),
        ] {
            let terms = ByTariff {
                days_to_pay: days,
                ..read(r#"{"tariff":"nido"}"#)
            };
            assert_eq!(terms.check(), outcome, "{days}");
        }
    }
}
