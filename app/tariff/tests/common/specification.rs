//! Where the specification's tariffs are.

use std::io::Write as _;
use std::path::PathBuf;

/// The folder of the specification's tariffs; says so when it is not there.
pub(crate) fn specification() -> Option<PathBuf> {
    let folder = std::env::var_os("LANTERNA_SPEC_DIR").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/spec")),
        PathBuf::from,
    );
    let tariffs = folder.join("tariffs");
    if tariffs.is_dir() {
        return Some(tariffs);
    }
    // Not `eprintln!`, which the test runner keeps to itself when a test passes.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: {} is not there; set LANTERNA_SPEC_DIR",
        tariffs.display()
    );
    None
}
