//! What the pages around documents say.

use app::Language;

macro_rules! words {
    ($($name:ident => $italian:literal, $english:literal;)*) => {
        /// A message.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Word { $($name),* }

        impl Word {
            /// The words.
            pub(super) const fn text(self, language: Language) -> &'static str {
                match self { $(Self::$name => language.pick($italian, $english)),* }
            }
        }
    };
}

words!(
    ToNotice => "Torna all’avviso", "Back to the notice";
    ToReceipts => "Ritrova una ricevuta", "Find a receipt";
    Again => "Chiedi un nuovo link", "Ask for a new link";
    NotFoundTitle => "Documento non trovato", "Document not found";
    NotFoundText => "A questo indirizzo non c’è nessun documento. Controlla che il link sia intero.", "There is no document at this address. Check that the link is whole.";
    ForgedTitle => "Link non valido", "The link is not valid";
    ForgedText => "Questo link non apre nessun documento: forse è stato tagliato o modificato. Chiedine uno nuovo.", "This link opens no document: it may have been cut or changed. Ask for a new one.";
    ExpiredTitle => "Il link è scaduto", "The link has expired";
    ExpiredText => "Per proteggere i dati personali il link dura poco. Chiedine uno nuovo.", "To protect personal data the link lasts a short time. Ask for a new one.";
    RefusedTitle => "L’avviso non si può stampare", "The notice cannot be printed";
    RefusedText => "Nella pagina dell’avviso vedi che cosa puoi fare. Motivo:", "The notice’s page shows what you can do. The reason:";
    OriginalGoneTitle => "Il messaggio originale non c’è più", "The original message is gone";
    OriginalGoneText => "I messaggi originali si conservano per 24 mesi. La ricevuta senza l’originale resta disponibile.", "Original messages are kept for 24 months. The receipt without the original is still available.";
    BusyTitle => "Un momento", "One moment";
    BusyText => "Stiamo preparando molti documenti. Riprova fra qualche secondo.", "Many documents are being prepared. Try again in a few seconds.";
    NotDrawnTitle => "Il documento non si può preparare", "The document cannot be prepared";
    NotDrawnText => "C’è stato un errore nostro. Non è stato addebitato nulla. Scrivi all’ente indicando il codice dell’avviso.", "There was an error on our side. Nothing was charged. Write to the institution with the notice code.";
    UnavailableTitle => "Servizio non disponibile", "Service not available";
    UnavailableText => "L’archivio non risponde. Riprova fra qualche minuto.", "The archive does not answer. Try again in a few minutes.";
);
