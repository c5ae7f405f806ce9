//! The content of `<main>` and its routes.

use crate::site::Site;
use leptos::children::ToChildren;
use leptos::prelude::*;
use leptos_router::MatchNestedRoutes;
use leptos_router::components::{FlatRoutes, FlatRoutesProps, RouteChildren, Router};

/// The portal: everything inside `<main>`.
#[expect(
    non_snake_case,
    reason = "the name frameworks and their users expect of the root"
)]
pub fn App() -> impl IntoView {
    let site = Site::find();
    provide_context(site.clone());
    #[cfg(not(feature = "ssr"))]
    crate::components::frame::show_scripted_controls(&site);
    #[cfg(feature = "ssr")]
    leptos_meta::provide_meta_context();
    let routes = || {
        #[cfg(not(feature = "ssr"))]
        crate::components::frame::follow_language_switch();
        FlatRoutes(
            FlatRoutesProps::builder()
                .fallback(|| crate::pages::missing_page().into_any())
                .children(RouteChildren::to_children(routes))
                .build(),
        )
    };
    view! { <Router>{routes()}</Router> }
}

/// The browser has one route: [`crate::address::Page`] reads the address, for which it needs no second table.
#[cfg(not(feature = "ssr"))]
fn routes() -> impl MatchNestedRoutes + Clone + Send {
    use leptos_router::{NestedRoute, WildcardSegment};
    (NestedRoute::new(
        WildcardSegment("page"),
        crate::pages::current_page,
    ),)
}

/// The server lists its routes, so that what is not one is not found. Every page waits for its data: the status of the
/// answer and the title depend on it, and without scripting nothing could arrive later.
#[cfg(feature = "ssr")]
fn routes() -> impl MatchNestedRoutes + Clone + Send {
    use crate::Language;
    use crate::pages::current_page;
    use leptos_router::{NestedRoute, ParamSegment, SsrMode, StaticSegment};
    let interactive = |language: Language| {
        let prefix = StaticSegment(language.pick("", "en"));
        let word = |italian, english| StaticSegment(language.pick(italian, english));
        let notice = word("avviso", "notice");
        let receipt = word("ricevuta", "receipt");
        let token = ParamSegment("token");
        let (institution, number) = (ParamSegment("institution"), ParamSegment("number"));
        let service = ParamSegment("service");
        (
            NestedRoute::new(prefix, current_page).ssr_mode(SsrMode::Async),
            NestedRoute::new((prefix, notice), current_page).ssr_mode(SsrMode::Async),
            NestedRoute::new((prefix, notice, institution, number), current_page).ssr_mode(SsrMode::Async),
            NestedRoute::new(
                (prefix, notice, institution, number, word("documento", "document")),
                current_page,
            )
            .ssr_mode(SsrMode::Async),
            NestedRoute::new((prefix, word("carrello", "cart")), current_page).ssr_mode(SsrMode::Async),
            NestedRoute::new((prefix, word("esito", "outcome"), token), current_page)
                .ssr_mode(SsrMode::Async),
            NestedRoute::new((prefix, receipt), current_page).ssr_mode(SsrMode::Async),
            NestedRoute::new((prefix, receipt, token), current_page).ssr_mode(SsrMode::Async),
            NestedRoute::new((prefix, word("servizi", "services")), current_page).ssr_mode(SsrMode::Async),
            NestedRoute::new(
                (prefix, word("calcola", "calculate"), institution, service),
                crate::pages::calculator::page,
            )
            .ssr_mode(SsrMode::Async),
        )
    };
    (
        interactive(Language::Italian),
        interactive(Language::English),
        crate::documents::routes(Language::Italian),
        crate::documents::routes(Language::English),
    )
}
