//! `lanterna hub probe`

use super::{connected, say};
use crate::cli::Probe;
use crate::commands::sandbox::identity;
use anyhow::{Result, ensure};
use domain::CreditorInstitution;
use pagopa::gateway::Product;
use sandbox::SandboxConfig;
use services::Services;
use services::probe::{Probed, probe_product};

/// Asks every product that is configured, and the station as the hub does, and says who answered what.
pub(super) async fn run(arguments: Probe) -> Result<()> {
    let services = connected(&arguments.configured).await?;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let mut failed = 0;
    for institution in &entries.institutions {
        for product in Product::ALL {
            if !services.hub.offers(product) {
                continue;
            }
            if product == Product::Receipts && !arguments.receipts {
                line(institution, product.as_str(), "not asked: use --receipts");
                continue;
            }
            failed += usize::from(!product_works(&services, product, institution).await);
        }
        if let Some(url) = &arguments.station_url {
            failed += usize::from(!station_works(&arguments, url, institution).await?);
        }
    }
    ensure!(failed == 0, "{failed} probes were not answered as they should be");
    Ok(())
}

fn line(institution: &CreditorInstitution, what: &str, said: &str) {
    say(&format!("{} {what:<12} {said}", institution.fiscal_code));
}

async fn product_works(services: &Services, product: Product, institution: &CreditorInstitution) -> bool {
    let (works, said) = match probe_product(services, product, institution).await {
        Ok(Probed { status, works: true }) => (true, format!("answers (status {status})")),
        Ok(Probed { status, works: false }) => (false, format!("has trouble (status {status})")),
        Err(error) => (false, error.to_string()),
    };
    line(institution, product.as_str(), &said);
    works
}

/// The hub's own probe: a notice that never exists, which a station that works does not know.
async fn station_works(arguments: &Probe, url: &str, institution: &CreditorInstitution) -> Result<bool> {
    let station = institution.station.to_string();
    let mut config = SandboxConfig::new(url.to_owned(), institution.broker.to_string(), station);
    identity(&arguments.client, &mut config)?;
    let probe = sandbox::probe(config, &institution.fiscal_code).await?;
    let said = if probe.is_good {
        "answers".to_owned()
    } else {
        format!("{} {}", probe.answer, probe.reasons.join("; "))
    };
    line(institution, "station", said.trim_end());
    Ok(probe.is_good)
}
