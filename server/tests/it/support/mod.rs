//! What the tests stand on.

pub(crate) mod certificates;
pub(crate) mod city;
pub(crate) mod demo;
pub(crate) mod messages;
pub(crate) mod portal;
pub(crate) mod positions;
pub(crate) mod program;
pub(crate) mod relay;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use storage::testing::TestStore;

/// A fresh database of each engine there is.
pub(crate) async fn engines() -> Vec<TestStore> {
    let mut engines = vec![TestStore::sqlite().await];
    engines.extend(TestStore::postgres().await);
    engines
}

/// Compares a text with the one kept under this path of the package; `UPDATE_DOCS=1` keeps the new one instead.
pub(crate) fn approved(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == text,
        "{path} is no longer what the code says (UPDATE_DOCS=1 writes it again):\n{text}"
    );
}

/// Says on the terminal that something was not tried. The test runner keeps what `eprintln!` says of a test that
/// passes to itself.
pub(crate) fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

/// The folder of the hub's official interface files, where it is.
pub(crate) fn hub_interface() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let spec =
        std::env::var_os("LANTERNA_SPEC_DIR").map_or_else(|| root.join("../shared/spec"), PathBuf::from);
    let folder = spec.join("pagopa");
    if folder.is_dir() {
        return Some(folder);
    }
    skipped(&format!(
        "{} is not there (LANTERNA_SPEC_DIR names another folder)",
        folder.display()
    ));
    None
}

/// Checks messages with the official schema, where it and `xmllint` are.
pub(crate) fn validate(messages: &[(String, String)]) {
    let Some(folder) = hub_interface() else { return };
    let written = tempfile::tempdir().unwrap();
    let mut command = Command::new("xmllint");
    command
        .args(["--noout", "--nonet", "--schema"])
        .arg(folder.join("paForNode/soap-strict.xsd"));
    for (name, message) in messages {
        let file = written.path().join(name);
        std::fs::write(&file, message).unwrap();
        command.arg(file);
    }
    let Ok(output) = command.output() else {
        skipped("xmllint is not installed (package libxml2-utils)");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let complaints: Vec<&str> = said
        .lines()
        .filter(|line| !line.ends_with(" validates"))
        .collect();
    assert!(output.status.success(), "{}", complaints.join("\n"));
}
