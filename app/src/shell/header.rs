//! Slim line with the municipality and the languages, name of the service under it.

use super::words::Around;
use crate::address::Page;
use crate::{Language, PortalSettings};
use leptos::prelude::*;

/// The lighthouse, drawn in place: no request, no late arrival.
const LOGO: &str = "<path fill=\"#ffc94d\" d=\"m38 12 24-7v14zM26 12 2 5v14z\"/><path d=\"M32 2a6 6 0 0 1 5 5h1v9h3v4h-3l2 16h4v4h-3l3 20h4v2H16v-2h4l3-20h-3v-4h4l2-16h-3v-4h3V7h1a6 6 0 0 1 5-5m-2 7v6h4V9zm0 17v5h4v-5zm-1 20v6h6v-6z\"/>";
/// The silhouette of a person, for signing in.
const PERSON: &str = "<path d=\"M12 12.5a5.3 5.3 0 1 0-5.2-5.2 5.3 5.3 0 0 0 5.2 5.2zM12 3a4.3 4.3 0 1 1-4.2 4.2A4.3 4.3 0 0 1 12 3zm0 11.5c-5 0-9 2.7-9 6.2V22h18v-1.3c0-3.5-4-6.2-9-6.2zM4 21c0-3 3.5-5.5 8-5.5s8 2.5 8 5.5z\"/>";

/// `address_in` is where the page is in each language.
pub(super) fn header(
    settings: &PortalSettings,
    address_in: impl Fn(Language) -> String,
    language: Language,
) -> AnyView {
    let text = move |message: Around| message.text(language);
    let trial = settings.trial.then(|| {
        view! {
            <aside class="trial-banner" aria-label=text(Around::TrialLabel)>
                <div class="container">{text(Around::Trial)}</div>
            </aside>
        }
    });
    let languages = Language::ALL.map(|other| {
        let current = (other == language).then_some("true");
        view! {
            <li>
                // A new page: everything on it is in one language.
                <a href=address_in(other) hreflang=other.tag() lang=other.tag() rel="external" aria-current=current>
                    <span aria-hidden="true">{other.tag()}</span>
                    <span class="visually-hidden">{other.own_name()}</span>
                </a>
            </li>
        }
    });
    let personal_area = settings.links.personal_area.clone().map(|href| {
        view! {
            <a data-element="personal-area-login" href=href>
                <svg class="icon icon-sm" viewBox="0 0 24 24" aria-hidden="true" inner_html=PERSON></svg>
                {text(Around::SignIn)}
            </a>
        }
    });
    view! {
        {trial}
        <header class="it-header-wrapper">
            <div class="it-header-slim-wrapper"><div class="container"><div class="it-header-slim-wrapper-content">
                <a class="navbar-brand" href=settings.links.main_site.clone()>{settings.municipality.clone()}</a>
                <div class="it-header-slim-right-zone">
                    <nav aria-label=text(Around::LanguageLabel)><ul class="lang-switch">{languages}</ul></nav>
                    {personal_area}
                </div>
            </div></div></div>
            <div class="it-header-center-wrapper"><div class="container"><div class="it-header-center-content-wrapper">
                <div class="it-brand-wrapper"><a href=Page::Home.address(language)>
                    <svg class="icon" viewBox="0 0 64 64" aria-hidden="true" inner_html=LOGO></svg>
                    <div class="it-brand-text">
                        <div class="it-brand-title">{settings.name.clone()}</div>
                        <div class="it-brand-tagline">{settings.municipality.clone()}</div>
                    </div>
                </a></div>
            </div></div></div>
        </header>
    }
    .into_any()
}
