//! `lanterna document accesses`

use super::{key_of, look};
use crate::cli::OneDocument;
use crate::commands::say;
use anyhow::Result;
use serde_json::json;
use services::clock::italian_time;
use services::documents::access::accesses_to;
use storage::document_accesses::{Access, HandedOut};

pub(super) async fn accesses(document: &OneDocument, as_json: bool, database: &str) -> Result<()> {
    let services = look(database).await?;
    let key = key_of(&services, document).await?;
    for access in accesses_to(&services, &key).await? {
        say(&if as_json {
            as_json_line(&access)
        } else {
            line(&access)
        });
    }
    Ok(())
}

fn line(access: &Access) -> String {
    format!(
        "{}  {:<13}  {:<8}  {:<5}  {}",
        italian_time(access.at).format("%Y-%m-%d %H:%M:%S"),
        access.reached.as_str(),
        access.form.map_or("-", HandedOut::as_str),
        access.language,
        access.network.as_deref().unwrap_or("-")
    )
}

fn as_json_line(access: &Access) -> String {
    json!({
        "at": access.at,
        "institution": access.institution,
        "kind": access.kind.as_str(),
        "reference": access.reference,
        "reached": access.reached.as_str(),
        "form": access.form.map(HandedOut::as_str),
        "language": access.language,
        "network": access.network,
    })
    .to_string()
}
