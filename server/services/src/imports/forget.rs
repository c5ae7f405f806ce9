//! Forgetting imports that were over long ago, with their files: they hold personal data.

use super::file_in;
use crate::{Services, Unavailable};
use chrono::{DateTime, Utc};
use storage::imports::{delete_imports_before, find_import_of_file};

/// Forgets imports that were over before an instant, at most `limit`. Returns how many. A file that cannot be deleted is told
/// in the log, and is nobody's any more.
pub async fn forget_imports(
    services: &Services,
    before: DateTime<Utc>,
    limit: u32,
) -> Result<usize, Unavailable> {
    let mut tx = services.store.begin().await?;
    let forgotten = delete_imports_before(&mut tx, before, limit).await?;
    tx.commit().await?;
    for (institution, digest) in &forgotten {
        let mut snapshot = services.store.glance().await?;
        // The same file may have come again since.
        if find_import_of_file(&mut snapshot, institution, digest)
            .await?
            .is_some()
        {
            continue;
        }
        let path = file_in(&services.imports.folder, institution.as_str(), digest);
        if let Err(error) = tokio::fs::remove_file(&path).await
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(file = %path.display(), %error, "cannot delete a file of debts");
        }
    }
    Ok(forgotten.len())
}
