//! The versions of the tables. The migrations are inside the binary.

use crate::engine::on_engine;
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{PgConnection, SqlitePool};

static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

statements! {
    FIND_VERSION = "SELECT MAX(version) FROM _sqlx_migrations WHERE success";
    GATHER_STATISTICS = "ANALYZE";
}

/// The migrations of SQLite and of PostgreSQL.
#[cfg(feature = "testing")]
pub fn migrators() -> [&'static Migrator; 2] {
    [&SQLITE, &POSTGRES]
}

/// The version this program needs: both engines have the same.
fn known_version() -> i64 {
    SQLITE
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or_default()
}

/// Brings a SQLite database up to date, in one transaction: it holds the writer, so two programs cannot both begin.
pub(crate) async fn migrate_sqlite(writer: &SqlitePool) -> Result<(), StorageError> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    SQLITE.run(&mut *transaction).await.map_err(migration_error)?;
    Ok(transaction.commit().await?)
}

/// Brings a PostgreSQL database up to date, under an advisory lock.
pub(crate) async fn migrate_postgres(connection: &mut PgConnection) -> Result<(), StorageError> {
    POSTGRES.run(connection).await.map_err(migration_error)
}

fn migration_error(error: MigrateError) -> StorageError {
    match error {
        MigrateError::VersionMissing(found) => StorageError::NewerVersion {
            found,
            known: known_version(),
        },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StorageError::Driver(sqlx::Error::Migrate(Box::new(other)).into()),
    }
}

/// Whether the tables are at exactly this program's version.
pub(crate) async fn check_version(snapshot: &mut Snapshot) -> Result<(), StorageError> {
    let known = known_version();
    let found: Result<Option<i64>, sqlx::Error> =
        on_engine!(snapshot, |c| sqlx::query_scalar(FIND_VERSION).fetch_one(c).await);
    let found = match found {
        Ok(version) => version.unwrap_or_default(),
        Err(error) if is_missing_table(&error) => 0,
        Err(error) => return Err(error.into()),
    };
    match found {
        _ if found < known => Err(StorageError::NotMigrated { found, known }),
        _ if found > known => Err(StorageError::NewerVersion { found, known }),
        _ => Ok(()),
    }
}

/// Counts what the tables hold, for the planner.
pub(crate) async fn gather_statistics(tx: &mut Tx) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(GATHER_STATISTICS)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

fn is_missing_table(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| {
        error.code().as_deref() == Some("42P01") || error.message().starts_with("no such table")
    })
}
