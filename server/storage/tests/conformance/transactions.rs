use crate::support::*;
use domain::DebtPosition;
use domain::cart::{Cart, CartState};
use storage::carts::{find_cart, find_open_handoff, insert_cart};
use storage::debt_positions::{find_notice, find_position, insert_position, insert_positions};
use storage::testing::{TestStore, asked_at_most};
use storage::{Store, StoreOptions, institutions};

pub(crate) async fn what_is_not_committed_is_undone(store: &TestStore) {
    with_institutions(store).await;
    let mut tx = store.begin().await.unwrap();
    insert_position(&mut tx, &position(1), noon()).await.unwrap();
    drop(tx);
    let mut snapshot = store.read().await.unwrap();
    assert!(
        find_notice(&mut snapshot, &city(), &number(1))
            .await
            .unwrap()
            .is_none()
    );
}

pub(crate) async fn a_transaction_sees_what_it_wrote_and_others_do_not_until_it_commits(store: &TestStore) {
    with_institutions(store).await;
    let mut tx = store.begin().await.unwrap();
    insert_position(&mut tx, &position(1), noon()).await.unwrap();
    assert!(find_notice(&mut tx, &city(), &number(1)).await.unwrap().is_some());
    let mut other = store.glance().await.unwrap();
    assert!(
        find_notice(&mut other, &city(), &number(1))
            .await
            .unwrap()
            .is_none()
    );
    tx.commit().await.unwrap();
    assert!(
        find_notice(&mut other, &city(), &number(1))
            .await
            .unwrap()
            .is_some()
    );
}

pub(crate) async fn a_snapshot_sees_one_moment(store: &TestStore) {
    with_institutions(store).await;
    let mut snapshot = store.read().await.unwrap();
    assert!(
        find_notice(&mut snapshot, &city(), &number(1))
            .await
            .unwrap()
            .is_none()
    );
    insert(store, &position(1)).await;
    assert!(
        find_notice(&mut snapshot, &city(), &number(1))
            .await
            .unwrap()
            .is_none()
    );
    drop(snapshot);
    let mut later = store.read().await.unwrap();
    assert!(
        find_notice(&mut later, &city(), &number(1))
            .await
            .unwrap()
            .is_some()
    );
}

pub(crate) async fn what_is_dropped_half_way_is_not_handed_on(store: &TestStore) {
    with_institutions(store).await;
    let many: Vec<DebtPosition> = (100..200).map(position).collect();
    for times in 0..30 {
        asked_at_most(
            times,
            Box::pin(async {
                let mut snapshot = store.read().await.unwrap();
                find_notice(&mut snapshot, &city(), &number(1)).await.unwrap();
            }),
        )
        .await;
        asked_at_most(
            times,
            Box::pin(async {
                let mut glance = store.glance().await.unwrap();
                find_notice(&mut glance, &city(), &number(1)).await.unwrap();
            }),
        )
        .await;
        asked_at_most(
            times,
            Box::pin(async {
                let mut tx = store.begin().await.unwrap();
                insert_positions(&mut tx, &many, noon()).await.unwrap();
            }),
        )
        .await;
        let base = 1_000 + times as u64;
        insert(store, &position(base)).await;
        // Every connection sees it, also those that were used before.
        let mut glances = Vec::new();
        for _ in 0..StoreOptions::default().connections_max {
            let mut glance = store.glance().await.unwrap();
            let found = find_notice(&mut glance, &city(), &number(base)).await.unwrap();
            assert!(found.is_some(), "after {times}");
            glances.push(glance);
        }
    }
}

pub(crate) async fn a_snapshot_cannot_write(store: &TestStore) {
    with_institutions(store).await;
    // Only a `Tx` is taken by what writes, so the one way left is a statement that writes by itself; readers refuse it.
    let mut snapshot = store.read().await.unwrap();
    assert!(storage::testing::try_to_write(&mut snapshot).await.is_err());
    drop(snapshot);
    let mut snapshot = store.read().await.unwrap();
    assert_eq!(
        institutions::list_institutions(&mut snapshot)
            .await
            .unwrap()
            .len(),
        2
    );
}

pub(crate) async fn instants_are_kept_to_the_microsecond_and_compared_right(store: &TestStore) {
    // Where text is compared, a fraction of any length must sort after no fraction, and before the next second.
    let instants = [
        "2026-11-23T12:00:00Z",
        "2026-11-23T12:00:00.000001Z",
        "2026-11-23T12:00:00.1Z",
        "2026-11-23T12:00:00.100001Z",
        "2026-11-23T12:00:00.999999Z",
        "2026-11-23T12:00:01Z",
    ]
    .map(instant);
    for (place, at) in instants.into_iter().enumerate() {
        let state = CartState::HandedOff {
            at,
            checkout_url: "https://checkout.example.it".to_owned(),
        };
        let item = domain::cart::CartItem {
            institution: city(),
            notice_number: number(1 + u64::try_from(place).unwrap()),
            amount: domain::Cents::new(1),
        };
        let cart = Cart {
            token: place.to_string(),
            language: "en".to_owned(),
            email: None,
            created_at: at,
            state,
            items: vec![item],
        };
        let mut tx = store.begin().await.unwrap();
        insert_cart(&mut tx, &cart).await.unwrap();
        assert_eq!(find_cart(&mut tx, &cart.token).await.unwrap(), Some(cart));
        tx.commit().await.unwrap();
    }
    let mut snapshot = store.read().await.unwrap();
    for (place, at) in instants.into_iter().enumerate() {
        for (other_place, since) in instants.into_iter().enumerate() {
            let number = number(1 + u64::try_from(place).unwrap());
            let found = find_open_handoff(&mut snapshot, &city(), &number, since)
                .await
                .unwrap();
            assert_eq!(found, (place >= other_place).then_some(at), "{at} since {since}");
        }
    }
}

pub(crate) async fn what_is_committed_is_there_for_a_new_connection(store: &TestStore) {
    with_institutions(store).await;
    let position: DebtPosition = position(1);
    insert(store, &position).await;
    let second = Store::connect(store.url(), StoreOptions::default())
        .await
        .unwrap();
    second.check().await.unwrap();
    let mut snapshot = second.read().await.unwrap();
    let found = find_position(&mut snapshot, &city(), &position.key)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.position, position);
    drop(snapshot);
    second.close().await;
}

pub(crate) async fn statistics_are_gathered_as_often_as_asked(store: &TestStore) {
    with_institutions(store).await;
    for _ in 0..2 {
        store.gather_statistics().await.unwrap();
    }
    // Readers and writers go on.
    what_is_not_committed_is_undone(store).await;
}
