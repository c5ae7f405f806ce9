//! The questions every municipality asks after a service (criterion C.SE.1.7), in the official words.

use crate::Language;

super::messages!(
    /// The rating block.
    Rating {
        Question => "Quanto è stato facile usare questo servizio?", "How easy was it to use this service?";
        Positive => "Quali sono stati gli aspetti che hai preferito?", "What did you like best?";
        Negative => "Dove hai incontrato le maggiori difficoltà?", "Where did you have the most trouble?";
        Comment => "Vuoi aggiungere altri dettagli?", "Would you like to add details?";
        CommentHint => "Al massimo 200 caratteri, senza dati personali.", "At most 200 characters, no personal data.";
        Submit => "Invia la valutazione", "Send the rating";
        Thanks => "Grazie, il tuo parere ci aiuterà a migliorare il servizio!", "Thank you, your opinion will help us improve the service!";
        Missing => "Scegli da una a cinque stelle.", "Choose one to five stars.";
        Later => "In questo momento non possiamo registrare la valutazione. Riprova più tardi.", "The rating cannot be saved at the moment. Try again later.";
    }
);

/// An answer: its name in the archive and its words.
pub(crate) type Answer = (&'static str, &'static str, &'static str);

/// Answers to the question for four and five stars.
pub(crate) const LIKED: [Answer; 5] = [
    (
        "clear",
        "Le indicazioni erano chiare",
        "The instructions were clear",
    ),
    (
        "complete",
        "Le indicazioni erano complete",
        "The instructions were complete",
    ),
    (
        "progress",
        "Capivo sempre che stavo procedendo correttamente",
        "I always knew I was on the right track",
    ),
    (
        "no_technical_problems",
        "Non ho avuto problemi tecnici",
        "I had no technical problems",
    ),
    ("other", "Altro", "Other"),
];

/// Answers to the question for one to three stars.
pub(crate) const DIFFICULTIES: [Answer; 5] = [
    (
        "unclear",
        "A volte le indicazioni non erano chiare",
        "Sometimes the instructions were not clear",
    ),
    (
        "incomplete",
        "A volte le indicazioni non erano complete",
        "Sometimes the instructions were not complete",
    ),
    (
        "no_progress",
        "A volte non capivo se stavo procedendo correttamente",
        "Sometimes I did not know whether I was on the right track",
    ),
    (
        "technical_problems",
        "Ho avuto problemi tecnici",
        "I had technical problems",
    ),
    ("other", "Altro", "Other"),
];

/// `3 stelle su 5`.
pub(crate) fn stars(count: u8, language: Language) -> String {
    let star = if count == 1 {
        (" stella su 5", " star out of 5")
    } else {
        (" stelle su 5", " stars out of 5")
    };
    [count.to_string().as_str(), language.pick(star.0, star.1)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_takes_the_name_of_every_answer() {
        for (name, italian, english) in LIKED.into_iter().chain(DIFFICULTIES) {
            assert!(
                name.len() <= 40 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                "{name}"
            );
            assert!(!italian.is_empty() && !english.is_empty());
        }
    }
}
