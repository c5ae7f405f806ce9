//! The page of rates says what the file says, in both languages.

use tariff::Tongue;
use tariff::compile::compile;
use tariff::rates::{Part, Sheet, sheet};

const BASE: &str = include_str!("common/base.toml");

fn sheet_of(text: &str, tongue: Tongue) -> Sheet {
    let file = compile("base.toml", text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    sheet(&file.tariff, tongue, &|day| day.to_string())
}

/// A part's rows as lines, cells between bars.
fn rows(part: &Part) -> Vec<String> {
    let columns = part.columns.len();
    part.rows
        .iter()
        .map(|row| {
            assert_eq!(
                row.len(),
                columns,
                "{}: every row has a cell for each column",
                part.heading
            );
            let cells: Vec<&str> = row.iter().map(|cell| cell.text.as_str()).collect();
            cells.join(" | ")
        })
        .collect()
}

fn headings(part: &Part) -> Vec<&str> {
    part.columns
        .iter()
        .map(|column| column.heading.as_str())
        .collect()
}

fn part<'a>(sheet: &'a Sheet, heading: &str) -> &'a Part {
    let found = sheet.parts.iter().find(|part| part.heading == heading);
    found.unwrap_or_else(|| panic!("{heading} is not there"))
}

#[test]
fn tables_say_what_each_row_is_for() {
    let sheet = sheet_of(BASE, Tongue::Italian);
    let rates = part(&sheet, "Tariffa (€/m²/giorno)");
    assert_eq!(headings(rates), ["Zona", "Valore"]);
    assert_eq!(rows(rates), ["Centro | 2,86", "Collina | 1,15"]);
    let two_columns = part(&sheet, "Quote (€)");
    assert_eq!(headings(two_columns), ["Persone", "Fissa", "Variabile"]);
    assert_eq!(
        rows(two_columns),
        [
            "1 | 0,347 | 27,01",
            "2 | 0,405 | 57,77",
            "3 o più | 0,446 | 75,03"
        ]
    );
    let bands = part(&sheet, "Sconto");
    assert_eq!(
        rows(bands),
        [
            "fino a 10.000,00 | 0,5",
            "oltre 10.000,00 fino a 20.000,00 | 0,25",
            "oltre 20.000,00 | 0"
        ]
    );
    let slices = part(&sheet, "Giorni pesati");
    assert!(
        slices
            .note
            .as_deref()
            .is_some_and(|note| note.contains("scaglioni"))
    );
    let segments = part(&sheet, "Retta (€)");
    assert_eq!(
        rows(segments),
        [
            "da 0,00 a 5.000,00 | 1,00",
            "da 5.000,01 a 35.000,00 | da 1,00 a 7,00",
            "oltre 35.000,00 | 7,00"
        ]
    );
}

#[test]
fn a_table_has_the_name_the_office_gives_it() {
    let text = BASE.replace(
        "[table.retta]\n",
        "[table.retta]\nx_label = { it = \"Retta mensile\", en = \"Monthly price\" }\n",
    );
    part(&sheet_of(&text, Tongue::Italian), "Retta mensile (€)");
    let english = sheet_of(&text, Tongue::English);
    part(&english, "Monthly price (€)");
    let steps = rows(part(&english, "Intermediate results"));
    assert!(steps[3].contains("| [Monthly price]; rounded"), "{steps:?}");
}

#[test]
fn two_keys_go_down_and_across() {
    let crossed = r#"[table.due]
kind = "lookup"
keys = ["zona", "persone"]
unit = "EUR"
rows = [
  { zona = "centro", persone = "1", value = "1.00" },
  { zona = "centro", persone = "2+", value = "2.00" },
  { zona = "collina", persone = "1", value = "3.00" },
  { zona = "collina", persone = "2+", value = "4.00" },
]

[[step]]
id = "giorni"
"#;
    let text = BASE.replace("[[step]]\nid = \"giorni\"\n", crossed);
    let sheet = sheet_of(&text, Tongue::Italian);
    let two = part(&sheet, "Due (€)");
    assert_eq!(headings(two), ["Zona", "Persone: 1", "Persone: 2 o più"]);
    assert_eq!(rows(two), ["Centro | 1,00 | 2,00", "Collina | 3,00 | 4,00"]);
}

#[test]
fn what_the_total_is_made_of_reads_like_a_regulation() {
    let sheet = sheet_of(BASE, Tongue::Italian);
    let lines = part(&sheet, "Di che cosa è fatto il totale");
    assert_eq!(headings(lines), ["Voce", "Come si calcola", "Quando", "Atti"]);
    assert_eq!(
        rows(lines),
        [
            "Canone | [Tariffa] × «Superficie» × [Giorni pesati] | sempre | Regolamento",
            "Riduzione per ISEE | −[Sconto] × «Canone» | «Risiedi qui?» | ",
            "Quota | [Quote, fissa] × «Superficie» × «Giorni» / «Giorni dell'anno» + «Prezzo secondo l'ISEE» | sempre | ",
        ]
    );
    assert!(
        lines
            .note
            .as_deref()
            .is_some_and(|note| note.contains("a multipli di 0,05, per eccesso"))
    );
    let steps = rows(part(&sheet, "Calcoli intermedi"));
    assert_eq!(
        steps,
        [
            "Giorni | giorni da «Dal» a «Al» + 1",
            "Giorni dell'anno | giorni dell'anno di «Dal»",
            "Scadenza | («Dal» + 5 giorni) (se festivo, il primo giorno non festivo)",
            "Prezzo secondo l'ISEE | [Retta]; arrotondato a multipli di 0,01, al più vicino, la metà in su",
        ]
    );
    let rules = rows(part(&sheet, "Esenzioni e condizioni"));
    assert_eq!(
        rules,
        [
            "Non si paga. | non si paga | ",
            "L'ultimo giorno viene prima del primo. | non si calcola | Regolamento",
        ]
    );
    let act = &part(&sheet, "Atti").rows[0][0];
    assert_eq!(act.url.as_deref(), Some("https://example.it/regolamento"));
}

#[test]
fn what_is_known_of_the_version_stands_on_top() {
    let sheet = sheet_of(BASE, Tongue::English);
    assert_eq!(sheet.title, "Test space");
    let facts: Vec<String> = sheet
        .facts
        .iter()
        .map(|(label, value)| format!("{label}: {value}"))
        .collect();
    assert_eq!(
        facts,
        [
            "In force: from 2026-01-01 until 2026-12-31 included",
            "Figures: invented amounts, to show how it works",
            "Source: Invented",
            "Version: 2026-01-01",
            "Not due below: €2.00",
            "Paid to: Municipality",
        ]
    );
}

#[test]
fn a_formula_keeps_the_brackets_it_needs_and_no_others() {
    for (formula, words) in [
        ("1.00€ - (2.00€ - 3.00€)", "€1.00 − (€2.00 − €3.00)"),
        ("(1.00€ - 2.00€) - 3.00€", "€1.00 − €2.00 − €3.00"),
        ("1.00€ + (2.00€ + 3.00€)", "€1.00 + €2.00 + €3.00"),
        ("12.00€ / (2 * 5)", "€12.00 / (2 × 5)"),
        (
            "(1.00€ + 2.00€) * metri",
            "(€1.00 + €2.00) × “Area in square metres”",
        ),
        ("20% * (1.00€ + 2.00€)", "20% of (€1.00 + €2.00)"),
        ("-(1.00€ + 2.00€)", "−(€1.00 + €2.00)"),
        (
            "max(1.00€, 2.00€) + 1.00€",
            "(the larger of €1.00 and €2.00) + €1.00",
        ),
        (
            "if zona == 'collina' and not (metri > 3 or residente) then 1.00€ else 0.00€",
            "if “Area” = Hills and not (“Area in square metres” > 3 or “Do you live here?”) then €1.00, otherwise €0.00",
        ),
        (
            "(if residente then 1.00€ else 2.00€) * 2",
            "(if “Do you live here?” then €1.00, otherwise €2.00) × 2",
        ),
        (
            "round(1.255€, 0.01, 'up')",
            "€1.255 rounded to multiples of 0.01, up",
        ),
        ("retta(isee)", "[Retta]"),
        (
            "retta(max(isee, 5.00€))",
            "[Retta: the larger of “ISEE” and €5.00]",
        ),
    ] {
        let text = BASE.replace(
            "quote.fissa(persone) * metri * giorni / giorni_anno + prezzo",
            formula,
        );
        let sheet = sheet_of(&text, Tongue::English);
        let lines = part(&sheet, "What the total is made of");
        assert_eq!(lines.rows[2][1].text, words, "{formula}");
    }
}
