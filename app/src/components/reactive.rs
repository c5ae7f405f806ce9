//! Small pieces that change by themselves, to stand in markup that does not.

use super::icon;
use crate::site::use_site;
use leptos::prelude::*;

/// A line read aloud when its words change. Nobody sees it when `hidden`.
pub(crate) fn live_line(hidden: bool, words: impl Fn() -> &'static str + Send + Sync + 'static) -> AnyView {
    let class = if hidden { "visually-hidden" } else { "form-text" };
    view! { <p class=class role="status">{words}</p> }.into_any()
}

/// A button for something only scripting can do. It keeps its place and shows itself where scripting runs.
pub(crate) fn scripted_button(
    class: &'static str,
    symbol: &'static str,
    label: &'static str,
    hidden_label: &'static str,
    act: impl Fn() + 'static,
) -> AnyView {
    let scripted = use_site().scripted;
    view! {
        <button class=class type="button" class:invisible=move || !scripted.get() on:click=move |_| act()>
            {icon(symbol)}{label}<span class="visually-hidden">{hidden_label}</span>
        </button>
    }
    .into_any()
}

/// Copies `text` at a click and says so in `status`.
pub(crate) fn copy_to_clipboard(text: String, done: &'static str, status: RwSignal<&'static str>) {
    leptos::task::spawn_local(async move {
        let written = window().navigator().clipboard().write_text(&text);
        if wasm_bindgen_futures::JsFuture::from(written).await.is_ok() {
            status.set(done);
        }
    });
}

/// Opens the browser's print dialogue.
pub(crate) fn print_page() {
    let _ = window().print();
}
