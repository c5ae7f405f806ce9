//! Whether the server lives and whether it can work. The answers say a word, and which stations are stopped on purpose.

use super::AppState;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::SecondsFormat;
use std::fmt::Write as _;

/// The process answers.
pub(super) async fn live() -> &'static str {
    "live\n"
}

/// The archive answers and is at this version. A station that is stopped on purpose does not make the service unready:
/// citizens are served.
pub(super) async fn ready(State(state): State<AppState>) -> (StatusCode, String) {
    let (status, mut answer) = match state.services.store.check().await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(error) => {
            tracing::warn!(error = %error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n".to_owned())
        }
    };
    let now = state.services.clock.now();
    for stop in state.maintenance.iter().filter(|window| window.holds(now)) {
        let until = stop.until.to_rfc3339_opts(SecondsFormat::Secs, true);
        // A string takes whatever is written to it.
        let _ = writeln!(answer, "station {} stopped until {until}", stop.station);
    }
    (status, answer)
}
