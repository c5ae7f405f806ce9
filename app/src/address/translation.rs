//! The same address in the other language.

use crate::Language;

/// The words that differ between the two languages' addresses: path segments and names of query values.
const WORDS: [(&str, &str); 20] = [
    ("avviso", "notice"),
    ("carrello", "cart"),
    ("esito", "outcome"),
    ("ricevuta", "receipt"),
    ("ricevute", "receipts"),
    ("aiuto", "help"),
    ("note-legali", "legal-notes"),
    ("accessibilita", "accessibility"),
    ("codice", "code"),
    ("importo", "amount"),
    ("problema", "problem"),
    ("servizi", "services"),
    ("calcola", "calculate"),
    ("tariffe", "rates"),
    ("cerca", "search"),
    ("evento", "event"),
    ("ente", "institution"),
    ("documento", "document"),
    ("scade", "expires"),
    ("firma", "signature"),
];

/// The same page in another language: `address` is a path with its query.
pub fn in_language(address: &str, language: Language) -> String {
    let from = Language::of_path(address);
    let rest = if from == Language::English {
        address.get(3..).unwrap_or_default()
    } else {
        address
    };
    let word = |word: &str| {
        let found = WORDS
            .iter()
            .find(|(italian, english)| from.pick(*italian, *english) == word);
        found.map_or_else(
            || word.to_owned(),
            |(italian, english)| language.pick(*italian, *english).to_owned(),
        )
    };
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut translated = language.pick("", "/en").to_owned();
    translated.extend(
        path.split('/')
            .filter(|segment| !segment.is_empty())
            .map(|s| format!("/{}", word(s))),
    );
    if translated.is_empty() {
        translated.push('/');
    }
    for (place, pair) in query.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        translated.push(if place == 0 { '?' } else { '&' });
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        translated.push_str(&word(name));
        translated.push('=');
        translated.push_str(value);
    }
    translated
}
