//! `lanterna document …`: documents for those who run the service. Each one handed out is noted, like any other.

mod accesses;
mod batch;
mod link;
mod one;
mod receipts;

use super::{NoHub, Unusable, look, open, the_only_institution};
use crate::cli::{Document, DocumentLanguage, Documents, OneDocument};
use crate::config::{DEFAULT_DATABASE, Settings};
use crate::document_settings::DocumentSettings;
use anyhow::{Context, Result, bail};
use documents::notice::{Languages, Second};
use domain::{CreditorFiscalCode, NoticeNumber, ReceiptId};
use services::Services;
use services::documents::access::{ReachError, notice_key, receipt_key};
use services::documents::links::DocumentKey;
use std::fs::{File, OpenOptions};
use std::path::Path;
use std::sync::Arc;

pub(super) async fn run(command: Box<Document>) -> Result<()> {
    match *command {
        Document::Notice {
            number,
            key,
            only,
            language,
            second,
            out,
            documents,
        } => {
            let which = one::WhichNotice { number, key, only };
            one::notice(which, languages(language, second)?, &out, &documents).await
        }
        Document::Receipt {
            receipt,
            number,
            original,
            language,
            out,
            documents,
        } => {
            let which = one::WhichReceipt { receipt, number };
            one::receipt(which, original, language, &out, &documents).await
        }
        Document::Receipts {
            person,
            from,
            to,
            language,
            out,
            documents,
        } => {
            let period = receipts::Period { from, to };
            receipts::receipts(&person, period, language, &out, &documents).await
        }
        Document::Link {
            document,
            hours,
            language,
            config,
            database,
        } => {
            Box::pin(link::link(
                &document,
                hours,
                language,
                &config,
                database.as_deref(),
            ))
            .await
        }
        Document::Accesses {
            document,
            json,
            archive,
        } => accesses::accesses(&document, json, &archive.database).await,
        Document::Batch(command) => Box::pin(batch::run(command)).await,
    }
}

/// Opens the archive a command names, with what its configuration says of documents.
async fn opened(documents: &Documents) -> Result<Services> {
    let settings = documents.config.as_deref().map(Settings::read).transpose()?;
    let database = documents
        .database
        .clone()
        .or_else(|| settings.as_ref().map(|settings| settings.database.clone()))
        .unwrap_or_else(|| DEFAULT_DATABASE.to_owned());
    let of_documents = settings.map_or_else(DocumentSettings::default, |settings| settings.documents);
    with_documents(&database, of_documents.without_links()?).await
}

async fn with_documents(database: &str, documents: services::documents::Documents) -> Result<Services> {
    let services = open(database, |_| Ok(Arc::new(NoHub))).await?;
    Ok(Services {
        documents: Arc::new(documents),
        ..services
    })
}

/// The institution that is named, or the only one.
async fn institution(services: &Services, named: Option<&str>) -> Result<CreditorFiscalCode> {
    match named {
        Some(code) => Ok(CreditorFiscalCode::parse(code).map_err(|error| Unusable(error.to_string()))?),
        None => the_only_institution(services).await,
    }
}

fn notice_number(text: &str) -> Result<NoticeNumber> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    Ok(NoticeNumber::parse(&digits).map_err(|error| Unusable(error.to_string()))?)
}

fn receipt_id(text: &str) -> Result<ReceiptId> {
    Ok(ReceiptId::parse(text).map_err(|error| Unusable(error.to_string()))?)
}

/// The document that is named.
async fn key_of(services: &Services, document: &OneDocument) -> Result<DocumentKey> {
    let institution = institution(services, document.institution.as_deref()).await?;
    match (&document.notice, &document.receipt) {
        (Some(number), _) => Ok(notice_key(&institution, &notice_number(number)?)),
        (None, receipt) => {
            let id = receipt_id(receipt.as_deref().unwrap_or_default())?;
            Ok(receipt_key(&institution, &id))
        }
    }
}

/// The languages that are named; `None` for the usual ones.
fn languages(first: Option<DocumentLanguage>, second: Option<DocumentLanguage>) -> Result<Option<Languages>> {
    if first.is_some() && first == second {
        bail!(Unusable(
            "the second language is the first: leave it out".to_owned()
        ));
    }
    Ok(first.map(|first| Languages {
        first: first.into(),
        second: second.map(|second| Second {
            language: second.into(),
            equal: false,
        }),
    }))
}

/// What is told of a document that cannot be had.
fn told(error: ReachError) -> anyhow::Error {
    match error {
        ReachError::NotFound | ReachError::Refused(_) | ReachError::OriginalGone => {
            Unusable(error.to_string()).into()
        }
        ReachError::Link(_) | ReachError::Unavailable(_) => error.into(),
    }
}

/// A new file only this user can read.
fn create(file: &Path) -> Result<File> {
    let mut open = OpenOptions::new();
    open.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    match open.open(file) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            bail!(Unusable(format!(
                "{} is there already: choose another name",
                file.display()
            )))
        }
        opened => opened.with_context(|| format!("cannot write {}", file.display())),
    }
}
