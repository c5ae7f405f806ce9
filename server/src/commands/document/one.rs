//! `lanterna document notice` and `receipt`

use super::{create, institution, notice_number, opened, receipt_id, told};
use crate::cli::{DocumentLanguage, Documents};
use crate::commands::{Unusable, complain, say};
use crate::http::documents::name_of;
use anyhow::{Context, Result, bail};
use documents::Document;
use documents::notice::Languages;
use domain::{CreditorFiscalCode, NoticeNumber, ReceiptId};
use services::Services;
use services::documents::access::{Asked, Wanted, notice_by_command, receipt_by_command};
use services::documents::draw;
use services::documents::prepare::Extent;
use services::receipts::list_receipts_of_notice;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use storage::debt_positions::find_position;
use storage::document_accesses::HandedOut;

/// Which notice.
pub(super) struct WhichNotice {
    pub(super) number: Option<String>,
    pub(super) key: Option<String>,
    pub(super) only: bool,
}

/// Which receipt.
pub(super) struct WhichReceipt {
    pub(super) receipt: Option<String>,
    pub(super) number: Option<String>,
}

pub(super) async fn notice(
    which: WhichNotice,
    languages: Option<Languages>,
    out: &Path,
    documents: &Documents,
) -> Result<()> {
    let services = opened(documents).await?;
    let institution = institution(&services, documents.institution.as_deref()).await?;
    let number = match (&which.number, &which.key) {
        (Some(number), _) => notice_number(number)?,
        (None, key) => number_of(&services, &institution, key.as_deref().unwrap_or_default()).await?,
    };
    let asked = Asked {
        form: HandedOut::Pdf,
        languages: languages.map_or(Wanted::Usual, Wanted::These),
        extent: if which.only {
            Extent::Instalment
        } else {
            Extent::Position
        },
        from: None,
        is_handed_out: true,
    };
    let file = NewFile::create(out)?;
    let in_hand = notice_by_command(&services, &institution, &number, asked)
        .await
        .map_err(told)?;
    let noticed =
        documents::notice::document(&in_hand.notice).map_err(|error| Unusable(error.to_string()))?;
    for warning in &noticed.warnings {
        complain(&format!("warning: {}", warning.sentences().1));
    }
    file.draw(&services, noticed.document).await?;
    say(&format!("{}: {}", out.display(), name_of(&in_hand)));
    Ok(())
}

/// The first notice of a position.
async fn number_of(services: &Services, institution: &CreditorFiscalCode, key: &str) -> Result<NoticeNumber> {
    let mut snapshot = services.store.read().await?;
    let stored = find_position(&mut snapshot, institution, key).await?;
    let first = stored.and_then(|stored| {
        let mut instalments = stored.position.instalments();
        instalments
            .next()
            .map(|(_, _, instalment)| instalment.notice_number.clone())
    });
    match first {
        Some(number) => Ok(number),
        None => bail!(Unusable(format!(
            "institution {institution} has no position {key}"
        ))),
    }
}

pub(super) async fn receipt(
    which: WhichReceipt,
    original: bool,
    language: DocumentLanguage,
    out: &Path,
    documents: &Documents,
) -> Result<()> {
    let services = opened(documents).await?;
    let institution = institution(&services, documents.institution.as_deref()).await?;
    let id = match (&which.receipt, &which.number) {
        (Some(receipt), _) => receipt_id(receipt)?,
        (None, number) => {
            let number = notice_number(number.as_deref().unwrap_or_default())?;
            only_receipt(&services, &institution, &number).await?
        }
    };
    let asked = Asked {
        form: if original {
            HandedOut::Original
        } else {
            HandedOut::Pdf
        },
        languages: Wanted::Also(language.into()),
        extent: Extent::Position,
        from: None,
        is_handed_out: true,
    };
    let file = NewFile::create(out)?;
    let in_hand = receipt_by_command(&services, &institution, &id, asked)
        .await
        .map_err(told)?;
    let name = documents::receipt::file_name(&in_hand.receipt, in_hand.language);
    let document = documents::receipt::document(&in_hand.receipt, in_hand.language, in_hand.original);
    file.draw(&services, document).await?;
    say(&format!("{}: {name}", out.display()));
    Ok(())
}

async fn only_receipt(
    services: &Services,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
) -> Result<ReceiptId> {
    let receipts = list_receipts_of_notice(services, institution, number).await?;
    match receipts.as_slice() {
        [only] => Ok(only.receipt.id.clone()),
        [] => bail!(Unusable(format!(
            "institution {institution} got no receipt of notice {number}"
        ))),
        several => {
            let ids: Vec<&str> = several.iter().map(|stored| stored.receipt.id.as_str()).collect();
            bail!(Unusable(format!(
                "notice {number} has several receipts: choose with --receipt ({})",
                ids.join(", ")
            )))
        }
    }
}

/// A file made before anything is asked for, so that what is noted as handed out has where to go. Gone again unless a
/// document is drawn into it.
struct NewFile<'a> {
    path: &'a Path,
    file: File,
    is_whole: bool,
}

impl<'a> NewFile<'a> {
    fn create(path: &'a Path) -> Result<Self> {
        Ok(Self {
            file: create(path)?,
            path,
            is_whole: false,
        })
    }

    async fn draw(mut self, services: &Services, document: Document) -> Result<()> {
        let place = services.documents.place().await?;
        let bytes = draw(place, document).await.context("cannot draw the document")?;
        self.file
            .write_all(&bytes)
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        self.is_whole = true;
        Ok(())
    }
}

impl Drop for NewFile<'_> {
    fn drop(&mut self) {
        if !self.is_whole {
            // What matters is why there is no document.
            let _ = std::fs::remove_file(self.path);
        }
    }
}
