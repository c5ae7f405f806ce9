//! A city as it works: the program serving it, the sandbox hub in front of it, each a process, and the archive between
//! them.

use super::messages::{COMPANY, MUNICIPALITY, code, number};
use super::portal::Portal;
use super::program::{Said, Server, lanterna, run, whole_configuration};
use domain::debt_position::DebtPositionEvent;
use domain::{BrokerId, NoticeNumber};
use pagopa::debt_positions::iupd;
use reqwest::Method;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use storage::debt_positions;
use storage::testing::TestStore;
use tempfile::TempDir;

/// The city's institutions.
pub(crate) const INSTITUTIONS: [&str; 3] = [MUNICIPALITY, COMPANY, "03001847023"];

/// How the sandbox asks the server: in the clear, or as the hub does.
pub(crate) enum Doors {
    Plain,
    MutualTls,
}

/// A city with its hub.
pub(crate) struct City {
    portal: Portal,
    sandbox: Server,
    server: Option<Server>,
    listen: SocketAddr,
    configuration: PathBuf,
    http: reqwest::Client,
    folder: TempDir,
}

/// A client that follows no redirect.
pub(crate) fn http_client() -> reqwest::Client {
    // Another test may have chosen the same provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// An address nobody listens on.
pub(crate) fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

impl City {
    /// A city whose server does not run yet, with a sandbox of any number of calls and an hour of a second.
    pub(crate) async fn with(store: TestStore, sandbox_options: &[&str]) -> Self {
        Box::pin(Self::behind(Doors::Plain, store, sandbox_options)).await
    }

    /// The same, served.
    pub(crate) async fn served(store: TestStore) -> Self {
        let mut city = Box::pin(Self::with(store, &[])).await;
        city.serve();
        city
    }

    pub(crate) async fn behind(doors: Doors, store: TestStore, sandbox_options: &[&str]) -> Self {
        let portal = Portal::of_today(store).await;
        let folder = tempfile::tempdir().unwrap();
        let (listen, hub_listen) = (free_address(), free_address());
        let file = |name: &str| folder.path().join(name).display().to_string();
        let mut options: Vec<String> = ["--no-limits", "--hour", "1", "--station-url"]
            .map(str::to_owned)
            .into();
        match doors {
            Doors::Plain => options.push(format!("http://{listen}/pagopa/paForNode")),
            Doors::MutualTls => {
                assert_eq!(run(&["demo", "certificates", "--out", &file("")]).code, Some(0));
                options.push(format!(
                    "https://localhost:{}/pagopa/paForNode",
                    hub_listen.port()
                ));
                for (option, name) in [
                    ("--client-certificate", "client.pem"),
                    ("--client-key", "client.key"),
                    ("--ca", "ca.pem"),
                ] {
                    options.extend([option.to_owned(), file(name)]);
                }
            }
        }
        options.extend(sandbox_options.iter().map(|option| (*option).to_owned()));
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let sandbox = Server::sandbox(&options);
        let configuration = whole_configuration(
            folder.path(),
            &portal.database(),
            &format!("http://{listen}"),
            &format!("http://{}", sandbox.address),
        );
        let city = Self {
            portal,
            sandbox,
            server: None,
            listen,
            configuration,
            http: http_client(),
            folder,
        };
        if matches!(doors, Doors::MutualTls) {
            city.configure(|text| {
                format!(
                    "{text}\n[hub_listener]\nlisten = \"{hub_listen}\"\ncertificate_file = {:?}\nkey_file = {:?}\n\
                     client_ca_file = {:?}\n",
                    city.file("server.pem").display().to_string(),
                    city.file("server.key").display().to_string(),
                    city.file("ca.pem").display().to_string(),
                )
            });
        }
        city
    }

    /// Changes its configuration.
    pub(crate) fn configure(&self, change: impl FnOnce(String) -> String) {
        let text = std::fs::read_to_string(&self.configuration).unwrap();
        std::fs::write(&self.configuration, change(text)).unwrap();
    }

    /// A file of its own.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the server, at the same address each time.
    pub(crate) fn serve(&mut self) {
        let mut command = lanterna();
        command.args(["serve", "--listen", &self.listen.to_string(), "--config"]);
        self.server = Some(Server::run(command.arg(&self.configuration)));
    }

    /// Stops the server as an operator does.
    pub(crate) fn stop(&mut self) {
        let mut server = self.server.take().unwrap();
        server.ask_to_stop();
        assert!(server.ended_well(), "{}", server.log());
    }

    /// The server's page at this path.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.listen)
    }

    /// Runs `lanterna hub` with the city's configuration.
    pub(crate) fn hub(&self, arguments: &[&str]) -> Said {
        let configuration = ["--config", path(&self.configuration)];
        run(&[&["hub"][..], arguments, &configuration].concat())
    }

    /// Runs a command of the program on the city's archive.
    pub(crate) fn look(&self, arguments: &[&str]) -> Said {
        run(&[arguments, &["--database", &self.portal.database()]].concat())
    }

    /// What `lanterna position show` prints of a notice of the municipality.
    pub(crate) fn position(&self, notice: &str) -> Value {
        let said = self.look(&["position", "show", notice, "--institution", MUNICIPALITY]);
        serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{said:?}"))
    }

    /// Whether a notice of the municipality comes to this state before long.
    pub(crate) async fn comes_to(&self, notice: &str, state: &str) -> bool {
        self.eventually(async || self.position(notice)["state"] == state)
            .await
    }

    /// Whether something comes true before long.
    pub(crate) async fn eventually(&self, is_so: impl AsyncFn() -> bool) -> bool {
        for _ in 0..100 {
            if is_so().await {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        false
    }

    /// The municipality withdraws a notice's position.
    pub(crate) async fn cancel(&self, notice: &NoticeNumber) {
        let services = &self.portal.services;
        let at = services.clock.now();
        let event = DebtPositionEvent::Cancelled { at };
        let mut tx = services.store.begin().await.unwrap();
        let before = debt_positions::find_position_by_notice(&mut tx, &code(MUNICIPALITY), notice)
            .await
            .unwrap()
            .unwrap();
        let after = before.position.apply(&event).unwrap();
        debt_positions::transition_position(&mut tx, &before, &after, &event, at)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Asks the sandbox: status and answer.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = self
            .http
            .request(method, format!("http://{}{path}", self.sandbox.address));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {answer:#}");
        answer
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(Method::POST, path, Some(&body)).await;
        assert_eq!(status, 200, "{path}: {answer:#}\n{}", self.sandbox.log());
        answer
    }

    /// Somebody pays a notice of the municipality at a provider. Tells its receipt.
    pub(crate) async fn pay(&self, notice: &str) -> Value {
        let body = json!({ "notice_number": notice, "institution": MUNICIPALITY });
        self.post("/api/psp/pay", body).await
    }

    /// What the archive for stand-in holds of a notice of the municipality: the state of its position.
    pub(crate) async fn held(&self, notice: &str) -> Option<String> {
        let key = self.position(notice)["key"].as_str().unwrap().to_owned();
        let broker = BrokerId::parse(MUNICIPALITY).unwrap();
        let path = format!(
            "/aca/debt-positions-service/v1/organizations/{}/debtpositions/{}",
            MUNICIPALITY,
            iupd(&broker, &key)
        );
        let (status, held) = self.ask(Method::GET, &path, None).await;
        match status {
            200 => Some(held["status"].as_str().unwrap().to_owned()),
            404 => None,
            other => panic!("{other}: {held:#}"),
        }
    }

    /// What the sandbox found wrong in what it was told, in every exchange so far.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let journal = self.get("/api/journal").await;
        let told = journal.as_array().unwrap().iter();
        told.filter(|exchange| {
            exchange["reasons"]
                .as_array()
                .is_some_and(|reasons| !reasons.is_empty())
        })
        .map(|exchange| format!("{exchange:#}"))
        .collect()
    }

    /// An address of the sandbox, opened by the program's own client without following where it leads.
    pub(crate) async fn open(&self, url: &str) -> reqwest::Response {
        self.http.get(url).send().await.unwrap()
    }

    /// The same, with a form.
    pub(crate) async fn fill(&self, url: &str, fields: &str) -> reqwest::Response {
        let request = self
            .http
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded");
        request.body(fields.to_owned()).send().await.unwrap()
    }
}

/// A path as an argument.
fn path(file: &Path) -> &str {
    file.to_str().unwrap()
}

/// The municipality's notice with this progressive number.
pub(crate) fn notice(base: u64) -> String {
    number(base).to_string()
}
