//! The receipt of a payment: everything the national specifications ask of it (SANP, payment attestation), and what helps
//! whoever keeps it.

mod document;
pub mod words;

pub use document::document;

use crate::Language;
use crate::file_name::FileName;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use domain::receipt::ReceiptEffect;
use domain::{Cents, CreditorFiscalCode, Iuv, NoticeNumber};
use serde::{Deserialize, Serialize};

/// What a receipt says, for those entitled to all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The unique payment number (IUR).
    pub receipt_id: String,
    /// Fiscal code of the institution that issued the notice.
    pub institution: CreditorFiscalCode,
    /// Its name.
    pub institution_name: String,
    /// Its office.
    pub office: Option<String>,
    /// The notice's code.
    pub number: NoticeNumber,
    /// The payment reference.
    pub iuv: Iuv,
    /// What was paid to the institutions.
    pub amount: Cents,
    /// The provider's fee, apart from the amount.
    pub fee: Option<Cents>,
    /// What it was for.
    pub subject: String,
    /// Code of the service, for the file's name.
    pub service: Option<String>,
    /// Who owed.
    pub debtor: Person,
    /// Who paid, when said.
    pub payer: Option<Person>,
    /// How the amount was shared out.
    pub transfers: Vec<TransferLine>,
    /// The payment provider.
    pub provider: String,
    /// Its fiscal code or VAT number.
    pub provider_code: Option<String>,
    /// Where it was paid, in the hub's words.
    pub channel: String,
    /// How it was paid, in the hub's word.
    pub method: Option<String>,
    /// When it was paid, Italian time: what frees the debtor.
    pub paid_at: Option<NaiveDateTime>,
    /// When the provider applied it.
    pub applied_on: Option<NaiveDate>,
    /// When the money reaches the institution.
    pub transferred_on: Option<NaiveDate>,
    /// It was paid while the hub answered in the institution's place.
    pub stand_in: bool,
    /// What it did: anything but [`ReceiptEffect::Applied`] needs the office.
    pub effect: ReceiptEffect,
    /// When the institution received it.
    pub received_at: DateTime<Utc>,
}

/// Someone named on a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Full name, in Latin letters.
    pub name: String,
    /// The name was written in other letters and is given in Latin ones; the document says so.
    #[serde(default)]
    pub transliterated: bool,
    /// Fiscal code; `None` for one who stayed anonymous.
    pub code: Option<String>,
}

/// A part of the amount. No account numbers: they are no business of the payer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferLine {
    /// Its part of the amount.
    pub amount: Cents,
    /// Fiscal code of the institution credited.
    pub beneficiary: CreditorFiscalCode,
    /// Its name, when said.
    pub beneficiary_name: Option<String>,
    /// Reason of the part.
    pub reason: String,
    /// It bought a stamp duty.
    pub is_stamp_duty: bool,
}

/// The name a receipt is saved under: `ricevuta-2026-03-11-TARI-347164923022221054.pdf`.
pub fn file_name(receipt: &Receipt, language: Language) -> String {
    name(receipt, language, None)
}

/// The name of a receipt among those of several institutions, whose notice codes may be equal.
pub fn file_name_among_institutions(receipt: &Receipt, language: Language) -> String {
    name(receipt, language, Some(&receipt.institution))
}

fn name(receipt: &Receipt, language: Language, institution: Option<&CreditorFiscalCode>) -> String {
    let paid_on = receipt.paid_at.map(|at| at.date()).or(receipt.applied_on);
    FileName {
        kind: match words::Wording::of(language) {
            words::Wording::Italian => "ricevuta",
            words::Wording::English => "receipt",
        },
        day: Some(paid_on.unwrap_or_else(|| receipt.received_at.date_naive())),
        service: receipt.service.as_deref(),
        institution,
        number: &receipt.number,
    }
    .pdf()
}
