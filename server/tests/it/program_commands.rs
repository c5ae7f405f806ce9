//! `lanterna import` and `lanterna outcome`, as people and scripts run them beside a server that does the work.

use crate::examples::example_file;
use crate::support::demo::Demo;
use crate::support::program::{Said, configuration};
use serde_json::Value;
use std::time::Duration;

fn import(demo: &Demo, arguments: &[&str]) -> Said {
    demo.run(&[&["import"], arguments, &["--application", &demo.id]].concat())
}

fn outcome(demo: &Demo, arguments: &[&str]) -> Said {
    demo.run(&[&["outcome"], arguments, &["--application", &demo.id]].concat())
}

/// Number of the import a command showed.
fn number(said: &Said) -> String {
    let rest = said
        .out
        .strip_prefix("import ")
        .unwrap_or_else(|| panic!("{said:?}"));
    rest.split(':').next().unwrap().to_owned()
}

fn refused(said: &Said, why: &str) {
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains(why), "{said:?}");
}

/// Loads lines of JSON, which must all be done.
fn load(demo: &Demo, name: &str, lines: &str) {
    let file = demo.folder.path().join(name);
    std::fs::write(&file, lines).unwrap();
    let said = import(demo, &["load", file.to_str().unwrap()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.out.contains(": done, ") && said.out.contains(" 0 refused"),
        "{said:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_checked_applied_and_its_outcome_written_from_the_command_line() {
    let demo = Demo::start();
    let file = example_file("debts.jsonl");
    let file = file.to_str().unwrap();
    let checked = import(&demo, &["check", file]);
    refused(&checked, "1 of 3 debts are wrong");
    let id = number(&checked);
    assert!(
        checked.out.contains(": checked, debts.jsonl (json_lines, ")
            && checked.out.contains("3 debts in 3 rows, 2 right, 1 wrong")
            && checked.out.contains("row 3, options[0].instalments[0].amount: ")
            && checked.out.contains("(amount)"),
        "{checked:?}"
    );
    let list = import(&demo, &["list"]);
    assert!(
        list.out.contains("checked  debts.jsonl  0 debts done"),
        "{list:?}"
    );
    let loaded = import(&demo, &["load", file]);
    assert_eq!(loaded.code, Some(0), "{loaded:?}");
    assert!(
        loaded
            .err
            .contains(&format!("the same file is import {id} already"))
            && loaded
                .out
                .contains("2 inserted, 0 updated, 0 unchanged, 0 cancelled, 0 replaced, 1 refused"),
        "{loaded:?}"
    );
    assert_eq!(number(&loaded), id);
    assert_eq!(import(&demo, &["show", &id]).out, loaded.out);

    let out = demo.folder.path().join("outcome.csv");
    let write = || import(&demo, &["outcome", &id, "--out", out.to_str().unwrap()]);
    assert_eq!(write().code, Some(0));
    let written = std::fs::read_to_string(&out).unwrap();
    assert_eq!(written, import(&demo, &["outcome", &id]).out);
    assert_eq!(written.lines().count(), 4, "{written}");
    assert!(
        written.lines().nth(1).unwrap().contains("MENSA-2026-10-0001"),
        "{written}"
    );
    let again = write();
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("cannot write"), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_cannot_be_is_told_with_what_to_do() {
    let demo = Demo::start();
    let file = demo.folder.path().join("debts.csv");
    let path = file.to_str().unwrap();
    std::fs::write(&file, "%PDF-1.7").unwrap();
    refused(&import(&demo, &["load", path]), "PDF");
    refused(&import(&demo, &["show", "77"]), "there is no such import");
    refused(
        &demo.run(&["import", "list", "--application", "nobody"]),
        "there is no active application nobody",
    );
    load(
        &demo,
        "none.jsonl",
        &std::fs::read_to_string(example_file("debts.jsonl"))
            .unwrap()
            .lines()
            .take(2)
            .collect::<Vec<_>>()
            .join("\n"),
    );
    let list = import(&demo, &["list"]);
    let id = list.out.split_whitespace().next().unwrap();
    for wish in ["pause", "cancel"] {
        refused(&import(&demo, &[wish, id]), "done");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn outcomes_and_their_endpoints_are_seen_to_from_the_command_line() {
    let demo = Demo::start();
    let debts = std::fs::read_to_string(example_file("debts.jsonl")).unwrap();
    load(&demo, "debts.jsonl", debts.lines().next().unwrap());
    let database = demo.database.clone();
    let configured = configuration(demo.folder.path(), &database);
    let with_keys = |arguments: &[&str]| {
        outcome(
            &demo,
            &[arguments, &["--config", configured.to_str().unwrap()]].concat(),
        )
    };
    let added = with_keys(&[
        "endpoint",
        "add",
        "--url",
        "http://127.0.0.1:1024/esiti",
        "--kind",
        "cancelled",
    ]);
    assert_eq!(added.code, Some(0), "{added:?}");
    let told = |said: &Said, name: &str| {
        let line = said.out.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{said:?}")).trim().to_owned()
    };
    let (id, secret) = (told(&added, "endpoint"), told(&added, "secret"));
    assert!(secret.starts_with("whsec_"), "{added:?}");
    refused(
        &with_keys(&["endpoint", "add", "--url", "http://10.0.0.1/"]),
        "a network that may not be called",
    );
    refused(
        &with_keys(&["endpoint", "add", "--url", "http://127.0.0.1/", "--kind", "sold"]),
        "sold is no kind of outcome: ",
    );
    let tested = with_keys(&["endpoint", "test", &id]);
    assert_eq!(tested.code, Some(1), "{tested:?}");
    assert!(tested.err.contains("the endpoint did not take it"), "{tested:?}");
    assert_ne!(told(&with_keys(&["endpoint", "rotate", &id]), "secret"), secret);

    load(
        &demo,
        "cancel.jsonl",
        "{\"operation\": \"cancel\", \"key\": \"MENSA-2026-10-0001\"}",
    );
    let mut number = None;
    for _ in 0..100 {
        let listed = outcome(&demo, &["list", "--json"]);
        let mut of_debt = listed
            .out
            .lines()
            .filter(|line| line.contains("MENSA-2026-10-0001"));
        number = of_debt.find_map(|line| {
            let told: Value = serde_json::from_str(line).unwrap();
            (told["outcome"]["type"] == "cancelled").then(|| told["number"].to_string())
        });
        if number.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let number = number.expect("what is withdrawn is told");
    let listed = outcome(&demo, &["list"]);
    assert!(
        listed.out.contains("cancelled") && listed.out.contains("MENSA-2026-10-0001"),
        "{listed:?}"
    );
    let shown = outcome(&demo, &["show", "MENSA-2026-10-0001"]);
    let shown: Value = serde_json::from_str(shown.out.lines().next().unwrap()).unwrap();
    assert_eq!(shown["type"], "cancelled");
    let endpoints = outcome(&demo, &["endpoints"]);
    assert!(
        endpoints.out.contains("1 waiting, 0 delivered, 0 given up"),
        "{endpoints:?}"
    );

    assert_eq!(outcome(&demo, &["endpoint", "disable", &id]).code, Some(0));
    assert!(outcome(&demo, &["endpoints"]).out.contains("disabled: "));
    refused(&outcome(&demo, &["replay", &id]), "disabled");
    assert_eq!(outcome(&demo, &["endpoint", "enable", &id]).code, Some(0));
    assert_eq!(
        outcome(&demo, &["replay", &id]).out,
        "0 outcomes are sent again\n"
    );
    assert_eq!(outcome(&demo, &["replay", &id, "--from", &number]).code, Some(0));
    assert_eq!(outcome(&demo, &["dead", &id]).out, "");
    refused(&outcome(&demo, &["daily", "2999-01-01"]), "closed");
    refused(&outcome(&demo, &["endpoint", "disable", "nothing"]), "nothing");
    refused(
        &demo.run(&["outcome", "list", "--application", "nobody"]),
        "there is no application nobody",
    );
}
