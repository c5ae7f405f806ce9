//! The list of what to correct, at the top of a form. It takes the focus.

use crate::markup::{Markup, markup};

/// A summary under `title`: each line leads to the field it is about, when it is about one.
pub(crate) fn error_summary<F: AsRef<str>>(title: &'static str, lines: Vec<(Option<F>, String)>) -> Markup {
    let line = |(field, text): (Option<F>, String)| {
        let Some(field) = field else {
            return markup! { li { (text) } };
        };
        // `external` leaves the link to the browser, which moves the focus to the field; the router would not.
        markup! { li { a href=(["#", field.as_ref()].concat()) rel="external" { (text) } } }
    };
    let lines: Vec<Markup> = lines.into_iter().map(line).collect();
    markup! {
        div class="error-summary" tabindex="-1" autofocus="" role="alert" aria-labelledby="error-summary-title" {
            h2 id="error-summary-title" { (title) }
            ul { (lines) }
        }
    }
}
