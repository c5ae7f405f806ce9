//! Every word of the interactive pages, in both languages.
//!
//! A message is a value, not a key: one that is missing in a language does not compile. Sentences with something in
//! them are functions. The long pages of text are in `documents`, which the browser never loads.

pub(crate) mod cart;
pub(crate) mod code;
pub(crate) mod document;
pub(crate) mod fees;
pub(crate) mod find_receipt;
pub(crate) mod home;
pub(crate) mod layout;
pub(crate) mod notice;
pub(crate) mod outcome;
pub(crate) mod problem;
pub(crate) mod rating;
pub(crate) mod receipt;
pub(crate) mod services;

/// Declares messages: a name, the Italian, the English.
macro_rules! messages {
    ($(#[$about:meta])* $name:ident { $($variant:ident => $italian:literal, $english:literal;)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[cfg_attr(feature = "ssr", allow(dead_code, reason = "some words only the browser says"))]
        pub(crate) enum $name { $($variant),* }

        impl $name {
            /// The words.
            pub(crate) const fn text(self, language: $crate::Language) -> &'static str {
                match self { $(Self::$variant => language.pick($italian, $english)),* }
            }

            /// Every message, for tests.
            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$variant),*];
        }

        #[cfg(test)]
        #[test]
        fn every_message_has_words_in_both_languages() {
            for message in $name::ALL {
                let (italian, english) =
                    (message.text($crate::Language::Italian), message.text($crate::Language::English));
                assert!(!italian.trim().is_empty() && !english.trim().is_empty(), "{message:?}");
                assert!(!italian.contains('\''), "typographic apostrophes only: {italian}");
                assert!(!english.contains('\''), "typographic apostrophes only: {english}");
            }
        }
    };
}
pub(crate) use messages;

use crate::Language;
use domain::Cents;

/// `38,92 €` or `€38.92`.
pub(crate) fn euro(amount: Cents, language: Language) -> String {
    let number = amount.to_people(language.number_style());
    language.pick::<fn(&str) -> String>(|n| [n, "\u{a0}€"].concat(), |n| ["€", n].concat())(&number)
}

/// `1 minuto`, `12 minuti`; under a minute counts as one.
pub(crate) fn minutes(count: u32, language: Language) -> String {
    let count = count.max(1);
    let unit = if count == 1 {
        ("minuto", "minute")
    } else {
        ("minuti", "minutes")
    };
    [count.to_string().as_str(), " ", language.pick(unit.0, unit.1)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_euro_sign_stands_where_the_language_puts_it() {
        assert_eq!(euro(Cents::new(123_892), Language::Italian), "1.238,92\u{a0}€");
        assert_eq!(euro(Cents::new(123_892), Language::English), "€1,238.92");
    }

    #[test]
    fn one_minute_is_singular() {
        assert_eq!(minutes(0, Language::Italian), "1 minuto");
        assert_eq!(minutes(1, Language::English), "1 minute");
        assert_eq!(minutes(2, Language::Italian), "2 minuti");
    }
}
