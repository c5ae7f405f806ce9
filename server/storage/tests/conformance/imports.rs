use crate::support::*;
use domain::application::{Application, Grant, Scope};
use storage::applications::{find_application, insert_application};
use storage::imports::{
    Import, ImportChunk, ImportState, NewImport, delete_imports_before, find_import, find_import_of_file,
    insert_chunk, insert_import, list_chunks, list_imports, move_import,
};
use storage::testing::TestStore;
use storage::{StorageError, Store};

async fn new(store: &Store, code: &str, digest: u8) -> Result<i64, StorageError> {
    let institution = code.parse().unwrap();
    let application = application(code);
    let import = NewImport {
        institution: &institution,
        application: &application.id,
        file_name: "tari.csv",
        digest: [digest; 32],
        bytes: 1_000,
        format: "lanterna",
        is_unattended: true,
        checked: "{}",
        applied: "{\"n\":1}",
    };
    let mut tx = store.begin().await.unwrap();
    if find_application(&mut tx, &application.id)
        .await
        .unwrap()
        .is_none()
    {
        insert_application(&mut tx, &application, noon()).await.unwrap();
    }
    let id = insert_import(&mut tx, &import, noon()).await?;
    tx.commit().await.unwrap();
    Ok(id)
}

fn application(code: &str) -> Application {
    Application {
        id: format!("ragioneria-{code}"),
        institution: code.parse().unwrap(),
        name: "Ragioneria".to_owned(),
        grants: vec![Grant {
            scope: Scope::LoadFiles,
            services: None,
        }],
        numbers: Vec::new(),
        requests_per_minute: 100,
        certificate: None,
        active: true,
    }
}

async fn found(store: &Store, id: i64) -> Import {
    let mut snapshot = store.read().await.unwrap();
    find_import(&mut snapshot, &city(), id).await.unwrap().unwrap()
}

async fn moved(store: &Store, import: &Import) -> Result<(), StorageError> {
    let mut tx = store.begin().await.unwrap();
    move_import(&mut tx, import).await?;
    tx.commit().await
}

pub(crate) async fn an_import_is_read_back_as_it_was_written(store: &TestStore) {
    with_institutions(store).await;
    let id = new(store, CITY, 1).await.unwrap();
    let read = found(store, id).await;
    assert_eq!(
        (read.state, read.version, read.bytes),
        (ImportState::Received, 0, 1_000)
    );
    assert_eq!((read.digest, read.file_name.as_str()), ([1; 32], "tari.csv"));
    assert!(read.is_unattended && read.ended_at.is_none());
    assert_eq!(read.read_applied::<serde_json::Value>().unwrap()["n"], 1);
    for state in ImportState::ALL {
        let before = found(store, id).await;
        let after = Import {
            state,
            is_unattended: false,
            place_byte: before.place_byte + 10,
            place_row: before.place_row + 1,
            chunks: before.chunks + 1,
            checked: "{\"a\":1}".to_owned(),
            applied: "{\"b\":2}".to_owned(),
            failure: (state == ImportState::Failed).then(|| "why".to_owned()),
            ended_at: state.is_over().then(noon),
            ..before.clone()
        };
        moved(store, &after).await.unwrap();
        let expected = Import {
            version: before.version + 1,
            ..after
        };
        assert_eq!(found(store, id).await, expected);
    }
}

pub(crate) async fn the_same_file_is_one_import_of_its_institution_until_it_came_to_nothing(
    store: &TestStore,
) {
    with_institutions(store).await;
    let first = new(store, CITY, 1).await.unwrap();
    let again = new(store, CITY, 1).await;
    assert!(matches!(again, Err(StorageError::Duplicate { what: "file" })));
    new(store, COMPANY, 1).await.unwrap();
    let mut snapshot = store.read().await.unwrap();
    let of_file = find_import_of_file(&mut snapshot, &city(), &[1; 32])
        .await
        .unwrap();
    assert_eq!(of_file.map(|import| import.id), Some(first));
    drop(snapshot);
    let before = found(store, first).await;
    let cancelled = Import {
        state: ImportState::Cancelled,
        ended_at: Some(noon()),
        ..before
    };
    moved(store, &cancelled).await.unwrap();
    let second = new(store, CITY, 1).await.unwrap();
    let mut snapshot = store.read().await.unwrap();
    let of_file = find_import_of_file(&mut snapshot, &city(), &[1; 32])
        .await
        .unwrap();
    assert_eq!(of_file.map(|import| import.id), Some(second));
    let ids: Vec<i64> = list_imports(&mut snapshot, &city(), None, None, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|import| import.id)
        .collect();
    assert_eq!(ids, [second, first]);
    let rest = list_imports(&mut snapshot, &city(), None, Some(second), 10)
        .await
        .unwrap();
    assert_eq!(rest.len(), 1);
}

pub(crate) async fn an_import_moved_from_an_older_version_is_a_conflict(store: &TestStore) {
    with_institutions(store).await;
    let id = new(store, CITY, 1).await.unwrap();
    let before = found(store, id).await;
    moved(store, &before).await.unwrap();
    assert!(matches!(moved(store, &before).await, Err(StorageError::Conflict)));
}

pub(crate) async fn pieces_are_listed_in_order_and_leave_with_their_import(store: &TestStore) {
    with_institutions(store).await;
    let id = new(store, CITY, 1).await.unwrap();
    let chunk = |ordinal: u64| ImportChunk {
        ordinal,
        bytes: (ordinal * 10, ordinal * 10 + 10),
        rows: (ordinal, ordinal + 1),
        lines: vec![ordinal.to_le_bytes()[0]; 3],
    };
    let mut tx = store.begin().await.unwrap();
    for ordinal in [1, 2, 3] {
        insert_chunk(&mut tx, id, &chunk(ordinal)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut snapshot = store.read().await.unwrap();
    assert_eq!(
        list_chunks(&mut snapshot, id, 0, 2).await.unwrap(),
        [chunk(1), chunk(2)]
    );
    assert_eq!(list_chunks(&mut snapshot, id, 2, 2).await.unwrap(), [chunk(3)]);
    drop(snapshot);
    let ended = Import {
        state: ImportState::Done,
        ended_at: Some(instant("2026-01-01T00:00:00Z")),
        ..found(store, id).await
    };
    moved(store, &ended).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let digests = delete_imports_before(&mut tx, noon(), 10).await.unwrap();
    assert_eq!(digests, [(city(), [1; 32])]);
    assert_eq!(
        list_chunks(&mut tx, id, 0, 10).await.unwrap(),
        [] as [storage::imports::ImportChunk; 0]
    );
}

pub(crate) async fn an_import_belongs_to_one_institution(store: &TestStore) {
    with_institutions(store).await;
    let id = new(store, CITY, 1).await.unwrap();
    let mut snapshot = store.read().await.unwrap();
    assert!(
        find_import(&mut snapshot, &company(), id)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        find_import_of_file(&mut snapshot, &company(), &[1; 32])
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(
        list_imports(&mut snapshot, &company(), None, None, 10)
            .await
            .unwrap(),
        [] as [storage::imports::Import; 0]
    );
}
