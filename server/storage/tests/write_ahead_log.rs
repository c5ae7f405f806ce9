//! The write-ahead log of a SQLite file stays short, however the archive is read and written.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use storage::messages::{Direction, MessageId, MessageKind, NewMessage, record_messages};
use storage::testing::{LOG_BYTES_MAX, TestStore};
use storage::{Snapshot, institutions};

/// Bytes of a message.
const MESSAGE: u64 = 512 * 1024;
/// Bytes one transaction of these tests writes.
const WRITTEN: u64 = 8 * MESSAGE;

async fn write(store: &TestStore, place: u64) {
    let at = "2026-11-23T10:00:00Z".parse().unwrap();
    let messages: Vec<NewMessage> = (0..8)
        .map(|message: u64| {
            let id = MessageId::new(at, (place * 8 + message).to_be_bytes());
            let body = vec![b'x'; MESSAGE.try_into().unwrap()];
            NewMessage::new(id, at, Direction::Inbound, MessageKind::Request, "any", body)
        })
        .collect();
    let mut tx = store.begin().await.unwrap();
    record_messages(&mut tx, &messages).await.unwrap();
    tx.commit().await.unwrap();
}

async fn look(snapshot: &mut Snapshot) {
    institutions::list_institutions(snapshot).await.unwrap();
}

fn length(store: &TestStore) -> u64 {
    let path = format!("{}-wal", store.url().strip_prefix("sqlite:").unwrap());
    std::fs::metadata(path).unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_stays_short_among_readers_that_follow_one_another_without_a_gap() {
    let store = TestStore::sqlite().await;
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..6)
        .map(|_| {
            let (store, done) = ((*store).clone(), Arc::clone(&done));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    let mut snapshot = store.read().await.unwrap();
                    look(&mut snapshot).await;
                    tokio::time::sleep(Duration::from_millis(3)).await;
                }
            })
        })
        .collect();
    let mut longest = 0;
    for place in 0..2 * LOG_BYTES_MAX / WRITTEN {
        write(&store, place).await;
        longest = longest.max(length(&store));
    }
    done.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    assert!(longest < LOG_BYTES_MAX + 2 * WRITTEN, "{longest} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_for_long_lengthens_the_log_and_holds_up_nobody() {
    let store = TestStore::sqlite().await;
    let mut long = store.read().await.unwrap();
    look(&mut long).await;
    let enough = LOG_BYTES_MAX / WRITTEN + 4;
    for place in 0..enough {
        // A writer that waited for the reader would wait for ever.
        write(&store, place).await;
    }
    assert!(length(&store) > LOG_BYTES_MAX + 2 * WRITTEN);
    drop(long);
    for place in enough..enough + 4 {
        write(&store, place).await;
    }
    assert!(length(&store) < LOG_BYTES_MAX, "{} bytes", length(&store));
}
