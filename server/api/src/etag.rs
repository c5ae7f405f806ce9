//! Entity tags (RFC 9110, 8.8.3): of what is read, so that it need not come twice, and of what is changed, so that nobody
//! changes what somebody else changed meanwhile.

use crate::Problem;
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, Type};

/// A strong entity tag, with its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag(String);

impl EntityTag {
    /// The tag of what is kept under a version.
    pub fn of_version(version: i64) -> Self {
        Self(format!("\"v{version}\""))
    }

    /// The version a tag of [`EntityTag::of_version`] is of.
    pub fn version(text: &str) -> Option<i64> {
        text.trim().strip_prefix("\"v")?.strip_suffix('"')?.parse().ok()
    }

    /// The tag of exactly these bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        Self(format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest[..16])))
    }

    /// The tag, with its quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a list of tags (`If-Match`, `If-None-Match`) names it, or everything.
    pub fn is_among(&self, list: &str) -> bool {
        list.split(',')
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == "*" || tag == self.0)
    }

    pub(crate) fn value(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or(HeaderValue::from_static("\"\""))
    }
}

/// `If-Match`, as changes of something with a version describe it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "handlers read the header themselves")]
pub(crate) struct IfMatch {
    /// The `ETag` that was read, or `*`.
    #[param(rename = "If-Match", schema_with = version_or_any, required = false)]
    if_match: Option<String>,
}

/// `If-None-Match`, as what makes something describes it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "handlers read the header themselves")]
pub(crate) struct IfNoneMatch {
    /// `*` to create only.
    #[param(rename = "If-None-Match", schema_with = any, required = false)]
    if_none_match: Option<String>,
}

fn version_or_any() -> Schema {
    let version = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^\"v[0-9]{1,18}\"$"));
    Schema::AnyOf(AnyOfBuilder::new().item(any()).item(version).build())
}

fn any() -> Schema {
    Schema::Object(
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["*"]))
            .build(),
    )
}

/// A single thing as JSON, with its entity tag; nothing but the tag when the program has it already. Without a tag of its
/// own, that of its text.
pub fn tagged<T: Serialize>(
    headers: &HeaderMap,
    tag: Option<EntityTag>,
    thing: &T,
) -> Result<Response, Problem> {
    let text = serde_json::to_vec(thing).map_err(|_| Problem::of(crate::problem::Code::Internal))?;
    let tag = tag.unwrap_or_else(|| EntityTag::of_bytes(&text));
    Ok(with_tag(headers, &tag, "application/json", text))
}

/// Bytes of a type, with their entity tag; nothing but the tag when they are there already.
pub(crate) fn with_tag(
    headers: &HeaderMap,
    tag: &EntityTag,
    content_type: &'static str,
    bytes: impl Into<axum::body::Body>,
) -> Response {
    let is_known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|list| tag.is_among(list));
    if is_known {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag.value())]).into_response();
    }
    let head = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (ETAG, tag.value()),
    ];
    (head, bytes.into()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list_weak_or_not() {
        let tag = EntityTag::of_version(7);
        for list in ["\"v7\"", "W/\"v7\"", "\"v6\", \"v7\"", "*"] {
            assert!(tag.is_among(list), "{list}");
        }
        for list in ["", "v7", "\"v70\"", "\"v6\""] {
            assert!(!tag.is_among(list), "{list}");
        }
    }
}
