//! Institutions and their services, as files: a deployment's own or the demo city's.

use crate::config::DEFAULT_SANDBOX_LISTEN;
use anyhow::{Context, Result, ensure};
use documents::Language;
use documents::model::Drawing;
use domain::at_provider::AtProvider;
use domain::service::Service;
use domain::{CreditorFiscalCode, CreditorInstitution};
use serde::Deserialize;
use serde::de::Error as _;
use services::Services;
use services::documents::imprint::Imprint;
use services::tariffs::TariffBook;
use std::collections::BTreeMap;
use std::path::Path;
use storage::{imprints, institutions, position_feed, service_catalogue};

/// What `institutions.toml` and `services.toml` say.
#[derive(Debug)]
pub struct Catalogue {
    /// Every institution served.
    pub institutions: Vec<CreditorInstitution>,
    /// What each prints on its notices.
    pub imprints: BTreeMap<CreditorFiscalCode, Imprint>,
    /// What they collect.
    pub services: Vec<Service>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InstitutionsFile {
    institution: Vec<InstitutionEntry>,
}

/// An institution, and what it prints on its notices.
#[derive(Deserialize)]
#[serde(try_from = "toml::Table")]
struct InstitutionEntry {
    institution: CreditorInstitution,
    notice: NoticeEntry,
}

impl TryFrom<toml::Table> for InstitutionEntry {
    type Error = toml::de::Error;

    /// What is printed stands in the institution's own table, whose other keys are the institution's.
    fn try_from(mut table: toml::Table) -> Result<Self, toml::de::Error> {
        let whose = table.get("fiscal_code").map(ToString::to_string);
        let notice = table.remove("notice");
        let told = |error: toml::de::Error| {
            let whose = whose
                .clone()
                .unwrap_or_else(|| "without a fiscal_code".to_owned());
            toml::de::Error::custom(format!("institution {whose}: {}", error.message()))
        };
        Ok(Self {
            notice: notice.map_or(Ok(NoticeEntry::default()), |notice| {
                notice.try_into().map_err(told)
            })?,
            institution: table.try_into().map_err(told)?,
        })
    }
}

/// What an institution says of its notices; the keys are those of [`Imprint`], and the logo is a file.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct NoticeEntry {
    sector: Option<String>,
    info: Option<String>,
    postal_holder: Option<String>,
    postal_authorisation: Option<String>,
    takes_payment_on_site: bool,
    takes_payment_in_app: bool,
    own_counters: Option<String>,
    second_language: Option<Language>,
    languages_are_equal: bool,
    logo: Option<String>,
}

impl NoticeEntry {
    fn imprint(self, logo: Option<Drawing>) -> Imprint {
        Imprint {
            sector: self.sector,
            info: self.info,
            postal_holder: self.postal_holder,
            postal_authorisation: self.postal_authorisation,
            takes_payment_on_site: self.takes_payment_on_site,
            takes_payment_in_app: self.takes_payment_in_app,
            own_counters: self.own_counters,
            second_language: self.second_language,
            languages_are_equal: self.languages_are_equal,
            logo,
        }
    }
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
        Self::parse(&text("institutions.toml")?, &text("services.toml")?, |logo| {
            crate::logo::read(&folder.join(logo))
        })
    }

    /// The demo city's catalogue, with the sandbox where it usually is.
    pub fn demo() -> Result<Self> {
        Self::demo_beside(DEFAULT_SANDBOX_LISTEN)
    }

    /// The demo city's catalogue, with its sandbox at this address: there the sandbox plays an office's program.
    pub fn demo_beside(sandbox: &str) -> Result<Self> {
        Self::parse(
            include_str!("../demo/institutions.toml"),
            &demo_services(sandbox),
            demo_logo,
        )
    }

    fn parse(
        institutions_text: &str,
        services: &str,
        read_logo: impl Fn(&str) -> Result<Drawing>,
    ) -> Result<Self> {
        let entries = toml::from_str::<InstitutionsFile>(institutions_text)
            .context("institutions.toml is not valid")?
            .institution;
        let mut institutions = Vec::with_capacity(entries.len());
        let mut imprints = BTreeMap::new();
        for InstitutionEntry { institution, notice } in entries {
            let code = &institution.fiscal_code;
            let logo = notice.logo.as_deref().map(&read_logo).transpose();
            let imprint = notice.imprint(logo.with_context(|| format!("institution {code}"))?);
            imprint
                .check(&institution)
                .with_context(|| format!("institution {code}"))?;
            imprints.insert(code.clone(), imprint);
            institutions.push(institution);
        }
        let services = toml::from_str::<ServicesFile>(services)
            .context("services.toml is not valid")?
            .service;
        let catalogue = Self {
            institutions,
            imprints,
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
            if let Some(terms) = &service.todays_amount {
                terms
                    .check(service.amounts_move)
                    .with_context(|| format!("service {}: todays_amount", service.code))?;
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
        for (institution, imprint) in &self.imprints {
            imprints::upsert_imprint(&mut tx, institution, imprint).await?;
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

/// The logo of the demo city, which is inside the program.
fn demo_logo(name: &str) -> Result<Drawing> {
    ensure!(name == "lanterna.svg", "the demo city has no logo {name}");
    crate::logo::parse(include_str!("../demo/lanterna.svg"))
}

/// The demo city's services; the last of them asks the sandbox for its amounts.
fn demo_services(sandbox: &str) -> String {
    let asking =
        include_str!("../demo/todays_amount.toml").replace("{sandbox}", &format!("http://{sandbox}"));
    concat!(include_str!("../demo/services.toml"), "\n").to_owned() + &asking
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with the demo city's institutions, changed so.
    fn refused_institutions(from: &str, to: &str) -> String {
        let institutions = include_str!("../demo/institutions.toml");
        assert!(institutions.contains(from), "{from}");
        let catalogue = Catalogue::parse(
            &institutions.replacen(from, to, 1),
            include_str!("../demo/services.toml"),
            demo_logo,
        );
        format!("{:#}", catalogue.expect_err(to))
    }

    #[test]
    fn what_an_institution_prints_is_checked_with_what_to_correct() {
        let holder = "postal_holder = \"Comune di Genova - Servizio Tesoreria\"\n";
        for (from, to, words) in [
            (holder, "", "00856930102: notice.postal_holder is missing"),
            (
                "postal_iban = \"IT63J0760101400000012345678\"\n",
                "",
                "only with postal_iban",
            ),
            ("second_language = \"en\"", "second_language = \"it\"", "Italian"),
            (
                "second_language = \"en\"",
                "second_language = \"es\"",
                "unknown variant `es`",
            ),
            (
                "lanterna.svg",
                "stemma.svg",
                "00856930102: the demo city has no logo stemma.svg",
            ),
            (
                "[institution.notice]",
                "[institution.notices]",
                "unknown field `notices`",
            ),
            (holder, "holder = \"x\"\n", "unknown field `holder`"),
            (
                "AB1C2\"\n",
                "AB1C2\"\ncolour = 1\n",
                "institution \"00856930102\": unknown field `colour`",
            ),
        ] {
            let error = refused_institutions(from, to);
            assert!(error.contains(words), "{to}: {error}");
        }
    }

    /// What is wrong with the demo city's services, changed so.
    fn refused(from: &str, to: &str) -> String {
        let services = demo_services(DEFAULT_SANDBOX_LISTEN);
        assert!(services.contains(from));
        let catalogue = Catalogue::parse(
            include_str!("../demo/institutions.toml"),
            &services.replacen(from, to, 1),
            demo_logo,
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
        let catalogue =
            Catalogue::parse(include_str!("../demo/institutions.toml"), &services, demo_logo).unwrap();
        let error = catalogue.check_tariffs(&TariffBook::default()).unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            "service refezione of institution 00856930102: there is no tariff none-such"
        );
    }

    #[test]
    fn a_service_whose_amount_is_asked_for_is_never_paid_without_asking() {
        assert!(refused("amounts_move = true", "amounts_move = false").contains("has amounts_move = true"));
        assert!(refused("kept_seconds = 60", "kept_seconds = 0").contains("between 1 and 86400"));
        assert!(refused("[\"hub\", \"page\"]", "[]").contains("hub, page or both"));
        assert!(refused("\"last_known\"", "\"perhaps\"").contains("unknown variant `perhaps`"));
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
