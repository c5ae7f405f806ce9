//! The services citizens pay for, as pages list them.

use super::PortalError;
use super::json::Answer;
use crate::Language;
use domain::service::LifeEvent;
use leptos::server;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

/// A service, in the words of the page's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceSummary {
    /// Its name.
    pub name: String,
    /// The institution that offers it.
    pub institution: String,
    /// The institution's fiscal code.
    pub institution_code: String,
    /// Its code within the institution.
    pub code: String,
    /// When people need it.
    pub events: Vec<LifeEvent>,
    /// Whether its fee is worked out here.
    pub has_tariff: bool,
}

/// Lists the services offered now, in the order of the catalogue.
#[server(prefix = "/api", endpoint = "services", input = GetUrl, output = Answer)]
pub async fn list_services(
    /// Language of the names.
    language: Language,
) -> Result<Vec<ServiceSummary>, PortalError> {
    let services = super::request::services()?;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await;
    let entries = entries.map_err(services::Unavailable::from)?;
    let summary = |service: &domain::service::Service| {
        let name = language.pick(&service.name_it, &service.name_en).clone();
        Some(ServiceSummary {
            name,
            institution: entries.institution(&service.institution)?.name.clone(),
            institution_code: service.institution.as_str().to_owned(),
            code: service.code.clone(),
            events: service.life_events.clone(),
            has_tariff: service
                .by_tariff
                .as_ref()
                .is_some_and(|by_tariff| services.tariffs.packed(&by_tariff.tariff).is_some()),
        })
    };
    Ok(entries
        .services
        .iter()
        .filter(|service| service.active)
        .filter_map(summary)
        .collect())
}
