//! `lanterna tariff`, as offices and scripts run it.

use crate::support::program::{Said, run};
use serde_json::{Value, json};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A tariff of one line: so much for each parcel, from this day on.
fn tariff(from: &str, price: &str, more: &str) -> String {
    format!(
        r#"schema = "tariff/1"
id = "certificato"
version = "{from}"
status = "illustrative"
source = "Prova"
title = {{ it = "Certificato", en = "Certificate" }}
valid_from = {from}
{more}
selected_by = "today"
currency = "EUR"
calendar = "it"
[rounding]
line = "0.01 half_up"
[[legal]]
id = "reg"
text = {{ it = "Regolamento, art. 1" }}
[[beneficiary]]
id = "comune"
name = {{ it = "Comune", en = "Municipality" }}
taxonomy = "9/0105109AP/"
account = "URBANISTICA"
[[input]]
id = "particelle"
kind = "integer"
min = "1"
max = "99"
label = {{ it = "Particelle", en = "Parcels" }}
[[require]]
that = "particelle != 13"
code = "tredici"
message = {{ it = "Tredici no.", en = "Not thirteen." }}
[[exempt]]
when = "particelle == 7"
code = "sette"
message = {{ it = "Sette è gratis.", en = "Seven is free." }}
legal = ["reg"]
[[line]]
id = "diritto"
label = {{ it = "Diritto", en = "Fee" }}
value = "particelle * {price}€"
to = "comune"
explain = {{ it = "{{particelle}} × {price} €", en = "{{particelle}} × €{price}" }}
legal = ["reg"]
[[line]]
id = "aumento"
when = "particelle > 50"
label = {{ it = "Aumento oltre 50", en = "Increase above 50" }}
value = "100.00€"
to = "comune"
[[example]]
name = "due"
today = {from}
inputs = {{ particelle = 2 }}
expect = {{ status = "due", version = "{from}", steps = {{}}, lines = {{ diritto = "{total}" }}, split = {{ comune = "{total}" }}, total = "{total}" }}
"#,
        total = if price == "5.00" { "10.00" } else { "12.00" }
    )
}

/// Two versions in a folder of their own.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let versions = folder.path().join("certificato");
    fs::create_dir(&versions).unwrap();
    let first = tariff("2025-01-01", "5.00", "valid_to = 2025-12-31");
    fs::write(versions.join("2025-01-01.toml"), first).unwrap();
    fs::write(versions.join("2026-01-01.toml"), tariff("2026-01-01", "6.00", "")).unwrap();
    // Not a tariff: which accounts the beneficiaries are.
    fs::write(folder.path().join("accounts.toml"), "URBANISTICA = \"IT60X\"").unwrap();
    folder
}

fn path(folder: &tempfile::TempDir) -> &str {
    folder.path().to_str().unwrap()
}

fn command(arguments: &[&str]) -> Said {
    run(&[&["tariff"], arguments].concat())
}

fn quote(folder: &str, today: &str, inputs: &str) -> Said {
    command(&["quote", "--tariff", folder, "--today", today, "--inputs", inputs])
}

/// The one object on standard output.
fn object(said: &Said) -> Value {
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    assert_eq!(said.out.lines().count(), 1, "{said:?}");
    serde_json::from_str(&said.out).unwrap()
}

#[test]
fn a_quote_is_one_object_whatever_the_verdict() {
    let folder = folder();
    let verdict = |today: &str, inputs: &str| {
        let mut quote = object(&quote(path(&folder), today, inputs));
        let digest = quote.as_object_mut().unwrap().remove("digest");
        assert_eq!(digest.is_some(), quote.get("version").is_some(), "{quote}");
        quote
    };
    assert_eq!(
        verdict("2025-12-31", r#"{"particelle": 3}"#),
        json!({"version": "2025-01-01", "status": "due", "steps": {}, "lines": {"diritto": "15.00"}, "split": {"comune": "15.00"}, "total": "15.00"})
    );
    // The day picks the version.
    assert_eq!(verdict("2026-01-01", r#"{"particelle": "3"}"#)["total"], "18.00");
    assert_eq!(
        verdict("2024-12-31", r#"{"particelle": 3}"#),
        json!({"status": "not_in_force"})
    );
    let exempt = verdict("2026-01-01", r#"{"particelle": 7}"#);
    assert_eq!(
        (&exempt["status"], &exempt["code"], &exempt["total"]),
        (&json!("exempt"), &json!("sette"), &json!("0.00"))
    );
    let refused = verdict("2026-01-01", r#"{"particelle": 13}"#);
    assert_eq!(
        (&refused["status"], &refused["code"]),
        (&json!("refused"), &json!("tredici"))
    );
    for (inputs, field, code) in [
        (r#"{"particelle": 0}"#, "particelle", "min"),
        (r#"{"particelle": 100}"#, "particelle", "max"),
        (r#"{"particelle": 2.5}"#, "particelle", "type"),
        (r#"{"particelle": "2.5"}"#, "particelle", "decimals"),
        (r#"{"particelle": [2]}"#, "particelle", "type"),
        (r#"{"particelle": null}"#, "particelle", "missing"),
        (r#"{"particelle": 2, "altro": 1}"#, "altro", "unknown"),
        ("{}", "particelle", "missing"),
    ] {
        let invalid = verdict("2026-01-01", inputs);
        assert_eq!(
            (&invalid["status"], &invalid["field"], &invalid["code"]),
            (&json!("invalid"), &json!(field), &json!(code)),
            "{inputs}"
        );
    }
    // Without a day it is today's.
    let said = command(&[
        "quote",
        "--tariff",
        path(&folder),
        "--inputs",
        r#"{"particelle": 1}"#,
    ]);
    assert_eq!(object(&said)["version"], "2026-01-01");
}

#[test]
fn what_a_quote_cannot_work_with_is_said_and_nothing_is_printed() {
    let folder = folder();
    let file = folder.path().join("certificato/2026-01-01.toml");
    let file = file.to_str().unwrap();
    let nowhere = folder.path().join("nessuno");
    let cases: Vec<(Vec<&str>, &str)> = vec![
        (
            vec!["quote", "--tariff", nowhere.to_str().unwrap()],
            "cannot read",
        ),
        (
            vec!["quote", "--tariff", file, "--inputs", "{"],
            "not a JSON object",
        ),
        (
            vec!["quote", "--tariff", file, "--inputs", "[]"],
            "not a JSON object",
        ),
        (
            vec!["quote", "--tariff", file, "--inputs", "5"],
            "not a JSON object",
        ),
        (
            vec!["quote", "--tariff", file, "--id", "altro"],
            "no tariff altro; there are: certificato",
        ),
        (
            vec!["quote", "--tariff", file, "--today", "2026-02-30"],
            "--today",
        ),
        (vec!["quote", "--tariff", file, "--today", "domani"], "--today"),
        (vec!["quote"], "--tariff"),
        (vec!["diff", file], "two files"),
        (vec!["new", "Non Un Id"], "not an id"),
        (vec!["lock", file], "not a folder"),
        (vec!["check", nowhere.to_str().unwrap()], "cannot read"),
    ];
    for (arguments, words) in cases {
        let said = command(&arguments);
        assert_eq!(
            (said.code, said.out.as_str()),
            (Some(2), ""),
            "{arguments:?} {said:?}"
        );
        assert!(said.err.contains(words), "{arguments:?} {said:?}");
    }
    // A file with a mistake.
    let broken = tariff("2027-01-01", "5.00", "").replace("particelle * 5.00€", "particelle * 5.00");
    fs::write(folder.path().join("rotto.toml"), broken).unwrap();
    let said = quote(path(&folder), "2026-01-01", r#"{"particelle": 3}"#);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
    assert!(
        said.err.contains("rotto.toml:40:9: `diritto` is not an amount"),
        "{said:?}"
    );
    // Another tariff's mistake is not in the way.
    let other = fs::read_to_string(folder.path().join("rotto.toml")).unwrap();
    fs::write(
        folder.path().join("rotto.toml"),
        other.replace("id = \"certificato\"", "id = \"altro\""),
    )
    .unwrap();
    let said = command(&[
        "quote",
        "--tariff",
        path(&folder),
        "--id",
        "certificato",
        "--today",
        "2026-01-01",
        "--inputs",
        r#"{"particelle": 3}"#,
    ]);
    assert_eq!(object(&said)["total"], "18.00");
    // Of several the one that is meant must be said.
    fs::write(
        folder.path().join("rotto.toml"),
        tariff("2026-01-01", "5.00", "").replace("id = \"certificato\"", "id = \"altro\""),
    )
    .unwrap();
    let said = quote(path(&folder), "2026-01-01", "{}");
    assert_eq!(said.code, Some(2));
    assert!(
        said.err.contains("say --id, one of altro, certificato"),
        "{said:?}"
    );
}

#[test]
fn a_check_tells_mistakes_where_they_are_and_then_what_to_look_at() {
    let folder = folder();
    let said = command(&["check", path(&folder)]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    assert!(
        said.out
            .contains("above particelle 50 the total goes from 300.00 to 406.00 euro (example \"due\")"),
        "{said:?}"
    );
    assert!(
        said.out
            .contains("2026-01-01.toml:30:8: no example is refused by `tredici`"),
        "{said:?}"
    );
    assert!(said.out.contains("no example has the line `aumento`"), "{said:?}");
    assert!(
        said.out
            .ends_with("1 tariff, 2 versions, 2 examples, 6 remarks\n"),
        "{said:?}"
    );
    // What no example reaches counts when it is asked to.
    let said = command(&["check", "--strict", path(&folder)]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("--strict"), "{said:?}");

    // Mistakes of a file, and of files together.
    let wrong =
        tariff("2025-06-01", "6.00", "").replace("to = \"comune\"\nexplain", "to = \"regione\"\nexplain");
    fs::write(folder.path().join("a.toml"), wrong).unwrap();
    fs::write(folder.path().join("b.toml"), tariff("2025-06-01", "6.00", "")).unwrap();
    fs::write(
        folder.path().join("c.toml"),
        b"schema = \"tariff/1\"\nid = \"\xff\"",
    )
    .unwrap();
    let said = command(&["check", path(&folder)]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.err
            .contains("a.toml:41:6: there is no beneficiary `regione`\n    there are: comune"),
        "{said:?}"
    );
    assert!(said.err.contains("c.toml:2:1: the file is not UTF-8"), "{said:?}");
    assert!(
        said.err
            .contains("b.toml:7:14: certificato is in force from 2025-06-01 and so is"),
        "{said:?}"
    );
    assert!(said.err.ends_with("mistakes\n"), "{said:?}");
}

#[test]
fn a_check_shows_where_a_deadline_or_several_answers_together_make_the_total_jump() {
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/tariffs");
    for (id, words) in [
        (
            "multa-stradale",
            "after today 2026-11-30 the total goes from 29.40 to 42.00 euro (example \"sosta vietata, pagata il giorno \
             dopo\"): is it meant?\n",
        ),
        (
            "multa-stradale",
            "after notifica 2026-11-25 the total goes from 42.00 to 29.40 euro (example ",
        ),
        (
            "insegne-pubblicitarie",
            "above larghezza 500 the total goes from 0.00 to 151.80 euro (example ",
        ),
    ] {
        let said = command(&["check", &format!("{demo}/{id}")]);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
        assert!(said.out.contains(words), "{words:?} is not in\n{}", said.out);
    }
}

#[test]
fn a_published_version_never_changes() {
    let folder = folder();
    let lock = folder.path().join("tariffs.lock");
    let said = command(&["lock", path(&folder)]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.out.matches("not published yet").count(), 2, "{said:?}");
    assert!(!lock.exists(), "looking publishes nothing");

    let draft = tariff("2024-01-01", "5.00", "valid_to = 2024-12-31").replace("illustrative", "draft");
    fs::write(folder.path().join("certificato/2024-01-01.toml"), draft).unwrap();
    let said = command(&["lock", "--write", path(&folder)]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("a draft, not to be published"), "{said:?}");
    let text = fs::read_to_string(&lock).unwrap();
    assert_eq!(
        text.lines()
            .filter(|line| line.starts_with("certificato 202"))
            .count(),
        2,
        "{text}"
    );
    let said = command(&["lock", "--write", path(&folder)]);
    assert!(said.out.contains("nothing to publish"), "{said:?}");
    assert_eq!(fs::read_to_string(&lock).unwrap(), text);

    // A comment is a change too.
    let file = folder.path().join("certificato/2026-01-01.toml");
    fs::OpenOptions::new()
        .append(true)
        .open(&file)
        .unwrap()
        .write_all(b"# mended\n")
        .unwrap();
    for arguments in [
        ["lock", "--write", path(&folder)],
        ["check", path(&folder), path(&folder)],
    ] {
        let said = command(&arguments);
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(
            said.err.contains(
                "2026-01-01.toml: version 2026-01-01 of certificato is published and must not change"
            ),
            "{said:?}"
        );
    }
    assert_eq!(fs::read_to_string(&lock).unwrap(), text);

    // Nor does it go away.
    fs::remove_file(&file).unwrap();
    let said = command(&["check", path(&folder)]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("its file is gone"), "{said:?}");

    fs::write(&lock, "certificato 2026-01-01\n").unwrap();
    let said = command(&["lock", path(&folder)]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("line 1 of tariffs.lock"), "{said:?}");
}

#[test]
fn a_new_tariff_has_no_mistake_and_nothing_to_remark() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nuova.toml");
    let file = file.to_str().unwrap();
    let said = command(&["new", "tariffa-nuova", "--out", file]);
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (Some(0), "", "")
    );
    let said = command(&["check", "--strict", file]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    // Nothing is written over.
    let before = fs::read_to_string(file).unwrap();
    let said = command(&["new", "altra", "--out", file]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert_eq!(fs::read_to_string(file).unwrap(), before);
    let printed = command(&["new", "tariffa-nuova"]);
    assert_eq!(printed.out, before);
}

#[test]
fn a_fee_is_explained_to_a_person() {
    let folder = folder();
    let explain = |today: &str, inputs: &str, more: &[&str]| {
        let said = command(
            &[
                &[
                    "explain",
                    "--tariff",
                    path(&folder),
                    "--today",
                    today,
                    "--inputs",
                    inputs,
                ],
                more,
            ]
            .concat(),
        );
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
        said.out
    };
    let told = explain("2025-12-01", r#"{"particelle": 3}"#, &[]);
    for words in [
        "Certificato\nversione 2025-01-01, in vigore dal 01/01/2025 al 31/12/2025 compreso",
        "calcolata per il 01/12/2025",
        "  Particelle: 3\n",
        "Non è il caso\n  Tredici no.\n  Sette è gratis. (Regolamento, art. 1)\n",
        "  Diritto: 15,00 €\n      3 × 5.00 €\n",
        "esatto 15,00, arrotondato a multipli di 0,01, al più vicino, la metà in su",
        "a favore di Comune\n      Regolamento, art. 1\n",
        "Voci che non si applicano\n  Aumento oltre 50 (solo se «Particelle» > 50)\n",
        "Totale: 15,00 €",
        "Vale fino al 31/12/2025. Poi: Totale: 18,00 €",
        "Che cosa lo cambierebbe\n  Particelle: ",
    ] {
        assert!(told.contains(words), "{words:?} is not in\n{told}");
    }
    let told = explain("2026-12-01", r#"{"particelle": 3}"#, &["--language", "en"]);
    for words in [
        "Certificate\nversion 2026-01-01, in force from 1 January 2026",
        "  Fee: €18.00\n",
        "Total: €18.00",
    ] {
        assert!(told.contains(words), "{words:?} is not in\n{told}");
    }
    assert!(!told.contains("Holds until"), "{told}");
    assert!(
        explain("2026-01-01", r#"{"particelle": 7}"#, &[])
            .contains("Esente: Sette è gratis. (Regolamento, art. 1)")
    );
    assert!(explain("2026-01-01", r#"{"particelle": 13}"#, &[]).contains("Non si calcola: Tredici no."));
    assert!(
        explain("2026-01-01", r#"{"particelle": 100}"#, &[]).contains("Risposta «Particelle»: al massimo 99")
    );
    assert!(explain("2024-01-01", r#"{"particelle": 1}"#, &[]).contains("nessuna versione è in vigore"));
}

#[test]
fn rates_are_a_page_and_versions_differ_in_words() {
    let folder = folder();
    let said = command(&["table", "--tariff", path(&folder), "--id", "certificato"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    let first = said
        .out
        .find("- In vigore: dal 01/01/2025 al 31/12/2025 compreso")
        .unwrap();
    let second = said.out.find("- In vigore: dal 01/01/2026\n").unwrap();
    assert!(first < second, "{}", said.out);
    assert!(
        said.out
            .contains("| Diritto | «Particelle» × 6,00 € | sempre | Regolamento, art. 1 |"),
        "{}",
        said.out
    );

    let (old, new) = (
        folder.path().join("certificato/2025-01-01.toml"),
        folder.path().join("certificato/2026-01-01.toml"),
    );
    let two = command(&["diff", old.to_str().unwrap(), new.to_str().unwrap()]);
    let all = command(&["diff", "--id", "certificato", path(&folder)]);
    for said in [two, all] {
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
        for words in [
            "certificato 2025-01-01 → certificato 2026-01-01\n",
            "Voci del totale\n    Diritto, calcolo: «Particelle» × 5,00 € → «Particelle» × 6,00 €\n",
            "Certificato, in vigore: dal 01/01/2025 al 31/12/2025 compreso → dal 01/01/2026\n",
            "Esempi\n    due: 10.00 (due) → 12.00 (due)\n",
        ] {
            assert!(said.out.contains(words), "{words:?} is not in\n{}", said.out);
        }
    }
    // A version and its correction are two files of the same days.
    let head = format!(
        "version = \"2026-01-01.2\"\nreplaces = \"{}\"\nreason = \"Errata corrige\"\nstatus",
        "0".repeat(64)
    );
    let correction = tariff("2026-01-01", "5.00", "").replace("version = \"2026-01-01\"\nstatus", &head);
    let file = folder.path().join("correzione.toml");
    fs::write(&file, correction).unwrap();
    let said = command(&["diff", new.to_str().unwrap(), file.to_str().unwrap()]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    assert!(
        said.out.contains("«Particelle» × 6,00 € → «Particelle» × 5,00 €"),
        "{said:?}"
    );
    let same = command(&[
        "diff",
        "--language",
        "en",
        old.to_str().unwrap(),
        old.to_str().unwrap(),
    ]);
    assert!(same.out.contains("No difference."), "{same:?}");
}

/// The specification's tariffs; says so when they are not there.
fn specification() -> Option<PathBuf> {
    let folder = std::env::var_os("LANTERNA_SPEC_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/spec"),
        PathBuf::from,
    );
    let tariffs = folder.join("tariffs");
    if tariffs.is_dir() {
        return Some(tariffs);
    }
    crate::support::skipped(&format!(
        "{} is not there; set LANTERNA_SPEC_DIR",
        tariffs.display()
    ));
    None
}

#[test]
fn every_example_of_the_specification_comes_out_as_it_is_written() {
    let Some(folder) = specification() else { return };
    let folder = folder.to_str().unwrap();
    let said = command(&["check", folder]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    assert!(
        said.out.contains("8 tariffs, 9 versions, 41 examples"),
        "{said:?}"
    );
    let mut tried = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let file: toml::Table = text.parse().unwrap();
        let id = file["id"].as_str().unwrap();
        for example in file["example"].as_array().unwrap() {
            let inputs = serde_json::to_string(&plain(&example["inputs"])).unwrap();
            let today = example["today"].to_string();
            let said = command(&[
                "quote", "--tariff", folder, "--id", id, "--today", &today, "--inputs", &inputs,
            ]);
            let mut got = object(&said);
            got.as_object_mut().unwrap().remove("digest");
            assert_eq!(got, plain(&example["expect"]), "{id}: {}", example["name"]);
            tried += 1;
        }
    }
    assert_eq!(tried, 41);
}

/// TOML as JSON, days as text.
fn plain(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text.clone()),
        toml::Value::Integer(whole) => Value::from(*whole),
        toml::Value::Boolean(truth) => Value::Bool(*truth),
        toml::Value::Datetime(day) => Value::String(day.to_string()),
        toml::Value::Table(table) => table
            .iter()
            .map(|(key, value)| (key.clone(), plain(value)))
            .collect(),
        toml::Value::Float(_) | toml::Value::Array(_) => panic!("{value} is no answer"),
    }
}
