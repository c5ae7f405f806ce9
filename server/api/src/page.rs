//! Pages of lists, by key: a page begins after the last thing of the one before, whatever came or left meanwhile.

use crate::Problem;
use crate::problem::Code;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

/// Things on a page when nothing else is said.
pub const LIMIT_USUAL: u32 = 100;
/// Things on a page at most.
pub const LIMIT_MAX: u32 = 500;
/// Longest cursor that is looked at.
const CURSOR_LENGTH_MAX: usize = 1_000;

/// A page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// What to send as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page out of one thing more than it may hold, so that it is known whether another follows; `key` is what a page
    /// can begin after.
    pub fn cut<K: Serialize>(mut found: Vec<T>, limit: u32, key: impl Fn(&T) -> K) -> Self {
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let next = (found.len() > most).then(|| {
            found.truncate(most);
            found.last().map(|last| cursor(&key(last)))
        });
        Self {
            items: found,
            next: next.flatten(),
        }
    }

    /// The same page of what its things are shown as.
    pub fn map<U>(self, show: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(show).collect(),
            next: self.next,
        }
    }
}

/// How many things a page may hold.
///
/// # Errors
/// When it is none, or more than [`LIMIT_MAX`].
pub fn limit(asked: Option<u32>) -> Result<u32, Problem> {
    match asked {
        None => Ok(LIMIT_USUAL),
        Some(limit @ 1..=LIMIT_MAX) => Ok(limit),
        Some(_) => Err(Problem::of(Code::MalformedQuery).about("limit: 1–500")),
    }
}

/// The text of a key, which programs give back and do not read.
fn cursor(key: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

/// The key a page begins after.
///
/// # Errors
/// When the text can be no cursor, or is none we gave.
pub fn after<K: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<K>, Problem> {
    cursor
        .map(|text| {
            let is_cursor = (1..=CURSOR_LENGTH_MAX).contains(&text.len())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            if !is_cursor {
                return Err(Problem::of(Code::MalformedQuery).about("cursor"));
            }
            URL_SAFE_NO_PAD
                .decode(text)
                .ok()
                .and_then(|bytes| serde_json::from_slice(&bytes).ok())
                .ok_or_else(|| Problem::of(Code::RefusedQuery).about("cursor"))
        })
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_where_the_next_begins_and_the_last_does_not() {
        let page = Page::cut(vec![1, 2, 3], 2, |last| *last);
        assert_eq!(page.items, [1, 2]);
        assert_eq!(after(page.next.as_deref()).unwrap(), Some(2));
        assert_eq!(Page::cut(vec![1, 2], 2, |last| *last).next, None);
        assert!(after::<i64>(Some("?")).is_err());
        assert!(after::<i64>(Some("IngiOg")).is_err());
        assert!(limit(Some(0)).is_err() && limit(Some(501)).is_err());
    }
}
