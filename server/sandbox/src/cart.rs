//! Opening a cart (`checkout_v1.json`, `checkout_v2.json`, `POST /carts`), with every notice verified at the station
//! meanwhile. The first edition has no address for an outcome that is late: the one for errors serves.

use crate::clock;
use crate::hub::Hub;
use crate::journal::Exchange;
use crate::mischief::CartMischief;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use domain::{Cents, CreditorFiscalCode, NoticeNumber};
use pagopa::checkout::Edition;
use reqwest::Url;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A cart opened.
#[derive(Debug, Clone)]
pub(crate) struct Cart {
    /// Unguessable.
    pub(crate) id: String,
    pub(crate) lines: Vec<CartLine>,
    pub(crate) email: Option<String>,
    pub(crate) returns: Returns,
    /// `idCart`: comes back as `paymentNote`.
    pub(crate) reference: Option<String>,
    pub(crate) all_postal: bool,
    /// Paid, refused or given up: it cannot be used again.
    pub(crate) concluded: bool,
}

/// A notice of a cart, as the station described it.
#[derive(Debug, Clone)]
pub(crate) struct CartLine {
    pub(crate) institution: CreditorFiscalCode,
    pub(crate) notice_number: NoticeNumber,
    pub(crate) amount: Cents,
    pub(crate) company_name: String,
    pub(crate) description: String,
}

/// Where the browser goes afterwards.
#[derive(Debug, Clone)]
pub(crate) struct Returns {
    pub(crate) ok: Url,
    pub(crate) cancel: Url,
    pub(crate) error: Url,
    pub(crate) waiting: Url,
}

impl Cart {
    pub(crate) fn total(&self) -> Cents {
        Cents::sum(self.lines.iter().map(|line| line.amount)).unwrap_or(Cents::MAX_WIRE)
    }
}

/// `POST /checkout/ec/v2/carts`
pub(crate) async fn open(State(hub): State<Arc<Hub>>, headers: HeaderMap, body: Bytes) -> Response {
    open_in(Edition::Second, &hub, &headers, &body).await
}

/// `POST /checkout/ec/v1/carts`
pub(crate) async fn open_first(State(hub): State<Arc<Hub>>, headers: HeaderMap, body: Bytes) -> Response {
    open_in(Edition::First, &hub, &headers, &body).await
}

async fn open_in(edition: Edition, hub: &Hub, headers: &HeaderMap, body: &[u8]) -> Response {
    let (at, started) = (clock::now(), Instant::now());
    let mischief = hub.mischief();
    tokio::time::sleep(Duration::from_millis(mischief.delay_ms)).await;
    let answer = match mischief.cart {
        CartMischief::None => open_cart(edition, hub, headers, body).await,
        other => mischievous(other).await,
    };
    let (status, location) = (
        answer.response.status(),
        answer.response.headers().get(header::LOCATION),
    );
    hub.record(Exchange {
        number: 0,
        at,
        operation: "postCarts",
        about: answer.about,
        outcome: if status == StatusCode::FOUND && location.is_some() {
            "OK".to_owned()
        } else {
            status.as_u16().to_string()
        },
        reasons: answer.reasons,
        milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        request: crate::journal::as_text(body),
        response: format!(
            "{status} {}",
            location.and_then(|value| value.to_str().ok()).unwrap_or_default()
        ),
    });
    answer.response
}

struct CartAnswer {
    response: Response,
    about: String,
    reasons: Vec<String>,
}

impl CartAnswer {
    fn problem(status: StatusCode, title: &str, about: String, reasons: Vec<String>) -> Self {
        Self {
            response: problem(status, title, &reasons.join("; ")),
            about,
            reasons,
        }
    }
}

async fn open_cart(edition: Edition, hub: &Hub, headers: &HeaderMap, body: &[u8]) -> CartAnswer {
    let wanted = match read(edition, body) {
        Ok(wanted) => wanted,
        Err(reasons) => {
            return CartAnswer::problem(
                StatusCode::BAD_REQUEST,
                "Formally invalid input",
                String::new(),
                reasons,
            );
        }
    };
    let about: Vec<&str> = wanted.notices.iter().map(|(_, number)| number.as_str()).collect();
    let about = about.join(" ");
    let Some(base) = own_address(headers) else {
        return CartAnswer::problem(StatusCode::BAD_REQUEST, "No Host header", about, Vec::new());
    };
    let mut lines = Vec::new();
    let mut reasons = Vec::new();
    for (institution, notice_number) in wanted.notices {
        match hub.verify(&institution, &notice_number).await {
            Ok(due) => lines.push(CartLine {
                institution,
                notice_number,
                amount: due.amount,
                company_name: due.company_name,
                description: due.description,
            }),
            Err(failure) => {
                let details = failure.reasons().join(", ");
                reasons.push(
                    format!("{notice_number}: {} {details}", failure.hub_code())
                        .trim_end()
                        .to_owned(),
                );
            }
        }
    }
    if !reasons.is_empty() {
        return CartAnswer::problem(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Invalid payment info",
            about,
            reasons,
        );
    }
    let id = clock::random_id();
    let location = format!("{base}checkout/c/{id}");
    hub.memory().carts.push(Cart {
        id,
        lines,
        email: wanted.email,
        returns: wanted.returns,
        reference: wanted.reference,
        all_postal: wanted.all_postal,
        concluded: false,
    });
    CartAnswer {
        response: (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        about,
        reasons: Vec::new(),
    }
}

async fn mischievous(kind: CartMischief) -> CartAnswer {
    let response = match kind {
        CartMischief::None | CartMischief::ServerError => problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal server error",
            "switched on in the sandbox",
        ),
        CartMischief::Refused => problem(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Invalid payment info",
            "switched on in the sandbox",
        ),
        CartMischief::Unauthorised => problem(
            StatusCode::UNAUTHORIZED,
            "Access denied",
            "missing subscription key",
        ),
        CartMischief::TooManyRequests => {
            let body = problem(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many requests",
                "rate limit is exceeded",
            );
            ([(header::RETRY_AFTER, "7")], body).into_response()
        }
        CartMischief::Unavailable => (
            StatusCode::SERVICE_UNAVAILABLE,
            Html("<h1>503 Service Unavailable</h1>"),
        )
            .into_response(),
        CartMischief::Silent => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
        CartMischief::NoLocation => StatusCode::FOUND.into_response(),
        CartMischief::ForeignLocation => (
            StatusCode::FOUND,
            [(header::LOCATION, "https://phishing.example.org/c/1")],
        )
            .into_response(),
        CartMischief::Rubbish => Html("<!doctype html><title>?</title><p>\u{fffd}\u{fffd}").into_response(),
    };
    CartAnswer {
        response,
        about: String::new(),
        reasons: vec![format!("mischief: {}", kind.as_str())],
    }
}

/// `ProblemJson`.
fn problem(status: StatusCode, title: &str, detail: &str) -> Response {
    let body = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    (
        status,
        [(header::CONTENT_TYPE, "application/problem+json")],
        body.to_string(),
    )
        .into_response()
}

/// Our own address as the caller knows it, with a slash at its end.
fn own_address(headers: &HeaderMap) -> Option<Url> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    Url::parse(&format!("http://{host}/"))
        .ok()
        .filter(|url| url.path() == "/" && url.username().is_empty())
}

/// A cart as the institution wants it, checked.
struct Wanted {
    email: Option<String>,
    notices: Vec<(CreditorFiscalCode, NoticeNumber)>,
    returns: Returns,
    reference: Option<String>,
    all_postal: bool,
}

/// `CartRequest`, `CartRequestV2`. Members the interface does not know are refused: they are spelling mistakes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    email_notice: Option<String>,
    payment_notices: Vec<BodyNotice>,
    return_urls: BodyReturns,
    id_cart: Option<String>,
    #[serde(rename = "allCCP", default)]
    all_postal: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BodyNotice {
    notice_number: String,
    fiscal_code: String,
    amount: i64,
    company_name: String,
    description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BodyReturns {
    #[serde(rename = "returnOkUrl")]
    ok: String,
    #[serde(rename = "returnCancelUrl")]
    cancel: String,
    #[serde(rename = "returnErrorUrl")]
    error: String,
    /// Of the second edition alone, which wants it.
    #[serde(rename = "returnWaitingUrl")]
    waiting: Option<String>,
}

fn read(edition: Edition, body: &[u8]) -> Result<Wanted, Vec<String>> {
    let body: Body = serde_json::from_slice(body).map_err(|error| vec![error.to_string()])?;
    let mut reasons = Vec::new();
    if !(1..=5).contains(&body.payment_notices.len()) {
        reasons.push("paymentNotices has 1 to 5 items".to_owned());
    }
    if body.email_notice.as_deref().is_some_and(|email| !is_email(email)) {
        reasons.push("emailNotice is not an e-mail address".to_owned());
    }
    let mut notices = Vec::new();
    for notice in body.payment_notices {
        match (
            CreditorFiscalCode::parse(&notice.fiscal_code),
            NoticeNumber::parse(&notice.notice_number),
        ) {
            (Ok(institution), Ok(number)) if notices.contains(&(institution.clone(), number.clone())) => {
                reasons.push(format!("noticeNumber {number} comes twice"));
            }
            (Ok(institution), Ok(number)) => notices.push((institution, number)),
            (institution, number) => {
                reasons.extend(institution.err().map(|_| "fiscalCode has 11 digits".to_owned()));
                reasons.extend(number.err().map(|_| "noticeNumber has 18 digits".to_owned()));
            }
        }
        if notice.amount < 1 {
            reasons.push("amount is at least 1".to_owned());
        }
        for (name, text) in [
            ("companyName", &notice.company_name),
            ("description", &notice.description),
        ] {
            if text.chars().count() > 140 {
                reasons.push(format!("{name} has at most 140 characters"));
            }
        }
    }
    let mut address = |name: &str, text: &str| {
        let url = Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"));
        if url.is_none() {
            reasons.push(format!("{name} is not an http or https address"));
        }
        url
    };
    let urls = body.return_urls;
    let waiting = match edition {
        Edition::First => urls.waiting.is_none().then_some(&urls.error),
        Edition::Second => urls.waiting.as_ref(),
    };
    let returns = (
        address("returnOkUrl", &urls.ok),
        address("returnCancelUrl", &urls.cancel),
        address("returnErrorUrl", &urls.error),
        waiting.and_then(|waiting| address("returnWaitingUrl", waiting)),
    );
    if waiting.is_none() {
        reasons.push(match edition {
            Edition::First => "returnWaitingUrl is not in this edition".to_owned(),
            Edition::Second => "returnWaitingUrl is missing".to_owned(),
        });
    }
    match returns {
        (Some(ok), Some(cancel), Some(error), Some(waiting)) if reasons.is_empty() => Ok(Wanted {
            email: body.email_notice,
            notices,
            returns: Returns {
                ok,
                cancel,
                error,
                waiting,
            },
            reference: body.id_cart,
            all_postal: body.all_postal,
        }),
        _ => Err(reasons),
    }
}

/// Something before an at sign and something with a point after it.
pub(crate) fn is_email(text: &str) -> bool {
    text.len() <= 256
        && !text.contains(char::is_whitespace)
        && text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty()
                && !host.contains('@')
                && host
                    .split_once('.')
                    .is_some_and(|(a, b)| !a.is_empty() && !b.is_empty())
        })
}
