//! Receipts asked for by their reference (`biz_events.json` 0.1.89), when the hub's own delivery did not come.
//!
//! # What differs from the delivered form
//!
//! The answer holds what `paSendRTV2` holds, except: `standIn` and `paymentNote` are not in it (read as "no" and "none"),
//! nor is a transfer's `companyName`; a date without a time stands for its midnight; `channelDescription` may be
//! missing (read as empty). Amounts are numbers in euro, read from their digits.

use crate::amount::cents_of;
use crate::gateway::Call;
use crate::json::{Wrong, read};
use crate::stamp_duty;
use crate::values::{read_date_time, read_day};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use domain::receipt::{Psp, ReceiptDestination, ReceiptTransfer};
use domain::subject::Address;
use domain::{Cents, CreditorFiscalCode, Iuv, NoticeNumber, Receipt, ReceiptId, Subject, SubjectKind};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The most transfers of a receipt.
const MAX_TRANSFERS: usize = 5;

/// Asks for a receipt by its id and, when known, the payment reference.
pub fn receipt_call(institution: &CreditorFiscalCode, id: &ReceiptId, iuv: Option<&Iuv>) -> Call {
    let (institution, id) = (institution.as_str(), id.as_str());
    match iuv {
        Some(iuv) => Call::get(
            "getOrganizationReceiptIuvIur",
            [
                "organizations",
                institution,
                "receipts",
                id,
                "paymentoptions",
                iuv.as_str(),
            ],
        ),
        None => Call::get(
            "getOrganizationReceiptIur",
            ["organizations", institution, "receipts", id],
        ),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    receipt_id: String,
    notice_number: String,
    fiscal_code: String,
    outcome: String,
    creditor_reference_id: String,
    payment_amount: Box<RawValue>,
    description: String,
    company_name: String,
    office_name: Option<String>,
    debtor: Person,
    transfer_list: Vec<Part>,
    #[serde(rename = "idPSP")]
    id_psp: String,
    psp_fiscal_code: Option<String>,
    #[serde(rename = "pspPartitaIVA")]
    psp_vat_number: Option<String>,
    psp_company_name: String,
    id_channel: String,
    channel_description: Option<String>,
    payer: Option<Person>,
    payment_method: Option<String>,
    fee: Option<Box<RawValue>>,
    payment_date_time: Option<String>,
    payment_date_time_formatted: Option<String>,
    application_date: Option<String>,
    transfer_date: Option<String>,
    metadata: Option<Vec<Pair>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    entity_unique_identifier_type: String,
    entity_unique_identifier_value: String,
    full_name: String,
    street_name: Option<String>,
    civic_number: Option<String>,
    postal_code: Option<String>,
    city: Option<String>,
    state_province_region: Option<String>,
    country: Option<String>,
    email: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    id_transfer: Option<u8>,
    transfer_amount: Box<RawValue>,
    #[serde(rename = "fiscalCodePA")]
    fiscal_code: String,
    iban: Option<String>,
    mbd_attachment: Option<String>,
    remittance_information: String,
    transfer_category: String,
    metadata: Option<Vec<Pair>>,
}

#[derive(Deserialize)]
struct Pair {
    key: Option<String>,
    value: Option<String>,
}

/// Reads the answer to [`receipt_call`]: the receipt as its `recipient` would have got it.
pub fn read_receipt(recipient: &CreditorFiscalCode, body: &[u8]) -> Result<Receipt, Wrong> {
    let answer: Answer = read(body)?;
    if answer.outcome != "OK" {
        return Err(Wrong::Field("outcome"));
    }
    if !(1..=MAX_TRANSFERS).contains(&answer.transfer_list.len()) {
        return Err(Wrong::Field("transferList"));
    }
    let transfers = answer.transfer_list.into_iter().zip(1..);
    Ok(Receipt {
        id: ReceiptId::parse(&answer.receipt_id).map_err(|_| Wrong::Field("receiptId"))?,
        recipient: recipient.clone(),
        issuer: institution(&answer.fiscal_code, "fiscalCode")?,
        notice_number: NoticeNumber::parse(&answer.notice_number)
            .map_err(|_| Wrong::Field("noticeNumber"))?,
        iuv: Iuv::parse(&answer.creditor_reference_id).map_err(|_| Wrong::Field("creditorReferenceId"))?,
        amount: amount(&answer.payment_amount, "paymentAmount")?,
        description: answer.description,
        company_name: answer.company_name,
        office_name: said(answer.office_name),
        debtor: subject(answer.debtor).ok_or(Wrong::Field("debtor"))?,
        // Who paid is beside the point of a receipt: unreadable, it is as if it were not said.
        payer: answer.payer.and_then(subject),
        transfers: transfers
            .map(|(part, place)| transfer(part, place))
            .collect::<Result<_, _>>()?,
        psp: Psp {
            id: answer.id_psp,
            name: answer.psp_company_name,
            fiscal_code: said(answer.psp_fiscal_code),
            vat_number: said(answer.psp_vat_number),
            channel: answer.id_channel,
            channel_description: answer.channel_description.unwrap_or_default(),
        },
        payment_method: said(answer.payment_method),
        payment_note: None,
        fee: answer.fee.map(|fee| amount(&fee, "fee")).transpose()?,
        paid_at: [answer.payment_date_time_formatted, answer.payment_date_time]
            .into_iter()
            .flatten()
            .find_map(|text| moment(&text)),
        applied_on: answer.application_date.as_deref().and_then(day),
        transferred_on: answer.transfer_date.as_deref().and_then(day),
        stand_in: false,
        metadata: pairs(answer.metadata),
    })
}

fn transfer(part: Part, place: u8) -> Result<ReceiptTransfer, Wrong> {
    let destination = match (said(part.iban), said(part.mbd_attachment)) {
        (_, Some(stamp)) => stamp_duty::bought(stamp),
        (Some(account), None) => ReceiptDestination::Account(account),
        (None, None) => return Err(Wrong::Field("iban")),
    };
    Ok(ReceiptTransfer {
        id: part.id_transfer.unwrap_or(place),
        amount: amount(&part.transfer_amount, "transferAmount")?,
        beneficiary: institution(&part.fiscal_code, "fiscalCodePA")?,
        beneficiary_name: None,
        destination,
        remittance_information: part.remittance_information,
        category: part.transfer_category,
        metadata: pairs(part.metadata),
    })
}

fn subject(person: Person) -> Option<Subject> {
    Some(Subject {
        kind: match person.entity_unique_identifier_type.as_str() {
            "F" => SubjectKind::Natural,
            "G" => SubjectKind::Legal,
            _ => return None,
        },
        code: person.entity_unique_identifier_value,
        full_name: person.full_name,
        address: Address {
            street: said(person.street_name),
            number: said(person.civic_number),
            postal_code: said(person.postal_code),
            city: said(person.city),
            province: said(person.state_province_region),
            country: said(person.country),
        },
        email: said(person.email),
    })
}

fn pairs(pairs: Option<Vec<Pair>>) -> Vec<(String, String)> {
    let whole = |pair: Pair| Some((pair.key?, pair.value?));
    pairs.into_iter().flatten().filter_map(whole).collect()
}

fn institution(code: &str, field: &'static str) -> Result<CreditorFiscalCode, Wrong> {
    CreditorFiscalCode::parse(code).map_err(|_| Wrong::Field(field))
}

fn amount(number: &RawValue, field: &'static str) -> Result<Cents, Wrong> {
    cents_of(number)
        .filter(|amount| *amount >= Cents::ZERO)
        .ok_or(Wrong::Field(field))
}

/// An empty text says nothing.
fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn day(text: &str) -> Option<NaiveDate> {
    read_day(text.get(..10)?)
}

/// A moment in Italian time; a day alone is its midnight.
fn moment(text: &str) -> Option<NaiveDateTime> {
    read_date_time(text).or_else(|| Some(read_day(text)?.and_time(NaiveTime::MIN)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{"receiptId":"0f1e2d3c","noticeNumber":"312202600000001787","fiscalCode":"00856930102",
        "outcome":"OK","creditorReferenceId":"12202600000001787","paymentAmount":120.5,"description":"TARI",
        "companyName":"Comune di Genova","officeName":"","debtor":{"entityUniqueIdentifierType":"F",
        "entityUniqueIdentifierValue":"RSSMRA85T10A562S","fullName":"Mario Rossi","city":"Genova"},
        "transferList":[{"idTransfer":1,"transferAmount":104.5,"fiscalCodePA":"00856930102",
        "iban":"IT60X0542811101000000123456","mbdAttachment":"","remittanceInformation":"TARI",
        "transferCategory":"9/0101101IM/","metadata":[{"key":"k","value":"v"},{"key":"alone"}]},
        {"transferAmount":16,"fiscalCodePA":"00856930102","iban":"","mbdAttachment":"PG1iLz4=",
        "remittanceInformation":"Bollo","transferCategory":"9/0115103TS/"}],"idPSP":"PSPXITR1XXX",
        "pspCompanyName":"Banca di prova","idChannel":"99999999990_01","fee":1.5,
        "payer":{"entityUniqueIdentifierType":"?","entityUniqueIdentifierValue":"","fullName":""},
        "paymentDateTime":"2026-11-20","paymentDateTimeFormatted":"2026-11-20T09:15:30Z",
        "applicationDate":"2026-11-20","transferDate":null}"#;

    fn city() -> CreditorFiscalCode {
        "00856930102".parse().unwrap()
    }

    #[test]
    fn a_receipt_is_asked_for_with_and_without_the_payment_reference() {
        let id = ReceiptId::parse("0f1e2d3c").unwrap();
        let iuv = Iuv::parse("12202600000001787").unwrap();
        assert_eq!(
            receipt_call(&city(), &id, Some(&iuv)).path.join("/"),
            "organizations/00856930102/receipts/0f1e2d3c/paymentoptions/12202600000001787"
        );
        assert_eq!(
            receipt_call(&city(), &id, None).path.join("/"),
            "organizations/00856930102/receipts/0f1e2d3c"
        );
    }

    #[test]
    fn an_answer_becomes_the_receipt_that_did_not_come() {
        let receipt = read_receipt(&city(), ANSWER.as_bytes()).unwrap();
        assert_eq!(receipt.amount, Cents::new(12_050));
        assert_eq!(receipt.fee, Some(Cents::new(150)));
        assert_eq!(receipt.office_name, None);
        assert_eq!(receipt.payer, None);
        assert_eq!(receipt.paid_at.unwrap().to_string(), "2026-11-20 10:15:30");
        assert_eq!(receipt.transferred_on, None);
        let [first, second] = &receipt.transfers[..] else {
            panic!("two transfers")
        };
        assert_eq!(first.metadata, [("k".to_owned(), "v".to_owned())]);
        assert_eq!(
            first.destination,
            ReceiptDestination::Account("IT60X0542811101000000123456".to_owned())
        );
        assert_eq!((second.id, second.amount), (2, Cents::new(1_600)));
        assert_eq!(
            second.destination,
            ReceiptDestination::StampDuty {
                attachment: "PG1iLz4=".to_owned(),
                document_digest: None,
            }
        );
    }

    #[test]
    fn a_day_without_a_time_is_its_midnight() {
        let body = ANSWER.replace("\"2026-11-20T09:15:30Z\"", "null");
        let receipt = read_receipt(&city(), body.as_bytes()).unwrap();
        assert_eq!(receipt.paid_at.unwrap().to_string(), "2026-11-20 00:00:00");
    }

    #[test]
    fn an_answer_that_breaks_its_rules_names_the_field() {
        for (from, to, field) in [
            ("\"OK\"", "\"KO\"", "outcome"),
            ("312202600000001787", "31220260000000178", "noticeNumber"),
            ("120.5,", "-120.5,", "paymentAmount"),
            ("104.5", "104.555", "transferAmount"),
            ("\"F\"", "\"X\"", "debtor"),
            ("\"IT60X0542811101000000123456\"", "null", "iban"),
            ("\"fee\":1.5", "\"fee\":\"1.5\"", "fee"),
        ] {
            let body = ANSWER.replace(from, to);
            assert_eq!(
                read_receipt(&city(), body.as_bytes()),
                Err(Wrong::Field(field)),
                "{body}"
            );
        }
        assert_eq!(read_receipt(&city(), b"[]"), Err(Wrong::Shape));
    }
}
