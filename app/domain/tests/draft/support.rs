//! An institution with accounts, and a right draft of it to spoil.

use chrono::NaiveDate;
use domain::account::{Account, Credit};
use domain::application::NumberRange;
use domain::draft::{
    AccountBook, CheckedDraft, FieldError, InstalmentDraft, OptionDraft, PositionDraft, Problem, Rules,
    TransferDraft, check,
};
use domain::service::Service;
use domain::{
    Cents, CreditorFiscalCode, CreditorInstitution, DebtPosition, Iban, NoticeNumber, OptionKind, Subject,
    SubjectKind,
};
use serde_json::json;

pub(crate) const OWN: &str = "00856930102";
pub(crate) const PROVINCE: &str = "80007350103";
pub(crate) const ELSEWHERE: &str = "00799960158";
pub(crate) const OWN_IBAN: &str = "IT60X0542811101000000123456";
pub(crate) const POSTAL_IBAN: &str = "IT63J0760101400000012345678";
pub(crate) const PROVINCE_IBAN: &str = "IT92P0617501400000000123456";
pub(crate) const DIGEST: &str = "RBLrVvkKLgpTGBcOfXJuqMjYPVM4xnZIaKfhTPOjFvk=";

pub(crate) fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

pub(crate) fn today() -> NaiveDate {
    day(2026, 10, 15)
}

pub(crate) fn code(text: &str) -> CreditorFiscalCode {
    text.parse().unwrap()
}

pub(crate) fn iban(text: &str) -> Iban {
    text.parse().unwrap()
}

pub(crate) fn institution() -> CreditorInstitution {
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

pub(crate) fn service(active: bool, account: Option<&str>) -> Service {
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
pub(crate) struct Book(Vec<Account>);

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

pub(crate) fn ranges() -> Vec<NumberRange> {
    vec![NumberRange {
        segregation: "12".parse().unwrap(),
        from: 100,
        to: 199,
    }]
}

pub(crate) fn number(base: u64) -> NoticeNumber {
    NoticeNumber::issue("12".parse().unwrap(), base).unwrap()
}

/// What the rules of the tests say of the service.
#[derive(Clone, Copy)]
pub(crate) enum Known {
    Offered,
    WithoutAccount,
    NoLonger,
    No,
}

pub(crate) fn checked_as(known: Known, draft: &PositionDraft) -> Result<CheckedDraft, Vec<FieldError>> {
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

pub(crate) fn checked(draft: &PositionDraft) -> Result<CheckedDraft, Vec<FieldError>> {
    checked_as(Known::Offered, draft)
}

pub(crate) fn instalment(cents: i64) -> InstalmentDraft {
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
pub(crate) fn draft() -> PositionDraft {
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

pub(crate) fn part(cents: i64) -> TransferDraft {
    TransferDraft {
        amount: Cents::new(cents),
        ..TransferDraft::default()
    }
}

/// The draft with the transfers of its first notice: 120.50 euro.
pub(crate) fn parted(transfers: Vec<TransferDraft>) -> PositionDraft {
    let mut draft = draft();
    draft.options[0].instalments[0].transfers = transfers;
    draft
}

/// What is wrong with a draft that has one thing wrong.
pub(crate) fn only_error(known: Known, draft: &PositionDraft) -> (String, Problem) {
    let mut errors = checked_as(known, draft).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    let FieldError { path, problem } = errors.remove(0);
    (path, problem)
}

pub(crate) fn wrong(change: impl FnOnce(&mut PositionDraft)) -> (String, Problem) {
    let mut draft = draft();
    change(&mut draft);
    only_error(Known::Offered, &draft)
}

pub(crate) fn position(draft: &PositionDraft) -> DebtPosition {
    let checked = checked(draft).unwrap();
    checked.position((900..).map(number)).unwrap()
}
