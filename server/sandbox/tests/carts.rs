//! Opening carts.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use common::{City, MENSA, STAMP, TARI, UNKNOWN, cart};
use sandbox::{CartMischief, Mischief};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn every_notice_is_verified_before_the_cart_is_opened() {
    let city = City::start().await;
    let path = city.cart(&[TARI, MENSA]).await;
    let verified: Vec<String> = city.station().verified.iter().map(ToString::to_string).collect();
    assert_eq!(verified, [TARI, MENSA]);
    let page = city.page(&path).await;
    assert!(page.contains("TARI &lt;2026&gt; &amp; altro"), "{page}");
    assert!(page.contains("412,00 €"));
    assert!(page.contains("value=\"a@example.it\""));
    assert_eq!(city.get("/checkout/c/0123").await.status(), 404);
}

#[tokio::test]
async fn a_body_the_interface_does_not_allow_is_refused_with_every_reason() {
    let city = City::start().await;
    let changed = |pointer: &str, value: Value| {
        let mut body = cart(&[TARI]);
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let mut unknown = cart(&[TARI]);
    unknown["returnUrl"] = json!("x");
    let mut without_waiting = cart(&[TARI]);
    without_waiting["returnUrls"]
        .as_object_mut()
        .unwrap()
        .remove("returnWaitingUrl");
    for (body, reason) in [
        (json!("cart"), "invalid type"),
        (json!({}), "missing field"),
        (unknown, "unknown field"),
        (without_waiting, "returnWaitingUrl"),
        (cart(&[]), "1 to 5"),
        (
            cart(&[
                TARI,
                MENSA,
                STAMP,
                "312202600000009999",
                "312202600000009998",
                "312202600000009997",
            ]),
            "1 to 5",
        ),
        (cart(&[TARI, TARI]), "comes twice"),
        (changed("/emailNotice", json!("nobody")), "emailNotice"),
        (
            changed("/paymentNotices/0/noticeNumber", json!("31220260000000250")),
            "18 digits",
        ),
        (
            changed("/paymentNotices/0/fiscalCode", json!("0085693010")),
            "11 digits",
        ),
        (changed("/paymentNotices/0/amount", json!(0)), "at least 1"),
        (changed("/paymentNotices/0/amount", json!(1.5)), "expected i64"),
        (
            changed("/paymentNotices/0/companyName", json!("è".repeat(141))),
            "companyName",
        ),
        (
            changed("/returnUrls/returnOkUrl", json!("www.example.it/ok")),
            "returnOkUrl",
        ),
        (
            changed("/returnUrls/returnOkUrl", json!("javascript:alert(1)")),
            "returnOkUrl",
        ),
    ] {
        let answer = city.json("/checkout/ec/v2/carts", &body).await;
        assert_eq!(answer.status(), 400, "{body}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Value = answer.json().await.unwrap();
        assert!(
            problem["detail"].as_str().unwrap().contains(reason),
            "{problem} {reason}"
        );
    }
    assert_eq!(city.station().verified.len(), 0);
    let longest = changed("/paymentNotices/0/companyName", json!("è".repeat(140)));
    assert_eq!(city.json("/checkout/ec/v2/carts", &longest).await.status(), 302);
}

#[tokio::test]
async fn a_notice_that_does_not_verify_refuses_the_cart_and_the_journal_says_why() {
    let city = City::start().await;
    let answer = city.json("/checkout/ec/v2/carts", &cart(&[TARI, UNKNOWN])).await;
    assert_eq!(answer.status(), 422);
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["title"], "Invalid payment info");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("PAA_PAGAMENTO_SCONOSCIUTO"),
        "{problem}"
    );

    city.station().spoil = Some(("<options>EQ</options>", "<options>ANY</options>"));
    assert_eq!(
        city.json("/checkout/ec/v2/carts", &cart(&[TARI])).await.status(),
        422
    );
    let journal = city.journal().await;
    assert_eq!(journal[0]["operation"], "postCarts");
    assert_eq!(journal[1]["outcome"], "PPT_STAZIONE_INT_PA_ERRORE_RESPONSE");
    assert_eq!(journal[1]["reasons"], json!(["options is not EQ"]));
}

#[tokio::test]
async fn a_station_that_is_down_or_late_refuses_the_cart() {
    let city = City::in_front_of("http://127.0.0.1:1/pagopa/paForNode".into()).await;
    let problem: Value = city
        .json("/checkout/ec/v2/carts", &cart(&[TARI]))
        .await
        .json()
        .await
        .unwrap();
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("PPT_STAZIONE_INT_PA_IRRAGGIUNGIBILE"),
        "{problem}"
    );

    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let city = City::in_front_of(format!("http://{}/", silent.local_addr().unwrap())).await;
    let problem: Value = city
        .json("/checkout/ec/v2/carts", &cart(&[TARI]))
        .await
        .json()
        .await
        .unwrap();
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("PPT_STAZIONE_INT_PA_TIMEOUT"),
        "{problem}"
    );
}

#[tokio::test]
async fn faults_switched_on_are_what_they_say() {
    let city = City::start().await;
    for (kind, status) in [
        (CartMischief::Refused, 422),
        (CartMischief::Unauthorised, 401),
        (CartMischief::TooManyRequests, 429),
        (CartMischief::ServerError, 500),
        (CartMischief::Unavailable, 503),
        (CartMischief::NoLocation, 302),
        (CartMischief::ForeignLocation, 302),
        (CartMischief::Rubbish, 200),
    ] {
        city.mischief(Mischief {
            cart: kind,
            ..Mischief::default()
        })
        .await;
        let answer = city.json("/checkout/ec/v2/carts", &cart(&[TARI])).await;
        assert_eq!(answer.status().as_u16(), status, "{kind:?}");
        let location = answer
            .headers()
            .get("location")
            .map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(
            location.is_some(),
            kind == CartMischief::ForeignLocation,
            "{location:?}"
        );
    }
    assert_eq!(city.station().verified.len(), 0);

    city.mischief(Mischief {
        delay_ms: 150,
        ..Mischief::default()
    })
    .await;
    let started = Instant::now();
    city.cart(&[TARI]).await;
    assert!(started.elapsed() >= Duration::from_millis(150));

    let answer = city.json("/api/mischief", &json!({ "delay_ms": 60_001 })).await;
    assert_eq!(answer.status(), 422);
    assert_eq!(
        city.json("/api/mischief", &json!({ "delay": 1 })).await.status(),
        422
    );
    let kept: Value = serde_json::from_str(&city.page("/api/mischief").await).unwrap();
    assert_eq!(kept["delay_ms"], 150);
    assert_eq!(city.json("/api/reset", &json!({})).await.status(), 204);
    let forgotten: Value = serde_json::from_str(&city.page("/api/mischief").await).unwrap();
    assert_eq!(forgotten, serde_json::to_value(Mischief::default()).unwrap());
    assert_eq!(city.journal().await.len(), 0);
}

#[tokio::test]
async fn the_first_edition_sends_who_waits_for_an_outcome_to_the_address_of_errors() {
    let city = City::published().await;
    let mut first = cart(&[TARI]);
    let refused = city.json("/checkout/ec/v1/carts", &first).await;
    assert_eq!(refused.status(), 400);
    let problem: Value = refused.json().await.unwrap();
    let detail = "returnWaitingUrl is not in this edition";
    assert_eq!(problem["detail"], detail);
    first["returnUrls"]
        .as_object_mut()
        .unwrap()
        .remove("returnWaitingUrl");
    let opened = city.json("/checkout/ec/v1/carts", &first).await;
    assert_eq!(opened.status(), 302);
    let location = opened.headers()["location"].to_str().unwrap();
    let page = location.strip_prefix(&city.sandbox).unwrap();
    let paid = city
        .form(page, "email=a%40example.it&way=card&outcome=late&delay_seconds=0")
        .await;
    assert_eq!(paid.status(), 303);
    assert_eq!(paid.headers()["location"], "https://portal.example.it/error/1");
    assert_eq!(city.receipts().await.len(), 1);
}
