//! The diagram of the states of a position, drawn by applying every event to every state, is the one in the
//! documentation. `UPDATE_DOCS=1 cargo test -p domain --test states` rewrites it.
#![expect(clippy::unwrap_used, reason = "a test's own constants are right")]

mod common;

use common::{SUCCESSOR, day, events, noon, number, state_of, states};
use domain::NoticeStanding;
use std::fmt::Write;
use std::path::Path;

#[test]
fn the_documented_diagram_is_what_the_code_does() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../server/docs/states.md");
    let drawn = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(page.parent().unwrap()).unwrap();
        std::fs::write(&page, drawn).unwrap();
        return;
    }
    let documented = std::fs::read_to_string(&page).unwrap_or_default();
    assert!(
        documented == drawn,
        "{} is out of date: run with UPDATE_DOCS=1",
        page.display()
    );
}

fn document() -> String {
    format!(
        "# States of a debt position\n\n\
         Generated from `app/domain/src/debt_position.rs` and `notice.rs` by `app/domain/tests/states.rs`; rewrite it\n\
         with `UPDATE_DOCS=1 cargo test -p domain --test states`.\n\n\
         Only a receipt pays: verifying a notice or fetching it for payment moves nothing. `begun` is an open\n\
         position with some instalment paid: its other options are closed, and it can no longer be withdrawn.\n\n\
         ```mermaid\n{}```\n\n\
         ## Every event in every state\n\n\
         The position tried has a whole sum, or a plan of two instalments of which `begun` has the first paid and\n\
         `paid` the whole sum instead. A refused event changes nothing; a refused receipt is kept all the same, as\n\
         money to look into.\n\n{}\n\
         ## What a notice says from outside\n\n\
         The standing of each notice follows from its position's state and from the day, a civil date in Italy.\n\n{}",
        diagram(),
        table(),
        standings()
    )
}

fn diagram() -> String {
    let mut edges: Vec<String> = vec!["[*] --> draft".to_owned()];
    for (state, position) in states() {
        for (_, event) in events() {
            if let Ok(after) = position.apply(&event) {
                let edge = format!("{state} --> {}: {}", state_of(&after), event.as_str());
                if !edges.contains(&edge) {
                    edges.push(edge);
                }
            }
        }
    }
    edges.iter().fold("stateDiagram-v2\n".to_owned(), |text, edge| {
        text + "    " + edge + "\n"
    })
}

fn table() -> String {
    let mut text = String::from("| event |");
    for (state, _) in states() {
        write!(text, " {state} |").unwrap();
    }
    text.push_str("\n|---|---|---|---|---|---|---|---|\n");
    for (name, event) in events() {
        write!(text, "| {name} |").unwrap();
        for (_, position) in states() {
            match position.apply(&event) {
                Ok(after) => write!(text, " **{}** |", state_of(&after)).unwrap(),
                Err(refusal) => write!(text, " {refusal} |").unwrap(),
            }
        }
        text.push('\n');
    }
    text
}

fn standings() -> String {
    let every = [
        NoticeStanding::Payable { overdue: false },
        NoticeStanding::NotYetPayable { from: day(1) },
        NoticeStanding::Paid { at: noon(1) },
        NoticeStanding::OtherOptionChosen,
        NoticeStanding::Cancelled,
        NoticeStanding::Replaced {
            by: number(SUCCESSOR),
        },
        NoticeStanding::Expired,
        NoticeStanding::Unpublished,
    ];
    let mut text = String::from(
        "| standing | when | what the citizen is told | what the hub is told |\n|---|---|---|---|\n",
    );
    for standing in every {
        let (when, citizen, hub) = told(&standing);
        writeln!(text, "| `{}` | {when} | {citizen} | {hub} |", standing.as_str()).unwrap();
    }
    text
}

/// When a notice stands so, and what each side hears. A new standing does not compile until it is described.
fn told(standing: &NoticeStanding) -> (&'static str, &'static str, &'static str) {
    match standing {
        NoticeStanding::Payable { .. } => (
            "its position is open, this option is not closed, today is within its dates",
            "the amount and how to pay it; after the due date, that it is overdue",
            "the amount and where to credit it",
        ),
        NoticeStanding::NotYetPayable { .. } => (
            "its first payable day is still to come",
            "the first day it can be paid",
            "unknown",
        ),
        NoticeStanding::Paid { .. } => (
            "its receipt came",
            "when it was paid, and the receipt",
            "already paid",
        ),
        NoticeStanding::OtherOptionChosen => (
            "another option of the position was paid or begun",
            "the debt is being paid, or is paid, in another way",
            "unknown",
        ),
        NoticeStanding::Cancelled => (
            "the institution withdrew it",
            "there is nothing to pay",
            "cancelled",
        ),
        NoticeStanding::Replaced { .. } => (
            "another notice took its place",
            "the code to pay instead",
            "cancelled",
        ),
        NoticeStanding::Expired => (
            "its last payable day went by, or its position expired",
            "it can no longer be paid, and whom to ask",
            "expired",
        ),
        NoticeStanding::Unpublished => ("its position is a draft", "there is no such notice", "unknown"),
    }
}
