//! The `tariffs` folder of a catalogue: tariff files, `accounts.toml`, `tariffs.lock`. A deployment's own or the demo
//! city's, which is inside the binary.

pub(crate) mod folder;

use anyhow::{Context, Result, anyhow, bail};
use domain::account::Account;
use folder::{ACCOUNTS, LOCK, is_tariff, read_text, tariff_files};
use serde::Deserialize;
use services::tariffs::{TariffBook, TariffFile};
use std::collections::HashSet;
use std::path::Path;

include!(concat!(env!("OUT_DIR"), "/demo_tariffs.rs"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountsFile {
    #[serde(default)]
    account: Vec<Account>,
}

/// Reads and compiles the tariffs of a catalogue's folder. Without a folder `tariffs` there are none.
pub fn read(catalogue: &Path) -> Result<TariffBook> {
    let folder = catalogue.join("tariffs");
    if !folder.is_dir() {
        return compile(Vec::new(), None, None);
    }
    let mut files = Vec::new();
    for path in tariff_files(&folder)? {
        let name = path.strip_prefix(catalogue).unwrap_or(&path);
        files.push(TariffFile {
            name: name.display().to_string(),
            text: text(&path)?,
        });
    }
    let beside = |name: &str| {
        let path = folder.join(name);
        path.is_file().then(|| text(&path)).transpose()
    };
    compile(files, beside(LOCK)?.as_deref(), beside(ACCOUNTS)?.as_deref())
}

/// The demo city's tariffs.
pub fn demo() -> Result<TariffBook> {
    let named = |name: &str| {
        let mut files = DEMO_FILES.iter();
        files.find(|(file, _)| *file == name).map(|(_, text)| *text)
    };
    let files = DEMO_FILES
        .iter()
        .filter(|(name, _)| is_tariff(name))
        .map(|(name, text)| TariffFile {
            name: format!("tariffs/{name}"),
            text: (*text).to_owned(),
        });
    compile(files.collect(), named(LOCK), named(ACCOUNTS)).context("the tariffs of the demo city")
}

fn text(path: &Path) -> Result<String> {
    read_text(path)?.map_err(|line| anyhow!("{}:{line}: the file is not UTF-8", path.display()))
}

fn compile(files: Vec<TariffFile>, lock: Option<&str>, accounts_file: Option<&str>) -> Result<TariffBook> {
    let accounts = accounts_file.map(accounts).transpose()?.unwrap_or_default();
    Ok(TariffBook::compile(files, lock, accounts)?)
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
