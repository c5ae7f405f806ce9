//! The services citizens pay for, as the home page lists them.

use super::PortalError;
use super::json::Answer;
use crate::Language;
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
        })
    };
    Ok(entries
        .services
        .iter()
        .filter(|service| service.active)
        .filter_map(summary)
        .collect())
}
