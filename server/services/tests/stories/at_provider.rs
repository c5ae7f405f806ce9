use crate::support::{CITY, City, MARIO, addressed, cities, code, receipt};
use chrono::Duration;
use domain::at_provider::{BodyCode, CanoneUnicoData, CieData, CieReason, DemandError, ServiceData};
use domain::{Cents, NoticeNumber, Receipt};
use services::at_provider::demand_notice;
use services::clock::Clock;
use services::hub_requests::{HubRefusal, VerifiedNotice, prepare_payment, verify_notice};
use std::collections::BTreeSet;
use std::sync::Arc;
use storage::debt_positions;

fn canone(cents: i64) -> ServiceData {
    ServiceData::CanoneUnico(CanoneUnicoData {
        body: BodyCode::FiscalCode(code(CITY)),
        company_name: "Comune".to_owned(),
        debtor_code: MARIO.to_owned(),
        debtor_name: "Mario Rossi".to_owned(),
        debtor_email: None,
        amount: Cents::new(cents),
    })
}

fn card() -> ServiceData {
    ServiceData::Cie(CieData {
        reason: CieReason::First,
        municipality: code(CITY),
        holder_code: MARIO.to_owned(),
        holder_name: "Mario Rossi".to_owned(),
    })
}

async fn demand(city: &City, subject_id: &str, data: &ServiceData) -> Result<VerifiedNotice, HubRefusal> {
    demand_notice(&city.services, &addressed(), "00007", subject_id, data).await
}

async fn number_for(city: &City, cents: i64) -> NoticeNumber {
    demand(city, "CANON", &canone(cents)).await.unwrap().notice.number
}

#[tokio::test]
async fn a_demand_makes_a_notice_that_can_be_verified_and_paid() {
    for city in cities().await {
        let made = demand(&city, "CARTA", &card()).await.unwrap();
        assert_eq!(made.notice.amount, Cents::new(2221));
        assert_eq!(made.notice.payable_until, "2026-11-28".parse().ok());
        assert!(made.notice.number.has_right_check_digits());
        let (to, number) = (addressed(), made.notice.number);
        let verified = verify_notice(&city.services, &to, CITY, &number).await.unwrap();
        assert_eq!(verified.notice.description, "Servizio cie: prima emissione");
        let data = prepare_payment(&city.services, &to, CITY, &number).await.unwrap();
        assert_eq!(data.debtor.code, MARIO);
        assert_eq!(data.transfers[0].amount, Cents::new(2221));
    }
}

#[tokio::test]
async fn numbers_of_our_own_are_given_out_in_order_and_apart_from_those_of_others() {
    for city in cities().await {
        // A number of ours that came from outside is passed over.
        let mut imported = crate::support::position(NoticeNumber::OWN_BASES_FROM + 1);
        imported.key = "imported".to_owned();
        city.owes(&imported).await;
        let issued = |base| NoticeNumber::issue("12".parse().unwrap(), NoticeNumber::OWN_BASES_FROM + base);
        assert_eq!(Some(number_for(&city, 100).await), issued(0));
        assert_eq!(Some(number_for(&city, 200).await), issued(2));
    }
}

#[tokio::test]
async fn the_same_demand_again_is_the_same_open_debt_and_another_one_is_another() {
    for city in cities().await {
        let first = number_for(&city, 5_000).await;
        city.clock.advance(Duration::hours(3));
        assert_eq!(number_for(&city, 5_000).await, first);
        assert_ne!(number_for(&city, 5_001).await, first);
    }
}

#[tokio::test]
async fn a_demand_repeated_across_midnight_is_the_same_debt_while_it_is_open() {
    for city in cities().await {
        // 22:59:50 in Italy, then a minute and a day later.
        city.clock.advance(Duration::hours(13) + Duration::minutes(59));
        let first = number_for(&city, 5_000).await;
        let before = city.clock.today();
        city.clock.advance(Duration::minutes(2));
        assert_ne!(city.clock.today(), before);
        assert_eq!(number_for(&city, 5_000).await, first);
        city.clock.advance(Duration::days(1));
        assert_ne!(number_for(&city, 5_000).await, first);
    }
}

#[tokio::test]
async fn a_demand_paid_today_is_answered_as_paid_and_tomorrow_makes_a_new_debt() {
    for city in cities().await {
        let first = number_for(&city, 5_000).await;
        let paid = Receipt {
            notice_number: first.clone(),
            iuv: first.iuv(),
            amount: Cents::new(5_000),
            ..receipt("r1", 1)
        };
        city.deliver(&paid).await;
        let again = demand(&city, "CANON", &canone(5_000)).await;
        assert!(matches!(again, Err(HubRefusal::Paid)), "{again:?}");
        city.clock.advance(Duration::days(1));
        assert_ne!(number_for(&city, 5_000).await, first);
    }
}

#[tokio::test]
async fn of_many_equal_demands_at_once_one_debt_is_made_and_of_different_ones_each() {
    for city in cities().await {
        let city = Arc::new(city);
        for different in [1, 8] {
            let mut tasks = tokio::task::JoinSet::new();
            for place in 0..16 {
                let city = Arc::clone(&city);
                let cents = 10_000 * different + place % different;
                tasks.spawn(async move { number_for(&city, cents).await });
            }
            let numbers: BTreeSet<_> = tasks.join_all().await.into_iter().collect();
            assert_eq!(i64::try_from(numbers.len()), Ok(different));
        }
    }
}

#[tokio::test]
async fn what_is_not_offered_or_makes_no_sense_makes_no_debt() {
    for city in cities().await {
        for subject_id in ["BOH00", "CHIUS"] {
            let refused = demand(&city, subject_id, &card()).await;
            assert!(
                matches!(refused, Err(HubRefusal::ServiceNotOffered)),
                "{refused:?}"
            );
        }
        for (data, error) in [
            (canone(0), DemandError::NoAmount),
            (card(), DemandError::OtherService),
            (ServiceData::Other(b"<a/>".to_vec()), DemandError::OtherService),
        ] {
            match demand(&city, "CANON", &data).await {
                Err(HubRefusal::Demand(found)) => assert_eq!(found, error),
                other => panic!("{other:?}"),
            }
        }
        let stranger = services::hub_requests::Addressed {
            station: "x_01".to_owned(),
            ..addressed()
        };
        let refused = demand_notice(&city.services, &stranger, "00007", "CARTA", &card()).await;
        assert!(matches!(refused, Err(HubRefusal::WrongStation)));
        let mut snapshot = city.services.store.glance().await.unwrap();
        let first = NoticeNumber::issue("12".parse().unwrap(), NoticeNumber::OWN_BASES_FROM).unwrap();
        let made = debt_positions::find_notice(&mut snapshot, &code(CITY), &first).await;
        assert_eq!(made.unwrap(), None);
    }
}
