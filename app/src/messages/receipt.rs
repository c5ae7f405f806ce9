//! The receipt.

use crate::Language;
use crate::api::receipts::ProofProblem;

super::messages!(
    /// The receipt.
    Receipt {
        UnknownTitle => "Ricevuta non trovata", "Receipt not found";
        UnknownText => "Questo collegamento non apre nessuna ricevuta: può essere incompleto. Puoi ritrovarla con il codice dell’avviso.", "This link opens no receipt: it may be incomplete. You can find it with the notice code.";
        LinkNote => "Chi ha l’indirizzo di questa pagina può vedere la ricevuta: non condividerlo.", "Whoever has this page’s address can see the receipt: do not share it.";
    }
);

/// Why a receipt was not opened and what to do.
pub(crate) const fn problem(problem: ProofProblem, language: Language) -> &'static str {
    match problem {
        ProofProblem::Code => language.pick(
            "Controlla il codice avviso: sono 18 cifre.",
            "Check the notice code: it has 18 digits.",
        ),
        ProofProblem::Proof => language.pick(
            "Scrivi gli ultimi 5 caratteri del codice fiscale.",
            "Type the last 5 characters of the tax code.",
        ),
        ProofProblem::NotOpened => language.pick(
            "Nessuna ricevuta si apre con questi dati. Ricontrolla il codice e i 5 caratteri; se hai pagato da poco, riprova fra qualche minuto.",
            "No receipt opens with these data. Check the code and the 5 characters; if you paid recently, try again in a few minutes.",
        ),
        ProofProblem::TooMany => language.pick(
            "Ci sono stati troppi tentativi. Riprova fra dieci minuti.",
            "There were too many attempts. Try again in ten minutes.",
        ),
        ProofProblem::Unavailable => language.pick(
            "Il servizio non risponde. Riprova fra qualche minuto.",
            "The service is not responding. Try again in a few minutes.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_what_to_do() {
        for one in ProofProblem::ALL {
            assert!(
                Language::ALL
                    .iter()
                    .all(|language| problem(one, *language).len() > 20)
            );
        }
    }
}
