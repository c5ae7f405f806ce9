//! The whole measure: both engines, each question at a city's pace and saturated, and the bare echo beside them.

use crate::archive::{self, Archive};
use crate::client::{self, Measured, Pace, Target};
use crate::growth;
use crate::messages::{ASKED, Kind};
use crate::report::{Grown, Paced, Report, Saturated};
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A big city's peak, with room.
const RATE: u32 = 50;
/// Connections of a paced load.
const PACED_CONNECTIONS: usize = 16;
/// More receipts than the loads before sent: later ones must be new.
const RECEIPTS_SENT_MAX: u64 = 1_000_000_000;
/// Rounds a load on a grown archive is cut into, one kind after the other in each, so that what the machine does beside it
/// falls on all alike.
const ROUNDS: u64 = 5;
/// Not measured, before each saturated measure and each on a grown archive.
const WARM_UP: Duration = Duration::from_secs(2);

/// Measure everything on both engines, compare with the limits, write the documentation
#[derive(Args)]
pub(crate) struct Bench {
    /// The program to measure [default: `lanterna` beside this one]
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
    /// A PostgreSQL database to make a schema in
    #[arg(
        long,
        value_name = "URL",
        env = "LANTERNA_TEST_POSTGRES",
        hide_env_values = true
    )]
    postgres: String,
    /// How long each paced load lasts
    #[arg(long, default_value_t = 180)]
    seconds: u64,
    /// How long each saturated load lasts
    #[arg(long, default_value_t = 15)]
    saturated_seconds: u64,
    /// Connections of a saturated load: enough that no core waits for a commit
    #[arg(long, default_value_t = 256)]
    connections: usize,
    /// Notices the archive grows to, step by step
    #[arg(long, value_delimiter = ',', default_values_t = [ASKED, 100_000, 1_000_000, 2_500_000])]
    sizes: Vec<u64>,
    /// How long each load on a grown archive lasts
    #[arg(long, default_value_t = 60)]
    grown_seconds: u64,
    /// Where the report goes, between its markers
    #[arg(long, value_name = "FILE", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../server/docs/benchmarks.md"))]
    document: PathBuf,
}

impl Bench {
    pub(crate) async fn run(&self) -> Result<()> {
        let mut report = Report::default();
        for archive in [Archive::sqlite().await?, Archive::postgres(&self.postgres).await?] {
            let engine = archive.store.engine_name();
            self.measure(&archive, &mut report).await.context(engine)?;
        }
        report.store(&self.document)?;
        println!("\n{}", report.text());
        let broken = report.broken();
        ensure!(broken.is_empty(), "limits are broken:\n  {}", broken.join("\n  "));
        Ok(())
    }

    async fn measure(&self, archive: &Archive, report: &mut Report) -> Result<()> {
        let engine = archive.store.engine_name();
        let server = Served::start(self.program()?, &archive.url).await?;
        // The catalogue came with the start.
        archive::fill(&archive.store).await?;

        // One target for each kind: receipts go on where the paced load stopped.
        let mut targets = Vec::new();
        for kind in [Kind::Verify, Kind::Get, Kind::Receipt] {
            targets.push((kind, Target::new(&server.url, kind, ASKED)?));
        }
        for (kind, target) in &targets {
            let pace = Pace::PerSecond(RATE);
            let measured =
                client::run(target, pace, PACED_CONNECTIONS, Duration::from_secs(self.seconds)).await?;
            say(engine, kind.name(), "paced", &measured);
            report.paced.push(Paced {
                engine,
                kind: *kind,
                measured,
            });
        }
        let echo_process = Echo::start().await?;
        let echo = self
            .saturated(&Target::new(&echo_process.url, Kind::Echo, ASKED)?)
            .await?;
        say(engine, "echo", "saturated", &echo);
        for (kind, target) in &targets {
            let measured = self.saturated(target).await?;
            say(engine, kind.name(), "saturated", &measured);
            report.saturated.push(Saturated {
                engine,
                kind: *kind,
                measured,
                echo: echo.clone(),
            });
        }
        drop(echo_process);
        self.measure_growth(archive, &server.url, report).await?;
        archive.store.close().await;
        Ok(())
    }

    /// The same pace again, on ever more notices.
    async fn measure_growth(&self, archive: &Archive, url: &str, report: &mut Report) -> Result<()> {
        let engine = archive.store.engine_name();
        // Receipts go on from one size to the next.
        let receipts = Target::new(url, Kind::Receipt, ASKED)?.skipping(RECEIPTS_SENT_MAX);
        let mut grown_to = ASKED;
        for size in &self.sizes {
            growth::grow(archive, grown_to, *size).await?;
            grown_to = grown_to.max(*size);
            growth::settle(archive).await?;
            let targets = [
                (Kind::Verify, &Target::new(url, Kind::Verify, *size)?),
                (Kind::Get, &Target::new(url, Kind::Get, *size)?),
                (Kind::Receipt, &receipts),
            ];
            let mut grown = targets.map(|(kind, _)| Grown {
                engine,
                kind,
                size: *size,
                rounds: Vec::new(),
            });
            let pace = Pace::PerSecond(RATE);
            let seconds = Duration::from_secs(self.grown_seconds.div_ceil(ROUNDS));
            for _ in 0..ROUNDS {
                for (grown, (kind, target)) in grown.iter_mut().zip(&targets) {
                    client::run(target, pace, PACED_CONNECTIONS, WARM_UP).await?;
                    let measured = client::run(target, pace, PACED_CONNECTIONS, seconds).await?;
                    say(engine, kind.name(), &format!("of {size}"), &measured);
                    grown.rounds.push(measured);
                }
            }
            report.grown.extend(grown);
        }
        Ok(())
    }

    async fn saturated(&self, target: &Target) -> Result<Measured> {
        client::run(target, Pace::Saturated, self.connections, WARM_UP).await?;
        client::run(
            target,
            Pace::Saturated,
            self.connections,
            Duration::from_secs(self.saturated_seconds),
        )
        .await
    }

    fn program(&self) -> Result<PathBuf> {
        let program = match &self.server {
            Some(program) => program.clone(),
            None => std::env::current_exe()?.with_file_name("lanterna"),
        };
        ensure!(
            program.exists(),
            "{} is not there: run `make build` first",
            program.display()
        );
        Ok(program)
    }
}

fn say(engine: &str, what: &str, how: &str, measured: &Measured) {
    println!("{engine} {what} {how}: {measured}");
}

/// The server as it is deployed: its own program, configuration and log. Ends when dropped.
struct Served {
    url: String,
    _process: Child,
    _folder: TempDir,
}

impl Served {
    async fn start(program: PathBuf, database: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../server/demo");
        let settings = include_str!("../../../server/demo/lanterna.toml")
            .replace("{portal}", "http://127.0.0.1:3000")
            .replace("{sandbox}", "http://127.0.0.1:3100");
        let head = format!(
            "database = {:?}\ncatalogue = {:?}\n",
            database,
            catalogue.display().to_string()
        );
        let configuration = folder.path().join("lanterna.toml");
        std::fs::write(&configuration, head + &settings)?;
        let log = folder.path().join("lanterna.log");
        let process = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--config"])
            .arg(&configuration)
            .env("NO_COLOR", "1")
            .env_remove("RUST_LOG")
            .stderr(File::create(&log)?)
            .kill_on_drop(true)
            .spawn()?;
        for _ in 0..500 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let said = std::fs::read_to_string(&log)?;
            if let Some(url) = said.split_whitespace().find(|word| word.starts_with("http://")) {
                return Ok(Self {
                    url: url.to_owned(),
                    _process: process,
                    _folder: folder,
                });
            }
        }
        bail!("the server did not start: {}", std::fs::read_to_string(&log)?)
    }
}

/// The bare echo in a process of its own. Ends when dropped.
struct Echo {
    url: String,
    _process: Child,
}

impl Echo {
    async fn start() -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("echo")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut said = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut said).await?;
        }
        let url = said
            .trim()
            .rsplit(' ')
            .next()
            .filter(|url| url.starts_with("http://"));
        Ok(Self {
            url: url.context("the echo did not start")?.to_owned(),
            _process: process,
        })
    }
}
