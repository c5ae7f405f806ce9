use crate::support::{CITY, City, NEIGHBOUR, application, asked};
use axum::body::Body;
use axum::http::Method;
use chrono::Duration;
use domain::application::{Grant, Scope};
use serde_json::{Value, json};
use services::jobs::{JobKind, drain};
use services::outcomes::fan_out;
use storage::outcomes::{OutcomeDay, insert_outcome_day};

/// A city in whose feed there are outcomes.
async fn with_outcomes(count: u64) -> (City, String) {
    Box::pin(paid(count)).await
}

async fn paid(count: u64) -> (City, String) {
    let city = City::start().await;
    let token = city.let_in(&application("tributi", CITY)).await;
    for base in 1..=count {
        city.paid(CITY, &format!("r{base}"), base).await;
    }
    fan_out::schedule(&city.services).await.unwrap();
    drain(&city.services, &[JobKind::OutcomeFanOut], "test", 10)
        .await
        .unwrap();
    (city, token)
}

async fn endpoint(city: &City, token: &str) -> String {
    let answer = city
        .post(
            "/outcomes/endpoints",
            token,
            json!({ "url": "http://127.0.0.1:9999/" }).to_string(),
        )
        .await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_program_asks_for_its_outcomes_and_acknowledges_them() {
    let (city, token) = with_outcomes(3).await;
    let page = city.get("/outcomes?limit=2", &token).await.json();
    assert_eq!((&page["last"], &page["more"]), (&json!(2), &json!(true)));
    let first = &page["items"][0];
    assert_eq!(
        (&first["number"], &first["type"]),
        (&json!(1), &json!("paid_unmatched"))
    );
    assert_eq!(first["data"]["reason"], "unknown");
    assert_eq!(first["data"]["receipt_id"], "r1");
    let acknowledge = async |up_to: i64| {
        city.post(
            "/outcomes/acknowledge",
            &token,
            json!({ "up_to": up_to }).to_string(),
        )
        .await
    };
    for up_to in [2, 1, 2] {
        assert_eq!(acknowledge(up_to).await.json()["up_to"], 2);
    }
    assert_eq!(acknowledge(4).await.problem(), (422, "beyond_the_end".to_owned()));
    let rest = city.get("/outcomes", &token).await.json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!(rest["acknowledged"], 2);
    for wrong in ["after=-1", "limit=0", "limit=501", "from=1"] {
        let answer = city.get(&format!("/outcomes?{wrong}"), &token).await;
        assert_eq!(answer.problem(), (400, "malformed_query".to_owned()), "{wrong}");
    }
}

#[tokio::test]
async fn a_program_chooses_what_it_is_told() {
    let (city, token) = with_outcomes(0).await;
    assert_eq!(
        city.get("/outcomes/choice", &token).await.json(),
        json!({ "kinds": null, "daily_file": false })
    );
    let choose = async |body: Value| {
        let request =
            asked(Method::PUT, "/outcomes/choice", &token).header("content-type", "application/json");
        city.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    };
    let chosen = json!({ "kinds": ["paid", "paid_twice"], "daily_file": true });
    assert_eq!(choose(chosen.clone()).await.json(), chosen);
    assert_eq!(city.get("/outcomes/choice", &token).await.json(), chosen);
    assert_eq!(choose(json!({ "kinds": ["sold"] })).await.status, 422);
    assert_eq!(choose(json!({ "kinds": null, "other": 1 })).await.status, 422);
}

#[tokio::test]
async fn an_endpoint_is_added_once_under_a_key_and_its_secret_is_told_once() {
    let (city, token) = with_outcomes(2).await;
    let add = async || {
        let request = asked(Method::POST, "/outcomes/endpoints", &token)
            .header("content-type", "application/json")
            .header("idempotency-key", "one");
        let body = json!({ "url": "http://127.0.0.1:9999/", "kinds": ["paid"] });
        city.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    };
    let (first, again) = (add().await, add().await);
    assert_eq!(first.status, 201);
    assert_eq!(first.json(), again.json());
    assert!(first.json()["secret"].as_str().unwrap().starts_with("whsec_"));
    let list = city.get("/outcomes/endpoints", &token).await;
    assert_eq!(list.json()["items"].as_array().unwrap().len(), 1);
    assert!(!String::from_utf8_lossy(&list.body).contains("whsec_"));
    let id = first.json()["id"].as_str().unwrap().to_owned();
    let path = |tail: &str| format!("/outcomes/endpoints/{id}{tail}");
    let rotated = city.post(&path("/rotate"), &token, "").await.json();
    assert_ne!(rotated["secret"], first.json()["secret"]);
    let sent = city.post(&path("/test"), &token, "").await.json();
    assert_eq!(sent["status"], Value::Null);
    assert!(sent["error"].is_string());
    let replayed = city
        .post(
            &path("/replay"),
            &token,
            json!({ "from": 1, "to": 9 }).to_string(),
        )
        .await;
    assert_eq!(replayed.json()["outcomes"], 2);
    let waiting = city
        .get(&path("/webhooks?state=waiting&limit=1"), &token)
        .await
        .json();
    assert_eq!(waiting["items"][0]["number"], 1);
    assert!(waiting["next"].is_string());
    assert_eq!(city.post(&path("/disable"), &token, "").await.status, 204);
    assert_eq!(
        city.post(&path("/replay"), &token, "{}").await.problem(),
        (409, "endpoint_disabled".to_owned())
    );
    assert_eq!(city.get(&path(""), &token).await.json()["active"], false);
    assert_eq!(city.post(&path("/enable"), &token, "").await.status, 204);
    assert_eq!(city.get(&path(""), &token).await.json()["webhooks"]["waiting"], 2);
}

#[tokio::test]
async fn an_address_that_must_not_be_called_and_a_sixth_one_are_refused() {
    let (city, token) = with_outcomes(0).await;
    for url in [
        "https://10.0.0.1/",
        "https://[::1]/",
        "http://1.1.1.1/",
        "gopher://x/",
        "https://a@example.it/",
    ] {
        let body = json!({ "url": url }).to_string();
        let answer = city.post("/outcomes/endpoints", &token, body).await;
        assert_eq!(answer.problem(), (422, "address_refused".to_owned()), "{url}");
    }
    for _ in 0..5 {
        endpoint(&city, &token).await;
    }
    let body = json!({ "url": "http://127.0.0.1:9999/" }).to_string();
    let sixth = city.post("/outcomes/endpoints", &token, body).await;
    assert_eq!(sixth.problem(), (409, "too_many_endpoints".to_owned()));
}

#[tokio::test]
async fn without_a_key_nothing_is_sent_and_the_feed_goes_on() {
    let (mut city, token) = with_outcomes(1).await;
    city.without_key_of_webhooks();
    let body = json!({ "url": "http://127.0.0.1:9999/" }).to_string();
    let answer = city.post("/outcomes/endpoints", &token, body).await;
    assert_eq!(answer.problem(), (503, "webhooks_off".to_owned()));
    assert_eq!(city.get("/outcomes", &token).await.json()["last"], 1);
}

#[tokio::test]
async fn a_day_is_read_once_it_is_closed_and_not_when_it_is_too_large() {
    let (city, token) = with_outcomes(1).await;
    let day = async |day: &str, token: &str| city.get(&format!("/outcomes/daily/{day}"), token).await;
    assert_eq!(
        day("2026-11-23", &token).await.problem(),
        (404, "not_found".to_owned())
    );
    assert_eq!(
        day("yesterday", &token).await.problem(),
        (400, "malformed_path".to_owned())
    );
    city.clock.advance(Duration::days(1));
    services::outcomes::daily::schedule(&city.services).await.unwrap();
    drain(&city.services, &[JobKind::OutcomeDays], "test", 10)
        .await
        .unwrap();
    // The token of yesterday has ended.
    let token = city.let_in_again("tributi").await;
    let answer = day("2026-11-23", &token).await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(String::from_utf8_lossy(&answer.body).lines().count(), 2);
    let large = OutcomeDay {
        day: "2026-11-24".parse().unwrap(),
        after_number: 1,
        last_number: 100_002,
        made_at: city.services.clock.now(),
    };
    let mut tx = city.services.store.begin().await.unwrap();
    insert_outcome_day(&mut tx, "tributi", &large).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        day("2026-11-24", &token).await.problem(),
        (422, "day_too_large".to_owned())
    );
}

#[tokio::test]
async fn another_application_sees_touches_and_guesses_nothing() {
    let (city, token) = with_outcomes(2).await;
    let id = endpoint(&city, &token).await;
    let mut without = application("senza", CITY);
    without.grants = vec![Grant {
        scope: Scope::ReadReceipts,
        services: None,
    }];
    let without = city.let_in(&without).await;
    let foreign = city.let_in(&application("vicino", NEIGHBOUR)).await;
    let colleague = city.let_in(&application("colleghi", CITY)).await;
    assert_eq!(
        city.get("/outcomes?after=0", &foreign).await.json()["items"],
        json!([])
    );
    for stranger in [&foreign, &colleague] {
        for (method, tail, body) in [
            (Method::GET, "", ""),
            (Method::GET, "/webhooks", ""),
            (Method::POST, "/rotate", ""),
            (Method::POST, "/disable", ""),
            (Method::POST, "/enable", ""),
            (Method::POST, "/test", ""),
            (Method::POST, "/replay", "{}"),
        ] {
            let request = asked(method, &format!("/outcomes/endpoints/{id}{tail}"), stranger)
                .header("content-type", "application/json");
            let answer = city.send(request.body(Body::from(body)).unwrap()).await;
            assert_eq!(answer.problem(), (404, "not_found".to_owned()), "{tail}");
        }
    }
    for path in [
        "/outcomes",
        "/outcomes/choice",
        "/outcomes/endpoints",
        "/outcomes/daily/2026-11-22",
    ] {
        assert_eq!(
            city.get(path, &without).await.problem(),
            (403, "forbidden".to_owned()),
            "{path}"
        );
    }
}
