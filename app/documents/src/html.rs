//! The HTML view: the same content in the same order as on paper, for people who read it on a screen or have it read.
//!
//! Furniture is left out, and no style stands in the text: pages allow no inline styles. Classes say what a thing is. The
//! view is a tree, so that a page can draw it as its own; [`html`] writes it.

mod text;
mod tree;

pub use tree::{Attribute, Element, Node, NotOurs, Tag};

use crate::Length;
use crate::barcode::Matrix;
use crate::model::{
    Align, Block, Colour, DEPTH_MAX, Document, Drawing, Face, Fact, Facts, Picture, Run, Shape, Stroke,
    Style, Table, TableColumn, Text,
};
use std::fmt::{self, Write};

/// The document as an `article`, its headings from level 1.
pub fn html(document: &Document) -> String {
    html_below(document, 0)
}

/// The document as an `article` inside a page whose own headings go down to level `offset`; no heading goes below 6.
pub fn html_below(document: &Document, offset: u8) -> String {
    let mut html = String::with_capacity(16 * 1024);
    text::write(&mut html, &view_below(document, offset));
    html
}

/// The document as an `article`, its headings from level 1.
pub fn view(document: &Document) -> Element {
    view_below(document, 0)
}

/// The document as an `article` inside a page whose own headings go down to level `offset`.
pub fn view_below(document: &Document, offset: u8) -> Element {
    let view = View { offset };
    let areas = document
        .body
        .blocks()
        .map(|blocks| Element::of_class(Tag::Div, "document-area", view.blocks(blocks, 1)).into());
    Element::of_class(Tag::Article, "document", areas.collect())
        .with(Attribute::Lang, document.language.tag())
}

struct View {
    offset: u8,
}

impl View {
    fn blocks(&self, blocks: &[Block], depth: usize) -> Vec<Node> {
        if depth > DEPTH_MAX {
            return Vec::new();
        }
        let shown = blocks.iter().filter_map(|block| self.block(block, depth));
        shown.map(Node::from).collect()
    }

    fn block(&self, block: &Block, depth: usize) -> Option<Element> {
        Some(match block {
            Block::Heading { level, text, .. } => {
                let tag = Tag::heading(level.saturating_add(self.offset));
                Element::new(tag, runs(text))
            }
            Block::Paragraph { text, style } => looking(Element::new(Tag::P, runs(text)), style),
            Block::Facts(facts) => facts_list(facts),
            Block::Table(table) => table_of(table),
            Block::Figure {
                picture, alternative, ..
            } => figure(picture, alternative),
            Block::Columns { columns, .. } => {
                let columns = columns.iter().map(|column| {
                    let blocks = self.blocks(&column.blocks, depth + 1);
                    Element::of_class(Tag::Div, "document-column", blocks).into()
                });
                Element::of_class(Tag::Div, "document-columns", columns.collect())
            }
            Block::Together(blocks) => {
                Element::of_class(Tag::Div, "document-together", self.blocks(blocks, depth + 1))
            }
            Block::Space(_) => return None,
        })
    }
}

fn runs(text: &Text) -> Vec<Node> {
    text.0.iter().map(run).collect()
}

fn run(run: &Run) -> Node {
    let text = Node::Text(run.text.clone());
    if !run.strong && !run.secondary && !run.on_new_line && run.language.is_none() {
        return text;
    }
    let tag = if run.strong { Tag::Strong } else { Tag::Span };
    let mut element = Element::new(tag, vec![text]);
    if let Some(language) = run.language {
        element = element.with(Attribute::Lang, language.tag());
    }
    let classes = [
        (run.secondary, "document-secondary"),
        (run.on_new_line, "document-line"),
    ];
    let classes: Vec<&str> = classes
        .iter()
        .filter_map(|(is, class)| is.then_some(*class))
        .collect();
    if !classes.is_empty() {
        element = element.with(Attribute::Class, classes.join(" "));
    }
    element.into()
}

/// What stands out on paper stands out here: codes, and what is set larger than a text.
fn looking(element: Element, style: &Style) -> Element {
    match style.face {
        _ if style.size >= LARGE => element.with(Attribute::Class, "document-large"),
        Face::Mono | Face::MonoBold => element.with(Attribute::Class, "document-code-text"),
        Face::Regular | Face::Semibold | Face::Bold => element,
    }
}

/// From here on a text is set large.
const LARGE: Length = Length::pt(13);

fn facts_list(facts: &Facts) -> Element {
    // A group needs its name: a value without one is still said under an empty term.
    let group = |fact: &Fact| {
        let name = Element::new(Tag::Dt, runs(&fact.name));
        let value = looking(Element::new(Tag::Dd, runs(&fact.value)), &fact.value_style);
        Element::new(Tag::Div, vec![name.into(), value.into()]).into()
    };
    let groups = facts.facts.iter().map(group).collect();
    Element::of_class(Tag::Dl, "document-facts", groups)
}

fn table_of(table: &Table) -> Element {
    let heading = |column: &TableColumn| {
        let cell = Element::new(Tag::Th, vec![Node::Text(column.heading.clone())]);
        aligned(cell.with(Attribute::Scope, "col"), column.align).into()
    };
    let cell = |(place, (text, column)): (usize, (&Text, &TableColumn))| {
        let cell = if place == 0 {
            Element::new(Tag::Th, runs(text)).with(Attribute::Scope, "row")
        } else {
            Element::new(Tag::Td, runs(text))
        };
        // Where the screen is narrow cells stand under one another, each with its heading.
        aligned(cell.with(Attribute::Label, &column.heading), column.align).into()
    };
    let row = |row: &Vec<Text>| {
        let cells = row.iter().zip(&table.columns).enumerate().map(cell).collect();
        Element::new(Tag::Tr, cells).into()
    };
    let caption = Element::new(Tag::Caption, vec![Node::Text(table.caption.clone())]);
    let headings = Element::new(Tag::Tr, table.columns.iter().map(heading).collect());
    let head = Element::new(Tag::Thead, vec![headings.into()]);
    let body = Element::new(Tag::Tbody, table.rows.iter().map(row).collect());
    let parts = vec![caption.into(), head.into(), body.into()];
    Element::of_class(Tag::Table, "document-table", parts)
}

fn aligned(cell: Element, align: Align) -> Element {
    match align {
        Align::Left => cell,
        Align::Centre => cell.with(Attribute::Class, "document-centre"),
        Align::Right => cell.with(Attribute::Class, "document-right"),
    }
}

fn figure(picture: &Picture, alternative: &str) -> Element {
    let title = Element::new(Tag::Title, vec![Node::Text(alternative.to_owned())]);
    let (class, (width, height), paths) = match picture {
        Picture::Code(code) => {
            let side = i32::from(code.side()) + 2 * QUIET;
            ("document-code", (side, side), code_paths(code, side))
        }
        Picture::Drawing(drawing) => (
            "document-drawing",
            (drawing.width, drawing.height),
            drawing_paths(drawing),
        ),
    };
    let parts = std::iter::once(title).chain(paths).map(Node::from);
    let svg = Element::new(Tag::Svg, parts.collect())
        .with(Attribute::Role, "img")
        .with(Attribute::ViewBox, format!("0 0 {width} {height}"))
        .with(Attribute::Focusable, "false");
    Element::of_class(Tag::Figure, class, vec![svg.into()])
}

/// Light modules around a code on the screen, so that it can be scanned from there.
const QUIET: i32 = 4;

/// A code on its light ground with its quiet zone.
fn code_paths(code: &Matrix, side: i32) -> Vec<Element> {
    let ground = path("#FFFFFF".to_owned(), format!("M0 0h{side}v{side}H0z"));
    let modules = path("#000000".to_owned(), code.svg_path());
    let placed = format!("translate({QUIET} {QUIET})");
    vec![ground, modules.with(Attribute::Transform, placed)]
}

fn drawing_paths(drawing: &Drawing) -> Vec<Element> {
    let shape = |shape: &Shape| {
        let Colour(red, green, blue) = shape.colour;
        let d = written(|d| {
            for stroke in &shape.path {
                match stroke {
                    Stroke::Move(x, y) => write!(d, "M{x} {y}")?,
                    Stroke::Line(x, y) => write!(d, "L{x} {y}")?,
                    Stroke::Curve(x1, y1, x2, y2, x, y) => write!(d, "C{x1} {y1} {x2} {y2} {x} {y}")?,
                    Stroke::Close => d.push('Z'),
                }
            }
            Ok(())
        });
        let path = path(format!("#{red:02X}{green:02X}{blue:02X}"), d);
        if shape.even_odd {
            path.with(Attribute::FillRule, "evenodd")
        } else {
            path
        }
    };
    drawing.shapes.iter().map(shape).collect()
}

fn path(fill: String, d: String) -> Element {
    Element::new(Tag::Path, Vec::new())
        .with(Attribute::Fill, fill)
        .with(Attribute::D, d)
}

fn written(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut text = String::new();
    write(&mut text).expect("a String takes everything");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::testing::{arbitrary, examples};
    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::events::Event;

    /// What the page says, one item for each heading, paragraph, list, table and figure; panics where it is not well-formed.
    fn heard(html: &str) -> Vec<String> {
        let mut reader = Reader::from_str(html);
        reader.config_mut().check_end_names = true;
        let (mut blocks, mut parts, mut open) = (Vec::new(), Vec::<String>::new(), 0_usize);
        loop {
            match reader.read_event().expect("well-formed") {
                Event::Start(element) => {
                    open += 1;
                    let names = [
                        "h1", "h2", "h3", "h4", "h5", "h6", "p", "dt", "dd", "caption", "th", "td", "title",
                    ];
                    if names.iter().any(|name| element.name().as_ref() == *name) {
                        parts.push(String::new());
                    }
                }
                Event::Text(text) => parts
                    .last_mut()
                    .expect("no text outside of a block")
                    .push_str(&text),
                Event::GeneralRef(reference) => {
                    let character = match &*reference {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "#39" => '\'',
                        other => panic!("{other}"),
                    };
                    parts.last_mut().unwrap().push(character);
                }
                Event::End(element) => {
                    open -= 1;
                    let whole = ["h1", "h2", "h3", "h4", "h5", "h6", "p", "dl", "table", "figure"];
                    if whole.iter().any(|name| element.name().as_ref() == *name) {
                        let said: Vec<String> = parts.drain(..).filter(|part| !part.is_empty()).collect();
                        blocks.push(said.join(" "));
                    }
                }
                Event::Empty(_) => {}
                Event::Eof => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(open, 0, "every element is closed");
        blocks
    }

    #[test]
    fn every_example_says_on_the_page_what_its_model_says() {
        for (name, document) in examples() {
            assert_eq!(heard(&html(&document)), document.reading(), "{name}");
        }
    }

    #[test]
    fn no_style_and_no_script_stands_in_the_page() {
        for (name, document) in examples() {
            let html = html(&document);
            for forbidden in [" style=", "<style", "<script", " on"] {
                let tags = html
                    .split('<')
                    .filter_map(|part| part.split_once('>').map(|(tag, _)| tag));
                let inside = tags
                    .filter(|tag| !tag.starts_with("path"))
                    .any(|tag| format!("<{tag}").contains(forbidden));
                assert!(!inside, "{name}: {forbidden}");
            }
        }
    }

    #[test]
    fn the_tree_crosses_to_the_browser_and_back() {
        for (name, document) in examples() {
            let tree = view(&document);
            let sent = serde_json::to_string(&tree).unwrap();
            assert_eq!(serde_json::from_str::<Element>(&sent).unwrap(), tree, "{name}");
        }
    }

    #[test]
    fn headings_take_their_place_under_the_page_s() {
        let (_, document) = &examples()[0];
        assert!(html(document).contains("<h1>"));
        let below = html_below(document, 1);
        assert!(!below.contains("<h1>") && below.contains("<h2>") && below.contains("<h3>"));
        assert!(html_below(document, u8::MAX).contains("<h6>"));
    }

    #[test]
    fn blocks_deeper_than_the_bound_are_neither_shown_nor_read() {
        let (_, mut document) = examples().swap_remove(0);
        let mut block = Block::Paragraph {
            style: crate::model::Style::new(crate::model::Face::Regular, crate::Length::pt(8)),
            text: Text::plain("deep"),
        };
        for _ in 0..DEPTH_MAX {
            block = Block::Together(vec![block]);
        }
        let blocks = vec![block];
        document.body = crate::model::Body::Flow {
            blocks,
            foot: String::new(),
        };
        assert!(document.reading().is_empty() && !html(&document).contains("deep"));
    }

    proptest! {
        #[test]
        fn any_receipt_says_on_the_page_what_its_model_says(receipt in arbitrary::receipt()) {
            for language in [Language::It, Language::En] {
                let document = crate::receipt::document(&receipt, language, None);
                prop_assert_eq!(heard(&html(&document)), document.reading());
            }
        }

        #[test]
        fn any_notice_says_on_the_page_what_its_model_says(notice in arbitrary::notice()) {
            let document = crate::notice::document(&notice)?.document;
            prop_assert_eq!(heard(&html(&document)), document.reading());
        }
    }
}
