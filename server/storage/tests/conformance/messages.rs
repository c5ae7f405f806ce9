use crate::support::*;
use domain::{Iuv, NoticeNumber, ReceiptId};
use storage::StorageError;
use storage::messages::{
    Direction, MessageId, MessageKind, MessageSearch, MessageSubject, NewMessage, delete_messages_before,
    find_message, record_messages, search_messages,
};
use storage::testing::TestStore;

/// A message of a minute of the day; its key begins with the minute.
fn message(minute: u32) -> NewMessage {
    let mut id = [0; 16];
    id[4..8].copy_from_slice(&minute.to_be_bytes());
    NewMessage {
        institution: Some(CITY.to_owned()),
        notice_number: Some(number(1).to_string()),
        peer: "hub".to_owned(),
        ..NewMessage::new(
            MessageId(id),
            instant("2026-11-23T00:00:00Z") + chrono::Duration::minutes(minute.into()),
            Direction::Inbound,
            MessageKind::Request,
            "paVerifyPaymentNotice",
            b"<soapenv:Envelope/>".to_vec(),
        )
    }
}

fn about_notice(number: NoticeNumber) -> MessageSearch {
    about(MessageSubject::Notice(number))
}

fn about(subject: MessageSubject) -> MessageSearch {
    MessageSearch {
        institution: city(),
        subject,
        from: None,
        until: None,
    }
}

async fn found(store: &TestStore, search: &MessageSearch) -> Vec<NewMessage> {
    let mut snapshot = store.read().await.unwrap();
    search_messages(&mut snapshot, search, None, 1_000).await.unwrap()
}

async fn record(store: &TestStore, messages: &[NewMessage]) {
    let mut tx = store.begin().await.unwrap();
    record_messages(&mut tx, messages).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) async fn messages_are_kept_byte_by_byte(store: &TestStore) {
    let bare = NewMessage {
        institution: None,
        notice_number: None,
        operation: String::new(),
        body: (0..=255).cycle().take(100_000).collect(),
        ..message(1)
    };
    let full = NewMessage {
        direction: Direction::Outbound,
        kind: MessageKind::Response,
        iuv: Some(number(1).iuv().to_string()),
        receipt_id: Some("' OR 1=1 --".to_owned()),
        outcome: Some("PAA_PAGAMENTO_SCONOSCIUTO".to_owned()),
        request_id: Some(bare.id),
        station: Some(format!("{CITY}_01")),
        psp: Some("PSPXITR1XXX".to_owned()),
        channel: Some("99999999990_01".to_owned()),
        payment_type: Some("creditCard".to_owned()),
        component: Some("nodo".to_owned()),
        context_code: Some("c0ffee".to_owned()),
        duration_ms: Some(i64::MAX),
        body: Vec::new(),
        ..message(2)
    };
    record(store, &[bare.clone(), full.clone()]).await;
    let mut snapshot = store.read().await.unwrap();
    assert_eq!(find_message(&mut snapshot, bare.id).await.unwrap(), Some(bare));
    assert_eq!(find_message(&mut snapshot, full.id).await.unwrap(), Some(full));
    assert_eq!(find_message(&mut snapshot, message(3).id).await.unwrap(), None);
}

pub(crate) async fn a_batch_of_any_size_is_kept(store: &TestStore) {
    let mut first = 0;
    for size in [0, 1, 3, 64, 65, 256] {
        let batch: Vec<_> = (first..first + size).map(message).collect();
        record(store, &batch).await;
        first += size;
    }
    let all = found(store, &about_notice(number(1))).await;
    assert_eq!(all, (0..first).map(message).collect::<Vec<_>>());
}

pub(crate) async fn a_message_key_is_never_used_twice(store: &TestStore) {
    record(store, &[message(1)]).await;
    let mut tx = store.begin().await.unwrap();
    let outcome = record_messages(&mut tx, &[message(2), message(1)]).await;
    assert!(
        matches!(outcome, Err(StorageError::Duplicate { what: "message key" })),
        "{outcome:?}"
    );
    drop(tx);
    let mut snapshot = store.read().await.unwrap();
    assert_eq!(find_message(&mut snapshot, message(2).id).await.unwrap(), None);
}

pub(crate) async fn messages_of_a_notice_are_listed_as_they_came(store: &TestStore) {
    let elsewhere = NewMessage {
        institution: Some(COMPANY.to_owned()),
        ..message(4)
    };
    let another = NewMessage {
        notice_number: Some(number(2).to_string()),
        ..message(5)
    };
    record(store, &[message(3), elsewhere, another, message(1), message(2)]).await;
    let all = about_notice(number(1));
    let mut snapshot = store.read().await.unwrap();
    let page = search_messages(&mut snapshot, &all, None, 2).await.unwrap();
    assert_eq!(page, [message(1), message(2)]);
    let after = page.last().map(|message| message.id);
    let page = search_messages(&mut snapshot, &all, after, 2).await.unwrap();
    assert_eq!(page, [message(3)]);
}

pub(crate) async fn old_messages_are_deleted_a_few_at_a_time(store: &TestStore) {
    record(store, &(1..=5).map(message).collect::<Vec<_>>()).await;
    let delete = async |minute, limit| {
        let mut tx = store.begin().await.unwrap();
        let deleted = delete_messages_before(&mut tx, message(minute).at, limit)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        deleted
    };
    assert_eq!(delete(4, 2).await, 2);
    assert_eq!(delete(4, 10).await, 1);
    assert_eq!(delete(4, 10).await, 0);
    let left = found(store, &about_notice(number(1))).await;
    assert_eq!(left, [message(4), message(5)]);
}

pub(crate) async fn a_request_is_found_by_what_its_answer_says(store: &TestStore) {
    let asked = NewMessage {
        operation: "paForNode".to_owned(),
        institution: None,
        notice_number: None,
        ..message(1)
    };
    let said = NewMessage {
        kind: MessageKind::Response,
        receipt_id: Some("c0ffee".to_owned()),
        station: Some(format!("{CITY}_01")),
        outcome: Some("OK".to_owned()),
        request_id: Some(asked.id),
        ..message(2)
    };
    record(store, &[asked.clone(), said.clone(), message(3)]).await;
    let receipt = MessageSubject::Receipt(ReceiptId::parse("c0ffee").unwrap());
    let completed = NewMessage {
        operation: said.operation.clone(),
        institution: said.institution.clone(),
        notice_number: said.notice_number.clone(),
        receipt_id: said.receipt_id.clone(),
        station: said.station.clone(),
        ..asked
    };
    assert_eq!(found(store, &about(receipt)).await, [completed, said]);
    let strange = about(MessageSubject::Receipt(ReceiptId::parse("'OR'1'='1").unwrap()));
    assert_eq!(found(store, &strange).await, []);
}

pub(crate) async fn messages_are_found_by_payment_reference_also_inside_a_notice_number(store: &TestStore) {
    let by_reference = NewMessage {
        notice_number: None,
        iuv: Some(number(1).iuv().to_string()),
        ..message(2)
    };
    let both = NewMessage {
        iuv: Some(number(1).iuv().to_string()),
        ..message(3)
    };
    let elsewhere = NewMessage {
        institution: Some(COMPANY.to_owned()),
        ..both.clone()
    };
    let elsewhere = NewMessage {
        id: message(4).id,
        ..elsewhere
    };
    record(
        store,
        &[message(1), by_reference.clone(), both.clone(), elsewhere],
    )
    .await;
    let reference = about(MessageSubject::Iuv(number(1).iuv()));
    assert_eq!(found(store, &reference).await, [message(1), by_reference, both]);
    let foreign = about(MessageSubject::Iuv(Iuv::parse("RF18539007547034").unwrap()));
    assert_eq!(found(store, &foreign).await, []);
}

pub(crate) async fn messages_of_a_period_are_found_its_end_excluded(store: &TestStore) {
    record(store, &(1..=4).map(message).collect::<Vec<_>>()).await;
    let period = MessageSearch {
        from: Some(message(2).at),
        until: Some(message(4).at),
        ..about_notice(number(1))
    };
    assert_eq!(found(store, &period).await, [message(2), message(3)]);
}
