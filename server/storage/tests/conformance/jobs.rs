//! Work left for later.

use crate::support::{city, company, instant, noon};
use chrono::{DateTime, Duration, Utc};
use std::collections::BTreeSet;
use storage::Store;
use storage::jobs::{
    self, ClaimedJob, JobState, NewJob, bury_job, claim_job, delete_jobs_before, enqueue, finish_job,
    list_jobs, prolong_job, release_job, revive_jobs, take_job,
};
use storage::testing::TestStore;

const KIND: &str = "send";

async fn ask_at(store: &Store, key: &str, payload: &str, run_at: DateTime<Utc>) {
    let institution = city();
    let job = NewJob {
        kind: KIND,
        key,
        institution: &institution,
        payload,
        run_at,
    };
    let mut tx = store.begin().await.unwrap();
    enqueue(&mut tx, &job, noon()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn ask(store: &Store, key: &str) {
    ask_at(store, key, "{}", noon()).await;
}

async fn claim_at(store: &Store, worker: &str, now: DateTime<Utc>) -> Option<ClaimedJob> {
    let mut tx = store.begin().await.unwrap();
    let job = claim_job(&mut tx, KIND, worker, now, now + Duration::minutes(10))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    job
}

async fn claim(store: &Store, worker: &str) -> Option<ClaimedJob> {
    claim_at(store, worker, noon()).await
}

async fn finish(store: &Store, job: &ClaimedJob) {
    let mut tx = store.begin().await.unwrap();
    finish_job(&mut tx, job, noon()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn keys(store: &Store, state: JobState) -> Vec<String> {
    let mut snapshot = store.glance().await.unwrap();
    let listed = list_jobs(&mut snapshot, KIND, state, 100).await.unwrap();
    listed.into_iter().map(|job| job.key).collect()
}

pub(crate) async fn a_job_is_taken_once_and_ends(store: &TestStore) {
    ask_at(store, "a", r#"{"n":7}"#, noon()).await;
    let job = claim(store, "one").await.unwrap();
    assert_eq!(
        (job.key.as_str(), &job.institution, job.attempts),
        ("a", &city(), 0)
    );
    let payload: serde_json::Value = job.read_payload().unwrap();
    assert_eq!(payload["n"], 7);
    assert_eq!(claim(store, "two").await, None);
    finish(store, &job).await;
    assert_eq!(claim_at(store, "two", noon() + Duration::days(1)).await, None);
    assert_eq!(keys(store, JobState::Done).await, ["a"]);
}

pub(crate) async fn a_job_left_in_an_undone_transaction_was_never_left(store: &TestStore) {
    let institution = company();
    let job = NewJob {
        kind: KIND,
        key: "a",
        institution: &institution,
        payload: "{}",
        run_at: noon(),
    };
    let mut tx = store.begin().await.unwrap();
    enqueue(&mut tx, &job, noon()).await.unwrap();
    drop(tx);
    assert_eq!(claim(store, "one").await, None);
}

pub(crate) async fn a_job_waits_for_its_time_and_the_longest_due_goes_first(store: &TestStore) {
    ask_at(store, "later", "{}", noon() + Duration::seconds(2)).await;
    ask_at(store, "sooner", "{}", noon() + Duration::seconds(1)).await;
    assert_eq!(claim(store, "one").await, None);
    let due = noon() + Duration::seconds(2);
    assert_eq!(claim_at(store, "one", due).await.unwrap().key, "sooner");
    assert_eq!(claim_at(store, "one", due).await.unwrap().key, "later");
}

pub(crate) async fn of_two_jobs_with_one_key_one_waits_with_what_was_said_last(store: &TestStore) {
    ask_at(store, "a", r#""first""#, noon() + Duration::hours(1)).await;
    ask_at(store, "a", r#""second""#, noon()).await;
    ask(store, "b").await;
    let job = claim(store, "one").await.unwrap();
    assert_eq!((job.key.as_str(), job.payload.as_str()), ("a", r#""second""#));
    assert_eq!(claim(store, "one").await.unwrap().key, "b");
    assert_eq!(claim(store, "one").await, None);
}

pub(crate) async fn what_is_asked_for_while_it_is_done_is_done_again(store: &TestStore) {
    ask(store, "a").await;
    let job = claim(store, "one").await.unwrap();
    ask(store, "a").await;
    assert_eq!(claim(store, "two").await, None, "nobody does it at the same time");
    finish(store, &job).await;
    let again = claim(store, "two").await.unwrap();
    finish(store, &again).await;
    assert_eq!(claim(store, "one").await, None);
}

pub(crate) async fn a_job_of_a_worker_that_is_gone_is_taken_up_again(store: &TestStore) {
    ask(store, "a").await;
    let lost = claim(store, "gone").await.unwrap();
    let before = noon() + Duration::minutes(10) - Duration::microseconds(1);
    assert_eq!(claim_at(store, "two", before).await, None);
    let job = claim_at(store, "two", noon() + Duration::minutes(10))
        .await
        .unwrap();
    // The first comes back: it changes nothing.
    finish(store, &lost).await;
    assert_eq!(keys(store, JobState::Waiting).await, ["a"]);
    let mut tx = store.begin().await.unwrap();
    let until = noon() + Duration::hours(1);
    assert!(!prolong_job(&mut tx, &lost, until).await.unwrap());
    assert!(prolong_job(&mut tx, &job, until).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(
        claim_at(store, "three", noon() + Duration::minutes(59)).await,
        None
    );
    finish(store, &job).await;
    assert_eq!(keys(store, JobState::Done).await, ["a"]);
}

pub(crate) async fn a_job_taken_by_name_need_not_be_due_and_is_nobody_elses_meanwhile(store: &TestStore) {
    let due = noon() + Duration::hours(4);
    ask_at(store, "a", "{}", due).await;
    ask_at(store, "b", "{}", due).await;
    let take = async |worker: &str, now: DateTime<Utc>| {
        let mut tx = store.begin().await.unwrap();
        let job = take_job(&mut tx, KIND, "a", worker, now, now + Duration::minutes(10)).await;
        tx.commit().await.unwrap();
        job.unwrap()
    };
    let job = take("one", noon()).await.unwrap();
    assert_eq!((job.key.as_str(), job.run_at), ("a", due));
    assert_eq!(take("two", noon()).await, None);
    assert_eq!(claim(store, "two").await, None);
    let later = noon() + Duration::minutes(10);
    let again = take("two", later).await.unwrap();
    assert_eq!(again.worker, "two");
    finish(store, &again).await;
    assert_eq!(take("three", due).await, None, "it is done");
}

pub(crate) async fn a_failed_job_waits_and_keeps_count_and_reason(store: &TestStore) {
    ask(store, "a").await;
    let job = claim(store, "one").await.unwrap();
    let again = noon() + Duration::seconds(10);
    let mut tx = store.begin().await.unwrap();
    release_job(&mut tx, &job, again, 1, Some(&"long".repeat(1_000)))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    // Asking does not hurry what failed.
    ask(store, "a").await;
    assert_eq!(claim(store, "one").await, None);
    let mut snapshot = store.glance().await.unwrap();
    let listed = list_jobs(&mut snapshot, KIND, JobState::Waiting, 1)
        .await
        .unwrap();
    drop(snapshot);
    assert_eq!((listed[0].attempts, listed[0].run_at), (1, again));
    assert_eq!(listed[0].last_error.as_ref().map(String::len), Some(500));
    assert_eq!(claim_at(store, "one", again).await.unwrap().attempts, 1);
}

pub(crate) async fn a_job_given_up_rests_until_somebody_revives_it(store: &TestStore) {
    for key in ["a", "b"] {
        ask(store, key).await;
        let job = claim(store, "one").await.unwrap();
        let mut tx = store.begin().await.unwrap();
        bury_job(&mut tx, &job, noon(), 12, "no such address")
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(
        claim_at(store, "one", instant("2027-11-23T12:00:00Z")).await,
        None
    );
    // What was asked for again since waits already.
    ask(store, "b").await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(revive_jobs(&mut tx, KIND, noon()).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let mut waiting = keys(store, JobState::Waiting).await;
    waiting.sort();
    assert_eq!(waiting, ["a", "b"]);
    assert_eq!(claim(store, "one").await.unwrap().attempts, 0);
}

pub(crate) async fn workers_that_come_together_never_take_the_same_job(store: &TestStore) {
    for place in 0..40 {
        ask(store, &format!("job-{place}")).await;
    }
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..8 {
        let store = (**store).clone();
        workers.spawn(async move {
            let mut taken = Vec::new();
            while let Some(job) = claim(&store, &format!("worker-{worker}")).await {
                taken.push(job.key);
            }
            taken
        });
    }
    let taken: Vec<String> = workers.join_all().await.into_iter().flatten().collect();
    assert_eq!(taken.len(), 40);
    assert_eq!(taken.into_iter().collect::<BTreeSet<_>>().len(), 40);
}

pub(crate) async fn jobs_that_ended_leave_a_few_at_a_time(store: &TestStore) {
    for key in ["a", "b", "c"] {
        ask(store, key).await;
    }
    for _ in 0..2 {
        let job = claim(store, "one").await.unwrap();
        finish(store, &job).await;
    }
    let mut tx = store.begin().await.unwrap();
    assert_eq!(delete_jobs_before(&mut tx, noon(), 10).await.unwrap(), 0);
    let later = noon() + Duration::microseconds(1);
    assert_eq!(delete_jobs_before(&mut tx, later, 1).await.unwrap(), 1);
    assert_eq!(delete_jobs_before(&mut tx, later, 10).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(keys(store, JobState::Waiting).await, ["c"]);
    assert_eq!(keys(store, jobs::JobState::Done).await, Vec::<String>::new());
}
