//! Who reached which document, and how: written before the document leaves, never changed.

use crate::engine::on_engine;
use crate::row::RowOf;
use crate::statements::statements;
use crate::{Snapshot, StorageError, Tx};
use chrono::{DateTime, Utc};
use domain::CreditorFiscalCode;

statements! {
    RECORD_ACCESS =
        "INSERT INTO document_access (at, institution, kind, reference, how, form, language, network) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    // The newest first: what is asked about is what happened lately.
    LIST_ACCESSES =
        "SELECT id, at, institution, kind, reference, how, form, language, network FROM document_access \
         WHERE institution = $1 AND kind = $2 AND reference = $3 ORDER BY id DESC LIMIT $4";
    DELETE_ACCESSES_BEFORE =
        "DELETE FROM document_access WHERE id IN (SELECT id FROM document_access WHERE at < $1 ORDER BY at LIMIT $2)";
}

/// Most accesses listed at once.
pub const LISTED_MAX: u32 = 1_000;

/// Kinds of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// A payment notice.
    Notice,
    /// A receipt.
    Receipt,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Notice, Self::Receipt];

    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Receipt => "receipt",
        }
    }
}

/// How a document was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// By the receipt's unguessable link.
    ReceiptLink,
    /// By a signed link that expires.
    SignedLink,
    /// Somebody proved to be entitled and was given such a link.
    Proof,
    /// Somebody did not.
    ProofRefused,
    /// Somebody who runs the service made such a link.
    LinkMade,
    /// By a command of the program.
    CommandLine,
    /// Printed among many.
    Batch,
}

impl Reached {
    /// Every way.
    pub const ALL: [Self; 7] = [
        Self::ReceiptLink,
        Self::SignedLink,
        Self::Proof,
        Self::ProofRefused,
        Self::LinkMade,
        Self::CommandLine,
        Self::Batch,
    ];

    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReceiptLink => "receipt_link",
            Self::SignedLink => "signed_link",
            Self::Proof => "proof",
            Self::ProofRefused => "proof_refused",
            Self::LinkMade => "link_made",
            Self::CommandLine => "command_line",
            Self::Batch => "batch",
        }
    }
}

/// What was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandedOut {
    /// The document.
    Pdf,
    /// The document with the hub's original message in it.
    Original,
    /// What it says, for the browser that draws it itself.
    Data,
}

impl HandedOut {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Pdf, Self::Original, Self::Data];

    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Original => "original",
            Self::Data => "data",
        }
    }
}

/// An access to a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// When.
    pub at: DateTime<Utc>,
    /// Whose document.
    pub institution: CreditorFiscalCode,
    /// Which kind.
    pub kind: DocumentKind,
    /// The notice's number or the receipt's id.
    pub reference: String,
    /// How it was reached.
    pub reached: Reached,
    /// What was handed out; `None` when nothing was.
    pub form: Option<HandedOut>,
    /// The language asked for (BCP 47), both of a bilingual one.
    pub language: String,
    /// The network it was asked from, when from outside. Never a whole address.
    pub network: Option<String>,
}

#[derive(sqlx::FromRow)]
struct AccessRow {
    id: i64,
    at: DateTime<Utc>,
    institution: String,
    kind: String,
    reference: String,
    how: String,
    form: Option<String>,
    language: String,
    network: Option<String>,
}

impl TryFrom<AccessRow> for Access {
    type Error = StorageError;
    fn try_from(row: AccessRow) -> Result<Self, StorageError> {
        let key = row.id.to_string();
        let of = RowOf {
            table: "document_access",
            key: &key,
        };
        let form = |name: &str| of.one_of("form", name, HandedOut::ALL, HandedOut::as_str);
        Ok(Self {
            at: row.at,
            institution: of.parse("institution", &row.institution)?,
            kind: of.one_of("kind", &row.kind, DocumentKind::ALL, DocumentKind::as_str)?,
            reached: of.one_of("how", &row.how, Reached::ALL, Reached::as_str)?,
            form: row.form.as_deref().map(form).transpose()?,
            reference: row.reference,
            language: row.language,
            network: row.network,
        })
    }
}

/// Notes an access.
pub async fn record_access(tx: &mut Tx, access: &Access) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(RECORD_ACCESS)
        .bind(access.at)
        .bind(access.institution.as_str())
        .bind(access.kind.as_str())
        .bind(&access.reference)
        .bind(access.reached.as_str())
        .bind(access.form.map(HandedOut::as_str))
        .bind(&access.language)
        .bind(&access.network)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// The accesses to a document, the newest first, at most [`LISTED_MAX`].
pub async fn list_accesses(
    snapshot: &mut Snapshot,
    institution: &CreditorFiscalCode,
    kind: DocumentKind,
    reference: &str,
) -> Result<Vec<Access>, StorageError> {
    let rows: Vec<AccessRow> = on_engine!(snapshot, |c| sqlx::query_as(LIST_ACCESSES)
        .bind(institution.as_str())
        .bind(kind.as_str())
        .bind(reference)
        .bind(i64::from(LISTED_MAX))
        .fetch_all(c)
        .await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Deletes accesses from before an instant, at most `limit`. Returns how many.
pub async fn delete_accesses_before(tx: &mut Tx, at: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
    Ok(on_engine!(tx, |c| sqlx::query(DELETE_ACCESSES_BEFORE)
        .bind(at)
        .bind(i64::from(limit))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
}
