//! The language of a page: the address first, then what the browser prefers, then Italian.

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use std::convert::Infallible;
use std::future::ready;

/// Italian or English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    Italian,
    English,
}

impl Lang {
    /// The words of this language.
    pub(crate) const fn say<'t>(self, italian: &'t str, english: &'t str) -> &'t str {
        match self {
            Self::Italian => italian,
            Self::English => english,
        }
    }

    pub(crate) const fn code(self) -> &'static str {
        self.say("it", "en")
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Italian => Self::English,
            Self::English => Self::Italian,
        }
    }

    /// An address that stays in this language.
    pub(crate) fn link(self, path: &str) -> String {
        format!("{path}?lang={}", self.code())
    }

    fn of(query: &str, preferred: &str) -> Self {
        let asked = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
        let tags = preferred.split(',').filter_map(|tag| tag.trim().get(..2));
        asked
            .into_iter()
            .chain(tags)
            .find_map(|code| match code {
                "it" => Some(Self::Italian),
                "en" => Some(Self::English),
                _ => None,
            })
            .unwrap_or(Self::Italian)
    }
}

impl<S: Sync> FromRequestParts<S> for Lang {
    type Rejection = Infallible;

    fn from_request_parts(
        parts: &mut Parts,
        _state: &S,
    ) -> impl Future<Output = Result<Self, Infallible>> + Send {
        let preferred = parts
            .headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        ready(Ok(Self::of(
            parts.uri.query().unwrap_or_default(),
            preferred.unwrap_or_default(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_wins_over_the_browser_and_italian_over_nothing() {
        assert_eq!(Lang::of("lang=en", "it-IT,it;q=0.9"), Lang::English);
        assert_eq!(Lang::of("x=1&lang=it", "en"), Lang::Italian);
        assert_eq!(Lang::of("lang=fr", "de, en-GB;q=0.8"), Lang::English);
        assert_eq!(Lang::of("", "de"), Lang::Italian);
        assert_eq!(Lang::of("", ""), Lang::Italian);
        assert_eq!(Lang::of("", "è"), Lang::Italian);
    }
}
