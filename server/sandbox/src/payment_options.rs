//! A payment provider that asks which options a debtor has (`orgs_payment_options.json` 0.7.0), and judges the answer.
//!
//! The manual says `GET`, the interface `POST`: both are asked, and must agree.

use crate::clock;
use crate::hub::Hub;
use crate::journal::{Exchange, as_text};
use crate::openapi::Message;
use chrono::{DateTime, NaiveDateTime};
use domain::{CreditorFiscalCode, NoticeNumber};
use reqwest::{Method, Url};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Instant;

/// The largest answer read, in bytes.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// What the institution answered to both questions.
#[derive(Debug, Serialize)]
pub(crate) struct Judged {
    pub(crate) status: u16,
    /// Why a provider could not use it.
    pub(crate) reasons: Vec<String>,
    pub(crate) answer: Option<Value>,
}

/// `PaymentOptionsResponse`. Members it does not know are refused: they are spelling mistakes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Answer {
    organization_fiscal_code: String,
    company_name: String,
    #[serde(rename = "officeName")]
    _office_name: Option<String>,
    #[serde(rename = "standin")]
    _stand_in: Option<bool>,
    payment_options: Vec<OptionAnswer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OptionAnswer {
    #[serde(rename = "description")]
    _description: Option<String>,
    number_of_installments: usize,
    amount: i64,
    due_date: Option<String>,
    valid_from: Option<String>,
    #[serde(rename = "status")]
    _status: OptionStatus,
    #[serde(rename = "statusReason")]
    _status_reason: Option<String>,
    #[serde(rename = "allCCP")]
    _all_postal: bool,
    installments: Vec<Instalment>,
}

#[derive(Deserialize)]
enum OptionStatus {
    #[serde(rename = "PO_UNPAID")]
    Unpaid,
    #[serde(rename = "PO_PAID")]
    Paid,
    #[serde(rename = "PO_PARTIALLY_PAID")]
    PartiallyPaid,
    #[serde(rename = "PO_EXPIRED_NOT_PAYABLE")]
    ExpiredNotPayable,
    #[serde(rename = "PO_EXPIRED_UNPAID")]
    ExpiredUnpaid,
    #[serde(rename = "PO_INVALID")]
    Invalid,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Instalment {
    nav: String,
    iuv: String,
    amount: i64,
    #[serde(rename = "description")]
    _description: Option<String>,
    due_date: Option<String>,
    valid_from: Option<String>,
    #[serde(rename = "status")]
    _status: InstalmentStatus,
    #[serde(rename = "statusReason")]
    _status_reason: Option<String>,
}

#[derive(Deserialize)]
enum InstalmentStatus {
    #[serde(rename = "POI_UNPAID")]
    Unpaid,
    #[serde(rename = "POI_PAID")]
    Paid,
    #[serde(rename = "POI_EXPIRED_NOT_PAYABLE")]
    ExpiredNotPayable,
    #[serde(rename = "POI_EXPIRED_UNPAID")]
    ExpiredUnpaid,
    #[serde(rename = "POI_INVALID")]
    Invalid,
}

/// `ErrorResponse`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorAnswer {
    http_status_code: u16,
    app_error_code: String,
    error_message: String,
}

impl Hub {
    /// Asks which options the debtor of a notice has, in both ways.
    pub(crate) async fn payment_options(
        &self,
        institution: &CreditorFiscalCode,
        number: &NoticeNumber,
    ) -> Judged {
        let (status, first, mut reasons) = self.ask_options(Method::POST, institution, number).await;
        let (other_status, second, others) = self.ask_options(Method::GET, institution, number).await;
        let both = [first.as_ref(), second.as_ref()].map(|value| value.map(timeless));
        if status != other_status || both[0] != both[1] {
            reasons.push("GET and POST are not answered alike".to_owned());
        }
        for reason in others {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        Judged {
            status,
            reasons,
            answer: first,
        }
    }

    async fn ask_options(
        &self,
        method: Method,
        institution: &CreditorFiscalCode,
        number: &NoticeNumber,
    ) -> (u16, Option<Value>, Vec<String>) {
        let (at, started) = (clock::now(), Instant::now());
        let base = self.options_base.as_str().trim_end_matches('/');
        let path = format!("/payment-options/organizations/{institution}/notices/{number}");
        let address = format!("{base}{path}");
        let asked = tokio::time::timeout(self.config.answer_timeout, self.fetch(method.clone(), &address));
        let (status, body, reasons) = match asked.await {
            Ok(Ok((status, body))) => {
                let mut reasons = judge(status, &body, institution, number);
                reasons.extend(self.differences(&path, status, &body));
                (status, body, reasons)
            }
            Ok(Err(error)) => (0, Vec::new(), vec![format!("no answer: {error}")]),
            Err(_) => (0, Vec::new(), vec!["no answer in time".to_owned()]),
        };
        self.record(Exchange {
            number: 0,
            at,
            operation: "paymentOptions",
            about: number.to_string(),
            outcome: if status == 200 && reasons.is_empty() {
                "OK".to_owned()
            } else {
                status.to_string()
            },
            reasons: reasons.clone(),
            milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            request: format!("{method} {address}"),
            response: as_text(&body),
        });
        (status, serde_json::from_slice(&body).ok(), reasons)
    }

    /// What of an answer is not as published: that interface knows `POST` only.
    fn differences(&self, path: &str, status: u16, body: &[u8]) -> Vec<String> {
        let Some(interface) = &self.interfaces.payment_options else {
            return Vec::new();
        };
        let message = Message {
            content_type: "application/json",
            bytes: body,
        };
        interface.check_answer(&Method::POST, path, status, message)
    }

    async fn fetch(&self, method: Method, address: &str) -> Result<(u16, Vec<u8>), reqwest::Error> {
        let mut response = self.http.request(method, address).send().await?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER_BYTES {
                break;
            }
        }
        Ok((response.status().as_u16(), body))
    }
}

/// Where the service is when nothing says otherwise: beside the station.
pub(crate) fn default_base(station: &Url) -> Url {
    station.join("/pagopa/odp").unwrap_or_else(|_| station.clone())
}

/// An answer without what each call makes anew.
fn timeless(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(members) = value.as_object_mut() {
        members.remove("timestamp");
        members.remove("dateTime");
    }
    value
}

fn judge(status: u16, body: &[u8], institution: &CreditorFiscalCode, number: &NoticeNumber) -> Vec<String> {
    match status {
        200 => match serde_json::from_slice(body) {
            Ok(answer) => judge_answer(&answer, institution, number),
            Err(error) => vec![error.to_string()],
        },
        400 | 404 | 409 | 422 | 500 => match serde_json::from_slice::<ErrorAnswer>(body) {
            Ok(error) => judge_error(status, &error),
            Err(error) => vec![format!("the error is not an ErrorResponse: {error}")],
        },
        _ => vec![format!("status {status} is not in the published interface")],
    }
}

fn judge_error(status: u16, error: &ErrorAnswer) -> Vec<String> {
    let mut reasons = Vec::new();
    if error.http_status_code != status {
        reasons.push(format!(
            "httpStatusCode {} is not the status {status}",
            error.http_status_code
        ));
    }
    if !error.app_error_code.starts_with("ODP-") && error.app_error_code != "PAA_SINTASSI" {
        reasons.push(format!(
            "appErrorCode {:?} is neither ODP-<n> nor PAA_SINTASSI",
            error.app_error_code
        ));
    }
    if error.error_message.trim().is_empty() {
        reasons.push("errorMessage says nothing".to_owned());
    }
    reasons
}

fn judge_answer(answer: &Answer, institution: &CreditorFiscalCode, number: &NoticeNumber) -> Vec<String> {
    let mut reasons = Vec::new();
    if answer.organization_fiscal_code != institution.as_str() {
        reasons.push("organizationFiscalCode is not the institution asked".to_owned());
    }
    if answer.company_name.trim().is_empty() {
        reasons.push("companyName says nothing".to_owned());
    }
    let mut instalments = answer
        .payment_options
        .iter()
        .flat_map(|option| &option.installments);
    if !instalments.any(|instalment| instalment.nav == number.as_str()) {
        reasons.push("the notice asked is in none of the options".to_owned());
    }
    for option in &answer.payment_options {
        reasons.extend(judge_option(option));
    }
    reasons
}

fn judge_option(option: &OptionAnswer) -> Vec<String> {
    let mut reasons = Vec::new();
    if option.installments.len() != option.number_of_installments || option.installments.is_empty() {
        reasons.push(format!(
            "numberOfInstallments is {}, installments are {}",
            option.number_of_installments,
            option.installments.len()
        ));
    }
    let sum = option
        .installments
        .iter()
        .try_fold(0_i64, |sum, instalment| sum.checked_add(instalment.amount));
    if sum != Some(option.amount) {
        reasons.push(format!(
            "the instalments do not sum to the option's amount {}",
            option.amount
        ));
    }
    let dates = option
        .installments
        .iter()
        .flat_map(|instalment| [&instalment.due_date, &instalment.valid_from]);
    for date in [&option.due_date, &option.valid_from]
        .into_iter()
        .chain(dates)
        .flatten()
    {
        if !is_date_time(date) {
            reasons.push(format!("{date:?} is not a date-time"));
        }
    }
    for instalment in &option.installments {
        match NoticeNumber::parse(&instalment.nav) {
            Ok(number) if number.iuv().as_str() == instalment.iuv => {}
            Ok(_) => reasons.push(format!(
                "iuv {} is not the one of nav {}",
                instalment.iuv, instalment.nav
            )),
            Err(_) => reasons.push(format!("nav {:?} has not 18 digits", instalment.nav)),
        }
        if instalment.amount < 1 {
            reasons.push(format!("the amount of {} is less than one cent", instalment.nav));
        }
    }
    reasons
}

/// With a zone as the interface writes it, or without as the manual does.
fn is_date_time(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok() || text.parse::<NaiveDateTime>().is_ok()
}
