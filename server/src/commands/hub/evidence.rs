//! `lanterna hub evidence`: how an exchange went, message by message, in one file. It is what the hub's acceptance tests ask
//! for (test plan of creditor institutions, EC-PSP-01 to 05), and what a dispute needs.

use super::super::{Unusable, say};
use super::event::{self, FIELDS};
use super::sought::Found;
use crate::cli::Evidence;
use anyhow::{Context, Result, bail};
use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use maud::{DOCTYPE, html};
use services::clock::italian_time;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::Path;
use storage::messages::{MessageKind, NewMessage};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Messages one file holds: more are a period chosen too long.
const MESSAGES_MAX: usize = 9_999;

/// Makes the file, or leaves none.
pub(in super::super) async fn evidence(arguments: Evidence) -> Result<()> {
    let mut found = Found::open(&arguments.sought).await?;
    let out = &arguments.out;
    let file = create(out)?;
    match Box::pin(write(&mut found, file)).await {
        Ok(count) => {
            say(&format!(
                "{}: {count} messages about {}. It holds personal data: keep it as such.",
                out.display(),
                found.describe()
            ));
            Ok(())
        }
        Err(error) => {
            // Half an evidence is none; what matters is why.
            let _ = std::fs::remove_file(out);
            Err(error)
        }
    }
}

/// A new file only this user can read.
fn create(file: &Path) -> Result<File> {
    let mut open = OpenOptions::new();
    open.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    match open.open(file) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            bail!(Unusable(format!(
                "{} is there already: choose another name",
                file.display()
            )))
        }
        opened => opened.with_context(|| format!("cannot write {}", file.display())),
    }
}

/// A line of the index.
struct Entry {
    file: String,
    values: [String; FIELDS.len()],
}

async fn write(found: &mut Found, file: File) -> Result<usize> {
    let now = found.now();
    let mut zip = Box::new(ZipWriter::new(BufWriter::new(file)));
    let mut entries = Vec::new();
    loop {
        let page = found.page().await?;
        if page.is_empty() {
            break;
        }
        for message in &page {
            if entries.len() == MESSAGES_MAX {
                bail!(Unusable(format!(
                    "there are more than {MESSAGES_MAX} messages: choose a period with --from and --until"
                )));
            }
            let name = file_name(entries.len() + 1, message);
            zip.start_file(&name, options(message.at)?)?;
            zip.write_all(&message.body)?;
            entries.push(Entry {
                file: name,
                values: event::values(message),
            });
        }
    }
    if entries.is_empty() {
        bail!(Unusable(format!(
            "no message about {} of {} in this archive",
            found.describe(),
            found.search.institution
        )));
    }
    for (name, text) in [
        ("index.csv", csv(&entries)),
        ("index.html", page(found, &entries, now)),
        ("LEGGIMI.txt", read_me(found, &entries, now)),
    ] {
        zip.start_file(name, options(now)?)?;
        zip.write_all(text.as_bytes())?;
    }
    zip.finish()?.flush()?;
    Ok(entries.len())
}

/// The time of an entry, Italian as everything a person reads there.
fn options(at: DateTime<Utc>) -> Result<SimpleFileOptions> {
    let local = italian_time(at);
    let small = |number: u32| u8::try_from(number);
    let time = zip::DateTime::from_date_and_time(
        u16::try_from(local.year())?,
        small(local.month())?,
        small(local.day())?,
        small(local.hour())?,
        small(local.minute())?,
        small(local.second())?,
    )?;
    Ok(SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(time)
        .unix_permissions(0o600))
}

/// `0001-paVerifyPaymentNotice-request.xml`. The operation came from outside: only letters and digits of it are used.
fn file_name(place: usize, message: &NewMessage) -> String {
    let operation: String = message
        .operation
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(60)
        .collect();
    let kind = match message.kind {
        MessageKind::Request => "request",
        MessageKind::Response => "response",
    };
    let ending = match message.body.trim_ascii_start().first() {
        Some(b'<') => "xml",
        Some(b'{' | b'[') => "json",
        _ => "txt",
    };
    format!("{place:04}-{operation}-{kind}.{ending}")
}

fn csv(entries: &[Entry]) -> String {
    // The mark at the start tells spreadsheets that this is UTF-8.
    let mut text = "\u{feff}".to_owned();
    text.push_str(&event::csv_line(FIELDS.into_iter().chain(["file"])));
    for entry in entries {
        let values = entry.values.iter().map(String::as_str);
        text.push_str(&event::csv_line(values.chain([entry.file.as_str()])));
    }
    text
}

/// What the page shows of each event.
const SHOWN: [(&str, &str); 7] = [
    ("eventDateTime", "Istante (UTC)"),
    ("type", "Operazione"),
    ("subtype", "Verso"),
    ("requester", "Chi chiede"),
    ("responder", "Chi risponde"),
    ("outcome", "Esito"),
    ("durationMs", "Durata (ms)"),
];

fn page(found: &Found, entries: &[Entry], now: DateTime<Utc>) -> String {
    let title = format!("Messaggi scambiati con pagoPA: {}", italian_subject(found));
    let value = |entry: &Entry, field: &str| {
        let place = FIELDS.iter().position(|name| *name == field);
        place.map_or_else(String::new, |place| entry.values[place].clone())
    };
    html! {
        (DOCTYPE)
        html lang="it" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style {
                    "body{font:1rem/1.5 sans-serif;margin:1rem}table{border-collapse:collapse}"
                    "caption{text-align:left;padding:.5rem 0}"
                    "th,td{border:1px solid #5a6772;padding:.25rem .5rem;text-align:left;vertical-align:top}"
                }
            }
            body {
                main {
                    h1 { (title) }
                    p {
                        "Ente creditore " (found.search.institution) ". Estratto il "
                        (italian_time(now).format("%d/%m/%Y alle %H:%M")) ", ora italiana."
                    }
                    table {
                        caption { (entries.len()) " messaggi, dal più vecchio" }
                        thead {
                            tr {
                                th scope="col" { "File" }
                                @for (_, heading) in SHOWN { th scope="col" { (heading) } }
                            }
                        }
                        tbody {
                            @for entry in entries {
                                tr {
                                    th scope="row" { a href=(entry.file) { (entry.file) } }
                                    @for (field, _) in SHOWN { td { (value(entry, field)) } }
                                }
                            }
                        }
                    }
                    p { "Tutti i campi sono in " a href="index.csv" { "index.csv" } "." }
                }
            }
        }
    }
    .into_string()
}

fn read_me(found: &Found, entries: &[Entry], now: DateTime<Utc>) -> String {
    format!(
        "Messaggi scambiati con pagoPA: {subject}\n\
         Ente creditore: {institution}\n\
         Messaggi: {count}, estratti il {day} (ora italiana)\n\
         \n\
         I file numerati sono i messaggi come sono passati, byte per byte, dal più vecchio.\n\
         index.html li elenca; si apre con qualunque browser, senza rete.\n\
         index.csv ne riporta tutti i campi del giornale degli eventi (SANP, appendice \"Giornale degli eventi\"):\n\
         separatore punto e virgola, UTF-8, istanti in UTC.\n\
         \n\
         Per i collaudi con pagoPA (EC-PSP-01 verifica, 02 e 02M pagamento, 03 ricevuta, 04 e 05 riconciliazione)\n\
         si allega un archivio come questo per ciascun avviso pagato.\n\
         \n\
         I messaggi contengono dati personali: si conservano e si trasmettono solo a chi ne ha titolo.\n",
        subject = italian_subject(found),
        institution = found.search.institution,
        count = entries.len(),
        day = italian_time(now).format("%d/%m/%Y alle %H:%M"),
    )
}

fn italian_subject(found: &Found) -> String {
    use storage::messages::MessageSubject;
    match &found.search.subject {
        MessageSubject::Notice(number) => format!("avviso {number}"),
        MessageSubject::Iuv(iuv) => format!("IUV {iuv}"),
        MessageSubject::Receipt(id) => format!("ricevuta {id}"),
    }
}
