//! A database that is missing, old, newer, locked, full or something else: each is told by name, with what to do.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use std::time::Duration;
use storage::testing::TestStore;
use storage::{StorageError, Store, StoreOptions};

fn impatient() -> StoreOptions {
    StoreOptions {
        wait_max: Duration::from_millis(50),
        connections_max: 1,
        create_missing: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_another_kind_is_refused_without_being_repeated() {
    for url in [
        "mysql://root:secret@localhost/x",
        "lanterna.db",
        "",
        "sqlite:",
        "sqlite::memory:",
        "postgres://[::",
    ] {
        let error = Store::connect(url, impatient()).await.unwrap_err();
        assert!(matches!(error, StorageError::UnsupportedUrl), "{url}: {error:?}");
        assert!(!error.to_string().contains("secret"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_file_is_made_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.db");
    let url = format!("sqlite:{}", path.display());
    let error = Store::connect(&url, impatient()).await.unwrap_err();
    assert!(
        matches!(&error, StorageError::Missing { place } if place.ends_with("archive.db")),
        "{error:?}"
    );
    assert!(!path.exists());

    let store = Store::connect(
        &url,
        StoreOptions {
            create_missing: true,
            ..impatient()
        },
    )
    .await
    .unwrap();
    assert!(matches!(
        store.check().await,
        Err(StorageError::NotMigrated { found: 0, known: 1.. })
    ));
    store.migrate().await.unwrap();
    store.check().await.unwrap();
    store.migrate().await.unwrap();

    // A folder that is missing is made too; one that cannot be made is said.
    let nowhere = format!("sqlite:{}", path.join("inside/a/file.db").display());
    let error = Store::connect(
        &nowhere,
        StoreOptions {
            create_missing: true,
            ..impatient()
        },
    )
    .await
    .unwrap_err();
    assert!(matches!(error, StorageError::Missing { .. }), "{error:?}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_new_file_and_its_log_can_be_read_by_nobody_else() {
    use std::os::unix::fs::PermissionsExt;
    let store = TestStore::sqlite().await;
    let path = store.url().strip_prefix("sqlite:").unwrap();
    for name in [path.to_owned(), format!("{path}-wal")] {
        let mode = std::fs::metadata(&name).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.db");
    std::fs::write(&path, "Dear Sirs, ".repeat(500)).unwrap();
    let error = Store::connect(&format!("sqlite:{}", path.display()), impatient())
        .await
        .unwrap_err();
    assert!(matches!(error, StorageError::Damaged), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_database_is_left_alone() {
    for store in [Some(TestStore::sqlite().await), TestStore::postgres().await]
        .into_iter()
        .flatten()
    {
        store.leave_to_a_later_release().await;
        let check = store.check().await;
        assert!(
            matches!(
                check,
                Err(StorageError::NewerVersion {
                    found: 9001,
                    known: 1..9001
                })
            ),
            "{check:?}"
        );
        assert!(matches!(
            store.migrate().await,
            Err(StorageError::NewerVersion { found: 9001, .. })
        ));
    }
}

async fn migrate_twice_at_once(url: &str) {
    let options = StoreOptions {
        create_missing: true,
        ..StoreOptions::default()
    };
    let one = Store::connect(url, options.clone()).await.unwrap();
    let two = Store::connect(url, options).await.unwrap();
    let (first, second) = tokio::join!(one.migrate(), two.migrate());
    first.unwrap();
    second.unwrap();
    one.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_that_migrate_at_once_both_succeed() {
    let folder = tempfile::tempdir().unwrap();
    Box::pin(migrate_twice_at_once(&format!(
        "sqlite:{}",
        folder.path().join("archive.db").display()
    )))
    .await;
    let Some(store) = TestStore::postgres().await else {
        return;
    };
    let mut other = PgConnection::connect(store.url()).await.unwrap();
    other
        .execute(
            "DO $$ DECLARE one record; BEGIN \
             FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() \
             LOOP EXECUTE format('DROP TABLE %I CASCADE', one.tablename); END LOOP; END $$",
        )
        .await
        .unwrap();
    assert!(matches!(
        store.check().await,
        Err(StorageError::NotMigrated { found: 0, .. })
    ));
    Box::pin(migrate_twice_at_once(store.url())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_file_held_by_somebody_else_is_locked_for_writing_and_open_for_reading() {
    let store = TestStore::sqlite().await;
    let mut other = SqliteConnection::connect(store.url()).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let impatient = Store::connect(store.url(), impatient()).await.unwrap();
    let error = impatient.begin().await.map(drop).unwrap_err();
    assert!(matches!(error, StorageError::Locked), "{error:?}");
    impatient.check().await.unwrap();
    other.execute("ROLLBACK").await.unwrap();
    impatient.begin().await.unwrap().commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_table_held_by_somebody_else_is_locked() {
    let Some(store) = TestStore::postgres().await else {
        return;
    };
    let mut other = PgConnection::connect(store.url()).await.unwrap();
    let mut held = other.begin().await.unwrap();
    held.execute("LOCK TABLE institution IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let impatient = Store::connect(store.url(), impatient()).await.unwrap();
    let mut snapshot = impatient.read().await.unwrap();
    let error = storage::institutions::list_institutions(&mut snapshot)
        .await
        .unwrap_err();
    assert!(matches!(error, StorageError::Locked), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_missing_and_a_silent_server_is_unavailable() {
    let error = Store::connect("postgres://nobody@127.0.0.1:1/x", impatient())
        .await
        .unwrap_err();
    assert!(matches!(error, StorageError::Unavailable(_)), "{error:?}");
    let Some(store) = TestStore::postgres().await else {
        return;
    };
    let (server, options) = store.url().split_once('?').unwrap();
    let (server, _) = server.rsplit_once('/').unwrap();
    let error = Store::connect(
        &format!("{server}/no_such_database?{options}"),
        StoreOptions::default(),
    )
    .await;
    assert!(
        matches!(&error, Err(StorageError::Missing { place }) if place == "no_such_database"),
        "{error:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn all_connections_in_use_is_unavailable_after_the_wait() {
    let store = TestStore::sqlite().await;
    let small = Store::connect(store.url(), impatient()).await.unwrap();
    let held = small.read().await.unwrap();
    let error = small.read().await.map(drop).unwrap_err();
    assert!(matches!(error, StorageError::Unavailable(_)), "{error:?}");
    drop(held);
    small.read().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_by_name() {
    let store = TestStore::sqlite().await;
    let mut other = SqliteConnection::connect(store.url()).await.unwrap();
    other.execute("PRAGMA max_page_count = 1").await.unwrap();
    let outcome = other
        .execute("CREATE TABLE big (text TEXT); INSERT INTO big VALUES (hex(zeroblob(10000000)))")
        .await;
    assert!(matches!(
        StorageError::from(outcome.unwrap_err()),
        StorageError::Full
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_postgresql_says_of_a_refused_row_is_not_repeated() {
    let Some(store) = TestStore::postgres().await else {
        return;
    };
    let mut other = PgConnection::connect(store.url()).await.unwrap();
    let outcome = other
        .execute(
            "INSERT INTO rating (at, stars, reasons, comment, language, page) \
             VALUES ('2026-11-23', 9, '[]', 'call me, Anna Verdi', 'it', 'outcome')",
        )
        .await;
    let error = StorageError::from(outcome.unwrap_err());
    let shown = format!("{error} {error:?}");
    assert!(matches!(error, StorageError::Driver(_)));
    assert!(shown.contains("rating_stars_check"), "{shown}");
    assert!(!shown.contains("Verdi"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_the_engine_gave_up_by_itself_leaves_the_next_one_free() {
    let store = TestStore::sqlite().await;
    let mut other = SqliteConnection::connect(store.url()).await.unwrap();
    // As a full disk does, in the middle of a transaction.
    other
        .execute("CREATE TRIGGER full BEFORE INSERT ON rating BEGIN SELECT RAISE(ROLLBACK, 'full'); END")
        .await
        .unwrap();
    let rating = storage::ratings::NewRating {
        at: "2026-11-23T10:00:00Z".parse().unwrap(),
        stars: 5,
        reasons: Vec::new(),
        comment: None,
        language: "it".to_owned(),
        page: "outcome".to_owned(),
    };
    for _ in 0..3 {
        let mut tx = store.begin().await.unwrap();
        storage::ratings::record_rating(&mut tx, &rating)
            .await
            .unwrap_err();
    }
    other.execute("DROP TRIGGER full").await.unwrap();
    let mut tx = store.begin().await.unwrap();
    storage::ratings::record_rating(&mut tx, &rating).await.unwrap();
    tx.commit().await.unwrap();
}
