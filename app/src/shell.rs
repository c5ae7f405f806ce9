//! The document around `<main>`: head, header, footer, and the script that lets the browser take over.

mod footer;
mod header;
mod plain;
mod policy;
mod trouble;
mod words;

pub use plain::{PlainPage, plain_page};
pub use trouble::trouble_page;

use crate::address::{Page, in_language};
use crate::api::fees::SentForm;
use crate::site::{MAIN_ID, Site};
use crate::{App, Language, PortalAssets, PortalSettings};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::request::Parts;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::params::ParamsMap;
use std::sync::Arc;
use words::Around;

/// The whole document. Settings and assets come from the context; the options of the page framework are not used:
/// names and addresses of the files are the bundling tool's.
pub fn shell(_: LeptosOptions) -> impl IntoView {
    let parts = use_context::<Parts>();
    let uri = parts.as_ref().map(|parts| parts.uri.clone()).unwrap_or_default();
    let address = uri
        .path_and_query()
        .map_or("/", |address| address.as_str())
        .to_owned();
    let assets = use_context::<Arc<PortalAssets>>().unwrap_or_default();
    let settings = expect_context::<Arc<PortalSettings>>();
    let site = Site::find();
    let language = site.language;
    let nonce = use_nonce();
    send_policy(nonce.as_deref().unwrap_or_default(), &settings);
    let alternates: Vec<_> = Language::ALL
        .map(|other| {
            let href = [settings.base_url.as_str(), &in_language(uri.path(), other)].concat();
            view! { <link rel="alternate" hreflang=other.tag() href=href/> }
        })
        .into();
    let page = Page::at(uri.path(), &ParamsMap::new());
    let sent = parts
        .as_ref()
        .and_then(|parts| parts.extensions.get::<SentForm>());
    let address_in =
        |other| sent.map_or_else(|| in_language(&address, other), |sent| sent.page().address(other));
    let hidden = (!page.as_ref().is_some_and(Page::is_indexable))
        .then(|| view! { <meta name="robots" content="noindex"/> });
    let takeover = page.as_ref().and_then(Page::module).map(|module| {
        let (glue, wasm) = ([module, ".js"].concat(), [module, "_bg.wasm"].concat());
        let script = takeover_script(&assets.url(&glue), &assets.url(&wasm));
        view! { <script nonce=nonce.clone() inner_html=script></script> }
    });
    let image = [settings.base_url.as_str(), &assets.url("og.png")].concat();
    view! {
        <!DOCTYPE html>
        <html lang=language.tag()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <style nonce=nonce.clone() inner_html=assets.inline_css.clone()></style>
                <link rel="preload" r#as="font" r#type="font/woff2" crossorigin="anonymous" href=assets.url("fonts/titillium-web-400.woff2")/>
                <link rel="icon" r#type="image/svg+xml" href=assets.url("favicon.svg")/>
                <meta name="theme-color" content="#0059b8"/>
                <meta name="description" content=description(&settings, language)/>
                {property("og:type", "website".to_owned())}
                {property("og:site_name", settings.municipality.clone())}
                {property("og:image", image)}
                {hidden}
                {alternates}
                <leptos_meta::MetaTags/>
            </head>
            <body>
                <div class="skiplinks">
                    <a class="visually-hidden-focusable" href="#main" rel="external">{Around::Skip.text(language)}</a>
                    <a class="visually-hidden-focusable" href="#footer" rel="external">{Around::SkipToFooter.text(language)}</a>
                </div>
                {header::header(&settings, address_in, language)}
                <main
                    id=MAIN_ID lang=language.tag() tabindex="-1" data-municipality=site.municipality.to_string()
                    data-icons=site.icons.to_string() data-picture=site.picture.to_string() data-scanner=assets.url("scan.js")
                    data-saver=assets.url("save.js")
                >{App()}</main>
                {footer::footer(&settings, language)}
                {takeover}
            </body>
        </html>
    }
}

/// A property of the Open Graph protocol: what other sites show of a link.
fn property(name: &'static str, content: String) -> impl IntoView {
    leptos::html::meta()
        .attr("property", name)
        .attr("content", content)
}

fn description(settings: &PortalSettings, language: Language) -> String {
    match language {
        Language::Italian => format!(
            "Paga gli avvisi pagoPA di {} con il solo codice, senza registrarti.",
            settings.municipality
        ),
        Language::English => format!(
            "Pay the pagoPA notices of {} with their code alone, no sign-up.",
            settings.municipality
        ),
    }
}

/// The page's own content security policy, which names its nonce.
fn send_policy(nonce: &str, settings: &PortalSettings) {
    let policy = policy::content_security_policy(nonce, &settings.checkout_origin);
    if let (Some(response), Ok(policy)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&policy)) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

/// Loads the Wasm once: when the page is idle after its load, or at the first touch of anything on it. Who asked for
/// little data only gets it by touching the page. Until then links and forms work by themselves.
fn takeover_script(glue: &str, wasm: &str) -> String {
    const SCRIPT: &str = include_str!("shell/takeover.js");
    SCRIPT.replace("GLUE_URL", glue).replace("WASM_URL", wasm)
}
