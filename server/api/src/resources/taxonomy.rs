//! pagoPA's taxonomy of collection services, by which positions say what they are for.

use crate::answers::Always;
use crate::etag::tagged;
use crate::{ApiState, Authenticated, Problem};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeSet;
use tariff::compile::{TAXONOMY_VERSION, taxonomy_codes};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(read))
}

/// The taxonomy.
#[derive(Serialize, ToSchema)]
struct Taxonomy {
    /// Version of pagoPA's list.
    version: u32,
    /// The categories of the institution's services.
    own: BTreeSet<String>,
    /// Every category.
    categories: Vec<Category>,
}

/// A category.
#[derive(Serialize, ToSchema)]
struct Category {
    /// As positions write it.
    #[schema(example = "9/0101101IM/")]
    #[serde(rename = "category")]
    code: String,
    /// Its first day.
    begins: NaiveDate,
    /// Its last day; absent for one without an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends: Option<NaiveDate>,
}

/// Read the taxonomy of collection services.
#[utoipa::path(
    get,
    path = "/taxonomy",
    operation_id = "read_taxonomy",
    tag = "Institution",
    security(("token" = []), ("application" = [])),
    extensions(("x-it" = json!("La tassonomia dei servizi di incasso di pagoPA."))),
    responses(
        (status = 200, description = "The taxonomy.", body = Taxonomy),
        (status = 304, description = "It is as it was."),
        Always
    )
)]
async fn read(
    State(state): State<ApiState>,
    caller: Authenticated,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let services = &state.services;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let own = entries
        .services
        .iter()
        .filter(|service| service.institution == *caller.institution());
    let shown = Taxonomy {
        version: TAXONOMY_VERSION,
        own: own.map(|service| service.category.to_string()).collect(),
        categories: taxonomy_codes()
            .map(|code| Category {
                code: format!("9/{}/", code.code),
                begins: code.begins,
                ends: code.ends,
            })
            .collect(),
    };
    tagged(&headers, None, &shown)
}
