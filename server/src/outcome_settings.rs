//! What the configuration says of outcomes, and the key their webhooks are signed by.

use crate::document_settings::{beside, text_of_key_in};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use services::outcomes::{KEY_BYTES_MIN, Outcomes};
use std::path::PathBuf;
use webhooks::{Network, Reach, Sender, SenderSettings};

/// Networks that may be allowed.
const NETWORKS_MAX: usize = 100;

/// How programs are told of outcomes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutcomeSettings {
    /// File that holds the installation's key, alone on its line: the secrets of all endpoints are derived from it. When none
    /// is named, one is made beside an archive that is a file.
    pub key_file: Option<PathBuf>,
    /// Folder for daily files; without, none is written.
    pub folder: Option<PathBuf>,
    /// Networks that may be called although they are not public, as `10.20.0.0/16`. Into these `http` is allowed too.
    pub allowed_networks: Vec<String>,
    /// Certificates of authorities that are believed beside the system's, in PEM.
    pub ca_files: Vec<PathBuf>,
}

impl OutcomeSettings {
    /// Checks what its types cannot.
    pub(crate) fn check(&self) -> Result<()> {
        ensure!(
            self.allowed_networks.len() <= NETWORKS_MAX,
            "outcomes.allowed_networks names at most {NETWORKS_MAX} networks"
        );
        self.reach().map(drop)
    }

    /// Where programs may be called.
    pub(crate) fn reach(&self) -> Result<Reach> {
        let allowed = self
            .allowed_networks
            .iter()
            .map(|text| {
                let network: Network = text
                    .parse()
                    .with_context(|| format!("outcomes.allowed_networks: {text}"))?;
                Ok(network)
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Reach { allowed })
    }

    /// The authorities that vouch for programs, read from their files.
    pub(crate) fn authorities(&self) -> Result<Vec<Vec<u8>>> {
        self.ca_files
            .iter()
            .map(|file| {
                std::fs::read(file)
                    .with_context(|| format!("cannot read {} of outcomes.ca_files", file.display()))
            })
            .collect()
    }

    /// What sends, with the key that is named, or that of the archive. Without a key nothing is sent; the feed and the daily
    /// files go on.
    pub fn open(&self, database: &str) -> Result<Outcomes> {
        let key = match (&self.key_file, beside(database, "webhook-key")) {
            (Some(file), _) => Some(
                std::fs::read_to_string(file)
                    .with_context(|| format!("cannot read {} of outcomes.key_file", file.display()))?,
            ),
            (None, Some(file)) => Some(text_of_key_in(
                &file,
                "webhooks",
                "name one in outcomes.key_file",
            )?),
            (None, None) => {
                tracing::warn!("no webhook can be sent: name outcomes.key_file, the same for every server");
                None
            }
        };
        self.with_key(key.as_deref())
    }

    /// For a command that sends nothing.
    pub(crate) fn without_key(&self) -> Result<Outcomes> {
        self.with_key(None)
    }

    fn with_key(&self, key: Option<&str>) -> Result<Outcomes> {
        // Another part of the process may have chosen the same provider already: then there is nothing to do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sender = Sender::new(SenderSettings {
            reach: self.reach()?,
            authorities: self.authorities()?,
            ..SenderSettings::default()
        })
        .context("outcomes")?;
        Outcomes::new(sender, key, self.folder.clone()).with_context(|| {
            format!("the key of outcomes.key_file needs at least {KEY_BYTES_MIN} characters")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowing(networks: &[&str]) -> OutcomeSettings {
        OutcomeSettings {
            allowed_networks: networks.iter().map(ToString::to_string).collect(),
            ..OutcomeSettings::default()
        }
    }

    #[test]
    fn networks_are_named_by_address_and_bits() {
        assert!(allowing(&["10.20.0.0/16", "fd12::/64"]).check().is_ok());
        let error = allowing(&["10.20.0.0"]).check().unwrap_err();
        assert!(format!("{error:#}").contains("10.20.0.0"), "{error:#}");
        assert!(allowing(&["10.0.0.0/8"; NETWORKS_MAX + 1]).check().is_err());
    }

    #[test]
    fn a_key_is_made_once_beside_the_archive_and_named_for_several_servers() {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join("lanterna.db").display());
        let settings = OutcomeSettings::default();
        settings.open(&database).unwrap();
        let file = folder.path().join("lanterna.db.webhook-key");
        let key = std::fs::read_to_string(&file).unwrap();
        settings.open(&database).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), key);
        assert!(settings.open("postgres://db.example/lanterna").is_ok());
        std::fs::write(&file, "short").unwrap();
        assert!(settings.open(&database).is_err());
    }
}
