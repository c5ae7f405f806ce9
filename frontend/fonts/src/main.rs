//! `fonts`: makes the packs of fonts that documents are drawn with from the font files beside them.
//!
//! A pack holds what documents need of the five faces, for a fixed repertoire: outlines without hinting, advances, kerning
//! and measures. Its format is told where it is read, in `documents::font`. Equal font files give equal packs; both are
//! kept with the sources, so that nobody needs this program to build the portal.

mod kerning;
mod outline;
mod pack;
mod repertoire;
mod source;

use anyhow::{Context, Result};
use clap::Parser;
use documents::font::{Fonts, Tier};
use documents::model::Face;
use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

/// Where the fonts are.
#[derive(Debug, Parser)]
#[command(about = "Make core.pack and wide.pack from the font files of documents")]
struct Args {
    /// Folder of the font files; the packs are written into it.
    #[arg(long, default_value = "app/documents/fonts")]
    folder: PathBuf,
}

/// The faces in the order of a pack, with their files.
const FACES: [(Face, &str); 5] = [
    (Face::Regular, "titillium-web/TitilliumWeb_400Regular.ttf"),
    (Face::Semibold, "titillium-web/TitilliumWeb_600SemiBold.ttf"),
    (Face::Bold, "titillium-web/TitilliumWeb_700Bold.ttf"),
    (Face::Mono, "roboto-mono/RobotoMono_400Regular.ttf"),
    (Face::MonoBold, "roboto-mono/RobotoMono_700Bold.ttf"),
];

const PACKS: [(Tier, &str); 2] = [(Tier::Core, "core.pack"), (Tier::Wide, "wide.pack")];

fn main() -> Result<()> {
    let args = Args::parse();
    for (tier, name) in PACKS {
        let pack = make(&args.folder, tier)?;
        let path = args.folder.join(name);
        fs::write(&path, &pack).with_context(|| format!("cannot write {}", path.display()))?;
        let packed = brotli_size(&pack)?;
        writeln!(stdout(), "{name}: {} bytes, {packed} in brotli", pack.len())?;
    }
    Ok(())
}

/// Makes a pack, and reads it as documents do.
fn make(folder: &Path, tier: Tier) -> Result<Vec<u8>> {
    let mut packed = pack::begin();
    for (face, file) in FACES {
        let path = folder.join(file);
        let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let source = source::Source::read(&content, face, tier);
        let source = source.with_context(|| format!("cannot use {}", path.display()))?;
        pack::add(&mut packed, &source).with_context(|| format!("{} does not fit a pack", path.display()))?;
    }
    Fonts::read(&packed).context("the pack cannot be read again")?;
    Ok(packed)
}

/// What browsers fetch.
fn brotli_size(pack: &[u8]) -> Result<usize> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        size_hint: pack.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    Ok(brotli::BrotliCompress(&mut &pack[..], &mut out, &parameters)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packs_are_what_the_font_files_make() -> Result<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../app/documents/fonts");
        for (tier, name) in PACKS {
            // Not `assert_eq`, which would print both.
            let same = make(&folder, tier)? == fs::read(folder.join(name))?;
            assert!(same, "{name} is not what the font files make: run `make fonts`");
        }
        Ok(())
    }

    #[test]
    fn the_sizes_beside_the_packs_are_right() -> Result<()> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../app/documents/fonts");
        let told = fs::read_to_string(folder.join("README.md"))?;
        let thousands = |size: usize| format!("{},{:03}", size / 1000, size % 1000);
        for (_, name) in PACKS {
            let pack = fs::read(folder.join(name))?;
            let sizes = format!(
                "| {} | {} |",
                thousands(pack.len()),
                thousands(brotli_size(&pack)?)
            );
            assert!(told.contains(&sizes), "README.md does not say of {name}: {sizes}");
        }
        Ok(())
    }

    #[test]
    fn browsers_fetch_less_than_45_kilobytes_for_the_portals_languages() -> Result<()> {
        let core = include_bytes!("../../../app/documents/fonts/core.pack");
        assert!(brotli_size(core)? <= 45_000);
        Ok(())
    }
}
