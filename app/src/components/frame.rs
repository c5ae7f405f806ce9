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
    point_language_switch(move |language| {
        let (path, query) = (location.pathname.get(), location.search.get());
        let address = if query.is_empty() {
            path
        } else {
            [&path, "?", &query].concat()
        };
        in_language(&address, language)
    });
}

/// Keeps the language switch pointed at these addresses, which change. At first it is as the server drew it.
pub(crate) fn point_language_switch(address: impl Fn(Language) -> String + 'static) {
    Effect::new(move |first: Option<()>| {
        let addresses = Language::ALL.map(|language| (language, address(language)));
        if first.is_none() {
            return;
        }
        for (language, address) in addresses {
            let selector = [".lang-switch [hreflang=", language.tag(), "]"].concat();
            if let Ok(Some(link)) = document().query_selector(&selector) {
                let _ = link.set_attribute("href", &address);
            }
        }
    });
}
