//! What is heard of ten documents, element by element, for people to read.

use crate::read_back::{Heard, heard, render};
use documents::testing;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// One variant of everything that is heard differently.
const HEARD: [&str; 11] = [
    "receipt-common-it",
    "receipt-common-en",
    "receipt-digital-duplicate-it",
    "receipt-paid-twice-it",
    "notice-single-it",
    "notice-single-slip-it",
    "notice-instalments-3-it",
    "notice-instalments-10-it",
    "notice-fine-it",
    "notice-single-de-it-equal",
    "notice-longest-slip-it",
];

/// A line for each element, further right the deeper it is in the document.
fn script(heard: &[Heard]) -> String {
    let mut script = String::new();
    for Heard { tag, text, scope } in heard {
        let depth = match tag.as_str() {
            "H1" => 0,
            "H2" => 1,
            "H3" | "Caption" => 2,
            _ => 3,
        };
        let scope = scope.as_deref().unwrap_or_default();
        let _ = writeln!(
            script,
            "{}{tag}{}{scope}: {text}",
            "  ".repeat(depth),
            if scope.is_empty() { "" } else { " " }
        );
    }
    script
}

#[test]
fn documents_are_heard_as_they_were_approved() {
    let examples: BTreeMap<_, _> = testing::examples().into_iter().collect();
    for name in HEARD {
        insta::assert_snapshot!(name, script(&heard(&render(&examples[name]))));
    }
}
