//! The national archives are kept as ours.

use crate::archive::{ArchiveDouble, REFUSED, answer};
use crate::support::{CITY, City, cities, code, position, receipt};
use chrono::Duration;
use domain::debt_position::{DebtPositionEvent, DebtPositionStatus};
use domain::feed::{Feed, Held};
use domain::service::Service;
use domain::transfer::Destination;
use domain::{Cents, DebtPosition};
use pagopa::gateway::{CallError, Product};
use serde_json::json;
use services::feed::{BULK_FROM, FeedStatus, Mend, compare, feed_status, retry_refused, schedule};
use services::hub::HubError;
use services::jobs::{JobKind, drain};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use storage::jobs::ListedJob;
use storage::{debt_positions, position_feed, service_catalogue};

/// Every engine at hand, with an archive beside it.
async fn fed_cities() -> Vec<(City, Arc<ArchiveDouble>)> {
    let mut all = Vec::new();
    for mut city in cities().await {
        let archive = Arc::new(ArchiveDouble::default());
        city.services.hub = archive.clone();
        all.push((city, archive));
    }
    all
}

/// Does what there is to do until nothing is.
async fn feed(city: &City) {
    loop {
        schedule(&city.services).await.unwrap();
        if drain(&city.services, &JobKind::FEED, "worker", 1_000)
            .await
            .unwrap()
            == 0
        {
            return;
        }
        let (of, _) = status(city).await;
        // Nothing more can be done now.
        if of.pending == 0 {
            return;
        }
        city.clock.advance(Duration::milliseconds(1));
    }
}

pub(crate) async fn status(city: &City) -> (FeedStatus, Vec<ListedJob>) {
    let (mut institutions, jobs) = feed_status(&city.services).await.unwrap();
    (institutions.remove(0), jobs)
}

async fn happens(city: &City, position: &DebtPosition, event: DebtPositionEvent) {
    let now = city.services.clock.now();
    let mut tx = city.services.store.begin().await.unwrap();
    let before = debt_positions::find_position(&mut tx, &position.institution, &position.key)
        .await
        .unwrap()
        .unwrap();
    let after = before.position.apply(&event).unwrap();
    debt_positions::transition_position(&mut tx, &before, &after, &event, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

pub(crate) async fn cancel(city: &City, position: &DebtPosition) {
    let at = city.services.clock.now();
    happens(city, position, DebtPositionEvent::Cancelled { at }).await;
}

/// Changes how the service is fed, as the catalogue does.
async fn service_becomes(city: &City, change: impl FnOnce(&mut Service)) {
    let mut tx = city.services.store.begin().await.unwrap();
    let mut service = service_catalogue::find_service(&mut tx, &code(CITY), "mensa")
        .await
        .unwrap()
        .unwrap();
    change(&mut service);
    service_catalogue::upsert_service(&mut tx, &service)
        .await
        .unwrap();
    position_feed::mark_service(&mut tx, &code(CITY), "mensa")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    city.services.directory.refresh();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_position_is_told_once_and_a_cancelled_one_is_taken_out() {
    for (city, archive) in fed_cities().await {
        city.owes(&position(1)).await;
        feed(&city).await;
        assert_eq!(archive.count(Product::Aca), 1);
        feed(&city).await;
        assert_eq!(archive.take_calls(), ["createPosition"]);
        cancel(&city, &position(1)).await;
        feed(&city).await;
        assert_eq!(archive.take_calls(), ["deletePosition"]);
        assert_eq!(archive.count(Product::Aca), 0);
        let (of, _) = status(&city).await;
        assert_eq!((of.pending, of.count(Held::Withdrawn)), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_through_the_hub_is_not_told_to_the_hub() {
    for (city, archive) in fed_cities().await {
        city.owes(&position(1)).await;
        feed(&city).await;
        city.deliver(&receipt("r1", 1)).await;
        feed(&city).await;
        assert_eq!(archive.take_calls(), ["createPosition"]);
        assert_eq!(status(&city).await.0.pending, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_and_what_was_withdrawn_before_it_was_told_are_never_told() {
    for (city, archive) in fed_cities().await {
        city.owes(&DebtPosition {
            status: DebtPositionStatus::Draft,
            ..position(1)
        })
        .await;
        city.owes(&position(2)).await;
        cancel(&city, &position(2)).await;
        feed(&city).await;
        assert_eq!(archive.take_calls(), [""; 0]);
        assert_eq!(status(&city).await.0.pending, 0);
        happens(&city, &position(1), DebtPositionEvent::Published).await;
        feed(&city).await;
        assert_eq!(archive.count(Product::Aca), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_the_archive_has_already_is_read_and_brought_up_to_date() {
    for (city, archive) in fed_cities().await {
        // Sent, and the answer was lost.
        *archive.failure.lock().unwrap() = Some(Err(HubError::Call(CallError::Timeout)));
        city.owes(&position(1)).await;
        schedule(&city.services).await.unwrap();
        drain(&city.services, &JobKind::FEED, "worker", 10).await.unwrap();
        *archive.failure.lock().unwrap() = None;
        let key = (Product::Aca, format!("{CITY}-key-1"));
        archive
            .positions
            .lock()
            .unwrap()
            .insert(key.clone(), json!({ "iupd": key.1, "status": "VALID" }));
        archive.take_calls();
        city.clock.advance(Duration::hours(1));
        feed(&city).await;
        assert_eq!(
            archive.take_calls(),
            [
                "createPosition",
                "getOrganizationDebtPositionByIUPD",
                "updatePosition"
            ]
        );
        assert_eq!(
            archive.positions.lock().unwrap()[&key]["paymentOption"][0]["amount"],
            12_050
        );
        assert_eq!(status(&city).await.0.count(Held::Payable), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_the_archive_lost_is_created_again() {
    for (city, archive) in fed_cities().await {
        city.owes(&position(1)).await;
        feed(&city).await;
        archive.positions.lock().unwrap().clear();
        service_becomes(&city, |service| service.amounts_move = true).await;
        archive.take_calls();
        feed(&city).await;
        assert_eq!(archive.take_calls(), ["updatePosition", "createPosition"]);
        let held = archive.positions.lock().unwrap();
        assert_eq!(held.values().next().unwrap()["payStandIn"], false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_paid_there_is_left_alone() {
    for (city, archive) in fed_cities().await {
        city.owes(&position(1)).await;
        feed(&city).await;
        for held in archive.positions.lock().unwrap().values_mut() {
            held["status"] = "PAID".into();
        }
        cancel(&city, &position(1)).await;
        feed(&city).await;
        assert_eq!(archive.count(Product::Aca), 1);
        let (of, _) = status(&city).await;
        assert_eq!((of.pending, of.count(Held::Paid)), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_archive_refuses_is_shown_with_its_reason_and_tried_again_by_hand() {
    for (city, archive) in fed_cities().await {
        let mut wrong = position(1);
        wrong.options[0].instalments[0].description = REFUSED.to_owned();
        city.owes(&wrong).await;
        city.owes(&position(2)).await;
        feed(&city).await;
        let (of, _) = status(&city).await;
        assert_eq!(
            (of.pending, of.refused.len(), archive.count(Product::Aca)),
            (0, 1, 1)
        );
        assert_eq!(
            of.refused[0].reason.as_deref(),
            Some("400: the IBAN is not registered")
        );
        archive.take_calls();
        feed(&city).await;
        assert_eq!(archive.take_calls(), [""; 0], "it is not tried again by itself");
        assert_eq!(retry_refused(&city.services).await.unwrap(), 1);
        feed(&city).await;
        assert_eq!(
            archive.take_calls(),
            ["getOrganizationDebtPositionByIUPD", "createPosition"]
        );
        assert_eq!(status(&city).await.0.refused.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_while_the_archive_is_ill() {
    for (city, archive) in fed_cities().await {
        city.owes(&position(1)).await;
        for trouble in [
            Err(HubError::Call(CallError::Unreachable)),
            Err(HubError::Call(CallError::LeftAlone { seconds: 30 })),
            Err(HubError::Call(CallError::OverLimit { seconds: 5 })),
            Ok(answer(503, &json!({}))),
            Ok(answer(429, &json!({}))),
        ] {
            *archive.failure.lock().unwrap() = Some(trouble);
            for _ in 0..3 {
                schedule(&city.services).await.unwrap();
                drain(&city.services, &JobKind::FEED, "worker", 10).await.unwrap();
                city.clock.advance(Duration::hours(1));
            }
        }
        let (of, jobs) = status(&city).await;
        assert_eq!((of.pending, of.refused.len()), (1, 0));
        assert!(jobs.iter().any(|job| job.last_error.is_some()), "{jobs:?}");
        *archive.failure.lock().unwrap() = None;
        feed(&city).await;
        assert_eq!(
            (archive.count(Product::Aca), status(&city).await.0.pending),
            (1, 0)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_the_archive_could_not_take_is_sent_again() {
    for (city, archive) in fed_cities().await {
        city.owes(&position(1)).await;
        feed(&city).await;
        service_becomes(&city, |service| service.amounts_move = true).await;
        *archive.failure.lock().unwrap() = Some(Ok(answer(503, &json!({}))));
        schedule(&city.services).await.unwrap();
        drain(&city.services, &JobKind::FEED, "worker", 10).await.unwrap();
        *archive.failure.lock().unwrap() = None;
        city.clock.advance(Duration::hours(1));
        feed(&city).await;
        let held = archive.positions.lock().unwrap();
        assert_eq!(held.values().next().unwrap()["payStandIn"], false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_the_archive_asks_for_is_kept() {
    for (city, archive) in fed_cities().await {
        city.owes(&position(1)).await;
        *archive.failure.lock().unwrap() = Some(Err(HubError::Call(CallError::LeftAlone { seconds: 30 })));
        schedule(&city.services).await.unwrap();
        drain(&city.services, &JobKind::FEED, "worker", 10).await.unwrap();
        *archive.failure.lock().unwrap() = None;
        city.clock.advance(Duration::seconds(29));
        schedule(&city.services).await.unwrap();
        assert_eq!(
            drain(&city.services, &JobKind::FEED, "worker", 10).await.unwrap(),
            0
        );
        city.clock.advance(Duration::seconds(1));
        assert!(drain(&city.services, &JobKind::FEED, "worker", 10).await.unwrap() > 0);
        assert_eq!(archive.count(Product::Aca), 1);
    }
}

/// As many open positions as make files worthwhile.
pub(crate) async fn owes_many(city: &City) -> u64 {
    let many = u64::from(BULK_FROM);
    owes_positions(city, many).await;
    many
}

/// So many open positions, the seventh one that an archive refuses.
async fn owes_positions(city: &City, count: u64) {
    let mut tx = city.services.store.begin().await.unwrap();
    for base in 1..=count {
        let mut position = position(base);
        if base == 7 {
            REFUSED.clone_into(&mut position.options[0].instalments[0].description);
        }
        debt_positions::insert_position(&mut tx, &position, city.services.clock.now())
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failure_one_small_file_tries_whether_the_archive_is_back() {
    for (city, archive) in fed_cities().await {
        owes_positions(&city, 1_200).await;
        *archive.failure.lock().unwrap() = Some(Ok(answer(503, &json!({}))));
        schedule(&city.services).await.unwrap();
        drain(&city.services, &[JobKind::Feed], "worker", 1)
            .await
            .unwrap();
        *archive.failure.lock().unwrap() = None;
        city.clock.advance(Duration::hours(1));
        schedule(&city.services).await.unwrap();
        drain(&city.services, &[JobKind::Feed], "worker", 1)
            .await
            .unwrap();
        assert_eq!(status(&city).await.0.count(Held::Uploading), 500);
        drain(&city.services, &[JobKind::Feed], "worker", 1)
            .await
            .unwrap();
        assert_eq!(status(&city).await.0.count(Held::Uploading), 1_200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_positions_go_in_files_and_the_report_says_which_were_refused() {
    for (city, archive) in fed_cities().await {
        let many = owes_many(&city).await;
        // One is there from before.
        archive.positions.lock().unwrap().insert(
            (Product::Aca, format!("{CITY}-key-9")),
            json!({ "iupd": format!("{CITY}-key-9"), "status": "VALID" }),
        );
        schedule(&city.services).await.unwrap();
        drain(&city.services, &JobKind::FEED, "worker", 10).await.unwrap();
        assert_eq!(archive.take_calls(), ["create-debt-positions-by-file-upload"]);
        let (of, _) = status(&city).await;
        assert_eq!((of.pending, of.count(Held::Uploading)), (0, many));
        for _ in 0..2 {
            city.clock.advance(Duration::seconds(15));
            drain(&city.services, &JobKind::FEED, "worker", 10).await.unwrap();
        }
        assert_eq!(archive.take_calls(), ["get-debt-positions-upload-report"; 2]);
        let (of, _) = status(&city).await;
        assert_eq!(of.pending, 1);
        assert_eq!(
            of.refused[0].reason.as_deref(),
            Some("400: the IBAN is not registered")
        );
        feed(&city).await;
        assert_eq!(
            archive.take_calls(),
            ["getOrganizationDebtPositionByIUPD", "updatePosition"]
        );
        let (of, _) = status(&city).await;
        assert_eq!(
            (of.pending, of.count(Held::Payable), of.count(Held::Refused)),
            (0, many - 1, 1)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_while_a_file_is_worked_on_is_told_after_its_report() {
    for (city, archive) in fed_cities().await {
        owes_many(&city).await;
        schedule(&city.services).await.unwrap();
        drain(&city.services, &JobKind::FEED, "worker", 10).await.unwrap();
        cancel(&city, &position(3)).await;
        archive.take_calls();
        schedule(&city.services).await.unwrap();
        drain(&city.services, &JobKind::FEED, "worker", 10).await.unwrap();
        assert_eq!(archive.take_calls(), [""; 0]);
        for _ in 0..3 {
            city.clock.advance(Duration::seconds(15));
            schedule(&city.services).await.unwrap();
            drain(&city.services, &JobKind::FEED, "worker", 10).await.unwrap();
        }
        assert!(archive.take_calls().contains(&"deletePosition"));
        assert_eq!(status(&city).await.0.pending, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_comparison_finds_and_mends_every_difference() {
    for (city, archive) in fed_cities().await {
        for base in 1..=120 {
            city.owes(&position(base)).await;
        }
        feed(&city).await;
        cancel(&city, &position(120)).await;
        let kept = archive.positions.lock().unwrap()[&(Product::Aca, format!("{CITY}-key-120"))].clone();
        feed(&city).await;
        city.clock.advance(Duration::hours(1));
        {
            let mut held = archive.positions.lock().unwrap();
            let key = |base: u64| (Product::Aca, format!("{CITY}-key-{base}"));
            held.remove(&key(1));
            held.get_mut(&key(2)).unwrap()["paymentOption"][0]["amount"] = 1.into();
            held.get_mut(&key(3)).unwrap()["status"] = "PAID".into();
            held.insert(key(120), kept);
            held.insert(
                (Product::Aca, "another".to_owned()),
                json!({ "iupd": "another", "status": "VALID", "paymentOption": [] }),
            );
        }
        archive.take_calls();
        let dry = compare(&city.services, &code(CITY), Mend::No).await.unwrap();
        assert_eq!((dry.listed, dry.right, dry.unknown), (120, 117, 1));
        assert_eq!((dry.different, dry.to_remove, dry.missing), (1, 1, 1));
        assert_eq!(status(&city).await.0.pending, 0);
        assert_eq!(
            archive.take_calls(),
            ["getOrganizationDebtPositions"; 4],
            "three pages, and GPD's one"
        );
        assert_eq!(
            compare(&city.services, &code(CITY), Mend::Yes).await.unwrap(),
            dry
        );
        assert_eq!(status(&city).await.0.pending, 3);
        feed(&city).await;
        city.clock.advance(Duration::hours(1));
        let after = compare(&city.services, &code(CITY), Mend::Yes).await.unwrap();
        assert!(after.agrees(), "{after:?}");
        assert_eq!((after.listed, after.right, after.unknown), (120, 119, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_moved_to_the_other_archive_leaves_the_first() {
    for (city, archive) in fed_cities().await {
        city.owes(&position(1)).await;
        feed(&city).await;
        service_becomes(&city, |service| service.feed = Some(Feed::Gpd)).await;
        feed(&city).await;
        assert_eq!((archive.count(Product::Aca), archive.count(Product::Gpd)), (0, 1));
        service_becomes(&city, |service| service.feed = Some(Feed::None)).await;
        feed(&city).await;
        assert_eq!((archive.count(Product::Aca), archive.count(Product::Gpd)), (0, 0));
        assert_eq!(status(&city).await.0.pending, 0);
    }
}

/// The same position, its money for a stamp duty.
fn with_stamp_duty(mut position: DebtPosition) -> DebtPosition {
    position.options[0].instalments[0].transfers[0].destination = Destination::StampDuty {
        document_digest: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".to_owned(),
        province: "GE".to_owned(),
    };
    position
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stamp_duty_is_told_to_the_archive_that_sells_it_and_missed_by_nobody_in_the_other() {
    for (city, archive) in fed_cities().await {
        city.owes(&with_stamp_duty(position(1))).await;
        feed(&city).await;
        assert_eq!(archive.take_calls(), [""; 0]);
        let (of, _) = status(&city).await;
        assert_eq!((of.pending, of.refused.len()), (0, 0));
        let compared = compare(&city.services, &code(CITY), Mend::Yes).await.unwrap();
        assert!(compared.agrees(), "{compared:?}");
        assert_eq!(status(&city).await.0.pending, 0);

        service_becomes(&city, |service| service.feed = Some(Feed::Gpd)).await;
        feed(&city).await;
        assert_eq!((archive.count(Product::Aca), archive.count(Product::Gpd)), (0, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_no_archive_does_not_keep_the_rest_from_its_file() {
    for (city, archive) in fed_cities().await {
        let many = owes_many(&city).await;
        city.owes(&with_stamp_duty(position(many + 1))).await;
        schedule(&city.services).await.unwrap();
        drain(&city.services, &JobKind::FEED, "worker", 10).await.unwrap();
        assert_eq!(archive.take_calls(), ["create-debt-positions-by-file-upload"]);
        let (of, _) = status(&city).await;
        assert_eq!(
            (of.pending, of.count(Held::Uploading), of.count(Held::Withdrawn)),
            (0, many, 1)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_fed_is_missed_by_nobody() {
    for (city, archive) in fed_cities().await {
        service_becomes(&city, |service| service.feed = Some(Feed::None)).await;
        city.owes(&position(1)).await;
        feed(&city).await;
        let compared = compare(&city.services, &code(CITY), Mend::No).await.unwrap();
        assert!(compared.agrees(), "{compared:?}");
        assert_eq!(archive.count(Product::Aca), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_wait_until_an_archive_is_configured() {
    for (city, archive) in fed_cities().await {
        archive.not_configured.store(true, Ordering::Relaxed);
        city.owes(&position(1)).await;
        assert_eq!(schedule(&city.services).await.unwrap(), 0);
        assert_eq!(status(&city).await.0.pending, 1);
        archive.not_configured.store(false, Ordering::Relaxed);
        feed(&city).await;
        assert_eq!(
            (archive.count(Product::Aca), status(&city).await.0.pending),
            (1, 0)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_another_system_fed_is_left_to_people() {
    for (city, archive) in fed_cities().await {
        city.owes(&position(1)).await;
        feed(&city).await;
        // The same notice under another key.
        {
            let mut held = archive.positions.lock().unwrap();
            let (_, mut other) = held.pop_first().unwrap();
            other["iupd"] = "another".into();
            held.insert((Product::Aca, "another".to_owned()), other);
        }
        service_becomes(&city, |service| service.amounts_move = true).await;
        for _ in 0..20 {
            feed(&city).await;
        }
        let (of, _) = status(&city).await;
        assert_eq!((of.pending, of.refused.len()), (0, 1));
        assert_eq!(of.refused[0].reason.as_deref(), Some("409: duplicate"));
    }
}

/// Says something else of a position, until a day to come.
async fn amend(city: &City, position: &DebtPosition, cents: i64) {
    let now = city.services.clock.now();
    let mut tx = city.services.store.begin().await.unwrap();
    let before = debt_positions::find_position(&mut tx, &position.institution, &position.key)
        .await
        .unwrap()
        .unwrap();
    let mut to = before.position.content();
    let notice = &mut to.options[0].instalments[0];
    notice.amount = Cents::new(cents);
    notice.transfers[0].amount = Cents::new(cents);
    let event = DebtPositionEvent::Amended {
        from: Box::new(before.position.content()),
        to: Box::new(to),
        at: now,
    };
    let after = before.position.apply(&event).unwrap();
    debt_positions::amend_position(&mut tx, &before, &after, &event, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amended_position_is_told_again_and_one_that_had_expired_comes_back() {
    for (city, archive) in fed_cities().await {
        city.owes(&position(1)).await;
        feed(&city).await;
        amend(&city, &position(1), 13_000).await;
        feed(&city).await;
        assert_eq!(archive.take_calls(), ["createPosition", "updatePosition"]);
        let at = city.services.clock.now();
        happens(&city, &position(1), DebtPositionEvent::Expired { at }).await;
        feed(&city).await;
        assert_eq!(archive.count(Product::Aca), 0);
        amend(&city, &position(1), 14_000).await;
        feed(&city).await;
        assert_eq!(archive.take_calls(), ["deletePosition", "createPosition"]);
        assert_eq!(archive.count(Product::Aca), 1);
        // Expired and amended before the archive was told: it holds the position still.
        happens(&city, &position(1), DebtPositionEvent::Expired { at }).await;
        amend(&city, &position(1), 15_000).await;
        feed(&city).await;
        assert_eq!(archive.take_calls(), ["updatePosition"]);
        assert_eq!(status(&city).await.0.pending, 0);
    }
}
