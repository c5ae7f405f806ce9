//! The interactive pages. Each file holds a page and the pieces only it uses.
//!
//! The address decides the page, the page decides its data ([`data`]), and one view shows the three states of every
//! page: loading, failed, ready.

pub(crate) mod calculator;
mod cart;
mod data;
mod find_receipt;
mod home;
mod missing;
mod notice;
mod notice_document;
mod outcome;
mod receipt;
mod search;
mod services;

use crate::address::{Page, query_value};
use crate::components::problem_page;
use crate::markup::{Markup, markup};
use crate::messages::layout::Layout;
use crate::site::{content_is_ready, use_language};
use data::{PageData, load};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
pub(crate) use missing::missing_page;

/// The data of the page shown now.
pub(crate) type PageResource = Resource<Result<PageData, crate::api::PortalError>>;

/// The page at the address shown now. While the data of the next one comes, the old one stays.
pub(crate) fn current_page() -> AnyView {
    let language = use_language();
    let location = use_location();
    let page = Memo::new(move |_| {
        location
            .pathname
            .with(|path| location.query.with(|query| Page::at(path, query)))
    });
    let data = Resource::new_blocking(move || page.get(), move |page| load(page, language));
    let watch = outcome::Watch {
        data,
        looks: RwSignal::new(0),
    };
    let waiting = Layout::Loading.text(language);
    view! {
        <Transition fallback=move || view! { <div class="container"><p role="status">{waiting}</p></div> }>
            {move || Suspend::new(async move {
                let answer = data.await;
                let page = page.get_untracked();
                content_is_ready(page.as_ref());
                match answer {
                    Ok(ready) => page_view(page, ready, watch),
                    Err(error) => problem_page(error),
                }
            })}
        </Transition>
    }
    .into_any()
}

fn page_view(page: Option<Page>, ready: PageData, watch: outcome::Watch) -> Markup {
    if !matches!(page, Some(Page::Outcome(_))) {
        watch.looks.set(0);
    }
    match (page, ready) {
        (Some(Page::Home), PageData::Services(services)) => home::home_page(services),
        (Some(Page::Search { text, cart }), PageData::Found(notices)) => {
            search::search_page(notices, text, cart)
        }
        (Some(Page::Notice { printed, .. }), PageData::Notice(notice)) => {
            notice::notice_page(notice.as_deref(), printed)
        }
        (Some(Page::Cart(cart)), PageData::Cart(lines)) => cart::cart_page(&cart, &lines),
        (Some(Page::Outcome(token)), PageData::Outcome(outcome)) => {
            outcome::outcome_page(&token, outcome, watch)
        }
        (Some(Page::FindReceipt { code }), PageData::None) => find_receipt::find_receipt_page(code),
        (Some(Page::NoticeDocument { key, link }), PageData::NoticeDocument(document)) => {
            notice_document::notice_document_page(&key, &link, document)
        }
        (Some(Page::Receipt(token)), PageData::Receipt(receipt)) => {
            receipt::receipt_page(&token, receipt.map(|receipt| *receipt))
        }
        (Some(Page::Services(sought)), PageData::Services(list)) => services::services_page(&list, &sought),
        // A calculator loads a module of its own.
        (Some(Page::Document(_) | Page::Rates(_) | Page::Calculator { .. }) | None, PageData::None) => {
            missing_page()
        }
        // The address has changed since: the data of its page is on the way.
        _ => markup! { div class="container" {} },
    }
}

/// A value of the query that is not part of what the page is, under its Italian or its English name.
fn note(italian: &str, english: &str) -> Option<String> {
    leptos_router::hooks::use_query_map().with_untracked(|query| query_value(query, italian, english))
}
