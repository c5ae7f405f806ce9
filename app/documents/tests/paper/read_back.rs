//! A file read back: by its structure, as screen readers do, and by a validator.

use documents::font::{Fonts, tier_for};
use documents::{Document, pdf};
use lopdf::content::Content;
use lopdf::{Dictionary, Object, ObjectId};
use page_validation::{SafetyLimits, ValidationOptions, ValidationProfile, validate_pdf_bytes};
use std::collections::HashMap;

/// The file of a document.
pub(crate) fn render(document: &Document) -> Vec<u8> {
    pdf::render(document, Fonts::of(tier_for(document.texts(), Fonts::core())))
        .expect("a document that can be drawn")
}

/// What a validator finds wrong in a file.
pub(crate) fn findings(bytes: &[u8], archive: ValidationProfile) -> Vec<String> {
    [ValidationProfile::PdfUa1, archive]
        .into_iter()
        .flat_map(|profile| {
            // A volume has more bookmarks one after the other than a validator of strangers' files follows.
            let limits = SafetyLimits::default().with_max_reference_depth(10_000);
            let options = ValidationOptions::default().profile(profile).limits(limits);
            let report = validate_pdf_bytes(bytes, &options).expect("a file that can be read");
            report
                .failures
                .into_iter()
                .map(move |failure| format!("{profile:?}: {failure:?}"))
        })
        .collect()
}

/// The elements of a file that say something, in the order of its structure.
pub(crate) fn heard(bytes: &[u8]) -> Vec<Heard> {
    let file = lopdf::Document::load_mem(bytes).expect("a file");
    Reader::new(&file).heard()
}

/// How many pages a file has.
pub(crate) fn pages(bytes: &[u8]) -> usize {
    lopdf::Document::load_mem(bytes)
        .expect("a file")
        .page_iter()
        .count()
}

/// An element of a file's structure: its tag, what it says, and its attributes.
pub(crate) struct Heard {
    pub(crate) tag: String,
    pub(crate) text: String,
    pub(crate) scope: Option<String>,
}

/// A file read the way screen readers do: by its structure.
struct Reader<'a> {
    file: &'a lopdf::Document,
    /// What each mark of each page shows.
    marked: HashMap<(ObjectId, i64), String>,
}

fn name(object: &Object) -> String {
    String::from_utf8_lossy(object.as_name().expect("a name")).into_owned()
}

impl<'a> Reader<'a> {
    fn new(file: &'a lopdf::Document) -> Self {
        let mut marked = HashMap::new();
        for page in file.page_iter() {
            let fonts: HashMap<Vec<u8>, HashMap<u16, String>> = file
                .get_page_fonts(page)
                .expect("fonts of a page")
                .into_iter()
                .map(|(name, font)| (name, characters(file, font)))
                .collect();
            let content = Content::decode(&file.get_page_content(page)).expect("content");
            let mut mark = None;
            let mut font = None;
            for operation in content.operations {
                match operation.operator.as_str() {
                    "BDC" => {
                        mark = operation.operands[1]
                            .as_dict()
                            .and_then(|entries| entries.get(b"MCID"))
                            .and_then(Object::as_i64)
                            .ok();
                    }
                    "EMC" => mark = None,
                    "Tf" => font = fonts.get(operation.operands[0].as_name().expect("a font's name")),
                    "TJ" => {
                        let Some(mark) = mark else { continue };
                        let text: &mut String = marked.entry((page, mark)).or_default();
                        for part in operation.operands[0].as_array().expect("parts") {
                            if let Object::String(glyphs, _) = part {
                                for glyph in glyphs.chunks(2) {
                                    let glyph = u16::from_be_bytes([glyph[0], glyph[1]]);
                                    text.push_str(&font.expect("a font is set")[&glyph]);
                                }
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        Self { file, marked }
    }

    fn dictionary(&self, object: &'a Object) -> &'a Dictionary {
        let (_, object) = self.file.dereference(object).expect("an object");
        object.as_dict().expect("a dictionary")
    }

    /// The elements that say something, in the order of the structure.
    fn heard(&self) -> Vec<Heard> {
        let catalogue = self.file.catalog().expect("a catalogue");
        let root = self.dictionary(catalogue.get(b"StructTreeRoot").expect("a structure"));
        let mut heard = Vec::new();
        self.element(
            self.dictionary(root.get(b"K").expect("a root element")),
            &mut heard,
        );
        heard
    }

    fn element(&self, element: &'a Dictionary, heard: &mut Vec<Heard>) {
        let tag = name(element.get(b"S").expect("a tag"));
        if tag == "Figure" {
            let alternative = element.get(b"Alt").and_then(lopdf::decode_text_string);
            heard.push(Heard {
                tag,
                text: alternative.expect("an alternative"),
                scope: None,
            });
            return;
        }
        let scope = element
            .get(b"A")
            .and_then(Object::as_dict)
            .and_then(|attributes| attributes.get(b"Scope"))
            .map(name)
            .ok();
        let holds_text = matches!(
            tag.as_str(),
            "H1" | "H2" | "H3" | "P" | "Lbl" | "LBody" | "Caption" | "TH" | "TD"
        );
        if holds_text {
            let mut text = String::new();
            self.text(element, &mut text);
            heard.push(Heard { tag, text, scope });
            return;
        }
        for kid in self.kids(element) {
            self.element(self.dictionary(kid), heard);
        }
    }

    fn kids(&self, element: &'a Dictionary) -> Vec<&'a Object> {
        match element.get(b"K").map(|kids| self.file.dereference(kids)) {
            Ok(Ok((_, Object::Array(kids)))) => kids.iter().collect(),
            Ok(Ok((_, _))) => vec![element.get(b"K").expect("kids")],
            _ => Vec::new(),
        }
    }

    fn text(&self, element: &'a Dictionary, text: &mut String) {
        let page = element.get(b"Pg").and_then(Object::as_reference).ok();
        for kid in self.kids(element) {
            if let Ok(mark) = kid.as_i64() {
                text.push_str(&self.marked[&(page.expect("a page"), mark)]);
                continue;
            }
            let kid = self.dictionary(kid);
            if let Ok(mark) = kid.get(b"MCID").and_then(Object::as_i64) {
                let page = kid.get(b"Pg").and_then(Object::as_reference).expect("a page");
                text.push_str(&self.marked[&(page, mark)]);
            } else {
                self.text(kid, text);
            }
        }
    }
}

/// What each glyph of a font stands for, by its map.
fn characters(file: &lopdf::Document, font: &Dictionary) -> HashMap<u16, String> {
    let (_, map) = file
        .dereference(font.get(b"ToUnicode").expect("a map to characters"))
        .expect("an object");
    let map = map
        .as_stream()
        .and_then(lopdf::Stream::decompressed_content)
        .expect("a stream");
    let map = String::from_utf8(map).expect("text");
    let hexadecimal = |text: &str| {
        let digits = text.trim_matches(['<', '>']);
        digits
            .as_bytes()
            .chunks(4)
            .map(|unit| u16::from_str_radix(str::from_utf8(unit).expect("digits"), 16).expect("digits"))
            .collect::<Vec<_>>()
    };
    map.lines()
        .filter(|line| line.starts_with('<') && line.matches('<').count() == 2 && *line != "<0000> <FFFF>")
        .map(|line| {
            let (glyph, character) = line.split_once(' ').expect("a pair");
            let character = String::from_utf16(&hexadecimal(character)).expect("characters");
            (hexadecimal(glyph)[0], character)
        })
        .collect()
}
