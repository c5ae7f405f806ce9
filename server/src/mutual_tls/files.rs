//! The files of a listener, read and checked together.

use super::Certificate;
use super::client_names::ExpectedClient;
use crate::config::DoorSettings;
use anyhow::{Context, Result, anyhow, ensure};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};
use std::path::Path;
use std::sync::Arc;

/// Longest file read: a chain or a bundle of authorities is far shorter.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Who we are and whom we believe.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Our own certificate.
    pub own: Certificate,
    /// The authorities that sign the clients'.
    pub authorities: Vec<Certificate>,
    /// How a connection is taken with them.
    pub server: Arc<ServerConfig>,
}

impl Credentials {
    /// Reads the files the settings name.
    ///
    /// # Errors
    /// A file that cannot be read, holds something else, or does not belong with the others; the sentence names it.
    pub fn read(settings: impl Into<DoorSettings>) -> Result<Self> {
        Self::of(&settings.into())
    }

    pub(super) fn of(settings: &DoorSettings) -> Result<Self> {
        let name = |field: &str| format!("{}.{field}", settings.section);
        let chain = certificates(&settings.certificate_file).with_context(|| name("certificate_file"))?;
        let authorities = certificates(&settings.client_ca_file).with_context(|| name("client_ca_file"))?;
        let own = described(&settings.certificate_file, &chain)?.swap_remove(0);
        let key = key(&settings.key_file).with_context(|| name("key_file"))?;
        let described_authorities = described(&settings.client_ca_file, &authorities)?;

        let mut roots = RootCertStore::empty();
        for authority in authorities {
            roots.add(authority).with_context(|| {
                format!(
                    "{} holds an authority that cannot be used",
                    settings.client_ca_file.display()
                )
            })?;
        }
        let provider = Arc::new(ring::default_provider());
        let chain_verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .with_context(|| format!("{} cannot be used", settings.client_ca_file.display()))?;
        let verifier = ExpectedClient {
            chain: chain_verifier,
            names: settings.client_names.clone(),
        };
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("the versions of TLS")?
            .with_client_cert_verifier(Arc::new(verifier))
            .with_single_cert(chain, key)
            .map_err(|error| match error {
                rustls::Error::InconsistentKeys(_) => anyhow!(
                    "the key in {} is not the one of the certificate in {}",
                    settings.key_file.display(),
                    settings.certificate_file.display()
                ),
                other => anyhow!(other).context(format!(
                    "the certificate in {} and the key in {} cannot be used together",
                    settings.certificate_file.display(),
                    settings.key_file.display()
                )),
            })?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // A resumed session skips the client's certificate: each connection shows it anew.
        server.session_storage = Arc::new(NoServerSessionStorage {});
        server.send_tls13_tickets = 0;
        Ok(Self {
            own,
            authorities: described_authorities,
            server: Arc::new(server),
        })
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    let length = std::fs::metadata(file)
        .with_context(|| format!("cannot read {}", file.display()))?
        .len();
    ensure!(
        length <= FILE_BYTES_MAX,
        "{} is longer than 1 MiB: it is not what is looked for",
        file.display()
    );
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(&read(file)?)
        .collect::<Result<_, _>>()
        .map_err(|error| anyhow!("{} is not a file of certificates in PEM: {error}", file.display()))?;
    ensure!(
        !found.is_empty(),
        "{} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)",
        file.display()
    );
    Ok(found)
}

fn described(file: &Path, certificates: &[CertificateDer<'_>]) -> Result<Vec<Certificate>> {
    certificates
        .iter()
        .map(|der| {
            Certificate::read(der)
                .with_context(|| format!("{} holds a certificate that cannot be read", file.display()))
        })
        .collect()
}

fn key(file: &Path) -> Result<PrivateKeyDer<'static>> {
    // What the reader says of a file that is no key may repeat some of it: a key is not repeated.
    PrivateKeyDer::from_pem_slice(&read(file)?).map_err(|_| {
        anyhow!(
            "{} holds no private key in PEM without a password (-----BEGIN PRIVATE KEY-----)",
            file.display()
        )
    })
}
