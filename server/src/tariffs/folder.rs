//! The tariff files of a folder, as the server and the commands read them.

use anyhow::{Context, Result, ensure};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use tariff::compile::FILE_BYTES_MAX;

/// The file that is no tariff: which accounts the beneficiaries are.
pub(crate) const ACCOUNTS: &str = "accounts.toml";
/// The file that says what is published.
pub(crate) const LOCK: &str = "tariffs.lock";
/// Files of a folder at most.
const FILES_MAX: usize = 10_000;
/// Folders inside one another at most.
const DEPTH_MAX: usize = 8;

/// Whether a file is a tariff, by its name. What is hidden is left alone.
pub(crate) fn is_tariff(name: &str) -> bool {
    let is_toml = Path::new(name).extension().is_some_and(|end| end == "toml");
    is_toml && name != ACCOUNTS && !name.starts_with('.')
}

/// The tariff files of a folder and of those inside it, in order.
///
/// # Errors
/// A folder cannot be read, lies too deep, or there are too many files.
pub(crate) fn tariff_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect(folder, 0, &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<()> {
    ensure!(
        depth <= DEPTH_MAX,
        "{}: folders of tariffs lie at most {DEPTH_MAX} deep",
        folder.display()
    );
    let reading = || format!("cannot read {}", folder.display());
    for entry in fs::read_dir(folder).with_context(reading)? {
        let entry = entry.with_context(reading)?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if path.is_dir() && !name.starts_with('.') {
            collect(&path, depth + 1, files)?;
        } else if is_tariff(&name) {
            files.push(path);
        }
        ensure!(
            files.len() <= FILES_MAX,
            "{}: there are more than {FILES_MAX} files of tariffs",
            folder.display()
        );
    }
    Ok(())
}

/// The text of a file, cut when the compiler refuses it as too large; or the first line that is not UTF-8.
///
/// # Errors
/// It cannot be read.
pub(crate) fn read_text(path: &Path) -> Result<Result<String, usize>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(FILE_BYTES_MAX)? + 1;
    File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {}", path.display()))?;
    let cut = bytes.len() > FILE_BYTES_MAX;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        // What is too large is refused for that, wherever it was cut.
        Err(error) if cut => Ok(String::from_utf8_lossy(error.as_bytes()).into_owned()),
        Err(error) => {
            let right = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            Err(right.split(|byte| *byte == b'\n').count())
        }
    })
}
