//! A fresh database for each test, on either engine, gone when the test ends.

use crate::engine::on_engine;
use crate::{Snapshot, StorageError, Store, StoreOptions, Tx};
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io::Write as _;
use std::ops::Deref;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::Duration;

pub use crate::schema::migrators;
pub use crate::statements::{Statement, all as all_statements};
pub use crate::write_ahead_log::LOG_BYTES_MAX;

/// The variable that holds the address of a PostgreSQL database tests may write in. `tests/with-postgres` sets it.
pub const POSTGRES_VARIABLE: &str = "LANTERNA_TEST_POSTGRES";

/// A migrated [`Store`] of its own.
pub struct TestStore {
    store: Store,
    url: String,
    remains: Remains,
}

/// A moment in the handling of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Its message is about to be stored.
    MessageArrives,
    /// Its message is stored, its position read, and it is about to be recorded.
    ReceiptArrives,
    /// It is recorded, and its position is about to move.
    ReceiptRecorded,
    /// The position moved, and the instalment is about to be marked as paid.
    PositionMoved,
    /// Everything is written, and nothing committed.
    EventRecorded,
}

impl Moment {
    /// Every moment, in order.
    pub const ALL: [Self; 5] = [
        Self::MessageArrives,
        Self::ReceiptArrives,
        Self::ReceiptRecorded,
        Self::PositionMoved,
        Self::EventRecorded,
    ];

    /// The triggers that halt there, on SQLite and on PostgreSQL.
    const fn triggers(self) -> (&'static str, &'static str) {
        macro_rules! both {
            ($when:literal) => {
                (
                    concat!(
                        "CREATE TRIGGER halt ",
                        $when,
                        " BEGIN SELECT count(*) FROM endless; END"
                    ),
                    concat!(
                        "CREATE TRIGGER halt ",
                        $when,
                        " FOR EACH ROW EXECUTE FUNCTION halt()"
                    ),
                )
            };
        }
        match self {
            Self::MessageArrives => both!("BEFORE INSERT ON message"),
            Self::ReceiptArrives => both!("BEFORE INSERT ON receipt"),
            Self::ReceiptRecorded => both!("AFTER INSERT ON receipt"),
            Self::PositionMoved => both!("AFTER UPDATE ON debt_position"),
            Self::EventRecorded => both!("AFTER INSERT ON position_event"),
        }
    }
}

/// SQLite cannot sleep: it counts for ever.
const HALT_ON_SQLITE: &str = "CREATE VIEW endless AS \
     WITH RECURSIVE step (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM step) SELECT n FROM step";
const HALT_ON_POSTGRES: &str = "CREATE FUNCTION halt() RETURNS trigger LANGUAGE plpgsql AS \
     'BEGIN PERFORM pg_sleep(3600); RETURN NEW; END'";
const FILL_UP_ON_POSTGRES: &str = "CREATE FUNCTION halt() RETURNS trigger LANGUAGE plpgsql AS \
     'BEGIN RAISE disk_full; END'";

/// What to clear away.
enum Remains {
    Folder {
        _folder: tempfile::TempDir,
    },
    Schema {
        server: String,
        schema: String,
        /// Whether its tables lie in a space of the same name.
        in_space: bool,
    },
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
    pub async fn postgres() -> Option<TestStore> {
        Self::on_postgres(None).await
    }

    /// The same, with its tables in a folder, empty and on this machine, that may be given to the database's user.
    ///
    /// # Panics
    /// When the database is named but cannot be used, or not with this folder.
    pub async fn postgres_in(folder: &Path) -> Option<TestStore> {
        Self::on_postgres(Some(folder)).await
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "tests are told by a variable where their database is"
    )]
    async fn on_postgres(folder: Option<&Path>) -> Option<TestStore> {
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
        let separator = if server.contains('?') { '&' } else { '?' };
        let mut url = format!("{server}{separator}options[search_path]={schema}");
        if let Some(folder) = folder {
            make_space(&mut admin, &schema, folder).await;
            url = format!("{url}&options[default_tablespace]={schema}");
        }
        admin.close().await.expect("the connection closes");
        let store = open(&url).await;
        Some(TestStore {
            store,
            url,
            remains: Remains::Schema {
                server,
                schema,
                in_space: folder.is_some(),
            },
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

    /// From now on, whoever comes to this moment of keeping a receipt stays there, with the transaction open, until
    /// its connection ends.
    ///
    /// # Panics
    /// When it cannot be arranged: the test cannot go on.
    pub async fn halt_at(&self, moment: Moment) {
        let mut tx = self.store.begin().await.expect("the test database is free");
        let (sqlite, postgres) = moment.triggers();
        let done = on_engine!(tx, |c| run_all(c, &[HALT_ON_SQLITE, sqlite]).await, |c| run_all(
            c,
            &[HALT_ON_POSTGRES, postgres]
        )
        .await);
        done.expect("the halt is arranged");
        tx.commit().await.expect("the halt is kept");
    }

    /// From now on, whoever comes to this moment of keeping a receipt is told that the disk is full.
    ///
    /// # Panics
    /// When it cannot be arranged, as on SQLite: the test cannot go on.
    pub async fn fill_up_at(&self, moment: Moment) {
        let mut snapshot = self.store.glance().await.expect("the test database is free");
        let (_, trigger) = moment.triggers();
        let done = on_engine!(snapshot, |_c| panic!("SQLite's disk is filled for real"), |c| {
            run_all(c, &[FILL_UP_ON_POSTGRES, trigger]).await
        });
        done.expect("the disk looks full");
    }

    /// Ends what [`Self::fill_up_at`] began.
    ///
    /// # Panics
    /// When it cannot be arranged: the test cannot go on.
    pub async fn make_room(&self) {
        let mut tx = self.store.begin().await.expect("the test database is free");
        lift(&mut tx).await.expect("there is room");
        tx.commit().await.expect("the room stays");
    }

    /// Whether somebody is halted. On SQLite: whether somebody holds the writer.
    ///
    /// # Panics
    /// When it cannot be told: the test cannot go on.
    pub async fn is_halted(&self) -> bool {
        const SLEEPING: &str = "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
        if let Remains::Schema { .. } = self.remains {
            let mut snapshot = self.store.glance().await.expect("the test database answers");
            let sleeps = on_engine!(snapshot, |_c| Ok(false), |c| sqlx::query_scalar(SLEEPING)
                .fetch_one(c)
                .await);
            return matches!(sleeps, Ok(true));
        }
        let options = StoreOptions {
            wait_max: Duration::from_millis(50),
            ..StoreOptions::default()
        };
        let other = Store::connect(&self.url, options)
            .await
            .expect("the test database opens");
        matches!(other.begin().await, Err(StorageError::Locked))
    }

    /// Lets everybody pass again. Who was halted and has no client left is ended, as the server itself does later.
    ///
    /// # Panics
    /// When it cannot be arranged: the test cannot go on.
    pub async fn let_pass(&self) {
        const END_SLEEPERS: &str =
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
        let mut snapshot = self.store.glance().await.expect("the test database answers");
        on_engine!(snapshot, |_c| Ok(()), |c| sqlx::query(END_SLEEPERS)
            .execute(c)
            .await
            .map(drop))
        .expect("sleepers end");
        drop(snapshot);
        let mut tx = self.store.begin().await.expect("the test database is free");
        lift(&mut tx).await.expect("the halt is lifted");
        tx.commit().await.expect("the halt is gone");
    }

    /// How many requests of the hub are kept.
    ///
    /// # Panics
    /// When they cannot be counted: the test cannot go on.
    pub async fn count_requests(&self) -> i64 {
        const COUNT: &str = "SELECT count(*) FROM message WHERE kind = 'request' AND direction = 'inbound'";
        let mut snapshot = self.store.glance().await.expect("the test database is free");
        on_engine!(snapshot, |c| sqlx::query_scalar(COUNT).fetch_one(c).await).expect("messages are counted")
    }

    /// The address of this very database, for a second [`Store`] or a process.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Takes away what halts or refuses.
async fn lift(tx: &mut Tx) -> Result<(), sqlx::Error> {
    on_engine!(
        tx,
        |c| run_all(c, &["DROP TRIGGER halt", "DROP VIEW endless"]).await,
        |c| run_all(c, &["DROP FUNCTION halt() CASCADE"]).await
    )
}

/// Makes a space for tables in a folder, which becomes the database's own.
async fn make_space(admin: &mut PgConnection, name: &str, folder: &Path) {
    let data: String = sqlx::query_scalar("SHOW data_directory")
        .fetch_one(&mut *admin)
        .await
        .expect("the database says where its data are");
    let owner = std::fs::metadata(data).expect("its data are on this machine");
    chown(folder, Some(owner.uid()), Some(owner.gid())).expect("the folder can be given away");
    run(
        admin,
        &[
            "CREATE TABLESPACE ",
            name,
            " LOCATION '",
            &folder.display().to_string(),
            "'",
        ],
    )
    .await
    .expect("a space for tables can be made");
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

/// Waits for something until it was asked so many times, then drops it, as a process does that ends or a server whose client
/// went away. `None` when it was dropped.
pub async fn asked_at_most<F: Future>(times: usize, waited_for: F) -> Option<F::Output> {
    let mut left = times;
    let mut waited_for = pin!(waited_for);
    poll_fn(|context| {
        let Some(rest) = left.checked_sub(1) else {
            return Poll::Ready(None);
        };
        left = rest;
        waited_for.as_mut().poll(context).map(Some)
    })
    .await
}

/// Everything kept of an institution, row by row as text, in the order of the texts: for tests that nothing changed.
///
/// # Panics
/// When the database does not answer.
#[expect(
    clippy::disallowed_methods,
    reason = "the statement is made of the database's own names, for a test"
)]
pub async fn contents(store: &TestStore, institution: &str) -> Vec<String> {
    const OF_ITS_POSITIONS: &str = "position_id IN (SELECT id FROM debt_position WHERE institution = ";
    const OF_ITS_NOTICES: &str = "instalment_id IN (SELECT id FROM instalment WHERE institution = ";
    let mut snapshot = store.read().await.expect("the database answers");
    let is_sqlite = store.engine_name() == "SQLite";
    let columns = if is_sqlite {
        "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'"
    } else {
        "SELECT table_name::text, column_name::text FROM information_schema.columns \
         WHERE table_schema = current_schema() ORDER BY ordinal_position"
    };
    let columns: Vec<(String, String)> =
        on_engine!(snapshot, |c| sqlx::query_as(columns).fetch_all(c).await).expect("the tables are listed");
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (table, column) in columns {
        tables.entry(table).or_default().push(column);
    }
    let mut rows = Vec::new();
    for (table, columns) in tables {
        let has = |name: &str| columns.iter().any(|column| column == name);
        let (of_it, end) = if has("institution") {
            ("institution = ", "")
        } else if has("recipient") {
            ("recipient = ", "")
        } else if has("position_id") {
            (OF_ITS_POSITIONS, ")")
        } else if has("instalment_id") {
            (OF_ITS_NOTICES, ")")
        } else {
            continue;
        };
        let texts: Vec<String> = columns
            .iter()
            .map(|column| {
                if is_sqlite {
                    format!("quote({column})")
                } else {
                    format!("quote_nullable({column}::text)")
                }
            })
            .collect();
        let text = texts.join(" || ',' || ");
        let query = format!("SELECT '{table}: ' || {text} FROM {table} WHERE {of_it}'{institution}'{end}");
        let found: Vec<String> = on_engine!(snapshot, |c| sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .fetch_all(c)
            .await)
        .expect("the rows are read");
        rows.extend(found);
    }
    rows.sort();
    rows
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

async fn run_all<'c, C>(connection: &'c mut C, statements: &[&'static str]) -> Result<(), sqlx::Error>
where
    for<'e> &'e mut C: sqlx::Executor<'e>,
{
    for statement in statements {
        connection.execute(sqlx::raw_sql(*statement)).await?;
    }
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
        let Remains::Schema {
            server,
            schema,
            in_space,
        } = &self.remains
        else {
            return;
        };
        let (server, schema, in_space) = (server.clone(), schema.clone(), *in_space);
        // The test's own runtime is busy dropping us. What fails here is cleared with the whole server.
        let clearing = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .ok()?;
            runtime.block_on(async {
                let mut admin = PgConnection::connect(&server).await.ok()?;
                run(&mut admin, &["SET lock_timeout = '2s'"]).await.ok()?;
                run(&mut admin, &["DROP SCHEMA ", &schema, " CASCADE"])
                    .await
                    .ok()?;
                if in_space {
                    run(&mut admin, &["DROP TABLESPACE ", &schema]).await.ok()?;
                }
                Some(())
            })
        });
        drop(clearing.join());
    }
}
