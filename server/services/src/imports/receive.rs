//! Taking a file in, as it comes: written under another name, with its digest, then named once it is whole and on the disk.

use super::counts::{Applied, Checked};
use super::{Imports, file_in};
use crate::audit::Act;
use crate::caller::Caller;
use crate::jobs::JobKind;
use crate::{Services, Unavailable};
use bulk::{HEAD_BYTES, RefusedFile, recognise};
use domain::application::Scope;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::io;
use std::path::PathBuf;
use storage::StorageError;
use storage::audit::Actor;
use storage::imports::{self, Import, NewImport};
use storage::jobs::{NewJob, enqueue};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

/// Characters kept of a file's name.
const NAME_MAX: usize = 200;
/// How a file is called while it comes.
const UNFINISHED: &str = "coming-";

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// It is nothing that is read.
    #[error(transparent)]
    Refused(#[from] RefusedFile),
    /// It is too large.
    #[error("a file has at most {0} bytes: split it")]
    TooLarge(u64),
    /// The application may load no files.
    #[error(transparent)]
    Forbidden(#[from] crate::caller::Forbidden),
    /// It cannot be written.
    #[error("the file cannot be kept: {0}")]
    File(#[from] io::Error),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StorageError> for ReceiveError {
    fn from(error: StorageError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// A file that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its import.
    pub import: Import,
    /// Whether it was here before.
    pub is_known: bool,
}

/// A file that is coming. Dropped, it leaves nothing.
#[derive(Debug)]
pub struct Receiving {
    file: File,
    path: Unfinished,
    digest: Sha256,
    bytes: u64,
    head: Vec<u8>,
    bytes_max: u64,
}

/// A file to be deleted unless it becomes something.
#[derive(Debug)]
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // It is gone when it got its name.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Receiving {
    /// Begins to take a file of a program's.
    ///
    /// # Errors
    /// When it may load none, or there is no place for it.
    pub async fn begin(services: &Services, caller: &Caller) -> Result<Self, ReceiveError> {
        caller.services(Scope::LoadFiles)?;
        let Imports {
            folder,
            file_bytes_max,
        } = &*services.imports;
        tokio::fs::create_dir_all(folder).await?;
        let path = folder.join(format!("{UNFINISHED}{}", services.ids.token()));
        let mut open = tokio::fs::OpenOptions::new();
        open.write(true).create_new(true);
        #[cfg(unix)]
        open.mode(0o600);
        let file = open.open(&path).await?;
        Ok(Self {
            file,
            path: Unfinished(path),
            digest: Sha256::new(),
            bytes: 0,
            head: Vec::new(),
            bytes_max: *file_bytes_max,
        })
    }

    /// Takes its next bytes. What is nothing that is read is refused as soon as that can be told.
    ///
    /// # Errors
    /// When it is too large or nothing that is read, or cannot be written.
    pub async fn take(&mut self, bytes: &[u8]) -> Result<(), ReceiveError> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.bytes_max {
            return Err(ReceiveError::TooLarge(self.bytes_max));
        }
        if self.head.len() < HEAD_BYTES {
            let room = HEAD_BYTES - self.head.len();
            self.head.extend_from_slice(&bytes[..room.min(bytes.len())]);
            if self.head.len() == HEAD_BYTES {
                recognise(&self.head)?;
            }
        }
        self.digest.update(bytes);
        Ok(self.file.write_all(bytes).await?)
    }

    /// Keeps it, once it came whole: from now on whoever does jobs checks it, and applies it when `is_unattended`. A file
    /// that is here already is answered with its import.
    pub async fn keep(
        self,
        services: &Services,
        caller: &Caller,
        actor: Actor,
        file_name: &str,
        is_unattended: bool,
    ) -> Result<Received, ReceiveError> {
        let format = recognise(&self.head)?;
        let institution = caller.institution();
        let digest: [u8; 32] = self.digest.finalize().into();
        let mut file = self.file;
        file.flush().await?;
        file.sync_all().await?;
        let path = file_in(&services.imports.folder, institution.as_str(), &digest);
        tokio::fs::rename(&self.path.0, &path).await?;
        File::open(&services.imports.folder).await?.sync_all().await?;

        let now = services.clock.now();
        let name: String = file_name
            .chars()
            .filter(|c| !c.is_control())
            .take(NAME_MAX)
            .collect();
        let new = NewImport {
            institution,
            application: &caller.application().id,
            file_name: &name,
            digest,
            bytes: self.bytes,
            format: format.as_str(),
            is_unattended,
            checked: &serde_json::to_string(&Checked::default()).unwrap_or_default(),
            applied: &serde_json::to_string(&Applied::default()).unwrap_or_default(),
        };
        let mut tx = services.store.begin().await?;
        if let Some(import) = imports::find_import_of_file(&mut tx, institution, &digest).await? {
            return Ok(Received {
                import,
                is_known: true,
            });
        }
        let id = match imports::insert_import(&mut tx, &new, now).await {
            Ok(id) => id,
            // The same file came twice at once.
            Err(StorageError::Duplicate { .. }) => {
                drop(tx);
                let mut snapshot = services.store.glance().await?;
                let known = imports::find_import_of_file(&mut snapshot, institution, &digest).await?;
                let import = known.ok_or(StorageError::Conflict)?;
                return Ok(Received {
                    import,
                    is_known: true,
                });
            }
            Err(error) => return Err(error.into()),
        };
        leave_job(&mut tx, institution, id, now).await?;
        let subject = id.to_string();
        Act {
            actor,
            ..caller.act("import.received", &subject)
        }
        .with(
            json!({ "bytes": self.bytes, "format": format.as_str(), "digest": crate::digest::hexadecimal(&digest) }),
        )
        .note(&mut tx, now)
        .await?;
        let import = imports::find_import(&mut tx, institution, id).await?;
        let import = import.ok_or(StorageError::Conflict)?;
        tx.commit().await?;
        Ok(Received {
            import,
            is_known: false,
        })
    }
}

/// Leaves the job of an import.
pub(super) async fn leave_job(
    tx: &mut storage::Tx,
    institution: &domain::CreditorFiscalCode,
    import: i64,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), StorageError> {
    let payload = json!({ "import": import }).to_string();
    let job = NewJob {
        kind: JobKind::Import.as_str(),
        key: &import.to_string(),
        institution,
        payload: &payload,
        run_at: now,
    };
    enqueue(tx, &job, now).await
}

/// Takes a file of this machine.
pub async fn receive_file(
    services: &Services,
    caller: &Caller,
    actor: Actor,
    path: &std::path::Path,
    is_unattended: bool,
) -> Result<Received, ReceiveError> {
    use tokio::io::AsyncReadExt as _;
    let mut from = File::open(path).await?;
    let mut receiving = Receiving::begin(services, caller).await?;
    let mut piece = vec![0; 256 * 1024];
    loop {
        let count = from.read(&mut piece).await?;
        if count == 0 {
            break;
        }
        receiving.take(&piece[..count]).await?;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    receiving
        .keep(services, caller, actor, &name, is_unattended)
        .await
}
