//! The page that says why there is no answer.

use crate::address::{DocumentPage, Page};
use crate::api::PortalError;
use crate::markup::{Markup, markup};
use crate::messages::layout::Layout;
use crate::messages::problem::{self, Problem};
use crate::site::{answer_with, name_page, use_site};
use leptos::prelude::*;
use leptos_router::hooks::use_url;

/// The page that says why there is no answer.
pub(crate) fn problem_page(error: PortalError) -> Markup {
    let site = use_site();
    let language = site.language;
    let (title, text) = problem::of_error(error);
    answer_with(error.status());
    name_page(title.text(language), true);
    let wait = match error {
        PortalError::TooManyRequests { seconds } => {
            Some(markup! { p { (problem::wait(seconds, language)) } })
        }
        PortalError::Unavailable => Some(markup! { p { (Problem::UnavailableElsewhere.text(language)) } }),
        PortalError::Offline | PortalError::Malformed => None,
    };
    let url = use_url().get_untracked();
    let again = [url.path(), "?", url.search()].concat();
    markup! {
        div class="container prose" {
            h1 tabindex="-1" { (title.text(language)) }
            p class="lead" { (text.text(language)) }
            (wait)
            div class="actions" {
                a class="btn btn-primary" rel="external" href=(again) { (Layout::TryAgain.text(language)) }
                a class="btn btn-outline-primary" href=(Page::Home.address(language)) {
                    (Layout::BackHome.text(language))
                }
                a class="btn btn-link" rel="external" href=(DocumentPage::Help.path(language)) {
                    (Layout::Help.text(language))
                }
            }
            p class="support-code" { (Layout::SupportCode.text(language)) span class="code" { (error.code()) } }
        }
    }
}
