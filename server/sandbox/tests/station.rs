//! What the hub and providers ask of a station: both editions, faults of receipts, stand-in, options, notices on demand.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use common::{City, INSTITUTION, MENSA, STAMP, TARI, eventually, iuv, pay_body, position};
use domain::at_provider::ServiceData;
use pagopa::pa_for_node::Edition;
use sandbox::{Mischief, ReceiptMischief};
use serde_json::{Value, json};
use std::time::Duration;

const ACA: &str = "/aca/debt-positions-service/v1/organizations/00856930102/debtpositions?toPublish=true";

async fn pay(city: &City, body: &Value) -> (u16, Value) {
    city.call("POST", "/api/psp/pay", Some(body)).await
}

#[tokio::test]
async fn a_notice_is_paid_in_either_edition_and_a_second_edition_receipt_may_follow_a_first_edition_question()
{
    for (edition, receipt, asked, sent) in [
        ("V1", None, Edition::First, Edition::First),
        ("V1", Some("V2"), Edition::First, Edition::Second),
        ("V2", None, Edition::Second, Edition::Second),
    ] {
        let city = City::start().await;
        let mut body = pay_body(TARI);
        body["edition"] = json!(edition);
        body["receipt_edition"] = json!(receipt);
        let (status, paid) = pay(&city, &body).await;
        assert_eq!((status, &paid["delivery"]), (200, &json!("delivered")), "{paid}");
        assert_eq!(city.station().asked[0].edition, asked);
        assert_eq!(city.station().editions, [sent]);
    }
}

#[tokio::test]
async fn a_stamp_duty_is_sold_in_the_second_edition_and_on_the_network_only() {
    for (way, receipt, status) in [("counter", "V2", 422), ("card", "V1", 422), ("card", "V2", 200)] {
        let city = City::start().await;
        let mut body = pay_body(STAMP);
        body["way"] = json!(way);
        body["receipt_edition"] = json!(receipt);
        assert_eq!(pay(&city, &body).await.0, status, "{way} {receipt}");
    }
}

#[tokio::test]
async fn each_fault_of_a_receipt_can_be_provoked() {
    for kind in ReceiptMischief::ALL {
        let city = City::start().await;
        city.mischief(Mischief {
            receipt: *kind,
            ..Mischief::default()
        })
        .await;
        pay(&city, &pay_body(TARI)).await;
        match kind {
            ReceiptMischief::None | ReceiptMischief::NoHeader | ReceiptMischief::SlowBytes => {
                eventually("a receipt as paid", async || city.station().receipts.len() == 1).await;
                assert_eq!(city.station().receipts[0].notice_number.as_str(), TARI);
            }
            ReceiptMischief::OtherAmount => {
                let receipt = city.station().receipts[0].clone();
                assert_eq!(
                    (receipt.amount.as_i64(), receipt.transfers[0].amount.as_i64()),
                    (20_601, 20_601)
                );
            }
            ReceiptMischief::OtherInstitution => {
                assert_eq!(city.station().receipts[0].recipient.as_str(), "77777777777");
            }
            ReceiptMischief::UnknownNotice => {
                assert_ne!(city.station().receipts[0].notice_number.as_str(), TARI);
            }
            ReceiptMischief::CutXml => {
                eventually("a message cut", async || city.station().unreadable.is_some()).await;
                city.mischief(Mischief::default()).await;
                eventually("the whole message", async || city.station().receipts.len() == 1).await;
            }
            ReceiptMischief::OutOfOrder => {
                assert_eq!(city.station().receipts.len(), 0);
                pay(&city, &pay_body(MENSA)).await;
                eventually("both receipts", async || city.station().receipts.len() == 2).await;
                let order: Vec<String> = city
                    .station()
                    .receipts
                    .iter()
                    .map(|receipt| receipt.notice_number.to_string())
                    .collect();
                assert_eq!(order, [MENSA, TARI]);
            }
        }
    }
}

#[tokio::test]
async fn receipts_that_wait_are_tried_at_once_when_asked_and_forty_eight_times_in_all() {
    let city = City::configured(|config| config.retry_pause = Duration::from_secs(600)).await;
    city.station().fails_receipts = 100;
    pay(&city, &pay_body(TARI)).await;
    for _ in 0..46 {
        assert_eq!(
            city.call("POST", "/api/receipts/retry", None).await.1,
            json!({ "tried": 1 })
        );
    }
    assert_eq!(city.receipts().await[0]["delivery"], "waiting");
    city.call("POST", "/api/receipts/retry", None).await;
    let given_up = &city.receipts().await[0];
    assert_eq!(
        (&given_up["delivery"], &given_up["attempts"]),
        (&json!("given_up"), &json!(48))
    );
    assert_eq!(
        city.call("POST", "/api/receipts/retry", None).await.1,
        json!({ "tried": 0 })
    );
}

#[tokio::test]
async fn a_station_that_does_not_answer_is_replaced_by_its_copy_until_the_probe_is_answered_right() {
    let city = City::start().await;
    let number = format!("3{}", iuv(5));
    city.call("POST", ACA, Some(&position("P1", 5))).await;
    let mut not_for_stand_in = position("P2", 6);
    not_for_stand_in["payStandIn"] = json!(false);
    city.call("POST", ACA, Some(&not_for_stand_in)).await;

    city.station().is_down = true;
    assert_eq!(pay(&city, &pay_body(TARI)).await.0, 502);
    assert_eq!(pay(&city, &pay_body(&format!("3{}", iuv(6)))).await.0, 502);
    assert_eq!(
        city.call("GET", "/api/stand-in", None).await.1["stand_in"],
        Value::Null
    );
    let (_, due) = city
        .call("POST", "/api/psp/verify", Some(&pay_body(&number)))
        .await;
    assert_eq!(due["amount_cents"], 12_050);
    let (_, paid) = pay(&city, &pay_body(&number)).await;
    assert_eq!(
        (&paid["stand_in"], &paid["amount_cents"]),
        (&json!(true), &json!(12_050)),
        "{paid}"
    );
    let (_, state) = city.call("GET", "/api/stand-in", None).await;
    assert_eq!(state["stand_in"]["reason"], "PPT_STAZIONE_INT_PA_ERRORE_RESPONSE");

    let body = json!({ "institution": INSTITUTION });
    let (_, bad) = city.call("POST", "/api/stand-in/probe", Some(&body)).await;
    assert_eq!(bad["is_good"], false);
    city.station().is_down = false;
    let (_, good) = city.call("POST", "/api/stand-in/probe", Some(&body)).await;
    assert_eq!(
        (&good["is_good"], &good["answer"]),
        (&json!(true), &json!("PAA_PAGAMENTO_SCONOSCIUTO"))
    );
    assert_eq!(
        city.call("GET", "/api/stand-in", None).await.1["stand_in"],
        Value::Null
    );
    eventually("the receipt", async || {
        city.station()
            .receipts
            .first()
            .is_some_and(|receipt| receipt.stand_in)
    })
    .await;

    let (_, made) = city
        .call("POST", "/api/clock/advance", Some(&json!({ "days": 1 })))
        .await;
    let xml = city
        .page(&format!(
            "/api/flows/{}.xml",
            made["flows"][0]["id"].as_str().unwrap()
        ))
        .await;
    assert!(xml.contains("<p:codiceEsitoSingoloPagamento>4<"), "{xml}");
}

#[tokio::test]
async fn payment_options_are_asked_in_both_ways_and_judged() {
    let city = City::published().await;
    let body = pay_body(TARI);
    let (_, judged) = city.call("POST", "/api/payment-options", Some(&body)).await;
    assert_eq!(
        (&judged["status"], &judged["reasons"]),
        (&json!(200), &json!([])),
        "{judged}"
    );
    for (from, to, told) in [
        ("20600", "20601", "not answered alike"),
        ("PO_UNPAID", "UNPAID", "unknown variant"),
        (
            "\"numberOfInstallments\":1",
            "\"numberOfInstallments\":2",
            "numberOfInstallments is 2",
        ),
        (TARI, MENSA, "the notice asked is in none"),
    ] {
        city.station().spoil_options = Some((from, to));
        let (_, judged) = city.call("POST", "/api/payment-options", Some(&body)).await;
        assert!(judged["reasons"].to_string().contains(told), "{told}: {judged}");
    }
    let page = city
        .form(
            "/station/options?lang=en",
            &format!("institution={INSTITUTION}&code={MENSA}"),
        )
        .await;
    assert!(page.text().await.unwrap().contains("HTTP status: 200"));
}

#[tokio::test]
async fn a_notice_is_made_on_demand() {
    let city = City::start().await;
    let demand =
        json!({ "institution": INSTITUTION, "service": "00007", "subject": "00001", "data": "<a/>" });
    let (status, made) = city.call("POST", "/api/psp/demand", Some(&demand)).await;
    assert_eq!((status, &made["notice_number"]), (200, &json!(TARI)), "{made}");
    assert_eq!(made["amount_cents"], 20_600);
    let sent = city.station().demanded.clone().unwrap();
    assert_eq!(
        (sent.service_id.as_str(), sent.subject_id.as_str()),
        ("00007", "00001")
    );
    assert_eq!(sent.data, ServiceData::Other(b"<a/>".to_vec()));
    let wrong = json!({ "institution": INSTITUTION, "service": "7", "subject": "00001", "data": "" });
    assert_eq!(city.call("POST", "/api/psp/demand", Some(&wrong)).await.0, 400);
    let form = format!("institution={INSTITUTION}&service=00007&subject=00001&data=%3Ca%2F%3E");
    let page = city
        .form("/station/demand?lang=en", &form)
        .await
        .text()
        .await
        .unwrap();
    assert!(page.contains("Notice issued"), "{page}");
    assert_eq!(city.form("/station/probe", "institution=1").await.status(), 422);
}

#[tokio::test]
async fn faults_are_switched_on_by_hand_too() {
    let city = City::start().await;
    let form = "cart=none&delay_ms=0&receipt_delay_ms=0&receipt_copies=1&receipt=cut_xml&flow=code_9&gateway=slow\
                &gateway_product=flows&lose_receipt=on";
    assert_eq!(city.form("/mischief", form).await.status(), 303);
    let (_, mischief) = city.call("GET", "/api/mischief", None).await;
    assert_eq!(
        (
            &mischief["receipt"],
            &mischief["flow"],
            &mischief["gateway"],
            &mischief["gateway_product"],
            &mischief["lose_receipt"]
        ),
        (
            &json!("cut_xml"),
            &json!("code_9"),
            &json!("slow"),
            &json!("flows"),
            &json!(true)
        )
    );
    assert_eq!(city.form("/flows/advance", "flow=none").await.status(), 303);
}
