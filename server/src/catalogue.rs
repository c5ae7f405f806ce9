//! Institutions and their services, as files: a deployment's own or the demo city's.

use anyhow::{Context, Result, ensure};
use domain::CreditorInstitution;
use domain::service::Service;
use serde::Deserialize;
use services::Services;
use std::path::Path;
use storage::{institutions, service_catalogue};

/// What `institutions.toml` and `services.toml` say.
#[derive(Debug)]
pub struct Catalogue {
    /// Every institution served.
    pub institutions: Vec<CreditorInstitution>,
    /// What they collect.
    pub services: Vec<Service>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InstitutionsFile {
    institution: Vec<CreditorInstitution>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServicesFile {
    service: Vec<Service>,
}

impl Catalogue {
    /// Reads the two files of a folder.
    pub fn read(folder: &Path) -> Result<Self> {
        let text = |name: &str| {
            let path = folder.join(name);
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        };
        Self::parse(&text("institutions.toml")?, &text("services.toml")?)
    }

    /// The demo city's catalogue.
    pub fn demo() -> Result<Self> {
        Self::parse(
            include_str!("../demo/institutions.toml"),
            include_str!("../demo/services.toml"),
        )
    }

    fn parse(institutions: &str, services: &str) -> Result<Self> {
        let institutions = toml::from_str::<InstitutionsFile>(institutions)
            .context("institutions.toml is not valid")?
            .institution;
        let services = toml::from_str::<ServicesFile>(services)
            .context("services.toml is not valid")?
            .service;
        let catalogue = Self {
            institutions,
            services,
        };
        catalogue.check()?;
        Ok(catalogue)
    }

    fn check(&self) -> Result<()> {
        ensure!(
            !self.institutions.is_empty(),
            "institutions.toml names no institution"
        );
        for (place, institution) in self.institutions.iter().enumerate() {
            let code = &institution.fiscal_code;
            ensure!(
                code.has_right_check_digit(),
                "institution {code}: the last digit of the fiscal code does not fit the others"
            );
            ensure!(
                self.institutions[..place]
                    .iter()
                    .all(|other| other.fiscal_code != *code),
                "institution {code} is there twice"
            );
            ensure!(
                (1..=140).contains(&institution.name.chars().count()),
                "institution {code}: the name has 1 to 140 characters"
            );
            ensure!(
                institution
                    .postal_iban
                    .as_ref()
                    .is_none_or(domain::Iban::is_postal),
                "institution {code}: postal_iban is not a postal account (its bank code must be 07601)"
            );
        }
        for service in &self.services {
            ensure!(
                self.institutions
                    .iter()
                    .any(|i| i.fiscal_code == service.institution),
                "service {}: institution {} is not in institutions.toml",
                service.code,
                service.institution
            );
        }
        Ok(())
    }

    /// Brings the archive's catalogue to this one. Institutions and services that left stay in the archive.
    pub async fn store(&self, services: &Services) -> Result<()> {
        let mut tx = services.store.begin().await?;
        for institution in &self.institutions {
            institutions::upsert_institution(&mut tx, institution).await?;
        }
        for service in &self.services {
            service_catalogue::upsert_service(&mut tx, service).await?;
        }
        tx.commit().await?;
        services.directory.refresh();
        Ok(())
    }
}
