//! What changed between two versions is told in people's words, and nothing else is.

use tariff::Tongue;
use tariff::compile::compile;
use tariff::diff::{Change, changes};

const BASE: &str = include_str!("common/base.toml");

fn told(new: &str, tongue: Tongue) -> Vec<String> {
    let compiled = |text: &str| {
        compile("base.toml", text)
            .unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
            .tariff
    };
    let found = changes(&compiled(BASE), &compiled(new), tongue, &|day| day.to_string());
    found
        .into_iter()
        .map(|difference| {
            let part = difference.part.heading(tongue);
            let item = difference.item;
            match difference.change {
                Change::Added(says) => format!("{part} + {item} ({says})"),
                Change::Removed(said) => format!("{part} - {item} ({said})"),
                Change::Changed {
                    aspect,
                    before,
                    after,
                } => {
                    format!("{part}: {item}, {aspect}: {before} -> {after}")
                }
            }
        })
        .collect()
}

#[test]
fn a_version_does_not_differ_from_itself() {
    assert_eq!(told(BASE, Tongue::Italian), [] as [&str; 0]);
    assert_eq!(
        told(&format!("# a comment\n{BASE}"), Tongue::Italian),
        [] as [&str; 0]
    );
}

#[test]
fn amounts_dates_and_questions_are_told_by_their_names() {
    let new = BASE
        .replace("value = \"2.86\"", "value = \"3.10\"")
        .replace(
            "  { up_to = \"10000.00\", value = \"0.50\" },\n  { from = \"10000.01\", up",
            "  { up",
        )
        .replace("valid_to = 2026-12-31\n", "")
        .replace("max = \"500\"", "max = \"600\"")
        .replace("round = \"0.05 up\"", "round = \"0.10 up\"")
        .replace("giorni >= 1", "giorni >= 2");
    assert_eq!(
        told(&new, Tongue::Italian),
        [
            "Versione: Suolo di prova, in vigore: dal 2026-01-01 al 2026-12-31 compreso -> dal 2026-01-01",
            "Domande: Superficie, massimo: 500 -> 600",
            "Tabelle: Tariffa, Centro, valore: 2,86 -> 3,10",
            "Tabelle + Sconto, fino a 20.000,00 (valore: 0,25)",
            "Tabelle - Sconto, fino a 10.000,00 (valore: 0,5)",
            "Tabelle - Sconto, oltre 10.000,00 fino a 20.000,00 (valore: 0,25)",
            "Condizioni: date-invertite, serve che: «Giorni» ≥ 1 -> «Giorni» ≥ 2",
            "Voci del totale: Quota, arrotondamento: a multipli di 0,05, per eccesso -> a multipli di 0,1, per eccesso",
        ]
    );
}

#[test]
fn what_is_new_and_what_is_gone_is_told_with_what_it_says() {
    let line = "[[line]]\nid = \"bollo\"\nlabel = { it = \"Bollo\", en = \"Stamp\" }\nvalue = \"16.00€\"\nto = \"comune\"\n\n[[example]]";
    let (head, tail) = BASE.split_once("[[exempt]]").expect("an exemption");
    let (_, tail) = tail.split_once("[[line]]").expect("lines");
    let new = format!("{head}[[line]]{tail}").replace("[[example]]", line);
    let told = told(&new, Tongue::English);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with("Exemptions - piccola (message: Nothing is due."),
        "{told:?}"
    );
    assert!(
        told[1].starts_with("Items of the total + Stamp (name: Stamp; formula: €16.00"),
        "{told:?}"
    );
}
