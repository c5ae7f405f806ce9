//! Who may have a document: by a receipt's own link, by a signed link, or by running the service. Each access is noted in
//! the transaction that reads the document, before anything leaves.

use super::imprint::Imprint;
use super::links::{DocumentKey, LinkProblem, Signature};
use super::prepare::{self, Extent};
use crate::audit::network_of;
use crate::rate_limit::{Limited, TooMany};
use crate::{Services, Unavailable};
use chrono::{DateTime, Duration, Utc};
use documents::Language;
use documents::model::Attachment;
use documents::notice::{Languages, Notice, NoticeError};
use documents::receipt::Receipt;
use domain::debt_position::DebtPositionStatus;
use domain::{CreditorFiscalCode, NoticeNumber, ReceiptId};
use std::net::IpAddr;
use storage::debt_positions::{StoredPosition, find_position_by_notice};
use storage::document_accesses::{Access, DocumentKind, HandedOut, Reached, list_accesses, record_access};
use storage::receipts::{OfPerson, StoredReceipt};
use storage::{StorageError, Tx, imprints, messages};

/// What somebody asks for, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// What is to be handed out.
    pub form: HandedOut,
    /// In which languages.
    pub languages: Wanted,
    /// The whole position, or the one notice.
    pub extent: Extent,
    /// The address it is asked from, when from outside.
    pub from: Option<IpAddr>,
    /// Whether it is handed out, which is noted; otherwise somebody only looks whether it is there.
    pub is_handed_out: bool,
}

/// The languages somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// What the institution prints; of a receipt, Italian.
    Usual,
    /// Italian and this one beside it; of a receipt, this one.
    Also(Language),
    /// Exactly these; of a receipt, the first.
    These(Languages),
}

impl Wanted {
    /// The languages of a notice of an institution that prints so.
    pub(super) fn of_notice(self, imprint: &Imprint) -> Languages {
        let also = |language, equal| Languages {
            first: Language::It,
            second: (language != Language::It).then_some(documents::notice::Second { language, equal }),
        };
        match (self, imprint.second_language) {
            (Self::These(languages), _) => languages,
            (Self::Also(language), usual) if usual != Some(language) => also(language, false),
            (Self::Also(_) | Self::Usual, Some(language)) => also(language, imprint.languages_are_equal),
            (Self::Also(_) | Self::Usual, None) => also(Language::It, false),
        }
    }

    /// The language of a receipt.
    pub const fn of_receipt(self) -> Language {
        match self {
            Self::Usual => Language::It,
            Self::Also(language) => language,
            Self::These(languages) => languages.first,
        }
    }
}

/// A notice to hand out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeInHand {
    /// What it says.
    pub notice: Notice,
    /// Code of its service, for the file's name.
    pub service: String,
}

/// A receipt to hand out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptInHand {
    /// What it says.
    pub receipt: Receipt,
    /// In which language.
    pub language: Language,
    /// The hub's message it was made from, when that was asked for.
    pub original: Option<Attachment>,
}

/// Why a document is not handed out.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// The link opens nothing.
    #[error(transparent)]
    Link(#[from] LinkProblem),
    /// There is no such document.
    #[error("there is no such document")]
    NotFound,
    /// It cannot be a lawful notice.
    #[error(transparent)]
    Refused(#[from] NoticeError),
    /// The hub's message is no longer kept.
    #[error("the original message is no longer kept: messages are kept for 24 months")]
    OriginalGone,
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StorageError> for ReachError {
    fn from(error: StorageError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Why a proof led to no link.
#[derive(Debug, thiserror::Error)]
pub enum NoticeProofError {
    /// No notice is opened by number and proof together. Said alike for a notice that does not exist and one that is
    /// somebody else's.
    #[error("no notice is opened by this proof")]
    NotOpened,
    /// Too many attempts.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StorageError> for NoticeProofError {
    fn from(error: StorageError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Opens a notice with a short proof, the last five characters of the debtor's fiscal code: signs a link to its document
/// that ends by itself. The number alone never shows who owes.
pub async fn prove_notice(
    services: &Services,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
    proof: &str,
    language: Language,
    from: IpAddr,
) -> Result<Signature, NoticeProofError> {
    let now = services.clock.now();
    services.limits.count(Limited::ProofFrom(from), now)?;
    services.limits.count(Limited::ProofOf(number.to_string()), now)?;
    let key = notice_key(institution, number);
    let mut tx = services.store.begin().await?;
    let stored = published(&mut tx, institution, number).await?;
    let is_proved = stored
        .as_ref()
        .is_some_and(|stored| stored.position.debtor.is_proved_by(proof.trim()));
    let access = Access {
        at: now,
        reached: if is_proved {
            Reached::Proof
        } else {
            Reached::ProofRefused
        },
        form: None,
        language: language.tag().to_owned(),
        network: Some(network_of(from)),
        ..access_of(&key, now)
    };
    if stored.is_some() {
        record_access(&mut tx, &access).await?;
        tx.commit().await?;
    }
    if is_proved {
        Ok(services
            .documents
            .keys
            .sign(&key, now + services.documents.link_lasts))
    } else {
        Err(NoticeProofError::NotOpened)
    }
}

/// Hands out a notice to whoever has a signed link to it.
pub async fn notice_by_link(
    services: &Services,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
    signature: &Signature,
    asked: Asked,
) -> Result<NoticeInHand, ReachError> {
    let key = notice_key(institution, number);
    services
        .documents
        .keys
        .check(&key, signature, services.clock.now())?;
    notice(services, institution, number, asked, Reached::SignedLink).await
}

/// Hands out a notice to those who run the service.
pub async fn notice_by_command(
    services: &Services,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
    asked: Asked,
) -> Result<NoticeInHand, ReachError> {
    notice(services, institution, number, asked, Reached::CommandLine).await
}

async fn notice(
    services: &Services,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
    asked: Asked,
    reached: Reached,
) -> Result<NoticeInHand, ReachError> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let served = entries.institution(institution).ok_or(ReachError::NotFound)?;
    let mut tx = services.store.begin().await?;
    let stored = published(&mut tx, institution, number)
        .await?
        .ok_or(ReachError::NotFound)?;
    let imprint: Imprint = imprints::find_imprint(&mut tx, institution)
        .await?
        .unwrap_or_default();
    let languages = asked.languages.of_notice(&imprint);
    let issuer = prepare::Issuer {
        institution: served,
        service: entries.service(institution, &stored.position.service),
        imprint: &imprint,
    };
    let printed = prepare::Printed {
        languages,
        today: services.clock.today(),
    };
    let notice = prepare::notice(issuer, &stored, number, asked.extent, printed)?;
    let access = Access {
        reached,
        form: Some(asked.form),
        language: written(languages),
        network: asked.from.map(network_of),
        ..access_of(&notice_key(institution, number), services.clock.now())
    };
    if asked.is_handed_out {
        record_access(&mut tx, &access).await?;
    }
    tx.commit().await?;
    Ok(NoticeInHand {
        notice,
        service: stored.position.service,
    })
}

/// Hands out a receipt to whoever has its unguessable link.
pub async fn receipt_by_token(
    services: &Services,
    token: &str,
    asked: Asked,
) -> Result<ReceiptInHand, ReachError> {
    let mut tx = services.store.begin().await?;
    let stored = storage::receipts::find_receipt_by_token(&mut tx, token).await?;
    receipt(services, tx, stored, asked, Reached::ReceiptLink).await
}

/// Hands out a receipt to whoever has a signed link to it.
pub async fn receipt_by_link(
    services: &Services,
    recipient: &CreditorFiscalCode,
    id: &ReceiptId,
    signature: &Signature,
    asked: Asked,
) -> Result<ReceiptInHand, ReachError> {
    let key = receipt_key(recipient, id);
    services
        .documents
        .keys
        .check(&key, signature, services.clock.now())?;
    found_receipt(services, recipient, id, asked, Reached::SignedLink).await
}

/// Hands out a receipt to those who run the service.
pub async fn receipt_by_command(
    services: &Services,
    recipient: &CreditorFiscalCode,
    id: &ReceiptId,
    asked: Asked,
) -> Result<ReceiptInHand, ReachError> {
    found_receipt(services, recipient, id, asked, Reached::CommandLine).await
}

async fn found_receipt(
    services: &Services,
    recipient: &CreditorFiscalCode,
    id: &ReceiptId,
    asked: Asked,
    reached: Reached,
) -> Result<ReceiptInHand, ReachError> {
    let mut tx = services.store.begin().await?;
    let stored = storage::receipts::find_receipt(&mut tx, recipient, id).await?;
    receipt(services, tx, stored, asked, reached).await
}

async fn receipt(
    services: &Services,
    mut tx: Tx,
    stored: Option<StoredReceipt>,
    asked: Asked,
    reached: Reached,
) -> Result<ReceiptInHand, ReachError> {
    let stored = stored.ok_or(ReachError::NotFound)?;
    let in_hand = hand_out(services, &mut tx, stored, asked, reached).await?;
    tx.commit().await?;
    Ok(in_hand)
}

async fn hand_out(
    services: &Services,
    tx: &mut Tx,
    stored: StoredReceipt,
    asked: Asked,
    reached: Reached,
) -> Result<ReceiptInHand, ReachError> {
    let language = asked.languages.of_receipt();
    let original = match asked.form {
        HandedOut::Original => {
            let message = messages::find_message(tx, stored.message_id)
                .await?
                .ok_or(ReachError::OriginalGone)?;
            Some(prepare::original(&stored, message.body, language))
        }
        HandedOut::Pdf | HandedOut::Data => None,
    };
    let access = Access {
        reached,
        form: Some(asked.form),
        language: language.tag().to_owned(),
        network: asked.from.map(network_of),
        ..access_of(
            &receipt_key(&stored.receipt.recipient, &stored.receipt.id),
            services.clock.now(),
        )
    };
    let notice =
        storage::debt_positions::find_notice(tx, &stored.receipt.issuer, &stored.receipt.notice_number);
    let service = notice.await?.map(|notice| notice.service);
    if asked.is_handed_out {
        record_access(tx, &access).await?;
    }
    Ok(ReceiptInHand {
        receipt: prepare::receipt(stored, service),
        language,
        original,
    })
}

/// A page of a person's receipts for those who run the service: those after the row `after`, the oldest first, each with
/// its row. Each is noted as handed out.
pub async fn receipts_of_person(
    services: &Services,
    sought: OfPerson<'_>,
    asked: Asked,
    after: i64,
    limit: u32,
) -> Result<Vec<(i64, ReceiptInHand)>, ReachError> {
    let mut tx = services.store.begin().await?;
    let page = storage::receipts::list_receipts_of_person(&mut tx, sought, after, limit).await?;
    let mut in_hand = Vec::with_capacity(page.len());
    for (row, stored) in page {
        in_hand.push((
            row,
            hand_out(services, &mut tx, stored, asked, Reached::CommandLine).await?,
        ));
    }
    tx.commit().await?;
    Ok(in_hand)
}

/// Signs a link to a document for those who run the service, to give to somebody they know. It is not checked that the
/// document can be printed now: the link says so when it is opened.
///
/// # Errors
/// [`ReachError::NotFound`] when there is no such document.
pub async fn make_link(
    services: &Services,
    key: &DocumentKey,
    lasts: Duration,
) -> Result<Signature, ReachError> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let is_there = match key.kind {
        DocumentKind::Notice => match NoticeNumber::parse(&key.reference) {
            Ok(number) => published(&mut tx, &key.institution, &number).await?.is_some(),
            Err(_) => false,
        },
        DocumentKind::Receipt => match ReceiptId::parse(&key.reference) {
            Ok(id) => storage::receipts::find_receipt(&mut tx, &key.institution, &id)
                .await?
                .is_some(),
            Err(_) => false,
        },
    };
    if !is_there {
        return Err(ReachError::NotFound);
    }
    let access = Access {
        reached: Reached::LinkMade,
        ..access_of(key, now)
    };
    record_access(&mut tx, &access).await?;
    tx.commit().await?;
    Ok(services.documents.keys.sign(key, now + lasts))
}

/// Who reached a document, the newest first.
pub async fn accesses_to(services: &Services, key: &DocumentKey) -> Result<Vec<Access>, Unavailable> {
    let mut snapshot = services.store.glance().await?;
    Ok(list_accesses(&mut snapshot, &key.institution, key.kind, &key.reference).await?)
}

/// The position of a notice, unless nobody outside may know of it.
async fn published(
    tx: &mut Tx,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
) -> Result<Option<StoredPosition>, StorageError> {
    let stored = find_position_by_notice(tx, institution, number).await?;
    Ok(stored.filter(|stored| stored.position.status != DebtPositionStatus::Draft))
}

/// The key of a notice.
pub fn notice_key(institution: &CreditorFiscalCode, number: &NoticeNumber) -> DocumentKey {
    DocumentKey {
        institution: institution.clone(),
        kind: DocumentKind::Notice,
        reference: number.to_string(),
    }
}

/// The key of a receipt.
pub fn receipt_key(recipient: &CreditorFiscalCode, id: &ReceiptId) -> DocumentKey {
    DocumentKey {
        institution: recipient.clone(),
        kind: DocumentKind::Receipt,
        reference: id.to_string(),
    }
}

/// An access that handed nothing out to nobody, to be completed.
pub(super) fn access_of(key: &DocumentKey, at: DateTime<Utc>) -> Access {
    Access {
        at,
        institution: key.institution.clone(),
        kind: key.kind,
        reference: key.reference.clone(),
        reached: Reached::CommandLine,
        form: None,
        language: Language::It.tag().to_owned(),
        network: None,
    }
}

/// Both languages of a bilingual document: `it+de`.
pub(super) fn written(languages: Languages) -> String {
    match languages.second {
        Some(second) => format!("{}+{}", languages.first.tag(), second.language.tag()),
        None => languages.first.tag().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use documents::notice::Second;

    #[test]
    fn a_notice_is_always_in_italian_unless_somebody_who_may_says_otherwise() {
        let bilingual = Imprint {
            second_language: Some(Language::De),
            languages_are_equal: true,
            ..Imprint::default()
        };
        let plain = Imprint::default();
        let italian_and = |second| Languages {
            first: Language::It,
            second,
        };
        let german = Some(Second {
            language: Language::De,
            equal: true,
        });
        let english = Some(Second {
            language: Language::En,
            equal: false,
        });
        for (wanted, imprint, expected) in [
            (Wanted::Usual, &plain, italian_and(None)),
            (Wanted::Usual, &bilingual, italian_and(german)),
            (Wanted::Also(Language::De), &bilingual, italian_and(german)),
            (Wanted::Also(Language::En), &bilingual, italian_and(english)),
            (Wanted::Also(Language::En), &plain, italian_and(english)),
            (Wanted::Also(Language::It), &plain, italian_and(None)),
        ] {
            assert_eq!(wanted.of_notice(imprint), expected, "{wanted:?}");
        }
        let only_german = Languages {
            first: Language::De,
            second: None,
        };
        assert_eq!(Wanted::These(only_german).of_notice(&bilingual), only_german);
    }
}
