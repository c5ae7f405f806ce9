//! Whether the server lives and whether it can work. Neither answer says more than a word.

use super::AppState;
use axum::extract::State;
use axum::http::StatusCode;

/// The process answers.
pub(super) async fn live() -> &'static str {
    "live\n"
}

/// The archive answers and is at this version.
pub(super) async fn ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    match state.services.store.check().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(error = %error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }
}
