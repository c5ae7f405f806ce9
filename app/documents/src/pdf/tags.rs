//! The structure of a document, which programs that read aloud follow (ISO 32000-1, 14.7 and 14.8; ISO 14289-1).

use super::file::{File, Id};
use super::numbers::push_text;
use crate::Language;
use std::fmt::Write as _;
use std::io::{self, Write};

/// An element of the structure, by its place in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ElementId(usize);

/// The structure of one document.
#[derive(Debug)]
pub(super) struct Tree {
    elements: Vec<Element>,
}

#[derive(Debug)]
struct Element {
    tag: &'static str,
    parent: Option<ElementId>,
    /// Entries of its dictionary beside the usual ones.
    entries: String,
    kids: Vec<Kid>,
}

#[derive(Debug, Clone, Copy)]
enum Kid {
    Element(ElementId),
    Content { page: usize, mark: usize },
}

impl Tree {
    /// A document's root.
    pub(super) const ROOT: ElementId = ElementId(0);

    /// A tree with a root of this kind.
    pub(super) fn new(tag: &'static str, entries: String) -> Self {
        let root = Element {
            tag,
            parent: None,
            entries,
            kids: Vec::new(),
        };
        Self { elements: vec![root] }
    }

    /// Adds an element at the end of another.
    pub(super) fn add(&mut self, parent: ElementId, tag: &'static str) -> ElementId {
        self.add_with(parent, tag, String::new())
    }

    /// Adds an element with further entries.
    pub(super) fn add_with(&mut self, parent: ElementId, tag: &'static str, entries: String) -> ElementId {
        let id = ElementId(self.elements.len());
        self.elements.push(Element {
            tag,
            parent: Some(parent),
            entries,
            kids: Vec::new(),
        });
        self.elements[parent.0].kids.push(Kid::Element(id));
        id
    }

    /// Adds content of a page to an element; the page knows it by `mark`.
    pub(super) fn add_content(&mut self, element: ElementId, page: usize, mark: usize) {
        self.elements[element.0].kids.push(Kid::Content { page, mark });
    }

    /// An element's tag.
    pub(super) fn tag(&self, element: ElementId) -> &'static str {
        self.elements[element.0].tag
    }

    /// Writes the elements, under `parent`. `pages` are the document's pages and `marks` says for each which elements its
    /// marks belong to. Returns the root and, for each page, the object that leads from its marks to their elements.
    pub(super) fn write<W: Write>(
        &self,
        file: &mut File<W>,
        parent: Id,
        pages: &[Id],
        marks: &[Vec<ElementId>],
    ) -> io::Result<(Id, Vec<Id>)> {
        let id = file.reserve_all(self.elements.len());
        for (index, element) in self.elements.iter().enumerate() {
            let parent = element.parent.map_or(parent, |parent| id(parent.0));
            let mut body = format!("<</S/{}/P {parent}{}", element.tag, element.entries);
            let own_page = element.kids.iter().find_map(|kid| match kid {
                Kid::Content { page, .. } => Some(*page),
                Kid::Element(_) => None,
            });
            if let Some(page) = own_page {
                let _ = write!(body, "/Pg {}", pages[page]);
            }
            body.push_str("/K[");
            for kid in &element.kids {
                let _ = match kid {
                    Kid::Element(kid) => write!(body, "{} ", id(kid.0)),
                    Kid::Content { page, mark } if Some(*page) == own_page => write!(body, "{mark} "),
                    Kid::Content { page, mark } => {
                        write!(body, "<</Type/MCR/Pg {}/MCID {mark}>>", pages[*page])
                    }
                };
            }
            body.push_str("]>>");
            file.object(id(index), &body)?;
        }
        let mut ways = Vec::with_capacity(marks.len());
        for of_page in marks {
            let way = file.reserve();
            let mut body = String::from("[");
            for element in of_page {
                let _ = write!(body, "{} ", id(element.0));
            }
            body.push(']');
            file.object(way, &body)?;
            ways.push(way);
        }
        Ok((id(0), ways))
    }
}

/// The entry that names an element's language.
pub(super) fn language(language: Language) -> String {
    format!("/Lang({})", language.tag())
}

/// An entry whose value is a text.
pub(super) fn text_entry(key: &str, text: &str) -> String {
    let mut entry = format!("/{key}");
    push_text(&mut entry, text);
    entry
}
