//! Notices printed together.

use crate::support::{
    apply, city, company, day, insert, noon, position, receipt_event, stored, with_institutions,
};
use chrono::Duration;
use domain::{CreditorFiscalCode, DebtPosition, DebtPositionStatus};
use storage::document_accesses::{Access, DocumentKind, HandedOut, Reached, list_accesses};
use storage::print_batches::{
    BatchState, Candidates, Item, ItemDone, PrintBatch, Volume, delete_batches_before, end_batch, find_batch,
    insert_batch, list_batches, list_candidates, list_items_left, list_lines, list_refused_lines,
    list_volumes, record_chosen, record_volume, resume_batch,
};
use storage::testing::TestStore;
use storage::{StorageError, service_catalogue};

async fn begin(store: &TestStore, institution: &CreditorFiscalCode) -> i64 {
    let mut tx = store.begin().await.unwrap();
    let id = insert_batch(&mut tx, institution, r#"{"n":7}"#, noon())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    id
}

async fn found(store: &TestStore, id: i64) -> PrintBatch {
    let mut snapshot = store.glance().await.unwrap();
    find_batch(&mut snapshot, id).await.unwrap().unwrap()
}

/// A batch of these positions, chosen.
async fn chosen(store: &TestStore, bases: &[u64]) -> i64 {
    with_institutions(store).await;
    let mut items = Vec::new();
    for base in bases {
        insert(store, &position(*base)).await;
        let stored = stored(store, &position(*base)).await;
        items.push(Item {
            place: format!("{base}"),
            position_id: stored.id,
        });
    }
    let id = begin(store, &city()).await;
    let mut tx = store.begin().await.unwrap();
    let batch = find_batch(&mut tx, id).await.unwrap().unwrap();
    record_chosen(&mut tx, &batch, &items, "TARI-9", true)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    id
}

async fn left(store: &TestStore, batch: i64) -> Vec<Item> {
    let mut snapshot = store.read().await.unwrap();
    let left = list_items_left(&mut snapshot, batch, 100).await.unwrap();
    left.into_iter().map(|(item, _)| item).collect()
}

fn volume(ordinal: u64, printed: u64, refused: u64) -> Volume {
    Volume {
        ordinal,
        file: (printed > 0).then(|| (format!("avvisi-{ordinal}.pdf"), [7; 32])),
        bytes: printed * 45_000,
        pages: printed,
        printed,
        refused,
        at: noon(),
    }
}

fn done(item: &Item, is_printed: bool) -> ItemDone {
    ItemDone {
        item: item.clone(),
        is_printed,
        line: format!("line of {}", item.place),
    }
}

async fn record(
    store: &TestStore,
    batch: i64,
    volume: &Volume,
    items: &[ItemDone],
) -> Result<(), StorageError> {
    let mut tx = store.begin().await.unwrap();
    record_volume(&mut tx, batch, volume, items, &[]).await?;
    tx.commit().await
}

pub(crate) async fn a_batch_is_read_back_as_it_was_written(store: &TestStore) {
    with_institutions(store).await;
    let id = begin(store, &city()).await;
    let batch = found(store, id).await;
    let expected = PrintBatch {
        id,
        institution: city(),
        plan: r#"{"n":7}"#.to_owned(),
        state: BatchState::Running,
        looked_at: String::new(),
        is_chosen: false,
        chosen: 0,
        printed: 0,
        refused: 0,
        pages: 0,
        volumes: 0,
        created_at: noon(),
        ended_at: None,
    };
    assert_eq!(batch, expected);
    let plan: serde_json::Value = batch.read_plan().unwrap();
    assert_eq!(plan["n"], 7);
    let other = begin(store, &company()).await;
    let second = begin(store, &city()).await;
    let mut snapshot = store.glance().await.unwrap();
    let listed = list_batches(&mut snapshot, &city(), 9).await.unwrap();
    let ids: Vec<i64> = listed.into_iter().map(|batch| batch.id).collect();
    assert_eq!(ids, [second, id], "not {other}");
    assert_eq!(find_batch(&mut snapshot, second + 100).await.unwrap(), None);
}

pub(crate) async fn a_batch_of_an_institution_not_served_here_is_refused(store: &TestStore) {
    let mut tx = store.begin().await.unwrap();
    let refused = insert_batch(&mut tx, &city(), "{}", noon()).await;
    assert!(
        matches!(refused, Err(StorageError::Unknown { what: "institution" })),
        "{refused:?}"
    );
}

pub(crate) async fn candidates_are_open_positions_that_fit_and_come_by_key(store: &TestStore) {
    with_institutions(store).await;
    let mut tx = store.begin().await.unwrap();
    service_catalogue::upsert_service(&mut tx, &crate::support::service(crate::support::CITY, "mensa"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let with = |base: u64, key: &str, change: fn(&mut DebtPosition)| {
        let mut position = position(base);
        key.clone_into(&mut position.key);
        change(&mut position);
        position
    };
    for position in [
        with(1, "2026/b", |_| ()),
        with(2, "2026/a", |_| ()),
        with(3, "2025/a", |_| ()),
        with(4, "2026/mensa", |position| {
            "mensa".clone_into(&mut position.service);
        }),
        with(5, "2026/later", |position| {
            position.options[0].instalments[0].due_on = Some(day("2027-01-31"));
        }),
        with(6, "2026/never", |position| {
            position.options[0].instalments[0].due_on = None;
        }),
        with(7, "2026/draft", |position| {
            position.status = DebtPositionStatus::Draft;
        }),
        with(8, "2026/paid", |_| ()),
    ] {
        insert(store, &position).await;
    }
    let paid = with(8, "2026/paid", |_| ());
    apply(store, &paid, &receipt_event(8, "r8"), noon()).await;

    let institution = city();
    let all = Candidates {
        institution: &institution,
        service: None,
        key_prefix: "",
        due_from: None,
        due_until: None,
        created_from: None,
        created_before: noon() + Duration::microseconds(1),
    };
    let keys = async |sought: Candidates<'_>, after: &str, limit| {
        let mut snapshot = store.glance().await.unwrap();
        let found = list_candidates(&mut snapshot, sought, after, limit)
            .await
            .unwrap();
        found
            .into_iter()
            .map(|candidate| candidate.key)
            .collect::<Vec<_>>()
    };
    let of_2026 = ["2026/a", "2026/b", "2026/later", "2026/mensa", "2026/never"];
    assert_eq!(keys(all, "2025/a", 9).await, of_2026);
    assert_eq!(keys(all, "", 2).await, ["2025/a", "2026/a"]);
    let prefix = Candidates {
        key_prefix: "2026/",
        ..all
    };
    assert_eq!(keys(prefix, "", 9).await, of_2026);
    assert_eq!(keys(prefix, "2026/b", 1).await, ["2026/later"]);
    let of_service = |service| Candidates {
        service: Some(service),
        ..all
    };
    assert_eq!(keys(of_service("mensa"), "", 9).await, ["2026/mensa"]);
    assert_eq!(keys(of_service("tar"), "", 9).await, [""; 0]);
    let due = |from, until| Candidates {
        due_from: Some(day(from)),
        due_until: Some(day(until)),
        ..prefix
    };
    assert_eq!(
        keys(due("2026-12-16", "2026-12-16"), "", 9).await,
        ["2026/a", "2026/b", "2026/mensa"]
    );
    assert_eq!(keys(due("2026-12-17", "2027-01-31"), "", 9).await, ["2026/later"]);
    let created = |from, before| Candidates {
        created_from: Some(from),
        created_before: before,
        ..all
    };
    assert_eq!(keys(created(noon(), all.created_before), "", 1).await, ["2025/a"]);
    assert_eq!(
        keys(created(noon() - Duration::days(1), noon()), "", 9).await,
        [""; 0]
    );
    let other = company();
    let others = Candidates {
        institution: &other,
        ..all
    };
    assert_eq!(keys(others, "", 9).await, [""; 0]);
}

pub(crate) async fn positions_are_chosen_by_one_worker(store: &TestStore) {
    with_institutions(store).await;
    for base in [1, 2] {
        insert(store, &position(base)).await;
    }
    let id = begin(store, &city()).await;
    let batch = found(store, id).await;
    let item = async |base| Item {
        place: format!("{base}"),
        position_id: stored(store, &position(base)).await.id,
    };
    let choose = async |from: &PrintBatch, items: &[Item], looked_at: &str, is_last| {
        let mut tx = store.begin().await.unwrap();
        record_chosen(&mut tx, from, items, looked_at, is_last).await?;
        tx.commit().await
    };
    choose(&batch, &[item(2).await], "TARI-1", false).await.unwrap();
    let again = choose(&batch, &[item(1).await], "TARI-1", false).await;
    assert!(matches!(again, Err(StorageError::Conflict)), "{again:?}");
    let batch = found(store, id).await;
    assert_eq!((batch.chosen, batch.looked_at.as_str()), (1, "TARI-1"));
    choose(&batch, &[item(1).await], "TARI-2", true).await.unwrap();
    let batch = found(store, id).await;
    assert_eq!((batch.chosen, batch.is_chosen), (2, true));
    assert_eq!(left(store, id).await, [item(1).await, item(2).await]);
    let more = choose(&batch, &[], "TARI-3", true).await;
    assert!(matches!(more, Err(StorageError::Conflict)), "{more:?}");
}

pub(crate) async fn a_volume_is_made_by_one_worker_and_takes_its_items_with_it(store: &TestStore) {
    let id = chosen(store, &[1, 2, 3]).await;
    let items = left(store, id).await;
    let first = volume(1, 1, 1);
    let of_first = [done(&items[0], true), done(&items[1], false)];
    let access = Access {
        at: noon(),
        institution: city(),
        kind: DocumentKind::Notice,
        reference: "1".to_owned(),
        reached: Reached::Batch,
        form: Some(HandedOut::Pdf),
        language: "it".to_owned(),
        network: None,
    };
    let mut tx = store.begin().await.unwrap();
    record_volume(&mut tx, id, &first, &of_first, std::slice::from_ref(&access))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let again = record(store, id, &first, &of_first).await;
    assert!(matches!(again, Err(StorageError::Conflict)), "{again:?}");
    assert_eq!(left(store, id).await, [items[2].clone()]);
    let second = volume(2, 0, 1);
    record(store, id, &second, &[done(&items[2], false)])
        .await
        .unwrap();
    let batch = found(store, id).await;
    assert_eq!(
        (batch.volumes, batch.printed, batch.refused, batch.pages),
        (2, 1, 2, 1)
    );
    let mut snapshot = store.read().await.unwrap();
    assert_eq!(list_volumes(&mut snapshot, id).await.unwrap(), [first, second]);
    let accesses = list_accesses(&mut snapshot, &city(), DocumentKind::Notice, "1").await;
    assert_eq!(accesses.unwrap(), [access]);
}

pub(crate) async fn a_stopped_batch_makes_no_volume_until_it_runs_again(store: &TestStore) {
    let id = chosen(store, &[1]).await;
    let items = left(store, id).await;
    let end = async |state| {
        let mut tx = store.begin().await.unwrap();
        end_batch(&mut tx, id, state, noon()).await?;
        tx.commit().await
    };
    let resume = async || {
        let mut tx = store.begin().await.unwrap();
        resume_batch(&mut tx, id).await?;
        tx.commit().await
    };
    assert!(matches!(resume().await, Err(StorageError::Conflict)));
    end(BatchState::Cancelled).await.unwrap();
    assert!(matches!(
        end(BatchState::Cancelled).await,
        Err(StorageError::Conflict)
    ));
    let stopped = found(store, id).await;
    assert_eq!(
        (stopped.state, stopped.ended_at),
        (BatchState::Cancelled, Some(noon()))
    );
    let refused = record(store, id, &volume(1, 1, 0), &[done(&items[0], true)]).await;
    assert!(matches!(refused, Err(StorageError::Conflict)), "{refused:?}");
    resume().await.unwrap();
    record(store, id, &volume(1, 1, 0), &[done(&items[0], true)])
        .await
        .unwrap();
    end(BatchState::Done).await.unwrap();
    assert!(matches!(resume().await, Err(StorageError::Conflict)));
}

pub(crate) async fn lines_are_listed_in_the_order_of_the_batch(store: &TestStore) {
    let id = chosen(store, &[1, 2, 3]).await;
    let items = left(store, id).await;
    let of_volume = [done(&items[0], true), done(&items[1], false)];
    record(store, id, &volume(1, 1, 1), &of_volume).await.unwrap();
    let mut snapshot = store.read().await.unwrap();
    let first = list_lines(&mut snapshot, id, None, 1).await.unwrap();
    assert_eq!(first, [(items[0].clone(), "line of 1".to_owned())]);
    let rest = list_lines(&mut snapshot, id, Some(&first[0].0), 9).await.unwrap();
    assert_eq!(rest, [(items[1].clone(), "line of 2".to_owned())]);
    assert_eq!(
        list_refused_lines(&mut snapshot, id, 9).await.unwrap(),
        ["line of 2"]
    );
}

pub(crate) async fn batches_that_ended_leave_with_all_they_had(store: &TestStore) {
    let id = chosen(store, &[1]).await;
    let items = left(store, id).await;
    record(store, id, &volume(1, 1, 0), &[done(&items[0], true)])
        .await
        .unwrap();
    let running = begin(store, &city()).await;
    let mut tx = store.begin().await.unwrap();
    end_batch(&mut tx, id, BatchState::Done, noon()).await.unwrap();
    assert_eq!(delete_batches_before(&mut tx, noon(), 9).await.unwrap(), 0);
    let later = noon() + Duration::microseconds(1);
    assert_eq!(delete_batches_before(&mut tx, later, 9).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let mut snapshot = store.read().await.unwrap();
    assert_eq!(find_batch(&mut snapshot, id).await.unwrap(), None);
    assert_eq!(list_volumes(&mut snapshot, id).await.unwrap(), []);
    assert!(find_batch(&mut snapshot, running).await.unwrap().is_some());
}
