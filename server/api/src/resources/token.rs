//! Secrets exchanged for tokens, as RFC 6749 says (4.4): errors have its shape, not that of problems, because every client
//! library of OAuth expects it.

use crate::authentication::{address, certificate};
use crate::problem::ProblemBody;
use crate::{ApiState, Problem};
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, PRAGMA, WWW_AUTHENTICATE};
use axum::http::{Extensions, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::application::Scope;
use serde::Serialize;
use services::applications::token::{Exchange, ExchangeError, exchange};
use std::collections::BTreeMap;
use url::form_urlencoded;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Largest request for a token.
const BYTES_MAX: usize = 8 * 1024;

pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(token))
}

/// What is sent, as a form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read name by name")]
struct TokenRequest {
    /// Always `client_credentials`.
    #[schema(example = "client_credentials", pattern = "^client_credentials$")]
    grant_type: String,
    /// Id of the application, when it is not in the `Authorization` header.
    client_id: Option<String>,
    /// One of its secrets, when it is not in the `Authorization` header.
    client_secret: Option<String>,
    /// Scopes the token is to be limited to, apart by blanks.
    scope: Option<String>,
}

/// A token.
#[derive(Serialize, ToSchema)]
struct TokenResponse {
    /// Its text, for `Authorization: Bearer`.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// How long it lasts, in seconds.
    expires_in: i64,
    /// What it is for, apart by blanks.
    scope: String,
}

/// Why there is no token (RFC 6749, 5.2).
#[derive(Debug, Serialize, ToSchema)]
struct TokenRefusal {
    /// `invalid_request`, `invalid_client`, `invalid_scope` or `unsupported_grant_type`.
    error: &'static str,
    /// What to do.
    error_description: String,
}

/// Exchange a secret for a token.
///
/// Id and secret come by HTTP Basic (preferred) or in the form, never both. An unknown application, a wrong secret and one that
/// is over are answered alike.
#[utoipa::path(
    post,
    path = "/token",
    operation_id = "exchange_secret",
    tag = "Getting in",
    security(()),
    extensions(("x-it" = json!("Scambia un segreto con un token."))),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A token.", body = TokenResponse),
        (status = 400, description = "The request is not one for a token.", body = TokenRefusal),
        (status = 401, description = "No application is opened by this id and this secret.", body = TokenRefusal),
        (status = 429, description = "Too many requests: `too_many_requests`.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 500, description = "An error of ours: `internal`.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The archive does not answer: `unavailable`.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn token(State(state): State<ApiState>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let asked = match Asked::read(&parts.headers, body).await {
        Ok(asked) => asked,
        Err(refusal) => return Ok(refusal.into_response()),
    };
    Ok(match give(&state, &asked, &parts.extensions).await? {
        Ok(given) => ([(PRAGMA, HeaderValue::from_static("no-cache"))], Json(given)).into_response(),
        Err(refusal) => refusal.into_response(),
    })
}

async fn give(
    state: &ApiState,
    asked: &Asked,
    extensions: &Extensions,
) -> Result<Result<TokenResponse, TokenRefusal>, Problem> {
    let given = exchange(
        &state.services,
        Exchange {
            application: &asked.application,
            secret: &asked.secret,
            scopes: asked.scopes.as_deref(),
            from: address(extensions),
            certificate: certificate(extensions),
        },
    );
    match given.await {
        Ok(issued) => {
            let scopes: Vec<&str> = issued.scopes.iter().map(|scope| scope.as_str()).collect();
            Ok(Ok(TokenResponse {
                access_token: issued.token,
                token_type: "Bearer",
                expires_in: issued.lasts.num_seconds(),
                scope: scopes.join(" "),
            }))
        }
        Err(ExchangeError::NotOpened) => {
            tracing::warn!(application = asked.application, "no token was given");
            Ok(Err(TokenRefusal::client(
                "no application is opened by this id and this secret",
            )))
        }
        Err(error @ ExchangeError::WithoutCertificate { .. }) => {
            Ok(Err(TokenRefusal::client(&error.to_string())))
        }
        Err(error @ ExchangeError::NotGranted(_)) => Ok(Err(TokenRefusal {
            error: "invalid_scope",
            error_description: error.to_string(),
        })),
        Err(ExchangeError::TooMany(error)) => Err(error.into()),
        Err(ExchangeError::Unavailable(error)) => Err(error.into()),
    }
}

/// A request for a token that could be read.
struct Asked {
    application: String,
    secret: String,
    scopes: Option<Vec<Scope>>,
}

impl Asked {
    async fn read(headers: &HeaderMap, body: Body) -> Result<Self, TokenRefusal> {
        let is_form = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.split(';').next())
            .is_some_and(|kind| {
                kind.trim()
                    .eq_ignore_ascii_case("application/x-www-form-urlencoded")
            });
        if !is_form {
            return Err(TokenRefusal::request(
                "send Content-Type: application/x-www-form-urlencoded",
            ));
        }
        let body = to_bytes(body, BYTES_MAX)
            .await
            .map_err(|_| TokenRefusal::request("the request is too large"))?;
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(&body) {
            if fields.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(TokenRefusal::request("a parameter is there twice"));
            }
        }
        match fields.remove("grant_type").as_deref() {
            Some("client_credentials") => {}
            Some(_) => {
                return Err(TokenRefusal {
                    error: "unsupported_grant_type",
                    error_description: "grant_type is client_credentials".to_owned(),
                });
            }
            None => return Err(TokenRefusal::request("grant_type is missing")),
        }
        let told_inside = (fields.remove("client_id"), fields.remove("client_secret"));
        let (application, secret) = match (basic(headers)?, told_inside) {
            (Some(pair), (None, None)) => pair,
            // Some libraries repeat the id in the form.
            (Some((id, secret)), (Some(again), None)) if again == id => (id, secret),
            (None, (Some(id), Some(secret))) => (id, secret),
            (Some(_), _) => return Err(TokenRefusal::request("id and secret come in one way only")),
            (None, _) => return Err(TokenRefusal::client("id and secret are missing")),
        };
        let scopes = fields.remove("scope").map(|list| {
            let scopes = list.split(' ').filter(|name| !name.is_empty());
            scopes.map(Scope::parse).collect::<Option<Vec<_>>>()
        });
        let scopes = match scopes {
            None => None,
            Some(Some(scopes)) if !scopes.is_empty() => Some(scopes),
            Some(_) => {
                return Err(TokenRefusal {
                    error: "invalid_scope",
                    error_description: "scope names no scope, or one that is not known".to_owned(),
                });
            }
        };
        Ok(Self {
            application,
            secret,
            scopes,
        })
    }
}

/// Id and secret by HTTP Basic, each written as in a form (RFC 6749, 2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, TokenRefusal> {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let unreadable = || TokenRefusal::client("the Authorization header cannot be read");
    let text = value.to_str().map_err(|_| unreadable())?;
    let (scheme, encoded) = text.split_once(' ').ok_or_else(unreadable)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(unreadable());
    }
    let bytes = STANDARD.decode(encoded.trim()).map_err(|_| unreadable())?;
    let pair = String::from_utf8(bytes).map_err(|_| unreadable())?;
    let (id, secret) = pair.split_once(':').ok_or_else(unreadable)?;
    let written = |text: &str| {
        let named = ["v=", text].concat().replace('&', "%26");
        let decoded = form_urlencoded::parse(named.as_bytes()).next();
        decoded.map_or_else(String::new, |(_, value)| value.into_owned())
    };
    Ok(Some((written(id), written(secret))))
}

impl TokenRefusal {
    fn request(what: &str) -> Self {
        Self {
            error: "invalid_request",
            error_description: what.to_owned(),
        }
    }

    fn client(what: &str) -> Self {
        Self {
            error: "invalid_client",
            error_description: what.to_owned(),
        }
    }
}

impl IntoResponse for TokenRefusal {
    fn into_response(self) -> Response {
        if self.error == "invalid_client" {
            let challenge = [(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"lanterna\""),
            )];
            return (StatusCode::UNAUTHORIZED, challenge, Json(self)).into_response();
        }
        (StatusCode::BAD_REQUEST, Json(self)).into_response()
    }
}
