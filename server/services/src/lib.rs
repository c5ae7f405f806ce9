//! The use cases: what an employee or a citizen would recognise as one step.
//!
//! One public function is one use case and one transaction, or its documentation says why there are two. Nothing
//! here sees a request, a cookie or an XML element. To add a use case, write a function that takes [`Services`], put
//! the decision in `domain`, the statement in `storage`, and only their order here.

pub mod applications;
pub mod at_provider;
pub mod audit;
pub mod caller;
pub mod cases;
pub mod clock;
pub mod counter;
pub mod digest;
pub mod directory;
pub mod documents;
pub mod expiry;
pub mod fee_quotes;
pub mod feed;
pub mod flow_reports;
pub mod hub;
pub mod hub_requests;
pub mod idempotency;
pub mod ids;
pub mod imports;
pub mod jobs;
pub mod message_log;
pub mod missing_receipts;
pub mod notice_lookup;
mod notice_numbers;
pub mod notices;
pub mod outcomes;
pub mod payment_options;
pub mod payments;
pub mod positions;
pub mod probe;
pub mod program_quotes;
pub mod program_receipts;
pub mod rate_limit;
pub mod ratings;
pub mod receipts;
pub mod signing;
pub mod tariffs;
pub mod todays_amount;

use self::applications::Applications;
use self::documents::Documents;
use self::outcomes::Outcomes;
use clock::Clock;
use directory::Directory;
use domain::receipt::DuplicateReceipt;
use hub::HubGateway;
use ids::IdSource;
use imports::Imports;
use message_log::MessageLog;
use notice_lookup::NoticeLookup;
use payments::Checkout;
use positions::NumberBlocks;
use rate_limit::RateLimiter;
use std::sync::Arc;
use storage::Store;
use tariffs::TariffBook;
use todays_amount::AmountPrograms;

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
    /// Numbers for notices of programs.
    pub numbers: Arc<NumberBlocks>,
    /// The tariffs citizens work out fees with.
    pub tariffs: Arc<TariffBook>,
    /// The programs that say what is due today.
    pub amounts: Arc<AmountPrograms>,
    /// How often one address or one code may be asked about.
    pub limits: Arc<RateLimiter>,
    /// The programs of institutions, kept in memory.
    pub applications: Applications,
    /// What documents need beside the archive.
    pub documents: Arc<Documents>,
    /// How programs are told of outcomes.
    pub outcomes: Arc<Outcomes>,
    /// Where files of debts are kept.
    pub imports: Arc<Imports>,
    /// How a receipt is answered that was taken before.
    pub duplicate_receipt: DuplicateReceipt,
    /// Public address of the portal, without a slash at the end.
    pub portal_url: Arc<str>,
}

/// A use case that could not reach the archive. What the caller answers depends on who asked.
#[derive(Debug, thiserror::Error)]
#[error("the archive did not answer")]
pub struct Unavailable(#[from] pub storage::StorageError);
