//! The two engines behind one `Store`, and the transactions on them.

use crate::postgres_connection::PostgresConnection;
use crate::statements::statements;
use crate::write_ahead_log::WriteAheadLog;
use crate::{StorageError, schema};
use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// Runs one expression on whichever engine holds the connection: `on_engine!(tx, |c| query.execute(c).await)`. Where the
/// engines differ there is one for SQLite and one for PostgreSQL. An expression that is left half-way, by `?` or because
/// nobody waits for it any more, costs its connection.
macro_rules! on_engine {
    ($snapshot:expr, |$c:ident| $body:expr) => {
        on_engine!($snapshot, |$c| $body, |$c| $body)
    };
    ($snapshot:expr, |$sqlite:ident| $on_sqlite:expr, |$postgres:ident| $on_postgres:expr) => {
        match $snapshot.connection() {
            crate::engine::Connection::Sqlite($sqlite) => $on_sqlite,
            crate::engine::Connection::Postgres($postgres) => {
                let done = $on_postgres;
                $snapshot.ended();
                done
            }
        }
    };
}
pub(crate) use on_engine;

/// How to use a database.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Connections at most: readers on SQLite, where there is one writer besides; all of them on PostgreSQL.
    pub connections_max: u32,
    /// How long a request waits for a free connection, or for another process's lock.
    pub wait_max: Duration,
    /// Makes the SQLite file when there is none. A PostgreSQL database is always made by its administrator.
    pub create_missing: bool,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            connections_max: 8,
            wait_max: Duration::from_secs(5),
            create_missing: false,
        }
    }
}

/// The archive. Cloning is cheap: clones share connections.
#[derive(Debug, Clone)]
pub struct Store {
    pools: Pools,
}

#[derive(Debug, Clone)]
enum Pools {
    /// SQLite has one writer at a time: waiting for it in our own queue is fair, and waiting in SQLite's is not.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
        log: Arc<WriteAheadLog>,
    },
    Postgres(PgPool),
}

impl Store {
    /// Connects to `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`. The tables may still be missing: see
    /// [`Store::migrate`] and [`Store::check`].
    pub async fn connect(url: &str, options: StoreOptions) -> Result<Store, StorageError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            connect_sqlite(Path::new(path.strip_prefix("//").unwrap_or(path)), &options).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let connect = PgConnectOptions::from_str(url).map_err(|_| StorageError::UnsupportedUrl)?;
            connect_postgres(connect, &options).await
        } else {
            Err(StorageError::UnsupportedUrl)
        }
    }

    /// Brings the tables to this program's version. Refuses a database of a newer one. Programs that start together
    /// wait for one another.
    pub async fn migrate(&self) -> Result<(), StorageError> {
        match &self.pools {
            Pools::Sqlite { writer, .. } => schema::migrate_sqlite(writer).await,
            Pools::Postgres(pool) => schema::migrate_postgres(&mut *pool.acquire().await?).await,
        }
    }

    /// Whether the database answers and is at exactly this program's version.
    pub async fn check(&self) -> Result<(), StorageError> {
        schema::check_version(&mut self.glance().await?).await
    }

    /// Tells the planner what the tables hold. To be done after a large load: until then questions are planned as if the
    /// tables were still small, and answered by reading them whole.
    pub async fn gather_statistics(&self) -> Result<(), StorageError> {
        let mut tx = self.begin().await?;
        schema::gather_statistics(&mut tx).await?;
        tx.commit().await
    }

    /// Begins a transaction that may write. On SQLite it holds the writer from the start, so that it cannot fail
    /// half-way for somebody else's lock.
    pub async fn begin(&self) -> Result<Tx, StorageError> {
        let held = match &self.pools {
            Pools::Sqlite { writer, .. } => Held::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => Held::Postgres(PostgresConnection::begin(pool, "BEGIN").await?),
        };
        Ok(Tx {
            snapshot: Snapshot { held },
        })
    }

    /// Begins several reads that see the archive at one moment.
    pub async fn read(&self) -> Result<Snapshot, StorageError> {
        let held = match &self.pools {
            Pools::Sqlite { readers, .. } => Held::Sqlite(readers.begin().await?),
            Pools::Postgres(pool) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                Held::Postgres(PostgresConnection::begin(pool, begin).await?)
            }
        };
        Ok(Snapshot { held })
    }

    /// A connection for one statement, which sees one moment by itself: spares the two exchanges that begin and end a
    /// transaction. Several statements may see different moments.
    pub async fn glance(&self) -> Result<Snapshot, StorageError> {
        let held = match &self.pools {
            Pools::Sqlite { readers, .. } => Held::SqliteOnce(readers.acquire().await?),
            Pools::Postgres(pool) => Held::Postgres(PostgresConnection::acquire(pool).await?),
        };
        Ok(Snapshot { held })
    }

    /// Closes every connection, after what is under way.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, readers, log } => {
                readers.close().await;
                log.close().await;
                // Last, so that its closing folds the log back into the file.
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// Whether writers wait for one another: what one transaction writes keeps every other one waiting.
    pub fn has_one_writer(&self) -> bool {
        match &self.pools {
            Pools::Sqlite { .. } => true,
            Pools::Postgres(_) => false,
        }
    }

    /// The engine's name, for people.
    pub fn engine_name(&self) -> &'static str {
        match &self.pools {
            Pools::Sqlite { .. } => "SQLite",
            Pools::Postgres(_) => "PostgreSQL",
        }
    }
}

async fn connect_sqlite(path: &Path, options: &StoreOptions) -> Result<Store, StorageError> {
    // Readers and writer are separate connections, which a database in memory does not share.
    if path.as_os_str().is_empty() || path == Path::new(":memory:") {
        return Err(StorageError::UnsupportedUrl);
    }
    if !(path.exists() || options.create_missing && create_private(path)) {
        return Err(StorageError::Missing {
            place: path.display().to_string(),
        });
    }
    let connect = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // Pages the log of messages touches again and again are folded back once for all, every 32 MiB.
        .pragma("wal_autocheckpoint", "8192")
        // Counting what the tables hold looks at so many rows of each index: everybody else waits for it.
        .pragma("analysis_limit", "1000")
        .foreign_keys(true)
        .busy_timeout(options.wait_max)
        .disable_statement_logging();
    // Local connections do not go stale: none is tested, renewed or given up.
    let pool = || {
        PoolOptions::<Sqlite>::new()
            .acquire_timeout(options.wait_max)
            .test_before_acquire(false)
            .max_lifetime(None)
            .idle_timeout(None)
    };
    let log = Arc::new(WriteAheadLog::of(path, connect.clone()));
    let kept_short = Arc::clone(&log);
    let writer = pool()
        .max_connections(1)
        .before_acquire(move |connection, _| {
            let log = Arc::clone(&kept_short);
            Box::pin(async move {
                let is_free = is_free(connection);
                if is_free {
                    log.keep_short().await;
                }
                Ok(is_free)
            })
        })
        .connect_with(connect.clone())
        .await?;
    let readers = pool()
        .max_connections(options.connections_max)
        .before_acquire(|connection, _| Box::pin(std::future::ready(Ok(is_free(connection)))))
        .connect_with(connect.pragma("query_only", "ON"))
        .await?;
    Ok(Store {
        pools: Pools::Sqlite { writer, readers, log },
    })
}

/// A full disk makes SQLite give a transaction up by itself, and the driver goes on believing in it: every later one would
/// be refused. Such a connection is left for a new one.
fn is_free(connection: &SqliteConnection) -> bool {
    !connection.is_in_transaction()
}

/// Makes an empty file only this user can read, and the folders it lies in: the archive holds personal data, and SQLite
/// gives its companions the same rights.
fn create_private(path: &Path) -> bool {
    // When a folder cannot be made neither can the file, which is what is told.
    let _ = path.parent().map(std::fs::create_dir_all);
    let mut open = std::fs::OpenOptions::new();
    open.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    open.open(path).is_ok() || path.exists()
}

async fn connect_postgres(connect: PgConnectOptions, options: &StoreOptions) -> Result<Store, StorageError> {
    let place = connect
        .get_database()
        .unwrap_or(connect.get_username())
        .to_owned();
    let connect = connect
        .application_name("lanterna")
        .options([("lock_timeout", format!("{}ms", options.wait_max.as_millis()))])
        .disable_statement_logging();
    let pool = PoolOptions::<Postgres>::new()
        .max_connections(options.connections_max)
        .acquire_timeout(options.wait_max)
        // A busy connection is known to be alive; asking it each time would double the exchanges of a verify.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > Duration::from_secs(1) {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(connect)
        .await
        .map_err(|error| {
            match error
                .as_database_error()
                .and_then(sqlx::error::DatabaseError::code)
                .as_deref()
            {
                Some("3D000") => StorageError::Missing { place },
                _ => error.into(),
            }
        })?;
    Ok(Store {
        pools: Pools::Postgres(pool),
    })
}

/// One moment of the archive, to read from.
pub struct Snapshot {
    held: Held,
}

enum Held {
    Sqlite(Transaction<'static, Sqlite>),
    SqliteOnce(PoolConnection<Sqlite>),
    Postgres(PostgresConnection),
}

/// A connection of either engine.
pub(crate) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Snapshot {
    /// What is for the engine that holds the connection.
    pub(crate) fn pick<T>(&self, sqlite: T, postgres: T) -> T {
        match &self.held {
            Held::Sqlite(_) | Held::SqliteOnce(_) => sqlite,
            Held::Postgres(_) => postgres,
        }
    }

    /// The connection, to say something on. For [`on_engine`] alone.
    pub(crate) fn connection(&mut self) -> Connection<'_> {
        match &mut self.held {
            Held::Sqlite(transaction) => Connection::Sqlite(transaction),
            Held::SqliteOnce(connection) => Connection::Sqlite(connection),
            Held::Postgres(connection) => Connection::Postgres(connection.amid()),
        }
    }

    /// What was said last on the connection was answered to its end. For [`on_engine`] alone.
    pub(crate) fn ended(&mut self) {
        if let Held::Postgres(connection) = &mut self.held {
            connection.ended();
        }
    }
}

statements! {
    SET_MARK = "SAVEPOINT mark";
    GO_BACK = "ROLLBACK TO SAVEPOINT mark";
    TAKE_MARK_AWAY = "RELEASE SAVEPOINT mark";
}

/// A transaction: reads like a [`Snapshot`], and writes. Dropping it undoes it.
pub struct Tx {
    snapshot: Snapshot,
}

impl Tx {
    /// Makes everything it did permanent, and visible to others.
    pub async fn commit(self) -> Result<(), StorageError> {
        match self.snapshot.held {
            Held::Sqlite(transaction) => transaction.commit().await?,
            Held::Postgres(connection) => connection.commit().await?,
            Held::SqliteOnce(_) => {}
        }
        Ok(())
    }
}

impl Tx {
    /// Sets a mark to go back to when what follows fails. The one before it is kept beneath.
    pub async fn set_mark(&mut self) -> Result<(), StorageError> {
        self.mark(SET_MARK).await
    }

    /// Undoes what was done since the mark, and takes it away: the transaction can go on after an error.
    pub async fn go_back(&mut self) -> Result<(), StorageError> {
        self.mark(GO_BACK).await?;
        self.mark(TAKE_MARK_AWAY).await
    }

    /// Takes the mark away: what was done since stays.
    pub async fn take_mark_away(&mut self) -> Result<(), StorageError> {
        self.mark(TAKE_MARK_AWAY).await
    }

    async fn mark(&mut self, statement: &'static str) -> Result<(), StorageError> {
        on_engine!(self, |c| sqlx::query(statement).execute(c).await.map(drop))?;
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Snapshot;
    fn deref(&self) -> &Snapshot {
        &self.snapshot
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Snapshot {
        &mut self.snapshot
    }
}
