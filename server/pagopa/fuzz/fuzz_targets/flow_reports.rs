//! Files of flow reports: one that is read can be written, and is then read as the same flow, a line break in a text
//! apart, which is written as a space.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pagopa::flow_reports::{read_xml, write_xml};

fuzz_target!(|bytes: &[u8]| {
    if let Ok((report, rows)) = read_xml(bytes, 1) {
        let written = write_xml(&report, &rows);
        let (again, rows_again) = read_xml(written.as_bytes(), 1).expect("what was written is read");
        assert_eq!(write_xml(&again, &rows_again), written);
        let settled = |rows: &[domain::flow_report::FlowRow]| {
            rows.iter().map(|row| (row.index, row.amount)).collect::<Vec<_>>()
        };
        assert_eq!(settled(&rows_again), settled(&rows));
        assert_eq!((again.key, again.declared), (report.key, report.declared));
    }
});
