//! The client that opens carts.

use super::CartRequest;
use reqwest::header::{CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use serde::Deserialize;
use std::fmt;
use std::time::Duration;

/// The longest answer looked at, in bytes.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

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

/// How Checkout is reached.
#[derive(Debug, Clone)]
pub struct CheckoutSettings {
    /// Address before `/v2/carts`, such as `https://api.platform.pagopa.it/checkout/ec`. Plain `http` only to the
    /// same machine.
    pub base_url: String,
    /// Key of the gateway, when it wants one.
    pub key: Option<SubscriptionKey>,
    /// Hosts the citizen may be sent to beside the base address's own; with a leading point, a domain's hosts.
    pub allowed_hosts: Vec<String>,
    /// Time to connect.
    pub connect_timeout: Duration,
    /// Time for the whole exchange. The hub waits up to 7 seconds for our own verify meanwhile.
    pub timeout: Duration,
}

/// Settings no client can be made of.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The base address is not `https`, nor `http` to the same machine.
    #[error("the Checkout address must be https, or http to the same machine")]
    BaseUrl,
    /// The key has characters a header cannot carry.
    #[error("the Checkout subscription key has characters that a header cannot carry")]
    Key,
    /// The system's certificates or the like.
    #[error("no HTTP client can be made")]
    Client(#[source] reqwest::Error),
}

/// Why no cart was opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenCartError {
    /// The hub refuses the cart, or has trouble of its own (status 500 and over).
    #[error("Checkout refuses the cart with status {status}: {problem}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What it says.
        problem: Problem,
    },
    /// The key is missing or wrong.
    #[error("Checkout does not accept the subscription key")]
    Unauthorised,
    /// Over the limit of calls.
    #[error("Checkout asks to slow down")]
    TooManyRequests {
        /// Seconds to wait, when said.
        retry_after: Option<u32>,
    },
    /// No connection.
    #[error("Checkout cannot be reached")]
    Unreachable,
    /// No answer in time: the cart may exist.
    #[error("Checkout does not answer in time")]
    Timeout,
    /// An answer that makes no sense.
    #[error("Checkout's answer makes no sense: {0}")]
    Rubbish(&'static str),
}

/// What a refusal says (`ProblemJson`), cut at 200 characters each, without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problem {
    /// In short.
    pub title: Option<String>,
    /// In this case.
    pub detail: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self
            .title
            .as_deref()
            .into_iter()
            .chain(self.detail.as_deref())
            .collect();
        f.write_str(if words.is_empty() { "no reason given" } else { "" })?;
        f.write_str(&words.join(": "))
    }
}

/// Opens carts. Cheap to clone; connections are shared. The process must have installed a rustls provider.
#[derive(Debug, Clone)]
pub struct CheckoutClient {
    http: Client,
    carts: Url,
    key: Option<HeaderValue>,
    allowed_hosts: Vec<String>,
}

impl CheckoutClient {
    /// A client for these settings.
    pub fn new(settings: CheckoutSettings) -> Result<Self, SetupError> {
        let carts = Url::parse(&format!("{}/v2/carts", settings.base_url.trim_end_matches('/')))
            .ok()
            .filter(is_safe)
            .ok_or(SetupError::BaseUrl)?;
        let key = settings
            .key
            .map(|key| {
                let mut value = HeaderValue::try_from(key.0).map_err(|_| SetupError::Key)?;
                value.set_sensitive(true);
                Ok(value)
            })
            .transpose()?;
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.timeout)
            .user_agent("lanterna")
            .build()
            .map_err(SetupError::Client)?;
        let allowed_hosts = settings
            .allowed_hosts
            .into_iter()
            .chain(carts.host_str().map(str::to_owned))
            .collect();
        Ok(Self {
            http,
            carts,
            key,
            allowed_hosts,
        })
    }

    /// Opens a cart and returns the address the citizen's browser goes to.
    pub async fn open_cart(&self, cart: &CartRequest) -> Result<String, OpenCartError> {
        let mut request = self.http.post(self.carts.clone()).json(cart);
        if let Some(key) = &self.key {
            request = request.header("Ocp-Apim-Subscription-Key", key);
        }
        let response = request.send().await.map_err(|error| failure(&error))?;
        match response.status() {
            StatusCode::FOUND => self.location(&response),
            StatusCode::UNAUTHORIZED => Err(OpenCartError::Unauthorised),
            StatusCode::TOO_MANY_REQUESTS => {
                let seconds = response
                    .headers()
                    .get(RETRY_AFTER)
                    .and_then(|value| value.to_str().ok());
                Err(OpenCartError::TooManyRequests {
                    retry_after: seconds.and_then(|text| text.parse().ok()),
                })
            }
            status if status.is_client_error() || status.is_server_error() => Err(OpenCartError::Refused {
                status: status.as_u16(),
                problem: read_problem(response).await,
            }),
            _ => Err(OpenCartError::Rubbish("neither a redirect nor a refusal")),
        }
    }

    /// The address of a redirect, if a citizen may be sent there.
    fn location(&self, response: &Response) -> Result<String, OpenCartError> {
        let header = response
            .headers()
            .get(LOCATION)
            .ok_or(OpenCartError::Rubbish("a redirect without an address"))?;
        let url = header
            .to_str()
            .ok()
            .and_then(|text| Url::parse(text).ok())
            .ok_or(OpenCartError::Rubbish("the redirect's address cannot be read"))?;
        if !is_safe(&url) || !url.username().is_empty() || url.password().is_some() {
            return Err(OpenCartError::Rubbish("the redirect's address is not https"));
        }
        let host = url.host_str().unwrap_or_default();
        let allowed = self
            .allowed_hosts
            .iter()
            .any(|allowed| match allowed.strip_prefix('.') {
                Some(domain) => host
                    .strip_suffix(domain)
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
                None => host == allowed,
            });
        if allowed {
            Ok(url.into())
        } else {
            Err(OpenCartError::Rubbish("the redirect's host is not allowed"))
        }
    }
}

/// `https`, or `http` to the same machine.
fn is_safe(url: &Url) -> bool {
    let loopback = match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback()),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

fn failure(error: &reqwest::Error) -> OpenCartError {
    if error.is_connect() {
        OpenCartError::Unreachable
    } else if error.is_timeout() {
        OpenCartError::Timeout
    } else if error.is_request() {
        OpenCartError::Unreachable
    } else {
        OpenCartError::Rubbish("not an HTTP answer")
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProblemJson {
    title: Option<String>,
    detail: Option<String>,
}

async fn read_problem(mut response: Response) -> Problem {
    let json = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("json"));
    let mut body = Vec::new();
    while json && let Ok(Some(chunk)) = response.chunk().await {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Problem::default();
        }
        body.extend_from_slice(&chunk);
    }
    let ProblemJson { title, detail } = serde_json::from_slice(&body).unwrap_or_default();
    let bounded = |text: String| {
        text.chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect::<String>()
    };
    Problem {
        title: title.map(bounded),
        detail: detail.map(bounded),
    }
}
