//! Checkout: the hub's payment page, opened from an institution's own site (`checkout_v2.json`, `POST /carts`).
//!
//! The hub verifies every notice of a cart with the institution while the request waits, so nothing may be locked
//! around it. The answer is a redirect that belongs to the citizen's browser and is never followed here. A return
//! address proves nothing: only the receipt does.

mod client;

pub use client::{CheckoutClient, CheckoutSettings, OpenCartError, Problem, SetupError, SubscriptionKey};

use domain::{Cents, CreditorFiscalCode, NoticeNumber};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// A cart (`CartRequestV2`). `Debug` hides the e-mail address and the addresses to return to, which carry secrets.
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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// The outcome is not known yet.
    #[serde(rename = "returnWaitingUrl")]
    pub waiting: String,
}

fn cut_at_140<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(crate::writer::cut(text, 140))
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
