//! From what happened to what is told.

use super::{Credit, NoticeReference, Outcome, OutcomeContent, Payment, Reported, View};
use crate::debt_position::DebtPositionEvent;
use crate::flow_report::{FlowKey, FlowOutcome, FlowReport};
use crate::receipt::ReceiptEffect;
use crate::{Cents, CreditorFiscalCode, DebtPosition, DebtPositionStatus, NoticeNumber, Receipt};
use chrono::{DateTime, NaiveDate, Utc};

/// The debt an outcome is about, as far as one is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concerned {
    /// Code of its service.
    pub service: String,
    /// Its key.
    pub position: String,
}

/// What is told of a position that became `after` by `event`, its `version` from now on; nothing where the institution
/// itself published or amended it. `receipt` is what the event names, when it is here.
pub fn of_transition(
    after: &DebtPosition,
    event: &DebtPositionEvent,
    receipt: Option<&Receipt>,
    version: i64,
    at: DateTime<Utc>,
) -> Option<Outcome> {
    use DebtPositionEvent as E;
    let notices = || -> Vec<NoticeReference> {
        after
            .instalments()
            .map(|(_, _, instalment)| instalment.into())
            .collect()
    };
    let content = match event {
        E::ReceiptReceived {
            notice_number,
            receipt_id,
            ..
        } => {
            let (_, _, instalment) = after
                .instalments()
                .find(|(_, _, instalment)| instalment.notice_number == *notice_number)?;
            OutcomeContent::Paid {
                payment: receipt.map_or_else(
                    || Payment {
                        notice: instalment.into(),
                        receipt_id: receipt_id.clone(),
                        provider: None,
                        paid_at_local: None,
                    },
                    Payment::from,
                ),
                position_paid: match after.status {
                    DebtPositionStatus::Paid { .. } => true,
                    DebtPositionStatus::Draft
                    | DebtPositionStatus::Open { .. }
                    | DebtPositionStatus::Cancelled { .. }
                    | DebtPositionStatus::Replaced { .. }
                    | DebtPositionStatus::Expired { .. } => false,
                },
            }
        }
        E::Cancelled { .. } => OutcomeContent::Cancelled { notices: notices() },
        E::Replaced { by, .. } => OutcomeContent::Replaced {
            notices: notices(),
            replaced_by: by.clone(),
        },
        E::Expired { .. } => OutcomeContent::Expired { notices: notices() },
        E::Published | E::Amended { .. } => return None,
    };
    Some(Outcome {
        institution: after.institution.clone(),
        service: Some(after.service.clone()),
        position: Some(after.key.clone()),
        at,
        content,
        fact: format!("position {version} {}", after.key),
    })
}

/// What is told of a receipt that moved no position, and of the debt its notice belongs to; nothing of one that paid its
/// notice, which [`of_transition`] tells.
pub fn of_receipt(
    receipt: &Receipt,
    effect: ReceiptEffect,
    of: Option<Concerned>,
    at: DateTime<Utc>,
) -> Option<Outcome> {
    use ReceiptEffect as E;
    let payment = Payment::from(receipt);
    let content = match effect {
        E::Applied => return None,
        E::PaidTwice | E::OtherOptionChosen => OutcomeContent::PaidTwice {
            payment,
            reason: effect,
        },
        E::Cancelled | E::Replaced | E::Unpublished | E::Unknown | E::AsBeneficiary => {
            OutcomeContent::PaidUnmatched {
                payment,
                reason: effect,
            }
        }
    };
    let fact = format!("receipt {}", receipt.id);
    Some(about(receipt.recipient.clone(), of, at, content, fact))
}

/// What is told when the hub delivers other contents for a receipt: `digest` tells these contents from others.
pub fn of_correction(
    first: &Receipt,
    other: &Receipt,
    digest: &str,
    of: Option<Concerned>,
    at: DateTime<Utc>,
) -> Outcome {
    let content = OutcomeContent::ReceiptCorrected {
        payment: Payment::from(other),
        first_amount: first.amount,
    };
    let fact = format!("correction {} {digest}", other.id);
    about(other.recipient.clone(), of, at, content, fact)
}

/// A payment of a flow, its parts added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedPayment {
    /// The receipt's number, as written.
    pub iur: String,
    /// The payment reference, as written.
    pub iuv: String,
    /// The sum of its parts.
    pub amount: Cents,
    /// How the flow calls it.
    pub outcome: FlowOutcome,
    /// The day it was paid.
    pub paid_on: NaiveDate,
    /// Its notice, when it is one of this archive.
    pub notice_number: Option<NoticeNumber>,
}

/// What is told of a payment of a flow: once for each receipt and flow, whatever revisions come.
pub fn of_reported(
    flow: &FlowReport,
    payment: ReportedPayment,
    of: Option<Concerned>,
    at: DateTime<Utc>,
) -> Outcome {
    let FlowKey {
        institution, psp, id, ..
    } = &flow.key;
    let fact = format!("reported {psp} {id} {}", payment.iur);
    let content = OutcomeContent::Reported(Reported {
        notice_number: payment.notice_number,
        iuv: payment.iuv,
        receipt_id: payment.iur,
        amount: payment.amount,
        outcome: payment.outcome,
        paid_on: payment.paid_on,
        flow_id: id.to_string(),
        provider_id: psp.clone(),
        transfer: flow.regulation.clone(),
        transferred_on: flow.regulated_on,
    });
    about(institution.clone(), of, at, content, fact)
}

/// What is told of a notice the hub asked about: once for each day.
pub fn of_view(institution: CreditorFiscalCode, of: Concerned, view: View, at: DateTime<Utc>) -> Outcome {
    let fact = format!("viewed {} {}", view.day, view.notice.notice_number);
    about(
        institution,
        Some(of),
        at,
        OutcomeContent::NoticeViewed(view),
        fact,
    )
}

/// What is told of a payment whose money the treasurer credited: once for each credit and receipt.
pub fn of_credit(
    institution: CreditorFiscalCode,
    of: Option<Concerned>,
    credit: Credit,
    at: DateTime<Utc>,
) -> Outcome {
    let fact = format!(
        "credited {} {} {}",
        credit.credited_on, credit.credit, credit.receipt_id
    );
    about(institution, of, at, OutcomeContent::Credited(credit), fact)
}

fn about(
    institution: CreditorFiscalCode,
    of: Option<Concerned>,
    at: DateTime<Utc>,
    content: OutcomeContent,
    fact: String,
) -> Outcome {
    let (service, position) = of.map(|of| (of.service, of.position)).unzip();
    Outcome {
        institution,
        service,
        position,
        at,
        content,
        fact,
    }
}
