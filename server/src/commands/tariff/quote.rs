//! `lanterna tariff quote`

use super::files::{chosen, counting};
use super::{Unusable, say};
use crate::cli::TariffQuote;
use ::tariff::Answers;
use ::tariff::compile::answers_from_json;
use anyhow::Result;
use chrono::NaiveDate;
use services::clock::{Clock, SystemClock};

/// Prints the quote as JSON. Whatever the verdict, it is an answer; only what cannot be worked with is a failure.
pub(super) fn quote(arguments: &TariffQuote) -> Result<()> {
    let (answers, today) = asked(arguments)?;
    let files = chosen(&arguments.chosen)?;
    let quote = ::tariff::evaluate::quote(&counting(&files), &answers, today);
    say(&serde_json::to_string(&quote)?);
    Ok(())
}

/// The answers and the day.
pub(super) fn asked(arguments: &TariffQuote) -> Result<(Answers, NaiveDate)> {
    let answers = answers_from_json(&arguments.inputs)
        .map_err(|error| Unusable(format!("--inputs is not a JSON object of answers: {error}")))?;
    let today = arguments.today.unwrap_or_else(|| SystemClock.today());
    Ok((answers, today))
}
