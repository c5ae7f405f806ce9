//! Receipts as the hub delivers them, at the real endpoint.

use crate::support::engines;
use crate::support::messages::{COMPANY, MUNICIPALITY, code, delivery, delivery_in, number, receipt, verify};
use crate::support::portal::Portal;
use axum::http::StatusCode;
use domain::case::{CaseKind, StampProblem, WrongStamp};
use domain::receipt::{DuplicateReceipt, ReceiptDestination, ReceiptEffect, ReceiptTransfer};
use domain::{Cents, CreditorFiscalCode, Receipt};
use pagopa::pa_for_node::Edition;
use pagopa::stamp_duty::StampDuty;
use services::cases::list_open_cases;
use std::collections::BTreeMap;
use storage::receipts::{count_receipts_by_effect, find_receipt};
use storage::testing::TestStore;

async fn effects(portal: &Portal, institution: &CreditorFiscalCode) -> BTreeMap<&'static str, u64> {
    let mut snapshot = portal.services.store.read().await.unwrap();
    let counted = count_receipts_by_effect(&mut snapshot, institution)
        .await
        .unwrap();
    counted
        .into_iter()
        .map(|(effect, count)| (effect.as_str(), count))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_delivered_twice_is_acknowledged_twice_and_kept_once() {
    for store in engines().await {
        let portal = Portal::on(store).await;
        let before = effects(&portal, &code(MUNICIPALITY)).await["applied"];
        let notice = number(2026000000121);
        let message = delivery(&receipt("twice", &notice, Cents::new(7420)));
        for _ in 0..3 {
            assert_eq!(portal.tell(message.clone()).await.outcome(), "OK");
        }
        assert_eq!(effects(&portal, &code(MUNICIPALITY)).await["applied"], before + 1);
        let answer = portal.tell(verify(MUNICIPALITY, notice.as_str()).write()).await;
        assert_eq!(answer.outcome(), "PAA_PAGAMENTO_DUPLICATO");
    }
}

pub(crate) async fn cases(portal: &Portal) -> Vec<CaseKind> {
    let open = list_open_cases(&portal.services, &code(MUNICIPALITY), 0)
        .await
        .unwrap();
    open.into_iter().map(|open| open.case.kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_receipt_is_told_as_a_duplicate_where_the_setting_says_so() {
    let telling = |settings: &mut server::config::Settings| {
        settings.hub.duplicate_receipt = DuplicateReceipt::Ko;
    };
    let portal = Box::pin(Portal::with_settings(TestStore::sqlite().await, telling)).await;
    let message = delivery(&receipt("twice", &number(2026000000121), Cents::new(7420)));
    assert_eq!(portal.tell(message.clone()).await.outcome(), "OK");
    for _ in 0..2 {
        let answer = portal.tell(message.clone()).await;
        assert_eq!(answer.outcome(), "PAA_RECEIPT_DUPLICATA");
        assert_eq!(answer.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_of_one_receipt_through_two_stations_and_in_both_editions_are_one() {
    let portal = Portal::start().await;
    let paid = receipt("copied", &number(2026000000121), Cents::new(7420));
    let before = effects(&portal, &code(MUNICIPALITY)).await["applied"];
    for copy in [
        delivery(&paid),
        delivery(&paid).replace("<idStation>00856930102_01", "<idStation>00856930102_77"),
        delivery_in(Edition::First, &paid),
    ] {
        assert_eq!(portal.tell(copy).await.outcome(), "OK");
    }
    assert_eq!(effects(&portal, &code(MUNICIPALITY)).await["applied"], before + 1);
    assert_eq!(cases(&portal).await, []);
}

/// A receipt of the demo city's business permit, its stamp attached so.
fn with_stamp(id: &str, attachment: String) -> String {
    let notice = number(2026000000033);
    let mut paid = receipt(id, &notice, Cents::new(6600));
    paid.transfers[0].amount = Cents::new(5000);
    paid.transfers.push(ReceiptTransfer {
        id: 2,
        amount: Cents::new(1600),
        destination: ReceiptDestination::StampDuty {
            attachment,
            document_digest: None,
        },
        ..paid.transfers[0].clone()
    });
    delivery(&paid)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stamp_for_another_document_is_taken_and_opens_a_case() {
    let stamp = |digest: &str| {
        StampDuty {
            psp_code: "99999999990".to_owned(),
            psp_name: "Banca di prova".to_owned(),
            id: "01234567890123".to_owned(),
            bought_at: "2026-11-23T10:15:30".parse().unwrap(),
            amount: Cents::new(1600),
            document_digest: digest.to_owned(),
        }
        .write_unsigned()
    };
    let asked = "JtST9dN+2S++MicVNPKmAFx9GoYvb7Iq8gl2xB8CIKo=";
    for (attachment, problem) in [
        (stamp(asked), None),
        (
            stamp(&asked.replace("JtST", "AAAA")),
            Some(StampProblem::OtherDocument),
        ),
        ("PGEvPg==".to_owned(), Some(StampProblem::Unreadable)),
    ] {
        let portal = Portal::start().await;
        assert_eq!(portal.tell(with_stamp("stamp", attachment)).await.outcome(), "OK");
        let expected = problem.map(|problem| CaseKind::StampDuty {
            transfers: vec![WrongStamp { transfer: 2, problem }],
        });
        assert_eq!(cases(&portal).await, Vec::from_iter(expected));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_payment_for_two_institutions_of_this_installation_is_a_receipt_of_each() {
    for store in engines().await {
        let portal = Portal::on(store).await;
        let primary = receipt("both", &number(2026000000121), Cents::new(7420));
        let copy = Receipt {
            recipient: code(COMPANY),
            ..primary.clone()
        };
        let messages = [
            delivery(&primary),
            delivery(&copy),
            delivery(&primary),
            delivery(&copy),
        ];
        for answer in portal.tell_together(messages.into_iter()).await {
            assert_eq!(answer.outcome(), "OK");
        }
        let mut snapshot = portal.services.store.read().await.unwrap();
        for (institution, effect) in [
            (MUNICIPALITY, ReceiptEffect::Applied),
            (COMPANY, ReceiptEffect::AsBeneficiary),
        ] {
            let kept = find_receipt(&mut snapshot, &code(institution), &primary.id).await;
            assert_eq!(kept.unwrap().unwrap().effect, effect);
        }
        drop(snapshot);
        assert_eq!(cases(&portal).await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_receipts_with_one_id_the_first_stays() {
    for store in engines().await {
        let portal = Portal::on(store).await;
        let notice = number(2026000000121);
        let first = receipt("same-id", &notice, Cents::new(7420));
        let second = Receipt {
            amount: Cents::new(7421),
            ..first.clone()
        };
        assert_eq!(portal.tell(delivery(&first)).await.outcome(), "OK");
        assert_eq!(portal.tell(delivery(&second)).await.outcome(), "OK");
        assert_eq!(cases(&portal).await, [CaseKind::OtherContent]);
        let mut snapshot = portal.services.store.read().await.unwrap();
        let kept = find_receipt(&mut snapshot, &code(MUNICIPALITY), &first.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(kept.receipt, first);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_for_a_notice_nobody_knows_is_kept() {
    for store in engines().await {
        let portal = Portal::on(store).await;
        let orphan = receipt("orphan", &number(9), Cents::new(100));
        assert_eq!(portal.tell(delivery(&orphan)).await.outcome(), "OK");
        assert_eq!(effects(&portal, &code(MUNICIPALITY)).await["unknown"], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_payment_of_a_notice_is_kept_as_money_to_give_back() {
    let portal = Portal::start().await;
    for (state, effect) in [
        ("paid", ReceiptEffect::PaidTwice),
        ("cancelled", ReceiptEffect::Cancelled),
        ("replaced", ReceiptEffect::Replaced),
        ("other_option_chosen", ReceiptEffect::OtherOptionChosen),
        ("draft", ReceiptEffect::Unpublished),
    ] {
        let notice = portal.notice(state).await.notice_number;
        let notice = domain::NoticeNumber::parse(&notice).unwrap();
        let late = receipt(&format!("late-{state}"), &notice, Cents::new(100));
        assert_eq!(portal.tell(delivery(&late)).await.outcome(), "OK");
        let mut snapshot = portal.services.store.read().await.unwrap();
        let kept = find_receipt(&mut snapshot, &code(MUNICIPALITY), &late.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(kept.effect, effect, "{state}");
        assert_eq!(portal.notice(state).await.notice_number, notice.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_after_the_last_day_still_pays() {
    let portal = Portal::start().await;
    let notice = domain::NoticeNumber::parse(&portal.notice("expired").await.notice_number).unwrap();
    assert_eq!(
        portal
            .tell(delivery(&receipt("late", &notice, Cents::new(2940))))
            .await
            .outcome(),
        "OK"
    );
    let answer = portal.tell(verify(MUNICIPALITY, notice.as_str()).write()).await;
    assert_eq!(answer.outcome(), "PAA_PAGAMENTO_DUPLICATO");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_beneficiary_keeps_its_own_copy_and_moves_nothing() {
    for store in engines().await {
        let portal = Portal::on(store).await;
        let notice = number(2026000000121);
        let primary = receipt("shared", &notice, Cents::new(7420));
        let copy = Receipt {
            recipient: code(COMPANY),
            ..primary.clone()
        };
        assert_eq!(portal.tell(delivery(&copy)).await.outcome(), "OK");
        assert_eq!(effects(&portal, &code(COMPANY)).await["as_beneficiary"], 1);
        assert_eq!(
            portal
                .tell(verify(MUNICIPALITY, notice.as_str()).write())
                .await
                .outcome(),
            "OK"
        );
        // One id, two institutions: two receipts.
        assert_eq!(portal.tell(delivery(&primary)).await.outcome(), "OK");
        let answer = portal.tell(verify(MUNICIPALITY, notice.as_str()).write()).await;
        assert_eq!(answer.outcome(), "PAA_PAGAMENTO_DUPLICATO");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_through_a_station_that_was_replaced_is_taken() {
    let portal = Portal::start().await;
    let message = delivery(&receipt("old-station", &number(2026000000121), Cents::new(7420)));
    let through_another = message.replace("<idStation>00856930102_01", "<idStation>00856930102_77");
    assert_ne!(through_another, message);
    assert_eq!(portal.tell(through_another).await.outcome(), "OK");
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_of_one_plan_that_arrive_together_all_count() {
    for store in engines().await {
        let portal = Portal::on(store).await;
        let parts = (2026000000139..=2026000000144).map(number);
        let messages =
            parts.map(|part| delivery(&receipt(&format!("part-{part}"), &part, Cents::new(15_000))));
        for answer in portal.tell_together(messages).await {
            assert_eq!(answer.outcome(), "OK");
        }
        let whole = portal
            .tell(verify(MUNICIPALITY, number(2026000000138).as_str()).write())
            .await;
        assert_eq!(whole.outcome(), "PAA_PAGAMENTO_SCONOSCIUTO");
        let last = portal
            .tell(verify(MUNICIPALITY, number(2026000000144).as_str()).write())
            .await;
        assert_eq!(last.outcome(), "PAA_PAGAMENTO_DUPLICATO");
        assert!(
            !effects(&portal, &code(MUNICIPALITY))
                .await
                .contains_key("paid_twice")
        );
    }
}
