//! The receipt (ricevuta telematica): the only message that closes a debt.

use crate::{Cents, CreditorFiscalCode, Iuv, NoticeNumber, Subject, text_newtype};
use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

/// Unique payment number: receipt id, payment token and IUR are the same text. Free text on the wire; here 1 to 140
/// printable characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReceiptId(String);

/// A text that cannot be a receipt id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a receipt id has 1 to 140 printable characters")]
pub struct ParseReceiptIdError;

impl ReceiptId {
    /// Reads a receipt id.
    pub fn parse(text: &str) -> Result<Self, ParseReceiptIdError> {
        let printable = text.bytes().all(|b| b.is_ascii_graphic());
        if text.is_empty() || text.len() > 140 || !printable {
            return Err(ParseReceiptIdError);
        }
        Ok(Self(text.to_owned()))
    }
}

text_newtype!(ReceiptId, ParseReceiptIdError);

/// A receipt as the hub sent it (`ctReceipt`, `ctReceiptV2`): a statement of fact, taken as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The payment's unique number.
    pub id: ReceiptId,
    /// The institution this copy is for (`idPA`).
    pub recipient: CreditorFiscalCode,
    /// The institution that issued the notice.
    pub issuer: CreditorFiscalCode,
    /// The notice paid.
    pub notice_number: NoticeNumber,
    /// The payment reference.
    pub iuv: Iuv,
    /// What was paid to the institutions, without the provider's fee.
    pub amount: Cents,
    /// Reason of the payment.
    pub description: String,
    /// Name of the issuing institution.
    pub company_name: String,
    /// Its office.
    pub office_name: Option<String>,
    /// Who owed.
    pub debtor: Subject,
    /// Who paid, when said.
    pub payer: Option<Subject>,
    /// The parts credited.
    pub transfers: Vec<ReceiptTransfer>,
    /// The payment provider.
    pub psp: Psp,
    /// How it was paid, in the hub's word (`creditCard`, `on_us` …).
    pub payment_method: Option<String>,
    /// Our own reference, when the payment began in our cart.
    pub payment_note: Option<String>,
    /// The provider's fee, apart from the amount.
    pub fee: Option<Cents>,
    /// When the debtor was freed, Italian time as the hub writes it.
    pub paid_at: Option<NaiveDateTime>,
    /// When the provider applied the payment.
    pub applied_on: Option<NaiveDate>,
    /// When the money is credited.
    pub transferred_on: Option<NaiveDate>,
    /// Paid while the hub answered in our place.
    pub stand_in: bool,
    /// Further pairs.
    pub metadata: Vec<(String, String)>,
}

impl Receipt {
    /// The parts its recipient may show: all of them for who issued the notice, its own for a beneficiary.
    pub fn shown_transfers(&self) -> impl Iterator<Item = &ReceiptTransfer> {
        self.transfers
            .iter()
            .filter(|transfer| self.recipient == self.issuer || self.recipient == transfer.beneficiary)
    }

    /// Whether both state one payment: the same notice, provider, amount and parts. The rest may differ between the
    /// editions and the copies of one receipt.
    pub fn states_the_payment_of(&self, other: &Self) -> bool {
        let part = |transfer: &ReceiptTransfer| (transfer.id, transfer.amount, transfer.beneficiary.clone());
        self.issuer == other.issuer
            && self.notice_number == other.notice_number
            && self.iuv == other.iuv
            && self.amount == other.amount
            && self.psp.id == other.psp.id
            && self
                .transfers
                .iter()
                .map(part)
                .eq(other.transfers.iter().map(part))
    }
}

/// A part of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptTransfer {
    /// 1 to 5.
    pub id: u8,
    /// The part's amount.
    pub amount: Cents,
    /// The institution credited.
    pub beneficiary: CreditorFiscalCode,
    /// Its name, when said.
    pub beneficiary_name: Option<String>,
    /// The account credited, or the stamp bought.
    pub destination: ReceiptDestination,
    /// Reason of the part.
    pub remittance_information: String,
    /// Taxonomy category as written: old data carries shapes we would not issue.
    pub category: String,
    /// Further pairs.
    pub metadata: Vec<(String, String)>,
}

/// What a part of a receipt bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptDestination {
    /// Money on an account, written as the hub wrote it.
    Account(String),
    /// A stamp duty.
    StampDuty {
        /// Base64 of its XML, as it came.
        attachment: String,
        /// The digest of the document it is for, in base64; `None` when the XML is no stamp.
        document_digest: Option<String>,
    },
}

/// A payment provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Psp {
    /// Its code on the hub.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its fiscal code, when said.
    pub fiscal_code: Option<String>,
    /// Its VAT number, when said.
    pub vat_number: Option<String>,
    /// Channel code.
    pub channel: String,
    /// Channel in words (`app`, `web` …).
    pub channel_description: String,
}

/// How a receipt is answered that was taken before. Both answers end the hub's attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateReceipt {
    /// As if it were new.
    #[default]
    Ok,
    /// With `PAA_RECEIPT_DUPLICATA`, as the hub's conformance tests may want.
    Ko,
}

/// What a receipt did to our archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptEffect {
    /// It paid its notice.
    Applied,
    /// The notice was paid already by another receipt: money to give back.
    PaidTwice,
    /// The notice had been cancelled: money to give back or to allocate by hand.
    Cancelled,
    /// The notice had been replaced by another.
    Replaced,
    /// Another payment option of the same position had been chosen.
    OtherOptionChosen,
    /// The notice had never been published.
    Unpublished,
    /// No such notice here.
    Unknown,
    /// The notice is another institution's; this is our copy as a beneficiary.
    AsBeneficiary,
}

impl ReceiptEffect {
    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::PaidTwice => "paid_twice",
            Self::Cancelled => "cancelled",
            Self::Replaced => "replaced",
            Self::OtherOptionChosen => "other_option_chosen",
            Self::Unpublished => "unpublished",
            Self::Unknown => "unknown",
            Self::AsBeneficiary => "as_beneficiary",
        }
    }

    /// Every effect, for readers of storage and generated tables.
    pub const ALL: [Self; 8] = [
        Self::Applied,
        Self::PaidTwice,
        Self::Cancelled,
        Self::Replaced,
        Self::OtherOptionChosen,
        Self::Unpublished,
        Self::Unknown,
        Self::AsBeneficiary,
    ];
}
