//! `lanterna tariff diff`

use super::files::Found;
use super::{Unusable, day_in, either, say};
use ::tariff::Tongue;
use ::tariff::compile::{Compiled, Example};
use ::tariff::diff::{Change, Difference, changes};
use anyhow::{Result, bail};
use std::path::PathBuf;

/// Prints what changed between two files, or between each version of a tariff and the one before.
pub(super) fn diff(paths: &[PathBuf], id: Option<&str>, tongue: Tongue) -> Result<()> {
    match (id, paths) {
        (Some(id), [folder]) => {
            let versions = Found::read(std::slice::from_ref(folder))?.of_tariff(Some(id))?;
            if versions.len() < 2 {
                say(either(
                    tongue,
                    "C'è una versione sola.",
                    "There is only one version.",
                ));
            }
            for pair in versions.windows(2) {
                if let [old, new] = pair {
                    tell(old, new, tongue);
                }
            }
        }
        (None, [old, new]) => tell(&single(old)?, &single(new)?, tongue),
        (Some(_) | None, _) => bail!(Unusable(
            "give two files, or --id and the folder with the versions".to_owned()
        )),
    }
    Ok(())
}

fn single(path: &PathBuf) -> Result<Compiled> {
    Found::read(std::slice::from_ref(path))?.single()
}

fn tell(old: &Compiled, new: &Compiled, tongue: Tongue) {
    let day = day_in(tongue);
    say(&format!(
        "{} {} → {} {}",
        old.tariff.id, old.tariff.version, new.tariff.id, new.tariff.version
    ));
    let mut part = None;
    let found = changes(&old.tariff, &new.tariff, tongue, &day);
    let nothing = found.is_empty();
    for difference in found {
        if part != Some(difference.part) {
            part = Some(difference.part);
            say(&format!("\n{}", difference.part.heading(tongue)));
        }
        say(&in_words(&difference, tongue));
    }
    let examples = of_examples(old, new, tongue);
    if nothing && examples.is_empty() {
        say(either(tongue, "Nessuna differenza.", "No difference."));
    }
    if !examples.is_empty() {
        say(&format!("\n{}", either(tongue, "Esempi", "Examples")));
    }
    for line in examples {
        say(&line);
    }
    say("");
}

fn in_words(difference: &Difference, tongue: Tongue) -> String {
    let item = &difference.item;
    match &difference.change {
        Change::Added(says) => format!("  + {item}: {says}"),
        Change::Removed(said) => format!("  − {item}: {said}"),
        Change::Changed {
            aspect,
            before,
            after,
        } => {
            let nothing = either(tongue, "niente", "nothing");
            let or_nothing = |text: &str| {
                if text.is_empty() {
                    nothing.to_owned()
                } else {
                    text.to_owned()
                }
            };
            format!(
                "    {item}, {aspect}: {} → {}",
                or_nothing(before),
                or_nothing(after)
            )
        }
    }
}

/// Examples that are new, gone, or come out otherwise.
fn of_examples(old: &Compiled, new: &Compiled, tongue: Tongue) -> Vec<String> {
    let find = |of: &Compiled, name: &str| -> Option<Example> {
        of.examples.iter().find(|example| example.name == name).cloned()
    };
    let total = |example: &Example| {
        let expected = |key| example.expect.get(key).and_then(|value| value.as_str());
        let status = expected("status").unwrap_or_default();
        expected("total").map_or_else(|| status.to_owned(), |total| format!("{total} ({status})"))
    };
    let mut lines = Vec::new();
    for example in &new.examples {
        match find(old, &example.name) {
            None => lines.push(format!("  + {}: {}", example.name, total(example))),
            Some(before) if before.inputs != example.inputs => lines.push(format!(
                "    {}: {}",
                example.name,
                either(tongue, "altre risposte", "other answers")
            )),
            Some(before) if total(&before) != total(example) => {
                lines.push(format!(
                    "    {}: {} → {}",
                    example.name,
                    total(&before),
                    total(example)
                ));
            }
            Some(_) => {}
        }
    }
    for example in &old.examples {
        if find(new, &example.name).is_none() {
            lines.push(format!("  − {}: {}", example.name, total(example)));
        }
    }
    lines
}
