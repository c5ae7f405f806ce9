//! `lanterna document receipts`: a person's receipts in one file, a few in memory at a time.

use super::{create, institution, opened, told};
use crate::cli::{DocumentLanguage, Documents};
use crate::commands::{Unusable, say};
use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use domain::CreditorFiscalCode;
use services::Services;
use services::documents::access::{Asked, Wanted, receipts_of_person};
use services::documents::draw;
use services::documents::prepare::Extent;
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use storage::document_accesses::HandedOut;
use storage::receipts::OfPerson;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Receipts read at once.
const PAGE_MAX: u32 = 50;
/// Receipts one file holds: more are a period chosen too long.
const RECEIPTS_MAX: usize = 10_000;

/// When the receipts came.
pub(super) struct Period {
    pub(super) from: Option<DateTime<Utc>>,
    pub(super) to: Option<DateTime<Utc>>,
}

pub(super) async fn receipts(
    person: &str,
    period: Period,
    language: DocumentLanguage,
    out: &Path,
    documents: &Documents,
) -> Result<()> {
    let services = opened(documents).await?;
    let institution = institution(&services, documents.institution.as_deref()).await?;
    let person = person.trim().to_ascii_uppercase();
    if person.is_empty() {
        bail!(Unusable("a person is looked for by fiscal code".to_owned()));
    }
    let file = create(out)?;
    let written = Box::pin(write(&services, &institution, &person, &period, language, file)).await;
    match written {
        Ok(count) => {
            say(&format!(
                "{}: {count} receipts. It holds personal data: keep it as such.",
                out.display()
            ));
            Ok(())
        }
        Err(error) => {
            // Half of them would pass for all; what matters is why.
            let _ = std::fs::remove_file(out);
            Err(error)
        }
    }
}

async fn write(
    services: &Services,
    institution: &CreditorFiscalCode,
    person: &str,
    period: &Period,
    language: DocumentLanguage,
    file: File,
) -> Result<usize> {
    let sought = OfPerson {
        recipient: institution,
        person,
        from: period.from.unwrap_or(DateTime::UNIX_EPOCH),
        before: period.to.unwrap_or_else(|| services.clock.now()),
    };
    let asked = Asked {
        form: HandedOut::Pdf,
        languages: Wanted::Also(language.into()),
        extent: Extent::Position,
        from: None,
        is_handed_out: true,
    };
    let mut zip = ZipWriter::new(BufWriter::new(file));
    // PDF is compressed already, and a receipt's day is in its name.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o600);
    let mut names = HashSet::new();
    let mut after = 0;
    loop {
        let page = receipts_of_person(services, sought, asked, after, PAGE_MAX)
            .await
            .map_err(told)?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        if names.len() + page.len() > RECEIPTS_MAX {
            bail!(Unusable(format!(
                "there are more than {RECEIPTS_MAX} receipts: choose a period with --from and --to"
            )));
        }
        for (_, in_hand) in page {
            let name = documents::receipt::file_name(&in_hand.receipt, in_hand.language);
            let document = documents::receipt::document(&in_hand.receipt, in_hand.language, None);
            let bytes = draw(services.documents.place().await?, document)
                .await
                .with_context(|| format!("cannot draw receipt {}", in_hand.receipt.receipt_id))?;
            zip.start_file(unlike(&mut names, &name), options)?;
            zip.write_all(&bytes)?;
        }
    }
    if names.is_empty() {
        bail!(Unusable(format!(
            "institution {institution} got no receipt of this person in this period"
        )));
    }
    zip.finish()?.flush()?;
    Ok(names.len())
}

/// A name no other file has: two payments of one notice on one day would have the same.
fn unlike(names: &mut HashSet<String>, name: &str) -> String {
    let stem = name.strip_suffix(".pdf").unwrap_or(name);
    let numbered = (2..).map(|place| format!("{stem}-{place}.pdf"));
    let mut candidates = std::iter::once(name.to_owned()).chain(numbered);
    loop {
        if let Some(name) = candidates.next()
            && names.insert(name.clone())
        {
            return name;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_one_name_are_numbered() {
        let mut names = HashSet::new();
        let mut given = || unlike(&mut names, "ricevuta-1.pdf");
        assert_eq!(
            [given(), given(), given()],
            ["ricevuta-1.pdf", "ricevuta-1-2.pdf", "ricevuta-1-3.pdf"]
        );
    }
}
