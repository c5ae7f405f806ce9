//! Paying on Checkout and at a provider, and the receipts that follow.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use common::{City, INSTITUTION, MENSA, STAMP, TARI, UNKNOWN, eventually, pay_body};
use domain::Cents;
use domain::receipt::ReceiptDestination;
use pagopa::FaultCode;
use pagopa::pa_for_node::get_payment::TransferType;
use sandbox::Mischief;
use serde_json::{Value, json};

fn location(answer: &reqwest::Response) -> &str {
    assert_eq!(answer.status(), 303);
    answer.headers()["location"].to_str().unwrap()
}

#[tokio::test]
async fn a_payment_reaches_the_institution_before_the_browser_returns() {
    let city = City::start().await;
    let path = city.cart(&[TARI]).await;
    let answer = city
        .form(&path, "email=b%40example.it&way=account&outcome=paid")
        .await;
    assert_eq!(location(&answer), "https://portal.example.it/ok/1");
    let asked = city.station().asked[0].clone();
    assert_eq!(asked.payment_note.as_deref(), Some("cart-42"));
    assert_eq!(asked.transfer_type, Some(TransferType::PagoPa));
    assert_eq!(asked.amount, Some(Cents::new(20_600)));
    let receipt = city.station().receipts[0].clone();
    assert_eq!(receipt.notice_number.as_str(), TARI);
    assert_eq!(receipt.payment_note.as_deref(), Some("cart-42"));
    assert_eq!(receipt.amount, Cents::new(20_600));
    assert_eq!(receipt.fee, Some(Cents::new(85)));
    assert_eq!(receipt.payment_method.as_deref(), Some("bankAccount"));
    assert_eq!(
        receipt.payer.as_ref().unwrap().email.as_deref(),
        Some("b@example.it")
    );
    assert_eq!(receipt.applied_on, receipt.paid_at.map(|time| time.date()));
    assert!(!receipt.stand_in);

    // Used up: neither the page nor another provider takes it again.
    assert!(city.page(&path).await.contains("già concluso"));
    assert_eq!(
        city.form(&path, "email=b%40example.it&outcome=paid")
            .await
            .status(),
        200
    );
    let again = city.json("/api/psp/pay", &pay_body(TARI)).await;
    assert_eq!(again.status(), 409);
    assert_eq!(
        again.json::<Value>().await.unwrap()["code"],
        "PPT_PAGAMENTO_DUPLICATO"
    );
    assert_eq!(city.station().receipts.len(), 1);
}

#[tokio::test]
async fn a_wrong_address_pays_nothing_and_says_so_at_the_field() {
    let city = City::start().await;
    let path = city.cart(&[TARI]).await;
    for wrong in ["", "nobody", "a%40b", "%22%3E%3Cscript%3E"] {
        let answer = city.form(&path, &format!("email={wrong}&outcome=paid")).await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.unwrap();
        assert!(
            page.contains("id=\"email-error\"") && page.contains("aria-invalid=\"true\""),
            "{page}"
        );
        assert!(!page.contains("<script>"));
    }
    assert_eq!(city.station().asked.len(), 0);
    assert_eq!(
        city.form(&path, "email=a%40example.it&outcome=nonsense")
            .await
            .status(),
        422
    );
}

#[tokio::test]
async fn a_payment_refused_or_given_up_leaves_no_receipt_and_the_notice_payable() {
    let city = City::start().await;
    let path = city.cart(&[TARI]).await;
    let refused = city.form(&path, "email=a%40example.it&outcome=refused").await;
    assert_eq!(location(&refused), "https://portal.example.it/error/1");
    assert_eq!(city.station().asked.len(), 1);

    let path = city.cart(&[TARI]).await;
    let abandoned = city.form(&path, "outcome=abandoned").await;
    assert_eq!(location(&abandoned), "https://portal.example.it/cancel/1");
    assert_eq!(city.station().asked.len(), 1);
    assert_eq!(city.receipts().await.len(), 0);

    assert_eq!(city.json("/api/psp/pay", &pay_body(TARI)).await.status(), 200);
}

#[tokio::test]
async fn a_late_outcome_sends_the_browser_to_wait_and_the_receipt_follows() {
    let city = City::start().await;
    let path = city.cart(&[TARI]).await;
    let late = city
        .form(&path, "email=a%40example.it&outcome=late&delay_seconds=1")
        .await;
    assert_eq!(location(&late), "https://portal.example.it/waiting/1");
    assert_eq!(city.station().receipts.len(), 0);
    assert_eq!(city.receipts().await[0]["delivery"], "waiting");
    eventually("the receipt", async || city.station().receipts.len() == 1).await;
}

#[tokio::test]
async fn a_browser_that_never_returns_does_not_stop_the_receipt() {
    let city = City::start().await;
    let path = city.cart(&[TARI]).await;
    let answer = city
        .form(&path, "email=a%40example.it&outcome=paid_no_return")
        .await;
    assert_eq!(answer.status(), 200);
    assert!(!answer.text().await.unwrap().contains("portal.example.it"));
    assert_eq!(city.station().receipts.len(), 1);
}

#[tokio::test]
async fn all_notices_of_a_cart_are_paid_or_none() {
    let city = City::start().await;
    let path = city.cart(&[TARI, MENSA]).await;
    city.station().refuses_to_pay = Some(MENSA);
    let answer = city.form(&path, "email=a%40example.it&outcome=paid").await;
    assert_eq!(answer.status(), 422);
    let page = answer.text().await.unwrap();
    assert!(
        page.contains("PPT_ERRORE_EMESSO_DA_PAA") && page.contains("PAA_PAGAMENTO_SCADUTO"),
        "{page}"
    );
    assert_eq!(city.receipts().await.len(), 0);

    city.station().refuses_to_pay = None;
    let answer = city.form(&path, "email=a%40example.it&outcome=paid").await;
    assert_eq!(location(&answer), "https://portal.example.it/ok/1");
    assert_eq!(city.station().receipts.len(), 2);
}

#[tokio::test]
async fn an_answer_the_hub_would_refuse_is_refused_with_its_reasons() {
    let city = City::start().await;
    let path = city.cart(&[TARI]).await;
    city.station().spoil = Some(("<paymentAmount>206.00", "<paymentAmount>206.01"));
    let page = city
        .form(&path, "email=a%40example.it&outcome=paid")
        .await
        .text()
        .await
        .unwrap();
    assert!(page.contains("PPT_STAZIONE_INT_PA_ERRORE_RESPONSE"));
    assert!(
        page.contains("the transfers sum to 206.00, paymentAmount is 206.01"),
        "{page}"
    );
    let answer = city.json("/api/psp/pay", &pay_body(TARI)).await;
    assert_eq!(answer.status(), 502);
}

#[tokio::test]
async fn a_receipt_is_delivered_again_until_it_is_acknowledged() {
    let city = City::start().await;
    city.station().fails_receipts = 3;
    let paid: Value = city
        .json("/api/psp/pay", &pay_body(TARI))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(paid["delivery"], "waiting");
    assert_eq!(paid["reasons"], json!(["HTTP status 500 instead of 200"]));
    eventually("the fourth attempt", async || {
        city.receipts().await[0]["delivery"] == "delivered"
    })
    .await;
    assert_eq!(city.receipts().await[0]["attempts"], 4);
    assert_eq!(city.station().receipts.len(), 1);
}

#[tokio::test]
async fn a_well_formed_refusal_ends_the_attempts_and_a_malformed_one_does_not() {
    let city = City::start().await;
    city.station().refuses_receipts = Some(FaultCode::SystemError);
    let paid: Value = city
        .json("/api/psp/pay", &pay_body(TARI))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(paid["delivery"], "refused");

    city.station().refuses_receipts = None;
    city.station().spoil = Some((
        "<outcome>OK</outcome></paf:paSendRTV2Response>",
        "<outcome>KO</outcome></paf:paSendRTV2Response>",
    ));
    let paid: Value = city
        .json("/api/psp/pay", &pay_body(MENSA))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(paid["delivery"], "waiting");
    city.station().spoil = None;
    eventually("another attempt", async || {
        city.receipts().await[0]["delivery"] == "delivered"
    })
    .await;
}

#[tokio::test]
async fn copies_late_and_stand_in_receipts_and_double_payments_can_be_switched_on() {
    let city = City::start().await;
    let mischief = Mischief {
        receipt_copies: 3,
        stand_in: true,
        pay_twice: true,
        receipt_delay_ms: 50,
        ..Mischief::default()
    };
    city.mischief(mischief).await;
    let first: Value = city
        .json("/api/psp/pay", &pay_body(TARI))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(first["delivery"], "waiting");
    eventually("three copies", async || city.station().receipts.len() == 3).await;
    assert!(
        city.station()
            .receipts
            .iter()
            .all(|receipt| receipt.stand_in && receipt.id == city_receipt(&first))
    );
    let second: Value = city
        .json("/api/psp/pay", &pay_body(TARI))
        .await
        .json()
        .await
        .unwrap();
    assert_ne!(first["receipt_id"], second["receipt_id"]);
    eventually("three more copies", async || city.station().receipts.len() == 6).await;

    let id = first["receipt_id"].as_str().unwrap();
    assert_eq!(
        city.json(&format!("/api/receipts/{id}/again"), &json!({}))
            .await
            .status(),
        200
    );
    assert_eq!(city.station().receipts.len(), 7);
    assert_eq!(
        city.json("/api/receipts/nobody/again", &json!({})).await.status(),
        404
    );
}

fn city_receipt(paid: &Value) -> domain::ReceiptId {
    domain::ReceiptId::parse(paid["receipt_id"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn stamp_duties_are_sold_on_checkout_and_not_at_a_counter() {
    let city = City::start().await;
    let refused = city.json("/api/psp/pay", &pay_body(STAMP)).await;
    assert_eq!(refused.status(), 422);
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "PPT_SEMANTICA");
    let path = city.cart(&[STAMP]).await;
    assert_eq!(
        city.form(&path, "email=a%40example.it&outcome=paid")
            .await
            .status(),
        303
    );
    assert!(matches!(
        city.station().receipts[0].transfers[0].destination,
        ReceiptDestination::StampDuty { .. }
    ));
}

#[tokio::test]
async fn a_provider_verifies_and_pays_as_json() {
    let city = City::start().await;
    let due: Value = city
        .json("/api/psp/verify", &pay_body(TARI))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(due["amount_cents"], 20_600);
    let unknown = city.json("/api/psp/verify", &pay_body(UNKNOWN)).await;
    assert_eq!(unknown.status(), 422);
    assert_eq!(
        unknown.json::<Value>().await.unwrap()["fault_code"],
        "PAA_PAGAMENTO_SCONOSCIUTO"
    );
    let body = json!({ "notice_number": TARI, "institution": INSTITUTION, "transfer_type": "POSTAL", "payment_note": "n", "email": "c@example.it" });
    let paid: Value = city.json("/api/psp/pay", &body).await.json().await.unwrap();
    assert_eq!(
        (&paid["delivery"], &paid["attempts"], &paid["payment_note"]),
        (&json!("delivered"), &json!(1), &json!("n"))
    );
    assert_eq!(city.station().asked[0].transfer_type, Some(TransferType::Postal));
    assert_eq!(city.json("/api/psp/pay", &pay_body("123")).await.status(), 422);
}
