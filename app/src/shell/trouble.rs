//! The page for an error nobody foresaw. It needs nothing that may be what broke: no router, no archive.

use super::plain::{PlainPage, plain_page};
use super::words::Around;
use crate::address::Page;
use crate::messages::home::Home;
use crate::{Language, PortalAssets, PortalSettings};
use axum::http::StatusCode;
use axum::response::Response;

/// The answer to a request that failed inside, with its status.
pub fn trouble_page(
    status: StatusCode,
    settings: &PortalSettings,
    assets: &PortalAssets,
    language: Language,
) -> Response {
    let page = PlainPage {
        status,
        title: Around::ServerTitle.text(language).to_owned(),
        text: Around::ServerText.text(language).to_owned(),
        way_on: (
            Page::Home.address(language),
            Home::Title.text(language).to_owned(),
        ),
    };
    plain_page(&page, settings, assets, language)
}
