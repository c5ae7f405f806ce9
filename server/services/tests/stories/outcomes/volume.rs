//! Many outcomes: each delivered at least once, in the order of its position.

use super::receiver::{Does, OK, Receiver, outcomes_calling};
use super::sending::assert_in_order;
use super::{application, fan_out_all};
use crate::support::{City, code, number};
use chrono::Duration;
use domain::outcome::{NoticeReference, Outcome, OutcomeContent, Payment};
use domain::{Cents, ReceiptId};
use services::jobs::{JobKind, drain};
use services::outcomes::endpoints::{By, add_endpoint, show_endpoint};
use std::collections::HashSet;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;
use storage::outcomes::record_outcomes;
use storage::testing::TestStore;

/// Outcomes of each position.
const OF_ONE: u64 = 4;

async fn deliver_all(city: &mut City, outcomes: u64) {
    // One in a hundred is not taken the first time.
    let receiver = Receiver::deciding(|place, _| {
        if place % 100 == 99 {
            Does::Answers("503 Service Unavailable")
        } else {
            OK
        }
    })
    .await;
    city.services.outcomes = Arc::new(outcomes_calling(&["127.0.0.0/8"]));
    let services = &city.services;
    let caller = application(services, "anagrafe", None).await;
    let by = By::Caller(&caller);
    let endpoint = add_endpoint(services, by, &receiver.url(), None, None)
        .await
        .unwrap();
    let paid = |place: u64| Outcome {
        institution: code(crate::support::CITY),
        service: Some("mensa".to_owned()),
        position: Some(format!("key-{}", place / OF_ONE)),
        at: services.clock.now(),
        content: OutcomeContent::Paid {
            payment: Payment {
                notice: NoticeReference {
                    notice_number: number(place),
                    iuv: number(place).iuv(),
                    amount: Cents::new(12_050),
                },
                receipt_id: ReceiptId::parse(&format!("iur-{place}")).unwrap(),
                provider: None,
                paid_at_local: None,
            },
            position_paid: false,
        },
        fact: format!("paid {place}"),
    };
    let all: Vec<Outcome> = (0..outcomes).map(paid).collect();
    for some in all.chunks(10_000) {
        let mut tx = services.store.begin().await.unwrap();
        record_outcomes(&mut tx, some).await.unwrap();
        tx.commit().await.unwrap();
    }
    let begun = Instant::now();
    fan_out_all(services).await;
    let fanned_out = begun.elapsed();
    let begun = Instant::now();
    loop {
        drain(services, &[JobKind::OutcomeDelivery], "sender", 1_000)
            .await
            .unwrap();
        let (_, counts) = show_endpoint(services, by, &endpoint.endpoint).await.unwrap();
        assert_eq!(counts.dead, 0);
        if counts.waiting == 0 {
            assert_eq!(counts.delivered, outcomes);
            break;
        }
        city.clock.advance(Duration::seconds(31));
    }
    let delivered = begun.elapsed();
    let arrived = receiver.received();
    let ids: HashSet<&str> = arrived.iter().map(super::receiver::Received::id).collect();
    assert_eq!(ids.len() as u64, outcomes);
    assert_in_order(&arrived);
    let _ = writeln!(
        std::io::stderr(),
        "{}: {outcomes} outcomes into the feed in {fanned_out:?}, delivered in {delivered:?} by {} requests",
        services.store.engine_name(),
        arrived.len()
    );
}

async fn on_every_engine(outcomes: u64) {
    Box::pin(deliver_all(
        &mut City::on(TestStore::sqlite().await).await,
        outcomes,
    ))
    .await;
    if let Some(store) = TestStore::postgres().await {
        Box::pin(deliver_all(&mut City::on(store).await, outcomes)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_outcomes_are_delivered_each_at_least_once_and_in_order() {
    Box::pin(on_every_engine(5_000)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement of minutes: cargo test --release -p services --test stories -- --ignored hundred_thousand"]
async fn a_hundred_thousand_outcomes_are_delivered_each_at_least_once_and_in_order() {
    Box::pin(on_every_engine(100_000)).await;
}
