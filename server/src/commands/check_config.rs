//! `lanterna check-config`

use super::say;
use crate::catalogue::Catalogue;
use crate::config::{Settings, without_password};
use std::path::Path;

/// Reads a configuration and the files it names, and says what they amount to.
pub(super) fn check_config(path: &Path) -> anyhow::Result<()> {
    let settings = Settings::read(path)?;
    let catalogue = settings.catalogue.as_deref().map(Catalogue::read).transpose()?;
    say(&format!("{}: valid", path.display()));
    say(&format!("  listens on   {}", settings.listen));
    say(&format!(
        "  archive      {}",
        without_password(&settings.database)
    ));
    say(&format!("  portal       {}", settings.portal.base_url));
    for (product, of) in &settings.hub.products {
        let keys = match of.keys(*product)?.len() {
            0 => "no key".to_owned(),
            1 => "one key".to_owned(),
            keys => format!("{keys} keys"),
        };
        say(&format!("  {:<12} {} ({keys})", product.as_str(), of.url));
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
