//! The file: numbered objects, gathered in compressed streams, and the table that says where each is (ISO 32000-1, 7.5).
//!
//! Objects leave as soon as there are enough of them, so a file of a thousand pages needs the memory of a few.

use super::compressor::Compressor;
use super::fingerprint::Fingerprint;
use std::io::{self, Write};

/// Objects gathered in one stream.
const GATHERED_MAX: usize = 200;

/// Number of an object. None is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Id(u32);

impl std::fmt::Display for Id {
    /// As other objects refer to it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} 0 R", self.0)
    }
}

/// Where an object is.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// Nowhere: its number was given and not yet used.
    Unwritten,
    /// At this byte of the file.
    At(u32),
    /// In a stream of objects, at this place.
    Within(Id, u16),
}

/// A file being written.
#[derive(Debug)]
pub(super) struct File<W> {
    sink: W,
    written: u32,
    fingerprint: Fingerprint,
    compressor: Compressor,
    /// Place of each object, by number; the first is not one.
    places: Vec<Place>,
    gathered: Vec<(Id, u32)>,
    gathered_bytes: Vec<u8>,
}

impl<W: Write> File<W> {
    /// Begins a file.
    pub(super) fn new(sink: W) -> io::Result<Self> {
        let mut file = Self {
            sink,
            written: 0,
            fingerprint: Fingerprint::default(),
            compressor: Compressor::new(),
            places: vec![Place::Unwritten],
            gathered: Vec::new(),
            gathered_bytes: Vec::new(),
        };
        // The second line tells programs that move files that this one is not text.
        file.put(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")?;
        Ok(file)
    }

    /// A number for an object to be written later.
    pub(super) fn reserve(&mut self) -> Id {
        let number = u32::try_from(self.places.len()).expect("a file has fewer objects than bytes");
        self.places.push(Place::Unwritten);
        Id(number)
    }

    /// As many numbers one after another; the first.
    pub(super) fn reserve_all(&mut self, count: usize) -> impl Fn(usize) -> Id + use<W> {
        let first = self.places.len();
        self.places.resize(first + count, Place::Unwritten);
        move |index| Id(u32::try_from(first + index).expect("a file has fewer objects than bytes"))
    }

    /// Writes an object that is no stream.
    pub(super) fn object(&mut self, id: Id, body: &str) -> io::Result<()> {
        self.gathered.push((id, bytes(self.gathered_bytes.len())?));
        self.gathered_bytes.extend_from_slice(body.as_bytes());
        self.gathered_bytes.push(b'\n');
        if self.gathered.len() == GATHERED_MAX {
            self.scatter()?;
        }
        Ok(())
    }

    /// Writes a stream as it is. `entries` are those of its dictionary, its length apart.
    pub(super) fn plain_stream(&mut self, id: Id, entries: &str, content: &[u8]) -> io::Result<()> {
        self.places[id.0 as usize] = Place::At(self.written);
        let head = format!("{} 0 obj\n<<{entries}/Length {}>>\nstream\n", id.0, content.len());
        self.put(head.as_bytes())?;
        self.put(content)?;
        // A carriage return too: content may end with one, which a reader could take for the line's.
        self.put(b"\r\nendstream\nendobj\n")
    }

    /// Writes a stream, compressed.
    pub(super) fn stream(&mut self, id: Id, entries: &str, content: &[u8]) -> io::Result<()> {
        let content = self.compressor.compress(content);
        self.plain_stream(id, &[entries, "/Filter/FlateDecode"].concat(), &content)
    }

    /// What all that was written so far comes down to.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Ends the file with its table. `entries` are those of its dictionary that name the catalogue and the like.
    pub(super) fn finish(mut self, entries: &str) -> io::Result<W> {
        self.scatter()?;
        let table = self.reserve();
        let start = self.written;
        self.places[table.0 as usize] = Place::At(start);
        let mut rows = Vec::with_capacity(self.places.len() * 7);
        for place in &self.places {
            let (kind, field, index) = match place {
                Place::Unwritten => (0, 0, 0),
                Place::At(at) => (1, *at, 0),
                Place::Within(stream, index) => (2, stream.0, *index),
            };
            rows.push(kind);
            rows.extend_from_slice(&field.to_be_bytes());
            rows.extend_from_slice(&index.to_be_bytes());
        }
        let entries = format!("/Type/XRef/Size {}/W[1 4 2]{entries}", self.places.len());
        self.stream(table, &entries, &rows)?;
        self.put(format!("startxref\n{start}\n%%EOF\n").as_bytes())?;
        self.sink.flush()?;
        Ok(self.sink)
    }

    /// Writes the objects gathered so far as a stream of their own.
    fn scatter(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let stream = self.reserve();
        let mut content = Vec::new();
        for (id, offset) in &self.gathered {
            write!(content, "{} {offset} ", id.0)?;
        }
        let first = content.len();
        content.extend_from_slice(&self.gathered_bytes);
        let entries = format!("/Type/ObjStm/N {}/First {first}", self.gathered.len());
        for (index, (id, _)) in self.gathered.iter().enumerate() {
            let index = u16::try_from(index).expect("GATHERED_MAX is fewer");
            self.places[id.0 as usize] = Place::Within(stream, index);
        }
        self.gathered.clear();
        self.gathered_bytes.clear();
        self.stream(stream, &entries, &content)
    }

    fn put(&mut self, written: &[u8]) -> io::Result<()> {
        self.sink.write_all(written)?;
        self.fingerprint.add(written);
        self.written = self
            .written
            .checked_add(bytes(written.len())?)
            .ok_or_else(too_long)?;
        Ok(())
    }
}

fn bytes(length: usize) -> io::Result<u32> {
    u32::try_from(length).map_err(|_| too_long())
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "a PDF has at most 4 GiB")
}
