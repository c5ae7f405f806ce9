//! `native-quotes`: works fees out natively and says as JSON what came out, for the browser to be held against it.

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use quotes::Rates;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};
use tariff::answers::answers_to_json;
use tariff::compile::{Compiled, Example, Mistake, by_id, check_versions, compile};
use tariff::{Tariff, versions_in_force};

/// Works out every example of tariffs, and random answers
#[derive(Parser)]
struct Args {
    /// Decides the random answers
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Random quotes over all tariffs at least
    #[arg(long, default_value_t = 0)]
    quotes: u32,
    /// A tariff file, or a folder of tariffs that are checked together
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

/// Versions of a tariff that are used together, and what came out of them.
#[derive(Serialize)]
struct Worked {
    id: String,
    /// As the portal sends them, in base64.
    packed: String,
    examples: Vec<WorkedExample>,
    /// One for each random quote.
    digests: Vec<u32>,
    /// How many random quotes have each verdict.
    statuses: BTreeMap<String, u32>,
}

#[derive(Serialize)]
struct WorkedExample {
    name: String,
    today: String,
    /// An object in JSON.
    answers: String,
    /// The quote in JSON.
    quote: String,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let mut files = Vec::new();
    for path in &args.paths {
        files.push(read(path)?);
    }
    let sets: Vec<Vec<&Compiled>> = files
        .iter()
        .flat_map(|files| by_id(files).into_values())
        .flat_map(used_together)
        .collect();
    let each = args
        .quotes
        .div_ceil(u32::try_from(sets.len()).unwrap_or(u32::MAX).max(1));
    let worked: Vec<Worked> = sets
        .iter()
        .map(|set| work(set, args.seed, each))
        .collect::<Result<_>>()?;
    serde_json::to_writer(stdout().lock(), &worked)?;
    writeln!(stdout())?;
    Ok(())
}

/// Compiles a file or those of a folder, and runs their examples.
fn read(path: &Path) -> Result<Vec<Compiled>> {
    let mut paths = Vec::new();
    gather(path, &mut paths).with_context(|| format!("cannot read {}", path.display()))?;
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        files.push(compile(&path.display().to_string(), &text).map_err(|mistakes| told(&mistakes))?);
    }
    let mistakes = check_versions(&files);
    if mistakes.is_empty() {
        Ok(files)
    } else {
        Err(told(&mistakes))
    }
}

fn gather(path: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            gather(&entry?.path(), paths)?;
        }
    } else if path.extension().is_some_and(|end| end == "toml") && !path.ends_with("accounts.toml") {
        paths.push(path.to_owned());
    } else if !path.exists() {
        bail!("it is not there");
    }
    Ok(())
}

fn told(mistakes: &[Mistake]) -> anyhow::Error {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    anyhow::anyhow!(lines.join("\n"))
}

/// The versions that count, and each corrected one by itself.
fn used_together(versions: Vec<&Compiled>) -> Vec<Vec<&Compiled>> {
    let tariffs: Vec<&Tariff> = versions.iter().map(|file| &file.tariff).collect();
    let counting = versions_in_force(&tariffs);
    let counts = |file: &&Compiled| counting.iter().any(|tariff| tariff.digest == file.tariff.digest);
    let (standing, corrected): (Vec<_>, Vec<_>) = versions.into_iter().partition(counts);
    let alone = corrected.into_iter().map(|file| vec![file]);
    std::iter::once(standing).chain(alone).collect()
}

fn work(set: &[&Compiled], seed: u32, quotes: u32) -> Result<Worked> {
    let tariffs: Vec<&Tariff> = set.iter().map(|file| &file.tariff).collect();
    let packed = postcard::to_stdvec(&tariffs)?;
    let rates = Rates::new(&packed).map_err(anyhow::Error::msg)?;
    let mut statuses = BTreeMap::new();
    for place in 0..quotes {
        *statuses.entry(rates.random_status(seed, place)).or_default() += 1;
    }
    Ok(Worked {
        id: tariffs
            .first()
            .map(|tariff| tariff.id.clone())
            .unwrap_or_default(),
        packed: STANDARD.encode(packed),
        examples: set
            .iter()
            .flat_map(|file| &file.examples)
            .map(|example| work_example(&rates, example))
            .collect::<Result<_>>()?,
        digests: rates.digests(seed, quotes),
        statuses,
    })
}

fn work_example(rates: &Rates, example: &Example) -> Result<WorkedExample> {
    let (answers, today) = (answers_to_json(&example.inputs), example.today.to_string());
    let quote = rates.work_out(&answers, &today).map_err(anyhow::Error::msg)?;
    Ok(WorkedExample {
        name: example.name.clone(),
        today,
        answers,
        quote,
    })
}
