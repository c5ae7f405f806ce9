//! Everything reachable over HTTP: the citizen portal, the hub's endpoint, the interface of programs, files, health.

mod arrival;
mod assets;
mod calculator;
mod calendar;
mod client_address;
mod deep_links;
pub(crate) mod documents;
mod health;
mod maintenance;
mod origin;
mod payment_options;
mod programs;
mod security_headers;
mod soap;
mod trouble;

pub use assets::portal_assets;
pub(crate) use client_address::PeerAddress;
pub use soap::fault_code;

use crate::maintenance::MaintenanceWindow;
use app::{App, PortalAssets, PortalSettings, shell};
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Router, middleware};
use leptos::prelude::{LeptosOptions, provide_context};
use leptos_axum::{ErrorHandler, LeptosRoutes, generate_route_list};
use services::Services;
use std::any::Any;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::timeout::TimeoutLayer;

/// What handlers share. Cloning is cheap.
#[derive(Clone, FromRef)]
pub struct AppState {
    /// The use cases.
    pub services: Services,
    /// Addresses of the portal's files.
    pub assets: Arc<PortalAssets>,
    /// What the portal says of itself.
    pub portal: Arc<PortalSettings>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Arc<[IpAddr]>,
    /// Planned stops of stations.
    pub maintenance: Arc<[MaintenanceWindow]>,
    /// What the page framework asks for.
    pub leptos: LeptosOptions,
}

/// Largest form a citizen sends.
const FORM_BYTES_MAX: usize = 16 * 1024;
/// Longest time for a page, the hub's own slowness included.
const PAGE_TIME_MAX: Duration = Duration::from_secs(30);

/// The whole service on one listener.
pub fn build_router(state: AppState) -> Router {
    portal_and(hub_routes(&state), state)
}

/// The public listener of a service whose hub comes in by a listener of its own: the hub's paths are refused.
pub fn build_public_router(state: AppState) -> Router {
    portal_and(Router::new().route("/pagopa/{*path}", any(soap::not_here)), state)
}

/// The hub's own listener: its paths and health, nothing else. Nobody stands between, so nobody is believed about the
/// client's address.
pub fn build_hub_router(state: AppState) -> Router {
    guarded(hub_routes(&state).merge(health_routes()), Arc::from([])).with_state(state)
}

/// The listener of programs' own: what they call and health, nothing else.
pub fn build_api_router(state: AppState) -> Router {
    guarded(programs::routes(&state).merge(health_routes()), Arc::from([])).with_state(state)
}

/// What the hub calls. Its requests come in storms and share one state: to copy it is dozens of counts.
fn hub_routes(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/pagopa/paForNode", post(soap::answer))
        .route(
            payment_options::PATH,
            get(payment_options::answer).post(payment_options::answer),
        )
        .with_state(Arc::new(state.clone()))
}

/// What whoever watches over the service calls.
fn health_routes() -> Router<AppState> {
    Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
}

/// The portal with its files, health and these routes.
///
/// Inside what [`guarded`] adds, pages pass through compression and, like documents, through [`for_people`].
fn portal_and(hub: Router<AppState>, state: AppState) -> Router {
    let context = {
        let state = state.clone();
        move || {
            provide_context(state.services.clone());
            provide_context(Arc::clone(&state.assets));
            provide_context(Arc::clone(&state.portal));
        }
    };
    let page = {
        let options = state.leptos.clone();
        move || shell(options.clone())
    };
    let pages = Router::new()
        .leptos_routes_with_context(&state, generate_route_list(App), context.clone(), page)
        .route(calculator::PATHS[0], post(calculator::answer))
        .route(calculator::PATHS[1], post(calculator::answer))
        .route("/paga", get(deep_links::by_query))
        .route("/paga/{code}", get(deep_links::by_path))
        .route("/rientro/{token}/{how}", get(deep_links::back_from_hub))
        .route(
            "/avviso/{institution}/{number}/promemoria.ics",
            get(calendar::reminder),
        )
        .fallback_service(ErrorHandler::new_with_context(
            context,
            |state: AppState| shell(state.leptos),
            state.clone(),
        ));
    let pages =
        for_people(pages, &state).layer(CompressionLayer::new().quality(CompressionLevel::Precise(5)));
    let all = Router::new()
        .merge(pages)
        // Compressed inside as far as they can be.
        .merge(for_people(documents::routes(), &state))
        .merge(hub)
        .merge(programs::routes(&state))
        .merge(health_routes())
        .merge(assets::routes());
    guarded(all, Arc::clone(&state.trusted_proxies)).with_state(state)
}

/// What people ask for: bounded in size and time, asked for by our own pages where it changes something, and explained when
/// something breaks.
fn for_people(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    router
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            PAGE_TIME_MAX,
        ))
        .layer(panics_answered())
        .layer(middleware::from_fn_with_state(
            (Arc::clone(&state.portal), Arc::clone(&state.assets)),
            trouble::explain,
        ))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&state.portal),
            origin::check,
        ))
}

/// What every request and answer passes through, from the outside: a panic becomes an answer; the client's address is
/// known to everything inside; every answer carries the safety headers.
pub fn guarded<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    trusted_proxies: Arc<[IpAddr]>,
) -> Router<S> {
    router
        .layer(middleware::from_fn(security_headers::add))
        .layer(middleware::from_fn_with_state(
            trusted_proxies,
            client_address::find,
        ))
        .layer(panics_answered())
}

/// A panic becomes an answer, and a line of the log.
fn panics_answered() -> CatchPanicLayer<fn(Box<dyn Any + Send>) -> Response> {
    CatchPanicLayer::custom(|_| {
        tracing::error!("a request panicked");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    })
}
