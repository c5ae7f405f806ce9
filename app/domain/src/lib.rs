//! The rules of the platform, pure: no I/O, no clock, no randomness, no async. Everything here also
//! compiles for the browser.
//!
//! # Glossary
//!
//! | Type | Standard name | Module |
//! |---|---|---|
//! | [`Cents`] | importo | [`money`] |
//! | [`NoticeNumber`] | numero avviso (NAV) | [`notice_number`] |
//! | [`Iuv`] | identificativo univoco di versamento | [`iuv`] |
//! | [`CreditorFiscalCode`], [`BrokerId`], [`StationId`] | ente creditore, intermediario, stazione | [`creditor`] |
//! | [`PersonalFiscalCode`] | codice fiscale di persona fisica | [`fiscal_code`] |
//! | [`RfReference`] | riferimento creditore ISO 11649 | [`rf_reference`] |
//! | [`QrPayload`], [`DataMatrix`] | codice QR e data matrix postale dell'avviso | [`qr_code`], [`data_matrix`] |
//! | [`Verdict`], [`Refusal`] | lettura del codice scritto dal cittadino | [`citizen_code`] |
//! | [`Iban`] | conto di accredito | [`iban`] |
//! | [`Subject`] | debitore, versante | [`subject`] |
//! | [`DebtPosition`], [`PaymentOption`], [`Instalment`] | posizione debitoria, opzione, rata | [`debt_position`] |
//! | [`Transfer`] | singolo versamento | [`transfer`] |
//! | [`Notice`], [`NoticeStanding`] | avviso di pagamento e suo stato | [`notice`] |
//! | [`OpenOption`](open_options::OpenOption) | opzione di pagamento ancora aperta | [`open_options`] |
//! | [`Receipt`], [`ReceiptId`] | ricevuta telematica, IUR | [`receipt`] |
//! | [`FlowReport`], [`FlowRow`], [`FlowId`] | flusso di rendicontazione (FdR), IUF | [`flow_report`] |
//! | [`Service`](service::Service) | tipo dovuto | [`service`] |
//! | [`Archive`](feed::Archive) | archivio centralizzato avvisi (ACA), gestione posizioni debitorie (GPD) | [`feed`] |
//! | [`Cart`](cart::Cart) | carrello | [`cart`] |
//! | [`AtProvider`](at_provider::AtProvider) | pagamento spontaneo presso PSP | [`at_provider`] |
//! | [`ByTariff`](service::ByTariff), [`Fee`](fee::Fee) | pagamento spontaneo con calcolo, importo calcolato | [`service`], [`fee`] |
//! | [`Account`](account::Account) | conto di accredito o marca da bollo di una tariffa | [`account`] |
//! | [`CaseKind`](case::CaseKind) | anomalia da trattare | [`case`] |
//! | [`Application`](application::Application) | applicativo gestionale | [`application`] |
//! | [`Outcome`](outcome::Outcome) | esito trasmesso ai gestionali | [`outcome`] |
//! | [`PositionDraft`](draft::PositionDraft) | posizione debitoria come la trasmette un gestionale | [`draft`] |

pub mod account;
pub mod application;
pub mod at_provider;
pub mod cart;
pub mod case;
pub mod citizen_code;
pub mod creditor;
pub mod data_matrix;
pub mod debt_position;
pub mod draft;
pub mod fee;
pub mod feed;
pub mod fiscal_code;
pub mod flow_report;
pub mod iban;
pub mod iuv;
pub mod money;
pub mod notice;
pub mod notice_number;
pub mod open_options;
pub mod outcome;
pub mod qr_code;
pub mod receipt;
pub mod rf_reference;
pub mod service;
pub mod subject;
pub mod todays_amount;
pub mod transfer;

pub use citizen_code::{Refusal, Verdict};
pub use creditor::{BrokerId, CreditorFiscalCode, CreditorInstitution, SegregationCode, StationId};
pub use data_matrix::DataMatrix;
pub use debt_position::{DebtPosition, DebtPositionStatus, Instalment, OptionKind, PaymentOption};
pub use fiscal_code::PersonalFiscalCode;
pub use flow_report::{FlowId, FlowReport, FlowRow};
pub use iban::Iban;
pub use iuv::Iuv;
pub use money::Cents;
pub use notice::{Notice, NoticeStanding};
pub use notice_number::NoticeNumber;
pub use qr_code::QrPayload;
pub use receipt::{Receipt, ReceiptId};
pub use rf_reference::RfReference;
pub use subject::{Subject, SubjectKind};
pub use transfer::Transfer;

/// Implements the traits of a text newtype: `Display`, `AsRef<str>`, serde through the checked reader.
macro_rules! text_newtype {
    ($name:ident, $error:ty) => {
        impl $name {
            /// The official spelling.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl std::str::FromStr for $name {
            type Err = $error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
        impl TryFrom<String> for $name {
            type Error = $error;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }
    };
}
pub(crate) use text_newtype;

/// A code in groups of four, as printed on notices.
pub(crate) fn groups_of_four(code: &str) -> String {
    let mut text = String::with_capacity(code.len() + code.len() / 4);
    for (place, character) in code.chars().enumerate() {
        if place > 0 && place.is_multiple_of(4) {
            text.push(' ');
        }
        text.push(character);
    }
    text
}

/// Whether `text` has 1 to `most` characters and none that XML or a printer could not take.
pub(crate) fn is_text(text: &str, most: usize) -> bool {
    !text.is_empty()
        && text.chars().take(most + 1).count() <= most
        && !text
            .chars()
            .any(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

/// The text on one line, cut at `most` characters.
pub(crate) fn printable(text: &str, most: usize) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(most)
        .collect()
}
