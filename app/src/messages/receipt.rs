//! The receipt.

use crate::Language;
use crate::api::receipts::ProofProblem;
use domain::receipt::ReceiptEffect;

super::messages!(
    /// The receipt.
    Receipt {
        Title => "Ricevuta di pagamento", "Payment receipt";
        UnknownTitle => "Ricevuta non trovata", "Receipt not found";
        UnknownText => "Questo collegamento non apre nessuna ricevuta: può essere incompleto. Puoi ritrovarla con il codice dell’avviso.", "This link opens no receipt: it may be incomplete. You can find it with the notice code.";
        Lead => "Attestazione di pagamento pagoPA: vale come quietanza dalla data e ora del pagamento.", "pagoPA payment certificate: valid as proof of payment from the date and time of the payment.";
        Amount => "Importo pagato all’ente", "Amount paid to the institution";
        Fee => "Commissione del gestore, a parte", "Provider’s fee, apart";
        Subject => "Causale", "Reason";
        PaidAt => "Data e ora del pagamento", "Date and time of the payment";
        AppliedOn => "Data di applicazione", "Application date";
        TransferredOn => "Data di accredito all’ente", "Date credited to the institution";
        Institution => "Ente creditore", "Creditor";
        InstitutionCode => "Codice fiscale dell’ente", "Tax code of the institution";
        Office => "Ufficio", "Office";
        Number => "Codice avviso", "Notice code";
        Iuv => "IUV (riferimento del pagamento)", "IUV (payment reference)";
        UniqueNumber => "Codice univoco del pagamento (IUR)", "Unique payment number (IUR)";
        Provider => "Gestore del pagamento (PSP)", "Payment provider (PSP)";
        ProviderCode => "Codice fiscale del gestore", "Tax code of the provider";
        Channel => "Canale", "Channel";
        Method => "Metodo di pagamento", "Payment method";
        Debtor => "Intestatario dell’avviso", "Notice made out to";
        Payer => "Pagato da", "Paid by";
        Transfers => "Come è ripartito l’importo", "How the amount is shared out";
        Beneficiary => "Beneficiario", "Beneficiary";
        Reason => "Causale", "Reason";
        Share => "Importo", "Amount";
        StampDuty => "Marca da bollo digitale", "Digital revenue stamp";
        StandIn => "Il pagamento è stato accettato da pagoPA per conto dell’ente mentre il suo sistema non rispondeva: è valido come gli altri.", "The payment was accepted by pagoPA on the institution’s behalf while its system was not responding: it is as valid as any other.";
        NotStated => "Non indicato", "Not stated";
        Print => "Stampa o salva in PDF", "Print or save as PDF";
        LinkNote => "Chi ha l’indirizzo di questa pagina può vedere la ricevuta: non condividerlo.", "Whoever has this page’s address can see the receipt: do not share it.";
        CheckTitle => "Questo pagamento va verificato dall’ente", "The institution must check this payment";
    }
);

/// Why a receipt was not opened and what to do.
pub(crate) const fn problem(problem: ProofProblem, language: Language) -> &'static str {
    match problem {
        ProofProblem::Code => language.pick(
            "Controlla il codice avviso: sono 18 cifre.",
            "Check the notice code: it has 18 digits.",
        ),
        ProofProblem::Proof => language.pick(
            "Scrivi gli ultimi 5 caratteri del codice fiscale.",
            "Type the last 5 characters of the tax code.",
        ),
        ProofProblem::NotOpened => language.pick(
            "Nessuna ricevuta si apre con questi dati. Ricontrolla il codice e i 5 caratteri; se hai pagato da poco, riprova fra qualche minuto.",
            "No receipt opens with these data. Check the code and the 5 characters; if you paid recently, try again in a few minutes.",
        ),
        ProofProblem::TooMany => language.pick(
            "Ci sono stati troppi tentativi. Riprova fra dieci minuti.",
            "There were too many attempts. Try again in ten minutes.",
        ),
        ProofProblem::Unavailable => language.pick(
            "Il servizio non risponde. Riprova fra qualche minuto.",
            "The service is not responding. Try again in a few minutes.",
        ),
    }
}

/// What must be said of a payment that did not simply pay its notice.
pub(crate) const fn effect(effect: ReceiptEffect, language: Language) -> Option<&'static str> {
    match effect {
        ReceiptEffect::Applied | ReceiptEffect::AsBeneficiary => None,
        ReceiptEffect::PaidTwice => Some(language.pick(
            "L’avviso risultava già pagato: questo è un pagamento in più. Hai diritto alla restituzione: chiedila all’ente con questa ricevuta.",
            "The notice had already been paid: this is an extra payment. You are entitled to a refund: ask the institution for it with this receipt.",
        )),
        ReceiptEffect::Cancelled => Some(language.pick(
            "L’avviso era stato annullato prima del pagamento. Chiedi all’ente la restituzione o a che cosa è stato destinato.",
            "The notice had been cancelled before the payment. Ask the institution for a refund or what the money was used for.",
        )),
        ReceiptEffect::Replaced => Some(language.pick(
            "L’avviso era stato sostituito da un altro. Il pagamento è valido: l’ente deve collegarlo al nuovo avviso.",
            "The notice had been replaced by another. The payment is valid: the institution must link it to the new notice.",
        )),
        ReceiptEffect::OtherOptionChosen => Some(language.pick(
            "Lo stesso debito si stava già pagando in un altro modo. Il pagamento è valido: l’ente deve conteggiarlo o restituirlo.",
            "The same debt was already being paid in another way. The payment is valid: the institution must count it or refund it.",
        )),
        ReceiptEffect::Unpublished | ReceiptEffect::Unknown => Some(language.pick(
            "L’avviso non era ancora nel nostro archivio. Il pagamento è valido: l’ente lo registrerà.",
            "The notice was not yet in our archive. The payment is valid: the institution will record it.",
        )),
    }
}

/// How it was paid, from the hub's word; an unknown word is shown as it is.
pub(crate) fn method(word: &str, language: Language) -> String {
    let known = match word {
        "creditCard" | "CP" => ("Carta di pagamento", "Payment card"),
        "bancomatPay" | "BPAY" => ("Bancomat Pay", "Bancomat Pay"),
        "payPal" | "PPAL" | "PPAY" => ("PayPal", "PayPal"),
        "cash" | "CASH" => ("Contanti", "Cash"),
        "on_us" | "onUs" | "bankAccount" => ("Conto del gestore", "Account at the provider"),
        "bancaMyBank" | "myBank" => ("MyBank", "MyBank"),
        "other" => ("Altro", "Other"),
        _ => return word.to_owned(),
    };
    language.pick(known.0, known.1).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_effect_that_is_not_the_ordinary_one_is_explained() {
        for one in ReceiptEffect::ALL {
            for language in Language::ALL {
                let ordinary = matches!(one, ReceiptEffect::Applied | ReceiptEffect::AsBeneficiary);
                assert_eq!(effect(one, language).is_none(), ordinary, "{one:?}");
            }
        }
    }

    #[test]
    fn every_problem_says_what_to_do() {
        for one in ProofProblem::ALL {
            assert!(
                Language::ALL
                    .iter()
                    .all(|language| problem(one, *language).len() > 20)
            );
        }
    }

    #[test]
    fn a_method_nobody_told_us_of_is_shown_as_it_is() {
        assert_eq!(method("creditCard", Language::Italian), "Carta di pagamento");
        assert_eq!(method("satispay", Language::Italian), "satispay");
    }
}
