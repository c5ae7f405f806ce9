//! The write-ahead log of a SQLite file, kept short.
//!
//! SQLite copies the log back into the file by itself, but begins it anew only at a moment when nobody reads from it.
//! Among readers that follow one another without a gap that moment never comes, and the log grows for as long as they do.
//! Past a bound the readers of the moment are waited for: those that begin meanwhile read the file, where everything is.

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The log's length, in bytes, past which it is begun anew.
#[cfg_attr(
    not(feature = "testing"),
    expect(unreachable_pub, reason = "only tests know it outside")
)]
pub const LOG_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How much further it may grow before that is tried again, when somebody reads for long.
const GROWN_BYTES: u64 = 8 * 1024 * 1024;
/// How long the readers of the moment are waited for, while nobody writes: they need some thousandths of a second.
const WAIT_MAX: Duration = Duration::from_millis(100);
const FOLD: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

/// The log beside an archive.
#[derive(Debug)]
pub(crate) struct WriteAheadLog {
    path: PathBuf,
    /// The length from which on something is done.
    bound: AtomicU64,
    /// A connection with a patience of its own, made when it is needed.
    folder: SqlitePool,
}

impl WriteAheadLog {
    /// The log of the archive at `path`, which is reached by `connect`.
    pub(crate) fn of(path: &Path, connect: SqliteConnectOptions) -> Self {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        Self {
            path: log.into(),
            bound: AtomicU64::new(LOG_BYTES_MAX),
            folder: SqlitePool::connect_lazy_with(connect.busy_timeout(WAIT_MAX)),
        }
    }

    /// Begins the log anew if it is too long. To be called by whoever holds the writer and has not begun to write. When it
    /// cannot be done now, the archive is none the worse.
    pub(crate) async fn keep_short(&self) {
        if self.length() < self.bound.load(Ordering::Relaxed) {
            return;
        }
        // Whether it was done, the length tells.
        let _ = sqlx::query(FOLD).execute(&self.folder).await;
        let bound = LOG_BYTES_MAX.max(self.length() + GROWN_BYTES);
        self.bound.store(bound, Ordering::Relaxed);
    }

    pub(crate) async fn close(&self) {
        self.folder.close().await;
    }

    fn length(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len())
    }
}
