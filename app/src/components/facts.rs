//! Rows of a list of facts: what it is, and its value.

use crate::markup::{Content, Markup, markup};

/// A fact, for a `dl.facts`.
pub(crate) fn fact(term: &'static str, value: impl Content) -> Markup {
    markup! { div { dt { (term) } dd { (value) } } }
}

/// A fact with something to do about it.
pub(crate) fn fact_with_action(term: &'static str, value: impl Content, action: impl Content) -> Markup {
    markup! { div { dt { (term) } dd { (value) } dd { (action) } } }
}
