//! The form that finds a receipt.

super::messages!(
    /// The form that finds a receipt.
    FindReceipt {
        Title => "Ritrova una ricevuta", "Find a receipt";
        Lead => "Serve il codice dell’avviso e una piccola prova, perché la ricevuta contiene dati personali.", "You need the notice code and a small proof, because the receipt holds personal data.";
        CodeLabel => "Codice avviso", "Notice code";
        CodeHint => "18 cifre, lo stesso dell’avviso pagato", "18 digits, the same as on the notice you paid";
        ProofLabel => "Ultimi 5 caratteri del codice fiscale", "Last 5 characters of the tax code";
        ProofHint => "Di chi ha pagato o di chi era intestato l’avviso (per esempio F205X). Oppure il codice univoco della ricevuta, per intero.", "Of who paid or of who the notice was for (for example F205X). Or the whole unique number of the receipt.";
        Submit => "Apri la ricevuta", "Open the receipt";
        ErrorTitle => "Controlla i dati", "Check the data";
        SeveralTitle => "Ricevute di questo avviso", "Receipts of this notice";
        SeveralText => "Per questo avviso ci sono più ricevute, la più recente per prima.", "There is more than one receipt for this notice, the newest first.";
        One => "Ricevuta", "Receipt";
    }
);
