//! Small messages to begin from, and strategies for any message.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    reason = "each test file uses its own part"
)]

use chrono::NaiveDate;
use domain::at_provider::{BodyCode, CanoneUnicoData, CieData, CieReason, ServiceData};
use domain::receipt::{Psp, ReceiptDestination, ReceiptTransfer};
use domain::subject::Address;
use domain::transfer::TransferCategory;
use domain::{Cents, CreditorFiscalCode, Iban, NoticeNumber, Receipt, ReceiptId, Subject, SubjectKind};
use pagopa::pa_for_node::demand_payment_notice::Demanded;
use pagopa::pa_for_node::get_payment::{Payment, PaymentDestination, PaymentTransfer};
use pagopa::pa_for_node::verify_payment_notice::Due;
use pagopa::pa_for_node::{
    Edition, Head, demand_payment_notice, get_payment, send_rt, verify_payment_notice,
};
use pagopa::stamp_duty::StampDuty;
use pagopa::{Fault, FaultCode};
use proptest::prelude::*;
use std::io::Write as _;
use std::path::PathBuf;

pub(crate) const NOTICE: &str = "312202600000002502";

pub(crate) fn institution() -> CreditorFiscalCode {
    CreditorFiscalCode::parse("00856930102").unwrap()
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn head() -> Head {
    Head {
        institution: "00856930102".into(),
        broker: "00856930102".into(),
        station: "00856930102_01".into(),
    }
}

pub(crate) fn verify_request() -> verify_payment_notice::Request {
    verify_payment_notice::Request {
        head: head(),
        fiscal_code: institution(),
        notice_number: NoticeNumber::parse(NOTICE).unwrap(),
    }
}

pub(crate) fn get_request() -> get_payment::Request {
    get_payment::Request {
        edition: Edition::Second,
        head: head(),
        fiscal_code: institution(),
        notice_number: NoticeNumber::parse(NOTICE).unwrap(),
        amount: Some(Cents::new(19_950)),
        payment_note: Some("cart-42".into()),
        transfer_type: Some(get_payment::TransferType::PagoPa),
        due_on: Some(day("2026-12-31")),
    }
}

pub(crate) fn due() -> Due {
    Due {
        amount: Cents::new(12_050),
        due_on: Some(day("2026-12-31")),
        detail: Some("Mensa, ottobre & novembre".into()),
        all_postal: false,
        description: "Refezione scolastica".into(),
        institution: institution(),
        company_name: "Comune di prova".into(),
        office_name: Some("Ufficio mense".into()),
    }
}

pub(crate) fn fault() -> Fault {
    Fault {
        code: FaultCode::Expired,
        id: "00856930102".into(),
        description: Some("scaduto il 31/12".into()),
    }
}

pub(crate) fn subject() -> Subject {
    Subject {
        kind: SubjectKind::Natural,
        code: "RSSMRA85T10A562S".into(),
        full_name: "Mario Rossi".into(),
        address: Address {
            street: Some("Via Garibaldi".into()),
            number: Some("9".into()),
            postal_code: Some("16124".into()),
            city: Some("Genova".into()),
            province: Some("GE".into()),
            country: Some("IT".into()),
        },
        email: Some("mario.rossi@example.it".into()),
    }
}

pub(crate) fn payment() -> Payment {
    Payment {
        iuv: NoticeNumber::parse(NOTICE).unwrap().iuv(),
        due_on: day("2026-12-31"),
        description: "TARI 2026".into(),
        company_name: "Comune di prova".into(),
        office_name: None,
        debtor: subject(),
        transfers: vec![
            PaymentTransfer {
                id: 1,
                amount: Cents::new(19_000),
                beneficiary: institution(),
                beneficiary_name: "Comune di prova".into(),
                destination: PaymentDestination::Account(Iban::parse("IT92P0617501400000000123456").unwrap()),
                remittance_information: "TARI 2026".into(),
                category: TransferCategory::parse("9/0101101IM/").unwrap(),
                metadata: vec![("TARI-TEFA-1".into(), "D969|2026|3944".into())],
            },
            PaymentTransfer {
                id: 2,
                amount: Cents::new(1_600),
                beneficiary: institution(),
                beneficiary_name: "Comune di prova".into(),
                destination: PaymentDestination::StampDuty {
                    document_digest: "JtST9dN+2S++MicVNPKmAFx9GoYvb7Iq8gl2xB8CIKo=".into(),
                    province: "GE".into(),
                },
                remittance_information: "Imposta di bollo".into(),
                category: TransferCategory::parse("9/0115103TS/").unwrap(),
                metadata: vec![],
            },
        ],
        metadata: vec![],
    }
}

pub(crate) fn stamp_duty() -> StampDuty {
    StampDuty {
        psp_code: "99999999990".into(),
        psp_name: "Banca di prova".into(),
        id: "01234567890123".into(),
        bought_at: "2026-11-20T10:15:30".parse().unwrap(),
        amount: Cents::new(1_600),
        document_digest: "JtST9dN+2S++MicVNPKmAFx9GoYvb7Iq8gl2xB8CIKo=".into(),
    }
}

pub(crate) fn demand_request() -> demand_payment_notice::Request {
    demand_payment_notice::Request {
        head: head(),
        service_id: "00007".into(),
        subject_id: "GE001".into(),
        data: canone_unico(),
    }
}

pub(crate) fn canone_unico() -> ServiceData {
    ServiceData::CanoneUnico(CanoneUnicoData {
        body: BodyCode::FiscalCode(institution()),
        company_name: "Comune di prova".into(),
        debtor_code: "RSSMRA85T10A562S".into(),
        debtor_name: "Mario Rossi".into(),
        debtor_email: Some("mario.rossi@example.it".into()),
        amount: Cents::new(5_000),
    })
}

pub(crate) fn identity_card() -> ServiceData {
    ServiceData::Cie(CieData {
        reason: CieReason::Lost,
        municipality: institution(),
        holder_code: "RSSMRA85T10A562S".into(),
        holder_name: "Mario Rossi".into(),
    })
}

pub(crate) fn demanded() -> Demanded {
    Demanded {
        notice_number: NoticeNumber::parse(NOTICE).unwrap(),
        due: due(),
    }
}

pub(crate) fn receipt() -> Receipt {
    Receipt {
        id: ReceiptId::parse("11112222333344445555666677778888").unwrap(),
        recipient: institution(),
        issuer: institution(),
        notice_number: NoticeNumber::parse(NOTICE).unwrap(),
        iuv: NoticeNumber::parse(NOTICE).unwrap().iuv(),
        amount: Cents::new(20_600),
        description: "TARI 2026".into(),
        company_name: "Comune di prova".into(),
        office_name: None,
        debtor: subject(),
        payer: Some(Subject {
            address: Address::default(),
            email: None,
            ..subject()
        }),
        transfers: vec![
            ReceiptTransfer {
                id: 1,
                amount: Cents::new(19_000),
                beneficiary: institution(),
                beneficiary_name: Some("Comune di prova".into()),
                destination: ReceiptDestination::Account("IT92P0617501400000000123456".into()),
                remittance_information: "TARI 2026".into(),
                category: "9/0101101IM/".into(),
                metadata: vec![("TARI-TEFA-1".into(), "D969|2026|3944".into())],
            },
            ReceiptTransfer {
                id: 2,
                amount: Cents::new(1_600),
                beneficiary: institution(),
                beneficiary_name: None,
                destination: ReceiptDestination::StampDuty {
                    attachment: "PGEvPg==".into(),
                    document_digest: None,
                },
                remittance_information: "Imposta di bollo".into(),
                category: "0115103TS".into(),
                metadata: vec![],
            },
        ],
        psp: Psp {
            id: "PSPXITR1XXX".into(),
            name: "Banca di prova".into(),
            fiscal_code: Some("99999999990".into()),
            vat_number: Some("99999999990".into()),
            channel: "99999999990_01".into(),
            channel_description: "app".into(),
        },
        payment_method: Some("creditCard".into()),
        payment_note: Some("cart-42".into()),
        fee: Some(Cents::new(130)),
        paid_at: Some("2026-11-20T10:15:30".parse().unwrap()),
        applied_on: Some(day("2026-11-20")),
        transferred_on: Some(day("2026-11-21")),
        stand_in: false,
        metadata: vec![],
    }
}

pub(crate) fn receipt_request() -> send_rt::Request {
    send_rt::Request {
        edition: Edition::Second,
        head: head(),
        receipt: receipt(),
    }
}

/// What the first edition can say of a payment: nothing goes to a stamp duty, nobody credited is named.
pub(crate) fn first_edition(payment: Payment) -> Payment {
    let account = PaymentDestination::Account(Iban::parse("IT92P0617501400000000123456").unwrap());
    let transfers = payment.transfers.into_iter().map(|transfer| PaymentTransfer {
        beneficiary_name: String::new(),
        destination: match transfer.destination {
            PaymentDestination::StampDuty { .. } => account.clone(),
            kept @ PaymentDestination::Account(_) => kept,
        },
        ..transfer
    });
    Payment {
        transfers: transfers.collect(),
        ..payment
    }
}

/// What the first edition can say of a receipt.
pub(crate) fn first_edition_receipt(receipt: Receipt) -> Receipt {
    let transfers = receipt.transfers.into_iter().map(|transfer| ReceiptTransfer {
        beneficiary_name: None,
        destination: match transfer.destination {
            ReceiptDestination::StampDuty { .. } => {
                ReceiptDestination::Account("IT92P0617501400000000123456".into())
            }
            kept @ ReceiptDestination::Account(_) => kept,
        },
        ..transfer
    });
    Receipt {
        transfers: transfers.collect(),
        payment_note: None,
        ..receipt
    }
}

/// Where the interface files are, or nothing when they are not on this machine.
pub(crate) fn spec() -> Option<PathBuf> {
    let folder = match option_env_at_run_time("LANTERNA_SPEC_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/spec")),
    };
    let folder = folder.join("pagopa");
    if folder.is_dir() {
        return Some(folder);
    }
    skipped("set LANTERNA_SPEC_DIR to the folder of the interface files to run this test");
    None
}

/// Says on the terminal that something was not tried. The test runner keeps what `println!` says of a test that passes
/// to itself.
pub(crate) fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

#[allow(clippy::disallowed_methods, reason = "a test has no configuration")]
fn option_env_at_run_time(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A strategy for texts of up to some number of characters.
pub(crate) type Text = fn(usize) -> BoxedStrategy<String>;

/// Texts the wire carries unchanged.
pub(crate) fn wire_text(max: usize) -> BoxedStrategy<String> {
    let character = prop_oneof![
        6 => proptest::char::range(' ', '~'),
        1 => proptest::sample::select(vec!['\t', '\n', '\r', '\u{85}']),
        2 => proptest::char::range('\u{A0}', '\u{D7FF}'),
        1 => proptest::char::range('\u{10000}', '\u{10FFFF}'),
    ];
    proptest::collection::vec(character, 1..=max)
        .prop_map(String::from_iter)
        .boxed()
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    proptest::collection::vec((wire_text(20), wire_text(20)), 0..=15)
}

/// Subjects whose texts `text` makes.
pub(crate) fn subjects(text: Text) -> impl Strategy<Value = Subject> {
    let optional = move |max| proptest::option::of(text(max));
    let address = (
        optional(70),
        optional(16),
        optional(16),
        optional(35),
        optional(35),
    )
        .prop_map(|(street, number, postal_code, city, province)| Address {
            street,
            number,
            postal_code,
            city,
            province,
            country: Some("IT".into()),
        });
    (
        any::<bool>(),
        text(70),
        address,
        proptest::option::of(Just("a.b+c@d-e.it".to_owned())),
    )
        .prop_map(|(legal, full_name, address, email)| Subject {
            kind: if legal {
                SubjectKind::Legal
            } else {
                SubjectKind::Natural
            },
            code: "RSSMRA85T10A562S".into(),
            full_name,
            address,
            email,
        })
}

pub(crate) fn payments(text: Text) -> impl Strategy<Value = Payment> {
    let transfer = (1..=99_999_999_i64, text(140), text(140), pairs(), any::<bool>());
    let transfers = proptest::collection::vec(transfer, 1..=5);
    (
        text(140),
        text(140),
        proptest::option::of(text(140)),
        subjects(text),
        transfers,
        pairs(),
    )
        .prop_map(
            |(description, company_name, office_name, debtor, transfers, metadata)| {
                let transfers =
                    transfers
                        .into_iter()
                        .zip(1..)
                        .map(|((cents, name, reason, metadata, stamp), id)| {
                            let model = &payment().transfers[usize::from(stamp)];
                            PaymentTransfer {
                                id,
                                amount: Cents::new(cents),
                                beneficiary_name: name,
                                remittance_information: reason,
                                metadata,
                                ..model.clone()
                            }
                        });
                let transfers = transfers.collect();
                Payment {
                    description,
                    company_name,
                    office_name,
                    debtor,
                    transfers,
                    metadata,
                    ..payment()
                }
            },
        )
}

pub(crate) fn receipts(text: Text) -> impl Strategy<Value = Receipt> {
    let texts = (text(140), text(140), text(70), text(35));
    let optional = (
        proptest::option::of(text(140)),
        proptest::option::of(text(210)),
        any::<bool>(),
    );
    let dates = (0..3_000_000_000_i64, 0..1_000_u32).prop_map(|(seconds, milliseconds)| {
        chrono::DateTime::from_timestamp(seconds, milliseconds * 1_000_000)
            .unwrap()
            .naive_utc()
    });
    (
        texts,
        optional,
        subjects(text),
        proptest::option::of(subjects(text)),
        0..=99_999_999_999_i64,
        dates,
        pairs(),
    )
        .prop_map(
            |(texts, (office_name, payment_note, stand_in), debtor, payer, cents, paid_at, metadata)| {
                let (description, company_name, psp_name, channel_description) = texts;
                Receipt {
                    amount: Cents::new(cents),
                    description,
                    company_name,
                    office_name,
                    debtor,
                    payer,
                    payment_note,
                    paid_at: Some(paid_at),
                    applied_on: Some(paid_at.date()),
                    stand_in,
                    metadata,
                    psp: Psp {
                        name: psp_name,
                        channel_description,
                        ..receipt().psp
                    },
                    ..receipt()
                }
            },
        )
}
