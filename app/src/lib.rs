//! The citizen portal: pages, components and server functions, shared by browser and server.
//!
//! The server renders every page whole, and every form works as a plain form. When the page is idle, or at the first
//! touch, the browser loads this same crate and takes over `<main>`; from then on pages change without a reload.
//! What stands around `<main>` and the long pages of text ([`documents`]) belong to the server alone.
//!
//! To add a page: its address in [`address`], its words in `messages`, its data in [`api`], its view in `pages`, its
//! line in the route table of [`App`].

// The type of a page is the type of everything in it.
#![recursion_limit = "256"]
#![cfg_attr(
    not(feature = "ssr"),
    expect(
        clippy::unused_async_trait_impl,
        reason = "the browser's half of a server function that the framework writes"
    )
)]

pub mod address;
pub mod api;
mod app;
pub mod calendar;
mod components;
#[cfg(feature = "ssr")]
pub mod documents;
mod language;
mod markup;
mod messages;
mod pages;
mod settings;
#[cfg(feature = "ssr")]
mod shell;
mod site;

pub use app::App;
pub use language::Language;
#[cfg(feature = "ssr")]
pub use settings::{ClientAddress, PortalAssets};
pub use settings::{PortalContact, PortalLinks, PortalSettings};
#[cfg(feature = "ssr")]
pub use shell::{PlainPage, plain_page, shell, trouble_page};

/// Takes over the page the server drew.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    take_over(site::MAIN_ID, App);
}

/// Takes over a calculator the server drew. Its page is nothing else in the browser: the way to others is by links that
/// load them.
#[cfg(feature = "hydrate")]
pub fn hydrate_calculator() {
    take_over(pages::calculator::ID, pages::calculator::taken_over);
}

#[cfg(feature = "hydrate")]
fn take_over<V: leptos::prelude::IntoView + 'static>(id: &str, view: impl FnOnce() -> V + 'static) {
    use wasm_bindgen::JsCast;
    let element = leptos::prelude::document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into().ok()) {
        leptos::mount::hydrate_from(element, view).forget();
    }
}
