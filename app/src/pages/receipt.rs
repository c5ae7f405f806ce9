//! A receipt, with everything the national specifications ask of it.

use super::missing::not_found_with;
use crate::address::receipt_file;
use crate::api::documents::DocumentView;
use crate::components::document::{actions, article};
use crate::components::{breadcrumb, icon};
use crate::markup::{Markup, markup};
use crate::messages::find_receipt::FindReceipt;
use crate::messages::receipt::Receipt;
use crate::site::{name_page, use_language};

/// A receipt by its link.
pub(super) fn receipt_page(token: &str, receipt: Option<DocumentView>) -> Markup {
    let language = use_language();
    match receipt {
        Some(document) => receipt_view(token, document),
        None => not_found_with(
            Receipt::UnknownTitle.text(language),
            Receipt::UnknownText.text(language),
            None,
        ),
    }
}

fn receipt_view(token: &str, document: DocumentView) -> Markup {
    let language = use_language();
    name_page(&document.title, false);
    let file = receipt_file(token, language);
    let original = [
        file.as_str(),
        language.pick("?originale=1&scarica=1", "?original=1&download=1"),
    ]
    .concat();
    let file = [file.as_str(), language.pick("?scarica=1", "?download=1")].concat();
    let actions = actions(&document, file, Some(original));
    markup! {
        div class="container" {
            (breadcrumb(FindReceipt::One.text(language)))
            div class="row" {
                div class="col-12 col-lg-8" {
                    (article(document.article))
                    (actions)
                    p class="no-print" { (icon("locked")) " " (Receipt::LinkNote.text(language)) }
                }
            }
        }
    }
}
