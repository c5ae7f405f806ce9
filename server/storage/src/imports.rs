//! Bulk loads: which files came, how far each is, and what became of their rows.
//!
//! Each step is written by compare-and-set on the import's version, in the transaction of what it did: of two workers at
//! the same step one is told [`StorageError::Conflict`], and a step that was interrupted is simply done again.

use crate::engine::on_engine;
use crate::error::{duplicate_or_unknown, unknown};
use crate::row::{RowOf, one_row};
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::CreditorFiscalCode;
use serde::de::DeserializeOwned;

macro_rules! import_query {
    ($tail:literal) => {
        concat!(
            "SELECT id, institution, application, file_name, digest, bytes, format, unattended, state, version, \
             place_byte, place_row, chunks, checked, applied, failure, created_at, ended_at FROM import ",
            $tail
        )
    };
}

statements! {
    INSERT_IMPORT =
        "INSERT INTO import (institution, application, file_name, digest, bytes, format, unattended, state, version, \
                             place_byte, place_row, chunks, checked, applied, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'received', 0, 0, 0, 0, $8, $9, $10) RETURNING id";
    FIND_IMPORT = import_query!("WHERE id = $1 AND institution = $2");
    FIND_IMPORT_OF_FILE = import_query!(
        "WHERE institution = $1 AND digest = $2 AND state NOT IN ('cancelled', 'failed')"
    );
    LIST_IMPORTS = import_query!(
        "WHERE institution = $1 AND application = COALESCE($2, application) AND id < $3 ORDER BY id DESC LIMIT $4"
    );
    MOVE_IMPORT =
        "UPDATE import SET state = $1, unattended = $2, place_byte = $3, place_row = $4, chunks = $5, checked = $6, \
                           applied = $7, failure = $8, ended_at = $9, version = version + 1 \
         WHERE id = $10 AND version = $11";
    INSERT_CHUNK =
        "INSERT INTO import_chunk (import, ordinal, from_byte, to_byte, from_row, to_row, lines) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    LIST_CHUNKS =
        "SELECT import, ordinal, from_byte, to_byte, from_row, to_row, lines FROM import_chunk \
         WHERE import = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3";
    DELETE_IMPORTS_BEFORE =
        "DELETE FROM import WHERE id IN (SELECT id FROM import WHERE ended_at < $1 ORDER BY ended_at LIMIT $2) \
         RETURNING institution, digest";
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// The file is here, and nobody looked into it yet.
    Received,
    /// It is being looked through.
    Checking,
    /// It was looked through, and waits for somebody to say that it is to be applied.
    Checked,
    /// It is being applied.
    Applying,
    /// Somebody stopped it for a while.
    Paused,
    /// Every row has its outcome.
    Done,
    /// Somebody stopped it for good. What was applied stays.
    Cancelled,
    /// It cannot go on.
    Failed,
}

impl ImportState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Received,
        Self::Checking,
        Self::Checked,
        Self::Applying,
        Self::Paused,
        Self::Done,
        Self::Cancelled,
        Self::Failed,
    ];

    /// The name kept in storage, and told to programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Checking => "checking",
            Self::Checked => "checked",
            Self::Applying => "applying",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// Whether nothing more happens to it.
    pub const fn is_over(self) -> bool {
        match self {
            Self::Received | Self::Checking | Self::Checked | Self::Applying | Self::Paused => false,
            Self::Done | Self::Cancelled | Self::Failed => true,
        }
    }
}

/// A file to be loaded, as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImport<'a> {
    /// Whose debts.
    pub institution: &'a CreditorFiscalCode,
    /// The program that sent it, or for which it is loaded.
    pub application: &'a str,
    /// Its name as it came.
    pub file_name: &'a str,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// Its length.
    pub bytes: u64,
    /// What it is.
    pub format: &'static str,
    /// Whether it is applied as soon as it is checked.
    pub is_unattended: bool,
    /// What the check found, before there was one, as JSON.
    pub checked: &'a str,
    /// What was done, before anything was, as JSON.
    pub applied: &'a str,
}

/// An import, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its row.
    pub id: i64,
    /// Whose debts.
    pub institution: CreditorFiscalCode,
    /// The program that sent it, or for which it is loaded.
    pub application: String,
    /// Its name as it came.
    pub file_name: String,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
    /// Its length.
    pub bytes: u64,
    /// The name of its format.
    pub format: String,
    /// Whether it is applied as soon as it is checked.
    pub is_unattended: bool,
    /// Where it stands.
    pub state: ImportState,
    /// How many steps it made.
    pub version: i64,
    /// Bytes before the next debt to apply.
    pub place_byte: u64,
    /// Rows before it.
    pub place_row: u64,
    /// Pieces written.
    pub chunks: u64,
    /// What the check found, as JSON.
    pub checked: String,
    /// What was done, as JSON.
    pub applied: String,
    /// Why it failed.
    pub failure: Option<String>,
    /// When the file came.
    pub created_at: DateTime<Utc>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Import {
    /// Reads what the check found.
    ///
    /// # Errors
    /// When another program wrote something else.
    pub fn read_checked<T: DeserializeOwned>(&self) -> Result<T, StorageError> {
        self.json("checked", &self.checked)
    }

    /// Reads what was done.
    ///
    /// # Errors
    /// When another program wrote something else.
    pub fn read_applied<T: DeserializeOwned>(&self) -> Result<T, StorageError> {
        self.json("applied", &self.applied)
    }

    fn json<T: DeserializeOwned>(&self, column: &'static str, text: &str) -> Result<T, StorageError> {
        let key = self.id.to_string();
        RowOf {
            table: "import",
            key: &key,
        }
        .json(column, text)
    }
}

/// What became of some rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportChunk {
    /// Its place among the import's, from 1.
    pub ordinal: u64,
    /// The bytes of the file it is about, from the first to before the last.
    pub bytes: (u64, u64),
    /// Its rows, in the same way.
    pub rows: (u64, u64),
    /// Their lines of the outcome file, deflated.
    pub lines: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct ImportRow {
    id: i64,
    institution: String,
    application: String,
    file_name: String,
    digest: Vec<u8>,
    bytes: i64,
    format: String,
    unattended: bool,
    state: String,
    version: i64,
    place_byte: i64,
    place_row: i64,
    chunks: i64,
    checked: String,
    applied: String,
    failure: Option<String>,
    created_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

impl TryFrom<ImportRow> for Import {
    type Error = StorageError;
    fn try_from(row: ImportRow) -> Result<Self, StorageError> {
        let key = row.id.to_string();
        let of = RowOf {
            table: "import",
            key: &key,
        };
        Ok(Self {
            id: row.id,
            institution: of.parse("institution", &row.institution)?,
            digest: row.digest.try_into().map_err(|_| of.wrong("digest"))?,
            bytes: large(of, "bytes", row.bytes)?,
            state: of.one_of("state", &row.state, ImportState::ALL, ImportState::as_str)?,
            place_byte: large(of, "place_byte", row.place_byte)?,
            place_row: large(of, "place_row", row.place_row)?,
            chunks: large(of, "chunks", row.chunks)?,
            application: row.application,
            file_name: row.file_name,
            format: row.format,
            is_unattended: row.unattended,
            version: row.version,
            checked: row.checked,
            applied: row.applied,
            failure: row.failure,
            created_at: row.created_at,
            ended_at: row.ended_at,
        })
    }
}

#[derive(sqlx::FromRow)]
struct ChunkRow {
    import: i64,
    ordinal: i64,
    from_byte: i64,
    to_byte: i64,
    from_row: i64,
    to_row: i64,
    lines: Vec<u8>,
}

impl TryFrom<ChunkRow> for ImportChunk {
    type Error = StorageError;
    fn try_from(row: ChunkRow) -> Result<Self, StorageError> {
        let key = format!("{}/{}", row.import, row.ordinal);
        let of = RowOf {
            table: "import_chunk",
            key: &key,
        };
        Ok(Self {
            ordinal: large(of, "ordinal", row.ordinal)?,
            bytes: (
                large(of, "from_byte", row.from_byte)?,
                large(of, "to_byte", row.to_byte)?,
            ),
            rows: (
                large(of, "from_row", row.from_row)?,
                large(of, "to_row", row.to_row)?,
            ),
            lines: row.lines,
        })
    }
}

fn large(of: RowOf<'_>, column: &'static str, number: i64) -> Result<u64, StorageError> {
    u64::try_from(number).map_err(|_| of.wrong(column))
}

/// What counts in a program goes into a column as this.
fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Notes that a file came. Returns its row.
///
/// # Errors
/// [`StorageError::Duplicate`] when the same file is here already; [`StorageError::Unknown`] when there is no such
/// institution or application. Undo the transaction then.
pub async fn insert_import(
    tx: &mut Tx,
    import: &NewImport<'_>,
    at: DateTime<Utc>,
) -> Result<i64, StorageError> {
    let inserted = on_engine!(tx, |c| sqlx::query_scalar(INSERT_IMPORT)
        .bind(import.institution.as_str())
        .bind(import.application)
        .bind(import.file_name)
        .bind(&import.digest[..])
        .bind(column(import.bytes))
        .bind(import.format)
        .bind(import.is_unattended)
        .bind(import.checked)
        .bind(import.applied)
        .bind(at)
        .fetch_one(c)
        .await);
    inserted.map_err(|error| duplicate_or_unknown(error, "file", "institution or application"))
}

/// The institution's import of a row.
pub async fn find_import(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    id: i64,
) -> Result<Option<Import>, StorageError> {
    let row: Option<ImportRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_IMPORT)
        .bind(id)
        .bind(institution.as_str())
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// The institution's import of the file with this digest, unless it came to nothing.
pub async fn find_import_of_file(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    digest: &[u8; 32],
) -> Result<Option<Import>, StorageError> {
    let row: Option<ImportRow> = on_engine!(snapshot, |c| sqlx::query_as(FIND_IMPORT_OF_FILE)
        .bind(institution.as_str())
        .bind(&digest[..])
        .fetch_optional(c)
        .await)?;
    row.map(TryInto::try_into).transpose()
}

/// The institution's imports before a row, those of one application or of all, the newest first, at most `limit`.
pub async fn list_imports(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    application: Option<&str>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Import>, StorageError> {
    let rows: Vec<ImportRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_IMPORTS)
        .bind(institution.as_str())
        .bind(application)
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Writes an import as it becomes. Its version must be the one that was read; it grows by one.
///
/// # Errors
/// [`StorageError::Conflict`] when it moved since: read it again and decide again.
pub async fn move_import(tx: &mut Tx, import: &Import) -> Result<(), StorageError> {
    let moved = on_engine!(tx, |c| sqlx::query(MOVE_IMPORT)
        .bind(import.state.as_str())
        .bind(import.is_unattended)
        .bind(column(import.place_byte))
        .bind(column(import.place_row))
        .bind(column(import.chunks))
        .bind(&import.checked)
        .bind(&import.applied)
        .bind(&import.failure)
        .bind(import.ended_at)
        .bind(import.id)
        .bind(import.version)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    one_row(moved)
}

/// Writes what became of some rows.
pub async fn insert_chunk(tx: &mut Tx, import: i64, chunk: &ImportChunk) -> Result<(), StorageError> {
    let inserted = on_engine!(tx, |c| sqlx::query(INSERT_CHUNK)
        .bind(import)
        .bind(column(chunk.ordinal))
        .bind(column(chunk.bytes.0))
        .bind(column(chunk.bytes.1))
        .bind(column(chunk.rows.0))
        .bind(column(chunk.rows.1))
        .bind(&chunk.lines)
        .execute(c)
        .await
        .map(drop));
    inserted.map_err(|error| unknown(error, "import"))
}

/// What became of the rows of an import, in the order of the file, after a piece, at most `limit` pieces.
pub async fn list_chunks(
    snapshot: &mut Snapshot,
    import: i64,
    after: u64,
    limit: u32,
) -> Result<Vec<ImportChunk>, StorageError> {
    let rows: Vec<ChunkRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_CHUNKS)
        .bind(import)
        .bind(column(after))
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Deletes imports that were over before an instant, with what became of their rows, at most `limit`. Returns whose they were
/// and the digests of their files.
pub async fn delete_imports_before(
    tx: &mut Tx,
    before: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<(CreditorFiscalCode, [u8; 32])>, StorageError> {
    let deleted: Vec<(String, Vec<u8>)> = on_engine!(tx, |c| sqlx::query_as(DELETE_IMPORTS_BEFORE)
        .bind(before)
        .bind(i64::from(limit))
        .fetch_all(c)
        .await)?;
    let of = RowOf {
        table: "import",
        key: "deleted",
    };
    deleted
        .into_iter()
        .map(|(institution, digest)| {
            let digest = digest.try_into().map_err(|_| of.wrong("digest"))?;
            Ok((of.parse("institution", &institution)?, digest))
        })
        .collect()
}
