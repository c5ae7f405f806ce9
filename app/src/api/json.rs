//! JSON as it crosses between server and browser.

use leptos::server_fn::codec::Post;
use leptos::server_fn::{ContentType, Decodes, Encodes, Format, FormatType};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// JSON that is read from text. The page's own data arrives as text too, so the browser carries one reader for each
/// type instead of two.
pub struct JsonText;

/// Answers in [`JsonText`].
pub type Answer = Post<JsonText>;

/// A text that is not the JSON expected. What exactly is wrong is nobody's business in a browser.
#[derive(Debug)]
pub struct NotJson;

impl fmt::Display for NotJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the expected JSON")
    }
}

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = NotJson;

    fn encode(output: &T) -> Result<bytes::Bytes, NotJson> {
        serde_json::to_string(output).map(Into::into).map_err(|_| NotJson)
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = NotJson;

    fn decode(bytes: bytes::Bytes) -> Result<T, NotJson> {
        let text = std::str::from_utf8(&bytes).map_err(|_| NotJson)?;
        serde_json::from_str(text).map_err(|_| NotJson)
    }
}
