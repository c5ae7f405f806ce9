use crate::support::*;
use domain::debt_position::DebtPositionEvent as E;
use domain::{DebtPosition, DebtPositionStatus as S};
use std::sync::Arc;
use storage::StorageError;
use storage::debt_positions::{list_expirable, list_position_events, transition_position};
use storage::testing::TestStore;
use tokio::sync::Barrier;

pub(crate) async fn a_receipt_moves_its_position_and_marks_its_notice(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position(1)).await;
    insert(store, &position(2)).await;
    apply(store, &position(1), &receipt_event(1, "r-1"), noon()).await;
    let after = stored(store, &position(1)).await;
    assert_eq!(
        after.position,
        position(1).apply(&receipt_event(1, "r-1")).unwrap()
    );
    assert_eq!((after.version, after.created_at), (1, noon()));
    let paid = notice(store, 1).await;
    assert_eq!(
        paid.position_status,
        S::Paid {
            chosen: 0,
            at: noon()
        }
    );
    assert_eq!(paid.payment.unwrap().receipt_id.as_str(), "r-1");
    assert_eq!(stored(store, &position(2)).await.position, position(2));
}

pub(crate) async fn instalments_are_paid_one_after_the_other(store: &TestStore) {
    with_institutions(store).await;
    let plan = position_with_plan(1);
    insert(store, &plan).await;
    apply(store, &plan, &receipt_event(3, "r-3"), noon()).await;
    assert_eq!(
        notice(store, 1).await.position_status,
        S::Open { chosen: Some(1) }
    );
    assert!(notice(store, 2).await.payment.is_none());
    apply(store, &plan, &receipt_event(2, "r-2"), noon()).await;
    let after = stored(store, &plan).await;
    assert_eq!(
        after.position.status,
        S::Paid {
            chosen: 1,
            at: noon()
        }
    );
    let receipts: Vec<_> = after
        .position
        .instalments()
        .map(|(_, _, i)| i.payment.as_ref().map(|payment| payment.receipt_id.to_string()))
        .collect();
    assert_eq!(receipts, [None, Some("r-2".to_owned()), Some("r-3".to_owned())]);
}

pub(crate) async fn a_transition_from_an_older_version_is_a_conflict(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position(1)).await;
    let read_before = stored(store, &position(1)).await;
    apply(store, &position(1), &receipt_event(1, "r-1"), noon()).await;

    let cancel = E::Cancelled { at: noon() };
    let cancelled = read_before.position.apply(&cancel).unwrap();
    let mut tx = store.begin().await.unwrap();
    let outcome = transition_position(&mut tx, &read_before, &cancelled, &cancel, noon()).await;
    assert!(matches!(outcome, Err(StorageError::Conflict)), "{outcome:?}");
    drop(tx);
    assert_eq!(
        notice(store, 1).await.position_status,
        S::Paid {
            chosen: 0,
            at: noon()
        }
    );
    assert_eq!(stored(store, &position(1)).await.version, 1);
}

pub(crate) async fn of_many_receipts_at_once_one_pays(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position(1)).await;
    let before = Arc::new(stored(store, &position(1)).await);
    let start = Arc::new(Barrier::new(6));
    let contenders = (0..6).map(|contender| {
        let (store, before, start) = ((**store).clone(), Arc::clone(&before), Arc::clone(&start));
        tokio::spawn(async move {
            let event = receipt_event(1, &format!("r-{contender}"));
            let after = before.position.apply(&event).unwrap();
            start.wait().await;
            let mut tx = store.begin().await.unwrap();
            transition_position(&mut tx, &before, &after, &event, noon()).await?;
            tx.commit().await
        })
    });
    let mut winners = 0;
    for contender in contenders.collect::<Vec<_>>() {
        match contender.await.unwrap() {
            Ok(()) => winners += 1,
            Err(StorageError::Conflict) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(winners, 1);
    let after = stored(store, &position(1)).await;
    assert_eq!(after.version, 1);
    let mut snapshot = store.read().await.unwrap();
    assert_eq!(
        list_position_events(&mut snapshot, after.id).await.unwrap().len(),
        1
    );
}

pub(crate) async fn events_are_kept_in_their_order(store: &TestStore) {
    with_institutions(store).await;
    let draft = DebtPosition {
        status: S::Draft,
        ..position(1)
    };
    insert(store, &draft).await;
    let (published_at, replaced_at) = (noon(), instant("2026-11-24T08:00:00.5Z"));
    let replaced = E::Replaced {
        by: number(2),
        at: replaced_at,
    };
    apply(store, &draft, &E::Published, published_at).await;
    // The hub's clock or ours may be behind: the order is that of the versions.
    apply(
        store,
        &draft,
        &E::Expired { at: published_at },
        instant("2026-11-20T00:00:00Z"),
    )
    .await;
    apply(store, &draft, &replaced, replaced_at).await;
    let id = stored(store, &draft).await.id;
    let mut snapshot = store.read().await.unwrap();
    let events = list_position_events(&mut snapshot, id).await.unwrap();
    let told: Vec<_> = events
        .iter()
        .map(|event| (event.version, event.event.as_str()))
        .collect();
    assert_eq!(told, [(1, "published"), (2, "expired"), (3, "replaced")]);
    assert_eq!((events[2].at, &events[2].event), (replaced_at, &replaced));
    assert_eq!(list_position_events(&mut snapshot, id + 1).await.unwrap(), []);
}

/// An open position with a plan of two notices payable until these days.
fn until(base: u64, first: Option<&str>, second: Option<&str>) -> DebtPosition {
    let mut position = position_with_plan(base);
    position.options.remove(0);
    position.options[0].instalments[0].payable_until = first.map(day);
    position.options[0].instalments[1].payable_until = second.map(day);
    position
}

const NONE: [&str; 0] = [];

async fn expirable(store: &TestStore, today: &str, limit: u32) -> Vec<String> {
    let mut snapshot = store.read().await.unwrap();
    let listed = list_expirable(&mut snapshot, day(today), limit).await.unwrap();
    listed.into_iter().map(|stored| stored.position.key).collect()
}

pub(crate) async fn a_position_expires_the_day_after_its_last_day(store: &TestStore) {
    with_institutions(store).await;
    let position = until(1, Some("2026-12-01"), Some("2026-12-31"));
    insert(store, &position).await;
    assert_eq!(expirable(store, "2026-12-31", 10).await, NONE);
    assert_eq!(expirable(store, "2027-01-01", 10).await, [position.key.as_str()]);
    let mut snapshot = store.read().await.unwrap();
    let listed = list_expirable(&mut snapshot, day("2027-01-01"), 10)
        .await
        .unwrap();
    assert_eq!(listed[0].position, position);
    drop(snapshot);
    apply(store, &position, &E::Expired { at: noon() }, noon()).await;
    assert_eq!(expirable(store, "2027-01-01", 10).await, NONE);
}

pub(crate) async fn a_position_that_can_still_be_paid_does_not_expire(store: &TestStore) {
    with_institutions(store).await;
    let one_for_ever = until(10, Some("2026-12-01"), None);
    let draft = DebtPosition {
        status: S::Draft,
        ..until(20, Some("2026-12-01"), Some("2026-12-01"))
    };
    let begun = until(30, Some("2026-12-01"), Some("2026-12-01"));
    for position in [&one_for_ever, &draft, &begun] {
        insert(store, position).await;
    }
    apply(store, &begun, &receipt_event(31, "r-1"), noon()).await;
    assert_eq!(expirable(store, "2030-01-01", 10).await, NONE);
}

pub(crate) async fn the_longest_over_expire_first_and_a_few_at_a_time(store: &TestStore) {
    with_institutions(store).await;
    for (base, last) in [(10, "2026-12-03"), (20, "2026-12-01"), (30, "2026-12-02")] {
        insert(store, &until(base, Some(last), Some(last))).await;
    }
    assert_eq!(expirable(store, "2026-12-31", 2).await, ["TARI-20", "TARI-30"]);
    assert_eq!(expirable(store, "2026-12-31", 0).await, NONE);
}
