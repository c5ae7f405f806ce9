//! The fonts of documents: Titillium Web and Roboto Mono, as the guidelines ask, in packs made once from the font files
//! (`frontend/fonts`) and subset again for each document.
//!
//! Not here: shaping. The repertoire is Latin letters, each with one glyph; glyphs are set one after the other with the
//! fonts' kerning, without ligatures.

#[cfg(feature = "fonts")]
mod embedded;
mod outline;
mod pack;
mod subset;

pub use pack::PackError;

use crate::model::Face;
use std::collections::BTreeSet;

/// The five faces of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fonts([Font; 5]);

/// A glyph of a font, by its number in the pack it was read from. 0 stands for what a font does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GlyphId(pub u16);

impl GlyphId {
    /// What fonts draw for a character they do not have. No document may show it.
    pub const NOT_DEFINED: Self = Self(0);
}

/// Which pack a document needs. The browser and the server decide alike, so that they make the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// The small one: the portal's languages.
    Core,
    /// The large one: every Latin letter the fonts have.
    Wide,
}

/// Measures of a font, in thousandths of its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metrics {
    /// From the base line up to the highest letter with room for its accents.
    pub ascent: i16,
    /// From the base line down to the lowest: negative.
    pub descent: i16,
    /// Height of capital letters.
    pub cap_height: i16,
    /// Degrees the letters lean to the left: none in upright faces.
    pub italic_angle: i16,
    /// Thickness of upright stems.
    pub stem_v: u16,
    /// Left, bottom, right and top of all glyphs laid over each other.
    pub bounding_box: [i16; 4],
    /// Whether every glyph is as wide as the others.
    pub is_fixed_pitch: bool,
}

/// A font: its characters, measures and outlines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Font {
    name: String,
    metrics: Metrics,
    units_per_em: u16,
    /// Like [`Metrics::bounding_box`], in the font's units.
    bounds: [i16; 4],
    /// Ascent and descent in the font's units.
    extent: (i16, i16),
    limits: outline::Limits,
    /// The number of the glyph of the first of `characters`; those before it are parts of others.
    first: u16,
    /// In order; the glyph of each has the number after the glyph of the one before.
    characters: Vec<char>,
    /// In the font's units.
    advances: Vec<u16>,
    /// Where the outline of each glyph begins in `outlines`, and where the last ends.
    starts: Vec<usize>,
    outlines: Vec<u8>,
    kerning: pack::Kerning,
}

impl Fonts {
    /// Reads a pack. Everything in it is checked here, so that nothing can fail later.
    ///
    /// # Errors
    ///
    /// When the bytes are no pack, of another version, or damaged.
    pub fn read(pack: &[u8]) -> Result<Self, PackError> {
        pack::read(pack).map(Self)
    }

    /// A face.
    pub fn font(&self, face: Face) -> &Font {
        let [regular, semibold, bold, mono, mono_bold] = &self.0;
        match face {
            Face::Regular => regular,
            Face::Semibold => semibold,
            Face::Bold => bold,
            Face::Mono => mono,
            Face::MonoBold => mono_bold,
        }
    }

    /// Whether a face can show a character.
    pub fn covers(&self, face: Face, character: char) -> bool {
        self.font(face).glyph(character).is_some()
    }
}

/// Which pack a document with these texts needs: the small one unless it lacks a character.
pub fn tier_for<'a>(mut texts: impl Iterator<Item = (Face, &'a str)>, core: &Fonts) -> Tier {
    if texts.all(|(face, text)| text.chars().all(|character| core.covers(face, character))) {
        Tier::Core
    } else {
        Tier::Wide
    }
}

impl Font {
    /// Its name in a PDF.
    pub fn post_script_name(&self) -> &str {
        &self.name
    }

    /// The glyph of a character; `None` when the font does not have it.
    pub fn glyph(&self, character: char) -> Option<GlyphId> {
        let index = self.characters.binary_search(&character).ok()?;
        // A pack has at most `pack::GLYPHS_MAX` glyphs.
        Some(GlyphId(self.first + u16::try_from(index).ok()?))
    }

    /// The character a glyph stands for, for copying and reading aloud; `None` for parts of other glyphs.
    pub fn character(&self, glyph: GlyphId) -> Option<char> {
        let index = glyph.0.checked_sub(self.first)?;
        self.characters.get(usize::from(index)).copied()
    }

    /// How far a glyph moves the pen, in thousandths of the font's size; nothing for a number the font does not have.
    pub fn advance(&self, glyph: GlyphId) -> u16 {
        let advance = self.advances.get(usize::from(glyph.0)).copied().unwrap_or(0);
        let em = u32::from(self.units_per_em);
        // `pack::read` has seen that no advance is beyond `pack::ADVANCE_EMS_MAX`.
        u16::try_from((u32::from(advance) * 1000 + em / 2) / em).unwrap_or(u16::MAX)
    }

    /// How much nearer (negative) or further the second of two glyphs stands, in thousandths of the font's size.
    pub fn kerning(&self, left: GlyphId, right: GlyphId) -> i16 {
        self.kerning.between(left, right)
    }

    /// Its measures.
    pub const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// A TrueType font program with the outlines of these glyphs and of their parts, to put into a document.
    ///
    /// Glyphs keep their numbers; those between that are not used are empty, those after the last are left out.
    pub fn subset(&self, used: &BTreeSet<GlyphId>) -> Vec<u8> {
        subset::program(self, used)
    }

    /// The outline of a glyph, empty for those that draw nothing.
    fn outline(&self, glyph: GlyphId) -> &[u8] {
        let index = usize::from(glyph.0);
        match (self.starts.get(index), self.starts.get(index + 1)) {
            (Some(start), Some(end)) => &self.outlines[*start..*end],
            _ => &[],
        }
    }

    /// How many glyphs it has.
    fn glyph_count(&self) -> usize {
        self.advances.len()
    }
}
