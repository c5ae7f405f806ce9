//! Draws every variant of receipt and notice into a folder, each with what a checker must find in it; then random ones, as
//! many as said, and a volume of notices.
//!
//! `cargo run --release -p documents --example gallery -- FOLDER [RANDOM]`

use documents::font::{Fonts, tier_for};
use documents::notice::Notice;
use documents::pdf::{self, About, Volume};
use documents::spelling::tidy;
use documents::{Document, Language, notice, receipt, testing};
use domain::{DataMatrix, QrPayload};
use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// Notices of the volume.
const VOLUME: usize = 24;

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("say which folder to draw into")?;
    let random: usize = arguments.next().map_or(Ok(0), |count| count.parse())?;
    let gallery = Gallery {
        folder: PathBuf::from(folder),
    };
    fs::create_dir_all(&gallery.folder)?;
    let notices: BTreeMap<String, Notice> = testing::notices().into_iter().collect();
    for (name, document) in testing::examples() {
        let codes = notices.get(&name).map(codes).transpose()?.unwrap_or_default();
        gallery.draw(&name, &document, &codes)?;
    }
    gallery.draw_random(random)?;
    gallery.draw_volume(notices.values().take(VOLUME))
}

struct Gallery {
    folder: PathBuf,
}

impl Gallery {
    fn draw(&self, name: &str, document: &Document, codes: &[Value]) -> Outcome {
        let bytes = pdf::render(document, Fonts::of(tier_for(document.texts(), Fonts::core())))
            .map_err(|problem| format!("{name}: {problem}"))?;
        fs::write(self.folder.join(format!("{name}.pdf")), bytes)?;
        let archive = if document.attachments.is_empty() {
            "2a"
        } else {
            "3a"
        };
        self.expect(name, &document.title, archive, codes)
    }

    /// Writes what a checker must find: the profiles a file conforms to, its title, and what its codes say.
    fn expect(&self, name: &str, title: &str, archive: &str, codes: &[Value]) -> Outcome {
        let facts = json!({ "title": title, "profiles": ["ua1", archive], "codes": codes });
        let file: &Path = &self.folder.join(format!("{name}.json"));
        Ok(fs::write(file, serde_json::to_string_pretty(&facts)?)?)
    }

    /// Draws the same random receipts and notices each time, half and half.
    fn draw_random(&self, count: usize) -> Outcome {
        let mut runner = TestRunner::deterministic();
        for number in 0..count {
            let name = format!("random-{number:05}");
            if number % 2 == 0 {
                let data = random(&mut runner, &testing::arbitrary::receipt())?;
                self.draw(&name, &receipt::document(&data, Language::It, None), &[])?;
            } else {
                let data = random(&mut runner, &testing::arbitrary::notice())?;
                // Random data may make no lawful notice.
                if let Ok(noticed) = notice::document(&data) {
                    self.draw(&name, &noticed.document, &codes(&data)?)?;
                }
            }
        }
        Ok(())
    }

    fn draw_volume<'a>(&self, notices: impl Iterator<Item = &'a Notice>) -> Outcome {
        let name = "volume";
        let documents = notices
            .map(|data| Ok(notice::document(data)?.document))
            .collect::<Result<Vec<_>, notice::NoticeError>>()?;
        let first = documents.first().ok_or("there are no notices")?;
        let about = About {
            title: "Avvisi di pagamento".to_owned(),
            ..About::document(first)
        };
        let file = BufWriter::new(fs::File::create(self.folder.join(format!("{name}.pdf")))?);
        let mut volume = Volume::new(file, about.clone(), Fonts::wide())?;
        for document in &documents {
            volume.add(document)?;
        }
        volume.finish()?;
        // Its codes are those of its notices, which are scanned one by one.
        self.expect(name, &about.title, "2a", &[])
    }
}

fn random<S: Strategy>(runner: &mut TestRunner, of: &S) -> Result<S::Value, String> {
    let tree = of.new_tree(runner).map_err(|reason| reason.to_string())?;
    Ok(tree.current())
}

/// What the codes of a notice say, one after the other.
fn codes(notice: &Notice) -> Result<Vec<Value>, Box<dyn Error>> {
    let institution = &notice.institution;
    let mut codes = Vec::new();
    for payment in notice.payments.all() {
        let qr = QrPayload::new(
            payment.number.clone(),
            institution.fiscal_code.clone(),
            payment.amount,
        )?;
        codes.push(json!({ "kind": "qr", "text": qr.to_string() }));
        if let Some(postal) = &institution.postal {
            let slip = DataMatrix {
                notice_number: payment.number.clone(),
                account: postal.account.clone(),
                amount: payment.amount,
                institution: institution.fiscal_code.clone(),
                debtor_code: notice.recipient.person.code.clone().unwrap_or_default(),
                debtor_name: tidy(&notice.recipient.person.name),
                subject: tidy(&notice.subject),
            };
            codes.push(json!({ "kind": "data_matrix", "text": slip.print()? }));
        }
    }
    Ok(codes)
}
