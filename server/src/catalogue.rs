//! Institutions and their services, as files: a deployment's own or the demo city's.

use anyhow::{Context, Result, ensure};
use domain::CreditorInstitution;
use domain::at_provider::AtProvider;
use domain::service::Service;
use serde::Deserialize;
use services::Services;
use std::path::Path;
use storage::{institutions, position_feed, service_catalogue};

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
        for (place, service) in self.services.iter().enumerate() {
            if let Some(terms) = &service.at_provider {
                terms
                    .check()
                    .with_context(|| format!("service {}: at_provider", service.code))?;
                let offered = |other: &AtProvider| {
                    (&other.service_id, &other.subject_id) == (&terms.service_id, &terms.subject_id)
                };
                ensure!(
                    !self.services[..place].iter().any(|other| {
                        other.institution == service.institution
                            && other.at_provider.as_ref().is_some_and(offered)
                    }),
                    "service {}: another service of institution {} has the same service_id and subject_id",
                    service.code,
                    service.institution
                );
            }
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

    /// Brings the archive's catalogue to this one. Institutions and services that left stay in the archive. When a
    /// service is fed elsewhere or in another way, its positions are marked to be fed again.
    pub async fn store(&self, services: &Services) -> Result<()> {
        let mut tx = services.store.begin().await?;
        for institution in &self.institutions {
            institutions::upsert_institution(&mut tx, institution).await?;
        }
        for service in &self.services {
            let (institution, code) = (&service.institution, &service.code);
            let before = service_catalogue::find_service(&mut tx, institution, code).await?;
            service_catalogue::upsert_service(&mut tx, service).await?;
            if before.is_some_and(|before| {
                (before.feed, before.amounts_move) != (service.feed, service.amounts_move)
            }) {
                position_feed::mark_service(&mut tx, institution, code).await?;
            }
        }
        tx.commit().await?;
        services.directory.refresh();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with the demo city's services, changed so.
    fn refused(from: &str, to: &str) -> String {
        let services = include_str!("../demo/services.toml");
        assert!(services.contains(from));
        let catalogue = Catalogue::parse(
            include_str!("../demo/institutions.toml"),
            &services.replacen(from, to, 1),
        );
        format!("{:#}", catalogue.expect_err(to))
    }

    #[test]
    fn an_offer_at_providers_that_cannot_be_kept_is_refused_with_what_to_correct() {
        assert!(refused("\"00099\"", "\"00047\"").contains("the same service_id and subject_id"));
        assert!(refused("days_to_pay = 5", "days_to_pay = 366").contains("days_to_pay is at most 365"));
        assert!(refused("amount = 2221", "amount = 0").contains("between 1 and 99999999999"));
        assert!(refused("\"00099\"", "\"99\"").contains("5 printable characters"));
        assert!(refused("IT92P0617501400000000123456", "IT92").contains("27 characters"));
    }
}
