use crate::support::*;
use domain::debt_position::InstalmentPayment;
use domain::transfer::Destination;
use domain::{
    Cents, DebtPosition, DebtPositionStatus as S, Instalment, OptionKind, PaymentOption, ReceiptId, Transfer,
};
use storage::StorageError;
use storage::debt_positions::{find_position, find_position_by_notice, insert_position};
use storage::testing::TestStore;

/// A position that uses everything a position can have.
pub(crate) fn rich_position() -> DebtPosition {
    let stamp = Transfer {
        destination: Destination::StampDuty {
            document_digest: "A".repeat(44),
            province: "GE".to_owned(),
        },
        ..transfer(2, 1_600)
    };
    let postal = Transfer {
        destination: Destination::Account {
            iban: "IT60X0542811101000000123456".parse().unwrap(),
            postal_iban: Some("IT45R0760103200000000001016".parse().unwrap()),
        },
        beneficiary: company(),
        metadata: vec![
            ("chiave \"uno\"".to_owned(), "perché\n".to_owned()),
            ("due".to_owned(), "x".repeat(140)),
        ],
        ..transfer(1, 99_999_998_399)
    };
    let largest = Instalment {
        amount: Cents::MAX_WIRE,
        transfers: vec![postal, stamp],
        payable_until: Some(day("2027-01-31")),
        ..instalment(1, 0)
    };
    let mut second = instalment(3, 1);
    second.due_on = None;
    let plan = vec![instalment(2, 5_000), second];
    DebtPosition {
        valid_from: Some(day("2026-12-01")),
        description: "Canone unico — anno 2026 € ✓".to_owned(),
        options: vec![
            PaymentOption {
                kind: OptionKind::Reduced,
                instalments: vec![largest],
            },
            PaymentOption {
                kind: OptionKind::InstalmentPlan,
                instalments: plan,
            },
        ],
        ..position(1)
    }
}

pub(crate) async fn a_position_is_read_back_as_it_was_written(store: &TestStore) {
    with_institutions(store).await;
    let written = rich_position();
    insert(store, &written).await;
    let mut snapshot = store.read().await.unwrap();
    let by_key = find_position(&mut snapshot, &city(), &written.key)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(by_key.position, written);
    assert_eq!((by_key.version, by_key.created_at), (0, noon()));
    for base in 1..=3 {
        let found = find_position_by_notice(&mut snapshot, &city(), &number(base))
            .await
            .unwrap();
        assert_eq!(found.as_ref(), Some(&by_key));
    }
    assert_eq!(
        find_position(&mut snapshot, &company(), &written.key)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        find_position_by_notice(&mut snapshot, &company(), &number(1))
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        find_position_by_notice(&mut snapshot, &city(), &number(4))
            .await
            .unwrap(),
        None
    );
}

pub(crate) async fn a_position_in_any_state_is_read_back_as_it_was_written(store: &TestStore) {
    with_institutions(store).await;
    let at = instant("2026-11-23T12:00:00.000001Z");
    let states = [
        S::Draft,
        S::Open { chosen: None },
        S::Open { chosen: Some(0) },
        S::Paid { chosen: 0, at },
        S::Cancelled { at },
        S::Replaced { by: number(99), at },
        S::Expired { at },
    ];
    for (status, base) in states.into_iter().zip(1..) {
        let mut written = DebtPosition {
            status,
            ..position(base)
        };
        if matches!(written.status, S::Open { chosen: Some(_) } | S::Paid { .. }) {
            let receipt_id = ReceiptId::parse("a1b2").unwrap();
            written.options[0].instalments[0].payment = Some(InstalmentPayment { receipt_id, at });
        }
        insert(store, &written).await;
        assert_eq!(stored(store, &written).await.position, written);
        assert_eq!(notice(store, base).await.position_status, written.status);
    }
}

async fn refusal(store: &TestStore, position: &DebtPosition) -> Option<&'static str> {
    let mut tx = store.begin().await.unwrap();
    match insert_position(&mut tx, position, noon()).await {
        Ok(()) => {
            tx.commit().await.unwrap();
            None
        }
        Err(StorageError::Duplicate { what } | StorageError::Unknown { what }) => Some(what),
        Err(other) => panic!("{other:?}"),
    }
}

pub(crate) async fn the_same_key_is_refused_in_one_institution_and_accepted_in_another(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position(1)).await;
    let same_key = DebtPosition {
        key: position(1).key,
        ..position(2)
    };
    assert_eq!(refusal(store, &same_key).await, Some("position key"));
    assert_eq!(
        refusal(
            store,
            &DebtPosition {
                institution: company(),
                ..same_key
            }
        )
        .await,
        None
    );
}

pub(crate) async fn the_same_number_is_refused_in_one_institution_and_accepted_in_another(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position(1)).await;
    let mut same_number = DebtPosition {
        key: "another".to_owned(),
        ..position(1)
    };
    assert_eq!(refusal(store, &same_number).await, Some("notice number"));
    same_number.options[0].instalments[0].iuv = number(2).iuv();
    assert_eq!(refusal(store, &same_number).await, Some("notice number"));
    assert_eq!(
        refusal(
            store,
            &DebtPosition {
                institution: company(),
                ..same_number
            }
        )
        .await,
        None
    );
}

pub(crate) async fn the_same_payment_reference_is_refused_in_one_institution_and_accepted_in_another(
    store: &TestStore,
) {
    with_institutions(store).await;
    insert(store, &position(1)).await;
    let mut same_reference = position(2);
    same_reference.options[0].instalments[0].iuv = number(1).iuv();
    assert_eq!(refusal(store, &same_reference).await, Some("payment reference"));
    assert_eq!(
        refusal(
            store,
            &DebtPosition {
                institution: company(),
                ..same_reference
            }
        )
        .await,
        None
    );
}

pub(crate) async fn a_position_of_an_unknown_service_is_refused(store: &TestStore) {
    with_institutions(store).await;
    let unknown = DebtPosition {
        service: "imu".to_owned(),
        ..position(1)
    };
    assert_eq!(refusal(store, &unknown).await, Some("service"));
}

pub(crate) async fn a_refused_position_leaves_nothing_behind(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position(3)).await;
    // Its last notice is the one already there.
    assert_eq!(
        refusal(store, &position_with_plan(1)).await,
        Some("notice number")
    );
    let mut snapshot = store.read().await.unwrap();
    assert_eq!(
        find_position(&mut snapshot, &city(), &position(1).key)
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        find_position_by_notice(&mut snapshot, &city(), &number(1))
            .await
            .unwrap(),
        None
    );
}

pub(crate) async fn an_option_can_have_ninety_nine_instalments(store: &TestStore) {
    with_institutions(store).await;
    let plan = (1..=99).map(|base| instalment(base, 100)).collect();
    let options = vec![PaymentOption {
        kind: OptionKind::InstalmentPlan,
        instalments: plan,
    }];
    let written = DebtPosition {
        options,
        ..position(1)
    };
    written.check().unwrap();
    insert(store, &written).await;
    assert_eq!(stored(store, &written).await.position, written);
    let last = notice(store, 99).await;
    assert_eq!((last.instalment, last.instalment_count), (99, 99));
}
