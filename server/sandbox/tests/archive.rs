//! Positions one by one, as an institution keeps them on the hub.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use common::{City, INSTITUTION, iuv, position};
use serde_json::json;

const ACA: &str = "/aca/debt-positions-service/v1/organizations/00856930102/debtpositions";
const GPD: &str = "/gpd/debt-positions-service/v1/organizations/00856930102/debtpositions";

#[tokio::test]
async fn a_position_goes_from_draft_to_payable_to_invalid() {
    let city = City::published().await;
    for base in [ACA, GPD] {
        let (status, created) = city.call("POST", base, Some(&position("P1", 1))).await;
        assert_eq!((status, &created["status"]), (201, &json!("DRAFT")), "{created}");
        let (status, published) = city.call("POST", &format!("{base}/P1/publish"), None).await;
        assert_eq!(
            (status, &published["status"]),
            (200, &json!("VALID")),
            "{published}"
        );
        assert_eq!(
            city.call("POST", &format!("{base}/P1/publish"), None).await.0,
            409
        );
        let (_, shown) = city.call("GET", &format!("{base}/P1"), None).await;
        assert_eq!(shown["paymentOption"][0]["status"], "PO_UNPAID");
        assert_eq!(shown["paymentOption"][0]["transfer"][0]["status"], "T_UNREPORTED");
        let (status, invalid) = city.call("POST", &format!("{base}/P1/invalidate"), None).await;
        assert_eq!((status, &invalid["status"]), (200, &json!("INVALID")));
        assert_eq!(
            city.call("PUT", &format!("{base}/P1"), Some(&position("P1", 1)))
                .await
                .0,
            409
        );
        assert_eq!(city.call("DELETE", &format!("{base}/P1"), None).await.0, 200);
        assert_eq!(city.call("GET", &format!("{base}/P1"), None).await.0, 404);
        assert_eq!(city.call("DELETE", &format!("{base}/P1"), None).await.0, 404);
    }
    city.assert_as_published().await;
}

#[tokio::test]
async fn publishing_with_a_later_date_waits_for_it() {
    let city = City::published().await;
    let mut later = position("P1", 1);
    later["validityDate"] = json!("2098-01-01T00:00:00Z");
    let (_, created) = city
        .call("POST", &format!("{ACA}?toPublish=true"), Some(&later))
        .await;
    assert_eq!(created["status"], "PUBLISHED");
    let (_, now) = city
        .call(
            "PUT",
            &format!("{ACA}/P1?toPublish=true"),
            Some(&position("P1", 1)),
        )
        .await;
    assert_eq!(now["status"], "VALID");
    let (_, draft) = city
        .call("PUT", &format!("{ACA}/P1"), Some(&position("P1", 1)))
        .await;
    assert_eq!(draft["status"], "DRAFT");
}

#[tokio::test]
async fn the_keys_of_a_position_belong_to_it_alone() {
    let city = City::published().await;
    assert_eq!(city.call("POST", ACA, Some(&position("P1", 1))).await.0, 201);
    for twin in [position("P1", 2), position("P2", 1)] {
        let (status, problem) = city.call("POST", ACA, Some(&twin)).await;
        assert_eq!(status, 409, "{problem}");
    }
    // Of another institution, or in the other archive, they are others.
    let elsewhere = ACA.replace(INSTITUTION, "77777777777");
    assert_eq!(
        city.call("POST", &elsewhere, Some(&position("P1", 1))).await.0,
        201
    );
    assert_eq!(city.call("POST", GPD, Some(&position("P1", 1))).await.0, 201);
    // An update may change its notices, not take another's.
    assert_eq!(city.call("POST", ACA, Some(&position("P2", 2))).await.0, 201);
    assert_eq!(
        city.call("PUT", &format!("{ACA}/P2"), Some(&position("P2", 1)))
            .await
            .0,
        409
    );
    assert_eq!(
        city.call("PUT", &format!("{ACA}/P2"), Some(&position("P2", 3)))
            .await
            .0,
        200
    );
    assert_eq!(city.call("POST", ACA, Some(&position("P3", 2))).await.0, 201);
}

#[tokio::test]
async fn each_rule_broken_is_told() {
    let city = City::start().await;
    let option = |path: &str, value: serde_json::Value| {
        let mut wrong = position("P1", 1);
        *wrong.pointer_mut(&format!("/paymentOption/0{path}")).unwrap() = value;
        wrong
    };
    let mut six = position("P1", 1);
    let transfer = six["paymentOption"][0]["transfer"][0].clone();
    six["paymentOption"][0]["transfer"] = json!(vec![transfer; 6]);
    let mut stranger = position("P1", 1);
    stranger["iupdd"] = json!("x");
    let mut stamp = position("P1", 1);
    stamp["paymentOption"][0]["transfer"][0]["stamp"] =
        json!({ "hashDocument": "aGFzaA==", "stampType": "01", "provincialResidence": "GE" });
    for (wrong, told) in [
        (option("/amount", json!(12_051)), "do not sum"),
        (option("/amount", json!(0)), "amount is 1"),
        (
            option("/nav", json!("302032002700000251")),
            "is not the one of nav",
        ),
        (option("/nav", json!("3")), "18 digits"),
        (option("/dueDate", json!("2020-01-01T00:00:00Z")), "dueDate"),
        (
            option("/description", json!("x".repeat(141))),
            "description has 1 to 140",
        ),
        (
            option("/transfer/0/iban", json!("IT00X0542811101000000123456")),
            "IBAN",
        ),
        (option("/transfer/0/category", json!("TARI")), "taxonomy"),
        (option("/transfer/0/idTransfer", json!("6")), "idTransfer"),
        (six, "1 to 5"),
        (stranger, "unknown field `iupdd`"),
        (stamp, "iban or stamp"),
    ] {
        let (status, problem) = city.call("POST", ACA, Some(&wrong)).await;
        let detail = problem["detail"].as_str().unwrap();
        assert!(status == 400 && detail.contains(told), "{told}: {detail}");
    }
    let (_, list) = city.call("GET", ACA, None).await;
    assert_eq!(list["payment_position_list"], json!([]));
}

#[tokio::test]
async fn a_list_has_pages_filters_and_orders() {
    let city = City::published().await;
    for number in 1..=5 {
        let body = position(&format!("P{number}"), number);
        assert_eq!(
            city.call("POST", &format!("{ACA}?toPublish={}", number > 3), Some(&body))
                .await
                .0,
            201
        );
    }
    let iupds = |list: &serde_json::Value| -> Vec<String> {
        let items = list["payment_position_list"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["iupd"].as_str().unwrap().to_owned())
            .collect()
    };
    let (_, first) = city.call("GET", &format!("{ACA}?limit=2&page=0"), None).await;
    assert_eq!(iupds(&first), ["P5", "P4"]);
    assert_eq!(
        first["page_info"],
        json!({ "page": 0, "limit": 2, "items_found": 2, "total_pages": 3 })
    );
    let (_, last) = city.call("GET", &format!("{ACA}?limit=2&page=2"), None).await;
    assert_eq!(iupds(&last), ["P1"]);
    let (_, drafts) = city
        .call(
            "GET",
            &format!("{ACA}?status=DRAFT&orderby=IUPD&ordering=ASC"),
            None,
        )
        .await;
    assert_eq!(iupds(&drafts), ["P1", "P2", "P3"]);
    let (_, due) = city
        .call(
            "GET",
            &format!("{ACA}?due_date_from=2099-12-31&due_date_to=2099-12-31"),
            None,
        )
        .await;
    assert_eq!(iupds(&due).len(), 5);
    for wrong in [
        "limit=51",
        "status=SOLD",
        "due_date_from=2026-01-01&due_date_to=2026-12-31",
        "due_date_from=2026-01-01&payment_date_from=2026-01-01",
    ] {
        assert_eq!(
            city.call("GET", &format!("{ACA}?{wrong}"), None).await.0,
            400,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn a_notice_paid_elsewhere_or_at_a_provider_is_paid_once() {
    let city = City::published().await;
    city.call("POST", &format!("{ACA}?toPublish=true"), Some(&position("P1", 1)))
        .await;
    let paids = format!("/aca/debt-positions-service/v1/organizations/{INSTITUTION}/paymentoptions/paids");
    let body = json!({ "paymentDate": "2026-11-20T10:00:00Z" });
    let (status, paid) = city
        .call("POST", &format!("{paids}/3{}", iuv(1)), Some(&body))
        .await;
    assert_eq!((status, &paid["status"]), (200, &json!("PO_PAID")), "{paid}");
    assert_eq!(
        city.call("POST", &format!("{paids}/3{}", iuv(1)), Some(&body))
            .await
            .0,
        409
    );
    assert_eq!(
        city.call("POST", &format!("{paids}/3{}", iuv(9)), Some(&body))
            .await
            .0,
        404
    );
    assert_eq!(city.call("DELETE", &format!("{ACA}/P1"), None).await.0, 409);

    let number = format!("3{}", iuv(2));
    city.call("POST", &format!("{GPD}?toPublish=true"), Some(&position("P2", 2)))
        .await;
    let paid = city.json("/api/psp/pay", &common::pay_body(&number)).await;
    assert_eq!(paid.status(), 200);
    let (_, shown) = city.call("GET", &format!("{GPD}/P2"), None).await;
    assert_eq!(shown["status"], "PAID");
    assert!(shown["paymentOption"][0]["idReceipt"].is_string());
    city.call("POST", "/api/clock/advance", Some(&json!({ "days": 1 })))
        .await;
    let (_, reported) = city.call("GET", &format!("{GPD}/P2"), None).await;
    assert_eq!(
        (&reported["status"], &reported["paymentOption"][0]["status"]),
        (&json!("REPORTED"), &json!("PO_REPORTED"))
    );
    city.assert_as_published().await;
}

#[tokio::test]
async fn a_position_that_may_expire_does_so_when_days_pass_and_comes_back_with_a_new_date() {
    let city = City::start().await;
    let mut body = position("P1", 1);
    body["switchToExpired"] = json!(true);
    body["paymentOption"][0]["dueDate"] = json!(chrono::DateTime::UNIX_EPOCH);
    let soon = {
        let (_, clock) = city
            .call("POST", "/api/clock/advance", Some(&json!({ "days": 1 })))
            .await;
        let now: chrono::DateTime<chrono::Utc> = serde_json::from_value(clock["now"].clone()).unwrap();
        now + chrono::TimeDelta::hours(1)
    };
    body["paymentOption"][0]["dueDate"] = json!(soon);
    city.call("POST", &format!("{GPD}?toPublish=true"), Some(&body))
        .await;
    city.call("POST", "/api/clock/advance", Some(&json!({ "days": 1 })))
        .await;
    let (_, expired) = city.call("GET", &format!("{GPD}/P1"), None).await;
    assert_eq!(expired["status"], "EXPIRED");
    body["paymentOption"][0]["dueDate"] = json!("2099-12-31T00:00:00Z");
    let (_, back) = city
        .call("PUT", &format!("{GPD}/P1?toPublish=true"), Some(&body))
        .await;
    assert_eq!(back["status"], "VALID");
}
