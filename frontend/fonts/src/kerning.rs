//! Kerning of a font file (OpenType 1.9, "GPOS"): the room between two glyphs, and classes of glyphs that are treated alike.

use std::collections::BTreeMap;
use ttf_parser::gpos::{PairAdjustment, PositioningSubtable};
use ttf_parser::opentype_layout::LayoutTable;
use ttf_parser::{GlyphId, Tag};

/// Room between pairs, in the font's units, by classes of glyphs.
#[derive(Debug, Default)]
pub(crate) struct Kerning {
    /// The class of each glyph as the left of a pair.
    pub(crate) left: Vec<usize>,
    /// The class of each glyph as the right of a pair.
    pub(crate) right: Vec<usize>,
    /// For each left class, the value for each right class.
    pub(crate) rows: Vec<Vec<i16>>,
}

impl Kerning {
    /// The kerning between all of these glyphs; empty when there is none.
    pub(crate) fn read(table: Option<LayoutTable>, glyphs: &[GlyphId]) -> Self {
        let Some(table) = table else {
            return Self::default();
        };
        let all: Vec<Vec<i16>> = glyphs
            .iter()
            .map(|left| glyphs.iter().map(|right| between(table, *left, *right)).collect())
            .collect();
        if all.iter().flatten().all(|value| *value == 0) {
            return Self::default();
        }
        let (left, rows) = classes(all);
        let columns = (0..glyphs.len()).map(|column| rows.iter().map(|row| row[column]).collect());
        let (right, columns) = classes(columns.collect());
        let rows = (0..rows.len()).map(|row| columns.iter().map(|column| column[row]).collect());
        Self {
            rows: rows.collect(),
            left,
            right,
        }
    }
}

/// Equal rows become one: the class of each, in the order of their first members, and the rows left.
fn classes(rows: Vec<Vec<i16>>) -> (Vec<usize>, Vec<Vec<i16>>) {
    let mut known = BTreeMap::new();
    let mut different = Vec::new();
    let classes = rows
        .into_iter()
        .map(|row| {
            *known.entry(row.clone()).or_insert_with(|| {
                different.push(row);
                different.len() - 1
            })
        })
        .collect();
    (classes, different)
}

/// What the feature `kern` adds to the advance of `left` before `right`: the sum of its lookups, of each the first subtable
/// that knows the pair.
fn between(table: LayoutTable, left: GlyphId, right: GlyphId) -> i16 {
    let kern = Tag::from_bytes(b"kern");
    let mut lookups: Vec<u16> = table
        .features
        .into_iter()
        .filter(|feature| feature.tag == kern)
        .flat_map(|feature| feature.lookup_indices)
        .collect();
    lookups.sort_unstable();
    lookups.dedup();
    lookups
        .into_iter()
        .filter_map(|index| table.lookups.get(index))
        .filter_map(|lookup| {
            let mut subtables = lookup.subtables.into_iter::<PositioningSubtable>();
            subtables.find_map(|subtable| match subtable {
                PositioningSubtable::Pair(pairs) => adjustment(&pairs, left, right),
                _ => None,
            })
        })
        .sum()
}

fn adjustment(pairs: &PairAdjustment, left: GlyphId, right: GlyphId) -> Option<i16> {
    let covered = pairs.coverage().get(left)?;
    let (first, _) = match pairs {
        PairAdjustment::Format1 { sets, .. } => sets.get(covered)?.get(right)?,
        PairAdjustment::Format2 { classes, matrix, .. } => {
            matrix.get((classes.0.get(left), classes.1.get(right)))?
        }
    };
    Some(first.x_advance)
}
