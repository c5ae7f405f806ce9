//! The hub's endpoint: what it answers, what it keeps, and what it never says.

use crate::receipts::cases;
use crate::support::messages::{
    COMPANY, MUNICIPALITY, STRANGER, canone_unico, code, delivery, delivery_in, demand, get, head,
    identity_card, number, receipt, verify,
};
use crate::support::portal::{Answer, Portal};
use crate::support::{approved, engines, hub_interface, validate};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use domain::at_provider::{BodyCode, CanoneUnicoData, ServiceData};
use domain::{Cents, Receipt};
use pagopa::pa_for_node::get_payment::{self, TransferType};
use pagopa::pa_for_node::{Answer as HubAnswer, Edition, Head, demand_payment_notice, verify_payment_notice};
use std::collections::BTreeMap;
use storage::messages::{Direction, MessageKind};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const STATES: [&str; 9] = [
    "payable",
    "overdue",
    "not_yet_payable",
    "paid",
    "other_option_chosen",
    "cancelled",
    "replaced",
    "expired",
    "draft",
];

/// Every question whose answer is kept beside the tests, by the name of that answer.
#[expect(clippy::too_many_lines, reason = "a list")]
async fn questions(portal: &Portal) -> BTreeMap<String, String> {
    let mut questions = BTreeMap::new();
    for state in STATES {
        let notice = portal.notice(state).await;
        let (institution, number) = (notice.institution.as_str(), notice.notice_number.as_str());
        questions.insert(format!("verify.{state}"), verify(institution, number).write());
        questions.insert(format!("get.{state}"), get(institution, number, None).write());
    }
    let mut also = |name: &str, message: String| questions.insert(name.to_owned(), message);
    let (by_post, fine, tari, stamp) = (
        number(2026000000120),
        number(2026000000130),
        number(2026000000025),
        number(2026000000033),
    );
    also(
        "verify.all-postal",
        verify(MUNICIPALITY, by_post.as_str()).write(),
    );
    also(
        "get.all-postal",
        get(MUNICIPALITY, by_post.as_str(), Some(TransferType::Postal)).write(),
    );
    also(
        "get.postal-account",
        get(MUNICIPALITY, fine.as_str(), Some(TransferType::Postal)).write(),
    );
    also(
        "get.postal-account-beside",
        get(MUNICIPALITY, fine.as_str(), Some(TransferType::PagoPa)).write(),
    );
    also(
        "get.no-postal-account",
        get(MUNICIPALITY, tari.as_str(), Some(TransferType::Postal)).write(),
    );
    also(
        "get.two-beneficiaries",
        get(MUNICIPALITY, tari.as_str(), None).write(),
    );
    also("get.stamp-duty", get(MUNICIPALITY, stamp.as_str(), None).write());
    also("verify.company", verify(COMPANY, "313202600000000101").write());
    also(
        "verify.unknown-notice",
        verify(MUNICIPALITY, "302000000000000000").write(),
    );
    also(
        "get.unknown-notice",
        get(MUNICIPALITY, "302000000000000000", None).write(),
    );
    also("verify.probe", verify(MUNICIPALITY, "000000000000000000").write());
    also("get.probe", get(MUNICIPALITY, "000000000000000000", None).write());

    let ours = verify(MUNICIPALITY, by_post.as_str());
    let addressed = |head: Head| verify_payment_notice::Request { head, ..ours.clone() }.write();
    also("verify.unknown-institution", addressed(head(STRANGER)));
    also("verify.institution-that-is-none", addressed(head("COMUNE")));
    also(
        "verify.wrong-broker",
        addressed(Head {
            broker: STRANGER.to_owned(),
            ..head(MUNICIPALITY)
        }),
    );
    also(
        "verify.wrong-station",
        addressed(Head {
            station: "00856930102_99".to_owned(),
            ..head(MUNICIPALITY)
        }),
    );
    also(
        "verify.nothing-ours",
        addressed(Head {
            broker: STRANGER.to_owned(),
            ..head(STRANGER)
        }),
    );
    let other = verify_payment_notice::Request {
        fiscal_code: code(STRANGER),
        ..ours.clone()
    };
    also("verify.other-institution-in-the-code", other.write());

    also(
        "verify.17-digits",
        ours.write().replace(by_post.as_str(), &by_post.as_str()[..17]),
    );
    let asked = get(MUNICIPALITY, by_post.as_str(), None).write();
    also(
        "get.amount-with-comma",
        asked.replace("</qrCode>", "</qrCode><amount>18,30</amount>"),
    );
    for (name, notice) in [("two-beneficiaries", &tari), ("stamp-duty", &stamp)] {
        also(
            &format!("get.first-edition.{name}"),
            get_payment::Request {
                edition: Edition::First,
                ..get(MUNICIPALITY, notice.as_str(), None)
            }
            .write(),
        );
    }
    for (name, demanded) in demands() {
        also(&format!("demand.{name}"), demanded);
    }
    let first = receipt("first-edition", &number(2), Cents::new(1));
    also("receipt.first-edition", delivery_in(Edition::First, &first));
    let paid = receipt("0123456789abcdef", &by_post, Cents::new(1830));
    also("receipt.taken", delivery(&paid));
    also(
        "receipt.orphan",
        delivery(&Receipt {
            id: "orphan".to_owned().try_into().unwrap(),
            ..receipt("x", &number(1), Cents::new(1))
        }),
    );
    also(
        "receipt.unknown-institution",
        delivery(&Receipt {
            recipient: code(STRANGER),
            ..paid.clone()
        }),
    );
    also(
        "receipt.wrong-broker",
        delivery(&paid).replace("<idBrokerPA>00856930102", "<idBrokerPA>01199250158"),
    );
    also(
        "receipt.ko",
        delivery(&paid).replace("<outcome>OK", "<outcome>KO"),
    );
    also(
        "receipt.without-amount",
        delivery(&paid).replace("<paymentAmount>18.30</paymentAmount>", ""),
    );
    questions
}

/// Debts asked for at providers, by what is said of them.
fn demands() -> [(&'static str, String); 10] {
    let canone = |data| demand("00047", ServiceData::CanoneUnico(data));
    let card = || demand("00099", ServiceData::Cie(identity_card()));
    let other_data = demand("00099", ServiceData::CanoneUnico(canone_unico(5_000)));
    let broken = canone(canone_unico(5_000)).write();
    let (head_of_data, _) = broken.split_once("<datiSpecificiServizioRequest>").unwrap();
    let name = "datiSpecificiServizioRequest";
    let tail = format!("</{name}></paf:paDemandPaymentNoticeRequest></soapenv:Body></soapenv:Envelope>");
    [
        ("canone-unico", canone(canone_unico(5_000)).write()),
        ("canone-unico-again", canone(canone_unico(5_000)).write()),
        ("cie", card().write()),
        (
            "by-cadastral-code",
            canone(CanoneUnicoData {
                body: BodyCode::Cadastral("D969".to_owned()),
                ..canone_unico(7_000)
            })
            .write(),
        ),
        (
            "other-institution",
            canone(CanoneUnicoData {
                body: BodyCode::FiscalCode(code(STRANGER)),
                ..canone_unico(5_000)
            })
            .write(),
        ),
        ("no-amount", canone(canone_unico(0)).write()),
        (
            "not-offered",
            demand("00001", ServiceData::Cie(identity_card())).write(),
        ),
        ("data-of-another-service", other_data.write()),
        // `<a`
        ("broken-service-data", format!("{head_of_data}<{name}>PGE={tail}")),
        (
            "wrong-station",
            demand_payment_notice::Request {
                head: Head {
                    station: "00856930102_99".to_owned(),
                    ..head(MUNICIPALITY)
                },
                ..card()
            }
            .write(),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_and_mistake_has_its_answer_word_for_word_on_both_engines() {
    for store in engines().await {
        let portal = Portal::on(store).await;
        let mut answers = Vec::new();
        for (name, question) in questions(&portal).await {
            let answer = portal.tell(question).await;
            assert_eq!(answer.status, StatusCode::OK, "{name}");
            assert_eq!(answer.header("content-type"), "text/xml; charset=utf-8");
            approved(&format!("tests/answers/{name}.xml"), answer.text());
            answers.push((format!("{name}.xml"), answer.text().to_owned()));
        }
        validate(&answers);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_refused_with_the_code_of_its_state() {
    let portal = Portal::start().await;
    for (state, outcome) in [
        ("payable", "OK"),
        ("overdue", "OK"),
        ("not_yet_payable", "PAA_PAGAMENTO_SCONOSCIUTO"),
        ("paid", "PAA_PAGAMENTO_DUPLICATO"),
        ("other_option_chosen", "PAA_PAGAMENTO_SCONOSCIUTO"),
        ("cancelled", "PAA_PAGAMENTO_ANNULLATO"),
        ("replaced", "PAA_PAGAMENTO_ANNULLATO"),
        ("expired", "PAA_PAGAMENTO_SCADUTO"),
        ("draft", "PAA_PAGAMENTO_SCONOSCIUTO"),
    ] {
        let notice = portal.notice(state).await;
        let (institution, number) = (notice.institution.as_str(), notice.notice_number.as_str());
        assert_eq!(
            portal.tell(verify(institution, number).write()).await.outcome(),
            outcome,
            "{state}"
        );
        assert_eq!(
            portal
                .tell(get(institution, number, None).write())
                .await
                .outcome(),
            outcome,
            "{state}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_changes_nothing() {
    let portal = Portal::start().await;
    let notice = portal.notice("payable").await;
    let question = get(MUNICIPALITY, &notice.notice_number, None).write();
    let first = portal.tell(question.clone()).await;
    for _ in 0..3 {
        assert_eq!(portal.tell(question.clone()).await.body, first.body);
    }
    assert_eq!(portal.notice("payable").await.notice_number, notice.notice_number);
}

/// What the specification says of each sample request of the operations offered; others are refused.
fn said_of(name: &str) -> &'static str {
    match name {
        "paVerifyPaymentNotice.req.xml"
        | "paVerifyPaymentNotice.req.default-ns.xml"
        | "paGetPayment.req.xml"
        | "paGetPaymentV2.req.xml"
        | "paGetPaymentV2.req.minimal.xml"
        | "paGetPaymentV2.req.postal.xml"
        | "paSendRT.req.xml"
        | "paSendRT.req.standin.xml"
        | "paSendRTV2.req.tari-tefa.xml"
        | "paSendRTV2.req.marca-da-bollo.xml"
        | "receipt-standin-lowercase.xml" => "OK",
        "paVerifyPaymentNotice.probe.req.xml" => "PAA_PAGAMENTO_SCONOSCIUTO",
        // A tax on cars: no service of a municipality.
        "paDemandPaymentNotice.req.xml" => "PAA_SEMANTICA",
        "paGetPaymentReq_avv1.xml" | "paSendRTReq_avv4.xml" => "PAA_ID_INTERMEDIARIO_ERRATO",
        "amount-comma.xml"
        | "amount-without-decimals.xml"
        | "children-qualified.xml"
        | "idPA-empty.xml"
        | "notice-17-digits.xml"
        | "order-swapped.xml" => "PAA_SINTASSI_EXTRAXSD",
        _ => "none",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_official_sample_gets_the_answer_the_specification_says() {
    let Some(spec) = hub_interface() else { return };
    let portal = Portal::start().await;
    let mut answers = Vec::new();
    for folder in ["valid", "invalid", "docs-sanp-3.12", "mock-ec"] {
        let mut files: Vec<_> = std::fs::read_dir(spec.join("samples").join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        // A receipt pays the notice that other samples ask about: questions first.
        files.sort_by_key(|file| (file.to_string_lossy().contains("SendRT"), file.clone()));
        for file in files {
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            let answer = portal.tell(std::fs::read(&file).unwrap()).await;
            assert_eq!(
                answer.outcome(),
                said_of(&name),
                "{folder}/{name}: {}",
                answer.text()
            );
            if answer.outcome() == "none" {
                assert_is_soap_fault(&answer, StatusCode::INTERNAL_SERVER_ERROR);
            } else {
                answers.push((name, answer.text().to_owned()));
            }
        }
    }
    validate(&answers);
}

fn assert_is_soap_fault(answer: &Answer, status: StatusCode) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(
        answer.text().contains("<soapenv:Fault><faultcode>soapenv:"),
        "{}",
        answer.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demand_at_a_provider_becomes_a_notice_that_is_paid_like_any_other() {
    for store in engines().await {
        let portal = Portal::on(store).await;
        let request = demand("00099", ServiceData::Cie(identity_card()));
        let told = async || {
            let answer = portal.tell(request.write()).await;
            match demand_payment_notice::Response::read(&answer.body, &request) {
                Ok(HubAnswer::Ok(demanded)) => demanded,
                other => panic!("{other:?}: {}", answer.text()),
            }
        };
        let place = portal.messages_begun();
        let demanded = told().await;
        let number = demanded.notice_number.clone();
        let said = portal.message(place + 1).await;
        assert_eq!(said.notice_number.as_deref(), Some(number.as_str()));
        // The hub asks again when the answer is late.
        assert_eq!(told().await, demanded);
        for outcome in ["OK", "PAA_PAGAMENTO_DUPLICATO"] {
            let asked = portal.tell(verify(MUNICIPALITY, number.as_str()).write()).await;
            assert_eq!(asked.outcome(), outcome);
            let asked = portal
                .tell(get(MUNICIPALITY, number.as_str(), None).write())
                .await;
            assert_eq!(asked.outcome(), outcome);
            let paid = delivery(&receipt("card", &number, demanded.due.amount));
            assert_eq!(portal.tell(paid).await.outcome(), "OK");
        }
        assert_eq!(
            portal.tell(request.write()).await.outcome(),
            "PAA_PAGAMENTO_DUPLICATO"
        );
        assert_eq!(cases(&portal).await, []);
    }
}

/// Kind of every open case of the municipality.
fn enveloped(body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{body}</s:Body></s:Envelope>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_gets_a_soap_fault_and_is_kept() {
    let portal = Portal::start().await;
    let laughs = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">\
                  <!ENTITY c \"&b;&b;&b;&b;\">]><l>&c;</l>";
    let outside = "<!DOCTYPE l [<!ENTITY f SYSTEM \"file:///etc/passwd\">]><l>&f;</l>";
    let deep = enveloped(&("<a>".repeat(5_000) + &"</a>".repeat(5_000)));
    let soap_12 = enveloped("<x/>").replace(
        "http://schemas.xmlsoap.org/soap/envelope/",
        "http://www.w3.org/2003/05/soap-envelope",
    );
    for (name, message) in [
        ("empty", Vec::new()),
        ("text", b"hello".to_vec()),
        (
            "cut",
            verify(MUNICIPALITY, "302000000000000000").write().into_bytes()[..200].to_vec(),
        ),
        ("not UTF-8", b"<a>\xff\xfe</a>".to_vec()),
        ("a billion laughs", laughs.as_bytes().to_vec()),
        ("a file of ours", outside.as_bytes().to_vec()),
        ("deep", deep.into_bytes()),
        ("wide", enveloped(&"<a/>".repeat(50_000)).into_bytes()),
        (
            "unknown operation",
            enveloped("<x xmlns=\"http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd\"/>").into_bytes(),
        ),
        ("another service", enveloped("<x xmlns=\"urn:x\"/>").into_bytes()),
        ("empty body", enveloped("").into_bytes()),
        ("SOAP 1.2", soap_12.into_bytes()),
    ] {
        let place = portal.messages_begun();
        let answer = portal.tell(message.clone()).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{name}");
        assert!(
            answer.text().contains("<soapenv:Fault>") || answer.outcome().starts_with("PAA_SINTASSI"),
            "{name}"
        );
        assert!(!answer.text().contains("root:"), "{name}");
        let kept = portal.message(place).await;
        assert_eq!(kept.body, message, "{name}");
        assert_eq!(
            (kept.direction, kept.kind),
            (Direction::Inbound, MessageKind::Request),
            "{name}"
        );
        let said = portal.message(place + 1).await;
        assert_eq!(
            (said.kind, said.request_id),
            (MessageKind::Response, Some(kept.id)),
            "{name}"
        );
    }
    assert_eq!(
        portal
            .tell(verify(MUNICIPALITY, number(2026000000017).as_str()).write())
            .await
            .outcome(),
        "OK"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_one_mebibyte_is_read_and_a_longer_one_is_not() {
    let portal = Portal::start().await;
    let question = verify(MUNICIPALITY, number(2026000000017).as_str()).write();
    let filled = |length: usize| question.clone() + &" ".repeat(length - question.len());
    assert_eq!(
        portal.tell(filled(pagopa::MAX_MESSAGE_BYTES)).await.outcome(),
        "OK"
    );
    let place = portal.messages_begun();
    let long = filled(pagopa::MAX_MESSAGE_BYTES + 1);
    let answer = portal.tell(long.clone()).await;
    assert_is_soap_fault(&answer, StatusCode::PAYLOAD_TOO_LARGE);
    let (asked, said) = (portal.message(place).await, portal.message(place + 1).await);
    assert!(
        asked.body == long.as_bytes()[..pagopa::MAX_MESSAGE_BYTES],
        "its start is kept"
    );
    assert_eq!(asked.outcome.as_deref(), Some("cut: too long"));
    assert_eq!(
        (said.request_id, said.body),
        (Some(asked.id), answer.body.to_vec())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_breaks_off_is_kept_as_far_as_it_came() {
    let portal = Portal::start().await;
    let address = portal.listen().await;
    let place = portal.messages_begun();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head =
        "POST /pagopa/paForNode HTTP/1.1\r\nhost: lanterna\r\ncontent-length: 1000\r\n\r\n<soapenv:Env";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    drop(stream);
    let asked = portal.message(place).await;
    assert_eq!(asked.body, b"<soapenv:Env");
    assert_eq!(asked.outcome.as_deref(), Some("cut: broken off"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_and_its_answer_are_kept_with_what_they_are_about() {
    for store in engines().await {
        let portal = Portal::on(store).await;
        let notice = number(2026000000121);
        let place = portal.messages_begun();
        let message = delivery(&receipt("kept", &notice, Cents::new(7420)));
        let answer = portal.tell(message.clone()).await;
        let (asked, said) = (portal.message(place).await, portal.message(place + 1).await);
        assert_eq!(asked.body, message.as_bytes());
        assert_eq!(asked.outcome, None);
        assert_eq!(said.body, answer.body);
        assert_eq!(said.request_id, Some(asked.id));
        assert_eq!(said.operation, "paSendRTV2");
        assert_eq!(said.outcome.as_deref(), Some("OK"));
        assert_eq!(said.institution.as_deref(), Some(MUNICIPALITY));
        assert_eq!(said.notice_number.as_deref(), Some(notice.as_str()));
        assert_eq!(said.iuv.as_deref(), Some(notice.iuv().as_str()));
        assert_eq!(said.receipt_id.as_deref(), Some("kept"));
        assert_eq!(said.station, Some(format!("{MUNICIPALITY}_01")));
        assert_eq!(said.psp.as_deref(), Some("PSPXITR1XXX"));
        assert_eq!(said.channel.as_deref(), Some("99999999990_01"));
        assert_eq!(said.payment_type.as_deref(), Some("creditCard"));
        assert_eq!(said.context_code.as_deref(), Some("kept"));
        assert_eq!(said.duration_ms, Some(0), "the clock stands still");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nothing_can_be_stored_no_polite_refusal_ends_the_hubs_attempts() {
    for store in engines().await {
        let portal = Portal::on(store).await;
        let paid = delivery(&receipt("not-lost", &number(2026000000121), Cents::new(7420)));
        portal.services.store.close().await;
        // Unreadable messages too: what is not stored is not read.
        for message in [
            paid.as_str(),
            &verify(MUNICIPALITY, "302000000000000000").write(),
            "rubbish",
        ] {
            let answer = portal.tell(message.to_owned()).await;
            assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(
                answer.text(),
                "",
                "anything written here could pass for an answer"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_takes_posts_only() {
    let portal = Portal::start().await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let request = Request::builder()
            .method(method)
            .uri("/pagopa/paForNode")
            .body(Body::empty())
            .unwrap();
        let answer = portal.send(request).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), "POST");
    }
}
