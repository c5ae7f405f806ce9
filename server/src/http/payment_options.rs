//! The payment options service (`OdP`), which the hub asks for the ways open to pay a notice's debt.
//!
//! The manual says GET and the interface files say POST: both are served alike. The question is its address; it is
//! stored before it is read, like every message of the hub.

use super::AppState;
use super::maintenance::answer_stopped_institution;
use crate::hub_messages::{answered_as, received_as};
use app::ClientAddress;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::{CreditorFiscalCode, NoticeNumber};
use pagopa::payment_options::{CONTENT_TYPE, OPERATION, OptionsRefusal, write_options};
use services::Services;
use services::message_log::About;
use services::payment_options::{OptionsError, list_open_options};
use std::sync::Arc;

/// Its path. What comes before is the base address registered for the station.
pub(super) const PATH: &str =
    "/pagopa/odp/payment-options/organizations/{institution}/notices/{notice_number}";

/// Longest question, in bytes: its address with two codes in it.
const QUESTION_BYTES_MAX: usize = 512;

/// `GET` and `POST` of [`PATH`]. A body says nothing and is not read.
pub(super) async fn answer(
    State(state): State<Arc<AppState>>,
    Extension(ClientAddress(peer)): Extension<ClientAddress>,
    Path((institution, notice_number)): Path<(String, String)>,
    method: Method,
    uri: Uri,
) -> Response {
    if let Some(stopped) = answer_stopped_institution(&state, &institution).await {
        return stopped;
    }
    let services = &state.services;
    let question = format!("{method} {}", uri.path());
    if question.len() > QUESTION_BYTES_MAX {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    let Ok(message) = received_as(services, OPERATION, peer.to_string(), question.as_bytes()).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let answer = options(services, &institution, &notice_number).await;
    let (status, outcome, body) = match answer {
        Ok(body) => (StatusCode::OK, "OK", body),
        Err(refusal) => (
            StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            refusal.code(),
            refusal.write(services.clock.now()),
        ),
    };
    tracing::info!(
        operation = OPERATION,
        institution,
        notice.number = notice_number,
        outcome,
        "answered the hub"
    );
    let about = About {
        institution: Some(institution),
        notice_number: Some(notice_number),
        ..About::default()
    };
    answered_as(
        services,
        message,
        peer.to_string(),
        OPERATION,
        about,
        outcome,
        &body,
    )
    .await;
    (status, [(header::CONTENT_TYPE, CONTENT_TYPE)], body).into_response()
}

async fn options(services: &Services, institution: &str, number: &str) -> Result<String, OptionsRefusal> {
    let (Ok(institution), Ok(number)) = (
        CreditorFiscalCode::parse(institution),
        NoticeNumber::parse(number),
    ) else {
        return Err(OptionsRefusal::Syntax);
    };
    match list_open_options(services, institution.as_str(), &number).await {
        Ok(open) => {
            let office = open.service.as_ref().map(|service| service.office_name.as_str());
            Ok(write_options(&open.institution, office, &open.options))
        }
        Err(OptionsError::UnknownInstitution) => Err(OptionsRefusal::UnknownInstitution),
        Err(OptionsError::NothingOpen(why)) => Err(OptionsRefusal::NothingOpen(why)),
        Err(OptionsError::Unavailable(error)) => {
            tracing::error!(error = ?error, "cannot answer the hub");
            Err(OptionsRefusal::SystemError)
        }
    }
}
