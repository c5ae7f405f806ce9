//! Folders that programs put files into: each file is taken once it is whole, applied unattended, and moved to `done` or
//! `refused` with its outcome beside it.
//!
//! A file is whole when another one called as it with `.ready` after lies beside it, or when it is as long as it was at the
//! look before, and not younger. What is hidden, or ends in `.part`, `.tmp` or `.ready`, is no file of debts.

use super::control::{outcome_of, show_import};
use super::receive::{ReceiveError, receive_file};
use crate::caller::Caller;
use crate::{Services, Unavailable};
use domain::application::Scope;
use std::collections::HashMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use storage::applications::find_application;
use storage::audit::Actor;
use storage::imports::ImportState;

/// Files taken in one look at a folder.
const FILES_MAX: usize = 100;

/// A watched folder, as it was at the last look.
#[derive(Debug)]
pub struct Watched {
    /// The folder.
    pub folder: PathBuf,
    /// Id of the application its files are loaded for.
    pub application: String,
    seen: HashMap<PathBuf, (u64, Option<SystemTime>)>,
    /// Files that were taken, and their imports.
    taken: HashMap<PathBuf, i64>,
}

impl Watched {
    /// A folder nobody looked at yet.
    pub fn new(folder: PathBuf, application: String) -> Self {
        Self {
            folder,
            application,
            seen: HashMap::new(),
            taken: HashMap::new(),
        }
    }
}

/// Looks at folders: takes what is whole, and moves away what is over.
pub async fn look_at_folders(services: &Services, folders: &mut [Watched]) -> Result<(), Unavailable> {
    for watched in folders {
        if let Err(error) = look_at(services, watched).await {
            match error {
                LookError::Unavailable(error) => return Err(error),
                LookError::File(error) => {
                    tracing::error!(folder = %watched.folder.display(), %error, "cannot look at a watched folder");
                }
                LookError::Application => {
                    tracing::error!(
                        folder = %watched.folder.display(),
                        application = watched.application,
                        "the application of a watched folder may load no files"
                    );
                }
            }
        }
    }
    Ok(())
}

enum LookError {
    File(io::Error),
    Application,
    Unavailable(Unavailable),
}

impl From<io::Error> for LookError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl From<storage::StorageError> for LookError {
    fn from(error: storage::StorageError) -> Self {
        Self::Unavailable(error.into())
    }
}

async fn look_at(services: &Services, watched: &mut Watched) -> Result<(), LookError> {
    let application = find_application(&mut services.store.glance().await?, &watched.application).await?;
    let caller = application
        .filter(|application| application.active)
        .map(|application| Caller::new(Arc::new(application), None))
        .filter(|caller| caller.services(Scope::LoadFiles).is_ok())
        .ok_or(LookError::Application)?;
    for (path, length, changed) in files_in(&watched.folder)? {
        if let Some(id) = watched.taken.get(&path).copied() {
            if move_when_over(services, &caller, &path, id).await? {
                watched.taken.remove(&path);
            }
            continue;
        }
        let marker = marker_of(&path);
        let seen = watched.seen.insert(path.clone(), (length, changed));
        if !marker.exists() && seen != Some((length, changed)) {
            continue;
        }
        let actor = Actor::Application(watched.application.clone());
        match receive_file(services, &caller, actor, &path, true).await {
            Ok(received) => {
                watched.taken.insert(path.clone(), received.import.id);
            }
            Err(ReceiveError::Unavailable(error)) => return Err(LookError::Unavailable(error)),
            Err(ReceiveError::Forbidden(_)) => return Err(LookError::Application),
            Err(ReceiveError::File(error)) => return Err(error.into()),
            Err(error @ (ReceiveError::Refused(_) | ReceiveError::TooLarge(_))) => {
                let told = match &error {
                    ReceiveError::Refused(refused) => {
                        format!("{}\n{}\n", refused.italian(), refused.english())
                    }
                    other => format!("{other}\n"),
                };
                let moved = move_into(&path, "refused")?;
                std::fs::write(beside(&moved, "txt"), told)?;
            }
        }
        watched.seen.remove(&path);
    }
    watched.seen.retain(|path, _| path.exists());
    watched.taken.retain(|path, _| path.exists());
    Ok(())
}

/// The files of a folder, in the order of their names.
fn files_in(folder: &Path) -> io::Result<Vec<(PathBuf, u64, Option<SystemTime>)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_other =
            name.starts_with('.') || [".part", ".tmp", ".ready"].iter().any(|end| name.ends_with(end));
        // Links lead elsewhere: whoever may write here may not have everything read.
        let kind = entry.file_type()?;
        if is_other || !kind.is_file() {
            continue;
        }
        let about = entry.metadata()?;
        files.push((entry.path(), about.len(), about.modified().ok()));
    }
    files.sort();
    files.truncate(FILES_MAX);
    Ok(files)
}

fn marker_of(path: &Path) -> PathBuf {
    beside(path, "ready")
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// Moves a file into a folder beside it, under a name nothing there has.
fn move_into(path: &Path, folder: &str) -> io::Result<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new(".")).join(folder);
    std::fs::create_dir_all(&folder)?;
    let name = path.file_name().unwrap_or_default();
    let mut to = folder.join(name);
    let mut number = 1;
    while to.exists() {
        number += 1;
        to = folder.join(format!("{number}-{}", name.to_string_lossy()));
    }
    std::fs::rename(path, &to)?;
    let _ = std::fs::remove_file(marker_of(path));
    Ok(to)
}

/// Moves the file of an import that is over, with its outcome. Says whether it was.
async fn move_when_over(
    services: &Services,
    caller: &Caller,
    path: &Path,
    id: i64,
) -> Result<bool, LookError> {
    use super::ImportError;
    let import = match show_import(services, caller, id).await {
        Ok(import) => import,
        Err(ImportError::Unavailable(error)) => return Err(LookError::Unavailable(error)),
        Err(ImportError::NotFound | ImportError::NotNow(_) | ImportError::Forbidden(_)) => return Ok(true),
    };
    if !import.state.is_over() {
        return Ok(false);
    }
    let folder = match import.state {
        ImportState::Done => "done",
        _ => "refused",
    };
    let moved = move_into(path, folder)?;
    let mut written = std::fs::File::create(beside(&moved, "outcome.csv"))?;
    let mut outcome = match outcome_of(services, caller, id).await {
        Ok(outcome) => outcome,
        Err(ImportError::Unavailable(error)) => return Err(LookError::Unavailable(error)),
        Err(ImportError::NotFound | ImportError::NotNow(_) | ImportError::Forbidden(_)) => return Ok(true),
    };
    while let Some(piece) = outcome.next().await.map_err(LookError::Unavailable)? {
        written.write_all(&piece)?;
    }
    written.sync_all()?;
    Ok(true)
}
