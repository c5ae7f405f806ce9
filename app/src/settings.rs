//! What a deployment says of itself, and the few facts of a request that pages need.

use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use std::{collections::BTreeMap, net::IpAddr};

/// The portal of one municipality. Read from the configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalSettings {
    /// Name of the portal, shown beside the logo.
    pub name: String,
    /// Name of the municipality, as in its official acts.
    pub municipality: String,
    /// Public address of the portal, without a slash at the end.
    pub base_url: String,
    /// Origin of the national Checkout, the only place forms may lead to outside the portal.
    pub checkout_origin: String,
    /// Everything is a trial: each page says so.
    #[serde(default)]
    pub trial: bool,
    /// Where the municipality's own pages are.
    pub links: PortalLinks,
    /// How citizens reach the municipality.
    #[serde(default)]
    pub contact: PortalContact,
}

/// Addresses of the municipality's other pages. Those marked optional leave no trace when absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalLinks {
    /// The municipality's main site.
    pub main_site: String,
    /// The accessibility statement on `form.agid.gov.it`.
    pub accessibility_statement: String,
    /// Frequently asked questions; our own help page when absent.
    #[serde(default)]
    pub faq: Option<String>,
    /// Where a citizen reports that something does not work.
    pub report_inefficiency: String,
    /// Where a citizen books an appointment.
    pub appointment: String,
    /// The data protection officer: `mailto:` or a page.
    pub data_protection_officer: String,
    /// The personal area, when the municipality has one.
    #[serde(default)]
    pub personal_area: Option<String>,
    /// The service was funded by the recovery plan: the footer must say so.
    #[serde(default)]
    pub funded_by_next_generation_eu: bool,
}

/// How citizens reach the municipality; shown in the footer and in the legal pages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PortalContact {
    /// Street, number, postal code and town.
    pub address: Option<String>,
    /// Fiscal code of the municipality.
    pub fiscal_code: Option<String>,
    /// Telephone of the public relations office.
    pub telephone: Option<String>,
    /// Certified mailbox (PEC).
    pub certified_email: Option<String>,
    /// Ordinary mailbox.
    pub email: Option<String>,
}

/// The address a request comes from, after trusted proxies. Limits are counted on it.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The portal's files as the bundling tool named them.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PortalAssets {
    /// Logical name (`main.css`) to address (`/assets/main.0123abcd.css`).
    pub urls: BTreeMap<String, String>,
    /// Style of the first page, sent inside it.
    pub inline_css: String,
}

#[cfg(feature = "ssr")]
impl PortalAssets {
    /// The address of a file. A file that was not bundled keeps its plain name, so that the page says what is missing
    /// in the browser's console instead of failing.
    pub fn url(&self, logical: &str) -> String {
        self.urls
            .get(logical)
            .cloned()
            .unwrap_or_else(|| format!("/assets/{logical}"))
    }
}
