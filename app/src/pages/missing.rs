//! An address that leads nowhere.

use crate::address::{DocumentPage, Page};
use crate::markup::{Markup, markup};
use crate::messages::home::Home;
use crate::messages::layout::Layout;
use crate::messages::problem::Problem;
use crate::site::{answer_with, name_page, use_language};

/// The page for an address the router does not know. The browser knows fewer routes than the server, so there it asks
/// the server.
pub(crate) fn missing_page() -> Markup {
    #[cfg(not(feature = "ssr"))]
    {
        use leptos::prelude::{GetUntracked, window};
        let url = leptos_router::hooks::use_url().get_untracked();
        let address = [
            url.path(),
            if url.search().is_empty() { "" } else { "?" },
            url.search(),
        ]
        .concat();
        let _ = window().location().set_href(&address);
    }
    not_found(
        Problem::NotFoundTitle,
        Problem::NotFoundText,
        Problem::NotFoundNext,
    )
}

/// What was asked for is not there: why, and what to do.
pub(crate) fn not_found(title: Problem, text: Problem, next: Problem) -> Markup {
    let language = use_language();
    not_found_with(
        title.text(language),
        text.text(language),
        Some(next.text(language)),
    )
}

/// The same with words of the page's own.
pub(crate) fn not_found_with(title: &'static str, text: &'static str, next: Option<&'static str>) -> Markup {
    let language = use_language();
    answer_with(404);
    name_page(title, true);
    markup! {
        div class="container prose" {
            h1 tabindex="-1" { (title) }
            p class="lead" { (text) }
            (next.map(|next| markup! { p { (next) } }))
            div class="actions" {
                a class="btn btn-primary" href=(Page::Home.address(language)) { (Home::Title.text(language)) }
                a class="btn btn-outline-primary" href=(Page::FindReceipt { code: String::new() }.address(language)) {
                    (Layout::FindReceipt.text(language))
                }
                a class="btn btn-link" rel="external" href=(DocumentPage::Help.path(language)) {
                    (Layout::Help.text(language))
                }
            }
        }
    }
}
