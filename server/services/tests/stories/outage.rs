//! An hour without the hub, on the tests' clock: everything is tried again with its waits, and done once when it is back.

use crate::archive::ArchiveDouble;
use crate::feed::{cancel, owes_many, status};
use crate::flow_hub::FlowHub;
use crate::flow_reports::{report, row};
use crate::support::{CITY, City, cities, code, number, position, receipt};
use chrono::Duration;
use domain::DebtPositionStatus;
use domain::feed::Held;
use domain::flow_report::{FlowOutcome, FlowRow};
use pagopa::gateway::{Call, CallError, Product};
use services::feed::schedule;
use services::flow_reports::{collect_flow_reports, find_flow_payments, schedule_collection};
use services::hub::{Calling, HubError, HubGateway};
use services::jobs::{JobKind, drain};
use services::message_log::About;
use services::missing_receipts::schedule_search;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use storage::jobs::{JobState, list_jobs};

const KINDS: [JobKind; 5] = [
    JobKind::FeedUpload,
    JobKind::Feed,
    JobKind::FeedCompare,
    JobKind::FlowCollection,
    JobKind::ReceiptSearch,
];

/// A hub with its archive, its flow reports and its receipts, which can go away.
struct WholeHub {
    is_away: AtomicBool,
    archive: Arc<ArchiveDouble>,
    flows: Arc<FlowHub>,
    /// Calls made while it was away, by operation.
    in_vain: Mutex<BTreeMap<&'static str, u32>>,
}

impl WholeHub {
    fn of(city: &mut City) -> Arc<Self> {
        let hub = Arc::new(Self {
            is_away: AtomicBool::new(false),
            archive: Arc::default(),
            flows: FlowHub::of(city),
            in_vain: Mutex::default(),
        });
        city.services.hub = hub.clone();
        hub
    }
}

impl HubGateway for WholeHub {
    fn call<'a>(&'a self, product: Product, call: &'a Call, about: &'a About) -> Calling<'a> {
        if self.is_away.load(Ordering::Relaxed) {
            *self.in_vain.lock().unwrap().entry(call.operation).or_default() += 1;
            return Box::pin(std::future::ready(Err(HubError::Call(CallError::Unreachable))));
        }
        match product {
            Product::FlowReports | Product::Receipts => self.flows.call(product, call, about),
            Product::Aca | Product::AcaBulk | Product::Gpd | Product::GpdBulk | Product::Checkout => {
                self.archive.call(product, call, about)
            }
        }
    }

    fn offers(&self, _: Product) -> bool {
        true
    }
}

/// What a server does by itself, for so long.
async fn serve(city: &City, time: Duration) {
    let end = city.services.clock.now() + time;
    while city.services.clock.now() < end {
        schedule(&city.services).await.unwrap();
        drain(&city.services, &KINDS, "worker", 100).await.unwrap();
        city.clock.advance(Duration::seconds(15));
    }
}

fn payment(base: u64, iur: &str) -> FlowRow {
    FlowRow {
        iuv: number(base).iuv().to_string(),
        ..row(1, iur, FlowOutcome::Executed)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_hour_without_the_hub_delays_everything_and_loses_or_doubles_nothing() {
    for mut city in cities().await {
        let hub = WholeHub::of(&mut city);
        // A file of positions is on its way, and the receipt of a payment never came.
        let many = owes_many(&city).await;
        schedule(&city.services).await.unwrap();
        drain(&city.services, &JobKind::FEED, "worker", 10).await.unwrap();
        assert_eq!(hub.archive.take_calls(), ["create-debt-positions-by-file-upload"]);
        let known = [payment(5, "lost")];
        hub.flows
            .publish(&report(1, 1, &known), &known, "2026-11-22T05:10:00Z");
        collect_flow_reports(&city.services, &code(CITY)).await.unwrap();
        hub.flows.has_receipt(&receipt("lost", 5));
        hub.flows.called();

        hub.is_away.store(true, Ordering::Relaxed);
        schedule_collection(&city.services).await.unwrap();
        schedule_search(&city.services).await.unwrap();
        cancel(&city, &position(3)).await;
        city.owes(&position(many + 1)).await;
        // Payments go on: the hub still reaches us.
        city.deliver(&receipt("meanwhile", 4)).await;
        let new = [payment(4, "meanwhile")];
        let report = report(2, 1, &new);
        hub.flows.publish(&report, &new, "2026-11-23T09:10:00Z");
        serve(&city, Duration::hours(1)).await;

        // Doubled from ten seconds on, and shortened at random by less than a half, the waits leave room for so many.
        let in_vain = std::mem::take(&mut *hub.in_vain.lock().unwrap());
        for operation in [
            "createPosition",
            "get-debt-positions-upload-report",
            "getAllPublishedFlows",
            "getOrganizationReceiptIuvIur",
        ] {
            let tried = in_vain.get(operation).copied().unwrap_or_default();
            assert!((7..=11).contains(&tried), "{operation}: {in_vain:?}");
        }
        let (of, _) = status(&city).await;
        assert_eq!((of.count(Held::Uploading), of.refused.len()), (many, 0));

        hub.is_away.store(false, Ordering::Relaxed);
        // No wait is longer.
        serve(&city, Duration::hours(1) + Duration::minutes(1)).await;
        let mut snapshot = city.services.store.glance().await.unwrap();
        for kind in KINDS {
            let dead = list_jobs(&mut snapshot, kind.as_str(), JobState::Dead, 10)
                .await
                .unwrap();
            assert_eq!(dead, []);
        }
        drop(snapshot);
        let mut calls = hub.archive.take_calls();
        calls.sort_unstable();
        assert_eq!(
            calls,
            [
                "createPosition",
                "deletePosition",
                "get-debt-positions-upload-report",
                "get-debt-positions-upload-report"
            ]
        );
        let (of, _) = status(&city).await;
        assert_eq!(
            (of.pending, of.refused.len()),
            (0, 1),
            "one is refused for itself: {of:?}"
        );
        assert_eq!(hub.archive.count(Product::Aca) as u64, many - 2 + 1);
        let mut calls = hub.flows.called();
        calls.sort_unstable();
        assert_eq!(
            calls,
            [
                "getAllPublishedFlows",
                "getOrganizationReceiptIuvIur",
                "getPaymentsFromPublishedFlow",
                "getSinglePublishedFlow"
            ]
        );
        let fetched = find_flow_payments(&city.services, &report.key).await.unwrap();
        assert_eq!(fetched.as_deref(), Some(&new[..]));
        for base in [4, 5] {
            let status = city.status_of(&position(base)).await;
            assert!(
                matches!(status, DebtPositionStatus::Paid { .. }),
                "{base}: {status:?}"
            );
        }
    }
}
