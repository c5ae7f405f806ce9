//! Applications, their secrets, and what they ask for under keys of their own.

use crate::support::{CITY, city, company, institution, noon};
use chrono::Duration;
use domain::application::{Application, Grant, NumberRange, Scope};
use std::collections::BTreeSet;
use storage::applications::{
    find_application, insert_application, insert_secret, list_applications, list_secrets_of_application,
    list_secrets_that_open, note_use_of_secret, revoke_secret, take_application, update_application,
};
use storage::idempotent_requests::{
    Before, begin_request, delete_requests_before, end_request, find_request,
};
use storage::institutions::upsert_institution;
use storage::testing::TestStore;
use storage::{StorageError, Store};

fn application(id: &str) -> Application {
    Application {
        id: id.to_owned(),
        institution: city(),
        name: "Gestionale tributi, città".to_owned(),
        grants: vec![
            Grant {
                scope: Scope::ReadPositions,
                services: None,
            },
            Grant {
                scope: Scope::WritePositions,
                services: Some(BTreeSet::from(["tari".to_owned(), "mensa".to_owned()])),
            },
        ],
        numbers: vec![NumberRange {
            segregation: "47".parse().unwrap(),
            from: 1,
            to: 999,
        }],
        requests_per_minute: 100_000,
        certificate: Some("0a".repeat(32)),
        active: true,
    }
}

async fn kept(store: &Store, ids: &[&str]) {
    let mut tx = store.begin().await.unwrap();
    upsert_institution(&mut tx, &institution(CITY)).await.unwrap();
    for id in ids {
        insert_application(&mut tx, &application(id), noon())
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

pub(crate) async fn an_application_is_read_back_as_it_was_written_and_changed(store: &TestStore) {
    kept(store, &["tributi"]).await;
    let mut tx = store.begin().await.unwrap();
    let found = take_application(&mut tx, "tributi", noon()).await.unwrap();
    assert_eq!(found, Some(application("tributi")));
    let changed = Application {
        name: "Altro".to_owned(),
        grants: vec![Grant {
            scope: Scope::Quote,
            services: None,
        }],
        numbers: Vec::new(),
        requests_per_minute: 1,
        certificate: None,
        active: false,
        ..application("tributi")
    };
    update_application(&mut tx, &changed, noon()).await.unwrap();
    tx.commit().await.unwrap();
    let mut snapshot = store.glance().await.unwrap();
    assert_eq!(list_applications(&mut snapshot).await.unwrap(), [changed]);
    assert_eq!(find_application(&mut snapshot, "other").await.unwrap(), None);
}

pub(crate) async fn an_id_is_one_applications_and_an_application_stays_where_it_is(store: &TestStore) {
    kept(store, &["tributi"]).await;
    let mut tx = store.begin().await.unwrap();
    let again = insert_application(&mut tx, &application("tributi"), noon()).await;
    assert!(matches!(again, Err(StorageError::Duplicate { what: "id" })));
    drop(tx);
    let elsewhere = Application {
        institution: company(),
        ..application("tributi")
    };
    let mut tx = store.begin().await.unwrap();
    let moved = update_application(&mut tx, &elsewhere, noon()).await;
    assert!(matches!(moved, Err(StorageError::Conflict)));
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    let nowhere = Application {
        id: "altra".to_owned(),
        ..elsewhere
    };
    let made = insert_application(&mut tx, &nowhere, noon()).await;
    assert!(matches!(made, Err(StorageError::Unknown { what: "institution" })));
}

pub(crate) async fn a_secret_is_kept_used_and_taken_back(store: &TestStore) {
    kept(store, &["tributi", "mense"]).await;
    let end = noon() + Duration::days(1);
    let mut tx = store.begin().await.unwrap();
    let first = insert_secret(&mut tx, "tributi", &[1; 32], noon(), None)
        .await
        .unwrap();
    let second = insert_secret(&mut tx, "tributi", &[2; 32], noon(), Some(end))
        .await
        .unwrap();
    let other = insert_secret(&mut tx, "mense", &[3; 32], noon(), None)
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let mut tx = store.begin().await.unwrap();
    let foreign = revoke_secret(&mut tx, "tributi", other, noon()).await;
    assert!(matches!(foreign, Err(StorageError::Conflict)));
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    note_use_of_secret(&mut tx, second, noon()).await.unwrap();
    note_use_of_secret(&mut tx, second, noon() + Duration::seconds(59))
        .await
        .unwrap();
    revoke_secret(&mut tx, "tributi", first, noon()).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let again = revoke_secret(&mut tx, "tributi", first, noon()).await;
    assert!(matches!(again, Err(StorageError::Conflict)));
    drop(tx);

    let mut snapshot = store.read().await.unwrap();
    let secrets = list_secrets_of_application(&mut snapshot, "tributi")
        .await
        .unwrap();
    let [revoked, used] = &secrets[..] else {
        panic!("{secrets:?}")
    };
    assert_eq!(
        (revoked.id, revoked.digest, revoked.revoked_at),
        (first, [1; 32], Some(noon()))
    );
    assert!(!revoked.opens(noon()));
    assert_eq!((used.last_used_at, used.expires_at), (Some(noon()), Some(end)));
    assert!(used.opens(end - Duration::seconds(1)) && !used.opens(end));
    let open = list_secrets_that_open(&mut snapshot).await.unwrap();
    assert_eq!(
        open.iter().map(|secret| secret.id).collect::<Vec<_>>(),
        [second, other]
    );
    assert!(!format!("{used:?}").contains("digest"));
}

pub(crate) async fn what_is_asked_under_a_key_is_answered_once(store: &TestStore) {
    kept(store, &["tributi", "mense"]).await;
    let mut tx = store.begin().await.unwrap();
    assert!(
        begin_request(&mut tx, "tributi", "k", &[1; 32], noon())
            .await
            .unwrap()
    );
    end_request(&mut tx, "tributi", "k", "{}").await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = store.begin().await.unwrap();
    assert!(
        !begin_request(&mut tx, "tributi", "k", &[2; 32], noon())
            .await
            .unwrap()
    );
    assert!(
        begin_request(&mut tx, "mense", "k", &[2; 32], noon())
            .await
            .unwrap()
    );
    let before = Before {
        digest: [1; 32],
        answer: Some("{}".to_owned()),
    };
    assert_eq!(find_request(&mut tx, "tributi", "k").await.unwrap(), Some(before));
    let ended = end_request(&mut tx, "tributi", "k", "[]").await;
    assert!(matches!(ended, Err(StorageError::Conflict)));
    drop(tx);
    let mut snapshot = store.glance().await.unwrap();
    assert_eq!(find_request(&mut snapshot, "mense", "k").await.unwrap(), None);
}

pub(crate) async fn of_many_under_one_key_at_once_one_goes_on(store: &TestStore) {
    kept(store, &["tributi"]).await;
    let tasks: Vec<_> = (0..12_u8)
        .map(|place| {
            let store: Store = (**store).clone();
            tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                let is_first = begin_request(&mut tx, "tributi", "k", &[7; 32], noon())
                    .await
                    .unwrap();
                if is_first {
                    tokio::task::yield_now().await;
                    end_request(&mut tx, "tributi", "k", &place.to_string())
                        .await
                        .unwrap();
                    tx.commit().await.unwrap();
                    return (true, place.to_string());
                }
                let before = find_request(&mut tx, "tributi", "k").await.unwrap();
                (false, before.and_then(|before| before.answer).unwrap())
            })
        })
        .collect();
    let mut answers = BTreeSet::new();
    let mut first = 0;
    for task in tasks {
        let (is_first, answer) = task.await.unwrap();
        first += u8::from(is_first);
        answers.insert(answer);
    }
    assert_eq!((first, answers.len()), (1, 1));
}

pub(crate) async fn old_requests_are_deleted_a_few_at_a_time(store: &TestStore) {
    kept(store, &["tributi"]).await;
    let mut tx = store.begin().await.unwrap();
    for (key, minutes) in [("a", 0), ("b", 1), ("c", 2), ("d", 3)] {
        let at = noon() + Duration::minutes(minutes);
        begin_request(&mut tx, "tributi", key, &[1; 32], at)
            .await
            .unwrap();
    }
    let before = noon() + Duration::minutes(3);
    assert_eq!(delete_requests_before(&mut tx, before, 2).await.unwrap(), 2);
    assert_eq!(find_request(&mut tx, "tributi", "b").await.unwrap(), None);
    assert_eq!(delete_requests_before(&mut tx, before, 2).await.unwrap(), 1);
    assert!(find_request(&mut tx, "tributi", "d").await.unwrap().is_some());
}
