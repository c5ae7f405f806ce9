//! Checkout: the hub's payment page, opened from an institution's own site (`checkout_v1.json`, `checkout_v2.json`,
//! `POST /carts`).
//!
//! The hub verifies every notice of a cart with the institution while the request waits, so nothing may be locked
//! around it. The answer is a redirect that belongs to the citizen's browser and is never followed here. A return
//! address proves nothing: only the receipt does.

use crate::gateway::{Call, Method, Problem, Reply, is_safe};
use domain::{Cents, CreditorFiscalCode, NoticeNumber};
use reqwest::Url;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// Which edition of the interface is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Edition {
    /// Without an address for an outcome that is not known yet: Checkout then uses the one for errors.
    #[serde(rename = "v1")]
    First,
    /// With it.
    #[default]
    #[serde(rename = "v2")]
    Second,
}

impl Edition {
    /// Its part of the address.
    const fn as_str(self) -> &'static str {
        match self {
            Self::First => "v1",
            Self::Second => "v2",
        }
    }
}

/// A cart (`CartRequest`, `CartRequestV2`). `Debug` hides the e-mail address and the addresses to return to, which carry
/// secrets.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CartRequest {
    /// Where Checkout sends its own confirmation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_notice: Option<String>,
    /// One to five notices, of any institutions.
    pub payment_notices: Vec<CartNotice>,
    /// Where the browser goes afterwards.
    pub return_urls: ReturnUrls,
    /// Our reference; comes back as `paymentNote`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_cart: Option<String>,
    /// Every account is postal: the institution is then asked for postal accounts.
    #[serde(rename = "allCCP", skip_serializing_if = "Option::is_none")]
    pub all_postal: Option<bool>,
}

/// A notice of a cart (`PaymentNotice`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CartNotice {
    /// Its code.
    pub notice_number: NoticeNumber,
    /// Its institution.
    pub fiscal_code: CreditorFiscalCode,
    /// What is due, in cents, at least 1.
    pub amount: Cents,
    /// Name of the institution; cut at 140 characters.
    #[serde(serialize_with = "cut_at_140")]
    pub company_name: String,
    /// What it is for; cut at 140 characters.
    #[serde(serialize_with = "cut_at_140")]
    pub description: String,
}

/// Where the browser goes afterwards. Checkout adds nothing to these addresses.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ReturnUrls {
    /// The payment succeeded, says Checkout.
    #[serde(rename = "returnOkUrl")]
    pub ok: String,
    /// The citizen gave up.
    #[serde(rename = "returnCancelUrl")]
    pub cancel: String,
    /// This attempt failed for sure.
    #[serde(rename = "returnErrorUrl")]
    pub error: String,
    /// The outcome is not known yet; the second edition alone has it, and wants it.
    #[serde(rename = "returnWaitingUrl", skip_serializing_if = "Option::is_none")]
    pub waiting: Option<String>,
}

fn cut_at_140<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(crate::writer::cut(text, 140))
}

/// The call that opens a cart. What the edition does not know is left out.
pub fn open_cart(edition: Edition, mut cart: CartRequest) -> Call {
    if edition == Edition::First {
        cart.return_urls.waiting = None;
    }
    Call::new("postCarts", Method::POST, [edition.as_str(), "carts"]).json(&cart)
}

/// Why an answer opens no cart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// The hub refuses the cart, or has trouble of its own (status 500 and over).
    #[error("Checkout refuses the cart with status {status}: {problem}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What it says.
        problem: Problem,
    },
    /// An answer that makes no sense.
    #[error("Checkout's answer makes no sense: {0}")]
    Rubbish(&'static str),
}

/// The address the citizen's browser goes to. Only `allowed_hosts` are accepted; one with a leading point stands for
/// every host of that domain.
pub fn redirect(reply: &Reply, allowed_hosts: &[String]) -> Result<String, NotOpened> {
    match reply.status {
        302 => {}
        status @ 400.. => {
            return Err(NotOpened::Refused {
                status,
                problem: Problem::of(reply),
            });
        }
        _ => return Err(NotOpened::Rubbish("neither a redirect nor a refusal")),
    }
    let location = reply
        .location
        .as_deref()
        .ok_or(NotOpened::Rubbish("a redirect without an address"))?;
    let url =
        Url::parse(location).map_err(|_| NotOpened::Rubbish("the redirect's address cannot be read"))?;
    if !is_safe(&url) {
        return Err(NotOpened::Rubbish("the redirect's address is not https"));
    }
    let host = url.host_str().unwrap_or_default();
    if allowed_hosts.iter().any(|allowed| allows(allowed, host)) {
        Ok(url.into())
    } else {
        Err(NotOpened::Rubbish("the redirect's host is not allowed"))
    }
}

fn allows(allowed: &str, host: &str) -> bool {
    match allowed.strip_prefix('.') {
        Some(domain) => host
            .strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
        None => host == allowed,
    }
}

impl fmt::Debug for CartRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CartRequest")
            .field("payment_notices", &self.payment_notices)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ReturnUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReturnUrls { .. }")
    }
}
