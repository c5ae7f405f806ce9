//! What can go wrong between us and the archive.

use sqlx::error::ErrorKind;
use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;
use std::fmt;

/// Why the archive did not do what it was asked. Holds no personal data, in `Debug` either: it may go to a log.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Somebody else changed the row first: read it again and decide again.
    #[error("the row was changed by somebody else meanwhile")]
    Conflict,
    /// There is one already.
    #[error("there is already one with this {what}")]
    Duplicate {
        /// What must be unique.
        what: &'static str,
    },
    /// It refers to something that is not there.
    #[error("there is no such {what}")]
    Unknown {
        /// What is not there.
        what: &'static str,
    },
    /// A row the domain cannot read: changed by hand, or by a newer version.
    #[error("{table}.{column} of row {key} holds something that cannot be there")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column, or the columns that contradict one another.
        column: &'static str,
        /// The row's own number or code.
        key: String,
    },
    /// The address is neither `sqlite:` and a path nor `postgres://`.
    #[error("the database address must be sqlite:PATH or postgres://USER@HOST/NAME")]
    UnsupportedUrl,
    /// The file, or the database on its server, is not there.
    #[error(
        "there is no database {place}: correct --database, or make it (the folder of a file; `createdb` on a server) \
         and run `lanterna migrate`"
    )]
    Missing {
        /// The file, or the name on the server.
        place: String,
    },
    /// Somebody else holds the database.
    #[error("the database is locked by another process: end it, or wait for its copy or import to finish")]
    Locked,
    /// No room on the disk.
    #[error("the disk of the database is full: make room; nothing already acknowledged is lost")]
    Full,
    /// This user may not write the database.
    #[error(
        "the database cannot be opened for writing: give this user the right to, on the file and its folder"
    )]
    NotPermitted,
    /// The file is something else, or broken.
    #[error("the file is not a database, or is damaged: correct --database, or restore the last backup")]
    Damaged,
    /// The tables are missing or older than this program.
    #[error("the database is at version {found} and this program needs {known}: run `lanterna migrate`")]
    NotMigrated {
        /// The version found, 0 for none.
        found: i64,
        /// The version this program needs.
        known: i64,
    },
    /// The tables were made by a newer program, which may keep things this one would overlook.
    #[error(
        "the database is at version {found} and this program knows only {known}: install the newer program"
    )]
    NewerVersion {
        /// The version found.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The database does not answer.
    #[error("the database does not answer: see that it runs and that --database is right")]
    Unavailable(#[source] DriverError),
    /// Anything else.
    #[error("the database refused a statement")]
    Driver(#[source] DriverError),
}

/// An error of the driver, printed without the values PostgreSQL quotes in its details.
pub struct DriverError(Box<sqlx::Error>);

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            sqlx::Error::Database(error) => {
                write!(f, "{} ({})", error.message(), error.code().unwrap_or_default())
            }
            other => fmt::Display::fmt(other, f),
        }
    }
}

impl fmt::Debug for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

// No source: `sqlx::Error` would print what this type hides.
impl std::error::Error for DriverError {}

impl From<sqlx::Error> for DriverError {
    fn from(error: sqlx::Error) -> Self {
        Self(Box::new(error))
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.into()),
            sqlx::Error::Database(database) => {
                let code = database.code().unwrap_or_default().into_owned();
                let known = if database.try_downcast_ref::<SqliteError>().is_some() {
                    sqlite_error(&code)
                } else if database.try_downcast_ref::<PgDatabaseError>().is_some() {
                    postgres_error(&code)
                } else {
                    None
                };
                match known {
                    Some(Known::Is(known)) => known,
                    Some(Known::Unavailable) => Self::Unavailable(error.into()),
                    None => Self::Driver(error.into()),
                }
            }
            _ => Self::Driver(error.into()),
        }
    }
}

enum Known {
    Is(StorageError),
    Unavailable,
}

/// Result codes of SQLite; the low byte is the family.
fn sqlite_error(code: &str) -> Option<Known> {
    let family = code.parse::<u32>().ok()? & 0xff;
    Some(match family {
        5 | 6 => Known::Is(StorageError::Locked),
        8 | 14 => Known::Is(StorageError::NotPermitted),
        11 | 26 => Known::Is(StorageError::Damaged),
        13 => Known::Is(StorageError::Full),
        10 => Known::Unavailable,
        _ => return None,
    })
}

/// SQLSTATE codes of PostgreSQL.
fn postgres_error(code: &str) -> Option<Known> {
    Some(match code {
        "53100" => Known::Is(StorageError::Full),
        "55P03" => Known::Is(StorageError::Locked),
        "25006" | "42501" => Known::Is(StorageError::NotPermitted),
        // A deadlock or a serialisation failure: the loser starts again.
        "40001" | "40P01" => Known::Is(StorageError::Conflict),
        "53300" | "57014" | "57P01" | "57P02" | "57P03" => Known::Unavailable,
        _ if code.starts_with("08") || code.starts_with("28") => Known::Unavailable,
        _ => return None,
    })
}

/// The error of an insertion that can break one uniqueness rule.
pub(crate) fn duplicate(error: sqlx::Error, what: &'static str) -> StorageError {
    match error.as_database_error().map(sqlx::error::DatabaseError::kind) {
        Some(ErrorKind::UniqueViolation) => StorageError::Duplicate { what },
        _ => error.into(),
    }
}

/// The error of an insertion that can refer to one thing that is not there.
pub(crate) fn unknown(error: sqlx::Error, what: &'static str) -> StorageError {
    match error.as_database_error().map(sqlx::error::DatabaseError::kind) {
        Some(ErrorKind::ForeignKeyViolation) => StorageError::Unknown { what },
        _ => error.into(),
    }
}

/// The error of an insertion that can break one uniqueness rule and refer to one thing that is not there.
pub(crate) fn duplicate_or_unknown(
    error: sqlx::Error,
    what: &'static str,
    referred: &'static str,
) -> StorageError {
    match error.as_database_error().map(sqlx::error::DatabaseError::kind) {
        Some(ErrorKind::ForeignKeyViolation) => StorageError::Unknown { what: referred },
        _ => duplicate(error, what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_lock_are_told_apart_from_the_rest() {
        let sqlite = |code| sqlite_error(code).map(|known| matches!(known, Known::Is(_)));
        assert!(matches!(sqlite_error("5"), Some(Known::Is(StorageError::Locked))));
        assert!(matches!(
            sqlite_error("517"),
            Some(Known::Is(StorageError::Locked))
        ));
        assert!(matches!(sqlite_error("13"), Some(Known::Is(StorageError::Full))));
        assert_eq!(sqlite("10"), Some(false));
        assert_eq!(sqlite("2067"), None);
        assert!(matches!(
            postgres_error("53100"),
            Some(Known::Is(StorageError::Full))
        ));
        assert!(matches!(
            postgres_error("40P01"),
            Some(Known::Is(StorageError::Conflict))
        ));
        assert!(matches!(postgres_error("57P03"), Some(Known::Unavailable)));
        assert!(postgres_error("23505").is_none());
    }
}
