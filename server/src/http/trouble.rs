//! Whoever asked for a page and met an error of ours gets a page that says what to do, not a bare status.

use super::deep_links::prefers_english;
use app::{Language, PortalAssets, PortalSettings, trouble_page};
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// Turns an answer that only states an error of the server's into a page, for those who read pages.
pub(super) async fn explain(
    State((portal, assets)): State<(Arc<PortalSettings>, Arc<PortalAssets>)>,
    request: Request,
    next: Next,
) -> Response {
    let wants_page = says(request.headers(), ACCEPT, "text/html");
    let language = language_of(&request);
    let response = next.run(request).await;
    let is_page = says(response.headers(), CONTENT_TYPE, "text/html");
    if wants_page && response.status().is_server_error() && !is_page {
        trouble_page(response.status(), &portal, &assets, language)
    } else {
        response
    }
}

/// A page says its language in its address; the address of a form's answer says none, but the browser does.
fn language_of(request: &Request) -> Language {
    let path = request.uri().path();
    if path.starts_with("/api/") && prefers_english(request.headers()) {
        Language::English
    } else {
        Language::of_path(path)
    }
}

fn says(headers: &HeaderMap, name: HeaderName, what: &str) -> bool {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|text| text.contains(what))
}
