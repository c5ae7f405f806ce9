//! The examples of the documents, run as they stand against the demo city that `lanterna serve --demo` serves.

use crate::support::city::{free_address, http_client};
use crate::support::demo::Demo;
use crate::support::messages::MUNICIPALITY;
use crate::support::program::Said;
use serde_json::{Value, json};
use services::clock::{Clock, SystemClock};
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

impl Demo {
    /// An example, ready to run.
    fn command(&self, interpreter: &str, example: &str) -> Command {
        let mut command = Command::new(interpreter);
        command
            .arg(example_file(example))
            .current_dir(self.folder.path())
            .env("LANTERNA_URL", format!("http://{}", self.portal))
            .env("LANTERNA_CLIENT_ID", &self.id)
            .env("LANTERNA_CLIENT_SECRET", &self.secret)
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    fn python(&self, arguments: &[&str]) -> Said {
        self.command("python3", "program.py")
            .args(arguments)
            .output()
            .unwrap()
            .into()
    }

    /// What an example printed, as JSON.
    fn told(&self, arguments: &[&str]) -> Value {
        let said = self.python(arguments);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
        serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{said:?}"))
    }

    /// The first new outcome of a type; those before it are taken too.
    async fn comes(&self, kind: &str) -> Value {
        for _ in 0..50 {
            if let Some(found) = self
                .outcomes()
                .into_iter()
                .find(|outcome| outcome["type"] == kind)
            {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("no outcome {kind} comes");
    }

    /// The outcomes that are new.
    fn outcomes(&self) -> Vec<Value> {
        let said = self.python(&["outcomes"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        said.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// A file of the examples.
pub(crate) fn example_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/examples")
        .join(name)
}

/// Whether a program that examples need is here; says so when it is not.
fn has(program: &str, check: &[&str]) -> bool {
    let there = Command::new(program)
        .args(check)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let there = there.is_ok_and(|status| status.success());
    if !there {
        let _ = writeln!(std::io::stderr(), "SKIPPED: the examples need {program}");
    }
    there
}

fn has_python() -> bool {
    has(
        "python3",
        &["-c", "import sys; sys.exit(sys.version_info < (3, 11))"],
    )
}

/// Pays a notice as if at a bank's counter.
async fn paid_at_the_sandbox(sandbox: &str, notice: &str) {
    let pay = http_client()
        .post(format!("http://{sandbox}/api/psp/pay"))
        .json(&json!({ "notice_number": notice, "institution": MUNICIPALITY }));
    let answer = pay.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
}

fn notice_of(position: &Value) -> &str {
    position["options"][0]["instalments"][0]["notice_number"]
        .as_str()
        .unwrap_or_else(|| panic!("{position:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_example_makes_debts_releases_notices_and_takes_outcomes() {
    if !has_python() {
        return;
    }
    let demo = Demo::start();
    let made = demo.told(&["put", "EXAMPLE-1", "refezione", "12050"]);
    let number = notice_of(&made).to_owned();
    let again = demo.told(&["put", "EXAMPLE-1", "refezione", "12050"]);
    assert_eq!(notice_of(&again), number, "the same again is the same debt");
    let refused = demo.python(&["put", "EXAMPLE-2", "none-such", "12050"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.starts_with("refused: 422 "), "{refused:?}");

    let released = demo.told(&["release", "refezione", "2500"]);
    let notice = &released["notice"];
    assert_eq!(
        notice["notice_number"].as_str().map(str::len),
        Some(18),
        "{released:#}"
    );
    assert!(notice["qr_code"].as_str().unwrap().starts_with("PAGOPA|002|"));
    assert!(notice["pdf"].as_str().unwrap().starts_with("http"));

    // Those of the demo city's own debts.
    demo.outcomes();
    paid_at_the_sandbox(&demo.sandbox, &number).await;
    let told = demo.comes("paid").await;
    assert_eq!(told["position"], "EXAMPLE-1");
    assert!(demo.outcomes().is_empty(), "they are acknowledged");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_example_loads_a_file_and_prints_what_became_of_each_row() {
    if !has_python() {
        return;
    }
    let demo = Demo::start();
    let file = example_file("debts.jsonl");
    let said = demo.python(&["load", file.to_str().unwrap()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let told: Vec<Vec<&str>> = said
        .out
        .lines()
        .skip(1)
        .map(|line| line.split(';').skip(1).take(4).collect())
        .collect();
    assert_eq!(
        told,
        [
            ["MENSA-2026-10-0001", "insert", "inserted", ""],
            ["MENSA-2026-10-0002", "insert", "inserted", ""],
            ["MENSA-2026-10-0003", "insert", "refused", "amount"],
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_example_receives_webhooks_and_believes_only_ours() {
    if !has_python() {
        return;
    }
    let demo = Demo::start();
    let position = demo.told(&["put", "EXAMPLE-3", "refezione", "3000"]);
    let here = free_address();
    let address = format!("http://{here}/outcomes");
    let mut receiving = demo
        .command("python3", "program.py")
        .args(["receive", &address, &here.port().to_string(), "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(receiving.stderr.take().unwrap())
        .read_line(&mut ready)
        .unwrap();
    assert!(ready.contains("waiting on port"), "{ready}");

    let forged = http_client().post(&address).body("{}");
    let forged = forged
        .header("webhook-id", "msg_1")
        .header("webhook-timestamp", SystemClock.now().timestamp().to_string())
        .header("webhook-signature", "v1,AAAA");
    assert_eq!(forged.send().await.unwrap().status(), 401);

    paid_at_the_sandbox(&demo.sandbox, notice_of(&position)).await;
    let output = tokio::task::spawn_blocking(move || receiving.wait_with_output().unwrap())
        .await
        .unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["position"], "EXAMPLE-3", "{told:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_in_curl_runs_through() {
    if !has("curl", &["--version"]) {
        return;
    }
    let demo = Demo::start();
    let mut command = demo.command("bash", "program.sh");
    let said: Said = command.arg("refezione").output().unwrap().into();
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    let answers: Vec<Value> = said
        .out
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    assert_eq!(answers.len(), 4, "{said:?}");
    assert_eq!(answers[0]["options"][0]["instalments"][0]["amount"], 12_050);
    assert_eq!(answers[1]["notice"]["amount"], 2_500);
    assert_eq!(answers[3]["up_to"], answers[2]["last"]);
}
