//! Documents drawn away from the threads that answer, a few at once.

use super::Documents;
use documents::Document;
use documents::font::{Fonts, tier_for};
use documents::pdf::{RenderError, render};
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// Documents drawn at once: each takes a processor for some milliseconds and a few megabytes.
pub const DRAWN_AT_ONCE_MAX: usize = 8;
/// How long somebody waits for a place.
const WAIT_MAX: Duration = Duration::from_secs(2);

/// Too many documents are being drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many documents are being drawn; try again in a few seconds")]
pub struct Busy;

/// Room to draw a document.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Documents {
    /// Waits a moment for room to draw a document.
    ///
    /// # Errors
    /// When there is none: whoever asks should come back.
    pub async fn place(&self) -> Result<Place, Busy> {
        let permit = tokio::time::timeout(WAIT_MAX, self.places.clone().acquire_owned()).await;
        match permit {
            Ok(Ok(permit)) => Ok(Place { _permit: permit }),
            Ok(Err(_)) | Err(_) => Err(Busy),
        }
    }
}

/// Draws a document.
///
/// # Errors
/// It cannot be drawn whole.
///
/// # Panics
/// When drawing does: the caller's answer is what a panic's is.
pub async fn draw(place: Place, document: Document) -> Result<Vec<u8>, RenderError> {
    tokio::task::spawn_blocking(move || {
        // The smallest pack that does, as in the browser: other packs number their characters otherwise.
        let tier = tier_for(document.texts(), Fonts::core());
        let drawn = render(&document, Fonts::of(tier));
        drop(place);
        drawn
    })
    .await
    .unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))
}

/// The fonts of volumes, whose documents share them: those with every character.
pub(super) fn fonts() -> &'static Fonts {
    Fonts::wide()
}
