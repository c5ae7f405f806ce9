//! Whoever can reach the real listener and means harm: refused within its limits, in flat memory, while honest questions
//! are answered.

use crate::support::engines;
use crate::support::messages::{MUNICIPALITY, number, verify};
use crate::support::program::{Server, answer, configuration, deliver, request};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};
use storage::testing::TestStore;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

/// Longest the hub waits for a verification.
const HUB_WAITS: Duration = Duration::from_secs(7);
/// How much an attack may make the server grow.
const GROWTH_MAX: u64 = 64 * 1024 * 1024;
/// Largest message.
const MESSAGE_MAX: usize = 1024 * 1024;

async fn serve(store: &TestStore) -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&configuration(folder.path(), store.url()));
    // Whatever a first question allocates once is there before anything is measured.
    assert_honest(&server.address).await;
    (server, folder)
}

fn question() -> String {
    verify(MUNICIPALITY, number(1).as_str()).write()
}

/// An honest question, from an address that did no harm, is answered in time.
async fn assert_honest(address: &str) {
    let asked = timeout(HUB_WAITS, async {
        let mut stream = connect_from(Ipv4Addr::new(127, 0, 0, 9), address).await.unwrap();
        stream.write_all(request(&question()).as_bytes()).await.unwrap();
        answer(&mut stream).await
    });
    let (status, body) = asked
        .await
        .expect("an honest question is answered in time")
        .unwrap();
    assert!(
        status == 200 && body.contains("PAA_PAGAMENTO_SCONOSCIUTO"),
        "{status} {body}"
    );
}

async fn connect_from(peer: Ipv4Addr, address: &str) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(IpAddr::V4(peer), 0))?;
    socket.connect(address.parse().unwrap()).await
}

/// What is sent, and whether it is read and refused, or refused before it is read.
fn hostile_messages() -> Vec<(&'static str, Vec<u8>, u16)> {
    let inside = |body: &str| question().replace("<idPA>", &format!("{body}<idPA>"));
    let deep = format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000));
    let many = "<a/>".repeat(200_000);
    let filled = |make: &dyn Fn(usize) -> String| make(MESSAGE_MAX - make(0).len());
    let laugh = |n: usize| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10));
    let laughs = (1..10).map(laugh).collect::<Vec<_>>().concat();
    let with_doctype =
        |declared: &str, used: &str| format!("<!DOCTYPE l [<!ENTITY l0 \"ha\">{declared}]>{}", inside(used));
    let wide = |text: &str| -> Vec<u8> {
        [0xFF, 0xFE]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect()
    };
    let declared = |encoding: &str| {
        let declaration = format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>");
        question().replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", &declaration)
    };
    let mut broken = question().into_bytes();
    broken.extend([0xC3, 0x28, 0xFF]);
    vec![
        ("10,000 elements in one another", inside(&deep).into_bytes(), 200),
        ("200,000 elements", inside(&many).into_bytes(), 200),
        ("billion laughs", with_doctype(&laughs, "&l9;").into_bytes(), 500),
        (
            "an entity of a file",
            with_doctype("<!ENTITY f SYSTEM \"file:///etc/passwd\">", "&f;").into_bytes(),
            500,
        ),
        (
            "a huge entity",
            with_doctype(&format!("<!ENTITY h \"{}\">", "h".repeat(900_000)), "&h;").into_bytes(),
            500,
        ),
        (
            "an attribute of a mebibyte",
            filled(&|n| inside(&format!("<a b='{}'/>", "x".repeat(n)))).into_bytes(),
            200,
        ),
        (
            "a text of a mebibyte",
            filled(&|n| inside(&format!("<a>{}</a>", "x".repeat(n)))).into_bytes(),
            200,
        ),
        (
            "a name of a mebibyte",
            filled(&|n| inside(&format!("<{}/>", "a".repeat(n)))).into_bytes(),
            200,
        ),
        (
            "a comment without an end",
            filled(&|n| inside(&format!("<!--{}", "x".repeat(n)))).into_bytes(),
            200,
        ),
        ("UTF-16", wide(&question()), 200),
        (
            "half a character of UTF-16",
            wide(&question())[..777].to_vec(),
            500,
        ),
        ("UTF-7", declared("UTF-7").into_bytes(), 500),
        (
            "an encoding nobody knows",
            declared("x-klingon").into_bytes(),
            500,
        ),
        ("bytes that are no text", broken, 500),
        ("nothing", Vec::new(), 500),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_messages_are_kept_refused_at_once_and_leave_no_memory_behind() {
    for store in engines().await {
        let (server, _folder) = serve(&store).await;
        let before = (server.memory(), store.count_requests().await);
        let mut sent = 0;
        for (name, message, expected) in hostile_messages() {
            for _ in 0..20 {
                let begun = Instant::now();
                let (status, body) = post(&server.address, &message).await.expect(name);
                assert_eq!(status, expected, "{name}: {body}");
                let refused = body.contains("<outcome>KO") || body.contains("<faultcode>");
                assert!(refused && body.len() < 2_000, "{name}: {body}");
                assert!(begun.elapsed() < HUB_WAITS, "{name}");
                sent += 1;
            }
        }
        assert_honest(&server.address).await;
        assert_eq!(
            store.count_requests().await - before.1,
            sent + 1,
            "every message is kept"
        );
        assert_flat(&server, before.0);
    }
}

fn assert_flat(server: &Server, before: u64) {
    let grown = server.memory().saturating_sub(before);
    assert!(
        grown < GROWTH_MAX,
        "the server grew by {} MiB",
        grown / 1024 / 1024
    );
}

async fn post(address: &str, message: &[u8]) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let head = format!(
        "POST /pagopa/paForNode HTTP/1.1\r\nhost: lanterna\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        message.len()
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(message).await.ok()?;
    answer(&mut stream).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_ten_megabytes_is_refused_before_it_is_read_however_it_is_announced() {
    let store = TestStore::sqlite().await;
    let (server, _folder) = serve(&store).await;
    let before = server.memory();
    for announced in [true, false].repeat(10) {
        let mut stream = TcpStream::connect(&server.address).await.unwrap();
        let length = if announced {
            "content-length: 10000000"
        } else {
            "transfer-encoding: chunked"
        };
        let head = format!("POST /pagopa/paForNode HTTP/1.1\r\nhost: lanterna\r\n{length}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let (mut from, mut to) = stream.into_split();
        let sender = tokio::spawn(async move {
            let chunk = vec![b'x'; 64 * 1024];
            for _ in 0..160 {
                let size = format!("{:x}\r\n", chunk.len());
                let parts: &[&[u8]] = if announced {
                    &[&chunk]
                } else {
                    &[size.as_bytes(), &chunk, b"\r\n"]
                };
                for part in parts {
                    if to.write_all(part).await.is_err() {
                        return;
                    }
                }
            }
        });
        let mut said = vec![0; 1024];
        let read = timeout(HUB_WAITS, from.read(&mut said))
            .await
            .expect("refused in time")
            .unwrap();
        let said = String::from_utf8_lossy(&said[..read]).into_owned();
        assert!(said.starts_with("HTTP/1.1 413"), "{said}");
        drop(from);
        sender.abort();
        let _aborted = sender.await;
    }
    assert_honest(&server.address).await;
    assert_flat(&server, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_length_can_be_read_in_two_ways_smuggles_nothing_in() {
    let store = TestStore::sqlite().await;
    let (server, _folder) = serve(&store).await;
    let smuggled = "GET /health/live HTTP/1.1\r\nhost: lanterna\r\n\r\n";
    for (name, fields, body) in [
        (
            "two lengths",
            "content-length: 0\r\ncontent-length: 47\r\n",
            smuggled,
        ),
        ("a list of lengths", "content-length: 0, 47\r\n", smuggled),
        ("a signed length", "content-length: +0\r\n", smuggled),
        (
            "chunked not last",
            "transfer-encoding: chunked, identity\r\n",
            smuggled,
        ),
        (
            "a coding nobody knows",
            "transfer-encoding: xchunked\r\n",
            smuggled,
        ),
        ("a space before the colon", "content-length : 0\r\n", smuggled),
        (
            "a folded line",
            "x: y\r\n transfer-encoding: chunked\r\n",
            smuggled,
        ),
        (
            "a broken chunk",
            "transfer-encoding: chunked\r\n",
            "0x0\r\n\r\nGET /health/live HTTP/1.1\r\n\r\n",
        ),
        (
            "a chunk beyond counting",
            "transfer-encoding: chunked\r\n",
            "fffffffffffffffff\r\n",
        ),
    ] {
        let mut stream = TcpStream::connect(&server.address).await.unwrap();
        let text = format!("POST /pagopa/paForNode HTTP/1.1\r\nhost: lanterna\r\n{fields}\r\n{body}");
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut said = String::new();
        timeout(HUB_WAITS, stream.read_to_string(&mut said))
            .await
            .expect(name)
            .unwrap();
        assert!(said.starts_with("HTTP/1.1 400"), "{name}: {said}");
        assert_eq!(
            said.matches("HTTP/1.1 ").count(),
            1,
            "{name}: the connection ends there: {said}"
        );
    }

    // Both a length and chunks: the chunks count, whichever comes first, and nothing after them is listened to.
    for fields in [
        "content-length: 5\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 5",
    ] {
        let mut stream = TcpStream::connect(&server.address).await.unwrap();
        let message = question();
        let text = format!(
            "POST /pagopa/paForNode HTTP/1.1\r\nhost: lanterna\r\n{fields}\r\n\r\n{:x}\r\n{message}\r\n0\r\n\r\n\
             {smuggled}",
            message.len()
        );
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut said = Vec::new();
        // What was not listened to may make the connection end hard.
        let _ = timeout(HUB_WAITS, stream.read_to_end(&mut said))
            .await
            .expect(fields);
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains("PAA_PAGAMENTO_SCONOSCIUTO"), "{fields}: {said}");
        assert_eq!(
            said.matches("HTTP/1.1 ").count(),
            1,
            "{fields}: the connection ends there: {said}"
        );
    }
    assert_honest(&server.address).await;
}

/// Connections of each kind of slow sender.
const DRIPS: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_drop_by_drop_is_cut_off_and_keeps_nobody_waiting() {
    let store = TestStore::sqlite().await;
    let (server, _folder) = serve(&store).await;
    let before = server.memory();
    let head = "POST /pagopa/paForNode HTTP/1.1\r\nhost: lanterna\r\n";
    let body = format!("{head}content-length: 1000\r\n\r\n");
    let chunks = format!("{head}transfer-encoding: chunked\r\n\r\n");
    let mut drips = tokio::task::JoinSet::new();
    for (head, drop) in [(head, "x: y\r\n"), (&*body, "<"), (&*chunks, "1\r\n<\r\n")] {
        for _ in 0..DRIPS {
            let (address, head) = (server.address.clone(), head.to_owned());
            drips.spawn(drip(address, head, drop));
        }
    }
    // While they drip, and before any is cut off.
    for _ in 0..5 {
        let begun = Instant::now();
        assert_honest(&server.address).await;
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        sleep(Duration::from_millis(500)).await;
    }
    while let Some(lasted) = drips.join_next().await {
        let lasted = lasted.unwrap();
        assert!(
            lasted < Duration::from_secs(30),
            "a slow sender was borne for {lasted:?}"
        );
    }
    assert_flat(&server, before);
}

/// Sends a drop twice a second until the connection is closed. Returns how long it was borne.
async fn drip(address: String, head: String, drop: &str) -> Duration {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut said = [0; 4096];
    while begun.elapsed() < Duration::from_secs(60) {
        if stream.write_all(drop.as_bytes()).await.is_err() {
            break;
        }
        if let Ok(Ok(0) | Err(_)) = timeout(Duration::from_millis(500), stream.read(&mut said)).await {
            break;
        }
    }
    begun.elapsed()
}

/// Connections of a peer that only holds them.
const IDLE: usize = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_idle_connections_of_one_address_leave_room_for_the_others() {
    let limit = getrlimit(Resource::Nofile);
    let needed = u64::try_from(IDLE).unwrap() + 1_000;
    if limit.maximum.is_some_and(|maximum| maximum < needed) {
        crate::support::skipped("this user may not open ten thousand connections (ulimit -Hn)");
        return;
    }
    // Also for the server, which inherits it.
    let current = limit.current.map(|current| current.max(needed));
    setrlimit(Resource::Nofile, Rlimit { current, ..limit }).unwrap();

    let store = TestStore::sqlite().await;
    let (server, _folder) = serve(&store).await;
    let before = server.memory();
    let mut held = Vec::with_capacity(IDLE);
    for _ in 0..IDLE {
        held.push(TcpStream::connect(&server.address).await.unwrap());
    }
    for _ in 0..5 {
        let begun = Instant::now();
        assert_honest(&server.address).await;
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    }
    assert_flat(&server, before);
    drop(held);
    // The places come back, also to the address that held them.
    let again = timeout(HUB_WAITS, async {
        loop {
            match deliver(&server.address, &question()).await {
                Some((200, body)) => return body,
                Some(_) | None => sleep(Duration::from_millis(50)).await,
            }
        }
    });
    assert!(
        again
            .await
            .expect("an address that let go is served again")
            .contains("PAA_PAGAMENTO_SCONOSCIUTO")
    );
}
