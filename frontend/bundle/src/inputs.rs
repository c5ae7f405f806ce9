//! The files to bundle, and a fingerprint of all of them that tells whether anything changed.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// Contents by logical name: the path below the folder they come from, with `/` between its parts.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Endings of files that explain or make the others and are not for browsers.
const NOT_SERVED: [&str; 3] = ["md", "py", "mjs"];

/// Reads every file of `folder` and the folders in it, except hidden ones and those not meant for browsers.
pub(crate) fn read_folder(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    collect(folder, "", &mut files)
        .with_context(|| format!("cannot read the files of {}", folder.display()))?;
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .context("a file name is not UTF-8")?;
        let served = path
            .extension()
            .is_none_or(|ending| !NOT_SERVED.iter().any(|other| ending == *other));
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), files)?;
        } else if served {
            files.insert(format!("{prefix}{name}"), fs::read(&path)?);
        }
    }
    Ok(())
}

/// A hash of all that decides the output: every name and content, the Wasm modules, and this tool itself.
pub(crate) fn fingerprint(files: &Files, wasm: &[&str]) -> Result<String> {
    let tool = fs::read(env::current_exe()?)?;
    let parts = files
        .iter()
        .flat_map(|(name, content)| [name.as_bytes(), content.as_slice()]);
    let wasm = wasm.iter().map(|module| module.as_bytes());
    Ok(hash_of(parts.chain([tool.as_slice()]).chain(wasm)))
}

/// SHA-256 in hexadecimal of a list of parts; each part's length counts, so that moving a border changes the hash.
pub(crate) fn hash_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string grows");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_their_path_and_notes_about_them_stay_out() -> Result<()> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("fonts"))?;
        for name in [
            "fonts/a.woff2",
            "fonts/README.md",
            "fonts/make.py",
            "robots.txt",
            ".hidden",
        ] {
            fs::write(folder.path().join(name), name)?;
        }
        let names: Vec<_> = read_folder(folder.path())?.into_keys().collect();
        assert_eq!(names, ["fonts/a.woff2", "robots.txt"]);
        Ok(())
    }

    #[test]
    fn a_missing_folder_is_named_in_the_error() {
        let error = read_folder(Path::new("/nowhere/public")).expect_err("it does not exist");
        assert!(error.to_string().contains("/nowhere/public"));
    }

    #[test]
    fn the_fingerprint_changes_with_a_name_a_content_and_the_wasm() -> Result<()> {
        let files = |name: &str, content: &str| Files::from([(name.to_owned(), content.into())]);
        let first = fingerprint(&files("a", "bc"), &[])?;
        assert_eq!(first, fingerprint(&files("a", "bc"), &[])?);
        assert_ne!(first, fingerprint(&files("ab", "c"), &[])?);
        assert_ne!(first, fingerprint(&files("a", "bd"), &[])?);
        assert_ne!(first, fingerprint(&files("a", "bc"), &["x"])?);
        Ok(())
    }
}
