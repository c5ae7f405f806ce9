//! Names of saved files: what they hold can be seen, and any system takes them.

use chrono::NaiveDate;
use domain::{CreditorFiscalCode, NoticeNumber};

/// The longest part of a name that is not ours: a service's code.
const PART_MAX: usize = 35;

/// What a file's name says, in its order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileName<'a> {
    /// What it is: `ricevuta`, `notice` ….
    pub kind: &'a str,
    /// The day it is of.
    pub day: Option<NaiveDate>,
    /// Code of the service.
    pub service: Option<&'a str>,
    /// The institution, where files of several lie together: a notice's code is unique only within one.
    pub institution: Option<&'a CreditorFiscalCode>,
    /// The notice's code.
    pub number: &'a NoticeNumber,
}

impl FileName<'_> {
    /// The name: letters and digits of ASCII and hyphens, then `.pdf`.
    pub(crate) fn pdf(self) -> String {
        let mut name = self.kind.to_owned();
        let mut push = |part: &str| {
            if !part.is_empty() {
                name.push('-');
                name.push_str(part);
            }
        };
        push(&self.day.map(|day| day.to_string()).unwrap_or_default());
        push(&self.service.map(plain).unwrap_or_default());
        push(self.institution.map_or("", CreditorFiscalCode::as_str));
        push(self.number.as_str());
        name.push_str(".pdf");
        name
    }
}

/// The letters and digits of a part, anything between them a hyphen.
fn plain(part: &str) -> String {
    let words = part
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let mut plain = words.collect::<Vec<_>>().join("-");
    plain.truncate(PART_MAX);
    plain.truncate(plain.trim_end_matches('-').len());
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_letters_digits_and_hyphens_are_left_of_a_code() {
        assert_eq!(plain("TARI"), "TARI");
        assert_eq!(plain("../../C:\\tari 2026_è"), "C-tari-2026");
        assert_eq!(plain("–"), "");
        assert_eq!(plain(&"x".repeat(99)).len(), PART_MAX);
    }

    proptest! {
        #[test]
        fn any_system_takes_the_name(service in proptest::option::of(".*")) {
            let number = NoticeNumber::parse("347164923022221054").unwrap();
            let name = FileName { kind: "avviso", day: None, service: service.as_deref(), institution: None, number: &number }.pdf();
            prop_assert!(name.len() <= 80);
            let stem = name.strip_suffix(".pdf").unwrap();
            prop_assert!(stem.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && !stem.contains("--"));
        }
    }
}
