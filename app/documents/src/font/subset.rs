//! A TrueType font program with a few of a font's glyphs (OpenType 1.9; ISO 32000-1, 9.9 says which tables a PDF needs).

use super::outline::{Outline, left_edge};
use super::{Font, GlyphId};
use std::collections::BTreeSet;

/// The tables of an embedded font without instructions, in the order of their tags.
type Tables = [(&'static [u8; 4], Vec<u8>); 6];

/// Place of the whole file's checksum in `head`.
const CHECKSUM_ADJUSTMENT: usize = 8;
const CHECKSUM_MAGIC: u32 = 0xB1B0_AFBA;

pub(super) fn program(font: &Font, used: &BTreeSet<GlyphId>) -> Vec<u8> {
    let used = closed(font, used);
    let last = used.last().copied().unwrap_or(GlyphId::NOT_DEFINED);
    let (mut glyf, mut loca, mut hmtx) = (Vec::new(), Vec::new(), Vec::new());
    for glyph in (0..=last.0).map(GlyphId) {
        // `pack::read` has seen that the outlines fit a short table, which counts pairs of bytes.
        loca.extend(u16::try_from(glyf.len() / 2).unwrap_or(u16::MAX).to_be_bytes());
        let (advance, outline) = if used.contains(&glyph) {
            (font.advances[usize::from(glyph.0)], font.outline(glyph))
        } else {
            (0, &[][..])
        };
        glyf.extend(outline);
        glyf.resize(glyf.len().next_multiple_of(2), 0);
        hmtx.extend(advance.to_be_bytes());
        hmtx.extend(left_edge(outline).to_be_bytes());
    }
    loca.extend(u16::try_from(glyf.len() / 2).unwrap_or(u16::MAX).to_be_bytes());

    let count = last.0 + 1;
    file([
        (b"glyf", glyf),
        (b"head", head(font)),
        (b"hhea", hhea(font, count)),
        (b"hmtx", hmtx),
        (b"loca", loca),
        (b"maxp", maxp(font, count)),
    ])
}

/// The glyphs of the font that are used, the parts of those, and the one for what is not there.
fn closed(font: &Font, used: &BTreeSet<GlyphId>) -> BTreeSet<GlyphId> {
    let mut all = BTreeSet::from([GlyphId::NOT_DEFINED]);
    all.extend(
        used.iter()
            .filter(|glyph| usize::from(glyph.0) < font.glyph_count()),
    );
    // Parts are simple, so that one step finds them all.
    let parts: Vec<GlyphId> = all
        .iter()
        .filter_map(|glyph| Outline::read(font.outline(*glyph)))
        .flat_map(|outline| outline.components().to_vec())
        .collect();
    all.extend(parts);
    all
}

fn head(font: &Font) -> Vec<u8> {
    let mut table = Vec::new();
    words(&mut table, &[1, 0, 1, 0]); // versions of the table and of the font: 1.0
    words(&mut table, &[0, 0]); // checksum adjustment, set by `file`
    words(&mut table, &[0x5F0F, 0x3CF5]); // magic number
    words(&mut table, &[0x0003]); // base line and left edges are at 0
    words(&mut table, &[font.units_per_em]);
    words(&mut table, &[0; 8]); // no dates: the same glyphs give the same bytes
    words(&mut table, &font.bounds.map(i16::cast_unsigned));
    words(&mut table, &[0, 8, 2]); // style (the name tells), smallest readable size, deprecated direction
    words(&mut table, &[0, 0]); // short `loca`; format of `glyf`
    table
}

fn hhea(font: &Font, count: u16) -> Vec<u8> {
    let [left, _, right, _] = font.bounds;
    let (ascent, descent) = font.extent;
    let advance_max = font.advances.iter().copied().max().unwrap_or(0);
    let mut table = Vec::new();
    words(&mut table, &[1, 0]);
    words(&mut table, &[ascent, descent, 0].map(i16::cast_unsigned));
    words(
        &mut table,
        &[advance_max, left.cast_unsigned(), 0, right.cast_unsigned()],
    );
    words(&mut table, &[1, 0, 0]); // an upright caret
    words(&mut table, &[0; 5]);
    words(&mut table, &[count]);
    table
}

fn maxp(font: &Font, count: u16) -> Vec<u8> {
    let limits = font.limits;
    let mut table = Vec::new();
    words(&mut table, &[1, 0, count, limits.points, limits.contours]);
    words(&mut table, &[limits.composite_points, limits.composite_contours]);
    words(&mut table, &[1, 0, 0, 0, 0, 0, 0]); // one zone, and nothing of what instructions need
    words(&mut table, &[limits.components, u16::from(limits.components > 0)]);
    table
}

fn words(table: &mut Vec<u8>, words: &[u16]) {
    table.extend(words.iter().flat_map(|word| word.to_be_bytes()));
}

/// The file: its directory, then the tables, each at a multiple of four bytes.
fn file(tables: Tables) -> Vec<u8> {
    let mut file = Vec::new();
    words(&mut file, &[1, 0]);
    words(&mut file, &[6, 64, 2, 32]); // how many tables, and what a binary search in them needs
    let mut place = file.len() + 16 * tables.len();
    let mut head = 0;
    for (tag, table) in &tables {
        if *tag == b"head" {
            head = place;
        }
        file.extend(*tag);
        file.extend(checksum(table).to_be_bytes());
        file.extend(bytes_of(place));
        file.extend(bytes_of(table.len()));
        place += table.len().next_multiple_of(4);
    }
    for (_, table) in tables {
        file.extend(table);
        file.resize(file.len().next_multiple_of(4), 0);
    }
    let adjustment = CHECKSUM_MAGIC.wrapping_sub(checksum(&file));
    let place = head + CHECKSUM_ADJUSTMENT;
    file[place..place + 4].copy_from_slice(&adjustment.to_be_bytes());
    file
}

/// A place or a length; packs are too small for more.
fn bytes_of(size: usize) -> [u8; 4] {
    u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes()
}

/// The sum of the words of four bytes, the last filled with zeros.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.chunks(4).fold(0, |sum, chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}
