//! Who reached which document.

use crate::support::{city, company, noon};
use chrono::{DateTime, Duration, Utc};
use storage::document_accesses::{
    Access, DocumentKind, HandedOut, Reached, delete_accesses_before, list_accesses, record_access,
};
use storage::testing::TestStore;

fn access(at: DateTime<Utc>, reached: Reached, form: Option<HandedOut>) -> Access {
    Access {
        at,
        institution: city(),
        kind: DocumentKind::Notice,
        reference: "302000000000000001".to_owned(),
        reached,
        form,
        language: "it+de".to_owned(),
        network: Some("192.0.2.0/24".to_owned()),
    }
}

async fn record(store: &TestStore, accesses: &[Access]) {
    let mut tx = store.begin().await.unwrap();
    for access in accesses {
        record_access(&mut tx, access).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn listed(store: &TestStore, of: &Access) -> Vec<Access> {
    let mut snapshot = store.glance().await.unwrap();
    list_accesses(&mut snapshot, &of.institution, of.kind, &of.reference)
        .await
        .unwrap()
}

pub(crate) async fn an_access_is_read_back_as_it_was_written(store: &TestStore) {
    let every: Vec<Access> = Reached::ALL
        .into_iter()
        .flat_map(|reached| {
            let forms = HandedOut::ALL.into_iter().map(Some).chain([None]);
            forms.map(move |form| access(noon(), reached, form))
        })
        .collect();
    record(store, &every).await;
    let mut found = listed(store, &every[0]).await;
    found.reverse();
    assert_eq!(found, every);
}

pub(crate) async fn accesses_are_those_of_one_document_the_newest_first(store: &TestStore) {
    let first = access(noon(), Reached::Proof, None);
    let second = access(noon(), Reached::SignedLink, Some(HandedOut::Pdf));
    let others = [
        Access {
            institution: company(),
            ..first.clone()
        },
        Access {
            kind: DocumentKind::Receipt,
            network: None,
            ..first.clone()
        },
        Access {
            reference: "302000000000000002".to_owned(),
            ..first.clone()
        },
    ];
    record(store, &[first.clone(), second.clone()]).await;
    record(store, &others).await;
    assert_eq!(listed(store, &first).await, [second, first]);
    for other in &others {
        assert_eq!(listed(store, other).await, std::slice::from_ref(other));
    }
}

pub(crate) async fn old_accesses_are_deleted_a_few_at_a_time(store: &TestStore) {
    let at = |minutes| access(noon() + Duration::minutes(minutes), Reached::Batch, None);
    record(store, &[at(0), at(1), at(2)]).await;
    let delete = async |limit| {
        let mut tx = store.begin().await.unwrap();
        let before = noon() + Duration::minutes(2);
        let deleted = delete_accesses_before(&mut tx, before, limit).await.unwrap();
        tx.commit().await.unwrap();
        deleted
    };
    assert_eq!(delete(1).await, 1);
    assert_eq!(listed(store, &at(0)).await, [at(2), at(1)]);
    assert_eq!(delete(9).await, 1);
    assert_eq!(listed(store, &at(0)).await, [at(2)]);
}
