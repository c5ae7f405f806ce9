//! The document of a notice, for its program.

use super::change::PositionError;
use super::list::{NoticeCode, number_of};
use crate::Services;
use crate::caller::Caller;
use crate::documents::access::{self, Asked, ReachError, Wanted, notice_key};
use crate::documents::{Busy, draw};
use documents::notice::NoticeError;
use domain::application::Scope;
use serde_json::json;
use storage::debt_positions::find_position_by_notice;
use storage::document_accesses::HandedOut;

/// Why a notice has no document.
#[derive(Debug, thiserror::Error)]
pub enum NoticeDocumentError {
    /// There is no such notice, or it is a draft's.
    #[error(transparent)]
    Position(#[from] PositionError),
    /// It cannot be a lawful notice.
    #[error(transparent)]
    Refused(#[from] NoticeError),
    /// Too many documents are being drawn.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// It cannot be drawn whole.
    #[error("the document cannot be drawn")]
    Drawing,
}

impl From<storage::StorageError> for NoticeDocumentError {
    fn from(error: storage::StorageError) -> Self {
        Self::Position(error.into())
    }
}

/// The bytes of a notice's PDF. Room to draw comes first; the access is noted before anything leaves.
pub async fn notice_pdf(
    services: &Services,
    caller: &Caller,
    scope: Scope,
    code: &NoticeCode,
) -> Result<Vec<u8>, NoticeDocumentError> {
    caller.services(scope).map_err(PositionError::from)?;
    let place = services.documents.place().await?;
    let mut tx = services.store.begin().await?;
    let number = number_of(&mut tx, caller, code).await?;
    let stored = find_position_by_notice(&mut tx, caller.institution(), &number)
        .await?
        .filter(|stored| caller.needs(scope, &stored.position.service).is_ok())
        .ok_or(PositionError::NotFound)?;
    caller
        .act("notice.printed", &stored.position.key)
        .with(json!({ "notice": number.as_str() }))
        .note(&mut tx, services.clock.now())
        .await?;
    tx.commit().await?;
    let now = services.clock.now();
    let key = notice_key(caller.institution(), &number);
    let link = services
        .documents
        .keys
        .sign(&key, now + services.documents.link_lasts);
    let asked = Asked {
        form: HandedOut::Pdf,
        languages: Wanted::Usual,
        extent: crate::documents::prepare::Extent::Position,
        from: None,
        is_handed_out: true,
    };
    let in_hand = match access::notice_by_link(services, caller.institution(), &number, &link, asked).await {
        Ok(in_hand) => in_hand,
        Err(ReachError::Refused(error)) => return Err(error.into()),
        Err(ReachError::Unavailable(error)) => return Err(PositionError::Unavailable(error).into()),
        Err(ReachError::NotFound | ReachError::Link(_) | ReachError::OriginalGone) => {
            return Err(PositionError::NotFound.into());
        }
    };
    let noticed = documents::notice::document(&in_hand.notice)?;
    draw(place, noticed.document)
        .await
        .map_err(|_| NoticeDocumentError::Drawing)
}
