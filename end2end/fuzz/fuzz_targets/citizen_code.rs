//! What a citizen may type, paste or scan: whatever the reader makes of it stands when it is read again.
#![no_main]

use domain::citizen_code::{Verdict, progress, read};
use domain::{DataMatrix, QrPayload, RfReference};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    progress(&text);
    match read(&text) {
        Verdict::NoticeNumber { number, .. } | Verdict::Correction { number, .. } => {
            assert!(number.has_right_check_digits());
            let again = read(&number.grouped());
            assert!(
                matches!(&again, Verdict::NoticeNumber { number: read, .. } if *read == number),
                "{again:?}"
            );
        }
        Verdict::Iuv(iuv) => assert_eq!(read(iuv.as_str()), Verdict::Iuv(iuv)),
        Verdict::Refused(refusal) => assert!(!refusal.code().is_empty()),
    }
    if let Ok(payload) = QrPayload::parse(&text) {
        assert_eq!(QrPayload::parse(&payload.to_string()), Ok(payload));
    }
    if let Ok(matrix) = DataMatrix::parse(&text)
        && let Ok(printed) = matrix.print()
    {
        let again = DataMatrix::parse(&printed).expect("what was printed is read");
        assert_eq!(again.print().as_deref(), Ok(&*printed));
        assert_eq!(
            (&again.notice_number, again.amount),
            (&matrix.notice_number, matrix.amount)
        );
    }
    if let Ok(reference) = RfReference::parse(&text) {
        // Printed in groups, read without the spaces between them.
        let printed = reference.grouped().replace(' ', "");
        assert_eq!(RfReference::parse(&printed).as_ref(), Ok(&reference));
    }
});
