//! One product of the gateway, as it is called.

use super::breaker::Breaker;
use super::pace::{Pace, Turns};
use super::{Body, Call, CallError, Reply, is_safe};
use reqwest::header::{CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Client, Request, Response, StatusCode, Url, multipart, redirect};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a call is made that the hub says is over its limit.
const LIMITED_TRIES_MAX: u32 = 3;

/// A key of the hub's gateway. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SubscriptionKey(String);

impl SubscriptionKey {
    /// Holds a key.
    pub const fn new(key: String) -> Self {
        Self(key)
    }
}

impl fmt::Debug for SubscriptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubscriptionKey(..)")
    }
}

/// How a product is reached.
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    /// Address before the paths of its calls. Plain `http` only to the same machine.
    pub base_url: String,
    /// Its keys, the first one first: when the gateway refuses one, the next is tried and kept.
    pub keys: Vec<SubscriptionKey>,
    /// Time to connect.
    pub connect_timeout: Duration,
    /// Time for the whole exchange.
    pub timeout: Duration,
    /// The longest answer taken, in bytes.
    pub answer_bytes_max: usize,
    /// How often it may be called.
    pub pace: Pace,
    /// How long a call waits for its turn, and again when the hub says it came too early.
    pub patience: Duration,
}

/// Settings no client can be made of.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address is not `https`, nor `http` to the same machine.
    #[error("the address must be https, or http to the same machine")]
    BaseUrl,
    /// A key has characters a header cannot carry.
    #[error("the subscription key has characters that a header cannot carry")]
    Key,
    /// The system's certificates or the like.
    #[error("no HTTP client can be made")]
    Client(#[source] reqwest::Error),
}

/// Calls one product. Cheap to clone; connections, turns and breaker are shared. The process must have installed a
/// rustls provider.
#[derive(Debug, Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    http: Client,
    base: Url,
    keys: Vec<HeaderValue>,
    /// Which key the gateway accepted last.
    key: AtomicUsize,
    answer_bytes_max: usize,
    patience: Duration,
    turns: Mutex<Turns>,
    breaker: Mutex<Breaker>,
}

impl Gateway {
    /// A client for these settings.
    pub fn new(settings: GatewaySettings) -> Result<Self, SetupError> {
        let base = Url::parse(settings.base_url.trim_end_matches('/'))
            .ok()
            .filter(is_safe)
            .ok_or(SetupError::BaseUrl)?;
        let keys = settings
            .keys
            .into_iter()
            .map(|key| {
                let mut value = HeaderValue::try_from(key.0).map_err(|_| SetupError::Key)?;
                value.set_sensitive(true);
                Ok(value)
            })
            .collect::<Result<_, _>>()?;
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.timeout)
            .user_agent("lanterna")
            .build()
            .map_err(SetupError::Client)?;
        Ok(Self {
            shared: Arc::new(Shared {
                http,
                base,
                keys,
                key: AtomicUsize::new(0),
                answer_bytes_max: settings.answer_bytes_max,
                patience: settings.patience,
                turns: Mutex::new(Turns::new(settings.pace, settings.patience)),
                breaker: Mutex::default(),
            }),
        })
    }

    /// The host called.
    pub fn host(&self) -> &str {
        self.shared.base.host_str().unwrap_or_default()
    }

    /// Verb and whole address of a call, for the message log.
    pub fn line(&self, call: &Call) -> String {
        format!("{} {}", call.method, call.url(&self.shared.base))
    }

    /// Makes a call and takes its answer, whatever it says. Redirects are not followed.
    ///
    /// Only what had no effect is tried again: a refused key with the next one, and what is over the hub's limit a little
    /// later. Whether anything else may be repeated depends on the call.
    pub async fn call(&self, call: &Call) -> Result<Reply, CallError> {
        let shared = &self.shared;
        shared
            .breaker()
            .admit(Instant::now())
            .map_err(|left| CallError::LeftAlone {
                seconds: seconds(left),
            })?;
        let answer = self.with_some_key(call).await;
        match &answer {
            Ok(reply) if reply.status >= 500 => shared.breaker().failed(Instant::now()),
            Err(CallError::Unreachable | CallError::Timeout | CallError::NotHttp) => {
                shared.breaker().failed(Instant::now());
            }
            Err(CallError::OverLimit { .. } | CallError::LeftAlone { .. }) => {}
            Ok(_) | Err(CallError::Unauthorised | CallError::TooLong) => shared.breaker().answered(),
        }
        answer
    }

    async fn with_some_key(&self, call: &Call) -> Result<Reply, CallError> {
        let shared = &self.shared;
        let first = shared.key.load(Ordering::Relaxed);
        for tried in 0..shared.keys.len().max(1) {
            let place = (first + tried) % shared.keys.len().max(1);
            let reply = self.within_limit(call, shared.keys.get(place)).await?;
            if reply.status == StatusCode::UNAUTHORIZED.as_u16() {
                continue;
            }
            shared.key.store(place, Ordering::Relaxed);
            return Ok(reply);
        }
        Err(CallError::Unauthorised)
    }

    /// Makes the call in its turn. When the hub counts otherwise than we do it is made again after the time the hub says,
    /// unless that is too long to wait.
    async fn within_limit(&self, call: &Call, key: Option<&HeaderValue>) -> Result<Reply, CallError> {
        let mut patience = self.shared.patience;
        let mut tries = 1;
        loop {
            self.wait_for_turn().await?;
            let reply = self.send(call, key).await?;
            if reply.status != StatusCode::TOO_MANY_REQUESTS.as_u16() {
                return Ok(reply);
            }
            let seconds = reply.retry_after.unwrap_or(1).max(1);
            let wait = Duration::from_secs(u64::from(seconds));
            let (true, Some(left)) = (tries < LIMITED_TRIES_MAX, patience.checked_sub(wait)) else {
                return Err(CallError::OverLimit { seconds });
            };
            (patience, tries) = (left, tries + 1);
            tokio::time::sleep(wait).await;
        }
    }

    async fn wait_for_turn(&self) -> Result<(), CallError> {
        let turn = self.shared.turns().take(Instant::now());
        match turn {
            Ok(wait) => {
                tokio::time::sleep(wait).await;
                Ok(())
            }
            Err(wait) => Err(CallError::OverLimit {
                seconds: seconds(wait),
            }),
        }
    }

    async fn send(&self, call: &Call, key: Option<&HeaderValue>) -> Result<Reply, CallError> {
        let request = self.request(call, key)?;
        let response = self
            .shared
            .http
            .execute(request)
            .await
            .map_err(|error| failure(&error))?;
        read(response, self.shared.answer_bytes_max).await
    }

    fn request(&self, call: &Call, key: Option<&HeaderValue>) -> Result<Request, CallError> {
        let url = call.url(&self.shared.base);
        let mut request = self.shared.http.request(call.method.clone(), url);
        if let Some(key) = key {
            request = request.header("Ocp-Apim-Subscription-Key", key);
        }
        request = match &call.body {
            Body::Empty => request,
            Body::Json(bytes) => request
                .header(CONTENT_TYPE, "application/json")
                .body(bytes.clone()),
            Body::File {
                name,
                media_type,
                content,
            } => {
                let part = multipart::Part::bytes(content.clone())
                    .file_name(name.clone())
                    .mime_str(media_type)
                    .map_err(|_| CallError::NotHttp)?;
                request.multipart(multipart::Form::new().part("file", part))
            }
        };
        request.build().map_err(|_| CallError::NotHttp)
    }
}

impl Shared {
    /// Held for a moment, never while waiting.
    fn turns(&self) -> std::sync::MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read(mut response: Response, bytes_max: usize) -> Result<Reply, CallError> {
    let text = |name| {
        let value = response.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let mut reply = Reply {
        status: response.status().as_u16(),
        location: text(LOCATION),
        retry_after: text(RETRY_AFTER).and_then(|seconds| seconds.trim().parse().ok()),
        is_json: text(CONTENT_TYPE).is_some_and(|kind| kind.contains("json")),
        body: Vec::new(),
    };
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        if reply.body.len() + chunk.len() > bytes_max {
            return Err(CallError::TooLong);
        }
        reply.body.extend_from_slice(&chunk);
    }
    Ok(reply)
}

fn failure(error: &reqwest::Error) -> CallError {
    if error.is_connect() {
        CallError::Unreachable
    } else if error.is_timeout() {
        CallError::Timeout
    } else if error.is_request() {
        CallError::Unreachable
    } else {
        CallError::NotHttp
    }
}

/// Whole seconds, rounded up.
fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}
