use crate::support::{cities, code, replied};
use pagopa::gateway::{CallError, Product};
use services::hub::HubError;
use services::probe::{Probed, probe_product};

#[tokio::test]
async fn a_product_that_says_there_is_no_such_thing_works_and_one_in_trouble_does_not() {
    for city in cities().await {
        let mut snapshot = city.services.store.glance().await.unwrap();
        let institution = storage::institutions::find_institution(&mut snapshot, &code(crate::support::CITY))
            .await
            .unwrap()
            .unwrap();
        drop(snapshot);
        for product in Product::ALL {
            for (status, works) in [
                (200, true),
                (404, true),
                (405, true),
                (403, false),
                (500, false),
                (503, false),
            ] {
                *city.hub.answer.lock().unwrap() = Some(Ok(replied(status, None)));
                let probed = probe_product(&city.services, product, &institution).await;
                assert_eq!(probed, Ok(Probed { status, works }), "{product:?}");
            }
            let (asked, call) = city.hub.calls.lock().unwrap().pop().unwrap();
            assert_eq!((asked, call.bytes()), (product, &b""[..]), "nothing is changed");

            let refused = HubError::Call(CallError::Unauthorised);
            *city.hub.answer.lock().unwrap() = Some(Err(refused));
            assert_eq!(
                probe_product(&city.services, product, &institution).await,
                Err(refused)
            );
        }
    }
}
