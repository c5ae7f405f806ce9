//! What a program that reads aloud finds in a file is what the document says, in the same order.

use crate::read_back::{heard, render};
use documents::model::Block;
use documents::receipt::Person;
use documents::spelling::{in_latin_letters, tidy};
use documents::{Document, Language, notice, receipt, testing};
use proptest::prelude::*;

/// What is heard of a document's file.
fn said(document: &Document) -> String {
    let heard = heard(&render(document)).into_iter().map(|heard| heard.text);
    heard
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn every_variant_is_read_aloud_as_the_document_says_it() {
    for (title, document) in testing::examples() {
        assert_eq!(said(&document), document.reading().join(" "), "{title}");
    }
}

#[test]
fn headings_of_columns_and_rows_are_headings_in_the_file() {
    for (title, document) in testing::examples() {
        let heard = heard(&render(&document));
        let count = |tag: &str, scope: Option<&str>| {
            heard
                .iter()
                .filter(|heard| heard.tag == tag && heard.scope.as_deref() == scope)
                .count()
        };
        let (mut columns, mut rows, mut cells) = (0, 0, 0);
        for leaf in document.leaves() {
            if let Block::Table(table) = leaf {
                let (width, height) = (table.columns.len(), table.rows.len());
                columns += width;
                rows += height;
                cells += (width - 1) * height;
            }
        }
        assert_eq!(count("TH", Some("Column")), columns, "{title}");
        assert_eq!(count("TH", Some("Row")), rows, "{title}");
        assert_eq!(count("TD", None), cells, "{title}");
    }
}

#[test]
fn names_in_other_scripts_are_shown_in_latin_letters_and_it_is_said() {
    for name in [
        "Владимир Петров",
        "محمد علي",
        "王小明",
        "Ma\u{200b}rio\u{0} Ro\u{202e}ssi",
        "D’Ångelo-Müller",
    ] {
        let legible = in_latin_letters(name);
        let mut receipt = testing::receipt();
        receipt.debtor = Person {
            name: legible.text.clone(),
            transliterated: legible.transliterated,
            code: None,
        };
        let document = receipt::document(&receipt, Language::It, None);
        let said = said(&document);
        assert!(said.contains(&tidy(&legible.text)), "{name}: {said}");
        assert_eq!(
            said.contains("lettere latine"),
            legible.transliterated,
            "{name}: {said}"
        );
    }
}

#[test]
fn the_institution_s_own_part_is_named_where_the_receipt_does_not_say_whose_it_is() {
    let mut receipt = testing::receipt();
    for part in &mut receipt.transfers {
        part.beneficiary_name = None;
    }
    let said = said(&receipt::document(&receipt, Language::It, None));
    assert!(said.contains("Comune di Roccalanterna (00856930102)"), "{said}");
    assert!(
        said.contains("01234567890") && !said.contains("(01234567890)"),
        "{said}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_receipt_is_read_aloud_as_the_document_says_it(receipt in testing::arbitrary::receipt()) {
        for language in [Language::It, Language::En] {
            let document = receipt::document(&receipt, language, None);
            prop_assert_eq!(said(&document), document.reading().join(" "));
        }
    }

    #[test]
    fn any_notice_is_read_aloud_as_the_document_says_it(notice in testing::arbitrary::notice()) {
        let document = notice::document(&notice)?.document;
        prop_assert_eq!(said(&document), document.reading().join(" "));
    }
}
