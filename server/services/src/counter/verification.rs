//! How a citizen's payment stands, and everything that is known of it.

use super::debts::{Asking, look_up};
use crate::Services;
use crate::caller::Caller;
use crate::clock::instant_of_italian_time;
use crate::positions::{
    HistoryEntry, PositionError, PositionView, StateView, read_history, receipt_page, views_of,
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::receipt::ReceiptEffect;
use domain::{Cents, DebtPosition, DebtPositionStatus};
use serde::{Deserialize, Serialize};
use storage::debt_positions::StoredPosition;
use storage::flow_reports::list_reports_of_payment;
use storage::messages::{MessageKind, MessageSearch, MessageSubject, search_messages};
use storage::receipts::{StoredReceipt, list_receipts_of_notice};
use storage::{Snapshot, StorageError};

/// Messages of the hub about a notice that are looked at.
const MESSAGES_MAX: u32 = 500;

/// How a debt stands, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Verification {
    /// How it stands, in plain words: `to_pay`, `partly_paid`, `paid`, `paid_twice`, `cancelled`, `replaced` or `expired`.
    pub state: StateView,
    /// The position.
    pub position: PositionView,
    /// Keys of the older positions it took the place of.
    pub replaces: Vec<String>,
    /// Every receipt for one of its notices, the newest first.
    pub receipts: Vec<TakenReceipt>,
    /// When the hub asked for one of its notices on behalf of a provider, the oldest first.
    pub seen: Vec<Seen>,
    /// What happened to it.
    pub history: Vec<HistoryEntry>,
}

/// A receipt for a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TakenReceipt {
    /// Its number (IUR).
    pub receipt_id: String,
    /// The notice it is for.
    pub notice_number: String,
    /// What was paid, in cents.
    pub amount: Cents,
    /// When, if the provider says it.
    pub paid_at: Option<DateTime<Utc>>,
    /// The payment provider.
    pub psp: String,
    /// How, in the hub's word.
    pub method: Option<String>,
    /// What it did: `applied` when it paid its notice, otherwise why it is money to look into.
    pub effect: String,
    /// When it came here.
    pub received_at: DateTime<Utc>,
    /// Its page.
    pub page: String,
    /// The flow reports its money is in.
    pub reported: Vec<Reported>,
}

/// A flow report with the money of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Reported {
    /// The flow.
    pub flow_id: String,
    /// The transfer that carries its money.
    pub regulation: String,
    /// The day of that transfer.
    pub regulated_on: NaiveDate,
    /// What of the payment is in it, in cents.
    pub amount: Cents,
}

/// The hub asked for a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Seen {
    /// When.
    pub at: DateTime<Utc>,
    /// The notice.
    pub notice_number: String,
    /// What for: the hub's own name of the operation.
    pub operation: String,
    /// The provider, when it was said.
    pub psp: Option<String>,
}

/// How the debts that are asked for stand. With `only_positive`, receipts that paid nothing are left out.
pub async fn verify(
    services: &Services,
    caller: &Caller,
    asking: &Asking,
    only_positive: bool,
) -> Result<Vec<Verification>, PositionError> {
    let found = look_up(services, caller, asking).await?;
    let mut snapshot = services.store.read().await?;
    let mut verified = Vec::with_capacity(found.len());
    for found in found {
        let views = views_of(services, &mut snapshot, std::slice::from_ref(&found.stored)).await?;
        let Some(position) = views.into_iter().next() else {
            continue;
        };
        let receipts = receipts(services, &mut snapshot, &found.stored, only_positive).await?;
        verified.push(Verification {
            state: state_of(&found.stored.position, &receipts),
            position,
            replaces: found.replaces,
            receipts,
            seen: seen(&mut snapshot, &found.stored).await?,
            history: read_history(&mut snapshot, &found.stored).await?,
        });
    }
    Ok(verified)
}

async fn receipts(
    services: &Services,
    snapshot: &mut Snapshot,
    stored: &StoredPosition,
    only_positive: bool,
) -> Result<Vec<TakenReceipt>, StorageError> {
    let institution = &stored.position.institution;
    let mut taken = Vec::new();
    for (_, _, instalment) in stored.position.instalments() {
        let receipts = list_receipts_of_notice(snapshot, institution, &instalment.notice_number).await?;
        for receipt in receipts {
            if only_positive && receipt.effect != ReceiptEffect::Applied {
                continue;
            }
            let reports = list_reports_of_payment(snapshot, institution, &receipt.receipt.id).await?;
            let reported = reports.into_iter().map(|report| Reported {
                flow_id: report.flow_id,
                regulation: report.regulation,
                regulated_on: report.regulated_on,
                amount: report.amount,
            });
            taken.push(taken_receipt(services, &receipt, reported.collect()));
        }
    }
    taken.sort_by_key(|receipt| std::cmp::Reverse(receipt.received_at));
    Ok(taken)
}

fn taken_receipt(services: &Services, stored: &StoredReceipt, reported: Vec<Reported>) -> TakenReceipt {
    let receipt = &stored.receipt;
    TakenReceipt {
        receipt_id: receipt.id.to_string(),
        notice_number: receipt.notice_number.to_string(),
        amount: receipt.amount,
        paid_at: receipt.paid_at.map(instant_of_italian_time),
        psp: receipt.psp.name.clone(),
        method: receipt.payment_method.clone(),
        effect: stored.effect.as_str().to_owned(),
        received_at: stored.received_at,
        page: receipt_page(services, stored),
        reported,
    }
}

async fn seen(snapshot: &mut Snapshot, stored: &StoredPosition) -> Result<Vec<Seen>, StorageError> {
    let mut seen = Vec::new();
    for (_, _, instalment) in stored.position.instalments() {
        let search = MessageSearch {
            institution: stored.position.institution.clone(),
            subject: MessageSubject::Notice(instalment.notice_number.clone()),
            from: None,
            until: None,
        };
        let messages = search_messages(snapshot, &search, None, MESSAGES_MAX).await?;
        let asked = messages
            .into_iter()
            .filter(|message| message.kind == MessageKind::Request)
            .filter(|message| is_question(&message.operation))
            .map(|message| Seen {
                at: message.at,
                notice_number: instalment.notice_number.to_string(),
                operation: message.operation,
                psp: message.psp,
            });
        seen.extend(asked);
    }
    seen.sort_by_key(|seen| seen.at);
    Ok(seen)
}

/// Whether somebody looks at a notice or begins to pay it with a message.
fn is_question(operation: &str) -> bool {
    operation.starts_with("paVerifyPaymentNotice") || operation.starts_with("paGetPayment")
}

/// How a debt stands, in plain words. Money that came twice is said before all else.
fn state_of(position: &DebtPosition, receipts: &[TakenReceipt]) -> StateView {
    let came_twice = receipts
        .iter()
        .any(|receipt| receipt.effect != ReceiptEffect::Applied.as_str());
    let (code, it, en) = match &position.status {
        _ if came_twice => (
            "paid_twice",
            "È arrivato un pagamento che non era dovuto: l'ufficio deve restituirlo o attribuirlo."
                .to_owned(),
            "A payment came that was not due: the office must give it back or allocate it.".to_owned(),
        ),
        DebtPositionStatus::Draft => (
            "draft",
            "È in preparazione: non si può ancora pagare.".to_owned(),
            "It is being prepared: it cannot be paid yet.".to_owned(),
        ),
        DebtPositionStatus::Open { chosen: None } => (
            "to_pay",
            "Non risulta alcun pagamento: il debito è da pagare.".to_owned(),
            "No payment is known: the debt is to be paid.".to_owned(),
        ),
        DebtPositionStatus::Open { chosen: Some(_) } => (
            "partly_paid",
            "È pagato in parte: mancano delle rate.".to_owned(),
            "It is paid in part: some instalments are missing.".to_owned(),
        ),
        DebtPositionStatus::Paid { .. } => (
            "paid",
            "È pagato: la ricevuta è arrivata.".to_owned(),
            "It is paid: the receipt has come.".to_owned(),
        ),
        DebtPositionStatus::Cancelled { .. } => (
            "cancelled",
            "È stato annullato: non c'è nulla da pagare.".to_owned(),
            "It was withdrawn: there is nothing to pay.".to_owned(),
        ),
        DebtPositionStatus::Replaced { by, .. } => (
            "replaced",
            format!("È stato sostituito dall'avviso {}.", by.grouped()),
            format!("It was replaced by notice {}.", by.grouped()),
        ),
        DebtPositionStatus::Expired { .. } => (
            "expired",
            "Non risulta alcun pagamento, e non si può più pagare.".to_owned(),
            "No payment is known, and it can no longer be paid.".to_owned(),
        ),
    };
    StateView {
        code: code.to_owned(),
        it,
        en,
    }
}
