//! What citizens owe the municipality.

use super::messages::{MUNICIPALITY, code, number};
use chrono::{DateTime, Utc};
use domain::debt_position::DebtPositionStatus;
use domain::transfer::{Destination, TransferCategory};
use domain::{
    Cents, DebtPosition, Iban, Instalment, OptionKind, PaymentOption, Subject, SubjectKind, Transfer,
};
use storage::debt_positions;
use storage::testing::TestStore;

/// What the notice in this place amounts to.
pub(crate) fn amount(place: u64) -> Cents {
    Cents::new(1_000 + i64::try_from(place).unwrap())
}

/// The position notices `2 * pair` and `2 * pair + 1` belong to: a plan of two instalments.
fn position(pair: u64) -> DebtPosition {
    let instalment = |place: u64| {
        let notice_number = number(place);
        Instalment {
            iuv: notice_number.iuv(),
            notice_number,
            amount: amount(place),
            due_on: None,
            payable_until: None,
            description: "Servizio mensa".to_owned(),
            transfers: vec![Transfer {
                id: 1,
                amount: amount(place),
                beneficiary: code(MUNICIPALITY),
                beneficiary_name: "Comune di Genova".to_owned(),
                destination: Destination::Account {
                    iban: Iban::parse("IT92P0617501400000000123456").unwrap(),
                    postal_iban: None,
                },
                remittance_information: "Servizio mensa".to_owned(),
                category: TransferCategory::parse("9/0107101TS/").unwrap(),
                metadata: Vec::new(),
            }],
            payment: None,
        }
    };
    DebtPosition {
        key: format!("mensa-{pair}"),
        institution: code(MUNICIPALITY),
        service: "refezione".to_owned(),
        debtor: Subject {
            kind: SubjectKind::Natural,
            code: Subject::ANONYMOUS.to_owned(),
            full_name: "Debitore non indicato".to_owned(),
            address: domain::subject::Address::default(),
            email: None,
        },
        description: "Servizio mensa".to_owned(),
        valid_from: None,
        status: DebtPositionStatus::Open { chosen: None },
        options: vec![PaymentOption {
            kind: OptionKind::InstalmentPlan,
            instalments: vec![instalment(2 * pair), instalment(2 * pair + 1)],
        }],
    }
}

/// Stores so many positions. The catalogue comes with a server's first start; positions need it.
pub(crate) async fn insert_positions(store: &TestStore, pairs: u64) {
    let at: DateTime<Utc> = "2026-11-23T10:00:00Z".parse().unwrap();
    let mut tx = store.begin().await.unwrap();
    for pair in 0..pairs {
        debt_positions::insert_position(&mut tx, &position(pair), at)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}
