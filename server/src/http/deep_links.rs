//! Addresses made for paper, SMS and mail, and the way back from the hub. They only lead to pages.

use super::AppState;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::cart::ReturnOutcome;

/// `/paga/<code>`
pub(super) async fn by_path(Path(code): Path<String>, headers: HeaderMap) -> Redirect {
    lead_to_code(&code, &headers)
}

/// `/paga?codice=<code>`; `qr` may hold the payload of the printed code.
pub(super) async fn by_query(RawQuery(query): RawQuery, headers: HeaderMap) -> Redirect {
    let query = query.unwrap_or_default();
    let code = form_pairs(&query).find(|(key, _)| matches!(key.as_str(), "codice" | "code" | "qr"));
    lead_to_code(&code.map(|(_, code)| code).unwrap_or_default(), &headers)
}

fn form_pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned()
}

fn lead_to_code(code: &str, headers: &HeaderMap) -> Redirect {
    let english = prefers_english(headers);
    if code.is_empty() {
        return Redirect::to(if english { "/en" } else { "/" });
    }
    let code: String = url::form_urlencoded::byte_serialize(code.as_bytes()).collect();
    Redirect::to(&if english {
        format!("/en/notice?code={code}")
    } else {
        format!("/avviso?codice={code}")
    })
}

/// Whether the browser wants English, or wants no Italian at all.
pub(super) fn prefers_english(headers: &HeaderMap) -> bool {
    let wanted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let first_of = |language: &str| {
        wanted.split(',').position(|part| {
            part.trim_start()
                .get(..2)
                .is_some_and(|p| p.eq_ignore_ascii_case(language))
        })
    };
    match (first_of("it"), first_of("en")) {
        (Some(italian), Some(english)) => english < italian,
        (Some(_), None) => false,
        (None, Some(_)) => true,
        (None, None) => !wanted.is_empty() && wanted.trim() != "*",
    }
}

/// `/rientro/<token>/<how>`: notes how the browser came back and leads to the outcome.
pub(super) async fn back_from_hub(
    State(state): State<AppState>,
    Path((token, how)): Path<(String, String)>,
) -> Response {
    let outcome = match how.as_str() {
        "ok" => ReturnOutcome::Ok,
        "cancel" => ReturnOutcome::Cancel,
        "error" => ReturnOutcome::Error,
        "waiting" => ReturnOutcome::Waiting,
        _ => return Redirect::to("/").into_response(),
    };
    match services::payments::record_return(&state.services, &token, outcome).await {
        Ok(Some(cart)) if cart.language == "en" => {
            Redirect::to(&format!("/en/outcome/{token}")).into_response()
        }
        Ok(_) => {
            let token: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
            Redirect::to(&format!("/esito/{token}")).into_response()
        }
        Err(error) => {
            // The outcome page reads the archive itself and says what to do when it does not answer.
            tracing::error!(error = %error, "cannot note a return from the hub");
            (
                StatusCode::SEE_OTHER,
                [(header::LOCATION, format!("/esito/{token}"))],
            )
                .into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn wants(languages: &'static str) -> bool {
        prefers_english(
            &[(header::ACCEPT_LANGUAGE, HeaderValue::from_static(languages))]
                .into_iter()
                .collect(),
        )
    }

    #[test]
    fn a_link_opens_in_the_browsers_language_and_in_italian_without_one() {
        assert!(!wants("it-IT,it;q=0.9,en;q=0.8"));
        assert!(wants("en-GB,en;q=0.9,it;q=0.8"));
        assert!(wants("de-DE,de;q=0.9"));
        assert!(!prefers_english(&HeaderMap::new()));
        assert!(!wants("*"));
    }
}
