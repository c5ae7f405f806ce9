//! A double of the national hub: the Checkout page, a payment provider's counter, and the delivery of receipts.
//!
//! An institution tries its station against it. It talks HTTP only, as the real hub does, shares nothing with the
//! server, and is strict in what it accepts: an answer the real hub would refuse is refused, and the reasons are
//! shown. No money moves, and every page says so. State is in memory, bounded, and gone at the end.
//!
//! | Address | For |
//! |---|---|
//! | `/` | people: what can be tried, faults to switch on, what was said |
//! | `/checkout/ec/v2/carts`, `/checkout/ec/v1/carts` | the institution's site: opens a cart (`checkout_v2.json`, `checkout_v1.json`) |
//! | `/checkout/c/{cart}` | the citizen: pays, gives up, or is refused |
//! | `/psp` | people: pays a notice at a counter, a post office or in an app |
//! | `/flows` | people: lets a day pass, sees the flow reports |
//! | `/station` | people: probe, payment options, notice on demand |
//! | `/aca/…`, `/gpd/…`, `/upload/…` | the institution: its positions, one by one and by file |
//! | `/fdr-org/service/v1`, `/bizevents/service/v1` | the institution: flow reports, receipts |
//! | `/program` | people: the office's program, how it answers, what it was told |
//! | `/program/amount`, `/program/outcomes` | the institution: what is due today; outcomes |
//! | `/api/psp/verify`, `/api/psp/pay`, `/api/psp/demand` | tests: a provider, as JSON |
//! | `/api/payment-options` | tests: asks the institution for a debtor's options |
//! | `/api/receipts`, `/api/receipts/{id}/again`, `/api/receipts/retry` | tests: receipts and their delivery; delivers one, or all that wait, now |
//! | `/api/clock/advance`, `/api/flows`, `/api/flows/{id}.xml`, `/api/flows/{id}/revise` | tests: days pass, flows are made |
//! | `/api/stand-in`, `/api/stand-in/probe` | tests: whether the hub stands in; the probe that ends it |
//! | `/api/limits` | tests: calls counted |
//! | `/api/mischief` | tests: reads (`GET`) and sets (`POST`) [`Mischief`] |
//! | `/api/journal` | tests: the last exchanges |
//! | `/api/reset` | tests: forgets everything (`POST`) |
//!
//! Pages are written with `maud`: markup checked at compile time, every value escaped, no files beside the program.
//! They need no script; their sheet is one small file, so the content security policy allows nothing inline.

mod api;
mod archive;
mod cart;
mod choice;
mod clock;
mod demand;
mod flows;
mod gateway;
mod hub;
mod journal;
mod limits;
mod mischief;
mod money;
mod odd_bodies;
mod openapi;
mod pages;
mod payment;
mod payment_options;
mod problem;
mod product;
mod program;
mod receipts;
mod receipts_api;
mod recent;
mod stand_in;
mod station;

pub use mischief::{CartMischief, FlowMischief, GatewayMischief, Mischief, ReceiptMischief};
pub use openapi::OpenApiError;
pub use product::Product;
pub use program::PROGRAM_KEY;
pub use stand_in::Probe;

use archive::Feed;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use domain::CreditorFiscalCode;
use hub::Hub;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// The station under test, and how patient the hub is.
#[derive(Clone)]
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
    /// Pause between two attempts to deliver a receipt: how long an hour of the hub takes here.
    pub retry_pause: Duration,
    /// Where payment options are asked; left out, `/pagopa/odp` on the station's host.
    pub options_url: Option<String>,
    /// The subscription keys accepted, primary and secondary; none, and no key is asked for.
    pub keys: Vec<String>,
    /// Calls beyond the published limits are refused.
    pub has_limits: bool,
    /// Folder of the published interfaces: with it every call and answer is held against them.
    pub openapi_folder: Option<PathBuf>,
    /// The hub's own certificate and key, PEM, shown to the station.
    pub client_identity: Option<Vec<u8>>,
    /// The authorities the station's certificate may come from, PEM; left out, the system's.
    pub authority: Option<Vec<u8>>,
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
            options_url: None,
            keys: Vec::new(),
            has_limits: true,
            openapi_folder: None,
            client_identity: None,
            authority: None,
        }
    }
}

/// Keys are in no print.
impl fmt::Debug for SandboxConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxConfig")
            .field("station_url", &self.station_url)
            .field("broker", &self.broker)
            .field("station", &self.station)
            .field("options_url", &self.options_url)
            .field("has_limits", &self.has_limits)
            .field("openapi_folder", &self.openapi_folder)
            .finish_non_exhaustive()
    }
}

/// Why the sandbox does not run.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The station's address cannot be read.
    #[error("the station's address is not an http or https address: {0}")]
    StationUrl(String),
    /// The address of the payment options cannot be read.
    #[error("the address of the payment options is not an http or https address: {0}")]
    OptionsUrl(String),
    /// The client certificate cannot be read.
    #[error("the client certificate and its key are not PEM")]
    Identity(#[source] reqwest::Error),
    /// The authorities cannot be read.
    #[error("the authorities are not PEM certificates")]
    Authority(#[source] reqwest::Error),
    /// The published interfaces cannot be used.
    #[error(transparent)]
    OpenApi(#[from] OpenApiError),
    /// The HTTP client cannot be made.
    #[error("no HTTP client can be made")]
    Client(#[source] reqwest::Error),
    /// The listener broke.
    #[error("the sandbox cannot serve")]
    Serve(#[source] std::io::Error),
}

/// Asks a station about the notice nobody issues, as the hub does to see whether it works.
pub async fn probe(config: SandboxConfig, institution: &CreditorFiscalCode) -> Result<Probe, SandboxError> {
    Ok(Hub::new(config)?.probe(institution).await)
}

/// The sandbox as a router. Must run inside a tokio runtime.
pub fn router(config: SandboxConfig) -> Result<Router, SandboxError> {
    let hub = Arc::new(Hub::new(config)?);
    Ok(pages()
        .merge(api())
        .merge(services(&hub))
        .fallback(pages::not_found)
        .layer(DefaultBodyLimit::max(64 * 1024))
        .with_state(hub))
}

/// For people.
fn pages() -> Router<Arc<Hub>> {
    Router::new()
        .route("/", get(pages::home::show))
        .route("/mischief", post(pages::mischief::set))
        .route("/exchanges/{number}", get(pages::home::exchange))
        .route("/style.css", get(pages::style))
        .route(
            "/checkout/c/{cart}",
            get(pages::checkout::show).post(pages::checkout::pay),
        )
        .route("/psp", get(pages::psp::show))
        .route("/psp/verify", post(pages::psp::verify))
        .route("/psp/pay", post(pages::psp::pay))
        .route("/flows", get(pages::flows::show))
        .route("/flows/advance", post(pages::flows::advance))
        .route("/program", get(pages::program::show))
        .route("/program/manners", post(pages::program::set))
        .route("/program/amount", post(program::amount))
        .route("/program/outcomes", post(program::outcomes))
        .route("/station", get(pages::station::show))
        .route("/station/probe", post(pages::station::probe))
        .route("/station/options", post(pages::station::options))
        .route("/station/demand", post(pages::station::demand))
}

/// For tests.
fn api() -> Router<Arc<Hub>> {
    Router::new()
        .route("/api/psp/verify", post(api::verify))
        .route("/api/psp/pay", post(api::pay))
        .route("/api/psp/demand", post(api::demand))
        .route("/api/payment-options", post(api::payment_options))
        .route("/api/receipts", get(api::receipts))
        .route("/api/receipts/retry", post(api::retry))
        .route("/api/receipts/{id}/again", post(api::deliver_again))
        .route("/api/clock/advance", post(flows::service::advance))
        .route("/api/flows", get(flows::service::all))
        .route("/api/flows/{id}", get(flows::service::xml))
        .route("/api/flows/{id}/revise", post(flows::service::revise))
        .route("/api/stand-in", get(api::stand_in))
        .route("/api/stand-in/probe", post(api::probe))
        .route("/api/limits", get(api::limits))
        .route("/api/mischief", get(api::mischief).post(api::set_mischief))
        .route("/api/journal", get(api::journal))
        .route("/api/reset", post(api::reset))
}

/// The hub's REST services, each behind its gateway.
fn services(hub: &Arc<Hub>) -> Router<Arc<Hub>> {
    Product::ALL.iter().fold(Router::new(), |router, &product| {
        let service = match product {
            Product::Checkout => Router::new().route("/carts", post(cart::open)),
            Product::CheckoutV1 => Router::new().route("/carts", post(cart::open_first)),
            Product::Aca => archive::routes(Feed::Aca),
            Product::Gpd => archive::routes(Feed::Gpd),
            Product::AcaBulk => archive::bulk_routes(Feed::Aca),
            Product::GpdBulk => archive::bulk_routes(Feed::Gpd),
            Product::Flows => flows::service::routes(),
            Product::Receipts => receipts_api::routes(),
        };
        router.nest(product.base(), gateway::behind(hub, product, service))
    })
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
