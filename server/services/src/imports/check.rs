//! Looking through a file without writing a position: how much there is, and what is wrong.
//!
//! Nothing of a check is kept but its result: cut off, it begins anew.

use super::counts::Checked;
use super::run::Step;
use super::source::{Source, Wanted, blocking};
use crate::{Services, jobs};
use bulk::{RowError, RowProblem};
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use storage::StorageError;
use storage::imports::{Import, ImportState, move_import};
use storage::jobs::ClaimedJob;

/// Debts looked at before it is told how far the check is.
const SLICE: usize = 20_000;
/// Keys compared with those before. Of those after them the archive finds out which are there.
const KEYS_MAX: usize = 2_000_000;

/// The keys that came, as what little tells them apart: two different ones are taken for the same once in some thousand
/// files of the largest size.
struct Keys {
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl Keys {
    /// Whether a key came before.
    fn is_repeated(&mut self, key: &str) -> bool {
        let hash = self.hasher.hash_one(key);
        if self.seen.len() < KEYS_MAX {
            !self.seen.insert(hash)
        } else {
            self.seen.contains(&hash)
        }
    }
}

/// Checks a file to its end.
pub(super) async fn check_file(
    services: &Services,
    job: &ClaimedJob,
    mut import: Import,
    source: Source,
) -> Result<Step, super::run::StepError> {
    let mut checked = Checked {
        ignored_columns: source.ignored_columns().to_vec(),
        ..Checked::default()
    };
    let mut keys = Keys {
        seen: HashSet::new(),
        hasher: RandomState::new(),
    };
    let mut source = source;
    loop {
        let looked = blocking(move || {
            let is_last = look(&mut source, &mut keys, &mut checked)?;
            Ok::<_, std::io::Error>((source, keys, checked, is_last))
        })
        .await?;
        let is_last;
        (source, keys, checked, is_last) = looked;
        let place = source.place();
        checked.bytes = place.byte;
        checked.rows = place.row;
        let state = match (is_last, import.is_unattended) {
            (false, _) => ImportState::Checking,
            (true, false) => ImportState::Checked,
            (true, true) => ImportState::Applying,
        };
        import = Import {
            state,
            checked: serde_json::to_string(&checked).unwrap_or_default(),
            ..import
        };
        let mut tx = services.store.begin().await?;
        move_import(&mut tx, &import).await?;
        tx.commit().await?;
        import.version += 1;
        if is_last {
            return Ok(Step::More);
        }
        if !jobs::hold_on(services, job).await.map_err(|error| error.0)? {
            return Err(StorageError::Conflict.into());
        }
    }
}

/// Looks at the next debts. Says whether they were the last.
fn look(source: &mut Source, keys: &mut Keys, checked: &mut Checked) -> std::io::Result<bool> {
    for _ in 0..SLICE {
        let Some(looked) = source.take(1)?.pop() else {
            return Ok(true);
        };
        let debt = looked.debt;
        checked.debts += 1;
        if let Some(operation) = debt.operation {
            *checked.operations.entry(operation.to_owned()).or_default() += 1;
        }
        match looked.verdict {
            Ok(Wanted::New(_) | Wanted::Other) => checked.right += 1,
            Err(errors) => {
                checked.wrong += 1;
                checked.note(&errors);
            }
        }
        if debt.key.as_deref().is_some_and(|key| keys.is_repeated(key)) {
            checked.repeated += 1;
            checked.note(&[RowError::row(debt.first_row(), "", RowProblem::RepeatedKey)]);
        }
    }
    Ok(false)
}
