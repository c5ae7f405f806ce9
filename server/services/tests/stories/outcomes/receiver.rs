//! A receiver of webhooks on this machine, which does as it is told, and a Python script that believes no signature of ours.

use services::outcomes::Outcomes;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use webhooks::{Lookup, Reach, Sender, SenderSettings};

pub(super) const KEY: &str = "a key of webhooks that is long enough";

/// What sends, into these networks beside the public ones; half a second for an answer.
pub(crate) fn outcomes_calling(allowed: &[&str]) -> Outcomes {
    outcomes_with(SenderSettings {
        reach: Reach {
            allowed: allowed.iter().map(|text| text.parse().unwrap()).collect(),
        },
        ..settings()
    })
}

pub(super) fn settings() -> SenderSettings {
    SenderSettings {
        connect_timeout: Duration::from_millis(500),
        timeout: Duration::from_millis(500),
        ..SenderSettings::default()
    }
}

pub(super) fn outcomes_with(settings: SenderSettings) -> Outcomes {
    // Another test may have chosen the same provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Outcomes::new(Sender::new(settings).unwrap(), Some(KEY), None).unwrap()
}

/// Names that lead to one address after the other, the last for ever.
pub(super) fn leading_to(addresses: &[&str]) -> Lookup {
    let mut left: Vec<std::net::IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    left.reverse();
    let left = Mutex::new(left);
    Arc::new(move |_| {
        let mut left = left.lock().unwrap();
        let address = if left.len() > 1 {
            left.pop().unwrap()
        } else {
            left[0]
        };
        Box::pin(std::future::ready(Ok(vec![address])))
    })
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) headers: HashMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Received {
    pub(super) fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Key of the position it is about.
    pub(super) fn position(&self) -> String {
        self.json()["position"].as_str().unwrap().to_owned()
    }
}

/// What the receiver does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Does {
    /// Answers with a head and nothing else.
    Answers(&'static str),
    /// Answers OK, and goes on talking for ever.
    TalksForEver,
    /// Answers OK, and sends megabytes.
    SendsMuch,
    /// Takes the request and says nothing.
    Sleeps,
    /// Closes the connection.
    HangsUp,
}

pub(super) const OK: Does = Does::Answers("204 No Content");

/// What a receiver does with each request, by its place.
type Behaviour = Box<dyn FnMut(usize, &Received) -> Does + Send>;

/// A receiver.
#[derive(Clone)]
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    does: Arc<Mutex<Behaviour>>,
}

impl Receiver {
    /// A receiver that always does the same.
    pub(super) async fn that(does: Does) -> Self {
        Self::deciding(move |_, _| does.clone()).await
    }

    /// A receiver that decides for each request, by its place from 0.
    pub(super) async fn deciding(does: impl FnMut(usize, &Received) -> Does + Send + 'static) -> Self {
        Self::start(does, None).await
    }

    /// A receiver with this certificate and key.
    pub(super) async fn encrypted(tls: tokio_rustls::TlsAcceptor) -> Self {
        Self::start(|_, _| OK, Some(tls)).await
    }

    async fn start(
        does: impl FnMut(usize, &Received) -> Does + Send + 'static,
        tls: Option<tokio_rustls::TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            address: listener.local_addr().unwrap(),
            received: Arc::default(),
            does: Arc::new(Mutex::new(Box::new(does))),
        };
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (receiver, tls) = (serving.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => receiver.serve(stream).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                receiver.serve(stream).await;
                            }
                        }
                    }
                });
            }
        });
        receiver
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/esiti", self.address)
    }

    /// From now on does this.
    pub(super) fn now(&self, does: Does) {
        *self.does.lock().unwrap() = Box::new(move |_, _| does.clone());
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub(super) fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    async fn serve(&self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let mut stream = BufReader::new(stream);
        while let Some(request) = read(&mut stream).await {
            let does = {
                let mut received = self.received.lock().unwrap();
                let does = (self.does.lock().unwrap())(received.len(), &request);
                received.push(request);
                does
            };
            let done = match does {
                Does::Answers(head) => {
                    let head = format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n");
                    stream.write_all(head.as_bytes()).await
                }
                Does::TalksForEver => talk(&mut stream, usize::MAX, Duration::from_millis(20)).await,
                Does::SendsMuch => talk(&mut stream, 4_000, Duration::ZERO).await,
                Does::Sleeps => {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                    return;
                }
                Does::HangsUp => return,
            };
            if done.is_err() {
                return;
            }
        }
    }
}

/// An answer of many kilobytes, with a pause after each.
async fn talk(
    stream: &mut (impl AsyncWrite + Unpin),
    kilobytes: usize,
    pause: Duration,
) -> std::io::Result<()> {
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        .await?;
    let chunk = format!("400\r\n{}\r\n", "x".repeat(1_024));
    for _ in 0..kilobytes {
        stream.write_all(chunk.as_bytes()).await?;
        tokio::time::sleep(pause).await;
    }
    stream.write_all(b"0\r\n\r\n").await
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Received> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let text = String::from_utf8(head).ok()?;
    let headers: HashMap<String, String> = text
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received { headers, body })
}

/// How a program in Python verifies a webhook with its standard library alone: by the specification, not by us.
pub(super) const VERIFY: &str = r#"
import base64, hashlib, hmac, json, sys
given = json.load(sys.stdin)
key = base64.b64decode(given["secret"].removeprefix("whsec_"))
signed = b".".join([given["id"].encode(), given["timestamp"].encode(), base64.b64decode(given["body"])])
right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
sys.exit(0 if any(hmac.compare_digest(right, one) for one in given["signatures"].split(" ")) else 1)
"#;
