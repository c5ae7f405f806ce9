//! `ProblemJson`: how the hub's REST services say no.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal with its reason.
pub(crate) fn problem(status: StatusCode, title: &str, detail: &str) -> Response {
    let body = json!({ "title": title, "status": status.as_u16(), "detail": detail });
    (status, Json(body)).into_response()
}

/// The request breaks the interface.
pub(crate) fn bad_request(reasons: &[String]) -> Response {
    problem(StatusCode::BAD_REQUEST, "Bad request", &reasons.join("; "))
}
