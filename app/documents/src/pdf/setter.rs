//! Puts measured blocks in their places on pages, and each piece of content under its element of the structure.

use super::RenderError;
use super::content::{Content, PAGE_HEIGHT};
use super::faces::Drawn;
use super::layout::{
    self, FLOW_WIDTH, Kind, Laid, LaidFact, LaidRow, LaidTable, LaidText, MARGIN, ROW_PAD, leading, line_foot,
};
use super::lines::Glyph;
use super::numbers::push_length;
use super::tags::{ElementId, Tree, language, text_entry};
use crate::Length;
use crate::font::Fonts;
use crate::model::{
    Align, Area, Block, Body, Colour, Document, Face, Frame, Ornament, Picture, Run, Sheet, Style, Text,
};
use std::ops::Range;

/// A page that is full.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// What it draws.
    pub(super) content: Content,
    /// The elements its marks belong to.
    pub(super) marks: Vec<ElementId>,
}

/// A heading as the outline shows it.
#[derive(Debug)]
pub(super) struct Bookmark {
    pub(super) level: u8,
    pub(super) title: String,
    pub(super) page: usize,
    pub(super) y: Length,
}

/// A document on its pages.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) tree: Tree,
    pub(super) pages: Vec<Page>,
    pub(super) bookmarks: Vec<Bookmark>,
    /// The glyphs drawn.
    pub(super) drawn: Drawn,
}

/// What becomes of content that finds no room.
#[derive(Debug, Clone, Copy)]
enum Room {
    /// It goes to a new page.
    OnNewPages,
    /// The frame was measured before: there is room.
    Measured,
}

/// Room above the first line of what flows.
const TOP: Length = MARGIN;
/// Kept free for the foot.
const FOOT: Length = Length::mm(22);
/// Where the foot begins.
const FOOT_AT: Length =
    Length::thousandths_of_pt(PAGE_HEIGHT.as_thousandths_of_pt() - FOOT.as_thousandths_of_pt());
/// Between content and foot.
const FOOT_GAP: Length = Length::mm(3);
/// How thick the rules of a table are.
const RULE: Length = Length::tenths_of_pt(5);
const RULE_COLOUR: Colour = Colour(0xB0, 0xB0, 0xB0);

struct Setter<'a> {
    fonts: &'a Fonts,
    set: Set,
    room: Room,
    x: Length,
    y: Length,
    width: Length,
    bottom: Length,
}

/// Puts a document on pages, its structure under a root of this kind.
pub(super) fn set(document: &Document, root: Tree, fonts: &Fonts) -> Result<Set, RenderError> {
    let mut setter = Setter {
        fonts,
        set: Set {
            tree: root,
            pages: Vec::new(),
            bookmarks: Vec::new(),
            drawn: Drawn::default(),
        },
        room: Room::OnNewPages,
        x: MARGIN,
        y: TOP,
        width: FLOW_WIDTH,
        bottom: FOOT_AT - FOOT_GAP,
    };
    match &document.body {
        Body::Flow { blocks, foot } => setter.flow(blocks, foot)?,
        Body::Sheets(sheets) => {
            for sheet in sheets {
                setter.sheet(sheet)?;
            }
        }
    }
    Ok(setter.set)
}

impl<'a> Setter<'a> {
    fn flow(&mut self, blocks: &'a [Block], foot: &str) -> Result<(), RenderError> {
        self.new_page();
        let laid = layout::lay(blocks, self.width, self.fonts)?;
        self.blocks(&laid, Tree::ROOT);
        self.feet(foot)
    }

    fn sheet(&mut self, sheet: &'a Sheet) -> Result<(), RenderError> {
        self.new_page();
        for ornament in &sheet.ornaments {
            self.ornament(ornament)?;
        }
        self.room = Room::Measured;
        for area in &sheet.areas {
            self.area(area)?;
        }
        Ok(())
    }

    fn area(&mut self, area: &'a Area) -> Result<(), RenderError> {
        let laid = layout::lay(&area.blocks, area.frame.width, self.fonts)?;
        let height = layout::height(&laid);
        if height > area.frame.height {
            return Err(RenderError::Overflow {
                area: area.name,
                by: height - area.frame.height,
            });
        }
        self.x = area.frame.x;
        self.y = area.frame.y;
        self.width = area.frame.width;
        let section = self.set.tree.add(Tree::ROOT, "Sect");
        self.blocks(&laid, section);
        Ok(())
    }

    fn blocks(&mut self, laid: &[Laid<'a>], parent: ElementId) {
        for (index, block) in laid.iter().enumerate() {
            // A heading stays with the beginning of what it is about.
            let companion = match (&block.kind, laid.get(index + 1)) {
                (Kind::Heading(..), Some(next)) => block.after + beginning(next),
                _ => Length::ZERO,
            };
            self.block(block, companion, parent);
            self.y += block.after;
        }
    }

    fn block(&mut self, block: &Laid<'a>, companion: Length, parent: ElementId) {
        match &block.kind {
            Kind::Heading(level, text) => {
                self.need(block.height + companion);
                let tag = match level {
                    1 => "H1",
                    2 => "H2",
                    _ => "H3",
                };
                self.set.bookmarks.push(Bookmark {
                    level: *level,
                    title: text.lines.words(self.fonts),
                    page: self.set.pages.len() - 1,
                    y: self.y,
                });
                let element = self.set.tree.add(parent, tag);
                self.text(text, element);
            }
            Kind::Paragraph(text) => {
                let element = self.set.tree.add(parent, "P");
                self.text(text, element);
            }
            Kind::Facts(names, facts) => self.facts(*names, facts, parent),
            Kind::Table(table) => self.table(table, parent),
            Kind::Figure {
                picture,
                alternative,
                width,
            } => {
                self.need(block.height);
                self.figure(picture, alternative, (*width, block.height), parent);
            }
            Kind::Columns(columns) => {
                self.need(block.height);
                self.columns(columns, parent);
            }
            Kind::Together(blocks) => {
                self.need(block.height);
                self.blocks(blocks, parent);
                // The room under the last block is the group's own.
                self.y -= block.after;
            }
            Kind::Space => self.y += block.height,
        }
    }

    /// Goes to a new page when this one has not as much room; content taller than a page begins on one.
    fn need(&mut self, height: Length) {
        match self.room {
            Room::OnNewPages if self.y + height > self.bottom && self.y > TOP => {
                self.new_page();
                self.y = TOP;
            }
            Room::OnNewPages | Room::Measured => {}
        }
    }

    fn new_page(&mut self) {
        self.set.pages.push(Page::default());
    }

    fn page(&mut self) -> &mut Page {
        self.set.pages.last_mut().expect("setting begins with a page")
    }

    fn content(&mut self) -> &mut Content {
        &mut self.page().content
    }

    /// Begins content of an element on the page.
    fn begin(&mut self, element: ElementId) {
        let number = self.set.pages.len() - 1;
        let tag = self.set.tree.tag(element);
        let page = self.page();
        let mark = page.marks.len();
        page.marks.push(element);
        page.content.begin_marked(tag, mark);
        self.set.tree.add_content(element, number, mark);
    }

    /// Sets a text line by line, going to new pages between lines where there is no room.
    fn text(&mut self, text: &LaidText, element: ElementId) {
        let line_height = leading(text.style.size);
        let foot = line_foot(&text.style, self.fonts);
        let mut pen: Option<Pen> = None;
        for line in text.lines.lines() {
            if self.must_turn(line_height) {
                self.put_down(&mut pen);
                self.need(line_height);
            }
            let mut x = self.x + text.indent(line);
            let y = self.y + foot;
            let glyphs = &text.lines.glyphs()[line.range.clone()];
            let mut start = line.range.start;
            for alike in glyphs.chunk_by(|left, right| Pen::of(left) == Pen::of(right)) {
                let range = start..start + alike.len();
                start = range.end;
                let (spoken, secondary) = Pen::of(&alike[0]);
                match &mut pen {
                    Some(pen) if (pen.language, pen.secondary) == (spoken, secondary) => {
                        if pen.y != y {
                            let (right, down) = (x - pen.x, y - pen.y);
                            self.content().next_line(right, down);
                            (pen.x, pen.y) = (x, y);
                        }
                    }
                    _ => {
                        self.put_down(&mut pen);
                        let element = match spoken {
                            Some(spoken) => self.set.tree.add_with(element, "Span", language(spoken)),
                            None => element,
                        };
                        self.begin(element);
                        self.content().begin_text(x, y, text.colour(&alike[0]));
                        pen = Some(Pen {
                            language: spoken,
                            secondary,
                            x,
                            y,
                        });
                    }
                }
                self.show(text, range.clone());
                x += text.lines.width(range, text.style.size);
            }
            self.y += line_height;
        }
        self.put_down(&mut pen);
    }

    fn must_turn(&self, height: Length) -> bool {
        match self.room {
            Room::OnNewPages => self.y + height > self.bottom && self.y > TOP,
            Room::Measured => false,
        }
    }

    fn put_down(&mut self, pen: &mut Option<Pen>) {
        if pen.take().is_some() {
            self.content().end_text();
            self.content().end();
        }
    }

    fn facts(&mut self, names: Option<Length>, facts: &[LaidFact], parent: ElementId) {
        let list = self
            .set
            .tree
            .add_with(parent, "L", "/A<</O/List/ListNumbering/None>>".to_owned());
        for fact in facts {
            self.need(fact.height);
            let item = self.set.tree.add(list, "LI");
            let (x, y) = (self.x, self.y);
            self.y = y + fact.name_down;
            let name = self.set.tree.add(item, "Lbl");
            self.text(&fact.name, name);
            if let Some(names) = names {
                self.x += names;
                self.y = y + fact.value_down;
            }
            let value = self.set.tree.add(item, "LBody");
            self.text(&fact.value, value);
            self.x = x;
            self.y = y + fact.height;
        }
    }

    fn table(&mut self, table: &LaidTable<'a>, parent: ElementId) {
        let first_row = table.rows.first().map_or(Length::ZERO, |row| row.height);
        self.need(table.caption.height() + ROW_PAD + table.head.height + first_row);
        let entries = ["/A<</O/Table", &text_entry("Summary", table.caption_text), ">>"].concat();
        let element = self.set.tree.add_with(parent, "Table", entries);
        let caption = self.set.tree.add(element, "Caption");
        self.text(&table.caption, caption);
        self.y += ROW_PAD;
        let head = self.set.tree.add(element, "THead");
        self.row(&table.head, head, |_| ("TH", "/A<</O/Table/Scope/Column>>"));
        let body = self.set.tree.add(element, "TBody");
        for row in &table.rows {
            if self.must_turn(row.height) {
                self.need(row.height);
                self.repeat_head(&table.head);
            }
            self.row(row, body, |cell| match cell {
                0 => ("TH", "/A<</O/Table/Scope/Row>>"),
                _ => ("TD", ""),
            });
        }
    }

    fn row(&mut self, row: &LaidRow, parent: ElementId, tag: impl Fn(usize) -> (&'static str, &'static str)) {
        let element = self.set.tree.add(parent, "TR");
        let (left, top) = (self.x, self.y);
        for (index, (x, text)) in row.cells.iter().enumerate() {
            let (tag, entries) = tag(index);
            let cell = self.set.tree.add_with(element, tag, entries.to_owned());
            self.x = left + *x;
            self.y = top + ROW_PAD;
            self.text(text, cell);
        }
        self.x = left;
        self.y = top + row.height;
        self.rule();
    }

    /// Draws the headings of a table again on a further page, as furniture: they were read before.
    fn repeat_head(&mut self, head: &LaidRow) {
        for (x, text) in &head.cells {
            let (x, y) = (self.x + *x, self.y + ROW_PAD);
            self.furniture("/Type/Layout", text, x, y);
        }
        self.y += head.height;
        self.rule();
    }

    fn rule(&mut self) {
        let frame = Frame {
            x: self.x,
            y: self.y - RULE,
            width: self.width,
            height: RULE,
        };
        self.ground(&frame, RULE_COLOUR);
    }

    fn furniture(&mut self, entries: &str, text: &LaidText, x: Length, y: Length) {
        self.content().begin_artifact(entries);
        let mut y = y + line_foot(&text.style, self.fonts);
        for line in text.lines.lines() {
            let mut x = x + text.indent(line);
            let glyphs = &text.lines.glyphs()[line.range.clone()];
            let mut start = line.range.start;
            for alike in glyphs.chunk_by(|left, right| left.secondary == right.secondary) {
                let range = start..start + alike.len();
                start = range.end;
                self.content().begin_text(x, y, text.colour(&alike[0]));
                self.show(text, range.clone());
                self.content().end_text();
                x += text.lines.width(range, text.style.size);
            }
            y += leading(text.style.size);
        }
        self.content().end();
    }

    fn show(&mut self, text: &LaidText, range: Range<usize>) {
        let glyphs = &text.lines.glyphs()[range];
        self.set.drawn.add(glyphs);
        let fonts = self.fonts;
        self.content().show(glyphs, text.style.size, fonts);
    }

    fn figure(
        &mut self,
        picture: &Picture,
        alternative: &str,
        (width, height): (Length, Length),
        parent: ElementId,
    ) {
        let mut entries = text_entry("Alt", alternative);
        entries.push_str("/A<</O/Layout/Placement/Block/BBox[");
        let (right, bottom) = (self.x + width, self.y + height);
        for edge in [self.x, PAGE_HEIGHT - bottom, right, PAGE_HEIGHT - self.y] {
            push_length(&mut entries, edge);
            entries.push(' ');
        }
        entries.push_str("]>>");
        let element = self.set.tree.add_with(parent, "Figure", entries);
        self.begin(element);
        let (x, y) = (self.x, self.y);
        match picture {
            Picture::Code(code) => self.content().code(code, x, y, width),
            Picture::Drawing(drawing) => self.content().drawing(drawing, x, y, width),
        }
        self.content().end();
        self.y += height;
    }

    /// Sets blocks side by side. There is room for all of them.
    fn columns(&mut self, columns: &[(Length, Vec<Laid<'a>>)], parent: ElementId) {
        let (left, top, room) = (self.x, self.y, self.room);
        let mut lowest = top;
        self.room = Room::Measured;
        for (x, laid) in columns {
            self.x = left + *x;
            self.y = top;
            self.blocks(laid, parent);
            lowest = lowest.max(top + layout::height(laid));
        }
        self.x = left;
        self.y = lowest;
        self.room = room;
    }

    fn ornament(&mut self, ornament: &Ornament) -> Result<(), RenderError> {
        match ornament {
            Ornament::Ground(frame, colour) => self.ground(frame, *colour),
            Ornament::Cut(frame) => self.decoration(|content| content.cut(frame, Colour::SECONDARY)),
            Ornament::Border(frame, colour) => self.decoration(|content| content.border(frame, *colour)),
            Ornament::Corners(frame) => self.decoration(|content| content.corners(frame, Colour::BLACK)),
            Ornament::Drawing(frame, drawing) => {
                self.decoration(|content| content.drawing(drawing, frame.x, frame.y, frame.width));
            }
            Ornament::Words(frame, style, text) => {
                let text = LaidText::of(text, *style, frame.width, self.fonts)?;
                if text.height() > frame.height {
                    return Err(RenderError::Overflow {
                        area: "header",
                        by: text.height() - frame.height,
                    });
                }
                self.furniture("/Type/Pagination/Subtype/Header", &text, frame.x, frame.y);
            }
        }
        Ok(())
    }

    fn ground(&mut self, frame: &Frame, colour: Colour) {
        self.decoration(|content| content.fill(frame, colour));
    }

    fn decoration(&mut self, draw: impl FnOnce(&mut Content)) {
        let content = self.content();
        content.begin_artifact("/Type/Layout");
        draw(content);
        content.end();
    }

    /// Draws the foot of every page, now that their number is known.
    fn feet(&mut self, foot: &str) -> Result<(), RenderError> {
        let style = Style::new(Face::Regular, Length::pt(8)).coloured(Colour::SECONDARY);
        let words = |words: &str| Text(vec![Run::plain(words)]);
        let number_width = Length::mm(20);
        let foot_width = FLOW_WIDTH - number_width;
        let foot = LaidText::of(&words(foot), style, foot_width, self.fonts)?;
        let style = style.aligned(Align::Right);
        let full = std::mem::take(&mut self.set.pages);
        let count = full.len();
        for (index, page) in full.into_iter().enumerate() {
            self.set.pages.push(page);
            let entries = "/Type/Pagination/Subtype/Footer";
            self.furniture(entries, &foot, MARGIN, FOOT_AT);
            let number = words(&format!("{} / {count}", index + 1));
            let number = LaidText::of(&number, style, number_width, self.fonts)?;
            self.furniture(entries, &number, MARGIN + foot_width, FOOT_AT);
        }
        Ok(())
    }
}

/// Text being set.
struct Pen {
    language: Option<crate::Language>,
    secondary: bool,
    x: Length,
    y: Length,
}

impl Pen {
    /// What glyphs written in one go have in common.
    const fn of(glyph: &Glyph) -> (Option<crate::Language>, bool) {
        (glyph.language, glyph.secondary)
    }
}

/// Height of what must not be parted from the heading above.
fn beginning(laid: &Laid<'_>) -> Length {
    match &laid.kind {
        Kind::Heading(_, text) | Kind::Paragraph(text) => {
            leading(text.style.size).scaled(2, 1).min(laid.height)
        }
        Kind::Facts(_, facts) => facts.first().map_or(Length::ZERO, |fact| fact.height),
        Kind::Table(table) => {
            let first_row = table.rows.first().map_or(Length::ZERO, |row| row.height);
            table.caption.height() + ROW_PAD + table.head.height + first_row
        }
        Kind::Figure { .. } | Kind::Columns(_) | Kind::Together(_) => laid.height,
        Kind::Space => Length::ZERO,
    }
}
