//! What the configuration says of files of debts.

use anyhow::{Result, ensure};
use serde::Deserialize;
use services::imports::{FILE_BYTES_USUAL, Imports, Watched};
use std::path::PathBuf;

/// Where files of debts are kept, and which folders they are taken from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImportSettings {
    /// Folder for files that were received. Servers that stand side by side share it.
    pub folder: PathBuf,
    /// Largest file, in bytes.
    pub file_bytes_max: u64,
    /// Folders programs put files into. One server looks at each.
    pub watch: Vec<WatchSettings>,
}

/// A folder a program puts files into.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchSettings {
    /// The folder.
    pub folder: PathBuf,
    /// Id of the application its files are loaded for.
    pub application: String,
}

impl Default for ImportSettings {
    fn default() -> Self {
        let Imports {
            folder,
            file_bytes_max,
        } = Imports::default();
        Self {
            folder,
            file_bytes_max,
            watch: Vec::new(),
        }
    }
}

impl ImportSettings {
    /// Checks what its types cannot.
    pub(crate) fn check(&self) -> Result<()> {
        ensure!(
            (1..=64 * FILE_BYTES_USUAL).contains(&self.file_bytes_max),
            "imports.file_bytes_max must be between 1 and {}",
            64 * FILE_BYTES_USUAL
        );
        for (index, watch) in self.watch.iter().enumerate() {
            ensure!(
                watch.folder != self.folder
                    && self.watch[..index]
                        .iter()
                        .all(|other| other.folder != watch.folder),
                "imports.watch names {} twice, or it is imports.folder",
                watch.folder.display()
            );
        }
        Ok(())
    }

    /// Where files are kept.
    pub fn imports(&self) -> Imports {
        Imports {
            folder: self.folder.clone(),
            file_bytes_max: self.file_bytes_max,
        }
    }

    /// The folders that are watched.
    pub(crate) fn watched(&self) -> Vec<Watched> {
        let watched = self.watch.iter().cloned();
        watched
            .map(|watch| Watched::new(watch.folder, watch.application))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_watched_once_and_is_not_where_files_are_kept() {
        let watch = |folder: &str| WatchSettings {
            folder: folder.into(),
            application: "mense".to_owned(),
        };
        let with = |watch| ImportSettings {
            watch,
            ..ImportSettings::default()
        };
        assert!(with(vec![watch("a"), watch("b")]).check().is_ok());
        assert!(with(vec![watch("a"), watch("a")]).check().is_err());
        assert!(with(vec![watch("var/imports")]).check().is_err());
        let settings = ImportSettings {
            file_bytes_max: 0,
            ..ImportSettings::default()
        };
        assert!(settings.check().is_err());
    }
}
