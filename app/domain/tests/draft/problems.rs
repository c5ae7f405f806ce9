//! The codes and sentences of what can be wrong.

use crate::support::today;
use domain::Cents;
use domain::draft::{FieldError, Problem};
use domain::iban::ParseIbanError;

#[test]
fn every_problem_has_a_code_of_its_own_and_two_sentences_that_say_what_to_do() {
    let mut codes = std::collections::BTreeSet::new();
    for problem in every_problem() {
        assert!(codes.insert(problem.code()), "{} is there twice", problem.code());
        assert!(
            problem
                .code()
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        );
        for sentence in [problem.italian(), problem.english()] {
            assert!(sentence.ends_with('.'), "{sentence}");
            assert!(sentence.starts_with(char::is_uppercase) || sentence.starts_with(char::is_numeric));
            assert!((15..=200).contains(&sentence.chars().count()), "{sentence}");
            assert!(!sentence.contains("  "), "{sentence}");
        }
        assert_ne!(problem.italian(), problem.english());
    }

    let sum = Problem::Sum {
        sum: Cents::new(123_456),
        amount: Cents::new(1),
    };
    assert!(sum.italian().contains("1.234,56 euro"), "{}", sum.italian());
    let error = FieldError {
        path: "key".to_owned(),
        problem: Problem::Required,
    };
    assert_eq!(error.to_string(), "key: It is missing: say it.");
}

/// One of each. A new problem does not compile until it is here.
fn every_problem() -> Vec<Problem> {
    use Problem as P;
    let known = |problem: &Problem| match problem {
        P::Required
        | P::Text { .. }
        | P::Unreadable { .. }
        | P::Unknown
        | P::UnknownService
        | P::InactiveService
        | P::ForbiddenService
        | P::FiscalCode
        | P::Email
        | P::Address
        | P::PersonalData
        | P::Amount
        | P::Sum { .. }
        | P::Count { .. }
        | P::NoticeNumber
        | P::CheckDigits
        | P::ForeignNumber
        | P::NumberAndReference
        | P::Repeated
        | P::Taken
        | P::Iban(_)
        | P::ForeignAccount
        | P::UnknownAccount
        | P::NoAccount
        | P::SeveralDestinations
        | P::Beneficiary
        | P::Category
        | P::Stamp
        | P::Past { .. }
        | P::FarAway
        | P::Order { .. }
        | P::Structure => (),
    };
    let all = vec![
        P::Required,
        P::Text { most: 60 },
        P::Unreadable {
            expected: ("una data", "a date"),
        },
        P::Unknown,
        P::UnknownService,
        P::InactiveService,
        P::ForbiddenService,
        P::FiscalCode,
        P::Email,
        P::Address,
        P::PersonalData,
        P::Amount,
        P::Sum {
            sum: Cents::new(1),
            amount: Cents::new(2),
        },
        P::Count { least: 1, most: 5 },
        P::NoticeNumber,
        P::CheckDigits,
        P::ForeignNumber,
        P::NumberAndReference,
        P::Repeated,
        P::Taken,
        P::Iban(ParseIbanError::Cin),
        P::ForeignAccount,
        P::UnknownAccount,
        P::NoAccount,
        P::SeveralDestinations,
        P::Beneficiary,
        P::Category,
        P::Stamp,
        P::Past { today: today() },
        P::FarAway,
        P::Order { after: "due_on" },
        P::Structure,
    ];
    all.iter().for_each(known);
    all
}
