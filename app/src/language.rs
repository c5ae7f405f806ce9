//! The languages of the portal. The address says which one: Italian without a prefix, English under `/en`.

use domain::money::NumberStyle;
use serde::{Deserialize, Serialize};

/// A language every page exists in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Italian, the one without a prefix.
    #[default]
    Italian,
    /// English.
    English,
}

impl Language {
    /// Both, in the order the switch shows them.
    pub const ALL: [Self; 2] = [Self::Italian, Self::English];

    /// The language of a path.
    pub fn of_path(path: &str) -> Self {
        match path.strip_prefix("/en") {
            Some("") => Self::English,
            Some(rest) if rest.starts_with(['/', '?', '#']) => Self::English,
            Some(_) | None => Self::Italian,
        }
    }

    /// The tag for `lang` and `hreflang`.
    pub const fn tag(self) -> &'static str {
        self.pick("it", "en")
    }

    /// Its own name for itself.
    pub const fn own_name(self) -> &'static str {
        self.pick("Italiano", "English")
    }

    /// The language with this tag.
    pub fn from_tag(tag: &str) -> Self {
        if tag == "en" { Self::English } else { Self::Italian }
    }

    /// How it writes numbers.
    pub const fn number_style(self) -> NumberStyle {
        match self {
            Self::Italian => NumberStyle::Italian,
            Self::English => NumberStyle::English,
        }
    }

    /// The same language where a tariff's words are meant.
    pub const fn tongue(self) -> tariff::Tongue {
        match self {
            Self::Italian => tariff::Tongue::Italian,
            Self::English => tariff::Tongue::English,
        }
    }

    /// The Italian or the English of two things: no text exists in one language only.
    pub const fn pick<T: Copy>(self, italian: T, english: T) -> T {
        match self {
            Self::Italian => italian,
            Self::English => english,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_prefix_as_a_whole_word_means_english() {
        for path in ["/en", "/en/notice", "/en?x=1", "/en#main"] {
            assert_eq!(Language::of_path(path), Language::English, "{path}");
        }
        for path in ["/", "/avviso", "/ente", "/english", "", "en"] {
            assert_eq!(Language::of_path(path), Language::Italian, "{path}");
        }
    }
}
