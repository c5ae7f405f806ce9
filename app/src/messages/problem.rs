//! Pages that say why an answer could not be given.

use crate::Language;
use crate::api::PortalError;

super::messages!(
    /// Pages of trouble.
    Problem {
        NotFoundTitle => "Pagina non trovata", "Page not found";
        NotFoundText => "L’indirizzo che hai aperto non esiste, o non esiste più. Se l’hai copiato da una lettera o da un messaggio, controlla di averlo copiato tutto.", "The address you opened does not exist, or no longer does. If you copied it from a letter or a message, check that you copied all of it.";
        NotFoundNext => "Se hai un avviso da pagare, basta il suo codice.", "If you have a notice to pay, its code is enough.";
        TooManyTitle => "Troppe richieste", "Too many requests";
        TooManyText => "Da questa connessione sono arrivate troppe richieste in poco tempo. Non dipende da te se usi la rete di un ufficio, di una scuola o di una biblioteca.", "Too many requests came from this connection in a short time. It may not be your doing if you use the network of an office, a school or a library.";
        UnavailableTitle => "Il servizio non risponde", "The service is not responding";
        UnavailableText => "C’è un problema tecnico nostro, non nei tuoi dati. Non è stato addebitato nulla. Riprova fra qualche minuto.", "There is a technical problem on our side, not with your data. Nothing was charged. Try again in a few minutes.";
        UnavailableElsewhere => "Se hai fretta, puoi pagare l’avviso anche in banca, alle Poste, dal tabaccaio o con un’app che mostra il logo pagoPA.", "If you are in a hurry, you can also pay the notice at a bank, at the post office, at a tobacconist’s or with any app that shows the pagoPA logo.";
        OfflineTitle => "Manca la connessione", "No connection";
        OfflineText => "Non riusciamo a raggiungere il servizio. Controlla la connessione del dispositivo e riprova: quello che hai scritto non va perso.", "The service cannot be reached. Check your device’s connection and try again: nothing you typed is lost.";
        MalformedTitle => "Richiesta non valida", "Invalid request";
        MalformedText => "La pagina era aperta da tempo, o il collegamento è incompleto. Ricomincia dal codice dell’avviso.", "The page was open for long, or the link is incomplete. Start again from the code of the notice.";
    }
);

/// Title and text of an error.
pub(crate) const fn of_error(error: PortalError) -> (Problem, Problem) {
    match error {
        PortalError::TooManyRequests { .. } => (Problem::TooManyTitle, Problem::TooManyText),
        PortalError::Unavailable => (Problem::UnavailableTitle, Problem::UnavailableText),
        PortalError::Offline => (Problem::OfflineTitle, Problem::OfflineText),
        PortalError::Malformed => (Problem::MalformedTitle, Problem::MalformedText),
    }
}

/// When to come back.
pub(crate) fn wait(seconds: u32, language: Language) -> String {
    if seconds < 60 {
        let seconds = seconds.to_string();
        return [
            language.pick("Riprova fra ", "Try again in "),
            &seconds,
            language.pick(" secondi.", " seconds."),
        ]
        .concat();
    }
    [
        language.pick("Riprova fra ", "Try again in "),
        &super::minutes(seconds.div_ceil(60), language),
        ".",
    ]
    .concat()
}
