//! The gateway's client against a small server.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use pagopa::gateway::{
    Body, Call, CallError, Gateway, GatewaySettings, Method, Pace, Problem, SetupError, SubscriptionKey,
};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn settings(base_url: String) -> GatewaySettings {
    GatewaySettings {
        base_url,
        keys: vec![
            SubscriptionKey::new("first-secret".into()),
            SubscriptionKey::new("second-secret".into()),
        ],
        connect_timeout: Duration::from_secs(2),
        timeout: Duration::from_millis(300),
        answer_bytes_max: 1_000,
        pace: Pace::new(1_000, 1),
        patience: Duration::from_millis(100),
    }
}

fn gateway(settings: GatewaySettings) -> Gateway {
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    Gateway::new(settings).unwrap()
}

/// What the server saw of one request.
struct Seen {
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Seen {
    fn key(&self) -> &str {
        self.headers["ocp-apim-subscription-key"].to_str().unwrap()
    }
}

type Asked = Arc<Mutex<Vec<Seen>>>;
type Answering = Arc<dyn Fn(&Seen) -> Response + Send + Sync>;

/// A hub that answers so, until the test ends.
async fn hub(answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> (String, Asked) {
    async fn handle(State((asked, answer)): State<(Asked, Answering)>, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let seen = Seen {
            uri: parts.uri,
            headers: parts.headers,
            body: axum::body::to_bytes(body, 100_000).await.unwrap(),
        };
        let answer = answer(&seen);
        asked.lock().unwrap().push(seen);
        answer
    }
    let asked = Asked::default();
    let state: (Asked, Answering) = (asked.clone(), Arc::new(answer));
    let router = Router::new().fallback(handle).with_state(state);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/product/v1/"), asked)
}

fn question() -> Call {
    Call::get("getSomething", ["organizations", "00856930102"])
}

#[tokio::test]
async fn a_call_is_sent_as_it_was_built_and_its_answer_handed_back_unjudged() {
    let (base, asked) = hub(|_| {
        (
            StatusCode::NOT_FOUND,
            [
                (header::CONTENT_TYPE, "application/problem+json"),
                (header::RETRY_AFTER, "7"),
                (header::LOCATION, "file/1"),
            ],
            r#"{"title":"Not found","detail":"no such thing"}"#,
        )
            .into_response()
    })
    .await;
    let gateway = gateway(settings(base.clone()));
    let call = Call::new("putSomething", Method::PUT, ["a b", "c/d", "è"])
        .with("page", 2)
        .with("from", "1&2")
        .json(&json!({"amount": 1}));
    let reply = gateway.call(&call).await.unwrap();
    assert_eq!(
        (reply.status, reply.retry_after, reply.location.as_deref()),
        (404, Some(7), Some("file/1"))
    );
    assert_eq!(Problem::of(&reply).to_string(), "Not found: no such thing");
    let asked = asked.lock().unwrap();
    assert_eq!(
        asked[0].uri.to_string(),
        "/product/v1/a%20b/c%2Fd/%C3%A8?page=2&from=1%262"
    );
    assert_eq!(asked[0].headers["content-type"], "application/json");
    assert_eq!(asked[0].body, br#"{"amount":1}"#.as_slice());
    assert_eq!(
        gateway.line(&question()),
        format!("GET {base}organizations/00856930102")
    );
}

#[tokio::test]
async fn a_file_is_sent_as_a_form() {
    let (base, asked) = hub(|_| StatusCode::ACCEPTED.into_response()).await;
    let call = Call {
        body: Body::File {
            name: "positions.zip".into(),
            media_type: "application/zip",
            content: b"PK content".to_vec(),
        },
        ..Call::new("upload", Method::POST, ["file"])
    };
    assert_eq!(gateway(settings(base)).call(&call).await.unwrap().status, 202);
    let asked = asked.lock().unwrap();
    let kind = asked[0].headers["content-type"].to_str().unwrap();
    assert!(kind.starts_with("multipart/form-data; boundary="), "{kind}");
    let form = String::from_utf8_lossy(&asked[0].body);
    for part in [
        "name=\"file\"",
        "filename=\"positions.zip\"",
        "application/zip",
        "PK content",
    ] {
        assert!(form.contains(part), "{form}");
    }
}

#[tokio::test]
async fn a_refused_key_rolls_over_to_the_next_which_is_kept() {
    let (base, asked) = hub(|seen| {
        if seen.key() == "second-secret" {
            StatusCode::OK.into_response()
        } else {
            StatusCode::UNAUTHORIZED.into_response()
        }
    })
    .await;
    let gateway = gateway(settings(base));
    for _ in 0..2 {
        assert_eq!(gateway.call(&question()).await.unwrap().status, 200);
    }
    let keys: Vec<String> = asked
        .lock()
        .unwrap()
        .iter()
        .map(|seen| seen.key().to_owned())
        .collect();
    assert_eq!(keys, ["first-secret", "second-secret", "second-secret"]);
}

#[tokio::test]
async fn when_every_key_is_refused_it_says_so() {
    let (base, asked) = hub(|_| StatusCode::UNAUTHORIZED.into_response()).await;
    assert_eq!(
        gateway(settings(base)).call(&question()).await,
        Err(CallError::Unauthorised)
    );
    assert_eq!(asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn over_the_limit_nothing_is_sent_and_the_hub_may_say_so_itself() {
    let (base, asked) =
        hub(|_| (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "9")]).into_response()).await;
    let gateway = gateway(GatewaySettings {
        pace: Pace::new(1, 3_600),
        ..settings(base)
    });
    assert_eq!(
        gateway.call(&question()).await,
        Err(CallError::OverLimit { seconds: 9 })
    );
    let refused = gateway.call(&question()).await;
    assert!(
        matches!(refused, Err(CallError::OverLimit { seconds: 3_590.. })),
        "{refused:?}"
    );
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_call_the_hub_takes_for_too_early_is_made_again_when_it_says() {
    let early = Mutex::new(1);
    let (base, asked) = hub(move |_| {
        let mut early = early.lock().unwrap();
        if *early == 0 {
            return StatusCode::OK.into_response();
        }
        *early -= 1;
        (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "1")]).into_response()
    })
    .await;
    let patient = gateway(GatewaySettings {
        patience: Duration::from_secs(15),
        ..settings(base)
    });
    let begun = std::time::Instant::now();
    assert_eq!(patient.call(&question()).await.unwrap().status, 200);
    assert_eq!(asked.lock().unwrap().len(), 2);
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_hub_that_goes_on_saying_so_is_asked_three_times() {
    let (base, asked) =
        hub(|_| (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "1")]).into_response()).await;
    let patient = gateway(GatewaySettings {
        patience: Duration::from_secs(15),
        ..settings(base)
    });
    assert_eq!(
        patient.call(&question()).await,
        Err(CallError::OverLimit { seconds: 1 })
    );
    assert_eq!(asked.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn calls_in_their_turns_reach_a_hub_that_counts_exactly_within_its_limit() {
    let (last, refused) = (Mutex::new(None::<std::time::Instant>), Arc::new(Mutex::new(0)));
    let counted = Arc::clone(&refused);
    let (base, asked) = hub(move |_| {
        let now = std::time::Instant::now();
        let mut last = last.lock().unwrap();
        if last.is_some_and(|last| now - last < Duration::from_secs(1)) {
            *counted.lock().unwrap() += 1;
        }
        *last = Some(now);
        StatusCode::OK.into_response()
    })
    .await;
    let paced = gateway(GatewaySettings {
        pace: Pace::new(1, 1),
        patience: Duration::from_secs(15),
        ..settings(base)
    });
    for _ in 0..4 {
        assert_eq!(paced.call(&question()).await.unwrap().status, 200);
    }
    assert_eq!((asked.lock().unwrap().len(), *refused.lock().unwrap()), (4, 0));
}

#[tokio::test]
async fn a_product_that_fails_again_and_again_is_left_alone() {
    let (base, asked) = hub(|_| StatusCode::BAD_GATEWAY.into_response()).await;
    let gateway = gateway(settings(base));
    for _ in 0..5 {
        assert_eq!(gateway.call(&question()).await.unwrap().status, 502);
    }
    let refused = gateway.call(&question()).await;
    assert!(
        matches!(refused, Err(CallError::LeftAlone { seconds: 29..=30 })),
        "{refused:?}"
    );
    assert_eq!(asked.lock().unwrap().len(), 5);
}

#[tokio::test]
async fn an_answer_longer_than_allowed_is_not_read_to_its_end() {
    for (length, answer) in [(1_000, Ok(())), (1_001, Err(CallError::TooLong))] {
        let (base, _) = hub(move |_| vec![b'x'; length].into_response()).await;
        assert_eq!(gateway(settings(base)).call(&question()).await.map(drop), answer);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (base, asked) = hub(|_| {
        (
            StatusCode::FOUND,
            [(header::LOCATION, "https://elsewhere.example/")],
        )
            .into_response()
    })
    .await;
    let reply = gateway(settings(base)).call(&question()).await.unwrap();
    assert_eq!(reply.location.as_deref(), Some("https://elsewhere.example/"));
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_hub_that_is_down_slow_or_talks_nonsense_is_told_apart() {
    assert_eq!(
        gateway(settings("http://127.0.0.1:1".into()))
            .call(&question())
            .await,
        Err(CallError::Unreachable)
    );

    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    assert_eq!(
        gateway(settings(format!("http://{address}")))
            .call(&question())
            .await,
        Err(CallError::Timeout)
    );

    let nonsense = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = nonsense.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = nonsense.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"220 mail\r\n")
            .await
            .unwrap();
    });
    let answer = gateway(settings(format!("http://{address}")))
        .call(&question())
        .await;
    assert!(
        matches!(answer, Err(CallError::Unreachable | CallError::NotHttp)),
        "{answer:?}"
    );
    server.await.unwrap();
}

#[test]
fn only_safe_addresses_are_called_and_keys_are_not_printed() {
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    for (address, safe) in [
        ("https://api.platform.pagopa.it/checkout/ec", true),
        ("http://localhost:1/checkout/ec", true),
        ("http://[::1]:1/checkout/ec", true),
        ("http://api.platform.pagopa.it/checkout/ec", false),
        ("https://user:password@api.platform.pagopa.it", false),
        ("ftp://localhost", false),
        ("nonsense", false),
    ] {
        let made = Gateway::new(settings(address.into()));
        assert_eq!(matches!(made, Err(SetupError::BaseUrl)), !safe, "{address}");
    }
    let unprintable = GatewaySettings {
        keys: vec![SubscriptionKey::new("line\nbreak".into())],
        ..settings("https://api.platform.pagopa.it".into())
    };
    assert!(matches!(Gateway::new(unprintable), Err(SetupError::Key)));
    let settings = settings("https://api.platform.pagopa.it".into());
    let printed = format!("{settings:?} {:?}", Gateway::new(settings.clone()).unwrap());
    assert!(!printed.contains("secret"), "{printed}");
}
