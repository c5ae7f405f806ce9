use crate::support::*;
use domain::transfer::Destination;
use domain::{Cents, DebtPosition, DebtPositionStatus, Notice, OptionKind, Transfer};
use sqlx::Executor as _;
use storage::StorageError;
use storage::debt_positions::{
    find_notice, find_notice_by_iuv, find_notices_by_iuv, find_notices_by_number, find_payable,
    insert_position, list_notices_of_position,
};
use storage::testing::TestStore;

pub(crate) async fn a_notice_carries_what_its_position_and_option_say(store: &TestStore) {
    with_institutions(store).await;
    let mut position = DebtPosition {
        valid_from: Some(day("2026-12-01")),
        ..position_with_plan(1)
    };
    position.options[1].instalments[1].payable_until = Some(day("2027-01-31"));
    insert(store, &position).await;
    let expected = Notice {
        institution: city(),
        number: number(3),
        iuv: number(3).iuv(),
        position_key: "TARI-1".to_owned(),
        service: "tari".to_owned(),
        position_status: DebtPositionStatus::Open { chosen: None },
        option: 1,
        option_kind: OptionKind::InstalmentPlan,
        instalment: 2,
        instalment_count: 2,
        amount: Cents::new(5_000),
        due_on: Some(day("2026-12-16")),
        payable_until: Some(day("2027-01-31")),
        valid_from: Some(day("2026-12-01")),
        description: "Tassa sui rifiuti 2026".to_owned(),
        all_postal: false,
        payment: None,
    };
    assert_eq!(notice(store, 3).await, expected);
}

pub(crate) async fn a_notice_belongs_to_one_institution(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position(1)).await;
    let mut snapshot = store.read().await.unwrap();
    assert!(
        find_notice(&mut snapshot, &city(), &number(1))
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        find_notice(&mut snapshot, &company(), &number(1))
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        find_notice(&mut snapshot, &city(), &number(2))
            .await
            .unwrap()
            .is_none()
    );
    for (institution, base, is_there) in [(city(), 1, true), (company(), 1, false), (city(), 2, false)] {
        let found = find_notice_by_iuv(&mut snapshot, &institution, &number(base).iuv()).await;
        assert_eq!(found.unwrap().is_some(), is_there);
    }
    assert!(
        find_payable(&mut snapshot, &company(), &number(1))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(
        list_notices_of_position(&mut snapshot, &company(), "TARI-1")
            .await
            .unwrap(),
        []
    );
}

pub(crate) async fn a_notice_is_all_postal_when_every_transfer_is(store: &TestStore) {
    with_institutions(store).await;
    let to = |id, iban: &str, postal: Option<&str>| Transfer {
        destination: Destination::Account {
            iban: iban.parse().unwrap(),
            postal_iban: postal.map(|iban| iban.parse().unwrap()),
        },
        ..transfer(id, 6_025)
    };
    let (bank, post) = ("IT60X0542811101000000123456", "IT45R0760103200000000001016");
    let stamp = Transfer {
        destination: Destination::StampDuty {
            document_digest: "A".repeat(44),
            province: "GE".to_owned(),
        },
        ..transfer(2, 6_025)
    };
    let cases = [
        (vec![to(1, bank, Some(post)), to(2, post, None)], true),
        (vec![to(1, bank, Some(post)), to(2, bank, None)], false),
        (vec![to(1, post, None), stamp], false),
    ];
    for ((transfers, expected), base) in cases.into_iter().zip(1..) {
        let mut position = position(base);
        position.options[0].instalments[0].transfers = transfers;
        insert(store, &position).await;
        assert_eq!(notice(store, base).await.all_postal, expected, "case {base}");
    }
}

pub(crate) async fn notices_of_every_institution_are_found_by_number_and_by_payment_reference(
    store: &TestStore,
) {
    with_institutions(store).await;
    insert(
        store,
        &DebtPosition {
            institution: company(),
            ..position(1)
        },
    )
    .await;
    insert(store, &position(1)).await;
    insert(store, &position(2)).await;
    let mut snapshot = store.read().await.unwrap();
    let owners = |notices: Vec<Notice>| notices.into_iter().map(|n| n.institution).collect::<Vec<_>>();
    let by_number = find_notices_by_number(&mut snapshot, &number(1)).await.unwrap();
    assert_eq!(owners(by_number), [city(), company()]);
    let by_iuv = find_notices_by_iuv(&mut snapshot, &number(1).iuv())
        .await
        .unwrap();
    assert_eq!(owners(by_iuv), [city(), company()]);
    assert_eq!(
        find_notices_by_number(&mut snapshot, &number(3)).await.unwrap(),
        []
    );
    assert_eq!(
        find_notices_by_iuv(&mut snapshot, &number(3).iuv())
            .await
            .unwrap(),
        []
    );
}

pub(crate) async fn at_most_twenty_notices_are_found_by_number(store: &TestStore) {
    let mut tx = store.begin().await.unwrap();
    for place in 10..31 {
        let code = format!("000000000{place}");
        storage::institutions::upsert_institution(&mut tx, &institution(&code))
            .await
            .unwrap();
        storage::service_catalogue::upsert_service(&mut tx, &service(&code, "tari"))
            .await
            .unwrap();
        let position = DebtPosition {
            institution: code.parse().unwrap(),
            ..position(1)
        };
        insert_position(&mut tx, &position, noon()).await.unwrap();
    }
    let found = find_notices_by_number(&mut tx, &number(1)).await.unwrap();
    assert_eq!(found.len(), 20);
    assert_eq!(found[0].institution.as_str(), "00000000010");
    assert_eq!(
        find_notices_by_iuv(&mut tx, &number(1).iuv()).await.unwrap(),
        found
    );
}

pub(crate) async fn a_payable_notice_comes_with_debtor_and_transfers(store: &TestStore) {
    with_institutions(store).await;
    let mut position = position(1);
    position.options[0].instalments[0].transfers = (1..=5).map(|id| transfer(id, 2_410)).collect();
    insert(store, &position).await;
    let mut snapshot = store.glance().await.unwrap();
    let payable = find_payable(&mut snapshot, &city(), &number(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(payable.debtor, debtor());
    assert_eq!(payable.transfers, position.options[0].instalments[0].transfers);
    drop(snapshot);
    assert_eq!(payable.notice, notice(store, 1).await);
}

pub(crate) async fn the_notices_of_a_position_are_listed_in_order(store: &TestStore) {
    with_institutions(store).await;
    insert(store, &position_with_plan(1)).await;
    insert(store, &position(9)).await;
    let mut snapshot = store.read().await.unwrap();
    let listed = list_notices_of_position(&mut snapshot, &city(), "TARI-1")
        .await
        .unwrap();
    let places: Vec<_> = listed
        .iter()
        .map(|n| (n.option, n.instalment, n.instalment_count))
        .collect();
    assert_eq!(places, [(0, 1, 1), (1, 1, 2), (1, 2, 2)]);
}

pub(crate) async fn a_row_the_domain_cannot_read_is_named(store: &TestStore) {
    use sqlx::{Connection as _, PgConnection, SqliteConnection};
    const DAMAGE: &str = "UPDATE instalment SET iuv = 'not a reference'";
    with_institutions(store).await;
    insert(store, &position(1)).await;
    if store.engine_name() == "SQLite" {
        SqliteConnection::connect(store.url())
            .await
            .unwrap()
            .execute(DAMAGE)
            .await
            .unwrap();
    } else {
        PgConnection::connect(store.url())
            .await
            .unwrap()
            .execute(DAMAGE)
            .await
            .unwrap();
    }
    let mut snapshot = store.read().await.unwrap();
    let error = find_notice(&mut snapshot, &city(), &number(1)).await.unwrap_err();
    let expected = format!(
        "instalment.iuv of row {} holds something that cannot be there",
        number(1)
    );
    assert!(matches!(
        error,
        StorageError::Inconsistent {
            table: "instalment",
            column: "iuv",
            ..
        }
    ));
    assert_eq!(error.to_string(), expected);
}
