//! The program people install.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The program with nothing of the surrounding environment that it would listen to.
pub(crate) fn lanterna() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lanterna"));
    for name in [
        "LANTERNA_LISTEN",
        "LANTERNA_DATABASE",
        "LANTERNA_CONFIG",
        "LANTERNA_OPENAPI_DIR",
        "LANTERNA_SANDBOX_LISTEN",
        "RUST_LOG",
    ] {
        command.env_remove(name);
    }
    command
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// Runs a command of the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Said {
    lanterna().args(arguments).output().unwrap().into()
}

/// A running server. Killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    log: Arc<Mutex<String>>,
}

/// The address a log tells after these words; empty when it does not.
fn address_after(log: &str, words: &str) -> String {
    let rest = log.split_once(words).map(|(_, rest)| rest).unwrap_or_default();
    rest.chars()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ':'))
        .collect()
}

/// A configuration of the demo city's institutions on this database. Of the hub it knows Checkout alone, and nobody
/// listens there; a test adds the other products it needs at the end.
pub(crate) fn configuration(folder: &Path, database: &str) -> PathBuf {
    let file = whole_configuration(folder, database, "http://127.0.0.1:3000", "http://127.0.0.1:1");
    let text = std::fs::read_to_string(&file).unwrap();
    let (checkout_alone, _) = text.split_once("aca.url").unwrap();
    std::fs::write(&file, checkout_alone).unwrap();
    file
}

/// The same with every product of the hub at this address, in front of a portal at that one.
pub(crate) fn whole_configuration(folder: &Path, database: &str, portal: &str, hub: &str) -> PathBuf {
    let file = folder.join("lanterna.toml");
    let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    let mut text = include_str!("../../../demo/lanterna.toml")
        .replace("{portal}", portal)
        .replace("{sandbox}", hub);
    // Keys of the file's head come before its first table.
    let mut head = String::new();
    writeln!(
        head,
        "database = {database:?}\ncatalogue = {:?}",
        catalogue.display().to_string()
    )
    .unwrap();
    text.insert_str(0, &head);
    std::fs::write(&file, text).unwrap();
    file
}

impl Server {
    /// Starts a server on a free port with this configuration, and waits until it serves.
    pub(crate) fn start(configuration: &Path) -> Self {
        Self::run(
            lanterna()
                .args(["serve", "--listen", "127.0.0.1:0", "--json-log", "--config"])
                .arg(configuration),
        )
    }

    /// Starts what this command describes, and waits until it serves.
    pub(crate) fn run(command: &mut Command) -> Self {
        Self::run_until(command, "portal on http://")
    }

    /// Starts a sandbox hub on a free port.
    pub(crate) fn sandbox(arguments: &[&str]) -> Self {
        let mut command = lanterna();
        command
            .args(["sandbox", "--listen", "127.0.0.1:0"])
            .args(arguments);
        Self::run_until(&mut command, "sandbox hub on http://")
    }

    /// Waits until it logs these words, which its address follows.
    fn run_until(command: &mut Command, words: &str) -> Self {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let written = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut log = written.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let mut server = Self {
            child,
            address: String::new(),
            log,
        };
        let begun = Instant::now();
        while server.address.is_empty() {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "the server did not start:\n{}",
                server.log()
            );
            assert!(
                server.child.try_wait().unwrap().is_none(),
                "the server ended:\n{}",
                server.log()
            );
            std::thread::sleep(Duration::from_millis(20));
            server.address = address_after(&server.log(), words);
        }
        server
    }

    /// Where the hub comes in by itself.
    pub(crate) fn hub_address(&self) -> SocketAddr {
        address_after(&self.log(), "hub's endpoint on https://")
            .parse()
            .unwrap()
    }

    pub(crate) fn api_address(&self) -> SocketAddr {
        address_after(&self.log(), "programs' endpoint on https://")
            .parse()
            .unwrap()
    }

    /// Whether it logs this before long.
    pub(crate) fn logs(&self, text: &str) -> bool {
        (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            self.log().contains(text)
        })
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Memory it holds, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// Asks it to stop, as an operator does.
    pub(crate) fn ask_to_stop(&self) {
        let asked = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(asked.success());
    }

    /// Waits for its end. Says whether it called that a success.
    pub(crate) fn ended_well(&mut self) -> bool {
        self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Delivers a message to the hub's endpoint at this address: status and body, or nothing when the connection broke.
pub(crate) async fn deliver(address: &str, message: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(request(message).as_bytes()).await.ok()?;
    answer(&mut stream).await
}

/// The bytes that deliver a message.
pub(crate) fn request(message: &str) -> String {
    format!(
        "POST /pagopa/paForNode HTTP/1.1\r\nhost: lanterna\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{message}",
        message.len()
    )
}

/// Reads an answer to its end.
pub(crate) async fn answer(stream: &mut TcpStream) -> Option<(u16, String)> {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}
