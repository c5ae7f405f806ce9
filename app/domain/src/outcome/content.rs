//! What an outcome says, in the shape programs get: amounts are whole cents, Italian times are those of the hub.

use super::OutcomeKind;
use crate::flow_report::FlowOutcome;
use crate::receipt::ReceiptEffect;
use crate::{Cents, Instalment, Iuv, NoticeNumber, Receipt, ReceiptId};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

/// What happened. Written as `{"type": "paid", "data": {…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum OutcomeContent {
    /// Somebody looked at the notice at a payment provider, for the first time on that day.
    NoticeViewed(View),
    /// A notice was paid.
    Paid {
        /// The payment.
        #[serde(flatten)]
        payment: Payment,
        /// Whether the whole debt is paid by it, or instalments are left.
        position_paid: bool,
    },
    /// A debt that was paid already was paid again.
    PaidTwice {
        /// The payment.
        #[serde(flatten)]
        payment: Payment,
        /// What the receipt found.
        reason: ReceiptEffect,
    },
    /// Money came for no debt that waits for it.
    PaidUnmatched {
        /// The payment.
        #[serde(flatten)]
        payment: Payment,
        /// What the receipt found.
        reason: ReceiptEffect,
    },
    /// The hub delivered other contents for a receipt that is here. The first one stays.
    ReceiptCorrected {
        /// What the receipt says now.
        #[serde(flatten)]
        payment: Payment,
        /// What was paid by the first.
        first_amount: Cents,
    },
    /// The institution withdrew the debt.
    Cancelled {
        /// Its notices.
        notices: Vec<NoticeReference>,
    },
    /// The institution replaced the debt.
    Replaced {
        /// Its notices.
        notices: Vec<NoticeReference>,
        /// The notice to pay instead.
        replaced_by: NoticeNumber,
    },
    /// The last day of its last payable notice went by.
    Expired {
        /// Its notices.
        notices: Vec<NoticeReference>,
    },
    /// A payment provider reported the payment in a flow.
    Reported(Reported),
    /// The treasurer credited the money.
    Credited(Credit),
}

/// A notice: what is due, and its codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeReference {
    /// Its number.
    pub notice_number: NoticeNumber,
    /// Its payment reference.
    pub iuv: Iuv,
    /// What is due, in cents.
    pub amount: Cents,
}

impl From<&Instalment> for NoticeReference {
    fn from(instalment: &Instalment) -> Self {
        Self {
            notice_number: instalment.notice_number.clone(),
            iuv: instalment.iuv.clone(),
            amount: instalment.amount,
        }
    }
}

/// A payment, as its receipt states it. The notice's amount is what was paid, without the provider's fee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The notice, and what was paid.
    #[serde(flatten)]
    pub notice: NoticeReference,
    /// The receipt's number (IUR).
    pub receipt_id: ReceiptId,
    /// The payment provider, when the receipt is here.
    pub provider: Option<Provider>,
    /// When it was paid, Italian time as the hub writes it.
    pub paid_at_local: Option<NaiveDateTime>,
}

impl From<&Receipt> for Payment {
    fn from(receipt: &Receipt) -> Self {
        Self {
            notice: NoticeReference {
                notice_number: receipt.notice_number.clone(),
                iuv: receipt.iuv.clone(),
                amount: receipt.amount,
            },
            receipt_id: receipt.id.clone(),
            provider: Some(Provider {
                id: receipt.psp.id.clone(),
                name: receipt.psp.name.clone(),
            }),
            paid_at_local: receipt.paid_at,
        }
    }
}

/// A payment provider (PSP).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Its code on the hub.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// That a notice was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// The notice.
    #[serde(flatten)]
    pub notice: NoticeReference,
    /// When the hub asked first on that day.
    pub viewed_at: DateTime<Utc>,
    /// The Italian day.
    pub day: NaiveDate,
    /// The payment provider asked at, when the hub says.
    pub provider_id: Option<String>,
}

/// A payment in a flow report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// The notice's number, when it is one of this archive.
    pub notice_number: Option<NoticeNumber>,
    /// The payment reference, as the flow writes it.
    pub iuv: String,
    /// The receipt's number, as the flow writes it.
    pub receipt_id: String,
    /// What the flow transfers for it, in cents: the sum of its parts.
    pub amount: Cents,
    /// How the flow calls the payment.
    pub outcome: FlowOutcome,
    /// The day it was paid.
    pub paid_on: NaiveDate,
    /// The flow (IUF).
    pub flow_id: String,
    /// Code of the provider that sent it.
    pub provider_id: String,
    /// The transfer that carries the money (TRN).
    pub transfer: String,
    /// The day of that transfer.
    pub transferred_on: NaiveDate,
}

/// A payment whose money is on the institution's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The notice, and what was credited for it.
    #[serde(flatten)]
    pub notice: NoticeReference,
    /// The receipt's number (IUR).
    pub receipt_id: ReceiptId,
    /// The flow it came in, when it came in one.
    pub flow_id: Option<String>,
    /// The treasurer's number of the credit (provvisorio di entrata).
    pub credit: String,
    /// The day of the credit.
    pub credited_on: NaiveDate,
}

impl OutcomeContent {
    /// Its kind.
    pub const fn kind(&self) -> OutcomeKind {
        match self {
            Self::NoticeViewed(_) => OutcomeKind::NoticeViewed,
            Self::Paid { .. } => OutcomeKind::Paid,
            Self::PaidTwice { .. } => OutcomeKind::PaidTwice,
            Self::PaidUnmatched { .. } => OutcomeKind::PaidUnmatched,
            Self::ReceiptCorrected { .. } => OutcomeKind::ReceiptCorrected,
            Self::Cancelled { .. } => OutcomeKind::Cancelled,
            Self::Replaced { .. } => OutcomeKind::Replaced,
            Self::Expired { .. } => OutcomeKind::Expired,
            Self::Reported(_) => OutcomeKind::Reported,
            Self::Credited(_) => OutcomeKind::Credited,
        }
    }

    /// The notices it is about; none for a payment of a flow that is no notice of this archive.
    pub fn notices(&self) -> &[NoticeReference] {
        use std::slice::from_ref;
        match self {
            Self::NoticeViewed(view) => from_ref(&view.notice),
            Self::Paid { payment, .. }
            | Self::PaidTwice { payment, .. }
            | Self::PaidUnmatched { payment, .. }
            | Self::ReceiptCorrected { payment, .. } => from_ref(&payment.notice),
            Self::Cancelled { notices } | Self::Replaced { notices, .. } | Self::Expired { notices } => {
                notices
            }
            Self::Reported(_) => &[],
            Self::Credited(credit) => from_ref(&credit.notice),
        }
    }

    /// The number of the receipt it is about.
    pub fn receipt_id(&self) -> Option<&str> {
        match self {
            Self::Paid { payment, .. }
            | Self::PaidTwice { payment, .. }
            | Self::PaidUnmatched { payment, .. }
            | Self::ReceiptCorrected { payment, .. } => Some(payment.receipt_id.as_str()),
            Self::Reported(reported) => Some(&reported.receipt_id),
            Self::Credited(credit) => Some(credit.receipt_id.as_str()),
            Self::NoticeViewed(_) | Self::Cancelled { .. } | Self::Replaced { .. } | Self::Expired { .. } => {
                None
            }
        }
    }
}
