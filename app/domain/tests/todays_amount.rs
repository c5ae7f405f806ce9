//! What a management program's answer makes of a position.
#![expect(clippy::unwrap_used, reason = "a test's own constants are right")]

mod common;

use common::{FIRST, FOREIGN, WHOLE, day, draft, noon, number, states};
use domain::debt_position::{DebtPositionEvent, InvalidPosition, TransitionError};
use domain::todays_amount::{
    AmountAnswer, AnswerRefused, AskedFor, InvalidTodaysAmount, Judgement, TodaysAmount, WhenDown, judge,
};
use domain::{Cents, DebtPosition, DebtPositionStatus, Instalment};

fn open() -> DebtPosition {
    draft().apply(&DebtPositionEvent::Published).unwrap()
}

/// The same position with the whole sum in two transfers, 100.00 and 20.50.
fn shared() -> DebtPosition {
    let mut position = open();
    let transfers = &mut position.options[0].instalments[0].transfers;
    let mut second = transfers[0].clone();
    second.id = 2;
    second.amount = Cents::new(2_050);
    transfers[0].amount = Cents::new(10_000);
    transfers.push(second);
    position.check().unwrap();
    position
}

fn read(answer: &str) -> Result<AmountAnswer, String> {
    serde_json::from_str(answer).map_err(|error| error.to_string())
}

fn judged(position: &DebtPosition, base: u64, answer: &str) -> Result<Judgement, AnswerRefused> {
    judge(position, &number(base), &read(answer).unwrap(), day(20), noon(20))
}

fn after(judgement: Result<Judgement, AnswerRefused>) -> DebtPosition {
    match judgement {
        Ok(Judgement::Changed { after, .. }) => *after,
        other => panic!("{other:?}"),
    }
}

fn whole(position: &DebtPosition) -> &Instalment {
    &position.options[0].instalments[0]
}

#[test]
fn another_amount_amends_the_one_notice_and_keeps_every_number() {
    let before = open();
    let after = after(judged(
        &before,
        WHOLE,
        r#"{"amount":12345,"due_on":"2026-10-25","payable_until":"2026-10-31"}"#,
    ));
    let notice = whole(&after);
    assert_eq!(notice.amount, Cents::new(12_345));
    assert_eq!(notice.transfers[0].amount, Cents::new(12_345));
    assert_eq!(
        (notice.due_on, notice.payable_until),
        (Some(day(25)), Some(day(31)))
    );
    assert_eq!(after.options[1], before.options[1]);
    assert_eq!(
        after
            .instalments()
            .map(|(_, _, i)| &i.notice_number)
            .collect::<Vec<_>>(),
        before
            .instalments()
            .map(|(_, _, i)| &i.notice_number)
            .collect::<Vec<_>>(),
    );
    assert_eq!(after.status, DebtPositionStatus::Open { chosen: None });
}

#[test]
fn the_amount_that_is_known_changes_nothing() {
    for answer in [
        r#"{"amount":12050}"#,
        r#"{"amount":12050,"transfers":[{"id":1,"amount":12050}]}"#,
    ] {
        assert_eq!(judged(&open(), WHOLE, answer), Ok(Judgement::Unchanged));
    }
    assert_eq!(
        judged(&shared(), WHOLE, r#"{"amount":12050}"#),
        Ok(Judgement::Unchanged)
    );
}

#[test]
fn the_amount_of_a_notice_in_several_transfers_comes_with_the_part_of_each() {
    let parts = r#"{"amount":12100,"transfers":[{"id":2,"amount":2100},{"id":1,"amount":10000}]}"#;
    let after = after(judged(&shared(), WHOLE, parts));
    let amounts: Vec<_> = whole(&after)
        .transfers
        .iter()
        .map(|t| t.amount.as_i64())
        .collect();
    assert_eq!(amounts, [10_000, 2_100]);
    for wrong in [
        r#"{"amount":12100}"#,
        r#"{"amount":12100,"transfers":[{"id":1,"amount":12100}]}"#,
        r#"{"amount":12100,"transfers":[{"id":1,"amount":10000},{"id":1,"amount":2100}]}"#,
        r#"{"amount":12100,"transfers":[{"id":1,"amount":10000},{"id":3,"amount":2100}]}"#,
        r#"{"amount":12100,"transfers":[{"id":1,"amount":10000},{"id":2,"amount":2000},{"id":3,"amount":100}]}"#,
    ] {
        assert_eq!(
            judged(&shared(), WHOLE, wrong),
            Err(AnswerRefused::Parts(2)),
            "{wrong}"
        );
    }
}

#[test]
fn parts_that_do_not_sum_and_amounts_nobody_can_pay_are_refused() {
    let refused = |position: &DebtPosition, answer: &str| match judged(position, WHOLE, answer) {
        Err(AnswerRefused::Position(reason)) => reason,
        other => panic!("{answer}: {other:?}"),
    };
    let parts = r#"{"amount":12100,"transfers":[{"id":1,"amount":10000},{"id":2,"amount":2099}]}"#;
    assert!(matches!(refused(&shared(), parts), InvalidPosition::Transfers(_)));
    for cents in [0, -1, 100_000_000_000_i64, i64::MAX] {
        let answer = format!(r#"{{"amount":{cents}}}"#);
        assert_eq!(
            refused(&open(), &answer),
            InvalidPosition::Amount(Cents::new(cents))
        );
    }
    let days = r#"{"amount":12050,"due_on":"2026-10-31","payable_until":"2026-10-30"}"#;
    assert_eq!(refused(&open(), days), InvalidPosition::PayableUntil);
}

#[test]
fn a_notice_cannot_be_ended_by_a_day_that_is_over() {
    let until = |day: &str| {
        judged(
            &open(),
            WHOLE,
            &format!(r#"{{"amount":12051,"payable_until":"{day}"}}"#),
        )
    };
    assert_eq!(until("2026-10-19"), Err(AnswerRefused::Over));
    assert!(until("2026-10-20").is_ok());
}

#[test]
fn what_is_withdrawn_is_cancelled_and_what_is_not_due_today_waits() {
    let withdrawn = after(judged(&open(), WHOLE, r#"{"withdrawn":true}"#));
    assert_eq!(withdrawn.status, DebtPositionStatus::Cancelled { at: noon(20) });
    assert_eq!(
        judged(&open(), WHOLE, r#"{"nothing_due":true}"#),
        Ok(Judgement::NothingDue)
    );
}

#[test]
fn a_position_that_is_begun_or_over_keeps_what_it_says() {
    for (state, position) in states() {
        let outcome = judged(&position, FIRST, r#"{"amount":7000}"#);
        match state {
            "draft" | "open" | "expired" => assert!(outcome.is_ok(), "{state}"),
            "begun" => assert_eq!(outcome, Err(TransitionError::PartlyPaid.into())),
            _ => assert!(matches!(outcome, Err(AnswerRefused::State(_))), "{state}"),
        }
    }
    assert_eq!(
        judged(&open(), FOREIGN, r#"{"amount":7000}"#),
        Err(AnswerRefused::ForeignNotice)
    );
}

#[test]
fn an_answer_says_one_thing_and_nothing_else() {
    for right in [
        r#"{"amount":1}"#,
        r#"{"nothing_due":true}"#,
        r#"{"withdrawn":true,"nothing_due":false}"#,
    ] {
        assert!(read(right).is_ok(), "{right}");
    }
    for wrong in [
        "",
        "{}",
        "[]",
        "12050",
        r#"{"amount":120.50}"#,
        r#"{"amount":"12050"}"#,
        r#"{"amount":12050,"amount":12051}"#,
        r#"{"amount":12050,"nothing_due":true}"#,
        r#"{"amount":12050,"withdrawn":true}"#,
        r#"{"nothing_due":true,"withdrawn":true}"#,
        r#"{"nothing_due":false}"#,
        r#"{"nothing_due":true,"due_on":"2026-10-31"}"#,
        r#"{"amount":12050,"currency":"EUR"}"#,
        r#"{"amount":12050,"due_on":"31/10/2026"}"#,
        r#"{"amount":12050,"transfers":[{"id":1,"amount":12050,"iban":"x"}]}"#,
        r#"{"amount":99999999999999999999}"#,
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn how_a_program_is_asked_is_checked() {
    let asked = |asked_for: &[AskedFor], kept_seconds| TodaysAmount {
        url: "https://program.example.it/amount".to_owned(),
        key: "tari".to_owned(),
        asked_for: asked_for.to_vec(),
        when_down: WhenDown::LastKnown,
        kept_seconds,
        signed_answers: false,
    };
    let both = [AskedFor::Hub, AskedFor::Page];
    for (of, moves, outcome) in [
        (asked(&both, 600), true, Ok(())),
        (asked(&both[..1], 1), true, Ok(())),
        (asked(&both, 86_400), true, Ok(())),
        (asked(&[], 600), true, Err(InvalidTodaysAmount::AskedFor)),
        (
            asked(&[AskedFor::Hub; 2], 600),
            true,
            Err(InvalidTodaysAmount::AskedFor),
        ),
        (
            asked(&[AskedFor::Hub, AskedFor::Page, AskedFor::Hub], 600),
            true,
            Err(InvalidTodaysAmount::AskedFor),
        ),
        (asked(&both, 0), true, Err(InvalidTodaysAmount::Kept)),
        (asked(&both, 86_401), true, Err(InvalidTodaysAmount::Kept)),
        (asked(&both, 600), false, Err(InvalidTodaysAmount::StandIn)),
    ] {
        assert_eq!(of.check(moves), outcome);
    }
    let usual: TodaysAmount = serde_json::from_str(
        r#"{"url":"https://a.it","key":"k","asked_for":["hub"],"when_down":"try_later"}"#,
    )
    .unwrap();
    assert_eq!((usual.kept_seconds, usual.signed_answers), (600, false));
}
