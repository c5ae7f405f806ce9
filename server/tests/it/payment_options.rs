//! The payment options service: every state of a notice, both methods, and what is kept of the exchange.

use crate::support::messages::{MUNICIPALITY, STRANGER, number};
use crate::support::portal::{Answer, Portal};
use crate::support::{engines, hub_interface};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use jsonschema::Validator;
use pagopa::payment_options::OptionsRefusal;
use serde_json::{Value, json};
use std::path::Path;
use storage::messages::{Direction, MessageKind};

async fn ask(portal: &Portal, method: Method, institution: &str, notice: &str) -> Answer {
    let path = format!("/pagopa/odp/payment-options/organizations/{institution}/notices/{notice}");
    let request = Request::builder().method(method).uri(path).body(Body::empty());
    portal.send(request.unwrap()).await
}

fn json(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), "application/json");
    serde_json::from_slice(&answer.body).unwrap()
}

/// The official interfaces, stricter than written: what they do not name is refused.
struct Interfaces {
    options: Validator,
    error: Validator,
    manual: Validator,
}

impl Interfaces {
    fn read(folder: &Path) -> Self {
        let file = |name: &str| -> Value {
            let text = std::fs::read_to_string(folder.join("odp").join(name)).unwrap();
            serde_json::from_str(&text).unwrap()
        };
        let mut organisations = file("orgs_payment_options.json");
        close(&mut organisations["components"]["schemas"]);
        let of = |name: &str| {
            let reference = format!("#/components/schemas/{name}");
            validator(&json!({"$ref": reference, "components": organisations["components"]}))
        };
        let manual = file("sanp-3.12_payment_options_EC_1.0.0.json");
        let path = "/payment-options/organizations/{paTaxCode}/notices/{noticeId}";
        Self {
            options: of("PaymentOptionsResponse"),
            error: of("ErrorResponse"),
            manual: validator(
                &manual["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"],
            ),
        }
    }

    fn check(&self, answer: &Answer, about: &str) {
        let body = json(answer);
        let validators = if answer.status == StatusCode::OK {
            vec![&self.options, &self.manual]
        } else {
            vec![&self.error]
        };
        for validator in validators {
            let errors: Vec<String> = validator
                .iter_errors(&body)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{about}: {errors:?}\n{body:#}");
        }
    }
}

fn validator(schema: &Value) -> Validator {
    assert!(schema.is_object());
    jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .unwrap()
}

/// Refuses properties that are not named, everywhere in a schema.
fn close(schema: &mut Value) {
    if schema.get("properties").is_some() {
        schema["additionalProperties"] = json!(false);
    }
    match schema {
        Value::Object(parts) => parts.values_mut().for_each(close),
        Value::Array(parts) => parts.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What is told of the notice asked about.
fn told<'a>(body: &'a Value, notice: &str) -> Option<&'a Value> {
    body["paymentOptions"]
        .as_array()?
        .iter()
        .flat_map(|option| option["installments"].as_array().unwrap())
        .find(|instalment| instalment["nav"] == notice)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_notice_of_the_demo_city_is_answered_for_by_either_method() {
    let interfaces = hub_interface().map(|folder| Interfaces::read(&folder));
    for store in engines().await {
        let portal = Portal::on(store).await;
        for code in server::demo::codes(&portal.services).await.unwrap() {
            let (institution, notice, state) = (&code.institution, &code.notice_number, code.state);
            let answer = ask(&portal, Method::GET, institution, notice).await;
            let posted = ask(&portal, Method::POST, institution, notice).await;
            assert_eq!(
                (answer.status, &answer.body),
                (posted.status, &posted.body),
                "{notice}"
            );
            if let Some(interfaces) = &interfaces {
                interfaces.check(&answer, notice);
            }
            let body = json(&answer);
            let instalment = told(&body, notice).map(|told| told["status"].as_str().unwrap());
            let code = body["appErrorCode"].as_str();
            match (state, answer.status.as_u16()) {
                ("payable", 200) => assert_eq!(instalment, Some("POI_UNPAID"), "{notice}"),
                ("overdue", 200) => assert_eq!(instalment, Some("POI_EXPIRED_UNPAID"), "{notice}"),
                // Another way to pay the same debt is open.
                ("expired", 200) => assert_eq!(instalment, Some("POI_EXPIRED_NOT_PAYABLE"), "{notice}"),
                // The rest of the plan that was begun.
                ("paid" | "other_option_chosen", 200) => {
                    assert_eq!(instalment, None, "{notice}");
                    assert_eq!(body["paymentOptions"].as_array().unwrap().len(), 1);
                    assert_eq!(body["paymentOptions"][0]["status"], "PO_PARTIALLY_PAID");
                }
                ("draft" | "not_yet_payable", 404) => assert_eq!(code, Some("ODP-107"), "{notice}"),
                ("paid" | "other_option_chosen", 409) => assert_eq!(code, Some("ODP-108"), "{notice}"),
                ("expired", 422) => assert_eq!(code, Some("ODP-110"), "{notice}"),
                ("cancelled" | "replaced", 422) => assert_eq!(code, Some("ODP-111"), "{notice}"),
                (state, status) => panic!("{notice}, {state}: {status}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_debt_with_a_plan_is_told_whole() {
    let portal = Portal::start().await;
    let codes = server::demo::codes(&portal.services).await.unwrap();
    let mut most = 0;
    for code in codes.iter().filter(|code| code.payable) {
        let answer = ask(&portal, Method::POST, &code.institution, &code.notice_number).await;
        let body = json(&answer);
        assert_eq!(body["organizationFiscalCode"], code.institution.as_str());
        assert_eq!(body["standin"], false);
        for option in body["paymentOptions"].as_array().unwrap() {
            let instalments = option["installments"].as_array().unwrap();
            assert_eq!(option["numberOfInstallments"], instalments.len());
            let sum: i64 = instalments
                .iter()
                .map(|part| part["amount"].as_i64().unwrap())
                .sum();
            assert_eq!(option["amount"], sum);
            most = most.max(instalments.len());
        }
        // Nothing says who owes.
        assert!(!answer.text().contains("fullName") && !answer.text().contains("debtor"));
    }
    assert!(most > 1, "the demo city has a plan of several instalments");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_makes_no_sense_is_refused_as_the_interface_says() {
    let interfaces = hub_interface().map(|folder| Interfaces::read(&folder));
    let portal = Portal::start().await;
    let notice = number(2026000000120);
    for (institution, notice, status, code) in [
        (MUNICIPALITY, "31220260000000178", 400, "ODP-101"),
        (MUNICIPALITY, "3122026000000017871", 400, "ODP-101"),
        (MUNICIPALITY, "31220260000000178X", 400, "ODP-101"),
        ("COMUNE", notice.as_str(), 400, "ODP-101"),
        (MUNICIPALITY, "%20", 400, "ODP-101"),
        (STRANGER, notice.as_str(), 400, "ODP-104"),
        (MUNICIPALITY, "302000000000000000", 404, "ODP-107"),
        (MUNICIPALITY, "000000000000000000", 404, "ODP-107"),
    ] {
        for method in [Method::GET, Method::POST] {
            let answer = ask(&portal, method, institution, notice).await;
            let body = json(&answer);
            assert_eq!(
                (answer.status.as_u16(), body["appErrorCode"].as_str()),
                (status, Some(code)),
                "{notice}"
            );
            assert_eq!(body["httpStatusCode"], status);
            assert_eq!(body["timestamp"], 1_795_428_000);
            assert_eq!(body["dateTime"], "2026-11-23T10:00:00Z");
            if let Some(interfaces) = &interfaces {
                interfaces.check(&answer, notice);
            }
        }
    }
    let long = "9".repeat(600);
    assert_eq!(
        ask(&portal, Method::GET, MUNICIPALITY, &long).await.status,
        StatusCode::URI_TOO_LONG
    );
    assert_eq!(
        ask(&portal, Method::PUT, MUNICIPALITY, notice.as_str())
            .await
            .status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn question_and_answer_are_kept() {
    let portal = Portal::start().await;
    let notice = number(2026000000120);
    let place = portal.messages_begun();
    let answer = ask(&portal, Method::POST, MUNICIPALITY, notice.as_str()).await;
    let question = portal.message(place).await;
    let reply = portal.message(place + 1).await;
    assert_eq!(
        (question.direction, question.kind, question.operation.as_str()),
        (
            Direction::Inbound,
            MessageKind::Request,
            "getPaymentOptionsByNoticeNumber"
        )
    );
    assert_eq!(
        String::from_utf8(question.body).unwrap(),
        format!("POST /pagopa/odp/payment-options/organizations/{MUNICIPALITY}/notices/{notice}")
    );
    assert_eq!(
        (reply.kind, reply.request_id, reply.outcome.as_deref()),
        (MessageKind::Response, Some(question.id), Some("OK"))
    );
    assert_eq!(reply.notice_number.as_deref(), Some(notice.as_str()));
    assert_eq!(reply.body, answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_does_not_answer_is_no_answer_to_rely_on() {
    let portal = Portal::start().await;
    portal.services.store.close().await;
    let answer = ask(&portal, Method::GET, MUNICIPALITY, "302000000000000000").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[test]
fn every_refusal_has_the_status_of_its_code() {
    for refusal in OptionsRefusal::ALL {
        let body: Value = serde_json::from_str(&refusal.write(chrono::DateTime::UNIX_EPOCH)).unwrap();
        assert_eq!(body["httpStatusCode"], refusal.status());
        assert_eq!(body["appErrorCode"], refusal.code());
        assert!(body["errorMessage"].as_str().unwrap().starts_with("PAA_"));
    }
}
