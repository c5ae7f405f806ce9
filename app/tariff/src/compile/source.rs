//! The file as TOML with positions: sections that know which keys they may have and where each stands.

use super::mistake::{MISTAKES_MAX, Mistake, nearest};
use crate::answers::read_date;
use crate::number::Number;
use crate::text::Text;
use chrono::NaiveDate;
use std::cell::RefCell;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// Bytes of a file at most.
pub const FILE_BYTES_MAX: usize = 512 * 1024;

/// A place in the file: its first byte.
pub(crate) type Place = usize;

/// A file being read, and what is wrong with it so far.
pub(crate) struct Source<'a> {
    file: &'a str,
    text: &'a str,
    mistakes: RefCell<Vec<Mistake>>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            mistakes: RefCell::default(),
        }
    }

    /// The mistakes, in the order of the file.
    pub(crate) fn into_mistakes(self) -> Vec<Mistake> {
        let mut mistakes = self.mistakes.into_inner();
        mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
        mistakes.dedup();
        mistakes
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.mistakes.borrow().is_empty()
    }

    /// Notes a mistake at a place.
    pub(crate) fn wrong(&self, at: Place, what: impl Into<String>, how: impl Into<String>) {
        let mut mistakes = self.mistakes.borrow_mut();
        if mistakes.len() < MISTAKES_MAX {
            let (line, column) = position(self.text, at);
            mistakes.push(Mistake {
                file: self.file.to_owned(),
                line,
                column,
                what: what.into(),
                how: how.into(),
            });
        }
    }

    /// The file as a table. `None` when it is not TOML.
    pub(crate) fn parse(&self) -> Option<Spanned<DeTable<'a>>> {
        if self.text.len() > FILE_BYTES_MAX {
            self.wrong(
                0,
                "the file is too large",
                format!("a tariff has at most {FILE_BYTES_MAX} bytes"),
            );
            return None;
        }
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let at = error.span().map_or(0, |span| span.start);
            self.wrong(
                at,
                format!("not TOML: {}", error.message()),
                "see the guide for how keys, texts and lists are written",
            );
        }
        errors.is_empty().then_some(table)
    }

    /// Where a byte inside a text value stands in the file.
    pub(crate) fn inside(&self, value: &Range<usize>, offset: usize) -> Place {
        let raw = self.text.get(value.clone()).unwrap_or_default();
        (value.start + raw_offset(raw, offset)).min(value.end)
    }
}

/// Where a byte of a text stands in how TOML writes it, quotes, escapes and folded lines counted.
fn raw_offset(raw: &str, offset: usize) -> usize {
    let has_escapes = raw.starts_with('"');
    let over_lines = raw.starts_with("\"\"\"") || raw.starts_with("'''");
    let mut at = if over_lines { 3 } else { 1 };
    if over_lines {
        // The first line break of a text over several lines is not part of it.
        let rest = raw.get(at..).unwrap_or_default();
        at += ["\r\n", "\n"]
            .iter()
            .find(|end| rest.starts_with(**end))
            .map_or(0, |end| end.len());
    }
    let mut read = 0;
    loop {
        let rest = raw.get(at..).unwrap_or_default();
        let folded = has_escapes && over_lines && is_fold(rest);
        if folded {
            let next = rest[1..].find(|c: char| !c.is_whitespace());
            at += next.map_or(rest.len(), |next| next + 1);
            continue;
        }
        if read >= offset {
            return at;
        }
        let Some(first) = rest.chars().next() else {
            return at;
        };
        let (written, meant) = if has_escapes && first == '\\' {
            escape(rest)
        } else {
            (first.len_utf8(), first.len_utf8())
        };
        at += written;
        read += meant;
    }
}

/// A backslash at the end of a line: it and the white space after it are not part of the text.
fn is_fold(rest: &str) -> bool {
    rest.strip_prefix('\\')
        .is_some_and(|after| after.trim_start_matches([' ', '\t']).starts_with(['\n', '\r']))
}

/// Bytes an escape takes in the file, and bytes of what it stands for.
fn escape(rest: &str) -> (usize, usize) {
    let digits = match rest.as_bytes().get(1) {
        Some(b'x') => 2,
        Some(b'u') => 4,
        Some(b'U') => 8,
        Some(_) => return (2, 1),
        None => return (1, 1),
    };
    let code = rest.get(2..2 + digits);
    let letter = code
        .and_then(|code| u32::from_str_radix(code, 16).ok())
        .and_then(char::from_u32);
    (2 + digits, letter.map_or(1, char::len_utf8))
}

/// Line and column of a byte, from 1, columns in characters.
pub(crate) fn position(text: &str, at: Place) -> (usize, usize) {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    // A byte order mark is not seen.
    let before = text[..at].trim_start_matches('\u{feff}');
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    (line, column)
}

/// A table of the file.
#[derive(Clone, Copy)]
pub(crate) struct Section<'s, 't> {
    pub(crate) source: &'s Source<'t>,
    /// What it is called in a message: `[[line]]`.
    pub(crate) name: &'s str,
    table: &'s DeTable<'t>,
    /// Where it begins.
    pub(crate) at: Place,
}

impl<'s, 't> Section<'s, 't> {
    pub(crate) fn new(source: &'s Source<'t>, name: &'s str, table: &'s DeTable<'t>, at: Place) -> Self {
        Self {
            source,
            name,
            table,
            at,
        }
    }

    /// Refuses keys that are not of the closed set. Those under `x_` are the office's own.
    pub(crate) fn refuse_others(&self, known: &[&str]) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if known.contains(&name) || name.starts_with("x_") {
                continue;
            }
            let how = match nearest(name, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!(
                    "{} has the keys {}; your own begin with `x_`",
                    self.name,
                    known.join(", ")
                ),
            };
            self.source.wrong(
                key.span().start,
                format!("{} has no key `{name}`", self.name),
                how,
            );
        }
    }

    /// Notes a mistake at the section's beginning.
    pub(crate) fn wrong(&self, what: impl Into<String>, how: impl Into<String>) {
        self.source.wrong(self.at, what, how);
    }

    pub(crate) fn find(&self, key: &str) -> Option<&'s Spanned<DeValue<'t>>> {
        self.table.get(key)
    }

    /// The keys, as they stand in the file.
    pub(crate) fn entries(&self) -> Vec<(&'s str, Place, &'s Spanned<DeValue<'t>>)> {
        let mut entries: Vec<_> = self
            .table
            .iter()
            .map(|(key, value)| (key.get_ref().as_ref(), key.span().start, value))
            .collect();
        entries.sort_by_key(|(_, at, _)| *at);
        entries
    }

    /// Whether a key is there, or is misspelt, which is told by itself.
    pub(crate) fn is_meant(&self, key: &str) -> bool {
        let mut keys = self.table.keys();
        keys.any(|other| nearest(other.get_ref(), [key]).is_some())
    }

    /// A key must be there and is not.
    fn missing(&self, key: &str) {
        if self.is_meant(key) {
            return;
        }
        self.wrong(
            format!("{} has no `{key}`", self.name),
            format!("add `{key} = …`"),
        );
    }

    /// A text that must be there, not empty.
    pub(crate) fn text(&self, key: &str) -> Option<&'s str> {
        if self.find(key).is_none() {
            self.missing(key);
        }
        self.text_if(key).filter(|text| {
            let empty = text.trim().is_empty();
            if empty {
                self.source.wrong(
                    self.place(key),
                    format!("`{key}` is empty"),
                    "write it, or leave the key out if it may be",
                );
            }
            !empty
        })
    }

    /// A text that may be there.
    pub(crate) fn text_if(&self, key: &str) -> Option<&'s str> {
        let value = self.find(key)?;
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong_kind(key, value, "a text in quotes");
        }
        text
    }

    /// Where a key's value stands, or the section itself.
    pub(crate) fn place(&self, key: &str) -> Place {
        self.find(key).map_or(self.at, |value| value.span().start)
    }

    pub(crate) fn boolean_if(&self, key: &str) -> Option<bool> {
        let value = self.find(key)?;
        let truth = value.get_ref().as_bool();
        if truth.is_none() {
            self.wrong_kind(key, value, "`true` or `false`, without quotes");
        }
        truth
    }

    /// A day written without quotes.
    pub(crate) fn date_if(&self, key: &str) -> Option<NaiveDate> {
        let value = self.find(key)?;
        let date = value.get_ref().as_datetime().and_then(|moment| {
            let whole = moment.time.is_none() && moment.offset.is_none();
            whole.then(|| read_date(&moment.to_string()).ok()).flatten()
        });
        if date.is_none() {
            self.wrong_kind(
                key,
                value,
                "a day of the calendar without quotes, like 2026-01-01",
            );
        }
        date
    }

    pub(crate) fn date(&self, key: &str) -> Option<NaiveDate> {
        if self.find(key).is_none() {
            self.missing(key);
        }
        self.date_if(key)
    }

    /// A number in quotes.
    pub(crate) fn number_if(&self, key: &str) -> Option<Number> {
        let value = self.find(key)?;
        let number = value.get_ref().as_str().and_then(Number::parse);
        if number.is_none() {
            self.not_a_number(key, value);
        }
        number
    }

    pub(crate) fn number(&self, key: &str) -> Option<Number> {
        if self.find(key).is_none() {
            self.missing(key);
        }
        self.number_if(key)
    }

    pub(crate) fn not_a_number(&self, key: &str, value: &Spanned<DeValue<'t>>) {
        let at = value.span().start;
        match value.get_ref() {
            DeValue::Float(float) => self.source.wrong(
                at,
                format!("`{key}` is a bare number with a point: {float}"),
                format!("write it in quotes, \"{float}\": a bare one is not exact"),
            ),
            DeValue::Integer(whole) => self.source.wrong(
                at,
                format!("`{key}` is a bare number: {whole}"),
                format!("write it in quotes, \"{whole}\""),
            ),
            DeValue::String(text) => self.source.wrong(
                at,
                format!("`{key}` is not a number: \"{text}\""),
                "write digits and at most one point, like \"12.30\"; no comma, no thousands, no €",
            ),
            DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
                self.wrong_kind(key, value, "a number in quotes, like \"12.30\"");
            }
        }
    }

    /// A whole number without quotes, from `least` to `most`.
    pub(crate) fn count_if(&self, key: &str, least: u32, most: u32) -> Option<u32> {
        let value = self.find(key)?;
        let count = value.get_ref().as_integer().and_then(|whole| {
            let decimal = whole.radix() == 10;
            decimal.then(|| whole.as_str().parse().ok()).flatten()
        });
        let count = count.filter(|count| (least..=most).contains(count));
        if count.is_none() {
            self.wrong_kind(
                key,
                value,
                &format!("a whole number from {least} to {most}, without quotes"),
            );
        }
        count
    }

    /// Words in Italian and English, both there.
    pub(crate) fn words(&self, key: &str) -> Option<Text> {
        if self.find(key).is_none() {
            self.missing(key);
        }
        self.words_if(key)
    }

    pub(crate) fn words_if(&self, key: &str) -> Option<Text> {
        let (it, en) = self.languages(key)?;
        let Some(en) = en else {
            self.source.wrong(
                self.place(key),
                format!("`{key}` is not in English"),
                "add `en = \"…\"` beside the Italian",
            );
            return None;
        };
        Some(Text {
            it: it.to_owned(),
            en: en.to_owned(),
        })
    }

    /// Words in Italian, and in English if they are there; else the Italian ones stand for both.
    pub(crate) fn quoted(&self, key: &str) -> Option<Text> {
        if self.find(key).is_none() {
            self.missing(key);
        }
        let (it, en) = self.languages(key)?;
        Some(Text {
            it: it.to_owned(),
            en: en.unwrap_or(it).to_owned(),
        })
    }

    /// The Italian text and the English one, if there is one. Other languages are allowed and not used yet.
    pub(crate) fn languages(&self, key: &str) -> Option<(&'s str, Option<&'s str>)> {
        let value = self.find(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_kind(key, value, "words by language: { it = \"…\", en = \"…\" }");
            return None;
        };
        let languages = Section::new(self.source, self.name, table, value.span().start);
        for (language, at, text) in languages.entries() {
            let code = language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase());
            if !code {
                self.source.wrong(
                    at,
                    format!("`{language}` is not a language"),
                    "languages have two small letters: it, en, fr",
                );
            }
            if text.get_ref().as_str().is_none_or(|text| text.trim().is_empty()) {
                self.source.wrong(
                    text.span().start,
                    format!("`{key}` has no text in `{language}`"),
                    "write the words in quotes",
                );
                return None;
            }
        }
        let text = |language| table.get(language).and_then(|text| text.get_ref().as_str());
        let Some(it) = text("it") else {
            self.source.wrong(
                value.span().start,
                format!("`{key}` is not in Italian"),
                "add `it = \"…\"`",
            );
            return None;
        };
        Some((it, text("en")))
    }

    /// The place of a text in one language.
    pub(crate) fn language_place(&self, key: &str, language: &str) -> Range<usize> {
        self.find(key)
            .and_then(|value| value.get_ref().as_table())
            .and_then(|table| table.get(language))
            .map_or(self.at..self.at, Spanned::span)
    }

    pub(crate) fn array_if(&self, key: &str) -> Option<&'s DeArray<'t>> {
        let value = self.find(key)?;
        let array = value.get_ref().as_array();
        if array.is_none() {
            self.wrong_kind(key, value, "a list: [ … ]");
        }
        array
    }

    /// Texts of a list, with their places.
    pub(crate) fn texts(&self, key: &str) -> Vec<(&'s str, Place)> {
        let Some(array) = self.array_if(key) else {
            return Vec::new();
        };
        let mut texts = Vec::new();
        for value in array {
            match value.get_ref().as_str() {
                Some(text) => texts.push((text, value.span().start)),
                None => self.wrong_kind(key, value, "a list of texts in quotes"),
            }
        }
        texts
    }

    /// A table under a key.
    pub(crate) fn section_if(&self, key: &str, name: &'s str) -> Option<Section<'s, 't>> {
        let value = self.find(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_kind(key, value, &format!("a section: {name}"));
            return None;
        };
        Some(Section::new(self.source, name, table, value.span().start))
    }

    /// The tables of a list, at most `most`.
    pub(crate) fn sections(&self, key: &str, name: &'s str, most: usize) -> Vec<Section<'s, 't>> {
        let Some(value) = self.find(key) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_kind(key, value, &format!("a list: {name}"));
            return Vec::new();
        };
        if array.len() > most {
            self.source.wrong(
                self.place(key),
                format!("there are {} {name}", array.len()),
                format!("at most {most} are read"),
            );
        }
        let mut sections = Vec::new();
        for value in array.iter().take(most) {
            match value.get_ref().as_table() {
                Some(table) => sections.push(Section::new(self.source, name, table, value.span().start)),
                None => self.wrong_kind(key, value, &format!("sections {name}")),
            }
        }
        sections
    }

    /// Says what a value should have been.
    pub(crate) fn wrong_kind(&self, key: &str, value: &Spanned<DeValue<'t>>, wanted: &str) {
        let is = value.get_ref().type_str();
        self.source.wrong(
            value.span().start,
            format!("`{key}` is {is}"),
            format!("it should be {wanted}"),
        );
    }

    /// One of the words of a closed set.
    pub(crate) fn one_of<T: Copy>(
        &self,
        key: &str,
        all: &[T],
        written: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.text(key)?;
        let found = all.iter().copied().find(|one| written(*one) == text);
        if found.is_none() {
            let known: Vec<&str> = all.iter().map(|one| written(*one)).collect();
            let how = match nearest(text, known.iter().copied()) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => format!("it is one of {}", known.join(", ")),
            };
            self.source
                .wrong(self.place(key), format!("`{key}` is unknown: \"{text}\""), how);
        }
        found
    }
}
