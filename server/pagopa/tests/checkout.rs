//! The Checkout client against a small server.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use axum::Router;
use axum::extract::{Json, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use domain::{Cents, CreditorFiscalCode, NoticeNumber};
use pagopa::checkout::{
    CartNotice, CartRequest, CheckoutClient, CheckoutSettings, OpenCartError, Problem, ReturnUrls,
    SetupError, SubscriptionKey,
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn cart() -> CartRequest {
    CartRequest {
        email_notice: Some("a@example.it".into()),
        payment_notices: vec![CartNotice {
            notice_number: NoticeNumber::parse("312202600000002502").unwrap(),
            fiscal_code: CreditorFiscalCode::parse("00856930102").unwrap(),
            amount: Cents::new(19_950),
            company_name: "è".repeat(150),
            description: "TARI 2026".into(),
        }],
        return_urls: ReturnUrls {
            ok: "https://a.example.it/ok".into(),
            cancel: "https://a.example.it/cancel".into(),
            error: "https://a.example.it/error".into(),
            waiting: "https://a.example.it/waiting".into(),
        },
        id_cart: Some("token".into()),
        all_postal: None,
    }
}

fn settings(base_url: String) -> CheckoutSettings {
    CheckoutSettings {
        base_url,
        key: Some(SubscriptionKey::new("secret".into())),
        allowed_hosts: vec![".pagopa.it".into()],
        connect_timeout: Duration::from_secs(2),
        timeout: Duration::from_millis(300),
    }
}

fn client(base_url: String) -> CheckoutClient {
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    CheckoutClient::new(settings(base_url)).unwrap()
}

type Seen = Arc<Mutex<Option<(HeaderMap, Value)>>>;

/// Opens the cart on a server that answers so.
async fn opened(
    answer: impl Fn() -> Response + Clone + Send + Sync + 'static,
) -> (Result<String, OpenCartError>, Seen) {
    let seen = Seen::default();
    let handler = post(
        |State(seen): State<Seen>, headers: HeaderMap, Json(body): Json<Value>| async move {
            *seen.lock().unwrap() = Some((headers, body));
            answer()
        },
    );
    let router = Router::new()
        .route("/checkout/ec/v2/carts", handler)
        .with_state(seen.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let result = client(format!("http://{address}/checkout/ec/"))
        .open_cart(&cart())
        .await;
    server.abort();
    (result, seen)
}

async fn redirected(location: &'static str) -> Result<String, OpenCartError> {
    opened(move || (StatusCode::FOUND, [(header::LOCATION, location)]).into_response())
        .await
        .0
}

#[tokio::test]
async fn a_cart_is_sent_as_the_interface_says_and_the_redirect_is_handed_back() {
    let address =
        "https://api.platform.pagopa.it/ecommerce/checkout/v1/carts/1/redirect?clientId=CHECKOUT_CART";
    let (result, seen) =
        opened(move || (StatusCode::FOUND, [(header::LOCATION, address)]).into_response()).await;
    assert_eq!(result.as_deref(), Ok(address));
    let (headers, body) = seen.lock().unwrap().take().unwrap();
    assert_eq!(headers["ocp-apim-subscription-key"], "secret");
    assert_eq!(
        body,
        json!({
            "emailNotice": "a@example.it",
            "paymentNotices": [{
                "noticeNumber": "312202600000002502",
                "fiscalCode": "00856930102",
                "amount": 19950,
                "companyName": "è".repeat(140),
                "description": "TARI 2026",
            }],
            "returnUrls": {
                "returnOkUrl": "https://a.example.it/ok",
                "returnCancelUrl": "https://a.example.it/cancel",
                "returnErrorUrl": "https://a.example.it/error",
                "returnWaitingUrl": "https://a.example.it/waiting",
            },
            "idCart": "token",
        })
    );
}

#[tokio::test]
async fn a_citizen_is_sent_only_where_the_settings_allow() {
    assert!(redirected("https://checkout.pagopa.it/c/1").await.is_ok());
    assert!(redirected("https://pagopa.it/c/1").await.is_ok());
    assert!(redirected("http://127.0.0.1:9/c/1").await.is_ok());
    for elsewhere in [
        "https://pagopa.it.example.com/",
        "https://notpagopa.it/",
        "http://checkout.pagopa.it/",
        "https://user@checkout.pagopa.it/",
        "javascript:alert(1)",
        "/c/1",
        "",
    ] {
        assert!(
            matches!(redirected(elsewhere).await, Err(OpenCartError::Rubbish(_))),
            "{elsewhere}"
        );
    }
}

#[tokio::test]
async fn every_refusal_has_its_error() {
    let problem = r#"{"title":"Bad\u0007 request","status":422,"detail":"no"}"#;
    let (refused, _) = opened(move || {
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            [(header::CONTENT_TYPE, "application/problem+json")],
            problem,
        )
            .into_response()
    })
    .await;
    let said = Problem {
        title: Some("Bad request".into()),
        detail: Some("no".into()),
    };
    assert_eq!(
        refused,
        Err(OpenCartError::Refused {
            status: 422,
            problem: said
        })
    );

    let long = format!(r#"{{"title":"{}"}}"#, "x".repeat(201));
    let (refused, _) = opened(move || {
        (
            StatusCode::BAD_REQUEST,
            [(header::CONTENT_TYPE, "application/json")],
            long.clone(),
        )
            .into_response()
    })
    .await;
    assert!(
        matches!(refused, Err(OpenCartError::Refused { status: 400, problem }) if problem.title == Some("x".repeat(200)))
    );

    let (failed, _) = opened(|| (StatusCode::BAD_GATEWAY, "<html>").into_response()).await;
    assert_eq!(
        failed,
        Err(OpenCartError::Refused {
            status: 502,
            problem: Problem::default()
        })
    );
    assert_eq!(
        failed.unwrap_err().to_string(),
        "Checkout refuses the cart with status 502: no reason given"
    );

    assert_eq!(
        opened(|| StatusCode::UNAUTHORIZED.into_response()).await.0,
        Err(OpenCartError::Unauthorised)
    );
    let (slow_down, _) =
        opened(|| (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "7")]).into_response()).await;
    assert_eq!(
        slow_down,
        Err(OpenCartError::TooManyRequests { retry_after: Some(7) })
    );
    for rubbish in [StatusCode::FOUND, StatusCode::OK, StatusCode::MOVED_PERMANENTLY] {
        assert!(matches!(
            opened(move || rubbish.into_response()).await.0,
            Err(OpenCartError::Rubbish(_))
        ));
    }
}

#[tokio::test]
async fn a_hub_that_is_down_slow_or_talks_nonsense_is_told_apart() {
    assert_eq!(
        client("http://127.0.0.1:1".into()).open_cart(&cart()).await,
        Err(OpenCartError::Unreachable)
    );

    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    assert_eq!(
        client(format!("http://{address}")).open_cart(&cart()).await,
        Err(OpenCartError::Timeout)
    );

    let nonsense = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = nonsense.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = nonsense.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"220 mail\r\n")
            .await
            .unwrap();
    });
    let answer = client(format!("http://{address}")).open_cart(&cart()).await;
    assert!(
        matches!(
            answer,
            Err(OpenCartError::Unreachable | OpenCartError::Rubbish(_))
        ),
        "{answer:?}"
    );
    server.await.unwrap();
}

#[test]
fn only_safe_addresses_are_called_and_secrets_are_not_printed() {
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    for (address, safe) in [
        ("https://api.platform.pagopa.it/checkout/ec", true),
        ("http://localhost:1/checkout/ec", true),
        ("http://[::1]:1/checkout/ec", true),
        ("http://api.platform.pagopa.it/checkout/ec", false),
        ("ftp://localhost", false),
        ("nonsense", false),
    ] {
        let made = CheckoutClient::new(settings(address.into()));
        assert_eq!(matches!(made, Err(SetupError::BaseUrl)), !safe, "{address}");
    }
    let client = CheckoutClient::new(settings("https://api.platform.pagopa.it/checkout/ec".into())).unwrap();
    for printed in [
        format!("{client:?}"),
        format!("{:?}", settings(String::new())),
        format!("{:?}", cart()),
    ] {
        assert!(
            !printed.contains("secret") && !printed.contains("example.it") && !printed.contains("token"),
            "{printed}"
        );
    }
}
