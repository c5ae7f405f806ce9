//! Answers while a station is stopped on purpose.

use super::AppState;
use crate::hub_messages::note_refused;
use crate::maintenance::stop_of;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
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
    let after = HeaderValue::from(stop.seconds_left(now));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(SOAP_CONTENT_TYPE)),
        (header::RETRY_AFTER, after),
    ];
    Some((StatusCode::SERVICE_UNAVAILABLE, headers, answer).into_response())
}
