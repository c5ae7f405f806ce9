//! A calculator's form: answered with the notice it made, or with its page as it was sent.
//!
//! The form carries what must not be in an address, so it is sent with POST; the page that answers is drawn as for a
//! GET, with the form beside it.

use super::AppState;
use app::address::{Page, ServiceKey};
use app::api::fees::{Sent, SentForm, request_notice};
use app::{ClientAddress, Language, shell};
use axum::body::{Body, Bytes};
use axum::extract::{OriginalUri, Path, State};
use axum::http::{Extensions, HeaderMap, Method, Request, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use domain::CreditorFiscalCode;
use leptos::prelude::provide_context;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// The paths of the form, in both languages.
pub(super) const PATHS: [&str; 2] = [
    "/calcola/{institution}/{service}",
    "/en/calculate/{institution}/{service}",
];
/// Fields read of one form; a tariff asks fewer questions.
const FIELDS_MAX: usize = 128;
/// The field that asks for a notice, and what it says then.
const ACT: (&str, &str) = ("act", "notice");

pub(super) async fn answer(
    State(state): State<AppState>,
    Path((institution, code)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    extensions: Extensions,
    body: Bytes,
) -> Response {
    let language = Language::of_path(uri.path());
    let Ok(institution) = CreditorFiscalCode::parse(&institution) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(&body)
        .into_owned()
        .take(FIELDS_MAX)
        .collect();
    let key = ServiceKey { institution, code };
    let mut problem = None;
    if fields
        .iter()
        .any(|(name, value)| (name.as_str(), value.as_str()) == ACT)
    {
        let from = extensions
            .get::<ClientAddress>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0);
        match request_notice(&state.services, &key, &fields, language, from).await {
            Ok(address) => return Redirect::to(&address).into_response(),
            Err(found) => problem = Some(found),
        }
    }
    let page = Page::Calculator {
        service: key.clone(),
        answers: Vec::new(),
    };
    let sent = SentForm::new(&state.services, key, language, Sent { fields, problem }).await;
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::GET;
    *request.headers_mut() = headers;
    *request.extensions_mut() = extensions;
    request.extensions_mut().insert(sent);
    let Ok(address) = page.address(language).parse() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    *request.uri_mut() = address;
    draw(&state, request).await
}

async fn draw(state: &AppState, request: Request<Body>) -> Response {
    let context = {
        let state = state.clone();
        move || {
            provide_context(state.services.clone());
            provide_context(Arc::clone(&state.assets));
            provide_context(Arc::clone(&state.portal));
        }
    };
    let options = state.leptos.clone();
    leptos_axum::render_app_async_with_context(context, move || shell(options.clone()))(request).await
}
