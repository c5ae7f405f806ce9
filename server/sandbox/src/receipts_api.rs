//! Receipts read again (`biz_events.json`): also those never delivered.

use crate::hub::Hub;
use crate::money;
use crate::problem::problem;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::TimeZone;
use chrono_tz::Europe::Rome;
use domain::receipt::{ReceiptDestination, ReceiptTransfer};
use domain::{Receipt, Subject, SubjectKind};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Hub>> {
    let receipt = "/organizations/{institution}/receipts/{iur}";
    Router::new()
        .route(receipt, get(by_iur))
        .route(&format!("{receipt}/paymentoptions/{{iuv}}"), get(by_iur_and_iuv))
}

async fn by_iur(State(hub): State<Arc<Hub>>, Path((institution, iur)): Path<(String, String)>) -> Response {
    answer(&hub, &institution, &iur, None)
}

async fn by_iur_and_iuv(
    State(hub): State<Arc<Hub>>,
    Path((institution, iur, iuv)): Path<(String, String, String)>,
) -> Response {
    answer(&hub, &institution, &iur, Some(&iuv))
}

fn answer(hub: &Hub, institution: &str, iur: &str, iuv: Option<&str>) -> Response {
    let memory = hub.memory();
    let found = memory.receipts.find(|sent| {
        let receipt = &sent.receipt;
        receipt.id.as_str() == iur
            && iuv.is_none_or(|iuv| receipt.iuv.as_str() == iuv)
            && (receipt.issuer.as_str() == institution
                || receipt
                    .transfers
                    .iter()
                    .any(|transfer| transfer.beneficiary.as_str() == institution))
    });
    found.map_or_else(
        || {
            problem(
                StatusCode::NOT_FOUND,
                "Not found",
                "there is no such receipt of this institution",
            )
        },
        |sent| Json(view(&sent.receipt)).into_response(),
    )
}

/// `CtReceiptModelResponse`
fn view(receipt: &Receipt) -> Value {
    let paid_at = receipt
        .paid_at
        .and_then(|at| Rome.from_local_datetime(&at).earliest());
    let members = json!({
        "receiptId": receipt.id,
        "noticeNumber": receipt.notice_number,
        "fiscalCode": receipt.issuer,
        "outcome": "OK",
        "creditorReferenceId": receipt.iuv,
        "paymentAmount": money::decimal(receipt.amount),
        "description": receipt.description,
        "companyName": receipt.company_name,
        "officeName": receipt.office_name,
        "debtor": subject(&receipt.debtor),
        "transferList": receipt.transfers.iter().map(transfer).collect::<Vec<_>>(),
        "idPSP": receipt.psp.id,
        "pspFiscalCode": receipt.psp.fiscal_code,
        "pspPartitaIVA": receipt.psp.vat_number,
        "pspCompanyName": receipt.psp.name,
        "idChannel": receipt.psp.channel,
        "channelDescription": receipt.psp.channel_description,
        "payer": receipt.payer.as_ref().map(subject),
        "paymentMethod": receipt.payment_method,
        "fee": receipt.fee.and_then(money::decimal),
        "paymentDateTime": receipt.paid_at.map(|at| at.date()),
        "paymentDateTimeFormatted": paid_at.map(|at| at.to_rfc3339()),
        "applicationDate": receipt.applied_on,
        "transferDate": receipt.transferred_on,
        "metadata": pairs(&receipt.metadata),
    });
    known(members)
}

fn subject(subject: &Subject) -> Value {
    let address = &subject.address;
    let kind = match subject.kind {
        SubjectKind::Natural => "F",
        SubjectKind::Legal => "G",
    };
    known(json!({
        "entityUniqueIdentifierType": kind,
        "entityUniqueIdentifierValue": subject.code,
        "fullName": subject.full_name,
        "streetName": address.street,
        "civicNumber": address.number,
        "postalCode": address.postal_code,
        "city": address.city,
        "stateProvinceRegion": address.province,
        "country": address.country,
        "email": subject.email,
    }))
}

/// `TransferPA`. The interface wants both the account and the stamp: the one there is not is empty.
fn transfer(transfer: &ReceiptTransfer) -> Value {
    let (iban, stamp) = match &transfer.destination {
        ReceiptDestination::Account(iban) => (iban.as_str(), ""),
        ReceiptDestination::StampDuty { attachment, .. } => ("", attachment.as_str()),
    };
    json!({
        "idTransfer": transfer.id,
        "transferAmount": money::decimal(transfer.amount),
        "fiscalCodePA": transfer.beneficiary,
        "iban": iban,
        "mbdAttachment": stamp,
        "remittanceInformation": transfer.remittance_information,
        "transferCategory": transfer.category,
        "metadata": pairs(&transfer.metadata),
    })
}

fn pairs(metadata: &[(String, String)]) -> Vec<Value> {
    metadata
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

/// The members that have a value.
fn known(members: Value) -> Value {
    match members {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .collect::<Map<_, _>>(),
        ),
        other => other,
    }
}
