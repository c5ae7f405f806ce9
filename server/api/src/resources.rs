//! The resources, a file each.

mod accounts;
mod audit;
mod counter;
mod description;
mod imports;
mod institution;
mod notices;
mod outcome_endpoints;
mod outcomes;
mod positions;
mod quotes;
mod receipts;
mod services;
mod taxonomy;
mod token;

pub(crate) use description::page;

use crate::ApiState;
use utoipa_axum::router::OpenApiRouter;

/// What anybody may ask for.
pub(crate) fn open() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .merge(description::routes())
        .merge(token::routes())
}

/// What applications may ask for.
pub(crate) fn protected() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .merge(institution::routes())
        .merge(services::routes())
        .merge(accounts::routes())
        .merge(taxonomy::routes())
        .merge(quotes::routes())
        .merge(receipts::routes())
        .merge(outcomes::routes())
        .merge(outcome_endpoints::routes())
        .merge(audit::routes())
        .merge(positions::routes())
        .merge(notices::routes())
        .merge(counter::routes())
        .merge(imports::routes())
}

/// What applications may ask for that takes as long as a file does to come.
pub(crate) fn uploads() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().merge(imports::uploads())
}
