//! The language problems are told in.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// A language problems are told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Italian, when nothing else is asked for.
    Italian,
    /// English.
    English,
}

impl Language {
    /// The language a request asks for (RFC 9110, 12.5.4): of those we speak, the one preferred.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut best = (0, Self::Italian);
        let values = headers.get_all(ACCEPT_LANGUAGE).iter();
        for range in values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(','))
        {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let language = match tag.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
                Some("it") => Self::Italian,
                Some("en") => Self::English,
                _ => continue,
            };
            let weight = thousandths(weight);
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    /// Its tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::Italian => "it",
            Self::English => "en",
        }
    }
}

/// A weight like `q=0.8`, in thousandths; what cannot be read weighs nothing.
fn thousandths(weight: &str) -> u32 {
    let Some(number) = weight.trim().strip_prefix("q=") else {
        return 0;
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    match (whole, part.parse::<u32>()) {
        ("0", Ok(part)) => part,
        ("1", Ok(_)) => 1_000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn problems_are_told_in_italian_unless_english_is_preferred() {
        let of = |text: &'static str| {
            Language::of(&HeaderMap::from_iter([(
                ACCEPT_LANGUAGE,
                HeaderValue::from_static(text),
            )]))
        };
        for text in [
            "it",
            "de",
            "*",
            "",
            "en;q=0",
            "en;q=0.5, it",
            "it-IT,en;q=0.9",
            "en;q=x",
        ] {
            assert_eq!(of(text), Language::Italian, "{text}");
        }
        for text in ["en", "EN-gb, it;q=0.9", "de, en;q=0.2", "it;q=0.25, en;q=0.3"] {
            assert_eq!(of(text), Language::English, "{text}");
        }
    }
}
