//! What is told of what happens.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod common;

use chrono::{DateTime, Utc};
use domain::debt_position::DebtPositionEvent;
use domain::outcome::{
    Concerned, Credit, NoticeReference, OutcomeContent, OutcomeKind, of_credit, of_transition,
};
use domain::{Cents, ReceiptId};
use std::collections::BTreeSet;

fn now() -> DateTime<Utc> {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

#[test]
fn every_kind_has_a_name_of_its_own_that_is_read_back() {
    let names: BTreeSet<&str> = OutcomeKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(names.len(), OutcomeKind::ALL.len());
    for kind in OutcomeKind::ALL {
        assert_eq!(OutcomeKind::parse(kind.as_str()), Some(kind));
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
    assert_eq!(OutcomeKind::parse("sold"), None);
}

#[test]
fn a_credited_payment_is_told_in_the_shape_that_is_documented() {
    let number: domain::NoticeNumber = domain::NoticeNumber::issue("12".parse().unwrap(), 1).unwrap();
    let credit = Credit {
        notice: NoticeReference {
            iuv: number.iuv(),
            notice_number: number.clone(),
            amount: Cents::new(12_050),
        },
        receipt_id: ReceiptId::parse("iur-1").unwrap(),
        flow_id: None,
        credit: "1234".to_owned(),
        credited_on: "2026-11-24".parse().unwrap(),
    };
    let of = Concerned {
        service: "mensa".to_owned(),
        position: "key-1".to_owned(),
    };
    let told = of_credit("00856930102".parse().unwrap(), Some(of), credit, now());
    assert_eq!(told.subject(), "key-1");
    assert_eq!(
        serde_json::to_value(&told.content).unwrap(),
        serde_json::json!({
            "type": "credited",
            "data": {
                "notice_number": number, "iuv": number.iuv(), "amount": 12_050, "receipt_id": "iur-1",
                "flow_id": null, "credit": "1234", "credited_on": "2026-11-24",
            },
        })
    );
    let again: OutcomeContent = serde_json::from_value(serde_json::to_value(&told.content).unwrap()).unwrap();
    assert_eq!(again, told.content);
}

#[test]
fn what_the_institution_publishes_is_not_told_and_what_ends_a_debt_is() {
    let draft = common::draft();
    let position = draft.apply(&DebtPositionEvent::Published).unwrap();
    let at = now();
    assert_eq!(
        of_transition(&position, &DebtPositionEvent::Published, None, 1, at),
        None
    );
    for (event, kind) in [
        (DebtPositionEvent::Cancelled { at }, OutcomeKind::Cancelled),
        (DebtPositionEvent::Expired { at }, OutcomeKind::Expired),
    ] {
        let after = position.apply(&event).unwrap();
        let one = of_transition(&after, &event, None, 1, at).unwrap();
        let other = of_transition(&after, &event, None, 2, at).unwrap();
        assert_eq!(one.kind(), kind);
        assert_eq!(one.content.notices().len(), position.instalments().count());
        // The same thing happening again later is another fact.
        assert_ne!(one.fact, other.fact);
    }
}
