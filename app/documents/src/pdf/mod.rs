//! The view on paper: tagged PDF that conforms to PDF/UA-1 (ISO 14289-1) and PDF/A-2a (ISO 19005-2) at once, or to PDF/A-3a
//! when a file is attached.
//!
//! Written object by object, without a library: the structure, the fonts cut to what a document needs, and the gathering
//! of small objects are what makes a notice small and quick, and no library for browsers does all three (ADR 9).

mod compressor;
mod content;
mod faces;
mod file;
mod fingerprint;
mod layout;
mod lines;
mod metadata;
mod numbers;
mod setter;
mod tags;
mod volume;

pub use volume::{About, Volume};

use crate::font::Fonts;
use crate::{Document, Length};
use std::io;

/// Why a document is not drawn. Nothing is cut and no character becomes a box: it is told instead.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// No face has the character.
    #[error("no face of the documents' fonts has the character {0:?}")]
    Character(char),
    /// What an area of a sheet says is higher than the area.
    #[error("the area “{area}” is too small for its content by {} thousandths of a point", by.as_thousandths_of_pt())]
    Overflow {
        /// The area.
        area: &'static str,
        /// How much height is missing.
        by: Length,
    },
    /// A document says nothing.
    #[error("a document without a page")]
    Empty,
    /// The file could not be written.
    #[error("the file could not be written")]
    Write(#[from] io::Error),
}

impl From<lines::NoGlyph> for RenderError {
    fn from(lines::NoGlyph(character): lines::NoGlyph) -> Self {
        Self::Character(character)
    }
}

/// A document as a file of its own.
///
/// # Errors
/// It cannot be drawn whole.
pub fn render(document: &Document, fonts: &Fonts) -> Result<Vec<u8>, RenderError> {
    let mut volume = Volume::new(Vec::new(), About::document(document), fonts)?;
    volume.add(document)?;
    volume.finish()
}
