//! `tariffs.lock`: which versions are published, and with which content. A published version never changes.
//!
//! One line for each: id, version, digest, separated by spaces, in that order.

use super::Compiled;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The published versions: id and version, digest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock(BTreeMap<(String, String), String>);

/// Why files and lock do not agree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// Not a line of a lock.
    #[error(
        "line {0} of tariffs.lock is not an id, a version and a digest: take the file back from where it was kept"
    )]
    Line(usize),
    /// A published version has another content.
    #[error(
        "{file}: version {version} of {id} is published and must not change: put its content back, and write what is to \
         change as a new version, or as a correction with `replaces = \"{digest}\"`"
    )]
    Changed {
        /// The file.
        file: String,
        /// The tariff.
        id: String,
        /// The version.
        version: String,
        /// The digest it was published with.
        digest: String,
    },
    /// A published version is no longer there.
    #[error("version {version} of {id} is published and its file is gone: put it back, quotes refer to it")]
    Gone {
        /// The tariff.
        id: String,
        /// The version.
        version: String,
    },
}

impl Lock {
    /// Reads a lock.
    ///
    /// # Errors
    /// The first line that is not one of a lock.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        let mut published = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let parts: Vec<&str> = line.split(' ').collect();
            match parts[..] {
                [id, version, digest] if digest.len() == 64 => {
                    published.insert((id.to_owned(), version.to_owned()), digest.to_owned());
                }
                _ => return Err(LockError::Line(number + 1)),
            }
        }
        Ok(Self(published))
    }

    /// Compares the files with what is published.
    pub fn check(&self, files: &[Compiled]) -> Vec<LockError> {
        self.0
            .iter()
            .filter_map(|((id, version), digest)| {
                let found = files
                    .iter()
                    .find(|file| file.tariff.id == *id && file.tariff.version == *version);
                match found {
                    Some(file) if file.tariff.digest == *digest => None,
                    Some(file) => Some(LockError::Changed {
                        file: file.file.clone(),
                        id: id.clone(),
                        version: version.clone(),
                        digest: digest.clone(),
                    }),
                    None => Some(LockError::Gone {
                        id: id.clone(),
                        version: version.clone(),
                    }),
                }
            })
            .collect()
    }

    /// The versions among the files that are not published yet.
    pub fn unpublished<'a>(&self, files: &'a [Compiled]) -> Vec<&'a Compiled> {
        files
            .iter()
            .filter(|file| {
                !self
                    .0
                    .contains_key(&(file.tariff.id.clone(), file.tariff.version.clone()))
            })
            .collect()
    }

    /// Adds a version. What is published already stays as it is.
    pub fn publish(&mut self, file: &Compiled) {
        self.0
            .entry((file.tariff.id.clone(), file.tariff.version.clone()))
            .or_insert_with(|| file.tariff.digest.clone());
    }

    /// The text of the file.
    pub fn write(&self) -> String {
        let mut text =
            "# Published versions: id, version, SHA-256 of the file. Written by `lanterna tariff lock`.\n"
                .to_owned();
        for ((id, version), digest) in &self.0 {
            let _ = writeln!(text, "{id} {version} {digest}");
        }
        text
    }
}
