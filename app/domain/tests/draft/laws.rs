//! What holds for every draft, and how drafts are written.

use crate::support::{checked, draft, number, part, today};
use domain::draft::{InstalmentDraft, OptionDraft, PositionDraft};
use domain::{Cents, Iuv, OptionKind};
use proptest::prelude::*;
use serde_json::json;

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
