//! Who asks: every route but the open ones lets in applications only, by their token.

use crate::problem::Code;
use crate::{ApiState, Problem};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use services::applications::access::{self, AccessError, Admitted, Presented};
use services::caller::Caller;
use services::rate_limit::Left;
use std::net::IpAddr;
use std::ops::Deref;

/// The address a request comes from; put into its extensions by whoever serves the router.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// SHA-256 of the certificate shown on the connection of a request; put into its extensions by whoever serves the router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientCertificate(pub [u8; 32]);

/// Longest token that is looked at.
const TOKEN_LENGTH_MAX: usize = 2_000;

/// The application a request comes from.
#[derive(Debug, Clone)]
pub struct Authenticated(Caller);

impl Deref for Authenticated {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Authenticated {
    type Rejection = Problem;

    fn from_request_parts(parts: &mut Parts, _: &S) -> impl Future<Output = Result<Self, Problem>> {
        // Put there by `admit`, which stands before every protected route.
        std::future::ready(parts.extensions.get().cloned().ok_or(Code::NoToken.into()))
    }
}

/// Lets a request in by its token, or refuses it.
pub(crate) async fn admit(
    State(state): State<ApiState>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let presented = Presented {
        token: bearer(request.headers())?,
        from: address(request.extensions()),
        certificate: certificate(request.extensions()),
    };
    let Admitted { caller, left } = access::admit(&state.services, presented).await?;
    let allowed = caller.application().requests_per_minute;
    request.extensions_mut().insert(Authenticated(caller));
    let mut response = next.run(request).await;
    say_what_is_left(response.headers_mut(), allowed, left);
    Ok(response)
}

/// What is left of an application's requests, as draft-ietf-httpapi-ratelimit-headers says it.
fn say_what_is_left(headers: &mut HeaderMap, allowed: u32, Left { times, seconds }: Left) {
    let values = [
        ("ratelimit-policy", format!("\"minute\";q={allowed};w=60")),
        ("ratelimit", format!("\"minute\";r={times};t={seconds}")),
    ];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}

/// The address a request comes from.
pub(crate) fn address(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get().map(|ClientAddress(address)| *address)
}

/// SHA-256 of the certificate a request comes with.
pub(crate) fn certificate(extensions: &Extensions) -> Option<[u8; 32]> {
    extensions.get().map(|ClientCertificate(digest)| *digest)
}

/// The token of a request (RFC 6750, 2.1).
fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Code::NoToken.into());
    };
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or(Code::InvalidToken)?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Code::NoToken.into());
    }
    if token.is_empty() || token.len() > TOKEN_LENGTH_MAX {
        return Err(Code::InvalidToken.into());
    }
    Ok(token)
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Invalid => Code::InvalidToken.into(),
            AccessError::Expired => Code::ExpiredToken.into(),
            AccessError::WithoutCertificate => Code::CertificateNeeded.into(),
            AccessError::TooMany(error) => error.into(),
            AccessError::Unavailable(error) => error.into(),
        }
    }
}
