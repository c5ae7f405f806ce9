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

#[cfg(test)]
mod tests {
    use super::super::panics_answered;
    use super::*;
    use crate::config::Settings;
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::{StatusCode, header};
    use axum::middleware;
    use axum::routing::get;
    use tower::ServiceExt;

    /// What a broken handler answers: status, policy, text.
    async fn broken(address: &str, accept: &str) -> (StatusCode, String, String) {
        let anywhere = ([127, 0, 0, 1], 3_000).into();
        let settings = Settings::demo(anywhere, anywhere, "sqlite:none".to_owned()).unwrap();
        let state = (Arc::new(settings.portal), Arc::<PortalAssets>::default());
        let router = Router::new()
            .fallback(get(async || -> StatusCode { panic!("a bug") }))
            .layer(panics_answered())
            .layer(middleware::from_fn_with_state(state, explain));
        let request = Request::get(address)
            .header(ACCEPT, accept)
            .header(header::ACCEPT_LANGUAGE, "en-GB,en")
            .body(Body::empty());
        let response = router.oneshot(request.unwrap()).await.unwrap();
        let policy = response.headers().get(header::CONTENT_SECURITY_POLICY);
        let policy = policy.map_or(String::new(), |value| value.to_str().unwrap().to_owned());
        let status = response.status();
        let body = to_bytes(response.into_body(), 100_000).await.unwrap();
        (status, policy, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn an_error_of_ours_is_a_page_for_those_who_read_pages() {
        for (address, lang, title) in [
            ("/avviso", "lang=\"it\"", "Qualcosa non ha funzionato"),
            ("/en/notice", "lang=\"en\"", "Something went wrong"),
            ("/api/payments/begin", "lang=\"en\"", "Something went wrong"),
        ] {
            let (status, policy, page) = broken(address, "text/html,*/*").await;
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
            assert!(policy.contains("'nonce-"), "{policy}");
            assert!(page.contains(lang) && page.contains(title), "{page}");
        }
        let (status, _, text) = broken("/api/payments/begin", "application/json").await;
        assert_eq!((status, text.as_str()), (StatusCode::INTERNAL_SERVER_ERROR, ""));
    }
}
