//! A double of the national hub: the Checkout page, a payment provider's counter, and the delivery of receipts.
//!
//! An institution tries its station against it. It talks HTTP only, as the real hub does, shares nothing with the
//! server, and is strict in what it accepts: an answer the real hub would refuse is refused, and the reasons are
//! shown. No money moves, and every page says so. State is in memory, bounded, and gone at the end.
//!
//! | Address | For |
//! |---|---|
//! | `/` | people: what can be tried, faults to switch on, what was said |
//! | `/checkout/ec/v2/carts` | the institution's site: opens a cart (`checkout_v2.json`) |
//! | `/checkout/c/{cart}` | the citizen: pays, gives up, or is refused |
//! | `/psp` | people: pays a notice at a counter, a post office or in an app |
//! | `/api/psp/verify`, `/api/psp/pay` | tests: the same, as JSON |
//! | `/api/receipts`, `/api/receipts/{id}/again` | tests: receipts and their delivery; delivers one again |
//! | `/api/mischief` | tests: reads (`GET`) and sets (`POST`) [`Mischief`] |
//! | `/api/journal` | tests: the last exchanges |
//! | `/api/reset` | tests: forgets everything (`POST`) |
//!
//! Pages are written with `maud`: markup checked at compile time, every value escaped, no files beside the program.
//! They need no script; their sheet is one small file, so the content security policy allows nothing inline.

mod api;
mod archive;
mod cart;
mod clock;
mod hub;
mod journal;
mod mischief;
mod pages;
mod payment;
mod problem;
mod receipts;
mod recent;
mod station;

pub use mischief::{CartMischief, Mischief};

use archive::Feed;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use hub::Hub;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// The station under test, and how patient the hub is.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// The station's endpoint, such as `http://127.0.0.1:3000/pagopa/paForNode`.
    pub station_url: String,
    /// Code of the broker, sent as `idBrokerPA`.
    pub broker: String,
    /// Code of the station, sent as `idStation`.
    pub station: String,
    /// Time for an answer to verify and get: 7 seconds, as the hub.
    pub answer_timeout: Duration,
    /// Time for an answer to a receipt: 15 seconds, as the hub.
    pub receipt_timeout: Duration,
    /// Pause between two attempts to deliver a receipt. The hub waits an hour; trying needs less.
    pub retry_pause: Duration,
}

impl SandboxConfig {
    /// A hub as patient as the real one, which tries receipts again every five seconds.
    pub const fn new(station_url: String, broker: String, station: String) -> Self {
        Self {
            station_url,
            broker,
            station,
            answer_timeout: Duration::from_secs(7),
            receipt_timeout: Duration::from_secs(15),
            retry_pause: Duration::from_secs(5),
        }
    }
}

/// Why the sandbox does not run.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The station's address cannot be read.
    #[error("the station's address is not an http or https address: {0}")]
    StationUrl(String),
    /// The HTTP client cannot be made.
    #[error("no HTTP client can be made")]
    Client(#[source] reqwest::Error),
    /// The listener broke.
    #[error("the sandbox cannot serve")]
    Serve(#[source] std::io::Error),
}

/// The sandbox as a router. Must run inside a tokio runtime.
pub fn router(config: SandboxConfig) -> Result<Router, SandboxError> {
    let hub = Arc::new(Hub::new(config)?);
    Ok(Router::new()
        .route("/", get(pages::home::show))
        .route("/mischief", post(pages::home::set_mischief))
        .route("/exchanges/{number}", get(pages::home::exchange))
        .route("/style.css", get(pages::style))
        .route("/checkout/ec/v2/carts", post(cart::open))
        .route(
            "/checkout/c/{cart}",
            get(pages::checkout::show).post(pages::checkout::pay),
        )
        .route("/psp", get(pages::psp::show))
        .route("/psp/verify", post(pages::psp::verify))
        .route("/psp/pay", post(pages::psp::pay))
        .route("/api/psp/verify", post(api::verify))
        .route("/api/psp/pay", post(api::pay))
        .route("/api/receipts", get(api::receipts))
        .route("/api/receipts/{id}/again", post(api::deliver_again))
        .route("/api/mischief", get(api::mischief).post(api::set_mischief))
        .route("/api/journal", get(api::journal))
        .route("/api/reset", post(api::reset))
        .nest("/aca/debt-positions-service/v1", archive::routes(Feed::Aca))
        .nest("/gpd/debt-positions-service/v1", archive::routes(Feed::Gpd))
        .nest(
            "/upload/aca/debt-positions-service/v2",
            archive::bulk_routes(Feed::Aca),
        )
        .nest(
            "/upload/gpd/debt-positions-service/v2",
            archive::bulk_routes(Feed::Gpd),
        )
        .fallback(pages::not_found)
        .layer(DefaultBodyLimit::max(64 * 1024))
        .with_state(hub))
}

/// Serves the sandbox until `shutdown` ends.
pub async fn serve(
    listener: TcpListener,
    config: SandboxConfig,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), SandboxError> {
    let router = router(config)?;
    axum::serve(listener, router)
        .with_graceful_shutdown(shutdown)
        .await
        .map_err(SandboxError::Serve)
}
