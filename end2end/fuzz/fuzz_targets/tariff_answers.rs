//! Any answers, as JSON, to tariffs that compile: a verdict each time, and parts that make the whole. The first byte
//! chooses the tariff, the second the day.
#![no_main]

use chrono::Days;
use domain::Cents;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tariff::compile::{answers_from_json, compile};
use tariff::evaluate::{interview, quote, quote_with};
use tariff::outlook::changes;
use tariff::{Outcome, Tariff};

static TARIFFS: LazyLock<Vec<Tariff>> = LazyLock::new(|| {
    let skeleton = include_str!("../../../server/src/commands/tariff/new.toml")
        .replace("{id}", "nuova")
        .replace("{today}", "2026-01-01");
    [
        include_str!("../../../app/tariff/tests/common/base.toml"),
        &skeleton,
    ]
    .into_iter()
    .map(|text| compile("file", text).expect("a tariff").tariff)
    .collect()
});

fuzz_target!(|bytes: &[u8]| {
    let [which, day, json @ ..] = bytes else { return };
    let tariff = &TARIFFS[usize::from(*which) % TARIFFS.len()];
    let Some(today) = tariff.valid_from.checked_add_days(Days::new(3 * u64::from(*day))) else {
        return;
    };
    let Ok(answers) = std::str::from_utf8(json)
        .map_err(|_| ())
        .and_then(|json| answers_from_json(json).map_err(|_| ()))
    else {
        return;
    };
    let fee = quote_with(tariff, &answers, today);
    serde_json::to_string(&fee).expect("a quote is written");
    if matches!(
        fee.outcome,
        Outcome::Due | Outcome::NotDue | Outcome::Exempt(None)
    ) {
        assert_eq!(
            Cents::sum(fee.lines.iter().map(|line| line.amount)),
            Some(fee.total)
        );
        assert_eq!(
            Cents::sum(fee.split.iter().map(|(_, share)| *share)),
            Some(fee.total)
        );
    }
    assert_eq!(interview(tariff, &answers, today).len(), tariff.inputs.len());
    changes(&[tariff], &answers, today);
    quote(&[tariff], &answers, today);
});
