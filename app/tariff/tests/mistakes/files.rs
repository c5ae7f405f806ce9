//! Files of any form and size, and where their mistakes are.

use crate::{BASE, changed, compiled, is_refused, listed, mistakes_of};
use std::fmt::Write as _;
use std::time::{Duration, Instant};
use tariff::compile::{FILE_BYTES_MAX, MISTAKES_MAX};

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
