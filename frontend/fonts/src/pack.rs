//! Writes packs; `documents::font` tells their format.

use crate::kerning::Kerning;
use crate::source::{Glyph, Source};
use anyhow::{Context, Result, ensure};

/// A pack without fonts yet.
pub(crate) fn begin() -> Vec<u8> {
    b"LFP\x01".to_vec()
}

/// Adds a font to a pack.
pub(crate) fn add(pack: &mut Vec<u8>, source: &Source) -> Result<()> {
    let Source {
        name,
        measures,
        glyphs,
        kerning,
    } = source;
    pack.push(u8::try_from(name.len())?);
    pack.extend(name.as_bytes());

    words(pack, [measures.units_per_em]);
    let heights = [measures.ascent, measures.descent, measures.cap_height];
    words(pack, heights.map(i16::cast_unsigned));
    words(pack, [0, stem(measures.weight)]); // upright
    words(
        pack,
        bounds(glyphs)
            .context("a font that draws nothing")?
            .map(i16::cast_unsigned),
    );
    words(pack, [u16::from(measures.is_fixed_pitch)]);
    words(pack, limits(glyphs)?);

    let first = glyphs
        .iter()
        .take_while(|glyph| glyph.character.is_none())
        .count();
    words(pack, [u16::try_from(glyphs.len())?, u16::try_from(first)?]);
    for character in glyphs.iter().filter_map(|glyph| glyph.character) {
        words(pack, [u16::try_from(u32::from(character))?]);
    }
    words(pack, glyphs.iter().map(|glyph| glyph.advance));
    for glyph in glyphs {
        words(pack, [u16::try_from(glyph.outline.bytes.len())?]);
    }
    pack.extend(glyphs.iter().flat_map(|glyph| &glyph.outline.bytes));
    add_kerning(pack, kerning, measures.units_per_em)
}

fn add_kerning(pack: &mut Vec<u8>, kerning: &Kerning, units_per_em: u16) -> Result<()> {
    let columns = kerning.rows.first().map_or(0, Vec::len);
    words(
        pack,
        [u16::try_from(kerning.rows.len())?, u16::try_from(columns)?],
    );
    for class in kerning.left.iter().chain(&kerning.right) {
        pack.push(u8::try_from(*class).context("too many classes of kerning")?);
    }
    // Titillium Web has a thousand units, so that its kerning goes into the pack exactly.
    ensure!(
        kerning.rows.is_empty() || units_per_em == 1000,
        "kerning in other units than thousandths"
    );
    words(
        pack,
        kerning.rows.iter().flatten().map(|value| value.cast_unsigned()),
    );
    Ok(())
}

/// Thickness of upright stems, in thousandths of the size, after the weight: no font file tells it, and readers of PDF use it
/// only to find a font like one that is missing.
fn stem(weight: u16) -> u16 {
    10 + (weight.max(50) - 50) / 4
}

/// All glyphs laid over each other.
fn bounds(glyphs: &[Glyph]) -> Option<[i16; 4]> {
    glyphs.iter().filter_map(|glyph| glyph.outline.bounds()).reduce(
        |[left, bottom, right, top], [other_left, other_bottom, other_right, other_top]| {
            [
                left.min(other_left),
                bottom.min(other_bottom),
                right.max(other_right),
                top.max(other_top),
            ]
        },
    )
}

/// Points, contours, the same of composites, components: the most of each.
fn limits(glyphs: &[Glyph]) -> Result<[u16; 5]> {
    let mut limits = [0; 5];
    for glyph in glyphs {
        let outline = &glyph.outline;
        let (mut points, mut contours) = (0, 0);
        for part in outline.parts() {
            let part = &glyphs
                .get(usize::from(part))
                .context("a part is missing")?
                .outline;
            points += part.points;
            contours += part.contours;
        }
        let components = u16::try_from(outline.components.len())?;
        for (limit, value) in
            limits
                .iter_mut()
                .zip([outline.points, outline.contours, points, contours, components])
        {
            *limit = value.max(*limit);
        }
    }
    Ok(limits)
}

fn words(pack: &mut Vec<u8>, words: impl IntoIterator<Item = u16>) {
    pack.extend(words.into_iter().flat_map(u16::to_be_bytes));
}
