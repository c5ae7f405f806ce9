//! Blocks with their measures: texts broken into lines, everything with its height, nothing yet in its place.

use super::content::PAGE_WIDTH;
use super::lines::{Glyph, Line, Lines, NoGlyph};
use crate::Length;
use crate::font::Fonts;
use crate::model::{
    Align, Block, Colour, Column, Face, Fact, Facts, Picture, Run, Style, Table, TableColumn, Text,
};

/// A block with its measures.
#[derive(Debug)]
pub(super) struct Laid<'a> {
    /// Its height.
    pub(super) height: Length,
    /// Room under it, when something follows.
    pub(super) after: Length,
    /// What it is.
    pub(super) kind: Kind<'a>,
}

#[derive(Debug)]
pub(super) enum Kind<'a> {
    Heading(u8, LaidText),
    Paragraph(LaidText),
    /// Names at their width and values beside them, or above them.
    Facts(Option<Length>, Vec<LaidFact>),
    Table(LaidTable<'a>),
    Figure {
        picture: &'a Picture,
        alternative: &'a str,
        width: Length,
    },
    /// Each with its distance from the left.
    Columns(Vec<(Length, Vec<Laid<'a>>)>),
    Together(Vec<Laid<'a>>),
    Space,
}

/// A text in lines, with how it looks and the width it has.
#[derive(Debug)]
pub(super) struct LaidText {
    pub(super) lines: Lines,
    pub(super) style: Style,
    pub(super) width: Length,
}

#[derive(Debug)]
pub(super) struct LaidFact {
    pub(super) name: LaidText,
    /// How far under the top of both the name begins.
    pub(super) name_down: Length,
    pub(super) value: LaidText,
    /// How far under it the value does.
    pub(super) value_down: Length,
    pub(super) height: Length,
}

#[derive(Debug)]
pub(super) struct LaidTable<'a> {
    pub(super) caption: LaidText,
    pub(super) caption_text: &'a str,
    pub(super) head: LaidRow,
    pub(super) rows: Vec<LaidRow>,
}

#[derive(Debug)]
pub(super) struct LaidRow {
    /// Each with its distance from the left.
    pub(super) cells: Vec<(Length, LaidText)>,
    pub(super) height: Length,
}

/// The margins of a page and what is kept free for its foot.
pub(super) const MARGIN: Length = Length::mm(15);
/// Width of what flows from page to page.
pub(super) const FLOW_WIDTH: Length =
    Length::thousandths_of_pt(PAGE_WIDTH.as_thousandths_of_pt() - 2 * MARGIN.as_thousandths_of_pt());
/// Between the cells of a row.
const CELL_GAP: Length = Length::mm(3);
/// Above and under the text of a row; under a caption.
pub(super) const ROW_PAD: Length = Length::mm(1);
/// Between the facts of a list.
const FACT_GAP: Length = Length::tenths_of_mm(8);
/// Under a table.
const TABLE_GAP: Length = Length::mm(5);

const fn table_style(face: Face, size: Length, align: Align) -> Style {
    Style::new(face, size).aligned(align)
}

/// Height of a line of this size: more for small type, which reads better so.
pub(super) const fn leading(size: Length) -> Length {
    if size.as_thousandths_of_pt() <= 10_000 {
        size.scaled(135, 100)
    } else {
        size.scaled(120, 100)
    }
}

impl LaidText {
    pub(super) fn of(text: &Text, style: Style, width: Length, fonts: &Fonts) -> Result<Self, NoGlyph> {
        let lines = Lines::of(text, &style, width, fonts)?;
        Ok(Self { lines, style, width })
    }

    /// How far from the left a line of it begins.
    pub(super) fn indent(&self, line: &Line) -> Length {
        match self.style.align {
            Align::Left => Length::ZERO,
            Align::Centre => (self.width - line.width).scaled(1, 2),
            Align::Right => self.width - line.width,
        }
    }

    /// The colour of a glyph of it.
    pub(super) const fn colour(&self, glyph: &Glyph) -> Colour {
        if glyph.secondary {
            Colour::SECONDARY
        } else {
            self.style.colour
        }
    }

    pub(super) fn height(&self) -> Length {
        let count = i32::try_from(self.lines.lines().len()).unwrap_or(i32::MAX);
        leading(self.style.size).scaled(count, 1)
    }
}

/// From the top of a line to its foot: what the line is higher than the letters is shared above and below.
pub(super) fn line_foot(style: &Style, fonts: &Fonts) -> Length {
    let metrics = fonts.font(style.face).metrics();
    let (ascent, descent) = (i32::from(metrics.ascent), i32::from(metrics.descent));
    let letters = style.size.scaled(ascent - descent, 1000);
    (leading(style.size) - letters).scaled(1, 2) + style.size.scaled(ascent, 1000)
}

/// Measures blocks one under the other.
pub(super) fn lay<'a>(blocks: &'a [Block], width: Length, fonts: &Fonts) -> Result<Vec<Laid<'a>>, NoGlyph> {
    blocks
        .iter()
        .map(|block| lay_block(block, width, fonts))
        .collect()
}

/// Height of blocks one under the other. The room after the last is nobody's.
pub(super) fn height(laid: &[Laid<'_>]) -> Length {
    let Some((last, others)) = laid.split_last() else {
        return Length::ZERO;
    };
    others.iter().map(|laid| laid.height + laid.after).sum::<Length>() + last.height
}

fn lay_block<'a>(block: &'a Block, width: Length, fonts: &Fonts) -> Result<Laid<'a>, NoGlyph> {
    let text = |text, style: &Style| LaidText::of(text, *style, width, fonts);
    Ok(match block {
        Block::Heading {
            level,
            style,
            text: words,
        } => {
            let laid = text(words, style)?;
            Laid {
                height: laid.height(),
                after: style.after,
                kind: Kind::Heading(*level, laid),
            }
        }
        Block::Paragraph { style, text: words } => {
            let laid = text(words, style)?;
            Laid {
                height: laid.height(),
                after: style.after,
                kind: Kind::Paragraph(laid),
            }
        }
        Block::Facts(facts) => lay_facts(facts, width, fonts)?,
        Block::Table(table) => lay_table(table, width, fonts)?,
        Block::Figure {
            picture,
            alternative,
            width,
        } => Laid {
            height: picture_height(picture, *width),
            after: Length::ZERO,
            kind: Kind::Figure {
                picture,
                alternative,
                width: *width,
            },
        },
        Block::Columns { gap, columns } => lay_columns(*gap, columns, width, fonts)?,
        Block::Together(blocks) => {
            let laid = lay(blocks, width, fonts)?;
            Laid {
                height: height(&laid),
                after: laid.last().map_or(Length::ZERO, |last| last.after),
                kind: Kind::Together(laid),
            }
        }
        Block::Space(room) => Laid {
            height: *room,
            after: Length::ZERO,
            kind: Kind::Space,
        },
    })
}

fn lay_facts<'a>(facts: &Facts, width: Length, fonts: &Fonts) -> Result<Laid<'a>, NoGlyph> {
    let mut laid = Vec::with_capacity(facts.facts.len());
    for Fact {
        name,
        name_style,
        value,
        value_style,
    } in &facts.facts
    {
        let (name_width, value_width) = match facts.names_width {
            Some(names) => (names, width - names),
            None => (width, width),
        };
        let name = LaidText::of(name, *name_style, name_width, fonts)?;
        let value = LaidText::of(value, *value_style, value_width, fonts)?;
        let (name_down, value_down) = match facts.names_width {
            // The first lines of both have one foot, whatever their sizes.
            Some(_) => {
                let difference = line_foot(value_style, fonts) - line_foot(name_style, fonts);
                (difference.max(Length::ZERO), (-difference).max(Length::ZERO))
            }
            None => (Length::ZERO, name.height()),
        };
        let height = (name_down + name.height()).max(value_down + value.height());
        laid.push(LaidFact {
            height: height + value_style.after.max(FACT_GAP),
            name,
            name_down,
            value,
            value_down,
        });
    }
    Ok(Laid {
        height: laid.iter().map(|fact| fact.height).sum(),
        after: Length::ZERO,
        kind: Kind::Facts(facts.names_width, laid),
    })
}

fn lay_table<'a>(table: &'a Table, width: Length, fonts: &Fonts) -> Result<Laid<'a>, NoGlyph> {
    let caption_style = table_style(Face::Semibold, Length::pt(10), Align::Left);
    let plain = |words: &str| Text(vec![Run::plain(words)]);
    let caption = LaidText::of(&plain(&table.caption), caption_style, width, fonts)?;
    let headings: Vec<Text> = table
        .columns
        .iter()
        .map(|column| plain(&column.heading))
        .collect();
    let head = lay_row(
        &headings,
        &table.columns,
        (Face::Semibold, Length::pt(8)),
        width,
        fonts,
    )?;
    let rows = table
        .rows
        .iter()
        .map(|row| lay_row(row, &table.columns, (Face::Regular, Length::pt(9)), width, fonts))
        .collect::<Result<Vec<_>, _>>()?;
    let height = caption.height() + ROW_PAD + head.height + rows.iter().map(|row| row.height).sum::<Length>();
    Ok(Laid {
        height,
        after: TABLE_GAP,
        kind: Kind::Table(LaidTable {
            caption,
            caption_text: &table.caption,
            head,
            rows,
        }),
    })
}

fn lay_row(
    cells: &[Text],
    columns: &[TableColumn],
    (face, size): (Face, Length),
    width: Length,
    fonts: &Fonts,
) -> Result<LaidRow, NoGlyph> {
    let shares: i32 = columns
        .iter()
        .map(|column| i32::from(column.share))
        .sum::<i32>()
        .max(1);
    let gaps = CELL_GAP.scaled(i32::try_from(columns.len()).unwrap_or(1) - 1, 1);
    let mut x = Length::ZERO;
    let mut laid = Vec::with_capacity(columns.len());
    for (cell, column) in cells.iter().zip(columns) {
        let width = (width - gaps).scaled(i32::from(column.share), shares);
        let text = LaidText::of(cell, table_style(face, size, column.align), width, fonts)?;
        laid.push((x, text));
        x += width + CELL_GAP;
    }
    let height = laid
        .iter()
        .map(|(_, text)| text.height())
        .max()
        .unwrap_or_default();
    Ok(LaidRow {
        cells: laid,
        height: height + ROW_PAD + ROW_PAD,
    })
}

fn lay_columns<'a>(
    gap: Length,
    columns: &'a [Column],
    width: Length,
    fonts: &Fonts,
) -> Result<Laid<'a>, NoGlyph> {
    let count = i32::try_from(columns.len()).unwrap_or(i32::MAX);
    let given: Length = columns.iter().filter_map(|column| column.width).sum();
    let sharing = columns.iter().filter(|column| column.width.is_none()).count();
    let rest = width - given - gap.scaled(count - 1, 1);
    let share = rest.scaled(1, i32::try_from(sharing.max(1)).unwrap_or(1));
    let mut x = Length::ZERO;
    let mut laid = Vec::with_capacity(columns.len());
    for column in columns {
        let width = column.width.unwrap_or(share);
        laid.push((x, lay(&column.blocks, width, fonts)?));
        x += width + gap;
    }
    Ok(Laid {
        height: laid
            .iter()
            .map(|(_, laid)| height(laid))
            .max()
            .unwrap_or_default(),
        after: Length::ZERO,
        kind: Kind::Columns(laid),
    })
}

/// Height of a picture this wide.
pub(super) fn picture_height(picture: &Picture, width: Length) -> Length {
    match picture {
        Picture::Code(_) => width,
        Picture::Drawing(drawing) => width.scaled(drawing.height, drawing.width.max(1)),
    }
}
