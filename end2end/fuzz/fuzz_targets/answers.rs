//! The answers an institution gives, as the hub reads them: one that is accepted can be written, and is then accepted
//! again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pagopa::pa_for_node::{Edition, Head, get_payment, send_rt, verify_payment_notice};

fn head() -> Head {
    Head {
        institution: "00856930102".to_owned(),
        broker: "00856930102".to_owned(),
        station: "00856930102_01".to_owned(),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let fiscal_code: domain::CreditorFiscalCode = "00856930102".parse().expect("a right code");
    let notice_number: domain::NoticeNumber = "312202600000002502".parse().expect("a right number");

    let asked = verify_payment_notice::Request {
        head: head(),
        fiscal_code: fiscal_code.clone(),
        notice_number: notice_number.clone(),
    };
    if let Ok(answer) = verify_payment_notice::Response::read(bytes, &asked) {
        let written = answer.write();
        let again = verify_payment_notice::Response::read(written.as_bytes(), &asked);
        assert_eq!(again.expect("what was written is accepted").write(), written);
    }

    for edition in Edition::ALL {
        let asked = get_payment::Request {
            edition,
            head: head(),
            fiscal_code: fiscal_code.clone(),
            notice_number: notice_number.clone(),
            amount: None,
            payment_note: None,
            transfer_type: None,
            due_on: None,
        };
        if let Ok(answer) = get_payment::Response::read(bytes, &asked) {
            let written = answer.write(edition);
            let again = get_payment::Response::read(written.as_bytes(), &asked);
            assert_eq!(
                again.expect("what was written is accepted").write(edition),
                written
            );
        }
        if let Ok(answer) = send_rt::Response::read(bytes, edition) {
            let written = answer.write(edition);
            let again = send_rt::Response::read(written.as_bytes(), edition);
            assert_eq!(
                again.expect("what was written is accepted").write(edition),
                written
            );
        }
    }
});
