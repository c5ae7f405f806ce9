//! The interface of programs: everything under `/api/v1`, over [`Services`], described by an `OpenAPI` 3.1 document that is
//! made from the same code that answers.
//!
//! # To add a resource
//!
//! Write `resources/NAME.rs` and name it in `resources.rs`, as `mod` and in `resources::protected`. That is all: its
//! routes are served, asked for a token, counted against the application's limit and described. The file holds
//!
//! - the wire types, with `Serialize` or `Deserialize`, `utoipa::ToSchema` and, of what comes in,
//!   `#[serde(deny_unknown_fields)]`;
//! - one `async fn` for each operation, under `#[utoipa::path]` with an `operation_id` nobody else has, whose answers are those
//!   of success and the groups of [`answers`] it can fail with, and whose `extensions(("x-it" = json!("…")))` says in Italian
//!   what it does;
//! - `pub(crate) fn routes() -> OpenApiRouter<ApiState>`, with `routes!(…)`: handlers of one path go into one `routes!`;
//! - `impl From<UseCaseError> for Problem`, a `match` that names every case. A refusal with no code yet gets a line in
//!   [`problem::Code`].
//!
//! A handler takes, in this order, `State(state): State<ApiState>`, `caller: Authenticated` (the use cases get `&*caller`,
//! and the institution from it alone), then what it needs of [`extract::Path`], [`extract::Query`], and last either
//! [`extract::Body`] (strict JSON with its [`services::idempotency::Idempotency`]) or [`extract::NoBody`]. It returns
//! `Result<impl IntoResponse, Problem>`; [`etag::tagged`] answers with the entity tag of a single thing, [`page::Page`]
//! with a page of a list.
//!
//! Nothing here decides: rules are in `domain`, their order in `services`.

pub mod answers;
mod authentication;
pub mod etag;
pub mod extract;
mod language;
mod openapi;
pub mod page;
mod pages;
pub mod problem;
mod resources;
mod shape;

pub use authentication::{Authenticated, ClientAddress, ClientCertificate};
pub use openapi::document;
pub use problem::Problem;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use problem::Code;
use services::Services;
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

/// Largest request, where its operation does not say otherwise.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Longest time for an answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);
/// Longest time for a file to come.
const UPLOAD_TIME_MAX: Duration = Duration::from_hours(1);

/// What handlers share. Cloning is cheap.
#[derive(Clone)]
pub struct ApiState {
    /// The use cases.
    pub services: Services,
    /// The document, as it is served.
    document: Arc<openapi::Served>,
}

impl ApiState {
    /// Handlers over these use cases.
    pub fn new(services: Services) -> Self {
        Self {
            document: Arc::new(openapi::Served::new()),
            services,
        }
    }
}

/// Everything under `/api`, to be merged into a listener's router.
pub fn router<S: Clone + Send + Sync + 'static>(state: ApiState) -> Router<S> {
    let (open, _) = resources::open().split_for_parts();
    let (protected, _) = resources::protected().split_for_parts();
    let (uploads, _) = resources::uploads().split_for_parts();
    let admitted = || from_fn_with_state(state.clone(), authentication::admit);
    let within = |time| TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, time);
    let soon = open
        .merge(protected.route_layer(admitted()))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(within(ANSWER_TIME_MAX));
    // A file has a limit of its own, and takes as long as the line it comes by needs.
    let uploads = uploads
        .route_layer(admitted())
        .layer(DefaultBodyLimit::disable())
        .layer(within(UPLOAD_TIME_MAX));
    Router::new()
        .nest(openapi::BASE, soon.merge(uploads))
        // Nested, it would be served without the slash its links count on.
        .route("/api/v1/", get(resources::page))
        .route("/api/v1", get(|| async { Redirect::permanent("/api/v1/") }))
        .route("/api", any(unknown))
        .route("/api/", any(unknown))
        .route("/api/{*path}", any(unknown))
        .method_not_allowed_fallback(other_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(problem::render))
        .with_state(state)
}

async fn unknown(uri: Uri) -> Problem {
    Problem::of(Code::UnknownAddress).about(uri.path())
}

async fn other_method() -> Problem {
    Code::OtherMethod.into()
}

/// A panic becomes an answer, and a line of the log.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a request of a program panicked");
    Problem::of(Code::Internal).into_response()
}
