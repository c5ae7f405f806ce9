//! What can be asked of an import: to be shown, applied, stopped for a while or for good, gone on with.

use super::OutcomeFile;
use super::receive::leave_job;
use crate::audit::Act;
use crate::caller::{Caller, Forbidden};
use crate::{Services, Unavailable};
use domain::application::Scope;
use storage::audit::Actor;
use storage::imports::{self, Import, ImportState, find_import, move_import};
use storage::{StorageError, Tx};

/// Imports listed at once.
pub const LISTED_MAX: u32 = 100;
/// Times a wish is tried while the import moves on.
const TRIES_MAX: u32 = 50;

/// What somebody wants of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// To be applied, now or once it is checked.
    Apply,
    /// To stop for a while.
    Pause,
    /// To go on.
    Resume,
    /// To stop for good. What was applied stays.
    Cancel,
}

impl Wish {
    const fn action(self) -> &'static str {
        match self {
            Self::Apply => "import.applied",
            Self::Pause => "import.paused",
            Self::Resume => "import.resumed",
            Self::Cancel => "import.cancelled",
        }
    }
}

/// Why an import cannot be shown or changed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// There is none, or it is another institution's.
    #[error("there is no such import")]
    NotFound,
    /// It stands where that cannot be done.
    #[error("an import that is {} cannot be so", .0.as_str())]
    NotNow(ImportState),
    /// The application may load no files.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StorageError> for ImportError {
    fn from(error: StorageError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// The imports of a program's institution before one, the newest first, at most `limit` and [`LISTED_MAX`].
pub async fn list_imports(
    services: &Services,
    caller: &Caller,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Import>, ImportError> {
    // Files hold debts of whatever services: who may not load for all of them is shown its own alone.
    let own = caller
        .services(Scope::LoadFiles)?
        .map(|_| caller.application().id.as_str());
    let mut snapshot = services.store.glance().await?;
    let limit = limit.min(LISTED_MAX);
    Ok(imports::list_imports(&mut snapshot, caller.institution(), own, before, limit).await?)
}

/// An import of a program's institution.
pub async fn show_import(services: &Services, caller: &Caller, id: i64) -> Result<Import, ImportError> {
    let mut snapshot = services.store.glance().await?;
    seen(
        caller,
        find_import(&mut snapshot, caller.institution(), id).await?,
    )
}

/// An import, unless it is another program's and this one may not load for every service.
fn seen(caller: &Caller, import: Option<Import>) -> Result<Import, ImportError> {
    let only = caller.services(Scope::LoadFiles)?;
    import
        .filter(|import| only.is_none() || import.application == caller.application().id)
        .ok_or(ImportError::NotFound)
}

/// The outcome file of an import.
pub async fn outcome_of(services: &Services, caller: &Caller, id: i64) -> Result<OutcomeFile, ImportError> {
    let import = show_import(services, caller, id).await?;
    Ok(OutcomeFile::of(services, &import))
}

/// Does what somebody wants of an import. What is so already is no error.
pub async fn change_import(
    services: &Services,
    caller: &Caller,
    actor: Actor,
    id: i64,
    wish: Wish,
) -> Result<Import, ImportError> {
    let mut tries = 0;
    loop {
        let mut tx = services.store.begin().await?;
        let import = seen(caller, find_import(&mut tx, caller.institution(), id).await?)?;
        let Some(after) = decided(&import, wish, services.clock.now())? else {
            return Ok(import);
        };
        match write(services, caller, actor.clone(), tx, &after, wish).await {
            Ok(()) => {
                return Ok(Import {
                    version: after.version + 1,
                    ..after
                });
            }
            // It moved on meanwhile.
            Err(StorageError::Conflict) if tries < TRIES_MAX => tries += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

async fn write(
    services: &Services,
    caller: &Caller,
    actor: Actor,
    mut tx: Tx,
    after: &Import,
    wish: Wish,
) -> Result<(), StorageError> {
    let now = services.clock.now();
    move_import(&mut tx, after).await?;
    match wish {
        Wish::Apply | Wish::Resume => leave_job(&mut tx, &after.institution, after.id, now).await?,
        Wish::Pause | Wish::Cancel => {}
    }
    let subject = after.id.to_string();
    Act {
        actor,
        ..caller.act(wish.action(), &subject)
    }
    .note(&mut tx, now)
    .await?;
    tx.commit().await
}

/// How an import becomes what is wanted; `None` when it is so already.
fn decided(
    import: &Import,
    wish: Wish,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Option<Import>, ImportError> {
    use ImportState as S;
    let becomes = |state| {
        Some(Import {
            state,
            ..import.clone()
        })
    };
    let unattended = |is_unattended| {
        (import.is_unattended != is_unattended).then(|| Import {
            is_unattended,
            ..import.clone()
        })
    };
    Ok(match (wish, import.state) {
        (Wish::Apply, S::Received | S::Checking) => unattended(true),
        (Wish::Apply, S::Checked) | (Wish::Resume, S::Paused) => becomes(S::Applying),
        (Wish::Apply | Wish::Resume, S::Applying | S::Done)
        | (Wish::Pause, S::Paused)
        | (Wish::Cancel, S::Cancelled) => None,
        // Before it is applied a pause means that it waits to be told.
        (Wish::Pause, S::Received | S::Checking | S::Checked) => unattended(false),
        (Wish::Pause, S::Applying) => becomes(S::Paused),
        (Wish::Cancel, S::Received | S::Checking | S::Checked | S::Applying | S::Paused) => Some(Import {
            state: S::Cancelled,
            ended_at: Some(now),
            ..import.clone()
        }),
        (Wish::Apply, S::Paused | S::Cancelled | S::Failed)
        | (Wish::Pause, S::Done | S::Cancelled | S::Failed)
        | (Wish::Resume, S::Received | S::Checking | S::Checked | S::Cancelled | S::Failed)
        | (Wish::Cancel, S::Done | S::Failed) => return Err(ImportError::NotNow(import.state)),
    })
}
