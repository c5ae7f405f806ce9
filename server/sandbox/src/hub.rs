//! The sandbox's memory.

use crate::archive::Archives;
use crate::cart::Cart;
use crate::clock;
use crate::flows::Flow;
use crate::journal::Exchange;
use crate::limits::Limits;
use crate::mischief::Mischief;
use crate::openapi::Interfaces;
use crate::payment_options;
use crate::program::{Asked, Manners, REMEMBERED, Told};
use crate::receipts::SentReceipt;
use crate::recent::Recent;
use crate::stand_in::{Probe, StandIn};
use crate::{SandboxConfig, SandboxError};
use chrono::{DateTime, Days, Utc};
use domain::{CreditorFiscalCode, NoticeNumber, ReceiptId};
use reqwest::{Certificate, Client, Identity, Url, redirect};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The hub: where the station is, and what happened so far.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) config: SandboxConfig,
    pub(crate) station: Url,
    /// Where payment options are asked.
    pub(crate) options_base: Url,
    pub(crate) http: Client,
    pub(crate) archives: Archives,
    pub(crate) limits: Limits,
    pub(crate) interfaces: Interfaces,
    memory: Mutex<Memory>,
}

/// Everything that happened, the oldest forgotten.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) mischief: Mischief,
    pub(crate) carts: Recent<Cart>,
    pub(crate) receipts: Recent<SentReceipt>,
    pub(crate) journal: Recent<Exchange>,
    pub(crate) exchanges: u64,
    pub(crate) flows: Recent<Flow>,
    /// For their numbers.
    pub(crate) flows_made: u64,
    pub(crate) stand_in: Option<StandIn>,
    pub(crate) last_probe: Option<Probe>,
    /// A receipt that waits for the next one to overtake it.
    pub(crate) overtaken: Option<ReceiptId>,
    /// How far the sandbox's calendar is ahead.
    pub(crate) days_ahead: u64,
    /// Notices being paid, or paid: the hub keeps concurrent attempts apart.
    pub(crate) holds: Recent<Hold>,
    /// How the office's program behaves, what it was asked and told.
    pub(crate) manners: Manners,
    pub(crate) asked: Recent<Asked>,
    pub(crate) told: Recent<Told>,
}

/// A notice that cannot be paid now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) institution: CreditorFiscalCode,
    pub(crate) notice_number: NoticeNumber,
    pub(crate) paid: bool,
}

impl Memory {
    fn new() -> Self {
        Self {
            mischief: Mischief::default(),
            carts: Recent::new(1_000),
            receipts: Recent::new(2_000),
            journal: Recent::new(200),
            exchanges: 0,
            flows: Recent::new(2_000),
            flows_made: 0,
            stand_in: None,
            last_probe: None,
            overtaken: None,
            days_ahead: 0,
            holds: Recent::new(5_000),
            manners: Manners::default(),
            asked: Recent::new(REMEMBERED),
            told: Recent::new(REMEMBERED),
        }
    }
}

impl Hub {
    pub(crate) fn new(config: SandboxConfig) -> Result<Self, SandboxError> {
        let station = web_address(&config.station_url)
            .ok_or_else(|| SandboxError::StationUrl(config.station_url.clone()))?;
        let options_base = match &config.options_url {
            None => payment_options::default_base(&station),
            Some(text) => web_address(text).ok_or_else(|| SandboxError::OptionsUrl(text.clone()))?,
        };
        let interfaces = config
            .openapi_folder
            .as_deref()
            .map(Interfaces::read)
            .transpose()?
            .unwrap_or_default();
        // Another part of the process may have chosen a provider already: then there is nothing to do.
        let _chosen_before = rustls::crypto::ring::default_provider().install_default();
        let mut http = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(3))
            .user_agent("sandbox-hub");
        if let Some(identity) = &config.client_identity {
            http = http.identity(Identity::from_pem(identity).map_err(SandboxError::Identity)?);
        }
        if let Some(authority) = &config.authority {
            http = http
                .tls_certs_only(Certificate::from_pem_bundle(authority).map_err(SandboxError::Authority)?);
        }
        let http = http.build().map_err(SandboxError::Client)?;
        Ok(Self {
            config,
            station,
            options_base,
            http,
            archives: Archives::default(),
            limits: Limits::default(),
            interfaces,
            memory: Mutex::new(Memory::new()),
        })
    }

    /// The memory, for a moment: never held while waiting.
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The instant in the sandbox's calendar.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let now = clock::now();
        now.checked_add_days(Days::new(self.memory().days_ahead))
            .unwrap_or(now)
    }

    pub(crate) fn mischief(&self) -> Mischief {
        self.memory().mischief
    }

    pub(crate) fn forget_everything(&self) {
        *self.memory() = Memory::new();
        self.archives.forget_everything();
        self.limits.forget();
    }

    /// Writes an exchange down and gives it its number.
    pub(crate) fn record(&self, exchange: Exchange) {
        tracing::info!(
            operation = exchange.operation,
            outcome = exchange.outcome,
            milliseconds = exchange.milliseconds,
            "exchange with the institution"
        );
        let mut memory = self.memory();
        memory.exchanges += 1;
        let number = memory.exchanges;
        memory.journal.push(Exchange { number, ..exchange });
    }

    /// What stands in a form where an institution is asked: the broker, when it is one itself.
    pub(crate) fn usual_institution(&self) -> &str {
        let broker = self.config.broker.as_str();
        CreditorFiscalCode::parse(broker).map_or("", |_| broker)
    }

    /// The institution's site, for links: the station's address without its path.
    pub(crate) fn portal(&self) -> String {
        format!("{}/", self.station.origin().ascii_serialization())
    }
}

fn web_address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}
