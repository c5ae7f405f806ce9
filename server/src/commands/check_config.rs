//! `lanterna check-config`

use super::say;
use crate::catalogue::Catalogue;
use crate::config::{Settings, without_password};
use std::path::Path;

/// Reads a configuration and the files it names, and says what they amount to.
pub(super) fn check_config(path: &Path) -> anyhow::Result<()> {
    let settings = Settings::read(path)?;
    let key = settings.checkout_key()?;
    let catalogue = settings.catalogue.as_deref().map(Catalogue::read).transpose()?;
    say(&format!("{}: valid", path.display()));
    say(&format!("  listens on   {}", settings.listen));
    say(&format!(
        "  archive      {}",
        without_password(&settings.database)
    ));
    say(&format!("  portal       {}", settings.portal.base_url));
    say(&format!(
        "  checkout     {} ({})",
        settings.hub.checkout_url,
        if key.is_some() { "with key" } else { "no key" }
    ));
    if let Some(catalogue) = catalogue {
        say(&format!(
            "  catalogue    {} institutions, {} services",
            catalogue.institutions.len(),
            catalogue.services.len()
        ));
    }
    Ok(())
}
