//! The words of the receipt, in the languages it exists in: Italian and English. Readers of the others are given Italian,
//! the language of the office.

use crate::Language;
use chrono::{Datelike as _, NaiveDate, NaiveDateTime, Timelike as _};
use domain::receipt::ReceiptEffect;
use domain::{Cents, money::NumberStyle};

/// A language the receipt exists in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// Italian.
    Italian,
    /// English.
    English,
}

impl Wording {
    /// The one a reader of `language` is given.
    pub const fn of(language: Language) -> Self {
        match language {
            Language::En => Self::English,
            Language::It | Language::De | Language::Fr | Language::Sl => Self::Italian,
        }
    }

    /// Its language.
    pub const fn language(self) -> Language {
        match self {
            Self::Italian => Language::It,
            Self::English => Language::En,
        }
    }

    const fn pick(self, italian: &'static str, english: &'static str) -> &'static str {
        match self {
            Self::Italian => italian,
            Self::English => english,
        }
    }

    /// An amount with its sign: `1.234,56 €`, `€1,234.56`.
    pub fn amount(self, amount: Cents) -> String {
        match self {
            Self::Italian => format!("{} €", amount.to_people(NumberStyle::Italian)),
            Self::English => format!("€{}", amount.to_people(NumberStyle::English)),
        }
    }

    /// A day with its month in letters: `11 marzo 2026`.
    pub fn day(self, day: NaiveDate) -> String {
        const ITALIAN: [&str; 12] = [
            "gennaio",
            "febbraio",
            "marzo",
            "aprile",
            "maggio",
            "giugno",
            "luglio",
            "agosto",
            "settembre",
            "ottobre",
            "novembre",
            "dicembre",
        ];
        const ENGLISH: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let months = match self {
            Self::Italian => ITALIAN,
            Self::English => ENGLISH,
        };
        format!("{} {} {}", day.day(), months[day.month0() as usize], day.year())
    }

    /// A moment to the second: `11 marzo 2026, 10:15:30`.
    pub fn moment(self, moment: NaiveDateTime) -> String {
        let (day, hour) = (self.day(moment.date()), moment.hour());
        format!("{day}, {hour:02}:{:02}:{:02}", moment.minute(), moment.second())
    }
}

/// What the receipt calls things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words beside each name say what it is")]
pub enum Term {
    Title,
    Lead,
    AmountHeading,
    Amount,
    Fee,
    Total,
    PaymentHeading,
    Subject,
    PaidAt,
    AppliedOn,
    TransferredOn,
    InstitutionHeading,
    InstitutionName,
    InstitutionCode,
    Office,
    Number,
    Iuv,
    UniqueNumber,
    Provider,
    ProviderCode,
    Channel,
    Method,
    PeopleHeading,
    Debtor,
    Payer,
    Code,
    Transliterated,
    Transfers,
    Beneficiary,
    Reason,
    Share,
    StampDuty,
    StandIn,
    NotStated,
    CheckHeading,
    Foot,
}

impl Term {
    /// Every term.
    pub const ALL: [Self; 36] = [
        Self::Title,
        Self::Lead,
        Self::AmountHeading,
        Self::Amount,
        Self::Fee,
        Self::Total,
        Self::PaymentHeading,
        Self::Subject,
        Self::PaidAt,
        Self::AppliedOn,
        Self::TransferredOn,
        Self::InstitutionHeading,
        Self::InstitutionName,
        Self::InstitutionCode,
        Self::Office,
        Self::Number,
        Self::Iuv,
        Self::UniqueNumber,
        Self::Provider,
        Self::ProviderCode,
        Self::Channel,
        Self::Method,
        Self::PeopleHeading,
        Self::Debtor,
        Self::Payer,
        Self::Code,
        Self::Transliterated,
        Self::Transfers,
        Self::Beneficiary,
        Self::Reason,
        Self::Share,
        Self::StampDuty,
        Self::StandIn,
        Self::NotStated,
        Self::CheckHeading,
        Self::Foot,
    ];

    /// Its words.
    pub const fn words(self, wording: Wording) -> &'static str {
        let (italian, english) = match self {
            Self::Title => ("Ricevuta di pagamento", "Payment receipt"),
            Self::Lead => (
                "Attestazione di pagamento pagoPA: vale dalla data e ora del pagamento.",
                "pagoPA payment certificate: valid from the date and time of the payment.",
            ),
            Self::AmountHeading => ("Quanto è stato pagato", "What was paid"),
            Self::Amount => ("Importo pagato all’ente", "Amount paid to the institution"),
            Self::Fee => ("Commissione del gestore, a parte", "Provider’s fee, apart"),
            Self::Total => ("Totale con la commissione", "Total with the fee"),
            Self::PaymentHeading => ("Il pagamento", "The payment"),
            Self::Subject | Self::Reason => ("Causale", "Reason"),
            Self::PaidAt => ("Data e ora del pagamento", "Date and time of the payment"),
            Self::AppliedOn => ("Data di applicazione", "Application date"),
            Self::TransferredOn => ("Data di accredito all’ente", "Date credited to the institution"),
            Self::InstitutionHeading => ("Ente creditore", "Creditor"),
            Self::InstitutionName => ("Denominazione", "Name"),
            Self::InstitutionCode => ("Codice fiscale dell’ente", "Tax code of the institution"),
            Self::Office => ("Ufficio", "Office"),
            Self::Number => ("Codice avviso", "Notice code"),
            Self::Iuv => ("IUV (riferimento del pagamento)", "IUV (payment reference)"),
            Self::UniqueNumber => (
                "Codice univoco del pagamento (IUR)",
                "Unique payment number (IUR)",
            ),
            Self::Provider => ("Gestore del pagamento (PSP)", "Payment provider (PSP)"),
            Self::ProviderCode => ("Codice fiscale del gestore", "Tax code of the provider"),
            Self::Channel => ("Canale", "Channel"),
            Self::Method => ("Metodo di pagamento", "Payment method"),
            Self::PeopleHeading => ("Chi doveva e chi ha pagato", "Who owed and who paid"),
            Self::Debtor => ("Intestatario dell’avviso", "Notice made out to"),
            Self::Payer => ("Pagato da", "Paid by"),
            Self::Code => ("codice fiscale", "tax code"),
            Self::Transliterated => (
                "Il nome era scritto in un altro alfabeto ed è riportato in lettere latine.",
                "The name was written in another alphabet and is given in Latin letters.",
            ),
            Self::Transfers => ("Come è ripartito l’importo", "How the amount is shared out"),
            Self::Beneficiary => ("Beneficiario", "Beneficiary"),
            Self::Share => ("Importo", "Amount"),
            Self::StampDuty => ("Marca da bollo digitale", "Digital revenue stamp"),
            Self::StandIn => (
                "Il pagamento è stato accettato da pagoPA per conto dell’ente mentre il suo sistema non rispondeva: è valido come gli altri.",
                "The payment was accepted by pagoPA on the institution’s behalf while its system was not responding: it is as valid as any other.",
            ),
            Self::NotStated => ("Non indicato", "Not stated"),
            Self::CheckHeading => (
                "Questo pagamento va verificato dall’ente",
                "The institution must check this payment",
            ),
            Self::Foot => (
                "Questa ricevuta attesta il pagamento eseguito. Rivolgiti all’Ente Creditore se hai bisogno della quietanza liberatoria.",
                "This receipt certifies the payment made. Ask the Creditor if you need a formal discharge.",
            ),
        };
        wording.pick(italian, english)
    }
}

/// What must be said of a payment that did not simply pay its notice.
pub const fn effect(effect: ReceiptEffect, wording: Wording) -> Option<&'static str> {
    match effect {
        ReceiptEffect::Applied | ReceiptEffect::AsBeneficiary => None,
        ReceiptEffect::PaidTwice => Some(wording.pick(
            "L’avviso risultava già pagato: questo è un pagamento in più. Hai diritto alla restituzione: chiedila all’ente con questa ricevuta.",
            "The notice had already been paid: this is an extra payment. You are entitled to a refund: ask the institution for it with this receipt.",
        )),
        ReceiptEffect::Cancelled => Some(wording.pick(
            "L’avviso era stato annullato prima del pagamento. Chiedi all’ente la restituzione o a che cosa è stato destinato.",
            "The notice had been cancelled before the payment. Ask the institution for a refund or what the money was used for.",
        )),
        ReceiptEffect::Replaced => Some(wording.pick(
            "L’avviso era stato sostituito da un altro. Il pagamento è valido: l’ente deve collegarlo al nuovo avviso.",
            "The notice had been replaced by another. The payment is valid: the institution must link it to the new notice.",
        )),
        ReceiptEffect::OtherOptionChosen => Some(wording.pick(
            "Lo stesso debito si stava già pagando in un altro modo. Il pagamento è valido: l’ente deve conteggiarlo o restituirlo.",
            "The same debt was already being paid in another way. The payment is valid: the institution must count it or refund it.",
        )),
        ReceiptEffect::Unpublished | ReceiptEffect::Unknown => Some(wording.pick(
            "L’avviso non era ancora nel nostro archivio. Il pagamento è valido: l’ente lo registrerà.",
            "The notice was not yet in our archive. The payment is valid: the institution will record it.",
        )),
    }
}

/// How it was paid, from the hub's word; an unknown word is shown as it is.
pub fn method(word: &str, wording: Wording) -> &str {
    let (italian, english) = match word {
        "creditCard" | "CP" => ("Carta di pagamento", "Payment card"),
        "bancomatPay" | "BPAY" => ("Bancomat Pay", "Bancomat Pay"),
        "payPal" | "PPAL" | "PPAY" => ("PayPal", "PayPal"),
        "cash" | "CASH" => ("Contanti", "Cash"),
        "on_us" | "onUs" | "bankAccount" => ("Conto del gestore", "Account at the provider"),
        "bancaMyBank" | "myBank" => ("MyBank", "MyBank"),
        "other" => ("Altro", "Other"),
        _ => return word,
    };
    wording.pick(italian, english)
}

/// Where it was paid, from the hub's word; an unknown word is shown as it is.
pub fn channel(word: &str, wording: Wording) -> &str {
    let (italian, english) = match word {
        "app" | "APP" => ("App", "App"),
        "web" | "WEB" => ("Sito web", "Web site"),
        "atm" | "ATM" => ("Sportello automatico (ATM)", "Cash machine (ATM)"),
        "onlineBanking" | "homeBanking" | "HOME_BANKING" => ("Home banking", "Home banking"),
        "counter" | "sportello" => ("Sportello", "Counter"),
        _ => return word,
    };
    wording.pick(italian, english)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Wording; 2] = [Wording::Italian, Wording::English];

    #[test]
    fn every_effect_that_is_not_the_ordinary_one_is_explained() {
        for one in ReceiptEffect::ALL {
            for wording in BOTH {
                let ordinary = matches!(one, ReceiptEffect::Applied | ReceiptEffect::AsBeneficiary);
                assert_eq!(effect(one, wording).is_none(), ordinary, "{one:?}");
            }
        }
    }

    #[test]
    fn every_term_has_words_in_both_languages() {
        for (place, term) in Term::ALL.into_iter().enumerate() {
            assert_eq!(term as usize, place);
            assert!(BOTH.iter().all(|wording| !term.words(*wording).is_empty()));
        }
    }

    #[test]
    fn a_method_nobody_told_us_of_is_shown_as_it_is() {
        assert_eq!(method("creditCard", Wording::Italian), "Carta di pagamento");
        assert_eq!(method("satispay", Wording::Italian), "satispay");
        assert_eq!(channel("atm", Wording::English), "Cash machine (ATM)");
        assert_eq!(channel("totem", Wording::English), "totem");
    }

    #[test]
    fn languages_without_words_of_their_own_are_given_italian() {
        assert_eq!(Wording::of(Language::De).language(), Language::It);
        assert_eq!(Wording::of(Language::En).language(), Language::En);
    }

    #[test]
    fn days_and_amounts_are_written_as_people_of_the_language_do() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 11).unwrap();
        let moment = day.and_hms_opt(9, 5, 0).unwrap();
        assert_eq!(Wording::Italian.moment(moment), "11 marzo 2026, 09:05:00");
        assert_eq!(Wording::English.day(day), "11 March 2026");
        assert_eq!(Wording::Italian.amount(Cents::new(123_456)), "1.234,56 €");
        assert_eq!(Wording::English.amount(Cents::new(123_456)), "€1,234.56");
    }
}
