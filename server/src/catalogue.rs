//! Institutions and their services, as files: a deployment's own or the demo city's.

use anyhow::{Context, Result, ensure};
use domain::CreditorInstitution;
use domain::at_provider::AtProvider;
use domain::service::Service;
use serde::Deserialize;
use services::Services;
use services::tariffs::TariffBook;
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
    /// Reads a folder whole: institutions, services, and the tariffs these are paid by.
    pub fn read_with_tariffs(folder: &Path) -> Result<(Self, TariffBook)> {
        let catalogue = Self::read(folder)?;
        let tariffs = crate::tariffs::read(folder)?;
        catalogue.check_tariffs(&tariffs)?;
        Ok((catalogue, tariffs))
    }

    /// Reads the two files of a folder that name institutions and services.
    fn read(folder: &Path) -> Result<Self> {
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

    /// Checks that every service that names a tariff can be paid by it.
    fn check_tariffs(&self, tariffs: &TariffBook) -> Result<()> {
        for service in &self.services {
            tariffs.check_service(service).with_context(|| {
                format!("service {} of institution {}", service.code, service.institution)
            })?;
        }
        Ok(())
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
            if let Some(terms) = &service.by_tariff {
                terms
                    .check()
                    .with_context(|| format!("service {}: by_tariff", service.code))?;
            }
            for (place, event) in service.life_events.iter().enumerate() {
                ensure!(
                    !service.life_events[..place].contains(event),
                    "service {}: life_events names {} twice",
                    service.code,
                    event.as_str()
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
    fn every_service_of_the_demo_city_can_be_paid_by_the_tariff_it_names() {
        let tariffs = crate::tariffs::demo().unwrap();
        Catalogue::demo().unwrap().check_tariffs(&tariffs).unwrap();
    }

    #[test]
    fn what_a_service_says_of_tariffs_and_life_events_is_checked() {
        assert!(refused("days_to_pay = 30 }", "days_to_pay = 0 }").contains("between 1 and 365"));
        let events = |events: &str| refused("[\"school_and_family\"]", events);
        assert!(events("[\"home\", \"home\"]").contains("names home twice"));
        assert!(events("[\"garden\"]").contains("unknown variant `garden`"));
    }

    #[test]
    fn a_service_whose_tariff_is_not_there_is_refused() {
        let services = include_str!("../demo/services.toml").replacen("mensa-scolastica", "none-such", 1);
        let catalogue = Catalogue::parse(include_str!("../demo/institutions.toml"), &services).unwrap();
        let error = catalogue.check_tariffs(&TariffBook::default()).unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "service refezione of institution 00856930102: there is no tariff none-such"
        );
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
