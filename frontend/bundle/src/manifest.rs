//! `manifest.json`: which file stands for each logical name, and what it weighs.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const NAME: &str = "manifest.json";

/// What the last run made, and from what.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// Fingerprint of everything that went in.
    pub(crate) inputs: String,
    /// Fingerprint of what each Wasm module was made of, by its name.
    pub(crate) wasm: BTreeMap<String, String>,
    /// Files by logical name, as templates ask for them.
    pub(crate) files: BTreeMap<String, Entry>,
}

/// A served file. Sizes are in bytes; a file that is compressed in itself has no other forms.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Its name below `/assets/`; compressed forms add `.br` and `.gz` to it.
    pub(crate) file: String,
    /// As it is.
    pub(crate) raw: usize,
    /// In brotli.
    pub(crate) br: Option<usize>,
    /// In gzip.
    pub(crate) gz: Option<usize>,
}

impl Entry {
    /// The file and its compressed forms.
    fn names(&self) -> impl Iterator<Item = String> {
        let forms = [(".br", self.br), (".gz", self.gz)];
        let forms = forms
            .into_iter()
            .filter(|(_, size)| size.is_some())
            .map(|(ending, _)| format!("{}{ending}", self.file));
        std::iter::once(self.file.clone()).chain(forms)
    }
}

impl Manifest {
    /// The manifest of an earlier run; one that is missing or cannot be understood is no manifest.
    pub(crate) fn read(out: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(out.join(NAME)).ok()?).ok()
    }

    /// Whether every file it names is there.
    pub(crate) fn is_whole(&self, out: &Path) -> bool {
        self.files
            .values()
            .flat_map(Entry::names)
            .all(|name| out.join(name).is_file())
    }

    /// Writes it, after all files: who finds a manifest finds its files.
    pub(crate) fn write(&self, out: &Path) -> Result<()> {
        let path = out.join(NAME);
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Removes the files of earlier runs. Folders are not ours and stay.
    pub(crate) fn remove_others(&self, out: &Path) -> Result<()> {
        let mut ours: BTreeSet<String> = self.files.values().flat_map(Entry::names).collect();
        ours.insert(NAME.to_owned());
        for entry in fs::read_dir(out)? {
            let entry = entry?;
            if entry.file_type()?.is_file()
                && !entry.file_name().to_str().is_some_and(|name| ours.contains(name))
            {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let css = Entry {
            file: "main-1.css".into(),
            raw: 9,
            br: Some(4),
            gz: Some(5),
        };
        let font = Entry {
            file: "a-2.woff2".into(),
            raw: 7,
            br: None,
            gz: None,
        };
        Manifest {
            inputs: "f".into(),
            wasm: BTreeMap::new(),
            files: BTreeMap::from([("main.css".into(), css), ("fonts/a.woff2".into(), font)]),
        }
    }

    #[test]
    fn what_is_written_is_read_back_and_rubbish_is_no_manifest() -> Result<()> {
        let out = tempfile::tempdir()?;
        assert_eq!(Manifest::read(out.path()), None);
        manifest().write(out.path())?;
        assert_eq!(Manifest::read(out.path()), Some(manifest()));
        fs::write(out.path().join(NAME), "{")?;
        assert_eq!(Manifest::read(out.path()), None);
        Ok(())
    }

    #[test]
    fn files_of_earlier_runs_are_removed_and_a_missing_one_is_noticed() -> Result<()> {
        let out = tempfile::tempdir()?;
        let ours = ["main-1.css", "main-1.css.br", "main-1.css.gz", "a-2.woff2"];
        for name in ours.iter().chain(&["main-0.css", "main-0.css.br"]) {
            fs::write(out.path().join(name), "x")?;
        }
        manifest().write(out.path())?;
        manifest().remove_others(out.path())?;
        assert!(manifest().is_whole(out.path()));
        assert!(!out.path().join("main-0.css").exists() && !out.path().join("main-0.css.br").exists());
        fs::remove_file(out.path().join("main-1.css.br"))?;
        assert!(!manifest().is_whole(out.path()));
        Ok(())
    }
}
