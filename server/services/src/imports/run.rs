//! The job of an import: what it does next, whoever takes it up.

use super::apply::Applying;
use super::check::check_file;
use super::source::{Source, blocking};
use crate::caller::Caller;
use crate::directory::Entries;
use crate::jobs::Outcome;
use crate::{Services, Unavailable};
use bulk::{OpenError, Place};
use domain::application::Scope;
use serde::Deserialize;
use std::io;
use std::sync::Arc;
use storage::imports::{Import, ImportState, find_import, move_import};
use storage::jobs::ClaimedJob;
use storage::{StorageError, applications};

#[derive(Deserialize)]
struct Payload {
    import: i64,
}

/// What comes after a step.
pub(super) enum Step {
    More,
    Last,
}

/// Why a step was not made.
pub(super) enum StepError {
    Storage(StorageError),
    File(io::Error),
    /// The institution is not served here any more.
    NoInstitution,
    /// The import cannot go on.
    Hopeless(String),
}

impl From<StorageError> for StepError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<io::Error> for StepError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl From<OpenError> for StepError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::File(error) if error.kind() == io::ErrorKind::NotFound => {
                Self::Hopeless("its file is not in the folder of imports any more".to_owned())
            }
            OpenError::File(error) => Self::File(error),
            OpenError::Refused(refused) => Self::Hopeless(refused.english()),
        }
    }
}

/// Does what is next of an import.
pub(crate) async fn run_import(services: &Services, job: &ClaimedJob) -> Result<Outcome, Unavailable> {
    let Payload { import: id } = job.read_payload()?;
    loop {
        let found = find_import(&mut services.store.glance().await?, &job.institution, id).await?;
        let Some(import) = found else {
            return Ok(Outcome::Hopeless(format!("there is no import {id}")));
        };
        let step = match import.state {
            ImportState::Received => begin(services, import.clone()).await,
            ImportState::Checking | ImportState::Applying => go_on(services, job, import.clone()).await,
            ImportState::Checked
            | ImportState::Paused
            | ImportState::Done
            | ImportState::Cancelled
            | ImportState::Failed => return Ok(Outcome::Done),
        };
        match step {
            Ok(Step::More) => {}
            Ok(Step::Last) => return Ok(Outcome::Done),
            // Somebody else did this step, or stopped the import: the next look tells. Another worker's turn comes first.
            Err(StepError::Storage(StorageError::Conflict)) => {
                return Ok(Outcome::Again(services.clock.now()));
            }
            Err(StepError::Storage(error)) => return Err(error.into()),
            Err(StepError::File(error)) => {
                let place = services.imports.folder.display();
                return Ok(Outcome::PutOff {
                    until: None,
                    why: format!("cannot read the file of import {id} in {place}: {error}"),
                });
            }
            Err(StepError::NoInstitution) => {
                let why = format!("institution {} is not served here", import.institution);
                return fail(services, import, why).await;
            }
            Err(StepError::Hopeless(why)) => return fail(services, import, why).await,
        }
    }
}

async fn begin(services: &Services, import: Import) -> Result<Step, StepError> {
    let import = Import {
        state: ImportState::Checking,
        ..import
    };
    let mut tx = services.store.begin().await?;
    move_import(&mut tx, &import).await?;
    tx.commit().await?;
    Ok(Step::More)
}

async fn go_on(services: &Services, job: &ClaimedJob, import: Import) -> Result<Step, StepError> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let caller = caller_of(services, &import).await?;
    let is_check = import.state == ImportState::Checking;
    let place = if is_check {
        Place::default()
    } else {
        Place {
            byte: import.place_byte,
            row: import.place_row,
        }
    };
    let source = open(services, &entries, &caller, &import, place).await?;
    if is_check {
        check_file(services, job, import, source).await
    } else {
        Applying::new(entries, caller, import)?
            .go_on(services, job, source)
            .await
    }
}

async fn open(
    services: &Services,
    entries: &Arc<Entries>,
    caller: &Caller,
    import: &Import,
    place: Place,
) -> Result<Source, StepError> {
    let path = services.imports.file_of(import);
    let (services, entries, caller) = (services.clone(), Arc::clone(entries), caller.clone());
    let institution = import.institution.clone();
    Ok(blocking(move || Source::open(&path, &institution, place, &services, &entries, &caller)).await?)
}

/// The program an import is done for, with what it may do by now.
async fn caller_of(services: &Services, import: &Import) -> Result<Caller, StepError> {
    let mut snapshot = services.store.glance().await?;
    let application = applications::find_application(&mut snapshot, &import.application).await?;
    let caller = application
        .filter(|application| application.active && application.institution == import.institution)
        .map(|application| Caller::new(Arc::new(application), None))
        .filter(|caller| caller.services(Scope::LoadFiles).is_ok());
    caller.ok_or_else(|| {
        StepError::Hopeless(format!(
            "application {} may load no files any more",
            import.application
        ))
    })
}

async fn fail(services: &Services, import: Import, why: String) -> Result<Outcome, Unavailable> {
    let failed = Import {
        state: ImportState::Failed,
        failure: Some(why.clone()),
        ended_at: Some(services.clock.now()),
        ..import
    };
    let mut tx = services.store.begin().await?;
    match move_import(&mut tx, &failed).await {
        Ok(()) => tx.commit().await?,
        Err(StorageError::Conflict) => return Ok(Outcome::Again(services.clock.now())),
        Err(error) => return Err(error.into()),
    }
    Ok(Outcome::Hopeless(why))
}
