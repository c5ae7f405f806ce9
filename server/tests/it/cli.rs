//! Every command of the program, as people and scripts run it.

use crate::support::city::{INSTITUTIONS, free_address};
use crate::support::messages::{COMPANY, MUNICIPALITY, STRANGER, delivery, number, receipt};
use crate::support::program::{Said, Server, configuration, deliver, lanterna, run};
use crate::support::{engines, skipped};
use domain::Cents;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use storage::testing::TestStore;

/// The only line on standard output, as JSON.
fn json(said: &Said) -> Value {
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    serde_json::from_str(&said.out).unwrap()
}

#[test]
fn a_text_gets_the_citizens_verdict() {
    for (text, verdict, notice, iuv, reason) in [
        (
            "312202600000001787",
            "notice_number",
            Some("312202600000001787"),
            Some("12202600000001787"),
            None,
        ),
        (
            "3122 0260 0000 0017 87",
            "notice_number",
            Some("312202600000001787"),
            Some("12202600000001787"),
            None,
        ),
        (
            "3122.0260-0000/0017 87",
            "notice_number",
            Some("312202600000001787"),
            Some("12202600000001787"),
            None,
        ),
        (
            "PAGOPA|002|312202600000001787|00856930102|12050",
            "notice_number",
            Some("312202600000001787"),
            Some("12202600000001787"),
            None,
        ),
        (
            "https://example.it/paga?codice=312202600000001787",
            "notice_number",
            Some("312202600000001787"),
            Some("12202600000001787"),
            None,
        ),
        (
            "001000000000000141",
            "notice_number",
            Some("001000000000000141"),
            Some("000000000000141"),
            None,
        ),
        ("12202600000001787", "iuv", None, Some("12202600000001787"), None),
        ("340000013900808", "iuv", None, Some("340000013900808"), None),
        (
            "3122026OOOOOOOI787",
            "correction",
            Some("312202600000001787"),
            Some("12202600000001787"),
            None,
        ),
        (
            "312202600000001788",
            "refused",
            None,
            None,
            Some("wrong_check_digits"),
        ),
        (
            "912202600000001787",
            "refused",
            None,
            None,
            Some("unknown_first_digit"),
        ),
        ("31220260000000178", "iuv", None, Some("31220260000000178"), None),
        ("3122026000000017", "refused", None, None, Some("too_few_digits")),
        ("4111 1111 1111 1111", "refused", None, None, Some("card_number")),
        ("00856930102", "refused", None, None, Some("creditor_code")),
        (
            "RSSMRA85T10A562S",
            "refused",
            None,
            None,
            Some("personal_fiscal_code"),
        ),
        ("IT60X0542811101000000123456", "refused", None, None, Some("iban")),
        ("", "refused", None, None, Some("empty")),
        ("-1", "refused", None, None, Some("too_few_digits")),
    ] {
        let said = json(&run(&["code", text]));
        let expected =
            serde_json::json!({"verdict": verdict, "notice_number": notice, "iuv": iuv, "reason": reason});
        assert_eq!(said, expected, "{text}");
    }
}

#[test]
fn the_demo_lists_its_notices_for_programs_and_for_people() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = format!("sqlite:{}", folder.path().join("none.db").display());
    let list = json(&run(&["demo", "codes", "--json", "--database", &nowhere]));
    let codes = list.as_array().unwrap();
    let keys = [
        "notice_number",
        "institution",
        "broker",
        "station",
        "state",
        "payable",
        "about",
    ];
    for code in codes {
        let object = code.as_object().unwrap();
        assert_eq!(object.len(), keys.len(), "{code}");
        assert!(keys.iter().all(|key| object.contains_key(*key)), "{code}");
        assert_eq!(code["notice_number"].as_str().unwrap().len(), 18);
        assert_eq!(
            code["payable"],
            matches!(code["state"].as_str().unwrap(), "payable" | "overdue"),
            "{code}"
        );
    }
    for state in [
        "payable",
        "overdue",
        "not_yet_payable",
        "paid",
        "other_option_chosen",
        "cancelled",
        "replaced",
        "expired",
        "draft",
    ] {
        assert!(codes.iter().any(|code| code["state"] == state), "{state}");
    }
    assert!(codes.iter().filter(|code| code["payable"] == true).count() >= 6);
    let institutions: std::collections::BTreeSet<_> =
        codes.iter().map(|code| code["institution"].as_str()).collect();
    assert_eq!(institutions.len(), 3);

    let said = run(&["demo", "codes", "--database", &nowhere]);
    assert_eq!(said.code, Some(0));
    assert_eq!(said.out.lines().count(), codes.len());
    assert!(
        !Path::new(nowhere.strip_prefix("sqlite:").unwrap()).exists(),
        "looking makes nothing"
    );
}

#[test]
fn an_archive_is_made_once_and_migrated_as_often_as_asked() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("lanterna.db").display());
    for _ in 0..2 {
        let said = run(&["migrate", "--database", &database]);
        assert_eq!(
            (said.code, said.out),
            (Some(0), format!("{database} is at this version\n"))
        );
    }
}

/// A text that stands where a setting is.
fn changed(file: &Path, from: &str, to: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from}");
    let other = file.with_file_name("changed.toml");
    std::fs::write(&other, text.replace(from, to)).unwrap();
    other.display().to_string()
}

#[test]
fn a_configuration_is_summed_up_or_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = configuration(folder.path(), "postgres://lanterna:s3cret@db.example/lanterna");
    let said = run(&["check-config", "--config", file.to_str().unwrap()]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(
        said.out.contains("valid") && said.out.contains("3 institutions, 19 services"),
        "{}",
        said.out
    );
    assert!(!said.out.contains("s3cret"));
    assert!(said.out.contains("links last 15 minutes"), "{}", said.out);

    for (from, to, reason) in [
        (
            "checkout.url",
            "gpd.url",
            "hub.products.checkout is missing: without it nobody can pay",
        ),
        (
            "checkout.url = \"http:",
            "checkout.url = \"ftp:",
            "hub.products.checkout.url must be an https address",
        ),
        ("checkout.url", "chekout.url", "unknown variant `chekout`"),
        (
            "timeout_seconds = 20",
            "timeout_seconds = 26",
            "hub.timeout_seconds must be between 1 and 25",
        ),
        ("timeout_seconds = 20", "timeout = 20", "unknown field `timeout`"),
        (
            "base_url = \"http://127.0.0.1:3000\"",
            "base_url = \"http://lanterna.example\"",
            "portal.base_url must be an https address",
        ),
        (
            "postgres://",
            "mysql://",
            "database must begin with sqlite: or postgres://",
        ),
        (
            "listen = \"127.0.0.1:3000\"",
            "listen = \"here\"",
            "invalid socket address",
        ),
        (
            "[hub.products]",
            "[hub.products]\ncheckout.key_files = [\"/no/such/key\"]",
            "cannot read /no/such/key of hub.products.checkout",
        ),
        (
            "[portal.links]",
            "[documents]\nlink_minutes = 0\n[portal.links]",
            "documents.link_minutes must be between 1 and",
        ),
        (
            "[portal.links]",
            "[documents]\nkey_files = [\"/no/such/key\"]\n[portal.links]",
            "cannot read /no/such/key of documents.key_files",
        ),
        ("server/demo", "server/nowhere", "institutions.toml"),
        ("[portal]", "[portal", "not a valid configuration"),
    ] {
        let said = run(&["check-config", "--config", &changed(&file, from, to)]);
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{to}");
        assert!(said.err.contains(reason), "{to}: {}", said.err);
    }
    let said = run(&["check-config", "--config", "/no/such/file.toml"]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.err.contains("cannot read /no/such/file.toml"),
        "{}",
        said.err
    );
}

#[test]
fn nothing_is_served_with_tariffs_that_are_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    let catalogue = folder.path().join("catalogue");
    let tariffs = catalogue.join("tariffs/nido");
    std::fs::create_dir_all(&tariffs).unwrap();
    for file in ["institutions.toml", "lanterna.svg"] {
        std::fs::copy(demo.join(file), catalogue.join(file)).unwrap();
    }
    let services = |more: &str| {
        let service = format!(
            "[[service]]\ninstitution = \"00856930102\"\ncode = \"asili\"\nname_it = \"Nidi\"\nname_en = \
             \"Nurseries\"\ncategory = \"9/0107106SP/\"\noffice_name = \"Servizi educativi\"\nactive = true\n{more}\n"
        );
        std::fs::write(catalogue.join("services.toml"), service).unwrap();
    };
    services("");
    std::fs::write(
        tariffs.join("2026-01-01.toml"),
        "schema = \"tariff/1\"\nidd = \"nido\"\n",
    )
    .unwrap();
    let file = configuration(folder.path(), "sqlite:/no/such/archive");
    let file = changed(
        &file,
        &demo.display().to_string(),
        &catalogue.display().to_string(),
    );
    for command in ["check-config", "serve"] {
        let said = run(&[command, "--config", &file]);
        assert_eq!(said.code, Some(1), "{command}");
        assert!(
            said.err.contains("tariffs/nido/2026-01-01.toml:2:1: "),
            "{command}: {}",
            said.err
        );
    }
    std::fs::remove_dir_all(&tariffs).unwrap();
    services("by_tariff = { tariff = \"nido\" }");
    let said = run(&["check-config", "--config", &file]);
    assert!(
        said.err
            .contains("service asili of institution 00856930102: there is no tariff nido"),
        "{}",
        said.err
    );
}

#[test]
fn asking_wrongly_is_told_apart_from_failing() {
    for arguments in [
        &["pay"][..],
        &["code"],
        &["serve"],
        &["serve", "--demo", "--config", "x"],
        &["position", "show"],
    ] {
        let said = run(arguments);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(
            said.err.contains("Usage: lanterna"),
            "{arguments:?}: {}",
            said.err
        );
    }
    let said = run(&["serve", "--demo", "--listen", "here"]);
    assert_eq!(said.code, Some(2));
}

#[test]
fn every_command_explains_itself() {
    let help = run(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (Some(0), ""));
    assert!(help.out.contains("Exit codes:"), "{}", help.out);
    for command in [
        &["serve"][..],
        &["migrate"],
        &["demo"],
        &["demo", "codes"],
        &["check-config"],
        &["code"],
        &["position"],
        &["position", "show"],
        &["case"],
        &["case", "list"],
        &["document"],
        &["document", "notice"],
        &["document", "receipt"],
        &["document", "receipts"],
        &["document", "link"],
        &["document", "accesses"],
        &["document", "batch"],
        &["document", "batch", "start"],
        &["sandbox"],
    ] {
        assert!(help.out.contains(command[0]), "{command:?}");
        let said = run(&[command, &["--help"]].concat());
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{command:?}");
        assert!(said.out.contains("Usage: lanterna"), "{command:?}");
    }
    assert_eq!(
        run(&["--version"]).out,
        format!("lanterna {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_are_listed_without_anything_personal() {
    for store in engines().await {
        let portal = crate::support::portal::Portal::on(store).await;
        let database = portal.database();
        let list = |more: &[&str]| run(&[&["case", "list", "--database", &database], more].concat());
        let said = list(&[]);
        assert_eq!((said.code, said.out.as_str()), (Some(0), ""), "{}", said.err);

        let orphan = receipt("orphan", &number(9), Cents::new(100));
        assert_eq!(portal.tell(delivery(&orphan)).await.outcome(), "OK");
        let said = list(&["--institution", MUNICIPALITY]);
        assert!(
            said.out
                .contains("È stato pagato un avviso che l’archivio non conosce."),
            "{}",
            said.out
        );
        assert!(said.out.contains("ricevuta orphan  1,00 €"), "{}", said.out);
        let found = json(&list(&["--json"]));
        assert_eq!(found["kind"], "unknown_notice");
        assert_eq!(found["money_cents"], 100);
        assert_eq!(found["institution"], MUNICIPALITY);
        for personal in ["Verdi", "VRDLGU50A41D969T"] {
            assert!(!found.to_string().contains(personal) && !said.out.contains(personal));
        }
        assert_eq!(list(&["--institution", COMPANY]).out, "");
        for (institution, reason) in [("1", "11 digits"), (STRANGER, "no institution 01199250158")] {
            let said = list(&["--institution", institution]);
            assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
            assert!(said.err.contains(reason), "{}", said.err);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_is_shown_without_anything_personal() {
    for store in engines().await {
        let portal = crate::support::portal::Portal::on(store).await;
        let database = portal.database();
        let shown = json(&run(&[
            "position",
            "show",
            "3122 0260 0000 0107 84",
            "--database",
            &database,
        ]));
        assert_eq!(shown["notice_number"], number(2026000000107).as_str());
        assert_eq!(shown["state"], "paid");
        assert_eq!(shown["amount_cents"], 21_500);
        assert_eq!(shown["receipts"].as_array().unwrap().len(), 1);
        for personal in ["Bianchi", "BNCNNA99M71D969B"] {
            assert!(!shown.to_string().contains(personal), "{shown}");
        }
        for (arguments, reason) in [
            (
                &["302000000000000000"][..],
                "no notice 302000000000000000 in this archive",
            ),
            (&["30200000"], "18 digits"),
            (&["312202600000001787", "--institution", "1"], "11 digits"),
            (
                &["312202600000001787", "--institution", "03001847015"],
                "no notice",
            ),
        ] {
            let said = run(&[&["position", "show", "--database", &database], arguments].concat());
            assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{arguments:?}");
            assert!(said.err.contains(reason), "{arguments:?}: {}", said.err);
        }
    }
}

/// Asserts that a command could not be done and said why.
fn fails(said: &Said, reason: &str) {
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
    assert!(said.err.contains(reason), "{}", said.err);
    assert!(!said.err.contains("panicked"), "{}", said.err);
}

#[test]
fn a_missing_archive_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    let database = format!("sqlite:{}", path.display());
    let file = configuration(folder.path(), &database);
    let serve = run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--config",
        file.to_str().unwrap(),
    ]);
    fails(&serve, "run `lanterna migrate`");
    fails(
        &run(&["position", "show", "312202600000001787", "--database", &database]),
        "there is no database",
    );
    assert!(!path.exists());
    fails(
        &run(&[
            "migrate",
            "--database",
            &format!("sqlite:{}/lanterna.db", file.display()),
        ]),
        "lanterna.toml/lanterna.db",
    );
    fails(
        &run(&["migrate", "--database", "postgres://nobody@127.0.0.1:1/none"]),
        "does not answer",
    );
    fails(
        &run(&["migrate", "--database", "mysql://nobody@127.0.0.1/none"]),
        "must be sqlite:PATH or postgres://",
    );
}

#[test]
fn an_archive_without_tables_asks_to_be_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.db");
    std::fs::write(&path, "").unwrap();
    let file = configuration(folder.path(), &format!("sqlite:{}", path.display()));
    let serve = run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--config",
        file.to_str().unwrap(),
    ]);
    fails(&serve, "run `lanterna migrate`");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_of_a_later_release_is_left_alone() {
    for store in engines().await {
        store.leave_to_a_later_release().await;
        let folder = tempfile::tempdir().unwrap();
        let file = configuration(folder.path(), store.url());
        let serve = run(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--config",
            file.to_str().unwrap(),
        ]);
        fails(&serve, "9001");
        fails(&run(&["migrate", "--database", store.url()]), "9001");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_somebody_else_holds_is_waited_for_and_then_reported() {
    let store = TestStore::sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    let file = configuration(folder.path(), store.url());
    let held = store.begin().await.unwrap();
    let serve = tokio::task::spawn_blocking(move || {
        run(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--config",
            file.to_str().unwrap(),
        ])
    });
    fails(&serve.await.unwrap(), "locked by another process");
    drop(held);
    assert_eq!(run(&["migrate", "--database", store.url()]).code, Some(0));
}

#[test]
fn a_file_that_is_no_archive_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    let letter = "Dear Sirs, ".repeat(500);
    std::fs::write(&path, &letter).unwrap();
    fails(
        &run(&["migrate", "--database", &format!("sqlite:{}", path.display())]),
        "not a database, or is damaged",
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), letter);
}

#[test]
fn a_port_in_use_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    fails(
        &run(&["serve", "--demo", "--listen", &address]),
        &format!("cannot listen on {address}"),
    );
}

/// Runs the program on a disk of this size, given to it alone; `None`, said, where the system does not allow that.
fn on_a_disk_of(size: &str, folder: &Path, arguments: &str) -> Option<Said> {
    let script = format!(
        "mount -t tmpfs -o size={size} none {0} && touch {0}/mounted && exec \"$0\" {arguments}",
        folder.display()
    );
    let said: Said = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script])
        .arg(env!("CARGO_BIN_EXE_lanterna"))
        .output()
        .ok()?
        .into();
    if said.err.starts_with("unshare:") || said.err.starts_with("mount:") {
        skipped(&format!("no small disk can be made here: {}", said.err.trim()));
        return None;
    }
    Some(said)
}

#[test]
fn a_full_disk_is_told_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}/lanterna.db", folder.path().display());
    let Some(said) = on_a_disk_of("128k", folder.path(), &format!("migrate --database {database}")) else {
        return;
    };
    fails(&said, "the disk of the database is full: make room");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_loses_no_receipt_that_was_acknowledged() {
    let store = TestStore::sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    let file = configuration(folder.path(), store.url());
    let database = store.url().to_owned();
    // A limit on the size of files, in KiB, stands for the end of the disk; its signal is ignored, so that writing
    // fails instead.
    let script =
        "trap '' XFSZ; ulimit -f 1024; exec \"$0\" serve --listen 127.0.0.1:0 --json-log --config \"$1\"";
    let mut small = Command::new("bash");
    small
        .args(["-c", script, env!("CARGO_BIN_EXE_lanterna")])
        .arg(&file);
    let mut server = Server::run(&mut small);
    let (mut taken, mut refused) = (Vec::new(), 0);
    for place in 0..400_u64 {
        let message = delivery(&receipt(&format!("r{place}"), &number(place), Cents::new(100)));
        match deliver(&server.address, &message).await {
            Some((200, body)) if body.contains("<outcome>OK") => taken.push(place),
            Some((500, body)) => {
                assert_eq!(body, "", "a polite refusal would end the hub's attempts");
                refused += 1;
            }
            other => panic!("{other:?}"),
        }
        // A message takes less room than what is made of it: it may still be kept when that no longer can, a few times.
        if refused > 20 {
            break;
        }
    }
    assert!(
        !taken.is_empty() && refused > 20,
        "{} taken, {refused} refused",
        taken.len()
    );
    assert!(
        server.log().contains("cannot store hub messages"),
        "{}",
        server.log()
    );
    server.kill();

    // There is room again.
    let server = Server::start(&file);
    for place in 0..400_u64 {
        let message = delivery(&receipt(&format!("r{place}"), &number(place), Cents::new(100)));
        let (status, body) = deliver(&server.address, &message).await.unwrap();
        assert!(status == 200 && body.contains("<outcome>OK"), "{body}");
    }
    drop(server);
    let kept = storage::Store::connect(&database, storage::StoreOptions::default())
        .await
        .unwrap();
    let mut snapshot = kept.read().await.unwrap();
    let institution = crate::support::messages::code(crate::support::messages::MUNICIPALITY);
    let counted = storage::receipts::count_receipts_by_effect(&mut snapshot, &institution)
        .await
        .unwrap();
    assert_eq!(counted, [(domain::receipt::ReceiptEffect::Unknown, 400)]);
}

#[test]
fn nothing_of_the_environment_is_needed() {
    let said: Said = lanterna()
        .env_clear()
        .args(["code", "312202600000001787"])
        .output()
        .unwrap()
        .into();
    assert_eq!(said.code, Some(0));
}

#[test]
fn the_first_start_of_the_demo_city_warns_of_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("demo.db").display());
    let [portal, sandbox] = [free_address(), free_address()].map(|address| address.to_string());
    let server = Server::run(lanterna().args(["serve", "--demo", "--json-log"]).args([
        "--listen",
        &portal,
        "--sandbox-listen",
        &sandbox,
        "--database",
        &database,
    ]));
    // The hub lets us ask once a second: the flow reports of the last institution come after all else.
    let asked = || {
        let log = server.log();
        let lists = log.lines().filter(|line| line.contains("getAllPublishedFlows"));
        lists.filter(|line| line.contains("\"outcome\":\"200\"")).count()
    };
    let begun = Instant::now();
    while asked() < INSTITUTIONS.len() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    for level in ["WARN", "ERROR"] {
        assert!(!server.log().contains(level), "{}", server.log());
    }
}
