//! A file of debts: reading it ends, goes forward, and can be gone on with at the end of any debt.
#![no_main]

use bulk::DebtReader;
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

fuzz_target!(|bytes: &[u8]| {
    let institution: domain::CreditorFiscalCode = "00856930102".parse().expect("a right code");
    let Ok(mut reader) = DebtReader::open(Cursor::new(bytes), &institution) else {
        return;
    };
    let mut before = reader.place();
    while let Some(debt) = reader.next_debt().expect("memory can be read") {
        assert!(debt.until.byte > before.byte && debt.until.byte <= bytes.len() as u64);
        before = debt.until;
        let mut again = DebtReader::open(Cursor::new(bytes), &institution).expect("it was opened before");
        again.go_to(before).expect("memory can be read");
        assert_eq!(again.place(), before);
        match &debt.said {
            Ok(_) => {}
            Err(errors) => assert_eq!(debt.errors_by_row(errors).len(), debt.rows.len()),
        }
    }
});
