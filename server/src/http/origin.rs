//! Changes are asked for by our own pages only.

use app::PortalSettings;
use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Refuses a request that changes something and says it comes from another site.
pub(super) async fn check(
    State(portal): State<Arc<PortalSettings>>,
    request: Request,
    next: Next,
) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_ours(request.headers(), &portal.base_url) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "this form was sent from another site\n").into_response()
    }
}

/// Browsers send `Origin` with every POST, and `Sec-Fetch-Site` where they are recent. `Origin: null` comes from a page
/// under our own no-referrer policy, so the fetch metadata decides there.
fn is_ours(headers: &HeaderMap, base_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            origin == base_url || (host.is_some() && host == text(HOST.as_str()))
        }
        // Neither: not a browser, so no cookie or sign-in of somebody else can be abused.
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(k, v)| (k.parse().unwrap(), HeaderValue::from_static(v)))
            .collect()
    }

    #[test]
    fn our_own_form_passes_and_another_sites_does_not() {
        let base = "https://servizi.example.it";
        assert!(is_ours(&headers(&[("origin", base)]), base));
        assert!(!is_ours(&headers(&[("origin", "https://evil.example")]), base));
        assert!(is_ours(
            &headers(&[("origin", "null"), ("sec-fetch-site", "same-origin")]),
            base
        ));
        assert!(!is_ours(
            &headers(&[("origin", base), ("sec-fetch-site", "cross-site")]),
            base
        ));
        assert!(!is_ours(&headers(&[("origin", "null")]), base));
    }
}
