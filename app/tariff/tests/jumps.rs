//! Where a total jumps is told: at what an answer is compared with, at what is worked out from several answers, at
//! deadlines; one quantum or one day before and after, as two quotes say.

#[path = "common/files.rs"]
mod files;
#[path = "common/specification.rs"]
mod specification;

use chrono::{Days, NaiveDate};
use files::{BASE, all, compiled};
use specification::specification;
use std::fmt::Write as _;
use std::time::{Duration, Instant};
use tariff::answers::Answer;
use tariff::compile::{Compiled, Jump, jumps};
use tariff::evaluate::quote_with;
use tariff::model::{InputKind, Shape, Value};
use tariff::quote::write_value;
use tariff::{Answers, Number};

/// What moves, where, and the totals before and after.
fn told(file: &Compiled) -> Vec<String> {
    let said = |jump: Jump| {
        let input = jump.input.as_deref().unwrap_or("today");
        let before = write_value(&file.tariff, jump.before, Shape::Number);
        format!(
            "{input} {before}: {} to {}",
            jump.total_before.to_wire(),
            jump.total_after.to_wire()
        )
    };
    jumps(file).into_iter().map(said).collect()
}

fn named(id: &str, version: &str) -> Option<Compiled> {
    let of = |file: &Compiled| file.tariff.id == id && file.tariff.version == version;
    all().into_iter().find(of)
}

fn demo(id: &str, version: &str) -> Vec<String> {
    told(&named(id, version).expect("a tariff of the demo city"))
}

/// The base file with one text in place of another.
fn changed(old: &str, new: &str) -> Compiled {
    assert_eq!(BASE.matches(old).count(), 1, "{old:?} is in the base file once");
    compiled("base.toml", &BASE.replace(old, new))
}

#[test]
fn a_jump_at_what_several_answers_make_together_is_told_for_each_of_them() {
    let signs = demo("insegne-pubblicitarie", "2026-01-01");
    // Five square metres: 500 by 100, one piece.
    for jump in [
        "larghezza 500: 0.00 to 151.80",
        "altezza 100: 0.00 to 151.80",
        "pezzi 1: 0.00 to 276.00",
        "mesi 3: 45.54 to 151.80",
    ] {
        assert!(
            signs.iter().any(|told| told == jump),
            "{jump} is not in {signs:#?}"
        );
    }
}

#[test]
fn a_jump_at_a_deadline_is_told_for_today_and_for_the_day_it_runs_from() {
    assert_eq!(
        demo("multa-stradale", "2024-12-14"),
        [
            // The fifth day is a Sunday, the sixtieth a Saturday, which moves nothing.
            "today 2026-11-30: 29.40 to 42.00",
            "today 2027-01-23: 42.00 to 86.50",
            // Served a day later the discount still holds, or the reduced amount.
            "notifica 2026-11-25: 42.00 to 29.40",
            "notifica 2026-10-08: 508.80 to 343.80",
        ]
    );
}

#[test]
fn a_jump_where_an_answer_itself_is_looked_up_or_compared_is_told_once() {
    assert_eq!(
        demo("mensa-scolastica", "2025-09-01"),
        [
            "isee 4800: 25.40 to 60.60",
            "isee 16500: 72.40 to 74.20",
            "isee 30000: 129.60 to 130.00",
        ]
    );
}

#[test]
fn the_jumps_of_the_specification_are_found() {
    if specification().is_none() {
        return;
    }
    let found: Vec<String> = all().iter().flat_map(told).collect();
    for jump in [
        // One cent of ISEE costs 35.20 more for twenty meals, 31.68 for eighteen.
        "isee 4800: 48.86 to 80.54",
        // Christmas and Saint Stephen move the last day to the 27th.
        "today 2025-12-27: 29.40 to 42.00",
    ] {
        assert!(
            found.iter().any(|told| told == jump),
            "{jump} is not in {found:#?}"
        );
    }
}

#[test]
fn what_holds_in_one_place_only_is_found_from_both_sides() {
    let file = changed(
        "when = \"zona == 'collina' and metri <= 1\"",
        "when = \"metri * 3 == 1234.50\"",
    );
    let told: Vec<String> = told(&file)
        .into_iter()
        .filter(|jump| jump.starts_with("metri"))
        .collect();
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(
        told[0].starts_with("metri 411.49: ") && told[0].ends_with(" to 0.00"),
        "{told:#?}"
    );
    assert!(told[1].starts_with("metri 411.5: 0.00 to "), "{told:#?}");
}

#[test]
fn parts_that_are_summed_and_caps_do_not_jump() {
    let capped = changed(
        "value = \"tariffa(zona) * metri * giorni_pesati(giorni)\"",
        "value = \"min(tariffa(zona) * metri * giorni_pesati(giorni), 900.00€)\"",
    );
    for file in [compiled("base.toml", BASE), capped] {
        for jump in told(&file) {
            assert!(
                ["isee ", "persone "].iter().any(|input| jump.starts_with(input)),
                "{jump}"
            );
        }
    }
}

/// The total with one answer, or today, in place of the example's.
fn total(file: &Compiled, jump: &Jump, moved: Value) -> domain::Cents {
    let example = file.examples.iter().find(|one| one.name == jump.example);
    let example = example.expect("the example");
    let mut answers: Answers = example.inputs.clone();
    let mut today = example.today;
    match (&jump.input, moved) {
        (Some(input), moved) => {
            answers.set(
                input,
                Answer::Text(write_value(&file.tariff, moved, Shape::Number)),
            );
        }
        (None, Value::Date(day)) => today = day,
        (None, other) => panic!("today is {other:?}"),
    }
    quote_with(&file.tariff, &answers, today).total
}

fn next(file: &Compiled, jump: &Jump) -> Value {
    let next_day = |day: NaiveDate| Value::Date(day + Days::new(1));
    match jump.before {
        Value::Date(day) => next_day(day),
        Value::Number(number) => {
            let mut inputs = file.tariff.inputs.iter();
            let input = inputs.find(|input| Some(&input.id) == jump.input.as_ref());
            let (InputKind::Number(range) | InputKind::Money(range)) = &input.expect("a question").kind
            else {
                panic!("{jump:?}")
            };
            let quantum = Number::from_parts(1, range.decimals).expect("a quantum");
            Value::Number(number.checked_add(quantum).expect("a number"))
        }
        Value::Boolean(_) | Value::Word(_) => panic!("{jump:?}"),
    }
}

#[test]
fn every_jump_is_what_two_quotes_say() {
    let mut count = 0;
    for file in all() {
        for jump in jumps(&file) {
            assert_eq!(total(&file, &jump, jump.before), jump.total_before, "{jump:?}");
            assert_eq!(
                total(&file, &jump, next(&file, &jump)),
                jump.total_after,
                "{jump:?}"
            );
            count += 1;
        }
    }
    assert!(count > 30, "{count}");
}

#[test]
fn every_day_on_which_the_price_of_a_fine_changes_is_told() {
    let file = named("multa-stradale", "2024-12-14").expect("a tariff of the demo city");
    let example = &file.examples[0];
    let mut before = None;
    let mut changes = Vec::new();
    for day in example.today.iter_days().take(400) {
        let total = quote_with(&file.tariff, &example.inputs, day).total;
        if let Some((day, earlier)) = before
            && earlier != total
        {
            changes.push((day, earlier, total));
        }
        before = Some((day, total));
    }
    let found: Vec<_> = jumps(&file)
        .into_iter()
        .filter(|jump| jump.input.is_none())
        .map(|jump| match jump.before {
            Value::Date(day) => (day, jump.total_before, jump.total_after),
            Value::Number(_) | Value::Boolean(_) | Value::Word(_) => panic!("{jump:?}"),
        })
        .collect();
    assert_eq!(found, changes);
}

#[test]
fn the_search_ends_soon_however_much_a_file_compares() {
    let zeros = " + 0".repeat(200);
    let steps = (0..100).fold(String::new(), |mut text, number| {
        let _ = writeln!(
            text,
            "[[step]]\nid = \"s{number}\"\nkind = \"number\"\nlabel = {{ it = \"S\", en = \"S\" }}\nvalue = \"if metri * \
             persone{zeros} <= {number} then 1 else 2\"\n"
        );
        text
    });
    let file = changed("[[require]]\n", &format!("{steps}[[require]]\n"));
    let begun = Instant::now();
    let found = jumps(&file).len();
    assert!(found > 0, "what can be tried in that time is");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}
