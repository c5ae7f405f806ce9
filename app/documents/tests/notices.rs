//! What notices say and where it stands, whatever their form.

use documents::model::{Block, Body, Document, Frame, Ornament, Picture, Sheet};
use documents::notice::{self, Field, Notice, Payment, Payments, PostalSlip, Rule, Warning};
use documents::{Language, Length, testing};
use domain::data_matrix::PostalAccount;
use domain::{Cents, NoticeNumber};
use proptest::prelude::*;

fn notices() -> impl Iterator<Item = (String, Document)> {
    testing::examples()
        .into_iter()
        .filter(|(name, _)| name.starts_with("notice-"))
}

fn sheets(document: &Document) -> &[Sheet] {
    match &document.body {
        Body::Sheets(sheets) => sheets,
        Body::Flow { .. } => panic!("a notice has a fixed layout"),
    }
}

fn with(change: impl FnOnce(&mut Notice)) -> Notice {
    let mut notice = testing::notice();
    change(&mut notice);
    notice
}

fn refused(notice: &Notice) -> (Field, Rule) {
    let error = notice::document(notice).expect_err("it is unlawful");
    (error.field, error.rule)
}

fn payment(place: u64, cents: i64) -> Payment {
    let number =
        NoticeNumber::parse(&(300_000_000_000_000_000 + place).to_string()).expect("eighteen digits");
    Payment {
        number,
        amount: Cents::new(cents),
        due_on: None,
    }
}

fn parts(count: u64) -> Payments {
    Payments::Instalments {
        whole: None,
        parts: (0..count).map(|place| payment(place, 100)).collect(),
    }
}

fn slip() -> PostalSlip {
    PostalSlip {
        account: PostalAccount::parse("30372502").expect("an account"),
        holder: "Comune".to_owned(),
        authorisation: "AUT. DB/SSIC/123 12345 DEL 01/02/2026".to_owned(),
    }
}

fn levels(document: &Document) -> Vec<u8> {
    let level = |block: &&Block| match block {
        Block::Heading { level, .. } => Some(*level),
        _ => None,
    };
    document.leaves().iter().filter_map(level).collect()
}

fn check_frames(name: &str, document: &Document) {
    let right = |frame: Frame| frame.x + frame.width;
    let bottom = |frame: Frame| frame.y + frame.height;
    for (place, sheet) in sheets(document).iter().enumerate() {
        for (index, area) in sheet.areas.iter().enumerate() {
            let frame = area.frame;
            assert!(
                frame.x >= Length::mm(9) && right(frame) <= Length::mm(201),
                "{name} {}",
                area.name
            );
            assert!(
                frame.y >= Length::mm(9) && bottom(frame) <= Length::mm(291),
                "{name} {}",
                area.name
            );
            for other in &sheet.areas[index + 1..] {
                let apart = right(frame) <= other.frame.x
                    || right(other.frame) <= frame.x
                    || bottom(frame) <= other.frame.y
                    || bottom(other.frame) <= frame.y;
                assert!(apart, "{name}, sheet {place}: {} and {}", area.name, other.name);
            }
        }
    }
}

#[test]
fn at_least_sixty_examples_cover_every_form() {
    let names: Vec<String> = testing::examples().into_iter().map(|(name, _)| name).collect();
    assert!(names.len() >= 60, "{}", names.len());
    let mut once = names.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), names.len());
}

#[test]
fn areas_stand_on_the_sheet_and_not_on_one_another() {
    for (name, document) in notices() {
        check_frames(&name, &document);
    }
}

#[test]
fn headings_begin_with_the_subject_and_skip_no_level() {
    for (name, document) in testing::examples() {
        let levels = levels(&document);
        assert_eq!(levels.first(), Some(&1), "{name}");
        assert!(
            levels.windows(2).all(|pair| pair[1] <= pair[0] + 1),
            "{name}: {levels:?}"
        );
        assert!(
            !levels[1..].contains(&1),
            "{name}: one document, one first heading"
        );
    }
}

#[test]
fn modules_stand_in_the_order_of_the_guidelines() {
    let notice = with(|notice| notice.institution.postal = Some(slip()));
    let reading = notice::document(&notice).unwrap().document.reading();
    let places = [
        "AVVISO DI PAGAMENTO",
        "TARI 2026, rata unica",
        "ENTE CREDITORE",
        "DESTINATARIO",
        "QUANTO E QUANDO PAGARE?",
        "DOVE PAGARE?",
        "DATI PER IL PAGAMENTO",
        "BOLLETTINO POSTALE",
    ]
    .map(|words| reading.iter().position(|item| item == words).expect(words));
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn modules_without_content_are_left_out() {
    let bare = with(|notice| notice.institution.cbill_code = None);
    let said = notice::document(&bare).unwrap().document.reading().join("\n");
    for absent in ["CBILL", "Bollettino", "BOLLETTINO", "Rata 1"] {
        assert!(!said.contains(absent), "{absent}");
    }
}

#[test]
fn a_notice_without_a_date_does_not_ask_when() {
    let undated = with(|notice| notice.payments = Payments::Whole(payment(1, 100)));
    let said = notice::document(&undated).unwrap().document.reading().join("\n");
    assert!(said.contains("QUANTO PAGARE?") && !said.contains("entro il"));
}

#[test]
fn every_payment_has_its_code_to_scan_and_a_slip_each_where_there_is_an_account() {
    let codes = |document: &Document| {
        let is_code = |block: &&&Block| {
            matches!(
                block,
                Block::Figure {
                    picture: Picture::Code(_),
                    ..
                }
            )
        };
        document.leaves().iter().filter(is_code).count()
    };
    for count in [2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 99] {
        let plain = with(|notice| notice.payments = parts(count));
        let slips = Notice {
            institution: documents::notice::Institution {
                postal: Some(slip()),
                ..plain.institution.clone()
            },
            ..plain.clone()
        };
        let expected = usize::try_from(count).unwrap();
        assert_eq!(codes(&notice::document(&plain).unwrap().document), expected);
        assert_eq!(codes(&notice::document(&slips).unwrap().document), 2 * expected);
    }
}

#[test]
fn the_header_of_further_sheets_is_seen_and_read_once() {
    for (name, document) in notices() {
        let title = document.title.split(": ").next().expect("a title").to_uppercase();
        let read = document.reading();
        let titles = read.iter().filter(|said| said.starts_with(&title)).count();
        assert_eq!(titles, 1, "{name}");
        let further = &sheets(&document)[1..];
        let drawn = further.iter().map(|sheet| {
            let words = |ornament: &Ornament| match ornament {
                Ornament::Words(_, _, text) => Some(text.words()),
                _ => None,
            };
            sheet.ornaments.iter().filter_map(words).collect::<Vec<_>>()
        });
        for words in drawn {
            assert!(words[0].starts_with(&title), "{name}: {words:?}");
            assert_eq!(words[1..], *std::slice::from_ref(&document.subject), "{name}");
        }
    }
}

#[test]
fn every_payment_of_a_fine_says_until_when_it_is_right_in_each_language() {
    let fines = notices().filter(|(name, _)| name.starts_with("notice-fine") && name.contains("de"));
    for (name, document) in fines {
        let bands = |days: &str| {
            let read = document.reading();
            read.iter().filter(|said| said.contains(days)).count()
        };
        let payments = if name.contains("slip") { 2 } else { 1 };
        // Once beside the amount.
        assert_eq!(bands("innerhalb 5 tagen"), payments + 1, "{name}");
        assert_eq!(bands("vom 6ten bis 60ten tag"), payments + 1, "{name}");
        if name.contains("-it-") {
            assert_eq!(bands("entro 5 giorni"), payments + 1, "{name}");
            assert_eq!(bands("al 60° giorno"), payments, "{name}");
        }
    }
}

#[test]
fn three_short_lines_of_an_address_are_as_large_as_two() {
    let sizes = |lines: &[&str]| {
        let notice = with(|notice| {
            notice.institution.postal = Some(slip());
            notice.recipient.address = lines.iter().map(|line| (*line).to_owned()).collect();
        });
        let document = notice::document(&notice).expect("lawful").document;
        let style = |line: &str| {
            document.leaves().into_iter().find_map(|block| match block {
                Block::Paragraph { text, style } if text.words() == line => Some(style.size),
                _ => None,
            })
        };
        lines.iter().map(|line| style(line)).collect::<Vec<_>>()
    };
    let (street, city) = ("Via della Lanterna 12", "16126 Genova (GE)");
    assert_eq!(sizes(&[street, city]), [Some(Length::pt(12)); 2]);
    assert_eq!(sizes(&["c/o Rossi", street, city]), [Some(Length::pt(12)); 3]);
}

#[test]
fn instalments_are_shared_out_to_sheets_as_the_guidelines_do() {
    let pages = |count| {
        let notice = with(|notice| {
            notice.payments = match parts(count) {
                Payments::Instalments { parts, .. } => Payments::Instalments {
                    whole: Some(payment(1000, 100)),
                    parts,
                },
                other => other,
            };
        });
        sheets(&notice::document(&notice).unwrap().document).len()
    };
    assert_eq!([2, 3, 4, 5, 6, 7, 8, 9].map(pages), [1, 1, 2, 2, 2, 2, 2, 2]);
    assert_eq!([10, 15, 16, 99].map(pages), [2, 2, 3, 8]);
}

#[test]
fn what_makes_a_notice_unlawful_is_refused_with_field_and_rule() {
    let no_amount = with(|notice| notice.payments = Payments::Whole(payment(1, 0)));
    assert_eq!(refused(&no_amount), (Field::Amount, Rule::NotPositive));
    let nameless = with(|notice| notice.institution.name = " \u{200b}".to_owned());
    assert_eq!(refused(&nameless), (Field::InstitutionName, Rule::Missing));
    let unheld = with(|notice| {
        let holder = String::new();
        notice.institution.postal = Some(PostalSlip { holder, ..slip() });
    });
    assert_eq!(refused(&unheld), (Field::AccountHolder, Rule::Missing));
    let unauthorised = with(|notice| {
        let authorisation = String::new();
        notice.institution.postal = Some(PostalSlip {
            authorisation,
            ..slip()
        });
    });
    assert_eq!(refused(&unauthorised), (Field::Authorisation, Rule::Missing));
    let cbill = with(|notice| notice.institution.cbill_code = Some("78q45".to_owned()));
    assert_eq!(refused(&cbill).0, Field::CbillCode);
    let twice = with(|notice| {
        notice.payments = Payments::Fine {
            discounted: payment(1, 70),
            reduced: payment(1, 100),
        };
    });
    assert_eq!(refused(&twice), (Field::Number, Rule::Repeated));
    let error = notice::document(&no_amount).unwrap_err();
    assert!(error.to_string().contains("amount: is at least one cent"));
    assert!(error.italian().contains("importo: è di almeno un centesimo"));
    assert!(error.italian().contains("avviso di pagamento pagoPA"));
}

#[test]
fn each_limit_holds_on_both_sides() {
    let count = |count| with(|notice| notice.payments = parts(count));
    assert_eq!(
        refused(&count(1)),
        (Field::Instalments, Rule::TooFew { least: 2 })
    );
    assert!(notice::document(&count(99)).is_ok());
    assert_eq!(
        refused(&count(100)),
        (Field::Instalments, Rule::TooMany { most: 99 })
    );

    let subject = |length| with(|notice| notice.subject = "è".repeat(length));
    let warnings = |notice: &Notice| notice::document(notice).unwrap().warnings;
    assert_eq!(warnings(&subject(90)), []);
    let long = Warning::Long {
        field: Field::Subject,
        limit: 90,
        length: 91,
    };
    assert_eq!(warnings(&subject(91)), [long]);
    assert!(notice::document(&subject(140)).is_ok());
    assert_eq!(
        refused(&subject(141)),
        (Field::Subject, Rule::TooLong { most: 140 })
    );

    let amount = |cents, postal| {
        with(|notice| {
            notice.payments = Payments::Whole(payment(1, cents));
            notice.institution.postal = postal;
        })
    };
    assert_eq!(warnings(&amount(1, None)), []);
    assert_eq!(warnings(&amount(9_999_999_999, Some(slip()))), []);
    let most = Cents::new(9_999_999_999);
    assert_eq!(
        refused(&amount(10_000_000_000, Some(slip()))),
        (Field::Amount, Rule::TooLarge { most })
    );
    assert_eq!(warnings(&amount(10_000_000_000, None)), [Warning::Large { most }]);
    assert!(notice::document(&amount(99_999_999_999, None)).is_ok());
    assert_eq!(refused(&amount(100_000_000_000, None)).0, Field::Amount);
}

#[test]
fn an_authorisation_written_otherwise_is_told() {
    let odd = with(|notice| {
        let authorisation = "AUT. 08/5 S3/81 53079 08129.07.20211".to_owned();
        notice.institution.postal = Some(PostalSlip {
            authorisation,
            ..slip()
        });
    });
    let warnings = notice::document(&odd).unwrap().warnings;
    assert!(matches!(
        warnings[..],
        [Warning::Form {
            field: Field::Authorisation,
            ..
        }]
    ));
}

#[test]
fn a_long_subject_is_printed_whole() {
    let subject = "Contributo ".repeat(12) + "fine";
    let notice = with(|notice| notice.subject.clone_from(&subject));
    let reading = notice::document(&notice).unwrap().document.reading();
    assert!(reading.contains(&subject));
}

#[test]
fn codes_say_in_words_what_they_hold() {
    let notice = with(|notice| notice.institution.postal = Some(slip()));
    let said = notice::document(&notice).unwrap().document.reading().join("\n");
    assert!(said.contains("Codice QR per pagare con l’app: codice avviso 3471 6492 3022 2210 54, codice fiscale dell’ente 00856930102, importo 777,59 euro"));
    assert!(said.contains("conto 30372502"));
}

#[test]
fn a_notice_is_saved_under_a_good_name() {
    let name = |notice: &Notice| notice::file_name(notice, Some("TARI")).unwrap();
    assert_eq!(name(&testing::notice()), "avviso-TARI-347164923022221054.pdf");
    let english = with(|notice| notice.languages.first = Language::En);
    assert_eq!(name(&english), "notice-TARI-347164923022221054.pdf");
    assert_eq!(
        notice::file_name_among_institutions(&english, None).unwrap(),
        "notice-00856930102-347164923022221054.pdf"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_notice_stands_on_its_sheets_with_headings_in_order(notice in testing::arbitrary::notice()) {
        let document = notice::document(&notice).expect("it is lawful").document;
        check_frames("any", &document);
        let levels = levels(&document);
        prop_assert_eq!(levels[0], 1);
        prop_assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1));
        let said = document.reading().join("\n");
        for payment in notice.payments.all() {
            prop_assert!(said.contains(&payment.number.grouped()));
        }
    }
}
