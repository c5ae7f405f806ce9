//! Puts the portal's files into the binary, so that a deployment is one file and a configuration.
//!
//! Reads the folder the bundling tool wrote (`target/site`, or `LANTERNA_SITE`) and writes a table of its files. When
//! it is missing the table is empty and pages are served unstyled: enough for `cargo check` and for most tests.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("..");
    let site = env::var("LANTERNA_SITE").map_or_else(|_| root.join("target/site"), PathBuf::from);
    println!("cargo:rerun-if-env-changed=LANTERNA_SITE");
    println!("cargo:rerun-if-changed={}", site.join("manifest.json").display());

    let mut table = String::from("pub(crate) static FILES: &[(&str, &[u8])] = &[\n");
    if site.join("manifest.json").exists() {
        let mut files = Vec::new();
        list(&site, &site, &mut files);
        files.sort();
        for (name, path) in files {
            writeln!(table, "    ({name:?}, include_bytes!({path:?})),").expect("a string grows");
        }
    } else {
        println!(
            "cargo:warning=no bundled pages in {}: run `make site` to serve styled pages",
            site.display()
        );
    }
    table.push_str("];\n");
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("site.rs");
    fs::write(out, table).expect("the build folder can be written");
}

fn list(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder)
        .expect("the site folder can be read")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            list(root, &path, files);
        } else {
            let name = path
                .strip_prefix(root)
                .expect("it is inside")
                .to_string_lossy()
                .replace('\\', "/");
            files.push((
                name,
                path.canonicalize()
                    .expect("it exists")
                    .to_string_lossy()
                    .into_owned(),
            ));
        }
    }
}
