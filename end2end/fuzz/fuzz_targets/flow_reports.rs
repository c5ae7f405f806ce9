//! Files of flow reports: one that is read can be written, and is then read as the same flow.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pagopa::flow_reports::{read_xml, write_xml};

fuzz_target!(|bytes: &[u8]| {
    if let Ok((report, rows)) = read_xml(bytes, 1) {
        let written = write_xml(&report, &rows);
        let again = read_xml(written.as_bytes(), 1).expect("what was written is read");
        assert_eq!(again, (report, rows));
    }
});
