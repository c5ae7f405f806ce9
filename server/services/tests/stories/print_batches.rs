//! Notices printed many at a time, cut off at any moment.

use crate::support::{CITY, City, cities, code, number, position, receipt};
use chrono::Duration;
use domain::subject::Address;
use domain::{DebtPosition, Subject};
use services::Services;
use services::clock::Clock;
use services::documents::access::{accesses_to, notice_key};
use services::documents::batch::{
    BatchDetails, BatchError, BatchOrder, BatchPlan, begin_batch, cancel_batch, list_batches, resume_batch,
    show_batch,
};
use services::jobs::{JobKind, drain, run_one};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use storage::document_accesses::Reached;
use storage::print_batches::BatchState;

fn plan(city: &City, volume_notices: u32) -> BatchPlan {
    BatchPlan {
        service: None,
        key_prefix: String::new(),
        due_from: None,
        due_until: None,
        created_from: None,
        created_before: city.clock.now() + Duration::days(1),
        order: BatchOrder::Key,
        languages: None,
        volume_notices,
    }
}

/// Debts with the keys `key-01` …, each of one notice.
async fn owes(city: &City, count: u64) {
    for base in 1..=count {
        let position = DebtPosition {
            key: format!("key-{base:02}"),
            ..position(base)
        };
        city.owes(&position).await;
    }
    // What is chosen was stored before the batch.
    city.clock.advance(Duration::seconds(1));
}

async fn begin(city: &City, volume_notices: u32) -> i64 {
    begin_batch(&city.services, &code(CITY), &plan(city, volume_notices))
        .await
        .unwrap()
}

async fn show(city: &City, id: i64) -> BatchDetails {
    show_batch(&city.services, id).await.unwrap()
}

async fn step(services: &Services) -> bool {
    run_one(services, JobKind::PrintBatch, "worker").await.unwrap()
}

async fn finish(city: &City, id: i64) -> BatchDetails {
    drain(&city.services, &[JobKind::PrintBatch], "worker", 1_000)
        .await
        .unwrap();
    let details = show(city, id).await;
    assert_eq!(details.batch.state, BatchState::Done, "{details:?}");
    details
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The keys in the index, and how each ended.
fn index(details: &BatchDetails) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(details.folder.join("indice.csv")).unwrap();
    let text = text.strip_prefix('\u{feff}').unwrap();
    let mut lines = text.split("\r\n");
    let head: Vec<&str> = lines.next().unwrap().split(';').collect();
    let place = |name: &str| head.iter().position(|column| *column == name).unwrap();
    let (key, result) = (place("chiave"), place("esito"));
    lines
        .filter(|line| !line.is_empty())
        .map(|line| {
            let cells: Vec<&str> = line.split(';').collect();
            assert_eq!(cells.len(), head.len(), "{line}");
            (cells[key].to_owned(), cells[result].to_owned())
        })
        .collect()
}

fn printed(count: u64) -> Vec<(String, String)> {
    (1..=count)
        .map(|base| (format!("key-{base:02}"), "printed".to_owned()))
        .collect()
}

/// Everything printed once: the index, the counts, the files and what was noted agree.
async fn is_whole(city: &City, details: &BatchDetails, count: u64) {
    assert_eq!(index(details), printed(count));
    let batch = &details.batch;
    assert_eq!((batch.chosen, batch.printed, batch.refused), (count, count, 0));
    let mut expected: Vec<String> = Vec::new();
    for volume in &details.volumes {
        let (name, digest) = volume.file.clone().unwrap();
        let bytes = std::fs::read(details.folder.join(&name)).unwrap();
        assert_eq!(<[u8; 32]>::from(Sha256::digest(&bytes)), digest);
        assert_eq!(bytes.len() as u64, volume.bytes);
        expected.push(name);
    }
    expected.push("indice.csv".to_owned());
    assert_eq!(names(&details.folder), expected);
    for base in 1..=count {
        let key = notice_key(&code(CITY), &number(base));
        let accesses = accesses_to(&city.services, &key).await.unwrap();
        assert_eq!(accesses.len(), 1, "{base}");
        assert_eq!(accesses[0].reached, Reached::Batch);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_becomes_volumes_with_an_index_that_only_its_owner_reads() {
    for city in cities().await {
        owes(&city, 7).await;
        let id = begin(&city, 3).await;
        let details = finish(&city, id).await;
        is_whole(&city, &details, 7).await;
        let of_volume: Vec<u64> = details.volumes.iter().map(|volume| volume.printed).collect();
        assert_eq!(of_volume, [3, 3, 1]);
        assert_eq!(details.batch.pages, 7);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&details.folder), 0o700);
            for name in names(&details.folder) {
                assert_eq!(mode(&details.folder.join(&name)), 0o600, "{name}");
            }
        }
        let listed = list_batches(&city.services, &code(CITY)).await.unwrap();
        assert_eq!(listed, [details.batch]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_gone_on_with_after_its_worker_died_at_any_moment() {
    for city in cities().await {
        owes(&city, 24).await;
        let id = begin(&city, 1).await;
        for milliseconds in [0, 1, 2, 4, 6, 9, 13, 20, 30] {
            let services = city.services.clone();
            let worker = format!("worker-{milliseconds}");
            let work = tokio::spawn(async move {
                drain(&services, &[JobKind::PrintBatch], &worker, 2)
                    .await
                    .unwrap();
            });
            tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
            work.abort();
            let _ = work.await;
            // The job is anybody's once its lease is over.
            city.clock.advance(Duration::minutes(11));
        }
        let details = show(&city, id).await;
        // What a power cut leaves of a volume that was never recorded.
        std::fs::create_dir_all(&details.folder).unwrap();
        for left in [".unfinished-0001-gone", "avvisi-0001-00000000.pdf"] {
            std::fs::write(details.folder.join(left), "half").unwrap();
        }
        assert_eq!(
            details.batch.state,
            BatchState::Running,
            "it was cut off too late"
        );
        let details = finish(&city, id).await;
        is_whole(&city, &details, 24).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_print_a_batch_once() {
    for city in cities().await {
        owes(&city, 20).await;
        let id = begin(&city, 1).await;
        let city = std::sync::Arc::new(city);
        let mut workers = tokio::task::JoinSet::new();
        for place in 0..2 {
            let services = city.another_server().await;
            workers.spawn(async move {
                let worker = format!("server-{place}");
                for _ in 0..200 {
                    run_one(&services, JobKind::PrintBatch, &worker).await.unwrap();
                    tokio::task::yield_now().await;
                }
            });
        }
        workers.join_all().await;
        let details = show(&city, id).await;
        assert_eq!(details.batch.state, BatchState::Done);
        is_whole(&city, &details, 20).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_lease_ran_out_while_it_drew_changes_nothing() {
    for city in cities().await {
        owes(&city, 4).await;
        let id = begin(&city, 2).await;
        assert!(step(&city.services).await, "chosen");
        // Both hold the job, each believing the other gone.
        let other = city.another_server().await;
        let slow = {
            let services = city.services.clone();
            tokio::spawn(async move { run_one(&services, JobKind::PrintBatch, "slow").await.unwrap() })
        };
        tokio::task::yield_now().await;
        city.clock.advance(Duration::minutes(11));
        run_one(&other, JobKind::PrintBatch, "quick").await.unwrap();
        slow.await.unwrap();
        city.clock.advance(Duration::minutes(11));
        let details = finish(&city, id).await;
        is_whole(&city, &details, 4).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_printed_is_told_and_the_batch_goes_on() {
    for city in cities().await {
        owes(&city, 4).await;
        let wordy = DebtPosition {
            key: "key-05".to_owned(),
            description: "x".repeat(141),
            debtor: Subject {
                address: Address {
                    city: Some("Genova".to_owned()),
                    ..Address::default()
                },
                ..position(5).debtor
            },
            ..position(5)
        };
        city.owes(&wordy).await;
        city.clock.advance(Duration::seconds(1));
        let id = begin(&city, 2).await;
        assert!(step(&city.services).await, "chosen");
        for (base, receipt_id) in [(1, "r1"), (2, "r2")] {
            city.deliver(&receipt(receipt_id, base)).await;
        }
        let details = finish(&city, id).await;
        let expected = [
            ("key-01", "refused"),
            ("key-02", "refused"),
            ("key-03", "printed"),
            ("key-04", "printed"),
            ("key-05", "refused"),
        ];
        let expected = expected.map(|(key, result)| (key.to_owned(), result.to_owned()));
        assert_eq!(index(&details), expected);
        assert_eq!((details.batch.printed, details.batch.refused), (2, 3));
        let files: Vec<bool> = details
            .volumes
            .iter()
            .map(|volume| volume.file.is_some())
            .collect();
        assert_eq!(files, [false, true, false], "no file without a notice");
        assert_eq!(details.refused.len(), 3);
        assert!(
            details.refused[0].contains(";nothing_to_pay;"),
            "{:?}",
            details.refused
        );
        assert!(details.refused[2].contains(";too_long;"), "{:?}", details.refused);
        assert!(
            details.refused[2].contains(";Genova;"),
            "who owes is told where they live"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_batch_rests_until_it_is_gone_on_with() {
    for city in cities().await {
        owes(&city, 3).await;
        let id = begin(&city, 1).await;
        assert!(step(&city.services).await, "chosen");
        assert!(step(&city.services).await, "the first volume");
        cancel_batch(&city.services, id).await.unwrap();
        cancel_batch(&city.services, id).await.unwrap();
        assert!(step(&city.services).await, "the job ends");
        assert!(!step(&city.services).await);
        let stopped = show(&city, id).await;
        assert_eq!(
            (stopped.batch.state, stopped.batch.printed),
            (BatchState::Cancelled, 1)
        );
        resume_batch(&city.services, id).await.unwrap();
        let details = finish(&city, id).await;
        is_whole(&city, &details, 3).await;
        for over in [
            resume_batch(&city.services, id).await,
            cancel_batch(&city.services, id).await,
        ] {
            assert!(matches!(over, Err(BatchError::Done(_))), "{over:?}");
        }
        let none = resume_batch(&city.services, id + 99).await;
        assert!(matches!(none, Err(BatchError::NotFound(_))), "{none:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_written_in_holds_the_batch_up_and_is_told() {
    for city in cities().await {
        owes(&city, 1).await;
        let id = begin(&city, 1).await;
        assert!(step(&city.services).await, "chosen");
        let folder = show(&city, id).await.folder;
        std::fs::write(&folder, "a file in its place").unwrap();
        assert!(step(&city.services).await);
        assert!(!step(&city.services).await, "it waits");
        let held_up = show(&city, id).await.held_up.unwrap().last_error.unwrap();
        assert!(held_up.contains("cannot write in"), "{held_up}");
        std::fs::remove_file(&folder).unwrap();
        city.clock.advance(Duration::minutes(1));
        let details = finish(&city, id).await;
        is_whole(&city, &details, 1).await;
        assert_eq!(details.held_up, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_nothing_is_done_at_once() {
    for city in cities().await {
        let id = begin(&city, 1).await;
        let details = finish(&city, id).await;
        assert_eq!((details.batch.chosen, details.volumes.len()), (0, 0));
        assert!(!details.folder.exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_makes_no_sense_is_refused() {
    for city in cities().await {
        let begin = async |institution: &str, change: fn(&mut BatchPlan)| {
            let mut plan = plan(&city, 1);
            change(&mut plan);
            begin_batch(&city.services, &code(institution), &plan).await
        };
        let refused = begin("99999999999", |_| ()).await;
        assert!(matches!(refused, Err(BatchError::NoInstitution(_))));
        let refused = begin(CITY, |plan| plan.service = Some("none".to_owned())).await;
        assert!(matches!(refused, Err(BatchError::NoService { .. })));
        for notices in [0, 2_001] {
            let mut plan = plan(&city, notices);
            plan.service = Some("mensa".to_owned());
            let refused = begin_batch(&city.services, &code(CITY), &plan).await;
            assert!(matches!(refused, Err(BatchError::VolumeNotices)), "{notices}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailing_goes_by_postal_code_then_name() {
    for city in cities().await {
        for (base, postal_code, name) in [
            (1, Some("20121"), "Alba Rita"),
            (2, Some("16121"), "Rossi Ada"),
            (3, None, "Abba Ivo"),
            (4, Some("16121"), "bianchi Ugo"),
        ] {
            let mut position = DebtPosition {
                key: format!("key-{base:02}"),
                ..position(base)
            };
            position.debtor.full_name = name.to_owned();
            position.debtor.address.postal_code = postal_code.map(str::to_owned);
            city.owes(&position).await;
        }
        city.clock.advance(Duration::seconds(1));
        let plan = BatchPlan {
            order: BatchOrder::PostalCode,
            ..plan(&city, 10)
        };
        let id = begin_batch(&city.services, &code(CITY), &plan).await.unwrap();
        let details = finish(&city, id).await;
        let keys: Vec<String> = index(&details).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["key-04", "key-02", "key-01", "key-03"]);
    }
}
