//! Messages that stand out.

use super::icon;
use crate::markup::{Content, Markup, markup};

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Good to know.
    Information,
    /// All is well.
    Success,
    /// Mind this.
    Warning,
    /// Something failed.
    Danger,
}

/// A message that stands out. `body` is inside it.
pub(crate) fn alert(tone: Tone, body: impl Content) -> Markup {
    let (class, name) = match tone {
        Tone::Information => ("alert", "info-circle"),
        Tone::Success => ("alert alert-success", "check-circle"),
        Tone::Warning => ("alert alert-warning", "warning-circle"),
        Tone::Danger => ("alert alert-danger", "error"),
    };
    markup! { div class=(class) { (icon(name)) div { (body) } } }
}
