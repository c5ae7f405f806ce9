use crate::support::*;
use domain::at_provider::{AtProvider, AtProviderKind};
use domain::service::{ByTariff, LifeEvent, Service};
use domain::todays_amount::{AskedFor, TodaysAmount, WhenDown};
use domain::{Cents, CreditorInstitution};
use storage::ratings::{NewRating, record_rating};
use storage::testing::TestStore;
use storage::{StorageError, imprints, institutions, service_catalogue};

pub(crate) async fn an_institution_is_kept_whole_and_brought_up_to_date(store: &TestStore) {
    with_institutions(store).await;
    let find = async || {
        let mut snapshot = store.read().await.unwrap();
        institutions::find_institution(&mut snapshot, &city())
            .await
            .unwrap()
    };
    assert_eq!(find().await, Some(institution(CITY)));

    let changed = CreditorInstitution {
        name: "Comune di Prova Nuova".to_owned(),
        cbill_code: None,
        postal_iban: None,
        ..institution(CITY)
    };
    let mut tx = store.begin().await.unwrap();
    institutions::upsert_institution(&mut tx, &changed).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(find().await, Some(changed));

    let mut snapshot = store.read().await.unwrap();
    let unknown = "01234567890".parse().unwrap();
    assert_eq!(
        institutions::find_institution(&mut snapshot, &unknown)
            .await
            .unwrap(),
        None
    );
}

pub(crate) async fn institutions_are_listed_by_fiscal_code(store: &TestStore) {
    let mut tx = store.begin().await.unwrap();
    for code in ["90000000001", "00000000001", "10000000001"] {
        institutions::upsert_institution(&mut tx, &institution(code))
            .await
            .unwrap();
    }
    let listed = institutions::list_institutions(&mut tx).await.unwrap();
    let codes: Vec<&str> = listed
        .iter()
        .map(|institution| institution.fiscal_code.as_str())
        .collect();
    assert_eq!(codes, ["00000000001", "10000000001", "90000000001"]);
}

pub(crate) async fn a_service_is_kept_whole_and_brought_up_to_date(store: &TestStore) {
    with_institutions(store).await;
    let changed = Service {
        active: false,
        feed: Some(domain::feed::Feed::Gpd),
        amounts_move: true,
        name_en: "Waste charge".to_owned(),
        ..service(CITY, "tari")
    };
    let mut tx = store.begin().await.unwrap();
    service_catalogue::upsert_service(&mut tx, &changed)
        .await
        .unwrap();
    service_catalogue::upsert_service(&mut tx, &service(CITY, "Mensa"))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let mut snapshot = store.read().await.unwrap();
    let found = service_catalogue::find_service(&mut snapshot, &city(), "tari")
        .await
        .unwrap();
    assert_eq!(found, Some(changed.clone()));
    assert_eq!(
        service_catalogue::find_service(&mut snapshot, &city(), "imu")
            .await
            .unwrap(),
        None
    );
    // By bytes on both engines: a capital letter comes before a small one.
    let listed = service_catalogue::list_services(&mut snapshot).await.unwrap();
    assert_eq!(
        listed,
        [service(CITY, "Mensa"), changed, service(COMPANY, "tari")]
    );
}

pub(crate) async fn how_a_service_is_paid_at_providers_is_kept_and_withdrawn(store: &TestStore) {
    with_institutions(store).await;
    let offered = |kind| Service {
        at_provider: Some(AtProvider {
            service_id: "00007".parse().unwrap(),
            subject_id: "GE001".parse().unwrap(),
            kind,
            iban: "IT60X0542811101000000123456".parse().unwrap(),
            days_to_pay: 5,
        }),
        ..service(CITY, "tari")
    };
    let canone = AtProviderKind::CanoneUnico {
        istat_code: "010025".to_owned(),
        cadastral_code: "D969".to_owned(),
    };
    let amount = Cents::new(2221);
    for kept in [
        offered(canone),
        offered(AtProviderKind::Cie { amount }),
        service(CITY, "tari"),
    ] {
        let mut tx = store.begin().await.unwrap();
        service_catalogue::upsert_service(&mut tx, &kept).await.unwrap();
        let found = service_catalogue::find_service(&mut tx, &city(), "tari").await;
        assert_eq!(found.unwrap(), Some(kept));
        tx.commit().await.unwrap();
    }
}

pub(crate) async fn the_tariff_of_a_service_and_its_life_events_are_kept_and_withdrawn(store: &TestStore) {
    with_institutions(store).await;
    let by_tariff = Service {
        by_tariff: Some(ByTariff {
            tariff: "tari-abitazione".to_owned(),
            days_to_pay: 45,
        }),
        life_events: LifeEvent::ALL.to_vec(),
        ..service(CITY, "tari")
    };
    for kept in [by_tariff, service(CITY, "tari")] {
        let mut tx = store.begin().await.unwrap();
        service_catalogue::upsert_service(&mut tx, &kept).await.unwrap();
        let found = service_catalogue::find_service(&mut tx, &city(), "tari").await;
        assert_eq!(found.unwrap(), Some(kept));
        tx.commit().await.unwrap();
    }
}

pub(crate) async fn which_program_says_what_is_due_is_kept_and_withdrawn(store: &TestStore) {
    with_institutions(store).await;
    let asked = Service {
        amounts_move: true,
        todays_amount: Some(TodaysAmount {
            url: "https://program.example.it/amount".to_owned(),
            key: "tributi".to_owned(),
            asked_for: vec![AskedFor::Hub, AskedFor::Page],
            when_down: WhenDown::TryLater,
            kept_seconds: 60,
            signed_answers: true,
        }),
        ..service(CITY, "tari")
    };
    for kept in [asked, service(CITY, "tari")] {
        let mut tx = store.begin().await.unwrap();
        service_catalogue::upsert_service(&mut tx, &kept).await.unwrap();
        let found = service_catalogue::find_service(&mut tx, &city(), "tari").await;
        assert_eq!(found.unwrap(), Some(kept));
        tx.commit().await.unwrap();
    }
}

pub(crate) async fn a_service_of_an_institution_not_served_here_is_refused(store: &TestStore) {
    let mut tx = store.begin().await.unwrap();
    let outcome = service_catalogue::upsert_service(&mut tx, &service(CITY, "tari")).await;
    assert!(
        matches!(outcome, Err(StorageError::Unknown { what: "institution" })),
        "{outcome:?}"
    );
}

pub(crate) async fn a_rating_has_one_to_five_stars_and_at_most_two_hundred_characters(store: &TestStore) {
    let rate = async |stars, length| {
        let rating = NewRating {
            stars,
            reasons: vec!["easy".to_owned()],
            comment: Some("à".repeat(length)),
            language: "it".to_owned(),
            page: "outcome".to_owned(),
            at: noon(),
        };
        let mut tx = store.begin().await.unwrap();
        let outcome = record_rating(&mut tx, &rating).await;
        tx.commit().await.ok();
        outcome.is_ok()
    };
    assert!(rate(1, 0).await);
    assert!(rate(5, 200).await);
    assert!(!rate(0, 0).await);
    assert!(!rate(6, 0).await);
    assert!(!rate(3, 201).await);
}

pub(crate) async fn what_an_institution_prints_is_kept_and_replaced(store: &TestStore) {
    with_institutions(store).await;
    let found = async || -> Option<Vec<String>> {
        let mut snapshot = store.glance().await.unwrap();
        imprints::find_imprint(&mut snapshot, &city()).await.unwrap()
    };
    assert_eq!(found().await, None);
    for printed in [["Sportello unico"], ["Direzione entrate"]] {
        let mut tx = store.begin().await.unwrap();
        imprints::upsert_imprint(&mut tx, &city(), &printed)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(found().await, Some(vec![printed[0].to_owned()]));
    }
    let mut snapshot = store.glance().await.unwrap();
    let other: Option<Vec<String>> = imprints::find_imprint(&mut snapshot, &company()).await.unwrap();
    assert_eq!(other, None);
    drop(snapshot);
    let mut tx = store.begin().await.unwrap();
    let nobody = "99999999999".parse().unwrap();
    let refused = imprints::upsert_imprint(&mut tx, &nobody, &["x"]).await;
    assert!(
        matches!(refused, Err(StorageError::Unknown { what: "institution" })),
        "{refused:?}"
    );
}
