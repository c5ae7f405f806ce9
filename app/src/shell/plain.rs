//! A page of a title and a sentence, where a page of the portal cannot be: it needs no router and no archive.

use super::policy::content_security_policy;
use super::{footer, header};
use crate::messages::layout::Layout;
use crate::{Language, PortalAssets, PortalSettings};
use axum::http::{HeaderValue, StatusCode, header::CONTENT_SECURITY_POLICY};
use axum::response::{Html, IntoResponse, Response};
use leptos::nonce::Nonce;
use leptos::prelude::*;

/// What such a page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainPage {
    /// The answer's status. From 400 on the page is one of an error.
    pub status: StatusCode,
    /// Its title.
    pub title: String,
    /// What happened and what to do.
    pub text: String,
    /// Where to go from here: address and words.
    pub way_on: (String, String),
}

/// The page as an answer.
pub fn plain_page(
    page: &PlainPage,
    settings: &PortalSettings,
    assets: &PortalAssets,
    language: Language,
) -> Response {
    let nonce = Nonce::new().to_string();
    let policy = content_security_policy(&nonce, &settings.checkout_origin);
    let html = Owner::new().with(|| document(page, settings, assets, language, nonce));
    let mut response = (page.status, Html(html)).into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn document(
    page: &PlainPage,
    settings: &PortalSettings,
    assets: &PortalAssets,
    language: Language,
    nonce: String,
) -> String {
    let is_error = page.status.as_u16() >= 400;
    let prefix = is_error.then(|| Layout::ErrorPrefix.text(language));
    let (way_on, words) = page.way_on.clone();
    let home = |language| crate::address::Page::Home.address(language);
    view! {
        <!DOCTYPE html>
        <html lang=language.tag()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="robots" content="noindex"/>
                <title>{prefix}{page.title.clone()}" · "{settings.municipality.clone()}</title>
                <style nonce=nonce inner_html=assets.inline_css.clone()></style>
            </head>
            <body>
                {header::header(settings, home, language)}
                <main id=crate::site::MAIN_ID>
                    <div class="container prose">
                        <h1>{page.title.clone()}</h1>
                        <p class="lead">{page.text.clone()}</p>
                        <div class="actions"><a class="btn btn-primary" href=way_on>{words}</a></div>
                    </div>
                </main>
                {footer::footer(settings, language)}
            </body>
        </html>
    }
    .to_html()
}
