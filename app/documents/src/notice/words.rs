//! What the guidelines leave to who prints: the words of figures, heard where a code or a coat of arms is seen.

use crate::Language;

/// What the coat of arms of `name` is.
pub(super) fn logo_of(name: &str, language: Language) -> String {
    let what = match language {
        Language::It => "Logo di",
        Language::En => "Logo of",
        Language::De => "Logo von",
        Language::Fr => "Logo de",
        Language::Sl => "Logotip:",
    };
    format!("{what} {name}")
}

/// What a QR code is for, with the data in it.
pub(super) fn qr_code(number: &str, amount: &str, payee_code: &str, language: Language) -> String {
    match language {
        Language::It => format!(
            "Codice QR per pagare con l’app: codice avviso {number}, codice fiscale dell’ente {payee_code}, importo {amount} euro"
        ),
        Language::En => format!(
            "QR code to pay with an app: notice code {number}, payee tax code {payee_code}, amount {amount} euros"
        ),
        Language::De => format!(
            "QR-Code zum Bezahlen mit der App: Zahlungsmitteilungskodex {number}, Steuernummer der Körperschaft {payee_code}, Betrag {amount} Euro"
        ),
        Language::Fr => format!(
            "Code QR pour payer avec l’application : code avis {number}, code fiscal de l’organisme {payee_code}, montant {amount} euros"
        ),
        Language::Sl => format!(
            "Koda QR za plačilo z aplikacijo: št. obvestila {number}, davčna številka plačnika {payee_code}, znesek {amount} evrov"
        ),
    }
}

/// What the code of a postal slip is for, with the data in it.
pub(super) fn data_matrix(number: &str, amount: &str, account: &str, language: Language) -> String {
    match language {
        Language::It => format!(
            "Codice del bollettino postale per pagare con le Poste: codice avviso {number}, conto {account}, importo {amount} euro"
        ),
        Language::En => format!(
            "Code of the postal slip to pay with the post office: notice code {number}, account {account}, amount {amount} euros"
        ),
        Language::De => format!(
            "Code des Posterlagscheins zum Bezahlen bei der Post: Zahlungsmitteilungskodex {number}, Konto {account}, Betrag {amount} Euro"
        ),
        Language::Fr => format!(
            "Code du bulletin postal pour payer à la poste : code avis {number}, compte {account}, montant {amount} euros"
        ),
        Language::Sl => format!(
            "Koda poštne položnice za plačilo na pošti: št. obvestila {number}, račun {account}, znesek {amount} evrov"
        ),
    }
}
