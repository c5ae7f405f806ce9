use crate::support::{
    apply, city, company, insert, instant, noon, number, position, receipt_event, with_institutions,
};
use chrono::Duration;
use domain::application::{Application, Grant, Scope};
use domain::debt_position::DebtPositionEvent;
use domain::outcome::{NoticeReference, Outcome, OutcomeContent, OutcomeKind, Payment};
use domain::{Cents, CreditorFiscalCode, ReceiptId};
use std::collections::BTreeSet;
use storage::applications::insert_application;
use storage::outcomes::{
    Attempt, DueWebhook, Endpoint, EndpointState, NewWebhook, OutcomeDay, WebhookCounts, WebhookState,
    acknowledge, bury_overdue, bury_webhook, count_webhooks, disable_endpoint, enable_endpoint, ensure_feed,
    event_id, find_endpoint, find_feed, find_first_number_since, find_last_outcome_day, find_next_due,
    find_outcome_day, hurry_webhooks, insert_deliveries, insert_endpoint, insert_outcome_day,
    insert_webhooks, list_active_endpoints, list_deliveries, list_due_webhooks, list_endpoints,
    list_outcomes_of_subject, list_outcomes_to_fan_out, list_webhooks, mark_fanned_out, note_delivered,
    note_endpoint, put_off_webhook, record_outcomes, replay_dead, replay_range, rotate_endpoint,
    set_feed_choice, take_numbers,
};
use storage::testing::TestStore;
use storage::{StorageError, Store};

const PROGRAM: &str = "anagrafe";

fn fact(institution: &CreditorFiscalCode, position: &str, place: u64) -> Outcome {
    Outcome {
        institution: institution.clone(),
        service: Some("tari".to_owned()),
        position: Some(position.to_owned()),
        at: noon() + Duration::seconds(i64::try_from(place).unwrap()),
        content: OutcomeContent::Paid {
            payment: Payment {
                notice: NoticeReference {
                    notice_number: number(place),
                    iuv: number(place).iuv(),
                    amount: Cents::new(12_050),
                },
                receipt_id: ReceiptId::parse(&format!("iur-{place}")).unwrap(),
                provider: None,
                paid_at_local: None,
            },
            position_paid: true,
        },
        fact: format!("paid {place}"),
    }
}

async fn record(store: &Store, outcomes: &[Outcome]) {
    let mut tx = store.begin().await.unwrap();
    record_outcomes(&mut tx, outcomes).await.unwrap();
    tx.commit().await.unwrap();
}

async fn pending(store: &Store) -> Vec<i64> {
    let mut snapshot = store.glance().await.unwrap();
    let pending = list_outcomes_to_fan_out(&mut snapshot, 1_000).await.unwrap();
    pending.iter().map(|outcome| outcome.id).collect()
}

/// An application with a feed of so many outcomes of the positions, in turn, and an endpoint they are to be sent to.
async fn fed(store: &Store, positions: &[&str], count: u64) -> Endpoint {
    with_institutions(store).await;
    let facts: Vec<Outcome> = (1..=count)
        .zip(positions.iter().cycle())
        .map(|(place, position)| fact(&city(), position, place))
        .collect();
    record(store, &facts).await;
    let application = Application {
        id: PROGRAM.to_owned(),
        institution: city(),
        name: "Anagrafe".to_owned(),
        grants: vec![Grant {
            scope: Scope::ReadOutcomes,
            services: None,
        }],
        numbers: Vec::new(),
        requests_per_minute: 60,
        certificate: None,
        active: true,
    };
    let endpoint = Endpoint {
        id: "endpoint".to_owned(),
        application: PROGRAM.to_owned(),
        institution: city(),
        url: "https://gestionale.example.it/".to_owned(),
        kinds: Some([OutcomeKind::Paid].into()),
        state: EndpointState::Active,
        generation: 1,
        previous_until: None,
        failures: 0,
        resume_at: None,
        created_at: noon(),
    };
    let mut tx = store.begin().await.unwrap();
    insert_application(&mut tx, &application, noon()).await.unwrap();
    ensure_feed(&mut tx, PROGRAM, noon()).await.unwrap();
    ensure_feed(&mut tx, PROGRAM, noon()).await.unwrap();
    insert_endpoint(&mut tx, &endpoint).await.unwrap();
    let pending = list_outcomes_to_fan_out(&mut tx, 1_000).await.unwrap();
    let ids: Vec<i64> = pending.iter().map(|outcome| outcome.id).collect();
    let first = take_numbers(&mut tx, PROGRAM, ids.len()).await.unwrap();
    assert_eq!(first, 1);
    insert_deliveries(&mut tx, PROGRAM, first, &ids).await.unwrap();
    let webhooks: Vec<NewWebhook<'_>> = (first..)
        .zip(&pending)
        .map(|(number, outcome)| NewWebhook {
            number,
            event: outcome.id,
            subject: &outcome.subject,
        })
        .collect();
    insert_webhooks(
        &mut tx,
        &endpoint.id,
        &webhooks,
        noon(),
        noon() + Duration::days(3),
    )
    .await
    .unwrap();
    mark_fanned_out(&mut tx, &ids).await.unwrap();
    tx.commit().await.unwrap();
    endpoint
}

async fn due(store: &Store, at: chrono::DateTime<chrono::Utc>) -> Vec<DueWebhook> {
    let mut snapshot = store.glance().await.unwrap();
    list_due_webhooks(&mut snapshot, "endpoint", at, 100)
        .await
        .unwrap()
}

fn numbers(due: &[DueWebhook]) -> Vec<i64> {
    due.iter().map(|webhook| webhook.number).collect()
}

async fn counts(store: &Store) -> (u64, u64, u64) {
    let mut snapshot = store.glance().await.unwrap();
    let WebhookCounts {
        waiting,
        delivered,
        dead,
    } = count_webhooks(&mut snapshot, "endpoint").await.unwrap();
    (waiting, delivered, dead)
}

fn attempt(status: u16) -> Attempt {
    Attempt {
        at: noon(),
        ms: 12,
        status: Some(status),
        error: (status != 200).then(|| "x".repeat(1_000)),
    }
}

pub(crate) async fn a_fact_told_twice_is_recorded_once(store: &TestStore) {
    let one = fact(&city(), "TARI-1", 1);
    record(store, &[one.clone(), one.clone()]).await;
    record(store, &[one.clone(), fact(&company(), "TARI-1", 1)]).await;
    let mut snapshot = store.read().await.unwrap();
    let told = list_outcomes_of_subject(&mut snapshot, &city(), "TARI-1", 10)
        .await
        .unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].event_id, event_id(&city(), &one.fact));
    assert_eq!(told[0].content, one.content);
    assert_eq!((told[0].at, &told[0].service), (one.at, &one.service));
    assert_eq!(pending(store).await.len(), 2);
}

pub(crate) async fn a_transition_records_what_is_told_of_it_or_nothing(store: &TestStore) {
    with_institutions(store).await;
    let (paid, withdrawn) = (position(1), position(2));
    insert(store, &paid).await;
    insert(store, &withdrawn).await;
    apply(store, &paid, &receipt_event(1, "iur-1"), noon()).await;
    apply(
        store,
        &withdrawn,
        &DebtPositionEvent::Cancelled { at: noon() },
        noon(),
    )
    .await;
    let mut snapshot = store.read().await.unwrap();
    let pending = list_outcomes_to_fan_out(&mut snapshot, 10).await.unwrap();
    let told: Vec<_> = pending
        .iter()
        .map(|one| (one.kind, one.subject.as_str()))
        .collect();
    assert_eq!(
        told,
        [(OutcomeKind::Paid, "TARI-1"), (OutcomeKind::Cancelled, "TARI-2")]
    );
    drop(snapshot);
    // What is undone was never told.
    let undone = position(3);
    insert(store, &undone).await;
    let before = crate::support::stored(store, &undone).await;
    let event = DebtPositionEvent::Cancelled { at: noon() };
    let after = before.position.apply(&event).unwrap();
    let mut tx = store.begin().await.unwrap();
    storage::debt_positions::transition_position(&mut tx, &before, &after, &event, noon())
        .await
        .unwrap();
    drop(tx);
    assert_eq!(self::pending(store).await.len(), 2);
}

pub(crate) async fn a_thousand_facts_are_recorded_in_their_order(store: &TestStore) {
    let facts: Vec<Outcome> = (1..=1_000)
        .map(|place| fact(&city(), &format!("TARI-{place}"), place))
        .collect();
    record(store, &facts).await;
    let mut snapshot = store.read().await.unwrap();
    let pending = list_outcomes_to_fan_out(&mut snapshot, 2_000).await.unwrap();
    let subjects: Vec<&str> = pending.iter().map(|one| one.subject.as_str()).collect();
    assert_eq!(subjects.len(), 1_000);
    assert_eq!((subjects[0], subjects[999]), ("TARI-1", "TARI-1000"));
    let first = list_outcomes_to_fan_out(&mut snapshot, 3).await.unwrap();
    assert_eq!(first, pending[..3]);
}

pub(crate) async fn facts_are_put_into_feeds_by_one_at_a_time(store: &TestStore) {
    record(store, &[fact(&city(), "TARI-1", 1), fact(&city(), "TARI-2", 2)]).await;
    let ids = pending(store).await;
    let mut tx = store.begin().await.unwrap();
    mark_fanned_out(&mut tx, &ids).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(pending(store).await, Vec::<i64>::new());
    let mut tx = store.begin().await.unwrap();
    assert!(matches!(
        mark_fanned_out(&mut tx, &ids).await,
        Err(StorageError::Conflict)
    ));
}

pub(crate) async fn a_feed_is_read_by_number_and_acknowledged_upwards(store: &TestStore) {
    fed(store, &["a", "b"], 5).await;
    let mut snapshot = store.read().await.unwrap();
    let page = list_deliveries(&mut snapshot, PROGRAM, 1, 4, 2).await.unwrap();
    let told: Vec<_> = page
        .iter()
        .map(|(number, told)| (*number, told.content.receipt_id().unwrap()))
        .collect();
    assert_eq!(told, [(2, "iur-2"), (3, "iur-3")]);
    let feed = find_feed(&mut snapshot, PROGRAM).await.unwrap().unwrap();
    assert_eq!((feed.last_number, feed.acknowledged, feed.kinds), (5, 0, None));
    drop(snapshot);
    let mut tx = store.begin().await.unwrap();
    for up_to in [3, 3, 2] {
        acknowledge(&mut tx, PROGRAM, up_to, noon()).await.unwrap();
    }
    let kinds: BTreeSet<OutcomeKind> = [OutcomeKind::Paid, OutcomeKind::Credited].into();
    set_feed_choice(&mut tx, PROGRAM, &Some(kinds.clone()), true)
        .await
        .unwrap();
    let feed = find_feed(&mut tx, PROGRAM).await.unwrap().unwrap();
    assert_eq!(
        (feed.acknowledged, feed.daily_file, feed.kinds),
        (3, true, Some(kinds))
    );
    assert_eq!(find_feed(&mut tx, "other").await.unwrap(), None);
    assert!(matches!(
        take_numbers(&mut tx, "other", 1).await,
        Err(StorageError::Unknown { .. })
    ));
}

pub(crate) async fn an_endpoint_is_read_back_and_belongs_to_one_application(store: &TestStore) {
    let endpoint = fed(store, &["a"], 0).await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(
        list_endpoints(&mut tx, PROGRAM).await.unwrap(),
        std::slice::from_ref(&endpoint)
    );
    assert_eq!(find_endpoint(&mut tx, "other", "endpoint").await.unwrap(), None);
    rotate_endpoint(&mut tx, &endpoint, noon()).await.unwrap();
    note_endpoint(&mut tx, "endpoint", 7, Some(noon())).await.unwrap();
    disable_endpoint(&mut tx, "endpoint", "gone").await.unwrap();
    let changed = find_endpoint(&mut tx, PROGRAM, "endpoint")
        .await
        .unwrap()
        .unwrap();
    let expected = Endpoint {
        generation: 2,
        previous_until: Some(noon()),
        failures: 7,
        resume_at: Some(noon()),
        state: EndpointState::Disabled {
            reason: "gone".to_owned(),
        },
        ..endpoint.clone()
    };
    assert_eq!(changed, expected);
    assert_eq!(list_active_endpoints(&mut tx).await.unwrap(), []);
    enable_endpoint(&mut tx, "endpoint").await.unwrap();
    assert_eq!(list_active_endpoints(&mut tx).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    assert!(matches!(
        rotate_endpoint(&mut tx, &endpoint, noon()).await,
        Err(StorageError::Conflict)
    ));
}

pub(crate) async fn of_a_subject_only_the_first_that_waits_is_due(store: &TestStore) {
    fed(store, &["a", "b"], 6).await;
    let first = due(store, noon()).await;
    assert_eq!(numbers(&first), [1, 2]);
    let later = noon() + Duration::hours(1);
    let mut tx = store.begin().await.unwrap();
    note_delivered(&mut tx, "endpoint", &first[0], &attempt(200), later)
        .await
        .unwrap();
    put_off_webhook(&mut tx, "endpoint", &first[1], &attempt(500), later)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(numbers(&due(store, noon()).await), [3]);
    let mut snapshot = store.glance().await.unwrap();
    assert_eq!(
        find_next_due(&mut snapshot, "endpoint").await.unwrap(),
        Some(noon())
    );
    drop(snapshot);
    // What was not tried yet goes first.
    assert_eq!(numbers(&due(store, later).await), [3, 2]);
    let again = due(store, later).await.pop().unwrap();
    assert_eq!(again.attempts, 1);
    let mut tx = store.begin().await.unwrap();
    bury_webhook(&mut tx, "endpoint", &again, &attempt(500), later)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(numbers(&due(store, noon()).await), [3, 4]);
    let mut snapshot = store.glance().await.unwrap();
    let dead = list_webhooks(&mut snapshot, "endpoint", WebhookState::Dead, 0, 10)
        .await
        .unwrap();
    assert_eq!((dead[0].number, dead[0].attempts), (2, 2));
    let last = dead[0].last.clone().unwrap();
    assert_eq!((last.status, last.ms), (Some(500), 12));
    assert_eq!(last.error.unwrap().len(), 200);
}

pub(crate) async fn what_waits_is_hurried_when_its_receiver_is_back(store: &TestStore) {
    fed(store, &["a"], 3).await;
    let later = noon() + Duration::days(1);
    let first = due(store, noon()).await;
    let mut tx = store.begin().await.unwrap();
    put_off_webhook(&mut tx, "endpoint", &first[0], &attempt(500), later)
        .await
        .unwrap();
    assert_eq!(find_next_due(&mut tx, "endpoint").await.unwrap(), Some(later));
    hurry_webhooks(&mut tx, "endpoint", noon()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(numbers(&due(store, noon()).await), [1]);
}

pub(crate) async fn what_is_given_up_is_sent_again_on_request(store: &TestStore) {
    fed(store, &["a", "b", "c"], 6).await;
    let end = noon() + Duration::days(3);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(
        bury_overdue(&mut tx, "endpoint", end - Duration::seconds(1), 100, end)
            .await
            .unwrap(),
        0
    );
    assert_eq!(bury_overdue(&mut tx, "endpoint", end, 4, end).await.unwrap(), 4);
    assert_eq!(bury_overdue(&mut tx, "endpoint", end, 4, end).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(counts(store).await, (0, 0, 6));
    let mut tx = store.begin().await.unwrap();
    let until = end + Duration::days(3);
    assert_eq!(replay_dead(&mut tx, "endpoint", end, until, 2).await.unwrap(), 2);
    // What waits already is not counted again.
    assert_eq!(
        replay_range(&mut tx, "endpoint", (2, 3), end, until)
            .await
            .unwrap(),
        1
    );
    tx.commit().await.unwrap();
    assert_eq!(counts(store).await, (3, 0, 3));
    assert_eq!(numbers(&due(store, end).await), [1, 2, 3]);
}

pub(crate) async fn what_waited_for_something_given_up_gets_its_own_time(store: &TestStore) {
    fed(store, &["a", "b"], 4).await;
    let end = noon() + Duration::days(3);
    let until = end + Duration::days(3);
    let first = due(store, noon()).await;
    assert_eq!(numbers(&first), [1, 2]);
    let mut tx = store.begin().await.unwrap();
    put_off_webhook(&mut tx, "endpoint", &first[0], &attempt(500), end)
        .await
        .unwrap();
    // The first of "a" was tried; those of "b" never were.
    assert_eq!(
        bury_overdue(&mut tx, "endpoint", end, 100, until).await.unwrap(),
        3
    );
    assert_eq!(
        bury_overdue(&mut tx, "endpoint", end, 100, until).await.unwrap(),
        0
    );
    tx.commit().await.unwrap();
    assert_eq!(numbers(&due(store, end).await), [3]);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(
        bury_overdue(&mut tx, "endpoint", until, 100, until)
            .await
            .unwrap(),
        1
    );
}

pub(crate) async fn a_replay_adds_what_an_endpoint_was_never_sent(store: &TestStore) {
    let endpoint = fed(store, &["a"], 4).await;
    let new = Endpoint {
        id: "new".to_owned(),
        ..endpoint
    };
    let mut tx = store.begin().await.unwrap();
    insert_endpoint(&mut tx, &new).await.unwrap();
    let until = noon() + Duration::days(3);
    assert_eq!(
        replay_range(&mut tx, "new", (2, 99), noon(), until)
            .await
            .unwrap(),
        3
    );
    let due = list_due_webhooks(&mut tx, "new", noon(), 10).await.unwrap();
    assert_eq!(numbers(&due), [2]);
}

pub(crate) async fn a_day_is_closed_once_and_found(store: &TestStore) {
    fed(store, &["a"], 4).await;
    let day = OutcomeDay {
        day: "2026-11-23".parse().unwrap(),
        after_number: 0,
        last_number: 2,
        made_at: instant("2026-11-24T00:15:00Z"),
    };
    let mut tx = store.begin().await.unwrap();
    insert_outcome_day(&mut tx, PROGRAM, &day).await.unwrap();
    let late = OutcomeDay {
        last_number: 4,
        ..day
    };
    insert_outcome_day(&mut tx, PROGRAM, &late).await.unwrap();
    assert_eq!(
        find_outcome_day(&mut tx, PROGRAM, day.day).await.unwrap(),
        Some(day)
    );
    assert_eq!(find_last_outcome_day(&mut tx, PROGRAM).await.unwrap(), Some(day));
    let since = noon() + Duration::seconds(3);
    assert_eq!(
        find_first_number_since(&mut tx, PROGRAM, 0, since).await.unwrap(),
        Some(3)
    );
    let after_all = noon() + Duration::seconds(5);
    assert_eq!(
        find_first_number_since(&mut tx, PROGRAM, 0, after_all)
            .await
            .unwrap(),
        None
    );
}
