//! Delivery of receipts: again and again until the institution acknowledges, as the hub does.
//!
//! A timeout, a refused connection or a malformed answer is followed by another attempt, up to 48; a well-formed `KO`
//! ends them (technical manual, integration via synchronous APIs).

use crate::hub::Hub;
use crate::mischief::ReceiptMischief;
use crate::station::Failure;
use domain::{Cents, CreditorFiscalCode, NoticeNumber, Receipt, ReceiptId};
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
    pub(crate) edition: Edition,
    /// It is in a flow.
    pub(crate) reported: bool,
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
    /// Never sent: only the receipts service tells it.
    Lost,
}

impl Hub {
    /// Starts to deliver a receipt after `delay`, in a task of its own: a payer who goes away loses nothing. The
    /// channel tells when the first attempt was made.
    pub(crate) fn deliver(
        self: &Arc<Self>,
        receipt: Receipt,
        edition: Edition,
        delay: Duration,
    ) -> oneshot::Receiver<()> {
        let id = receipt.id.clone();
        let mischief = self.mischief();
        let sent = SentReceipt {
            receipt,
            edition,
            reported: false,
            delivery: if mischief.lose_receipt {
                Delivery::Lost
            } else {
                Delivery::Waiting
            },
            attempts: 0,
            reasons: Vec::new(),
        };
        self.memory().receipts.push(sent);
        let (tried, first_attempt) = oneshot::channel();
        if mischief.lose_receipt {
            return first_attempt;
        }
        let Some(ids) = self.in_order(id, mischief.receipt) else {
            return first_attempt;
        };
        let hub = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            let mut tried = Some(tried);
            for id in ids {
                hub.attempt(&id).await;
                // Nobody may be waiting any more.
                let _nobody = tried.take().map(|tried| tried.send(()));
                hub.keep_trying(&id).await;
            }
        });
        first_attempt
    }

    /// The receipts to send now: another may have been overtaken, or this one waits to be.
    fn in_order(&self, id: ReceiptId, mischief: ReceiptMischief) -> Option<Vec<ReceiptId>> {
        let mut memory = self.memory();
        match memory.overtaken.take() {
            Some(overtaken) => Some(vec![id, overtaken]),
            None if mischief == ReceiptMischief::OutOfOrder => {
                memory.overtaken = Some(id);
                None
            }
            None => Some(vec![id]),
        }
    }

    /// Attempts an hour of the sandbox apart, until the institution acknowledges or they are forty-eight.
    async fn keep_trying(&self, id: &ReceiptId) {
        loop {
            let delivery = self
                .memory()
                .receipts
                .find(|sent| sent.receipt.id == *id)
                .map(|sent| sent.delivery);
            if delivery != Some(Delivery::Waiting) {
                break;
            }
            tokio::time::sleep(self.config.retry_pause).await;
            // It may have been tried meanwhile, by hand.
            if self.is_waiting(id) {
                self.attempt(id).await;
            }
        }
        for _copy in 1..self.mischief().receipt_copies {
            self.attempt(id).await;
        }
    }

    fn is_waiting(&self, id: &ReceiptId) -> bool {
        self.memory()
            .receipts
            .find(|sent| sent.receipt.id == *id)
            .is_some_and(|sent| sent.delivery == Delivery::Waiting)
    }

    /// Tries every receipt that waits, now: how many.
    pub(crate) async fn retry_all(&self) -> usize {
        let waiting: Vec<ReceiptId> = self
            .memory()
            .receipts
            .iter()
            .filter(|sent| sent.delivery == Delivery::Waiting)
            .map(|sent| sent.receipt.id.clone())
            .collect();
        for id in waiting.iter().rev() {
            self.attempt(id).await;
        }
        waiting.len()
    }

    /// One attempt to deliver, noted beside the receipt. Forgotten receipts are given up.
    pub(crate) async fn attempt(&self, id: &ReceiptId) -> Delivery {
        let Some((receipt, edition)) = self
            .memory()
            .receipts
            .find(|sent| sent.receipt.id == *id)
            .map(|sent| (sent.receipt.clone(), sent.edition))
        else {
            return Delivery::GivenUp;
        };
        let mischief = self.mischief().receipt;
        let receipt = altered(receipt, mischief);
        let request = send_rt::Request {
            edition,
            head: self.head(&receipt.recipient),
            receipt,
        };
        let result = self.send(&request, mischief).await;
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

/// The receipt as it is told: what the sandbox keeps stays true.
fn altered(mut receipt: Receipt, mischief: ReceiptMischief) -> Receipt {
    match mischief {
        ReceiptMischief::None
        | ReceiptMischief::NoHeader
        | ReceiptMischief::CutXml
        | ReceiptMischief::SlowBytes
        | ReceiptMischief::OutOfOrder => {}
        ReceiptMischief::OtherAmount => {
            receipt.amount = Cents::new(receipt.amount.as_i64() + 1);
            for transfer in receipt.transfers.iter_mut().take(1) {
                transfer.amount = Cents::new(transfer.amount.as_i64() + 1);
            }
        }
        ReceiptMischief::OtherInstitution => {
            let stranger = CreditorFiscalCode::parse("77777777777").expect("eleven digits");
            receipt.recipient = stranger.clone();
            receipt.issuer = stranger;
        }
        ReceiptMischief::UnknownNotice => {
            let number = NoticeNumber::parse("399999999999999949").expect("eighteen digits");
            receipt.iuv = number.iuv();
            receipt.notice_number = number;
        }
    }
    receipt
}
