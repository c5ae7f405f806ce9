//! Every example is drawn whole: nothing is higher than its place and every character has a glyph.

use documents::font::{Fonts, tier_for};
use documents::{Document, notice, pdf, receipt, testing};
use proptest::prelude::*;

fn drawn(document: &Document) -> Result<Vec<u8>, pdf::RenderError> {
    pdf::render(document, Fonts::of(tier_for(document.texts(), Fonts::core())))
}

#[test]
fn every_example_is_drawn_whole() {
    let problems: Vec<String> = testing::examples()
        .iter()
        .filter_map(|(name, document)| drawn(document).err().map(|error| format!("{name}: {error}")))
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_notice_within_the_guidelines_lengths_is_drawn_whole(notice in testing::arbitrary::notice()) {
        let noticed = notice::document(&notice).expect("it is lawful");
        drawn(&noticed.document).map_err(|error| TestCaseError::fail(error.to_string()))?;
    }

    #[test]
    fn any_receipt_is_drawn_whole(receipt in testing::arbitrary::receipt()) {
        let document = receipt::document(&receipt, documents::Language::It, None);
        drawn(&document).map_err(|error| TestCaseError::fail(error.to_string()))?;
    }
}
