//! A position to try things on: a whole sum, or a plan of two instalments.
#![allow(dead_code, reason = "each test file uses its part")]

use chrono::{DateTime, NaiveDate, Utc};
use domain::debt_position::{DebtPositionEvent, InstalmentPayment, OptionIndex};
use domain::transfer::{Destination, TransferCategory};
use domain::{
    Cents, CreditorFiscalCode, DebtPosition, DebtPositionStatus, Iban, Instalment, Notice, NoticeNumber,
    OptionKind, PaymentOption, ReceiptId, Subject, SubjectKind, Transfer,
};

/// The notice of the whole sum.
pub(crate) const WHOLE: u64 = 1;
/// The first instalment.
pub(crate) const FIRST: u64 = 2;
/// The second instalment.
pub(crate) const SECOND: u64 = 3;
/// A notice of some other position.
pub(crate) const FOREIGN: u64 = 4;
/// The notice that takes the position's place.
pub(crate) const SUCCESSOR: u64 = 5;

/// The notice number of one of the above.
pub(crate) fn number(base: u64) -> NoticeNumber {
    NoticeNumber::issue("12".parse().unwrap(), base).unwrap()
}

/// A day of October 2026.
pub(crate) fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 10, day).unwrap()
}

/// Noon of that day.
pub(crate) fn noon(on: u32) -> DateTime<Utc> {
    day(on).and_hms_opt(12, 0, 0).unwrap().and_utc()
}

/// The draft: 120.50 euro at once, or 60.50 and 60.
pub(crate) fn draft() -> DebtPosition {
    DebtPosition {
        key: "TARI-2026-17".to_owned(),
        institution: institution(),
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
        status: DebtPositionStatus::Draft,
        options: vec![
            PaymentOption {
                kind: OptionKind::Whole,
                instalments: vec![instalment(WHOLE, 12050)],
            },
            PaymentOption {
                kind: OptionKind::InstalmentPlan,
                instalments: vec![instalment(FIRST, 6050), instalment(SECOND, 6000)],
            },
        ],
    }
}

fn institution() -> CreditorFiscalCode {
    CreditorFiscalCode::parse("00856930102").unwrap()
}

fn instalment(base: u64, cents: i64) -> Instalment {
    Instalment {
        notice_number: number(base),
        iuv: number(base).iuv(),
        amount: Cents::new(cents),
        due_on: None,
        payable_until: None,
        description: "TARI 2026".to_owned(),
        transfers: vec![Transfer {
            id: 1,
            amount: Cents::new(cents),
            beneficiary: institution(),
            beneficiary_name: "Comune di Genova".to_owned(),
            destination: Destination::Account {
                iban: Iban::parse("IT60X0542811101000000123456").unwrap(),
                postal_iban: None,
            },
            remittance_information: "TARI 2026".to_owned(),
            category: TransferCategory::parse("9/0101101IM/").unwrap(),
            metadata: Vec::new(),
        }],
        payment: None,
    }
}

/// A receipt for one of the notices.
pub(crate) fn receipt(base: u64) -> DebtPositionEvent {
    DebtPositionEvent::ReceiptReceived {
        notice_number: number(base),
        receipt_id: ReceiptId::parse(&format!("receipt-{base}")).unwrap(),
        at: noon(15),
    }
}

/// Every state a position can be in, by name, with the events that lead there from the draft.
pub(crate) fn states() -> [(&'static str, DebtPosition); 7] {
    let after = |events: &[DebtPositionEvent]| {
        events
            .iter()
            .fold(draft(), |position, event| position.apply(event).unwrap())
    };
    let published = DebtPositionEvent::Published;
    [
        ("draft", draft()),
        ("open", after(std::slice::from_ref(&published))),
        ("begun", after(&[published.clone(), receipt(FIRST)])),
        ("paid", after(&[published.clone(), receipt(WHOLE)])),
        ("cancelled", after(&[published.clone(), cancelled()])),
        ("replaced", after(&[published.clone(), replaced()])),
        ("expired", after(&[published, expired()])),
    ]
}

/// Every kind of event, by name.
pub(crate) fn events() -> [(&'static str, DebtPositionEvent); 9] {
    [
        ("published", DebtPositionEvent::Published),
        ("receipt: whole sum", receipt(WHOLE)),
        ("receipt: first instalment", receipt(FIRST)),
        ("receipt: second instalment", receipt(SECOND)),
        ("receipt: another position's notice", receipt(FOREIGN)),
        ("amended", amended()),
        ("cancelled", cancelled()),
        ("replaced", replaced()),
        ("expired", expired()),
    ]
}

fn amended() -> DebtPositionEvent {
    let content = draft().content();
    DebtPositionEvent::Amended {
        from: Box::new(content.clone()),
        to: Box::new(content),
        at: noon(16),
    }
}

fn cancelled() -> DebtPositionEvent {
    DebtPositionEvent::Cancelled { at: noon(16) }
}

fn replaced() -> DebtPositionEvent {
    DebtPositionEvent::Replaced {
        by: number(SUCCESSOR),
        at: noon(16),
    }
}

fn expired() -> DebtPositionEvent {
    DebtPositionEvent::Expired { at: noon(16) }
}

/// The name of the state a position is in: an open one with an instalment paid is `begun`.
pub(crate) fn state_of(position: &DebtPosition) -> &'static str {
    match &position.status {
        DebtPositionStatus::Open { chosen: Some(_) } => "begun",
        other => other.as_str(),
    }
}

/// One of the position's notices as seen from outside.
pub(crate) fn notice(position: &DebtPosition, base: u64) -> Notice {
    let (option, kind, instalment) = position
        .instalments()
        .map(|(index, option, instalment)| (index, option.kind, instalment))
        .find(|(_, _, instalment)| instalment.notice_number == number(base))
        .unwrap();
    outside(position, option, kind, instalment)
}

fn outside(
    position: &DebtPosition,
    option: OptionIndex,
    kind: OptionKind,
    instalment: &Instalment,
) -> Notice {
    let siblings = &position.options[usize::from(option)].instalments;
    let place = siblings.iter().position(|sibling| sibling == instalment).unwrap();
    Notice {
        institution: position.institution.clone(),
        number: instalment.notice_number.clone(),
        iuv: instalment.iuv.clone(),
        position_key: position.key.clone(),
        service: position.service.clone(),
        position_status: position.status.clone(),
        option,
        option_kind: kind,
        instalment: u8::try_from(place).unwrap() + 1,
        instalment_count: u8::try_from(siblings.len()).unwrap(),
        amount: instalment.amount,
        due_on: instalment.due_on,
        payable_until: instalment.payable_until,
        valid_from: position.valid_from,
        description: instalment.description.clone(),
        all_postal: false,
        payment: instalment.payment.clone(),
    }
}

/// The payments of a position, by notice.
pub(crate) fn payments(position: &DebtPosition) -> Vec<(OptionIndex, NoticeNumber, InstalmentPayment)> {
    position
        .instalments()
        .filter_map(|(option, _, instalment)| {
            Some((
                option,
                instalment.notice_number.clone(),
                instalment.payment.clone()?,
            ))
        })
        .collect()
}
