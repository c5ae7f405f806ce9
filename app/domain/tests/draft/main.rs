//! Drafts of management programs: what is wrong with one is said whole, and one that is right is a position.
#![expect(clippy::unwrap_used, reason = "a test's own constants are right")]

mod laws;
mod money;
mod problems;
mod support;

use crate::support::{
    Known, OWN_IBAN, checked, day, draft, iban, instalment, number, only_error, position, today, wrong,
};
use chrono::NaiveDate;
use domain::draft::{FieldError, PositionDraft, Problem};
use domain::transfer::Destination;
use domain::{Cents, DebtPositionStatus, NoticeNumber, OptionKind};

#[test]
fn a_right_draft_is_a_position_that_can_be_stored() {
    let position = position(&draft());
    assert_eq!(position.check(), Ok(()));
    assert_eq!(position.status, DebtPositionStatus::Open { chosen: None });
    assert_eq!(
        (position.key.as_str(), position.service.as_str()),
        ("TARI-2026-17", "tari")
    );
    let notices: Vec<_> = position
        .instalments()
        .map(|(_, _, instalment)| (instalment.notice_number.clone(), instalment.amount))
        .collect();
    let expected = [(900, 12050), (901, 6050), (902, 6000)];
    assert_eq!(
        notices,
        expected.map(|(base, cents)| (number(base), Cents::new(cents)))
    );
    let transfer = &position.options[0].instalments[0].transfers[0];
    assert_eq!(transfer.beneficiary_name, "Comune di Genova");
    assert_eq!(transfer.category.as_str(), "9/0101101IM/");
    assert_eq!(transfer.remittance_information, "TARI 2026");
    assert_eq!(
        transfer.destination,
        Destination::Account {
            iban: iban(OWN_IBAN),
            postal_iban: None
        }
    );
}

#[test]
fn what_is_only_being_prepared_is_a_draft() {
    let mut draft = draft();
    draft.draft = true;
    assert!(checked(&draft).unwrap().is_draft());
    assert_eq!(position(&draft).status, DebtPositionStatus::Draft);
}

#[test]
fn a_program_gives_some_numbers_and_is_given_the_others() {
    let mut draft = draft();
    draft.options[0].instalments[0].notice_number = Some(format!(" {} ", number(100)));
    draft.options[1].instalments[1].iuv = Some(number(199).iuv().to_string());
    let checked = checked(&draft).unwrap();
    assert_eq!(checked.numbers_needed(), 1);
    assert_eq!(
        checked.given_numbers().collect::<Vec<_>>(),
        [&number(100), &number(199)]
    );
    assert_eq!(checked.clone().position(std::iter::empty()), None);
    let position = checked.position(std::iter::once(number(900))).unwrap();
    let numbers: Vec<_> = position
        .instalments()
        .map(|(_, _, instalment)| instalment.notice_number.clone())
        .collect();
    assert_eq!(numbers, [number(100), number(900), number(199)]);
}

#[test]
fn every_part_that_is_missing_or_misspelled_is_named() {
    use Problem as P;
    let text = |most| P::Text { most };
    for (found, path, problem) in [
        (wrong(|d| d.key = " ".to_owned()), "key", P::Required),
        (wrong(|d| d.key = "k".repeat(61)), "key", text(60)),
        (wrong(|d| d.key = "a\u{7}".to_owned()), "key", text(60)),
        (wrong(|d| d.debtor.code.clear()), "debtor.code", P::Required),
        (
            wrong(|d| d.debtor.code = "RSSMRA85T10A562T".to_owned()),
            "debtor.code",
            P::FiscalCode,
        ),
        (
            wrong(|d| d.debtor.full_name.clear()),
            "debtor.full_name",
            P::Required,
        ),
        (
            wrong(|d| d.debtor.full_name = "à".repeat(71)),
            "debtor.full_name",
            text(70),
        ),
        (
            wrong(|d| d.debtor.address.country = Some("Italia".to_owned())),
            "debtor.address",
            P::Address,
        ),
        (
            wrong(|d| d.debtor.email = Some("mario".to_owned())),
            "debtor.email",
            P::Email,
        ),
        (
            wrong(|d| d.description = "Debito di RSSMRA85T10A562S".to_owned()),
            "description",
            P::PersonalData,
        ),
        (
            wrong(|d| d.options[1].instalments[1].description = Some("rssmra85t10a562s".to_owned())),
            "options[1].instalments[1].description",
            P::PersonalData,
        ),
        (
            wrong(|d| d.options.clear()),
            "options",
            P::Count { least: 1, most: 20 },
        ),
        (
            wrong(|d| d.options = vec![d.options[0].clone(); 21]),
            "options",
            P::Count { least: 1, most: 20 },
        ),
        (
            wrong(|d| d.options[0].instalments.clear()),
            "options[0].instalments",
            P::Count { least: 1, most: 1 },
        ),
        (
            wrong(|d| d.options[1].instalments = vec![instalment(1); 100]),
            "options[1].instalments",
            P::Count { least: 1, most: 99 },
        ),
    ] {
        assert_eq!(found, (path.to_owned(), problem));
    }
}

#[test]
fn the_service_is_one_the_institution_offers() {
    let problem = |known| only_error(known, &draft());
    assert_eq!(
        problem(Known::No),
        ("service".to_owned(), Problem::UnknownService)
    );
    assert_eq!(
        problem(Known::NoLonger),
        ("service".to_owned(), Problem::InactiveService)
    );
}

#[test]
fn days_come_in_order_and_are_not_over() {
    use Problem as P;
    let dated = |valid_from: Option<NaiveDate>, due_on, payable_until| {
        let mut draft = draft();
        draft.options.truncate(1);
        draft.valid_from = valid_from;
        draft.options[0].instalments[0].due_on = due_on;
        draft.options[0].instalments[0].payable_until = payable_until;
        match checked(&draft) {
            Ok(_) => None,
            Err(_) => Some(only_error(Known::Offered, &draft)),
        }
    };
    let (before, now, after) = (day(2026, 10, 14), today(), day(2026, 10, 16));
    assert_eq!(dated(None, None, None), None);
    assert_eq!(dated(None, Some(now), None), None);
    assert_eq!(dated(None, Some(before), Some(now)), None);
    assert_eq!(dated(Some(now), Some(now), Some(now)), None);
    let on = |field: &str| format!("options[0].instalments[0].{field}");
    let past = P::Past { today: now };
    assert_eq!(
        dated(None, Some(before), None),
        Some((on("due_on"), past.clone()))
    );
    assert_eq!(dated(None, None, Some(before)), Some((on("payable_until"), past)));
    let order = |field, after| Some((on(field), P::Order { after }));
    assert_eq!(
        dated(None, Some(after), Some(now)),
        order("payable_until", "due_on")
    );
    assert_eq!(
        dated(Some(after), None, Some(now)),
        order("payable_until", "valid_from")
    );
    assert_eq!(dated(Some(after), Some(now), None), order("due_on", "valid_from"));
    assert_eq!(dated(None, Some(day(2056, 1, 1)), None), None);
    assert_eq!(
        dated(None, Some(day(2057, 1, 1)), None),
        Some((on("due_on"), P::FarAway))
    );
    assert_eq!(
        dated(None, None, Some(day(2206, 12, 31))),
        Some((on("payable_until"), P::FarAway))
    );
    assert_eq!(
        dated(Some(day(1926, 1, 1)), None, None),
        Some(("valid_from".to_owned(), P::FarAway))
    );
}

#[test]
fn a_number_is_right_of_today_in_range_and_there_once() {
    use Problem as P;
    let given = |text: &str| wrong(|d| d.options[0].instalments[0].notice_number = Some(text.to_owned()));
    let on = |field: &str| format!("options[0].instalments[0].{field}");
    let right = number(100);
    let spoilt = format!("{}00", &right.as_str()[..16]);
    assert_ne!(spoilt, right.as_str());
    assert_eq!(given("1"), (on("notice_number"), P::NoticeNumber));
    assert_eq!(
        given("001000000000000141"),
        (on("notice_number"), P::NoticeNumber)
    );
    assert_eq!(given(&spoilt), (on("notice_number"), P::CheckDigits));
    for outside in [number(99), number(200)] {
        assert_eq!(given(outside.as_str()), (on("notice_number"), P::ForeignNumber));
    }
    let other = NoticeNumber::issue("13".parse().unwrap(), 100).unwrap();
    assert_eq!(given(other.as_str()), (on("notice_number"), P::ForeignNumber));
    let iuv = |text: &str| wrong(|d| d.options[0].instalments[0].iuv = Some(text.to_owned()));
    assert_eq!(iuv("1"), (on("iuv"), P::NoticeNumber));
    assert_eq!(iuv(&spoilt[1..]), (on("iuv"), P::CheckDigits));
    assert_eq!(
        wrong(|d| {
            d.options[0].instalments[0].notice_number = Some(right.to_string());
            d.options[0].instalments[0].iuv = Some(number(101).iuv().to_string());
        }),
        (on("notice_number"), P::NumberAndReference)
    );
    assert_eq!(
        wrong(|d| {
            d.options[0].instalments[0].notice_number = Some(right.to_string());
            d.options[1].instalments[0].iuv = Some(right.iuv().to_string());
        }),
        ("options[1].instalments[0].iuv".to_owned(), P::Repeated)
    );
}

#[test]
fn everything_that_is_wrong_is_said_at_once_in_the_order_of_the_parts() {
    let mut draft = draft();
    draft.key.clear();
    draft.debtor.email = Some("mario".to_owned());
    draft.options[0].instalments[0].amount = Cents::ZERO;
    draft.options[1].instalments[1].due_on = Some(day(2026, 1, 1));
    let errors = checked(&draft).unwrap_err();
    let paths: Vec<&str> = errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "key",
            "debtor.email",
            "options[0].instalments[0].amount",
            "options[1].instalments[1].due_on"
        ]
    );
}

#[test]
fn contents_are_amended_only_under_the_same_notices() {
    let stored = position(&draft());
    let amended = |change: &dyn Fn(&mut PositionDraft)| {
        let mut draft = draft();
        change(&mut draft);
        checked(&draft).unwrap().content_for(&stored)
    };
    let content = amended(&|d| d.options[0].instalments[0].amount = Cents::new(13000)).unwrap();
    assert_eq!(content.options[0].instalments[0].amount, Cents::new(13000));
    assert_eq!(content.options[0].instalments[0].notice_number, number(900));
    assert_eq!(amended(&|_| ()).unwrap(), stored.content(), "nothing changed");
    let structure = |path: &str| {
        Err(FieldError {
            path: path.to_owned(),
            problem: Problem::Structure,
        })
    };
    assert_eq!(amended(&|d| d.options.truncate(1)), structure("options"));
    assert_eq!(
        amended(&|d| d.options[1].instalments.truncate(1)),
        structure("options")
    );
    assert_eq!(
        amended(&|d| d.options[0].kind = OptionKind::Reduced),
        structure("options")
    );
    assert_eq!(
        amended(&|d| d.options[1].instalments[0].notice_number = Some(number(100).to_string())),
        structure("options[1].instalments[0].notice_number")
    );
}
