//! `lanterna tariff`

mod check;
mod diff;
mod explain;
mod files;
mod lock;
mod new;
mod quote;
mod table;

use super::{Unusable, say};
use crate::cli::{Language, Tariff};
use ::tariff::Tongue;
use anyhow::Result;
use chrono::NaiveDate;

pub(super) fn run(command: Tariff) -> Result<()> {
    match command {
        Tariff::Check { paths, strict } => check::check(&paths, strict),
        Tariff::Quote(arguments) => quote::quote(&arguments),
        Tariff::Explain { quote, language } => explain::explain(&quote, tongue(language.language)),
        Tariff::Table {
            chosen, json: true, ..
        } => table::json(&chosen),
        Tariff::Table { chosen, language, .. } => table::table(&chosen, tongue(language.language)),
        Tariff::Diff { paths, id, language } => diff::diff(&paths, id.as_deref(), tongue(language.language)),
        Tariff::New { id, out } => new::new(&id, out.as_deref()),
        Tariff::Lock { folder, write } => lock::lock(&folder, write),
    }
}

fn tongue(language: Language) -> Tongue {
    match language {
        Language::It => Tongue::Italian,
        Language::En => Tongue::English,
    }
}

/// A day as a terminal shows it: `10/03/2026`, `10 March 2026`.
fn day_in(tongue: Tongue) -> impl Fn(NaiveDate) -> String {
    move |day| match tongue {
        Tongue::Italian => day.format("%d/%m/%Y").to_string(),
        Tongue::English => day.format("%-d %B %Y").to_string(),
    }
}

/// The Italian words or the English ones.
fn either<'a>(tongue: Tongue, italian: &'a str, english: &'a str) -> &'a str {
    match tongue {
        Tongue::Italian => italian,
        Tongue::English => english,
    }
}
