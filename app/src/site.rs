//! What every page knows of the site it is in. The server reads its settings; the browser reads what the server left
//! on `<main>`.

use crate::Language;
use crate::address::Page;
use leptos::prelude::*;
use std::sync::Arc;

/// Identifier of the element the browser takes over.
pub(crate) const MAIN_ID: &str = "main";

/// The site, for one page in one language. Changing language loads a new page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Site {
    /// Language of the page.
    pub(crate) language: Language,
    /// Name of the municipality.
    pub(crate) municipality: Arc<str>,
    /// Address of the sprite of icons.
    pub(crate) icons: Arc<str>,
    /// Address of the drawing that shows where the code is.
    pub(crate) picture: Arc<str>,
    /// Address of the module that reads QR codes.
    pub(crate) scanner: Arc<str>,
    /// Address of the module that draws, saves and shares documents.
    pub(crate) saver: Arc<str>,
    /// True once the browser runs the page: controls that need scripting show themselves.
    pub(crate) scripted: ArcRwSignal<bool>,
    /// Whether the head says a title for other sites: a page may be drawn twice while its data arrive.
    #[cfg(feature = "ssr")]
    titled: Arc<std::sync::atomic::AtomicBool>,
    /// The page whose content is shown; none before the first.
    #[cfg(not(feature = "ssr"))]
    shown: Arc<std::sync::Mutex<Option<String>>>,
}

/// The site this page is in.
pub(crate) fn use_site() -> Site {
    expect_context()
}

/// The page's language.
pub(crate) fn use_language() -> Language {
    use_site().language
}

#[cfg(feature = "ssr")]
impl Site {
    /// The site as the server knows it. Without settings (when routes are listed) it is nameless.
    pub(crate) fn find() -> Self {
        let path = use_context::<axum::http::request::Parts>().map(|parts| parts.uri.path().to_owned());
        let assets = use_context::<Arc<crate::PortalAssets>>().unwrap_or_default();
        let url = |name| Arc::from(assets.url(name));
        Self {
            language: Language::of_path(path.as_deref().unwrap_or("/")),
            municipality: use_context::<Arc<crate::PortalSettings>>().map_or_else(
                || Arc::from(""),
                |settings| Arc::from(settings.municipality.as_str()),
            ),
            icons: url("icons.svg"),
            picture: url("where-is-the-code.svg"),
            scanner: url("scan.js"),
            saver: url("save.js"),
            ..Self::default()
        }
    }
}

#[cfg(not(feature = "ssr"))]
impl Site {
    /// The site as the server left it on `<main>`.
    pub(crate) fn find() -> Self {
        let main = document().get_element_by_id(MAIN_ID);
        let text = |name| {
            let text = main.as_ref().and_then(|main| main.get_attribute(name));
            Arc::from(text.unwrap_or_default())
        };
        Self {
            language: Language::from_tag(&text("lang")),
            municipality: text("data-municipality"),
            icons: text("data-icons"),
            picture: text("data-picture"),
            scanner: text("data-scanner"),
            saver: text("data-saver"),
            ..Self::default()
        }
    }
}

/// The address shown now.
#[cfg(not(feature = "ssr"))]
pub(crate) fn here() -> String {
    let location = window().location();
    [
        location.pathname().unwrap_or_default(),
        location.search().unwrap_or_default(),
    ]
    .concat()
}

/// Says that the content of a page is there. After a change of page the focus moves to the error summary, or else to
/// the heading, so that who listens to the page hears what changed. More data for the same page moves nothing.
pub(crate) fn content_is_ready(page: Option<&Page>) {
    #[cfg(not(feature = "ssr"))]
    {
        let Some(site) = use_context::<Site>() else { return };
        let address = page.map_or_else(here, |page| page.address(site.language));
        let mut shown = site
            .shown
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if shown.as_ref().is_some_and(|shown| *shown != address) {
            let _ = request_animation_frame(focus_content);
        }
        *shown = Some(address);
    }
    #[cfg(feature = "ssr")]
    let _ = page;
}

/// Moves the focus to the error summary or to the heading.
pub(crate) fn focus_content() {
    #[cfg(not(feature = "ssr"))]
    {
        use wasm_bindgen::JsCast;
        for selector in ["main .error-summary", "main h1"] {
            let found = document().query_selector(selector).ok().flatten();
            if let Some(element) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = element.focus();
                return;
            }
        }
    }
}

/// Names the page: the title of its window and, on the server, what other sites show of a link to it.
pub(crate) fn name_page(title: &str, is_error: bool) {
    let site = use_site();
    let prefix = if is_error {
        crate::messages::layout::Layout::ErrorPrefix.text(site.language)
    } else {
        ""
    };
    let whole = [prefix, title, " · ", &site.municipality].concat();
    #[cfg(feature = "ssr")]
    {
        let _ = view! { <leptos_meta::Title text=whole/> };
        if !site.titled.swap(true, std::sync::atomic::Ordering::Relaxed) {
            let _ = view! { <leptos_meta::Meta property="og:title" content=title.to_owned()/> }.to_html();
        }
    }
    #[cfg(not(feature = "ssr"))]
    document().set_title(&whole);
}

/// Sets the status of the answer, on the server.
pub(crate) fn answer_with(status: u16) {
    #[cfg(feature = "ssr")]
    if let (Some(response), Ok(status)) = (
        use_context::<leptos_axum::ResponseOptions>(),
        http::StatusCode::from_u16(status),
    ) {
        response.set_status(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}
