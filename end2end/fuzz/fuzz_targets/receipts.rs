//! Receipts of both editions: one that is read can be written, and is then read as the same payment.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pagopa::pa_for_node::{Request, read_request, send_rt};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(Request::SendRt(request)) = read_request(bytes) {
        let written = request.write();
        let again = send_rt::Request::read(written.as_bytes()).expect("what was written is read");
        assert_eq!(again.write(), written);
        assert_eq!(again.edition, request.edition);
        let (again, receipt) = (&again.receipt, &request.receipt);
        assert_eq!(
            (&again.id, &again.notice_number, &again.iuv),
            (&receipt.id, &receipt.notice_number, &receipt.iuv)
        );
        assert_eq!(
            (again.amount, again.fee, again.paid_at),
            (receipt.amount, receipt.fee, receipt.paid_at)
        );
        assert_eq!(
            (&again.recipient, &again.issuer),
            (&receipt.recipient, &receipt.issuer)
        );
        let amounts = |receipt: &domain::Receipt| {
            receipt
                .transfers
                .iter()
                .map(|t| (t.id, t.amount))
                .collect::<Vec<_>>()
        };
        assert_eq!(amounts(again), amounts(receipt));
    }
});
