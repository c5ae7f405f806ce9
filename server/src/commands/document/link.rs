//! `lanterna document link`

use super::{key_of, told, with_documents};
use crate::cli::{Language, OneDocument};
use crate::commands::{Unusable, say};
use crate::config::Settings;
use crate::http::documents::{notice_address, receipt_address};
use anyhow::{Context, Result};
use chrono::{DateTime, Duration};
use domain::{NoticeNumber, ReceiptId};
use services::clock::italian_time;
use services::documents::access::make_link;
use std::path::Path;
use storage::document_accesses::DocumentKind;

pub(super) async fn link(
    document: &OneDocument,
    hours: u32,
    language: Language,
    config: &Path,
    database: Option<&str>,
) -> Result<()> {
    let settings = Settings::read(config)?;
    let database = database.unwrap_or(&settings.database);
    let keys = settings.documents.kept_keys(database)?;
    let keys = keys.context("links need a key that the servers share: name one in documents.key_files")?;
    let services = with_documents(database, settings.documents.documents(keys)).await?;
    let key = key_of(&services, document).await?;
    let signature = make_link(&services, &key, Duration::hours(hours.into()))
        .await
        .map_err(told)?;
    let language = match language {
        Language::It => app::Language::Italian,
        Language::En => app::Language::English,
    };
    let address = match key.kind {
        DocumentKind::Notice => {
            let number = NoticeNumber::parse(&key.reference).map_err(|error| Unusable(error.to_string()))?;
            notice_address(&key.institution, &number, &signature, language)
        }
        DocumentKind::Receipt => {
            let id = ReceiptId::parse(&key.reference).map_err(|error| Unusable(error.to_string()))?;
            receipt_address(&key.institution, &id, &signature, language)
        }
    };
    say(&format!("{}{address}", settings.portal.base_url));
    if let Some(until) = DateTime::from_timestamp(signature.expires, 0) {
        say(&format!(
            "opens until {} (Italian time), for whoever has it: it holds personal data",
            italian_time(until).format("%Y-%m-%d %H:%M:%S")
        ));
    }
    Ok(())
}
