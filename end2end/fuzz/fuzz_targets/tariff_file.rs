//! Any bytes as a tariff file: compiled and tried on a grid of answers, or refused with places that are in the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tariff::Tariff;
use tariff::compile::{MISTAKES_MAX, check_versions, compile, jumps, remarks};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mistakes = match compile("file", text) {
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            mistakes
        }
        Ok(file) => {
            let packed = postcard::to_stdvec(&file.tariff).expect("a tariff is packed");
            let copy: Tariff = postcard::from_bytes(&packed).expect("and read again");
            assert_eq!(copy, file.tariff);
            remarks(&file);
            jumps(&file);
            check_versions(&[file])
        }
    };
    let lines: Vec<&str> = text.split('\n').collect();
    assert!(mistakes.len() <= 4 * MISTAKES_MAX);
    for mistake in mistakes {
        let line = lines.get(mistake.line - 1).expect("a line of the file");
        assert!(mistake.column <= line.chars().count() + 1, "{mistake}");
        assert!(!mistake.what.is_empty());
    }
});
