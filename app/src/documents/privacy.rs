//! Privacy notice under articles 13 and 14 of Regulation (EU) 2016/679.

use super::{Section, contacts, link, list, paragraph, section};
use crate::{Language, PortalSettings};
use leptos::prelude::*;

pub(super) fn page(settings: &PortalSettings, language: Language) -> (&'static str, String, Vec<Section>) {
    match language {
        Language::Italian => italian(settings),
        Language::English => english(settings),
    }
}

fn italian(settings: &PortalSettings) -> (&'static str, String, Vec<Section>) {
    let name = &settings.municipality;
    let lead = format!(
        "Come {name} tratta i dati personali di chi usa questo portale (articoli 13 e 14 del regolamento UE 2016/679, «GDPR»)."
    );
    let sections = vec![
        section(
            "Chi tratta i dati",
            view! {
                {paragraph(format!("Il titolare del trattamento è {name}: {}. Per gli avvisi delle società e degli altri enti che usano questo portale, titolare è l’ente creditore indicato sull’avviso.", contacts(settings)))}
                <p>"Il responsabile della protezione dei dati si raggiunge qui: "{link(&settings.links.data_protection_officer)}"."</p>
            },
        ),
        section(
            "Quali dati, e perché",
            list([
                "Codice dell’avviso, importo, causale e stato: per mostrare e far pagare l’avviso. Con il solo codice non si vede nessun dato personale.",
                "Dati dell’intestatario dell’avviso e di chi paga, contenuti nella ricevuta che arriva da pagoPA: per registrare il pagamento e mettere a disposizione la ricevuta a chi ne ha diritto.",
                "Nome, codice fiscale ed eventuale e-mail di chi deve pagare, e le risposte date al calcolo, se chiedi tu un avviso: per creare l’avviso e poter ricostruire l’importo. Prima di chiederlo le risposte non vengono conservate.",
                "E-mail, se la scrivi prima di pagare: viene passata a pagoPA per mandarti l’esito di quel pagamento.",
                "Indirizzo IP e dati tecnici della richiesta: per la sicurezza del servizio e per limitare gli abusi.",
                "Valutazione del servizio, se la lasci: è anonima e non è collegata al pagamento.",
            ]),
        ),
        section(
            "Su quale base",
            paragraph(
                "Il trattamento è necessario per un compito di interesse pubblico e per un obbligo di legge (articolo 6, paragrafo 1, lettere c ed e del GDPR): le pubbliche amministrazioni devono accettare i pagamenti con pagoPA (articolo 5 del decreto legislativo 82/2005, «CAD»). L’e-mail e la valutazione sono facoltative: senza, il servizio funziona lo stesso.",
            ),
        ),
        section(
            "Chi altro li riceve",
            view! {
                {paragraph("PagoPA S.p.A., che gestisce la piattaforma dei pagamenti, e il gestore che scegli sulla sua pagina: ciascuno è titolare per la propria parte. Il tesoriere dell’ente e i fornitori che fanno funzionare il portale, nominati responsabili del trattamento.")}
                {paragraph("I dati non vengono venduti, non sono usati per pubblicità e non escono dall’Unione europea. Nessuna decisione è presa in modo automatico.")}
            },
        ),
        section(
            "Per quanto tempo",
            list([
                "Avvisi e ricevute: dieci anni, come i documenti contabili dell’ente.",
                "Messaggi scambiati con pagoPA: 24 mesi.",
                "Quando, come e da quale rete è stato aperto il documento di un avviso o di una ricevuta: 24 mesi.",
                "Registri tecnici: al massimo 12 mesi.",
                "E-mail scritta per il pagamento: finché il pagamento non è concluso, e comunque non oltre 24 mesi.",
            ]),
        ),
        section(
            "Cookie e altri strumenti",
            paragraph(
                "Questo portale non usa cookie, non salva nulla sul tuo dispositivo e non carica nulla da altri siti. Per questo non c’è nessun banner. Le immagini della fotocamera restano sul dispositivo: al servizio arriva solo il codice letto.",
            ),
        ),
        section(
            "I tuoi diritti",
            view! {
                {paragraph("Puoi chiedere al titolare l’accesso ai tuoi dati, la correzione, la limitazione e, nei casi previsti, la cancellazione o l’opposizione (articoli da 15 a 22 del GDPR), scrivendo al responsabile della protezione dei dati.")}
                <p>"Se ritieni che i tuoi dati siano trattati male, puoi presentare reclamo al "<a href="https://www.garanteprivacy.it">"Garante per la protezione dei dati personali"</a>"."</p>
            },
        ),
    ];
    ("Informativa privacy", lead, sections)
}

fn english(settings: &PortalSettings) -> (&'static str, String, Vec<Section>) {
    let name = &settings.municipality;
    let lead = format!(
        "How {name} processes the personal data of those who use this portal (articles 13 and 14 of Regulation (EU) 2016/679, “GDPR”)."
    );
    let sections = vec![
        section(
            "Who processes the data",
            view! {
                {paragraph(format!("The controller is {name}: {}. For the notices of the companies and other institutions that use this portal, the controller is the creditor named on the notice.", contacts(settings)))}
                <p>"The data protection officer can be reached here: "{link(&settings.links.data_protection_officer)}"."</p>
            },
        ),
        section(
            "Which data, and why",
            list([
                "Code, amount, reason and state of the notice: to show the notice and let it be paid. With the code alone no personal data can be seen.",
                "Data of the person the notice is for and of the payer, held in the receipt that comes from pagoPA: to record the payment and to make the receipt available to those entitled.",
                "Name, tax code and e-mail, if given, of who owes, and the answers given to work the fee out, if you ask for a notice yourself: to make the notice and to be able to work its amount out again. Before you ask, the answers are not kept.",
                "E-mail, if you type it before paying: it is passed to pagoPA to send you the outcome of that payment.",
                "IP address and technical data of the request: for the security of the service and to limit abuse.",
                "Rating of the service, if you leave one: it is anonymous and not linked to the payment.",
            ]),
        ),
        section(
            "On what basis",
            paragraph(
                "Processing is necessary for a task in the public interest and for a legal obligation (article 6(1)(c) and (e) of the GDPR): public administrations must accept payments with pagoPA (article 5 of Legislative Decree 82/2005, “CAD”). E-mail and rating are optional: the service works without them.",
            ),
        ),
        section(
            "Who else receives them",
            view! {
                {paragraph("PagoPA S.p.A., which runs the payment platform, and the provider you choose on its page: each is a controller for its own part. The institution’s treasurer and the suppliers that run the portal, appointed as processors.")}
                {paragraph("The data are not sold, are not used for advertising and do not leave the European Union. No decision is taken automatically.")}
            },
        ),
        section(
            "For how long",
            list([
                "Notices and receipts: ten years, as the institution’s accounting records.",
                "Messages exchanged with pagoPA: 24 months.",
                "When, how and from which network the document of a notice or receipt was opened: 24 months.",
                "Technical logs: 12 months at most.",
                "E-mail typed for the payment: until the payment is concluded, and in any case no longer than 24 months.",
            ]),
        ),
        section(
            "Cookies and other tools",
            paragraph(
                "This portal uses no cookies, keeps nothing on your device and loads nothing from other sites. That is why there is no banner. Camera pictures stay on your device: only the code read reaches the service.",
            ),
        ),
        section(
            "Your rights",
            view! {
                {paragraph("You can ask the controller for access to your data, correction, restriction and, where provided for, erasure or objection (articles 15 to 22 of the GDPR), by writing to the data protection officer.")}
                <p>"If you think that your data are processed wrongly, you can lodge a complaint with the "<a href="https://www.garanteprivacy.it">"Italian data protection authority (Garante)"</a>"."</p>
            },
        ),
    ];
    ("Privacy notice", lead, sections)
}
