//! A position as it is answered: `PaymentPositionModel` to the calls that change it, `PaymentPositionModelBaseResponse`
//! to those that read it.

use super::position::{Credit, Debtor, Notice, Position, Transfer};
use chrono::{DateTime, Utc};
use domain::CreditorFiscalCode;
use serde_json::{Value, json};

/// `PaymentPositionModel`: what was sent, with the state it is in.
pub(super) fn model(position: &Position, now: DateTime<Utc>) -> Value {
    let Debtor {
        legal_person,
        code,
        full_name,
        street,
        number,
        postal_code,
        city,
        province,
        region,
        country,
        email,
        phone,
    } = &position.debtor;
    without_nulls(json!({
        "iupd": position.iupd,
        "type": if *legal_person { "G" } else { "F" },
        "payStandIn": position.pay_stand_in,
        "fiscalCode": code,
        "fullName": full_name,
        "streetName": street,
        "civicNumber": number,
        "postalCode": postal_code,
        "city": city,
        "province": province,
        "region": region,
        "country": country,
        "email": email,
        "phone": phone,
        "switchToExpired": position.switch_to_expired,
        "companyName": position.company_name,
        "officeName": position.office_name,
        "validityDate": position.valid_from,
        "paymentDate": position.paid_at(),
        "status": position.status(now),
        "paymentOption": position.notices.iter().map(notice_model).collect::<Vec<_>>(),
    }))
}

fn notice_model(notice: &Notice) -> Value {
    json!({
        "nav": notice.number,
        "iuv": notice.iuv,
        "amount": notice.amount,
        "description": notice.description,
        "isPartialPayment": notice.is_partial,
        "dueDate": notice.due,
        "retentionDate": notice.retention,
        "fee": 0,
        "notificationFee": 0,
        "transfer": notice.transfers.iter().map(transfer_members).collect::<Vec<_>>(),
        "paymentOptionMetadata": pairs(&notice.metadata),
    })
}

/// `PaymentPositionModelBaseResponse`: what is known of it. The debtor is not told.
pub(super) fn answer(institution: &CreditorFiscalCode, position: &Position, now: DateTime<Utc>) -> Value {
    let options: Vec<Value> = position
        .notices
        .iter()
        .map(|notice| notice_answer(institution, position, notice))
        .collect();
    without_nulls(json!({
        "iupd": position.iupd,
        "organizationFiscalCode": institution,
        "type": if position.debtor.legal_person { "G" } else { "F" },
        "companyName": position.company_name,
        "officeName": position.office_name,
        "insertedDate": position.inserted_at,
        "publishDate": position.published_at,
        "validityDate": position.valid_from,
        "paymentDate": position.paid_at(),
        "status": position.status(now),
        "lastUpdatedDate": position.updated_at,
        "paymentOption": options,
    }))
}

/// `PaymentsModelResponse`, and an item of the above.
pub(super) fn notice_answer(institution: &CreditorFiscalCode, position: &Position, notice: &Notice) -> Value {
    let payment = notice.payment.as_ref();
    let status = if payment.is_none() {
        "PO_UNPAID"
    } else if notice.is_reported() {
        "PO_REPORTED"
    } else if notice.is_partly_reported() {
        "PO_PARTIALLY_REPORTED"
    } else {
        "PO_PAID"
    };
    let transfers: Vec<Value> = notice
        .transfers
        .iter()
        .map(|transfer| {
            let mut members = transfer_members(transfer);
            members["organizationFiscalCode"] =
                json!(transfer.organization.as_deref().unwrap_or(institution.as_str()));
            members["insertedDate"] = json!(position.inserted_at);
            members["lastUpdatedDate"] = json!(position.updated_at);
            members["status"] = json!(if transfer.is_reported {
                "T_REPORTED"
            } else {
                "T_UNREPORTED"
            });
            members
        })
        .collect();
    without_nulls(json!({
        "nav": notice.number,
        "iuv": notice.iuv,
        "organizationFiscalCode": institution,
        "amount": notice.amount,
        "description": notice.description,
        "isPartialPayment": notice.is_partial,
        "dueDate": notice.due,
        "retentionDate": notice.retention,
        "paymentDate": payment.map(|payment| payment.at),
        "insertedDate": position.inserted_at,
        "fee": 0,
        "notificationFee": 0,
        "idReceipt": payment.and_then(|payment| payment.receipt_id.as_deref()),
        "idFlowReporting": payment.and_then(|payment| payment.flow.as_deref()),
        "status": status,
        "lastUpdatedDate": position.updated_at,
        "paymentOptionMetadata": pairs(&notice.metadata),
        "transfer": transfers,
    }))
}

fn transfer_members(transfer: &Transfer) -> Value {
    let (iban, postal, stamp) = match &transfer.credit {
        Credit::Account { iban, postal } => (Some(iban), postal.as_ref(), None),
        Credit::Stamp {
            digest,
            kind,
            province,
        } => {
            let stamp = json!({ "hashDocument": digest, "stampType": kind, "provincialResidence": province });
            (None, None, Some(stamp))
        }
    };
    json!({
        "idTransfer": transfer.id.to_string(),
        "amount": transfer.amount,
        "organizationFiscalCode": transfer.organization,
        "companyName": transfer.company_name,
        "remittanceInformation": transfer.remittance_information,
        "category": transfer.category,
        "iban": iban,
        "postalIban": postal,
        "stamp": stamp,
        "transferMetadata": pairs(&transfer.metadata),
    })
}

fn pairs(metadata: &[(String, String)]) -> Vec<Value> {
    metadata
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

/// Members without a value are left out, at every depth.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name, without_nulls(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}
