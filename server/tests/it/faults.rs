//! What breaks beneath the server: the archive goes away, the disk fills up, the power fails in the middle of a receipt,
//! the hub does not answer. Nothing acknowledged is lost, nothing is kept twice, and the hub never hears a well-formed
//! KO to a receipt because of a trouble of ours: it would not send it again.

use crate::support::engines;
use crate::support::messages::{MUNICIPALITY, code, delivery, number, receipt, verify};
use crate::support::positions::{amount, insert_positions};
use crate::support::program::{Server, answer, configuration, deliver, lanterna};
use crate::support::relay::Relay;
use domain::receipt::ReceiptEffect;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use storage::testing::{Moment, TestStore};
use storage::{Store, StoreOptions, debt_positions, receipts};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

/// Longest the hub waits for the answer to a receipt.
const HUB_WAITS: Duration = Duration::from_secs(15);
/// Longest a server needs to be well again once its archive is back.
const RECOVERS_WITHIN: Duration = Duration::from_secs(20);

fn message(place: u64) -> String {
    delivery(&receipt(&format!("fault-{place}"), &number(place), amount(place)))
}

/// Whether an answer of ours would make the hub give up: a trouble of ours must never be one.
fn is_final(answer: Option<&(u16, String)>) -> bool {
    answer.is_some_and(|(status, body)| *status == 200 || body.contains("<outcome>"))
}

/// Delivers until it is acknowledged, as the hub does.
async fn insist(address: &str, message: &str) {
    let begun = Instant::now();
    loop {
        let answer = deliver(address, message).await;
        if let Some((200, body)) = &answer {
            assert!(body.contains("<outcome>OK"), "{body}");
            return;
        }
        assert!(!is_final(answer.as_ref()), "{answer:?}");
        assert!(
            begun.elapsed() < RECOVERS_WITHIN,
            "never acknowledged: {answer:?}"
        );
        sleep(Duration::from_millis(100)).await;
    }
}

async fn count(store: &Store) -> Vec<(ReceiptEffect, u64)> {
    let mut snapshot = store.read().await.unwrap();
    receipts::count_receipts_by_effect(&mut snapshot, &code(MUNICIPALITY))
        .await
        .unwrap()
}

/// How many times a position moved, and the state it is in.
async fn position(store: &Store, pair: u64) -> (i64, &'static str) {
    let mut snapshot = store.read().await.unwrap();
    let key = format!("mensa-{pair}");
    let stored = debt_positions::find_position(&mut snapshot, &code(MUNICIPALITY), &key).await;
    let stored = stored.unwrap().unwrap();
    (stored.version, stored.position.status.as_str())
}

/// Delivers receipts while the archive is away: the hub hears nothing that ends its attempts, in the time it waits.
async fn deliver_in_vain(address: &str, places: std::ops::Range<u64>) {
    let mut senders = tokio::task::JoinSet::new();
    for place in places {
        let address = address.to_owned();
        senders.spawn(async move {
            let begun = Instant::now();
            let told = deliver(&address, &message(place)).await;
            (told, begun.elapsed())
        });
    }
    for (told, waited) in senders.join_all().await {
        assert!(!is_final(told.as_ref()), "{told:?}");
        assert!(waited < HUB_WAITS, "the hub waited {waited:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_and_comes_back_has_lost_nothing() {
    let Some(store) = TestStore::postgres().await else {
        return;
    };
    let relay = Relay::to(store.url()).await;
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&configuration(folder.path(), &relay.url));
    insert_positions(&store, 10).await;
    insist(&server.address, &message(0)).await;

    relay.cut();
    // Longer than a request waits for a connection.
    for _ in 0..2 {
        deliver_in_vain(&server.address, 1..9).await;
        let asked = verify(MUNICIPALITY, number(12).as_str()).write();
        let told = deliver(&server.address, &asked).await;
        assert!(
            !is_final(told.as_ref()),
            "a question that cannot be kept is not answered: {told:?}"
        );
        assert_eq!(get(&server.address, "/health/ready").await, 503);
        assert_eq!(get(&server.address, "/health/live").await, 200);
    }
    relay.mend();

    for place in 0..20 {
        insist(&server.address, &message(place)).await;
    }
    assert_eq!(get(&server.address, "/health/ready").await, 200);
    assert_eq!(count(&store).await, [(ReceiptEffect::Applied, 20)]);
    for pair in 0..10 {
        assert_eq!(position(&store, pair).await, (2, "paid"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_somebody_else_holds_is_waited_for_and_then_told_as_our_trouble() {
    let store = TestStore::sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&configuration(folder.path(), store.url()));
    insert_positions(&store, 10).await;

    let held = store.begin().await.unwrap();
    deliver_in_vain(&server.address, 0..9).await;
    drop(held);
    for place in 0..20 {
        insist(&server.address, &message(place)).await;
    }
    assert_eq!(count(&store).await, [(ReceiptEffect::Applied, 20)]);
    for pair in 0..10 {
        assert_eq!(position(&store, pair).await, (2, "paid"));
    }
}

/// The status of a page.
async fn get(address: &str, path: &str) -> u16 {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: lanterna\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    answer(&mut stream).await.unwrap().0
}

/// A small disk of its own. Gone when dropped.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    /// A disk of so many MiB; `None`, said on the terminal, where this user may not mount one.
    fn of_mebibytes(size: usize) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}m"), "none"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self { folder });
        }
        crate::support::skipped("this user may not mount a small disk to fill");
        None
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file as large as it can be. Removing it makes room.
    fn fill(&self) -> std::path::PathBuf {
        let filler = self.path().join("filler");
        let mut file = std::fs::File::create(&filler).unwrap();
        while std::io::Write::write_all(&mut file, &[0; 4096]).is_ok() {}
        filler
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a server that was killed may still be closing its files.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// Fills the disk under an archive, delivers receipts, and makes room.
async fn fill_up(disk: &Disk, store: &Store, url: &str) {
    let engine = store.engine_name();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&configuration(folder.path(), url));

    let filler = disk.fill();
    let mut kept = 0;
    // What is there already, such as the write-ahead log's last page, holds a few more.
    let refused = loop {
        assert!(kept < 2_000, "{engine}: the disk never filled up");
        let told = deliver(&server.address, &message(kept)).await;
        if !is_final(told.as_ref()) {
            break told;
        }
        kept += 1;
    };
    assert_eq!(refused.unwrap().0, 500, "{engine}");
    deliver_in_vain(&server.address, kept..kept + 5).await;
    assert!(
        server.log().contains("the disk of the database is full"),
        "{engine}: {}",
        server.log()
    );
    assert_eq!(get(&server.address, "/health/live").await, 200);

    std::fs::remove_file(filler).unwrap();
    for place in 0..kept + 5 {
        insist(&server.address, &message(place)).await;
    }
    assert_eq!(
        count(store).await,
        [(ReceiptEffect::Unknown, kept + 5)],
        "{engine}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_what_it_cannot_keep_and_room_is_all_it_needs() {
    let Some(disk) = Disk::of_mebibytes(64) else {
        return;
    };
    let url = format!("sqlite:{}", disk.path().join("lanterna.db").display());
    let options = StoreOptions {
        create_missing: true,
        ..StoreOptions::default()
    };
    let store = Store::connect(&url, options).await.unwrap();
    store.migrate().await.unwrap();
    fill_up(&disk, &store, &url).await;
    drop(store);

    let tables = disk.path().join("tables");
    std::fs::create_dir(&tables).unwrap();
    if let Some(store) = TestStore::postgres_in(&tables).await {
        fill_up(&disk, &store, store.url()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_at_any_moment_of_a_receipt_keeps_it_once_when_there_is_room() {
    let Some(store) = TestStore::postgres().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&configuration(folder.path(), store.url()));
    insert_positions(&store, 10).await;
    for (moment, pair) in Moment::ALL.into_iter().zip(0..) {
        store.fill_up_at(moment).await;
        deliver_in_vain(&server.address, 2 * pair..2 * pair + 1).await;
        assert_eq!(position(&store, pair).await, (0, "open"), "{moment:?}");
        store.make_room().await;
        insist(&server.address, &message(2 * pair)).await;
        assert_eq!(position(&store, pair).await, (1, "open"), "{moment:?}");
        assert_eq!(
            count(&store).await,
            [(ReceiptEffect::Applied, pair + 1)],
            "{moment:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_any_moment_of_a_receipt_keeps_it_once_when_it_comes_again() {
    for store in engines().await {
        let engine = store.engine_name();
        let folder = tempfile::tempdir().unwrap();
        let file = configuration(folder.path(), store.url());
        drop(Server::start(&file));
        insert_positions(&store, 10).await;
        for (moment, pair) in Moment::ALL.into_iter().zip(0..) {
            let place = 2 * pair;
            let kept = store.count_requests().await;
            let mut server = Server::start(&file);
            store.halt_at(moment).await;
            let address = server.address.clone();
            let told = tokio::spawn(async move { deliver(&address, &message(place)).await });
            let begun = Instant::now();
            while !store.is_halted().await {
                assert!(begun.elapsed() < HUB_WAITS, "{engine}: nobody came to {moment:?}");
                sleep(Duration::from_millis(20)).await;
            }
            server.kill();
            assert_eq!(
                told.await.unwrap(),
                None,
                "{engine}: {moment:?}: the hub hears nothing"
            );
            store.let_pass().await;

            let stored = store.count_requests().await - kept;
            assert_eq!(
                stored,
                i64::from(moment != Moment::MessageArrives),
                "{engine}: {moment:?}"
            );
            assert_eq!(position(&store, pair).await, (0, "open"), "{engine}: {moment:?}");

            let server = Server::start(&file);
            insist(&server.address, &message(place)).await;
            insist(&server.address, &message(place)).await;
            assert_eq!(position(&store, pair).await, (1, "open"), "{engine}: {moment:?}");
            assert_eq!(
                count(&store).await,
                [(ReceiptEffect::Applied, pair + 1)],
                "{engine}: {moment:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_before_its_acknowledgement_is_heard_acknowledges_the_same_receipt_again() {
    for store in engines().await {
        let folder = tempfile::tempdir().unwrap();
        let file = configuration(folder.path(), store.url());
        let mut server = Server::start(&file);
        insert_positions(&store, 1).await;
        // The hub sends, and the line breaks before it hears.
        let mut stream = TcpStream::connect(&server.address).await.unwrap();
        stream
            .write_all(crate::support::program::request(&message(0)).as_bytes())
            .await
            .unwrap();
        let begun = Instant::now();
        while count(&store).await.is_empty() {
            assert!(begun.elapsed() < HUB_WAITS);
            sleep(Duration::from_millis(1)).await;
        }
        server.kill();
        drop(stream);
        let server = Server::start(&file);
        insist(&server.address, &message(0)).await;
        assert_eq!(count(&store).await, [(ReceiptEffect::Applied, 1)]);
        assert_eq!(position(&store, 0).await, (1, "open"));
    }
}

/// The sandbox hub as a process. Killed when dropped.
struct Hub(Child);

impl Drop for Hub {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Times a citizen tries while the hub is silent.
const ATTEMPTS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn while_the_hub_is_silent_citizens_are_told_so_and_receipts_still_come() {
    let store = TestStore::sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    let file = configuration(folder.path(), store.url());
    let hub = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(
        &file,
        text.replace("http://127.0.0.1:1", &format!("http://{hub}")),
    )
    .unwrap();
    let server = Server::start(&file);
    insert_positions(&store, 1).await;

    for _ in 0..ATTEMPTS {
        let told = begin_payment(&server.address, number(0).as_str()).await;
        assert!(told.starts_with("/carrello?") && told.contains("hub-"), "{told}");
        assert_eq!(
            get(&server.address, &told).await,
            503,
            "the summary says so, and keeps the notice"
        );
        assert!(told.contains(number(0).as_str()), "{told}");
    }
    // Somebody pays the other notice at a counter meanwhile.
    insist(&server.address, &message(1)).await;
    assert_eq!(count(&store).await, [(ReceiptEffect::Applied, 1)]);

    let mut sandbox = lanterna();
    sandbox.args(["sandbox", "--listen", &hub.to_string(), "--station-url"]);
    sandbox.arg(format!("http://{}/pagopa/paForNode", server.address));
    let _hub = Hub(sandbox
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap());
    let begun = Instant::now();
    loop {
        let told = begin_payment(&server.address, number(0).as_str()).await;
        if told.starts_with(&format!("http://{hub}/")) {
            break;
        }
        assert!(begun.elapsed() < RECOVERS_WITHIN, "the hub is back: {told}");
        sleep(Duration::from_millis(500)).await;
    }
}

/// Presses "pay" in the cart. Returns where the citizen is sent.
async fn begin_payment(address: &str, notice: &str) -> String {
    let fields = format!("cart={MUNICIPALITY}-{notice}&email=&language=italian");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let text = format!(
        "POST /api/payments/begin HTTP/1.1\r\nhost: lanterna\r\norigin: http://127.0.0.1:3000\r\n\
         accept: text/html\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{fields}",
        fields.len()
    );
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut said = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut said)
        .await
        .unwrap();
    let location = said.lines().find_map(|line| line.strip_prefix("location: "));
    location
        .unwrap_or_else(|| panic!("nobody is sent anywhere: {said}"))
        .to_owned()
}
