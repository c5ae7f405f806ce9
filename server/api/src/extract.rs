//! What handlers take from a request. Whatever cannot be read is a [`Problem`], never a plain text of the framework.

use crate::Problem;
use crate::problem::Code;
use crate::shape::{self, Strict};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri};
use domain::draft::{FieldError, Problem as FieldTrouble};
use serde::de::DeserializeOwned;
use services::idempotency::Idempotency;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

/// The header of the key a program asks for something under.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The same header, as operations describe it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "bodies read it, as it was sent")]
pub(crate) struct Under {
    /// A key under which this is done once.
    #[param(rename = "Idempotency-Key", pattern = "^[!-~]{1,255}$")]
    idempotency_key: Option<String>,
}

/// The parts of an address that its template names.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if has_nul(parts.uri.path()) {
            return Err(Code::NotFound.into());
        }
        <axum::extract::Path<T> as FromRequestParts<S>>::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| Code::MalformedPath.into())
    }
}

/// The parameters of an address. Its type refuses unknown ones with `#[serde(deny_unknown_fields)]`.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    fn from_request_parts(parts: &mut Parts, _: &S) -> impl Future<Output = Result<Self, Problem>> {
        if parts.uri.query().is_some_and(has_nul) {
            return std::future::ready(Err(Code::RefusedQuery.into()));
        }
        let read = axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|error| {
                let mut why = String::new();
                let mut source: Option<&dyn std::error::Error> = std::error::Error::source(&error);
                while let Some(error) = source {
                    why = error.to_string();
                    source = error.source();
                }
                Problem::of(Code::MalformedQuery).about(&why)
            });
        std::future::ready(read)
    }
}

/// Whether a part of an address holds the one character no archive keeps.
fn has_nul(part: &str) -> bool {
    part.contains("%00")
}

/// A JSON body, read strictly: unknown fields are refused where its type says so, repeated names and depth always.
#[derive(Debug, Clone)]
pub struct Body<T> {
    /// What it says.
    pub content: T,
    /// The key it is asked under, if any.
    pub idempotency: Option<Idempotency>,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Code::OtherContentType.into());
        }
        let key = key(request.headers())?;
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let bytes = bytes(request, state).await?;
        let idempotency = key.map(|key| under(&key, &method, &uri, &bytes)).transpose()?;
        Ok(Self {
            content: read(&bytes)?,
            idempotency,
        })
    }
}

/// A request that changes something and needs no body; one that comes counts for its key and is otherwise ignored.
#[derive(Debug, Clone)]
pub struct NoBody {
    /// The key it is asked under, if any.
    pub idempotency: Option<Idempotency>,
}

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let key = key(request.headers())?;
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let bytes = bytes(request, state).await?;
        let idempotency = key.map(|key| under(&key, &method, &uri, &bytes)).transpose()?;
        Ok(Self { idempotency })
    }
}

async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| {
        let code = Code::of_status(rejection.status()).unwrap_or(Code::MalformedBody);
        Problem::of(code)
    })
}

/// `application/json`, whatever its parameters: JSON is UTF-8 (RFC 8259, 8.1).
fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => match value.to_str() {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(Code::MalformedKey.into()),
        },
        (Some(_), Some(_)) => Err(Code::MalformedKey.into()),
    }
}

/// A key, with the digest of all that is asked for under it.
fn under(key: &str, method: &Method, uri: &Uri, body: &[u8]) -> Result<Idempotency, Problem> {
    let address = uri.path_and_query().map_or("", |address| address.as_str());
    let mut digest = Sha256::new();
    for part in [method.as_str().as_bytes(), address.as_bytes(), body] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    Idempotency::new(key, digest.finalize().into()).map_err(|_| Code::MalformedKey.into())
}

/// Reads a JSON text: first its shape, then what it says, with the place of what is wrong.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    shape::check(bytes).map_err(|error| Problem::of(Code::MalformedBody).about(&error.to_string()))?;
    let value = serde_json::from_slice(bytes).map_err(|_| Problem::of(Code::MalformedBody))?;
    serde_path_to_error::deserialize(Strict(value)).map_err(|error| {
        let place = error.path().to_string();
        Problem::in_fields(vec![field_error(place, &error.into_inner().to_string())])
    })
}

/// What the reader says of a part, as the error every way in gives for it.
fn field_error(place: String, reason: &str) -> FieldError {
    let place = if place == "." { String::new() } else { place };
    let quoted = || reason.split('`').nth(1).unwrap_or_default();
    let inside = |field: &str| {
        if place.is_empty() {
            field.to_owned()
        } else {
            format!("{place}.{field}")
        }
    };
    if reason.starts_with("missing field") {
        return FieldError {
            path: inside(quoted()),
            problem: FieldTrouble::Required,
        };
    }
    if reason.starts_with("unknown field") {
        let is_named = place.ends_with(quoted());
        return FieldError {
            path: if is_named { place } else { inside(quoted()) },
            problem: FieldTrouble::Unknown,
        };
    }
    FieldError {
        path: place,
        problem: FieldTrouble::Unreadable {
            expected: (
                "un valore come dice il documento OpenAPI",
                "a value as the OpenAPI document says",
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::draft::PositionDraft;

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        let error = |text: &str| {
            let problem = read::<PositionDraft>(text.as_bytes()).unwrap_err();
            format!("{problem:?}")
        };
        let draft = |options: &str| {
            format!(
                "{{\"key\": \"1\", \"service\": \"mensa\", \"debtor\": {{\"kind\": \"natural\", \"code\": \"ANONIMO\", \
                 \"full_name\": \"A\"}}, \"description\": \"x\", \"options\": {options}}}"
            )
        };
        for (text, place) in [
            ("{}".to_owned(), "path: \"key\", problem: Required"),
            ("{\"key\": 7}".to_owned(), "path: \"key\", problem: Unreadable"),
            ("{\"kye\": 7}".to_owned(), "path: \"kye\", problem: Unknown"),
            ("[]".to_owned(), "path: \"\", problem: Unreadable"),
            (
                draft("[{\"instalments\": [[100]]}]"),
                "path: \"options[0].instalments[0]\", problem: Unreadable",
            ),
            (
                draft("[{\"instalments\": [{\"amuont\": 1}]}]"),
                "path: \"options[0].instalments[0].amuont\", problem: Unknown",
            ),
            (
                draft("[{\"instalments\": [{\"amount\": \"1\"}]}]"),
                "path: \"options[0].instalments[0].amount\", problem: Unreadable",
            ),
            (
                draft("[{\"instalments\": [{\"amount\": 1e30}]}]"),
                "path: \"options[0].instalments[0].amount\", problem: Unreadable",
            ),
            ("[]".to_owned(), "path: \"\", problem: Unreadable"),
            ("{\"key\": 1, \"key\": 1}".to_owned(), "MalformedBody"),
        ] {
            assert!(error(&text).contains(place), "{text}: {}", error(&text));
        }
    }
}
