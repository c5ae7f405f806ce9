//! Tariff files of a folder, compiled.

use super::Unusable;
use crate::cli::ChosenTariff;
use crate::tariffs::folder;
use ::tariff::compile::{Compiled, Mistake, by_id, check_versions, compile};
use ::tariff::{Tariff, versions_in_force};
use anyhow::{Result, bail};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What was found: files without mistakes by themselves, and the mistakes of the others.
#[derive(Default)]
pub(super) struct Found {
    pub(super) files: Vec<Compiled>,
    pub(super) mistakes: Vec<Mistake>,
    /// The files that have mistakes, by their own words.
    broken: Vec<Option<String>>,
}

impl Found {
    /// Reads files, and folders with all they hold.
    pub(super) fn read(paths: &[PathBuf]) -> Result<Self> {
        let mut found = Self::default();
        for path in paths {
            for file in files_at(path)? {
                found.take(&file)?;
            }
        }
        Ok(found)
    }

    fn take(&mut self, path: &Path) -> Result<()> {
        let name = path.display().to_string();
        match folder::read_text(path).map_err(|error| Unusable(format!("{error:#}")))? {
            Ok(text) => match compile(&name, &text) {
                Ok(file) => self.files.push(file),
                Err(mistakes) => {
                    self.mistakes.extend(mistakes);
                    self.broken.push(id_of(&text));
                }
            },
            Err(line) => {
                self.mistakes.push(Mistake {
                    file: name,
                    line,
                    column: 1,
                    what: "the file is not UTF-8".to_owned(),
                    how: "save it as UTF-8".to_owned(),
                });
                self.broken.push(None);
            }
        }
        Ok(())
    }

    /// The one file there is, without mistakes of its own; what it is beside other versions is not asked.
    ///
    /// # Errors
    /// It has mistakes, which are then told, or there are several.
    pub(super) fn single(mut self) -> Result<Compiled> {
        if !self.mistakes.is_empty() {
            bail!(refused(&self.mistakes));
        }
        match (self.files.pop(), self.files.is_empty()) {
            (Some(file), true) => Ok(file),
            (Some(_) | None, _) => bail!(Unusable("there are several files: give one".to_owned())),
        }
    }

    /// The versions of one tariff, all without mistakes.
    ///
    /// # Errors
    /// There is no such tariff, or it has mistakes, which are then told.
    pub(super) fn of_tariff(mut self, id: Option<&str>) -> Result<Vec<Compiled>> {
        let ids: Vec<String> = by_id(&self.files).into_keys().map(str::to_owned).collect();
        let id = match (id, &ids[..]) {
            (Some(id), _) => id.to_owned(),
            (None, [only]) if self.broken.is_empty() => only.clone(),
            (None, []) if self.broken.is_empty() => bail!(Unusable("there is no tariff here".to_owned())),
            (None, _) if !self.broken.is_empty() => bail!(refused(&self.mistakes)),
            (None, several) => bail!(Unusable(format!("say --id, one of {}", several.join(", ")))),
        };
        // Another tariff's mistakes do not matter here; a file that does not say whose it is does.
        let concerned = |broken: &Option<String>| broken.as_ref().is_none_or(|broken| *broken == id);
        if self.broken.iter().any(concerned) {
            bail!(refused(&self.mistakes));
        }
        self.files.retain(|file| file.tariff.id == id);
        if self.files.is_empty() {
            bail!(Unusable(format!(
                "there is no tariff {id}; there are: {}",
                ids.join(", ")
            )));
        }
        let mistakes = check_versions(&self.files);
        if !mistakes.is_empty() {
            bail!(refused(&mistakes));
        }
        self.files.sort_by(|a, b| {
            (a.tariff.valid_from, &a.tariff.version).cmp(&(b.tariff.valid_from, &b.tariff.version))
        });
        Ok(self.files)
    }
}

/// The versions of the tariff a command is about.
pub(super) fn chosen(chosen: &ChosenTariff) -> Result<Vec<Compiled>> {
    Found::read(std::slice::from_ref(&chosen.tariff))?.of_tariff(chosen.id.as_deref())
}

/// Those that count: not those another one corrects.
pub(super) fn counting(files: &[Compiled]) -> Vec<&Tariff> {
    let all: Vec<&Tariff> = files.iter().map(|file| &file.tariff).collect();
    versions_in_force(&all)
}

/// Tells mistakes where a command tells what went wrong.
pub(super) fn tell(mistakes: &[Mistake]) {
    let mut err = std::io::stderr().lock();
    for mistake in mistakes {
        let _ = writeln!(err, "{mistake}");
    }
}

fn refused(mistakes: &[Mistake]) -> Unusable {
    tell(mistakes);
    Unusable(format!("{} to mend first", counted(mistakes.len(), "mistake")))
}

/// `1 mistake`, `2 mistakes`.
pub(super) fn counted(count: usize, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}

/// The file itself, or every tariff file of a folder, in order.
fn files_at(path: &Path) -> Result<Vec<PathBuf>> {
    let unusable = |error| Unusable(format!("cannot read {}: {error}", path.display()));
    let about = fs::metadata(path).map_err(unusable)?;
    if !about.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let files = folder::tariff_files(path).map_err(|error| Unusable(format!("{error:#}")))?;
    if files.is_empty() {
        bail!(Unusable(format!(
            "there are no tariff files in {}",
            path.display()
        )));
    }
    Ok(files)
}

/// The id a file says, if it is TOML at all.
fn id_of(text: &str) -> Option<String> {
    let table: toml::Table = text.parse().ok()?;
    Some(table.get("id")?.as_str()?.to_owned())
}
