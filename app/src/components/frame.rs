//! Keeps what the server drew around `<main>` in step with the page the browser shows.

use crate::Language;
use crate::address::in_language;
use crate::site::Site;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// Shows the controls that need scripting.
pub(crate) fn show_scripted_controls(site: &Site) {
    let scripted = site.scripted.clone();
    Effect::new(move |_| scripted.set(true));
}

/// Points the language switch at the page shown now. To be called inside the router.
pub(crate) fn follow_language_switch() {
    let location = use_location();
    Effect::new(move |first: Option<()>| {
        let (path, query) = (location.pathname.get(), location.search.get());
        if first.is_none() {
            return;
        }
        let address = if query.is_empty() {
            path
        } else {
            [&path, "?", &query].concat()
        };
        for language in Language::ALL {
            let selector = [".lang-switch [hreflang=", language.tag(), "]"].concat();
            if let Ok(Some(link)) = document().query_selector(&selector) {
                let _ = link.set_attribute("href", &in_language(&address, language));
            }
        }
    });
}
