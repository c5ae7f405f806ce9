//! What cells hold: amounts, days, yes and no, as Italian offices and their programs write them.

use crate::trouble::RowProblem;
use chrono::NaiveDate;
use domain::Cents;
use domain::draft::Problem;

/// What is wrong with a cell.
pub(crate) enum Wrong {
    Field(Problem),
    Row(RowProblem),
}

const AMOUNT: (&str, &str) = (
    "un importo in euro come 1234,56 o 1.234,56 o 1234.56",
    "an amount in euros like 1234,56 or 1.234,56 or 1234.56",
);
const DAY: (&str, &str) = (
    "una data come 2026-12-31 o 31/12/2026",
    "a date like 2026-12-31 or 31/12/2026",
);
const YES_NO: (&str, &str) = ("si o no (true, false, 1, 0)", "yes or no (true, false, 1, 0)");

fn unreadable(expected: (&'static str, &'static str)) -> Wrong {
    Wrong::Field(Problem::Unreadable { expected })
}

/// An amount of euros. Points group thousands only where that is certain: `1.234` may be either, and is refused.
pub(crate) fn amount(text: &str) -> Result<Cents, Wrong> {
    let wrong = || unreadable(AMOUNT);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (euros, cents) = match (text.matches(',').count(), text.matches('.').count()) {
        (0, 0) => (text.to_owned(), ""),
        (1, points) => {
            let (euros, cents) = text.split_once(',').ok_or_else(wrong)?;
            if points == 0 {
                if cents.len() == 3 && is_number(euros) && is_number(cents) {
                    return Err(Wrong::Row(RowProblem::AmbiguousAmount));
                }
                (euros.to_owned(), cents)
            } else {
                (ungrouped(euros).ok_or_else(wrong)?, cents)
            }
        }
        (0, 1) => {
            let (euros, cents) = text.split_once('.').ok_or_else(wrong)?;
            if cents.len() == 3 && is_number(euros) && is_number(cents) {
                return Err(Wrong::Row(RowProblem::AmbiguousAmount));
            }
            (euros.to_owned(), cents)
        }
        (0, _) => (ungrouped(text).ok_or_else(wrong)?, ""),
        _ => return Err(wrong()),
    };
    let has_decimals = text.len() > euros.len() && !cents.is_empty();
    let ends_in_mark = text.ends_with([',', '.']);
    if !is_number(&euros) || ends_in_mark || has_decimals && !(is_number(cents) && cents.len() <= 2) {
        return Err(wrong());
    }
    Cents::from_wire(&format!("{euros}.{cents:0<2}")).map_err(|_| Wrong::Field(Problem::Amount))
}

/// Digits whose thousands are grouped by points, without them.
fn ungrouped(text: &str) -> Option<String> {
    let mut groups = text.split('.');
    let first = groups.next()?;
    let is_right = (1..=3).contains(&first.len()) && groups.clone().all(|group| group.len() == 3);
    is_right.then(|| text.replace('.', ""))
}

/// A day: year first with dashes, or day first with slashes. A time after it is left out.
pub(crate) fn day(text: &str) -> Result<NaiveDate, Wrong> {
    let day_alone = text.split_once('T').map_or(text, |(day, _)| day);
    let parts = |mark: char| -> Option<[&str; 3]> {
        let mut parts = day_alone.split(mark);
        let three = [parts.next()?, parts.next()?, parts.next()?];
        let are_numbers = three
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        (parts.next().is_none() && are_numbers).then_some(three)
    };
    let of = |year: &str, month: &str, day: &str| {
        let is_right = year.len() == 4 && month.len() <= 2 && day.len() <= 2;
        is_right
            .then(|| NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
            .flatten()
    };
    let read = match (parts('-'), parts('/')) {
        (Some([year, month, day]), _) | (None, Some([day, month, year])) => of(year, month, day),
        (None, None) => None,
    };
    read.ok_or_else(|| unreadable(DAY))
}

/// Yes or no.
pub(crate) fn flag(text: &str) -> Result<bool, Wrong> {
    let is_one = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_one(&["true", "1", "yes", "y", "si", "sì", "s", "vero"]) {
        Ok(true)
    } else if is_one(&["false", "0", "no", "n", "falso"]) {
        Ok(false)
    } else {
        Err(unreadable(YES_NO))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_italians_and_programs_write_them() {
        for (text, cents) in [
            ("12", 1200),
            ("12,5", 1250),
            ("12.5", 1250),
            ("12,34", 1234),
            ("1234.56", 123_456),
            ("1234,56", 123_456),
            ("1.234,56", 123_456),
            ("1.234.567", 123_456_700),
            ("1.234.567,8", 123_456_780),
            ("0", 0),
            ("0,01", 1),
        ] {
            assert_eq!(amount(text).ok(), Some(Cents::new(cents)), "{text}");
        }
    }

    #[test]
    fn an_amount_that_may_mean_two_things_is_refused_by_name() {
        for text in ["1.234", "1,234", "12.345", "0.500"] {
            assert!(
                matches!(amount(text), Err(Wrong::Row(RowProblem::AmbiguousAmount))),
                "{text}"
            );
        }
        for text in [
            "",
            "-1",
            "1,234.56",
            "1.23,45",
            "12.34.56",
            "1,2,3",
            "12.",
            ",5",
            "12,345,6",
            "€ 5",
            "1e3",
            "12,3456",
            ".50",
            "1234.567,00",
            "1.2345",
        ] {
            assert!(matches!(amount(text), Err(Wrong::Field(_))), "{text}");
        }
        assert!(matches!(
            amount("9999999999,00"),
            Err(Wrong::Field(Problem::Amount))
        ));
    }

    #[test]
    fn days_are_read_year_first_or_day_first_and_never_month_first() {
        let expected = NaiveDate::from_ymd_opt(2026, 12, 31);
        for text in ["2026-12-31", "31/12/2026", "2026-12-31T00:00:00+01:00"] {
            assert_eq!(day(text).ok(), expected, "{text}");
        }
        for text in [
            "12/31/2026",
            "31-12-2026",
            "31/12/26",
            "2026-02-30",
            "domani",
            "",
            "46022",
        ] {
            assert!(day(text).is_err(), "{text}");
        }
    }
}
