//! Receipts: taken from the hub, found again by those entitled.

use crate::clock::instant_of_italian_time;
use crate::hub_requests::{Addressed, HubRefusal, recognise_recipient};
use crate::rate_limit::{Limited, TooMany};
use crate::{Services, Unavailable};
use chrono::{DateTime, Utc};
use domain::case::{CaseKind, case_of, cases_of};
use domain::debt_position::DebtPositionEvent;
use domain::receipt::{DuplicateReceipt, ReceiptEffect};
use domain::{CreditorFiscalCode, NoticeNumber, Receipt};
use std::net::IpAddr;
use storage::cases::record_case;
use storage::messages::MessageId;
use storage::receipts::{
    NewReceipt, Recorded, StoredReceipt, find_receipt, record_correction, record_receipt,
};
use storage::{StorageError, Tx, debt_positions};

/// What became of a delivered receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was new.
    New(ReceiptEffect),
    /// It was here already, saying the same.
    Repeated,
    /// It was here already, saying something else: the first stays, and a case tells the office.
    RepeatedDifferently,
}

/// Times a receipt is tried again when another event moved its position meanwhile.
const ATTEMPTS_MAX: usize = 8;

/// Answers a receipt the hub delivered to an address of ours (`paSendRT`, `paSendRTV2`). The setting
/// [`Services::duplicate_receipt`] says how one is answered that was taken before.
///
/// # Errors
/// [`HubRefusal::Unavailable`] when it could not be kept: the hub must get no valid answer then, or it would not try
/// again.
pub async fn receive_receipt(
    services: &Services,
    addressed: &Addressed,
    message_id: MessageId,
    receipt: &Receipt,
    digest: [u8; 32],
) -> Result<Taken, HubRefusal> {
    recognise_recipient(services, addressed).await?;
    let taken = take_receipt(services, message_id, receipt, digest).await?;
    match (taken, services.duplicate_receipt) {
        (Taken::Repeated | Taken::RepeatedDifferently, DuplicateReceipt::Ko) => {
            Err(HubRefusal::DuplicateReceipt)
        }
        (Taken::New(_), _) | (_, DuplicateReceipt::Ok) => Ok(taken),
    }
}

/// Takes a receipt the hub delivered: keeps it and, where it pays one of our notices, moves the position, and opens
/// the cases it gives reason to. One transaction; the raw message was stored before under `message_id`. `digest` is the SHA-256 of the raw message.
pub async fn take_receipt(
    services: &Services,
    message_id: MessageId,
    receipt: &Receipt,
    digest: [u8; 32],
) -> Result<Taken, Unavailable> {
    for _ in 1..ATTEMPTS_MAX {
        match try_take(services, message_id, receipt, digest).await {
            Err(StorageError::Conflict) => {}
            outcome => return Ok(outcome?),
        }
    }
    Ok(try_take(services, message_id, receipt, digest).await?)
}

async fn try_take(
    services: &Services,
    message_id: MessageId,
    receipt: &Receipt,
    digest: [u8; 32],
) -> Result<Taken, StorageError> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let ours = receipt.recipient == receipt.issuer;
    let stored = if ours {
        debt_positions::find_position_by_notice(&mut tx, &receipt.issuer, &receipt.notice_number).await?
    } else {
        None
    };
    let event = DebtPositionEvent::ReceiptReceived {
        notice_number: receipt.notice_number.clone(),
        receipt_id: receipt.id.clone(),
        at: receipt.paid_at.map_or(now, instant_of_italian_time),
    };
    let applied = stored.as_ref().map(|stored| stored.position.apply(&event));
    let effect = match &applied {
        None if ours => ReceiptEffect::Unknown,
        None => ReceiptEffect::AsBeneficiary,
        Some(Ok(_)) => ReceiptEffect::Applied,
        Some(Err(refusal)) => (*refusal).into(),
    };
    let new = NewReceipt {
        receipt: receipt.clone(),
        effect,
        message_id,
        access_token: services.ids.token(),
        digest,
        received_at: now,
    };
    match record_receipt(&mut tx, &new).await? {
        Recorded::Repeated { same_content: true } => return Ok(Taken::Repeated),
        Recorded::Repeated { same_content: false } => return repeated(tx, receipt, digest, now).await,
        Recorded::New => {}
    }
    for case in cases_of(receipt, effect, stored.as_ref().map(|stored| &stored.position)) {
        record_case(&mut tx, &case, now).await?;
    }
    if let (Some(stored), Some(Ok(after))) = (&stored, &applied) {
        debt_positions::transition_position(&mut tx, stored, after, &event, now).await?;
    }
    tx.commit().await?;
    Ok(Taken::New(effect))
}

/// What becomes of a receipt whose number is here already in another message. Copies of one payment come through several
/// stations and in both editions.
async fn repeated(
    mut tx: Tx,
    receipt: &Receipt,
    digest: [u8; 32],
    now: DateTime<Utc>,
) -> Result<Taken, StorageError> {
    let first = find_receipt(&mut tx, &receipt.recipient, &receipt.id).await?;
    if let Some(first) = first {
        if first.receipt.states_the_payment_of(receipt) {
            return Ok(Taken::Repeated);
        }
        record_correction(&mut tx, &first.receipt, receipt, &digest, now).await?;
    }
    record_case(&mut tx, &case_of(receipt, CaseKind::OtherContent), now).await?;
    tx.commit().await?;
    Ok(Taken::RepeatedDifferently)
}

/// Why a proof did not open a receipt.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// No receipt of this notice is opened by this proof. Said alike for a notice that does not exist, is not paid, or
    /// is somebody else's.
    #[error("no receipt is opened by this proof")]
    NotOpened,
    /// Too many attempts.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Opens the receipts of a notice with a short proof: the last five characters of the payer's or debtor's fiscal code,
/// or the receipt id. Returns the tokens of their links, newest first.
pub async fn prove_receipt(
    services: &Services,
    number: &NoticeNumber,
    proof: &str,
    from: IpAddr,
) -> Result<Vec<String>, ProofError> {
    let now = services.clock.now();
    services.limits.count(Limited::ProofFrom(from), now)?;
    services.limits.count(Limited::ProofOf(number.to_string()), now)?;
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await
        .map_err(Unavailable)?;
    let mut snapshot = services.store.read().await.map_err(Unavailable)?;
    let mut tokens = Vec::new();
    for institution in &entries.institutions {
        let receipts =
            storage::receipts::list_receipts_of_notice(&mut snapshot, &institution.fiscal_code, number)
                .await
                .map_err(Unavailable)?;
        tokens.extend(
            receipts
                .into_iter()
                .filter(|stored| opens(&stored.receipt, proof))
                .map(|stored| stored.access_token),
        );
    }
    if tokens.is_empty() {
        Err(ProofError::NotOpened)
    } else {
        Ok(tokens)
    }
}

fn opens(receipt: &Receipt, proof: &str) -> bool {
    let proof = proof.trim();
    receipt.id.as_str().eq_ignore_ascii_case(proof)
        || receipt.debtor.is_proved_by(proof)
        || receipt
            .payer
            .as_ref()
            .is_some_and(|payer| payer.is_proved_by(proof))
}

/// The receipts of a notice, for the institution that issued it.
pub async fn list_receipts_of_notice(
    services: &Services,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
) -> Result<Vec<StoredReceipt>, Unavailable> {
    let mut snapshot = services.store.glance().await?;
    Ok(storage::receipts::list_receipts_of_notice(&mut snapshot, institution, number).await?)
}
