//! What stands before the sections, and sections one by one: acts, beneficiaries, questions, steps, rules, lines.

use crate::{BASE, are_refused, changed, is_refused};
use std::fmt::Write as _;

#[test]
fn what_stands_before_the_sections_is_checked() {
    are_refused(&[
        (
            r#"schema = "tariff/1""#,
            r#"schema = ¦"tariff/2""#,
            &["tariff/2", "tariff/1"],
        ),
        (
            r#"id = "suolo-di-prova""#,
            r#"id = ¦"Suolo di prova""#,
            &["not an id", "dashes"],
        ),
        (
            "\nversion = \"2026-01-01\"",
            "\nversion = ¦\"2026-01-02\"",
            &["first day", "2026-01-01"],
        ),
        (
            "\nversion = \"2026-01-01\"",
            "\nversion = ¦\"2026-01-01.2\"",
            &["first day", "replaces"],
        ),
        (
            r#"status = "illustrative""#,
            r#"status = ¦"illustrated""#,
            &["illustrated", "did you mean \"illustrative\""],
        ),
        ("source = \"Invented\"", "source = ¦\" \"", &["`source` is empty"]),
        (
            "valid_from = 2026-01-01",
            "valid_from = ¦\"2026-01-01\"",
            &["`valid_from` is string", "without quotes"],
        ),
        (
            "valid_from = 2026-01-01",
            "valid_from = ¦2026-01-01T10:00:00",
            &["a day of the calendar"],
        ),
        (
            "valid_from = 2026-01-01",
            "valid_from = ¦0026-01-01",
            &["a day of the calendar"],
        ),
        (
            "valid_to = 2026-12-31",
            "valid_to = ¦2025-12-31",
            &["the last day is before the first"],
        ),
        (
            r#"selected_by = "today""#,
            r#"selected_by = ¦"zona""#,
            &["`zona` is not a date"],
        ),
        (
            r#"selected_by = "today""#,
            r#"selected_by = ¦"oggi""#,
            &["`oggi` is not a date"],
        ),
        (r#"currency = "EUR""#, r#"currency = ¦"CHF""#, &["CHF", "EUR"]),
        (r#"calendar = "it""#, r#"calendar = ¦"it-mi""#, &["it-mi"]),
        (
            "[total]",
            "[¦totale]",
            &["no key `totale`", "did you mean `total`"],
        ),
        (
            r#"not_due_below = "2.00""#,
            r#"not_due_below = ¦"-2.00""#,
            &["below zero"],
        ),
        (
            r#"line = "0.01 half_up""#,
            r#"line = ¦"0.001 half_up""#,
            &["parts of a cent"],
        ),
        (
            r#"line = "0.01 half_up""#,
            r#"line = ¦"0.03 half_up""#,
            &["multiples of \"0.03\""],
        ),
        (
            r#"line = "0.01 half_up""#,
            r#"line = ¦"0 half_up""#,
            &["multiples of \"0\""],
        ),
    ]);
    // Of what is not there the place is the section that wants it.
    let without = BASE.replace("[rounding]\nline = \"0.01 half_up\"\n", "");
    is_refused(
        &without.replace("[[line]]\nid = \"canone\"", "¦[[line]]\nid = \"canone\""),
        &["says nothing of rounding", "[rounding]"],
    );
    is_refused(
        &format!("¦{}", changed("currency = \"EUR\"\n", "")),
        &["no `currency`"],
    );
}

#[test]
fn laws_and_beneficiaries_are_checked() {
    are_refused(&[
        ("\"https://example.it", "¦\"http://example.it", &["https://"]),
        (
            "[[beneficiary]]",
            "[[legal]]\nid = ¦\"reg\"\ntext = { it = \"Altro\" }\n[[beneficiary]]",
            &["two laws `reg`"],
        ),
        (
            "text = { it = \"Regolamento\" }",
            "text = ¦{ en = \"Rules\" }",
            &["not in Italian"],
        ),
        (
            "text = { it = \"Regolamento\" }",
            "text = ¦\"Regolamento\"",
            &["words by language"],
        ),
        (
            "text = { it = \"Regolamento\" }",
            "text = { it = ¦\"\" }",
            &["no text in `it`"],
        ),
        (
            "text = { it = \"Regolamento\" }",
            "text = { it = \"Regolamento\", ¦ita = \"R\" }",
            &["`ita` is not a language"],
        ),
        (
            r#"taxonomy = "9/0101107TS/""#,
            r#"taxonomy = ¦"9/0101107TX/""#,
            &["taxonomy", "9/0101107TS/"],
        ),
        (
            r#"taxonomy = "9/0101107TS/""#,
            r#"taxonomy = ¦"0101107TS""#,
            &["not a category"],
        ),
        // One that lived a month.
        (
            r#"taxonomy = "9/0101107TS/""#,
            r#"taxonomy = ¦"9/0105118TS/""#,
            &["ends on"],
        ),
        (
            "account = \"CANONE\"",
            "account = \"CANONE\"\ntransfer = ¦\"no\"",
            &["`transfer` is string", "without quotes"],
        ),
        (
            "account = \"CANONE\"",
            "account = \"CANONE\"\n¦iban = \"IT60X0542811101000000123456\"",
            &["no key `iban`"],
        ),
    ]);
    is_refused(
        &changed("[[beneficiary]]", "¦[[beneficiary]]")
            .replace("account = \"CANONE\"", "account = \"CANONE\"\ntransfer = false"),
        &["no beneficiary has a transfer"],
    );
    let six = (1..=5).fold(String::new(), |mut more, number| {
        let _ = write!(
            more,
            "[[beneficiary]]\nid = \"b{number}\"\nname = {{ it = \"B\", en = \"B\" }}\ntaxonomy = \"9/0101107TS/\"\naccount = \"B\"\n"
        );
        more
    });
    is_refused(
        &changed("[[beneficiary]]", &format!("¦{six}[[beneficiary]]")),
        &["there are 6", "at most 5"],
    );
}

#[test]
fn questions_are_checked() {
    are_refused(&[
        (
            "id = \"persone\"\nkind = \"integer\"",
            "id = \"persone\"\nkind = ¦\"int\"",
            &["`kind` is unknown: \"int\""],
        ),
        (
            "id = \"persone\"\nkind",
            "id = ¦\"round\"\nkind",
            &["`round` means something else"],
        ),
        (
            "id = \"persone\"\nkind",
            "id = ¦\"today\"\nkind",
            &["`today` means something else"],
        ),
        (
            "id = \"persone\"\nkind",
            "id = ¦\"zona\"\nkind",
            &["already something called `zona`"],
        ),
        (
            "id = \"persone\"\nkind",
            "id = ¦\"Persone\"\nkind",
            &["not a name"],
        ),
        (
            "id = \"giorni_anno\"\nkind",
            "id = ¦\"metri\"\nkind",
            &["already something called `metri`"],
        ),
        (
            "min = \"1\"\nmax = \"9\"",
            "min = \"1\"\nmax = ¦\"0\"",
            &["the most is below the least"],
        ),
        (
            "min = \"1\"\nmax = \"9\"",
            "min = ¦\"1.5\"\nmax = \"9\"",
            &["more decimals"],
        ),
        (
            "min = \"1\"\nmax = \"9\"",
            "min = ¦\"uno\"\nmax = \"9\"",
            &["not a number", "12.30"],
        ),
        (
            "min = \"1\"\nmax = \"9\"",
            "min = ¦\"1,5\"\nmax = \"9\"",
            &["no comma"],
        ),
        (
            "min = \"1\"\nmax = \"9\"",
            "min = ¦1\nmax = \"9\"",
            &["bare number: 1", "\"1\""],
        ),
        (
            "min = \"1\"\nmax = \"9\"",
            "min = \"1\"\nmax = \"9\"\ndecimals = ¦2",
            &["a integer has no `decimals`"],
        ),
        (
            "min = \"1\"\nmax = \"9\"",
            "min = \"1\"\nmax = \"9\"\noptions = ¦[]",
            &["has no options"],
        ),
        ("decimals = 2", "decimals = ¦7", &["from 0 to 6"]),
        ("decimals = 2", "decimals = ¦\"2\"", &["from 0 to 6"]),
        ("decimals = 2", "decimals = ¦-1", &["from 0 to 6"]),
        (
            "  { id = \"collina\", label",
            "  { id = ¦\"centro\", label",
            &["two options `centro`"],
        ),
        (
            "  { id = \"collina\", label",
            "  { id = ¦\"col lina\", label",
            &["not an option's id"],
        ),
        (
            "en = \"Hills\" } },",
            "en = \"Hills\" } },\n  ¦\"altro\",",
            &["an option"],
        ),
        ("default = \"50000.00\"", "default = ¦\"cinquanta\"", &["default"]),
        ("default = \"50000.00\"", "default = ¦\"50000.01\"", &["default"]),
        ("default = \"50000.00\"", "default = ¦true", &["default"]),
        ("default = \"50000.00\"", "default = ¦0.5", &["default"]),
        (
            "ask_when = \"residente\"",
            "ask_when = \"¦persone > 2\"",
            &["`persone` cannot be used here", "further down"],
        ),
        (
            "ask_when = \"residente\"",
            "ask_when = ¦\"zona\"",
            &["`ask_when` is not a condition"],
        ),
        (
            "label = { it = \"ISEE\", en = \"ISEE\" }",
            "label = { it = \"ISEE\", en = \"ISEE\" }\nx_personal = ¦\"si\"",
            &["`x_personal` is string"],
        ),
        (
            "label = { it = \"Persone\"",
            "¦lable = { it = \"Persone\"",
            &["no key `lable`", "did you mean `label`"],
        ),
    ]);
    let never_asked = changed("kind = \"boolean\"\n", "kind = \"boolean\"\ndefault = ¦false\n");
    is_refused(&never_asked, &["default"]);
    let no_options = BASE.split("options = [").next().expect("a part").to_owned();
    let rest = BASE
        .split_once("]\n\n[[input]]\nid = \"residente\"")
        .expect("a part")
        .1;
    is_refused(
        &format!("{no_options}options = []\n\n[[input]]\nid = \"residente\"{rest}")
            .replace("[[input]]\nid = \"zona\"", "¦[[input]]\nid = \"zona\""),
        &["no options"],
    );
}

#[test]
fn steps_rules_and_lines_are_checked() {
    are_refused(&[
        (
            "id = \"giorni\"\nkind = \"number\"",
            "id = \"giorni\"\nkind = ¦\"choice\"",
            &["`kind` is unknown"],
        ),
        (
            "value = \"al - dal + 1\"",
            "value = ¦\"al\"",
            &["declared number"],
        ),
        ("value = \"al - dal + 1\"", "value = ¦\"\"", &["`value` is empty"]),
        (
            "value = \"al - dal + 1\"",
            "value = ¦[\"al\"]",
            &["a text in quotes"],
        ),
        (
            "value = \"al - dal + 1\"",
            "value = \"¦giorni + 1\"",
            &["`giorni` cannot be used here"],
        ),
        (
            "value = \"roll(add_days(dal, 5), 'festivi')\"",
            "value = \"roll(add_days(dal, 5), 'festivi')\"\nround = ¦\"1 up\"",
            &["only amounts and numbers are rounded"],
        ),
        (
            "value = \"roll(add_days(dal, 5), 'festivi')\"",
            "value = \"roll(add_days(dal, 5), 'festivi')\"\nnonzero = ¦true",
            &["only amounts and numbers can be zero"],
        ),
        (
            "[[require]]\nthat = \"giorni >= 1\"",
            "¦[[require]]\nwhen = \"giorni >= 1\"",
            &["has no `that`"],
        ),
        (
            "that = \"giorni >= 1\"",
            "that = ¦\"giorni\"",
            &["`that` is not a condition"],
        ),
        ("code = \"piccola\"", "code = ¦\"Piccola\"", &["not a code"]),
        (
            "round = \"0.05 up\"",
            "round = ¦\"0.05\"",
            &["not a rounding", "0.01 half_up"],
        ),
        (
            "round = \"0.05 up\"",
            "round = ¦\"0.005 up\"",
            &["parts of a cent"],
        ),
        (
            "id = \"riduzione\"",
            "id = ¦\"canone\"",
            &["already something called `canone`"],
        ),
        (
            "when = \"residente\"\nlabel",
            "when = ¦\"metri\"\nlabel",
            &["`when` is not a condition"],
        ),
        (
            "explain = { it = \"{tariffa} €",
            "explain = { it = \"{¦retta} €",
            &["nothing to put into {retta}"],
        ),
        (
            "explain = { it = \"{tariffa} €",
            "explain = { it = \"{¦} €",
            &["nothing to put into {}"],
        ),
        (
            "en = \"€{tariffa} × {metri} m²\"",
            "en = \"€{tariffa} × ¦{metri m²\"",
            &["a brace stands alone"],
        ),
        (
            "en = \"€{tariffa} × {metri} m²\"",
            "en = \"€{tariffa} × {¦metro} m²\"",
            &["{metro}"],
        ),
        (
            "[[exempt]]\nwhen",
            "[[¦exemption]]\nwhen",
            &["no key `exemption`"],
        ),
        (
            "explain = { it = \"{tariffa} €",
            "explain = { it = \"tariffa¦} €",
            &["a brace stands alone"],
        ),
    ]);
    is_refused(
        &changed("code = \"date-invertite\"", "¦cod = \"date-invertite\""),
        &["no key `cod`"],
    );
    is_refused(
        &changed(
            "[[line]]\nid = \"canone\"",
            "[[require]]\nthat = \"metri > 0\"\ncode = ¦\"date-invertite\"\nmessage = { it = \"M\", en = \"M\" }\n[[line]]\nid = \"canone\"",
        ),
        &["two rules with the code `date-invertite`"],
    );
    let (head, _) = BASE.split_once("[[line]]").expect("lines");
    is_refused(&format!("¦{head}"), &["no lines"]);
    is_refused(
        &changed("[[line]]\nid = \"canone\"", "¦[[line]]\nid = \"canone\"")
            .replace("to = \"comune\"\nexplain", "explain"),
        &["[[line]] has no `to`"],
    );
    let (_, tail) = BASE.split_once("[[example]]").expect("an example");
    let single = format!("{head}\n¦[line]\nid = \"canone\"\n[[example]]{tail}");
    is_refused(&single, &["`line` is table", "[[line]]"]);
}
