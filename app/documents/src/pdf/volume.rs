//! One file of one or many documents, written as they come: the memory of one document is enough for a thousand.

use super::RenderError;
use super::content::{PAGE_HEIGHT, PAGE_WIDTH};
use super::faces::UsedFaces;
use super::file::{File, Id};
use super::metadata;
use super::numbers::{push_length, push_text};
use super::setter::{self, Bookmark};
use super::tags::{Tree, language, text_entry};
use crate::font::Fonts;
use crate::model::Attachment;
use crate::{Document, Language, Length};
use chrono::{DateTime, Utc};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The colour space colours are meant in.
const COLOUR_SPACE: &[u8] = include_bytes!("../../colour/sRGB.icc");
/// Pages under one node of the tree of pages.
const PAGES_OF_A_NODE: usize = 64;

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Its title.
    pub title: String,
    /// What it is about.
    pub subject: String,
    /// Who issues it.
    pub author: String,
    /// The language it is in.
    pub language: Language,
    /// When what it says was true.
    pub dated: DateTime<Utc>,
    /// Files go with it. Only then it is PDF/A-3a.
    pub has_attachments: bool,
}

impl About {
    /// Of a file with one document.
    pub fn document(document: &Document) -> Self {
        Self {
            title: document.title.clone(),
            subject: document.subject.clone(),
            author: document.author.clone(),
            language: document.language,
            dated: document.dated,
            has_attachments: !document.attachments.is_empty(),
        }
    }
}

/// A file of documents, one after the other.
#[derive(Debug)]
pub struct Volume<'a, W> {
    file: File<W>,
    about: About,
    fonts: &'a Fonts,
    faces: UsedFaces,
    resources: Id,
    structure: Id,
    root: Id,
    pages: Pages,
    /// Roots of the documents' structures.
    documents: Vec<Id>,
    /// For each page, the object that leads from its marks to their elements.
    ways: Vec<Id>,
    bookmarks: Vec<(Id, Bookmark)>,
    attachments: Vec<(String, Id)>,
}

/// The tree of pages, of two levels.
#[derive(Debug)]
struct Pages {
    root: Id,
    nodes: Vec<(Id, Vec<Id>)>,
    count: usize,
}

impl Pages {
    /// A number for the next page, and that of its node.
    fn next<W: Write>(&mut self, file: &mut File<W>) -> (Id, Id) {
        if self.count.is_multiple_of(PAGES_OF_A_NODE) {
            self.nodes
                .push((file.reserve(), Vec::with_capacity(PAGES_OF_A_NODE)));
        }
        self.count += 1;
        let page = file.reserve();
        let (node, pages) = self.nodes.last_mut().expect("one was just made");
        pages.push(page);
        (page, *node)
    }

    fn write<W: Write>(&self, file: &mut File<W>) -> io::Result<()> {
        for (node, pages) in &self.nodes {
            let body = format!(
                "<</Type/Pages/Parent {}/Count {}/Kids[{}]>>",
                self.root,
                pages.len(),
                listed(pages)
            );
            file.object(*node, &body)?;
        }
        let nodes: Vec<Id> = self.nodes.iter().map(|(node, _)| *node).collect();
        let body = format!("<</Type/Pages/Count {}/Kids[{}]>>", self.count, listed(&nodes));
        file.object(self.root, &body)
    }
}

fn listed(ids: &[Id]) -> String {
    ids.iter().fold(String::new(), |mut list, id| {
        let _ = write!(list, "{id} ");
        list
    })
}

impl<'a, W: Write> Volume<'a, W> {
    /// Begins a file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(sink: W, about: About, fonts: &'a Fonts) -> Result<Self, RenderError> {
        let mut file = File::new(sink)?;
        let (resources, structure, root) = (file.reserve(), file.reserve(), file.reserve());
        let pages = Pages {
            root: file.reserve(),
            nodes: Vec::new(),
            count: 0,
        };
        Ok(Self {
            file,
            about,
            fonts,
            faces: UsedFaces::default(),
            resources,
            structure,
            root,
            pages,
            documents: Vec::new(),
            ways: Vec::new(),
            bookmarks: Vec::new(),
            attachments: Vec::new(),
        })
    }

    /// How many pages there are.
    pub fn page_count(&self) -> usize {
        self.pages.count
    }

    /// Adds a document, from a page of its own on. Returns how many pages it takes.
    ///
    /// # Errors
    /// It cannot be drawn whole: then nothing of it is in the file, which goes on. Or the file cannot be written.
    pub fn add(&mut self, document: &Document) -> Result<usize, RenderError> {
        let mut entries = text_entry("T", &document.title);
        if document.language != self.about.language {
            entries.push_str(&language(document.language));
        }
        let set = setter::set(document, Tree::new("Part", entries), self.fonts)?;
        if set.pages.is_empty() {
            return Err(RenderError::Empty);
        }
        self.faces.add(&mut self.file, &set.drawn);
        let first = self.pages.count;
        let mut ids = Vec::with_capacity(set.pages.len());
        let mut marks = Vec::with_capacity(set.pages.len());
        for (index, page) in set.pages.into_iter().enumerate() {
            let (id, node) = self.pages.next(&mut self.file);
            let content = self.file.reserve();
            self.file.stream(content, "", page.content.bytes())?;
            let mut body = format!("<</Type/Page/Parent {node}/MediaBox[0 0 ");
            push_length(&mut body, PAGE_WIDTH);
            body.push(' ');
            push_length(&mut body, PAGE_HEIGHT);
            let _ = write!(
                body,
                "]/Resources {}/Contents {content}/StructParents {}/Tabs/S>>",
                self.resources,
                first + index
            );
            self.file.object(id, &body)?;
            ids.push(id);
            marks.push(page.marks);
        }
        let (root, ways) = set.tree.write(&mut self.file, self.root, &ids, &marks)?;
        self.documents.push(root);
        self.ways.extend(ways);
        self.bookmarks.extend(
            set.bookmarks
                .into_iter()
                .map(|bookmark| (ids[bookmark.page], bookmark)),
        );
        for attachment in &document.attachments {
            self.attach(attachment)?;
        }
        Ok(ids.len())
    }

    fn attach(&mut self, attachment: &Attachment) -> io::Result<()> {
        let (specification, content) = (self.file.reserve(), self.file.reserve());
        let media_type = attachment.media_type.replace('/', "#2F");
        let entries = format!(
            "/Type/EmbeddedFile/Subtype/{media_type}/Params<</Size {}/ModDate({})>>",
            attachment.bytes.len(),
            metadata::date(attachment.dated)
        );
        self.file.stream(content, &entries, &attachment.bytes)?;
        let mut body = format!("<</Type/Filespec/AFRelationship/Source/EF<</F {content}/UF {content}>>");
        for (key, value) in [
            ("F", &attachment.name),
            ("UF", &attachment.name),
            ("Desc", &attachment.description),
        ] {
            body.push_str(&text_entry(key, value));
        }
        body.push_str(">>");
        self.file.object(specification, &body)?;
        self.attachments.push((attachment.name.clone(), specification));
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// It has no document, or cannot be written.
    pub fn finish(mut self) -> Result<W, RenderError> {
        if self.documents.is_empty() {
            return Err(RenderError::Empty);
        }
        let file = &mut self.file;
        self.pages.write(file)?;
        file.object(self.resources, &self.faces.resources())?;
        self.faces.write(file, self.fonts)?;
        file.object(
            self.root,
            &format!(
                "<</S/Document/P {}/K[{}]>>",
                self.structure,
                listed(&self.documents)
            ),
        )?;
        let mut ways = String::new();
        for (page, way) in self.ways.iter().enumerate() {
            let _ = write!(ways, "{page} {way} ");
        }
        file.object(
            self.structure,
            &format!(
                "<</Type/StructTreeRoot/K {}/ParentTree<</Nums[{ways}]>>/ParentTreeNextKey {}>>",
                self.root,
                self.ways.len()
            ),
        )?;
        let outline = write_outline(file, &self.bookmarks)?;
        let (catalogue, information, packet, colours) =
            (file.reserve(), file.reserve(), file.reserve(), file.reserve());
        file.object(information, &metadata::information(&self.about))?;
        let archive_part = if self.about.has_attachments { 3 } else { 2 };
        // Not compressed: programs that know nothing of PDF look for it.
        let xmp = metadata::packet(&self.about, archive_part);
        file.plain_stream(packet, "/Type/Metadata/Subtype/XML", xmp.as_bytes())?;
        file.stream(colours, "/N 3", COLOUR_SPACE)?;
        let mut body = format!(
            "<</Type/Catalog/Pages {}/Lang({})/MarkInfo<</Marked true>>/ViewerPreferences<</DisplayDocTitle true>>\
             /StructTreeRoot {}/Metadata {packet}/Outlines {outline}/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1\
             /OutputConditionIdentifier(sRGB)/Info(sRGB)/DestOutputProfile {colours}>>]",
            self.pages.root,
            self.about.language.tag(),
            self.structure
        );
        if !self.attachments.is_empty() {
            self.attachments.sort_by(|(left, _), (right, _)| left.cmp(right));
            let specifications: Vec<Id> = self.attachments.iter().map(|(_, id)| *id).collect();
            let _ = write!(
                body,
                "/AF[{}]/Names<</EmbeddedFiles<</Names[",
                listed(&specifications)
            );
            for (name, id) in &self.attachments {
                push_text(&mut body, name);
                let _ = write!(body, "{id} ");
            }
            body.push_str("]>>>>");
        }
        body.push_str(">>");
        file.object(catalogue, &body)?;
        let identity = file.fingerprint().digits();
        let entries = format!("/Root {catalogue}/Info {information}/ID[<{identity}><{identity}>]");
        Ok(self.file.finish(&entries)?)
    }
}

/// Writes the outline: headings under those of the level above.
fn write_outline<W: Write>(file: &mut File<W>, bookmarks: &[(Id, Bookmark)]) -> io::Result<Id> {
    let outline = file.reserve();
    let id = file.reserve_all(bookmarks.len());
    let level = |index: usize| bookmarks[index].1.level;
    let mut parents: Vec<Option<usize>> = Vec::with_capacity(bookmarks.len());
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); bookmarks.len()];
    let mut top = Vec::new();
    for index in 0..bookmarks.len() {
        let mut parent = index.checked_sub(1);
        while let Some(candidate) = parent
            && level(candidate) >= level(index)
        {
            parent = parents[candidate];
        }
        parents.push(parent);
        match parent {
            Some(parent) => children[parent].push(index),
            None => top.push(index),
        }
    }
    let ends = |of: &[usize]| match (of.first(), of.last()) {
        (Some(first), Some(last)) => format!("/First {}/Last {}", id(*first), id(*last)),
        _ => String::new(),
    };
    for siblings in std::iter::once(&top).chain(&children) {
        for (place, index) in siblings.iter().enumerate() {
            let (page, bookmark) = &bookmarks[*index];
            let mut body = text_entry("Title", &bookmark.title);
            body.insert_str(0, "<<");
            let parent = parents[*index].map_or(outline, &id);
            let _ = write!(body, "/Parent {parent}/Dest[{page}/XYZ 0 ");
            push_length(&mut body, PAGE_HEIGHT - bookmark.y + Length::mm(2));
            body.push_str(" 0]");
            if place > 0 {
                let _ = write!(body, "/Prev {}", id(siblings[place - 1]));
            }
            if let Some(next) = siblings.get(place + 1) {
                let _ = write!(body, "/Next {}", id(*next));
            }
            if !children[*index].is_empty() {
                // Closed: readers show the headings below when they are asked for.
                let _ = write!(
                    body,
                    "{}/Count -{}",
                    ends(&children[*index]),
                    children[*index].len()
                );
            }
            body.push_str(">>");
            file.object(id(*index), &body)?;
        }
    }
    let body = format!("<</Type/Outlines{}/Count {}>>", ends(&top), top.len());
    file.object(outline, &body)?;
    Ok(outline)
}
