//! What people write, as a tariff reads it: `1.234,56` is `1234.56`, `30/11/2026` is `2026-11-30`.

use crate::Language;
use tariff::evaluate::{Question, interview, pick};
use tariff::model::{Input, InputKind, Range};
use tariff::{Answer, Answers, NaiveDate, Number, Tariff};

/// The answers to the questions that are asked, of what was written beside each question's name. What is empty is not
/// an answer, and what is no longer asked is left out.
pub(crate) fn read_answers(
    versions: &[&Tariff],
    written: &[(String, String)],
    today: NaiveDate,
    language: Language,
) -> Answers {
    let Some(tariff) = version_for(versions, written, today) else {
        return Answers::default();
    };
    let mut answers: Answers = tariff
        .inputs
        .iter()
        .filter_map(|input| {
            let (_, text) = written.iter().find(|(id, _)| *id == input.id)?;
            let text = text.trim();
            (!text.is_empty()).then(|| (input.id.clone(), Answer::Text(plain(input, text, language))))
        })
        .collect();
    for (input, question) in tariff.inputs.iter().zip(interview(tariff, &answers, today)) {
        if question == Question::Skipped {
            answers.remove(&input.id);
        }
    }
    answers
}

/// What of the answers may stand in an address: those that are asked and say nothing personal, numbers as both languages
/// read them.
pub(crate) fn shareable(
    versions: &[&Tariff],
    written: &[(String, String)],
    today: NaiveDate,
    language: Language,
) -> Vec<(String, String)> {
    let Some(tariff) = version_for(versions, written, today) else {
        return Vec::new();
    };
    let questions = interview(tariff, &read_answers(versions, written, today, language), today);
    tariff
        .inputs
        .iter()
        .zip(questions)
        .filter(|(input, question)| !input.personal && matches!(question, Question::Asked(_)))
        .filter_map(|(input, _)| {
            let (_, text) = written.iter().find(|(id, _)| *id == input.id)?;
            let text = text.trim();
            let number = input
                .kind
                .range()
                .and_then(|range| plain_number(text, range, language));
            let shared = number.map_or_else(|| text.to_owned(), unmistakable);
            (!text.is_empty()).then(|| (input.id.clone(), shared))
        })
        .collect()
}

/// The answers of an address as the page's language writes them.
#[cfg(feature = "ssr")]
pub(crate) fn localised(
    versions: &[&Tariff],
    mut answers: Vec<(String, String)>,
    today: NaiveDate,
    language: Language,
) -> Vec<(String, String)> {
    let Some(tariff) = version_for(versions, &answers, today) else {
        return answers;
    };
    for (id, text) in &mut answers {
        let input = tariff.inputs.iter().find(|input| input.id == *id);
        let number = input
            .and_then(|input| input.kind.range())
            .and_then(|range| plain_number(text, range, language));
        if let Some(number) = number {
            *text = number.replace('.', language.pick(",", "."));
        }
    }
    answers
}

/// A plain number that neither language takes for thousands.
fn unmistakable(plain: String) -> String {
    match plain.split_once('.') {
        Some((_, decimals)) if decimals.len() == 3 => plain + "0",
        Some(_) | None => plain,
    }
}

/// The version whose questions are asked: the one the answers pick, or else today's, or else the last.
pub(crate) fn version_for<'a>(
    versions: &[&'a Tariff],
    written: &[(String, String)],
    today: NaiveDate,
) -> Option<&'a Tariff> {
    let selected_by = versions.first()?.selected_by.as_deref();
    let date = selected_by.and_then(|name| written.iter().find(|(id, _)| id == name));
    let picking: Answers = date
        .map(|(id, text)| (id.clone(), Answer::Text(plain_date(text.trim()))))
        .into_iter()
        .collect();
    let picked = pick(versions, &picking, today).ok().flatten();
    picked
        .or_else(|| versions.iter().find(|tariff| tariff.is_in_force(today)).copied())
        .or_else(|| versions.iter().max_by_key(|tariff| tariff.valid_from).copied())
}

fn plain(input: &Input, text: &str, language: Language) -> String {
    match &input.kind {
        InputKind::Number(range) | InputKind::Money(range) => {
            plain_number(text, range, language).unwrap_or_else(|| text.to_owned())
        }
        InputKind::Date => plain_date(text),
        InputKind::Boolean | InputKind::Choice(_) => text.to_owned(),
    }
}

/// A number as it is written in this language, or in any way that can only mean one thing.
fn plain_number(text: &str, range: &Range, language: Language) -> Option<String> {
    let text: String = text
        .trim_matches(|c: char| c == '€' || c.is_whitespace())
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\'')
        .collect();
    let (group, point) = language.pick(('.', ','), (',', '.'));
    let separators: Vec<(usize, char)> = text
        .char_indices()
        .filter(|(_, c)| *c == group || *c == point)
        .collect();
    let is_grouped = |digits: &str, separator: char| {
        let mut groups = digits.split(separator);
        groups.next().is_some_and(|first| (1..=3).contains(&first.len()))
            && groups.all(|group| group.len() == 3)
    };
    let plain = match separators[..] {
        [] => text,
        // The other language's point, when what follows cannot be thousands.
        [(at, separator)] if separator == group => {
            let (whole, rest) = (&text[..at], &text[at + 1..]);
            if is_grouped(&text, group) && !whole.starts_with('0') {
                [whole, rest].concat()
            } else {
                [whole, ".", rest].concat()
            }
        }
        [(at, _)] => [&text[..at], ".", &text[at + 1..]].concat(),
        [.., (_, last)] => {
            let other = if last == group { point } else { group };
            let mixed = separators
                .iter()
                .filter(|(_, separator)| *separator == last)
                .count()
                == 1;
            if mixed {
                let (whole, fraction) = text.rsplit_once(last)?;
                if !is_grouped(whole, other) {
                    return None;
                }
                [&whole.replace(other, ""), ".", fraction].concat()
            } else if is_grouped(&text, last) && !text.contains(other) {
                text.replace(last, "")
            } else {
                return None;
            }
        }
    };
    let number = Number::parse(&plain)?;
    // Zeros behind the last digit say nothing more.
    Some(if number.decimals() > range.decimals {
        number.plain()
    } else {
        plain
    })
}

/// `30/11/2026`, `30-11-2026`, `30.11.2026` as `2026-11-30`; what is already so, and what is neither, as it is.
fn plain_date(text: &str) -> String {
    let parts: Vec<&str> = text.split(['/', '-', '.']).map(str::trim).collect();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match parts[..] {
        [day, month, year]
            if year.len() == 4
                && day.len() <= 2
                && month.len() <= 2
                && [day, month, year].into_iter().all(digits) =>
        {
            let two = |part: &str| {
                if part.len() == 1 {
                    ["0", part].concat()
                } else {
                    part.to_owned()
                }
            };
            [year, "-", &two(month), "-", &two(day)].concat()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str, language: Language) -> Option<String> {
        let range = Range {
            min: None,
            max: None,
            decimals: 2,
        };
        plain_number(text, &range, language)
    }

    #[test]
    fn numbers_are_read_as_the_language_writes_them() {
        let italian = |text| number(text, Language::Italian);
        for (written, plain) in [
            ("1234,56", "1234.56"),
            ("1.234,56", "1234.56"),
            ("1.234.567", "1234567"),
            ("1.234", "1234"),
            ("12,3", "12.3"),
            ("12.30", "12.30"),
            ("0.479", "0.479"),
            ("€ 1.234,5", "1234.5"),
            ("1 234,50", "1234.50"),
            ("1,234.56", "1234.56"),
            ("12,000", "12"),
            ("-5", "-5"),
        ] {
            assert_eq!(italian(written).as_deref(), Some(plain), "{written}");
        }
        let english = |text| number(text, Language::English);
        assert_eq!(english("1,234").as_deref(), Some("1234"));
        assert_eq!(english("1,234.56").as_deref(), Some("1234.56"));
        assert_eq!(english("12,5").as_deref(), Some("12.5"));
    }

    #[test]
    fn a_number_in_an_address_is_the_same_in_both_languages() {
        let range = Range {
            min: None,
            max: None,
            decimals: 3,
        };
        for (written, language) in [
            ("1.234", Language::Italian),
            ("1,234", Language::Italian),
            ("1,234", Language::English),
            ("1.234", Language::English),
            ("0,479", Language::Italian),
            ("1.234.567,8", Language::Italian),
            ("16.00", Language::English),
        ] {
            let plain = plain_number(written, &range, language).unwrap();
            let shared = unmistakable(plain.clone());
            for other in Language::ALL {
                let read = plain_number(&shared, &range, other).unwrap();
                assert_eq!(
                    Number::parse(&read),
                    Number::parse(&plain),
                    "{written}: {shared} in {}",
                    other.tag()
                );
            }
        }
    }

    #[test]
    fn what_could_mean_two_things_or_nothing_is_no_number() {
        for wrong in ["", "dodici", "1,2,3", "1.23.456", "1.2,3.4", "12,", "€"] {
            assert_eq!(number(wrong, Language::Italian), None, "{wrong}");
        }
    }

    #[test]
    fn days_are_read_in_the_italian_order_and_in_the_browsers() {
        assert_eq!(plain_date("30/11/2026"), "2026-11-30");
        assert_eq!(plain_date("1.2.2026"), "2026-02-01");
        assert_eq!(plain_date("2026-11-30"), "2026-11-30");
        assert_eq!(plain_date("domani"), "domani");
    }
}
