//! Random notices and receipts, in characters the documents' fonts have.

use crate::Language;
use crate::notice::{
    Institution, Languages, Notice, Payment, Payments, PostalSlip, Recipient, SLIP_AMOUNT_MAX, Second,
};
use crate::receipt::{Person, Receipt, TransferLine};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use domain::data_matrix::PostalAccount;
use domain::receipt::ReceiptEffect;
use domain::{Cents, CreditorFiscalCode, NoticeNumber};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// A text of up to `most` Latin characters, with apostrophes, accents and what HTML must escape; at least one is seen.
pub fn text(most: usize) -> impl Strategy<Value = String> {
    let pattern = format!(
        "[A-Za-z0-9]([A-Za-z0-9 .,;:/&<>'\"’()%+–À-ÖØ-öø-ÿČčĆćĐđŠšŽžŁłŐőŰű-]{{0,{}}})?",
        most - 1
    );
    proptest::string::string_regex(&pattern).expect("a checked pattern")
}

/// A code of a debtor or payer.
pub fn person_code() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]",
        "[0-9]{11}"
    ]
}

/// Someone with a name of up to 70 characters.
pub fn person() -> impl Strategy<Value = Person> {
    (text(70), any::<bool>(), option::of(person_code())).prop_map(|(name, transliterated, code)| Person {
        name,
        transliterated,
        code,
    })
}

/// A fiscal code of an institution.
pub fn institution_code() -> impl Strategy<Value = CreditorFiscalCode> {
    "[0-9]{11}".prop_map(|code| CreditorFiscalCode::parse(&code).expect("eleven digits"))
}

/// A notice's code of a station of ours.
pub fn notice_number() -> impl Strategy<Value = NoticeNumber> {
    "3[0-9]{17}".prop_map(|number| NoticeNumber::parse(&number).expect("eighteen digits"))
}

/// An amount from one cent to the hub's largest, small ones more often.
pub fn amount() -> impl Strategy<Value = Cents> {
    prop_oneof![
        6 => 1_i64..100_000,
        2 => 1_i64..10_000_000_000,
        1 => Just(1_i64),
        1 => Just(Cents::MAX_WIRE.as_i64()),
    ]
    .prop_map(Cents::new)
}

/// A day of the years notices are printed in.
pub fn day() -> impl Strategy<Value = NaiveDate> {
    (0_i64..20_000).prop_map(|days| NaiveDate::default() + TimeDelta::days(days))
}

/// A moment of those days, to the second.
pub fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    (day(), 0_i64..86_400).prop_map(|(day, seconds)| {
        day.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::seconds(seconds)
    })
}

fn local_moment() -> impl Strategy<Value = NaiveDateTime> {
    moment().prop_map(|moment| moment.naive_utc())
}

fn transfer() -> impl Strategy<Value = TransferLine> {
    (
        amount(),
        institution_code(),
        option::of(text(140)),
        text(140),
        any::<bool>(),
    )
        .prop_map(
            |(amount, beneficiary, beneficiary_name, reason, is_stamp_duty)| TransferLine {
                amount,
                beneficiary,
                beneficiary_name,
                reason,
                is_stamp_duty,
            },
        )
}

/// A receipt.
pub fn receipt() -> impl Strategy<Value = Receipt> {
    let issuer = (
        institution_code(),
        text(140),
        option::of(text(140)),
        notice_number(),
        text(140),
        option::of("[A-Z_0-9]{1,20}"),
    );
    let money = (
        amount(),
        option::of(amount()),
        proptest::collection::vec(transfer(), 0..=5),
    );
    let people = (person(), option::of(person()));
    let word = || {
        prop_oneof![
            select(vec!["creditCard", "cash", "app", "atm", "onlineBanking"]).prop_map(str::to_owned),
            text(35)
        ]
    };
    let provider = (
        "[!-~]{1,140}",
        text(70),
        option::of("[0-9]{11}"),
        word(),
        option::of(word()),
    );
    let times = (
        option::of(local_moment()),
        option::of(day()),
        option::of(day()),
        moment(),
        any::<bool>(),
        select(ReceiptEffect::ALL.to_vec()),
    );
    (issuer, money, people, provider, times).prop_map(
        |(
            (institution, institution_name, office, number, subject, service),
            (amount, fee, transfers),
            (debtor, payer),
            (receipt_id, provider, provider_code, channel, method),
            (paid_at, applied_on, transferred_on, received_at, stand_in, effect),
        )| Receipt {
            receipt_id,
            institution,
            institution_name,
            office,
            iuv: number.iuv(),
            number,
            amount,
            fee,
            subject,
            service,
            debtor,
            payer,
            transfers,
            provider,
            provider_code,
            channel,
            method,
            paid_at,
            applied_on,
            transferred_on,
            stand_in,
            effect,
            received_at,
        },
    )
}

/// A payment due, or not, on some day.
fn payment() -> impl Strategy<Value = Payment> {
    (
        notice_number(),
        (1_i64..=SLIP_AMOUNT_MAX.as_i64()).prop_map(Cents::new),
        option::of(day()),
    )
        .prop_map(|(number, amount, due_on)| Payment {
            number,
            amount,
            due_on,
        })
}

/// Payments of every form, no code twice.
fn payments() -> impl Strategy<Value = Payments> {
    let parts = |count| proptest::collection::vec(payment(), count);
    let payments = prop_oneof![
        3 => payment().prop_map(Payments::Whole),
        2 => (option::of(payment()), parts(2..12)).prop_map(|(whole, parts)| Payments::Instalments { whole, parts }),
        1 => (payment(), payment()).prop_map(|(discounted, reduced)| Payments::Fine { discounted, reduced }),
    ];
    payments.prop_filter("codes differ", |payments| {
        let mut numbers = std::collections::HashSet::new();
        payments
            .all()
            .all(|payment| numbers.insert(payment.number.clone()))
    })
}

fn institution() -> impl Strategy<Value = Institution> {
    let postal = ("[0-9]{1,12}", text(50)).prop_map(|(account, holder)| PostalSlip {
        account: PostalAccount::parse(&account).expect("digits"),
        holder,
        authorisation: "AUT. DB/SSIC/123 12345 DEL 01/02/2026".to_owned(),
    });
    (
        (
            institution_code(),
            text(100),
            option::of(text(50)),
            option::of(text(100)),
        ),
        option::of("[A-Z0-9]{5}"),
        option::of(postal),
        (any::<bool>(), any::<bool>(), option::of(text(60)), any::<bool>()),
    )
        .prop_map(
            |(
                (fiscal_code, name, sector, info),
                cbill_code,
                postal,
                (takes_payment_on_site, takes_payment_in_app, own_counters, has_logo),
            )| {
                Institution {
                    fiscal_code,
                    name,
                    sector,
                    info,
                    cbill_code,
                    logo: has_logo.then(super::emblem::emblem),
                    postal,
                    takes_payment_on_site,
                    takes_payment_in_app,
                    own_counters,
                }
            },
        )
}

fn languages() -> impl Strategy<Value = Languages> {
    let language = || select(Language::ALL.to_vec());
    (language(), option::of((language(), any::<bool>()))).prop_map(|(first, second)| Languages {
        first,
        second: second
            .filter(|(second, _)| *second != first)
            .map(|(language, equal)| Second { language, equal }),
    })
}

/// A lawful notice with texts within the lengths of the guidelines.
pub fn notice() -> impl Strategy<Value = Notice> {
    let recipient = (
        person(),
        proptest::collection::vec(text(45), 0..=3),
        any::<bool>(),
    )
        .prop_map(|(person, address, abroad)| Recipient {
            person,
            address,
            abroad,
        });
    (
        institution(),
        recipient,
        text(90),
        payments(),
        languages(),
        moment(),
    )
        .prop_map(
            |(institution, recipient, subject, payments, languages, dated)| Notice {
                institution,
                recipient,
                subject,
                payments,
                languages,
                dated,
            },
        )
}
