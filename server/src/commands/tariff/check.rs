//! `lanterna tariff check`

use super::files::{Found, counted, tell};
use super::lock::read_lock;
use super::say;
use crate::tariffs::folder::LOCK;
use ::tariff::Tongue;
use ::tariff::compile::{Compiled, Jump, by_id, check_versions, jumps, remarks};
use ::tariff::explain::number_for_people;
use ::tariff::model::{InputKind, Shape, Value};
use ::tariff::quote::write_value;
use anyhow::{Result, bail};
use domain::money::NumberStyle;
use std::path::{Path, PathBuf};

/// Tells every mistake; then, of what has none, where one step more costs otherwise, and what no example reaches.
pub(super) fn check(paths: &[PathBuf], strict: bool) -> Result<()> {
    let mut found = Found::read(paths)?;
    found.mistakes.extend(check_versions(&found.files));
    tell(&found.mistakes);
    let broken = published_and_changed(paths, &found.files)?;

    let mut remarked = 0;
    for file in &found.files {
        for jump in jumps(file) {
            say(&jump_in_words(file, &jump));
        }
        for remark in remarks(file) {
            remarked += 1;
            say(&format!(
                "{}:{}:{}: {}",
                remark.file, remark.line, remark.column, remark.what
            ));
        }
    }
    let examples: usize = found.files.iter().map(|file| file.examples.len()).sum();
    say(&format!(
        "{}, {}, {}, {}",
        counted(by_id(&found.files).len(), "tariff"),
        counted(found.files.len(), "version"),
        counted(examples, "example"),
        counted(remarked, "remark"),
    ));
    match found.mistakes.len() + broken {
        0 if strict && remarked > 0 => {
            bail!("{}, which --strict does not accept", counted(remarked, "remark"))
        }
        0 => Ok(()),
        mistakes => bail!("{}", counted(mistakes, "mistake")),
    }
}

/// Compares each folder with its lock, when it has one. How many versions are not as they were published.
fn published_and_changed(paths: &[PathBuf], files: &[Compiled]) -> Result<usize> {
    let mut broken = 0;
    for folder in paths.iter().filter(|path| path.join(LOCK).exists()) {
        let of_folder: Vec<Compiled> = files
            .iter()
            .filter(|file| Path::new(&file.file).starts_with(folder))
            .cloned()
            .collect();
        let lock = read_lock(folder)?;
        for error in lock.check(&of_folder) {
            broken += 1;
            super::super::complain(&error.to_string());
        }
        for file in lock.unpublished(&of_folder) {
            say(&format!(
                "{}: version {} of {} is not published yet",
                file.file, file.tariff.version, file.tariff.id
            ));
        }
    }
    Ok(broken)
}

fn jump_in_words(file: &Compiled, jump: &Jump) -> String {
    let money = |cents: domain::Cents| cents.to_people(NumberStyle::English);
    format!(
        "{}: {} the total goes from {} to {} euro (example \"{}\"): is it meant?",
        file.file,
        place_in_words(file, jump),
        money(jump.total_before),
        money(jump.total_after),
        jump.example
    )
}

fn place_in_words(file: &Compiled, jump: &Jump) -> String {
    let id = jump.input.as_deref().unwrap_or("today");
    let number = match jump.before {
        Value::Number(number) => number,
        value @ (Value::Date(_) | Value::Boolean(_) | Value::Word(_)) => {
            let day = write_value(&file.tariff, value, Shape::Date);
            return format!("after {id} {day}");
        }
    };
    let mut inputs = file.tariff.inputs.iter();
    let shape = match inputs.find(|input| input.id == id).map(|input| &input.kind) {
        Some(InputKind::Money(_)) => Shape::Money,
        Some(InputKind::Number(_) | InputKind::Boolean | InputKind::Date | InputKind::Choice(_)) | None => {
            Shape::Number
        }
    };
    format!("above {id} {}", number_for_people(number, shape, Tongue::English))
}
