//! The citizen's reader, on what people really type and paste.
#![expect(clippy::unwrap_used, reason = "a test's own constants are right")]

use domain::citizen_code::{LookAlike, Progress, progress};
use domain::data_matrix::DataMatrixError;
use domain::qr_code::QrPayloadError;
use domain::{Cents, CreditorFiscalCode, NoticeNumber, QrPayload, Refusal, Verdict, citizen_code};
use proptest::prelude::*;

const GENOA: &str = "00856930102";
const NUMBER: &str = "347164923022221054";

fn number(text: &str) -> NoticeNumber {
    NoticeNumber::parse(text).unwrap()
}

fn institution(text: &str) -> CreditorFiscalCode {
    CreditorFiscalCode::parse(text).unwrap()
}

/// A notice number alone.
fn alone(text: &str) -> Verdict {
    Verdict::NoticeNumber {
        number: number(text),
        institution: None,
        printed_amount: None,
    }
}

/// A notice number whose institution the text named.
fn of_genoa(text: &str) -> Verdict {
    Verdict::NoticeNumber {
        number: number(text),
        institution: Some(institution(GENOA)),
        printed_amount: None,
    }
}

#[track_caller]
fn reads(text: &str, verdict: &Verdict) {
    assert_eq!(citizen_code::read(text), *verdict, "{text:?}");
}

#[track_caller]
fn refuses(text: &str, refusal: Refusal) {
    reads(text, &Verdict::Refused(refusal));
}

#[track_caller]
fn is_reference(text: &str, reference: &str) {
    assert_eq!(
        citizen_code::read(text),
        Verdict::Iuv(reference.parse().unwrap()),
        "{text:?}"
    );
}

#[test]
fn every_first_digit_that_announces_a_layout_is_taken() {
    for text in [
        NUMBER,
        "001000000000000141",
        "112345678901234567",
        "212345678901234544",
        "000000000000000000",
    ] {
        reads(text, &alone(text));
    }
}

#[test]
fn whatever_stands_between_the_groups_is_ignored() {
    for text in [
        "3471 6492 3022 2210 54",
        " 3471 6492 3022 2210 54\n",
        "3471.6492.3022.2210.54",
        "3471-6492-3022-2210-54",
        "3471/6492/3022/2210/54",
        "3471–6492—3022‑2210−54",
        "3471\u{a0}6492\u{202f}3022\u{2009}2210\u{3000}54",
        "3471\u{200b}6492\u{feff}3022\u{ad}2210\u{2060}54",
        "\u{202a}3471 6492 3022 2210 54\u{202c}",
        "3471\t6492\t3022\t2210\t54",
        "3471 6492 3022\n2210 54",
        "3471_6492\\3022 2210 54",
        "3471,6492,3022,2210,54",
        "(3471) 6492+3022*2210#54",
        "3 4 7 1 6 4 9 2 3 0 2 2 2 2 1 0 5 4",
        "３４７１ ６４９２ ３０２２ ２２１０ ５４",
        "٣٤٧١٦٤٩٢٣٠٢٢٢٢١٠٥٤",
        "𝟯𝟰𝟳𝟭𝟲𝟰𝟵𝟮𝟯𝟬𝟮𝟮𝟮𝟮𝟭𝟬𝟱𝟰",
    ] {
        reads(text, &alone(NUMBER));
    }
}

#[test]
fn labels_and_other_words_around_the_code_are_ignored() {
    for text in [
        "Codice avviso: 3471 6492 3022 2210 54",
        "Codice avviso 3471 6492 3022 2210 54",
        "CODICE AVVISO347164923022221054",
        "N. avviso 347164923022221054",
        "n° 347164923022221054",
        "N.347164923022221054",
        "Avviso 1 di 3: 3471 6492 3022 2210 54, entro il 30/09/2026, € 120,50",
        "347164923022221054Scadenza 30/09/2026",
        "Codice Avviso\n3471 6492 3022 2210 54\n30/09/2026\n120,50",
        "30/09/2026\n3471 6492 3022 2210 54\n120,50",
        "SOLO 3471 6492 3022 2210 54",
        "Buongiorno, devo pagare il 3471 6492 3022 2210 54 grazie",
        "CBILL ABC12 codice avviso 3471 6492 3022 2210 54 cod. fiscale RSSMRA85T10A562S",
        "codice=347164923022221054",
        "importo 120,50 - 3471 6492 3022 2210 54",
        "N. 3471-6492-3022-2210-54/2026",
        "2026 347164923022221054 01/02/2026",
        "3471 6492 3022 2210 54 oppure 3471-6492-3022-2210-54",
    ] {
        reads(text, &alone(NUMBER));
    }
}

#[test]
fn the_text_of_a_qr_code_names_institution_and_printed_amount() {
    let verdict = Verdict::NoticeNumber {
        number: number("312202600000001787"),
        institution: Some(institution(GENOA)),
        printed_amount: Some(Cents::new(12050)),
    };
    for text in [
        "PAGOPA|002|312202600000001787|00856930102|12050",
        "pagopa|002|312202600000001787|00856930102|12050\n",
        "Pagare: PAGOPA|002|312202600000001787|00856930102|12050 grazie",
        "PAGOPA|002|3122 0260 0000 0017 87|00856930102| 12050",
        "PAGOPA｜002｜312202600000001787｜00856930102｜12050",
        "PAGOPA§002§312202600000001787§00856930102§12050",
        "PAGOPA 002 312202600000001787 00856930102 12050",
        "https://paga.example/paga?codice=PAGOPA%7C002%7C312202600000001787%7C00856930102%7C12050&lang=it",
        "https://paga.example/paga/PAGOPA|002|312202600000001787|00856930102|12050#x",
    ] {
        reads(text, &verdict);
    }
}

#[test]
fn a_broken_qr_code_says_which_part_is_broken() {
    for (text, error) in [
        ("PAGOPA|", QrPayloadError::Version),
        (
            "PAGOPA|003|312202600000001787|00856930102|12050",
            QrPayloadError::Version,
        ),
        ("PAGOPA|002|312202600000001787", QrPayloadError::Fields),
        (
            "PAGOPA|002|31220260000000178|00856930102|12050",
            QrPayloadError::NoticeNumber,
        ),
        (
            "PAGOPA|002|312202600000001787|0085693010|12050",
            QrPayloadError::Institution,
        ),
        (
            "PAGOPA|002|312202600000001787|00856930102|12,50",
            QrPayloadError::Amount,
        ),
    ] {
        refuses(text, Refusal::UnreadableQr(error));
    }
    let wrong = number("312202600000001788");
    refuses(
        "PAGOPA|002|312202600000001788|00856930102|12050",
        Refusal::WrongCheckDigits { number: wrong },
    );
}

#[test]
fn the_text_of_a_postal_data_matrix_is_read_even_when_its_blanks_are_lost() {
    let line =
        "codfase=NBPA;183122026000000017871200001234567810000001205038961P100856930102RSSMRA85T10A562S";
    let verdict = Verdict::NoticeNumber {
        number: number("312202600000001787"),
        institution: Some(institution(GENOA)),
        printed_amount: Some(Cents::new(12050)),
    };
    reads(
        &format!("{line}{:40}{:110}{:12}A", "NICCOLO D'ANGIO", "REFEZIONE", ""),
        &verdict,
    );
    reads(&format!("{line}NICCOLO D'ANGIO REFEZIONE A"), &verdict);
    reads(&line.to_ascii_uppercase(), &verdict);
    refuses(
        "codfase=NBPA;18312202600000001787",
        Refusal::UnreadableDataMatrix(DataMatrixError::CodeLine),
    );
}

#[test]
fn links_give_up_their_code() {
    for text in [
        "https://paga.example/paga/347164923022221054",
        "https://paga.example/it/paga/347164923022221054?utm_source=sms",
        "http://localhost:3000/paga?codice=347164923022221054",
        "https://paga.example/paga?codice=3471+6492+3022+2210+54",
        "https://paga.example/paga?n=3471%206492%203022%202210%2054#top",
        "www.paga.example/paga/3471-6492-3022-2210-54",
        "paga.example/2026/347164923022221054",
        "Paghi qui: https://paga.example/paga/347164923022221054 entro il 30/09/2026",
        "/paga?codice=347164923022221054",
        "https://paga.example/aiuto codice 3471 6492 3022 2210 54",
    ] {
        reads(text, &alone(NUMBER));
    }
    for text in [
        "https://checkout.pagopa.it/00856930102347164923022221054",
        "checkout.pagopa.it/00856930102347164923022221054",
        "https://paga.example/00856930102/347164923022221054",
        "https://paga.example/paga?codice=347164923022221054&ente=00856930102",
    ] {
        reads(text, &of_genoa(NUMBER));
    }
    is_reference("https://paga.example/paga/47164923022221054", "47164923022221054");
    refuses("https://paga.example/paga", Refusal::LinkWithoutCode);
    refuses(
        "https://paga.example/paga/3471649230222210",
        Refusal::LinkWithoutCode,
    );
    refuses("www.comune.example", Refusal::LinkWithoutCode);
}

#[test]
fn twenty_nine_digits_are_the_institution_and_the_notice_in_either_order() {
    for text in [
        "00856930102347164923022221054",
        "347164923022221054 00856930102",
        "00856930102 3471 6492 3022 2210 54",
        "Ente 00856930102 - 347164923022221054",
    ] {
        reads(text, &of_genoa(NUMBER));
    }
    refuses(
        "00856930102347164923022221055",
        Refusal::WrongCheckDigits {
            number: number("347164923022221055"),
        },
    );
    // A date and an amount are no institution.
    reads("347164923022221054 30/09/2026 120", &alone(NUMBER));
}

#[test]
fn a_payment_reference_is_told_from_a_notice_number() {
    is_reference("47164923022221054", "47164923022221054");
    is_reference("IUV 4716 4923 0222 2105 4", "47164923022221054");
    is_reference("340000013900808", "340000013900808");
    is_reference("000000000000141", "000000000000141");
    is_reference("RF18 5390 0754 7034", "RF18539007547034");
    is_reference("Riferimento: rf47abc123", "RF47ABC123");
    is_reference("IUV RF8047164923022221054", "RF8047164923022221054");
    refuses("RF23567483937849450550875", Refusal::WrongReferenceCheckDigits);
}

#[test]
fn letters_that_look_like_digits_are_a_correction_to_confirm() {
    let read = |text: &str| match citizen_code::read(text) {
        Verdict::Correction { number, changed } => {
            let changes: String = changed.iter().flat_map(|c| [c.written, c.digit]).collect();
            (number.as_str().to_owned(), changes)
        }
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(read("34716492302222lO54"), (NUMBER.to_owned(), "l1O0".to_owned()));
    assert_eq!(
        read("347I 6492 3O22 2210 54"),
        (NUMBER.to_owned(), "I1O0".to_owned())
    );
    assert_eq!(
        read("Codice avviso: 3471 6492 3022 ZZIO S4"),
        (NUMBER.to_owned(), "Z2Z2I1O0S5".to_owned())
    );
    assert_eq!(
        read("ALLO SPORTELLO 3471 G492 3022 2210 54"),
        (NUMBER.to_owned(), "G6".to_owned())
    );
    assert_eq!(
        read("https://paga.example/paga/3471649230222210S4"),
        (NUMBER.to_owned(), "S5".to_owned())
    );
    assert_eq!(
        citizen_code::read("3471649230222210S4"),
        Verdict::Correction {
            number: number(NUMBER),
            changed: vec![LookAlike {
                place: 17,
                written: 'S',
                digit: '5'
            }],
        }
    );
}

#[test]
fn letters_that_do_not_make_a_right_number_are_refused() {
    refuses(
        "34716492302222IO55",
        Refusal::LettersInside { first: 'I', found: 2 },
    );
    refuses(
        "3471 6492 30X2 2210 54",
        Refusal::LettersInside { first: 'X', found: 1 },
    );
    // First digit 1 has no check digits, so nothing proves the guess.
    refuses(
        "1123456789012345O7",
        Refusal::LettersInside { first: 'O', found: 1 },
    );
}

#[test]
fn eighteen_digits_with_a_mistake_are_refused_without_the_right_ones() {
    for text in [
        "347164923022221055",
        "311111111112222222",
        "216002039939851178",
        "001000000000000142",
    ] {
        refuses(text, Refusal::WrongCheckDigits { number: number(text) });
    }
    for digit in '4'..='9' {
        refuses(
            &format!("{digit}47164923022221054"),
            Refusal::UnknownFirstDigit { digit },
        );
    }
}

#[test]
fn too_few_and_too_many_digits_are_counted() {
    refuses("3", Refusal::TooFewDigits { found: 1 });
    refuses("3471 6492 30", Refusal::TooFewDigits { found: 10 });
    refuses("3471 6492 3022 2210", Refusal::TooFewDigits { found: 16 });
    refuses("3471 6492 3022 2210 540", Refusal::TooManyDigits { found: 19 });
    refuses(
        "Codice avviso: 3471 6492 3022",
        Refusal::TooFewDigits { found: 12 },
    );
    refuses(&"3".repeat(500), Refusal::TooManyDigits { found: 500 });
}

#[test]
fn nothing_and_too_much_are_refused() {
    for text in ["", "   ", "\n\t", "\u{200b}\u{feff}"] {
        refuses(text, Refusal::Empty);
    }
    refuses(&"è".repeat(2_000), Refusal::NoDigits);
    refuses(&"è".repeat(2_001), Refusal::TooLong);
    refuses(&"9".repeat(1_000_000), Refusal::TooLong);
    refuses("il codice dell'avviso", Refusal::NoDigits);
    refuses("…!?", Refusal::NoDigits);
}

#[test]
fn two_different_codes_are_too_many() {
    refuses("347164923022221054\n312202600000001787", Refusal::SeveralCodes);
    refuses(
        "avviso 347164923022221054 e avviso 312202600000001787",
        Refusal::SeveralCodes,
    );
    reads(
        "protocollo 947164923022221059, avviso 347164923022221054",
        &alone(NUMBER),
    );
}

#[test]
fn other_codes_on_the_paper_are_named() {
    for text in [
        "00856930102",
        "C.F. ente creditore: 00856930102",
        "77777777777",
        "008 569 301 02",
    ] {
        refuses(text, Refusal::CreditorCode);
    }
    for text in [
        "RSSMRA85T10A562S",
        "rss mra 85t10 a562s",
        "C.F.: RSSMRA85T10A562T",
        "RSSMRAURTMLARSNL",
    ] {
        refuses(text, Refusal::PersonalFiscalCode);
    }
    for text in [
        "IT60X0542811101000000123456",
        "IT60 X054 2811 1010 0000 0123 456",
        "IBAN: it63j0760101400000012345678",
        "IT00X0542811101000000123456",
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "IBAN DE63 1001 0010 0000 0000 00",
        "AT611904300234573201",
    ] {
        refuses(text, Refusal::Iban);
    }
    for text in [
        "AB12C",
        "1A2B3",
        "codice CBILL ABCDE",
        "CBILL: 80CHX",
        "Cod. SIA AAA1B",
    ] {
        refuses(text, Refusal::CbillCode);
    }
    for text in [
        "c/c 12345678",
        "conto corrente postale n. 12345678",
        "CCP 001012345678",
    ] {
        refuses(text, Refusal::PostalAccountNumber);
    }
    for text in [
        "Verbale n. 12345/2026",
        "prot. 0012345 del 01/02/2026",
        "V/12345/2026/A1",
        "cartella 04820260001234",
        "98765",
        "Targa AB123CD",
    ] {
        refuses(text, Refusal::FileNumber);
    }
}

#[test]
fn a_payment_card_is_recognised_and_never_repeated() {
    for text in [
        "4111 1111 1111 1111",
        "5555555555554444",
        "378282246310005",
        "2223 0031 2200 3222",
        "Carta 4111-1111-1111-1111",
        "6304000000000000",
        "30569309025904",
    ] {
        let verdict = citizen_code::read(text);
        assert_eq!(verdict, Verdict::Refused(Refusal::CardNumber), "{text}");
        assert!(!format!("{verdict:?}").bytes().any(|b| b.is_ascii_digit()));
    }
    // One digit off is not a card; sixteen digits of a notice are not one even when they pass the card's own check.
    refuses("4111 1111 1111 1112", Refusal::TooFewDigits { found: 16 });
    refuses("3000 0000 0000 0004", Refusal::TooFewDigits { found: 16 });
}

#[test]
fn every_refusal_has_its_own_code() {
    let texts = [
        "",
        "x",
        "3",
        "34716492302222105412",
        "347164923022221055",
        "447164923022221055",
        "3471 6492 30X2 2210 54",
        "347164923022221054,312202600000001787.",
        GENOA,
        "4111111111111111",
        "RSSMRA85T10A562S",
        "IT60X0542811101000000123456",
        "AB12C",
        "c/c 12345678",
        "98765",
        "RF23567483937849450550875",
        "PAGOPA|",
        "codfase=",
        "https://x.example",
    ];
    let mut codes: Vec<&str> = texts
        .iter()
        .map(|text| match citizen_code::read(text) {
            Verdict::Refused(refusal) => refusal.code(),
            other => panic!("{text}: {other:?}"),
        })
        .collect();
    codes.push(Refusal::TooLong.code());
    codes.sort_unstable();
    let all = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), all, "{codes:?}");
    assert_eq!(all, 20);
}

#[test]
fn the_live_field_groups_digits_and_leaves_the_rest_alone() {
    let at = |text: &str| progress(text);
    let typed = |digits, grouped: &str, complete| Progress {
        digits,
        grouped: Some(grouped.to_owned()),
        complete,
    };
    assert_eq!(at(""), typed(0, "", false));
    assert_eq!(at("34716"), typed(5, "3471 6", false));
    assert_eq!(
        at("3471 6492 3022 2210 5"),
        typed(17, "3471 6492 3022 2210 5", false)
    );
    assert_eq!(
        at("3471-6492.302222 1054 "),
        typed(18, "3471 6492 3022 2210 54", true)
    );
    assert_eq!(
        at("347164923022221055"),
        typed(18, "3471 6492 3022 2210 55", true)
    );
    let left = |digits, complete| Progress {
        digits,
        grouped: None,
        complete,
    };
    assert_eq!(at("3471649230222210540"), left(19, false));
    assert_eq!(at("3471O"), left(4, false));
    assert_eq!(at("00856930102347164923022221054"), left(29, true));
    assert!(at("PAGOPA|002|312202600000001787|00856930102|12050").complete);
    assert_eq!(at(&"3".repeat(3_000)), left(0, false));
}

fn issued() -> impl Strategy<Value = NoticeNumber> {
    (0_u8..100, 0_u64..10_000_000_000_000)
        .prop_map(|(code, base)| NoticeNumber::issue(format!("{code:02}").parse().unwrap(), base).unwrap())
}

proptest! {
    #[test]
    fn an_issued_number_is_read_as_printed_in_a_qr_code_and_in_a_link(issued in issued(), cents in 0_i64..=99_999_999_999) {
        let plain = alone(issued.as_str());
        prop_assert_eq!(&citizen_code::read(issued.as_str()), &plain);
        prop_assert_eq!(&citizen_code::read(&issued.grouped()), &plain);
        prop_assert_eq!(&citizen_code::read(&format!("https://paga.example/paga/{issued}")), &plain);
        prop_assert_eq!(citizen_code::read(&format!("{GENOA}{issued}")), of_genoa(issued.as_str()));
        let payload = QrPayload::new(issued.clone(), institution(GENOA), Cents::new(cents)).unwrap();
        let read = Verdict::NoticeNumber {
            number: issued,
            institution: Some(institution(GENOA)),
            printed_amount: Some(Cents::new(cents)),
        };
        prop_assert_eq!(citizen_code::read(&payload.to_string()), read);
    }

    /// Only a first digit mistyped as 1 passes: that layout has no check digits.
    #[test]
    fn one_wrong_digit_is_never_taken_for_a_code(issued in issued(), place in 0_usize..18, add in 1_u8..10) {
        let mut bytes = issued.as_str().as_bytes().to_vec();
        bytes[place] = (bytes[place] - b'0' + add) % 10 + b'0';
        let read = citizen_code::read(std::str::from_utf8(&bytes).unwrap());
        prop_assert_eq!(matches!(read, Verdict::NoticeNumber { .. }), bytes[0] == b'1');
    }

    #[test]
    fn a_digit_written_as_a_letter_is_corrected_back(issued in issued(), place in 0_usize..18) {
        let letters = ['O', 'l', 'Z', '3', 'A', 'S', 'G', 'T', 'B', 'g'];
        let mut written: Vec<char> = issued.as_str().chars().collect();
        let digit = written[place];
        written[place] = letters[digit.to_digit(10).unwrap() as usize];
        let read = citizen_code::read(&written.iter().collect::<String>());
        if digit == '3' {
            prop_assert_eq!(read, alone(issued.as_str()));
        } else {
            let expected = [LookAlike { place: u8::try_from(place).unwrap() + 1, written: written[place], digit }];
            prop_assert_eq!(read, Verdict::Correction { number: issued, changed: expected.to_vec() });
        }
    }

    #[test]
    fn seventeen_digits_alone_are_a_reference(digits in "[0-9]{17}") {
        prop_assert_eq!(citizen_code::read(&digits), Verdict::Iuv(digits.parse().unwrap()));
    }

    #[test]
    fn any_text_has_a_verdict(text in any::<String>()) {
        let _ = (citizen_code::read(&text), progress(&text));
    }

    #[test]
    fn any_text_near_a_code_has_a_verdict(
        text in "(PAGOPA|codfase=NBPA;18|https://|www\\.|CBILL |RF|IT60|%|%7C|:)?[|/?&=%+0-9OlISZB .:\\n\u{a0}é€-]{0,80}"
    ) {
        let _ = (citizen_code::read(&text), progress(&text));
    }
}
