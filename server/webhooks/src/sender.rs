//! Sends one request, and takes as much of its answer as is needed.

use crate::resolver::{Lookup, Refused, Resolver, Which, of_the_system};
use crate::signature::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, signatures};
use crate::{Reach, Secret, Target, TargetError};
use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Certificate, Client, Response, redirect};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// The most that is read of an answer, in bytes: so that the connection can be used again, and to say why it was no.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// The longest that reading it takes: what was decided stands in its head.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(1);
/// Characters of a refusal that are kept.
const EXCERPT_MAX: usize = 120;

/// How requests are sent.
#[derive(Clone)]
pub struct SenderSettings {
    /// Which addresses may be called.
    pub reach: Reach,
    /// Time to connect.
    pub connect_timeout: Duration,
    /// Time for the whole exchange.
    pub timeout: Duration,
    /// Certificates of authorities that are believed beside the system's, in PEM.
    pub authorities: Vec<Vec<u8>>,
    /// How names are looked up; the system's way when nothing is said.
    pub lookup: Option<Lookup>,
}

impl Default for SenderSettings {
    fn default() -> Self {
        Self {
            reach: Reach::default(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(15),
            authorities: Vec::new(),
            lookup: None,
        }
    }
}

/// Settings no client can be made of.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client can be made")]
pub struct SetupError(#[from] reqwest::Error);

/// Sends requests. Cheap to clone; connections are shared. The process must have installed a rustls provider.
#[derive(Clone)]
pub struct Sender {
    reach: Reach,
    lookup: Lookup,
    /// For what is encrypted.
    https: Client,
    /// For what is not, into networks that were allowed by name.
    http: Client,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// When the receiver wants to be asked again.
    pub retry_after: Option<RetryAfter>,
    /// The beginning of what it says, when it is no success: one line.
    pub excerpt: String,
}

impl Answer {
    /// Whether the receiver took it.
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

/// An answer to a question, whatever it says.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// All of it.
    pub body: Vec<u8>,
}

/// When a receiver wants to be asked again (RFC 9110, 10.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// After so many seconds.
    Seconds(u32),
    /// From that moment on.
    At(DateTime<Utc>),
}

/// Why nothing came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The address, or what its name leads to now, may not be called. Nothing was sent.
    #[error("{0}")]
    Target(#[from] TargetError),
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// No connection, or its certificate is not believed.
    #[error("no connection: {}", match .certificate { true => "the certificate is not believed", false => "nobody answers there" })]
    Unreachable {
        /// Whether it is for its certificate.
        certificate: bool,
    },
    /// The answer is longer than is taken.
    #[error("the answer is too long")]
    TooLong,
    /// The connection broke, or what came is no HTTP.
    #[error("the connection broke or what came is no HTTP")]
    NotHttp,
}

impl Sender {
    /// A sender for these settings.
    ///
    /// # Errors
    /// When an authority's certificate cannot be read, or the system has none.
    pub fn new(settings: SenderSettings) -> Result<Self, SetupError> {
        let lookup = settings.lookup.clone().unwrap_or_else(of_the_system);
        let client = |which| {
            let authorities = settings
                .authorities
                .iter()
                .map(|pem| Certificate::from_pem_bundle(pem))
                .collect::<Result<Vec<_>, _>>()?;
            let mut builder = Client::builder()
                .redirect(redirect::Policy::none())
                .no_proxy()
                .https_only(which == Which::Permitted)
                .connect_timeout(settings.connect_timeout)
                .timeout(settings.timeout)
                .user_agent("lanterna")
                .dns_resolver(Arc::new(Resolver {
                    lookup: Arc::clone(&lookup),
                    reach: settings.reach.clone(),
                    which,
                }));
            if !authorities.is_empty() {
                builder = builder.tls_certs_merge(authorities.into_iter().flatten());
            }
            builder.build()
        };
        Ok(Self {
            https: client(Which::Permitted)?,
            http: client(Which::Allowed)?,
            reach: settings.reach,
            lookup,
        })
    }

    /// Reads an address that is to be kept, and looks at where its name leads now.
    ///
    /// # Errors
    /// When it must not be called.
    pub async fn check(&self, text: &str) -> Result<Target, TargetError> {
        let target = Target::parse(text, &self.reach)?;
        let Some(name) = target.url().domain() else {
            return Ok(target);
        };
        let found = (self.lookup)(name.to_owned()).await.unwrap_or_default();
        let which = target.which();
        match found.first() {
            None => Err(TargetError::UnknownName),
            Some(first) if !found.iter().any(|address| which.takes(&self.reach, *address)) => {
                Err(target.refusal(&self.reach, *first))
            }
            Some(_) => Ok(target),
        }
    }

    /// Sends a signed message: JSON, under an id that is the same however often it is sent.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn send(
        &self,
        url: &str,
        secrets: &[Secret],
        id: &str,
        now: DateTime<Utc>,
        body: Vec<u8>,
    ) -> Result<Answer, SendError> {
        let response = self.post(url, secrets, id, now, body).await?;
        let mut answer = Answer {
            status: response.status().as_u16(),
            retry_after: retry_after(response.headers()),
            excerpt: String::new(),
        };
        let begun = read(response).await;
        if !answer.is_success() {
            answer.excerpt = line(&begun);
        }
        Ok(answer)
    }

    /// Asks a signed question: JSON, under an id. The answer is taken whole, or not at all when it is longer than
    /// `bytes_max`.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn ask(
        &self,
        url: &str,
        secrets: &[Secret],
        id: &str,
        now: DateTime<Utc>,
        body: Vec<u8>,
        bytes_max: usize,
    ) -> Result<Reply, SendError> {
        let mut response = self.post(url, secrets, id, now, body).await?;
        let mut reply = Reply {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            body: Vec::new(),
        };
        while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
            if reply.body.len() + chunk.len() > bytes_max {
                return Err(SendError::TooLong);
            }
            reply.body.extend_from_slice(&chunk);
        }
        Ok(reply)
    }

    async fn post(
        &self,
        url: &str,
        secrets: &[Secret],
        id: &str,
        now: DateTime<Utc>,
        body: Vec<u8>,
    ) -> Result<Response, SendError> {
        let target = Target::parse(url, &self.reach)?;
        let client = match target.which() {
            Which::Permitted => &self.https,
            Which::Allowed => &self.http,
        };
        let timestamp = now.timestamp();
        client
            .post(target.url().clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ID_HEADER, id)
            .header(TIMESTAMP_HEADER, timestamp)
            .header(SIGNATURE_HEADER, signatures(secrets, id, timestamp, &body))
            .body(body)
            .send()
            .await
            .map_err(|error| failure(&error))
    }
}

fn retry_after(headers: &HeaderMap) -> Option<RetryAfter> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(RetryAfter::Seconds(seconds));
    }
    let at = DateTime::parse_from_rfc2822(text).ok()?;
    Some(RetryAfter::At(at.with_timezone(&Utc)))
}

/// The beginning of an answer. What cannot be read to its end is left: the head has said all that counts.
async fn read(mut response: Response) -> Vec<u8> {
    let mut begun = Vec::new();
    let reading = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            let left = ANSWER_BYTES_MAX - begun.len();
            begun.extend_from_slice(&chunk[..chunk.len().min(left)]);
            if begun.len() == ANSWER_BYTES_MAX {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(ANSWER_TIME_MAX, reading).await;
    begun
}

/// The beginning of a text, on one line.
fn line(bytes: &[u8]) -> String {
    let begin = &bytes[..bytes.len().min(EXCERPT_MAX * 4)];
    String::from_utf8_lossy(begin)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(EXCERPT_MAX)
        .collect()
}

fn failure(error: &reqwest::Error) -> SendError {
    if causes(error).any(|cause| cause.to_string() == Refused.to_string()) {
        return TargetError::Network.into();
    }
    if error.is_timeout() {
        SendError::Timeout
    } else if error.is_connect() {
        SendError::Unreachable {
            certificate: causes(error).any(|cause| cause.to_string().contains("certificate")),
        }
    } else {
        SendError::NotHttp
    }
}

/// An error, and what is behind it.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    std::iter::from_fn(move || {
        let cause = next?;
        next = cause.source();
        Some(cause)
    })
}
