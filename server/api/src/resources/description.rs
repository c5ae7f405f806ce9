//! The document that describes the interface.

use crate::ApiState;
use crate::etag::with_tag;
use crate::language::Language;
use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderMap, HeaderValue, VARY};
use axum::response::Response;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(openapi))
}

/// What language a page is asked for in; as the browser says when it is not.
#[derive(Deserialize)]
pub(crate) struct InLanguage {
    lang: Option<String>,
}

/// The document as a page. It is for people: the document does not describe it.
pub(crate) async fn page(
    State(state): State<ApiState>,
    axum::extract::Query(asked): axum::extract::Query<InLanguage>,
    headers: HeaderMap,
) -> Response {
    let language = match asked.lang.as_deref() {
        Some("it") => Language::Italian,
        Some("en") => Language::English,
        Some(_) | None => Language::of(&headers),
    };
    let page = state.document.page(language);
    let mut response = with_tag(&headers, &page.tag, "text/html; charset=utf-8", page.text.clone());
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, page.policy.clone());
    response
        .headers_mut()
        .append(VARY, HeaderValue::from_static("Accept-Language"));
    response
}

/// The `OpenAPI` document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "read_openapi",
    tag = "Description",
    security(()),
    extensions(("x-it" = json!("Il documento OpenAPI."))),
    responses((status = 200, description = "The document.", content_type = "application/json", body = Object))
)]
async fn openapi(State(state): State<ApiState>, headers: HeaderMap) -> Response {
    with_tag(
        &headers,
        &state.document.tag,
        "application/json",
        state.document.text.clone(),
    )
}
