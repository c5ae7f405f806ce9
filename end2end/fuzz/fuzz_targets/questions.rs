//! What the hub asks before a payment: a question that is read can be written, and is then read as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pagopa::pa_for_node::{Request, demand_payment_notice, get_payment, read_request, verify_payment_notice};

fuzz_target!(|bytes: &[u8]| {
    match read_request(bytes) {
        Ok(Request::VerifyPaymentNotice(request)) => {
            let written = request.write();
            let again =
                verify_payment_notice::Request::read(written.as_bytes()).expect("what was written is read");
            assert_eq!(again.write(), written);
            assert_eq!(again.notice_number, request.notice_number);
        }
        Ok(Request::GetPayment(request)) => {
            let written = request.write();
            let again = get_payment::Request::read(written.as_bytes()).expect("what was written is read");
            assert_eq!(again.write(), written);
            assert_eq!(
                (again.edition, &again.notice_number),
                (request.edition, &request.notice_number)
            );
            assert_eq!((again.amount, again.due_on), (request.amount, request.due_on));
        }
        Ok(Request::DemandPaymentNotice(request)) => {
            let written = request.write();
            let again =
                demand_payment_notice::Request::read(written.as_bytes()).expect("what was written is read");
            assert_eq!(again.write(), written);
            assert_eq!(again.service_id, request.service_id);
        }
        Ok(Request::SendRt(_)) | Err(_) => {}
    }
});
