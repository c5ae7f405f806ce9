//! What an office would regret is refused where it stands: each mistake of section 4.7 of the specification, and those
//! people make besides. Every case is the base file with one change; `¦` in the new text marks the place that is told.

#![expect(clippy::too_many_lines, reason = "cases in a row are one thing to read")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};
use tariff::compile::{Compiled, FILE_BYTES_MAX, MISTAKES_MAX, Mistake, check_versions, compile, digest};

const BASE: &str = include_str!("common/base.toml");

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
fn tables_are_checked() {
    are_refused(&[
        // Lookups.
        (
            "[table.tariffa]\nkind = \"lookup\"",
            "[table.tariffa]\nkind = ¦\"look-up\"",
            &["did you mean \"lookup\""],
        ),
        (
            "[table.tariffa]",
            "[table.¦metri]",
            &["already something called `metri`"],
        ),
        (
            "[table.tariffa]",
            "[table.¦canone]",
            &["already something called `canone`"],
        ),
        (
            "[table.tariffa]",
            "[table.¦min]",
            &["already something called `min`"],
        ),
        (
            "keys = [\"zona\"]",
            "keys = [¦\"zone\"]",
            &["`zone`", "did you mean `zona`"],
        ),
        (
            "keys = [\"zona\"]",
            "keys = [¦\"metri\"]",
            &["no rows of its own", "bands"],
        ),
        ("keys = [\"zona\"]", "keys = ¦[]", &["0 keys"]),
        (
            "keys = [\"zona\"]",
            "keys = [\"zona\", ¦\"zona\"]",
            &["`zona` is a key twice"],
        ),
        (
            "{ zona = \"centro\", value",
            "{ zona = ¦\"centri\", value",
            &["no option \"centri\"", "did you mean \"centro\""],
        ),
        (
            "{ zona = \"centro\", value = \"2.86\" }",
            "{ zona = \"centro\", value = ¦2.86 }",
            &["bare number"],
        ),
        (
            "{ zona = \"centro\", value = \"2.86\" }",
            "{ zona = \"centro\", ¦valore = \"2.86\" }",
            &["no key `valore`"],
        ),
        (
            "{ persone = \"3+\", fissa",
            "{ persone = ¦\"3 o più\", fissa",
            &["not a whole number", "3+"],
        ),
        (
            "columns = [\"fissa\", \"variabile\"]",
            "columns = [\"fissa\", ¦\"fissa\"]",
            &["two columns `fissa`"],
        ),
        (
            "columns = [\"fissa\", \"variabile\"]",
            "columns = [\"fissa\", ¦\"quota variabile\"]",
            &["not a name"],
        ),
        // Whole numbers between the bounds.
        (
            "rows = [\n  { persone = \"1\", fissa = \"0.3470\", variabile = \"27.01\" },\n",
            "rows = ¦[\n",
            &["no row for persone = \"1\""],
        ),
        (
            "{ persone = \"2\", fissa",
            "¦{ persone = \"1\", fissa",
            &["this row is there twice"],
        ),
        // Bands.
        (
            "key = \"isee\"\nrows",
            "key = ¦\"zona\"\nrows",
            &["not a number or an amount"],
        ),
        (
            "{ from = \"10000.01\", up_to",
            "{ from = ¦\"10000.02\", up_to",
            &["nothing holds between 10000 and 10000.02"],
        ),
        (
            "{ from = \"10000.01\", up_to",
            "{ from = ¦\"10000.00\", up_to",
            &["is there twice"],
        ),
        (
            "{ up_to = \"10000.00\", value",
            "{ from = ¦\"1.00\", up_to = \"10000.00\", value",
            &["nothing holds from 0 to 1"],
        ),
        (
            "up_to = \"20000.00\", value",
            "up_to = ¦\"10000.00\", value",
            &["overlap"],
        ),
        (
            "{ from = \"10000.01\", up_to = \"20000.00\", value",
            "¦{ from = \"10000.01\", value",
            &["no `up_to`"],
        ),
        // Slices, of a step: what begins must begin just above.
        (
            "{ up_to = \"90\", value = \"0.75\" }",
            "{ from = ¦\"40\", up_to = \"90\", value = \"0.75\" }",
            &["nothing holds between 30 and 40"],
        ),
        // Segments.
        (
            "{ from = \"0.00\", to",
            "{ from = ¦\"1.00\", to",
            &["nothing holds from 0 to 1"],
        ),
        (
            "to = \"35000.00\", start",
            "to = ¦\"4000.00\", start",
            &["is below"],
        ),
        (
            "end = \"7.00\" },\n]\nbeyond = \"7.00\"",
            "end = \"7.00\" },\n]\n¦beyond_ = \"7.00\"",
            &["no key `beyond_`"],
        ),
    ]);
    is_refused(
        &changed(
            "  { persone = \"2\", fissa = \"0.4050\", variabile = \"57.77\" },\n",
            "",
        )
        .replace("rows = [\n  { persone", "rows = ¦[\n  { persone"),
        &[
            "no row for persone = \"2\"",
            "nothing is ever taken from the nearest one",
        ],
    );
    is_refused(
        &changed("  { from = \"20000.01\", value = \"0\" },\n", "")
            .replace("rows = [\n  { up_to = \"10000", "rows = ¦[\n  { up_to = \"10000"),
        &["nothing holds from 20000 to 50000"],
    );
    is_refused(
        &changed("beyond = \"7.00\"\n", "").replace("[table.retta]", "[table.¦retta]"),
        &["nothing holds above 35000", "beyond"],
    );
    // A key that may be below the first segment.
    is_refused(
        &changed(
            "default = \"50000.00\"\nmin = \"0\"\n",
            "default = \"50000.00\"\n",
        )
        .replace("{ from = \"0.00\", to", "{ from = ¦\"0.00\", to"),
        &["nothing holds below 0", "`min`"],
    );
    // A whole number that is looked up says from where to where it goes.
    is_refused(
        &changed("min = \"1\"\nmax = \"9\"\n", "").replace("keys = [\"persone\"]", "keys = [¦\"persone\"]"),
        &["no `min` and `max`"],
    );
    // A step that may fall between two segments.
    is_refused(
        &changed(
            "key = \"isee\"\nunit = \"EUR\"",
            "key = ¦\"giorni\"\nunit = \"EUR\"",
        )
        .replace("retta(isee)", "retta(giorni)"),
        &["between two segments", "round"],
    );
}

#[test]
fn expressions_are_checked_where_they_are_written() {
    let value = |new: &str, words: &[&str]| {
        is_refused(
            &changed(
                "quote.fissa(persone) * metri * giorni / giorni_anno + prezzo",
                new,
            ),
            words,
        );
    };
    value("1.00€ +¦", &["ends too early"]);
    value("(1.00€ + 2.00€¦", &["`)` is missing"]);
    value("1.00€ ¦)", &["`)`"]);
    value("1.00€ ¦= 2.00€", &["`=` means nothing", "=="]);
    value("¦12,30€ + 1.00€", &["comma", "12.30"]);
    value("5.00 ¦€", &["without a space"]);
    value(
        "1.00€ * ¦metr",
        &["nothing is called `metr`", "did you mean `metri`"],
    );
    value("1.00€ * ¦arrotonda(metri)", &["no table or function `arrotonda`"]);
    value("1.00€ * ¦metri(1)", &["`metri` is a value, not a table"]);
    value("1.00€ * ¦tariffa", &["`tariffa` is a table"]);
    value("¦quote(persone) * 1", &["does not name a column", "quote.fissa"]);
    value("¦quote.fisso(persone) * 1", &["does not name a column"]);
    value("¦tariffa(zona, persone)", &["1 keys and is given 2"]);
    value("tariffa(¦persone)", &["a number is not a key of `tariffa`"]);
    value("¦1.00€ + metri", &["an amount and a number"]);
    value(
        "1.00€ * ¦residente",
        &["yes or no cannot be calculated with", "if … then … else"],
    );
    value("1.00€ * ¦zona", &["look the word up in a table"]);
    value("1.00€ * ¦dal", &["add_days"]);
    value("1.00€ * (¦metri / giorni_anno)", &["multiply before you divide"]);
    value(
        "1.00€ * min(¦metri / 3, 2)",
        &["a quotient that is not exact is compared"],
    );
    value("retta(¦isee / 3)", &["a key"]);
    value("¦5 / 1.00€", &["a number is divided by an amount"]);
    value("1.00€ / ¦0", &["the divisor may be zero"]);
    value(
        "if residente then 1.00€ else ¦0",
        &["one branch is an amount, the other a number"],
    );
    value(
        "if ¦metri then 1.00€ else 0.00€",
        &["a number where a condition is needed"],
    );
    value("if residente then 1.00€¦", &["`else` is missing"]);
    value("if not residente ¦1.00€", &["`then` is missing"]);
    value(
        "1.00€ + ¦if residente then 1.00€ else 0.00€",
        &["stands in brackets"],
    );
    value("round(1.005€, ¦0.03, 'half_up')", &["multiples of 0.03"]);
    value("round(1.005€, 0.01, ¦'halfup')", &["does not know 'halfup'"]);
    value(
        "round(1.005€, ¦metri, 'half_up')",
        &["step of a rounding is not a number"],
    );
    value("¦round(1.005€, 0.01)", &["2 arguments", "round(value"]);
    value("1.00€ * ¦year()", &["0 arguments"]);
    value("1.00€ * year(¦metri)", &["a number where a day is needed"]);
    value("1.00€ * (roll(dal, ¦'feste') - dal)", &["festivi"]);
    value("1.00€ * (add_days(dal, ¦1.00€) - dal)", &["a number of days"]);
    value("1.00€ ¦\\\\ 2", &["means nothing"]);

    let condition =
        |new: &str, words: &[&str]| is_refused(&changed("zona == 'collina' and metri <= 1", new), words);
    condition("1 < metri ¦< 5", &["cannot be chained", "and"]);
    condition("¦zona > 'collina'", &["words have no order"]);
    condition("¦residente < true", &["no order"]);
    condition("zona == ¦metri", &["a word is compared with a number"]);
    condition("isee > ¦1000", &["an amount is compared with a number", "12.00€"]);
    condition("¦'collina' == 'collina'", &["two words"]);
    condition(
        "zona == 'collina' and ¦metri",
        &["a number where a condition is needed"],
    );
    condition("dal > ¦5", &["a day is compared with a number"]);
    condition("¦canone > 5.00€", &["lines are worked out after everything else"]);
    condition("zona == ¦'collina", &["a text has no end"]);
}

#[test]
fn words_that_nothing_can_be_equal_to_are_refused() {
    // An option misspelt is seen also when there is one alone.
    let one = changed(
        "  { id = \"collina\", label = { it = \"Collina\", en = \"Hills\" } },\n",
        "",
    )
    .replace("  { zona = \"collina\", value = \"1.15\" },\n", "")
    .replace("zona == 'collina'", "zona == ¦'centri'");
    is_refused(&one, &["'centri' is none of the options"]);
    // Two choices without a common option are never equal.
    let two = changed(
        "[[input]]\nid = \"residente\"",
        "[[input]]\nid = \"tipo\"\nkind = \"choice\"\nlabel = { it = \"Tipo\", en = \"Kind\" }\noptions = [ { id = \"a\", label = { it = \"A\", en = \"A\" } } ]\n\n[[input]]\nid = \"residente\"",
    )
    .replace("zona == 'collina'", "zona == ¦tipo");
    is_refused(&two, &["have no word in common"]);
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

#[test]
fn examples_are_checked_and_must_come_out() {
    for (old, new, words) in [
        (
            "total = \"932.00\"",
            "total = \"932.01\"",
            ["`total`", "932.00", "932.01"],
        ),
        (
            "canone = \"1238.74\"",
            "canone = \"1238.73\"",
            ["`lines.canone`", "1238.74", "1238.73"],
        ),
        (
            "giorni = \"45\"",
            "giorni = \"46\"",
            ["`steps.giorni`", "45", "46"],
        ),
        (
            "split = { comune = \"932.00\" }",
            "split = { comune = \"931.00\" }",
            ["`split.comune`", "932.00", "931.00"],
        ),
        (
            ", status = \"due\"",
            ", status = \"not_due\"",
            ["`status`", "due", "not_due"],
        ),
        (
            "riduzione = \"-309.69\", ",
            "",
            ["`lines.riduzione`", "-309.69", "does not say so"],
        ),
        (
            "zona = \"centro\", residente = true",
            "zona = \"periferia\", residente = true",
            ["`status`", "invalid", "due"],
        ),
    ] {
        let marked =
            changed(old, new).replace("name = \"centro, residente\"", "name = ¦\"centro, residente\"");
        is_refused(&marked, &words);
    }
    are_refused(&[
        ("metri = \"10.50\"", "metri = ¦10.50", &["bare number"]),
        ("total = \"932.00\"", "total = ¦932", &["not a text", "quotes"]),
        ("total = \"932.00\"", "¦totale = \"932.00\"", &["no key `totale`"]),
        (
            "today = 2026-03-10",
            "today = ¦\"2026-03-10\"",
            &["without quotes"],
        ),
        ("today = 2026-03-10", "today = ¦2026-02-30", &["not TOML"]),
    ]);
    let (head, _) = BASE.split_once("[[example]]").expect("an example");
    is_refused(&format!("¦{head}"), &["no examples"]);
}

#[test]
fn rates_that_do_not_work_are_found_by_trying() {
    // A share below zero where the reduction is more than the fee.
    let negative = changed(
        "\"-(sconto(isee) * canone)\"",
        "\"-(sconto(isee) * canone) - 40.00€\"",
    )
    .replace("riduzione = \"-309.69\"", "riduzione = \"-349.69\"")
    .replace("\"932.00\"", "\"892.00\"")
    .replace(
        "[[beneficiary]]\nid = \"comune\"",
        "[[beneficiary]]\nid = ¦\"comune\"",
    );
    is_refused(&negative, &["`comune` does not work (negative)", "[[require]]"]);
    // A step that promised not to be zero.
    let zero = changed("value = \"days_in_year(dal)\"", "value = \"al - dal + 1\"")
        .replace("giorni_anno = \"365\"", "giorni_anno = \"45\"")
        .replace("quota = \"2.95\"", "quota = \"6.70\"")
        .replace("\"932.00\"", "\"935.75\"")
        .replace("id = \"giorni_anno\"", "id = ¦\"giorni_anno\"");
    is_refused(&zero, &["`giorni_anno` does not work (zero_divisor)"]);
    // Less for more, where the file says that it does not happen.
    let falls = changed(
        "label = { it = \"Superficie\"",
        "x_monotone = true\nlabel = { it = \"Superficie\"",
    )
    .replace(
        "tariffa(zona) * metri",
        "tariffa(zona) * (if metri > 100 then 1 else metri)",
    )
    .replace("id = \"metri\"", "id = ¦\"metri\"");
    is_refused(&falls, &["the total falls when `metri` grows"]);
    // Without a lower bound an answer may be below zero.
    let unbounded = changed("min = \"0.50\"\nmax = \"500\"", "max = \"500\"").replace(
        "[[beneficiary]]\nid = \"comune\"",
        "[[beneficiary]]\nid = ¦\"comune\"",
    );
    is_refused(&unbounded, &["negative", "bound the questions"]);
}

#[test]
fn versions_of_a_tariff_do_not_overlap_and_are_picked_by_one_date() {
    let later = BASE
        .replace("version = \"2026-01-01\"", "version = \"2027-01-01\"")
        .replace(
            "valid_from = 2026-01-01\nvalid_to = 2026-12-31",
            "valid_from = 2027-01-01",
        )
        .replace("today = 2026-03-10", "today = 2027-03-10");
    let told = |texts: &[&str]| -> Vec<(String, usize, usize, String)> {
        let files: Vec<Compiled> = texts
            .iter()
            .enumerate()
            .map(|(number, text)| {
                compile(&format!("{number}.toml"), text).unwrap_or_else(|m| panic!("\n{}", listed(&m)))
            })
            .collect();
        let told = check_versions(&files).into_iter();
        told.map(|m| (m.file, m.line, m.column, m.what)).collect()
    };
    assert_eq!(told(&[BASE, &later]), []);

    let open = BASE.replace("valid_to = 2026-12-31\n", "");
    let overlap = told(&[&open, &later]);
    let (line, column) = place(&later.replace("valid_from = 2027", "valid_from = ¦2027"));
    assert_eq!(
        (overlap[0].0.as_str(), overlap[0].1, overlap[0].2),
        ("1.toml", line, column),
        "{overlap:?}"
    );
    assert!(overlap[0].3.contains("0.toml"), "{overlap:?}");
    // The last day of one is the first of the other.
    let same_day = BASE.replace("valid_to = 2026-12-31", "valid_to = 2027-01-01");
    assert_eq!(told(&[&same_day, &later])[0].1, line);

    let by_date = later.replace("selected_by = \"today\"", "selected_by = \"dal\"");
    let (line, column) = place(&by_date.replace("selected_by = \"dal\"", "selected_by = ¦\"dal\""));
    let picked = told(&[BASE, &by_date]);
    assert!(
        picked
            .iter()
            .any(|m| (m.1, m.2) == (line, column) && m.3.contains("another date")),
        "{picked:?}"
    );

    // A correction takes the place of what it corrects, and must say which.
    let corrects = |replaced: &str| {
        BASE.replace(
            "version = \"2026-01-01\"\n",
            &format!("version = \"2026-01-01.2\"\nreplaces = \"{replaced}\"\nreason = \"Errata corrige\"\n"),
        )
        .replace(
            "expect = { version = \"2026-01-01\"",
            "expect = { version = \"2026-01-01.2\"",
        )
    };
    assert_eq!(told(&[BASE, &corrects(&digest(BASE))]), []);
    let unknown = corrects(&digest("something else"));
    let (line, column) = place(&unknown.replace("replaces = \"", "replaces = ¦\""));
    let told = told(&[BASE, &unknown]);
    assert!(
        told.iter()
            .any(|m| (m.1, m.2) == (line, column) && m.3.contains("no version of suolo-di-prova")),
        "{told:?}"
    );

    is_refused(
        &unknown
            .replace("reason = \"Errata corrige\"\n", "")
            .replace("# A small", "¦# A small"),
        &["no `reason`"],
    );
    is_refused(
        &corrects("abc").replace("replaces = \"abc\"", "replaces = ¦\"abc\""),
        &["not the digest"],
    );
}

#[test]
fn the_place_is_right_in_every_way_toml_writes_a_text() {
    let old = "\"-(sconto(isee) * canone)\"";
    for new in [
        // Not all ASCII before it.
        "\"1.00€ + 1.00€ * ¦metro\"",
        // Escapes take more room than what they stand for.
        "\"1.00\\u20AC + 1.00\\U000020AC * ¦metro\"",
        "\"1.00€\\t+\\t1.00€ * ¦metro\"",
        // Quotes of the other kind.
        "'1.00€ + 1.00€ * ¦metro'",
        // Over several lines.
        "\"\"\"1.00€\n  + 1.00€ * ¦metro\"\"\"",
        "\"\"\"\n1.00€\n  + 1.00€ * ¦metro\"\"\"",
        "'''\n1.00€\n  + 1.00€ * ¦metro'''",
        "\"\"\"\n1.00€ \\\n    + 1.00€ * ¦metro\"\"\"",
        "\"\"\"\\\n    \\u0031.00€\n + 1.00€ * ¦metro\"\"\"",
    ] {
        is_refused(&changed(old, new), &["nothing is called `metro`"]);
        is_refused(
            &changed(old, new).replace('\n', "\r\n"),
            &["nothing is called `metro`"],
        );
        is_refused(
            &format!("\u{feff}{}", changed(old, new)),
            &["nothing is called `metro`"],
        );
    }
    // Tabs are one column each.
    is_refused(&changed("min = \"0.50\"", "\t\tmin\t=\t¦0.50"), &["bare number"]);
    // A byte order mark has no column.
    let first = BASE.replace(
        "# A small tariff with everything in it, for the tests of mistakes.\nschema",
        "¦schemo",
    );
    let mistakes = mistakes_of(&format!("\u{feff}{}", first.replace('¦', "")));
    assert!(
        mistakes
            .iter()
            .any(|m| (m.line, m.column) == (1, 1) && m.what.contains("schemo")),
        "{}",
        listed(&mistakes)
    );
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_do_no_harm() {
    for text in [BASE.replace('\n', "\r\n"), format!("\u{feff}{BASE}")] {
        let mistakes = mistakes_of(&text);
        assert!(mistakes.is_empty(), "{}", listed(&mistakes));
    }
}

#[test]
fn what_is_not_toml_is_told_where_it_breaks() {
    is_refused(
        &changed(
            "valid_to = 2026-12-31",
            "valid_to = 2026-12-31\n¦valid_to = 2027-12-31",
        ),
        &["not TOML", "duplicate key"],
    );
    let line_of = |old: &str, new: &str| {
        let text = changed(old, new);
        let mistakes = mistakes_of(&text);
        let expected = text.lines().position(|line| line == new).expect("the line") + 1;
        assert_eq!(
            mistakes.first().map(|m| m.line),
            Some(expected),
            "{}",
            listed(&mistakes)
        );
        assert!(mistakes[0].what.starts_with("not TOML"), "{}", listed(&mistakes));
    };
    line_of("currency = \"EUR\"", "currency \"EUR\"");
    line_of("source = \"Invented\"", "source = \"Invented");
    line_of("calendar = \"it\"", "calendar = it");
    line_of("valid_to = 2026-12-31", "valid_to = 2026-13-31");
    line_of("[total]", "[total");
}

#[test]
fn files_of_any_size_and_depth_are_answered_soon() {
    let inputs = |count: usize| {
        (0..count).fold(BASE.to_owned(), |mut text, number| {
            let _ = write!(text, "\n[[line]]\nid = \"l{number}\"\n");
            text
        })
    };
    let cases: Vec<(&str, String)> = vec![
        ("empty", String::new()),
        ("a comment", "# nothing".to_owned()),
        ("blank", "\n\n \t\r\n".to_owned()),
        ("too large", "#".repeat(FILE_BYTES_MAX + 1)),
        ("a megabyte", format!("{BASE}# {}", "x".repeat(1 << 20))),
        (
            "deep lists",
            format!("{BASE}\nx_deep = {}{}", "[".repeat(100_000), "]".repeat(100_000)),
        ),
        (
            "deep tables",
            format!("x_deep = {}{}", "{a=".repeat(50_000), "}".repeat(50_000)),
        ),
        ("deep keys", format!("x_deep{} = 1", ".a".repeat(100_000))),
        ("deep headers", format!("[x_deep{}]", ".a".repeat(100_000))),
        ("brackets", BASE.replace("al - dal + 1", &"(".repeat(3_000))),
        ("minus", BASE.replace("al - dal + 1", &"-".repeat(3_000))),
        ("not", BASE.replace("al - dal + 1", &"not ".repeat(900))),
        ("if", BASE.replace("al - dal + 1", &"if true then ".repeat(300))),
        ("calls", BASE.replace("al - dal + 1", &"min(1,".repeat(600))),
        (
            "a long sum",
            BASE.replace("al - dal + 1", &format!("1{}", "+1".repeat(1_900))),
        ),
        ("many lines", inputs(12_000)),
        ("a huge list", format!("x_list = [{}]", "1,".repeat(250_000))),
        (
            "a huge lookup",
            BASE.replace(
                "  { zona = \"centro\", value = \"2.86\" },\n",
                &"  { zona = \"centro\", value = \"2.86\" },\n".repeat(9_000),
            ),
        ),
        ("many words", {
            let columns: Vec<String> = (0..12).map(|number| format!("c{number}")).collect();
            let mut rows = String::new();
            for row in 0..1_900 {
                let cells = columns
                    .iter()
                    .enumerate()
                    .fold(String::new(), |mut cells, (place, column)| {
                        let _ = write!(cells, ", {column} = \"w{row}x{place}\"");
                        cells
                    });
                let _ = writeln!(rows, "{{ persone = \"{row}\"{cells} }},");
            }
            format!(
                "{}\n[table.parole]\nkind = \"lookup\"\nkeys = [\"persone\"]\ncolumns = {columns:?}\ntype = \"text\"\nrows = [\n{rows}]\n",
                BASE.split("[[example]]").next().expect("a part")
            )
        }),
        ("garbage", "\u{1}\u{2}=[[[\"\"\"''' \\".repeat(20_000)),
        (
            "an unclosed text",
            format!("{BASE}\nx = \"\"\"{}", "a\n".repeat(100_000)),
        ),
    ];
    for (name, text) in cases {
        let begun = Instant::now();
        let mistakes = mistakes_of(&text);
        let took = begun.elapsed();
        assert!(!mistakes.is_empty(), "{name}");
        assert!(mistakes.len() <= MISTAKES_MAX, "{name}");
        assert!(took < Duration::from_secs(3), "{name} took {took:?}");
        for mistake in &mistakes {
            assert!(mistake.line >= 1 && mistake.column >= 1, "{name}: {mistake}");
            assert!(
                mistake.to_string().len() < 2_000,
                "{name}: {}",
                mistake.to_string().len()
            );
        }
    }
}

#[test]
fn nothing_of_the_office_is_forbidden_under_x() {
    let text = changed(
        "calendar = \"it\"\n",
        "calendar = \"it\"\nx_note = \"Visto dal segretario\"\nx_numbers = [1.5, 2]\n",
    );
    assert_eq!(mistakes_of(&text), []);
    let labelled = changed(
        "[table.retta]\n",
        "[table.retta]\nx_label = { it = \"Retta\", en = \"Price\" }\n",
    );
    let file = compiled(&labelled);
    let label = file.tariff.tables.iter().find_map(|table| table.label.as_ref());
    assert_eq!(label.map(|label| label.en.as_str()), Some("Price"));
    is_refused(
        &changed(
            "[table.retta]\n",
            "[table.retta]\nx_label = ¦{ it = \"Retta\" }\n",
        ),
        &["not in English"],
    );
}
