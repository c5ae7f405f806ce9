//! Who did what to something of the institution.

use crate::answers::{Always, OfQuery};
use crate::extract::Query;
use crate::page::Page;
use crate::problem::Code;
use crate::{ApiState, Authenticated, Problem};
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use services::audit::acts_on;
use storage::audit::AuditEvent;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Most characters of what is asked about.
const SUBJECT_LENGTH_MAX: usize = 200;

/// What is asked about.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct About {
    /// To what it was done: a position's key, an application's id.
    #[param(max_length = 200)]
    subject: String,
}

/// Something that was done.
#[derive(Serialize, ToSchema)]
struct ActDone {
    /// When.
    at: DateTime<Utc>,
    /// Who: `application`, `command_line` or `system`.
    actor: &'static str,
    /// Id of the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<String>,
    /// What.
    #[schema(example = "position.cancelled")]
    action: String,
    /// What else is known of it.
    #[schema(value_type = Object)]
    detail: Value,
    /// The network it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<String>,
}

impl From<AuditEvent> for ActDone {
    fn from(event: AuditEvent) -> Self {
        Self {
            at: event.at,
            actor: event.actor.kind(),
            application: event.actor.id().map(str::to_owned),
            action: event.action,
            detail: match serde_json::from_str(&event.detail) {
                Ok(Value::Object(detail)) => Value::Object(detail),
                Ok(_) | Err(_) => Value::Object(serde_json::Map::new()),
            },
            network: event.network,
        }
    }
}

/// List what was done to something, the newest first.
///
/// An application sees what it did itself; one that may read the positions of every service sees what everybody did. The last
/// 500 acts are listed.
#[utoipa::path(
    get,
    path = "/audit",
    operation_id = "list_acts",
    tag = "Audit",
    security(("token" = []), ("application" = [])),
    extensions(("x-it" = json!("Che cosa è stato fatto a qualcosa, e da chi."))),
    params(About),
    responses((status = 200, description = "What was done.", body = Page<ActDone>), OfQuery, Always)
)]
async fn list(
    State(state): State<ApiState>,
    caller: Authenticated,
    Query(about): Query<About>,
) -> Result<Json<Page<ActDone>>, Problem> {
    if about.subject.chars().count() > SUBJECT_LENGTH_MAX {
        return Err(Problem::of(Code::MalformedQuery).about("subject"));
    }
    let events = acts_on(&state.services, &caller, &about.subject).await?;
    Ok(Json(Page {
        items: events.into_iter().map(Into::into).collect(),
        next: None,
    }))
}
