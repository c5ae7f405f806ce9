//! Files of debts, from their arrival to the outcome of each row.
//!
//! A file is **received** into a folder under its digest, so that the same file twice is one import. A job then **checks**
//! it whole, writing no position, and **applies** it when somebody says so, or by itself where it came unattended. Applying
//! goes in transactions of some hundred debts, each of which writes the positions, what became of their rows and how far the
//! import is: killed anywhere it goes on from there, and nothing is done twice. Each is short enough that the counter does not
//! wait for it; numbers are reserved before, in transactions of their own.
//!
//! What a row does is what the same words do over the REST interface ([`crate::positions`]). New positions, which files
//! mostly hold, go in many at once; when one of these meets something that is there already, those of its transaction go one
//! by one, so that it is refused by name and the others are not.

mod apply;
mod check;
mod control;
mod counts;
mod forget;
mod outcome;
mod receive;
mod refusal;
mod run;
mod source;
mod watch;

pub use control::{ImportError, LISTED_MAX, Wish, change_import, list_imports, outcome_of, show_import};
pub use counts::{Applied, Checked, Finding};
pub use forget::forget_imports;
pub use outcome::OutcomeFile;
pub use receive::{ReceiveError, Received, Receiving, receive_file};
pub(crate) use run::run_import;
pub use watch::{Watched, look_at_folders};

use std::path::{Path, PathBuf};
use storage::imports::Import;

/// Bytes of a file at most, when nothing else is said.
pub const FILE_BYTES_USUAL: u64 = 2 * 1024 * 1024 * 1024;

/// What imports need beside the archive.
#[derive(Debug, Clone)]
pub struct Imports {
    /// Where files are kept.
    pub folder: PathBuf,
    /// Bytes of a file at most.
    pub file_bytes_max: u64,
}

impl Imports {
    /// Where the file of an import is.
    pub fn file_of(&self, import: &Import) -> PathBuf {
        file_in(&self.folder, import.institution.as_str(), &import.digest)
    }
}

impl Default for Imports {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("var/imports"),
            file_bytes_max: FILE_BYTES_USUAL,
        }
    }
}

fn file_in(folder: &Path, institution: &str, digest: &[u8; 32]) -> PathBuf {
    folder.join(format!("{institution}-{}", crate::digest::hexadecimal(digest)))
}
