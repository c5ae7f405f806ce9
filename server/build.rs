//! Puts the portal's files and the demo city's tariffs into the binary, so that a deployment is one file and a
//! configuration, and the demo one file alone.
//!
//! Reads the folder the bundling tool wrote (`target/site`, or `LANTERNA_SITE`) and writes a table of its files. When
//! it is missing the table is empty and pages are served unstyled: enough for `cargo check` and for most tests. A demo
//! without tariffs is a demo all the same.

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

    let has_site = site.join("manifest.json").exists();
    if !has_site {
        println!(
            "cargo:warning=no bundled pages in {}: run `make site` to serve styled pages",
            site.display()
        );
    }
    let head = "pub(crate) static FILES: &[(&str, &[u8])]";
    write_table("site.rs", head, "include_bytes", has_site.then_some(&site));

    let demo = root.join("server/demo");
    println!("cargo:rerun-if-changed={}", demo.display());
    let tariffs = demo.join("tariffs");
    let head = "static DEMO_FILES: &[(&str, &str)]";
    write_table(
        "demo_tariffs.rs",
        head,
        "include_str",
        tariffs.is_dir().then_some(&tariffs),
    );
}

/// Writes a table of the names and contents of a folder's files, of none without a folder.
fn write_table(name: &str, head: &str, include: &str, folder: Option<&PathBuf>) {
    let mut files = Vec::new();
    if let Some(folder) = folder {
        list(folder, folder, &mut files);
    }
    files.sort();
    let mut table = format!("{head} = &[\n");
    for (name, path) in files {
        writeln!(table, "    ({name:?}, {include}!({path:?})),").expect("a string grows");
    }
    table.push_str("];\n");
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join(name);
    fs::write(out, table).expect("the build folder can be written");
}

fn list(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("the folder can be read").flatten() {
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
