//! How long documents take and what they weigh: `measure FILE` writes its figures into the file, between the marks of their
//! own. `make bench` runs it.
#![expect(clippy::print_stdout, reason = "a command says its result")]

use documents::font::{Fonts, tier_for};
use documents::pdf::{About, Volume, render};
use documents::{Document, Language, html, notice, receipt, testing};
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Processor time a notice of one page may take, its codes with it.
const NOTICE_MAX: Duration = Duration::from_millis(1);
/// Bytes of a notice by itself.
const NOTICE_BYTES_MAX: usize = 45_000;
/// Bytes a further notice adds to a volume.
const FURTHER_BYTES_MAX: usize = 15_000;
/// Time of ten thousand notices on one core.
const MANY_MAX: Duration = Duration::from_secs(12);
/// Memory of a volume being written, over what the program needs before.
const MEMORY_MAX_KIB: u64 = 64 * 1024;
const BATCHES: usize = 15;
const BATCH: usize = 200;
const MANY: usize = 10_000;
/// Notices of a volume, as printing services take them.
const VOLUME: usize = 500;
const MARKS: [&str; 2] = ["<!-- documents:begin -->", "<!-- documents:end -->"];

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).map(PathBuf::from);
    let file = file.ok_or("say which file to write into")?;
    let notice_data = testing::notice();
    let receipt_data = testing::receipt();
    let notice = notice::document(&notice_data)?.document;
    let receipt = receipt::document(&receipt_data, Language::It, None);

    let rows = [
        (
            "a notice from its data to its file",
            best(|| {
                let document = notice::document(&notice_data)?.document;
                Ok(draw(&document)?.len())
            })?,
            Some(NOTICE_MAX),
        ),
        (
            "of it, saying and laying it out with its codes",
            best(|| Ok(notice::document(&notice_data)?.warnings.len()))?,
            None,
        ),
        (
            "a receipt from its data to its file",
            best(|| Ok(draw(&receipt::document(&receipt_data, Language::It, None))?.len()))?,
            Some(NOTICE_MAX),
        ),
        (
            "a receipt as HTML",
            best(|| Ok(html::html(&receipt).len()))?,
            None,
        ),
    ];
    let sizes = [draw(&notice)?.len(), draw(&receipt)?.len()];
    let volume = volume(&notice, VOLUME)?;
    let further = (volume - sizes[0]) / (VOLUME - 1);

    let before = resident_kib();
    let begun = Instant::now();
    let mut written = 0;
    for _ in 0..MANY / VOLUME {
        written += in_volume(&notice_data, VOLUME)?;
    }
    let many = begun.elapsed();
    let memory = peak_kib().saturating_sub(before);
    let begun = Instant::now();
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let data = notice_data.clone();
            std::thread::spawn(move || in_volume(&data, 2 * VOLUME).map_err(|problem| problem.to_string()))
        })
        .collect();
    for thread in threads {
        thread.join().map_err(|_| "a thread failed")??;
    }
    let both = begun.elapsed();

    let mut report = String::from("## Documents\n\n");
    writeln!(
        report,
        "`make bench`: a notice of one page without slip and a receipt of one page, on one core, the best of {BATCHES} batches of {BATCH}.\n"
    )?;
    report.push_str("| | ms | limit |\n|---|---:|---|\n");
    for (what, time, limit) in &rows {
        let limit = limit.map_or_else(String::new, |limit| format!("at most {}", millis(limit)));
        writeln!(report, "| {what} | {} | {limit} |", millis(*time))?;
    }
    report.push_str("\n| | bytes | limit |\n|---|---:|---|\n");
    writeln!(report, "| a notice | {} | at most {NOTICE_BYTES_MAX} |", sizes[0])?;
    writeln!(report, "| a receipt | {} |  |", sizes[1])?;
    writeln!(
        report,
        "| each further notice of a volume of {VOLUME} | {further} | at most {FURTHER_BYTES_MAX} |"
    )?;
    writeln!(
        report,
        "\n{MANY} notices in volumes of {VOLUME} take {} s on one core (limit {} s), {} MB in all; {} MiB of memory beside the \
         program's own (limit {}), the volume itself included, which is kept in memory here. On two cores {} pages a second.",
        seconds(many),
        MANY_MAX.as_secs(),
        written / 1_000_000,
        memory / 1024,
        MEMORY_MAX_KIB / 1024,
        4 * VOLUME as u128 * 1000 / both.as_millis().max(1)
    )?;
    println!("{report}");
    replace(&file, &report)?;

    let mut broken = Vec::new();
    for (what, time, limit) in rows {
        if limit.is_some_and(|limit| time > limit) {
            broken.push(format!("{what} takes {} ms", millis(time)));
        }
    }
    if sizes[0] > NOTICE_BYTES_MAX || further > FURTHER_BYTES_MAX {
        broken.push("notices are too large".to_owned());
    }
    if many > MANY_MAX || memory > MEMORY_MAX_KIB {
        broken.push("many notices take too long or too much memory".to_owned());
    }
    if broken.is_empty() {
        Ok(())
    } else {
        Err(broken.join("; ").into())
    }
}

fn draw(document: &Document) -> Result<Vec<u8>, Box<dyn Error>> {
    Ok(render(
        document,
        Fonts::of(tier_for(document.texts(), Fonts::core())),
    )?)
}

/// Processor time of one piece of work, in the best of some batches.
fn best(work: impl Fn() -> Result<usize, Box<dyn Error>>) -> Result<Duration, Box<dyn Error>> {
    let mut best = Duration::MAX;
    for _ in 0..BATCHES {
        let begun = Instant::now();
        for _ in 0..BATCH {
            std::hint::black_box(work()?);
        }
        best = best.min(begun.elapsed() / u32::try_from(BATCH)?);
    }
    Ok(best)
}

fn about(document: &Document) -> About {
    About {
        title: "Avvisi".to_owned(),
        ..About::document(document)
    }
}

/// Bytes of a volume of one notice many times.
fn volume(document: &Document, count: usize) -> Result<usize, Box<dyn Error>> {
    let mut volume = Volume::new(Vec::new(), about(document), Fonts::core())?;
    for _ in 0..count {
        volume.add(document)?;
    }
    Ok(volume.finish()?.len())
}

/// Bytes of a volume of notices, each from its data.
fn in_volume(data: &notice::Notice, count: usize) -> Result<usize, Box<dyn Error>> {
    let first = notice::document(data)?.document;
    let mut volume = Volume::new(Vec::new(), about(&first), Fonts::core())?;
    for _ in 0..count {
        volume.add(&notice::document(data)?.document)?;
    }
    Ok(volume.finish()?.len())
}

fn millis(time: Duration) -> String {
    let micros = time.as_micros();
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

fn seconds(time: Duration) -> String {
    let tenths = time.as_millis() / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Memory of this process, where Linux says it.
fn status_kib(entry: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(entry));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}

fn resident_kib() -> u64 {
    status_kib("VmRSS:")
}

fn peak_kib() -> u64 {
    status_kib("VmHWM:")
}

fn replace(file: &Path, report: &str) -> Result<(), Box<dyn Error>> {
    let text = std::fs::read_to_string(file)?;
    let [begin, end] = MARKS;
    let (head, rest) = text
        .split_once(begin)
        .ok_or("the file has no mark where the part begins")?;
    let (_, tail) = rest
        .split_once(end)
        .ok_or("the file has no mark where the part ends")?;
    std::fs::write(file, format!("{head}{begin}\n{report}{end}{tail}"))?;
    Ok(())
}
