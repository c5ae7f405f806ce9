//! The first page: one field.

use crate::Language;

super::messages!(
    /// The first page.
    Home {
        Title => "Paga un avviso", "Pay a notice";
        Lead => "Scrivi il codice: vedi subito quanto devi e per cosa. Non serve registrarsi.", "Type the code: you see at once how much you owe and what for. No sign-up needed.";
        CodeLabel => "Codice avviso", "Notice code";
        CodeHint => "18 cifre, vicino al codice QR", "18 digits, near the QR code";
        Submit => "Vedi l’avviso", "See the notice";
        Where => "Dove trovo il codice?", "Where do I find the code?";
        WhereText => "È nella prima pagina dell’avviso pagoPA, accanto al codice QR, dopo le parole «Codice avviso». Sono 18 cifre e cominciano con 0, 1, 2 o 3. Gli spazi non contano.", "It is on the first page of the pagoPA notice, beside the QR code, after the words “Codice avviso”. It has 18 digits and begins with 0, 1, 2 or 3. Spaces do not matter.";
        WhereElse => "Se l’avviso ti è arrivato per e-mail o sull’app IO, trovi lo stesso codice nel messaggio. Puoi anche incollare qui il collegamento o il testo del codice QR.", "If you received the notice by e-mail or in the IO app, the same code is in the message. You can also paste the link or the text of the QR code here.";
        WherePicture => "Nell’avviso il codice di 18 cifre sta sotto l’importo, a destra del codice QR.", "On the notice the 18-digit code is below the amount, to the right of the QR code.";
        HowTitle => "Come funziona", "How it works";
        How1 => "Controlla l’importo", "Check the amount";
        How1Text => "È quello aggiornato a oggi dall’ente.", "It is the institution’s figure as of today.";
        How2 => "Paga con pagoPA", "Pay with pagoPA";
        How2Text => "Carta, conto o app, con il gestore che scegli tu.", "Card, account or app, with the provider you choose.";
        How3 => "Tieni la ricevuta", "Keep the receipt";
        How3Text => "Vale come quietanza. La ritrovi con il codice.", "It is valid as proof of payment. You find it again with the code.";
        MoreTitle => "Altre cose che puoi fare", "Other things you can do";
        MoreReceipt => "Ritrova una ricevuta", "Find a receipt";
        MoreReceiptText => "Con il codice avviso e una parte del codice fiscale", "With the notice code and part of the tax code";
        MoreHelp => "Hai bisogno di aiuto?", "Do you need help?";
        MoreHelpText => "Domande frequenti e contatti", "Frequently asked questions and contacts";
        NoNotice => "Devi pagare un servizio senza avviso?", "Do you have to pay for a service without a notice?";
        NoNoticeLink => "Calcola l’importo", "Work out the fee";
        AllServices => "Tutti i servizi, e quelli che si calcolano da qui", "All services, and those worked out here";
        ServicesTitle => "Che cosa si paga qui", "What you can pay here";
        Scan => "Inquadra il QR", "Scan the QR code";
        ScanChoose => "Scegli una foto", "Choose a picture";
        ScanType => "Scrivi il codice", "Type the code";
        ScanStarting => "Apro la fotocamera…", "Opening the camera…";
        ScanLooking => "Inquadra il codice QR dell’avviso.", "Point the camera at the QR code of the notice.";
        ScanFound => "Codice letto.", "Code read.";
        ScanDenied => "Il browser non dà accesso alla fotocamera. Puoi scegliere una foto dell’avviso o scrivere il codice.", "The browser gives no access to the camera. You can choose a picture of the notice or type the code.";
        ScanNothing => "In questa foto non troviamo un codice QR. Prova con una foto più vicina e a fuoco, o scrivi il codice.", "We find no QR code in this picture. Try a closer, sharper one, or type the code.";
        ScanUnavailable => "Il lettore non si è caricato. Scrivi il codice: è accanto al QR.", "The reader did not load. Type the code: it is beside the QR code.";
    }
);

/// How many digits are missing, said politely while typing.
pub(crate) fn progress(digits: usize, complete: bool, language: Language) -> String {
    const WHOLE: usize = 18;
    if complete {
        return language
            .pick(
                "18 cifre: il codice è completo.",
                "18 digits: the code is complete.",
            )
            .to_owned();
    }
    match digits {
        0 => String::new(),
        17 => language.pick("Manca 1 cifra.", "1 digit is missing.").to_owned(),
        1..WHOLE => {
            let missing = (WHOLE - digits).to_string();
            match language {
                Language::Italian => ["Mancano ", &missing, " cifre."].concat(),
                Language::English => [&missing, " digits are missing."].concat(),
            }
        }
        _ => language
            .pick("Ci sono più di 18 cifre.", "There are more than 18 digits.")
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_missing_digits_are_counted() {
        let italian = |digits, complete| progress(digits, complete, Language::Italian);
        assert_eq!(italian(0, false), "");
        assert_eq!(italian(1, false), "Mancano 17 cifre.");
        assert_eq!(italian(17, false), "Manca 1 cifra.");
        assert_eq!(italian(18, true), "18 cifre: il codice è completo.");
        assert_eq!(italian(19, false), "Ci sono più di 18 cifre.");
    }
}
