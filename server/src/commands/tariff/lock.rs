//! `lanterna tariff lock`

use super::files::{Found, counted, tell};
use super::{Unusable, say};
use crate::tariffs::folder::LOCK;
use ::tariff::compile::{Lock, check_versions};
use ::tariff::model::Status;
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Reads a folder's lock; an empty one when there is none.
pub(super) fn read_lock(folder: &Path) -> Result<Lock> {
    let path = folder.join(LOCK);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Lock::parse(&text)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Lock::default()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Lists the versions that are not published, and publishes them when asked. Refuses while a published one is not as it
/// was, or anything has a mistake.
pub(super) fn lock(folder: &Path, write: bool) -> Result<()> {
    if !folder.is_dir() {
        bail!(Unusable(format!("{} is not a folder", folder.display())));
    }
    let mut found = Found::read(&[folder.to_owned()])?;
    found.mistakes.extend(check_versions(&found.files));
    if !found.mistakes.is_empty() {
        tell(&found.mistakes);
        bail!("{} to mend first", counted(found.mistakes.len(), "mistake"));
    }
    let mut lock = read_lock(folder)?;
    let changed = lock.check(&found.files);
    if !changed.is_empty() {
        for error in &changed {
            super::super::complain(&error.to_string());
        }
        bail!("{} not as published", counted(changed.len(), "version"));
    }
    let mut published = 0;
    let new: Vec<_> = lock.unpublished(&found.files).into_iter().cloned().collect();
    for file in &new {
        let said = format!("{} {} {}", file.tariff.id, file.tariff.version, file.file);
        if file.tariff.status == Status::Draft {
            say(&format!("{said}: a draft, not to be published"));
            continue;
        }
        lock.publish(file);
        published += 1;
        say(&format!(
            "{said}: {}",
            if write { "published" } else { "not published yet" }
        ));
    }
    if write && published > 0 {
        replace(&folder.join(LOCK), &lock.write())?;
    }
    if published == 0 {
        say("nothing to publish");
    } else if !write {
        say("say --write to publish: after that they never change");
    }
    Ok(())
}

/// Writes a file at once: whoever reads it finds the old text or the new one.
fn replace(path: &Path, text: &str) -> Result<()> {
    let beside = path.with_extension("lock.new");
    fs::write(&beside, text)
        .and_then(|()| fs::rename(&beside, path))
        .with_context(|| format!("cannot write {}", path.display()))
}
