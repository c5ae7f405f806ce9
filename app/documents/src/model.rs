//! What a document says and in which order, before anybody draws it.
//!
//! The order of [blocks](Block) is the order it is read aloud in. Everything that is only furniture (grounds, rules, page
//! numbers) is not a block: the views add it as such.

mod reading;
mod text;

pub use reading::DEPTH_MAX;

use crate::barcode::Matrix;
use crate::{Language, Length};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A receipt or a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its title, shown in the window and read first by a screen reader.
    pub title: String,
    /// What it is about, for catalogues.
    pub subject: String,
    /// Who issues it: the institution.
    pub author: String,
    /// The language it is in, except where a run says otherwise.
    pub language: Language,
    /// When what it says was true. The clock has no part in a document: the same data give the same bytes.
    pub dated: DateTime<Utc>,
    /// Its content.
    pub body: Body,
    /// Files inside it, for programs: the original message of a receipt.
    pub attachments: Vec<Attachment>,
}

/// How a document takes its place on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// One block after another; pages end where they are full.
    Flow {
        /// The blocks.
        blocks: Vec<Block>,
        /// Printed small at the foot of every page with the page's number, as furniture.
        foot: String,
    },
    /// Pages with a fixed layout.
    Sheets(Vec<Sheet>),
}

/// A page with a fixed layout: areas in the order they are read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    /// Its areas.
    pub areas: Vec<Area>,
    /// Furniture, drawn first.
    pub ornaments: Vec<Ornament>,
}

/// A frame on a page and what stands in it, from the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// What it is, for messages about what does not fit.
    pub name: &'static str,
    /// Where it is.
    pub frame: Frame,
    /// Its blocks.
    pub blocks: Vec<Block>,
}

/// A rectangle on the page, from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// From the left edge.
    pub x: Length,
    /// From the top edge.
    pub y: Length,
    /// Its width.
    pub width: Length,
    /// Its height; what is drawn may not pass it.
    pub height: Length,
}

/// Something drawn that says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ornament {
    /// A filled rectangle.
    Ground(Frame, Colour),
    /// A dashed line from left to right at the top of the frame, where scissors go.
    Cut(Frame),
    /// The border of the frame.
    Border(Frame, Colour),
    /// Corners of the frame, as around a code.
    Corners(Frame),
    /// A drawing that repeats what the text says.
    Drawing(Frame, Drawing),
    /// Words that were read before: the header, again on a sheet that follows.
    Words(Frame, Style, Text),
}

/// A piece of content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading. The first of a document is of level 1; a level is never skipped.
    Heading {
        /// 1 to 3.
        level: u8,
        /// How it looks.
        style: Style,
        /// What it says.
        text: Text,
    },
    /// A paragraph.
    Paragraph {
        /// How it looks.
        style: Style,
        /// What it says.
        text: Text,
    },
    /// Names and their values.
    Facts(Facts),
    /// A table.
    Table(Table),
    /// A picture that says something.
    Figure {
        /// What is drawn.
        picture: Picture,
        /// What it says, in words.
        alternative: String,
        /// How wide it is.
        width: Length,
    },
    /// Blocks side by side, read from left to right.
    Columns {
        /// Between one and the next.
        gap: Length,
        /// The columns.
        columns: Vec<Column>,
    },
    /// Blocks that stay on one page.
    Together(Vec<Block>),
    /// Empty room.
    Space(Length),
}

/// A column of [`Block::Columns`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its part of the width; `None` for those that share what the others leave.
    pub width: Option<Length>,
    /// Its blocks.
    pub blocks: Vec<Block>,
}

/// Names and their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// How wide the names are; `None` for names above their values.
    pub names_width: Option<Length>,
    /// The pairs.
    pub facts: Vec<Fact>,
}

/// A name and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The name.
    pub name: Text,
    /// How it looks.
    pub name_style: Style,
    /// The value.
    pub value: Text,
    /// How it looks.
    pub value_style: Style,
}

/// A table with a row of headings; the first cell of each row is its heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<TableColumn>,
    /// Its rows, a cell for each column.
    pub rows: Vec<Vec<Text>>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    /// Its heading.
    pub heading: String,
    /// Its share of the width, in proportion to the others'.
    pub share: u16,
    /// Where its text stands.
    pub align: Align,
}

/// A text made of runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text(pub Vec<Run>);

/// Characters that go together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Run {
    /// The characters: none of control, single spaces.
    pub text: String,
    /// In bold.
    pub strong: bool,
    /// Grey, whatever the colour of what is around it: it comes second.
    pub secondary: bool,
    /// It begins a line of its own on paper; the blank it begins with parts it from what is before when it is read.
    pub on_new_line: bool,
    /// Its language, where it is not the document's.
    pub language: Option<Language>,
}

/// How text looks. Sizes and weights are the notice guidelines'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// The face.
    pub face: Face,
    /// Its size.
    pub size: Length,
    /// Its colour.
    pub colour: Colour,
    /// Where it stands in its frame.
    pub align: Align,
    /// Room under it.
    pub after: Length,
}

/// A face of the documents' fonts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Face {
    /// Titillium Web, regular.
    Regular,
    /// Titillium Web, semibold.
    Semibold,
    /// Titillium Web, bold.
    Bold,
    /// Roboto Mono, regular.
    Mono,
    /// Roboto Mono, bold.
    MonoBold,
}

impl Face {
    /// Every face, in the order of a pack of fonts.
    pub const ALL: [Self; 5] = [
        Self::Regular,
        Self::Semibold,
        Self::Bold,
        Self::Mono,
        Self::MonoBold,
    ];
}

/// Where text stands in its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// At the left.
    #[default]
    Left,
    /// In the middle.
    Centre,
    /// At the right.
    Right,
}

/// A colour: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// Black.
    pub const BLACK: Self = Self(0, 0, 0);
    /// The grounds of the notice guidelines' bands.
    pub const BAND: Self = Self(0xEC, 0xEC, 0xEC);
    /// What comes second, the guidelines' `#7C7C7B` made darker, as they allow, to a contrast of 7 to 1.
    pub const SECONDARY: Self = Self(0x55, 0x55, 0x55);
    /// The blue of pagoPA's mark.
    pub const PAGOPA: Self = Self(0x00, 0x66, 0xCC);
}

/// What a figure shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// A code of square modules, to be scanned.
    Code(Matrix),
    /// A drawing.
    Drawing(Drawing),
}

/// A drawing made of filled outlines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawing {
    /// Width of its ground, in its own units.
    pub width: i32,
    /// Height of its ground.
    pub height: i32,
    /// Its outlines, drawn one over the other.
    pub shapes: Vec<Shape>,
}

/// A filled outline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Its colour.
    pub colour: Colour,
    /// Where two of its outlines overlap there is a hole.
    pub even_odd: bool,
    /// The pen's ways, from the ground's top left corner, y downwards.
    pub path: Vec<Stroke>,
}

/// A way of the pen, to points in the drawing's units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stroke {
    /// Lifted, to here.
    Move(i32, i32),
    /// Straight, to here.
    Line(i32, i32),
    /// A cubic curve with two control points, to the last.
    Curve(i32, i32, i32, i32, i32, i32),
    /// Back to where the outline began.
    Close,
}

/// A file inside a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// What it is, in the document's language.
    pub description: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Day it is of.
    pub dated: DateTime<Utc>,
}

/// A day as the notice guidelines write it: `dd/mm/yyyy`.
pub fn written(day: NaiveDate) -> String {
    format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
}
