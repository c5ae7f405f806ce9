//! The JSON interface, for tests.

use crate::hub::Hub;
use crate::journal::Exchange;
use crate::mischief::Mischief;
use crate::payment::{Order, PayError, Way};
use crate::receipts::{Delivery, SentReceipt};
use crate::station::Failure;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDateTime;
use domain::{Cents, CreditorFiscalCode, NoticeNumber, ReceiptId};
use pagopa::pa_for_node::get_payment::TransferType;
use serde::{Deserialize, Serialize};
use serde_json::json;
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
    let order = Order {
        institution: body.institution,
        notice_number: body.notice_number,
        amount: None,
        payment_note: body.payment_note,
        transfer_type: body.transfer_type.map(TransferType::from),
        email: body.email,
        way: body.way.unwrap_or(Way::Counter),
    };
    let receipt = match hub.activate(order).await {
        Ok(activation) => activation.confirm(),
        Err(error) => return refused(&error),
    };
    let id = receipt.id.clone();
    let first_attempt = hub.deliver(receipt, Duration::from_millis(delay_ms));
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
