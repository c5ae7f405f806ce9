//! Outcomes: what an institution's programs are told about the debts they handed over.
//!
//! An outcome is a fact, decided here from what happened and written by storage in the transaction of what happened. What is
//! said to programs ([`OutcomeContent`]) identifies notice, payment and money, and never names who owes or paid.
//!
//! Each outcome bears a [`fact`](Outcome::fact): a text that is the same whenever the same thing is told again, and from
//! which its id is made. So what is processed twice is told once.

mod content;
mod of_events;

pub use content::{Credit, NoticeReference, OutcomeContent, Payment, Provider, Reported, View};
pub use of_events::{
    Concerned, ReportedPayment, of_correction, of_credit, of_receipt, of_reported, of_transition, of_view,
};

use crate::CreditorFiscalCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Kinds of outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// Somebody looked at the notice at a payment provider, for the first time on that day.
    NoticeViewed,
    /// A notice was paid.
    Paid,
    /// A debt that was paid already was paid again: money to give back.
    PaidTwice,
    /// Money came for no debt that waits for it: the notice was withdrawn, or is not one of this archive.
    PaidUnmatched,
    /// The hub delivered other contents for a receipt that is here.
    ReceiptCorrected,
    /// The institution withdrew the debt.
    Cancelled,
    /// The institution replaced the debt with another notice.
    Replaced,
    /// The last day of its last payable notice went by.
    Expired,
    /// A payment provider reported the payment in a flow.
    Reported,
    /// The treasurer credited the money.
    Credited,
}

impl OutcomeKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::NoticeViewed,
        Self::Paid,
        Self::PaidTwice,
        Self::PaidUnmatched,
        Self::ReceiptCorrected,
        Self::Cancelled,
        Self::Replaced,
        Self::Expired,
        Self::Reported,
        Self::Credited,
    ];

    /// The name programs and storage know it by.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoticeViewed => "notice_viewed",
            Self::Paid => "paid",
            Self::PaidTwice => "paid_twice",
            Self::PaidUnmatched => "paid_unmatched",
            Self::ReceiptCorrected => "receipt_corrected",
            Self::Cancelled => "cancelled",
            Self::Replaced => "replaced",
            Self::Expired => "expired",
            Self::Reported => "reported",
            Self::Credited => "credited",
        }
    }

    /// The kind with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Something programs are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whose debt or money it is.
    pub institution: CreditorFiscalCode,
    /// Code of the debt's service; `None` for money of which no debt is known here.
    pub service: Option<String>,
    /// Key of the debt position, as whoever created it gave it.
    pub position: Option<String>,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// What is said.
    pub content: OutcomeContent,
    /// What makes it this fact and no other, within the institution.
    pub fact: String,
}

impl Outcome {
    /// Its kind.
    pub const fn kind(&self) -> OutcomeKind {
        self.content.kind()
    }

    /// What it is about: outcomes of one subject are told in their order. The position; without one, the notice.
    pub fn subject(&self) -> &str {
        match (&self.position, self.content.notices().first()) {
            (Some(key), _) => key,
            (None, Some(notice)) => notice.notice_number.as_str(),
            (None, None) => &self.fact,
        }
    }
}
