//! Against the official schema and samples. Skipped, and said so, where the interface files or `xmllint` are not.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{
    canone_unico, demand_request, demanded, due, fault, first_edition, first_edition_receipt, get_request,
    identity_card, payment, payments, receipt_request, receipts, skipped, spec, stamp_duty, subject,
    verify_request,
};
use domain::NoticeNumber;
use domain::at_provider::{BodyCode, CanoneUnicoData, ServiceData};
use pagopa::pa_for_node::{
    Answer, Edition, Operation, Refusal, Request, demand_payment_notice, get_payment, read_request, send_rt,
    verify_payment_notice, write_refusal,
};
use pagopa::stamp_duty::StampDuty;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::fs;
use std::path::Path;
use std::process::Command;

fn sample(spec: &Path, folder: &str, name: &str) -> Vec<u8> {
    fs::read(spec.join("samples").join(folder).join(name)).expect(name)
}

fn names(spec: &Path, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(spec.join("samples").join(folder)).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn request_for(notice: &str) -> get_payment::Request {
    get_payment::Request {
        edition: Edition::Second,
        notice_number: NoticeNumber::parse(notice).unwrap(),
        ..get_request()
    }
}

fn edition_of(operation: &str) -> Edition {
    if operation.ends_with("V2") {
        Edition::Second
    } else {
        Edition::First
    }
}

#[test]
fn every_valid_sample_is_read() {
    let Some(spec) = spec() else { return };
    for name in names(&spec, "valid") {
        let bytes = sample(&spec, "valid", &name);
        let (operation, rest) = name.split_once('.').unwrap();
        match (operation, rest.starts_with("req") || rest.contains(".req")) {
            (_, true) => {
                let read = read_request(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(read.operation().as_str(), operation);
                assert_eq!(read.head().station, "00856930102_01");
            }
            ("paVerifyPaymentNotice", false) => {
                let read = verify_payment_notice::Response::read(&bytes, &verify_request());
                assert!(read.is_ok(), "{name}: {read:?}");
            }
            ("paGetPayment" | "paGetPaymentV2", false) => {
                let notice = match (operation, name.contains("marca")) {
                    ("paGetPayment", _) => "312202600000001787",
                    (_, true) => "312202600000003310",
                    (_, false) => "312202600000002502",
                };
                let request = get_payment::Request {
                    edition: edition_of(operation),
                    ..request_for(notice)
                };
                let read = get_payment::Response::read(&bytes, &request);
                assert!(read.is_ok(), "{name}: {read:?}");
            }
            ("paSendRT" | "paSendRTV2", false) => {
                let read = send_rt::Response::read(&bytes, edition_of(operation));
                assert_eq!(
                    matches!(read, Ok(Answer::Ok(()))),
                    !name.contains(".ko."),
                    "{name}: {read:?}"
                );
                assert!(read.is_ok(), "{name}: {read:?}");
            }
            ("paDemandPaymentNotice", false) => {
                let read = demand_payment_notice::Response::read(&bytes, &demand_request());
                assert!(read.is_ok(), "{name}: {read:?}");
            }
            ("MarcaDaBollo", false) => {
                let read = StampDuty::read(&STANDARD.encode(&bytes));
                assert!(read.is_ok(), "{name}: {read:?}");
            }
            other => panic!("a sample nobody reads: {other:?}"),
        }
    }
}

#[test]
fn invalid_samples_are_refused_but_a_receipt_is_not_lost_to_a_spelling() {
    let Some(spec) = spec() else { return };
    for name in names(&spec, "invalid") {
        let bytes = sample(&spec, "invalid", &name);
        let request = read_request(&bytes);
        let verify = verify_payment_notice::Response::read(&bytes, &verify_request());
        let get = get_payment::Response::read(&bytes, &request_for("312202600000003310"));
        let response_refused = |refusals: Vec<Refusal>| matches!(refusals[..], [Refusal::Wire(_)]);
        assert!(
            verify.is_err_and(response_refused) && get.is_err_and(response_refused),
            "{name}"
        );
        if name == "receipt-standin-lowercase.xml" {
            assert!(matches!(request, Ok(Request::SendRt(_))), "{request:?}");
        } else {
            assert!(request.is_err(), "{name}");
        }
    }
}

#[test]
fn the_manuals_own_examples_are_not_valid_and_are_refused() {
    let Some(spec) = spec() else { return };
    for name in names(&spec, "docs-sanp-3.12") {
        assert!(
            read_request(&sample(&spec, "docs-sanp-3.12", &name)).is_err(),
            "{name}"
        );
    }
}

/// Any text at all, also what the wire cannot carry.
fn any_text(max: usize) -> BoxedStrategy<String> {
    proptest::collection::vec(any::<char>(), 0..=max + 5)
        .prop_map(String::from_iter)
        .boxed()
}

#[test]
fn everything_written_validates() {
    let Some(spec) = spec() else { return };
    let mut messages = vec![
        verify_request().write(),
        get_request().write(),
        receipt_request().write(),
    ];
    messages.push(Answer::Ok(demanded()).write());
    messages.extend([canone_unico(), identity_card()].map(|data| {
        let head = demand_request();
        demand_payment_notice::Request { data, ..head }.write()
    }));
    messages.push(
        get_payment::Request {
            edition: Edition::Second,
            amount: None,
            payment_note: None,
            transfer_type: None,
            due_on: None,
            ..get_request()
        }
        .write(),
    );
    messages.push(Answer::Ok(due()).write());
    messages.push(
        Answer::Ok(verify_payment_notice::Due {
            due_on: None,
            detail: None,
            office_name: None,
            description: String::new(),
            company_name: "\u{0}".repeat(300),
            ..due()
        })
        .write(),
    );
    messages.push(Answer::Ok(payment()).write(Edition::Second));
    messages.push(Answer::Ok(first_edition(payment())).write(Edition::First));
    messages.extend(Edition::ALL.map(|edition| Answer::Ok(()).write(edition)));
    messages.extend(Operation::ALL.map(|operation| write_refusal(operation, &fault())));
    let odd = domain::Subject {
        code: "X".into(),
        full_name: String::new(),
        ..subject()
    };
    messages.push(
        Answer::Ok(get_payment::Payment {
            debtor: odd,
            ..payment()
        })
        .write(Edition::Second),
    );
    let mut runner = TestRunner::deterministic();
    for _ in 0..100 {
        let payment = payments(any_text).new_tree(&mut runner).unwrap().current();
        messages.push(Answer::Ok(first_edition(payment.clone())).write(Edition::First));
        messages.push(Answer::Ok(payment).write(Edition::Second));
        let receipt = receipts(any_text).new_tree(&mut runner).unwrap().current();
        for (edition, receipt) in [
            (Edition::First, first_edition_receipt(receipt.clone())),
            (Edition::Second, receipt),
        ] {
            let request = send_rt::Request {
                edition,
                receipt,
                ..receipt_request()
            };
            messages.push(request.write());
        }
    }
    validate(&spec.join("paForNode/soap-strict.xsd"), &messages);
}

#[test]
fn what_is_inside_the_messages_validates_too() {
    let Some(spec) = spec() else { return };
    let written =
        |data: &ServiceData| String::from_utf8(demand_payment_notice::write_service_data(data)).unwrap();
    let catalogue = spec.join("catalogo-servizi");
    let minimal = match canone_unico() {
        ServiceData::CanoneUnico(data) => ServiceData::CanoneUnico(CanoneUnicoData {
            body: BodyCode::Istat("010025".into()),
            company_name: String::new(),
            debtor_email: Some("not an address".into()),
            ..data
        }),
        other => other,
    };
    validate(
        &catalogue.join("Cup_1_0_0.xsd"),
        &[written(&canone_unico()), written(&minimal)],
    );
    validate(&catalogue.join("Cie_1_0_0.xsd"), &[written(&identity_card())]);
    let stamp = STANDARD.decode(stamp_duty().write_unsigned()).unwrap();
    validate(
        &spec.join("paForNode/xsd-common/MarcaDaBollo.xsd"),
        &[String::from_utf8(stamp).unwrap()],
    );
}

/// Checks documents with a schema, where `xmllint` is.
fn validate(schema: &Path, messages: &[String]) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("xmllint");
    command.args(["--noout", "--nonet", "--schema"]).arg(schema);
    for (number, message) in messages.iter().enumerate() {
        let file = folder.path().join(format!("{number}.xml"));
        fs::write(&file, message).unwrap();
        command.arg(file);
    }
    let Ok(output) = command.output() else {
        skipped("install xmllint (package libxml2-utils) to validate what is written");
        return;
    };
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{}",
        complaints
            .lines()
            .filter(|line| !line.ends_with("validates"))
            .collect::<Vec<_>>()
            .join("\n")
    );
}
