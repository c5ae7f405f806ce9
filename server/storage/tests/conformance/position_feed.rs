//! Which positions the archives must be told of, and what they hold.

use crate::support::{
    apply, city, company, insert, noon, position, position_with_plan, receipt_event, stored,
    with_institutions,
};
use chrono::Duration;
use domain::debt_position::DebtPositionEvent;
use domain::feed::{Archive, Held, Step};
use domain::{DebtPosition, DebtPositionStatus};
use storage::Store;
use storage::position_feed::{
    Fed, clear_mark, count_fed, count_pending, count_unfed, end_upload, find_fed, find_pending,
    give_upload_up, list_fed, list_pending, list_pending_institutions, list_refused, list_uploaded,
    mark_refused, mark_service, mark_unfed, pend_at_least, record_fed, set_mark,
};
use storage::testing::TestStore;

async fn pending(store: &Store) -> Vec<i64> {
    let mut snapshot = store.glance().await.unwrap();
    list_pending(&mut snapshot, &city(), 0, 100).await.unwrap()
}

async fn row(store: &Store, position: &DebtPosition) -> i64 {
    stored(store, position).await.id
}

async fn clear(store: &Store, id: i64, version: i64) -> bool {
    let mut tx = store.begin().await.unwrap();
    let cleared = clear_mark(&mut tx, id, version).await.unwrap();
    tx.commit().await.unwrap();
    cleared
}

fn fed(position_id: i64, held: Held) -> Fed {
    Fed {
        position_id,
        archive: Archive::Aca,
        iupd: format!("15376371009-{position_id}"),
        held,
        version: 0,
        whole: [1; 32],
        listed: [2; 32],
        sent_at: noon(),
        upload: (held == Held::Uploading).then(|| ("file-1".to_owned(), Step::Create)),
        failures: 0,
        reason: None,
    }
}

async fn record(store: &Store, fed: &Fed) {
    let mut tx = store.begin().await.unwrap();
    record_fed(&mut tx, &city(), fed).await.unwrap();
    tx.commit().await.unwrap();
}

async fn known(store: &Store, fed: &Fed) -> Fed {
    let mut snapshot = store.glance().await.unwrap();
    find_fed(&mut snapshot, &city(), &fed.iupd)
        .await
        .unwrap()
        .unwrap()
}

pub(crate) async fn a_new_position_and_a_changed_one_carry_the_mark(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position(1)).await;
    let id = row(store, &position(1)).await;
    assert_eq!(pending(store).await, [id]);
    assert!(clear(store, id, 0).await);
    assert_eq!(pending(store).await, [0_i64; 0]);
    apply(store, &position(1), &receipt_event(1, "RPT1"), noon()).await;
    assert_eq!(pending(store).await, [id]);
}

pub(crate) async fn a_mark_outlives_what_was_sent_before_the_last_change(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position(1)).await;
    let id = row(store, &position(1)).await;
    apply(
        store,
        &position(1),
        &DebtPositionEvent::Cancelled { at: noon() },
        noon(),
    )
    .await;
    assert!(!clear(store, id, 0).await);
    assert_eq!(pending(store).await, [id]);
    assert!(clear(store, id, 1).await);
}

pub(crate) async fn marks_are_listed_by_institution_and_a_few_at_a_time(store: &TestStore) {
    with_institutions(store).await;
    for base in 1..=3 {
        insert(store, &position(base)).await;
    }
    let other = DebtPosition {
        institution: company(),
        ..position(4)
    };
    insert(store, &other).await;
    let mut snapshot = store.glance().await.unwrap();
    assert_eq!(
        list_pending_institutions(&mut snapshot).await.unwrap(),
        [city(), company()]
    );
    let first = list_pending(&mut snapshot, &city(), 0, 2).await.unwrap();
    let rest = list_pending(&mut snapshot, &city(), first[1], 2).await.unwrap();
    assert_eq!((first.len(), rest.len()), (2, 1));
    assert_eq!(count_pending(&mut snapshot, &company()).await.unwrap(), 1);
    for (count, are) in [(2, true), (3, true), (4, false)] {
        assert_eq!(pend_at_least(&mut snapshot, &city(), count).await.unwrap(), are);
    }
    drop(snapshot);
    clear(store, row(store, &other).await, 0).await;
    let mut snapshot = store.glance().await.unwrap();
    assert_eq!(list_pending_institutions(&mut snapshot).await.unwrap(), [city()]);
}

pub(crate) async fn what_an_archive_holds_is_read_back_as_it_was_recorded(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position(1)).await;
    let id = row(store, &position(1)).await;
    for held in Held::ALL {
        for archive in Archive::ALL {
            let fed = Fed {
                archive,
                failures: 3,
                reason: Some("400: IBAN not registered".to_owned()),
                ..fed(id, held)
            };
            record(store, &fed).await;
            assert_eq!(known(store, &fed).await, fed);
            let mut snapshot = store.read().await.unwrap();
            let found = find_pending(&mut snapshot, id).await.unwrap().unwrap();
            assert_eq!((found.stored.id, found.fed), (id, Some(fed)));
        }
    }
}

pub(crate) async fn a_position_in_a_file_waits_for_the_report(store: &TestStore) {
    with_institutions(store).await;
    for base in 1..=3 {
        insert(store, &position(base)).await;
    }
    let ids = pending(store).await;
    for id in &ids {
        record(store, &fed(*id, Held::Uploading)).await;
        clear(store, *id, 0).await;
    }
    // A change meanwhile is seen after the report.
    apply(
        store,
        &position(1),
        &DebtPositionEvent::Cancelled { at: noon() },
        noon(),
    )
    .await;
    assert_eq!(pending(store).await, [0_i64; 0]);
    let deleted = Fed {
        upload: Some(("file-1".to_owned(), Step::Delete)),
        ..fed(ids[2], Held::Uploading)
    };
    record(store, &deleted).await;
    let mut snapshot = store.glance().await.unwrap();
    assert_eq!(list_uploaded(&mut snapshot, "file-1").await.unwrap().len(), 3);
    drop(snapshot);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(end_upload(&mut tx, "file-1").await.unwrap(), 3);
    assert_eq!(end_upload(&mut tx, "file-1").await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(known(store, &deleted).await.held, Held::Withdrawn);
    assert_eq!(
        known(store, &fed(ids[0], Held::Payable)).await,
        fed(ids[0], Held::Payable)
    );
    assert_eq!(pending(store).await, [ids[0]]);
}

pub(crate) async fn a_file_given_up_leaves_its_positions_to_be_read(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position(1)).await;
    let id = row(store, &position(1)).await;
    record(store, &fed(id, Held::Uploading)).await;
    clear(store, id, 0).await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(give_upload_up(&mut tx, "file-1", "404").await.unwrap(), 1);
    tx.commit().await.unwrap();
    let known = known(store, &fed(id, Held::Unsure)).await;
    assert_eq!((known.held, known.upload), (Held::Unsure, None));
    assert_eq!(pending(store).await, [id]);
}

pub(crate) async fn what_was_refused_is_listed_counted_and_marked_again(store: &TestStore) {
    with_institutions(store).await;
    for base in 1..=2 {
        insert(store, &position(base)).await;
    }
    let ids = pending(store).await;
    let refused = Fed {
        failures: 6,
        reason: Some("400".to_owned()),
        ..fed(ids[0], Held::Refused)
    };
    record(store, &refused).await;
    record(store, &fed(ids[1], Held::Payable)).await;
    for id in &ids {
        clear(store, *id, 0).await;
    }
    let mut snapshot = store.read().await.unwrap();
    assert_eq!(
        list_refused(&mut snapshot, &city(), 10).await.unwrap(),
        std::slice::from_ref(&refused)
    );
    assert_eq!(
        list_refused(&mut snapshot, &company(), 10).await.unwrap(),
        Vec::<Fed>::new()
    );
    let counts: Vec<(Archive, Held, u64)> = count_fed(&mut snapshot, &city())
        .await
        .unwrap()
        .into_iter()
        .map(|counted| (counted.archive, counted.held, counted.count))
        .collect();
    assert_eq!(
        counts,
        [(Archive::Aca, Held::Payable, 1), (Archive::Aca, Held::Refused, 1)]
    );
    let listed = list_fed(&mut snapshot, &city(), ids[0], 10).await.unwrap();
    assert_eq!(listed, [fed(ids[1], Held::Payable)]);
    drop(snapshot);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(mark_refused(&mut tx, &city()).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(pending(store).await, [ids[0]]);
    assert_eq!(known(store, &refused).await.failures, 0);
}

pub(crate) async fn open_positions_never_told_of_and_those_of_a_service_are_marked(store: &TestStore) {
    with_institutions(store).await;
    let draft = DebtPosition {
        status: DebtPositionStatus::Draft,
        ..position(2)
    };
    insert(store, &position(1)).await;
    insert(store, &draft).await;
    // Its first instalment is paid: no archive is told of it any more.
    let begun = position_with_plan(10);
    insert(store, &begun).await;
    apply(store, &begun, &receipt_event(11, "RPT1"), noon()).await;
    let ids = pending(store).await;
    for (id, version) in ids.iter().zip([0, 0, 1]) {
        assert!(clear(store, *id, version).await);
    }
    let mut tx = store.begin().await.unwrap();
    assert_eq!(count_unfed(&mut tx, &city()).await.unwrap(), 1);
    assert_eq!(mark_unfed(&mut tx, &city()).await.unwrap(), 1);
    assert_eq!(count_unfed(&mut tx, &city()).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(pending(store).await, [ids[0]]);
    clear(store, ids[0], 0).await;
    record(
        store,
        &Fed {
            sent_at: noon() + Duration::hours(1),
            ..fed(ids[0], Held::Payable)
        },
    )
    .await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(mark_unfed(&mut tx, &city()).await.unwrap(), 0);
    assert_eq!(mark_service(&mut tx, &city(), "tari").await.unwrap(), 2);
    assert_eq!(mark_service(&mut tx, &city(), "imu").await.unwrap(), 0);
    set_mark(&mut tx, ids[1]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(pending(store).await, ids);
}
