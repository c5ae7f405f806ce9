//! `native-papers`: draws random receipts and notices as the server does and says as JSON what came out, for the browser to
//! be held against it.

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use documents::font::{Fonts, Tier, tier_for};
use documents::testing::{self, arbitrary};
use documents::{Language, Printable, pdf};
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io::{Write, stdout};

/// Draws exemplary and random documents
#[derive(Parser)]
struct Args {
    /// Decides the random documents
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Random documents, half of them receipts
    #[arg(long, default_value_t = 0)]
    random: u32,
}

/// A document and what came out of it.
#[derive(Serialize)]
struct Drawn {
    name: String,
    /// As pages have it: postcard in base64.
    printable: String,
    /// It has letters that only the large pack of fonts has.
    needs_wide: bool,
    /// SHA-256 of the file in hexadecimal; `None` where the server draws none.
    digest: Option<String>,
    /// Bytes of the file.
    size: Option<usize>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let mut drawn = Vec::new();
    for (name, notice) in testing::notices() {
        drawn.push(draw(name, &Printable::Notice(Box::new(notice)))?);
    }
    let mut receipt = testing::receipt();
    for language in [Language::It, Language::En] {
        let printable = Printable::Receipt(Box::new(receipt.clone()), language);
        drawn.push(draw(format!("receipt-{}", language.tag()), &printable)?);
    }
    "Đorđe Žižić Ștefănescu Łukasz Ġużè".clone_into(&mut receipt.debtor.name);
    let wide = Printable::Receipt(Box::new(receipt), Language::It);
    drawn.push(draw("receipt-wide".to_owned(), &wide)?);
    let mut runner = runner(args.seed);
    for place in 0..args.random {
        let printable = random(&mut runner, place)?;
        drawn.push(draw(format!("random-{place}"), &printable)?);
    }
    serde_json::to_writer(stdout().lock(), &drawn)?;
    writeln!(stdout())?;
    Ok(())
}

/// What makes the same random documents each time.
fn runner(seed: u64) -> TestRunner {
    let bytes = Sha256::digest(seed.to_le_bytes());
    TestRunner::new_with_rng(
        Config::default(),
        TestRng::from_seed(RngAlgorithm::ChaCha, &bytes),
    )
}

fn random(runner: &mut TestRunner, place: u32) -> Result<Printable> {
    let cannot = |reason| anyhow::anyhow!("no random document: {reason}");
    let language = if place % 4 < 2 { Language::It } else { Language::En };
    Ok(if place.is_multiple_of(2) {
        let receipt = arbitrary::receipt().new_tree(runner).map_err(cannot)?.current();
        Printable::Receipt(Box::new(receipt), language)
    } else {
        let notice = arbitrary::notice().new_tree(runner).map_err(cannot)?.current();
        Printable::Notice(Box::new(notice))
    })
}

/// Draws a document with the fonts and the code the server draws with.
fn draw(name: String, printable: &Printable) -> Result<Drawn> {
    let packed = postcard::to_stdvec(printable).with_context(|| format!("{name} cannot be packed"))?;
    let document = printable.document().ok();
    let tier = document
        .as_ref()
        .map_or(Tier::Core, |document| tier_for(document.texts(), Fonts::core()));
    let file = document.and_then(|document| pdf::render(&document, Fonts::of(tier)).ok());
    let digest = file.as_ref().map(|file| hexadecimal(&Sha256::digest(file)));
    Ok(Drawn {
        name,
        printable: STANDARD.encode(packed),
        needs_wide: tier == Tier::Wide,
        digest,
        size: file.map(|file| file.len()),
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
