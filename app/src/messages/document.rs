//! A receipt or notice as a document.

use crate::Language;
use crate::api::documents::Closed;
use crate::api::receipts::ProofProblem;

super::messages!(
    /// A receipt or notice as a document.
    Paper {
        Download => "Scarica il PDF", "Download the PDF";
        Share => "Condividi", "Share";
        Print => "Stampa", "Print";
        Drawing => "Preparo il PDF…", "Preparing the PDF…";
        Downloaded => "PDF scaricato.", "PDF downloaded.";
        Handed => "PDF pronto.", "PDF ready.";
        Original => "Scarica anche l’originale", "Download the original too";
        OriginalNote => "(duplicato digitale: il PDF con dentro il messaggio di pagoPA, per chi deve conservarlo)", "(digital duplicate: the PDF with pagoPA’s message inside, for those who must keep it)";
        OfferTitle => "Avviso da stampare", "Notice to print";
        OfferText => "L’avviso con i codici per pagare in banca, alle Poste e con le app. Porta il nome di chi deve pagare: per aprirlo serve una piccola prova.", "The notice with the codes to pay at the bank, at the post office and with apps. It bears the name of who owes: to open it a small proof is needed.";
        OfferMade => "L’avviso che hai appena creato è pronto da stampare, con i codici per pagare in banca, alle Poste e con le app.", "The notice you have just made is ready to print, with the codes to pay at the bank, at the post office and with apps.";
        ProofHint => "Di chi è intestato l’avviso (per esempio F205X).", "Of who the notice is for (for example F205X).";
        Open => "Apri l’avviso", "Open the notice";
        ErrorTitle => "Controlla i dati", "Check the data";
        LinkNote => "Questo indirizzo vale per poco tempo: finché vale, chi lo ha può vedere l’avviso.", "This address lasts a short time: as long as it does, whoever has it can see the notice.";
        ToNotice => "Torna all’avviso", "Back to the notice";
        ExpiredTitle => "Il collegamento è scaduto", "The link has expired";
        ExpiredText => "Per proteggere i dati personali dura poco. Apri di nuovo l’avviso con la prova.", "To protect personal data it lasts a short time. Open the notice again with the proof.";
        ForgedTitle => "Collegamento non valido", "The link is not valid";
        ForgedText => "Questo collegamento non apre nessun documento: può essere incompleto. Apri l’avviso con la prova.", "This link opens no document: it may be incomplete. Open the notice with the proof.";
        NotFoundTitle => "Documento non trovato", "Document not found";
        NotFoundText => "Non c’è nessun avviso a questo indirizzo.", "There is no notice at this address.";
        RefusedTitle => "L’avviso non si può stampare", "The notice cannot be printed";
        RefusedText => "Nella pagina dell’avviso vedi che cosa puoi fare. Motivo: ", "The notice’s page shows what you can do. The reason: ";
    }
);

/// Why a notice was not opened and what to do.
pub(crate) const fn problem(problem: ProofProblem, language: Language) -> &'static str {
    match problem {
        ProofProblem::NotOpened | ProofProblem::Code => language.pick(
            "Con questi 5 caratteri l’avviso non si apre. Ricontrollali: sono gli ultimi del codice fiscale di chi è intestato l’avviso.",
            "These 5 characters do not open the notice. Check them: they are the last of the tax code of who the notice is for.",
        ),
        ProofProblem::Proof | ProofProblem::TooMany | ProofProblem::Unavailable => {
            super::receipt::problem(problem, language)
        }
    }
}

/// What is said where a link shows no document: title and sentence.
pub(crate) fn closed(closed: &Closed, language: Language) -> (&'static str, String) {
    let (title, text, reason) = match closed {
        Closed::Forged => (Paper::ForgedTitle, Paper::ForgedText, ""),
        Closed::Expired => (Paper::ExpiredTitle, Paper::ExpiredText, ""),
        Closed::NotFound => (Paper::NotFoundTitle, Paper::NotFoundText, ""),
        Closed::Refused(reason) => (Paper::RefusedTitle, Paper::RefusedText, reason.as_str()),
    };
    (title.text(language), [text.text(language), reason].concat())
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

    #[test]
    fn who_cannot_print_is_told_the_reason() {
        let (title, text) = closed(&Closed::Refused("già pagato".to_owned()), Language::Italian);
        assert!(
            title.contains("non si può stampare") && text.ends_with("già pagato"),
            "{text}"
        );
    }
}
