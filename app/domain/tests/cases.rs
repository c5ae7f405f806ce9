//! Which cases a receipt opens, and what they tell.
#![expect(clippy::unwrap_used, reason = "a test's own constants are right")]

mod common;

use common::{SUCCESSOR, WHOLE, day, draft, noon, number};
use domain::case::{CaseKind, StampProblem, WrongStamp, case_of, cases_of};
use domain::debt_position::InstalmentPayment;
use domain::receipt::{Psp, ReceiptDestination, ReceiptEffect as Effect, ReceiptTransfer};
use domain::transfer::Destination;
use domain::{Cents, DebtPosition, DebtPositionStatus, Receipt, ReceiptId};

const DIGEST: &str = "JtST9dN+2S++MicVNPKmAFx9GoYvb7Iq8gl2xB8CIKo=";

/// A receipt of the whole sum, paid on the tenth.
fn receipt() -> Receipt {
    let position = draft();
    Receipt {
        id: ReceiptId::parse("r2").unwrap(),
        recipient: position.institution.clone(),
        issuer: position.institution.clone(),
        notice_number: number(WHOLE),
        iuv: number(WHOLE).iuv(),
        amount: Cents::new(12050),
        description: "TARI 2026".to_owned(),
        company_name: "Comune".to_owned(),
        office_name: None,
        debtor: position.debtor,
        payer: None,
        transfers: vec![transfer(ReceiptDestination::Account(
            "IT60X0542811101000000123456".to_owned(),
        ))],
        psp: Psp {
            id: "PSP".to_owned(),
            name: "Banca".to_owned(),
            fiscal_code: None,
            vat_number: None,
            channel: "c".to_owned(),
            channel_description: "app".to_owned(),
        },
        payment_method: None,
        payment_note: None,
        fee: None,
        paid_at: day(10).and_hms_opt(23, 59, 59),
        applied_on: None,
        transferred_on: None,
        stand_in: false,
        metadata: Vec::new(),
    }
}

fn transfer(destination: ReceiptDestination) -> ReceiptTransfer {
    ReceiptTransfer {
        id: 1,
        amount: Cents::new(1600),
        beneficiary: draft().institution,
        beneficiary_name: None,
        destination,
        remittance_information: "Bollo".to_owned(),
        category: "9/0115103TS/".to_owned(),
        metadata: Vec::new(),
    }
}

fn stamp(document_digest: Option<&str>) -> ReceiptTransfer {
    transfer(ReceiptDestination::StampDuty {
        attachment: "PGEvPg==".to_owned(),
        document_digest: document_digest.map(str::to_owned),
    })
}

/// The position whose whole sum is payable until the tenth.
fn position() -> DebtPosition {
    let mut position = draft();
    position.options[0].instalments[0].due_on = Some(day(1));
    position.options[0].instalments[0].payable_until = Some(day(10));
    position
}

fn asking_for_a_stamp() -> DebtPosition {
    let mut position = position();
    position.options[0].instalments[0].transfers[0].destination = Destination::StampDuty {
        document_digest: DIGEST.to_owned(),
        province: "GE".to_owned(),
    };
    position
}

fn kinds(receipt: &Receipt, effect: Effect, before: &DebtPosition) -> Vec<CaseKind> {
    cases_of(receipt, effect, Some(before))
        .into_iter()
        .map(|case| case.kind)
        .collect()
}

#[test]
fn a_receipt_that_pays_what_was_due_in_time_opens_nothing() {
    assert_eq!(kinds(&receipt(), Effect::Applied, &position()), []);
    let untimed = Receipt {
        paid_at: None,
        ..receipt()
    };
    assert_eq!(kinds(&untimed, Effect::Applied, &position()), []);
}

#[test]
fn another_amount_opens_a_case_of_the_difference() {
    for (paid, difference) in [(12_000, -50), (13_000, 950)] {
        let receipt = Receipt {
            amount: Cents::new(paid),
            ..receipt()
        };
        let cases = cases_of(&receipt, Effect::Applied, Some(&position()));
        assert_eq!(cases.len(), 1);
        assert_eq!(
            cases[0].kind,
            CaseKind::OtherAmount {
                due: Cents::new(12050)
            }
        );
        assert_eq!(cases[0].money, Cents::new(difference));
        assert!(cases[0].kind.sentence().contains("120,50 €"));
    }
}

#[test]
fn the_day_after_the_last_is_late_and_the_last_is_not() {
    let late = Receipt {
        paid_at: day(11).and_hms_opt(0, 0, 0),
        ..receipt()
    };
    assert_eq!(
        kinds(&late, Effect::Applied, &position()),
        [CaseKind::Late { last_day: day(10) }]
    );
    assert!(
        CaseKind::Late { last_day: day(10) }
            .sentence()
            .contains("10/10/2026")
    );
}

#[test]
fn a_second_payment_names_the_first_receipt() {
    let mut paid = position();
    let first = ReceiptId::parse("r1").unwrap();
    paid.options[0].instalments[0].payment = Some(InstalmentPayment {
        receipt_id: first.clone(),
        at: noon(9),
    });
    let cases = cases_of(&receipt(), Effect::PaidTwice, Some(&paid));
    assert_eq!(cases.len(), 1);
    assert_eq!(cases[0].kind, CaseKind::PaidTwice { first: Some(first) });
    assert_eq!(cases[0].money, Cents::new(12050));
    assert!(cases[0].kind.sentence().contains("ricevuta r1"));
}

#[test]
fn every_receipt_that_paid_nothing_of_ours_opens_its_case_and_a_beneficiarys_copy_opens_none() {
    let replaced = DebtPosition {
        status: DebtPositionStatus::Replaced {
            by: number(SUCCESSOR),
            at: noon(2),
        },
        ..position()
    };
    for (effect, kind) in [
        (Effect::Cancelled, Some(CaseKind::Cancelled)),
        (
            Effect::Replaced,
            Some(CaseKind::Replaced {
                by: Some(number(SUCCESSOR)),
            }),
        ),
        (Effect::OtherOptionChosen, Some(CaseKind::OtherOption)),
        (Effect::Unpublished, Some(CaseKind::Unpublished)),
        (Effect::AsBeneficiary, None),
    ] {
        assert_eq!(
            kinds(&receipt(), effect, &replaced),
            Vec::from_iter(kind),
            "{effect:?}"
        );
    }
    let orphan = cases_of(&receipt(), Effect::Unknown, None);
    assert_eq!(
        orphan,
        [case_of(&receipt(), CaseKind::UnknownNotice)],
        "an orphan waits for the office"
    );
}

#[test]
fn a_beneficiary_shows_its_own_parts_only() {
    let beneficiary = domain::CreditorFiscalCode::parse("80007350103").unwrap();
    let mut shared = receipt();
    shared.transfers.push(ReceiptTransfer {
        id: 2,
        beneficiary: beneficiary.clone(),
        ..shared.transfers[0].clone()
    });
    let shown = |receipt: &Receipt| receipt.shown_transfers().map(|part| part.id).collect::<Vec<_>>();
    assert_eq!(shown(&shared), [1, 2]);
    let copy = Receipt {
        recipient: beneficiary,
        ..shared
    };
    assert_eq!(shown(&copy), [2]);
}

#[test]
fn copies_of_one_payment_agree_and_another_payment_does_not() {
    let copy = Receipt {
        company_name: "Altro".to_owned(),
        payment_note: Some("cart".to_owned()),
        ..receipt()
    };
    assert!(copy.states_the_payment_of(&receipt()));
    let mut other_part = receipt();
    other_part.transfers[0].amount = Cents::new(1);
    let mut other_provider = receipt();
    other_provider.psp.id = "ALTRA".to_owned();
    for other in [
        Receipt {
            amount: Cents::new(1),
            ..receipt()
        },
        Receipt {
            notice_number: number(SUCCESSOR),
            ..receipt()
        },
        other_part,
        other_provider,
    ] {
        assert!(!other.states_the_payment_of(&receipt()));
    }
}

#[test]
fn a_stamp_is_compared_with_the_document_it_was_asked_for() {
    let problem = |transfer: ReceiptTransfer, asked: &DebtPosition| {
        let receipt = Receipt {
            transfers: vec![transfer],
            ..receipt()
        };
        let cases = cases_of(&receipt, Effect::Applied, Some(asked));
        cases.into_iter().next().map(|case| (case.kind, case.money))
    };
    let wrong = |problem| {
        Some((
            CaseKind::StampDuty {
                transfers: vec![WrongStamp { transfer: 1, problem }],
            },
            Cents::new(1600),
        ))
    };
    let asked = asking_for_a_stamp();
    assert_eq!(problem(stamp(Some(DIGEST)), &asked), None);
    assert_eq!(
        problem(stamp(Some("AAAA")), &asked),
        wrong(StampProblem::OtherDocument)
    );
    assert_eq!(problem(stamp(None), &asked), wrong(StampProblem::Unreadable));
    let account = transfer(ReceiptDestination::Account("IT".to_owned()));
    assert_eq!(problem(account, &asked), wrong(StampProblem::Missing));
    assert_eq!(
        problem(stamp(Some(DIGEST)), &position()),
        wrong(StampProblem::NotAskedFor)
    );
}

#[test]
fn what_a_case_holds_is_read_back_as_written_and_every_kind_has_its_own_name() {
    let mut names = std::collections::HashSet::new();
    for kind in [
        CaseKind::PaidTwice { first: None },
        CaseKind::Cancelled,
        CaseKind::Replaced {
            by: Some(number(SUCCESSOR)),
        },
        CaseKind::OtherOption,
        CaseKind::Unpublished,
        CaseKind::UnknownNotice,
        CaseKind::OtherAmount { due: Cents::new(1) },
        CaseKind::Late { last_day: day(1) },
        CaseKind::StampDuty {
            transfers: vec![WrongStamp {
                transfer: 2,
                problem: StampProblem::Missing,
            }],
        },
        CaseKind::OtherContent,
    ] {
        let text = serde_json::to_string(&kind).unwrap();
        assert_eq!(serde_json::from_str::<CaseKind>(&text).unwrap(), kind);
        assert!(text.contains(kind.as_str()), "{text}");
        assert!(kind.sentence().ends_with('.') && !kind.proposed_action().is_empty());
        assert!(names.insert(kind.as_str()));
    }
}
