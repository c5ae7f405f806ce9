use crate::support::{CITY, City, addressed, cities, code, position, receipt};
use chrono::Duration;
use domain::case::CaseKind;
use domain::debt_position::DebtPositionEvent;
use domain::receipt::{DuplicateReceipt, ReceiptEffect as Effect};
use domain::{Cents, Receipt, ReceiptId};
use services::cases::list_open_cases;
use services::clock::Clock;
use services::hub_requests::{Addressed, HubRefusal};
use services::receipts::{Taken, receive_receipt};
use storage::debt_positions;

/// Kind and money of every open case of the city.
async fn cases(city: &City) -> Vec<(CaseKind, Cents)> {
    let open = list_open_cases(&city.services, &code(CITY), 0).await.unwrap();
    open.into_iter()
        .map(|open| (open.case.kind, open.case.money))
        .collect()
}

#[tokio::test]
async fn a_receipt_as_expected_opens_no_case() {
    for city in cities().await {
        city.owes(&position(1)).await;
        city.deliver(&receipt("r1", 1)).await;
        city.deliver(&receipt("r1", 1)).await;
        assert_eq!(cases(&city).await, []);
    }
}

#[tokio::test]
async fn a_second_payment_opens_one_case_however_often_it_is_delivered() {
    for city in cities().await {
        city.owes(&position(1)).await;
        for id in ["r1", "r2", "r2", "r2"] {
            city.deliver(&receipt(id, 1)).await;
        }
        let first = ReceiptId::parse("r1").ok();
        assert_eq!(
            cases(&city).await,
            [(CaseKind::PaidTwice { first }, Cents::new(12_050))]
        );
    }
}

#[tokio::test]
async fn another_amount_is_taken_and_opens_a_case_of_the_difference() {
    for city in cities().await {
        city.owes(&position(1)).await;
        let less = Receipt {
            amount: Cents::new(12_000),
            ..receipt("r1", 1)
        };
        assert_eq!(city.deliver(&less).await, Taken::New(Effect::Applied));
        let due = Cents::new(12_050);
        assert_eq!(
            cases(&city).await,
            [(CaseKind::OtherAmount { due }, Cents::new(-50))]
        );
    }
}

#[tokio::test]
async fn a_payment_after_the_last_day_is_taken_and_opens_a_case() {
    for city in cities().await {
        let mut position = position(1);
        let last_day = "2026-11-22".parse().unwrap();
        position.options[0].instalments[0].due_on = Some(last_day);
        position.options[0].instalments[0].payable_until = Some(last_day);
        city.owes(&position).await;
        assert_eq!(city.deliver(&receipt("r1", 1)).await, Taken::New(Effect::Applied));
        assert_eq!(
            cases(&city).await,
            [(CaseKind::Late { last_day }, Cents::new(12_050))]
        );
    }
}

#[tokio::test]
async fn a_receipt_that_arrives_late_for_a_payment_in_time_opens_no_case() {
    for city in cities().await {
        let mut position = position(1);
        let last_day = "2026-11-23".parse().unwrap();
        position.options[0].instalments[0].due_on = Some(last_day);
        position.options[0].instalments[0].payable_until = Some(last_day);
        city.owes(&position).await;
        city.clock.advance(Duration::days(3));
        assert_eq!(
            services::expiry::record_expired_positions(&city.services)
                .await
                .unwrap(),
            1
        );
        assert_eq!(city.deliver(&receipt("r1", 1)).await, Taken::New(Effect::Applied));
        assert_eq!(cases(&city).await, []);
    }
}

#[tokio::test]
async fn money_for_a_notice_withdrawn_or_unknown_opens_a_case() {
    for city in cities().await {
        for (base, event) in [
            (1, DebtPositionEvent::Cancelled { at: city.clock.now() }),
            (
                2,
                DebtPositionEvent::Replaced {
                    by: crate::support::number(9),
                    at: city.clock.now(),
                },
            ),
        ] {
            let position = position(base);
            city.owes(&position).await;
            let mut tx = city.services.store.begin().await.unwrap();
            let stored = debt_positions::find_position(&mut tx, &position.institution, &position.key)
                .await
                .unwrap()
                .unwrap();
            let after = stored.position.apply(&event).unwrap();
            debt_positions::transition_position(&mut tx, &stored, &after, &event, city.clock.now())
                .await
                .unwrap();
            tx.commit().await.unwrap();
        }
        for base in 1..=3 {
            city.deliver(&receipt(&format!("r{base}"), base)).await;
        }
        let money = Cents::new(12_050);
        let by = Some(crate::support::number(9));
        assert_eq!(
            cases(&city).await,
            [
                (CaseKind::Cancelled, money),
                (CaseKind::Replaced { by }, money),
                (CaseKind::UnknownNotice, money),
            ]
        );
    }
}

#[tokio::test]
async fn a_beneficiarys_copy_opens_no_case() {
    for city in cities().await {
        let copy = Receipt {
            issuer: code("80034810103"),
            ..receipt("r1", 1)
        };
        assert_eq!(city.deliver(&copy).await, Taken::New(Effect::AsBeneficiary));
        assert_eq!(cases(&city).await, []);
    }
}

#[tokio::test]
async fn the_same_id_with_another_payment_opens_a_case_and_a_copy_in_other_words_does_not() {
    for city in cities().await {
        city.owes(&position(1)).await;
        city.deliver(&receipt("r1", 1)).await;
        let id = city.services.ids.message_id(city.clock.now());
        let take = async |receipt: &Receipt| {
            services::receipts::take_receipt(&city.services, id, receipt, [9; 32])
                .await
                .unwrap()
        };
        let in_other_words = Receipt {
            company_name: "Comune".to_owned(),
            payment_note: Some("cart-1".to_owned()),
            ..receipt("r1", 1)
        };
        assert_eq!(take(&in_other_words).await, Taken::Repeated);
        assert_eq!(cases(&city).await, []);
        let another = Receipt {
            amount: Cents::new(1),
            ..receipt("r1", 1)
        };
        for _ in 0..2 {
            assert_eq!(take(&another).await, Taken::RepeatedDifferently);
        }
        assert_eq!(cases(&city).await, [(CaseKind::OtherContent, Cents::new(1))]);
    }
}

#[tokio::test]
async fn a_repeated_receipt_is_acknowledged_or_told_as_the_setting_says() {
    for mut city in cities().await {
        city.owes(&position(1)).await;
        let receive = async |city: &City| {
            let id = city.services.ids.message_id(city.clock.now());
            receive_receipt(&city.services, &addressed(), id, &receipt("r1", 1), [1; 32]).await
        };
        assert!(matches!(receive(&city).await, Ok(Taken::New(Effect::Applied))));
        assert!(matches!(receive(&city).await, Ok(Taken::Repeated)));
        city.services.duplicate_receipt = DuplicateReceipt::Ko;
        assert!(matches!(receive(&city).await, Err(HubRefusal::DuplicateReceipt)));
        let stranger = Addressed {
            institution: "80034810103".to_owned(),
            ..addressed()
        };
        let id = city.services.ids.message_id(city.clock.now());
        let refused = receive_receipt(&city.services, &stranger, id, &receipt("r9", 1), [1; 32]).await;
        assert!(matches!(refused, Err(HubRefusal::UnknownInstitution)));
    }
}
