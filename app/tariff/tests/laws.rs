//! What holds for every tariff and every answer.

mod common;

use chrono::NaiveDate;
use common::{BASE, Dice, all, compiled, day_near, right_answer, right_answers};
use domain::Cents;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tariff::answers::{AnswerProblem, Answers, answers_from_json, answers_to_json};
use tariff::compile::{Compiled, canonical_json, compile};
use tariff::evaluate::{interview, quote, quote_with};
use tariff::model::{Tariff, Value};
use tariff::number::{Mode, Rounding};
use tariff::outlook::{changes, holds, last_day};
use tariff::{Answer, Number, Outcome, Quote};

static FILES: LazyLock<Vec<Compiled>> = LazyLock::new(all);

/// The name of an input, or something like one; and any answer.
fn any_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        any::<String>().prop_map(Answer::Text),
        "-?[0-9]{0,26}(\\.[0-9]{0,12})?".prop_map(Answer::Text),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}".prop_map(Answer::Text),
        any::<i64>().prop_map(Answer::Whole),
        (-3_i64..400).prop_map(Answer::Whole),
        any::<bool>().prop_map(Answer::Boolean),
        Just(Answer::Unusable),
    ]
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    prop_oneof![
        (-100_i32..400_000)
            .prop_map(|days| NaiveDate::from_num_days_from_ce_opt(1 + days.abs()).expect("a day")),
        (730_000_i32..800_000).prop_map(|days| NaiveDate::from_num_days_from_ce_opt(days).expect("a day")),
        Just(NaiveDate::MIN),
        Just(NaiveDate::MAX),
    ]
}

fn json(quote: &Quote<'_>) -> String {
    serde_json::to_string(quote).expect("a quote is written")
}

/// Whether lines were worked out.
fn is_worked_out(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Due | Outcome::NotDue | Outcome::Exempt(None) => true,
        Outcome::Exempt(Some(_))
        | Outcome::Refused(_)
        | Outcome::Invalid { .. }
        | Outcome::NotInForce
        | Outcome::Unworkable { .. } => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_total_is_the_sum_of_the_lines_and_of_what_each_beneficiary_gets(seed: u64, file: prop::sample::Index) {
        let tariff = &file.get(&FILES).tariff;
        let dice = &mut Dice::new(seed);
        let today = day_near(tariff, dice);
        let answers = right_answers(tariff, today, dice);
        let quote = quote_with(tariff, &answers, today);
        let is_invalid = matches!(quote.outcome, Outcome::Invalid { .. });
        prop_assert!(!is_invalid, "{} {answers:?}", json(&quote));
        let of_lines = Cents::sum(quote.lines.iter().map(|line| line.amount));
        let of_shares = Cents::sum(quote.split.iter().map(|(_, share)| *share));
        if is_worked_out(&quote.outcome) {
            prop_assert_eq!(of_lines, Some(quote.total));
            prop_assert_eq!(of_shares, Some(quote.total));
        }
        let mut shares: BTreeMap<u16, i64> = BTreeMap::new();
        for line in &quote.lines {
            *shares.entry(tariff.lines[usize::from(line.line)].to).or_default() += line.amount.as_i64();
        }
        let split: BTreeMap<u16, i64> = quote.split.iter().map(|(to, share)| (*to, share.as_i64())).collect();
        if is_worked_out(&quote.outcome) {
            prop_assert_eq!(shares, split);
        }
        if quote.outcome == Outcome::Due {
            prop_assert!(quote.total > Cents::ZERO && quote.split.iter().all(|(_, share)| *share >= Cents::ZERO));
        }
        // Below the threshold nothing is asked for, from it on it is.
        if let Some(least) = tariff.not_due_below {
            let below = Number::from_cents(quote.total) < least;
            match quote.outcome {
                Outcome::Due => prop_assert!(!below),
                Outcome::NotDue => prop_assert!(below),
                Outcome::Exempt(_) | Outcome::Refused(_) | Outcome::Invalid { .. } | Outcome::NotInForce | Outcome::Unworkable { .. } => {}
            }
        }
    }

    #[test]
    fn any_answers_on_any_day_get_a_verdict(
        file: prop::sample::Index,
        seed: u64,
        wild in prop::collection::vec((prop_oneof![Just(None), any::<prop::sample::Index>().prop_map(Some)], "[a-z_]{0,12}", any_answer()), 0..6),
        today in any_day(),
    ) {
        let tariff = &file.get(&FILES).tariff;
        let mut answers = right_answers(tariff, today, &mut Dice::new(seed));
        for (place, name, answer) in wild {
            let name = match place {
                Some(place) if !tariff.inputs.is_empty() => place.get(&tariff.inputs).id.clone(),
                Some(_) | None => name,
            };
            answers.set(&name, answer);
        }
        let versions = [tariff];
        let quoted = quote(&versions, &answers, today);
        prop_assert!(!json(&quoted).is_empty());
        prop_assert_eq!(quoted.outcome == Outcome::NotInForce, quoted.tariff.is_none() && quoted.field().is_none());
        prop_assert_eq!(interview(tariff, &answers, today).len(), tariff.inputs.len());
        changes(&versions, &answers, today);
        if seed.is_multiple_of(64) {
            holds(&versions, &answers, today);
            prop_assert!(last_day(&versions, &answers, today, 30) >= today);
        }
    }

    #[test]
    fn the_browsers_copy_gives_the_same(seed: u64, file: prop::sample::Index) {
        let tariff = &file.get(&FILES).tariff;
        let packed = postcard::to_stdvec(tariff).expect("a tariff is packed");
        let copy: Tariff = postcard::from_bytes(&packed).expect("and read again");
        prop_assert_eq!(&copy, tariff);
        let dice = &mut Dice::new(seed);
        let today = day_near(tariff, dice);
        let answers = right_answers(tariff, today, dice);
        prop_assert_eq!(json(&quote_with(&copy, &answers, today)), json(&quote_with(tariff, &answers, today)));
    }

    #[test]
    fn answers_come_through_json_unchanged(seed: u64, file: prop::sample::Index) {
        let tariff = &file.get(&FILES).tariff;
        let dice = &mut Dice::new(seed);
        let today = day_near(tariff, dice);
        let answers = right_answers(tariff, today, dice);
        let read = answers_from_json(&answers_to_json(&answers)).expect("an object");
        prop_assert_eq!(json(&quote_with(tariff, &read, today)), json(&quote_with(tariff, &answers, today)));
    }

    #[test]
    fn more_never_costs_less_where_the_file_says_so(seed: u64, file: prop::sample::Index) {
        let tariff = &file.get(&FILES).tariff;
        let dice = &mut Dice::new(seed);
        let today = day_near(tariff, dice);
        let answers = right_answers(tariff, today, dice);
        for input in tariff.inputs.iter().filter(|input| input.monotone && answers.get(&input.id).is_some()) {
            let number = |answer: &Answer| match answer {
                Answer::Text(text) => Number::parse(text),
                Answer::Whole(_) | Answer::Boolean(_) | Answer::Unusable => None,
            };
            let mut two = [right_answer(tariff, input, dice), right_answer(tariff, input, dice)];
            two.sort_by_key(number);
            let [less, more] = two.map(|answer| {
                let mut with = answers.clone();
                with.set(&input.id, answer);
                quote_with(tariff, &with, today)
            });
            if is_worked_out(&less.outcome) && is_worked_out(&more.outcome) {
                prop_assert!(less.total <= more.total, "{}: {} {}", input.id, json(&less), json(&more));
            }
        }
    }

    #[test]
    fn rounding_is_that_of_whole_numbers(
        mantissa in prop_oneof![-1_000_000_i128..1_000_000, any::<i64>().prop_map(i128::from), -10_i128.pow(24)..10_i128.pow(24)],
        scale in 0_u32..=10,
        step in prop::sample::select(vec![(1_i128, 2_u32), (5, 2), (1, 1), (25, 2), (5, 1), (1, 0), (2, 0), (50, 0), (100, 0), (1, 4), (125, 3)]),
        mode in prop::sample::select(Mode::ALL.to_vec()),
    ) {
        let number = Number::from_parts(mantissa, scale).expect("24 digits");
        let rounding = Rounding { step: Number::from_parts(step.0, step.1).expect("a step"), mode };
        // number / step = mantissa · 10^step.1 / (step.0 · 10^scale)
        let (dividend, divisor) = (mantissa * 10_i128.pow(step.1), step.0 * 10_i128.pow(scale));
        let expected = Number::from_parts(rounded(dividend, divisor, mode) * step.0, step.1).expect("fits");
        prop_assert_eq!(number.rounded(rounding), Some(expected));
    }

    #[test]
    fn a_sum_read_from_text_is_the_sum_of_whole_numbers(a in -10_i128.pow(20)..10_i128.pow(20), b in -10_i128.pow(20)..10_i128.pow(20), scale in 0_u32..=6) {
        let number = |mantissa| Number::from_parts(mantissa, scale).expect("fits");
        prop_assert_eq!(number(a).checked_add(number(b)), Some(number(a + b)));
        prop_assert_eq!(number(a).checked_sub(number(b)), Some(number(a - b)));
        let written = number(a).plain();
        prop_assert_eq!(Number::parse(&written), Some(number(a)));
        if let Some(product) = number(a).checked_mul(Number::from_i64(7)) {
            prop_assert_eq!(product, number(a * 7));
        }
    }
}

/// `dividend / divisor` to a whole number.
fn rounded(dividend: i128, divisor: i128, mode: Mode) -> i128 {
    let (quotient, rest) = (dividend / divisor, dividend % divisor);
    let away = dividend.signum() * divisor.signum();
    let twice = (rest.abs() * 2).cmp(&divisor.abs());
    let moves = match mode {
        Mode::Down => false,
        Mode::Up => rest != 0,
        Mode::HalfUp => twice.is_ge(),
        Mode::HalfDown => twice.is_gt(),
        Mode::HalfEven => twice.is_gt() || (twice.is_eq() && quotient % 2 != 0),
    };
    quotient + if moves { away } else { 0 }
}

/// A tariff whose only amount is a point on a line from `(x1, y1)` to `(x2, y2)`, in cents.
fn line_through(x1: i128, x2: i128, y1: i128, y2: i128) -> Tariff {
    let euro = |cents: i128| Number::from_parts(cents, 2).expect("fits").money();
    let (head, _) = BASE.split_once("[[input]]").expect("a head");
    let text = format!(
        r#"{head}
[[input]]
id = "isee"
kind = "money"
min = "{x1}"
max = "{x2}"
label = {{ it = "ISEE", en = "ISEE" }}
[table.retta]
kind = "interpolate"
key = "isee"
unit = "EUR"
segments = [ {{ from = "{x1}", to = "{x2}", start = "{y1}", end = "{y2}" }} ]
[[step]]
id = "prezzo"
kind = "money"
label = {{ it = "Prezzo", en = "Price" }}
value = "retta(isee)"
round = "0.01 half_up"
[[line]]
id = "quota"
label = {{ it = "Quota", en = "Share" }}
value = "prezzo"
to = "comune"
legal = ["reg"]
[[example]]
name = "uno"
today = 2026-01-01
inputs = {{ isee = "{x1}" }}
expect = {{ status = "due" }}
"#,
        x1 = euro(x1),
        x2 = euro(x2),
        y1 = euro(y1),
        y2 = euro(y2)
    );
    compile("line.toml", &text)
        .unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
        .tariff
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_point_on_a_line_is_that_of_exact_fractions_rounded_once(
        x1 in 0_i128..5_000_000,
        width in 1_i128..5_000_000,
        y1 in 1_i128..100_000,
        y2 in 1_i128..100_000,
        along in prop::collection::vec(0.0_f64..=1.0, 8),
    ) {
        let x2 = x1 + width;
        let tariff = line_through(x1, x2, y1, y2);
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::float_arithmetic, reason = "only where to try, not what comes out")]
        let tried = along.into_iter().map(|part| x1 + (width as f64 * part) as i128).chain([x1, x2, x1 + width / 2]);
        for x in tried {
            let answers: Answers = [("isee", Answer::Text(Number::from_parts(x, 2).expect("fits").plain()))].into_iter().collect();
            let quote = quote_with(&tariff, &answers, tariff.valid_from);
            // y1 + (x − x1)(y2 − y1) / (x2 − x1), in cents
            let expected = rounded(y1 * width + (x - x1) * (y2 - y1), width, Mode::HalfUp);
            let slot = usize::from(tariff.step_slot(0));
            prop_assert_eq!(quote.values[slot], Some(Value::Number(Number::from_parts(expected, 2).expect("fits"))), "{} of {}..{}", x, x1, x2);
        }
    }
}

fn base() -> Tariff {
    compiled("base.toml", BASE).tariff
}

/// Right answers to the base file, with some changed.
fn answers(changed: &[(&str, Answer)]) -> Answers {
    let text = |text: &str| Answer::Text(text.to_owned());
    let mut answers: Answers = [
        ("zona", text("centro")),
        ("residente", Answer::Boolean(true)),
        ("isee", text("12000.00")),
        ("persone", Answer::Whole(2)),
        ("metri", text("10.50")),
        ("dal", text("2026-04-01")),
        ("al", text("2026-05-15")),
    ]
    .into_iter()
    .collect();
    for (name, answer) in changed {
        answers.set(name, answer.clone());
    }
    answers
}

#[test]
fn an_answer_that_cannot_be_used_is_told_with_its_question_and_a_code() {
    use AnswerProblem as Wrong;
    let tariff = base();
    let text = |text: &str| Answer::Text(text.to_owned());
    let cases: Vec<(&str, Answer, Option<Wrong>)> = vec![
        ("zone", text("centro"), Some(Wrong::Unknown)),
        ("", text(""), Some(Wrong::Unknown)),
        ("Zona", text("centro"), Some(Wrong::Unknown)),
        ("zona", text("collina"), None),
        ("zona", text("Centro"), Some(Wrong::Option)),
        ("zona", text(" centro"), Some(Wrong::Option)),
        ("zona", text(""), Some(Wrong::Option)),
        ("zona", Answer::Whole(1), Some(Wrong::Type)),
        ("zona", Answer::Boolean(true), Some(Wrong::Type)),
        ("zona", Answer::Unusable, Some(Wrong::Type)),
        ("residente", text("true"), None),
        ("residente", text("sì"), Some(Wrong::Type)),
        ("residente", text("1"), Some(Wrong::Type)),
        ("residente", Answer::Whole(1), Some(Wrong::Type)),
        ("isee", text("0"), None),
        ("isee", text("0.00"), None),
        ("isee", text("-0"), None),
        ("isee", text("-0.01"), Some(Wrong::Min)),
        ("isee", text("50000.00"), None),
        ("isee", text("50000.01"), Some(Wrong::Max)),
        ("isee", text("12000.001"), Some(Wrong::Decimals)),
        ("isee", text("12000.000"), Some(Wrong::Decimals)),
        ("isee", text("12000,00"), Some(Wrong::Type)),
        ("isee", text("12.000"), Some(Wrong::Decimals)),
        ("isee", text("1e3"), Some(Wrong::Type)),
        ("isee", text("NaN"), Some(Wrong::Type)),
        ("isee", text("+5"), Some(Wrong::Type)),
        ("isee", text("5."), Some(Wrong::Type)),
        ("isee", text(".5"), Some(Wrong::Type)),
        ("isee", text("٣"), Some(Wrong::Type)),
        ("isee", text(""), Some(Wrong::Type)),
        ("isee", text(&"9".repeat(25)), Some(Wrong::Type)),
        ("isee", text(&"9".repeat(24)), Some(Wrong::Max)),
        ("isee", text(&"0".repeat(10_000)), Some(Wrong::Type)),
        ("isee", Answer::Whole(i64::MAX), Some(Wrong::Max)),
        ("isee", Answer::Whole(i64::MIN), Some(Wrong::Min)),
        ("isee", Answer::Boolean(false), Some(Wrong::Type)),
        ("persone", text("2"), None),
        ("persone", text("2.0"), Some(Wrong::Decimals)),
        ("persone", text("2.5"), Some(Wrong::Decimals)),
        ("persone", Answer::Whole(0), Some(Wrong::Min)),
        ("persone", Answer::Whole(9), None),
        ("persone", Answer::Whole(10), Some(Wrong::Max)),
        ("metri", text("0.50"), None),
        ("metri", text("0.49"), Some(Wrong::Min)),
        ("metri", text("500"), None),
        ("metri", text("500.01"), Some(Wrong::Max)),
        ("metri", text("10.505"), Some(Wrong::Decimals)),
        ("dal", text("2026-02-29"), Some(Wrong::Date)),
        ("dal", text("2024-02-29"), None),
        ("dal", text("2100-02-29"), Some(Wrong::Date)),
        ("dal", text("2026-04-31"), Some(Wrong::Date)),
        ("dal", text("2026-13-01"), Some(Wrong::Date)),
        ("dal", text("2026-00-10"), Some(Wrong::Date)),
        ("dal", text("0000-01-01"), Some(Wrong::Date)),
        ("dal", text("1899-12-31"), Some(Wrong::Date)),
        ("dal", text("1900-01-01"), None),
        ("al", text("2199-12-31"), None),
        ("al", text("2200-01-01"), Some(Wrong::Date)),
        ("dal", text("2026-4-1"), Some(Wrong::Type)),
        ("dal", text("01/04/2026"), Some(Wrong::Type)),
        ("dal", text("2026-04-01T00:00:00"), Some(Wrong::Type)),
        ("dal", text("２０２６-04-01"), Some(Wrong::Type)),
        ("dal", text(""), Some(Wrong::Type)),
        ("dal", Answer::Whole(20_260_401), Some(Wrong::Type)),
    ];
    for (field, answer, expected) in cases {
        let with = answers(&[(field, answer.clone())]);
        let quote = quote_with(&tariff, &with, tariff.valid_from);
        let got = match &quote.outcome {
            Outcome::Invalid { field, problem } => Some((field.as_str(), *problem)),
            Outcome::Due
            | Outcome::NotDue
            | Outcome::Exempt(_)
            | Outcome::Refused(_)
            | Outcome::NotInForce
            | Outcome::Unworkable { .. } => None,
        };
        assert_eq!(
            got,
            expected.map(|problem| (field, problem)),
            "{field} {answer:?}"
        );
    }
}

#[test]
fn a_question_that_is_not_asked_has_no_answer_and_one_that_is_has() {
    let tariff = base();
    let verdict = |with: &Answers| {
        let quote = quote_with(&tariff, with, tariff.valid_from);
        (
            quote.outcome.status(),
            quote.field().map(str::to_owned),
            quote.code().map(str::to_owned),
        )
    };
    let not_resident = answers(&[("residente", Answer::Boolean(false))]);
    assert_eq!(
        verdict(&not_resident),
        ("invalid", Some("isee".to_owned()), Some("not_asked".to_owned()))
    );
    let mut without = not_resident.clone();
    without.remove("isee");
    assert_eq!(verdict(&without), ("due", None, None));
    let mut missing = answers(&[]);
    missing.remove("isee");
    assert_eq!(
        verdict(&missing),
        ("invalid", Some("isee".to_owned()), Some("missing".to_owned()))
    );
    assert_eq!(
        verdict(&Answers::default()),
        ("invalid", Some("zona".to_owned()), Some("missing".to_owned()))
    );
}

/// The amount of a line of the base file in cents; zero when it is not there.
fn line(tariff: &Tariff, id: &str, changed: &[(&str, Answer)]) -> i64 {
    let answers = answers(changed);
    let quote = quote_with(tariff, &answers, tariff.valid_from);
    let place = tariff
        .lines
        .iter()
        .position(|line| line.id == id)
        .expect("a line");
    let found = quote.lines.iter().find(|line| usize::from(line.line) == place);
    found.map_or(0, |line| line.amount.as_i64())
}

#[test]
fn an_amount_on_a_bound_belongs_to_the_row_below_and_a_cent_more_to_the_next() {
    let tariff = base();
    let with = |isee: &str| [("isee", Answer::Text(isee.to_owned()))];
    let canone = i128::from(line(&tariff, "canone", &[]));
    for (isee, hundredths) in [
        ("0", 50),
        ("9999.99", 50),
        ("10000.00", 50),
        ("10000.01", 25),
        ("19999.99", 25),
        ("20000.00", 25),
        ("20000.01", 0),
        ("50000.00", 0),
    ] {
        let expected = -rounded(canone * hundredths, 100, Mode::HalfUp);
        assert_eq!(
            i128::from(line(&tariff, "riduzione", &with(isee))),
            expected,
            "{isee}"
        );
    }
    // The price on the line and 0.4050 × 10.5 × 45 / 365, to 5 cents up.
    for (isee, part) in [
        (0, 0),
        (499_999, 0),
        (500_000, 0),
        (500_001, 0),
        (2_000_000, 1),
        (3_499_999, 1),
        (3_500_000, 2),
        (3_500_001, 2),
        (5_000_000, 2),
    ] {
        let span = 3_500_000 - 500_001_i128;
        // What the line is worth in cents, rounded once.
        let price = match part {
            0 => 100,
            1 => rounded(100 * span + (isee - 500_001) * 600, span, Mode::HalfUp),
            _ => 700,
        };
        // fissa × metri × giorni / 365 in cents: 4050 · 1050 · 45 / (10^4 · 365)
        let (top, bottom) = (4_050 * 1_050 * 45_i128, 10_000 * 365_i128);
        let expected = 5 * rounded(top + price * bottom, bottom * 5, Mode::Up);
        let written = Number::from_parts(isee, 2).expect("fits").money();
        assert_eq!(
            i128::from(line(&tariff, "quota", &with(&written))),
            expected,
            "{written}"
        );
    }
}

#[test]
fn slices_count_each_part_by_its_own_row() {
    let tariff = base();
    let first: NaiveDate = "2026-01-01".parse().expect("a day");
    for (days, hundredths) in [
        (1_u64, 100_i128),
        (29, 2_900),
        (30, 3_000),
        (31, 3_075),
        (90, 7_500),
        (91, 7_555),
        (365, 7_500 + 275 * 55),
    ] {
        let last = first
            .checked_add_days(chrono::Days::new(days - 1))
            .expect("a day");
        let with = [
            ("dal", Answer::Text(first.to_string())),
            ("al", Answer::Text(last.to_string())),
        ];
        // 2.86 × 10.50 × days, in cents
        let expected = rounded(286 * 1_050 * hundredths, 10_000, Mode::HalfUp);
        assert_eq!(
            i128::from(line(&tariff, "canone", &with)),
            expected,
            "{days} days"
        );
    }
}

#[test]
fn the_days_of_a_leap_year_are_counted() {
    let tariff = base();
    let with = [
        ("dal", Answer::Text("2024-02-29".to_owned())),
        ("al", Answer::Text("2024-02-29".to_owned())),
    ];
    let quote = quote_with(&tariff, &answers(&with), tariff.valid_from);
    let step = |place: usize| quote.values[usize::from(tariff.step_slot(place))];
    assert_eq!(step(0), Some(Value::Number(Number::ONE)));
    assert_eq!(step(1), Some(Value::Number(Number::from_i64(366))));
    assert_eq!(step(2), Some(Value::Date("2024-03-05".parse().expect("a day"))));
}

#[test]
fn canonical_json_is_the_whole_tariff_and_always_spelled_alike() {
    for file in FILES.iter() {
        let written = || canonical_json(&file.tariff).expect("it has text keys alone");
        let text = written();
        assert_eq!(
            serde_json::from_str::<Tariff>(&text).ok(),
            Some(file.tariff.clone()),
            "{}",
            file.file
        );
        assert_eq!(written(), text, "{}", file.file);
    }
}
