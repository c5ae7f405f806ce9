//! A font file, and what of it goes into a pack.

use crate::kerning::Kerning;
use crate::outline::Outline;
use crate::repertoire;
use anyhow::{Context, Result, ensure};
use documents::font::Tier;
use documents::model::Face;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;
use ttf_parser::{GlyphId, Tag, loca, name_id};

/// What of a font file goes into a pack.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) measures: Measures,
    /// Those that stand for no character first.
    pub(crate) glyphs: Vec<Glyph>,
    pub(crate) kerning: Kerning,
}

/// Measures in the font's units.
#[derive(Debug)]
pub(crate) struct Measures {
    pub(crate) units_per_em: u16,
    pub(crate) ascent: i16,
    pub(crate) descent: i16,
    pub(crate) cap_height: i16,
    pub(crate) weight: u16,
    pub(crate) is_fixed_pitch: bool,
}

/// A glyph of a pack.
#[derive(Debug)]
pub(crate) struct Glyph {
    pub(crate) character: Option<char>,
    pub(crate) advance: u16,
    pub(crate) outline: Outline,
}

/// A narrow no-break space is two thirds of a space, except where all glyphs are as wide.
const NARROW_SPACE: char = '\u{202f}';

struct File<'a> {
    face: ttf_parser::Face<'a>,
    places: loca::Table<'a>,
    outlines: &'a [u8],
}

impl Source {
    /// Takes from a font file what a pack needs.
    pub(crate) fn read(content: &[u8], face: Face, tier: Tier) -> Result<Self> {
        let file = File::read(content)?;
        let measures = file.measures()?;
        let characters: Vec<(char, GlyphId)> = repertoire::of(tier, face)
            .into_iter()
            .filter_map(|character| Some((character, file.glyph(character)?)))
            .collect();

        // Not defined, then the parts of composites that are no characters themselves, then the characters in order.
        let mut order = vec![(None, GlyphId(0))];
        order.extend(file.parts(&characters)?.into_iter().map(|part| (None, part)));
        order.extend(
            characters
                .into_iter()
                .map(|(character, glyph)| (Some(character), glyph)),
        );
        let mut numbers = BTreeMap::new();
        for (number, (_, glyph)) in (0_u16..).zip(&order) {
            numbers.entry(*glyph).or_insert(number);
        }

        let glyphs = order.iter().map(|(character, glyph)| {
            let mut outline = file.outline(*glyph)?;
            outline.renumber(|part| numbers[&GlyphId(part)]);
            let advance = file
                .face
                .glyph_hor_advance(*glyph)
                .context("a glyph without an advance")?;
            let narrow = *character == Some(NARROW_SPACE) && !measures.is_fixed_pitch;
            Ok(Glyph {
                character: *character,
                advance: if narrow { advance * 2 / 3 } else { advance },
                outline,
            })
        });
        let glyphs = glyphs.collect::<Result<_>>()?;
        let sources: Vec<GlyphId> = order.iter().map(|(_, glyph)| *glyph).collect();
        Ok(Self {
            name: file.name()?,
            measures,
            glyphs,
            kerning: Kerning::read(file.face.tables().gpos, &sources),
        })
    }
}

impl<'a> File<'a> {
    fn read(content: &'a [u8]) -> Result<Self> {
        let face = ttf_parser::Face::parse(content, 0).context("this is no font file")?;
        ensure!(
            face.permissions() == Some(ttf_parser::Permissions::Installable),
            "the font does not permit to be put into documents and subset"
        );
        ensure!(!face.is_italic(), "an italic face needs its angle in the pack");
        let table = |tag| {
            face.raw_face()
                .table(Tag::from_bytes(tag))
                .context("the font has no TrueType outlines")
        };
        let (outlines, places) = (table(b"glyf")?, table(b"loca")?);
        let format = face.tables().head.index_to_location_format;
        let count = NonZeroU16::new(face.number_of_glyphs()).context("the font has no glyphs")?;
        let places =
            loca::Table::parse(count, format, places).context("the font's places of outlines are damaged")?;
        Ok(Self {
            face,
            places,
            outlines,
        })
    }

    fn name(&self) -> Result<String> {
        self.face
            .names()
            .into_iter()
            .filter(|name| name.name_id == name_id::POST_SCRIPT_NAME)
            .find_map(|name| name.to_string())
            .context("the font has no PostScript name")
    }

    fn measures(&self) -> Result<Measures> {
        Ok(Measures {
            units_per_em: self.face.units_per_em(),
            ascent: self.face.ascender(),
            descent: self.face.descender(),
            cap_height: self
                .face
                .capital_height()
                .context("the font does not tell its height of capitals")?,
            weight: self.face.weight().to_number(),
            // Not what the font says of itself: Roboto Mono says nothing.
            is_fixed_pitch: {
                let width = |character| self.face.glyph_hor_advance(self.glyph(character)?);
                width('i') == width('M')
            },
        })
    }

    /// The glyph of a character, or of what stands in for it. Titillium Web has a glyph for `Ţ` that draws nothing.
    fn glyph(&self, character: char) -> Option<GlyphId> {
        let draws = |character: char| {
            let glyph = self.face.glyph_index(character)?;
            (character.is_whitespace() || !self.draws_nothing(glyph)).then_some(glyph)
        };
        draws(character).or_else(|| draws(repertoire::stand_in(character)?))
    }

    fn outline(&self, glyph: GlyphId) -> Result<Outline> {
        let Some(range) = self.places.glyph_range(glyph) else {
            return Ok(Outline::default());
        };
        let bytes = self.outlines.get(range);
        let outline = Outline::read(bytes.context("an outline is beyond the font's end")?)?;
        // Roboto Mono's no-break space is made of its space, of nothing.
        if !outline.components.is_empty() && outline.parts().all(|part| self.draws_nothing(GlyphId(part))) {
            return Ok(Outline::default());
        }
        if let Some([left, ..]) = outline.bounds() {
            // So that documents can write the bearing from the outline.
            ensure!(
                self.face.glyph_hor_side_bearing(glyph) == Some(left),
                "glyph {} begins elsewhere than at its left side bearing",
                glyph.0
            );
        }
        Ok(outline)
    }

    fn draws_nothing(&self, glyph: GlyphId) -> bool {
        self.places
            .glyph_range(glyph)
            .is_none_or(|range| range.is_empty())
    }

    /// The parts of these glyphs that are not among them.
    fn parts(&self, characters: &[(char, GlyphId)]) -> Result<BTreeSet<GlyphId>> {
        let mut parts = BTreeSet::new();
        for (_, glyph) in characters {
            for part in self.outline(*glyph)?.parts() {
                ensure!(
                    self.outline(GlyphId(part))?.components.is_empty(),
                    "a composite of composites"
                );
                parts.insert(GlyphId(part));
            }
        }
        for (_, glyph) in characters {
            parts.remove(glyph);
        }
        Ok(parts)
    }
}
