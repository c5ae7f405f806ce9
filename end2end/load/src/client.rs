//! Sends a load over connections that stay open, and times every answer.

use crate::histogram::Histogram;
use crate::messages::{Kind, Messages};
use anyhow::{Context, Result, bail, ensure};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Where a load goes, and what it is.
pub(crate) struct Target {
    address: String,
    kind: Kind,
    messages: Arc<Messages>,
    /// Places of messages, so that two loads on one target never send one receipt twice.
    next: Arc<AtomicU64>,
}

impl Target {
    /// A load of questions about the first `asked` notices, or of receipts.
    pub(crate) fn new(url: &str, kind: Kind, asked: u64) -> Result<Self> {
        let address = url
            .strip_prefix("http://")
            .context("the address begins with http://")?;
        Ok(Self {
            address: address.trim_end_matches('/').to_owned(),
            kind,
            messages: Arc::new(Messages::new(kind, asked)),
            next: Arc::default(),
        })
    }

    /// The same load from a later place on.
    pub(crate) fn skipping(self, places: u64) -> Self {
        self.next.store(places, Ordering::Relaxed);
        self
    }
}

/// How fast.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// So many a second, whether or not earlier ones were answered. Times count from when each was due.
    PerSecond(u32),
    /// The next on each connection as soon as the one before is answered.
    Saturated,
}

/// What came of a load.
#[derive(Clone)]
pub(crate) struct Measured {
    pub(crate) times: Histogram,
    pub(crate) elapsed: Duration,
}

impl Measured {
    /// Answers a second.
    pub(crate) fn per_second(&self) -> u64 {
        let micros = u64::try_from(self.elapsed.as_micros()).unwrap_or(u64::MAX).max(1);
        self.times.count() * 1_000_000 / micros
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quantile = |per_mille| millis(self.times.quantile(per_mille));
        write!(
            f,
            "{} answers, {}/s, p50 {} ms, p90 {} ms, p99 {} ms, max {} ms",
            self.times.count(),
            self.per_second(),
            quantile(500),
            quantile(900),
            quantile(990),
            millis(self.times.max())
        )
    }
}

/// Milliseconds with two decimals.
pub(crate) fn millis(time: Duration) -> String {
    format!("{}.{:02}", time.as_millis(), time.subsec_micros() % 1_000 / 10)
}

/// Runs a load. Every answer must be `OK`, or the load is no measure of anything.
pub(crate) async fn run(
    target: &Target,
    pace: Pace,
    connections: usize,
    how_long: Duration,
) -> Result<Measured> {
    let ticket = Arc::new(AtomicU64::new(0));
    let mut senders = Vec::new();
    for _ in 0..connections {
        senders.push(connect(&target.address).await?);
    }
    let begun = Instant::now();
    let end = begun + how_long;
    let mut workers = JoinSet::new();
    for sender in senders {
        let worker = Worker {
            sender,
            address: target.address.clone(),
            kind: target.kind,
            messages: Arc::clone(&target.messages),
            next: Arc::clone(&target.next),
            ticket: Arc::clone(&ticket),
            times: Histogram::new(),
        };
        workers.spawn(worker.run(pace, begun, end));
    }
    let mut times = Histogram::new();
    while let Some(worker) = workers.join_next().await {
        times.add(&worker??);
    }
    ensure!(times.count() > 0, "nothing was answered");
    Ok(Measured {
        times,
        elapsed: begun.elapsed(),
    })
}

async fn connect(address: &str) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address)
        .await
        .with_context(|| format!("cannot reach {address}"))?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // Its end shows as an error of the next request.
    tokio::spawn(connection);
    Ok(sender)
}

struct Worker {
    sender: SendRequest<Full<Bytes>>,
    address: String,
    kind: Kind,
    messages: Arc<Messages>,
    next: Arc<AtomicU64>,
    ticket: Arc<AtomicU64>,
    times: Histogram,
}

impl Worker {
    async fn run(mut self, pace: Pace, begun: Instant, end: Instant) -> Result<Histogram> {
        loop {
            let due = match pace {
                Pace::Saturated => Instant::now(),
                Pace::PerSecond(rate) => {
                    let ticket = self.ticket.fetch_add(1, Ordering::Relaxed);
                    let due = begun + Duration::from_micros(ticket * 1_000_000 / u64::from(rate.max(1)));
                    tokio::time::sleep_until(due.into()).await;
                    due
                }
            };
            if due >= end {
                return Ok(self.times);
            }
            self.ask().await?;
            self.times.record(due.elapsed());
        }
    }

    async fn ask(&mut self) -> Result<()> {
        let message = self.messages.message(self.next.fetch_add(1, Ordering::Relaxed));
        let request = Request::post("/pagopa/paForNode")
            .header(HOST, &self.address)
            .header(CONTENT_TYPE, pagopa::SOAP_CONTENT_TYPE)
            .body(Full::new(Bytes::from(message)))?;
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if status != StatusCode::OK || !contains(&body, b"<outcome>OK</outcome>") {
            bail!(
                "{} was answered {status}: {}",
                self.kind.name(),
                String::from_utf8_lossy(&body)
            );
        }
        Ok(())
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
