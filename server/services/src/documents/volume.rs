//! A volume of notices as a file: drawn one by one into a temporary file, made durable, then given its name. The name holds
//! the beginning of its digest, so that two workers that draw the same volume at different moments never overwrite what the
//! other recorded.

use super::drawing::fonts;
use super::imprint::Imprint;
use super::index::{Line, Pages};
use super::prepare::{self, Issuer, Printed};
use crate::directory::Entries;
use chrono::{DateTime, NaiveDate, Utc};
use documents::notice::{Languages, Notice, NoticeError, Payment, Rule, Warning};
use documents::pdf::{About, RenderError, Volume as Pdf};
use domain::{CreditorInstitution, NoticeNumber};
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use storage::debt_positions::StoredPosition;
use storage::print_batches::{Item, ItemDone, Volume};

/// What the name of a file begins with that is not finished.
pub(super) const UNFINISHED: &str = ".unfinished-";
/// What the name of a volume begins with.
pub(super) const VOLUME: &str = "avvisi-";

/// The notices of a volume to draw.
pub(super) struct Chunk {
    pub(super) folder: PathBuf,
    pub(super) batch: i64,
    pub(super) ordinal: u64,
    pub(super) institution: CreditorInstitution,
    pub(super) entries: Arc<Entries>,
    pub(super) imprint: Imprint,
    pub(super) languages: Languages,
    pub(super) items: Vec<(Item, StoredPosition)>,
    /// Nobody else's, for the temporary file.
    pub(super) worker: String,
    pub(super) now: DateTime<Utc>,
    pub(super) today: NaiveDate,
}

/// A volume drawn, to be recorded.
pub(super) struct Drawn {
    pub(super) volume: Volume,
    pub(super) items: Vec<ItemDone>,
    /// The first code of each notice in it.
    pub(super) printed: Vec<NoticeNumber>,
}

/// A notice that was to be printed, and what became of it.
struct Tried {
    /// What it says; `None` when it could not even be said.
    notice: Option<Notice>,
    outcome: Outcome,
}

enum Outcome {
    Printed(Pages, Vec<Warning>),
    Refused(&'static str, String),
}

impl Tried {
    const fn refused(notice: Option<Notice>, code: &'static str, why: String) -> Self {
        Self {
            notice,
            outcome: Outcome::Refused(code, why),
        }
    }

    fn unlawful(notice: Option<Notice>, error: &NoticeError) -> Self {
        Self::refused(notice, code(error.rule), error.italian())
    }

    const fn is_printed(&self) -> bool {
        matches!(self.outcome, Outcome::Printed(..))
    }
}

/// Draws a volume. Notices that cannot be are told and left out.
///
/// # Errors
/// The file cannot be written.
pub(super) fn draw_volume(chunk: &Chunk) -> io::Result<Drawn> {
    make_private_folder(&chunk.folder)?;
    let unfinished = chunk
        .folder
        .join(format!("{UNFINISHED}{:04}-{}", chunk.ordinal, chunk.worker));
    let drawn = draw_into(chunk, &unfinished);
    if drawn.is_err() {
        // What matters is why; a later volume's clearing takes it away if this does not.
        let _ = std::fs::remove_file(&unfinished);
    }
    drawn
}

fn draw_into(chunk: &Chunk, unfinished: &Path) -> io::Result<Drawn> {
    let sink = BufWriter::new(Digesting {
        file: create_private(unfinished)?,
        digest: Sha256::new(),
        bytes: 0,
    });
    let mut pdf = Pdf::new(sink, about(chunk), fonts()).map_err(written)?;
    let mut tried = Vec::with_capacity(chunk.items.len());
    for (_, stored) in &chunk.items {
        tried.push(print(chunk, stored, &mut pdf)?);
    }
    let printed = tried
        .iter()
        .filter(|of_item| of_item.iter().any(Tried::is_printed))
        .count();
    let pages = pdf.page_count();
    let (file, bytes) = if printed == 0 {
        std::fs::remove_file(unfinished)?;
        (None, 0)
    } else {
        let sink = pdf.finish().map_err(written)?;
        let Digesting { file, digest, bytes } = sink.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let digest: [u8; 32] = digest.finalize().into();
        let [a, b, c, d, ..] = digest;
        let name = format!("{VOLUME}{:04}-{a:02x}{b:02x}{c:02x}{d:02x}.pdf", chunk.ordinal);
        std::fs::rename(unfinished, chunk.folder.join(&name))?;
        File::open(&chunk.folder)?.sync_all()?;
        (Some((name, digest)), bytes)
    };
    let name = file.as_ref().map_or("", |(name, _)| name.as_str());
    let items = chunk
        .items
        .iter()
        .zip(&tried)
        .map(|((item, stored), of_item)| ItemDone {
            item: item.clone(),
            is_printed: of_item.iter().any(Tried::is_printed),
            line: of_item
                .iter()
                .map(|tried| line(chunk.ordinal, name, stored, tried))
                .collect(),
        });
    let numbers = tried
        .iter()
        .flatten()
        .filter(|tried| tried.is_printed())
        .filter_map(|tried| Some(first_payment(tried.notice.as_ref()?)?.number.clone()));
    let count = |number: usize| number as u64;
    Ok(Drawn {
        items: items.collect(),
        printed: numbers.collect(),
        volume: Volume {
            ordinal: chunk.ordinal,
            bytes,
            pages: count(pages),
            printed: count(printed),
            refused: count(tried.len() - printed),
            at: chunk.now,
            file,
        },
    })
}

fn about(chunk: &Chunk) -> About {
    About {
        title: format!(
            "Avvisi di pagamento, lotto {}, volume {}",
            chunk.batch, chunk.ordinal
        ),
        subject: "Avvisi di pagamento pagoPA".to_owned(),
        author: chunk.institution.name.clone(),
        language: chunk.languages.first,
        dated: chunk.now,
        has_attachments: false,
    }
}

/// Prints the notices of a position, or says why not. Only a file that cannot be written is an error.
fn print<W: Write>(chunk: &Chunk, stored: &StoredPosition, pdf: &mut Pdf<'_, W>) -> io::Result<Vec<Tried>> {
    let position = &stored.position;
    let issuer = Issuer {
        institution: &chunk.institution,
        service: chunk.entries.service(&position.institution, &position.service),
        imprint: &chunk.imprint,
    };
    let printed = Printed {
        languages: chunk.languages,
        today: chunk.today,
    };
    match prepare::notices(issuer, stored, printed) {
        Ok(notices) => notices.into_iter().map(|notice| print_one(notice, pdf)).collect(),
        Err(error) => Ok(vec![Tried::unlawful(None, &error)]),
    }
}

fn print_one<W: Write>(notice: Notice, pdf: &mut Pdf<'_, W>) -> io::Result<Tried> {
    let noticed = match documents::notice::document(&notice) {
        Ok(noticed) => noticed,
        Err(error) => return Ok(Tried::unlawful(Some(notice), &error)),
    };
    let first = pdf.page_count() + 1;
    let outcome = match pdf.add(&noticed.document) {
        Ok(count) => Outcome::Printed(Pages { first, count }, noticed.warnings),
        Err(RenderError::Write(error)) => return Err(error),
        Err(RenderError::Character(character)) => Outcome::Refused(
            "character",
            format!("nessun carattere del documento disegna “{character}”"),
        ),
        Err(RenderError::Overflow { area, .. }) => {
            Outcome::Refused("overflow", format!("il testo non sta nel riquadro “{area}”"))
        }
        Err(error @ RenderError::Empty) => Outcome::Refused("empty", error.to_string()),
    };
    Ok(Tried {
        notice: Some(notice),
        outcome,
    })
}

/// A stable name of a rule.
const fn code(rule: Rule) -> &'static str {
    match rule {
        Rule::Missing => "missing",
        Rule::NotPositive => "not_positive",
        Rule::TooLarge { .. } => "too_large",
        Rule::TooLong { .. } => "too_long",
        Rule::Form { .. } => "form",
        Rule::TooFew { .. } => "too_few",
        Rule::TooMany { .. } => "too_many",
        Rule::Repeated => "repeated",
        Rule::NothingToPay => "nothing_to_pay",
        Rule::Unknown => "unknown",
    }
}

fn first_payment(notice: &Notice) -> Option<&Payment> {
    notice.payments.all().next()
}

/// The line of the index of a notice.
fn line(volume: u64, file: &str, stored: &StoredPosition, tried: &Tried) -> String {
    let position = &stored.position;
    let mut instalments = position.instalments().map(|(_, _, instalment)| instalment);
    let first = match tried.notice.as_ref().and_then(first_payment) {
        Some(payment) => instalments.find(|instalment| instalment.notice_number == payment.number),
        None => instalments.next(),
    };
    let warned = |warnings: &[Warning]| {
        let words: Vec<String> = warnings.iter().map(|warning| warning.sentences().0).collect();
        (!words.is_empty()).then(|| ("warned", words.join(" - ")))
    };
    let (pages, remark) = match &tried.outcome {
        Outcome::Printed(pages, warnings) => (Some(*pages), warned(warnings)),
        Outcome::Refused(code, why) => (None, Some((*code, why.clone()))),
    };
    let address = match &tried.notice {
        Some(notice) => notice.recipient.address.clone(),
        None => prepare::recipient(&position.debtor).address,
    };
    let line = Line {
        volume,
        file: if pages.is_some() { file } else { "" },
        pages,
        number: first.map(|instalment| &instalment.notice_number),
        iuv: first.map(|instalment| &instalment.iuv),
        amount: first.map(|instalment| instalment.amount),
        due_on: first.and_then(|instalment| instalment.due_on),
        codes: tried
            .notice
            .as_ref()
            .map_or(0, |notice| notice.payments.all().count()),
        name: &position.debtor.full_name,
        address: &address,
        service: &position.service,
        key: &position.key,
        remark: remark.as_ref().map(|(code, words)| (*code, words.as_str())),
    };
    line.written()
}

/// What is written, with its digest and its length.
struct Digesting {
    file: File,
    digest: Sha256,
    bytes: u64,
}

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digest.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A volume's head and end can only fail to be written.
fn written(error: RenderError) -> io::Error {
    match error {
        RenderError::Write(error) => error,
        error @ (RenderError::Character(_) | RenderError::Overflow { .. } | RenderError::Empty) => {
            io::Error::other(error)
        }
    }
}

/// A folder only this user can look into, and those it lies in.
fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A file only this user can read, empty.
pub(super) fn create_private(file: &Path) -> io::Result<File> {
    let mut open = OpenOptions::new();
    open.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    open.open(file)
}
