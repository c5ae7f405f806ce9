//! Words that several pages share.

super::messages!(
    /// Words that several pages share.
    Layout {
        BackHome => "Paga un avviso", "Pay a notice";
        Breadcrumb => "Percorso", "You are here";
        Help => "Aiuto", "Help";
        FindReceipt => "Ritrova una ricevuta", "Find a receipt";
        Loading => "Un momento…", "One moment…";
        ErrorPrefix => "Errore: ", "Error: ";
        SupportCode => "Codice per l’assistenza: ", "Support code: ";
        ExternalSite => " (sito esterno)", " (external site)";
        StepsLabel => "Passi del pagamento", "Payment steps";
        StepDone => "Fatto: ", "Done: ";
        StepNotice => "Avviso", "Notice";
        StepSummary => "Riepilogo", "Summary";
        StepPayment => "Pagamento", "Payment";
        Copy => "Copia", "Copy";
        TryAgain => "Riprova", "Try again";
    }
);
