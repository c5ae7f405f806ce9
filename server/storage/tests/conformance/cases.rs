use crate::support::*;
use domain::case::{Case, CaseKind, StampProblem, WrongStamp, case_of};
use domain::{Cents, CreditorFiscalCode};
use storage::cases::{OpenCase, list_open_cases, record_case};
use storage::testing::TestStore;

async fn record(store: &TestStore, case: &Case) {
    let mut tx = store.begin().await.unwrap();
    record_case(&mut tx, case, noon()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn listed(
    store: &TestStore,
    institution: &CreditorFiscalCode,
    after: i64,
    limit: u32,
) -> Vec<OpenCase> {
    let mut snapshot = store.glance().await.unwrap();
    list_open_cases(&mut snapshot, institution, after, limit)
        .await
        .unwrap()
}

pub(crate) async fn a_case_is_read_back_as_it_was_written(store: &TestStore) {
    let due = Cents::new(20_000);
    let wrong = WrongStamp {
        transfer: 2,
        problem: StampProblem::OtherDocument,
    };
    let cases = [
        CaseKind::UnknownNotice,
        CaseKind::OtherAmount { due },
        CaseKind::StampDuty {
            transfers: vec![wrong],
        },
    ]
    .map(|kind| case_of(&receipt(1, "r1"), kind));
    assert!(cases[1].money < Cents::ZERO);
    for case in &cases {
        record(store, case).await;
    }
    let kept = listed(store, &city(), 0, 10).await;
    assert!(kept.iter().all(|kept| kept.opened_at == noon()));
    assert_eq!(kept.into_iter().map(|kept| kept.case).collect::<Vec<_>>(), cases);
}

pub(crate) async fn a_case_told_twice_is_kept_once(store: &TestStore) {
    for _ in 0..3 {
        record(store, &case_of(&receipt(1, "r1"), CaseKind::Cancelled)).await;
    }
    assert_eq!(listed(store, &city(), 0, 10).await.len(), 1);
}

pub(crate) async fn cases_are_listed_oldest_first_a_page_at_a_time(store: &TestStore) {
    for number in 0..5 {
        let receipt = receipt(1, &format!("r{number}"));
        record(store, &case_of(&receipt, CaseKind::Cancelled)).await;
    }
    let mut after = 0;
    let mut found = Vec::new();
    for length in [2, 2, 1, 0] {
        let page = listed(store, &city(), after, 2).await;
        assert_eq!(page.len(), length);
        after = page.last().map_or(after, |last| last.id);
        found.extend(page.into_iter().map(|kept| kept.case.receipt_id.to_string()));
    }
    assert_eq!(found, ["r0", "r1", "r2", "r3", "r4"]);
}

pub(crate) async fn a_case_is_its_institutions_alone(store: &TestStore) {
    record(store, &case_of(&receipt(1, "r1"), CaseKind::Cancelled)).await;
    assert_eq!(listed(store, &company(), 0, 10).await, []);
}
