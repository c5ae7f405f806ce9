//! Icons of the sprite. They never carry meaning alone, so assistive technology skips them.

use crate::site::use_site;
use leptos::prelude::*;

/// The icon with this name.
pub(crate) fn icon(name: &'static str) -> AnyView {
    let href = [&use_site().icons, "#it-", name].concat();
    view! { <svg class="icon" aria-hidden="true"><use href=href></use></svg> }.into_any()
}
