//! What a server function takes from its request.

use super::PortalError;
use crate::ClientAddress;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use services::Services;
use services::rate_limit::Limited;
use std::net::{IpAddr, Ipv4Addr};

/// The use cases' ports.
pub(super) fn services() -> Result<Services, PortalError> {
    use_context().ok_or_else(|| {
        tracing::error!("a page runs without its services");
        PortalError::Unavailable
    })
}

/// Who asks. Without the server's middleware everybody counts as one.
pub(super) fn client_address() -> IpAddr {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<ClientAddress>().copied())
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0)
}

/// Counts one look at a notice by its code, for who asks and for the code.
pub(super) fn count_lookup(services: &Services, code: &str) -> Result<(), PortalError> {
    let now = services.clock.now();
    services
        .limits
        .count(Limited::LookupFrom(client_address()), now)?;
    Ok(services.limits.count(Limited::LookupOf(code.to_owned()), now)?)
}

/// Whether a page is expected as the answer: a plain form was sent, or an address was opened.
fn wants_page() -> bool {
    let accepted = use_context::<Parts>().and_then(|parts| parts.headers.get(header::ACCEPT).cloned());
    accepted.is_some_and(|accepted| {
        accepted
            .to_str()
            .is_ok_and(|accepted| accepted.contains("text/html"))
    })
}

/// Answers with the page that follows, whoever asked: a browser goes there, a script is told where.
pub(super) fn lead_to(address: &str) {
    leptos_axum::redirect(address, false);
    lead_form_to(address);
}

/// Answers a plain form with the page that follows it. A script gets the function's own answer.
pub(super) fn lead_form_to(address: &str) {
    if !wants_page() {
        return;
    }
    let (Some(response), Ok(location)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(address))
    else {
        tracing::error!("a form cannot be answered with a page");
        return;
    };
    response.insert_header(header::LOCATION, location);
    response.set_status(StatusCode::SEE_OTHER);
}
