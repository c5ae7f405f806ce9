//! Named notices of every form.

use crate::notice::{
    Institution, Languages, Notice, Payment, Payments, PostalSlip, Recipient, Second, document,
};
use crate::receipt::Person;
use crate::{Document, Language};
use chrono::NaiveDate;
use domain::data_matrix::PostalAccount;
use domain::{Cents, CreditorFiscalCode, NoticeNumber};

/// The notice most people get: a waste tax to be paid at once, in Italian, without a postal slip.
pub fn common() -> Notice {
    Notice {
        institution: Institution {
            fiscal_code: CreditorFiscalCode::parse("00856930102").expect("eleven digits"),
            name: "Comune di Roccalanterna".to_owned(),
            sector: Some("Ufficio tributi".to_owned()),
            info: Some("Info: www.comune.roccalanterna.example".to_owned()),
            cbill_code: Some("78Q45".to_owned()),
            logo: Some(super::emblem::emblem()),
            postal: None,
            takes_payment_on_site: true,
            takes_payment_in_app: false,
            own_counters: None,
        },
        recipient: Recipient {
            person: Person {
                name: "Niccolò D’Angiò".to_owned(),
                transliterated: false,
                code: Some("DNGNCL85T10A562S".to_owned()),
            },
            address: vec!["Via della Lanterna 12".to_owned(), "16126 Genova (GE)".to_owned()],
            abroad: false,
        },
        subject: "TARI 2026, rata unica".to_owned(),
        payments: Payments::Whole(payment(0, 77_759)),
        languages: italian(),
        dated: "2026-03-01T08:00:00Z".parse().expect("a moment"),
    }
}

const fn italian() -> Languages {
    Languages {
        first: Language::It,
        second: None,
    }
}

/// The payment in place `place`, due after so many months.
fn payment(place: u32, cents: i64) -> Payment {
    let number = 347_164_923_022_221_054_u64 + u64::from(place) * 100;
    Payment {
        number: NoticeNumber::parse(&number.to_string()).expect("eighteen digits"),
        amount: Cents::new(cents),
        due_on: NaiveDate::from_ymd_opt(2026 + i32::try_from(place / 12).unwrap_or(0), place % 12 + 1, 28),
    }
}

fn slip() -> PostalSlip {
    PostalSlip {
        account: PostalAccount::parse("30372502").expect("an account"),
        holder: "Comune di Roccalanterna, servizio tesoreria".to_owned(),
        authorisation: "AUT. DB/SSIC/123 12345 DEL 01/02/2026".to_owned(),
    }
}

/// The same notice with a postal slip.
fn with_slip(mut notice: Notice) -> Notice {
    notice.institution.postal = Some(slip());
    notice
}

fn plan(count: u32, whole: bool) -> Payments {
    Payments::Instalments {
        whole: whole.then(|| payment(0, 77_759)),
        parts: (1..=count)
            .map(|place| payment(place, 77_759 / i64::from(count)))
            .collect(),
    }
}

fn fine() -> Notice {
    Notice {
        subject: "Violazione del codice della strada, verbale V/2026/1234".to_owned(),
        payments: Payments::Fine {
            discounted: Payment {
                due_on: None,
                ..payment(1, 5_940)
            },
            reduced: Payment {
                due_on: None,
                ..payment(2, 8_430)
            },
        },
        ..common()
    }
}

/// A text of exactly so many characters, with words, accents and apostrophes.
fn long(length: usize) -> String {
    let words = "Contributo per l’accesso all’area «Città d’arte» e più ".chars();
    let text: String = words.cycle().take(length - 1).collect();
    // A blank at the end would be taken out.
    text + "x"
}

fn extreme(guideline: bool) -> Notice {
    let most = |wished: usize, most: usize| long(if guideline { wished } else { most });
    let mut notice = with_slip(common());
    notice.subject = most(90, 140);
    notice.institution.name = most(100, 140);
    notice.institution.sector = Some(most(50, 70));
    notice.institution.info = Some(most(100, 120));
    notice.institution.own_counters = Some(most(60, 100));
    notice.institution.takes_payment_in_app = true;
    notice.recipient.person.name = most(70, 140);
    let line = if guideline { 46 } else { 66 };
    notice.recipient.address = vec![long(line), long(line), long(line)];
    if let Some(postal) = &mut notice.institution.postal {
        postal.holder = most(50, 100);
    }
    notice.payments = Payments::Whole(payment(0, 9_999_999_999));
    notice
}

fn in_languages(mut notice: Notice, first: Language, second: Option<(Language, bool)>) -> Notice {
    notice.languages = Languages {
        first,
        second: second.map(|(language, equal)| Second { language, equal }),
    };
    notice
}

/// A named notice of every variant, the same each time.
pub fn notices() -> Vec<(String, Notice)> {
    let mut forms = vec![
        ("single".to_owned(), common()),
        (
            "undated".to_owned(),
            Notice {
                payments: Payments::Whole(Payment {
                    due_on: None,
                    ..payment(0, 77_759)
                }),
                ..common()
            },
        ),
        ("fine".to_owned(), fine()),
    ];
    for count in [2, 3, 10] {
        let payments = plan(count, true);
        forms.push((format!("instalments-{count}"), Notice { payments, ..common() }));
    }
    let with_slips = forms
        .iter()
        .map(|(name, notice)| (format!("{name}-slip"), with_slip(notice.clone())))
        .collect::<Vec<_>>();
    forms.extend(with_slips);
    let mut notices = Vec::new();
    for (name, notice) in &forms {
        for language in Language::ALL {
            let name = format!("{name}-{}", language.tag());
            notices.push((name, in_languages(notice.clone(), language, None)));
        }
        for (first, second, equal) in [
            (Language::De, Language::It, true),
            (Language::It, Language::Sl, false),
            (Language::Fr, Language::It, true),
        ] {
            let kind = if equal { "equal" } else { "second" };
            let name = format!("{name}-{}-{}-{kind}", first.tag(), second.tag());
            notices.push((name, in_languages(notice.clone(), first, Some((second, equal)))));
        }
    }
    notices.extend(others());
    notices
        .into_iter()
        .map(|(name, notice)| (format!("notice-{name}"), notice))
        .collect()
}

/// Every count of instalments, extremes, and what only some notices have.
fn others() -> Vec<(String, Notice)> {
    let mut notices = Vec::new();
    for count in [4, 5, 6, 7, 8, 9, 15, 16, 99] {
        let payments = plan(count, true);
        notices.push((format!("instalments-{count}-it"), Notice { payments, ..common() }));
    }
    for count in [2, 3, 7, 12] {
        let payments = plan(count, false);
        let notice = Notice { payments, ..common() };
        notices.push((format!("plan-{count}-it"), notice.clone()));
        notices.push((format!("plan-{count}-slip-it"), with_slip(notice)));
    }
    let long_plan = |count| Notice {
        payments: plan(count, true),
        ..extreme(false)
    };
    notices.push(("instalments-99-slip-it".to_owned(), long_plan(99)));
    notices.push(("guideline-lengths-slip-it".to_owned(), extreme(true)));
    notices.push(("longest-slip-it".to_owned(), extreme(false)));
    let mut without_slip = extreme(false);
    without_slip.institution.postal = None;
    without_slip.payments = Payments::Whole(payment(0, Cents::MAX_WIRE.as_i64()));
    notices.push(("longest-it".to_owned(), without_slip.clone()));
    for count in [9, 99] {
        let payments = plan(count, true);
        let notice = Notice {
            payments,
            ..without_slip.clone()
        };
        notices.push((format!("longest-instalments-{count}-it"), notice));
    }
    let cent = Payments::Whole(payment(0, 1));
    notices.push((
        "cent-slip-it".to_owned(),
        with_slip(Notice {
            payments: cent,
            ..common()
        }),
    ));
    let mut bare = common();
    bare.institution.sector = None;
    bare.institution.info = None;
    bare.institution.cbill_code = None;
    bare.institution.logo = None;
    bare.institution.takes_payment_on_site = false;
    bare.recipient.person.code = None;
    bare.recipient.address = Vec::new();
    notices.push(("bare-it".to_owned(), bare));
    let mut abroad = with_slip(common());
    abroad.recipient.abroad = true;
    abroad.recipient.address = vec![
        "12 Rue du Phare".to_owned(),
        "06000 Nice".to_owned(),
        "FR".to_owned(),
    ];
    for language in Language::ALL {
        let name = format!("abroad-slip-{}", language.tag());
        notices.push((name, in_languages(abroad.clone(), language, None)));
    }
    notices
}

/// Every notice as a document.
pub(super) fn examples() -> Vec<(String, Document)> {
    let example = |(name, notice): (String, Notice)| {
        let noticed = document(&notice).expect("an example is lawful");
        (name, noticed.document)
    };
    notices().into_iter().map(example).collect()
}
