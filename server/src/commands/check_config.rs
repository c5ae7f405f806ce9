//! `lanterna check-config`

use super::say;
use crate::catalogue::Catalogue;
use crate::config::{Settings, without_password};
use std::path::Path;

/// Reads a configuration and the files it names, and says what they amount to.
pub(super) fn check_config(path: &Path) -> anyhow::Result<()> {
    let settings = Settings::read(path)?;
    let catalogue = settings.catalogue.as_deref().map(Catalogue::read).transpose()?;
    let products = settings
        .hub
        .products
        .iter()
        .map(|(product, of)| Ok((product.as_str(), &of.url, of.keys(*product)?.len())))
        .collect::<anyhow::Result<Vec<_>>>()?;
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
    if let Some(catalogue) = catalogue {
        say(&format!(
            "  catalogue    {} institutions, {} services",
            catalogue.institutions.len(),
            catalogue.services.len()
        ));
    }
    Ok(())
}
