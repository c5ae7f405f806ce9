//! `lanterna tariff new`

use super::{Unusable, say};
use ::tariff::compile::{check_versions, compile};
use anyhow::{Context, Result, bail};
use services::clock::{Clock, SystemClock};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

const SKELETON: &str = include_str!("new.toml");

/// Writes a tariff that has no mistake and says, line by line, what an office puts in its place.
pub(super) fn new(id: &str, out: Option<&Path>) -> Result<()> {
    let text = SKELETON
        .replace("{id}", id)
        .replace("{today}", &SystemClock.today().to_string());
    let mistakes = match compile(&format!("{id}.toml"), &text) {
        Ok(file) => check_versions(&[file]),
        Err(mistakes) => mistakes,
    };
    if let Some(mistake) = mistakes.first() {
        bail!(Unusable(format!("{}: {}", mistake.what, mistake.how)));
    }
    let Some(path) = out else {
        say(text.trim_end());
        return Ok(());
    };
    File::create_new(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}
