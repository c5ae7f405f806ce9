//! The tariff files the tests have at hand.

use super::specification::specification;
use std::path::{Path, PathBuf};
use tariff::compile::{Compiled, compile};

/// A small tariff with everything in it.
pub(crate) const BASE: &str = include_str!("base.toml");

/// Every file at hand: the tests' own, the demo city's, the specification's.
pub(crate) fn all() -> Vec<Compiled> {
    let mut files = vec![compiled("base.toml", BASE)];
    let demo = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../server/demo/tariffs"));
    for folder in [Some(demo.to_owned()), specification()].into_iter().flatten() {
        let mut paths = Vec::new();
        collect(&folder, &mut paths);
        paths.sort();
        for path in paths {
            let text = std::fs::read_to_string(&path).expect("text");
            files.push(compiled(&path.display().to_string(), &text));
        }
    }
    files
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("a file").path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|end| end == "toml") && name != "accounts.toml" {
            paths.push(path);
        }
    }
}

/// A file that has no mistake.
pub(crate) fn compiled(name: &str, text: &str) -> Compiled {
    compile(name, text).unwrap_or_else(|mistakes| {
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        panic!("{}", told.join("\n"))
    })
}
