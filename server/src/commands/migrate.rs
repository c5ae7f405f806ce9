//! `lanterna migrate`

use super::say;
use crate::config::without_password;
use storage::{Store, StoreOptions};

/// Brings the archive to this version.
pub(super) async fn migrate(database: &str) -> anyhow::Result<()> {
    let store = Store::connect(
        database,
        StoreOptions {
            create_missing: true,
            ..StoreOptions::default()
        },
    )
    .await?;
    store.migrate().await?;
    say(&format!("{} is at this version", without_password(database)));
    Ok(())
}
