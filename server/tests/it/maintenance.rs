//! A station that is stopped on purpose.

use crate::support::messages::{MUNICIPALITY, delivery, head, number, receipt, verify};
use crate::support::portal::{NOW, Portal};
use axum::http::StatusCode;
use chrono::{DateTime, Duration, Utc};
use domain::{Cents, ReceiptId};
use pagopa::pa_for_node::{Head, verify_payment_notice};
use server::maintenance::MaintenanceWindow;
use storage::receipts::find_receipt;
use storage::testing::TestStore;

/// The municipality's station, stopped for the next half hour.
fn stop() -> MaintenanceWindow {
    let now: DateTime<Utc> = NOW.parse().unwrap();
    MaintenanceWindow {
        station: format!("{MUNICIPALITY}_01"),
        from: now,
        until: now + Duration::minutes(30),
        reason: "new disks".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_station_is_stopped_the_hub_is_asked_to_come_back_and_no_receipt_is_taken() {
    let portal = Portal::with_stops(TestStore::sqlite().await, vec![stop()]).await;
    let place = portal.messages_begun();
    let paid = delivery(&receipt("later", &number(2026000000121), Cents::new(7420)));
    let question = verify(MUNICIPALITY, number(2026000000017).as_str()).write();
    for message in [&paid, &question] {
        let answer = portal.tell(message.clone()).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.header("retry-after"), "1800");
        assert_eq!(
            answer.outcome(),
            "none",
            "a polite refusal would end the hub's attempts"
        );
    }
    let mut snapshot = portal.services.store.read().await.unwrap();
    let recipient = MUNICIPALITY.parse().unwrap();
    let id = ReceiptId::parse("later").unwrap();
    assert!(
        find_receipt(&mut snapshot, &recipient, &id)
            .await
            .unwrap()
            .is_none()
    );
    let (asked, said) = (portal.message(place).await, portal.message(place + 1).await);
    assert_eq!(asked.body, paid.as_bytes());
    assert_eq!(said.request_id, Some(asked.id));
    assert_eq!(said.outcome.as_deref(), Some("planned maintenance"));
    assert_eq!(said.operation, "paSendRTV2");
}

#[tokio::test(flavor = "multi_thread")]
async fn payment_options_of_a_stopped_station_are_to_be_asked_later() {
    let portal = Portal::with_stops(TestStore::sqlite().await, vec![stop()]).await;
    let path = format!(
        "/pagopa/odp/payment-options/organizations/{MUNICIPALITY}/notices/{}",
        number(2026000000017)
    );
    let answer = portal.open(&path).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "1800");
    let elsewhere = path.replace(MUNICIPALITY, "99999999990");
    let unknown = portal.open(&elsewhere).await.status;
    assert_eq!(
        unknown,
        StatusCode::BAD_REQUEST,
        "nobody here is stopped for them"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_station_is_answered_without_its_archive() {
    let portal = Portal::with_stops(TestStore::sqlite().await, vec![stop()]).await;
    portal.services.store.close().await;
    let answer = portal
        .tell(verify(MUNICIPALITY, number(2026000000017).as_str()).write())
        .await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_stations_and_other_times_are_not_touched_by_a_stop() {
    let over = MaintenanceWindow {
        from: stop().from - Duration::hours(1),
        until: stop().from,
        ..stop()
    };
    let portal = Portal::with_stops(TestStore::sqlite().await, vec![over]).await;
    let question = verify(MUNICIPALITY, number(2026000000017).as_str());
    assert_eq!(portal.tell(question.write()).await.outcome(), "OK");

    let portal = Portal::with_stops(TestStore::sqlite().await, vec![stop()]).await;
    let elsewhere = verify_payment_notice::Request {
        head: Head {
            station: format!("{MUNICIPALITY}_99"),
            ..head(MUNICIPALITY)
        },
        ..question
    };
    let answer = portal.tell(elsewhere.write()).await;
    assert_eq!(answer.outcome(), "PAA_STAZIONE_INT_ERRATA");
    let unreadable = portal.tell("rubbish").await;
    assert_eq!(unreadable.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(unreadable.text().contains("faultcode"), "{unreadable:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_says_which_station_is_stopped_and_stays_ready() {
    let portal = Portal::with_stops(TestStore::sqlite().await, vec![stop()]).await;
    let answer = portal.open("/health/ready").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.text(),
        "ready\nstation 00856930102_01 stopped until 2026-11-23T10:30:00Z\n"
    );
}
