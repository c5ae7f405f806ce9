//! The ZIP of a bulk call: one JSON file, read with bounds.

use super::body::Body;
use serde::Deserialize;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// The largest ZIP, in bytes.
pub(super) const MAX_ZIP_BYTES: usize = 5 * 1024 * 1024;
/// The most positions of a file.
pub(super) const MAX_ITEMS: usize = 100_000;
/// The largest JSON file, in bytes: a ZIP that swells beyond it is not data.
const MAX_JSON_BYTES: u64 = 256 * 1024 * 1024;

/// `POST` and `PUT`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Positions {
    payment_positions: Vec<Body>,
}

/// `DELETE`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Iupds {
    #[serde(rename = "paymentPositionIUPDs")]
    iupds: Vec<String>,
}

/// The positions of a file.
pub(super) fn read_positions(zip: &[u8]) -> Result<Vec<Body>, String> {
    let json = unzip(zip)?;
    let file: Positions = serde_json::from_slice(&json).map_err(|error| error.to_string())?;
    counted(file.payment_positions)
}

/// The keys of a file.
pub(super) fn read_iupds(zip: &[u8]) -> Result<Vec<String>, String> {
    let json = unzip(zip)?;
    let file: Iupds = serde_json::from_slice(&json).map_err(|error| error.to_string())?;
    counted(file.iupds)
}

fn counted<T>(items: Vec<T>) -> Result<Vec<T>, String> {
    if (1..=MAX_ITEMS).contains(&items.len()) {
        Ok(items)
    } else {
        Err(format!(
            "the file has 1 to {MAX_ITEMS} positions, not {}",
            items.len()
        ))
    }
}

fn unzip(zip: &[u8]) -> Result<Vec<u8>, String> {
    if zip.len() > MAX_ZIP_BYTES {
        return Err(format!(
            "the ZIP has at most {MAX_ZIP_BYTES} bytes, not {}",
            zip.len()
        ));
    }
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|error| format!("not a ZIP: {error}"))?;
    if archive.len() != 1 {
        return Err(format!("the ZIP holds one JSON file, not {}", archive.len()));
    }
    let file = archive
        .by_index(0)
        .map_err(|error| format!("the file cannot be read: {error}"))?;
    let mut json = Vec::new();
    file.take(MAX_JSON_BYTES + 1)
        .read_to_end(&mut json)
        .map_err(|error| format!("the file cannot be read: {error}"))?;
    if u64::try_from(json.len()).is_ok_and(|length| length <= MAX_JSON_BYTES) {
        Ok(json)
    } else {
        Err(format!("the JSON file has at most {MAX_JSON_BYTES} bytes"))
    }
}
