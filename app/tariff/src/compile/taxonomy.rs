//! pagoPA's taxonomy of collection services, version 47: which codes there are, and from when to when. Each stands for
//! four, which differ in the digit before the slash.

use chrono::{Datelike, NaiveDate};

const CODES: &str = include_str!("taxonomy.txt");
/// The version of the list.
pub const VERSION: u32 = 47;

/// A code of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Seven digits and the reason: `0101101IM`.
    pub code: &'static str,
    /// Its first day.
    pub begins: NaiveDate,
    /// Its last day, if it has one.
    pub ends: Option<NaiveDate>,
}

/// Every code, in order.
pub fn codes() -> impl Iterator<Item = Code> {
    CODES.lines().filter_map(|line| {
        let mut parts = line.split(' ');
        let code = parts.next()?;
        let begins = parts.next()?.parse().ok()?;
        let ends: NaiveDate = parts.next()?.parse().ok()?;
        Some(Code {
            code,
            begins,
            ends: (ends.year() < OPEN_YEAR).then_some(ends),
        })
    })
}

/// Checks a category for a tariff valid between two days.
///
/// # Errors
/// What is wrong with it, and how to mend it.
pub(crate) fn check(category: &str, from: NaiveDate, to: Option<NaiveDate>) -> Result<(), (String, String)> {
    let code = ["9/", "8/", "7/", "6/"]
        .iter()
        .find_map(|prefix| category.strip_prefix(prefix))
        .and_then(|rest| rest.strip_suffix('/'));
    let Some(code) = code else {
        return Err((
            format!("\"{category}\" is not a category"),
            "write it as the taxonomy does, between slashes: \"9/0101107TS/\"".to_owned(),
        ));
    };
    let Some((begins, ends)) = life(code) else {
        let known = CODES.lines().filter_map(|line| line.split(' ').next());
        let how = match super::mistake::nearest(code, known) {
            Some(meant) => format!("did you mean \"9/{meant}/\"?"),
            None => "look it up in pagoPA's list".to_owned(),
        };
        return Err((
            format!("\"{category}\" is not in the taxonomy (version {VERSION})"),
            how,
        ));
    };
    let last = to.unwrap_or(NaiveDate::MAX);
    if ends < from || (ends < last && ends.year() < OPEN_YEAR) {
        return Err((
            format!("\"{category}\" ends on {ends}"),
            "use the category that took its place, from a version that begins then".to_owned(),
        ));
    }
    if begins > last {
        return Err((
            format!("\"{category}\" begins on {begins}"),
            "use the category that was there before".to_owned(),
        ));
    }
    Ok(())
}

/// Codes without an end are written with one far away.
const OPEN_YEAR: i32 = 2080;

/// First and last day of a code.
fn life(code: &str) -> Option<(NaiveDate, NaiveDate)> {
    CODES.lines().find_map(|line| {
        let mut parts = line.split(' ');
        if parts.next() != Some(code) {
            return None;
        }
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn every_line_is_a_code_with_its_first_and_last_day() {
        for line in CODES.lines() {
            let code = line.split(' ').next().expect("a code");
            assert!(life(code).is_some_and(|(begins, ends)| begins <= ends), "{line}");
        }
        assert_eq!(CODES.lines().count(), 751);
        assert_eq!(codes().count(), 751);
    }

    #[test]
    fn a_category_must_be_alive_while_the_version_is() {
        let open = |category| check(category, day("2026-01-01"), None);
        assert_eq!(open("9/0101107TS/"), Ok(()));
        assert!(open("9/0101107TX/").is_err_and(|(_, how)| how.contains("0101107TS")));
        assert!(open("0101107TS").is_err());
        // One that lived a month.
        assert!(open("9/0105118TS/").is_err());
        assert_eq!(
            check("9/0105118TS/", day("2024-01-01"), Some(day("2024-01-31"))),
            Ok(())
        );
        assert!(check("9/0105118TS/", day("2023-01-01"), Some(day("2023-12-31"))).is_err());
    }
}
