use crate::support::{City, cities, code, number, position, receipt};
use domain::NoticeStanding;
use domain::cart::ReturnOutcome;
use services::hub::OpenCartError;
use services::notices::find_notice_details;
use services::payments::{BeginPaymentError, CartKey, begin_payment, find_outcome, record_return};
use std::net::{IpAddr, Ipv4Addr};

const CITIZEN: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

fn key(base: u64) -> CartKey {
    (code(crate::support::CITY), number(base))
}

async fn begin(city: &City, keys: &[CartKey], email: Option<&str>) -> Result<String, BeginPaymentError> {
    begin_payment(&city.services, keys, email, "it", CITIZEN).await
}

/// The reference of the last cart the hub was given.
fn token(city: &City) -> String {
    city.hub.carts.lock().unwrap().last().unwrap().token.clone()
}

#[tokio::test]
async fn a_payment_is_paid_only_when_its_receipt_is_here() {
    for city in cities().await {
        city.owes(&position(1)).await;
        let address = begin(&city, &[key(1)], Some(" anna@example.it ")).await.unwrap();
        assert_eq!(address, "https://checkout.example.it/c/1");
        let cart = city.hub.carts.lock().unwrap().last().unwrap().clone();
        assert_eq!(cart.email.as_deref(), Some("anna@example.it"));
        assert!(cart.return_ok.starts_with("https://servizi.example.it/rientro/"));

        record_return(&city.services, &token(&city), ReturnOutcome::Ok)
            .await
            .unwrap()
            .unwrap();
        let outcome = find_outcome(&city.services, &token(&city))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(outcome.items[0].paid, None, "the browser's return proves nothing");
        assert!(outcome.may_be_going_on);

        let mut receipt = receipt("r1", 1);
        receipt.payment_note = Some(token(&city));
        city.deliver(&receipt).await;
        let outcome = find_outcome(&city.services, &token(&city))
            .await
            .unwrap()
            .unwrap();
        let (_, link) = outcome.items[0].paid.clone().unwrap();
        assert!(link.is_some(), "whoever began the payment may see its receipt");
    }
}

#[tokio::test]
async fn a_notice_paid_elsewhere_meanwhile_is_paid_but_its_receipt_is_not_shown() {
    for city in cities().await {
        city.owes(&position(1)).await;
        begin(&city, &[key(1)], None).await.unwrap();
        city.deliver(&receipt("r1", 1)).await;
        let outcome = find_outcome(&city.services, &token(&city))
            .await
            .unwrap()
            .unwrap();
        let (_, link) = outcome.items[0].paid.clone().unwrap();
        assert_eq!(link, None);
    }
}

#[tokio::test]
async fn when_the_hub_does_not_open_the_cart_nothing_is_lost_and_it_can_be_tried_again() {
    for city in cities().await {
        city.owes(&position(1)).await;
        *city.hub.failure.lock().unwrap() = Some(OpenCartError::Unreachable);
        let refused = begin(&city, &[key(1)], None).await;
        assert!(matches!(
            refused,
            Err(BeginPaymentError::Hub(OpenCartError::Unreachable))
        ));
        *city.hub.failure.lock().unwrap() = None;
        assert!(begin(&city, &[key(1)], None).await.is_ok());
    }
}

#[tokio::test]
async fn a_cart_takes_one_to_five_different_payable_notices() {
    for city in cities().await {
        for base in 1..=6 {
            city.owes(&position(base)).await;
        }
        let keys: Vec<_> = (1..=6).map(key).collect();
        assert!(matches!(
            begin(&city, &[], None).await,
            Err(BeginPaymentError::Count)
        ));
        assert!(matches!(
            begin(&city, &keys, None).await,
            Err(BeginPaymentError::Count)
        ));
        assert!(matches!(
            begin(&city, &[key(1), key(1)], None).await,
            Err(BeginPaymentError::Count)
        ));
        assert!(begin(&city, &keys[..5], None).await.is_ok());
        assert!(matches!(
            begin(&city, &[key(404)], None).await,
            Err(BeginPaymentError::NotPayable(_))
        ));
        city.deliver(&receipt("r1", 1)).await;
        assert!(
            matches!(begin(&city, &[key(2), key(1)], None).await, Err(BeginPaymentError::NotPayable(n)) if n == number(1))
        );
        assert!(matches!(
            begin(&city, &[key(2)], Some("anna")).await,
            Err(BeginPaymentError::Email)
        ));
    }
}

#[tokio::test]
async fn a_payment_begun_is_shown_on_the_notice_for_half_an_hour_and_does_not_block_it() {
    for city in cities().await {
        city.owes(&position(1)).await;
        let (institution, number) = key(1);
        let look = async || {
            find_notice_details(&city.services, &institution, &number)
                .await
                .unwrap()
                .unwrap()
        };
        assert_eq!(look().await.payment_open_since, None);
        begin(&city, &[key(1)], None).await.unwrap();
        assert!(look().await.payment_open_since.is_some());
        assert_eq!(look().await.standing, NoticeStanding::Payable { overdue: false });
        city.clock.advance(chrono::Duration::minutes(31));
        assert_eq!(look().await.payment_open_since, None);
    }
}

#[tokio::test]
async fn a_return_for_a_cart_nobody_made_is_nothing() {
    for city in cities().await {
        assert!(
            record_return(&city.services, "nobody", ReturnOutcome::Ok)
                .await
                .unwrap()
                .is_none()
        );
        assert!(find_outcome(&city.services, "nobody").await.unwrap().is_none());
    }
}
