//! Notices made of debt positions.

use chrono::NaiveDate;
use documents::Language;
use documents::notice::{
    Field, Languages, Notice, NoticeError, Payments, Printing, Rule, from_position, of_instalment,
};
use documents::testing;
use domain::debt_position::InstalmentPayment;
use domain::subject::Address;
use domain::transfer::{Destination, TransferCategory};
use domain::{
    Cents, DebtPosition, DebtPositionStatus, Iban, Instalment, NoticeNumber, OptionKind, PaymentOption,
    ReceiptId, Subject, SubjectKind, Transfer,
};

const WASTE_TAX: &str = "9/0101101IM/";
const FINE: &str = "9/0102106SA/";

fn number(place: u64) -> NoticeNumber {
    NoticeNumber::parse(&(347_000_000_000_000_000 + place).to_string()).expect("a checked constant")
}

fn instalment(place: u64, cents: i64, category: &str) -> Instalment {
    let institution = testing::notice().institution;
    Instalment {
        notice_number: number(place),
        iuv: number(place).iuv(),
        amount: Cents::new(cents),
        due_on: NaiveDate::from_ymd_opt(2026, 6, 30),
        payable_until: None,
        description: format!("TARI 2026, {place}"),
        transfers: vec![Transfer {
            id: 1,
            amount: Cents::new(cents),
            beneficiary: institution.fiscal_code,
            beneficiary_name: institution.name,
            destination: Destination::Account {
                iban: Iban::parse("IT60X0542811101000000123456").expect("a checked constant"),
                postal_iban: None,
            },
            remittance_information: "TARI".to_owned(),
            category: TransferCategory::parse(category).expect("a checked constant"),
            metadata: Vec::new(),
        }],
        payment: None,
    }
}

fn option(kind: OptionKind, instalments: Vec<Instalment>) -> PaymentOption {
    PaymentOption { kind, instalments }
}

fn whole(cents: i64) -> PaymentOption {
    option(OptionKind::Whole, vec![instalment(0, cents, WASTE_TAX)])
}

fn plan(count: u64) -> PaymentOption {
    let parts = (1..=count).map(|place| instalment(place, 100, WASTE_TAX));
    option(OptionKind::InstalmentPlan, parts.collect())
}

fn position(options: Vec<PaymentOption>) -> DebtPosition {
    DebtPosition {
        key: "TARI-2026-1".to_owned(),
        institution: testing::notice().institution.fiscal_code,
        service: "TARI".to_owned(),
        debtor: Subject {
            kind: SubjectKind::Natural,
            code: "DNGNCL85T10A562S".to_owned(),
            full_name: "Niccolò D’Angiò".to_owned(),
            address: Address {
                street: Some("Via della Lanterna".to_owned()),
                number: Some("12".to_owned()),
                postal_code: Some("16126".to_owned()),
                city: Some("Genova".to_owned()),
                province: Some("GE".to_owned()),
                country: Some("IT".to_owned()),
            },
            email: None,
        },
        description: "TARI 2026".to_owned(),
        valid_from: None,
        status: DebtPositionStatus::Open { chosen: None },
        options,
    }
}

fn printing() -> Printing {
    Printing {
        languages: Languages {
            first: Language::It,
            second: None,
        },
        dated: testing::notice().dated,
        today: NaiveDate::from_ymd_opt(2026, 3, 1).expect("a checked constant"),
    }
}

fn notices(position: &DebtPosition) -> Result<Vec<Notice>, NoticeError> {
    from_position(position, &testing::notice().institution, printing())
}

fn forms(options: Vec<PaymentOption>) -> Vec<Payments> {
    let notices = notices(&position(options)).expect("a checked constant");
    notices.into_iter().map(|notice| notice.payments).collect()
}

fn fine(reduced: i64, whole: i64, category: &str) -> Vec<Payments> {
    forms(vec![
        option(OptionKind::Reduced, vec![instalment(1, reduced, category)]),
        option(OptionKind::Whole, vec![instalment(2, whole, category)]),
    ])
}

#[test]
fn the_debtor_is_whom_the_notice_is_for() {
    let notices = notices(&position(vec![whole(300)])).unwrap();
    let [notice] = notices.as_slice() else {
        panic!("one notice")
    };
    assert_eq!(
        notice.recipient.address,
        ["Via della Lanterna 12", "16126 Genova (GE)"]
    );
    assert_eq!(notice.recipient.person.code.as_deref(), Some("DNGNCL85T10A562S"));
    assert!(!notice.recipient.abroad);
    assert_eq!(notice.subject, "TARI 2026");
}

#[test]
fn who_is_not_known_has_no_code_and_who_lives_abroad_has_a_country() {
    let mut position = position(vec![whole(300)]);
    position.debtor.code = Subject::ANONYMOUS.to_owned();
    position.debtor.address.country = Some("FR".to_owned());
    let recipient = notices(&position).unwrap().remove(0).recipient;
    assert_eq!(recipient.person.code, None);
    assert!(recipient.abroad && recipient.address.last().unwrap() == "FR");
}

#[test]
fn the_whole_and_its_instalments_are_one_notice_in_either_order() {
    for options in [vec![whole(300), plan(3)], vec![plan(3), whole(300)]] {
        let forms = forms(options);
        assert!(matches!(
            &forms[..],
            [Payments::Instalments { whole: Some(_), parts }] if parts.len() == 3
        ));
    }
}

#[test]
fn two_amounts_are_a_fine_only_where_the_fixed_texts_are_true() {
    let is_fine = |forms: &[Payments]| matches!(forms, [Payments::Fine { .. }]);
    assert!(is_fine(&fine(7000, 10_000, FINE)));
    assert!(
        is_fine(&fine(8500, 11_500, FINE)),
        "costs of notification are in both"
    );
    assert_eq!(fine(6900, 10_000, FINE).len(), 2, "more than 30% off");
    assert_eq!(fine(10_000, 10_000, FINE).len(), 2);
    assert_eq!(fine(7000, 10_000, WASTE_TAX).len(), 2, "no fine");
}

#[test]
fn paid_and_closed_instalments_are_left_out() {
    let mut options = vec![whole(300), plan(4)];
    options[1].instalments[0].payment = Some(InstalmentPayment {
        receipt_id: ReceiptId::parse("r").unwrap(),
        at: testing::notice().dated,
    });
    options[1].instalments[1].payable_until = NaiveDate::from_ymd_opt(2026, 2, 28);
    options[1].instalments[2].payable_until = NaiveDate::from_ymd_opt(2026, 3, 1);
    let mut position = position(options);
    position.status = DebtPositionStatus::Open { chosen: Some(1) };
    let forms: Vec<Payments> = notices(&position)
        .unwrap()
        .into_iter()
        .map(|notice| notice.payments)
        .collect();
    let [Payments::Instalments { whole: None, parts }] = &forms[..] else {
        panic!("{forms:?}")
    };
    assert_eq!([&parts[0].number, &parts[1].number], [&number(3), &number(4)]);
}

#[test]
fn nothing_to_pay_is_refused() {
    let mut paid = position(vec![whole(300)]);
    paid.status = DebtPositionStatus::Cancelled {
        at: testing::notice().dated,
    };
    let expected = NoticeError {
        field: Field::Position,
        rule: Rule::NothingToPay,
    };
    assert_eq!(notices(&paid), Err(expected));
}

#[test]
fn one_code_is_printed_again_alone() {
    let institution = testing::notice().institution;
    let of = |number: &NoticeNumber| {
        let position = position(vec![whole(300), plan(3)]);
        of_instalment(&position, number, &institution, printing())
    };
    let notice = of(&number(2)).unwrap();
    assert_eq!(notice.subject, "TARI 2026, 2");
    assert!(matches!(notice.payments, Payments::Whole(payment) if payment.number == number(2)));
    let unknown = of(&number(9)).unwrap_err();
    assert_eq!((unknown.field, unknown.rule), (Field::Position, Rule::Unknown));
}
