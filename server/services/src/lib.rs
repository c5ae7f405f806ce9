//! The use cases: what an employee or a citizen would recognise as one step.
//!
//! One public function is one use case and one transaction, or its documentation says why there are two. Nothing
//! here sees a request, a cookie or an XML element. To add a use case, write a function that takes [`Services`], put
//! the decision in `domain`, the statement in `storage`, and only their order here.

pub mod at_provider;
pub mod cases;
pub mod clock;
mod digest;
pub mod directory;
pub mod documents;
pub mod expiry;
pub mod fee_quotes;
pub mod feed;
pub mod flow_reports;
pub mod hub;
pub mod hub_requests;
pub mod ids;
pub mod jobs;
pub mod message_log;
pub mod missing_receipts;
pub mod notice_lookup;
mod notice_numbers;
pub mod notices;
pub mod payment_options;
pub mod payments;
pub mod probe;
pub mod rate_limit;
pub mod ratings;
pub mod receipts;
pub mod tariffs;

use self::documents::Documents;
use clock::Clock;
use directory::Directory;
use domain::receipt::DuplicateReceipt;
use hub::HubGateway;
use ids::IdSource;
use message_log::MessageLog;
use notice_lookup::NoticeLookup;
use payments::Checkout;
use rate_limit::RateLimiter;
use std::sync::Arc;
use storage::Store;
use tariffs::TariffBook;

/// Everything a use case needs from outside. Cloning is cheap.
#[derive(Clone)]
pub struct Services {
    /// The archive.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where unguessable identifiers come from.
    pub ids: Arc<dyn IdSource>,
    /// The national hub, as a client.
    pub hub: Arc<dyn HubGateway>,
    /// How carts are opened on the hub's payment page.
    pub checkout: Arc<Checkout>,
    /// Where every exchanged message is kept.
    pub messages: MessageLog,
    /// Notices the hub asks about.
    pub lookup: NoticeLookup,
    /// Institutions and services, kept in memory.
    pub directory: Directory,
    /// The tariffs citizens work out fees with.
    pub tariffs: Arc<TariffBook>,
    /// How often one address or one code may be asked about.
    pub limits: Arc<RateLimiter>,
    /// What documents need beside the archive.
    pub documents: Arc<Documents>,
    /// How a receipt is answered that was taken before.
    pub duplicate_receipt: DuplicateReceipt,
    /// Public address of the portal, without a slash at the end.
    pub portal_url: Arc<str>,
}

/// A use case that could not reach the archive. What the caller answers depends on who asked.
#[derive(Debug, thiserror::Error)]
#[error("the archive did not answer")]
pub struct Unavailable(#[from] pub storage::StorageError);
