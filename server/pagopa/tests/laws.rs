//! Laws of reading and writing: written then read is the same, and nothing read can make the reader panic.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use common::{
    canone_unico, demand_request, demanded, due, first_edition, first_edition_receipt, get_request, payment,
    payments, receipt_request, receipts, verify_request, wire_text,
};
use domain::at_provider::{CanoneUnicoData, ServiceData};
use domain::{Cents, NoticeNumber};
use pagopa::pa_for_node::{
    Answer, Edition, Head, Request, demand_payment_notice, get_payment, read_request, send_rt,
    verify_payment_notice,
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_verify_request_is_read_as_written(
        institution in wire_text(35), broker in wire_text(35), station in wire_text(35), notice in "[0-9]{18}",
    ) {
        let head = Head { institution, broker, station };
        let notice_number = NoticeNumber::parse(&notice).unwrap();
        let request = verify_payment_notice::Request { head, notice_number, ..verify_request() };
        prop_assert_eq!(read_request(request.write().as_bytes()), Ok(Request::VerifyPaymentNotice(request)));
    }

    #[test]
    fn what_is_due_is_read_as_written(
        cents in 1..=99_999_999_999_i64, detail in proptest::option::of(wire_text(140)), all_postal: bool,
        description in wire_text(140), company_name in wire_text(140), office_name in proptest::option::of(wire_text(140)),
    ) {
        let due = verify_payment_notice::Due {
            amount: Cents::new(cents), detail, all_postal, description, company_name, office_name, ..due()
        };
        let answer = Answer::Ok(due);
        prop_assert_eq!(verify_payment_notice::Response::read(answer.write().as_bytes(), &verify_request()), Ok(answer));
    }

    #[test]
    fn a_payment_request_is_read_as_written(note in wire_text(210), cents in 0..=99_999_999_999_i64, second: bool) {
        let request = get_payment::Request {
            edition: if second { Edition::Second } else { Edition::First },
            payment_note: Some(note), amount: Some(Cents::new(cents)), ..get_request()
        };
        prop_assert_eq!(read_request(request.write().as_bytes()), Ok(Request::GetPayment(request)));
    }

    #[test]
    fn a_payment_is_read_as_written(payment in payments(wire_text)) {
        for (edition, payment) in [(Edition::First, first_edition(payment.clone())), (Edition::Second, payment)] {
            let request = get_payment::Request { edition, ..get_request() };
            let answer = Answer::Ok(payment);
            prop_assert_eq!(get_payment::Response::read(answer.write(edition).as_bytes(), &request), Ok(answer));
        }
    }

    #[test]
    fn a_receipt_is_read_as_written(receipt in receipts(wire_text)) {
        for (edition, receipt) in
            [(Edition::First, first_edition_receipt(receipt.clone())), (Edition::Second, receipt)]
        {
            let request = send_rt::Request { edition, receipt, ..receipt_request() };
            prop_assert_eq!(read_request(request.write().as_bytes()), Ok(Request::SendRt(Box::new(request))));
        }
    }

    #[test]
    fn a_demand_is_read_as_written(
        company_name in wire_text(140), debtor_code in wire_text(20), debtor_name in wire_text(70),
        cents in 0..=99_999_999_999_i64,
    ) {
        let data = match canone_unico() {
            ServiceData::CanoneUnico(data) => ServiceData::CanoneUnico(CanoneUnicoData {
                company_name, debtor_code, debtor_name, amount: Cents::new(cents), ..data
            }),
            other => other,
        };
        let request = demand_payment_notice::Request { data, ..demand_request() };
        prop_assert_eq!(
            read_request(request.write().as_bytes()),
            Ok(Request::DemandPaymentNotice(Box::new(request)))
        );
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read_request(&bytes).is_err());
        prop_assert!(verify_payment_notice::Response::read(&bytes, &verify_request()).is_err());
    }

    #[test]
    fn a_message_with_any_byte_changed_never_makes_the_reader_panic(place in 0..4_000_usize, byte: u8) {
        for message in messages() {
            let mut bytes = message.into_bytes();
            let length = bytes.len();
            bytes[place % length] = byte;
            let _read = read_request(&bytes);
            let _read = verify_payment_notice::Response::read(&bytes, &verify_request());
            let _read = get_payment::Response::read(&bytes, &get_request());
            let _read = send_rt::Response::read(&bytes, Edition::Second);
            let _read = demand_payment_notice::Response::read(&bytes, &demand_request());
        }
    }
}

fn messages() -> Vec<String> {
    vec![
        verify_request().write(),
        get_request().write(),
        receipt_request().write(),
        Answer::Ok(due()).write(),
        Answer::Ok(payment()).write(Edition::Second),
        Answer::Ok(()).write(Edition::Second),
        demand_request().write(),
        Answer::Ok(demanded()).write(),
        send_rt::Request {
            edition: Edition::First,
            ..receipt_request()
        }
        .write(),
    ]
}

#[test]
fn a_message_cut_anywhere_is_refused() {
    for message in messages() {
        let bytes = message.as_bytes();
        for length in 0..bytes.len() {
            assert!(read_request(&bytes[..length]).is_err(), "{length} bytes");
            assert!(verify_payment_notice::Response::read(&bytes[..length], &verify_request()).is_err());
            assert!(get_payment::Response::read(&bytes[..length], &get_request()).is_err());
            assert!(send_rt::Response::read(&bytes[..length], Edition::Second).is_err());
            assert!(demand_payment_notice::Response::read(&bytes[..length], &demand_request()).is_err());
        }
    }
}
