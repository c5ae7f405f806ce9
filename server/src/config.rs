//! Settings: one TOML file, a few of them overridden by environment or command line. The only place that reads the
//! environment.

use crate::document_settings::DocumentSettings;
use crate::import_settings::ImportSettings;
use crate::maintenance::MaintenanceWindow;
use crate::outcome_settings::OutcomeSettings;
use crate::program_settings::ProgramSettings;
use anyhow::{Context, Result, bail, ensure};
use app::PortalSettings;
use domain::receipt::DuplicateReceipt;
use pagopa::checkout::Edition;
use pagopa::gateway::{Product, SubscriptionKey};
use serde::Deserialize;
use services::payments::Checkout;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use webhooks::Secret;

/// Where the archive is when nothing says otherwise: beside the process, in a folder git ignores.
pub const DEFAULT_DATABASE: &str = "sqlite:var/lanterna.db";
/// Where the server listens when nothing says otherwise.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:3000";
/// Where the sandbox hub listens in a demo, when nothing says otherwise.
pub const DEFAULT_SANDBOX_LISTEN: &str = "127.0.0.1:3100";
/// Where the hub's own listener of a demo is, when nothing says otherwise.
pub const DEFAULT_HUB_LISTEN: &str = "127.0.0.1:3443";

/// All settings of a deployment.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Address to listen on.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// Archive: `sqlite:PATH` or `postgres://…`.
    #[serde(default = "default_database")]
    pub database: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    #[serde(default)]
    pub trusted_proxies: Vec<IpAddr>,
    /// Folder with `institutions.toml` and `services.toml`; read at every start.
    #[serde(default)]
    pub catalogue: Option<PathBuf>,
    /// What the citizen portal says of itself.
    pub portal: PortalSettings,
    /// The national hub.
    pub hub: HubSettings,
    /// How documents are handed out and printed.
    #[serde(default)]
    pub documents: DocumentSettings,
    /// How management programs are called.
    #[serde(default)]
    pub programs: ProgramSettings,
    /// How programs are told of outcomes.
    #[serde(default)]
    pub outcomes: OutcomeSettings,
    /// How files of debts come in.
    #[serde(default)]
    pub imports: ImportSettings,
    /// A listener of the hub's own, with mutual TLS.
    #[serde(default)]
    pub hub_listener: Option<HubListenerSettings>,
    /// Whether the hub is answered on the public listener too, although it has one of its own.
    #[serde(default)]
    pub hub_on_public_listener: bool,
    /// A listener of programs' own, with mutual TLS.
    #[serde(default)]
    pub api_listener: Option<ApiListenerSettings>,
}

/// Where programs come in that show who they are by a certificate. Which certificate is whose, their applications say.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiListenerSettings {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Our certificate and those between it and its authority, in PEM.
    pub certificate_file: PathBuf,
    /// Its private key, in PEM.
    pub key_file: PathBuf,
    /// The authorities that sign programs' certificates, in PEM.
    pub client_ca_file: PathBuf,
}

/// A listener with mutual TLS, whoever comes in there.
#[derive(Debug, Clone)]
pub struct DoorSettings {
    /// Its section, for messages.
    pub section: &'static str,
    /// What is served there, for messages: its name and its path.
    pub endpoint: (&'static str, &'static str),
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Our certificate and those between it and its authority, in PEM.
    pub certificate_file: PathBuf,
    /// Its private key, in PEM.
    pub key_file: PathBuf,
    /// The authorities that sign clients' certificates, in PEM.
    pub client_ca_file: PathBuf,
    /// Names one of which a client's certificate bears; any of these authorities' when none is named.
    pub client_names: Vec<String>,
}

impl From<HubListenerSettings> for DoorSettings {
    fn from(settings: HubListenerSettings) -> Self {
        Self {
            section: "hub_listener",
            endpoint: ("hub's endpoint", "/pagopa/paForNode"),
            listen: settings.listen,
            certificate_file: settings.certificate_file,
            key_file: settings.key_file,
            client_ca_file: settings.client_ca_file,
            client_names: settings.client_names,
        }
    }
}

impl From<&HubListenerSettings> for DoorSettings {
    fn from(settings: &HubListenerSettings) -> Self {
        settings.clone().into()
    }
}

impl From<ApiListenerSettings> for DoorSettings {
    fn from(settings: ApiListenerSettings) -> Self {
        Self {
            section: "api_listener",
            endpoint: ("programs' endpoint", "/api/v1/"),
            listen: settings.listen,
            certificate_file: settings.certificate_file,
            key_file: settings.key_file,
            client_ca_file: settings.client_ca_file,
            client_names: Vec::new(),
        }
    }
}

impl From<&ApiListenerSettings> for DoorSettings {
    fn from(settings: &ApiListenerSettings) -> Self {
        settings.clone().into()
    }
}

/// Where the hub comes in by itself, and how both ends show who they are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubListenerSettings {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Our certificate and those between it and its authority, in PEM.
    pub certificate_file: PathBuf,
    /// Its private key, in PEM.
    pub key_file: PathBuf,
    /// The authorities that sign the hub's certificate, in PEM.
    pub client_ca_file: PathBuf,
    /// Names one of which the hub's certificate bears.
    #[serde(default = "default_client_names")]
    pub client_names: Vec<String>,
}

/// How the national hub is reached.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubSettings {
    /// Edition of Checkout's interface.
    #[serde(default)]
    pub checkout_edition: Edition,
    /// Hosts beside Checkout's own that citizens may be sent to; `.pagopa.it` stands for every host of that domain.
    #[serde(default)]
    pub checkout_hosts: Vec<String>,
    /// How each product is reached. Checkout is needed; what is left out is not used.
    pub products: BTreeMap<Product, ProductSettings>,
    /// How a receipt is answered that was taken before: `ok`, or `ko` (`PAA_RECEIPT_DUPLICATA`).
    #[serde(default)]
    pub duplicate_receipt: DuplicateReceipt,
    /// Longest wait for an answer of the hub, in seconds. The hub verifies each notice with us meanwhile.
    #[serde(default = "default_timeout")]
    pub timeout_seconds: u64,
    /// Planned stops of stations.
    #[serde(default)]
    pub maintenance: Vec<MaintenanceWindow>,
}

/// How one product of the hub's gateway is reached.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductSettings {
    /// Its address without the paths of its calls; for Checkout without the edition.
    pub url: String,
    /// Files that hold its subscription keys, each alone on its line: the primary, then the secondary.
    #[serde(default)]
    pub key_files: Vec<PathBuf>,
}

impl ProductSettings {
    /// The subscription keys, read from their files.
    pub fn keys(&self, product: Product) -> Result<Vec<SubscriptionKey>> {
        self.key_files
            .iter()
            .map(|path| {
                let text = std::fs::read_to_string(path).with_context(|| {
                    format!(
                        "cannot read {} of hub.products.{}",
                        path.display(),
                        product.as_str()
                    )
                })?;
                let key = text.trim();
                ensure!(
                    !key.is_empty() && key.len() <= 200,
                    "{} does not hold a key",
                    path.display()
                );
                Ok(SubscriptionKey::new(key.to_owned()))
            })
            .collect()
    }
}

fn default_listen() -> SocketAddr {
    DEFAULT_LISTEN.parse().expect("the default address is one")
}

fn default_database() -> String {
    DEFAULT_DATABASE.to_owned()
}

fn default_timeout() -> u64 {
    20
}

/// The name in the certificate of the hub in production.
fn default_client_names() -> Vec<String> {
    vec!["forwarder.platform.pagopa.it".to_owned()]
}

impl Settings {
    /// Reads and checks a settings file.
    pub fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let settings: Self = toml::from_str(&text)
            .with_context(|| format!("{} is not a valid configuration", path.display()))?;
        settings
            .check()
            .with_context(|| format!("{} cannot be used", path.display()))?;
        Ok(settings)
    }

    /// The settings of the demo city: sandbox hub, trial banner.
    pub fn demo(listen: SocketAddr, sandbox_listen: SocketAddr, database: String) -> Result<Self> {
        let text = include_str!("../demo/lanterna.toml")
            .replace("{portal}", &format!("http://{listen}"))
            .replace("{sandbox}", &format!("http://{sandbox_listen}"));
        let mut settings: Self = toml::from_str(&text).context("the demo configuration")?;
        settings.listen = listen;
        settings.database = database;
        let key = Secret::parse(sandbox::PROGRAM_KEY).context("the key of the demo's program")?;
        settings.programs.known_keys.insert("sandbox".to_owned(), key);
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<()> {
        let portal = &self.portal.base_url;
        ensure!(
            is_web_address(portal),
            "portal.base_url must be an https address without a slash at the end, not {portal}"
        );
        ensure!(
            self.hub.products.contains_key(&Product::Checkout),
            "hub.products.checkout is missing: without it nobody can pay on the portal"
        );
        for (product, of) in &self.hub.products {
            ensure!(
                is_web_address(&of.url),
                "hub.products.{}.url must be an https address without a slash at the end, not {}",
                product.as_str(),
                of.url
            );
        }
        ensure!(
            (1..=25).contains(&self.hub.timeout_seconds),
            "hub.timeout_seconds must be between 1 and 25: a page is answered within 30"
        );
        if !self.database.starts_with("sqlite:")
            && !self.database.starts_with("postgres://")
            && !self.database.starts_with("postgresql://")
        {
            bail!("database must begin with sqlite: or postgres://");
        }
        self.documents.check()?;
        self.programs.check()?;
        self.outcomes.check()?;
        self.imports.check()?;
        for window in &self.hub.maintenance {
            window.check().context("hub.maintenance")?;
        }
        if let Some(listener) = &self.api_listener {
            let others = [
                Some(self.listen),
                self.hub_listener.as_ref().map(|hub| hub.listen),
            ];
            ensure!(
                listener.listen.port() == 0 || !others.contains(&Some(listener.listen)),
                "api_listener.listen must differ from those of the other listeners"
            );
        }
        match &self.hub_listener {
            Some(listener) => {
                ensure!(
                    listener.listen != self.listen || listener.listen.port() == 0,
                    "hub_listener.listen must differ from listen, {}",
                    self.listen
                );
                ensure!(
                    !listener.client_names.is_empty()
                        && listener.client_names.iter().all(|name| !name.trim().is_empty()),
                    "hub_listener.client_names must hold the name in the hub's certificate"
                );
            }
            None => ensure!(
                !self.hub_on_public_listener,
                "hub_on_public_listener has a meaning only beside [hub_listener]: without it the hub is answered there \
                 anyway"
            ),
        }
        Ok(())
    }

    /// How carts are opened. Citizens may always be sent to the host that opens them.
    pub fn checkout(&self) -> Checkout {
        let own = self
            .hub
            .products
            .get(&Product::Checkout)
            .and_then(|of| url::Url::parse(&of.url).ok())
            .and_then(|url| url.host_str().map(str::to_owned));
        Checkout {
            edition: self.hub.checkout_edition,
            allowed_hosts: self.hub.checkout_hosts.iter().cloned().chain(own).collect(),
        }
    }
}

/// `https` anywhere, plain `http` only on this machine.
fn is_web_address(text: &str) -> bool {
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    !text.ends_with('/')
        && (text.starts_with("https://") || local.iter().any(|start| text.starts_with(start)))
}

/// The database URL without its password, for people.
pub fn without_password(url: &str) -> String {
    match url
        .split_once("://")
        .map(|(scheme, rest)| (scheme, rest.rsplit_once('@')))
    {
        Some((scheme, Some((_, host)))) => format!("{scheme}://…@{host}"),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_only_for_this_machine() {
        assert!(is_web_address("https://servizi.example.it"));
        assert!(is_web_address("http://127.0.0.1:3000"));
        assert!(!is_web_address("http://servizi.example.it"));
        assert!(!is_web_address("https://servizi.example.it/"));
    }

    fn demo() -> Settings {
        let address = |text: &str| text.parse().unwrap();
        Settings::demo(
            address(DEFAULT_LISTEN),
            address(DEFAULT_SANDBOX_LISTEN),
            DEFAULT_DATABASE.to_owned(),
        )
        .unwrap()
    }

    fn hub_listener(listen: &str, names: &[&str]) -> HubListenerSettings {
        HubListenerSettings {
            listen: listen.parse().unwrap(),
            certificate_file: "server.pem".into(),
            key_file: "server.key".into(),
            client_ca_file: "ca.pem".into(),
            client_names: names.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_listener_of_the_hubs_own_has_an_address_and_a_client_of_its_own() {
        let usable = |listener: Option<HubListenerSettings>, on_public| {
            let settings = Settings {
                hub_listener: listener,
                hub_on_public_listener: on_public,
                ..demo()
            };
            settings.check().is_ok()
        };
        let elsewhere = |names| Some(hub_listener("127.0.0.1:3443", names));
        assert!(usable(elsewhere(&["hub"]), false));
        assert!(usable(elsewhere(&["hub"]), true));
        assert!(!usable(Some(hub_listener(DEFAULT_LISTEN, &["hub"])), false));
        assert!(!usable(elsewhere(&[]), false));
        assert!(!usable(elsewhere(&[" "]), false));
        assert!(!usable(None, true));
    }

    #[test]
    fn a_listener_of_programs_own_has_an_address_of_its_own() {
        let usable = |address: &str| {
            let settings = Settings {
                hub_listener: Some(hub_listener("127.0.0.1:3443", &["hub"])),
                api_listener: Some(ApiListenerSettings {
                    listen: address.parse().unwrap(),
                    certificate_file: "server.pem".into(),
                    key_file: "server.key".into(),
                    client_ca_file: "ca.pem".into(),
                }),
                ..demo()
            };
            settings.check().is_ok()
        };
        assert!(usable("127.0.0.1:3444"));
        assert!(usable("127.0.0.1:0"));
        assert!(!usable(DEFAULT_LISTEN));
        assert!(!usable("127.0.0.1:3443"));
    }

    #[test]
    fn a_password_is_never_shown() {
        assert_eq!(
            without_password("postgres://lanterna:s3cret@db:5432/lanterna"),
            "postgres://…@db:5432/lanterna"
        );
        assert_eq!(
            without_password("sqlite:var/lanterna.db"),
            "sqlite:var/lanterna.db"
        );
    }
}
