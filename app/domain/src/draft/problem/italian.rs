//! The sentences in Italian.

use super::Problem;
use crate::iban::ParseIbanError;
use crate::money::NumberStyle;
use std::borrow::Cow;

pub(super) fn sentence(problem: &Problem) -> Cow<'static, str> {
    match problem {
        Problem::Required => "Manca: va indicato.".into(),
        Problem::Text { most } => format!(
            "Da 1 a {most} caratteri stampabili: abbreviare il testo o togliere i caratteri di \
             controllo."
        )
        .into(),
        Problem::Unreadable {
            expected: (italian, _),
        } => format!("Non si legge: serve {italian}.").into(),
        Problem::Unknown => "Campo sconosciuto: controllare il nome o toglierlo.".into(),
        Problem::UnknownService => {
            "L'ente non ha questo servizio: controllare il codice nell'elenco dei servizi.".into()
        }
        Problem::InactiveService => "Il servizio non è più attivo: scegliere un altro servizio.".into(),
        Problem::ForbiddenService => {
            "L'applicazione non è abilitata a questo servizio: chiedere l'abilitazione a chi gestisce \
             l'installazione."
                .into()
        }
        Problem::FiscalCode => {
            "Non è un codice fiscale valido: controllare le cifre e il carattere di controllo (ANONIMO per \
             una persona senza codice)."
                .into()
        }
        Problem::Email => "Non è un indirizzo e-mail: correggerlo o toglierlo.".into(),
        Problem::Address => {
            "Indirizzo troppo lungo o Stato non di due lettere maiuscole (IT): correggerlo o toglierlo."
                .into()
        }
        Problem::PersonalData => {
            "Il testo contiene il codice fiscale del debitore, ma lo vede chiunque abbia l'avviso: \
             toglierlo."
                .into()
        }
        Problem::Amount => "L'importo deve essere tra 0,01 e 999.999.999,99 euro.".into(),
        Problem::Sum { sum, amount } => {
            let [sum, amount] = [sum, amount].map(|cents| cents.to_people(NumberStyle::Italian));
            format!("Le parti sommano a {sum} euro, l'importo è {amount}: correggere le une o l'altro.")
                .into()
        }
        Problem::Count { least, most } => format!("Ce ne devono essere da {least} a {most}.").into(),
        Problem::NoticeNumber => {
            "Servono le 18 cifre di un numero avviso che comincia con 3 (17 per lo IUV).".into()
        }
        Problem::CheckDigits => {
            "Le ultime due cifre non tornano: sono il resto delle prime sedici diviso 93.".into()
        }
        Problem::ForeignNumber => {
            "Il numero è fuori dagli intervalli assegnati all'applicazione: usarne uno proprio, o non \
             indicarlo per riceverne uno."
                .into()
        }
        Problem::NumberAndReference => "Numero avviso e IUV non si corrispondono: indicarne uno solo.".into(),
        Problem::Repeated => "C'è due volte: ogni avviso ha il suo numero.".into(),
        Problem::Taken => "È già di un'altra posizione: indicarne un altro.".into(),
        Problem::Iban(error) => iban(*error).into(),
        Problem::ForeignAccount => {
            "Il conto non è registrato per questo beneficiario: usarne uno registrato o farlo registrare."
                .into()
        }
        Problem::UnknownAccount => {
            "L'ente non ha un conto con questa chiave: controllare l'elenco dei conti.".into()
        }
        Problem::NoAccount => "Il servizio non ha un conto proprio: indicare il conto di accredito.".into(),
        Problem::SeveralDestinations => {
            "Indicare una sola destinazione: conto, IBAN o marca da bollo.".into()
        }
        Problem::Beneficiary => {
            "Serve il codice fiscale di 11 cifre dell'ente beneficiario, con il suo nome se non è servito \
             qui."
                .into()
        }
        Problem::Category => {
            "Non è una categoria della tassonomia: serve un codice come 9/0101101IM/.".into()
        }
        Problem::Stamp => {
            "Servono l'impronta SHA-256 del documento in base64 (44 caratteri) e la provincia di due \
             lettere maiuscole."
                .into()
        }
        Problem::Past { today } => format!(
            "Il giorno è già passato (oggi è il {today}): indicare una data futura, o l'ultimo \
             giorno in cui si può ancora pagare."
        )
        .into(),
        Problem::FarAway => "La data è troppo lontana per essere giusta: controllare l'anno.".into(),
        Problem::Order { after } => format!("Viene prima di {after}: correggere una delle due date.").into(),
        Problem::Structure => {
            "Gli avvisi già emessi non si aggiungono né si tolgono: sostituire la posizione con una nuova."
                .into()
        }
    }
}

fn iban(error: ParseIbanError) -> &'static str {
    match error {
        ParseIbanError::Shape => {
            "Non è un IBAN italiano: 27 caratteri, IT, due cifre, una lettera, dieci cifre, dodici caratteri."
        }
        ParseIbanError::CheckDigits => {
            "Le cifre di controllo dell'IBAN non tornano: un carattere è sbagliato o scambiato."
        }
        ParseIbanError::Cin => "La lettera CIN dell'IBAN non corrisponde al conto.",
    }
}
