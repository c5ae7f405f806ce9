//! The field of a short proof: the last characters of a fiscal code.

use super::icon;
use crate::markup::{Markup, markup};
use crate::messages::find_receipt::FindReceipt;
use crate::messages::layout::Layout;
use crate::site::use_language;

/// Identifier of the field.
pub(crate) const PROOF: &str = "prova";

/// The field, with whose code is meant and what was wrong with it.
pub(crate) fn proof_field(hint: &'static str, error: Option<&'static str>) -> Markup {
    let language = use_language();
    let invalid = error.is_some();
    let message = error.map(|error| {
        markup! {
            p class="invalid-feedback" id="prova-errore" {
                (icon("error"))
                span { span class="visually-hidden" { (Layout::ErrorPrefix.text(language)) } (error) }
            }
        }
    });
    markup! {
        div class=(if invalid { "form-group is-invalid" } else { "form-group" }) {
            label for=(PROOF) { (FindReceipt::ProofLabel.text(language)) }
            span class="form-text" id="prova-aiuto" { (hint) }
            (message)
            input class="form-control field-medium" id=(PROOF) name="proof" type="text" autocomplete="off" spellcheck="false" autocapitalize="characters" aria-describedby="prova-aiuto prova-errore" aria-invalid=(invalid.then_some("true"));
        }
    }
}
