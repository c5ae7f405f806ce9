use crate::support::{CITY, City, application, asked};
use axum::body::Body;
use axum::http::{Method, Request};

const QUOTE: &str = "/services/carta/quote";

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_by_name() {
    let city = City::start().await;
    let token = city.let_in(&application("tributi", CITY)).await;
    let deep = format!(
        "{{\"answers\": {}1{}}}",
        "{\"a\":".repeat(50_000),
        "}".repeat(50_000)
    );
    let huge = format!("{{\"answers\": {{\"a\": \"{}\"}}}}", "x".repeat(10 * 1024 * 1024));
    for (body, problem) in [
        ("", (400, "malformed_body")),
        ("{", (400, "malformed_body")),
        ("{\"answers\": {}} trailing", (400, "malformed_body")),
        ("{\"answers\": {\"a\": 1, \"a\": 2}}", (400, "malformed_body")),
        ("{\"answers\": {}, \"answers\": {}}", (400, "malformed_body")),
        ("{\"answers\": {\"a\": 1e400}}", (400, "malformed_body")),
        (deep.as_str(), (400, "malformed_body")),
        (huge.as_str(), (413, "body_too_large")),
        ("[]", (422, "invalid")),
        ("[{}]", (422, "invalid")),
        ("{}", (422, "invalid")),
        ("{\"answers\": {}, \"more\": 1}", (422, "invalid")),
        ("{\"answers\": {\"a\": 12.5}}", (422, "invalid")),
        ("{\"answers\": {\"a\": 99999999999999999999}}", (422, "invalid")),
        ("{\"answers\": {\"a\": [1]}}", (422, "invalid")),
        ("{\"answers\": {}, \"today\": \"31/12/2026\"}", (422, "invalid")),
    ] {
        let answer = city.post(QUOTE, &token, body.to_owned()).await;
        let (status, code) = answer.problem();
        let shown: String = body.chars().take(60).collect();
        assert_eq!((status, code.as_str()), problem, "{shown}");
    }
    let answer = city
        .post(QUOTE, &token, &b"{\"answers\": {\"a\": \"\xff\"}}"[..])
        .await;
    assert_eq!(answer.problem().1, "malformed_body");
}

#[tokio::test]
async fn every_wrong_part_is_told_with_its_place_in_both_languages() {
    let city = City::start().await;
    let token = city.let_in(&application("tributi", CITY)).await;
    let answer = city
        .post(QUOTE, &token, "{\"answers\": {\"a\": 1.5, \"b\": null}}")
        .await;
    let body = answer.json();
    let errors = body["errors"].as_array().unwrap();
    let paths: Vec<&str> = errors
        .iter()
        .map(|error| error["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["answers.a", "answers.b"]);
    assert_eq!(errors[0]["code"], "unreadable");
    assert!(errors[0]["it"].as_str().unwrap().starts_with("Non si legge"));
    assert!(errors[0]["en"].as_str().unwrap().starts_with("It cannot be read"));
    let answer = city.post(QUOTE, &token, "{\"answers\": {}, \"more\": 1}").await;
    assert_eq!(answer.json()["errors"][0]["code"], "unknown_field");
    assert_eq!(answer.json()["errors"][0]["path"], "more");
}

#[tokio::test]
async fn only_json_is_taken() {
    let city = City::start().await;
    let token = city.let_in(&application("tributi", CITY)).await;
    for kind in [
        None,
        Some("text/plain"),
        Some("application/xml"),
        Some("multipart/form-data"),
    ] {
        let mut request = asked(Method::POST, QUOTE, &token);
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let answer = city
            .send(request.body(Body::from("{\"answers\": {}}")).unwrap())
            .await;
        assert_eq!(
            answer.problem(),
            (415, "other_content_type".to_owned()),
            "{kind:?}"
        );
    }
    let request =
        asked(Method::POST, QUOTE, &token).header("content-type", "application/json; charset=utf-8");
    let answer = city
        .send(request.body(Body::from("{\"answers\": {}}")).unwrap())
        .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn keys_that_cannot_be_keys_are_refused() {
    let city = City::start().await;
    let token = city.let_in(&application("tributi", CITY)).await;
    for key in ["", "a b", &"k".repeat(256)] {
        let request = asked(Method::POST, QUOTE, &token)
            .header("content-type", "application/json")
            .header("idempotency-key", key);
        let answer = city
            .send(request.body(Body::from("{\"answers\": {}}")).unwrap())
            .await;
        assert_eq!(
            answer.problem(),
            (400, "malformed_idempotency_key".to_owned()),
            "{key}"
        );
    }
    let request = asked(Method::POST, QUOTE, &token)
        .header("content-type", "application/json")
        .header("idempotency-key", "a")
        .header("idempotency-key", "b");
    let answer = city
        .send(request.body(Body::from("{\"answers\": {}}")).unwrap())
        .await;
    assert_eq!(answer.problem().1, "malformed_idempotency_key");
}

#[tokio::test]
async fn addresses_methods_and_parameters_are_told_apart() {
    let city = City::start().await;
    let token = city.let_in(&application("tributi", CITY)).await;
    for path in ["/nothing", "/receipts/a/b/c", "/services/carta", "//"] {
        assert_eq!(
            city.get(path, &token).await.problem(),
            (404, "unknown_address".to_owned()),
            "{path}"
        );
    }
    for path in ["/api", "/api/", "/api/v2/receipts"] {
        let answer = city.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.problem().1, "unknown_address", "{path}");
    }
    let request = asked(Method::DELETE, "/receipts", &token)
        .body(Body::empty())
        .unwrap();
    let answer = city.send(request).await;
    assert_eq!(answer.problem(), (405, "other_method".to_owned()));
    assert!(answer.header("allow").contains("GET"), "{answer:?}");
    for query in [
        "?limit=0",
        "?limit=501",
        "?limit=x",
        "?cursor=%3F",
        "?cursor=",
        "?more=1",
        "?notice_number=12",
        "?from=yesterday",
        "?limit=1&limit=2",
    ] {
        let answer = city.get(&format!("/receipts{query}"), &token).await;
        assert_eq!(answer.problem(), (400, "malformed_query".to_owned()), "{query}");
    }
    for path in [
        "/receipts?cursor=IngiOg",
        "/counter/notices?key=A&notice=302",
        "/counter/notices",
        "/receipts?service=%00",
        "/audit?subject=a%00b",
    ] {
        let answer = city.get(path, &token).await;
        assert_eq!(answer.problem(), (422, "refused_query".to_owned()), "{path}");
    }
    assert_eq!(city.get("/positions/%00", &token).await.problem().1, "not_found");
    assert_eq!(
        city.get("/receipts/%FF", &token).await.problem().1,
        "malformed_path"
    );
    assert_eq!(city.get("/receipts/%20", &token).await.problem().1, "not_found");
}

#[tokio::test]
async fn a_problem_is_told_in_the_language_that_was_asked_for() {
    let city = City::start().await;
    let italian = city.get("/institution", "x").await.json();
    assert_eq!(italian["title"], "Il token non è valido");
    let english = city.get_with("/institution", "x", "accept-language", "en").await;
    assert_eq!(english.json()["title"], "The token is not valid");
    assert_eq!(english.header("content-language"), "en");
}

#[tokio::test]
async fn a_file_that_is_none_of_debts_is_refused_by_name_in_the_language_asked_for() {
    let city = City::start().await;
    let token = city.let_in(&application("tributi", CITY)).await;
    for (file, code, italian, english) in [
        (&b"PK\x03\x04rest"[..], "file_compressed", "archivio", "archive"),
        (b"%PDF-1.7", "file_pdf", "PDF", "PDF"),
        (b"", "file_empty", "vuoto", "empty"),
        (b"key;name\nA;Citt\xe0\n", "file_not_utf8", "UTF-8", "UTF-8"),
    ] {
        for (language, words) in [("it", italian), ("en", english)] {
            let request = asked(Method::POST, "/imports?file_name=debts.csv", &token)
                .header("content-type", "text/csv")
                .header("accept-language", language)
                .body(Body::from(file))
                .unwrap();
            let answer = city.send(request).await;
            assert_eq!(answer.problem(), (422, "file_refused".to_owned()), "{code}");
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains(code) && detail.contains(words), "{detail}");
        }
    }
}
