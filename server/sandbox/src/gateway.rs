//! The gateway in front of the hub's REST services: keys, limits, the published interfaces, and its own faults.
//! Every call is in the journal, whatever became of it.

use crate::clock;
use crate::hub::Hub;
use crate::journal::{Exchange, as_text};
use crate::mischief::GatewayMischief;
use crate::odd_bodies::Broken;
use crate::openapi::{Interface, Message};
use crate::problem::problem;
use crate::product::Product;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Where a key travels.
const KEY_HEADER: &str = "Ocp-Apim-Subscription-Key";
/// How long the slow gateway takes.
const SLOW: Duration = Duration::from_secs(20);
/// The largest answer looked at, in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// A service with the gateway in front of it.
pub(crate) fn behind(hub: &Arc<Hub>, product: Product, service: Router<Arc<Hub>>) -> Router<Arc<Hub>> {
    let state = (Arc::clone(hub), product);
    service
        .fallback(unknown)
        .layer(middleware::from_fn_with_state(state, pass))
}

/// An address no service has.
async fn unknown() -> Response {
    problem(StatusCode::NOT_FOUND, "Not found", "there is no such call")
}

/// What became of a call, and why.
struct Passed {
    response: Response,
    reasons: Vec<String>,
    /// The service wrote it down itself.
    is_recorded: bool,
}

impl Passed {
    const fn stopped(response: Response, reasons: Vec<String>) -> Self {
        Self {
            response,
            reasons,
            is_recorded: false,
        }
    }
}

async fn pass(State((hub, product)): State<(Arc<Hub>, Product)>, request: Request, next: Next) -> Response {
    let (at, started) = (clock::now(), Instant::now());
    let (parts, body) = request.into_parts();
    let about = parts
        .uri
        .path_and_query()
        .map(ToString::to_string)
        .unwrap_or_default();
    let method = parts.method.clone();
    let Ok(bytes) = to_bytes(body, product.max_body()).await else {
        let reason = format!("a body of at most {} bytes", product.max_body());
        return problem(StatusCode::PAYLOAD_TOO_LARGE, "Payload too large", &reason);
    };
    let key = parts
        .headers
        .get(KEY_HEADER)
        .and_then(|key| key.to_str().ok())
        .map(ToOwned::to_owned);
    let content_type = content_type(parts.headers.get(header::CONTENT_TYPE));
    let request = Request::from_parts(parts, Body::from(bytes.clone()));
    let call = Call {
        method: &method,
        about: &about,
        key: key.as_deref(),
        content_type: &content_type,
    };
    let passed = hub.pass(product, &call, &bytes, request, next).await;
    let (mut parts, body) = passed.response.into_parts();
    let answer = to_bytes(body, MAX_ANSWER_BYTES).await;
    let is_broken = answer.is_err();
    let answer = answer.unwrap_or_default();
    if !passed.is_recorded {
        hub.record(Exchange {
            number: 0,
            at,
            operation: product.as_str(),
            about: format!("{method} {about}"),
            outcome: if parts.status.is_success() && passed.reasons.is_empty() {
                "OK".to_owned()
            } else {
                parts.status.as_u16().to_string()
            },
            reasons: passed.reasons,
            milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            request: as_text(&bytes),
            response: as_text(&answer),
        });
    }
    if is_broken {
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::new(Broken));
    }
    Response::from_parts(parts, Body::from(answer))
}

/// A call, as the gateway sees it.
struct Call<'c> {
    method: &'c Method,
    about: &'c str,
    key: Option<&'c str>,
    content_type: &'c str,
}

impl Hub {
    async fn pass(
        &self,
        product: Product,
        call: &Call<'_>,
        bytes: &Bytes,
        request: Request,
        next: Next,
    ) -> Passed {
        if let Some(stopped) = self.misbehave(product).await {
            return stopped;
        }
        if let Some(refused) = self.refuse_key(call.key) {
            return refused;
        }
        if let Some(refused) = self.refuse_excess(product, call.method == Method::GET) {
            return refused;
        }
        let Some(interface) = self.interfaces.get(product) else {
            let response = as_problem(next.run(request).await).await;
            return Passed {
                response,
                reasons: Vec::new(),
                is_recorded: product.opens_carts(),
            };
        };
        self.checked(product, interface, call, bytes, request, next).await
    }

    /// The call and its answer against the published interface.
    async fn checked(
        &self,
        product: Product,
        interface: &Interface,
        call: &Call<'_>,
        bytes: &Bytes,
        request: Request,
        next: Next,
    ) -> Passed {
        let address = call.about.strip_prefix(product.base()).unwrap_or(call.about);
        let reasons = interface.check_request(
            call.method,
            address,
            Message {
                content_type: call.content_type,
                bytes,
            },
        );
        if !reasons.is_empty() {
            let response = problem(
                StatusCode::BAD_REQUEST,
                "Not as the published interface",
                &reasons.join("; "),
            );
            return Passed::stopped(response, reasons);
        }
        let (parts, body) = as_problem(next.run(request).await).await.into_parts();
        let answer = to_bytes(body, MAX_ANSWER_BYTES).await.unwrap_or_default();
        let content_type = content_type(parts.headers.get(header::CONTENT_TYPE));
        let message = Message {
            content_type: &content_type,
            bytes: &answer,
        };
        let reasons = interface.check_answer(call.method, address, parts.status.as_u16(), message);
        let is_recorded = product.opens_carts() && reasons.is_empty();
        let response = Response::from_parts(parts, Body::from(answer));
        Passed {
            response,
            reasons,
            is_recorded,
        }
    }

    /// What the gateway does instead of letting the call through.
    async fn misbehave(&self, product: Product) -> Option<Passed> {
        let mischief = self.mischief();
        if mischief.gateway_product.is_some_and(|other| other != product) {
            return None;
        }
        let response = match mischief.gateway {
            GatewayMischief::None => return None,
            GatewayMischief::Slow => {
                tokio::time::sleep(SLOW).await;
                return None;
            }
            GatewayMischief::Unreachable => (StatusCode::BAD_GATEWAY, Body::new(Broken)).into_response(),
            GatewayMischief::ServerError => problem(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Internal server error",
                "switched on in the sandbox",
            ),
            GatewayMischief::KeyRefused => key_refused(),
            GatewayMischief::TooManyRequests => too_many(Duration::from_secs(1)),
        };
        Some(Passed::stopped(
            response,
            vec![format!("mischief: gateway {}", mischief.gateway.as_str())],
        ))
    }

    fn refuse_key(&self, key: Option<&str>) -> Option<Passed> {
        let keys = &self.config.keys;
        if keys.is_empty() || key.is_some_and(|key| keys.iter().any(|known| known == key)) {
            return None;
        }
        let reason = if key.is_some() {
            "the subscription key is not a right one"
        } else {
            "no subscription key"
        };
        Some(Passed::stopped(key_refused(), vec![reason.to_owned()]))
    }

    fn refuse_excess(&self, product: Product, is_read: bool) -> Option<Passed> {
        if !self.config.has_limits {
            return None;
        }
        let wait = self.limits.count(product, is_read, Instant::now()).err()?;
        let (most, within) = product.limit(is_read);
        let reason = format!("more than {most} calls in {} seconds", within.as_secs());
        Some(Passed::stopped(too_many(wait), vec![reason]))
    }
}

/// An address or a query the router cannot read is refused in plain text: the hub's services refuse in JSON.
async fn as_problem(response: Response) -> Response {
    let status = response.status();
    let kind = content_type(response.headers().get(header::CONTENT_TYPE));
    if !status.is_client_error() || kind != "text/plain" {
        return response;
    }
    let text = to_bytes(response.into_body(), MAX_ANSWER_BYTES)
        .await
        .unwrap_or_default();
    problem(status, "Bad request", &as_text(&text))
}

fn key_refused() -> Response {
    let detail = "Access denied due to missing or invalid subscription key.";
    problem(StatusCode::UNAUTHORIZED, "Access denied", detail)
}

fn too_many(wait: Duration) -> Response {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let body = problem(
        StatusCode::TOO_MANY_REQUESTS,
        "Too many requests",
        "rate limit is exceeded",
    );
    ([(header::RETRY_AFTER, seconds.max(1).to_string())], body).into_response()
}

fn content_type(value: Option<&header::HeaderValue>) -> String {
    let text = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}
