//! The page of the hub's rules names the test that proves each: every one named is in the sources.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_rule_of_the_hub_names_tests_that_exist() {
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(server.join("docs/hub-rules.md")).unwrap();
    let mut tests = BTreeSet::new();
    for folder in [server, &server.join("../app/domain")] {
        collect(folder, &mut tests);
    }
    let rows: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| Rule |"))
        .collect();
    assert!(rows.len() > 40, "the page has lost its tables");
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 2, "a rule and its tests: {row}");
        let named: Vec<&str> = cells[1].split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "nothing proves: {row}");
        for test in named {
            assert!(tests.contains(test), "no test {test} in the sources, for: {row}");
        }
    }
}

/// The names of the functions marked as tests, and of the stories of the archive, in the files under a folder.
fn collect(folder: &Path, tests: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, tests);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let stories = path.components().any(|part| part.as_os_str() == "conformance");
            let mut marked = false;
            for line in text.lines().map(str::trim_start) {
                if line.starts_with("#[") {
                    marked |= line.contains("test");
                } else if let Some(name) = function(line) {
                    if marked || stories {
                        tests.insert(name.to_owned());
                    }
                    marked = false;
                }
            }
        }
    }
}

/// The name of the function a line declares.
fn function(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    let (name, _) = line.strip_prefix("fn ")?.split_once('(')?;
    Some(name)
}
