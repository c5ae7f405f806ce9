use crate::support::{City, cities, code, number, position, postal, receipt, replied};
use domain::NoticeStanding;
use domain::cart::ReturnOutcome;
use pagopa::checkout::Edition;
use pagopa::gateway::CallError;
use services::hub::HubError;
use services::notices::find_notice_details;
use services::payments::{
    BeginPaymentError, CartKey, Checkout, OpenCartError, begin_payment, find_outcome, record_return,
};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

const CITIZEN: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

fn key(base: u64) -> CartKey {
    (code(crate::support::CITY), number(base))
}

async fn begin(city: &City, keys: &[CartKey], email: Option<&str>) -> Result<String, BeginPaymentError> {
    begin_payment(&city.services, keys, email, "it", CITIZEN).await
}

/// The reference of the last cart the hub was given.
fn token(city: &City) -> String {
    city.hub.last_body()["idCart"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_payment_is_paid_only_when_its_receipt_is_here() {
    for city in cities().await {
        city.owes(&position(1)).await;
        let address = begin(&city, &[key(1)], Some(" anna@example.it ")).await.unwrap();
        assert_eq!(address, "https://checkout.example.it/c/1");
        let cart = city.hub.last_body();
        assert_eq!(cart["emailNotice"], "anna@example.it");
        let back = cart["returnUrls"]["returnOkUrl"].as_str().unwrap();
        assert!(back.starts_with("https://servizi.example.it/rientro/"), "{back}");

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
        for (answer, meant) in [
            (Err(CallError::Timeout), "unreachable"),
            (Err(CallError::LeftAlone { seconds: 30 }), "unreachable"),
            (Err(CallError::OverLimit { seconds: 9 }), "too many"),
            (Ok((500, None)), "unreachable"),
            (Ok((422, None)), "refused"),
            (Ok((302, Some("https://elsewhere.example/"))), "rubbish"),
        ] {
            *city.hub.answer.lock().unwrap() = Some(
                answer
                    .map(|(status, location)| replied(status, location))
                    .map_err(HubError::Call),
            );
            let said = match begin(&city, &[key(1)], None).await {
                Err(BeginPaymentError::Hub(OpenCartError::Unreachable(_))) => "unreachable",
                Err(BeginPaymentError::Hub(OpenCartError::TooManyRequests)) => "too many",
                Err(BeginPaymentError::Hub(OpenCartError::Refused(_))) => "refused",
                Err(BeginPaymentError::Hub(OpenCartError::Rubbish(_))) => "rubbish",
                other => panic!("{other:?}"),
            };
            assert_eq!(said, meant, "{answer:?}");
        }
        *city.hub.answer.lock().unwrap() = None;
        assert!(begin(&city, &[key(1)], None).await.is_ok());
    }
}

#[tokio::test]
async fn postal_accounts_are_asked_for_only_when_every_notice_has_them() {
    for city in cities().await {
        city.owes(&position(1)).await;
        city.owes(&postal(position(2))).await;
        for (keys, all_postal) in [
            (vec![key(1)], serde_json::Value::Null),
            (vec![key(1), key(2)], serde_json::Value::Null),
            (vec![key(2)], true.into()),
        ] {
            begin(&city, &keys, None).await.unwrap();
            assert_eq!(city.hub.last_body()["allCCP"], all_postal, "{keys:?}");
        }
    }
}

#[tokio::test]
async fn the_first_edition_has_no_address_for_an_outcome_in_doubt() {
    for mut city in cities().await {
        city.owes(&position(1)).await;
        city.services.checkout = Arc::new(Checkout {
            edition: Edition::First,
            ..Checkout::clone(&city.services.checkout)
        });
        begin(&city, &[key(1)], None).await.unwrap();
        let (_, call) = city.hub.calls.lock().unwrap().pop().unwrap();
        assert_eq!(call.path, ["v1", "carts"]);
        let cart: serde_json::Value = serde_json::from_slice(call.bytes()).unwrap();
        assert_eq!(cart["returnUrls"].as_object().unwrap().len(), 3);
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
