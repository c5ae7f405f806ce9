//! The gateway in front of the REST services.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use common::{City, TARI, cart, position, published_interfaces};
use sandbox::{GatewayMischief, Mischief, Product};
use serde_json::{Value, json};

const ACA: &str = "/aca/debt-positions-service/v1/organizations/00856930102/debtpositions";
const FLOWS: &str = "/fdr-org/service/v1/organizations/00856930102/fdrs";

/// One address of each service, all of them `GET`.
const ADDRESSES: [&str; 6] = [
    ACA,
    "/gpd/debt-positions-service/v1/organizations/00856930102/debtpositions",
    "/upload/aca/debt-positions-service/v2/brokers/00856930102/organizations/00856930102/debtpositions/files",
    "/upload/gpd/debt-positions-service/v2/brokers/00856930102/organizations/00856930102/debtpositions/files",
    FLOWS,
    "/bizevents/service/v1/organizations/00856930102/receipts/1",
];

#[tokio::test]
async fn each_service_asks_for_a_right_key_primary_or_secondary() {
    let city = City::configured(|config| config.keys = vec!["first".into(), "second".into()]).await;
    for address in ADDRESSES {
        for (key, right) in [
            (None, false),
            (Some("other"), false),
            (Some("first"), true),
            (Some("second"), true),
        ] {
            let mut request = city.http.get(format!("{}{address}", city.sandbox));
            if let Some(key) = key {
                request = request.header("ocp-apim-subscription-key", key);
            }
            // Flows are read once a second.
            tokio::time::sleep(std::time::Duration::from_millis(if right { 1_010 } else { 0 })).await;
            let status = request.send().await.unwrap().status();
            assert_eq!(status != 401, right, "{address} {key:?} {status}");
        }
    }
    assert_eq!(
        city.json("/checkout/ec/v2/carts", &cart(&[TARI])).await.status(),
        401
    );
    // What people and tests use needs none.
    assert_eq!(city.get("/api/limits").await.status(), 200);
}

#[tokio::test]
async fn calls_beyond_the_published_limit_are_refused_and_counted() {
    let city = City::start().await;
    assert_eq!(city.get(FLOWS).await.status(), 200);
    let refused = city.get(FLOWS).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "1");
    let (_, counters) = city.call("GET", "/api/limits", None).await;
    assert_eq!(
        counters,
        json!([{ "product": "flows", "is_read": true, "limit": 1, "seconds": 1, "taken": 1, "refused": 1 }])
    );
    assert!(city.page("/?lang=en").await.contains("Call limits"));
    let free = City::configured(|config| config.has_limits = false).await;
    for _ in 0..5 {
        assert_eq!(free.get(FLOWS).await.status(), 200);
    }
}

#[tokio::test]
async fn the_gateway_misbehaves_for_one_service_or_for_all() {
    let city = City::configured(|config| config.has_limits = false).await;
    let switched = |gateway, gateway_product| Mischief {
        gateway,
        gateway_product,
        ..Mischief::default()
    };
    for (gateway, status) in [
        (GatewayMischief::ServerError, 500),
        (GatewayMischief::KeyRefused, 401),
        (GatewayMischief::TooManyRequests, 429),
    ] {
        city.mischief(switched(gateway, Some(Product::Flows))).await;
        assert_eq!(city.get(FLOWS).await.status(), status);
        assert_eq!(city.get(ACA).await.status(), 200);
        city.mischief(switched(gateway, None)).await;
        assert_eq!(city.get(ACA).await.status(), status);
    }
    city.mischief(switched(GatewayMischief::Unreachable, None)).await;
    let broken = match city.http.get(format!("{}{ACA}", city.sandbox)).send().await {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    };
    assert!(broken);
    let journal = city.journal().await;
    assert_eq!(journal[0]["reasons"], json!(["mischief: gateway unreachable"]));
}

#[tokio::test]
async fn with_the_published_interfaces_a_call_that_differs_is_refused_with_the_reasons() {
    if published_interfaces().is_none() {
        return;
    }
    let city = City::published().await;
    let mut wrong = position("P1", 1);
    wrong["type"] = json!("X");
    wrong["paymentOption"][0]["amount"] = json!("12050");
    let (status, problem) = city.call("POST", ACA, Some(&wrong)).await;
    let detail = problem["detail"].as_str().unwrap();
    assert_eq!(
        (status, &problem["title"]),
        (400, &json!("Not as the published interface"))
    );
    assert!(
        detail.contains("/type") && detail.contains("/paymentOption/0/amount"),
        "{detail}"
    );
    for address in [
        format!("{ACA}?limits=1"),
        format!("{ACA}?limit=51"),
        format!("{ACA}/P1/pay"),
    ] {
        let (status, problem) = city.call("GET", &address, None).await;
        assert_eq!(
            (status, &problem["title"]),
            (400, &json!("Not as the published interface")),
            "{address}"
        );
    }
    let journal = city.journal().await;
    assert!(
        journal[0]["reasons"]
            .as_array()
            .is_some_and(|reasons| !reasons.is_empty())
    );

    // An answer that differs is told in the journal: the interface of the day does not know code 3.
    city.mischief(Mischief {
        flow: sandbox::FlowMischief::Code3,
        ..Mischief::default()
    })
    .await;
    city.json("/api/psp/pay", &common::pay_body(TARI)).await;
    let (_, made) = city
        .call("POST", "/api/clock/advance", Some(&json!({ "days": 1 })))
        .await;
    let id = made["flows"][0]["id"].as_str().unwrap();
    let address = format!("{FLOWS}/{id}/revisions/1/psps/LANTITGG/payments");
    assert_eq!(city.call("GET", &address, None).await.0, 200);
    let told = city.journal().await[0]["reasons"].to_string();
    assert!(told.contains("REVOKED"), "{told}");
}

#[tokio::test]
async fn carts_pass_the_published_interface_too() {
    let city = City::published().await;
    let path = city.cart(&[TARI]).await;
    assert!(path.starts_with("/checkout/c/"));
    let journal: Vec<Value> = city.journal().await;
    assert_eq!(journal[0]["operation"], "postCarts");
}

#[test]
fn a_folder_without_the_interfaces_is_said() {
    let mut config = sandbox::SandboxConfig::new("http://127.0.0.1:1/".into(), "1".into(), "1_01".into());
    config.openapi_folder = Some("/nowhere".into());
    let error = sandbox::router(config).unwrap_err().to_string();
    assert!(error.contains("/nowhere/checkout/checkout_v2.json"), "{error}");
}
