//! Pages of text: help, privacy, legal notes, accessibility, rates. The server draws them and the browser loads no script
//! for them, so their length costs nobody anything.

mod accessibility;
mod help;
mod legal_notes;
mod privacy;
mod rates;

use crate::address::{DocumentPage, Page};
use crate::messages::layout::Layout;
use crate::site::{Site, name_page};
use crate::{Language, PortalSettings};
use leptos::prelude::*;
use leptos_router::{MatchNestedRoutes, NestedRoute, ParamSegment, SsrMode, StaticSegment};
use std::sync::Arc;

/// Day on which the texts were last checked, shown on each of them.
const CHECKED_ON: crate::calendar::Day = crate::calendar::Day(2026, 11, 23);

/// A section of a page of text.
pub(crate) struct Section {
    title: &'static str,
    body: AnyView,
}

/// A section with this body.
fn section(title: &'static str, body: impl IntoAny) -> Section {
    Section {
        title,
        body: body.into_any(),
    }
}

/// The routes of the pages of text in a language.
pub(crate) fn routes(language: Language) -> impl MatchNestedRoutes + Clone + Send {
    let prefix = StaticSegment(language.pick("", "en"));
    let route = move |page: DocumentPage, italian, english| {
        let path = (prefix, StaticSegment(language.pick(italian, english)));
        NestedRoute::new(path, move || document(page)).ssr_mode(SsrMode::Async)
    };
    let rates = (
        prefix,
        StaticSegment(language.pick("calcola", "calculate")),
        ParamSegment("institution"),
        ParamSegment("service"),
        StaticSegment(language.pick("tariffe", "rates")),
    );
    (
        NestedRoute::new(rates, rates::page).ssr_mode(SsrMode::Async),
        route(DocumentPage::Help, "aiuto", "help"),
        route(DocumentPage::Privacy, "privacy", "privacy"),
        route(DocumentPage::LegalNotes, "note-legali", "legal-notes"),
        route(DocumentPage::Accessibility, "accessibilita", "accessibility"),
    )
}

fn document(page: DocumentPage) -> AnyView {
    let language = Site::find().language;
    let settings = expect_context::<Arc<PortalSettings>>();
    let (title, lead, sections) = match page {
        DocumentPage::Help => help::page(&settings, language),
        DocumentPage::Privacy => privacy::page(&settings, language),
        DocumentPage::LegalNotes => legal_notes::page(&settings, language),
        DocumentPage::Accessibility => accessibility::page(&settings, language),
    };
    name_page(title, false);
    let legal = (page == DocumentPage::LegalNotes).then_some("legal-notes-section");
    let sections: Vec<AnyView> = sections
        .into_iter()
        .map(|Section { title, body }| {
            let element = legal
                .filter(|_| title == legal_notes::LICENCE_TITLE.0 || title == legal_notes::LICENCE_TITLE.1);
            view! { <section><h2 data-element=element>{title}</h2>{body}</section> }.into_any()
        })
        .collect();
    let checked = language.pick("Ultimo aggiornamento: ", "Last updated: ");
    view! {
        <div class="container">
            <nav aria-label=Layout::Breadcrumb.text(language)>
                <ol class="breadcrumb">
                    <li class="breadcrumb-item"><a href=Page::Home.address(language)>{Layout::BackHome.text(language)}</a></li>
                    <li class="breadcrumb-item" aria-current="page">{title}</li>
                </ol>
            </nav>
            <div class="row"><div class="col-12 col-lg-8 prose">
                <h1>{title}</h1>
                <p class="lead">{lead}</p>
                {sections}
                <p>{checked}<time datetime=CHECKED_ON.iso()>{CHECKED_ON.written(language)}</time></p>
            </div></div>
        </div>
    }
    .into_any()
}

/// A paragraph.
fn paragraph(text: impl Into<String>) -> AnyView {
    view! { <p>{text.into()}</p> }.into_any()
}

/// A list.
fn list<const N: usize>(items: [&'static str; N]) -> AnyView {
    let items = items.map(|item| view! { <li>{item}</li> });
    view! { <ul>{items}</ul> }.into_any()
}

/// A link of the municipality's own choosing: a page, or a mailbox without its scheme.
fn link(href: &str) -> AnyView {
    let shown = href
        .trim_start_matches("mailto:")
        .trim_start_matches("https://")
        .to_owned();
    view! { <a href=href.to_owned()>{shown}</a> }.into_any()
}

/// How to reach the municipality, in one sentence's worth of text.
fn contacts(settings: &PortalSettings) -> String {
    let contact = &settings.contact;
    let parts = [
        &contact.address,
        &contact.telephone,
        &contact.certified_email,
        &contact.email,
    ];
    let known: Vec<&str> = parts.into_iter().filter_map(|part| part.as_deref()).collect();
    if known.is_empty() {
        settings.links.main_site.clone()
    } else {
        known.join(", ")
    }
}
