//! Words around every page; the browser never loads them.

crate::messages::messages!(
    /// What stands around every page.
    Around {
        Skip => "Vai al contenuto principale", "Skip to main content";
        SkipToFooter => "Vai al piè di pagina", "Skip to footer";
        Trial => "Sito di prova: i pagamenti non sono veri.", "Trial site: payments are not real.";
        TrialLabel => "Ambiente di prova", "Trial environment";
        LanguageLabel => "Lingua", "Language";
        SignIn => "Accedi all’area personale", "Sign in to your personal area";
        Faq => "Domande frequenti", "FAQ – frequently asked questions";
        ReportInefficiency => "Segnala disservizio", "Report a problem with a service";
        Appointment => "Prenota un appuntamento", "Book an appointment";
        Privacy => "Informativa privacy", "Privacy notice";
        LegalNotes => "Note legali", "Legal notes";
        AccessibilityStatement => "Dichiarazione di accessibilità", "Accessibility statement";
        Accessibility => "Accessibilità di questo sito", "Accessibility of this site";
        DataProtectionOfficer => "Responsabile della protezione dei dati", "Data protection officer";
        FooterLinks => "Informazioni legali", "Legal information";
        OpenSource => "Codice aperto", "Open source";
        OpenSourceText => "Lanterna è software libero, con licenza EUPL 1.2.", "Lanterna is free software under the EUPL 1.2 licence.";
        Funded => "Finanziato dall’Unione europea – NextGenerationEU", "Funded by the European Union – NextGenerationEU";
        FiscalCode => "Codice fiscale", "Tax code";
        Telephone => "Telefono", "Telephone";
        CertifiedEmail => "PEC", "Certified e-mail";
        Email => "E-mail", "E-mail";
        ServerTitle => "Qualcosa non ha funzionato", "Something went wrong";
        ServerText => "C’è stato un errore nostro. Non è stato addebitato nulla. Riprova fra qualche minuto.", "There was an error on our side. Nothing was charged. Try again in a few minutes.";
    }
);
