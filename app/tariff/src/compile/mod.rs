//! The compiler of tariff files: TOML in, checked tariffs out, or mistakes with line, column and what to do.
//!
//! Implements section 4 of the tariff specification. Three levels, each needing the one before: a file by itself
//! ([`compile`]), the versions of a tariff together ([`check_versions`]), and what a person should look at
//! ([`remarks`]).

mod bounds;
mod check;
mod examples;
mod jumps;
mod lock;
mod mistake;
mod parse;
mod probe;
mod read;
mod source;
mod tables;
mod taxonomy;
mod templates;

pub use crate::answers::answers_from_json;
pub use examples::Example;
pub use jumps::{Jump, jumps};
pub use lock::{Lock, LockError};
pub use mistake::{MISTAKES_MAX, Mistake};
pub use probe::{Remark, remarks};
pub use source::FILE_BYTES_MAX;
pub use taxonomy::{Code as TaxonomyCode, VERSION as TAXONOMY_VERSION, codes as taxonomy_codes};

use crate::model::{Tariff, versions_in_force};
use sha2::{Digest, Sha256};
use source::{Section, Source, position};
use std::collections::BTreeMap;

/// A file that compiles: the tariff, and what only its authors need.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The file's name, for messages.
    pub file: String,
    /// What the evaluator reads.
    pub tariff: Tariff,
    /// Its worked examples.
    pub examples: Vec<Example>,
    /// Where each name stands: line and column.
    places: BTreeMap<String, (usize, usize)>,
}

impl Compiled {
    /// A mistake at the place of a name; at the beginning of the file when it has none.
    fn wrong(&self, name: &str, what: String, how: &str) -> Mistake {
        let (line, column) = self.places.get(name).copied().unwrap_or((1, 1));
        Mistake {
            file: self.file.clone(),
            line,
            column,
            what,
            how: how.to_owned(),
        }
    }
}

/// SHA-256 of a file's bytes, in small hexadecimal digits.
pub fn digest(text: &str) -> String {
    use std::fmt::Write as _;
    let bytes: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    bytes.iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A tariff as canonical JSON: what is published for other programs to read, always spelled alike. Keys stand in the order
/// of the model, numbers and amounts are texts.
///
/// # Errors
/// None that a compiled tariff causes.
pub fn canonical_json(tariff: &Tariff) -> serde_json::Result<String> {
    serde_json::to_string(tariff)
}

/// Compiles one file. Its examples are read, and run by [`check_versions`].
///
/// # Errors
/// Every mistake found, in the order of the file.
pub fn compile(file: &str, text: &str) -> Result<Compiled, Vec<Mistake>> {
    let source = Source::new(file, text);
    let Some(table) = source.parse() else {
        return Err(source.into_mistakes());
    };
    let top = Section::new(&source, "the file", table.get_ref(), 0);
    let tariff = read::read(&top, &digest(text));
    let examples = examples::read(&top);
    match tariff {
        Some(tariff) if source.is_clean() => Ok(Compiled {
            file: file.to_owned(),
            tariff,
            examples,
            places: places(&top, text),
        }),
        Some(_) | None => {
            if source.is_clean() {
                source.wrong(0, "the file is not a tariff", "see the guide");
            }
            Err(source.into_mistakes())
        }
    }
}

fn places(top: &Section<'_, '_>, text: &str) -> BTreeMap<String, (usize, usize)> {
    let mut places = BTreeMap::new();
    for (key, name) in [
        ("input", "id"),
        ("step", "id"),
        ("line", "id"),
        ("beneficiary", "id"),
        ("require", "code"),
        ("exempt", "code"),
        ("example", "name"),
    ] {
        for section in top.sections(key, "a section", usize::MAX) {
            if let Some(id) = section.text_if(name) {
                places
                    .entry(id.to_owned())
                    .or_insert_with(|| position(text, section.place(name)));
            }
        }
    }
    if let Some(tables) = top.section_if("table", "[table]") {
        for (id, at, _) in tables.entries() {
            places.entry(id.to_owned()).or_insert_with(|| position(text, at));
        }
    }
    for law in top.sections("legal", "a section", usize::MAX) {
        if let Some(id) = law.text_if("id") {
            places.insert(format!("/legal/{id}"), position(text, law.place("id")));
        }
    }
    for key in ["valid_from", "replaces", "selected_by", "id"] {
        places.insert(format!("/{key}"), position(text, top.place(key)));
    }
    places
}

/// Checks the versions of each tariff together: no two in force on a day, one way to pick them, every example as it
/// says, no rates that do not work.
pub fn check_versions(files: &[Compiled]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for versions in by_id(files).into_values() {
        mistakes.extend(together(&versions));
        let tariffs: Vec<&Tariff> = versions.iter().map(|file| &file.tariff).collect();
        let counting = versions_in_force(&tariffs);
        for file in &versions {
            let is_corrected = !counting.iter().any(|tariff| tariff.digest == file.tariff.digest);
            let alone = [&file.tariff];
            mistakes.extend(examples::run(file, if is_corrected { &alone } else { &counting }));
            mistakes.extend(probe::faults(file));
        }
    }
    mistakes
}

/// The files of each tariff, by its id, the first version first.
pub fn by_id(files: &[Compiled]) -> BTreeMap<&str, Vec<&Compiled>> {
    let mut ids: BTreeMap<&str, Vec<&Compiled>> = BTreeMap::new();
    for file in files {
        ids.entry(&file.tariff.id).or_default().push(file);
    }
    for versions in ids.values_mut() {
        versions.sort_by(|a, b| {
            (a.tariff.valid_from, &a.tariff.version).cmp(&(b.tariff.valid_from, &b.tariff.version))
        });
    }
    ids
}

fn together(versions: &[&Compiled]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let corrected = |file: &Compiled| {
        versions
            .iter()
            .any(|other| other.tariff.replaces.as_deref() == Some(&file.tariff.digest))
    };
    let counting: Vec<&&Compiled> = versions.iter().filter(|file| !corrected(file)).collect();
    for pair in counting.windows(2) {
        let [earlier, later] = pair else { continue };
        let ends = earlier.tariff.valid_to;
        if ends.is_none_or(|ends| ends >= later.tariff.valid_from) {
            mistakes.push(later.wrong(
                "/valid_from",
                format!(
                    "{} is in force from {} and so is {}",
                    later.tariff.id, later.tariff.valid_from, earlier.file
                ),
                "close the earlier one with `valid_to`, or say that this one corrects it with `replaces`",
            ));
        }
        if earlier.tariff.selected_by != later.tariff.selected_by {
            mistakes.push(later.wrong(
                "/selected_by",
                format!(
                    "{} is picked by another date than in {}",
                    later.tariff.id, earlier.file
                ),
                "one date picks the version: it is the same in all of them",
            ));
        }
    }
    for file in versions {
        let Some(digest) = &file.tariff.replaces else {
            continue;
        };
        if !versions.iter().any(|other| other.tariff.digest == *digest) {
            mistakes.push(file.wrong(
                "/replaces",
                format!("no version of {} has the digest it replaces", file.tariff.id),
                "copy the digest of the version from `tariffs.lock`",
            ));
        }
    }
    mistakes
}
