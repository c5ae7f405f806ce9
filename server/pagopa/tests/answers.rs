//! Answers as the hub judges them.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use common::{demand_request, demanded, due, fault, get_request, payment, verify_request};
use domain::Cents;
use domain::iban::ParseIbanError;
use pagopa::pa_for_node::{
    Answer, Edition, Refusal, demand_payment_notice, get_payment, send_rt, verify_payment_notice,
};
use pagopa::{FaultCode, Reason};

fn verify(change: impl FnOnce(String) -> String) -> Vec<Refusal> {
    let message = change(Answer::Ok(due()).write());
    verify_payment_notice::Response::read(message.as_bytes(), &verify_request()).expect_err(&message)
}

fn get(change: impl FnOnce(String) -> String) -> Vec<Refusal> {
    let message = change(Answer::Ok(payment()).write(Edition::Second));
    get_payment::Response::read(message.as_bytes(), &get_request()).expect_err(&message)
}

/// The message without the element.
fn without(message: &str, element: &str) -> String {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let (from, to) = (
        message.find(&open).unwrap(),
        message.find(&close).unwrap() + close.len(),
    );
    format!("{}{}", &message[..from], &message[to..])
}

#[test]
fn a_refusal_is_accepted_whatever_its_text() {
    let refusal: verify_payment_notice::Response = Answer::Ko(fault());
    let message = refusal.write().replace("Pagamento in attesa", "Boh");
    assert_eq!(
        verify_payment_notice::Response::read(message.as_bytes(), &verify_request()),
        Ok(refusal)
    );
    let refusal: send_rt::Response = Answer::Ko(pagopa::Fault {
        code: FaultCode::DuplicateReceipt,
        id: "x".into(),
        description: None,
    });
    let message = refusal
        .write(Edition::Second)
        .replace("</id>", "</id><serial>-1</serial><originalFaultCode/>");
    assert_eq!(
        send_rt::Response::read(message.as_bytes(), Edition::Second),
        Ok(refusal)
    );
}

#[test]
fn ko_without_a_fault_and_ok_with_one_are_malformed() {
    let ko = Answer::Ok(()).write(Edition::Second).replace(">OK<", ">KO<");
    assert_eq!(
        send_rt::Response::read(ko.as_bytes(), Edition::Second),
        Err(vec![Refusal::KoWithoutFault])
    );
    let refusal: send_rt::Response = Answer::Ko(fault());
    let ok = refusal.write(Edition::Second).replace(">KO<", ">OK<");
    assert_eq!(
        send_rt::Response::read(ok.as_bytes(), Edition::Second),
        Err(vec![Refusal::OkWithFault])
    );
    let foreign = refusal
        .write(Edition::Second)
        .replace("PAA_PAGAMENTO_SCADUTO", "PPT_SCADUTO");
    assert_eq!(
        send_rt::Response::read(foreign.as_bytes(), Edition::Second),
        Err(vec![Refusal::FaultCode])
    );
}

#[test]
fn what_the_schema_lets_out_and_the_hub_demands_is_listed_whole() {
    assert_eq!(
        verify(|message| {
            let message = without(&message, "paymentList");
            let message = without(&message, "companyName");
            without(&without(&message, "paymentDescription"), "fiscalCodePA")
        }),
        ["paymentList", "paymentDescription", "fiscalCodePA", "companyName"]
            .map(|element| Refusal::Missing { element })
    );
    assert_eq!(
        get(|message| without(&message, "data")),
        [Refusal::Missing { element: "data" }]
    );
}

#[test]
fn a_demand_is_answered_with_the_notice_and_all_that_verifying_tells() {
    let message = Answer::Ok(demanded()).write();
    let read = |message: &str| demand_payment_notice::Response::read(message.as_bytes(), &demand_request());
    assert_eq!(read(&message), Ok(Answer::Ok(demanded())));
    assert_eq!(
        read(&without(&without(&message, "qrCode"), "paymentDescription")),
        Err(vec![
            Refusal::Missing { element: "qrCode" },
            Refusal::Missing {
                element: "paymentDescription"
            },
        ])
    );
    assert_eq!(
        read(&message.replacen("00856930102", "80007350103", 1)),
        Err(vec![Refusal::OtherInstitution])
    );
    let refusal: demand_payment_notice::Response = Answer::Ko(fault());
    assert_eq!(read(&refusal.write()), Ok(refusal));
}

#[test]
fn options_must_be_equal_and_one() {
    assert_eq!(
        verify(|message| message.replace(">EQ<", ">LS<")),
        [Refusal::Options]
    );
    for change in [
        |message: String| message.replace(">EQ<", ">XX<"),
        |message: String| {
            message.replace(
                "</paymentOptionDescription>",
                "</paymentOptionDescription><paymentOptionDescription/>",
            )
        },
        |message: String| message.replace("120.50", "0.00"),
        |message: String| message.replace("<allCCP>false</allCCP>", ""),
    ] {
        assert!(matches!(verify(change)[..], [Refusal::Wire(_)]));
    }
}

#[test]
fn an_answer_about_something_else_is_refused() {
    assert_eq!(
        verify(|message| message.replace("00856930102", "80007350103")),
        [Refusal::OtherInstitution]
    );
    assert_eq!(
        get(|message| message.replace("12202600000002502", "12202600000002501")),
        [Refusal::Reference]
    );
    let other = Answer::Ok(payment()).write(Edition::Second);
    assert!(verify_payment_notice::Response::read(other.as_bytes(), &verify_request()).is_err());
}

#[test]
fn every_mistake_in_the_transfers_is_listed() {
    let refusals = get(|message| {
        let message = message
            .replace("190.00", "190.01")
            .replace("<idTransfer>2<", "<idTransfer>1<");
        let message = message
            .replace("IT92P06175", "IT93P06175")
            .replace("9/0115103TS/", "0115103TS");
        message.replacen(
            "00856930102</fiscalCodePA><companyName>Comune di prova</companyName>",
            "00856930102</fiscalCodePA>",
            1,
        )
    });
    assert_eq!(
        refusals,
        [
            Refusal::Missing {
                element: "companyName of a transfer"
            },
            Refusal::Iban {
                transfer: 1,
                error: ParseIbanError::CheckDigits
            },
            Refusal::Category { transfer: 1 },
            Refusal::TransferTwice { id: 1 },
            Refusal::Sum {
                sum: Cents::new(20_601),
                amount: Cents::new(20_600)
            },
        ]
    );
    for refusal in refusals {
        assert_ne!(refusal.to_string(), "");
    }
}

#[test]
fn an_account_and_a_stamp_duty_together_break_the_schema() {
    let refusals = get(|message| message.replace("</IBAN>", "</IBAN><richiestaMarcaDaBollo/>"));
    assert!(matches!(
        &refusals[..],
        [Refusal::Wire(error)] if error.reason == Reason::Missing { element: "remittanceInformation" }
    ));
    for wrong in ["JtS", "Jt!T", &"J".repeat(76)] {
        let refusals = get(|message| message.replace("JtST9dN+2S++MicVNPKmAFx9GoYvb7Iq8gl2xB8CIKo=", wrong));
        assert!(matches!(refusals[..], [Refusal::Wire(_)]), "{wrong}");
    }
}
