//! The format of packs: what is left of five fonts for a fixed repertoire, arranged so that it compresses well.
//!
//! Numbers have their high byte first, as in TrueType; measures are in the font's units unless said otherwise.
//!
//! ```text
//! "LFP" and the version, 1
//! five times (regular, semibold, bold, mono, mono bold):
//!   name             length (byte), ASCII characters
//!   measures         units per em, ascent, descent, height of capitals, italic angle (degrees), stem (1/1000 em),
//!                    bounding box (left, bottom, right, top), fixed pitch (0 or 1): words
//!   limits           points, contours, the same of composites, components: words
//!   glyphs           how many, and the number of the first that stands for a character: words
//!   characters       a word for each glyph that stands for one, in order
//!   advances         a word for each glyph
//!   outline lengths  a word for each glyph
//!   outlines         as in TrueType's `glyf`, without instructions, components simple
//!   kerning          how many classes glyphs fall into as the left and as the right of a pair: words, 0 and 0 for no
//!                    kerning; then each glyph's left class and each glyph's right class: bytes; then the pairs' values
//!                    in 1/1000 em, a row for each left class: words
//! ```

use super::outline::{Bytes, Limits, Outline};
use super::{Font, GlyphId, Metrics};
use thiserror::Error;

/// Why bytes are no pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PackError {
    /// They are something else.
    #[error("this is no pack of fonts")]
    Unknown,
    /// They are a pack of a version this program does not read.
    #[error("this pack of fonts has version {0}; this program reads version {VERSION}")]
    Version(u8),
    /// They are a pack that is cut short or damaged.
    #[error("this pack of fonts is damaged in its {0}; fetch it again")]
    Damaged(&'static str),
}

const MAGIC: &[u8] = b"LFP";
const VERSION: u8 = 1;

/// The fonts themselves have fewer than a thousand.
pub(super) const GLYPHS_MAX: u16 = 2048;
/// No letter is wider than this many times the font's size.
pub(super) const ADVANCE_EMS_MAX: u16 = 8;
/// What a font program's short table of places can tell.
const OUTLINES_MAX: usize = 131_070;

/// Room between pairs of glyphs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kerning {
    left: Vec<u8>,
    right: Vec<u8>,
    row: usize,
    values: Vec<i16>,
}

impl Kerning {
    pub(super) fn between(&self, left: GlyphId, right: GlyphId) -> i16 {
        let class =
            |classes: &[u8], glyph: GlyphId| classes.get(usize::from(glyph.0)).copied().map(usize::from);
        match (class(&self.left, left), class(&self.right, right)) {
            (Some(left), Some(right)) => self.values[left * self.row + right],
            _ => 0,
        }
    }
}

pub(super) fn read(pack: &[u8]) -> Result<[Font; 5], PackError> {
    let mut bytes = Bytes(pack.strip_prefix(MAGIC).ok_or(PackError::Unknown)?);
    match bytes.byte() {
        Some(VERSION) => {}
        Some(version) => return Err(PackError::Version(version)),
        None => return Err(PackError::Unknown),
    }
    let mut font = |what| read_font(&mut bytes).ok_or(PackError::Damaged(what));
    let fonts = [
        font("regular face")?,
        font("semibold face")?,
        font("bold face")?,
        font("mono face")?,
        font("mono bold face")?,
    ];
    if bytes.0.is_empty() {
        Ok(fonts)
    } else {
        Err(PackError::Damaged("end"))
    }
}

fn read_font(bytes: &mut Bytes) -> Option<Font> {
    let length = bytes.byte()?;
    let name = str::from_utf8(bytes.take(usize::from(length))?).ok()?;
    if name.is_empty()
        || !name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return None;
    }
    let units_per_em = bytes.word().filter(|units| (16..=16_384).contains(units))?;
    let mut measure = || Some(bytes.word()?.cast_signed());
    let (ascent, descent, cap_height, italic_angle) = (measure()?, measure()?, measure()?, measure()?);
    let stem_v = measure()?.cast_unsigned();
    let bounds = [measure()?, measure()?, measure()?, measure()?];
    let is_fixed_pitch = match measure()? {
        0 => false,
        1 => true,
        _ => return None,
    };
    let limits = Limits {
        points: bytes.word()?,
        contours: bytes.word()?,
        composite_points: bytes.word()?,
        composite_contours: bytes.word()?,
        components: bytes.word()?,
    };

    let count = bytes.word().filter(|count| (1..=GLYPHS_MAX).contains(count))?;
    let first = bytes.word().filter(|first| (1..=count).contains(first))?;
    let glyphs = usize::from(count);
    let characters: Vec<char> = bytes
        .words(usize::from(count - first))?
        .into_iter()
        .map(|code| char::from_u32(u32::from(code)))
        .collect::<Option<_>>()?;
    if !characters.is_sorted_by(|one, next| one < next) {
        return None;
    }
    let advances = bytes.words(glyphs)?;
    if advances
        .iter()
        .any(|advance| advance / units_per_em >= ADVANCE_EMS_MAX)
    {
        return None;
    }
    let (starts, outlines) = read_outlines(bytes, glyphs)?;
    let kerning = read_kerning(bytes, glyphs)?;

    let thousandths = |measure: i16| {
        let em = i32::from(units_per_em);
        i16::try_from((i32::from(measure) * 1000 + em / 2).div_euclid(em)).ok()
    };
    let [left, bottom, right, top] = bounds;
    Some(Font {
        name: name.to_owned(),
        metrics: Metrics {
            ascent: thousandths(ascent)?,
            descent: thousandths(descent)?,
            cap_height: thousandths(cap_height)?,
            italic_angle,
            stem_v,
            bounding_box: [
                thousandths(left)?,
                thousandths(bottom)?,
                thousandths(right)?,
                thousandths(top)?,
            ],
            is_fixed_pitch,
        },
        units_per_em,
        bounds,
        extent: (ascent, descent),
        limits,
        first,
        characters,
        advances,
        starts,
        outlines,
        kerning,
    })
}

/// Where the outlines begin, and they.
fn read_outlines(bytes: &mut Bytes, glyphs: usize) -> Option<(Vec<usize>, Vec<u8>)> {
    let mut starts = vec![0];
    let (mut end, mut padded) = (0, 0);
    for length in bytes.words(glyphs)? {
        end += usize::from(length);
        padded += usize::from(length).next_multiple_of(2);
        starts.push(end);
    }
    if padded > OUTLINES_MAX {
        return None;
    }
    let outlines = bytes.take(end)?.to_vec();
    let read: Vec<Outline> = starts
        .windows(2)
        .map(|ends| Outline::read(&outlines[ends[0]..ends[1]]))
        .collect::<Option<_>>()?;
    let is_simple = |glyph: &GlyphId| {
        read.get(usize::from(glyph.0))
            .is_some_and(|outline| matches!(outline, Outline::Simple { .. }))
    };
    read.iter()
        .all(|outline| outline.components().iter().all(is_simple))
        .then_some((starts, outlines))
}

fn read_kerning(bytes: &mut Bytes, glyphs: usize) -> Option<Kerning> {
    let (rows, row) = (usize::from(bytes.word()?), usize::from(bytes.word()?));
    if rows == 0 && row == 0 {
        return Some(Kerning {
            left: Vec::new(),
            right: Vec::new(),
            row,
            values: Vec::new(),
        });
    }
    let mut classes = |count: usize| {
        let classes = bytes.take(glyphs)?;
        classes
            .iter()
            .all(|class| usize::from(*class) < count)
            .then(|| classes.to_vec())
    };
    let (left, right) = (classes(rows)?, classes(row)?);
    let values = bytes.words(rows.checked_mul(row)?)?;
    Some(Kerning {
        left,
        right,
        row,
        values: values.into_iter().map(u16::cast_signed).collect(),
    })
}
