//! The summary before the hand-off.

use crate::Language;
use crate::api::payments::PaymentProblem;

super::messages!(
    /// The summary before the hand-off.
    Cart {
        Title => "Controlla e paga", "Check and pay";
        Lead => "È l’ultimo passo prima del pagamento: controlla che ci sia tutto.", "This is the last step before the payment: check that everything is right.";
        EmptyTitle => "Nessun avviso da pagare", "No notice to pay";
        EmptyText => "Cerca un avviso con il suo codice: da lì potrai aggiungerne altri, fino a cinque.", "Find a notice by its code: from there you can add others, up to five.";
        Institution => "Ente creditore", "Creditor";
        Number => "Codice avviso", "Notice code";
        Amount => "Importo", "Amount";
        Change => "Modifica", "Change";
        Remove => "Togli", "Remove";
        RemoveHidden => " dal pagamento", " from the payment";
        ChangeHidden => ": scegli un altro avviso o un altro modo di pagare", ": choose another notice or another way to pay";
        Total => "Totale", "Total";
        Fee => "La commissione la sceglie il gestore: la vedi sulla pagina di pagoPA, prima di confermare.", "The fee is set by the provider: you see it on pagoPA’s page before you confirm.";
        EmailLabel => "E-mail (facoltativa)", "E-mail (optional)";
        EmailHint => "pagoPA ti manda lì l’esito del pagamento. Controllala: si scrive una volta sola.", "pagoPA sends the outcome of the payment there. Check it: it is asked only once.";
        Privacy => "L’e-mail serve solo per questo pagamento. ", "The e-mail is used for this payment only. ";
        PrivacyLink => "Leggi l’informativa privacy", "Read the privacy notice";
        AddTitle => "Vuoi pagare insieme un altro avviso?", "Do you want to pay another notice together?";
        AddHint => "Anche di un altro ente. Fino a cinque avvisi con un solo pagamento e, di solito, una sola commissione.", "Of another institution too. Up to five notices with one payment and, usually, one fee.";
        AddSubmit => "Aggiungi", "Add";
        Full => "Hai raggiunto il massimo di cinque avvisi in un pagamento.", "You have reached the maximum of five notices in one payment.";
        LineProblem => "Questo avviso non si può pagare adesso: toglilo per andare avanti.", "This notice cannot be paid now: remove it to go on.";
        LineUnknown => "Non troviamo più questo avviso: toglilo per andare avanti.", "This notice can no longer be found: remove it to go on.";
        WhatIsPagopa => "Che cos’è pagoPA?", "What is pagoPA?";
        WhatIsPagopaText => "È il sistema pubblico per pagare la pubblica amministrazione. Fra poco ti portiamo sulla sua pagina sicura: lì scegli come pagare. I dati della carta o del conto non passano mai da questo sito.", "It is the public system for paying the public administration. We are about to take you to its secure page, where you choose how to pay. Card and account details never go through this site.";
        Going => "Ti portiamo sulla pagina di pagoPA…", "Taking you to pagoPA’s page…";
        ErrorTitle => "Il pagamento non è iniziato", "The payment did not begin";
        NothingCharged => "Non è stato addebitato nulla.", "Nothing was charged.";
    }
);

/// Why the payment did not begin and what to do.
pub(crate) const fn problem(problem: PaymentProblem, language: Language) -> &'static str {
    match problem {
        PaymentProblem::Count => language.pick(
            "Un pagamento comprende da uno a cinque avvisi diversi.",
            "A payment has one to five different notices.",
        ),
        PaymentProblem::NotPayable => language.pick(
            "Un avviso non si può più pagare: lo vedi segnato qui sotto. Toglilo e riprova.",
            "One notice can no longer be paid: it is marked below. Remove it and try again.",
        ),
        PaymentProblem::Email => language.pick(
            "Controlla l’e-mail: deve essere come nome@esempio.it. Puoi anche lasciarla vuota.",
            "Check the e-mail: it must look like name@example.com. You can also leave it empty.",
        ),
        PaymentProblem::TooMany => language.pick(
            "Da questa connessione sono iniziati troppi pagamenti in poco tempo. Riprova fra un minuto.",
            "Too many payments began from this connection in a short time. Try again in a minute.",
        ),
        PaymentProblem::HubSilent => language.pick(
            "pagoPA in questo momento non risponde. Riprova fra qualche minuto: gli avvisi restano qui.",
            "pagoPA is not responding at the moment. Try again in a few minutes: your notices stay here.",
        ),
        PaymentProblem::HubRefused => language.pick(
            "pagoPA non accetta questi avvisi adesso. Può essere già in corso un pagamento: riprova fra mezz’ora, o chiedi all’ente.",
            "pagoPA does not accept these notices now. A payment may already be under way: try again in half an hour, or ask the institution.",
        ),
        PaymentProblem::HubRubbish => language.pick(
            "pagoPA ha dato una risposta che non capiamo. Riprova fra qualche minuto: gli avvisi restano qui.",
            "pagoPA gave an answer we do not understand. Try again in a few minutes: your notices stay here.",
        ),
        PaymentProblem::Unavailable => language.pick(
            "C’è un problema tecnico nostro. Riprova fra qualche minuto: gli avvisi restano qui.",
            "There is a technical problem on our side. Try again in a few minutes: your notices stay here.",
        ),
        PaymentProblem::Offline => language.pick(
            "Non riusciamo a raggiungere il servizio. Controlla la connessione e riprova.",
            "The service cannot be reached. Check your connection and try again.",
        ),
    }
}

/// `2 avvisi`.
pub(crate) fn count(notices: usize, language: Language) -> String {
    let word = if notices == 1 {
        ("avviso", "notice")
    } else {
        ("avvisi", "notices")
    };
    [notices.to_string().as_str(), " ", language.pick(word.0, word.1)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_says_what_to_do_in_both_languages() {
        for one in PaymentProblem::ALL {
            for language in Language::ALL {
                assert!(problem(one, language).len() > 20, "{one:?}");
            }
        }
    }
}
