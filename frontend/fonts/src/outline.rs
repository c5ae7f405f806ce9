//! Outlines of a font file (table `glyf`), freed of their instructions.

use anyhow::{Context, Result, bail, ensure};

/// An outline without instructions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outline {
    /// As in `glyf`.
    pub(crate) bytes: Vec<u8>,
    /// How many points and contours it has of its own.
    pub(crate) points: u16,
    pub(crate) contours: u16,
    /// Places in `bytes` of the numbers of the glyphs it is made of.
    pub(crate) components: Vec<usize>,
}

/// How many contours, and the bounding box.
const HEADER: usize = 10;

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

impl Outline {
    /// Reads an outline of a font file.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        match u16::try_from(word(bytes, 0)?.cast_signed()) {
            Ok(contours) => simple(bytes, contours),
            Err(_) => composite(bytes),
        }
        .context("an outline of the font is damaged")
    }

    /// Left, bottom, right and top; `None` when nothing is drawn.
    pub(crate) fn bounds(&self) -> Option<[i16; 4]> {
        let side = |index: usize| word(&self.bytes, 2 + 2 * index).ok().map(u16::cast_signed);
        Some([side(0)?, side(1)?, side(2)?, side(3)?])
    }

    /// The numbers of the glyphs it is made of.
    pub(crate) fn parts(&self) -> impl Iterator<Item = u16> {
        let numbers = self
            .components
            .iter()
            .map(|place| &self.bytes[*place..*place + 2]);
        numbers.map(|number| u16::from_be_bytes([number[0], number[1]]))
    }

    /// Gives the glyphs it is made of other numbers.
    pub(crate) fn renumber(&mut self, number: impl Fn(u16) -> u16) {
        let numbers: Vec<u16> = self.parts().map(number).collect();
        for (place, number) in self.components.iter().zip(numbers) {
            self.bytes[*place..*place + 2].copy_from_slice(&number.to_be_bytes());
        }
    }
}

fn simple(bytes: &[u8], contours: u16) -> Result<Outline> {
    ensure!(contours > 0, "an outline without contours");
    let ends = HEADER + 2 * usize::from(contours);
    let points = word(bytes, ends - 2)? + 1;
    let flags = ends + 2 + usize::from(word(bytes, ends)?);
    let (mut place, mut seen, mut coordinates) = (flags, 0, 0);
    while seen < points {
        let flag = byte(bytes, place)?;
        place += 1;
        let mut times = 1;
        if flag & REPEAT != 0 {
            times += u16::from(byte(bytes, place)?);
            place += 1;
        }
        seen += times;
        // Two bits for each coordinate: one byte, or the same as before, or else two bytes.
        for (short, same) in [(X_SHORT, X_SAME_OR_POSITIVE), (Y_SHORT, Y_SAME_OR_POSITIVE)] {
            coordinates += usize::from(times)
                * match (flag & short != 0, flag & same != 0) {
                    (true, _) => 1,
                    (false, true) => 0,
                    (false, false) => 2,
                };
        }
    }
    ensure!(seen == points, "flags of more points than there are");
    let end = place + coordinates;
    let kept = bytes.get(flags..end).context("cut short")?;
    Ok(Outline {
        bytes: [&bytes[..ends], &[0, 0], kept].concat(),
        points,
        contours,
        components: Vec::new(),
    })
}

fn composite(bytes: &[u8]) -> Result<Outline> {
    let mut kept = bytes.get(..HEADER).context("cut short")?.to_vec();
    let mut components = Vec::new();
    loop {
        let start = kept.len();
        let flags = word(bytes, start)?;
        let arguments = if flags & ARGUMENTS_ARE_WORDS == 0 { 2 } else { 4 };
        let scale = match flags & (HAS_SCALE | HAS_TWO_SCALES | HAS_MATRIX) {
            0 => 0,
            HAS_SCALE => 2,
            HAS_TWO_SCALES => 4,
            HAS_MATRIX => 8,
            _ => bail!("a component with two scales"),
        };
        components.push(start + 2);
        kept.extend((flags & !HAS_INSTRUCTIONS).to_be_bytes());
        kept.extend(
            bytes
                .get(start + 2..start + 4 + arguments + scale)
                .context("cut short")?,
        );
        if flags & MORE_COMPONENTS == 0 {
            return Ok(Outline {
                bytes: kept,
                components,
                ..Outline::default()
            });
        }
    }
}

fn byte(bytes: &[u8], place: usize) -> Result<u8> {
    bytes.get(place).copied().context("cut short")
}

fn word(bytes: &[u8], place: usize) -> Result<u16> {
    Ok(u16::from_be_bytes([byte(bytes, place)?, byte(bytes, place + 1)?]))
}
