//! A server that dies in the middle of its work, and one that is asked to stop.

use crate::support::engines;
use crate::support::messages::{MUNICIPALITY, code, delivery, number, receipt};
use crate::support::positions::{amount, insert_positions};
use crate::support::program::{Server, answer, configuration, deliver, request};
use domain::NoticeNumber;
use domain::debt_position::DebtPositionStatus;
use domain::receipt::ReceiptEffect;
use std::time::Duration;
use storage::testing::TestStore;
use storage::{debt_positions, receipts};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Receipts of a storm: each pays a notice of its own, or one of a plan of two.
const RECEIPTS: u64 = 300;
/// Connections that deliver them.
const SENDERS: u64 = 16;

fn message(place: u64) -> String {
    delivery(&receipt(&format!("storm-{place}"), &number(place), amount(place)))
}

/// Delivers all receipts from several senders at once; returns the places of those acknowledged.
async fn storm(address: &str) -> Vec<u64> {
    let mut senders = tokio::task::JoinSet::new();
    for sender in 0..SENDERS {
        let address = address.to_owned();
        senders.spawn(async move {
            let mut acknowledged = Vec::new();
            for place in (sender..RECEIPTS).step_by(usize::try_from(SENDERS).unwrap()) {
                if let Some((200, body)) = deliver(&address, &message(place)).await {
                    assert!(body.contains("<outcome>OK"), "{body}");
                    acknowledged.push(place);
                }
            }
            acknowledged
        });
    }
    senders.join_all().await.concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_in_a_storm_of_receipts_keeps_each_once_and_every_position_right() {
    for store in engines().await {
        let engine = store.engine_name();
        let folder = tempfile::tempdir().unwrap();
        let file = configuration(folder.path(), store.url());
        // The catalogue comes with the first start; positions need it.
        drop(Server::start(&file));
        insert_positions(&store, RECEIPTS / 2).await;

        let mut server = Server::start(&file);
        let address = server.address.clone();
        let first = tokio::spawn(async move { storm(&address).await });
        wait_for_receipts(&store, RECEIPTS / 4).await;
        server.kill();
        let acknowledged = first.await.unwrap();
        let many = u64::try_from(acknowledged.len()).unwrap();
        assert!(
            (1..RECEIPTS).contains(&many),
            "{engine}: {many} acknowledged: the kill came at the wrong time"
        );

        // What was acknowledged is here before anybody sends it again.
        let server = Server::start(&file);
        for place in &acknowledged {
            assert!(
                is_paid(&store, &number(*place)).await,
                "{engine}: receipt {place} was acknowledged and lost"
            );
        }
        assert_eq!(
            u64::try_from(storm(&server.address).await.len()).unwrap(),
            RECEIPTS,
            "{engine}"
        );
        drop(server);

        let mut snapshot = store.read().await.unwrap();
        let counted = receipts::count_receipts_by_effect(&mut snapshot, &code(MUNICIPALITY))
            .await
            .unwrap();
        assert_eq!(counted, [(ReceiptEffect::Applied, RECEIPTS)], "{engine}");
        for pair in 0..RECEIPTS / 2 {
            let key = format!("mensa-{pair}");
            let stored = debt_positions::find_position(&mut snapshot, &code(MUNICIPALITY), &key)
                .await
                .unwrap()
                .unwrap();
            assert!(
                matches!(stored.position.status, DebtPositionStatus::Paid { chosen: 0, .. }),
                "{engine}: {key}"
            );
            assert_eq!(stored.version, 2, "{engine}: {key} moved once for each receipt");
            for (_, _, instalment) in stored.position.instalments() {
                let kept = receipts::list_receipts_of_notice(
                    &mut snapshot,
                    &code(MUNICIPALITY),
                    &instalment.notice_number,
                )
                .await
                .unwrap();
                let ids: Vec<_> = kept.iter().map(|kept| &kept.receipt.id).collect();
                assert_eq!(
                    ids,
                    [&instalment.payment.as_ref().unwrap().receipt_id],
                    "{engine}: {key}"
                );
            }
        }
    }
}

async fn wait_for_receipts(store: &TestStore, at_least: u64) {
    for _ in 0..10_000 {
        let mut snapshot = store.read().await.unwrap();
        let counted = receipts::count_receipts_by_effect(&mut snapshot, &code(MUNICIPALITY))
            .await
            .unwrap();
        if counted.iter().map(|(_, count)| count).sum::<u64>() >= at_least {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("the storm never came");
}

async fn is_paid(store: &TestStore, number: &NoticeNumber) -> bool {
    let mut snapshot = store.read().await.unwrap();
    let notice = debt_positions::find_notice(&mut snapshot, &code(MUNICIPALITY), number)
        .await
        .unwrap();
    notice.unwrap().payment.is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_asked_to_stop_finishes_the_requests_under_way() {
    for store in engines().await {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Server::start(&configuration(folder.path(), store.url()));
        let whole = request(&message(0));
        let (first, last) = whole.split_at(whole.len() / 2);
        let mut stream = TcpStream::connect(&server.address).await.unwrap();
        stream.write_all(first.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;

        server.ask_to_stop();
        let refused = tokio::time::timeout(Duration::from_secs(10), async {
            while TcpStream::connect(&server.address).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        refused.await.expect("nobody new is served");

        stream.write_all(last.as_bytes()).await.unwrap();
        let (status, body) = answer(&mut stream).await.unwrap();
        assert!(status == 200 && body.contains("<outcome>OK"), "{status} {body}");
        assert!(server.ended_well());
        let mut snapshot = store.read().await.unwrap();
        let counted = receipts::count_receipts_by_effect(&mut snapshot, &code(MUNICIPALITY))
            .await
            .unwrap();
        assert_eq!(counted, [(ReceiptEffect::Unknown, 1)]);
    }
}
