//! Receipts that a flow names and that never came.

use crate::flow_hub::FlowHub;
use crate::flow_reports::{report, row};
use crate::support::{CITY, City, cities, code, number, position, receipt};
use chrono::Duration;
use domain::DebtPositionStatus;
use domain::flow_report::{FlowOutcome, FlowRow};
use domain::receipt::ReceiptEffect;
use services::Services;
use services::flow_reports::collect_flow_reports;
use services::jobs::{JobKind, drain};
use services::missing_receipts::{
    NotNow, RecoverError, Recovered, Recovery, recover_missing_receipts, recover_receipt, schedule_search,
};
use services::receipts::{Taken, list_receipts_of_notice};
use std::sync::Arc;
use storage::messages::{MessageKind, find_message};

async fn flow_of(city: &City, hub: &FlowHub, rows: &[FlowRow]) {
    hub.publish(&report(1, 1, rows), rows, "2026-11-22T05:10:00Z");
    collect_flow_reports(&city.services, &code(CITY)).await.unwrap();
    hub.called();
}

async fn recover_missing(city: &City) -> Result<Recovered, RecoverError> {
    recover_missing_receipts(&city.services, &code(CITY)).await
}

async fn recover(city: &City, id: &str) -> Result<Recovery, RecoverError> {
    recover_receipt(&city.services, &code(CITY), &id.parse().unwrap(), None).await
}

fn recovered(taken: u32, not_found: u32, failed: u32) -> Recovered {
    Recovered {
        taken,
        not_found,
        failed,
    }
}

async fn search(services: &Services, worker: &str) -> usize {
    drain(services, &[JobKind::ReceiptSearch], worker, 10)
        .await
        .unwrap()
}

/// A payment of the notice with this base.
fn payment(place: u32, base: u64, iur: &str) -> FlowRow {
    FlowRow {
        iuv: number(base).iuv().to_string(),
        ..row(place, iur, FlowOutcome::Executed)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_a_flow_names_is_asked_for_and_pays_its_notice() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        let debt = position(1);
        city.owes(&debt).await;
        let lost = receipt("lost", 1);
        hub.has_receipt(&lost);
        let rows = [
            payment(1, 1, "lost"),
            row(2, "nobodys", FlowOutcome::NoRpt),
            row(3, "unknown", FlowOutcome::StandIn),
        ];
        flow_of(&city, &hub, &rows).await;
        assert_eq!(recover_missing(&city).await.unwrap(), recovered(1, 1, 0));
        assert_eq!(hub.called(), ["getOrganizationReceiptIuvIur"; 2]);
        assert!(matches!(
            city.status_of(&debt).await,
            DebtPositionStatus::Paid { chosen: 0, .. }
        ));
        let kept = list_receipts_of_notice(&city.services, &code(CITY), &number(1))
            .await
            .unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].receipt, lost);
        assert_eq!(kept[0].effect, ReceiptEffect::Applied);
        // The answer it came in is its message.
        let mut snapshot = city.services.store.glance().await.unwrap();
        let message = find_message(&mut snapshot, kept[0].message_id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(message.kind, MessageKind::Response);
        assert_eq!(message.operation, "getOrganizationReceiptIuvIur");
        drop(snapshot);

        assert_eq!(recover_missing(&city).await.unwrap(), Recovered::default());
        assert_eq!(hub.called(), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_comes_by_itself_later_is_still_answered_and_changes_nothing() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        city.owes(&position(1)).await;
        let lost = receipt("lost", 1);
        hub.has_receipt(&lost);
        assert_eq!(
            recover(&city, "lost").await.unwrap(),
            Recovery::Taken(Taken::New(ReceiptEffect::Applied))
        );
        assert_eq!(city.deliver(&lost).await, Taken::Repeated);
        assert_eq!(recover(&city, "lost").await.unwrap(), Recovery::Here);
        assert_eq!(hub.called().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_the_hub_does_not_have_is_asked_for_once_a_day_and_five_times_in_all() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        flow_of(&city, &hub, &[payment(1, 1, "lost")]).await;
        for _ in 0..5 {
            assert_eq!(recover_missing(&city).await.unwrap(), recovered(0, 1, 0));
            city.clock.advance(Duration::hours(23));
            assert_eq!(recover_missing(&city).await.unwrap(), Recovered::default());
            assert!(matches!(
                recover(&city, "lost").await,
                Err(RecoverError::NotNow(NotNow::AskedLately { .. } | NotNow::GivenUp))
            ));
            city.clock.advance(Duration::hours(1));
        }
        assert_eq!(recover_missing(&city).await.unwrap(), Recovered::default());
        assert!(matches!(
            recover(&city, "lost").await,
            Err(RecoverError::NotNow(NotNow::GivenUp))
        ));
        assert_eq!(hub.called().len(), 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_receipts_an_hour_are_asked_for_however_many_ask() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        let rows: Vec<_> = (1..=25)
            .map(|place| row(place, &format!("lost-{place}"), FlowOutcome::Executed))
            .collect();
        flow_of(&city, &hub, &rows).await;
        let city = Arc::new(city);
        let servers: Vec<_> = (0..3)
            .map(|_| {
                let city = Arc::clone(&city);
                tokio::spawn(async move { recover_missing(&city).await.unwrap().not_found })
            })
            .collect();
        let mut asked = 0;
        for server in servers {
            asked += server.await.unwrap();
        }
        assert_eq!(asked, 10);
        assert_eq!(hub.called().len(), 10);
        assert!(matches!(
            recover(&city, "another").await,
            Err(RecoverError::NotNow(NotNow::HourFull { .. }))
        ));
        city.clock.advance(Duration::hours(1));
        assert_eq!(recover_missing(&city).await.unwrap(), recovered(0, 10, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_servers_one_searches_and_then_nobody_for_an_hour() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        city.owes(&position(1)).await;
        hub.has_receipt(&receipt("lost", 1));
        flow_of(&city, &hub, &[payment(1, 1, "lost"), payment(2, 2, "unknown")]).await;
        let (one, two) = (city.services.clone(), city.another_server().await);
        for server in [&one, &two] {
            schedule_search(server).await.unwrap();
        }
        let first_call = hub.holds_the_next_call();
        let searching = tokio::spawn(async move { search(&one, "one").await });
        hub.is_called().await;
        assert_eq!(search(&two, "two").await, 0);
        first_call.notify_one();
        assert_eq!(searching.await.unwrap(), 1);
        assert_eq!(hub.called().len(), 2);
        assert!(matches!(
            city.status_of(&position(1)).await,
            DebtPositionStatus::Paid { .. }
        ));
        city.clock.advance(Duration::hours(1) - Duration::seconds(1));
        assert_eq!(search(&two, "two").await, 0);
        city.clock.advance(Duration::seconds(1));
        assert_eq!(search(&two, "two").await, 1);
        assert_eq!(hub.called(), [""; 0], "the other is asked for once a day");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_makes_no_sense_is_told_and_counted() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        hub.has_receipt(&receipt("other", 1));
        for (id, instead, expected) in [
            (
                "one",
                (200, "{}"),
                "the answer is not what the interface describes",
            ),
            (
                "two",
                (422, r#"{"title":"Unprocessable"}"#),
                "the hub answers with status 422: Unprocessable",
            ),
        ] {
            hub.answers(Some(instead));
            assert_eq!(recover(&city, id).await.unwrap_err().to_string(), expected);
            assert!(matches!(
                recover(&city, id).await,
                Err(RecoverError::NotNow(NotNow::AskedLately { .. }))
            ));
        }
        hub.answers(None);
        hub.goes_silent_after(Some(0));
        assert!(matches!(recover(&city, "three").await, Err(RecoverError::Hub(_))));
        hub.goes_silent_after(None);
        assert_eq!(
            recover(&city, "other").await.unwrap(),
            Recovery::Taken(Taken::New(ReceiptEffect::Unknown))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_with_another_number_is_not_taken() {
    for mut city in cities().await {
        let hub = FlowHub::of(&mut city);
        hub.has_receipt(&receipt("one", 1));
        assert!(matches!(recover(&city, "one").await, Ok(Recovery::Taken(_))));
        assert_eq!(hub.last_call().path, ["organizations", CITY, "receipts", "one"]);
        hub.repeats_its_first_receipt();
        assert_eq!(
            recover(&city, "two").await.unwrap_err().to_string(),
            "the answer's receiptId cannot be read"
        );
    }
}
