//! The faces a file uses, each cut to the glyphs it draws.

use super::content::font_name;
use super::file::{File, Id};
use super::fingerprint::Fingerprint;
use super::lines::Glyph;
use crate::font::{Font, Fonts, GlyphId};
use crate::model::Face;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

/// Glyphs a map to characters names in one go (Adobe Technical Note 5014).
const MAPPED_MAX: usize = 100;

/// The glyphs a document draws. Marks rather than a set: there are thousands to add and a hundred to keep.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    marks: BTreeMap<Face, Vec<bool>>,
}

impl Drawn {
    /// Adds glyphs.
    pub(super) fn add(&mut self, glyphs: &[Glyph]) {
        for of_face in glyphs.chunk_by(|left, right| left.face == right.face) {
            let marks = self.marks.entry(of_face[0].face).or_default();
            for glyph in of_face {
                let number = usize::from(glyph.id.0);
                if marks.len() <= number {
                    marks.resize(number + 1, false);
                }
                marks[number] = true;
            }
        }
    }
}

/// The glyphs used so far, and the objects of the faces they belong to.
#[derive(Debug, Default)]
pub(super) struct UsedFaces {
    used: BTreeMap<Face, (Id, BTreeSet<GlyphId>)>,
}

impl UsedFaces {
    /// Counts glyphs as used.
    pub(super) fn add<W: Write>(&mut self, file: &mut File<W>, drawn: &Drawn) {
        for (face, marks) in &drawn.marks {
            let (_, used) = self
                .used
                .entry(*face)
                .or_insert_with(|| (file.reserve(), BTreeSet::new()));
            let numbered = (0..).zip(marks);
            used.extend(numbered.filter_map(|(number, is_drawn)| is_drawn.then_some(GlyphId(number))));
        }
    }

    /// The resources of a page: every face so far, so that one dictionary serves all pages.
    pub(super) fn resources(&self) -> String {
        let mut entries = String::from("<</Font<<");
        for (face, (id, _)) in &self.used {
            let _ = write!(entries, "/{} {id}", font_name(*face));
        }
        entries.push_str(">>>>");
        entries
    }

    /// Writes the faces.
    pub(super) fn write<W: Write>(&self, file: &mut File<W>, fonts: &Fonts) -> io::Result<()> {
        for (face, (id, used)) in &self.used {
            write_face(file, *id, fonts.font(*face), used)?;
        }
        Ok(())
    }
}

fn write_face<W: Write>(file: &mut File<W>, id: Id, font: &Font, used: &BTreeSet<GlyphId>) -> io::Result<()> {
    let (descendant, descriptor, program, map) =
        (file.reserve(), file.reserve(), file.reserve(), file.reserve());
    let outlines = font.subset(used);
    // Readers that gather files tell subsets of one face apart by the letters in front.
    let name = format!(
        "{}+{}",
        Fingerprint::of(&outlines).letters(),
        font.post_script_name()
    );
    file.object(
        id,
        &format!(
            "<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H/DescendantFonts[{descendant}]\
             /ToUnicode {map}>>"
        ),
    )?;
    file.object(
        descendant,
        &format!(
            "<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)\
             /Supplement 0>>/FontDescriptor {descriptor}/CIDToGIDMap/Identity{}>>",
            widths(font, used)
        ),
    )?;
    let metrics = font.metrics();
    let [left, bottom, right, top] = metrics.bounding_box;
    // Bit 1: every glyph is as wide; bit 3: the glyphs have no names.
    let flags = 4 | u8::from(metrics.is_fixed_pitch);
    file.object(
        descriptor,
        &format!(
            "<</Type/FontDescriptor/FontName/{name}/Flags {flags}/FontBBox[{left} {bottom} {right} {top}]\
             /ItalicAngle {}/Ascent {}/Descent {}/CapHeight {}/StemV {}/FontFile2 {program}>>",
            metrics.italic_angle, metrics.ascent, metrics.descent, metrics.cap_height, metrics.stem_v
        ),
    )?;
    let length = format!("/Length1 {}", outlines.len());
    file.stream(program, &length, &outlines)?;
    file.stream(map, "", characters(font, used).as_bytes())
}

/// Widths of the glyphs drawn; those next to each other in one list.
fn widths(font: &Font, used: &BTreeSet<GlyphId>) -> String {
    let mut entries = String::from("/DW 0/W[");
    let mut next = None;
    for glyph in used {
        if next != Some(glyph.0) {
            if next.is_some() {
                entries.push(']');
            }
            let _ = write!(entries, "{}[", glyph.0);
        }
        let _ = write!(entries, "{} ", font.advance(*glyph));
        next = Some(glyph.0 + 1);
    }
    entries.push_str(if next.is_some() { "]]" } else { "]" });
    entries
}

/// The map from glyphs to characters, by which text is found, copied and read aloud.
fn characters(font: &Font, used: &BTreeSet<GlyphId>) -> String {
    let mut map = String::from(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n\
         /CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n\
         /CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
         1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
    );
    let mapped: Vec<(GlyphId, char)> = used
        .iter()
        .filter_map(|glyph| Some((*glyph, font.character(*glyph)?)))
        .collect();
    for some in mapped.chunks(MAPPED_MAX) {
        let _ = writeln!(map, "{} beginbfchar", some.len());
        for (glyph, character) in some {
            let _ = write!(map, "<{:04X}> <", glyph.0);
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(map, "{unit:04X}");
            }
            map.push_str(">\n");
        }
        map.push_str("endbfchar\n");
    }
    map.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    map
}
