//! Named receipts of every kind.

use crate::model::Attachment;
use crate::receipt::{Person, Receipt, TransferLine, document};
use crate::{Document, Language};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::receipt::ReceiptEffect;
use domain::{Cents, CreditorFiscalCode, NoticeNumber};

/// The receipt most people get: a waste tax paid with an app, with a fee.
pub fn common() -> Receipt {
    let number = NoticeNumber::parse("347164923022221054").expect("eighteen digits");
    let municipality = CreditorFiscalCode::parse("00856930102").expect("eleven digits");
    let paid_on = NaiveDate::from_ymd_opt(2026, 3, 11).expect("a day");
    Receipt {
        receipt_id: "3f5a1c0d9e7b4c2fa1b2c3d4e5f60718".to_owned(),
        institution: municipality.clone(),
        institution_name: "Comune di Roccalanterna".to_owned(),
        office: Some("Ufficio tributi".to_owned()),
        iuv: number.iuv(),
        number,
        amount: Cents::new(77_759),
        fee: Some(Cents::new(150)),
        subject: "TARI 2026, rata unica".to_owned(),
        service: Some("TARI".to_owned()),
        debtor: Person {
            name: "Niccolò D’Angiò".to_owned(),
            transliterated: false,
            code: Some("DNGNCL85T10A562S".to_owned()),
        },
        payer: Some(Person {
            name: "Maria Rossi".to_owned(),
            transliterated: false,
            code: Some("RSSMRA80A41H501U".to_owned()),
        }),
        transfers: vec![
            part(
                72_259,
                "00856930102",
                Some("Comune di Roccalanterna"),
                "TARI 2026",
            ),
            part(5_500, "01234567890", Some("Città metropolitana"), "TEFA 2026"),
        ],
        provider: "Banca d’Esempio S.p.A.".to_owned(),
        provider_code: Some("12345678901".to_owned()),
        channel: "app".to_owned(),
        method: Some("creditCard".to_owned()),
        paid_at: paid_on.and_hms_opt(10, 15, 30),
        applied_on: Some(paid_on),
        transferred_on: Some(paid_on + TimeDelta::days(1)),
        stand_in: false,
        effect: ReceiptEffect::Applied,
        received_at: at("2026-03-11T09:15:42Z"),
    }
}

fn part(cents: i64, beneficiary: &str, name: Option<&str>, reason: &str) -> TransferLine {
    TransferLine {
        amount: Cents::new(cents),
        beneficiary: CreditorFiscalCode::parse(beneficiary).expect("eleven digits"),
        beneficiary_name: name.map(str::to_owned),
        reason: reason.to_owned(),
        is_stamp_duty: false,
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

fn with_stamp() -> Receipt {
    let stamp = TransferLine {
        is_stamp_duty: true,
        ..part(1600, "00856930102", None, "Imposta di bollo")
    };
    Receipt {
        subject: "Certificato di residenza in bollo".to_owned(),
        amount: Cents::new(1652),
        transfers: vec![part(52, "00856930102", None, "Diritti di segreteria"), stamp],
        ..common()
    }
}

fn bare() -> Receipt {
    Receipt {
        office: None,
        fee: None,
        service: None,
        debtor: Person {
            name: "Anonimo".to_owned(),
            transliterated: false,
            code: None,
        },
        payer: None,
        transfers: Vec::new(),
        provider_code: None,
        method: None,
        paid_at: None,
        applied_on: None,
        transferred_on: None,
        ..common()
    }
}

fn long() -> Receipt {
    let words = |most: usize| {
        "Contributo per l’accesso all’area «Città d’arte» e più "
            .chars()
            .cycle()
            .take(most)
            .collect::<String>()
    };
    let line = |place: i64| TransferLine {
        beneficiary_name: Some(words(140)),
        reason: words(140),
        ..part(Cents::MAX_WIRE.as_i64() / 5 + place, "01234567890", None, "")
    };
    Receipt {
        receipt_id: "W".repeat(140),
        institution_name: words(140),
        office: Some(words(140)),
        subject: words(140),
        amount: Cents::MAX_WIRE,
        fee: Some(Cents::MAX_WIRE),
        provider: words(70),
        transfers: (0..5).map(line).collect(),
        ..common()
    }
}

/// Named receipts, in both languages where words differ.
pub(super) fn examples() -> Vec<(String, Document)> {
    let transliterated = Receipt {
        payer: Some(Person {
            name: "Oleksandra Ševčenko".to_owned(),
            transliterated: true,
            code: None,
        }),
        ..common()
    };
    let mut kinds = vec![
        ("common".to_owned(), common()),
        ("stamp".to_owned(), with_stamp()),
        ("bare".to_owned(), bare()),
        ("long".to_owned(), long()),
        ("transliterated".to_owned(), transliterated),
        (
            "stand-in".to_owned(),
            Receipt {
                stand_in: true,
                ..common()
            },
        ),
        (
            "cent".to_owned(),
            Receipt {
                amount: Cents::new(1),
                fee: Some(Cents::ZERO),
                ..common()
            },
        ),
        (
            "unknown-words".to_owned(),
            Receipt {
                channel: "TOTEM <&> \"x\"".to_owned(),
                method: Some("satispay".to_owned()),
                ..common()
            },
        ),
    ];
    kinds.extend(ReceiptEffect::ALL.into_iter().map(|effect| {
        let name = effect.as_str().replace('_', "-");
        (name, Receipt { effect, ..common() })
    }));
    let mut examples = Vec::new();
    for (name, receipt) in &kinds {
        for language in [Language::It, Language::En] {
            let name = format!("receipt-{name}-{}", language.tag());
            examples.push((name, document(receipt, language, None)));
        }
    }
    let original = Attachment {
        name: "ricevuta.xml".to_owned(),
        media_type: "application/xml",
        description: "Messaggio originale della ricevuta".to_owned(),
        bytes: b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><receipt/>".to_vec(),
        dated: common().received_at,
    };
    let duplicate = document(&common(), Language::It, Some(original));
    examples.push(("receipt-digital-duplicate-it".to_owned(), duplicate));
    examples.push((
        "receipt-common-de".to_owned(),
        document(&common(), Language::De, None),
    ));
    examples
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipt::{file_name, file_name_among_institutions};

    fn said(receipt: &Receipt, language: Language) -> String {
        document(receipt, language, None).reading().join("\n")
    }

    #[test]
    fn a_receipt_says_what_the_national_specifications_ask() {
        let said = said(&common(), Language::It);
        for asked in [
            "11 marzo 2026, 10:15:30",
            "Data di applicazione 11 marzo 2026",
            "00856930102",
            "Comune di Roccalanterna",
            "IUV (riferimento del pagamento) 47164923022221054",
            "Banca d’Esempio S.p.A.",
            "12345678901",
            "3f5a1c0d9e7b4c2fa1b2c3d4e5f60718",
            "777,59 €",
            "TARI 2026, rata unica",
            "3471 6492 3022 2210 54",
            "Carta di pagamento",
            "Commissione del gestore, a parte 1,50 €",
            "Totale con la commissione 779,09 €",
            "Niccolò D’Angiò, codice fiscale DNGNCL85T10A562S",
            "Città metropolitana (01234567890) TEFA 2026 55,00 €",
            "quietanza liberatoria",
        ] {
            assert!(said.contains(asked), "{asked} in {said}");
        }
    }

    #[test]
    fn what_is_not_known_is_said_to_be_unknown_or_left_out() {
        let said = said(&bare(), Language::It);
        assert!(said.contains("Data e ora del pagamento Non indicato"));
        for absent in ["Commissione", "Totale", "Pagato da", "ripartito", "Metodo"] {
            assert!(!said.contains(absent), "{absent}");
        }
    }

    #[test]
    fn a_payment_made_twice_says_so_before_its_amount() {
        let twice = Receipt {
            effect: ReceiptEffect::PaidTwice,
            ..common()
        };
        let reading = document(&twice, Language::En, None).reading();
        let place = |words: &str| reading.iter().position(|item| item.contains(words)).unwrap();
        assert!(place("entitled to a refund") < place("Amount paid"));
    }

    #[test]
    fn stamps_stand_in_and_letters_of_another_alphabet_are_told() {
        assert!(said(&with_stamp(), Language::It).contains("Marca da bollo digitale. Imposta di bollo"));
        let examples = examples();
        let of = |name: &str| {
            let example = examples.iter().find(|(one, _)| one == name);
            example.unwrap().1.reading().join("\n")
        };
        assert!(of("receipt-stand-in-it").contains("per conto dell’ente"));
        assert!(of("receipt-transliterated-en").contains("given in Latin letters"));
        assert!(!of("receipt-common-en").contains("given in Latin letters"));
    }

    #[test]
    fn the_digital_duplicate_carries_the_original_and_says_the_same() {
        let examples = examples();
        let of = |name: &str| &examples.iter().find(|(one, _)| one == name).unwrap().1;
        let (plain, duplicate) = (of("receipt-common-it"), of("receipt-digital-duplicate-it"));
        assert_eq!(duplicate.attachments.len(), 1);
        assert_eq!(plain.reading(), duplicate.reading());
    }

    #[test]
    fn a_receipt_is_saved_under_a_good_name() {
        let name = |language| file_name(&common(), language);
        assert_eq!(
            name(Language::It),
            "ricevuta-2026-03-11-TARI-347164923022221054.pdf"
        );
        assert_eq!(
            name(Language::En),
            "receipt-2026-03-11-TARI-347164923022221054.pdf"
        );
        assert_eq!(
            file_name_among_institutions(&common(), Language::It),
            "ricevuta-2026-03-11-TARI-00856930102-347164923022221054.pdf"
        );
        assert_eq!(
            file_name(&bare(), Language::It),
            "ricevuta-2026-03-11-347164923022221054.pdf"
        );
    }
}
