//! Whatever a document says, its file conforms to PDF/UA-1 and PDF/A at once.

use crate::read_back::{findings, render};
use documents::{Document, Language, notice, receipt, testing};
use page_validation::ValidationProfile;
use proptest::prelude::*;

fn check(name: &str, document: &Document) {
    let archive = if document.attachments.is_empty() {
        ValidationProfile::PdfA2a
    } else {
        ValidationProfile::PdfA3a
    };
    let found = findings(&render(document), archive);
    assert!(found.is_empty(), "{name}: {found:#?}");
}

#[test]
fn every_variant_is_accessible_and_fit_for_archives() {
    for (name, document) in testing::examples() {
        check(&name, &document);
    }
}

#[test]
fn equal_documents_are_equal_files() {
    for (name, document) in testing::examples() {
        assert_eq!(render(&document), render(&document.clone()), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn any_receipt_is_accessible_and_fit_for_archives(receipt in testing::arbitrary::receipt()) {
        check("receipt", &receipt::document(&receipt, Language::It, None));
    }

    // Whatever is made here is lawful: what is not would be refused, and fail.
    #[test]
    fn any_notice_is_accessible_and_fit_for_archives(notice in testing::arbitrary::notice()) {
        check("notice", &notice::document(&notice)?.document);
    }
}
