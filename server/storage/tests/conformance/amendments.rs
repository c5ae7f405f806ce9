use crate::support::*;
use chrono::{DateTime, Utc};
use domain::debt_position::DebtPositionEvent as E;
use domain::{Cents, DebtPosition, DebtPositionStatus as S};
use storage::StorageError;
use storage::debt_positions::{
    StoredPosition, amend_position, find_payable, list_expirable, list_position_events,
};
use storage::position_feed::{clear_mark, list_pending};
use storage::testing::TestStore;

/// The amendment that makes a position say what another one says.
fn amendment(before: &StoredPosition, to: &DebtPosition, at: DateTime<Utc>) -> (DebtPosition, E) {
    let event = E::Amended {
        from: Box::new(before.position.content()),
        to: Box::new(to.content()),
        at,
    };
    (before.position.apply(&event).unwrap(), event)
}

async fn amend(store: &TestStore, to: &DebtPosition, at: DateTime<Utc>) {
    let before = stored(store, to).await;
    let (after, event) = amendment(&before, to, at);
    let mut tx = store.begin().await.unwrap();
    amend_position(&mut tx, &before, &after, &event, at)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// The plan of [`position_with_plan`] with another debtor, amounts, days and transfers.
fn otherwise() -> DebtPosition {
    let mut to = position_with_plan(1);
    "Anna Verdi".clone_into(&mut to.debtor.full_name);
    "RSSMRA85T10A562S".clone_into(&mut to.debtor.code);
    "Tassa sui rifiuti 2026, conguaglio".clone_into(&mut to.description);
    to.valid_from = Some(day("2026-12-01"));
    let whole = &mut to.options[0].instalments[0];
    whole.amount = Cents::new(9_000);
    whole.due_on = Some(day("2027-01-31"));
    whole.payable_until = Some(day("2027-02-28"));
    "In una volta".clone_into(&mut whole.description);
    whole.transfers = vec![transfer(1, 4_000), transfer(2, 5_000)];
    to.options[1].instalments[1].transfers = vec![transfer(1, 2_500), transfer(2, 2_500)];
    to
}

pub(crate) async fn what_is_amended_is_read_back_and_noted_in_the_history(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position_with_plan(1)).await;
    insert(store, &position(9)).await;
    let at = instant("2026-11-24T08:00:00Z");
    amend(store, &otherwise(), at).await;
    let after = stored(store, &otherwise()).await;
    assert_eq!(after.position, otherwise());
    assert_eq!(
        (after.version, after.created_at, after.changed_at),
        (1, noon(), at)
    );
    let mut snapshot = store.read().await.unwrap();
    let payable = find_payable(&mut snapshot, &city(), &number(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(payable.debtor, otherwise().debtor);
    assert_eq!(payable.notice.amount, Cents::new(9_000));
    assert_eq!(payable.transfers, otherwise().options[0].instalments[0].transfers);
    let events = list_position_events(&mut snapshot, after.id).await.unwrap();
    assert_eq!(events.len(), 1);
    let E::Amended { from, to, .. } = &events[0].event else {
        panic!("{:?}", events[0]);
    };
    assert_eq!(**from, position_with_plan(1).content());
    assert_eq!(**to, otherwise().content());
    drop(snapshot);
    assert_eq!(
        stored(store, &position(9)).await.position,
        position(9),
        "others stay as they are"
    );
}

pub(crate) async fn an_amendment_from_an_older_version_is_a_conflict(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position_with_plan(1)).await;
    let before = stored(store, &position_with_plan(1)).await;
    let (after, event) = amendment(&before, &otherwise(), noon());
    apply(store, &position_with_plan(1), &receipt_event(1, "r-1"), noon()).await;
    let mut tx = store.begin().await.unwrap();
    let outcome = amend_position(&mut tx, &before, &after, &event, noon()).await;
    assert!(matches!(outcome, Err(StorageError::Conflict)), "{outcome:?}");
    drop(tx);
    let paid = stored(store, &position_with_plan(1)).await;
    assert_eq!(paid.position.content().debtor, debtor());
    assert_eq!(paid.version, 1);
}

pub(crate) async fn an_expired_position_is_payable_again_and_expires_again(store: &TestStore) {
    with_institutions(store).await;
    let mut until = position(1);
    until.options[0].instalments[0].due_on = None;
    until.options[0].instalments[0].payable_until = Some(day("2026-11-20"));
    insert(store, &until).await;
    apply(store, &until, &E::Expired { at: noon() }, noon()).await;
    until.options[0].instalments[0].payable_until = Some(day("2026-12-20"));
    amend(store, &until, noon()).await;
    let after = stored(store, &until).await;
    assert_eq!(after.position.status, S::Open { chosen: None });
    assert_eq!(after.version, 2);
    let mut snapshot = store.read().await.unwrap();
    for (today, expected) in [("2026-12-20", 0), ("2026-12-21", 1)] {
        let expirable = list_expirable(&mut snapshot, day(today), 10).await.unwrap();
        assert_eq!(expirable.len(), expected, "on {today}");
    }
}

pub(crate) async fn the_national_archive_is_told_of_an_amendment(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position(1)).await;
    let id = stored(store, &position(1)).await.id;
    let mut tx = store.begin().await.unwrap();
    assert!(clear_mark(&mut tx, id, 0).await.unwrap());
    tx.commit().await.unwrap();
    let mut to = position(1);
    "Altro".clone_into(&mut to.description);
    amend(store, &to, noon()).await;
    let mut snapshot = store.read().await.unwrap();
    assert_eq!(list_pending(&mut snapshot, &city(), 0, 10).await.unwrap(), [id]);
}
