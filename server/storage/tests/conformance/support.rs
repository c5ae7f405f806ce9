//! The smallest institutions, positions and receipts a story needs.

use chrono::{DateTime, NaiveDate, Utc};
use domain::creditor::Contact;
use domain::debt_position::DebtPositionEvent;
use domain::receipt::{Psp, ReceiptDestination, ReceiptEffect, ReceiptTransfer};
use domain::service::Service;
use domain::subject::Address;
use domain::transfer::Destination;
use domain::{
    Cents, CreditorFiscalCode, CreditorInstitution, DebtPosition, DebtPositionStatus, Iban, Instalment,
    Notice, NoticeNumber, OptionKind, PaymentOption, Receipt, ReceiptId, Subject, SubjectKind, Transfer,
};
use storage::debt_positions::{self, StoredPosition};
use storage::messages::MessageId;
use storage::receipts::NewReceipt;
use storage::{Store, institutions, service_catalogue};

pub(crate) const CITY: &str = "00856930102";
pub(crate) const COMPANY: &str = "00856930103";

pub(crate) fn city() -> CreditorFiscalCode {
    CITY.parse().unwrap()
}

pub(crate) fn company() -> CreditorFiscalCode {
    COMPANY.parse().unwrap()
}

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The moment most stories happen at.
pub(crate) fn noon() -> DateTime<Utc> {
    instant("2026-11-23T12:00:00Z")
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn number(base: u64) -> NoticeNumber {
    NoticeNumber::issue("47".parse().unwrap(), base).unwrap()
}

pub(crate) fn institution(fiscal_code: &str) -> CreditorInstitution {
    CreditorInstitution {
        fiscal_code: fiscal_code.parse().unwrap(),
        name: "Comune di Prova, città".to_owned(),
        broker: "15376371009".parse().unwrap(),
        station: "15376371009_01".parse().unwrap(),
        segregation_code: "47".parse().unwrap(),
        cbill_code: Some("AB12X".to_owned()),
        postal_iban: Some("IT45R0760103200000000001016".parse().unwrap()),
        contact: Contact {
            telephone: "010 555 0100".to_owned(),
            email: "tributi@comune.example.it".to_owned(),
            website: "https://comune.example.it".to_owned(),
        },
    }
}

pub(crate) fn service(fiscal_code: &str, code: &str) -> Service {
    Service {
        institution: fiscal_code.parse().unwrap(),
        code: code.to_owned(),
        name_it: "Tassa sui rifiuti".to_owned(),
        name_en: "Waste tax".to_owned(),
        category: "9/0101101IM/".parse().unwrap(),
        office_name: "Ufficio tributi".to_owned(),
        active: true,
        at_provider: None,
        feed: None,
        amounts_move: false,
        by_tariff: None,
        life_events: Vec::new(),
        account: None,
        todays_amount: None,
    }
}

/// City and company, each with a service `tari`.
pub(crate) async fn with_institutions(store: &Store) {
    let mut tx = store.begin().await.unwrap();
    for code in [CITY, COMPANY] {
        institutions::upsert_institution(&mut tx, &institution(code))
            .await
            .unwrap();
        service_catalogue::upsert_service(&mut tx, &service(code, "tari"))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

pub(crate) fn debtor() -> Subject {
    Subject {
        kind: SubjectKind::Natural,
        code: "VRDNNA80A41D969X".to_owned(),
        full_name: "Anna Verdi d'Àvola".to_owned(),
        address: Address {
            city: Some("Genova".to_owned()),
            ..Address::default()
        },
        email: None,
    }
}

pub(crate) fn transfer(id: u8, cents: i64) -> Transfer {
    Transfer {
        id,
        amount: Cents::new(cents),
        beneficiary: city(),
        beneficiary_name: "Comune di Prova".to_owned(),
        destination: Destination::Account {
            iban: "IT60X0542811101000000123456".parse::<Iban>().unwrap(),
            postal_iban: None,
        },
        remittance_information: "Tassa sui rifiuti 2026".to_owned(),
        category: "9/0101101IM/".parse().unwrap(),
        metadata: Vec::new(),
    }
}

pub(crate) fn instalment(base: u64, cents: i64) -> Instalment {
    Instalment {
        notice_number: number(base),
        iuv: number(base).iuv(),
        amount: Cents::new(cents),
        due_on: Some(day("2026-12-16")),
        payable_until: None,
        description: "Tassa sui rifiuti 2026".to_owned(),
        transfers: vec![transfer(1, cents)],
        payment: None,
    }
}

/// An open position of the city with one notice.
pub(crate) fn position(base: u64) -> DebtPosition {
    DebtPosition {
        key: format!("TARI-{base}"),
        institution: city(),
        service: "tari".to_owned(),
        debtor: debtor(),
        description: "Tassa sui rifiuti 2026".to_owned(),
        valid_from: None,
        status: DebtPositionStatus::Open { chosen: None },
        options: vec![PaymentOption {
            kind: OptionKind::Whole,
            instalments: vec![instalment(base, 12_050)],
        }],
    }
}

/// An open position with a whole sum of 100 euros (`base`) and two instalments of 50 (`base` + 1, + 2).
pub(crate) fn position_with_plan(base: u64) -> DebtPosition {
    let plan = vec![instalment(base + 1, 5_000), instalment(base + 2, 5_000)];
    DebtPosition {
        options: vec![
            PaymentOption {
                kind: OptionKind::Whole,
                instalments: vec![instalment(base, 10_000)],
            },
            PaymentOption {
                kind: OptionKind::InstalmentPlan,
                instalments: plan,
            },
        ],
        ..position(base)
    }
}

pub(crate) async fn insert(store: &Store, position: &DebtPosition) {
    let mut tx = store.begin().await.unwrap();
    debt_positions::insert_position(&mut tx, position, noon())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

pub(crate) async fn stored(store: &Store, position: &DebtPosition) -> StoredPosition {
    let mut snapshot = store.read().await.unwrap();
    debt_positions::find_position(&mut snapshot, &position.institution, &position.key)
        .await
        .unwrap()
        .unwrap()
}

pub(crate) async fn notice(store: &Store, base: u64) -> Notice {
    let mut snapshot = store.glance().await.unwrap();
    debt_positions::find_notice(&mut snapshot, &city(), &number(base))
        .await
        .unwrap()
        .unwrap()
}

pub(crate) fn receipt_event(base: u64, receipt_id: &str) -> DebtPositionEvent {
    DebtPositionEvent::ReceiptReceived {
        notice_number: number(base),
        receipt_id: ReceiptId::parse(receipt_id).unwrap(),
        at: noon(),
    }
}

/// Reads a position, applies an event and stores what it becomes.
pub(crate) async fn apply(
    store: &Store,
    position: &DebtPosition,
    event: &DebtPositionEvent,
    at: DateTime<Utc>,
) {
    let before = stored(store, position).await;
    let after = before.position.apply(event).unwrap();
    let mut tx = store.begin().await.unwrap();
    debt_positions::transition_position(&mut tx, &before, &after, event, at)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

pub(crate) fn receipt(base: u64, id: &str) -> Receipt {
    Receipt {
        id: ReceiptId::parse(id).unwrap(),
        recipient: city(),
        issuer: city(),
        notice_number: number(base),
        iuv: number(base).iuv(),
        amount: Cents::new(12_050),
        description: "Tassa sui rifiuti 2026".to_owned(),
        company_name: "Comune di Prova".to_owned(),
        office_name: None,
        debtor: debtor(),
        payer: None,
        transfers: vec![ReceiptTransfer {
            id: 1,
            amount: Cents::new(12_050),
            beneficiary: city(),
            beneficiary_name: None,
            destination: ReceiptDestination::Account("IT60X0542811101000000123456".to_owned()),
            remittance_information: "Tassa sui rifiuti 2026".to_owned(),
            category: "9/0101101IM/".to_owned(),
            metadata: Vec::new(),
        }],
        psp: Psp {
            id: "ABI03069".to_owned(),
            name: "Banca di Prova".to_owned(),
            fiscal_code: None,
            vat_number: None,
            channel: "03069_01".to_owned(),
            channel_description: "app".to_owned(),
        },
        payment_method: Some("creditCard".to_owned()),
        payment_note: None,
        fee: Some(Cents::new(150)),
        paid_at: Some("2026-11-23T13:00:00.123".parse().unwrap()),
        applied_on: Some(day("2026-11-23")),
        transferred_on: None,
        stand_in: false,
        metadata: Vec::new(),
    }
}

/// A receipt as a use case hands it over; the token is made of its number and recipient.
pub(crate) fn new_receipt(receipt: Receipt) -> NewReceipt {
    NewReceipt {
        access_token: format!("token-{}-{}", receipt.recipient, receipt.id),
        receipt,
        effect: ReceiptEffect::Applied,
        message_id: MessageId([7; 16]),
        digest: [1; 32],
        received_at: noon(),
    }
}
