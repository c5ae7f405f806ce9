//! The nine files of the specification compile unchanged, and their forty-one worked examples come out as written.

#[path = "common/specification.rs"]
mod folder;

use folder::specification;
use std::path::PathBuf;
use tariff::compile::{check_versions, compile};

#[test]
fn the_files_of_the_specification_compile_and_their_examples_hold() {
    let Some(folder) = specification() else { return };
    let mut files = Vec::new();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("a file").path())
        .collect();
    paths.sort();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("text");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        match compile(&name, &text) {
            Ok(file) => files.push(file),
            Err(mistakes) => panic!(
                "{}",
                mistakes
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("\n")
            ),
        }
    }
    assert_eq!(files.len(), 9);
    assert_eq!(files.iter().map(|file| file.examples.len()).sum::<usize>(), 41);
    let mistakes = check_versions(&files);
    assert!(
        mistakes.is_empty(),
        "{}",
        mistakes
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    );
}
