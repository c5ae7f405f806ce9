//! The services of the application's institution, and what the application may do for each.

use crate::answers::Always;
use crate::etag::tagged;
use crate::page::Page;
use crate::{ApiState, Authenticated, Problem};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::application::Scope;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// A service of the institution.
#[derive(Serialize, ToSchema)]
struct Service {
    /// Its code.
    #[schema(example = "tari")]
    code: String,
    /// Its name in Italian.
    name_it: String,
    /// Its name in English.
    name_en: String,
    /// Taxonomy category of its transfers.
    #[schema(example = "9/0101101IM/")]
    category: String,
    /// The office that answers for it.
    office: String,
    /// Whether it is offered now.
    active: bool,
    /// Key of the account its notices credit when none is named.
    account: Option<String>,
    /// The tariff its fees are worked out with.
    tariff: Option<String>,
    /// What the application may do for it.
    #[schema(value_type = Vec<String>, example = json!(["positions:read", "positions:write"]))]
    scopes: Vec<&'static str>,
}

/// List the institution's services, with what the application may do for each.
///
/// All of them come at once: an institution has some dozens.
#[utoipa::path(
    get,
    path = "/services",
    operation_id = "list_services",
    tag = "Institution",
    security(("token" = []), ("application" = [])),
    extensions(("x-it" = json!("I servizi dell'ente, con quello che l'applicazione può fare per ciascuno."))),
    responses(
        (status = 200, description = "The services, by code.", body = Page<Service>),
        (status = 304, description = "They are as they were."),
        Always
    )
)]
async fn list(
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
    let shown = Page {
        items: own
            .map(|service| Service {
                code: service.code.clone(),
                name_it: service.name_it.clone(),
                name_en: service.name_en.clone(),
                category: service.category.to_string(),
                office: service.office_name.clone(),
                active: service.active,
                account: service.account.clone(),
                tariff: service.by_tariff.as_ref().map(|terms| terms.tariff.clone()),
                scopes: Scope::ALL
                    .into_iter()
                    .filter(|scope| caller.application().may(*scope, &service.code))
                    .map(Scope::as_str)
                    .collect(),
            })
            .collect(),
        next: None,
    };
    tagged(&headers, None, &shown)
}
