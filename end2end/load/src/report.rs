//! What was measured, against its limits, as a part of the documentation.

use crate::client::{Measured, millis};
use crate::messages::Kind;
use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// What the hub's patience, two seconds, leaves a wide margin under.
const P99_MAX: Duration = Duration::from_millis(50);
/// How much p99 may grow with the archive, in thousandths of what it is on the smallest.
const GROWTH_MAX: u64 = 1_300;

/// The least share of the bare echo, in thousandths, a saturated verify reaches on an engine.
fn verify_share_min(engine: &str) -> u64 {
    if engine == "SQLite" { 500 } else { 350 }
}

/// A load at a fixed pace.
pub(crate) struct Paced {
    pub(crate) engine: &'static str,
    pub(crate) kind: Kind,
    pub(crate) measured: Measured,
}

/// A load as fast as answers come, and the echo of the same minute.
pub(crate) struct Saturated {
    pub(crate) engine: &'static str,
    pub(crate) kind: Kind,
    pub(crate) measured: Measured,
    pub(crate) echo: Measured,
}

impl Saturated {
    /// Thousandths of the echo's answers.
    fn share(&self) -> u64 {
        self.measured.per_second() * 1_000 / self.echo.per_second().max(1)
    }
}

/// A load at a fixed pace on an archive of so many notices, in rounds.
pub(crate) struct Grown {
    pub(crate) engine: &'static str,
    pub(crate) kind: Kind,
    pub(crate) size: u64,
    pub(crate) rounds: Vec<Measured>,
}

impl Grown {
    /// The middle one of the rounds: one stall of the disk moves the p99 of a round by a third, and says nothing of size.
    fn quantile(&self, per_mille: u64) -> Duration {
        let mut of_rounds: Vec<Duration> = self
            .rounds
            .iter()
            .map(|round| round.times.quantile(per_mille))
            .collect();
        of_rounds.sort_unstable();
        of_rounds.get(of_rounds.len() / 2).copied().unwrap_or_default()
    }

    fn p99(&self) -> Duration {
        self.quantile(990)
    }

    /// Thousandths of what the same load took on the smallest archive.
    fn growth(&self, all: &[Self]) -> u64 {
        let smallest = all
            .iter()
            .filter(|other| other.engine == self.engine && other.kind == self.kind)
            .min_by_key(|other| other.size)
            .map_or(Duration::ZERO, Self::p99);
        let thousandths = self.p99().as_micros() * 1_000 / smallest.as_micros().max(1);
        u64::try_from(thousandths).unwrap_or(u64::MAX)
    }
}

/// Everything that was measured.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) grown: Vec<Grown>,
    pub(crate) paced: Vec<Paced>,
    pub(crate) saturated: Vec<Saturated>,
}

impl Report {
    /// The limits that were broken, in words.
    pub(crate) fn broken(&self) -> Vec<String> {
        let slow = self.paced.iter().filter_map(|paced| {
            let p99 = paced.measured.times.quantile(990);
            (p99 >= P99_MAX).then(|| {
                format!(
                    "{}: p99 of {} is {} ms, the limit {} ms",
                    paced.engine,
                    paced.kind.name(),
                    millis(p99),
                    millis(P99_MAX)
                )
            })
        });
        let growing = self.grown.iter().filter_map(|grown| {
            let growth = grown.growth(&self.grown);
            (growth > GROWTH_MAX).then(|| {
                format!(
                    "{}: p99 of {} on {} notices is {} times that on the fewest, the limit {}",
                    grown.engine,
                    grown.kind.name(),
                    grown.size,
                    decimal(growth),
                    decimal(GROWTH_MAX)
                )
            })
        });
        let small = self
            .saturated
            .iter()
            .filter(|saturated| saturated.kind == Kind::Verify)
            .filter_map(|saturated| {
                let (share, least) = (saturated.share(), verify_share_min(saturated.engine));
                (share < least).then(|| {
                    format!(
                        "{}: verify is {} of the echo, the limit {}",
                        saturated.engine,
                        decimal(share),
                        decimal(least)
                    )
                })
            });
        slow.chain(small).chain(growing).collect()
    }

    /// The part of the documentation.
    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "## Load on the hub's endpoint\n\n\
             `make bench` on {}: {}. Server, database and load share the cores and the disk; the archive holds {} \
             positions; every message is logged before it is answered, with SQLite and PostgreSQL as durable as in \
             production.\n\n\
             At 50 requests a second; times count from when each request was due:\n\n\
             | | answers | p50 ms | p99 ms | max ms | limit |\n|---|---:|---:|---:|---:|---|\n",
            today(),
            machine(),
            crate::messages::ASKED + crate::messages::PAID,
        );
        for Paced {
            engine,
            kind,
            measured,
        } in &self.paced
        {
            let times = &measured.times;
            let _ = writeln!(
                text,
                "| {engine}, {} | {} | {} | {} | {} | p99 under 50 ms |",
                kind.name(),
                times.count(),
                millis(times.quantile(500)),
                millis(times.quantile(990)),
                millis(times.max())
            );
        }
        text.push_str(
            "\nSaturated, and the share of the bare echo in the same run: the same listener and layers with a handler \
             that reads the SOAP message, logs nothing, asks no archive and answers fixed bytes:\n\n\
             | | answers a second | echo | share | p99 ms | limit |\n|---|---:|---:|---:|---:|---|\n",
        );
        for saturated in &self.saturated {
            let limit = if saturated.kind == Kind::Verify {
                format!("at least {}", decimal(verify_share_min(saturated.engine)))
            } else {
                String::new()
            };
            let _ = writeln!(
                text,
                "| {}, {} | {} | {} | {} | {} | {limit} |",
                saturated.engine,
                saturated.kind.name(),
                saturated.measured.per_second(),
                saturated.echo.per_second(),
                decimal(saturated.share()),
                millis(saturated.measured.times.quantile(990))
            );
        }
        self.write_growth(&mut text);
        text
    }

    fn write_growth(&self, text: &mut String) {
        text.push_str(
            "\nAt 50 requests a second again, on ever more notices, asked about all over the archive; each figure is the middle one \
             of several rounds:\n\n\
             | | notices | p50 ms | p99 ms | times that of the fewest | limit |\n|---|---:|---:|---:|---:|---|\n",
        );
        for grown in &self.grown {
            let _ = writeln!(
                text,
                "| {}, {} | {} | {} | {} | {} | at most {} |",
                grown.engine,
                grown.kind.name(),
                grown.size,
                millis(grown.quantile(500)),
                millis(grown.p99()),
                decimal(grown.growth(&self.grown)),
                decimal(GROWTH_MAX)
            );
        }
    }

    /// Puts the part between its markers, and leaves the rest of the document as it is.
    pub(crate) fn store(&self, document: &Path) -> Result<()> {
        let before = std::fs::read_to_string(document)
            .unwrap_or_else(|_| "# Benchmarks\n\nWritten by `make bench`.\n".to_owned());
        std::fs::write(document, placed(&before, &self.text()))
            .with_context(|| format!("cannot write {}", document.display()))
    }
}

const BEGIN: &str = "<!-- load:begin -->";
const END: &str = "<!-- load:end -->";

fn placed(before: &str, part: &str) -> String {
    let part = format!("{BEGIN}\n{}\n{END}", part.trim_end());
    match (before.split_once(BEGIN), before.split_once(END)) {
        (Some((head, _)), Some((_, tail))) => format!("{head}{part}{tail}"),
        _ => format!("{}\n\n{part}\n", before.trim_end()),
    }
}

/// Thousandths as a decimal.
fn decimal(thousandths: u64) -> String {
    format!("{}.{:02}", thousandths / 1_000, thousandths % 1_000 / 10)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a tool has no other clock than the machine's"
)]
fn today() -> String {
    chrono::Utc::now().format("%Y-%m-%d").to_string()
}

/// The shape of the machine.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let find = |file: &str, name: &str| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let line = text
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_default()
            .to_owned();
        line.split_once(':')
            .map_or_else(String::new, |(_, value)| value.trim().to_owned())
    };
    let kibibytes = find("/proc/meminfo", "MemTotal")
        .split(' ')
        .next()
        .and_then(|text| text.parse::<u64>().ok());
    format!(
        "{cores} cores ({}), {} GiB",
        find("/proc/cpuinfo", "model name"),
        kibibytes.unwrap_or_default().div_ceil(1024 * 1024)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_goes_between_its_markers_and_nothing_else_moves() {
        let first = placed("# Benchmarks\n", "one");
        assert_eq!(
            first,
            "# Benchmarks\n\n<!-- load:begin -->\none\n<!-- load:end -->\n"
        );
        let around = format!("{first}\n<!-- pages:begin -->\nx\n<!-- pages:end -->\n");
        let second = placed(&around, "two");
        assert_eq!(second, around.replace("one", "two"));
    }
}
