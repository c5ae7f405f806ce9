//! How long fees take and what tariffs weigh: `measure FOLDER FILE` takes the tariffs of the folder and writes its figures
//! into the file, between the marks of their own. `make bench` runs it on the demo city.
#![expect(clippy::print_stdout, reason = "a command says its result")]

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tariff::Tariff;
use tariff::compile::{Compiled, compile};
use tariff::evaluate::quote_with;
use tariff::outlook::{changes, holds};

/// What a page waits for a fee at most.
const QUOTE_P99_MAX: Duration = Duration::from_millis(1);
/// How often each example is worked out.
const TIMES: usize = 2_000;
/// Tariffs of an institution that has many.
const MANY: usize = 1_000;
const MARKS: [&str; 2] = ["<!-- tariffs:begin -->", "<!-- tariffs:end -->"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(folder), Some(document)) = (arguments.next(), arguments.next()) else {
        return Err("give a folder of tariffs and the file to write into".into());
    };
    let mut texts = Vec::new();
    collect(&folder, &mut texts)?;
    let mut files = Vec::new();
    for (name, text) in &texts {
        files.push(
            compile(name, text)
                .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect::<String>())?,
        );
    }
    if files.is_empty() {
        return Err("there are no tariffs".into());
    }
    let quotes = times(
        &files,
        |tariff, example| {
            std::hint::black_box(quote_with(tariff, &example.inputs, example.today));
        },
        TIMES,
    );
    let futures = times(
        &files,
        |tariff, example| {
            std::hint::black_box(holds(&[tariff], &example.inputs, example.today));
            std::hint::black_box(changes(&[tariff], &example.inputs, example.today));
        },
        20,
    );
    let many = many(&texts)?;

    let examples: usize = files.iter().map(|file| file.examples.len()).sum();
    let mut report = String::from("## Tariffs\n\n");
    writeln!(
        report,
        "`make bench`: the {} tariff files of the demo city with their {examples} examples, on one core.\n",
        files.len()
    )?;
    report.push_str("| | p50 µs | p99 µs | max µs | limit |\n|---|---:|---:|---:|---|\n");
    row(
        &mut report,
        "a fee worked out",
        &quotes,
        &format!("p99 under {} µs", QUOTE_P99_MAX.as_micros()),
    )?;
    row(
        &mut report,
        "until when it holds and what would change it",
        &futures,
        "",
    )?;
    writeln!(
        report,
        "\n{MANY} tariffs (copies under other names) compile in {} ms, {} µs each; compiled they take {} KiB of memory and \
         {} KiB packed for the browser.",
        many.took.as_millis(),
        many.took.as_micros() / 1_000,
        many.memory_kib,
        many.packed / 1_024
    )?;
    println!("{report}");
    replace(&document, &report)?;
    let p99 = quantile(&quotes, 990);
    if p99 >= QUOTE_P99_MAX {
        return Err(format!("a fee takes {} µs in the 99th percentile", p99.as_micros()).into());
    }
    Ok(())
}

fn collect(folder: &Path, texts: &mut Vec<(String, String)>) -> Result<(), Box<dyn Error>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    for path in paths {
        let is_tariff = path.extension().is_some_and(|end| end == "toml")
            && path.file_name().is_some_and(|name| name != "accounts.toml");
        if path.is_dir() {
            collect(&path, texts)?;
        } else if is_tariff {
            texts.push((path.display().to_string(), std::fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

/// How long `work` took for each example, so many times each, the shortest first.
fn times(
    files: &[Compiled],
    work: impl Fn(&Tariff, &tariff::compile::Example),
    count: usize,
) -> Vec<Duration> {
    let mut times = Vec::new();
    for file in files {
        for example in &file.examples {
            for _ in 0..count {
                let begun = Instant::now();
                work(&file.tariff, example);
                times.push(begun.elapsed());
            }
        }
    }
    times.sort_unstable();
    times
}

fn quantile(sorted: &[Duration], thousandths: usize) -> Duration {
    let place = sorted.len().saturating_sub(1) * thousandths / 1_000;
    sorted.get(place).copied().unwrap_or_default()
}

fn row(report: &mut String, what: &str, sorted: &[Duration], limit: &str) -> std::fmt::Result {
    let tenths = |duration: Duration| {
        let tenths = duration.as_nanos() / 100;
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    let [p50, p99, max] = [500, 990, 1_000].map(|thousandths| tenths(quantile(sorted, thousandths)));
    writeln!(report, "| {what} | {p50} | {p99} | {max} | {limit} |")
}

struct Many {
    took: Duration,
    memory_kib: u64,
    packed: usize,
}

/// Compiles many copies, each under a name of its own, and keeps what the evaluator reads.
fn many(texts: &[(String, String)]) -> Result<Many, Box<dyn Error>> {
    let copies: Vec<String> = texts
        .iter()
        .cycle()
        .take(MANY)
        .enumerate()
        .map(|(number, (_, text))| text.replacen("\nid = \"", &format!("\nid = \"n{number}-"), 1))
        .collect();
    let before = resident_kib();
    let begun = Instant::now();
    let mut tariffs = Vec::with_capacity(MANY);
    for copy in &copies {
        tariffs.push(
            compile("copy", copy)
                .map_err(|_| "a copy does not compile")?
                .tariff,
        );
    }
    let took = begun.elapsed();
    let memory_kib = resident_kib().saturating_sub(before);
    let mut packed = 0;
    for tariff in &tariffs {
        packed += postcard::to_stdvec(tariff)?.len();
    }
    Ok(Many {
        took,
        memory_kib,
        packed,
    })
}

/// Memory of this process, where Linux says it.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}

fn replace(document: &Path, report: &str) -> Result<(), Box<dyn Error>> {
    let text = std::fs::read_to_string(document)?;
    let [begin, end] = MARKS;
    let (head, rest) = text
        .split_once(begin)
        .ok_or("the file has no mark where the part begins")?;
    let (_, tail) = rest
        .split_once(end)
        .ok_or("the file has no mark where the part ends")?;
    std::fs::write(document, format!("{head}{begin}\n{report}{end}{tail}"))?;
    Ok(())
}
