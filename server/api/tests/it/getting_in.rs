use crate::support::{CITY, City, application, asked, form_request, with_certificate};
use axum::body::Body;
use axum::http::{Method, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;
use services::applications::manage::change_application;

#[tokio::test]
async fn a_secret_gives_a_token_by_form_and_by_basic() {
    let city = City::start().await;
    let secret = city.registered(&application("tributi", CITY)).await;
    let answer = city.token("tributi", &secret).await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!(
        (&body["token_type"], &body["expires_in"]),
        (&"Bearer".into(), &900.into())
    );
    let basic = STANDARD.encode(format!("tributi:{secret}"));
    let by_basic = |form: &str| {
        let mut request = form_request(form.to_owned());
        let value = format!("Basic {basic}").parse().unwrap();
        request.headers_mut().insert("authorization", value);
        request
    };
    let form = "grant_type=client_credentials&scope=receipts%3Aread+quotes%3Aread&audience=ignored";
    let answer = city.send(by_basic(form)).await;
    assert_eq!(answer.json()["scope"], "receipts:read quotes:read");
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(city.get("/receipts", &token).await.status, 200);
    assert_eq!(city.get("/institution", &token).await.status, 200);
    let both = format!("grant_type=client_credentials&client_id=tributi&client_secret={secret}");
    assert_eq!(
        city.send(by_basic(&both)).await.json()["error"],
        "invalid_request"
    );
}

#[tokio::test]
async fn a_request_for_a_token_that_is_wrong_is_told_as_the_standard_says() {
    let city = City::start().await;
    let secret = city.registered(&application("tributi", CITY)).await;
    for (form, status, error) in [
        ("", 400, "invalid_request"),
        ("grant_type=password", 400, "unsupported_grant_type"),
        ("grant_type=client_credentials", 401, "invalid_client"),
        (
            "grant_type=client_credentials&client_id=tributi&client_secret=x",
            401,
            "invalid_client",
        ),
        (
            "grant_type=client_credentials&client_id=nobody&client_secret=x",
            401,
            "invalid_client",
        ),
        (
            "grant_type=client_credentials&grant_type=client_credentials",
            400,
            "invalid_request",
        ),
        (
            &format!("grant_type=client_credentials&client_id=tributi&client_secret={secret}&scope=all"),
            400,
            "invalid_scope",
        ),
        (&"x".repeat(9_000), 400, "invalid_request"),
        ("%ff=%zz", 400, "invalid_request"),
    ] {
        let answer = city.send(form_request(form.to_owned())).await;
        assert_eq!(answer.status, status, "{form}");
        assert_eq!(answer.json()["error"], error, "{form}");
        if status == 401 {
            assert!(answer.header("www-authenticate").starts_with("Basic"));
        }
    }
    let json = Request::post("/api/v1/token")
        .header("content-type", "application/json")
        .body(Body::from("{}"))
        .unwrap();
    assert_eq!(city.send(json).await.json()["error"], "invalid_request");
    for header in ["Basic", "Basic %%%", "Bearer x", "Basic eA=="] {
        let mut request = form_request("grant_type=client_credentials".to_owned());
        request
            .headers_mut()
            .insert("authorization", header.parse().unwrap());
        assert_eq!(
            city.send(request).await.json()["error"],
            "invalid_client",
            "{header}"
        );
    }
}

#[tokio::test]
async fn without_a_token_that_counts_nobody_is_let_in() {
    let city = City::start().await;
    let token = city.let_in(&application("tributi", CITY)).await;
    let refused = async |header: Option<&str>| {
        let mut request = Request::get("/api/v1/institution");
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let answer = city.send(request.body(Body::empty()).unwrap()).await;
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        answer.problem()
    };
    let long = format!("Bearer {}", "x".repeat(3_000));
    for (header, code) in [
        (None, "no_token"),
        (Some("Basic eDp5"), "no_token"),
        (Some("Bearer"), "invalid_token"),
        (Some("Bearer  "), "invalid_token"),
        (Some("Bearer x"), "invalid_token"),
        (Some("Bearer a.b"), "invalid_token"),
        (Some(long.as_str()), "invalid_token"),
    ] {
        assert_eq!(refused(header).await, (401, code.to_owned()), "{header:?}");
    }
    let good = format!("Bearer {token}");
    assert_eq!(refused(Some(&good[..good.len() - 1])).await.1, "invalid_token");
    city.clock.advance(Duration::minutes(16));
    assert_eq!(refused(Some(&good)).await, (401, "expired_token".to_owned()));
}

#[tokio::test]
async fn an_application_that_is_turned_off_is_let_in_no_more() {
    let city = City::start().await;
    let token = city.let_in(&application("tributi", CITY)).await;
    assert_eq!(city.get("/institution", &token).await.status, 200);
    change_application(&city.services, "tributi", |application| {
        application.active = false;
    })
    .await
    .unwrap();
    let answer = city.get("/institution", &token).await;
    assert_eq!(answer.problem(), (401, "invalid_token".to_owned()));
}

#[tokio::test]
async fn an_application_with_a_certificate_is_refused_by_name_where_none_is_shown() {
    let city = City::start().await;
    let mut bound = application("tributi", CITY);
    bound.certificate = Some("07".repeat(32));
    let secret = city.registered(&bound).await;
    let answer = city.token("tributi", &secret).await;
    assert_eq!(answer.status, 401);
    let told = answer.json()["error_description"].as_str().unwrap().to_owned();
    assert!(told.contains("tributi") && told.contains("certificate"), "{told}");
    let form = format!("grant_type=client_credentials&client_id=tributi&client_secret={secret}");
    let answer = city
        .send(with_certificate(form_request(form.clone()), [7; 32]))
        .await;
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let request = || {
        asked(Method::GET, "/institution", &token)
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(city.send(with_certificate(request(), [7; 32])).await.status, 200);
    assert_eq!(city.send(request()).await.problem().1, "certificate_needed");
    assert_eq!(
        city.send(with_certificate(request(), [8; 32])).await.problem().1,
        "invalid_token"
    );
    let answer = city.send(with_certificate(form_request(form), [8; 32])).await;
    assert_eq!(answer.json()["error"], "invalid_client");
}

#[tokio::test]
async fn requests_are_counted_and_told() {
    let city = City::start().await;
    let mut slow = application("tributi", CITY);
    slow.requests_per_minute = 2;
    let token = city.let_in(&slow).await;
    let answer = city.get("/services", &token).await;
    assert_eq!(answer.header("ratelimit-policy"), "\"minute\";q=2;w=60");
    assert_eq!(answer.header("ratelimit"), "\"minute\";r=1;t=60");
    city.get("/services", &token).await;
    let answer = city.get("/services", &token).await;
    assert_eq!(answer.problem(), (429, "too_many_requests".to_owned()));
    assert_eq!(answer.header("retry-after"), "60");
    let mut last = city.token("tributi", "x").await;
    for _ in 0..120 {
        last = city.token("tributi", "x").await;
    }
    assert_eq!(last.problem().0, 429);
}
