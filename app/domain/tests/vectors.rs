//! Every entry of the collection of test vectors, when the specification folder is at hand. The essential ones are also
//! inside the unit tests, so nothing is lost without it.
#![expect(clippy::unwrap_used, reason = "the collection has a known shape")]

use domain::notice_number::AuxDigit;
use domain::{
    CreditorFiscalCode, DataMatrix, Iban, NoticeNumber, PersonalFiscalCode, QrPayload, RfReference, Verdict,
    citizen_code,
};
use serde_json::Value;
use std::io::Write as _;
use std::path::PathBuf;

fn collection() -> Option<Value> {
    let folder = std::env::var_os("LANTERNA_SPEC_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/spec"),
        PathBuf::from,
    );
    let file = folder.join("pagopa/vectors/vectors.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        // Not `eprintln!`, which the test runner keeps to itself when a test passes.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: {} is not there; set LANTERNA_SPEC_DIR",
            file.display()
        );
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// The entries under `name`; a name that vanished or emptied is an error, not nothing to check.
fn entries<'a>(collection: &'a Value, name: &str) -> &'a [Value] {
    let entries = collection[name].as_array().unwrap();
    assert!(!entries.is_empty(), "{name}");
    entries
}

fn text<'a>(entry: &'a Value, name: &str) -> &'a str {
    entry[name].as_str().unwrap()
}

#[test]
fn every_notice_number_of_the_collection_is_read() {
    let Some(collection) = collection() else { return };
    for entry in entries(&collection, "notice_numbers") {
        let number = NoticeNumber::parse(text(entry, "nav")).unwrap();
        let aux = match text(entry, "aux") {
            "0" => AuxDigit::Zero,
            "1" => AuxDigit::One,
            "2" => AuxDigit::Two,
            _ => AuxDigit::Three,
        };
        assert_eq!(number.aux_digit(), Some(aux), "{number}");
        assert_eq!(number.iuv().as_str(), text(entry, "iuv"));
        assert!(number.has_right_check_digits(), "{number}");
        assert_eq!(
            number.segregation_code().map(String::from).as_deref(),
            entry["segregationCode"].as_str()
        );
        if let (Some(code), AuxDigit::Three) = (number.segregation_code(), aux) {
            assert_eq!(
                NoticeNumber::issue(code, text(entry, "base").parse().unwrap()),
                Some(number.clone())
            );
        }
        assert!(
            matches!(
                citizen_code::read(&number.grouped()),
                Verdict::NoticeNumber { .. }
            ),
            "{number}"
        );
    }
    for entry in entries(&collection, "published_but_wrong_check_digits") {
        let number = NoticeNumber::parse(text(entry, "nav")).unwrap();
        assert!(!number.has_right_check_digits(), "{number}");
        let mended = format!("{}{}", &number.as_str()[..16], text(entry, "right_check"));
        assert!(
            NoticeNumber::parse(&mended).unwrap().has_right_check_digits(),
            "{mended}"
        );
    }
}

#[test]
fn every_reference_code_and_account_of_the_collection_is_read() {
    let Some(collection) = collection() else { return };
    let strings = |name| {
        entries(&collection, name)
            .iter()
            .map(|entry| entry.as_str().unwrap())
    };
    for reference in strings("rf_iso11649") {
        assert_eq!(
            RfReference::parse(reference).map(String::from),
            Ok(reference.to_owned())
        );
        assert_eq!(
            RfReference::issue(&reference[4..]).map(String::from),
            Some(reference.to_owned())
        );
    }
    for entry in entries(&collection, "creditor_fiscal_codes") {
        let code = CreditorFiscalCode::parse(text(entry, "code")).unwrap();
        assert_eq!(
            Some(code.has_right_check_digit()),
            entry["valid"].as_bool(),
            "{code}"
        );
    }
    for code in strings("personal_fiscal_codes").chain(strings("omocodia_of_RSSMRA85T10A562S")) {
        assert!(PersonalFiscalCode::parse(code).is_ok(), "{code}");
    }
    for code in strings("personal_fiscal_codes_invalid") {
        assert!(PersonalFiscalCode::parse(code).is_err(), "{code}");
    }
    for iban in strings("ibans") {
        assert!(Iban::parse(iban).is_ok(), "{iban}");
    }
}

#[test]
fn every_qr_code_and_data_matrix_of_the_collection_is_read_and_printed_again() {
    let Some(collection) = collection() else { return };
    for entry in entries(&collection, "qr") {
        let payload = QrPayload::parse(text(entry, "payload")).unwrap();
        assert_eq!(payload.notice_number().as_str(), text(entry, "nav"));
        assert_eq!(payload.institution().as_str(), text(entry, "ec"));
        assert_eq!(Some(payload.amount().as_i64()), entry["cents"].as_i64());
        // We print at least two digits of cents.
        if payload.amount().as_i64() >= 10 {
            assert_eq!(payload.to_string(), text(entry, "payload"));
        }
    }
    for entry in entries(&collection, "data_matrix") {
        let slip = DataMatrix::parse(text(entry, "payload")).unwrap();
        assert_eq!(slip.print().as_deref(), Ok(text(entry, "payload")));
    }
}
