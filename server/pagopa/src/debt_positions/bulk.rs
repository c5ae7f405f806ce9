//! Many positions in a file: one JSON document in a ZIP.

use super::position::Position;
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Positions a file may have.
pub const POSITIONS_MAX: usize = 100_000;
/// Bytes its document may have. The manual says 5 MB and not of which, document or ZIP: both keep to it.
pub const JSON_BYTES_MAX: usize = 5_000_000;

/// A file to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The ZIP.
    pub zip: Vec<u8>,
    /// Bytes of the document in it.
    pub json_bytes: usize,
    /// How many of the positions given are in it: those that come first.
    pub taken: usize,
}

/// As many of these positions as fit in one file, to create or update. At least one, when there is one.
pub fn pack_positions<'a>(positions: impl IntoIterator<Item = &'a Position>) -> File {
    pack("paymentPositions", positions.into_iter().map(json))
}

/// As many of these keys as fit in one file, to delete.
pub fn pack_keys<'a>(iupds: impl IntoIterator<Item = &'a str>) -> File {
    pack("paymentPositionIUPDs", iupds.into_iter().map(|iupd| json(&iupd)))
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("these types have text keys and no failing serialiser")
}

fn pack(list: &str, items: impl Iterator<Item = Vec<u8>>) -> File {
    let mut document = format!("{{\"{list}\":[").into_bytes();
    let mut taken = 0;
    for item in items.take(POSITIONS_MAX) {
        // A comma before, a bracket and a brace after.
        if taken > 0 && document.len() + item.len() + 3 > JSON_BYTES_MAX {
            break;
        }
        if taken > 0 {
            document.push(b',');
        }
        document.extend(item);
        taken += 1;
    }
    document.extend(b"]}");
    File {
        json_bytes: document.len(),
        zip: zip(&document),
        taken,
    }
}

fn zip(document: &[u8]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(document.len() / 4)));
    let written = writer
        .start_file("positions.json", options)
        .and_then(|()| writer.write_all(document).map_err(Into::into))
        .and_then(|()| writer.finish());
    written
        .expect("memory takes what is written to it, and 5 MB fit in a ZIP")
        .into_inner()
}
