//! What became of a payment.

use crate::Language;
use crate::api::payments::Verdict;

super::messages!(
    /// What became of a payment.
    Outcome {
        UnknownTitle => "Pagamento sconosciuto", "Unknown payment";
        UnknownText => "A questo indirizzo non corrisponde nessun pagamento iniziato qui. Per sapere se un avviso è pagato basta il suo codice.", "No payment begun here has this address. To know whether a notice is paid its code is enough.";
        Subject => "Per cosa", "What for";
        Institution => "Ente creditore", "Creditor";
        Number => "Codice avviso", "Notice code";
        Amount => "Importo", "Amount";
        PaidAt => "Pagato", "Paid";
        State => "Stato", "State";
        NotPaid => "Non ancora pagato", "Not paid yet";
        OpenReceipt => "Apri la ricevuta", "Open the receipt";
        FindReceipt => "Ritrova la ricevuta", "Find the receipt";
        NextTitle => "Che cosa succede ora", "What happens next";
        SeeNotice => "Vedi l’avviso", "See the notice";
        BackToSummary => "Riprova il pagamento", "Try the payment again";
        PayAnother => "Paga un altro avviso", "Pay another notice";
        Refresh => "Aggiorna adesso", "Refresh now";
        Updated => "Abbiamo ricontrollato: non c’è ancora la conferma.", "We checked again: there is no confirmation yet.";
        Slow => "Ci vuole più del solito: abbiamo smesso di ricontrollare da soli. Puoi chiudere la pagina e tornare più tardi con il codice dell’avviso.", "It is taking longer than usual: we have stopped checking by ourselves. You can close the page and come back later with the notice code.";
        UnknownNotice => "Avviso non più disponibile", "Notice no longer available";
    }
);

/// Heading of the page.
pub(crate) const fn title(verdict: Verdict, language: Language) -> &'static str {
    match verdict {
        Verdict::Paid => language.pick("Pagamento riuscito", "Payment successful"),
        Verdict::PartlyPaid => language.pick("Una parte è pagata", "Part of it is paid"),
        Verdict::Waiting => language.pick("Aspettiamo la conferma", "Waiting for the confirmation"),
        Verdict::Cancelled => language.pick("Hai annullato il pagamento", "You cancelled the payment"),
        Verdict::Failed => language.pick("Pagamento non riuscito", "Payment not successful"),
        Verdict::NeverConfirmed => language.pick(
            "Il pagamento non risulta confermato",
            "The payment has not been confirmed",
        ),
    }
}

/// The sentence under the heading; it says whether money was taken.
pub(crate) const fn lead(verdict: Verdict, language: Language) -> &'static str {
    match verdict {
        Verdict::Paid => language.pick("L’ente ha la conferma del tuo pagamento.", "The institution has the confirmation of your payment."),
        Verdict::PartlyPaid => language.pick(
            "Per alcuni avvisi la conferma è arrivata, per altri no. Qui sotto li vedi uno per uno.",
            "The confirmation has arrived for some notices and not for others. Below you see them one by one.",
        ),
        Verdict::Waiting => language.pick(
            "Di solito arriva entro un minuto. Finché non arriva, non diciamo che è pagato.",
            "It usually arrives within a minute. Until it does, we do not say that it is paid.",
        ),
        Verdict::Cancelled | Verdict::Failed => {
            language.pick("Non è stato addebitato alcun importo.", "No amount was charged.")
        }
        Verdict::NeverConfirmed => language.pick(
            "È passata più di mezz’ora e pagoPA non ci ha mandato nessuna conferma.",
            "More than half an hour has passed and pagoPA has sent us no confirmation.",
        ),
    }
}

/// What happens next and what to do.
pub(crate) const fn next(verdict: Verdict, language: Language) -> &'static str {
    match verdict {
        Verdict::Paid => language.pick(
            "Non devi fare altro. Conserva la ricevuta: vale come quietanza. Puoi ritrovarla quando vuoi con il codice avviso.",
            "There is nothing else to do. Keep the receipt: it is valid as proof of payment. You can find it again at any time with the notice code.",
        ),
        Verdict::PartlyPaid => language.pick(
            "Gli avvisi pagati sono a posto. Per gli altri aspetta ancora qualche minuto: se non arriva la conferma, non è stato addebitato nulla per quelli e puoi pagarli di nuovo.",
            "The paid notices are settled. For the others wait a few more minutes: if no confirmation arrives, nothing was charged for them and you can pay them again.",
        ),
        Verdict::Waiting => language.pick(
            "Questa pagina si aggiorna da sola. Puoi anche chiuderla: tieni questo indirizzo, o torna con il codice avviso, e vedrai l’esito. Se fra 15 minuti non è cambiato nulla e non hai avuto conferma dal gestore, il pagamento non è riuscito e puoi riprovare.",
            "This page refreshes by itself. You can also close it: keep this address, or come back with the notice code, and you will see the outcome. If nothing has changed in 15 minutes and your provider has not confirmed, the payment did not succeed and you can try again.",
        ),
        Verdict::Cancelled => language.pick(
            "L’avviso resta da pagare. Puoi riprovare quando vuoi, anche con un altro metodo.",
            "The notice is still to be paid. You can try again whenever you want, with another method too.",
        ),
        Verdict::Failed => language.pick(
            "Puoi riprovare subito, anche con un altro metodo. Se vedi un addebito sul conto o sulla carta, il gestore lo restituisce da solo: se non succede entro qualche giorno, chiedi a lui.",
            "You can try again at once, with another method too. If you see a charge on your account or card, the provider gives it back by itself: if that does not happen within a few days, ask the provider.",
        ),
        Verdict::NeverConfirmed => language.pick(
            "Se il gestore (la banca, la carta, l’app) ti ha confermato il pagamento, la ricevuta arriverà e la troverai con il codice avviso: non pagare di nuovo. Se non ti ha confermato nulla, non è stato addebitato alcun importo e puoi riprovare.",
            "If your provider (bank, card, app) confirmed the payment, the receipt will arrive and you will find it with the notice code: do not pay again. If it confirmed nothing, no amount was charged and you can try again.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Verdict; 6] = [
        Verdict::Paid,
        Verdict::PartlyPaid,
        Verdict::Waiting,
        Verdict::Cancelled,
        Verdict::Failed,
        Verdict::NeverConfirmed,
    ];

    #[test]
    fn only_a_receipt_makes_the_page_say_paid() {
        for verdict in ALL {
            for language in Language::ALL {
                let says_paid = title(verdict, language).contains(language.pick("riuscito", "successful"))
                    && !title(verdict, language).contains(language.pick("non", "not"));
                assert_eq!(says_paid, verdict == Verdict::Paid, "{verdict:?}");
                assert!(lead(verdict, language).len() > 20 && next(verdict, language).len() > 20);
            }
        }
    }
}
