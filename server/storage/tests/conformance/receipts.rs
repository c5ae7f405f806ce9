use crate::support::*;
use domain::receipt::{ReceiptDestination, ReceiptEffect};
use domain::{Receipt, ReceiptId};
use std::sync::Arc;
use storage::receipts::{
    NewReceipt, OfPerson, OfRecipient, Recorded, count_receipts_by_effect, find_receipt,
    find_receipt_by_token, find_receipt_with_position, find_receipts, list_receipts_of_notice,
    list_receipts_of_person, list_receipts_of_recipient, list_receipts_with_position_of_notice,
    record_receipt,
};
use storage::testing::TestStore;
use storage::{StorageError, Store};
use tokio::sync::Barrier;

async fn record(store: &Store, new: &NewReceipt) -> Recorded {
    let mut tx = store.begin().await.unwrap();
    let recorded = record_receipt(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    recorded
}

pub(crate) async fn a_receipt_is_read_back_as_it_was_written(store: &TestStore) {
    let mut receipt = receipt(1, "IUR-1");
    let stamp = ReceiptDestination::StampDuty {
        attachment: "PD94bWw=".to_owned(),
        document_digest: None,
    };
    let mut second = receipt.transfers[0].clone();
    // The hub's own numbers are not trusted to differ.
    second.destination = stamp;
    receipt.transfers.push(second);
    receipt.payer = Some(debtor());
    receipt.metadata = vec![("chiave".to_owned(), "però \"sì\"".to_owned())];
    receipt.stand_in = true;
    let new = new_receipt(receipt.clone());
    assert_eq!(record(store, &new).await, Recorded::New);
    let mut snapshot = store.read().await.unwrap();
    let found = find_receipt(&mut snapshot, &city(), &receipt.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.receipt, receipt);
    assert_eq!(found.effect, ReceiptEffect::Applied);
    assert_eq!(found.message_id, new.message_id);
    assert_eq!(found.received_at, noon());
    assert_eq!(found.access_token, new.access_token);
    let other = ReceiptId::parse("iur-1").unwrap();
    assert_eq!(find_receipt(&mut snapshot, &city(), &other).await.unwrap(), None);
}

pub(crate) async fn a_receipt_delivered_twice_is_kept_once(store: &TestStore) {
    let new = new_receipt(receipt(1, "IUR-1"));
    assert_eq!(record(store, &new).await, Recorded::New);
    let again = NewReceipt {
        access_token: "another".to_owned(),
        effect: ReceiptEffect::PaidTwice,
        ..new
    };
    assert_eq!(
        record(store, &again).await,
        Recorded::Repeated { same_content: true }
    );
    let mut snapshot = store.read().await.unwrap();
    let listed = list_receipts_of_notice(&mut snapshot, &city(), &number(1))
        .await
        .unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].effect, ReceiptEffect::Applied);
}

pub(crate) async fn a_receipt_with_other_content_under_the_same_number_is_told(store: &TestStore) {
    let new = new_receipt(receipt(1, "IUR-1"));
    record(store, &new).await;
    let different = NewReceipt {
        access_token: "another".to_owned(),
        digest: [2; 32],
        ..new.clone()
    };
    assert_eq!(
        record(store, &different).await,
        Recorded::Repeated { same_content: false }
    );
    let mut snapshot = store.read().await.unwrap();
    let kept = find_receipt(&mut snapshot, &city(), &new.receipt.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept.access_token, new.access_token);
}

pub(crate) async fn two_institutions_may_get_the_same_receipt(store: &TestStore) {
    let ours = new_receipt(receipt(1, "IUR-1"));
    let theirs = new_receipt(Receipt {
        recipient: company(),
        ..receipt(1, "IUR-1")
    });
    assert_eq!(record(store, &ours).await, Recorded::New);
    assert_eq!(record(store, &theirs).await, Recorded::New);
    let mut snapshot = store.read().await.unwrap();
    let found = find_receipt(&mut snapshot, &company(), &theirs.receipt.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.receipt, theirs.receipt);
}

pub(crate) async fn a_receipt_delivered_by_many_at_once_is_kept_once(store: &TestStore) {
    let start = Arc::new(Barrier::new(6));
    let contenders = (0..6).map(|contender| {
        let (store, start) = ((**store).clone(), Arc::clone(&start));
        tokio::spawn(async move {
            let new = NewReceipt {
                access_token: format!("token-{contender}"),
                ..new_receipt(receipt(1, "IUR-1"))
            };
            start.wait().await;
            record(&store, &new).await
        })
    });
    let mut outcomes = Vec::new();
    for contender in contenders.collect::<Vec<_>>() {
        outcomes.push(contender.await.unwrap());
    }
    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| **outcome == Recorded::New)
            .count(),
        1,
        "{outcomes:?}"
    );
    let repeated = Recorded::Repeated { same_content: true };
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == repeated).count(), 5);
}

pub(crate) async fn a_receipt_of_an_unknown_institution_is_kept(store: &TestStore) {
    let orphan = NewReceipt {
        effect: ReceiptEffect::Unknown,
        ..new_receipt(receipt(404, "IUR-404"))
    };
    assert_eq!(record(store, &orphan).await, Recorded::New);
}

pub(crate) async fn a_receipt_is_opened_by_its_token_alone(store: &TestStore) {
    let new = new_receipt(receipt(1, "IUR-1"));
    record(store, &new).await;
    let mut snapshot = store.glance().await.unwrap();
    let opened = find_receipt_by_token(&mut snapshot, &new.access_token)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(opened.receipt, new.receipt);
    for wrong in [
        "",
        "token",
        "IUR-1",
        &new.access_token.to_uppercase(),
        &format!("{} ", new.access_token),
    ] {
        assert_eq!(
            find_receipt_by_token(&mut snapshot, wrong).await.unwrap(),
            None,
            "{wrong}"
        );
    }
}

pub(crate) async fn an_access_token_is_never_used_twice(store: &TestStore) {
    let first = new_receipt(receipt(1, "IUR-1"));
    record(store, &first).await;
    let second = NewReceipt {
        access_token: first.access_token,
        ..new_receipt(receipt(2, "IUR-2"))
    };
    let mut tx = store.begin().await.unwrap();
    let outcome = record_receipt(&mut tx, &second).await;
    assert!(
        matches!(outcome, Err(StorageError::Duplicate { what: "access token" })),
        "{outcome:?}"
    );
}

pub(crate) async fn receipts_of_a_notice_are_listed_newest_first_to_their_recipient(store: &TestStore) {
    let later = instant("2026-11-23T12:00:00.000001Z");
    record(store, &new_receipt(receipt(1, "IUR-1"))).await;
    record(
        store,
        &NewReceipt {
            received_at: later,
            ..new_receipt(receipt(1, "IUR-2"))
        },
    )
    .await;
    record(store, &new_receipt(receipt(1, "IUR-3"))).await;
    record(store, &new_receipt(receipt(2, "IUR-4"))).await;
    record(
        store,
        &new_receipt(Receipt {
            recipient: company(),
            ..receipt(1, "IUR-1")
        }),
    )
    .await;
    let mut snapshot = store.read().await.unwrap();
    let listed = list_receipts_of_notice(&mut snapshot, &city(), &number(1))
        .await
        .unwrap();
    let ids: Vec<&str> = listed.iter().map(|stored| stored.receipt.id.as_str()).collect();
    assert_eq!(ids, ["IUR-2", "IUR-3", "IUR-1"]);
    let theirs = list_receipts_of_notice(&mut snapshot, &company(), &number(1))
        .await
        .unwrap();
    assert_eq!(theirs.len(), 1);
}

pub(crate) async fn receipts_are_counted_by_what_they_did(store: &TestStore) {
    let mut expected = Vec::new();
    for (effect, place) in ReceiptEffect::ALL.into_iter().zip(1_u64..) {
        for copy in 0..place {
            let new = new_receipt(receipt(place, &format!("{place}-{copy}")));
            record(store, &NewReceipt { effect, ..new }).await;
        }
        expected.push((effect, place));
    }
    expected.sort_by_key(|(effect, _)| effect.as_str());
    let mut snapshot = store.read().await.unwrap();
    assert_eq!(
        count_receipts_by_effect(&mut snapshot, &city()).await.unwrap(),
        expected
    );
    assert_eq!(
        count_receipts_by_effect(&mut snapshot, &company()).await.unwrap(),
        []
    );
}

pub(crate) async fn a_persons_receipts_are_found_a_few_at_a_time(store: &TestStore) {
    let anna = "VRDNNA80A41D969X";
    let owed = receipt(1, "owed");
    let mut paid_for_another = receipt(2, "paid");
    "RSSMRA85T10A562S".clone_into(&mut paid_for_another.debtor.code);
    paid_for_another.payer = Some(debtor());
    let mut anothers = receipt(3, "anothers");
    "RSSMRA85T10A562S".clone_into(&mut anothers.debtor.code);
    let mut companys = receipt(4, "companys");
    companys.recipient = company();
    let mut tx = store.begin().await.unwrap();
    for receipt in [owed, paid_for_another, anothers, companys] {
        record_receipt(&mut tx, &new_receipt(receipt)).await.unwrap();
    }
    let copy = NewReceipt {
        effect: ReceiptEffect::AsBeneficiary,
        ..new_receipt(receipt(5, "copy"))
    };
    record_receipt(&mut tx, &copy).await.unwrap();
    tx.commit().await.unwrap();

    let mut snapshot = store.read().await.unwrap();
    let city = city();
    let sought = OfPerson {
        recipient: &city,
        person: anna,
        from: noon(),
        before: noon() + chrono::Duration::microseconds(1),
    };
    let mut found = Vec::new();
    let mut after = 0;
    loop {
        let page = list_receipts_of_person(&mut snapshot, sought, after, 1)
            .await
            .unwrap();
        let Some((row, stored)) = page.into_iter().next() else {
            break;
        };
        after = row;
        found.push(stored.receipt.id.to_string());
    }
    assert_eq!(found, ["owed", "paid"]);
    let before = OfPerson {
        before: noon(),
        from: noon() - chrono::Duration::days(1),
        ..sought
    };
    assert_eq!(
        list_receipts_of_person(&mut snapshot, before, 0, 9)
            .await
            .unwrap(),
        []
    );
}

pub(crate) async fn many_receipts_are_found_at_once(store: &TestStore) {
    let ids: Vec<ReceiptId> = (1..=20).map(|n| format!("r-{n}").parse().unwrap()).collect();
    let mut tx = store.begin().await.unwrap();
    for id in &ids {
        let new = new_receipt(receipt(1, id.as_str()));
        record_receipt(&mut tx, &new).await.unwrap();
    }
    let mut found: Vec<_> = find_receipts(&mut tx, &city(), &ids[1..])
        .await
        .unwrap()
        .into_iter()
        .map(|stored| stored.receipt.id)
        .collect();
    found.sort();
    let mut expected = ids[1..].to_vec();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(
        find_receipts(&mut tx, &company(), &ids).await.unwrap(),
        [] as [storage::receipts::StoredReceipt; 0]
    );
    assert_eq!(
        find_receipts(&mut tx, &city(), &[]).await.unwrap(),
        [] as [storage::receipts::StoredReceipt; 0]
    );
}

pub(crate) async fn an_institutions_receipts_come_newest_first_with_their_positions(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position(1)).await;
    let at = |seconds: i64| noon() + chrono::Duration::seconds(seconds);
    for (base, id, seconds) in [(1, "IUR-1", 0), (1, "IUR-2", 1), (2, "IUR-3", 1), (2, "IUR-4", 3)] {
        let new = NewReceipt {
            received_at: at(seconds),
            ..new_receipt(receipt(base, id))
        };
        record(store, &new).await;
    }
    // A part of another institution's notice with the number of one of our own.
    let theirs = Receipt {
        issuer: company(),
        ..receipt(1, "IUR-5")
    };
    record(store, &new_receipt(theirs)).await;
    record(
        store,
        &new_receipt(Receipt {
            recipient: company(),
            ..receipt(1, "IUR-6")
        }),
    )
    .await;

    let mut snapshot = store.read().await.unwrap();
    let tari = std::collections::BTreeSet::from(["mensa".to_owned(), "tari".to_owned()]);
    let recipient = city();
    let of = OfRecipient {
        recipient: &recipient,
        services: None,
        from: at(0),
        before: at(3),
    };
    let ids = |found: &[storage::receipts::ReceiptOfPosition]| -> Vec<String> {
        found
            .iter()
            .map(|receipt| receipt.stored.receipt.id.to_string())
            .collect()
    };
    let page = list_receipts_of_recipient(&mut snapshot, of, None, 3)
        .await
        .unwrap();
    assert_eq!(ids(&page), ["IUR-3", "IUR-2", "IUR-5"]);
    assert_eq!(page[0].service, None);
    assert_eq!(page[1].service.as_deref(), Some("tari"));
    assert_eq!(page[1].position_key.as_deref(), Some("TARI-1"));
    assert_eq!(page[2].position_key, None);
    let last = &page[2];
    let after = Some((last.stored.received_at, last.row));
    let page = list_receipts_of_recipient(&mut snapshot, of, after, 3)
        .await
        .unwrap();
    assert_eq!(ids(&page), ["IUR-1"]);
    let only = OfRecipient {
        services: Some(&tari),
        ..of
    };
    let page = list_receipts_of_recipient(&mut snapshot, only, None, 9)
        .await
        .unwrap();
    assert_eq!(ids(&page), ["IUR-2", "IUR-1"]);
    let none = std::collections::BTreeSet::from(["ari".to_owned()]);
    let other = OfRecipient {
        services: Some(&none),
        ..of
    };
    assert_eq!(
        list_receipts_of_recipient(&mut snapshot, other, None, 9)
            .await
            .unwrap(),
        [] as [storage::receipts::ReceiptOfPosition; 0]
    );

    let of_notice = list_receipts_with_position_of_notice(&mut snapshot, &recipient, &number(1))
        .await
        .unwrap();
    assert_eq!(ids(&of_notice), ["IUR-2", "IUR-5", "IUR-1"]);
    let id = ReceiptId::parse("IUR-2").unwrap();
    let found = find_receipt_with_position(&mut snapshot, &recipient, &id)
        .await
        .unwrap();
    assert_eq!(found.unwrap().service.as_deref(), Some("tari"));
}
