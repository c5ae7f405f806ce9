//! What can happen to a position, and what its notices say from outside.
#![expect(clippy::unwrap_used, reason = "a test's own constants are right")]

mod common;

use common::{
    FIRST, FOREIGN, SECOND, SUCCESSOR, WHOLE, day, draft, events, noon, notice, number, payments, receipt,
    state_of, states,
};
use domain::debt_position::{DebtPositionEvent, InvalidPosition, PositionContent, TransitionError};
use domain::receipt::ReceiptEffect;
use domain::transfer::TransfersError;
use domain::{Cents, DebtPosition, DebtPositionStatus, NoticeStanding, OptionKind};
use proptest::prelude::*;

#[test]
fn every_event_in_every_state_leads_where_it_must() {
    use TransitionError as E;
    type Outcome = Result<&'static str, TransitionError>;
    /// Columns as in [`events`]: published; receipts for whole sum, first and second instalment, another position;
    /// amended, cancelled, replaced, expired.
    #[rustfmt::skip]
    const EXPECTED: [(&str, [Outcome; 9]); 7] = [
        ("draft", [Ok("open"), Err(E::Unpublished), Err(E::Unpublished), Err(E::Unpublished), Err(E::ForeignNotice),
            Ok("draft"), Ok("cancelled"), Err(E::Unpublished), Err(E::Unpublished)]),
        ("open", [Err(E::AlreadyPublished), Ok("paid"), Ok("begun"), Ok("begun"), Err(E::ForeignNotice),
            Ok("open"), Ok("cancelled"), Ok("replaced"), Ok("expired")]),
        ("begun", [Err(E::AlreadyPublished), Err(E::OtherOptionChosen), Err(E::AlreadyPaid), Ok("paid"),
            Err(E::ForeignNotice), Err(E::PartlyPaid), Err(E::PartlyPaid), Err(E::PartlyPaid), Err(E::PartlyPaid)]),
        ("paid", [Err(E::AlreadyPaid), Err(E::AlreadyPaid), Err(E::OtherOptionChosen), Err(E::OtherOptionChosen),
            Err(E::ForeignNotice), Err(E::AlreadyPaid), Err(E::AlreadyPaid), Err(E::AlreadyPaid), Err(E::AlreadyPaid)]),
        ("cancelled", [Err(E::Cancelled), Err(E::Cancelled), Err(E::Cancelled), Err(E::Cancelled),
            Err(E::ForeignNotice), Err(E::Cancelled), Err(E::Cancelled), Err(E::Cancelled), Err(E::Cancelled)]),
        ("replaced", [Err(E::Replaced), Err(E::Replaced), Err(E::Replaced), Err(E::Replaced),
            Err(E::ForeignNotice), Err(E::Replaced), Err(E::Replaced), Err(E::Replaced), Err(E::Replaced)]),
        ("expired", [Err(E::Expired), Ok("paid"), Ok("begun"), Ok("begun"), Err(E::ForeignNotice),
            Ok("open"), Ok("cancelled"), Ok("replaced"), Err(E::Expired)]),
    ];
    for ((state, position), (row, outcomes)) in states().into_iter().zip(EXPECTED) {
        assert_eq!((state, state_of(&position)), (row, row));
        for ((event, happens), expected) in events().into_iter().zip(outcomes) {
            let outcome = position.apply(&happens);
            assert_eq!(
                outcome.as_ref().map(state_of).map_err(|error| *error),
                expected,
                "{event} when {state}"
            );
        }
    }
}

#[test]
fn a_receipt_marks_its_own_instalment_only() {
    let (_, begun) = states()[2].clone();
    let paid = payments(&begun);
    assert_eq!(paid.len(), 1);
    assert_eq!(
        (paid[0].0, &paid[0].1, paid[0].2.at),
        (1, &number(FIRST), noon(15))
    );
    assert_eq!(paid[0].2.receipt_id.as_str(), "receipt-2");
    let paid = begun.apply(&receipt(SECOND)).unwrap();
    assert_eq!(
        paid.status,
        DebtPositionStatus::Paid {
            chosen: 1,
            at: noon(15)
        }
    );
}

#[test]
fn instalments_of_a_plan_can_be_paid_in_any_order() {
    let (_, open) = states()[1].clone();
    let paid = open
        .apply(&receipt(SECOND))
        .unwrap()
        .apply(&receipt(FIRST))
        .unwrap();
    assert_eq!(state_of(&paid), "paid");
}

#[test]
fn a_receipt_that_cannot_be_applied_says_what_to_look_into() {
    for (state, event, effect) in [
        (0, receipt(WHOLE), ReceiptEffect::Unpublished),
        (1, receipt(FOREIGN), ReceiptEffect::Unknown),
        (2, receipt(FIRST), ReceiptEffect::PaidTwice),
        (2, receipt(WHOLE), ReceiptEffect::OtherOptionChosen),
        (3, receipt(WHOLE), ReceiptEffect::PaidTwice),
        (3, receipt(SECOND), ReceiptEffect::OtherOptionChosen),
        (4, receipt(WHOLE), ReceiptEffect::Cancelled),
        (5, receipt(WHOLE), ReceiptEffect::Replaced),
    ] {
        let error = states()[state].1.apply(&event).unwrap_err();
        assert_eq!(ReceiptEffect::from(error), effect, "{error}");
    }
}

#[test]
fn an_amendment_changes_what_a_position_says_and_nothing_else() {
    let (_, open) = states()[1].clone();
    let mut to = open.content();
    to.description = "TARI 2026, conguaglio".to_owned();
    to.options[0].instalments[0].amount = Cents::new(13000);
    let event = |content: &PositionContent| DebtPositionEvent::Amended {
        from: Box::new(open.content()),
        to: Box::new(content.clone()),
        at: noon(17),
    };
    let after = open.apply(&event(&to)).unwrap();
    assert_eq!(after.content(), to);
    assert_eq!(
        (after.key.as_str(), &after.status),
        ("TARI-2026-17", &open.status)
    );
    let (_, expired) = states()[6].clone();
    assert_eq!(
        expired.apply(&event(&to)),
        Ok(after),
        "what was amended can be paid again"
    );
}

#[test]
fn a_sound_position_is_stored_and_each_fault_is_named() {
    assert_eq!(draft().check(), Ok(()));
    let check = |change: fn(&mut DebtPosition)| {
        let mut position = draft();
        change(&mut position);
        position.check()
    };
    let text = |field, most| Err(InvalidPosition::Text { field, most });
    assert_eq!(check(|p| p.key = "k".repeat(60)), Ok(()));
    assert_eq!(check(|p| p.key = "k".repeat(61)), text("key", 60));
    assert_eq!(check(|p| p.description.clear()), text("description", 140));
    assert_eq!(
        check(|p| p.options[0].instalments[0].description = "a\u{7}".to_owned()),
        text("description", 140)
    );
    assert_eq!(check(|p| p.debtor.full_name = "à".repeat(70)), Ok(()));
    assert_eq!(
        check(|p| p.debtor.full_name = "à".repeat(71)),
        text("debtor's name", 70)
    );
    assert_eq!(
        check(|p| p.debtor.code = "0".repeat(17)),
        text("debtor's code", 16)
    );
    assert_eq!(check(|p| p.options.clear()), Err(InvalidPosition::Options));
    assert_eq!(
        check(|p| p.options[1].instalments.clear()),
        Err(InvalidPosition::Instalments)
    );
    assert_eq!(
        check(|p| p.options[1].kind = OptionKind::Reduced),
        Err(InvalidPosition::Instalments)
    );
    assert_eq!(
        check(|p| p.options[1].instalments[1] = p.options[1].instalments[0].clone()),
        Err(InvalidPosition::RepeatedNotice(number(FIRST)))
    );
    assert_eq!(
        check(|p| p.options[0].instalments[0].iuv = number(FIRST).iuv()),
        Err(InvalidPosition::Iuv(number(WHOLE)))
    );
    for cents in [0, -1, 100_000_000_000] {
        let mut position = draft();
        position.options[0].instalments[0].amount = Cents::new(cents);
        assert_eq!(position.check(), Err(InvalidPosition::Amount(Cents::new(cents))));
    }
    assert_eq!(
        check(|p| p.options[0].instalments[0].transfers.clear()),
        Err(InvalidPosition::Transfers(TransfersError::Count))
    );
    let dated = |due_on, until| {
        let mut position = draft();
        position.options[0].instalments[0].due_on = Some(day(due_on));
        position.options[0].instalments[0].payable_until = Some(day(until));
        position.check()
    };
    assert_eq!(dated(10, 10), Ok(()));
    assert_eq!(dated(10, 9), Err(InvalidPosition::PayableUntil));
}

#[test]
fn a_position_has_at_most_twenty_options_and_a_plan_ninety_nine_instalments() {
    let plan = |options: u64, instalments: u64| {
        let mut position = draft();
        let sample = position.options[1].clone();
        position.options = (0..options)
            .map(|option| {
                let mut plan = sample.clone();
                plan.instalments = (0..instalments)
                    .map(|place| {
                        let mut instalment = sample.instalments[0].clone();
                        instalment.notice_number = number(option * instalments + place);
                        instalment.iuv = instalment.notice_number.iuv();
                        instalment
                    })
                    .collect();
                plan
            })
            .collect();
        position.check()
    };
    assert_eq!(plan(20, 1), Ok(()));
    assert_eq!(plan(21, 1), Err(InvalidPosition::Options));
    assert_eq!(plan(1, 99), Ok(()));
    assert_eq!(plan(1, 100), Err(InvalidPosition::Instalments));
}

#[test]
fn a_notice_says_from_outside_where_its_position_stands() {
    use NoticeStanding as N;
    let payable = N::Payable { overdue: false };
    let paid = N::Paid { at: noon(15) };
    let replaced = N::Replaced {
        by: number(SUCCESSOR),
    };
    let expected = [
        ("draft", [N::Unpublished, N::Unpublished, N::Unpublished]),
        ("open", [payable.clone(), payable.clone(), payable.clone()]),
        ("begun", [N::OtherOptionChosen, paid.clone(), payable]),
        ("paid", [paid, N::OtherOptionChosen, N::OtherOptionChosen]),
        ("cancelled", [N::Cancelled, N::Cancelled, N::Cancelled]),
        ("replaced", [replaced.clone(), replaced.clone(), replaced]),
        ("expired", [N::Expired, N::Expired, N::Expired]),
    ];
    for ((state, position), (row, standings)) in states().into_iter().zip(expected) {
        assert_eq!(state, row);
        for (base, standing) in [WHOLE, FIRST, SECOND].into_iter().zip(standings) {
            assert_eq!(
                notice(&position, base).standing(day(20)),
                standing,
                "notice {base} when {state}"
            );
        }
    }
}

#[test]
fn the_dates_of_an_open_notice_decide_on_their_own_day() {
    let standing = |today| {
        let mut open = notice(&states()[1].1, WHOLE);
        open.valid_from = Some(day(5));
        open.due_on = Some(day(10));
        open.payable_until = Some(day(20));
        open.standing(day(today))
    };
    assert_eq!(standing(4), NoticeStanding::NotYetPayable { from: day(5) });
    assert_eq!(standing(5), NoticeStanding::Payable { overdue: false });
    assert_eq!(standing(10), NoticeStanding::Payable { overdue: false });
    assert_eq!(standing(11), NoticeStanding::Payable { overdue: true });
    assert_eq!(standing(20), NoticeStanding::Payable { overdue: true });
    assert_eq!(standing(21), NoticeStanding::Expired);
}

#[test]
fn a_closed_notice_stays_what_it_is_whatever_the_day() {
    for (state, before) in [(0, "unpublished"), (3, "paid"), (4, "cancelled"), (5, "replaced")] {
        let mut closed = notice(&states()[state].1, WHOLE);
        closed.valid_from = Some(day(25));
        closed.payable_until = Some(day(1));
        assert_eq!(closed.standing(day(20)).as_str(), before);
    }
}

/// A sequence of any events on any of the notices.
fn any_events() -> impl Strategy<Value = Vec<DebtPositionEvent>> {
    let event = prop::sample::select(events().map(|(_, event)| event).to_vec());
    prop::collection::vec(event, 0..12)
}

proptest! {
    #[test]
    fn whatever_happens_a_position_keeps_its_sense(happenings in any_events()) {
        let mut position = draft();
        for event in &happenings {
            let before = payments(&position);
            if let Ok(after) = position.apply(event) {
                position = after;
            }
            let paid = payments(&position);
            prop_assert!(before.iter().all(|payment| paid.contains(payment)), "a payment never goes away");

            let whole = position.options.iter().position(|o| o.instalments.iter().all(|i| i.payment.is_some()));
            match &position.status {
                DebtPositionStatus::Paid { chosen, .. } => prop_assert_eq!(whole, Some(usize::from(*chosen))),
                DebtPositionStatus::Open { chosen: Some(_) } => prop_assert!(whole.is_none() && !paid.is_empty()),
                DebtPositionStatus::Open { chosen: None }
                | DebtPositionStatus::Draft
                | DebtPositionStatus::Cancelled { .. }
                | DebtPositionStatus::Replaced { .. }
                | DebtPositionStatus::Expired { .. } => prop_assert!(paid.is_empty()),
            }
            if let Some((chosen, ..)) = paid.first() {
                prop_assert!(paid.iter().all(|(option, ..)| option == chosen), "one option only is ever paid");
                for (option, _, instalment) in position.instalments().filter(|(option, ..)| option != chosen) {
                    let base = [WHOLE, FIRST, SECOND].into_iter().find(|b| number(*b) == instalment.notice_number);
                    let standing = notice(&position, base.unwrap()).standing(day(20));
                    prop_assert_eq!(standing, NoticeStanding::OtherOptionChosen, "option {} is closed", option);
                }
            }
        }
        position.status = DebtPositionStatus::Draft;
        for instalment in position.options.iter_mut().flat_map(|option| &mut option.instalments) {
            instalment.payment = None;
        }
        prop_assert_eq!(position, draft(), "nothing but status and payments ever changes");
    }
}
