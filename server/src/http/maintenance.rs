//! Answers while a station is stopped on purpose.

use super::AppState;
use crate::hub_messages::note_refused;
use crate::maintenance::{MaintenanceWindow, stop_of};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use pagopa::SOAP_CONTENT_TYPE;
use pagopa::envelope::{SoapFaultCode, write_soap_fault};
use pagopa::pa_for_node::read_request;

/// How such an answer is marked in the log of messages.
const OUTCOME: &str = "planned maintenance";

/// The answer to a message for a station that is stopped now; nothing when it works, or when the message cannot be read,
/// which is said as ever.
pub(super) fn answer_stopped(state: &AppState, peer: &str, body: &[u8]) -> Option<Response> {
    let now = state.services.clock.now();
    // Outside any stop, which is nearly always, nothing is read twice.
    if !state.maintenance.iter().any(|window| window.holds(now)) {
        return None;
    }
    let request = read_request(body).ok()?;
    let stop = stop_of(&state.maintenance, &request.head().station, now)?;
    tracing::info!(
        operation = request.operation().as_str(),
        station = stop.station,
        until = %stop.until,
        reason = stop.reason,
        "answered the hub that the station is stopped"
    );
    let answer = write_soap_fault(SoapFaultCode::Server, OUTCOME);
    note_refused(&state.services, peer, &request, body, OUTCOME, &answer);
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static(SOAP_CONTENT_TYPE));
    Some(
        (
            StatusCode::SERVICE_UNAVAILABLE,
            [kind, come_back(stop, now)],
            answer,
        )
            .into_response(),
    )
}

/// The answer to a question about an institution whose station is stopped now. Which station that is is known without the
/// archive as long as the directory is in memory; later the question fails like any other.
pub(super) async fn answer_stopped_institution(state: &AppState, institution: &str) -> Option<Response> {
    let now = state.services.clock.now();
    if !state.maintenance.iter().any(|window| window.holds(now)) {
        return None;
    }
    let services = &state.services;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await
        .ok()?;
    let served = entries
        .institutions
        .iter()
        .find(|served| served.fiscal_code.as_str() == institution)?;
    let stop = stop_of(&state.maintenance, served.station.as_str(), now)?;
    Some((StatusCode::SERVICE_UNAVAILABLE, [come_back(stop, now)]).into_response())
}

/// When to ask again.
fn come_back(stop: &MaintenanceWindow, now: DateTime<Utc>) -> (HeaderName, HeaderValue) {
    (header::RETRY_AFTER, HeaderValue::from(stop.seconds_left(now)))
}
