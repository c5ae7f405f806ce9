use crate::support::*;
use chrono::{DateTime, Duration, Utc};
use domain::Cents;
use domain::cart::{Cart, CartItem, CartState, ReturnOutcome};
use std::sync::Arc;
use storage::carts::{delete_carts_before, find_cart, find_open_handoff, insert_cart, transition_cart_state};
use storage::testing::TestStore;
use storage::{StorageError, Store};
use tokio::sync::Barrier;

fn cart(token: &str) -> Cart {
    let item = |institution, base, cents| CartItem {
        institution,
        notice_number: number(base),
        amount: Cents::new(cents),
    };
    Cart {
        token: token.to_owned(),
        language: "it".to_owned(),
        email: Some("anna@example.it".to_owned()),
        created_at: noon(),
        state: CartState::Prepared,
        items: vec![
            item(city(), 5, 100),
            item(company(), 1, Cents::MAX_WIRE.as_i64()),
            item(city(), 3, 1),
        ],
    }
}

fn handed_off(at: DateTime<Utc>) -> CartState {
    CartState::HandedOff {
        at,
        checkout_url: "https://checkout.example.it/c/1?a=b&c=d".to_owned(),
    }
}

async fn insert_one(store: &Store, cart: &Cart) {
    let mut tx = store.begin().await.unwrap();
    insert_cart(&mut tx, cart).await.unwrap();
    tx.commit().await.unwrap();
}

async fn transition(
    store: &Store,
    token: &str,
    from: &CartState,
    to: &CartState,
) -> Result<(), StorageError> {
    let mut tx = store.begin().await.unwrap();
    transition_cart_state(&mut tx, token, from, to).await?;
    tx.commit().await
}

async fn find(store: &Store, token: &str) -> Option<Cart> {
    find_cart(&mut store.read().await.unwrap(), token).await.unwrap()
}

pub(crate) async fn a_cart_is_read_back_as_it_was_written(store: &TestStore) {
    insert_one(store, &cart("one")).await;
    insert_one(
        store,
        &Cart {
            email: None,
            state: handed_off(noon()),
            ..cart("two")
        },
    )
    .await;
    assert_eq!(find(store, "one").await, Some(cart("one")));
    assert_eq!(find(store, "two").await.unwrap().state, handed_off(noon()));
    assert_eq!(find(store, "ONE").await, None);
}

pub(crate) async fn a_cart_goes_from_state_to_state(store: &TestStore) {
    insert_one(store, &cart("one")).await;
    let mut state = CartState::Prepared;
    let outcomes = ReturnOutcome::ALL.map(|outcome| CartState::Returned { outcome, at: noon() });
    for next in [handed_off(noon())].into_iter().chain(outcomes) {
        transition(store, "one", &state, &next).await.unwrap();
        assert_eq!(find(store, "one").await.unwrap().state, next);
        state = next;
    }
    let late = transition(store, "one", &CartState::Prepared, &handed_off(noon())).await;
    assert!(matches!(late, Err(StorageError::Conflict)), "{late:?}");
    let unknown = transition(store, "two", &CartState::Prepared, &handed_off(noon())).await;
    assert!(matches!(unknown, Err(StorageError::Conflict)), "{unknown:?}");
}

pub(crate) async fn of_two_returns_at_once_one_is_kept(store: &TestStore) {
    insert_one(
        store,
        &Cart {
            state: handed_off(noon()),
            ..cart("one")
        },
    )
    .await;
    let start = Arc::new(Barrier::new(2));
    let contenders = [ReturnOutcome::Ok, ReturnOutcome::Error].map(|outcome| {
        let (store, start) = ((**store).clone(), Arc::clone(&start));
        tokio::spawn(async move {
            start.wait().await;
            transition(
                &store,
                "one",
                &handed_off(noon()),
                &CartState::Returned { outcome, at: noon() },
            )
            .await
        })
    });
    let mut kept = 0;
    for contender in contenders {
        kept += usize::from(contender.await.unwrap().is_ok());
    }
    assert_eq!(kept, 1);
}

pub(crate) async fn a_cart_token_is_never_used_twice(store: &TestStore) {
    insert_one(store, &cart("one")).await;
    let mut tx = store.begin().await.unwrap();
    let outcome = insert_cart(&mut tx, &cart("one")).await;
    assert!(
        matches!(outcome, Err(StorageError::Duplicate { what: "cart token" })),
        "{outcome:?}"
    );
}

pub(crate) async fn a_payment_is_open_from_the_hand_off_until_it_ends(store: &TestStore) {
    insert_one(store, &cart("one")).await;
    let open = async |institution, base| {
        let mut snapshot = store.glance().await.unwrap();
        let since = noon() - Duration::minutes(30);
        find_open_handoff(&mut snapshot, &institution, &number(base), since)
            .await
            .unwrap()
    };
    assert_eq!(open(city(), 5).await, None);

    let (first, second) = (noon(), noon() + Duration::minutes(1));
    transition(store, "one", &CartState::Prepared, &handed_off(first))
        .await
        .unwrap();
    assert_eq!(open(city(), 5).await, Some(first));
    assert_eq!(open(company(), 1).await, Some(first));
    assert_eq!(open(company(), 5).await, None);

    let mut state = handed_off(first);
    let cases = [
        (ReturnOutcome::Cancel, None),
        (ReturnOutcome::Waiting, Some(second)),
        (ReturnOutcome::Error, None),
        (ReturnOutcome::Ok, Some(second)),
    ];
    for (outcome, expected) in cases {
        let returned = CartState::Returned { outcome, at: second };
        transition(store, "one", &state, &returned).await.unwrap();
        assert_eq!(open(city(), 5).await, expected, "{outcome:?}");
        state = returned;
    }
}

pub(crate) async fn an_open_payment_is_forgotten_after_a_while(store: &TestStore) {
    insert_one(
        store,
        &Cart {
            state: handed_off(noon()),
            ..cart("one")
        },
    )
    .await;
    let later = noon() + Duration::seconds(5);
    insert_one(
        store,
        &Cart {
            state: handed_off(later),
            ..cart("two")
        },
    )
    .await;
    let mut snapshot = store.read().await.unwrap();
    let mut open_since = async |since| {
        find_open_handoff(&mut snapshot, &city(), &number(5), since)
            .await
            .unwrap()
    };
    assert_eq!(open_since(noon()).await, Some(later));
    assert_eq!(open_since(later).await, Some(later));
    assert_eq!(open_since(later + Duration::microseconds(1)).await, None);
}

pub(crate) async fn old_carts_are_deleted_with_their_items(store: &TestStore) {
    for (token, seconds) in [("c", 2), ("a", 0), ("b", 1)] {
        let state = handed_off(noon() + Duration::seconds(seconds));
        insert_one(
            store,
            &Cart {
                created_at: noon() + Duration::seconds(seconds),
                state,
                ..cart(token)
            },
        )
        .await;
    }
    let mut tx = store.begin().await.unwrap();
    let before = noon() + Duration::seconds(2);
    assert_eq!(delete_carts_before(&mut tx, before, 1).await.unwrap(), 1);
    assert!(find_cart(&mut tx, "a").await.unwrap().is_none());
    assert!(find_cart(&mut tx, "b").await.unwrap().is_some());
    assert_eq!(delete_carts_before(&mut tx, before, 10).await.unwrap(), 1);
    assert_eq!(delete_carts_before(&mut tx, before, 10).await.unwrap(), 0);
    // The token, and the items' places, are free again.
    insert_cart(&mut tx, &cart("a")).await.unwrap();
    tx.commit().await.unwrap();
    assert!(find(store, "c").await.is_some());
}
