//! The hub's own listener: who gets in, who does not, and what happens when the certificates change.

use crate::support::certificates::{Authority, Files, Pair};
use crate::support::messages::{MUNICIPALITY, verify};
use crate::support::program::{Server, configuration, deliver, request, run};
use axum::Router;
use axum::routing::get;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use server::config::HubListenerSettings;
use server::mutual_tls::{Certificate, Credentials, MutualTls};
use server::serve_mutual_tls;
use services::clock::{Clock, SystemClock};
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use storage::testing::TestStore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The name in the hub's certificate.
const HUB: &str = "forwarder.platform.pagopa.it";
/// How often the listener under test looks at its files.
const OFTEN: Duration = Duration::from_millis(20);

/// A listener.
struct Door<'f> {
    address: SocketAddr,
    files: &'f Files,
    // Its end stops the listener.
    _stop: Option<oneshot::Sender<()>>,
}

impl<'f> Door<'f> {
    /// Of a program that runs already.
    fn at(address: SocketAddr, files: &'f Files) -> Self {
        Self {
            address,
            files,
            _stop: None,
        }
    }

    /// Opens one that serves a single page.
    async fn open(files: &'f Files) -> Self {
        let tls = MutualTls::start(settings(files)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let credentials = tls.server();
        tokio::spawn(tls.follow(Arc::new(SystemClock), OFTEN));
        let router = Router::new().route("/", get(|| async { "come in" }));
        tokio::spawn(serve_mutual_tls(listener, router, credentials, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            files,
            _stop: Some(stop),
        }
    }

    /// What somebody who believes this authority and shows this certificate gets.
    async fn ask(&self, believed: &Authority, shown: Option<&Pair>) -> Result<String, String> {
        let mut stream = self.connect(believed, shown).await?;
        page(&mut stream).await
    }

    async fn connect(
        &self,
        believed: &Authority,
        shown: Option<&Pair>,
    ) -> Result<TlsStream<TcpStream>, String> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(believed.pem().as_bytes()).unwrap())
            .unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match shown {
            None => builder.with_no_client_auth(),
            Some(pair) => builder
                .with_client_auth_cert(
                    vec![CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap()],
                    PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap(),
                )
                .unwrap(),
        };
        let stream = TcpStream::connect(self.address).await.unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(ServerName::try_from("localhost").unwrap(), stream)
            .await
            .map_err(|error| error.to_string())
    }

    /// Waits until somebody gets this far.
    async fn eventually(&self, believed: &Authority, shown: &Pair) {
        for _ in 0..200 {
            if self.ask(believed, Some(shown)).await.is_ok() {
                return;
            }
            tokio::time::sleep(OFTEN).await;
        }
        panic!("the new files were never read");
    }
}

/// Asks for the page on a connection that stays open.
async fn page(stream: &mut TlsStream<TcpStream>) -> Result<String, String> {
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .map_err(|error| error.to_string())?;
    let mut text = String::new();
    // In TLS 1.3 a client learns at its first read that it was refused.
    while !text.ends_with("come in") {
        let mut part = [0; 1024];
        match stream.read(&mut part).await.map_err(|error| error.to_string())? {
            0 => return Err("closed".to_owned()),
            length => text.push_str(std::str::from_utf8(&part[..length]).unwrap()),
        }
    }
    Ok("come in".to_owned())
}

fn settings(files: &Files) -> HubListenerSettings {
    HubListenerSettings {
        listen: "127.0.0.1:0".parse().unwrap(),
        certificate_file: files.certificate(),
        key_file: files.key(),
        client_ca_file: files.client_ca(),
        client_names: vec![HUB.to_owned()],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_hub_comes_in() {
    let (own, hubs, others) = (
        Authority::new("own"),
        Authority::new("hub's"),
        Authority::new("others"),
    );
    let files = Files::write(&own.server("localhost"), &hubs);
    let door = Door::open(&files).await;
    assert_eq!(
        door.ask(&own, Some(&hubs.client(HUB))).await.as_deref(),
        Ok("come in")
    );
    assert_eq!(
        door.ask(&own, Some(&hubs.client_by_alternative_name(HUB)))
            .await
            .as_deref(),
        Ok("come in")
    );
    let refused = [
        ("without a certificate", None),
        ("of another authority", Some(others.client(HUB))),
        (
            "of another name",
            Some(hubs.client("forwarder.uat.platform.pagopa.it")),
        ),
        ("expired", Some(hubs.expired_client(HUB))),
        ("for servers", Some(hubs.server(HUB))),
    ];
    for (who, shown) in &refused {
        let answer = door.ask(&own, shown.as_ref()).await;
        assert!(answer.is_err(), "somebody {who} came in");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_files_are_followed_and_bad_ones_are_not() {
    let (own, hubs) = (Authority::new("own"), Authority::new("hub's"));
    let files = Files::write(&own.server("localhost"), &hubs);
    let door = Door::open(&files).await;
    let hub = hubs.client(HUB);
    let mut open_before = door.connect(&own, Some(&hub)).await.unwrap();
    assert!(page(&mut open_before).await.is_ok());

    // A half-written file, as a copy in progress leaves it.
    door.files.write_certificate("-----BEGIN CERTIFICATE-----\nMIIB");
    tokio::time::sleep(OFTEN * 10).await;
    assert!(
        door.ask(&own, Some(&hub)).await.is_ok(),
        "the old one stays in force"
    );
    assert!(page(&mut open_before).await.is_ok(), "who is in stays in");

    let (renewed, renewed_hubs) = (Authority::new("renewed"), Authority::new("hub's, renewed"));
    let renewed_hub = renewed_hubs.client(HUB);
    door.files.replace(&renewed.server("localhost"), &renewed_hubs);
    door.eventually(&renewed, &renewed_hub).await;
    assert!(
        door.ask(&own, Some(&renewed_hub)).await.is_err(),
        "the old certificate is served no more"
    );
    assert!(
        door.ask(&renewed, Some(&hub)).await.is_err(),
        "the old authority is believed no more"
    );
    let begun = Instant::now();
    while page(&mut open_before).await.is_ok() {
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "a connection of before stays open"
        );
        tokio::time::sleep(OFTEN).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_does_not_end_is_ended() {
    let own = Authority::new("own");
    let files = Files::write(&own.server("localhost"), &own);
    let door = Door::open(&files).await;
    let begun = Instant::now();
    let mut silent = TcpStream::connect(door.address).await.unwrap();
    // The first bytes of a greeting, and no more.
    silent.write_all(&[0x16, 0x03, 0x01]).await.unwrap();
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(15), silent.read_to_end(&mut answer)).await;
    assert!(ended.is_ok(), "the connection was still open after 15 seconds");
    assert!(begun.elapsed() >= Duration::from_secs(9), "{:?}", begun.elapsed());
    assert_eq!(
        door.ask(&own, Some(&own.client(HUB))).await.as_deref(),
        Ok("come in")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_is_served_on_its_own_listener_alone_unless_the_configuration_says_otherwise() {
    let store = TestStore::sqlite().await;
    let (own, hubs) = (Authority::new("own"), Authority::new("hub's"));
    let files = Files::write(&own.server("localhost"), &hubs);
    let folder = tempfile::tempdir().unwrap();
    let question = verify(MUNICIPALITY, "000000000000000000").write();
    for (also_public, status) in [(false, 403), (true, 200)] {
        let configuration = configuration(folder.path(), store.url());
        let mut text = format!("hub_on_public_listener = {also_public}\n");
        text.push_str(&std::fs::read_to_string(&configuration).unwrap());
        text.push_str(&files.hub_listener());
        std::fs::write(&configuration, text).unwrap();
        let server = Server::start(&configuration);

        let (public, _) = deliver(&server.address, &question).await.unwrap();
        assert_eq!(public, status, "{}", server.log());
        let hub_address = server.hub_address();
        let hub = Door::at(hub_address, &files);
        let mut stream = hub.connect(&own, Some(&hubs.client(HUB))).await.unwrap();
        stream.write_all(request(&question).as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains("PAA_PAGAMENTO_SCONOSCIUTO"), "{answer}");
        let mut stream = hub.connect(&own, Some(&hubs.client(HUB))).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 404"),
            "citizens' pages are not here: {answer}"
        );

        assert!(
            hub.ask(&own, Some(&hubs.client("stranger.example")))
                .await
                .is_err()
        );
        let reason = "the client's certificate is of stranger.example, not of forwarder.platform.pagopa.it";
        assert!(server.logs(reason), "{}", server.log());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_a_certificate_comes_in_by_its_listener_with_that_one_alone() {
    let store = TestStore::sqlite().await;
    let (own, programs) = (Authority::new("own"), Authority::new("programs'"));
    let files = Files::write(&own.server("localhost"), &programs);
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path(), store.url());
    let text = std::fs::read_to_string(&configuration).unwrap() + &files.api_listener();
    std::fs::write(&configuration, text).unwrap();
    let server = Server::start(&configuration);
    let (shown, other) = (programs.client("tributi"), programs.client("mense"));
    let der = CertificateDer::from_pem_slice(shown.certificate.as_bytes()).unwrap();
    let fingerprint: Vec<String> = Sha256::digest(&der)
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    let made = run(&[
        "application",
        "create",
        "tributi",
        "--institution",
        MUNICIPALITY,
        "--name",
        "Tributi",
        "--grant",
        "receipts:read",
        "--certificate",
        &fingerprint.join(":"),
        "--database",
        store.url(),
    ]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let secret = run(&[
        "application",
        "secret",
        "new",
        "tributi",
        "--database",
        store.url(),
    ]);
    let form = format!(
        "grant_type=client_credentials&client_id=tributi&client_secret={}",
        secret.out.trim()
    );
    let head = format!(
        "POST /api/v1/token HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
        form.len()
    );
    let door = Door::at(server.api_address(), &files);
    let ask = async |pair: &Pair, request: &str| {
        let mut stream = door.connect(&own, Some(pair)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let given = ask(&shown, &[&head, form.as_str()].concat()).await;
    let (_, rest) = given.split_once("\"access_token\":\"").expect(&given);
    let (token, _) = rest.split_once('"').unwrap();
    let request = format!(
        "GET /api/v1/institution HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\n\r\n"
    );
    assert!(
        ask(&shown, &request)
            .await
            .contains("\"fiscal_code\":\"00856930102\"")
    );
    assert!(ask(&other, &request).await.contains("invalid_token"));
    assert!(
        ask(&other, &[&head, form.as_str()].concat())
            .await
            .contains("invalid_client")
    );
    // Citizens' pages are not here, and nobody comes in without a certificate of the authority.
    assert!(
        ask(
            &shown,
            "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        )
        .await
        .starts_with("HTTP/1.1 404")
    );
    assert!(door.ask(&own, None).await.is_err());
    assert!(door.ask(&own, Some(&own.client("tributi"))).await.is_err());
    // On the public listener nobody shows a certificate.
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    stream
        .write_all([&head, form.as_str()].concat().as_bytes())
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.contains("application tributi is let in with its certificate only"),
        "{answer}"
    );
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("certificate_needed"), "{answer}");
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let own = Authority::new("own");
    let said = |change: fn(&Files), settings: fn(&mut HubListenerSettings)| {
        let files = Files::write(&own.server("localhost"), &own);
        change(&files);
        let mut wanted = self::settings(&files);
        settings(&mut wanted);
        format!("{:#}", Credentials::read(&wanted).unwrap_err())
    };
    let missing = said(|_| {}, |settings| settings.key_file.set_file_name("lost.key"));
    assert!(
        missing.contains("hub_listener.key_file: cannot read"),
        "{missing}"
    );
    assert!(missing.contains("lost.key"), "{missing}");
    let swapped = said(
        |_| {},
        |settings| settings.certificate_file.clone_from(&settings.key_file),
    );
    assert!(swapped.contains("server.key holds no certificate"), "{swapped}");
    let keyless = said(
        |_| {},
        |settings| settings.key_file.clone_from(&settings.client_ca_file),
    );
    assert!(keyless.contains("ca.pem holds no private key"), "{keyless}");
    let foreign = said(
        |files| files.write_key(&Authority::new("x").server("y").key),
        |_| {},
    );
    assert!(foreign.contains("is not the one of the certificate"), "{foreign}");
    assert!(
        foreign.contains("server.key") && foreign.contains("server.pem"),
        "{foreign}"
    );
    let empty = said(|files| files.write_client_ca(""), |_| {});
    assert!(
        empty.contains("hub_listener.client_ca_file") && empty.contains("ca.pem"),
        "{empty}"
    );
}

#[test]
fn a_configuration_is_checked_with_its_certificates_and_stops() {
    let authority = Authority::new("hub's");
    let files = Files::write(&authority.server("stazione.example.it"), &authority);
    let folder = tempfile::tempdir().unwrap();
    let said = |more: &str| {
        let file = configuration(folder.path(), "sqlite:never-opened.db");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{text}{more}")).unwrap();
        run(&["check-config", "--config", file.to_str().unwrap()])
    };
    let stop = "\n[[hub.maintenance]]\nstation = \"00856930102_01\"\nfrom = \"2020-12-01T22:00\"\n\
                until = \"2020-12-02T02:00\"\nreason = \"new disks\"\n";
    let good = said(&format!("{stop}{}", files.hub_listener()));
    assert_eq!((good.code, good.err.as_str()), (Some(0), ""), "{good:?}");
    for expected in [
        "hub          127.0.0.1:0 with mutual TLS, for forwarder.platform.pagopa.it\n",
        "certificate  stazione.example.it, until 4096-01-01",
        "authority    hub's, until",
        "maintenance  00856930102_01 from 2020-12-01 22:00 until 2020-12-02 02:00 (over): new disks",
    ] {
        assert!(good.out.contains(expected), "{expected}\n{}", good.out);
    }
    let upside_down = said(&stop.replace("2020-12-02T02", "2019-12-02T02"));
    assert_eq!(upside_down.code, Some(1), "{upside_down:?}");
    assert!(
        upside_down.err.contains("ends before it begins"),
        "{upside_down:?}"
    );
    let nonsense = said(&stop.replace("2020-12-01T22:00", "domani"));
    assert!(nonsense.err.contains("is not a moment"), "{nonsense:?}");
    files.write_key("");
    let keyless = said(&files.hub_listener());
    assert!(
        keyless.err.contains("server.key holds no private key"),
        "{keyless:?}"
    );
}

#[test]
fn the_demo_certificates_belong_together() {
    let folder = tempfile::tempdir().unwrap();
    let said = run(&["demo", "certificates", "--out", folder.path().to_str().unwrap()]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    let file = |name: &str| folder.path().join(name);
    let settings = |certificate: &str, key: &str| HubListenerSettings {
        listen: "127.0.0.1:0".parse().unwrap(),
        certificate_file: file(certificate),
        key_file: file(key),
        client_ca_file: file("ca.pem"),
        client_names: vec![HUB.to_owned()],
    };
    let server = Credentials::read(settings("server.pem", "server.key")).unwrap();
    assert_eq!(server.own.names, ["localhost"]);
    assert!(!server.own.ends_soon(SystemClock.now()), "{:?}", server.own);
    let client: Certificate = Credentials::read(settings("client.pem", "client.key"))
        .unwrap()
        .own;
    assert!(client.is_of(&[HUB.to_owned()]));
}
