//! Files of debts: checked, applied, stopped, cut off at any moment and gone on with.

use crate::support::{CITY, City, MARIO, cities, code, receipt, services_on};
use chrono::Duration;
use domain::account::{Account, Credit};
use domain::application::{Application, Grant, Scope};
use domain::{Cents, DebtPositionStatus};
use services::Services;
use services::caller::Caller;
use services::clock::FrozenClock;
use services::imports::{
    Applied, Checked, Imports, ReceiveError, Received, Receiving, Watched, Wish, change_import,
    look_at_folders, outcome_of, show_import,
};
use services::jobs::{JobKind, run_one};
use services::tariffs::TariffBook;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use storage::applications::insert_application;
use storage::audit::Actor;
use storage::debt_positions::find_position;
use storage::imports::{Import, ImportState};
use storage::testing::asked_at_most;
use storage::{Store, StoreOptions};

const HEAD: &str =
    "operation;key;replaces;service;debtor_code;debtor_name;description;amount;due_on;transfer1_account\n";

fn row(operation: &str, key: &str, amount: &str) -> String {
    format!("{operation};{key};;mensa;{MARIO};Mario Rossi;Mensa di ottobre;{amount};31/12/2026;MENSA\n")
}

fn application(services: Option<&[&str]>) -> Application {
    let services = services.map(|services| services.iter().map(ToString::to_string).collect());
    Application {
        id: "mense".to_owned(),
        institution: code(CITY),
        name: "Gestionale mense".to_owned(),
        grants: vec![Grant {
            scope: Scope::LoadFiles,
            services,
        }],
        numbers: Vec::new(),
        requests_per_minute: 100,
        certificate: None,
        active: true,
    }
}

fn accounts() -> TariffBook {
    let account = Account {
        institution: code(CITY),
        key: "MENSA".to_owned(),
        beneficiary: code(CITY),
        credit: Credit::Iban {
            iban: "IT60X0542811101000000123456".parse().unwrap(),
            postal_iban: None,
        },
    };
    TariffBook::compile(Vec::new(), None, vec![account]).unwrap()
}

/// Every engine at hand, with a program that may load files.
async fn loading_cities() -> Vec<(City, Caller)> {
    let mut with = Vec::new();
    for mut city in cities().await {
        city.services.tariffs = Arc::new(accounts());
        let mut tx = city.services.store.begin().await.unwrap();
        let application = application(None);
        insert_application(&mut tx, &application, city.services.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let caller = Caller::new(Arc::new(application), None);
        with.push((city, caller));
    }
    with
}

fn actor() -> Actor {
    Actor::Application("mense".to_owned())
}

async fn send(
    city: &City,
    caller: &Caller,
    text: &str,
    is_unattended: bool,
) -> Result<Received, ReceiveError> {
    let mut receiving = Receiving::begin(&city.services, caller).await?;
    for piece in text.as_bytes().chunks(1_000) {
        receiving.take(piece).await?;
    }
    receiving
        .keep(&city.services, caller, actor(), "mense.csv", is_unattended)
        .await
}

async fn work(services: &Services) -> bool {
    run_one(services, JobKind::Import, "worker").await.unwrap()
}

async fn load(city: &City, caller: &Caller, text: &str) -> Import {
    let received = send(city, caller, text, true).await.unwrap();
    while Box::pin(work(&city.services)).await {}
    show_import(&city.services, caller, received.import.id)
        .await
        .unwrap()
}

/// The outcome file, a line for each row: its number, and its cells.
async fn outcome(city: &City, caller: &Caller, id: i64) -> BTreeMap<u64, Vec<String>> {
    let mut file = outcome_of(&city.services, caller, id).await.unwrap();
    let mut text = String::new();
    while let Some(piece) = file.next().await.unwrap() {
        text += std::str::from_utf8(&piece).unwrap();
    }
    let mut rows = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<String> = line.split(';').map(str::to_owned).collect();
        let before = rows.insert(cells[0].parse().unwrap(), cells);
        assert_eq!(before, None, "a row has one outcome");
    }
    rows
}

async fn status(city: &City, key: &str) -> Option<DebtPositionStatus> {
    let mut snapshot = city.services.store.read().await.unwrap();
    let found = find_position(&mut snapshot, &code(CITY), key).await.unwrap();
    found.map(|stored| stored.position.status)
}

async fn amount(city: &City, key: &str) -> Cents {
    let mut snapshot = city.services.store.read().await.unwrap();
    let found = find_position(&mut snapshot, &code(CITY), key).await.unwrap();
    found.unwrap().position.options[0].instalments[0].amount
}

#[tokio::test]
async fn a_file_is_checked_then_applied_when_somebody_says_so() {
    for (city, caller) in loading_cities().await {
        let mut text = HEAD.to_owned();
        for number in 0..300 {
            text += &row(
                "",
                &format!("K{number}"),
                if number == 7 { "1.234" } else { "12,50" },
            );
        }
        text += &row("", "K7x", "0");
        text += &row("insert", "K8", "99");
        let received = send(&city, &caller, &text, false).await.unwrap();
        while work(&city.services).await {}
        let import = show_import(&city.services, &caller, received.import.id)
            .await
            .unwrap();
        assert_eq!(import.state, ImportState::Checked);
        let checked: Checked = import.read_checked().unwrap();
        assert_eq!(
            (checked.debts, checked.right, checked.wrong, checked.repeated),
            (302, 300, 2, 1)
        );
        let findings: Vec<(u64, &str)> = checked
            .findings
            .iter()
            .map(|finding| (finding.row, finding.code.as_str()))
            .collect();
        assert_eq!(
            findings,
            [(9, "ambiguous_amount"), (302, "amount"), (303, "repeated_key")]
        );
        assert_eq!(status(&city, "K0").await, None, "checking writes nothing");

        change_import(&city.services, &caller, actor(), import.id, Wish::Apply)
            .await
            .unwrap();
        while work(&city.services).await {}
        let import = show_import(&city.services, &caller, import.id).await.unwrap();
        assert_eq!(import.state, ImportState::Done);
        let applied: Applied = import.read_applied().unwrap();
        assert_eq!(
            (applied.inserted, applied.refused, applied.debts()),
            (299, 3, 302)
        );
        let outcome = outcome(&city, &caller, import.id).await;
        assert_eq!(outcome.len(), 302);
        assert_eq!(outcome[&9][4], "ambiguous_amount");
        assert_eq!(outcome[&303][4], "already_there");
        assert_eq!(outcome[&2][3], "inserted");
        assert_eq!(outcome[&2][7].len(), 18);
        assert_eq!(amount(&city, "K8").await, Cents::new(1250));
    }
}

#[tokio::test]
async fn the_same_file_twice_is_one_import_until_it_came_to_nothing() {
    for (city, caller) in loading_cities().await {
        let text = format!("{HEAD}{}", row("", "A", "1"));
        let first = send(&city, &caller, &text, false).await.unwrap();
        let again = send(&city, &caller, &text, false).await.unwrap();
        assert!(!first.is_known && again.is_known);
        assert_eq!(first.import.id, again.import.id);
        change_import(&city.services, &caller, actor(), first.import.id, Wish::Cancel)
            .await
            .unwrap();
        let third = send(&city, &caller, &text, false).await.unwrap();
        assert!(!third.is_known);
        let left = std::fs::read_dir(&city.services.imports.folder).unwrap().count();
        assert_eq!(left, 1, "nothing half-written is left");
    }
}

#[tokio::test]
async fn each_operation_does_what_it_does_elsewhere_and_a_bad_row_blocks_no_other() {
    for (city, caller) in loading_cities().await {
        let first: String = ["A", "B", "C", "D", "E"]
            .iter()
            .map(|key| row("insert", key, "10"))
            .collect();
        load(&city, &caller, &format!("{HEAD}{first}")).await;
        let mut second = HEAD.to_owned();
        second += &row("insert", "A", "10");
        second += &row("insert", "B", "20");
        second += &row("update", "Z", "30");
        second += &row("update", "B", "30");
        second += "cancel;C;;;;;;;;\n";
        second += "cancel;Y;;;;;;;;\n";
        let _ = writeln!(
            second,
            "replace;D2;D;mensa;{MARIO};Mario Rossi;Mensa di ottobre;40;31/12/2026;MENSA"
        );
        second += &row("put", "E", "50");
        second += &row("put", "F", "60");
        second += &row("insert", "G", "70");
        second += &row("insert", "C", "10");
        let import = load(&city, &caller, &second).await;
        let outcome = outcome(&city, &caller, import.id).await;
        let told: Vec<(&str, &str)> = outcome
            .values()
            .map(|cells| (cells[3].as_str(), cells[4].as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("unchanged", ""),
                ("refused", "already_there"),
                ("refused", "not_there"),
                ("updated", ""),
                ("cancelled", ""),
                ("refused", "not_there"),
                ("replaced", ""),
                ("updated", ""),
                ("inserted", ""),
                ("inserted", ""),
                ("refused", "cancelled"),
            ]
        );
        assert_eq!(amount(&city, "B").await, Cents::new(3000));
        assert_eq!(amount(&city, "E").await, Cents::new(5000));
        assert!(matches!(
            status(&city, "C").await,
            Some(DebtPositionStatus::Cancelled { .. })
        ));
        assert!(matches!(
            status(&city, "D").await,
            Some(DebtPositionStatus::Replaced { .. })
        ));
        assert!(matches!(
            status(&city, "D2").await,
            Some(DebtPositionStatus::Open { .. })
        ));
    }
}

#[tokio::test]
async fn where_nothing_can_be_done_of_a_row_it_is_told_why() {
    let head = HEAD.replace('\n', ";draft\n");
    let hidden = |row: String| row.replace('\n', ";true\n");
    let shown = |row: String| row.replace('\n', ";\n");
    let cancel = |key: &str| format!("cancel;{key};;;;;;;;;\n");
    let replace =
        |key: &str, by: &str| shown(row("replace", by, "10").replacen(";;", &format!(";{key};"), 1));
    for (city, caller) in loading_cities().await {
        let mut first = head.clone();
        for key in ["OPEN", "PAID", "PARTLY", "PARTLY", "GONE", "OLD"] {
            first += &shown(row("insert", key, "10"));
        }
        first += &hidden(row("insert", "HIDDEN", "10"));
        load(&city, &caller, &first).await;
        load(
            &city,
            &caller,
            &(head.clone() + &cancel("GONE") + &replace("OLD", "NEW")),
        )
        .await;
        for key in ["PAID", "PARTLY"] {
            pay(&city, key).await;
        }
        let refused = [
            (shown(row("insert", "OPEN", "20")), "already_there"),
            (cancel("NONE"), "not_there"),
            (cancel("PAID"), "already_paid"),
            (cancel("PARTLY"), "partly_paid"),
            (shown(row("update", "GONE", "20")), "cancelled"),
            (cancel("OLD"), "replaced"),
            (replace("HIDDEN", "OTHER"), "unpublished"),
            (hidden(row("put", "OPEN", "20")), "already_published"),
        ];
        let mut second = head.clone();
        second.extend(refused.iter().map(|(row, _)| row.as_str()));
        let import = load(&city, &caller, &second).await;
        let outcome = outcome(&city, &caller, import.id).await;
        let told: Vec<&str> = outcome.values().map(|cells| cells[4].as_str()).collect();
        assert_eq!(told, refused.map(|(_, code)| code));
    }
}

/// Pays the first notice of a position.
async fn pay(city: &City, key: &str) {
    let mut snapshot = city.services.store.read().await.unwrap();
    let found = find_position(&mut snapshot, &code(CITY), key).await.unwrap();
    drop(snapshot);
    let position = found.unwrap().position;
    let notice = &position.options[0].instalments[0];
    let mut receipt = receipt(&format!("r-{key}"), 1);
    receipt.notice_number = notice.notice_number.clone();
    receipt.iuv = notice.iuv.clone();
    city.deliver(&receipt).await;
}

#[tokio::test]
async fn the_services_of_each_row_must_be_granted() {
    for (city, caller) in loading_cities().await {
        let mut narrow = application(Some(&["cie"]));
        narrow.id = "altro".to_owned();
        let mut tx = city.services.store.begin().await.unwrap();
        insert_application(&mut tx, &narrow, city.services.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let narrow = Caller::new(Arc::new(narrow), None);
        let text = format!(
            "{HEAD}{}{}",
            row("", "A", "1"),
            row("", "B", "1").replace("mensa;", "none;")
        );
        let received = send(&city, &narrow, &text, true).await.unwrap();
        while work(&city.services).await {}
        let outcome = outcome(&city, &narrow, received.import.id).await;
        assert_eq!(outcome[&2][4], "forbidden_service");
        assert_eq!(outcome[&3][4], "unknown_service");
        assert!(
            show_import(&city.services, &caller, received.import.id)
                .await
                .is_ok()
        );
    }
}

#[tokio::test]
async fn what_cannot_be_a_file_of_debts_is_refused_as_it_comes_and_leaves_nothing() {
    for (mut city, caller) in loading_cities().await {
        for (bytes, code) in [
            ("%PDF-1.7", "file_pdf"),
            ("", "file_empty"),
            ("PK\u{3}\u{4}x", "file_compressed"),
        ] {
            match send(&city, &caller, bytes, true).await {
                Err(ReceiveError::Refused(refused)) => assert_eq!(refused.code(), code),
                other => panic!("{other:?}"),
            }
        }
        city.services.imports = Arc::new(Imports {
            file_bytes_max: 3_000,
            ..(*city.services.imports).clone()
        });
        let large = format!("{HEAD}{}", row("", "A", "1").repeat(100));
        let refused = send(&city, &caller, &large, true).await;
        assert!(
            matches!(refused, Err(ReceiveError::TooLarge(3_000))),
            "{refused:?}"
        );
        assert_eq!(
            std::fs::read_dir(&city.services.imports.folder).unwrap().count(),
            0
        );
    }
}

#[tokio::test]
async fn an_import_is_stopped_for_a_while_and_for_good() {
    for (city, caller) in loading_cities().await {
        let mut text = HEAD.to_owned();
        for number in 0..400 {
            text += &row("", &format!("K{number}"), "1");
        }
        let id = send(&city, &caller, &text, true).await.unwrap().import.id;
        // Cut off after it wrote something and before it wrote all.
        for polls in 1.. {
            let _ = asked_at_most(polls, Box::pin(work(&city.services))).await;
            city.clock.advance(Duration::minutes(11));
            let import = show_import(&city.services, &caller, id).await.unwrap();
            if import.chunks > 0 {
                break;
            }
        }
        let paused = change_import(&city.services, &caller, actor(), id, Wish::Pause)
            .await
            .unwrap();
        assert!(
            paused.state == ImportState::Paused,
            "it was not stopped: {:?}",
            paused.state
        );
        while work(&city.services).await {}
        let still = show_import(&city.services, &caller, id).await.unwrap();
        assert_eq!((still.state, still.chunks), (ImportState::Paused, paused.chunks));
        change_import(&city.services, &caller, actor(), id, Wish::Resume)
            .await
            .unwrap();
        change_import(&city.services, &caller, actor(), id, Wish::Cancel)
            .await
            .unwrap();
        while work(&city.services).await {}
        let import = show_import(&city.services, &caller, id).await.unwrap();
        assert_eq!(import.state, ImportState::Cancelled);
        assert!(
            change_import(&city.services, &caller, actor(), id, Wish::Resume)
                .await
                .is_err()
        );
        let applied: Applied = import.read_applied().unwrap();
        assert_eq!(outcome(&city, &caller, id).await.len() as u64, applied.inserted);
    }
}

#[tokio::test]
async fn cut_off_at_any_moment_nothing_is_lost_and_nothing_is_done_twice() {
    for (city, caller) in loading_cities().await {
        let mut text = HEAD.to_owned();
        for number in 0..900 {
            text += &row(
                "",
                &format!("K{number}"),
                if number % 100 == 50 { "-1" } else { "1" },
            );
            if number % 200 == 150 {
                text += &row("insert", &format!("K{}", number - 99), "2");
            }
        }
        let id = send(&city, &caller, &text, true).await.unwrap().import.id;
        let mut cuts = 0;
        for polls in (3..).step_by(2) {
            match asked_at_most(polls, Box::pin(work(&city.services))).await {
                Some(true) => {}
                // The connection somebody was cut off on may still hold the job while it closes.
                Some(false) => {
                    let import = show_import(&city.services, &caller, id).await.unwrap();
                    if import.state.is_over() {
                        break;
                    }
                }
                None => cuts += 1,
            }
            // Whoever held it is gone: it is anybody's.
            city.clock.advance(Duration::minutes(11));
        }
        assert!(cuts > 5, "it was cut off {cuts} times");
        let import = show_import(&city.services, &caller, id).await.unwrap();
        assert_eq!(import.state, ImportState::Done);
        let outcome = outcome(&city, &caller, id).await;
        assert_eq!(
            outcome.keys().copied().collect::<Vec<u64>>(),
            (2..=905).collect::<Vec<u64>>()
        );
        let inserted = outcome.values().filter(|cells| cells[3] == "inserted").count();
        let applied: Applied = import.read_applied().unwrap();
        assert_eq!((inserted, applied.inserted, applied.debts()), (891, 891, 904));
        let numbers: std::collections::BTreeSet<&str> = outcome
            .values()
            .filter(|cells| cells[3] == "inserted")
            .map(|cells| cells[7].as_str())
            .collect();
        assert_eq!(numbers.len(), inserted, "no number is given twice");
    }
}

#[tokio::test]
async fn a_watched_folder_is_emptied_file_by_file() {
    for (city, _) in loading_cities().await {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let has = |name: &str| folder.path().join(name).exists();
        write("a.csv", &format!("{HEAD}{}", row("", "A", "1")));
        write("b.csv", "%PDF");
        write("c.csv", &format!("{HEAD}{}", row("", "C", "1")));
        write("c.csv.ready", "");
        write("d.csv.part", "half");
        let mut watched = [Watched::new(folder.path().to_owned(), "mense".to_owned())];
        look_at_folders(&city.services, &mut watched).await.unwrap();
        while work(&city.services).await {}
        assert!(
            status(&city, "C").await.is_some(),
            "what is ready is taken at once"
        );
        assert!(status(&city, "A").await.is_none(), "what may still grow is not");
        look_at_folders(&city.services, &mut watched).await.unwrap();
        while work(&city.services).await {}
        look_at_folders(&city.services, &mut watched).await.unwrap();
        assert!(status(&city, "A").await.is_some());
        for name in [
            "done/a.csv",
            "done/a.csv.outcome.csv",
            "done/c.csv",
            "refused/b.csv",
            "refused/b.csv.txt",
            "d.csv.part",
        ] {
            assert!(has(name), "{name}");
        }
        for name in ["a.csv", "b.csv", "c.csv", "c.csv.ready"] {
            assert!(!has(name), "{name}");
        }
    }
}

/// Tells the other process which archive and folder to work on.
const CHILD: &str = "LANTERNA_TEST_IMPORT";

/// Not a test by itself: what the process does that is killed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the test that kills it"]
#[expect(
    clippy::disallowed_methods,
    reason = "a process is told by a variable what to do"
)]
async fn a_process_that_will_be_killed() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let [url, folder, now] = told.split('|').collect::<Vec<_>>()[..] else {
        panic!("{told}");
    };
    let store = Store::connect(url, StoreOptions::default()).await.unwrap();
    let clock = Arc::new(FrozenClock::at(now.parse().unwrap()));
    let services = services_on(store, clock, Arc::default(), std::path::Path::new(folder));
    let services = Services {
        tariffs: Arc::new(accounts()),
        imports: Arc::new(Imports {
            folder: folder.into(),
            ..Imports::default()
        }),
        ..services
    };
    while run_one(&services, JobKind::Import, "child").await.unwrap() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_a_third_at_two_thirds_and_at_the_end_it_goes_on_and_nothing_is_done_twice() {
    const ROWS: u64 = 12_000;
    for (city, caller) in loading_cities().await {
        let mut text = HEAD.to_owned();
        for number in 0..ROWS {
            text += &row("", &format!("K{number}"), "1");
        }
        let id = send(&city, &caller, &text, true).await.unwrap().import.id;
        let mut killed = 0;
        for percent in [30, 60, 97] {
            city.clock.advance(Duration::minutes(11));
            let told = format!(
                "{}|{}|{}",
                city.url(),
                city.services.imports.folder.display(),
                city.services.clock.now().to_rfc3339()
            );
            let mut child = std::process::Command::new(std::env::current_exe().unwrap())
                .args([
                    "--exact",
                    "imports::a_process_that_will_be_killed",
                    "--ignored",
                    "--nocapture",
                ])
                .env(CHILD, told)
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap();
            loop {
                let import = show_import(&city.services, &caller, id).await.unwrap();
                if import.place_row * 100 >= ROWS * percent {
                    break;
                }
                assert!(
                    child.try_wait().unwrap().is_none(),
                    "it ended by itself at row {}",
                    import.place_row
                );
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            // SIGKILL: nothing is tidied up.
            child.kill().unwrap();
            child.wait().unwrap();
            killed += i32::from(
                show_import(&city.services, &caller, id).await.unwrap().state == ImportState::Applying,
            );
        }
        assert!(killed >= 2, "it was killed {killed} times while it worked");
        city.clock.advance(Duration::minutes(11));
        while work(&city.services).await {}
        let import = show_import(&city.services, &caller, id).await.unwrap();
        assert_eq!(import.state, ImportState::Done);
        let applied: Applied = import.read_applied().unwrap();
        assert_eq!((applied.inserted, applied.debts()), (ROWS, ROWS));
        let outcome = outcome(&city, &caller, id).await;
        assert_eq!(
            outcome.keys().copied().collect::<Vec<u64>>(),
            (2..ROWS + 2).collect::<Vec<u64>>()
        );
        let numbers: std::collections::BTreeSet<&str> =
            outcome.values().map(|cells| cells[7].as_str()).collect();
        assert_eq!(numbers.len() as u64, ROWS, "no number is given twice");
    }
}
