//! Outlines of glyphs as TrueType's table `glyf` writes them (OpenType 1.9, "glyf"), without instructions.

use super::GlyphId;

/// The largest of a font's outlines, which its `maxp` table tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) points: u16,
    pub(super) contours: u16,
    pub(super) composite_points: u16,
    pub(super) composite_contours: u16,
    pub(super) components: u16,
}

/// What an outline is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outline {
    /// Nothing is drawn.
    Empty,
    /// Contours of its own.
    Simple { points: u16, contours: u16 },
    /// Other glyphs, each simple.
    Composite(Vec<GlyphId>),
}

// Flags of a point.
const X_SHORT: u8 = 0x02;
const Y_SHORT: u8 = 0x04;
const REPEAT: u8 = 0x08;
const X_SAME_OR_POSITIVE: u8 = 0x10;
const Y_SAME_OR_POSITIVE: u8 = 0x20;

// Flags of a component.
const ARGUMENTS_ARE_WORDS: u16 = 0x0001;
const HAS_SCALE: u16 = 0x0008;
const MORE_COMPONENTS: u16 = 0x0020;
const HAS_TWO_SCALES: u16 = 0x0040;
const HAS_MATRIX: u16 = 0x0080;
const HAS_INSTRUCTIONS: u16 = 0x0100;

/// An accented letter has two or three parts.
const COMPONENTS_MAX: usize = 8;

impl Outline {
    /// Reads an outline to its last byte; `None` when it is damaged or has instructions.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self::Empty);
        }
        let mut bytes = Bytes(bytes);
        let contours = bytes.word()?.cast_signed();
        bytes.skip(8)?; // the bounding box
        let outline = match u16::try_from(contours) {
            Ok(contours) => simple(&mut bytes, contours)?,
            Err(_) => composite(&mut bytes)?,
        };
        bytes.0.is_empty().then_some(outline)
    }

    /// The glyphs it is made of.
    pub(super) fn components(&self) -> &[GlyphId] {
        match self {
            Self::Empty | Self::Simple { .. } => &[],
            Self::Composite(components) => components,
        }
    }
}

/// Left edge of an outline that was read before.
pub(super) fn left_edge(bytes: &[u8]) -> i16 {
    match bytes {
        [_, _, high, low, ..] => i16::from_be_bytes([*high, *low]),
        _ => 0,
    }
}

fn simple(bytes: &mut Bytes, contours: u16) -> Option<Outline> {
    let mut points = 0;
    for _ in 0..contours {
        let end = bytes.word()?.checked_add(1)?;
        if end <= points {
            return None;
        }
        points = end;
    }
    if bytes.word()? != 0 {
        return None; // instructions
    }
    let (mut seen, mut coordinates) = (0, 0);
    while seen < points {
        let flags = bytes.byte()?;
        let times = 1 + if flags & REPEAT == 0 {
            0
        } else {
            u16::from(bytes.byte()?)
        };
        seen = seen.checked_add(times).filter(|seen| *seen <= points)?;
        let width = width(flags, X_SHORT, X_SAME_OR_POSITIVE) + width(flags, Y_SHORT, Y_SAME_OR_POSITIVE);
        coordinates += usize::from(times) * width;
    }
    bytes.skip(coordinates)?;
    Some(Outline::Simple { points, contours })
}

/// Bytes of a coordinate: one, two, or none when it is the one before.
const fn width(flags: u8, short: u8, same: u8) -> usize {
    match (flags & short != 0, flags & same != 0) {
        (true, _) => 1,
        (false, true) => 0,
        (false, false) => 2,
    }
}

fn composite(bytes: &mut Bytes) -> Option<Outline> {
    let mut components = Vec::new();
    loop {
        let flags = bytes.word()?;
        components.push(GlyphId(bytes.word()?));
        let arguments = if flags & ARGUMENTS_ARE_WORDS == 0 { 2 } else { 4 };
        let scale = match flags & (HAS_SCALE | HAS_TWO_SCALES | HAS_MATRIX) {
            0 => 0,
            HAS_SCALE => 2,
            HAS_TWO_SCALES => 4,
            HAS_MATRIX => 8,
            _ => return None,
        };
        bytes.skip(arguments + scale)?;
        if flags & HAS_INSTRUCTIONS != 0 || components.len() > COMPONENTS_MAX {
            return None;
        }
        if flags & MORE_COMPONENTS == 0 {
            return Some(Outline::Composite(components));
        }
    }
}

/// Bytes that are read from the front, numbers with the high byte first.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        self.take(count).map(|_| ())
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    pub(super) fn word(&mut self) -> Option<u16> {
        let (word, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*word))
    }

    pub(super) fn words(&mut self, count: usize) -> Option<Vec<u16>> {
        let (words, _) = self.take(count.checked_mul(2)?)?.as_chunks();
        Some(words.iter().map(|word| u16::from_be_bytes(*word)).collect())
    }
}
