//! Flow reports and the receipts they miss.

use crate::support::{CITY, city, company, day, instant, new_receipt, noon, number, receipt};
use chrono::{DateTime, Duration, Utc};
use domain::flow_report::{
    FlowFinding, FlowKey, FlowOutcome, FlowParty, FlowReport, FlowRow, FlowTotals, check_flow,
};
use domain::{Cents, CreditorFiscalCode, ReceiptId};
use storage::flow_reports::{
    FlowRecorded, FlowState, MissingSince, StoredFlow, announce_flows, find_flow, find_last_published,
    list_flow_rows, list_flows, list_flows_to_fetch, list_missing_receipts, list_revisions, record_flow,
};
use storage::receipt_requests::{
    Asked, RequestOutcome, answer_request, lock_and_count_requests, record_request, withdraw_request,
};
use storage::receipts::record_receipt;
use storage::testing::TestStore;

fn key(flow: u32, revision: u32) -> FlowKey {
    FlowKey {
        institution: city(),
        psp: "PSPXITR1XXX".to_owned(),
        id: format!("2026-11-21PSPXITR1XXX-{flow:07}").parse().unwrap(),
        revision,
    }
}

fn row(place: u32, iur: &str, outcome: FlowOutcome) -> FlowRow {
    FlowRow {
        index: place,
        iuv: number(u64::from(place)).iuv().to_string(),
        iur: iur.to_owned(),
        transfer_id: Some(1),
        amount: Cents::new(12_050),
        outcome,
        paid_on: day("2026-11-20"),
    }
}

fn report(key: FlowKey, rows: &[FlowRow]) -> FlowReport {
    FlowReport {
        made_at: "2026-11-22T06:00:00.5".parse().unwrap(),
        regulation: "0306912345678901234567890IT".to_owned(),
        regulated_on: day("2026-11-21"),
        bank: Some("PSPXITR1XXX".to_owned()),
        sender: FlowParty {
            code: key.psp.clone(),
            name: Some("Banca d'Àvola".to_owned()),
        },
        receiver: FlowParty {
            code: key.institution.to_string(),
            name: None,
        },
        declared: FlowTotals {
            count: rows.len() as u64,
            sum: Cents::sum(rows.iter().map(|row| row.amount)).unwrap(),
        },
        computed: None,
        key,
    }
}

async fn keep(store: &TestStore, report: &FlowReport, rows: &[FlowRow], at: DateTime<Utc>) -> FlowRecorded {
    let mut tx = store.begin().await.unwrap();
    let recorded = record_flow(&mut tx, report, rows, &check_flow(report, rows), at)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    recorded
}

async fn announce(store: &TestStore, flows: &[(FlowKey, DateTime<Utc>)]) -> u64 {
    let mut tx = store.begin().await.unwrap();
    let new = announce_flows(&mut tx, flows, noon()).await.unwrap();
    tx.commit().await.unwrap();
    new
}

async fn found(store: &TestStore, key: &FlowKey) -> Option<StoredFlow> {
    find_flow(&mut store.read().await.unwrap(), key).await.unwrap()
}

async fn rows_of(store: &TestStore, key: &FlowKey) -> Vec<FlowRow> {
    let mut snapshot = store.read().await.unwrap();
    list_flow_rows(&mut snapshot, key, 0, 100_000).await.unwrap()
}

pub(crate) async fn a_flow_is_read_back_as_it_was_written(store: &TestStore) {
    let rows = [
        row(1, "one", FlowOutcome::Executed),
        FlowRow {
            transfer_id: None,
            amount: Cents::new(-500),
            iuv: "con spazi e àccenti".to_owned(),
            ..row(2, "' OR 1=1 --", FlowOutcome::Revoked)
        },
        row(3, "three", FlowOutcome::NoRpt),
    ];
    let wrong = FlowReport {
        declared: FlowTotals {
            count: 4,
            sum: Cents::new(1),
        },
        ..report(key(1, 2), &rows)
    };
    assert_eq!(keep(store, &wrong, &rows, noon()).await, FlowRecorded::New);
    let findings = check_flow(&wrong, &rows);
    assert!(matches!(
        findings[..],
        [FlowFinding::Count { .. }, FlowFinding::Sum { .. }]
    ));
    assert_eq!(
        found(store, &key(1, 2)).await,
        Some(StoredFlow {
            key: key(1, 2),
            published_at: None,
            state: FlowState::Fetched {
                at: noon(),
                report: Box::new(wrong),
                findings,
            },
        })
    );
    assert_eq!(rows_of(store, &key(1, 2)).await, rows);
    let mut snapshot = store.read().await.unwrap();
    assert_eq!(
        list_flow_rows(&mut snapshot, &key(1, 2), 1, 1).await.unwrap(),
        rows[1..2]
    );
    assert_eq!(found(store, &key(1, 1)).await, None);
}

pub(crate) async fn a_flow_is_announced_once_and_fetched_once(store: &TestStore) {
    let published = instant("2026-11-22T05:10:00Z");
    assert_eq!(
        announce(store, &[(key(1, 1), published), (key(2, 1), published)]).await,
        2
    );
    assert_eq!(announce(store, &[(key(1, 1), noon())]).await, 0);
    let announced = found(store, &key(1, 1)).await.unwrap();
    assert_eq!(announced.published_at, Some(published));
    assert_eq!(announced.state, FlowState::Announced);

    let rows = [row(1, "one", FlowOutcome::Executed)];
    let head = report(key(1, 1), &rows);
    assert_eq!(keep(store, &head, &rows, noon()).await, FlowRecorded::New);
    let other = [row(1, "other", FlowOutcome::Executed)];
    let later = noon() + Duration::hours(1);
    assert_eq!(
        keep(store, &report(key(1, 1), &other), &other, later).await,
        FlowRecorded::Repeated
    );
    assert_eq!(rows_of(store, &key(1, 1)).await, rows);
    let kept = found(store, &key(1, 1)).await.unwrap();
    assert_eq!(kept.published_at, Some(published));
    assert!(matches!(kept.state, FlowState::Fetched { at, .. } if at == noon()));
}

pub(crate) async fn a_flow_fetched_by_many_at_once_is_kept_once(store: &TestStore) {
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = (**store).clone();
            tokio::spawn(async move {
                let rows = [row(1, "one", FlowOutcome::Executed)];
                let mut tx = store.begin().await.unwrap();
                let recorded = record_flow(&mut tx, &report(key(1, 1), &rows), &rows, &[], noon())
                    .await
                    .unwrap();
                tx.commit().await.unwrap();
                recorded
            })
        })
        .collect();
    let mut new = 0;
    for task in tasks {
        new += usize::from(task.await.unwrap() == FlowRecorded::New);
    }
    assert_eq!(new, 1);
    assert_eq!(rows_of(store, &key(1, 1)).await.len(), 1);
}

pub(crate) async fn flows_are_fetched_oldest_first_and_never_a_revision_that_was_superseded(
    store: &TestStore,
) {
    let at = |hour: i64| noon() + Duration::hours(hour);
    let elsewhere = FlowKey {
        institution: company(),
        ..key(9, 1)
    };
    announce(
        store,
        &[
            (key(2, 1), at(2)),
            (key(1, 1), at(3)),
            (key(2, 2), at(4)),
            (elsewhere.clone(), at(9)),
        ],
    )
    .await;
    let mut snapshot = store.read().await.unwrap();
    assert_eq!(
        list_flows_to_fetch(&mut snapshot, &city(), 10).await.unwrap(),
        [key(1, 1), key(2, 2)]
    );
    assert_eq!(
        list_flows_to_fetch(&mut snapshot, &city(), 1).await.unwrap(),
        [key(1, 1)]
    );
    assert_eq!(
        find_last_published(&mut snapshot, &city()).await.unwrap(),
        Some(at(4))
    );
    assert_eq!(
        find_last_published(&mut snapshot, &company()).await.unwrap(),
        Some(at(9))
    );
    let stranger: CreditorFiscalCode = "01199250158".parse().unwrap();
    assert_eq!(find_last_published(&mut snapshot, &stranger).await.unwrap(), None);
    let listed = list_flows(&mut snapshot, &city(), 2).await.unwrap();
    assert_eq!(
        listed.into_iter().map(|flow| flow.key).collect::<Vec<_>>(),
        [key(2, 2), key(1, 1)]
    );
    let revisions = list_revisions(&mut snapshot, &city(), &key(2, 1).id)
        .await
        .unwrap();
    assert_eq!(
        revisions.into_iter().map(|flow| flow.key).collect::<Vec<_>>(),
        [key(2, 2), key(2, 1)]
    );
}

pub(crate) async fn a_flow_of_ten_thousand_payments_is_kept_whole(store: &TestStore) {
    let rows: Vec<_> = (1..=10_000)
        .map(|place| row(place, &format!("iur-{place}"), FlowOutcome::Executed))
        .collect();
    let head = report(key(1, 1), &rows);
    assert_eq!(keep(store, &head, &rows, noon()).await, FlowRecorded::New);
    assert_eq!(rows_of(store, &key(1, 1)).await, rows);
}

fn since(asked_before: DateTime<Utc>) -> MissingSince {
    MissingSince {
        fetched_at: noon(),
        asked_before,
        times_max: 2,
    }
}

async fn missing(store: &TestStore, since: MissingSince) -> Vec<String> {
    let mut snapshot = store.read().await.unwrap();
    let missing = list_missing_receipts(&mut snapshot, &city(), since, 10)
        .await
        .unwrap();
    missing
        .into_iter()
        .map(|missing| missing.id.to_string())
        .collect()
}

pub(crate) async fn a_payment_without_its_receipt_is_found(store: &TestStore) {
    let rows = [
        row(1, "here", FlowOutcome::Executed),
        row(2, "missing", FlowOutcome::Executed),
        FlowRow {
            transfer_id: Some(2),
            ..row(2, "missing", FlowOutcome::Executed)
        },
        row(3, "stand-in", FlowOutcome::StandIn),
        row(4, "revoked", FlowOutcome::Revoked),
        row(5, "without-request", FlowOutcome::NoRpt),
        row(6, "no id", FlowOutcome::Executed),
    ];
    keep(store, &report(key(1, 1), &rows), &rows, noon()).await;
    let mut tx = store.begin().await.unwrap();
    record_receipt(&mut tx, &new_receipt(receipt(1, "here")))
        .await
        .unwrap();
    // Another institution's copy is not ours.
    let theirs = domain::Receipt {
        recipient: company(),
        ..receipt(2, "missing")
    };
    record_receipt(&mut tx, &new_receipt(theirs)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(missing(store, since(noon())).await, ["missing", "stand-in"]);
    let later = MissingSince {
        fetched_at: noon() + Duration::seconds(1),
        ..since(noon())
    };
    assert_eq!(missing(store, later).await, [""; 0]);
}

pub(crate) async fn only_the_last_revision_of_a_flow_misses_receipts(store: &TestStore) {
    let first = [row(1, "dropped", FlowOutcome::Executed)];
    let second = [row(1, "kept", FlowOutcome::Executed)];
    keep(store, &report(key(1, 1), &first), &first, noon()).await;
    announce(store, &[(key(1, 2), noon())]).await;
    assert_eq!(missing(store, since(noon())).await, ["dropped"]);
    keep(store, &report(key(1, 2), &second), &second, noon()).await;
    assert_eq!(missing(store, since(noon())).await, ["kept"]);
}

async fn ask(store: &TestStore, id: &str, ordinal: u8, at: DateTime<Utc>) {
    let mut tx = store.begin().await.unwrap();
    record_request(
        &mut tx,
        &city(),
        &ReceiptId::parse(id).unwrap(),
        ordinal,
        None,
        at,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

pub(crate) async fn a_receipt_asked_for_lately_or_often_is_not_missing_for_now(store: &TestStore) {
    let rows = [
        row(1, "lately", FlowOutcome::Executed),
        row(2, "often", FlowOutcome::Executed),
        row(3, "long-ago", FlowOutcome::Executed),
    ];
    keep(store, &report(key(1, 1), &rows), &rows, noon()).await;
    let ago = |days: i64| noon() - Duration::days(days);
    ask(store, "lately", 1, ago(1) + Duration::seconds(1)).await;
    ask(store, "often", 1, ago(9)).await;
    ask(store, "often", 2, ago(8)).await;
    ask(store, "long-ago", 1, ago(1)).await;
    assert_eq!(missing(store, since(ago(1))).await, ["long-ago"]);
}

pub(crate) async fn questions_are_counted_and_their_answers_noted(store: &TestStore) {
    let id = ReceiptId::parse("one").unwrap();
    let hour_ago = noon() - Duration::hours(1);
    ask(store, "one", 1, hour_ago).await;
    ask(store, "one", 2, hour_ago + Duration::seconds(1)).await;
    ask(store, "two", 1, noon()).await;
    let mut tx = store.begin().await.unwrap();
    let asked = lock_and_count_requests(&mut tx, hour_ago, &city(), &id)
        .await
        .unwrap();
    assert_eq!(
        asked,
        Asked {
            lately: 2,
            first_lately: Some(hour_ago + Duration::seconds(1)),
            of_this: vec![hour_ago, hour_ago + Duration::seconds(1)],
        }
    );
    let nobody = CITY.replace('2', "3").parse().unwrap();
    let asked = lock_and_count_requests(&mut tx, noon(), &nobody, &id)
        .await
        .unwrap();
    assert_eq!(asked, Asked::default());
    for outcome in [
        RequestOutcome::NotFound,
        RequestOutcome::Unreadable,
        RequestOutcome::NoAnswer,
        RequestOutcome::Taken,
    ] {
        answer_request(&mut tx, &city(), &id, 2, outcome).await.unwrap();
    }
    assert!(
        answer_request(&mut tx, &city(), &id, 3, RequestOutcome::Taken)
            .await
            .is_err()
    );
    withdraw_request(&mut tx, &city(), &id, 2).await.unwrap();
    let asked = lock_and_count_requests(&mut tx, hour_ago, &city(), &id)
        .await
        .unwrap();
    assert_eq!((asked.lately, asked.of_this), (1, vec![hour_ago]));
}

pub(crate) async fn two_never_count_at_the_same_time(store: &TestStore) {
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let store = (**store).clone();
            tokio::spawn(async move {
                let id = ReceiptId::parse("one").unwrap();
                let mut tx = store.begin().await.unwrap();
                let asked = lock_and_count_requests(&mut tx, noon() - Duration::hours(1), &city(), &id)
                    .await
                    .unwrap();
                let next = u8::try_from(asked.of_this.len()).unwrap() + 1;
                record_request(&mut tx, &city(), &id, next, None, noon())
                    .await
                    .unwrap();
                tx.commit().await.unwrap();
                next
            })
        })
        .collect();
    let mut ordinals = Vec::new();
    for task in tasks {
        ordinals.push(task.await.unwrap());
    }
    ordinals.sort_unstable();
    assert_eq!(ordinals, [1, 2, 3, 4, 5, 6]);
}
