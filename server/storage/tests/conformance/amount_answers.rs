use crate::support::*;
use domain::NoticeNumber;
use storage::StorageError;
use storage::amount_answers::{RecordedAnswer, find_amount_answer, record_amount_answer};
use storage::testing::TestStore;

fn notice() -> NoticeNumber {
    NoticeNumber::issue("12".parse().unwrap(), 7).unwrap()
}

fn answer(minute: u32, is_due: bool) -> RecordedAnswer {
    RecordedAnswer {
        asked_at: format!("2026-11-23T10:{minute:02}:00.000001Z").parse().unwrap(),
        is_due,
    }
}

pub(crate) async fn the_answer_asked_for_last_stays(store: &TestStore) {
    with_institutions(store).await;
    for (given, kept) in [
        (answer(10, true), answer(10, true)),
        (answer(20, false), answer(20, false)),
        (answer(15, true), answer(20, false)),
        (answer(20, true), answer(20, false)),
        (answer(21, true), answer(21, true)),
    ] {
        let mut tx = store.begin().await.unwrap();
        record_amount_answer(&mut tx, &city(), &notice(), given)
            .await
            .unwrap();
        let found = find_amount_answer(&mut tx, &city(), &notice()).await.unwrap();
        assert_eq!(found, Some(kept));
        tx.commit().await.unwrap();
    }
}

pub(crate) async fn an_answer_about_a_notice_is_its_institutions_alone(store: &TestStore) {
    with_institutions(store).await;
    let mut tx = store.begin().await.unwrap();
    record_amount_answer(&mut tx, &city(), &notice(), answer(10, true))
        .await
        .unwrap();
    assert_eq!(
        find_amount_answer(&mut tx, &company(), &notice()).await.unwrap(),
        None
    );
    drop(tx);
    let store = TestStore::sqlite().await;
    let mut tx = store.begin().await.unwrap();
    let refused = record_amount_answer(&mut tx, &city(), &notice(), answer(10, true)).await;
    assert!(
        matches!(refused, Err(StorageError::Unknown { what: "institution" })),
        "{refused:?}"
    );
}
