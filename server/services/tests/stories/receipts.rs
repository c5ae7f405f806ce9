use crate::support::{City, cities, code, number, paid_at, position, position_of, receipt};
use domain::debt_position::{DebtPositionEvent, DebtPositionStatus as Status};
use domain::receipt::ReceiptEffect as Effect;
use domain::{Cents, OptionKind};
use services::clock::Clock;
use services::receipts::{ProofError, Taken, list_receipts_of_notice, prove_receipt};
use std::net::{IpAddr, Ipv4Addr};
use storage::debt_positions;

const CITIZEN: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

#[tokio::test]
async fn a_receipt_pays_its_notice_at_the_time_it_says() {
    for city in cities().await {
        let position = position(1);
        city.owes(&position).await;
        assert_eq!(city.deliver(&receipt("r1", 1)).await, Taken::New(Effect::Applied));
        assert_eq!(
            city.status_of(&position).await,
            Status::Paid {
                chosen: 0,
                at: paid_at()
            }
        );
    }
}

#[tokio::test]
async fn a_receipt_delivered_twice_is_taken_once() {
    for city in cities().await {
        city.owes(&position(1)).await;
        city.deliver(&receipt("r1", 1)).await;
        assert_eq!(city.deliver(&receipt("r1", 1)).await, Taken::Repeated);
        let mut other = receipt("r1", 1);
        other.amount = Cents::new(99);
        assert_eq!(city.deliver(&other).await, Taken::RepeatedDifferently);
        assert_eq!(kept(&city, 1).await, [("r1".to_owned(), Effect::Applied)]);
    }
}

#[tokio::test]
async fn a_second_payment_of_a_paid_notice_is_kept_beside_the_first() {
    for city in cities().await {
        let position = position(1);
        city.owes(&position).await;
        city.deliver(&receipt("r1", 1)).await;
        assert_eq!(
            city.deliver(&receipt("r2", 1)).await,
            Taken::New(Effect::PaidTwice)
        );
        assert_eq!(
            city.status_of(&position).await,
            Status::Paid {
                chosen: 0,
                at: paid_at()
            }
        );
        assert_eq!(kept(&city, 1).await.len(), 2);
    }
}

#[tokio::test]
async fn a_receipt_for_a_notice_nobody_knows_is_kept() {
    for city in cities().await {
        assert_eq!(
            city.deliver(&receipt("r1", 404)).await,
            Taken::New(Effect::Unknown)
        );
        assert_eq!(kept(&city, 404).await, [("r1".to_owned(), Effect::Unknown)]);
    }
}

#[tokio::test]
async fn a_copy_for_a_beneficiary_does_not_touch_the_issuers_notice() {
    for city in cities().await {
        let position = position(1);
        city.owes(&position).await;
        let mut copy = receipt("r1", 1);
        copy.issuer = code("80034810103");
        assert_eq!(city.deliver(&copy).await, Taken::New(Effect::AsBeneficiary));
        assert_eq!(city.status_of(&position).await, Status::Open { chosen: None });
    }
}

#[tokio::test]
async fn a_receipt_for_a_cancelled_notice_is_kept_for_the_office() {
    for city in cities().await {
        let position = position(1);
        city.owes(&position).await;
        let mut tx = city.services.store.begin().await.unwrap();
        let stored = debt_positions::find_position(&mut tx, &position.institution, &position.key).await;
        let stored = stored.unwrap().unwrap();
        let now = city.clock.now();
        let event = DebtPositionEvent::Cancelled { at: now };
        let after = stored.position.apply(&event).unwrap();
        debt_positions::transition_position(&mut tx, &stored, &after, &event, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();

        assert_eq!(
            city.deliver(&receipt("r1", 1)).await,
            Taken::New(Effect::Cancelled)
        );
        assert_eq!(city.status_of(&position).await, Status::Cancelled { at: now });
    }
}

#[tokio::test]
async fn paying_an_instalment_closes_the_whole_sum_and_the_last_one_pays_the_debt() {
    for city in cities().await {
        let plan = position_of(&[(OptionKind::Whole, &[1]), (OptionKind::InstalmentPlan, &[2, 3])]);
        city.owes(&plan).await;
        assert_eq!(city.deliver(&receipt("r2", 2)).await, Taken::New(Effect::Applied));
        assert_eq!(city.status_of(&plan).await, Status::Open { chosen: Some(1) });
        assert_eq!(
            city.deliver(&receipt("r1", 1)).await,
            Taken::New(Effect::OtherOptionChosen)
        );
        assert_eq!(city.deliver(&receipt("r3", 3)).await, Taken::New(Effect::Applied));
        assert_eq!(
            city.status_of(&plan).await,
            Status::Paid {
                chosen: 1,
                at: paid_at()
            }
        );
    }
}

#[tokio::test]
async fn of_many_receipts_at_once_one_pays_and_all_are_kept() {
    for city in cities().await {
        let position = position(1);
        city.owes(&position).await;
        let city = std::sync::Arc::new(city);
        let mut tasks = tokio::task::JoinSet::new();
        for place in 0..12 {
            let city = std::sync::Arc::clone(&city);
            // Each of six receipts is delivered twice.
            tasks.spawn(async move { city.deliver(&receipt(&format!("r{}", place % 6), 1)).await });
        }
        let taken = tasks.join_all().await;
        let count = |what: Taken| taken.iter().filter(|taken| **taken == what).count();
        assert_eq!(count(Taken::New(Effect::Applied)), 1);
        assert_eq!(count(Taken::New(Effect::PaidTwice)), 5);
        assert_eq!(count(Taken::Repeated), 6);
        assert_eq!(kept(&city, 1).await.len(), 6);
    }
}

#[tokio::test]
async fn the_last_five_characters_or_the_receipt_id_open_a_receipt_and_nothing_else_does() {
    for city in cities().await {
        city.owes(&position(1)).await;
        city.deliver(&receipt("0123abcd", 1)).await;
        for right in ["A562S", "a562s", " 0123ABCD "] {
            let links = prove_receipt(&city.services, &number(1), right, CITIZEN).await;
            assert_eq!(links.unwrap().len(), 1, "{right}");
        }
        for (wrong, base) in [("A562T", 1), ("A562S", 2)] {
            let links = prove_receipt(&city.services, &number(base), wrong, CITIZEN).await;
            assert!(matches!(links, Err(ProofError::NotOpened)), "{wrong} {base}");
        }
    }
}

#[tokio::test]
async fn a_proof_cannot_be_guessed_by_trying() {
    for city in cities().await {
        city.owes(&position(1)).await;
        city.deliver(&receipt("r1", 1)).await;
        for last in 1..=5 {
            let from = IpAddr::from([192, 0, 2, last]);
            let tried = prove_receipt(&city.services, &number(1), "AAAAA", from).await;
            assert!(matches!(tried, Err(ProofError::NotOpened)));
        }
        let sixth = prove_receipt(&city.services, &number(1), "A562S", CITIZEN).await;
        assert!(matches!(sixth, Err(ProofError::TooMany(_))));
        city.clock.advance(chrono::Duration::minutes(10));
        assert!(
            prove_receipt(&city.services, &number(1), "A562S", CITIZEN)
                .await
                .is_ok()
        );
    }
}

async fn kept(city: &City, base: u64) -> Vec<(String, Effect)> {
    let receipts = list_receipts_of_notice(&city.services, &code(crate::support::CITY), &number(base)).await;
    receipts
        .unwrap()
        .into_iter()
        .map(|stored| (stored.receipt.id.to_string(), stored.effect))
        .collect()
}
