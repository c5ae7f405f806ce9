//! The portal's files, carried inside the binary. Names hold a digest of the content, so browsers keep them for good.

use super::AppState;
use anyhow::{Context, Result};
use app::PortalAssets;
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

include!(concat!(env!("OUT_DIR"), "/site.rs"));

static BY_NAME: LazyLock<HashMap<&'static str, &'static [u8]>> =
    LazyLock::new(|| FILES.iter().copied().collect());

/// What the bundling tool says of its files, as far as it matters here.
#[derive(Deserialize)]
struct Manifest {
    files: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    file: String,
}

/// Hashed name of each file, by logical name. Empty when the binary was built without pages.
static MANIFEST: LazyLock<Result<BTreeMap<String, String>, serde_json::Error>> = LazyLock::new(|| {
    let Some(text) = BY_NAME.get("manifest.json") else {
        return Ok(BTreeMap::new());
    };
    let manifest: Manifest = serde_json::from_slice(text)?;
    Ok(manifest
        .files
        .into_iter()
        .map(|(logical, entry)| (logical, entry.file))
        .collect())
});

/// The addresses of the portal's files, and the style sheet that goes inside each page.
pub fn portal_assets() -> Result<PortalAssets> {
    let names = MANIFEST
        .as_ref()
        .ok()
        .context("the binary's own list of files cannot be read: build it again")?;
    let style = names.get("main.css").and_then(|file| BY_NAME.get(file.as_str()));
    let inline_css =
        std::str::from_utf8(style.copied().unwrap_or_default()).context("the style sheet is not text")?;
    Ok(PortalAssets {
        urls: names
            .iter()
            .map(|(logical, file)| (logical.clone(), format!("/assets/{file}")))
            .collect(),
        inline_css: inline_css.to_owned(),
    })
}

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/assets/{name}", get(hashed))
        .route("/robots.txt", get(robots))
}

async fn hashed(Path(name): Path<String>, headers: HeaderMap) -> Response {
    named(&name, &headers, "public, max-age=31536000, immutable")
}

async fn robots(headers: HeaderMap) -> Response {
    let name = MANIFEST.as_ref().ok().and_then(|names| names.get("robots.txt"));
    named(
        name.map_or("robots.txt", String::as_str),
        &headers,
        "public, max-age=86400",
    )
}

fn named(name: &str, headers: &HeaderMap, caching: &'static str) -> Response {
    let Some(plain) = BY_NAME.get(name).filter(|_| name != "manifest.json") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let accepts = |coding: &str| {
        accepted
            .split(',')
            .any(|part| part.split(';').next().map(str::trim) == Some(coding))
    };
    let (bytes, coding) = [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(coding, _)| accepts(coding))
        .find_map(|(coding, suffix)| Some((*BY_NAME.get(format!("{name}.{suffix}").as_str())?, Some(coding))))
        .unwrap_or((*plain, None));
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        // Of our own: no registered type fits.
        "pack" => "application/vnd.lanterna.font-pack",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
