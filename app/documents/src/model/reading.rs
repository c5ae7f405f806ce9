//! A document walked in the order it is read: its blocks, its texts with their faces, and what is heard.

use super::{Block, Body, Document, Face, Ornament, Style, Text};

/// How deep blocks may stand in one another; what is deeper is neither shown nor read.
pub const DEPTH_MAX: usize = 8;

impl Document {
    /// Its blocks that hold no others, in reading order.
    pub fn leaves(&self) -> Vec<&Block> {
        let mut leaves = Vec::new();
        for blocks in self.body.blocks() {
            collect(blocks, 1, &mut leaves);
        }
        leaves
    }

    /// Every text that is drawn, with the face it is drawn in. What figures say in words is not drawn; the foot is.
    pub fn texts(&self) -> impl Iterator<Item = (Face, &str)> {
        let mut texts = Vec::new();
        if let Body::Flow { foot, .. } = &self.body {
            texts.push((Face::Regular, foot.as_str()));
            // The page's number stands beside it.
            texts.push((Face::Regular, "0123456789/"));
        }
        for leaf in self.leaves() {
            leaf_texts(leaf, &mut texts);
        }
        for (style, text) in self.body.repeated() {
            text_runs(style, text, &mut texts);
        }
        texts.into_iter()
    }

    /// What a screen reader says, one item for each block: headings, paragraphs, names and values, captions and cells, and
    /// the words of figures.
    pub fn reading(&self) -> Vec<String> {
        self.leaves().into_iter().filter_map(read).collect()
    }
}

impl Body {
    /// Its lists of blocks in the order they are read.
    pub fn blocks(&self) -> impl Iterator<Item = &[Block]> {
        let (flow, sheets) = match self {
            Self::Flow { blocks, .. } => (Some(blocks.as_slice()), [].as_slice()),
            Self::Sheets(sheets) => (None, sheets.as_slice()),
        };
        let areas = sheets.iter().flat_map(|sheet| &sheet.areas);
        flow.into_iter().chain(areas.map(|area| area.blocks.as_slice()))
    }

    /// Words that are drawn but not read again.
    fn repeated(&self) -> impl Iterator<Item = (&Style, &Text)> {
        let sheets = match self {
            Self::Flow { .. } => [].as_slice(),
            Self::Sheets(sheets) => sheets.as_slice(),
        };
        let ornaments = sheets.iter().flat_map(|sheet| &sheet.ornaments);
        ornaments.filter_map(|ornament| match ornament {
            Ornament::Words(_, style, text) => Some((style, text)),
            Ornament::Ground(..)
            | Ornament::Cut(_)
            | Ornament::Border(..)
            | Ornament::Corners(_)
            | Ornament::Drawing(..) => None,
        })
    }
}

fn collect<'a>(blocks: &'a [Block], depth: usize, leaves: &mut Vec<&'a Block>) {
    if depth > DEPTH_MAX {
        return;
    }
    for block in blocks {
        match block {
            Block::Columns { columns, .. } => {
                for column in columns {
                    collect(&column.blocks, depth + 1, leaves);
                }
            }
            Block::Together(blocks) => collect(blocks, depth + 1, leaves),
            Block::Heading { .. }
            | Block::Paragraph { .. }
            | Block::Facts(_)
            | Block::Table(_)
            | Block::Figure { .. }
            | Block::Space(_) => leaves.push(block),
        }
    }
}

fn text_runs<'a>(style: &Style, text: &'a Text, texts: &mut Vec<(Face, &'a str)>) {
    texts.extend(text.0.iter().map(|run| {
        let face = if run.strong {
            style.strong_face()
        } else {
            style.face
        };
        (face, run.text.as_str())
    }));
}

fn leaf_texts<'a>(leaf: &'a Block, texts: &mut Vec<(Face, &'a str)>) {
    let mut add = |style: &Style, text: &'a Text| text_runs(style, text, texts);
    match leaf {
        Block::Heading { style, text, .. } | Block::Paragraph { style, text } => add(style, text),
        Block::Facts(facts) => {
            for fact in &facts.facts {
                add(&fact.name_style, &fact.name);
                add(&fact.value_style, &fact.value);
            }
        }
        Block::Table(table) => {
            texts.push((Face::Semibold, &table.caption));
            texts.extend(
                table
                    .columns
                    .iter()
                    .map(|column| (Face::Semibold, column.heading.as_str())),
            );
            for run in table.rows.iter().flatten().flat_map(|cell| &cell.0) {
                let face = if run.strong { Face::Bold } else { Face::Regular };
                texts.push((face, &run.text));
            }
        }
        Block::Figure { .. } | Block::Space(_) | Block::Columns { .. } | Block::Together(_) => {}
    }
}

/// What is heard of a block that holds no others; nothing of empty room.
fn read(leaf: &Block) -> Option<String> {
    let heard = match leaf {
        Block::Heading { text, .. } | Block::Paragraph { text, .. } => text.words(),
        Block::Facts(facts) => {
            let pairs = facts.facts.iter();
            spoken(pairs.flat_map(|fact| [fact.name.words(), fact.value.words()]))
        }
        Block::Table(table) => {
            let headings = table.columns.iter().map(|column| column.heading.clone());
            let cells = table.rows.iter().flatten().map(Text::words);
            spoken(
                std::iter::once(table.caption.clone())
                    .chain(headings)
                    .chain(cells),
            )
        }
        Block::Figure { alternative, .. } => alternative.clone(),
        Block::Space(_) | Block::Columns { .. } | Block::Together(_) => return None,
    };
    Some(heard)
}

/// Texts one after the other, a blank between them; nothing is heard of an empty one.
fn spoken(texts: impl Iterator<Item = String>) -> String {
    texts
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
