//! Writes a file with its brotli and gzip forms beside it, made once so that the server never compresses.

use crate::manifest::Entry;
use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;
use std::path::Path;

/// Endings of text-like files; the others are compressed already.
const COMPRESSIBLE: [&str; 7] = ["css", "js", "svg", "txt", "wasm", "ico", "pack"];

/// Writes `content` as `name` into `out`, and its compressed forms when its kind gains from them.
///
/// The name holds a hash of the content, so what is there already under it is kept.
pub(crate) fn write(name: &str, content: &[u8], out: &Path) -> Result<Entry> {
    put(&out.join(name), || Ok(content.to_vec()))?;
    let compressible = name
        .rsplit('.')
        .next()
        .is_some_and(|ending| COMPRESSIBLE.contains(&ending));
    let size_of = |ending: &str, make: fn(&[u8]) -> Result<Vec<u8>>| {
        put(&out.join(format!("{name}.{ending}")), || make(content)).map(Some)
    };
    let (br, gz) = if compressible {
        (size_of("br", brotli)?, size_of("gz", gzip)?)
    } else {
        (None, None)
    };
    Ok(Entry {
        file: name.to_owned(),
        raw: content.len(),
        br,
        gz,
    })
}

/// Writes a file unless it is there, and tells its size. A half-written file never gets its final name.
fn put(path: &Path, make: impl FnOnce() -> Result<Vec<u8>>) -> Result<usize> {
    if let Ok(there) = fs::metadata(path) {
        return Ok(usize::try_from(there.len())?);
    }
    let content = make()?;
    let unfinished = path.with_added_extension("part");
    fs::write(&unfinished, &content)
        .and_then(|()| fs::rename(&unfinished, path))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(content.len())
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut out, &parameters)?;
    Ok(out)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    // The encoder's header holds no time, so that equal input gives equal output.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn text_gets_both_compressed_forms_and_a_font_neither() -> Result<()> {
        let out = tempfile::tempdir()?;
        let text = "lanterna ".repeat(100);
        let css = write("main-1.css", text.as_bytes(), out.path())?;
        assert!(css.br.is_some_and(|br| br < css.raw) && css.gz.is_some_and(|gz| gz < css.raw));
        let font = write("a-1.woff2", text.as_bytes(), out.path())?;
        assert_eq!((font.br, font.gz), (None, None));
        assert!(!out.path().join("a-1.woff2.br").exists());
        Ok(())
    }

    #[test]
    fn compressed_forms_unpack_to_the_file_and_come_out_equal_each_time() -> Result<()> {
        let text = b"one two three one two three".as_slice();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut brotli(text)?.as_slice(), &mut unpacked)?;
        assert_eq!(unpacked, text);
        unpacked.clear();
        flate2::read::GzDecoder::new(gzip(text)?.as_slice()).read_to_end(&mut unpacked)?;
        assert_eq!(unpacked, text);
        assert_eq!((brotli(text)?, gzip(text)?), (brotli(text)?, gzip(text)?));
        Ok(())
    }

    #[test]
    fn a_file_that_is_there_is_not_made_again() -> Result<()> {
        let out = tempfile::tempdir()?;
        let path = out.path().join("x");
        assert_eq!(put(&path, || Ok(b"abc".to_vec()))?, 3);
        assert_eq!(put(&path, || anyhow::bail!("made twice"))?, 3);
        Ok(())
    }
}
