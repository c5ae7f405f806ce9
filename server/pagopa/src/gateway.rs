//! The hub's gateway, over which an institution calls the products it subscribed to.
//!
//! Every product is called in the same way: a subscription key in a header, a limit of calls, JSON both ways. This
//! module is that way, whole: keys that roll over, bounds on time and size, waiting for one's turn, and a breaker that
//! stops asking a product that does not answer. What a product is asked, and what its answer means, is in the
//! product's own module, as functions from and to the types here; nothing there touches a socket.
//!
//! Sources: technical manual (SANP) 3.12, connectivity; the limits are those of each product's pages.

mod breaker;
mod client;
mod pace;

pub use breaker::Breaker;
pub use client::{Gateway, GatewaySettings, SetupError, SubscriptionKey};
pub use pace::Pace;
pub use reqwest::Method;

use reqwest::Url;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// A product of the gateway: each has its own address, key and limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// Carts on the hub's payment page.
    Checkout,
    /// The national archive of open positions (ACA), one position at a time.
    Aca,
    /// The same, many at once.
    AcaBulk,
    /// Positions kept and answered for by pagoPA (GPD), one at a time.
    Gpd,
    /// The same, many at once.
    GpdBulk,
    /// Flow reports.
    FlowReports,
    /// Receipts asked for by their reference.
    Receipts,
}

impl Product {
    /// Every product.
    pub const ALL: [Self; 7] = [
        Self::Checkout,
        Self::Aca,
        Self::AcaBulk,
        Self::Gpd,
        Self::GpdBulk,
        Self::FlowReports,
        Self::Receipts,
    ];

    /// Its name in settings and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Checkout => "checkout",
            Self::Aca => "aca",
            Self::AcaBulk => "aca_bulk",
            Self::Gpd => "gpd",
            Self::GpdBulk => "gpd_bulk",
            Self::FlowReports => "flow_reports",
            Self::Receipts => "receipts",
        }
    }

    /// How often it may be called, as its documentation says.
    pub const fn pace(self) -> Pace {
        match self {
            Self::Checkout => Pace::new(150, 10),
            Self::Aca | Self::Gpd => Pace::new(450, 10),
            Self::AcaBulk | Self::GpdBulk | Self::FlowReports => Pace::new(1, 1),
            Self::Receipts => Pace::new(10, 3_600),
        }
    }

    /// How long a call waits for its turn before it is refused: a citizen waits for a cart, nobody for the others.
    pub const fn patience(self) -> Duration {
        match self {
            Self::Checkout => Duration::from_secs(2),
            Self::Aca | Self::AcaBulk | Self::Gpd | Self::GpdBulk | Self::FlowReports | Self::Receipts => {
                Duration::from_secs(15)
            }
        }
    }
}

/// A call of a product.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// Its name in the message log: the operation's in the product's interface.
    pub operation: &'static str,
    /// The verb.
    pub method: Method,
    /// Parts of the path after the product's address. Each is escaped by itself.
    pub path: Vec<String>,
    /// Pairs of the query.
    pub query: Vec<(&'static str, String)>,
    /// What is sent.
    pub body: Body,
    /// What is kept of the answer.
    pub kept: Kept,
}

/// What the message log keeps of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// All of it.
    Whole,
    /// Its length and SHA-256: it repeats what we sent, which is kept, and there is a gigabyte of it every night.
    Digest,
}

/// What a call sends.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    Empty,
    /// JSON.
    Json(Vec<u8>),
    /// One file of a form, under the name `file`.
    File {
        /// Its name.
        name: String,
        /// Its media type.
        media_type: &'static str,
        /// Its content.
        content: Vec<u8>,
    },
}

impl Call {
    /// A question without a body.
    pub fn get<const N: usize>(operation: &'static str, path: [&str; N]) -> Self {
        Self::new(operation, Method::GET, path)
    }

    /// A call without a body.
    pub fn new<const N: usize>(operation: &'static str, method: Method, path: [&str; N]) -> Self {
        Self {
            operation,
            method,
            path: path.map(str::to_owned).into(),
            query: Vec::new(),
            body: Body::Empty,
            kept: Kept::Whole,
        }
    }

    /// With a pair of the query.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// With an answer of which the digest is kept.
    #[must_use]
    pub const fn keeping_digest(mut self) -> Self {
        self.kept = Kept::Digest;
        self
    }

    /// With a JSON body.
    ///
    /// # Panics
    /// Never for the types of this package: their maps have text keys and nothing in them refuses to be written.
    #[must_use]
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.body = Body::Json(serde_json::to_vec(body).expect("the hub's own types have a JSON form"));
        self
    }

    /// The bytes sent, for the message log.
    pub fn bytes(&self) -> &[u8] {
        match &self.body {
            Body::Empty => &[],
            Body::Json(bytes) | Body::File { content: bytes, .. } => bytes,
        }
    }

    /// The address under a product's own.
    pub(crate) fn url(&self, base: &Url) -> Url {
        let mut url = base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(&self.path);
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        url
    }
}

impl fmt::Debug for Call {
    /// Leaves out the body, which names people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// An answer, whatever it says; refused keys and calls over the limit are a [`CallError`].
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Location`.
    pub location: Option<String>,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u32>,
    /// Whether the body calls itself JSON.
    pub is_json: bool,
    /// The body, at most as long as the settings allow.
    pub body: Vec<u8>,
}

impl fmt::Debug for Reply {
    /// Leaves out the body, which may name people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No connection.
    #[error("the hub cannot be reached")]
    Unreachable,
    /// No answer in time: the call may have had its effect.
    #[error("the hub does not answer in time")]
    Timeout,
    /// It failed so often that it is left alone for a while. Nothing was sent.
    #[error("the hub failed repeatedly and is left alone for {seconds} more seconds")]
    LeftAlone {
        /// How long.
        seconds: u32,
    },
    /// Over the product's limit, which is too slow to wait for. Nothing was done.
    #[error("no more calls are allowed for {seconds} seconds")]
    OverLimit {
        /// How long.
        seconds: u32,
    },
    /// No key is accepted.
    #[error("the hub does not accept the subscription key")]
    Unauthorised,
    /// The answer is longer than the settings allow.
    #[error("the hub's answer is too long")]
    TooLong,
    /// Not HTTP.
    #[error("the hub's answer is not HTTP")]
    NotHttp,
}

/// What a refusal says (`ProblemJson`), cut at 200 characters each, without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problem {
    /// In short.
    pub title: Option<String>,
    /// In this case.
    pub detail: Option<String>,
}

impl Problem {
    /// What an answer says; nothing when it is not JSON.
    pub fn of(reply: &Reply) -> Self {
        #[derive(Default, serde::Deserialize)]
        #[serde(default)]
        struct Said {
            title: Option<String>,
            detail: Option<String>,
        }
        let said: Said = if reply.is_json {
            serde_json::from_slice(&reply.body).unwrap_or_default()
        } else {
            Said::default()
        };
        let bounded = |text: String| text.chars().filter(|c| !c.is_control()).take(200).collect();
        Self {
            title: said.title.map(bounded),
            detail: said.detail.map(bounded),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.title, &self.detail) {
            (None, None) => f.write_str("no reason given"),
            (Some(words), None) | (None, Some(words)) => f.write_str(words),
            (Some(title), Some(detail)) => write!(f, "{title}: {detail}"),
        }
    }
}

/// Whether an address may be called or a citizen sent there: `https`, or `http` to the same machine; no user name.
pub fn is_safe(url: &Url) -> bool {
    let loopback = match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback()),
        None => false,
    };
    let named = !url.username().is_empty() || url.password().is_some();
    !named && (url.scheme() == "https" || (url.scheme() == "http" && loopback))
}
