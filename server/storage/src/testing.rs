//! A fresh database for each test, on either engine, gone when the test ends.

use crate::engine::on_engine;
use crate::{Snapshot, StorageError, Store, StoreOptions};
use sqlx::{Connection as _, PgConnection};
use std::io::Write as _;
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};

pub use crate::schema::migrators;
pub use crate::statements::{Statement, all as all_statements};

/// The variable that holds the address of a PostgreSQL database tests may write in. `tests/with-postgres` sets it.
pub const POSTGRES_VARIABLE: &str = "LANTERNA_TEST_POSTGRES";

/// A migrated [`Store`] of its own.
pub struct TestStore {
    store: Store,
    url: String,
    remains: Remains,
}

/// What to clear away.
enum Remains {
    Folder { _folder: tempfile::TempDir },
    Schema { server: String, schema: String },
}

impl TestStore {
    /// A store on a new SQLite file.
    ///
    /// # Panics
    /// When it cannot be made: the test cannot go on.
    pub async fn sqlite() -> TestStore {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let url = format!("sqlite:{}", folder.path().join("lanterna.db").display());
        let store = open(&url).await;
        TestStore {
            store,
            url,
            remains: Remains::Folder { _folder: folder },
        }
    }

    /// A store on a new schema of the PostgreSQL database named by [`POSTGRES_VARIABLE`]; `None`, said on the
    /// terminal, when it is not set.
    ///
    /// # Panics
    /// When the database is named but cannot be used.
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are told by a variable where their database is"
    )]
    pub async fn postgres() -> Option<TestStore> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var(POSTGRES_VARIABLE) else {
            // Not `eprintln!`, which the test runner keeps to itself when a test passes.
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED on PostgreSQL: {POSTGRES_VARIABLE} is not set (see server/storage/tests/with-postgres)"
            );
            return None;
        };
        let schema = format!(
            "test_{}_{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let mut admin = PgConnection::connect(&server)
            .await
            .expect("the test database answers");
        run(&mut admin, &["CREATE SCHEMA ", &schema])
            .await
            .expect("a schema can be made");
        admin.close().await.expect("the connection closes");
        let separator = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{separator}options[search_path]={schema}");
        let store = open(&url).await;
        Some(TestStore {
            store,
            url,
            remains: Remains::Schema { server, schema },
        })
    }

    /// Makes the database look as if a later release had migrated it.
    ///
    /// # Panics
    /// When it cannot be written: the test cannot go on.
    pub async fn leave_to_a_later_release(&self) {
        const MARK: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 9001, 'of a later release', success, checksum, 0 FROM _sqlx_migrations LIMIT 1";
        let mut tx = self.store.begin().await.expect("the test database is free");
        let marked = on_engine!(tx, |c| sqlx::query(MARK).execute(c).await.map(drop));
        marked.expect("the mark is written");
        tx.commit().await.expect("the mark is kept");
    }

    /// The address of this very database, for a second [`Store`] or a process.
    pub fn url(&self) -> &str {
        &self.url
    }
}

async fn open(url: &str) -> Store {
    let options = StoreOptions {
        create_missing: true,
        ..StoreOptions::default()
    };
    let store = Store::connect(url, options)
        .await
        .expect("the test database opens");
    store.migrate().await.expect("the migrations run");
    store
}

/// Tries to write through a snapshot, which no function of the library does: the engine itself must refuse.
///
/// # Errors
/// Always, unless the engine lets a reader write.
pub async fn try_to_write(snapshot: &mut Snapshot) -> Result<(), StorageError> {
    on_engine!(snapshot, |c| sqlx::query("DELETE FROM service")
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Runs a statement made of parts none of which comes from outside the tests.
async fn run(connection: &mut PgConnection, parts: &[&str]) -> Result<(), sqlx::Error> {
    let mut statement = sqlx::QueryBuilder::<sqlx::Postgres>::new("");
    for part in parts {
        statement.push(part);
    }
    statement
        .build()
        .persistent(false)
        .execute(connection)
        .await
        .map(drop)
}

impl Deref for TestStore {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Drop for TestStore {
    fn drop(&mut self) {
        let Remains::Schema { server, schema } = &self.remains else {
            return;
        };
        let (server, schema) = (server.clone(), schema.clone());
        // The test's own runtime is busy dropping us. What fails here is cleared with the whole server.
        let clearing = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .ok()?;
            runtime.block_on(async {
                let mut admin = PgConnection::connect(&server).await.ok()?;
                run(&mut admin, &["SET lock_timeout = '2s'"]).await.ok()?;
                run(&mut admin, &["DROP SCHEMA ", &schema, " CASCADE"]).await.ok()
            })
        });
        drop(clearing.join());
    }
}
