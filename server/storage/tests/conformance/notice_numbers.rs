use crate::support::*;
use domain::NoticeNumber;
use std::collections::BTreeSet;
use storage::StorageError;
use storage::notice_numbers::reserve_bases;
use storage::testing::TestStore;

const FIRST: u64 = NoticeNumber::OWN_BASES_FROM;

pub(crate) async fn bases_are_reserved_in_a_row_for_each_institution(store: &TestStore) {
    with_institutions(store).await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(reserve_bases(&mut tx, &city(), 1).await.unwrap(), FIRST..=FIRST);
    assert_eq!(
        reserve_bases(&mut tx, &city(), 100).await.unwrap(),
        FIRST + 1..=FIRST + 100
    );
    assert_eq!(
        reserve_bases(&mut tx, &city(), 0).await.unwrap(),
        FIRST + 101..=FIRST + 101,
        "at least one"
    );
    assert_eq!(
        reserve_bases(&mut tx, &company(), 3).await.unwrap(),
        FIRST..=FIRST + 2
    );
    tx.commit().await.unwrap();
}

pub(crate) async fn a_base_of_an_undone_transaction_is_given_out_again(store: &TestStore) {
    with_institutions(store).await;
    for _ in 0..2 {
        let mut tx = store.begin().await.unwrap();
        assert_eq!(reserve_bases(&mut tx, &city(), 1).await.unwrap(), FIRST..=FIRST);
    }
}

pub(crate) async fn many_at_once_never_get_the_same_base(store: &TestStore) {
    with_institutions(store).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let store = (**store).clone();
        tasks.spawn(async move {
            let mut tx = store.begin().await.unwrap();
            let bases = reserve_bases(&mut tx, &city(), 2).await.unwrap();
            tx.commit().await.unwrap();
            bases
        });
    }
    let given: Vec<u64> = tasks.join_all().await.into_iter().flatten().collect();
    let different: BTreeSet<u64> = given.iter().copied().collect();
    assert_eq!(given.len(), 40);
    assert_eq!(different, (FIRST..FIRST + 40).collect());
}

pub(crate) async fn bases_of_an_institution_not_served_here_are_refused(store: &TestStore) {
    let mut tx = store.begin().await.unwrap();
    let outcome = reserve_bases(&mut tx, &city(), 1).await;
    assert!(
        matches!(outcome, Err(StorageError::Unknown { what: "institution" })),
        "{outcome:?}"
    );
}
