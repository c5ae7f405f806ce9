//! What the configuration says of the programs that are asked what is due today: what questions are signed with. Where programs
//! may be, and who vouches for them, is said once, with the outcomes they are told.

use crate::outcome_settings::OutcomeSettings;
use anyhow::{Context, Result, ensure};
use domain::service::Service;
use serde::Deserialize;
use services::todays_amount::AmountPrograms;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use webhooks::{Secret, Target};

/// How management programs are asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProgramSettings {
    /// Files with the keys of questions, each alone on its line, under the name services know them by. All of them sign and
    /// are believed, so that one can replace another.
    pub keys: BTreeMap<String, Vec<PathBuf>>,
    /// Keys that are in no file: those of the demo city.
    #[serde(skip)]
    pub known_keys: BTreeMap<String, Secret>,
}

/// Keys of one name.
const KEYS_MAX: usize = 2;

impl ProgramSettings {
    /// Checks what its types cannot.
    pub(crate) fn check(&self) -> Result<()> {
        for (name, files) in &self.keys {
            ensure!(
                (1..=KEYS_MAX).contains(&files.len()),
                "programs.keys.{name} names one file, or two while a key is replaced"
            );
        }
        Ok(())
    }

    /// The programs that say what is due today.
    pub fn open(&self, outcomes: &OutcomeSettings) -> Result<AmountPrograms> {
        // Another part of the process may have chosen the same provider already: then there is nothing to do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        AmountPrograms::new(outcomes.reach()?, outcomes.authorities()?, self.secrets()?).context("programs")
    }

    fn secrets(&self) -> Result<BTreeMap<String, Vec<Secret>>> {
        let known = self
            .known_keys
            .iter()
            .map(|(name, key)| Ok((name.clone(), vec![key.clone()])));
        let named = self.keys.iter().map(|(name, files)| {
            let keys = files.iter().map(|path| read_key(name, path));
            Ok((name.clone(), keys.collect::<Result<_>>()?))
        });
        known.chain(named).collect()
    }

    /// Checks that the programs services name can be asked: their address, and that their key is there.
    pub fn check_services(&self, services: &[Service], outcomes: &OutcomeSettings) -> Result<()> {
        let (reach, keys) = (outcomes.reach()?, self.secrets()?);
        for service in services {
            let Some(terms) = &service.todays_amount else {
                continue;
            };
            let which = || format!("service {}: todays_amount", service.code);
            Target::parse(&terms.url, &reach).with_context(which)?;
            ensure!(
                keys.contains_key(&terms.key),
                "{}: the configuration has no key {:?} in programs.keys",
                which(),
                terms.key
            );
        }
        Ok(())
    }
}

fn read_key(name: &str, path: &Path) -> Result<Secret> {
    let what = || format!("{} of programs.keys.{name}", path.display());
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", what()))?;
    Secret::parse(text.trim()).with_context(what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    fn near() -> OutcomeSettings {
        OutcomeSettings {
            allowed_networks: vec!["127.0.0.0/8".to_owned()],
            ..OutcomeSettings::default()
        }
    }

    fn with_key(file: &Path) -> ProgramSettings {
        ProgramSettings {
            keys: BTreeMap::from([("sandbox".to_owned(), vec![file.to_owned()])]),
            ..ProgramSettings::default()
        }
    }

    /// What is wrong with asking the demo city's programs under these settings.
    fn refused(settings: &ProgramSettings, outcomes: &OutcomeSettings) -> String {
        let services = Catalogue::demo().unwrap().services;
        let refused = settings.check_services(&services, outcomes);
        format!("{:#}", refused.unwrap_err())
    }

    #[test]
    fn a_program_whose_address_or_key_cannot_be_used_is_named() {
        let keyless = ProgramSettings::default();
        let far = refused(&keyless, &OutcomeSettings::default());
        assert!(
            far.contains("service idrico: todays_amount: the address"),
            "{far}"
        );
        assert!(refused(&keyless, &near()).contains("no key \"sandbox\" in programs.keys"));
        let missing = refused(&with_key(Path::new("/none")), &near());
        assert!(
            missing.contains("cannot read /none of programs.keys.sandbox"),
            "{missing}"
        );
    }

    #[test]
    fn a_key_is_read_from_its_file_and_one_that_is_none_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let settings = with_key(&file);
        std::fs::write(&file, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        let services = Catalogue::demo().unwrap().services;
        settings.check_services(&services, &near()).unwrap();
        assert!(settings.open(&near()).is_ok());
        std::fs::write(&file, "secret").unwrap();
        let error = refused(&settings, &near());
        assert!(
            error.contains("of programs.keys.sandbox: a secret is whsec_"),
            "{error}"
        );
    }

    #[test]
    fn a_name_has_one_key_or_two() {
        for (keys, right) in [
            ("[]", false),
            ("[\"a\"]", true),
            ("[\"a\", \"b\"]", true),
            ("[\"a\", \"b\", \"c\"]", false),
        ] {
            let settings: ProgramSettings = toml::from_str(&format!("keys.tari = {keys}")).unwrap();
            assert_eq!(settings.check().is_ok(), right, "{keys}");
        }
    }
}
