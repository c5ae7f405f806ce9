use crate::support::{CITY, City, NEIGHBOUR, application, asked};
use axum::body::Body;
use axum::http::Method;
use chrono::Duration;
use domain::application::{Grant, Scope};
use std::collections::BTreeSet;

#[tokio::test]
async fn a_program_reads_its_institution_services_accounts_and_taxonomy() {
    let city = City::start().await;
    let mut narrow = application("tributi", CITY);
    narrow.grants = vec![Grant {
        scope: Scope::Quote,
        services: Some(BTreeSet::from(["carta".to_owned()])),
    }];
    let token = city.let_in(&narrow).await;
    let own = city.get("/institution", &token).await.json();
    assert_eq!(own["fiscal_code"], CITY);
    assert_eq!(own["application"]["grants"][0]["scope"], "quotes:read");
    let services = city.get("/services", &token).await.json();
    assert_eq!(services["items"][0]["code"], "carta");
    assert_eq!(services["items"][0]["scopes"][0], "quotes:read");
    assert_eq!(services["items"][1]["scopes"].as_array().unwrap().len(), 0);
    let accounts = city.get("/accounts", &token).await;
    assert_eq!(accounts.json()["items"][0]["iban"], "IT*********************3456");
    assert_eq!(accounts.json()["items"][1]["stamp"]["amount"], 1_600);
    assert!(!String::from_utf8_lossy(&accounts.body).contains("IT60X"));
    let taxonomy = city.get("/taxonomy", &token).await.json();
    assert_eq!(taxonomy["version"], 47);
    assert_eq!(taxonomy["own"][0], "9/0107101TS/");
    assert_eq!(taxonomy["categories"].as_array().unwrap().len(), 751);
    assert_eq!(
        city.get("/receipts", &token).await.problem(),
        (403, "forbidden".to_owned())
    );
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let city = City::start().await;
    let token = city.let_in(&application("tributi", CITY)).await;
    city.paid(CITY, "r1", 1).await;
    for path in [
        "/institution",
        "/services",
        "/accounts",
        "/taxonomy",
        "/receipts/r1",
        "/openapi.json",
        "/",
    ] {
        let answer = city.get(path, &token).await;
        let tag = answer.header("etag").to_owned();
        assert!(tag.len() > 10, "{path}");
        let again = city.get_with(path, &token, "if-none-match", &tag).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path}");
        let other = city.get_with(path, &token, "if-none-match", "\"other\"").await;
        assert_eq!(other.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_fee_is_worked_out_with_how_it_comes_about() {
    let city = City::start().await;
    let token = city.let_in(&application("tributi", CITY)).await;
    let quote = async |service: &str, answers: &str| {
        let path = format!("/services/{service}/quote");
        city.post(&path, &token, format!("{{\"answers\": {answers}}}"))
            .await
    };
    let due = quote("carta", "{\"carte\": 1, \"urgente\": false}").await.json();
    assert_eq!(due["status"], "due", "{due}");
    assert_eq!(due["total"], 2_221);
    let lines = due["lines"].as_array().unwrap();
    let sum: i64 = lines.iter().map(|line| line["amount"].as_i64().unwrap()).sum();
    assert_eq!(sum, 2_221);
    assert_ne!(lines[0]["label"]["it"].as_str().unwrap(), "");
    let invalid = quote("carta", "{\"carte\": \"many\"}").await.json();
    assert_eq!(
        (&invalid["status"], &invalid["field"]),
        (&"invalid".into(), &"carte".into())
    );
    for service in ["mensa", "none"] {
        let answer = quote(service, "{}").await;
        assert_eq!(answer.problem(), (404, "unknown_service".to_owned()), "{service}");
    }
}

#[tokio::test]
async fn receipts_come_a_page_at_a_time_the_newest_first() {
    let city = City::start().await;
    let token = city.let_in(&application("tributi", CITY)).await;
    for base in 1..=5 {
        city.paid(CITY, &format!("r{base}"), base).await;
        city.clock.advance(Duration::seconds(1));
    }
    let ids = |body: &serde_json::Value| -> Vec<String> {
        let items = body["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = city.get("/receipts?limit=2", &token).await.json();
    assert_eq!(ids(&first), ["r5", "r4"]);
    let next = first["next"].as_str().unwrap();
    // What comes meanwhile moves nothing.
    city.paid(CITY, "r6", 6).await;
    let second = city
        .get(&format!("/receipts?limit=2&cursor={next}"), &token)
        .await
        .json();
    assert_eq!(ids(&second), ["r3", "r2"]);
    let next = second["next"].as_str().unwrap();
    let last = city
        .get(&format!("/receipts?limit=2&cursor={next}"), &token)
        .await
        .json();
    assert_eq!((ids(&last), last.get("next")), (vec!["r1".to_owned()], None));
    let one = city.get("/receipts/r1", &token).await.json();
    assert_eq!(one["amount"], 12_050);
    assert_eq!(one["paid_at"], "2026-11-23T08:59:00Z");
    let number = one["notice_number"].as_str().unwrap();
    let of_notice = city
        .get(&format!("/receipts?notice_number={number}"), &token)
        .await
        .json();
    assert_eq!(ids(&of_notice), ["r1"]);
    let link = city.get("/receipts/r1/document", &token).await.json();
    let start = format!("https://servizi.example.it/ricevuta/{CITY}/r1/documento.pdf?scade=");
    assert!(link["url"].as_str().unwrap().starts_with(&start), "{link}");
    let of_time = city
        .get(
            "/receipts?from=2026-11-23T09:00:01Z&before=2026-11-23T09:00:03Z",
            &token,
        )
        .await;
    assert_eq!(ids(&of_time.json()), ["r3", "r2"]);
}

#[tokio::test]
async fn nothing_of_another_institution_is_seen_or_guessed() {
    let city = City::start().await;
    let own = city.let_in(&application("tributi", CITY)).await;
    let foreign = city.let_in(&application("rifiuti", NEIGHBOUR)).await;
    city.paid(CITY, "r1", 1).await;
    let unknown = city.get("/receipts/none", &foreign).await;
    for path in ["/receipts/r1", "/receipts/r1/document"] {
        assert_eq!(city.get(path, &own).await.status, 200, "{path}");
        let hidden = city.get(path, &foreign).await;
        // Not a byte apart from what is not there at all.
        assert_eq!(
            (hidden.status, &hidden.body),
            (unknown.status, &unknown.body),
            "{path}"
        );
    }
    let number = city.get("/receipts/r1", &own).await.json()["notice_number"]
        .as_str()
        .unwrap()
        .to_owned();
    for path in [
        "/receipts".to_owned(),
        format!("/receipts?notice_number={number}"),
        "/audit?subject=tributi".to_owned(),
        "/accounts".to_owned(),
    ] {
        let seen = city.get(&path, &foreign).await.json();
        assert_eq!(seen["items"].as_array().unwrap().len(), 0, "{path}");
        let seen = city.get(&path, &own).await.json();
        assert!(!seen["items"].as_array().unwrap().is_empty(), "{path}");
    }
    assert_eq!(
        city.get("/institution", &foreign).await.json()["fiscal_code"],
        NEIGHBOUR
    );
    let head = asked(Method::HEAD, "/receipts/r1", &foreign)
        .body(Body::empty())
        .unwrap();
    assert_eq!(city.send(head).await.status, 404);
}
