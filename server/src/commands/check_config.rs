//! `lanterna check-config`

use super::say;
use crate::catalogue::Catalogue;
use crate::config::{Settings, without_password};
use crate::mutual_tls::Credentials;
use chrono::{DateTime, Utc};
use services::clock::{Clock, SystemClock, italian_time};
use services::tariffs::TariffBook;
use std::path::Path;

/// Reads a configuration and the files it names, and says what they amount to.
pub(super) fn check_config(path: &Path) -> anyhow::Result<()> {
    let settings = Settings::read(path)?;
    let catalogue = settings
        .catalogue
        .as_deref()
        .map(Catalogue::read_with_tariffs)
        .transpose()?;
    if let Some((catalogue, _)) = &catalogue {
        settings
            .programs
            .check_services(&catalogue.services, &settings.outcomes)?;
    }
    let products = settings
        .hub
        .products
        .iter()
        .map(|(product, of)| Ok((product.as_str(), &of.url, of.keys(*product)?.len())))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let credentials = settings
        .hub_listener
        .as_ref()
        .map(Credentials::read)
        .transpose()?;
    let programs = settings
        .api_listener
        .as_ref()
        .map(Credentials::read)
        .transpose()?;
    let keys = settings.documents.named_keys()?;
    let now = SystemClock.now();
    say(&format!("{}: valid", path.display()));
    say(&format!("  listens on   {}", settings.listen));
    say(&format!(
        "  archive      {}",
        without_password(&settings.database)
    ));
    say(&format!("  portal       {}", settings.portal.base_url));
    for (product, url, keys) in products {
        say(&format!("  {product:<12} {url} ({keys} keys)"));
    }
    if let (Some(listener), Some(credentials)) = (&settings.hub_listener, &credentials) {
        say(&format!(
            "  hub          {} with mutual TLS, for {}{}",
            listener.listen,
            listener.client_names.join(" or "),
            if settings.hub_on_public_listener {
                "; on the public listener too"
            } else {
                ""
            }
        ));
        say_certificates(credentials, now);
    }
    if let (Some(listener), Some(credentials)) = (&settings.api_listener, &programs) {
        say(&format!("  programs     {} with mutual TLS", listener.listen));
        say_certificates(credentials, now);
    }
    for window in &settings.hub.maintenance {
        say(&format!(
            "  maintenance  {} from {} until {}{}: {}",
            window.station,
            italian_time(window.from).format("%Y-%m-%d %H:%M"),
            italian_time(window.until).format("%Y-%m-%d %H:%M"),
            match (window.until <= now, window.holds(now)) {
                (true, _) => " (over)",
                (false, true) => " (now)",
                (false, false) => "",
            },
            window.reason
        ));
    }
    say(&format!(
        "  documents    links last {} minutes, signed with {}; volumes in {}",
        settings.documents.link_minutes,
        match (keys.is_some(), settings.documents.key_files.len()) {
            (false, _) if settings.database.starts_with("sqlite:") => "the key made beside the archive",
            (false, _) => "a key that ends with the process: name one in documents.key_files",
            (true, 1) => "the key of documents.key_files",
            (true, _) => "the first key of documents.key_files; the second is believed",
        },
        settings.documents.batches.display()
    ));
    if let Some((catalogue, tariffs)) = &catalogue {
        say_catalogue(catalogue, tariffs);
    }
    Ok(())
}

fn say_certificates(credentials: &Credentials, now: DateTime<Utc>) {
    say(&format!("  certificate  {}", credentials.own.describe(now)));
    for authority in &credentials.authorities {
        say(&format!("  authority    {}", authority.describe(now)));
    }
}

fn say_catalogue(catalogue: &Catalogue, tariffs: &TariffBook) {
    say(&format!(
        "  catalogue    {} institutions, {} services, {} tariffs",
        catalogue.institutions.len(),
        catalogue.services.len(),
        tariffs.ids().count()
    ));
    for service in &catalogue.services {
        if let Some(terms) = &service.todays_amount {
            say(&format!(
                "  amounts      service {} of institution {}: {} is asked",
                service.code, service.institution, terms.url
            ));
        }
    }
    for institution in &catalogue.institutions {
        if catalogue
            .imprints
            .get(&institution.fiscal_code)
            .is_some_and(|imprint| imprint.lacks_slips(institution))
        {
            say(&format!(
                "  notices      institution {}: without postal slips, although it has a postal account: \
                 notice.postal_holder and notice.postal_authorisation are missing",
                institution.fiscal_code
            ));
        }
    }
}
