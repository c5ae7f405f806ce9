//! Debts begun at a payment provider's counter, without a notice: the provider sends what the payer said, the
//! institution answers with a notice (`paDemandPaymentNotice`; catalogue of services, `Cup_1_0_0.xsd` and
//! `Cie_1_0_0.xsd`).

use crate::debt_position::{InvalidPosition, SingleNotice};
use crate::service::Service;
use crate::subject::Address;
use crate::transfer::Destination;
use crate::{
    Cents, CreditorFiscalCode, CreditorInstitution, DebtPosition, Iban, NoticeNumber, Subject, SubjectKind,
    Transfer, is_text, printable, text_newtype,
};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

/// How a service is paid at a provider's counter without a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtProvider {
    /// The service in the hub's catalogue (`idServizio`).
    pub service_id: CatalogueCode,
    /// The institution's offer of it (`idSoggettoServizio`).
    pub subject_id: CatalogueCode,
    /// What the payer says, and what is due for it.
    pub kind: AtProviderKind,
    /// The account credited.
    pub iban: Iban,
    /// Days the notice can be paid, the day it is asked for apart.
    pub days_to_pay: u16,
}

/// The services of the catalogue that are understood here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AtProviderKind {
    /// Canone unico patrimoniale: the payer says how much. The body may be named by any of its codes.
    CanoneUnico {
        /// ISTAT code of the municipality, at most six characters.
        istat_code: String,
        /// Cadastral code of the municipality, four characters.
        cadastral_code: String,
    },
    /// Electronic identity card, at a fixed amount.
    Cie {
        /// The amount.
        amount: Cents,
    },
}

/// Code of a service, or of who offers it, in the hub's catalogue: five printable characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CatalogueCode(String);

/// A text that is not a code of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code of the hub's catalogue of services has 5 printable characters")]
pub struct ParseCatalogueCodeError;

impl CatalogueCode {
    /// Reads a code.
    pub fn parse(text: &str) -> Result<Self, ParseCatalogueCodeError> {
        if text.len() == 5 && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseCatalogueCodeError)
        }
    }
}

text_newtype!(CatalogueCode, ParseCatalogueCodeError);

/// Most days a notice made on demand can be paid.
pub const DAYS_TO_PAY_MAX: u16 = 365;

/// Why a service cannot be offered at providers as its catalogue says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOffer {
    /// Too many days.
    #[error("days_to_pay is at most {DAYS_TO_PAY_MAX}")]
    Days,
    /// A fixed amount of nothing, or over the hub's maximum.
    #[error("the fixed amount is between 1 and 99999999999 cents")]
    Amount,
    /// Codes of the municipality that cannot be any.
    #[error("the ISTAT code has 1 to 6 characters, the cadastral code has 4")]
    BodyCodes,
}

/// What the payer told the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceData {
    /// For canone unico patrimoniale (`pagamentoCup`).
    CanoneUnico(CanoneUnicoData),
    /// For an electronic identity card (`pagamentoCIE`).
    Cie(CieData),
    /// For a service that is not understood here, in its own words.
    Other(Vec<u8>),
}

/// `ctPagamentoCup`
#[derive(Clone, PartialEq, Eq)]
pub struct CanoneUnicoData {
    /// The body that is paid.
    pub body: BodyCode,
    /// Its name as the provider shows it, 1 to 140 characters.
    pub company_name: String,
    /// Fiscal code of who owes, 1 to 20 characters.
    pub debtor_code: String,
    /// Name of who owes, 1 to 70 characters.
    pub debtor_name: String,
    /// Where to write to.
    pub debtor_email: Option<String>,
    /// How much. The schema allows nothing at all.
    pub amount: Cents,
}

/// The codes a public body may be named by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyCode {
    /// Its fiscal code.
    FiscalCode(CreditorFiscalCode),
    /// Its ISTAT code, at most six characters.
    Istat(String),
    /// Its cadastral code, four characters.
    Cadastral(String),
}

/// `ctPagamentoCIE`
#[derive(Clone, PartialEq, Eq)]
pub struct CieData {
    /// Why the card is asked for.
    pub reason: CieReason,
    /// The municipality that issues it.
    pub municipality: CreditorFiscalCode,
    /// Fiscal code of the holder, in the shape of a person's.
    pub holder_code: String,
    /// Name of the holder, 1 to 50 characters.
    pub holder_name: String,
}

// Personal data stay out of what developers print.
impl std::fmt::Debug for CanoneUnicoData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CanoneUnicoData")
            .field("body", &self.body)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for CieData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CieData")
            .field("reason", &self.reason)
            .field("municipality", &self.municipality)
            .finish_non_exhaustive()
    }
}

/// Why an identity card is asked for (`codiceCausale`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CieReason {
    /// Smarrimento.
    Lost,
    /// Furto.
    Stolen,
    /// Deterioramento.
    Damaged,
    /// Rinnovo di carta scaduta.
    Expired,
    /// Prima emissione.
    First,
    /// Rinnovo di carta in scadenza, o di una di vecchio tipo.
    Expiring,
    /// Variazioni anagrafiche.
    ChangedData,
}

impl CieReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::Lost,
        Self::Stolen,
        Self::Damaged,
        Self::Expired,
        Self::First,
        Self::Expiring,
        Self::ChangedData,
    ];

    /// The official code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "1",
            Self::Stolen => "2",
            Self::Damaged => "4",
            Self::Expired => "7",
            Self::First => "9",
            Self::Expiring => "10",
            Self::ChangedData => "11",
        }
    }

    /// The reason in Italian, as the notice says it.
    const fn in_words(self) -> &'static str {
        match self {
            Self::Lost => "smarrimento",
            Self::Stolen => "furto",
            Self::Damaged => "deterioramento",
            Self::Expired => "rinnovo di carta scaduta",
            Self::First => "prima emissione",
            Self::Expiring => "rinnovo di carta in scadenza",
            Self::ChangedData => "variazioni anagrafiche",
        }
    }
}

/// Why what the payer said makes no debt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DemandError {
    /// The data are another service's.
    #[error("the service data are not those of the service asked for")]
    OtherService,
    /// The data name another body than the one addressed.
    #[error("the service data name another institution than the one addressed")]
    OtherInstitution,
    /// Nothing is to be paid.
    #[error("the amount is zero")]
    NoAmount,
    /// The debt breaks a rule of every debt.
    #[error(transparent)]
    Position(#[from] InvalidPosition),
}

/// A debt somebody wants to pay now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemandedDebt {
    /// Who owes. A code the hub's messages cannot carry becomes `ANONIMO`: cut, it would be somebody else's.
    pub debtor: Subject,
    /// How much.
    pub amount: Cents,
    /// What for, at most 140 characters, nothing personal.
    pub description: String,
}

impl AtProvider {
    /// Checks what the catalogue says of the offer.
    pub fn check(&self) -> Result<(), InvalidOffer> {
        if self.days_to_pay > DAYS_TO_PAY_MAX {
            return Err(InvalidOffer::Days);
        }
        match &self.kind {
            AtProviderKind::CanoneUnico {
                istat_code,
                cadastral_code,
            } if !is_text(istat_code, 6) || cadastral_code.chars().count() != 4 => {
                Err(InvalidOffer::BodyCodes)
            }
            AtProviderKind::Cie { amount } if *amount <= Cents::ZERO || *amount > Cents::MAX_WIRE => {
                Err(InvalidOffer::Amount)
            }
            AtProviderKind::CanoneUnico { .. } | AtProviderKind::Cie { .. } => Ok(()),
        }
    }
}

/// A service an institution offers at providers.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// The institution.
    pub institution: &'a CreditorInstitution,
    /// Its service.
    pub service: &'a Service,
    /// How it is paid there.
    pub terms: &'a AtProvider,
}

impl Offer<'_> {
    /// The debt that the payer's data make.
    pub fn debt(&self, data: &ServiceData) -> Result<DemandedDebt, DemandError> {
        let institution = &self.institution.fiscal_code;
        let name = &self.service.name_it;
        match (&self.terms.kind, data) {
            (
                AtProviderKind::CanoneUnico {
                    istat_code,
                    cadastral_code,
                },
                ServiceData::CanoneUnico(data),
            ) => {
                let ours = match &data.body {
                    BodyCode::FiscalCode(code) => code == institution,
                    BodyCode::Istat(code) => code == istat_code,
                    BodyCode::Cadastral(code) => code == cadastral_code,
                };
                if !ours {
                    return Err(DemandError::OtherInstitution);
                }
                if data.amount == Cents::ZERO {
                    return Err(DemandError::NoAmount);
                }
                Ok(DemandedDebt {
                    debtor: debtor(&data.debtor_code, &data.debtor_name, data.debtor_email.clone()),
                    amount: data.amount,
                    description: printable(name, 140),
                })
            }
            (AtProviderKind::Cie { amount }, ServiceData::Cie(data)) => {
                if data.municipality != *institution {
                    return Err(DemandError::OtherInstitution);
                }
                Ok(DemandedDebt {
                    debtor: debtor(&data.holder_code, &data.holder_name, None),
                    amount: *amount,
                    description: printable(&format!("{name}: {}", data.reason.in_words()), 140),
                })
            }
            (AtProviderKind::CanoneUnico { .. }, ServiceData::Cie(_) | ServiceData::Other(_))
            | (AtProviderKind::Cie { .. }, ServiceData::CanoneUnico(_) | ServiceData::Other(_)) => {
                Err(DemandError::OtherService)
            }
        }
    }

    /// The position with its one notice, which can be paid for the days the offer says.
    pub fn position(
        &self,
        debt: DemandedDebt,
        key: String,
        notice_number: NoticeNumber,
        today: NaiveDate,
    ) -> Result<DebtPosition, InvalidPosition> {
        let last_day = today.checked_add_days(Days::new(u64::from(self.terms.days_to_pay)));
        let institution = &self.institution.fiscal_code;
        let transfer = Transfer {
            id: 1,
            amount: debt.amount,
            beneficiary: institution.clone(),
            beneficiary_name: self.institution.name.clone(),
            destination: Destination::Account {
                iban: self.terms.iban.clone(),
                postal_iban: None,
            },
            remittance_information: debt.description.clone(),
            category: self.service.category.clone(),
            metadata: Vec::new(),
        };
        let notice = SingleNotice {
            institution,
            service: &self.service.code,
            key,
            debtor: debt.debtor,
            description: debt.description,
            number: notice_number,
            transfers: vec![transfer],
            last_day,
        };
        notice.position()
    }
}

fn debtor(code: &str, name: &str, email: Option<String>) -> Subject {
    let fits = (2..=16).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_graphic());
    let legal = code.len() == 11 && code.bytes().all(|b| b.is_ascii_digit());
    Subject {
        kind: if legal {
            SubjectKind::Legal
        } else {
            SubjectKind::Natural
        },
        code: if fits { code } else { Subject::ANONYMOUS }.to_owned(),
        full_name: printable(name, 70),
        address: Address::default(),
        email,
    }
}
