//! The `tariffs` folder of a catalogue: tariff files, `accounts.toml`, `tariffs.lock`. A deployment's own or the demo
//! city's, which is inside the binary.

use anyhow::{Context, Result, bail, ensure};
use domain::account::Account;
use serde::Deserialize;
use services::tariffs::{TariffBook, TariffFile};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use tariff::compile::FILE_BYTES_MAX;

include!(concat!(env!("OUT_DIR"), "/demo_tariffs.rs"));

/// Files of the folder at most.
const FILES_MAX: usize = 2_000;
/// Folders inside one another at most.
const DEPTH_MAX: usize = 8;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountsFile {
    #[serde(default)]
    account: Vec<Account>,
}

/// Reads and compiles the tariffs of a catalogue's folder. Without a folder `tariffs` there are none.
pub fn read(catalogue: &Path) -> Result<TariffBook> {
    let folder = catalogue.join("tariffs");
    let mut files = BTreeMap::new();
    if folder.is_dir() {
        gather(&folder, "", 0, &mut files)?;
    }
    compile(files)
}

/// The demo city's tariffs.
pub fn demo() -> Result<TariffBook> {
    let files = DEMO_FILES
        .iter()
        .filter(|(name, _)| is_of_tariffs(name))
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    compile(files.collect()).context("the tariffs of the demo city")
}

/// The files of a folder and those inside it, by their names below `tariffs`, between slashes. What is hidden or neither
/// TOML nor the lock is left alone.
fn gather(folder: &Path, within: &str, depth: usize, files: &mut BTreeMap<String, String>) -> Result<()> {
    ensure!(
        depth < DEPTH_MAX,
        "{}: folders of tariffs lie at most {DEPTH_MAX} deep",
        folder.display()
    );
    let cannot_read = || format!("cannot read {}", folder.display());
    for entry in std::fs::read_dir(folder).with_context(cannot_read)? {
        let path = entry.with_context(cannot_read)?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            gather(&path, &format!("{within}{name}/"), depth + 1, files)?;
        } else if is_of_tariffs(&name) {
            let size = std::fs::metadata(&path)
                .with_context(|| format!("cannot read {}", path.display()))?
                .len();
            ensure!(
                size <= FILE_BYTES_MAX as u64,
                "{}: a file of tariffs has at most {FILE_BYTES_MAX} bytes",
                path.display()
            );
            let text =
                std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            files.insert(format!("{within}{name}"), text);
            ensure!(
                files.len() <= FILES_MAX,
                "{}: there are more than {FILES_MAX} files of tariffs",
                folder.display()
            );
        }
    }
    Ok(())
}

/// Whether a file is read, by its name.
fn is_of_tariffs(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "toml")
        || name == "tariffs.lock"
}

fn compile(mut files: BTreeMap<String, String>) -> Result<TariffBook> {
    let accounts = match files.remove("accounts.toml") {
        Some(text) => accounts(&text)?,
        None => Vec::new(),
    };
    let lock = files.remove("tariffs.lock");
    let files = files
        .into_iter()
        .map(|(name, text)| TariffFile {
            name: format!("tariffs/{name}"),
            text,
        })
        .collect();
    Ok(TariffBook::compile(files, lock.as_deref(), accounts)?)
}

fn accounts(text: &str) -> Result<Vec<Account>> {
    let accounts = toml::from_str::<AccountsFile>(text)
        .context("tariffs/accounts.toml is not valid")?
        .account;
    let mut seen = HashSet::new();
    for account in &accounts {
        if !seen.insert((&account.institution, &account.key)) {
            bail!(
                "tariffs/accounts.toml: account {} of institution {} is there twice",
                account.key,
                account.institution
            );
        }
    }
    Ok(accounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tariffs_of_the_demo_city_can_be_used() {
        demo().expect("they compile");
    }

    #[test]
    fn a_catalogue_without_tariffs_has_an_empty_book() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap().ids().count(), 0);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_file_line_and_column() {
        let folder = tempfile::tempdir().unwrap();
        let within = folder.path().join("tariffs/nido");
        std::fs::create_dir_all(&within).unwrap();
        std::fs::write(
            within.join("2026-01-01.toml"),
            "schema = \"tariff/1\"\nidd = \"nido\"\n",
        )
        .unwrap();
        std::fs::write(within.join(".2026.toml.swp"), "no TOML").unwrap();
        std::fs::write(within.join("note.txt"), "no TOML").unwrap();
        let error = format!("{:#}", read(folder.path()).unwrap_err());
        assert!(error.contains("tariffs/nido/2026-01-01.toml:2:1: "), "{error}");
    }

    #[test]
    fn accounts_that_cannot_be_used_are_told_with_file_and_key() {
        let account = |iban: &str| {
            format!(
                "[[account]]\ninstitution = \"00856930102\"\nkey = \"NIDI\"\nbeneficiary = \"00856930102\"\niban = \
                 \"{iban}\"\n"
            )
        };
        let error = |text: &str| format!("{:#}", accounts(text).unwrap_err());
        let right = account("IT92P0617501400000000123456");
        assert_eq!(accounts(&right).unwrap().len(), 1);
        let twice = error(&format!("{right}{right}"));
        assert!(
            twice.contains("accounts.toml: account NIDI of institution 00856930102 is there twice"),
            "{twice}"
        );
        let wrong = error(&account("IT92P0617501400000000123457"));
        assert!(
            wrong.contains("accounts.toml") && wrong.contains("account NIDI"),
            "{wrong}"
        );
    }
}
