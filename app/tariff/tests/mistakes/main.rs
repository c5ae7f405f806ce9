//! What an office would regret is refused where it stands: each mistake of section 4.7 of the specification, and those
//! people make besides. Every case is the base file with one change; `¦` in the new text marks the place that is told.

#![expect(clippy::too_many_lines, reason = "cases in a row are one thing to read")]

mod expressions;
mod files;
mod sections;
mod tables;
mod trials;

use std::fmt::Write as _;
use tariff::compile::{Compiled, Mistake, check_versions, compile};

const BASE: &str = include_str!("../common/base.toml");

/// Where `¦` stands: line and column, from 1.
fn place(marked: &str) -> (usize, usize) {
    let before = marked.split('¦').next().expect("a part before the mark");
    assert_ne!(before.len(), marked.len(), "no mark in {marked}");
    let last = before.rsplit('\n').next().expect("a line");
    (before.matches('\n').count() + 1, last.chars().count() + 1)
}

/// The base file with one text in place of another, which must be there once.
fn changed(old: &str, new: &str) -> String {
    assert_eq!(BASE.matches(old).count(), 1, "{old:?} is in the base file once");
    BASE.replace(old, new)
}

fn listed(mistakes: &[Mistake]) -> String {
    mistakes.iter().fold(String::new(), |mut text, mistake| {
        let _ = writeln!(text, "{mistake}");
        text
    })
}

/// All mistakes of one file: those of the file by itself, else those of its versions together.
fn mistakes_of(text: &str) -> Vec<Mistake> {
    match compile("prova.toml", text) {
        Err(mistakes) => mistakes,
        Ok(file) => check_versions(&[file]),
    }
}

/// The marked text is refused first where the mark is, with these words in what is said.
fn is_refused(marked: &str, words: &[&str]) {
    let mistakes = mistakes_of(&marked.replace('¦', ""));
    let told = listed(&mistakes);
    let Some(first) = mistakes.first() else {
        panic!("nothing is refused; expected {words:?}")
    };
    assert_eq!((first.line, first.column), place(marked), "\n{told}");
    let said = first.to_string();
    for word in words {
        assert!(said.contains(word), "{word:?} is not in\n{told}");
    }
    assert!(!first.how.is_empty(), "\n{told}");
}

/// Changes of the base file, and what each must be told.
fn are_refused(cases: &[(&str, &str, &[&str])]) {
    for (old, new, words) in cases {
        is_refused(&changed(old, new), words);
    }
}

fn compiled(text: &str) -> Compiled {
    compile("prova.toml", text).unwrap_or_else(|mistakes| panic!("\n{}", listed(&mistakes)))
}

#[test]
fn the_base_file_has_no_mistake() {
    let mistakes = mistakes_of(BASE);
    assert!(mistakes.is_empty(), "\n{}", listed(&mistakes));
}

#[test]
fn the_seventeen_mistakes_of_the_specification_are_refused() {
    are_refused(&[
        // 1. A bare number.
        (r#"min = "0.50""#, "min = ¦0.5", &["bare number", "\"0.5\""]),
        // 2. A misspelt key.
        (
            "not_due_below",
            "¦not_due_belov",
            &["not_due_belov", "did you mean `not_due_below`"],
        ),
        // 3. Money without the euro sign.
        (
            r#"value = "-(sconto(isee) * canone)""#,
            r#"value = ¦"5.00 + sconto(isee)""#,
            &["`riduzione` is not an amount", "5.00€"],
        ),
        // 4. Money times money.
        (
            r#"value = "-(sconto(isee) * canone)""#,
            r#"value = "-(¦canone * 2.00€)""#,
            &["an amount is multiplied by an amount"],
        ),
        // 5. A missing row.
        (
            "rows = [\n  { zona = \"centro\", value = \"2.86\" },\n",
            "rows = ¦[\n",
            &["no row for zona = \"centro\""],
        ),
        // 6. A row that is there twice.
        (
            "  { zona = \"collina\", value = \"1.15\" },\n",
            "  { zona = \"collina\", value = \"1.15\" },\n  ¦{ zona = \"centro\", value = \"1.15\" },\n",
            &["this row is there twice"],
        ),
        // 7. A hole between segments.
        (
            r#"{ from = "5000.01", to"#,
            r#"{ from = ¦"5000.02", to"#,
            &["nothing holds between 5000 and 5000.02", "begin at 5000.01"],
        ),
        // 8. An overlap of segments.
        (
            r#"{ from = "5000.01", to"#,
            r#"{ from = ¦"5000.00", to"#,
            &["5000 is there twice"],
        ),
        // 9. A line further down.
        (
            r#"value = "-(sconto(isee) * canone)""#,
            r#"value = "-(sconto(isee) * ¦quota)""#,
            &["`quota` cannot be used here", "below"],
        ),
        // 10. A mode of rounding nobody knows.
        (
            r#"line = "0.01 half_up""#,
            r#"line = ¦"0.01 half-up""#,
            &["\"half-up\"", "half_up"],
        ),
        // 11. A divisor that may be zero.
        (
            "giorni / giorni_anno",
            "giorni / ¦giorni",
            &["the divisor may be zero", "nonzero = true"],
        ),
        // 12. A beneficiary and a law nobody declared.
        (
            "to = \"comune\"\nexplain",
            "to = ¦\"regione\"\nexplain",
            &["no beneficiary `regione`", "comune"],
        ),
        // 13.
        (
            "\"€{tariffa} × {metri} m²\" }\nlegal = [\"reg\"]",
            "\"€{tariffa} × {metri} m²\" }\nlegal = [¦\"rag\"]",
            &["no law `rag`"],
        ),
        // 14. No English.
        (
            r#"label = { it = "Zona", en = "Area" }"#,
            r#"label = ¦{ it = "Zona" }"#,
            &["not in English"],
        ),
        // 15. A word against a number.
        (
            "metri <= 1\"",
            "metri <= ¦'uno'\"",
            &["a number is compared with a word"],
        ),
        // 16. A misspelt option.
        (
            "zona == 'collina'",
            "zona == ¦'colina'",
            &["'colina' is none of the options", "did you mean 'collina'"],
        ),
        // 17. A question that is not always asked and has no default.
        (
            "[[input]]\nid = \"isee\"\nkind = \"money\"\nask_when = \"residente\"\ndefault = \"50000.00\"\n",
            "¦[[input]]\nid = \"isee\"\nkind = \"money\"\nask_when = \"residente\"\n",
            &["`isee`", "no `default`"],
        ),
    ]);
}
