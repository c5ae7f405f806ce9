//! The JSON interface, for tests.

use crate::demand::Demand;
use crate::hub::Hub;
use crate::journal::Exchange;
use crate::limits::Counter;
use crate::mischief::Mischief;
use crate::payment::{Order, PayError, Way};
use crate::payment_options::Judged;
use crate::receipts::{Delivery, SentReceipt};
use crate::station::Failure;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDateTime;
use domain::{Cents, CreditorFiscalCode, NoticeNumber, ReceiptId};
use pagopa::pa_for_node::Edition;
use pagopa::pa_for_node::get_payment::TransferType;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// A notice to look at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyBody {
    notice_number: NoticeNumber,
    institution: CreditorFiscalCode,
}

/// A notice to pay at a provider.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PayBody {
    notice_number: NoticeNumber,
    institution: CreditorFiscalCode,
    way: Option<Way>,
    transfer_type: Option<Accounts>,
    payment_note: Option<String>,
    email: Option<String>,
    /// Of the question to the station; left out, the one in force.
    edition: Option<EditionName>,
    /// Of the receipt; left out, as the question's.
    receipt_edition: Option<EditionName>,
    /// Over the mischief's own.
    receipt_delay_ms: Option<u64>,
}

/// The accounts asked for, in the hub's spelling.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Accounts {
    Postal,
    Pagopa,
}

impl From<Accounts> for TransferType {
    fn from(accounts: Accounts) -> Self {
        match accounts {
            Accounts::Postal => Self::Postal,
            Accounts::Pagopa => Self::PagoPa,
        }
    }
}

/// An edition of the station's messages.
#[derive(Clone, Copy, Deserialize)]
pub(crate) enum EditionName {
    V1,
    V2,
}

impl From<EditionName> for Edition {
    fn from(name: EditionName) -> Self {
        match name {
            EditionName::V1 => Self::First,
            EditionName::V2 => Self::Second,
        }
    }
}

/// A receipt, as tests see it.
#[derive(Serialize)]
pub(crate) struct ReceiptView {
    receipt_id: ReceiptId,
    institution: CreditorFiscalCode,
    notice_number: NoticeNumber,
    amount_cents: Cents,
    payment_note: Option<String>,
    paid_at: Option<NaiveDateTime>,
    delivery: Delivery,
    attempts: u32,
    reasons: Vec<String>,
    edition: &'static str,
    stand_in: bool,
    reported: bool,
}

impl From<&SentReceipt> for ReceiptView {
    fn from(sent: &SentReceipt) -> Self {
        let receipt = &sent.receipt;
        Self {
            receipt_id: receipt.id.clone(),
            institution: receipt.recipient.clone(),
            notice_number: receipt.notice_number.clone(),
            amount_cents: receipt.amount,
            payment_note: receipt.payment_note.clone(),
            paid_at: receipt.paid_at,
            delivery: sent.delivery,
            attempts: sent.attempts,
            reasons: sent.reasons.clone(),
            edition: match sent.edition {
                Edition::First => "V1",
                Edition::Second => "V2",
            },
            stand_in: receipt.stand_in,
            reported: sent.reported,
        }
    }
}

/// `POST /api/psp/verify`
pub(crate) async fn verify(State(hub): State<Arc<Hub>>, Json(body): Json<VerifyBody>) -> Response {
    match hub.verify(&body.institution, &body.notice_number).await {
        Ok(due) => Json(json!({
            "amount_cents": due.amount,
            "due_on": due.due_on,
            "description": due.description,
            "company_name": due.company_name,
            "office_name": due.office_name,
            "all_postal": due.all_postal,
        }))
        .into_response(),
        Err(failure) => refused(&PayError::Station(failure)),
    }
}

/// `POST /api/psp/pay`
pub(crate) async fn pay(State(hub): State<Arc<Hub>>, Json(body): Json<PayBody>) -> Response {
    let delay_ms = body
        .receipt_delay_ms
        .unwrap_or(hub.mischief().receipt_delay_ms)
        .min(600_000);
    let edition = body.edition.map_or(Edition::Second, Edition::from);
    let order = Order {
        edition,
        receipt_edition: body.receipt_edition.map_or(edition, Edition::from),
        institution: body.institution,
        notice_number: body.notice_number,
        amount: None,
        payment_note: body.payment_note,
        transfer_type: body.transfer_type.map(TransferType::from),
        email: body.email,
        way: body.way.unwrap_or(Way::Counter),
    };
    let (receipt, edition) = match hub.activate(order).await {
        Ok(activation) => {
            let edition = activation.receipt_edition();
            (activation.confirm(), edition)
        }
        Err(error) => return refused(&error),
    };
    let id = receipt.id.clone();
    let first_attempt = hub.deliver(receipt, edition, Duration::from_millis(delay_ms));
    if delay_ms == 0 {
        // The sender lives as long as the delivery: an error would mean there is nothing to wait for.
        let _tried = first_attempt.await;
    }
    one_receipt(&hub, &id)
}

/// `GET /api/receipts`, newest first
pub(crate) async fn receipts(State(hub): State<Arc<Hub>>) -> Json<Vec<ReceiptView>> {
    Json(hub.memory().receipts.iter().map(ReceiptView::from).collect())
}

/// `POST /api/receipts/{id}/again`
pub(crate) async fn deliver_again(State(hub): State<Arc<Hub>>, Path(id): Path<String>) -> Response {
    let Ok(id) = ReceiptId::parse(&id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    hub.attempt(&id).await;
    one_receipt(&hub, &id)
}

/// `POST /api/receipts/retry`
pub(crate) async fn retry(State(hub): State<Arc<Hub>>) -> Json<Value> {
    Json(json!({ "tried": hub.retry_all().await }))
}

/// `GET /api/stand-in`
pub(crate) async fn stand_in(State(hub): State<Arc<Hub>>) -> Json<Value> {
    let memory = hub.memory();
    Json(json!({ "stand_in": memory.stand_in, "last_probe": memory.last_probe }))
}

/// `POST /api/stand-in/probe`
pub(crate) async fn probe(State(hub): State<Arc<Hub>>, Json(body): Json<ProbeBody>) -> Response {
    Json(hub.probe(&body.institution).await).into_response()
}

/// Whose station is probed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProbeBody {
    institution: CreditorFiscalCode,
}

/// `POST /api/payment-options`
pub(crate) async fn payment_options(
    State(hub): State<Arc<Hub>>,
    Json(body): Json<VerifyBody>,
) -> Json<Judged> {
    Json(hub.payment_options(&body.institution, &body.notice_number).await)
}

/// `POST /api/psp/demand`
pub(crate) async fn demand(State(hub): State<Arc<Hub>>, Json(demand): Json<Demand>) -> Response {
    let mistakes = demand.mistakes();
    if !mistakes.is_empty() {
        return crate::problem::bad_request(&mistakes);
    }
    match hub.demand(&demand).await {
        Ok(made) => Json(json!({
            "notice_number": made.notice_number,
            "institution": made.due.institution,
            "amount_cents": made.due.amount,
            "description": made.due.description,
        }))
        .into_response(),
        Err(failure) => refused(&PayError::Station(failure)),
    }
}

/// `GET /api/limits`
pub(crate) async fn limits(State(hub): State<Arc<Hub>>) -> Json<Vec<Counter>> {
    Json(hub.limits.view())
}

/// `GET /api/mischief`
pub(crate) async fn mischief(State(hub): State<Arc<Hub>>) -> Json<Mischief> {
    Json(hub.mischief())
}

/// `POST /api/mischief`
pub(crate) async fn set_mischief(State(hub): State<Arc<Hub>>, Json(mischief): Json<Mischief>) -> Response {
    if !mischief.is_within_limits() {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    hub.memory().mischief = mischief;
    Json(mischief).into_response()
}

/// `GET /api/journal`, newest first
pub(crate) async fn journal(State(hub): State<Arc<Hub>>) -> Json<Vec<Exchange>> {
    Json(hub.memory().journal.iter().cloned().collect())
}

/// `POST /api/reset`
pub(crate) async fn reset(State(hub): State<Arc<Hub>>) -> StatusCode {
    hub.forget_everything();
    StatusCode::NO_CONTENT
}

fn one_receipt(hub: &Hub, id: &ReceiptId) -> Response {
    let view = hub
        .memory()
        .receipts
        .find(|sent| sent.receipt.id == *id)
        .map(ReceiptView::from);
    view.map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |view| Json(view).into_response(),
    )
}

fn refused(error: &PayError) -> Response {
    let status = match error {
        PayError::InProgress | PayError::Paid => StatusCode::CONFLICT,
        PayError::StampAtCounter | PayError::Station(Failure::Ko(_)) => StatusCode::UNPROCESSABLE_ENTITY,
        PayError::Station(Failure::Unreachable | Failure::Malformed(_)) => StatusCode::BAD_GATEWAY,
        PayError::Station(Failure::Late) => StatusCode::GATEWAY_TIMEOUT,
    };
    let fault_code = match error {
        PayError::Station(Failure::Ko(fault)) => Some(fault.code.as_str()),
        _ => None,
    };
    let body = json!({ "code": error.hub_code(), "fault_code": fault_code, "reasons": error.reasons() });
    (status, Json(body)).into_response()
}
