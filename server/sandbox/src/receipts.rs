//! Delivery of receipts: again and again until the institution acknowledges, as the hub does.
//!
//! A timeout, a refused connection or a malformed answer is followed by another attempt, up to 48; a well-formed `KO`
//! ends them (technical manual, integration via synchronous APIs).

use crate::hub::Hub;
use crate::station::Failure;
use domain::{Receipt, ReceiptId};
use pagopa::pa_for_node::{Edition, send_rt};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// Attempts after which a receipt stays undelivered.
const MAX_ATTEMPTS: u32 = 48;

/// A receipt and its fate.
#[derive(Debug, Clone)]
pub(crate) struct SentReceipt {
    pub(crate) receipt: Receipt,
    pub(crate) delivery: Delivery,
    pub(crate) attempts: u32,
    /// What the last attempt met.
    pub(crate) reasons: Vec<String>,
}

/// Where a receipt's delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Delivery {
    /// Not acknowledged yet.
    Waiting,
    /// Acknowledged with `OK`.
    Delivered,
    /// Acknowledged with `KO`: it will not be sent again.
    Refused,
    /// Not acknowledged after the last attempt.
    GivenUp,
}

impl Hub {
    /// Starts to deliver a receipt after `delay`, in a task of its own: a payer who goes away loses nothing. The
    /// channel tells when the first attempt was made.
    pub(crate) fn deliver(self: &Arc<Self>, receipt: Receipt, delay: Duration) -> oneshot::Receiver<()> {
        let id = receipt.id.clone();
        let sent = SentReceipt {
            receipt,
            delivery: Delivery::Waiting,
            attempts: 0,
            reasons: Vec::new(),
        };
        self.memory().receipts.push(sent);
        let (tried, first_attempt) = oneshot::channel();
        let hub = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            let mut delivery = hub.attempt(&id).await;
            // Nobody may be waiting any more.
            let _nobody = tried.send(());
            while delivery == Delivery::Waiting {
                tokio::time::sleep(hub.config.retry_pause).await;
                delivery = hub.attempt(&id).await;
            }
            for _copy in 1..hub.mischief().receipt_copies {
                hub.attempt(&id).await;
            }
        });
        first_attempt
    }

    /// One attempt to deliver, noted beside the receipt. Forgotten receipts are given up.
    pub(crate) async fn attempt(&self, id: &ReceiptId) -> Delivery {
        let Some(receipt) = self
            .memory()
            .receipts
            .find(|sent| sent.receipt.id == *id)
            .map(|sent| sent.receipt.clone())
        else {
            return Delivery::GivenUp;
        };
        let request = send_rt::Request {
            edition: Edition::Second,
            head: self.head(&receipt.recipient),
            receipt,
        };
        let result = self.send(&request).await;
        let mut memory = self.memory();
        let Some(sent) = memory.receipts.find_mut(|sent| sent.receipt.id == *id) else {
            return Delivery::GivenUp;
        };
        sent.attempts += 1;
        sent.reasons = match &result {
            Ok(()) => Vec::new(),
            Err(failure @ (Failure::Unreachable | Failure::Late)) => vec![failure.hub_code().to_owned()],
            Err(failure) => failure.reasons(),
        };
        sent.delivery = match result {
            Ok(()) => Delivery::Delivered,
            Err(Failure::Ko(_)) => Delivery::Refused,
            Err(_) if sent.attempts >= MAX_ATTEMPTS => Delivery::GivenUp,
            Err(_) => Delivery::Waiting,
        };
        sent.delivery
    }
}
