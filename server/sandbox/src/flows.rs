//! Flow reports: what each payment provider credited, by day and by account.
//!
//! A day that ends gives one flow for each provider, institution and account with payments of that day (settlement is
//! one bank transfer for each flow). Stamp duties are never in a flow. Faults are switched on in [`FlowMischief`].

mod lines;
pub(crate) mod service;
mod xml;

pub(crate) use lines::{Line, Outcome};

use crate::archive::Feed;
use crate::hub::Hub;
use crate::mischief::FlowMischief;
use crate::receipts::SentReceipt;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Europe::Rome;
use domain::receipt::{Psp, ReceiptDestination};
use domain::{Cents, CreditorFiscalCode};
use std::collections::BTreeMap;

/// A flow as it was published.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    /// `identificativoFlusso`
    pub(crate) id: String,
    pub(crate) revision: u32,
    pub(crate) psp: Psp,
    pub(crate) institution: CreditorFiscalCode,
    pub(crate) institution_name: String,
    /// Number of the bank transfer.
    pub(crate) regulation: String,
    /// Day of the bank transfer.
    pub(crate) regulated_on: NaiveDate,
    pub(crate) published_at: DateTime<Utc>,
    /// What happened.
    truth: Vec<Line>,
    /// What is told.
    pub(crate) lines: Vec<Line>,
    /// The total told.
    pub(crate) total: Cents,
}

impl Flow {
    /// What the lines sum to.
    pub(crate) fn computed_total(&self) -> Cents {
        lines::total(&self.lines)
    }

    /// The flow again, told otherwise: the next revision.
    fn revised(&self, fault: FlowMischief, now: DateTime<Utc>) -> Option<Self> {
        let (lines, total) = lines::told(&self.truth, fault)?;
        Some(Self {
            revision: self.revision + 1,
            published_at: now,
            lines,
            total,
            ..self.clone()
        })
    }
}

/// What goes into one flow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Bundle {
    paid_on: NaiveDate,
    psp: String,
    institution: CreditorFiscalCode,
    account: String,
}

impl Hub {
    /// Lets days pass: payments of the days that ended are told in flows, which are returned.
    pub(crate) fn advance(&self, days: u64, fault: FlowMischief) -> Vec<Flow> {
        self.memory().days_ahead += days;
        self.limits.forget();
        let now = self.now();
        let today = now.with_timezone(&Rome).date_naive();
        let mut memory = self.memory();
        let mut bundles: BTreeMap<Bundle, (Psp, String, Vec<Line>)> = BTreeMap::new();
        for sent in memory
            .receipts
            .iter_mut()
            .filter(|sent| !sent.reported && paid_on(sent) < today)
        {
            sent.reported = true;
            collect(&mut bundles, sent);
        }
        let mut made = Vec::new();
        for (bundle, (psp, name, truth)) in bundles {
            let Some((lines, total)) = lines::told(&truth, fault) else {
                continue;
            };
            memory.flows_made += 1;
            let regulated_on = bundle
                .paid_on
                .checked_add_days(Days::new(1))
                .unwrap_or(bundle.paid_on);
            let number = memory.flows_made;
            let flow = Flow {
                id: format!("{regulated_on}{}-{number:09}", psp.id),
                revision: 1,
                psp,
                institution: bundle.institution,
                institution_name: name,
                regulation: format!("TRN{}{number:012}", regulated_on.format("%Y%m%d")),
                regulated_on,
                published_at: now,
                truth,
                lines,
                total,
            };
            let second =
                matches!(fault, FlowMischief::TwoRevisions).then(|| flow.revised(FlowMischief::None, now));
            for flow in [Some(flow), second.flatten()].into_iter().flatten() {
                memory.flows.push(flow.clone());
                made.push(flow);
            }
        }
        drop(memory);
        self.mark_reported(&made);
        made
    }

    /// Publishes a flow again, told with a fault or without: its next revision.
    pub(crate) fn revise(&self, id: &str, fault: FlowMischief) -> Option<Flow> {
        let now = self.now();
        let mut memory = self.memory();
        let revised = memory.flows.find(|flow| flow.id == id)?.revised(fault, now)?;
        memory.flows.push(revised.clone());
        Some(revised)
    }

    fn mark_reported(&self, flows: &[Flow]) {
        for flow in flows {
            for line in &flow.truth {
                for feed in [Feed::Aca, Feed::Gpd] {
                    let mut archive = self.archives.positions(feed);
                    archive.report(&line.issuer, &line.notice_number, line.transfer, &flow.id);
                }
            }
        }
    }
}

fn collect(bundles: &mut BTreeMap<Bundle, (Psp, String, Vec<Line>)>, sent: &SentReceipt) {
    let receipt = &sent.receipt;
    for transfer in &receipt.transfers {
        let ReceiptDestination::Account(account) = &transfer.destination else {
            continue;
        };
        let bundle = Bundle {
            paid_on: paid_on(sent),
            psp: receipt.psp.id.clone(),
            institution: transfer.beneficiary.clone(),
            account: account.clone(),
        };
        let name = transfer
            .beneficiary_name
            .clone()
            .unwrap_or_else(|| receipt.company_name.clone());
        let (_, _, lines) = bundles
            .entry(bundle)
            .or_insert_with(|| (receipt.psp.clone(), name, Vec::new()));
        lines.push(Line {
            issuer: receipt.issuer.clone(),
            notice_number: receipt.notice_number.clone(),
            iuv: receipt.iuv.to_string(),
            iur: receipt.id.to_string(),
            transfer: transfer.id,
            amount: transfer.amount,
            outcome: if receipt.stand_in {
                Outcome::StandIn
            } else {
                Outcome::Executed
            },
            paid_at: receipt.paid_at.map_or(DateTime::UNIX_EPOCH, instant),
        });
    }
}

fn paid_on(sent: &SentReceipt) -> NaiveDate {
    sent.receipt.paid_at.map(|at| at.date()).unwrap_or_default()
}

/// The instant of an Italian time.
fn instant(local: NaiveDateTime) -> DateTime<Utc> {
    Rome.from_local_datetime(&local)
        .earliest()
        .map_or(local.and_utc(), |at| at.to_utc())
}
