//! `lanterna tariff table`

use super::files::{chosen, counting};
use super::{day_in, either, say};
use crate::cli::ChosenTariff;
use ::tariff::Tongue;
use ::tariff::compile::canonical_json;
use ::tariff::rates::{Cell, Part, Sheet, sheet};
use anyhow::Result;
use std::fmt::Write as _;

/// Prints every version, the first one first, as a list of canonical JSON.
pub(super) fn json(arguments: &ChosenTariff) -> Result<()> {
    let files = chosen(arguments)?;
    let versions = files
        .iter()
        .map(|file| canonical_json(&file.tariff))
        .collect::<Result<Vec<_>, _>>()?;
    say(&format!("[{}]", versions.join(",\n")));
    Ok(())
}

/// Prints the rates of every version, the first one first, as Markdown.
pub(super) fn table(arguments: &ChosenTariff, tongue: Tongue) -> Result<()> {
    let files = chosen(arguments)?;
    let counting = counting(&files);
    let day = day_in(tongue);
    let mut text = String::new();
    for file in &files {
        let is_corrected = !counting.iter().any(|tariff| tariff.digest == file.tariff.digest);
        write(
            &mut text,
            &sheet(&file.tariff, tongue, &day),
            is_corrected,
            tongue,
        );
    }
    say(text.trim_end());
    Ok(())
}

fn write(text: &mut String, sheet: &Sheet, is_corrected: bool, tongue: Tongue) {
    let _ = writeln!(text, "# {}\n", line(&sheet.title));
    if is_corrected {
        let words = either(
            tongue,
            "Versione corretta da un'altra: non si usa più.",
            "Another version corrects this one: it is no longer used.",
        );
        let _ = writeln!(text, "**{words}**\n");
    }
    if let Some(intro) = &sheet.intro {
        let _ = writeln!(text, "{}\n", line(intro));
    }
    for (label, value) in &sheet.facts {
        let _ = writeln!(text, "- {}: {}", line(label), line(value));
    }
    text.push('\n');
    for part in &sheet.parts {
        write_part(text, part);
    }
}

fn write_part(text: &mut String, part: &Part) {
    let _ = writeln!(text, "## {}\n", line(&part.heading));
    if let Some(note) = &part.note {
        let _ = writeln!(text, "{}\n", line(note));
    }
    let headings: Vec<String> = part.columns.iter().map(|column| cell(&column.heading)).collect();
    let rules: Vec<&str> = part
        .columns
        .iter()
        .map(|column| if column.numeric { "---:" } else { "---" })
        .collect();
    let _ = writeln!(text, "| {} |\n| {} |", headings.join(" | "), rules.join(" | "));
    for row in &part.rows {
        let cells: Vec<String> = row.iter().map(written).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.push('\n');
}

fn written(of: &Cell) -> String {
    match &of.url {
        Some(url) => format!("[{}](<{}>)", cell(&of.text), url.replace(['<', '>', '|'], "")),
        None => cell(&of.text),
    }
}

/// A text on one line, with what Markdown would read as its own marked as text.
fn line(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for letter in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '#') {
            written.push('\\');
        }
        written.push(letter);
    }
    written
}

fn cell(text: &str) -> String {
    line(text).replace('|', "\\|")
}
