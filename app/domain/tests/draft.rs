//! Drafts of management programs: what is wrong with one is said whole, and one that is right is a position.
#![expect(clippy::unwrap_used, reason = "a test's own constants are right")]

use chrono::NaiveDate;
use domain::account::{Account, Credit};
use domain::application::NumberRange;
use domain::draft::{
    AccountBook, CheckedDraft, FieldError, InstalmentDraft, OptionDraft, PositionDraft, Problem, Rules,
    StampDraft, TransferDraft, check,
};
use domain::iban::ParseIbanError;
use domain::service::Service;
use domain::transfer::Destination;
use domain::{
    Cents, CreditorFiscalCode, CreditorInstitution, DebtPosition, DebtPositionStatus, Iban, Iuv,
    NoticeNumber, OptionKind, Subject, SubjectKind,
};
use proptest::prelude::*;
use serde_json::json;

const OWN: &str = "00856930102";
const PROVINCE: &str = "80007350103";
const ELSEWHERE: &str = "00799960158";
const OWN_IBAN: &str = "IT60X0542811101000000123456";
const POSTAL_IBAN: &str = "IT63J0760101400000012345678";
const PROVINCE_IBAN: &str = "IT92P0617501400000000123456";
const DIGEST: &str = "RBLrVvkKLgpTGBcOfXJuqMjYPVM4xnZIaKfhTPOjFvk=";

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn today() -> NaiveDate {
    day(2026, 10, 15)
}

fn code(text: &str) -> CreditorFiscalCode {
    text.parse().unwrap()
}

fn iban(text: &str) -> Iban {
    text.parse().unwrap()
}

fn institution() -> CreditorInstitution {
    serde_json::from_value(json!({
        "fiscal_code": OWN,
        "name": "Comune di Genova",
        "broker": OWN,
        "station": "00856930102_01",
        "segregation_code": "12",
        "postal_iban": POSTAL_IBAN,
        "contact": { "telephone": "010", "email": "a@b.it", "website": "https://comune.example" },
    }))
    .unwrap()
}

fn service(active: bool, account: Option<&str>) -> Service {
    serde_json::from_value(json!({
        "institution": OWN,
        "code": "tari",
        "name_it": "Tassa rifiuti",
        "name_en": "Waste tax",
        "category": "9/0101101IM/",
        "office_name": "Tributi",
        "active": active,
        "account": account,
    }))
    .unwrap()
}

/// The accounts of the tests: one of one's own, one of the province, one that buys stamps.
struct Book(Vec<Account>);

impl Book {
    fn new() -> Self {
        let account = |key: &str, beneficiary: &str, credit: Credit| Account {
            institution: code(OWN),
            key: key.to_owned(),
            beneficiary: code(beneficiary),
            credit,
        };
        let to = |text: &str| Credit::Iban {
            iban: iban(text),
            postal_iban: None,
        };
        let stamp = Credit::Stamp {
            amount: Cents::new(1600),
            province: "GE".to_owned(),
        };
        Self(vec![
            account("own", OWN, to(OWN_IBAN)),
            account("TEFA", PROVINCE, to(PROVINCE_IBAN)),
            account("bollo", OWN, stamp),
        ])
    }
}

impl AccountBook for Book {
    fn account(&self, institution: &CreditorFiscalCode, key: &str) -> Option<&Account> {
        self.0
            .iter()
            .find(|account| account.institution == *institution && account.key == key)
    }

    fn account_of_iban(
        &self,
        institution: &CreditorFiscalCode,
        beneficiary: &CreditorFiscalCode,
        iban: &Iban,
    ) -> Option<&Account> {
        self.0.iter().find(|account| {
            account.institution == *institution
                && account.beneficiary == *beneficiary
                && matches!(&account.credit, Credit::Iban { iban: known, .. } if known == iban)
        })
    }
}

fn ranges() -> Vec<NumberRange> {
    vec![NumberRange {
        segregation: "12".parse().unwrap(),
        from: 100,
        to: 199,
    }]
}

fn number(base: u64) -> NoticeNumber {
    NoticeNumber::issue("12".parse().unwrap(), base).unwrap()
}

/// What the rules of the tests say of the service.
#[derive(Clone, Copy)]
enum Known {
    Offered,
    WithoutAccount,
    NoLonger,
    No,
}

fn checked_as(known: Known, draft: &PositionDraft) -> Result<CheckedDraft, Vec<FieldError>> {
    let (institution, book, numbers) = (institution(), Book::new(), ranges());
    let service = match known {
        Known::Offered => Some(service(true, Some("own"))),
        Known::WithoutAccount => Some(service(true, None)),
        Known::NoLonger => Some(service(false, Some("own"))),
        Known::No => None,
    };
    let rules = Rules {
        institution: &institution,
        service: service.as_ref(),
        institutions: std::slice::from_ref(&institution),
        accounts: &book,
        numbers: &numbers,
        today: today(),
    };
    check(draft, &rules)
}

fn checked(draft: &PositionDraft) -> Result<CheckedDraft, Vec<FieldError>> {
    checked_as(Known::Offered, draft)
}

fn instalment(cents: i64) -> InstalmentDraft {
    InstalmentDraft {
        notice_number: None,
        iuv: None,
        amount: Cents::new(cents),
        due_on: Some(day(2026, 12, 16)),
        payable_until: None,
        description: None,
        transfers: Vec::new(),
    }
}

/// A draft of 120.50 euro at once, or 60.50 and 60.
fn draft() -> PositionDraft {
    PositionDraft {
        key: "TARI-2026-17".to_owned(),
        service: "tari".to_owned(),
        debtor: Subject {
            kind: SubjectKind::Natural,
            code: "RSSMRA85T10A562S".to_owned(),
            full_name: "Mario Rossi".to_owned(),
            address: domain::subject::Address::default(),
            email: None,
        },
        description: "TARI 2026".to_owned(),
        valid_from: None,
        draft: false,
        options: vec![
            OptionDraft {
                kind: OptionKind::Whole,
                instalments: vec![instalment(12050)],
            },
            OptionDraft {
                kind: OptionKind::InstalmentPlan,
                instalments: vec![instalment(6050), instalment(6000)],
            },
        ],
    }
}

fn part(cents: i64) -> TransferDraft {
    TransferDraft {
        amount: Cents::new(cents),
        ..TransferDraft::default()
    }
}

/// The draft with the transfers of its first notice: 120.50 euro.
fn parted(transfers: Vec<TransferDraft>) -> PositionDraft {
    let mut draft = draft();
    draft.options[0].instalments[0].transfers = transfers;
    draft
}

/// What is wrong with a draft that has one thing wrong.
fn only_error(known: Known, draft: &PositionDraft) -> (String, Problem) {
    let mut errors = checked_as(known, draft).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    let FieldError { path, problem } = errors.remove(0);
    (path, problem)
}

fn wrong(change: impl FnOnce(&mut PositionDraft)) -> (String, Problem) {
    let mut draft = draft();
    change(&mut draft);
    only_error(Known::Offered, &draft)
}

fn position(draft: &PositionDraft) -> DebtPosition {
    let checked = checked(draft).unwrap();
    checked.position((900..).map(number)).unwrap()
}

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
fn an_amount_is_between_a_cent_and_the_hubs_maximum() {
    let amount = |cents| {
        let mut draft = draft();
        draft.options[0].instalments[0].amount = Cents::new(cents);
        checked(&draft).map(|_| ())
    };
    for right in [1, 99_999_999_999] {
        assert_eq!(amount(right), Ok(()));
    }
    for wrong in [0, -1, 100_000_000_000] {
        let error = FieldError {
            path: "options[0].instalments[0].amount".to_owned(),
            problem: Problem::Amount,
        };
        assert_eq!(amount(wrong), Err(vec![error]), "{wrong}");
    }
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
fn the_parts_of_an_amount_sum_to_it() {
    use Problem as P;
    let error = |transfers| only_error(Known::Offered, &parted(transfers));
    let path = "options[0].instalments[0]";
    assert!(checked(&parted(vec![part(12000), part(50)])).is_ok());
    let sum = P::Sum {
        sum: Cents::new(12049),
        amount: Cents::new(12050),
    };
    assert_eq!(
        error(vec![part(12000), part(49)]),
        (format!("{path}.amount"), sum)
    );
    assert_eq!(
        error(vec![part(12050), part(0)]),
        (format!("{path}.transfers[1].amount"), P::Amount)
    );
    assert_eq!(
        error(vec![part(1); 6]),
        (format!("{path}.transfers"), P::Count { least: 1, most: 5 })
    );
}

#[test]
fn money_goes_to_registered_accounts_only() {
    use Problem as P;
    let to = |change: &dyn Fn(&mut TransferDraft)| {
        let mut transfer = part(12050);
        change(&mut transfer);
        parted(vec![transfer])
    };
    let text = |text: &str| Some(text.to_owned());
    let on = |field: &str| format!("options[0].instalments[0].transfers[0].{field}");
    let credited = |draft: &PositionDraft| {
        let position = position(draft);
        let transfer = &position.options[0].instalments[0].transfers[0];
        (transfer.beneficiary.clone(), transfer.destination.clone())
    };
    let account = |text: &str| Destination::Account {
        iban: iban(text),
        postal_iban: None,
    };
    let own = to(&|t| t.iban = text("it60 x054 2811 1010 0000 0123 456"));
    assert_eq!(credited(&own), (code(OWN), account(OWN_IBAN)));
    let postal = to(&|t| t.iban = text(POSTAL_IBAN));
    assert_eq!(credited(&postal), (code(OWN), account(POSTAL_IBAN)));
    let province = to(&|t| {
        t.account = text("TEFA");
        t.beneficiary_name = text("Provincia");
    });
    assert_eq!(credited(&province), (code(PROVINCE), account(PROVINCE_IBAN)));
    let province = to(&|t| {
        t.iban = text(PROVINCE_IBAN);
        t.beneficiary = text(PROVINCE);
        t.beneficiary_name = text("Provincia");
    });
    assert_eq!(credited(&province), (code(PROVINCE), account(PROVINCE_IBAN)));

    let error = |change: &dyn Fn(&mut TransferDraft)| only_error(Known::Offered, &to(change));
    // Somebody else's account, passed for one's own.
    assert_eq!(
        error(&|t| t.iban = text(PROVINCE_IBAN)),
        (on("iban"), P::ForeignAccount)
    );
    assert_eq!(
        error(&|t| {
            t.iban = text(OWN_IBAN);
            t.beneficiary = text(ELSEWHERE);
            t.beneficiary_name = text("Altrove");
        }),
        (on("iban"), P::ForeignAccount)
    );
    for (iban, reason) in [
        ("IT60", ParseIbanError::Shape),
        ("IT61X0542811101000000123456", ParseIbanError::CheckDigits),
    ] {
        assert_eq!(error(&|t| t.iban = text(iban)), (on("iban"), P::Iban(reason)));
    }
    assert_eq!(
        error(&|t| t.account = text("nowhere")),
        (on("account"), P::UnknownAccount)
    );
    assert_eq!(
        error(&|t| t.account = text("bollo")),
        (on("account"), P::UnknownAccount)
    );
    assert_eq!(
        error(&|t| {
            t.account = text("own");
            t.iban = text(OWN_IBAN);
        }),
        (
            "options[0].instalments[0].transfers[0]".to_owned(),
            P::SeveralDestinations
        )
    );
    assert_eq!(
        error(&|t| t.beneficiary = text("1")),
        (on("beneficiary"), P::Beneficiary)
    );
    assert_eq!(
        error(&|t| t.account = text("TEFA")),
        (on("beneficiary_name"), P::Beneficiary)
    );
    assert_eq!(
        error(&|t| t.category = text("tari")),
        (on("category"), P::Category)
    );
    let long = "à".repeat(141);
    assert_eq!(
        error(&|t| t.remittance_information = text(&long)),
        (on("remittance_information"), P::Text { most: 140 })
    );
    assert_eq!(
        error(&|t| t.metadata = [("a".to_owned(), String::new())].into()),
        (on("metadata"), P::Text { most: 140 })
    );
    assert_eq!(
        error(&|t| t.metadata = (0..16).map(|n| (n.to_string(), "x".to_owned())).collect()),
        (on("metadata"), P::Count { least: 0, most: 15 })
    );
}

#[test]
fn without_an_account_of_the_service_the_draft_names_one() {
    let mut single = draft();
    single.options.truncate(1);
    let (path, problem) = only_error(Known::WithoutAccount, &single);
    assert_eq!(
        (path.as_str(), problem),
        ("options[0].instalments[0].account", Problem::NoAccount)
    );
}

#[test]
fn a_stamp_duty_is_bought_for_a_document() {
    let stamped = |digest: &str, province: &str| {
        parted(vec![TransferDraft {
            stamp: Some(StampDraft {
                document_digest: digest.to_owned(),
                province: province.to_owned(),
            }),
            ..part(12050)
        }])
    };
    let position = position(&stamped(DIGEST, "GE"));
    assert!(matches!(
        &position.options[0].instalments[0].transfers[0].destination,
        Destination::StampDuty { province, .. } if province == "GE"
    ));
    for (digest, province) in [
        (DIGEST, "Ge"),
        (DIGEST, "GEN"),
        (&DIGEST[..43], "GE"),
        ("ààààààààààààààààààààà=", "GE"),
    ] {
        let error = only_error(Known::Offered, &stamped(digest, province));
        assert_eq!(
            error,
            (
                "options[0].instalments[0].transfers[0].stamp".to_owned(),
                Problem::Stamp
            ),
            "{digest} {province}"
        );
    }
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

#[test]
fn drafts_are_read_strictly() {
    let written = json!({
        "key": "TARI-2026-17",
        "service": "tari",
        "debtor": { "kind": "natural", "code": "RSSMRA85T10A562S", "full_name": "Mario Rossi" },
        "description": "TARI 2026",
        "options": [
            { "kind": "whole", "instalments": [{ "amount": 12050, "due_on": "2026-12-16" }] },
            { "kind": "instalment_plan", "instalments": [
                { "amount": 6050, "due_on": "2026-12-16" },
                { "amount": 6000, "due_on": "2026-12-16" },
            ] },
        ],
    });
    assert_eq!(
        serde_json::from_value::<PositionDraft>(written.clone()).unwrap(),
        draft()
    );
    for (pointer, field) in [
        ("", "amont"),
        ("/debtor", "name"),
        ("/options/0", "sort"),
        ("/options/0/instalments/0", "until"),
    ] {
        let mut spoilt = written.clone();
        spoilt.pointer_mut(pointer).unwrap()[field] = json!("x");
        assert!(
            serde_json::from_value::<PositionDraft>(spoilt).is_err(),
            "{pointer}/{field}"
        );
    }
    let mut spoilt = written;
    spoilt["options"][0]["instalments"][0]["amount"] = json!(120.50);
    assert!(
        serde_json::from_value::<PositionDraft>(spoilt).is_err(),
        "amounts are whole cents"
    );
}

fn any_instalment() -> impl Strategy<Value = InstalmentDraft> {
    let days = prop::option::of((0_i64..400).prop_map(|days| today() + chrono::Duration::days(days)));
    (
        -2_i64..100_000_000_001,
        days.clone(),
        days,
        prop::option::of("\\PC{0,10}"),
        prop::option::of(90_u64..210),
        prop::collection::vec(1_i64..1000, 0..4),
    )
        .prop_map(
            |(cents, due_on, payable_until, description, base, parts)| InstalmentDraft {
                notice_number: None,
                iuv: base.map(|base| Iuv::to_string(&number(base).iuv())),
                amount: if parts.is_empty() {
                    Cents::new(cents)
                } else {
                    Cents::new(parts.iter().sum())
                },
                due_on,
                payable_until,
                description,
                transfers: parts.into_iter().map(part).collect(),
            },
        )
}

fn any_draft() -> impl Strategy<Value = PositionDraft> {
    let kind = prop::sample::select(vec![
        OptionKind::Whole,
        OptionKind::InstalmentPlan,
        OptionKind::Reduced,
    ]);
    let option = (kind, prop::collection::vec(any_instalment(), 0..3))
        .prop_map(|(kind, instalments)| OptionDraft { kind, instalments });
    (
        "\\PC{0,8}",
        "\\PC{0,8}",
        any::<bool>(),
        prop::collection::vec(option, 1..3),
    )
        .prop_map(|(key, description, is_draft, options)| PositionDraft {
            key,
            description,
            draft: is_draft,
            options,
            ..draft()
        })
}

proptest! {
    #[test]
    fn a_checked_draft_is_always_a_sound_position(draft in any_draft()) {
        if let Ok(checked) = checked(&draft) {
            let needed = checked.numbers_needed();
            let position = checked.clone().position((900..).map(number)).unwrap();
            prop_assert_eq!(position.check(), Ok(()));
            prop_assert!(needed == 0 || checked.clone().position((900..).map(number).take(needed - 1)).is_none());
            prop_assert_eq!(checked.content_for(&position), Ok(position.content()), "it changes nothing in itself");
        }
    }

    #[test]
    fn a_draft_written_then_read_is_the_same(draft in any_draft()) {
        let written = serde_json::to_string(&draft).unwrap();
        prop_assert_eq!(serde_json::from_str::<PositionDraft>(&written).unwrap(), draft);
    }
}
