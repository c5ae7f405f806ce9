//! The sandbox's memory.

use crate::archive::Archives;
use crate::cart::Cart;
use crate::clock;
use crate::journal::Exchange;
use crate::mischief::Mischief;
use crate::receipts::SentReceipt;
use crate::recent::Recent;
use crate::{SandboxConfig, SandboxError};
use chrono::{DateTime, Days, Utc};
use domain::{CreditorFiscalCode, NoticeNumber};
use reqwest::{Client, Url, redirect};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The hub: where the station is, and what happened so far.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) config: SandboxConfig,
    pub(crate) station: Url,
    pub(crate) http: Client,
    pub(crate) archives: Archives,
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
    /// How far the sandbox's calendar is ahead.
    pub(crate) days_ahead: u64,
    /// Notices being paid, or paid: the hub keeps concurrent attempts apart.
    pub(crate) holds: Recent<Hold>,
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
            days_ahead: 0,
            holds: Recent::new(5_000),
        }
    }
}

impl Hub {
    pub(crate) fn new(config: SandboxConfig) -> Result<Self, SandboxError> {
        let station = Url::parse(&config.station_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or_else(|| SandboxError::StationUrl(config.station_url.clone()))?;
        // Another part of the process may have chosen a provider already: then there is nothing to do.
        let _chosen_before = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(3))
            .user_agent("sandbox-hub")
            .build()
            .map_err(SandboxError::Client)?;
        Ok(Self {
            config,
            station,
            http,
            archives: Archives::default(),
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

    /// The institution's site, for links: the station's address without its path.
    pub(crate) fn portal(&self) -> String {
        format!("{}/", self.station.origin().ascii_serialization())
    }
}
