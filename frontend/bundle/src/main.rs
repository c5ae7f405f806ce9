//! `bundle`: turns what the build made for browsers into the files the server embeds and serves.
//!
//! It runs wasm-bindgen on the portal's Wasm modules, makes them small, joins them with the style sheet, the reader of QR codes
//! and the public files, gives each file a name that holds a hash of its content, compresses it, and writes
//! `manifest.json`, from which the server learns the name of each. It starts no compiler and asks no network: `make`
//! runs cargo and npm before it. Equal inputs give equal files, and unchanged inputs are not worked on again.

mod compress;
mod inputs;
mod manifest;
mod names;
mod wasm;

use anyhow::{Context, Result};
use clap::Parser;
use manifest::{Entry, Manifest};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

/// What to bundle, and where to.
#[derive(Debug, Parser)]
#[command(about = "Bundle the portal's browser files: hashed names, brotli and gzip, manifest.json")]
struct Args {
    /// A module as cargo built it, once for each; without them the site has no browser part, and pages work as plain
    /// forms.
    #[arg(long)]
    wasm: Vec<PathBuf>,
    /// Folder of the style sheet and the scripts that `node style/build.mjs` wrote.
    #[arg(long, default_value = "target/style")]
    style: PathBuf,
    /// Folder of fonts, images and other files served as they are.
    #[arg(long, default_value = "public")]
    public: PathBuf,
    /// Folder of `wasm-opt` and `esbuild`, as npm installs them.
    #[arg(long, default_value = "style/node_modules/.bin")]
    tools: PathBuf,
    /// Folder to write; files of an earlier run that are no longer needed are removed from it.
    #[arg(long, default_value = "target/site")]
    out: PathBuf,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let mut files = inputs::read_folder(&args.public)?;
    files.extend(inputs::read_folder(&args.style)?);
    let modules: Vec<wasm::Module> = args
        .wasm
        .iter()
        .map(|path| wasm::Module::read(path, &args.tools))
        .collect::<Result<_>>()?;

    let fingerprint = inputs::fingerprint(
        &files,
        &modules.iter().map(wasm::Module::fingerprint).collect::<Vec<_>>(),
    )?;
    let before = Manifest::read(&args.out);
    if let Some(before) = before
        .as_ref()
        .filter(|before| before.inputs == fingerprint && before.is_whole(&args.out))
    {
        return report(before);
    }

    fs::create_dir_all(&args.out).with_context(|| format!("cannot write {}", args.out.display()))?;
    for module in &modules {
        files.extend(module.build(before.as_ref(), &args.out)?);
    }
    let manifest = Manifest {
        inputs: fingerprint,
        wasm: modules
            .iter()
            .map(|module| (module.name().to_owned(), module.fingerprint().to_owned()))
            .collect(),
        files: write_all(names::hashed(files)?, &args.out)?,
    };
    manifest.write(&args.out)?;
    manifest.remove_others(&args.out)?;
    report(&manifest)
}

fn write_all(files: BTreeMap<String, names::Hashed>, out: &Path) -> Result<BTreeMap<String, Entry>> {
    files
        .into_iter()
        .map(|(logical, hashed)| Ok((logical, compress::write(&hashed.name, &hashed.content, out)?)))
        .collect()
}

/// Prints a table of the sizes, so that whoever changes a page sees what it costs.
fn report(manifest: &Manifest) -> Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{:<34}{:>10}{:>10}{:>10}", "bytes", "raw", "gzip", "brotli")?;
    for (logical, entry) in &manifest.files {
        let size = |bytes: Option<usize>| bytes.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
        writeln!(
            out,
            "{logical:<34}{:>10}{:>10}{:>10}",
            entry.raw,
            size(entry.gz),
            size(entry.br)
        )?;
    }
    Ok(())
}
