//! Frequently asked questions.

use super::{Section, paragraph, section};
use crate::{Language, PortalSettings};
use leptos::prelude::*;

/// A group of questions: its title, then question and answer.
type Group = (&'static str, &'static [(&'static str, &'static str)]);

const ITALIAN: &[Group] = &[
    (
        "Prima di pagare",
        &[
            (
                "Dove trovo il codice avviso?",
                "Nella prima pagina dell’avviso pagoPA, accanto al codice QR, dopo le parole «Codice avviso». Sono 18 cifre, stampate a gruppi di quattro, e cominciano con 0, 1, 2 o 3. Se l’avviso ti è arrivato sull’app IO o per e-mail, trovi lo stesso codice nel messaggio.",
            ),
            (
                "Devo registrarmi o usare SPID?",
                "No. Per vedere e pagare un avviso basta il codice. Nessun dato personale è visibile con il solo codice.",
            ),
            (
                "Ho perso l’avviso. Come faccio?",
                "Chiedi il codice all’ufficio che l’ha emesso, oppure guarda nell’app IO: se l’ente ti scrive lì, trovi anche gli avvisi passati.",
            ),
            (
                "L’importo è diverso da quello stampato. Perché?",
                "L’importo può cambiare dopo la stampa: per interessi o spese dopo la scadenza, per una riduzione, o perché una parte è già pagata. Quello che vedi qui è quello giusto oggi e vale in tutti i posti dove si paga con pagoPA.",
            ),
            (
                "Il portale dice che non trova l’avviso.",
                "Controlla di aver copiato tutte le 18 cifre e guarda quale ente è scritto in alto sull’avviso: qui si pagano solo gli avvisi degli enti elencati nella pagina iniziale. Gli avvisi degli altri enti si pagano su checkout.pagopa.it, in banca, alle Poste o dal tabaccaio.",
            ),
            (
                "Posso pagare per un’altra persona?",
                "Sì, basta il codice. La ricevuta riporta chi ha pagato e a chi era intestato l’avviso.",
            ),
            (
                "Devo pagare un servizio e non ho un avviso. Come faccio?",
                "Cercalo fra i servizi: dove c’è «Calcola e paga» rispondi a qualche domanda, vedi come si arriva all’importo e crei da te l’avviso, da pagare subito o da stampare. Per gli altri servizi l’avviso lo manda l’ente.",
            ),
            (
                "Posso pagare più avvisi insieme?",
                "Sì, fino a cinque, anche di enti diversi: apri il primo e usa «Aggiungi un altro avviso». Di solito si paga una sola commissione.",
            ),
        ],
    ),
    (
        "Il pagamento",
        &[
            (
                "Come si paga?",
                "Dal riepilogo ti portiamo sulla pagina di pagoPA, dove scegli come pagare: carta, conto, PayPal, Bancomat Pay o altri metodi. I dati della carta e del conto non passano mai da questo sito.",
            ),
            (
                "Quanto costa la commissione?",
                "La decide il gestore (la banca o la società che esegue il pagamento), non l’ente. La vedi prima di confermare, e puoi scegliere il gestore che ti conviene.",
            ),
            (
                "Posso pagare in contanti?",
                "Sì: stampa l’avviso, o mostra il codice QR dal telefono, in banca, alle Poste, dal tabaccaio, in ricevitoria o al supermercato.",
            ),
            (
                "Ho chiuso la pagina durante il pagamento. Che cosa succede?",
                "Nulla va perso. Se il pagamento è riuscito, la conferma arriva da sola: cerca l’avviso con il suo codice e vedrai che è pagato. Se non è riuscito, non è stato addebitato nulla e puoi riprovare.",
            ),
            (
                "Il portale dice che aspetta la conferma.",
                "Di solito arriva entro un minuto. La pagina si aggiorna da sola; puoi anche chiuderla e tornare più tardi con il codice avviso. Se dopo 15 minuti non è cambiato nulla e il gestore non ti ha confermato il pagamento, puoi riprovare.",
            ),
            (
                "Ho pagato due volte. Che cosa faccio?",
                "Scrivi all’ente che ha emesso l’avviso, con le due ricevute: il secondo pagamento viene restituito.",
            ),
        ],
    ),
    (
        "Dopo il pagamento",
        &[
            (
                "Come ritrovo la ricevuta?",
                "Nella pagina «Ritrova una ricevuta», con il codice avviso e gli ultimi cinque caratteri del codice fiscale di chi ha pagato o dell’intestatario, oppure con il codice univoco della ricevuta.",
            ),
            (
                "La ricevuta ha valore?",
                "Sì. La ricevuta pagoPA vale come quietanza: il debito è estinto dalla data e ora del pagamento.",
            ),
            (
                "Quando l’ente sa che ho pagato?",
                "Appena pagoPA ci manda la ricevuta, di solito entro un minuto. Non serve mandare copie.",
            ),
            (
                "Come chiedo un rimborso?",
                "Scrivi all’ente che ha emesso l’avviso: lo trovi, con i suoi recapiti, nella pagina dell’avviso e nella ricevuta.",
            ),
        ],
    ),
];

const ENGLISH: &[Group] = &[
    (
        "Before paying",
        &[
            (
                "Where do I find the notice code?",
                "On the first page of the pagoPA notice, beside the QR code, after the words “Codice avviso”. It has 18 digits, printed in groups of four, and begins with 0, 1, 2 or 3. If you received the notice in the IO app or by e-mail, the same code is in the message.",
            ),
            (
                "Do I have to sign up or use SPID?",
                "No. The code is enough to see and pay a notice. No personal data can be seen with the code alone.",
            ),
            (
                "I lost the notice. What can I do?",
                "Ask the office that issued it for the code, or look in the IO app: if the institution writes to you there, you also find past notices.",
            ),
            (
                "The amount differs from the printed one. Why?",
                "The amount may change after printing: interest or costs after the due date, a reduction, or because part of it is already paid. The one you see here is right today and holds wherever pagoPA is accepted.",
            ),
            (
                "The portal says it cannot find the notice.",
                "Check that you copied all 18 digits and see which institution is named at the top of the notice: only notices of the institutions listed on the first page are paid here. Notices of other institutions are paid on checkout.pagopa.it, at a bank, at the post office or at a tobacconist’s.",
            ),
            (
                "Can I pay for someone else?",
                "Yes, the code is enough. The receipt names who paid and who the notice was for.",
            ),
            (
                "I have to pay for a service and have no notice. What can I do?",
                "Look for it among the services: where it says “Work out and pay” you answer a few questions, see how the amount comes about and make the notice yourself, to pay at once or to print. For the other services the institution sends the notice.",
            ),
            (
                "Can I pay several notices together?",
                "Yes, up to five, of different institutions too: open the first and use “Add another notice”. Usually you pay one fee only.",
            ),
        ],
    ),
    (
        "The payment",
        &[
            (
                "How do I pay?",
                "From the summary we take you to pagoPA’s page, where you choose how to pay: card, account, PayPal, Bancomat Pay or other methods. Card and account details never go through this site.",
            ),
            (
                "How much is the fee?",
                "It is set by the provider (the bank or company that carries out the payment), not by the institution. You see it before you confirm, and you can choose the provider that suits you.",
            ),
            (
                "Can I pay in cash?",
                "Yes: print the notice, or show the QR code on your phone, at a bank, at the post office, at a tobacconist’s, at a betting shop or at a supermarket.",
            ),
            (
                "I closed the page during the payment. What happens?",
                "Nothing is lost. If the payment succeeded, the confirmation arrives by itself: find the notice by its code and you will see that it is paid. If it did not, nothing was charged and you can try again.",
            ),
            (
                "The portal says it is waiting for the confirmation.",
                "It usually arrives within a minute. The page refreshes by itself; you can also close it and come back later with the notice code. If nothing has changed after 15 minutes and your provider has not confirmed the payment, you can try again.",
            ),
            (
                "I paid twice. What do I do?",
                "Write to the institution that issued the notice, with both receipts: the second payment is refunded.",
            ),
        ],
    ),
    (
        "After the payment",
        &[
            (
                "How do I find the receipt?",
                "On the page “Find a receipt”, with the notice code and the last five characters of the tax code of who paid or of who the notice was for, or with the unique number of the receipt.",
            ),
            (
                "Is the receipt valid?",
                "Yes. The pagoPA receipt is valid as proof of payment: the debt is settled from the date and time of the payment.",
            ),
            (
                "When does the institution know that I have paid?",
                "As soon as pagoPA sends us the receipt, usually within a minute. There is no need to send copies.",
            ),
            (
                "How do I ask for a refund?",
                "Write to the institution that issued the notice: you find it, with its contacts, on the page of the notice and on the receipt.",
            ),
        ],
    ),
];

pub(super) fn page(settings: &PortalSettings, language: Language) -> (&'static str, String, Vec<Section>) {
    let questions = |(title, questions): &Group| {
        let questions: Vec<AnyView> = questions
            .iter()
            .map(|(question, answer)| {
                view! { <details><summary>{*question}</summary><div><p>{*answer}</p></div></details> }
                    .into_any()
            })
            .collect();
        section(title, questions)
    };
    let mut sections: Vec<Section> = language.pick(ITALIAN, ENGLISH).iter().map(questions).collect();
    sections.push(match language {
        Language::Italian => section(
            "Non hai trovato la risposta?",
            view! {
                {paragraph(format!("Per un avviso chiedi all’ente che l’ha emesso: i recapiti sono nella pagina dell’avviso. Per il portale: {}, {}.", settings.municipality, super::contacts(settings)))}
                <p>"Puoi anche "<a href=settings.links.appointment.clone()>"prenotare un appuntamento"</a>" o "<a href=settings.links.report_inefficiency.clone()>"segnalare un disservizio"</a>"."</p>
            },
        ),
        Language::English => section(
            "Did you not find the answer?",
            view! {
                {paragraph(format!("About a notice ask the institution that issued it: its contacts are on the page of the notice. About the portal: {}, {}.", settings.municipality, super::contacts(settings)))}
                <p>"You can also "<a href=settings.links.appointment.clone()>"book an appointment"</a>" or "<a href=settings.links.report_inefficiency.clone()>"report a problem"</a>"."</p>
            },
        ),
    });
    let lead = language.pick(
        "Le risposte alle domande più frequenti.",
        "Answers to the most frequent questions.",
    );
    (
        language.pick("Domande frequenti", "Frequently asked questions"),
        lead.to_owned(),
        sections,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_asked_and_answered_in_both_languages() {
        assert_eq!(ITALIAN.len(), ENGLISH.len());
        for (italian, english) in ITALIAN.iter().zip(ENGLISH) {
            assert_eq!(italian.1.len(), english.1.len(), "{}", italian.0);
        }
    }
}
