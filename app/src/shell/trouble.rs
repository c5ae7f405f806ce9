//! The page for an error nobody foresaw. It needs nothing that may be what broke: no router, no archive.

use super::policy::content_security_policy;
use super::words::Around;
use super::{footer, header};
use crate::address::Page;
use crate::messages::home::Home;
use crate::messages::layout::Layout;
use crate::{Language, PortalAssets, PortalSettings};
use axum::http::{HeaderValue, StatusCode, header::CONTENT_SECURITY_POLICY};
use axum::response::{Html, IntoResponse, Response};
use leptos::nonce::Nonce;
use leptos::prelude::*;

/// The answer to a request that failed inside, with its status.
pub fn trouble_page(
    status: StatusCode,
    settings: &PortalSettings,
    assets: &PortalAssets,
    language: Language,
) -> Response {
    let nonce = Nonce::new().to_string();
    let policy = content_security_policy(&nonce, &settings.checkout_origin);
    let html = Owner::new().with(|| document(settings, assets, language, nonce));
    let mut response = (status, Html(html)).into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn document(settings: &PortalSettings, assets: &PortalAssets, language: Language, nonce: String) -> String {
    let title = Around::ServerTitle.text(language);
    let home = |language| Page::Home.address(language);
    view! {
        <!DOCTYPE html>
        <html lang=language.tag()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="robots" content="noindex"/>
                <title>{Layout::ErrorPrefix.text(language)}{title}" · "{settings.municipality.clone()}</title>
                <style nonce=nonce inner_html=assets.inline_css.clone()></style>
            </head>
            <body>
                {header::header(settings, home, language)}
                <main id=crate::site::MAIN_ID>
                    <div class="container prose">
                        <h1>{title}</h1>
                        <p class="lead">{Around::ServerText.text(language)}</p>
                        <div class="actions"><a class="btn btn-primary" href=home(language)>{Home::Title.text(language)}</a></div>
                    </div>
                </main>
                {footer::footer(settings, language)}
            </body>
        </html>
    }
    .to_html()
}
