//! The application's institution, and what the application may do.

use crate::answers::Always;
use crate::etag::tagged;
use crate::problem::Code;
use crate::{ApiState, Authenticated, Problem};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(own))
}

/// An institution, as it is registered here.
#[derive(Serialize, ToSchema)]
struct Institution {
    /// Its fiscal code.
    #[schema(example = "00856930102")]
    fiscal_code: String,
    /// Its name.
    name: String,
    /// The code that follows the auxiliary digit 3 in its notice numbers.
    #[schema(example = "12")]
    segregation_code: String,
    /// Its CBILL code.
    cbill_code: Option<String>,
    /// How people reach it.
    contact: Contact,
    /// The application that asks.
    application: Application,
}

/// How people reach an institution.
#[derive(Serialize, ToSchema)]
struct Contact {
    /// Its telephone.
    telephone: String,
    /// Its e-mail address.
    email: String,
    /// Its website.
    website: String,
}

/// An application, as it is registered here.
#[derive(Serialize, ToSchema)]
struct Application {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// What it may do with this token.
    grants: Vec<Grant>,
    /// The ranges it numbers notices in by itself.
    numbers: Vec<Range>,
    /// Requests it may make in a minute.
    requests_per_minute: u32,
}

/// Something an application may do.
#[derive(Serialize, ToSchema)]
struct Grant {
    /// What.
    #[schema(example = "positions:write")]
    scope: &'static str,
    /// For which services; absent for all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    services: Option<Vec<String>>,
}

/// Numbers an application may give to its notices.
#[derive(Serialize, ToSchema)]
struct Range {
    /// The segregation code.
    segregation: String,
    /// The first base.
    from: u64,
    /// The last base.
    to: u64,
}

/// Read the application's institution, and what the application may do.
#[utoipa::path(
    get,
    path = "/institution",
    operation_id = "read_institution",
    tag = "Institution",
    security(("token" = []), ("application" = [])),
    extensions(("x-it" = json!("L'ente dell'applicazione, e che cosa l'applicazione può fare."))),
    responses(
        (status = 200, description = "The institution.", body = Institution),
        (status = 304, description = "It is as it was."),
        Always
    )
)]
async fn own(
    State(state): State<ApiState>,
    caller: Authenticated,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let services = &state.services;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let institution = entries.institution(caller.institution()).ok_or(Code::NotFound)?;
    let application = caller.application();
    let shown = Institution {
        fiscal_code: institution.fiscal_code.to_string(),
        name: institution.name.clone(),
        segregation_code: institution.segregation_code.to_string(),
        cbill_code: institution.cbill_code.clone(),
        contact: Contact {
            telephone: institution.contact.telephone.clone(),
            email: institution.contact.email.clone(),
            website: institution.contact.website.clone(),
        },
        application: Application {
            id: application.id.clone(),
            name: application.name.clone(),
            grants: application
                .grants
                .iter()
                .map(|grant| Grant {
                    scope: grant.scope.as_str(),
                    services: grant
                        .services
                        .as_ref()
                        .map(|codes| codes.iter().cloned().collect()),
                })
                .collect(),
            numbers: application
                .numbers
                .iter()
                .map(|range| Range {
                    segregation: range.segregation.to_string(),
                    from: range.from,
                    to: range.to,
                })
                .collect(),
            requests_per_minute: application.requests_per_minute,
        },
    };
    tagged(&headers, None, &shown)
}
