use crate::positions::rich_position;
use crate::support::*;
use domain::debt_position::InstalmentPayment;
use domain::{DebtPosition, DebtPositionStatus as S, ReceiptId};
use storage::StorageError;
use storage::debt_positions::{find_position, insert_position, insert_positions};
use storage::testing::TestStore;

/// Enough for both ways of writing, and one with everything a position can have.
fn many() -> Vec<DebtPosition> {
    let mut many: Vec<DebtPosition> = (100..223).map(position).collect();
    let strange = DebtPosition {
        key: "K\\1\t\u{1f600}".to_owned(),
        description: "a\\b\tc\nd\re \\N \"f\" 'g'".to_owned(),
        ..position(300)
    };
    let mut paid = position(301);
    paid.status = S::Paid {
        chosen: 0,
        at: noon(),
    };
    paid.options[0].instalments[0].payment = Some(InstalmentPayment {
        receipt_id: ReceiptId::parse("R\\1").unwrap(),
        at: noon(),
    });
    many.insert(7, rich_position());
    many.insert(13, strange);
    many.insert(17, paid);
    many
}

pub(crate) async fn many_positions_are_read_back_as_they_were_written(store: &TestStore) {
    with_institutions(store).await;
    let mut tx = store.begin().await.unwrap();
    insert_positions(&mut tx, &many(), noon()).await.unwrap();
    tx.commit().await.unwrap();
    let mut snapshot = store.read().await.unwrap();
    for written in many() {
        let read = find_position(&mut snapshot, &written.institution, &written.key)
            .await
            .unwrap();
        let read = read.unwrap();
        assert_eq!(read.position, written);
        assert_eq!((read.version, read.created_at), (0, noon()));
    }
}

pub(crate) async fn many_positions_meet_the_same_constraints_as_one(store: &TestStore) {
    with_institutions(store).await;
    let mut tx = store.begin().await.unwrap();
    insert_position(&mut tx, &position(1_000), noon()).await.unwrap();
    tx.commit().await.unwrap();
    let mut unknown = position(110);
    "none".clone_into(&mut unknown.service);
    let mut same_key = position(111);
    same_key.key = position(1_000).key;
    let mut same_number = position(1_000);
    "another".clone_into(&mut same_number.key);
    for (wrong, is_duplicate) in [(unknown, false), (same_key, true), (same_number, true)] {
        let mut positions: Vec<DebtPosition> = (100..220).map(position).collect();
        positions[10] = wrong;
        let mut tx = store.begin().await.unwrap();
        let error = insert_positions(&mut tx, &positions, noon()).await.unwrap_err();
        if is_duplicate {
            assert!(matches!(error, StorageError::Duplicate { .. }), "{error:?}");
        } else {
            assert!(
                matches!(error, StorageError::Unknown { what: "service" }),
                "{error:?}"
            );
        }
        drop(tx);
        let mut snapshot = store.read().await.unwrap();
        assert!(
            find_position(&mut snapshot, &city(), &position(100).key)
                .await
                .unwrap()
                .is_none()
        );
    }
}

pub(crate) async fn after_a_mark_a_failed_row_leaves_the_others(store: &TestStore) {
    with_institutions(store).await;
    let mut tx = store.begin().await.unwrap();
    for (base, is_right) in [(100, true), (100, false), (101, true)] {
        tx.set_mark().await.unwrap();
        let inserted = insert_position(&mut tx, &position(base), noon()).await;
        assert_eq!(inserted.is_ok(), is_right);
        match inserted {
            Ok(()) => tx.take_mark_away().await.unwrap(),
            Err(_) => tx.go_back().await.unwrap(),
        }
    }
    tx.commit().await.unwrap();
    let mut snapshot = store.read().await.unwrap();
    for base in [100, 101] {
        assert!(
            find_position(&mut snapshot, &city(), &position(base).key)
                .await
                .unwrap()
                .is_some()
        );
    }
}

pub(crate) async fn one_by_one_goes_on_after_many(store: &TestStore) {
    with_institutions(store).await;
    let mut tx = store.begin().await.unwrap();
    insert_position(&mut tx, &position(1), noon()).await.unwrap();
    insert_positions(&mut tx, &(100..200).map(position).collect::<Vec<_>>(), noon())
        .await
        .unwrap();
    insert_position(&mut tx, &position(2), noon()).await.unwrap();
    insert_positions(&mut tx, &(200..300).map(position).collect::<Vec<_>>(), noon())
        .await
        .unwrap();
    insert_positions(&mut tx, &[], noon()).await.unwrap();
    tx.commit().await.unwrap();
    let mut snapshot = store.read().await.unwrap();
    for base in [1, 2, 100, 199, 200, 299] {
        assert!(
            find_position(&mut snapshot, &city(), &position(base).key)
                .await
                .unwrap()
                .is_some()
        );
    }
}
