//! What a file is, told from its first bytes: one of the formats that are read, or something else by its name, with what
//! to do.

use crate::columns::Columns;
use crate::records::Records;
use crate::{govpay, lanterna, unified};
use serde::{Deserialize, Serialize};
use std::io::Cursor;

/// Bytes of a file it is recognised by.
pub const HEAD_BYTES: usize = 64 * 1024;
/// Unknown columns named.
const NAMED_MAX: usize = 5;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Our own columns.
    Lanterna,
    /// One JSON object a line.
    JsonLines,
    /// `GovPay`'s columns.
    GovPay,
    /// The columns of the Piattaforma Unitaria, version 2.0.
    UnifiedPlatform,
}

impl Format {
    /// Every one.
    pub const ALL: [Self; 4] = [
        Self::Lanterna,
        Self::JsonLines,
        Self::GovPay,
        Self::UnifiedPlatform,
    ];

    /// The name kept in storage, and told to programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lanterna => "lanterna",
            Self::JsonLines => "json_lines",
            Self::GovPay => "govpay",
            Self::UnifiedPlatform => "unified_platform",
        }
    }
}

/// Why a file is not read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.english())]
pub enum RefusedFile {
    /// Nothing in it.
    Empty,
    /// A ZIP archive, or another compressed file.
    Compressed,
    /// A workbook of Excel or `LibreOffice`.
    Workbook,
    /// A PDF.
    Pdf,
    /// Text in UTF-16.
    Utf16,
    /// Text in Latin-1 or the like.
    NotUtf8 {
        /// The first byte that cannot be UTF-8, from 1.
        at: usize,
    },
    /// No text.
    Binary,
    /// XML or HTML.
    Markup,
    /// A JSON document, not one object a line.
    JsonDocument,
    /// A header that is none of those known.
    UnknownHeader,
    /// A header too long to be one.
    HeaderTooLong,
    /// Columns that are not known.
    UnknownColumns(Vec<String>),
    /// A column is there twice.
    RepeatedColumn(String),
    /// A column that is needed is missing.
    MissingColumn(&'static str),
}

impl RefusedFile {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::Compressed => "file_compressed",
            Self::Workbook => "file_workbook",
            Self::Pdf => "file_pdf",
            Self::Utf16 => "file_utf16",
            Self::NotUtf8 { .. } => "file_not_utf8",
            Self::Binary => "file_binary",
            Self::Markup => "file_markup",
            Self::JsonDocument => "file_json_document",
            Self::UnknownHeader => "file_unknown_header",
            Self::HeaderTooLong => "file_header_too_long",
            Self::UnknownColumns(_) => "file_unknown_columns",
            Self::RepeatedColumn(_) => "file_repeated_column",
            Self::MissingColumn(_) => "file_missing_column",
        }
    }

    /// The sentence in Italian.
    pub fn italian(&self) -> String {
        match self {
            Self::Empty => "Il file è vuoto: controllare l'esportazione del gestionale.".to_owned(),
            Self::Compressed => "È un archivio compresso (ZIP): estrarre il file CSV e caricare quello.".to_owned(),
            Self::Workbook => "È una cartella di lavoro (Excel, LibreOffice): salvarla come «CSV UTF-8» e caricare il CSV.".to_owned(),
            Self::Pdf => "È un PDF: serve il file CSV o JSON prodotto dal gestionale.".to_owned(),
            Self::Utf16 => "Il testo è in UTF-16: salvarlo come UTF-8.".to_owned(),
            Self::NotUtf8 { at } => format!("Il testo non è in UTF-8 (byte {at}), forse è in Latin-1: salvarlo come «CSV UTF-8», o convertirlo con iconv -f WINDOWS-1252 -t UTF-8."),
            Self::Binary => "Non è un file di testo: serve un CSV o un JSON con un oggetto per riga.".to_owned(),
            Self::Markup => "È un file XML o HTML: serve un CSV o un JSON con un oggetto per riga.".to_owned(),
            Self::JsonDocument => "È un documento JSON unico: scrivere un oggetto per riga, senza parentesi quadre intorno.".to_owned(),
            Self::UnknownHeader => "L'intestazione non è di nessun tracciato noto: la prima riga deve avere i nomi delle colonne.".to_owned(),
            Self::HeaderTooLong => "La prima riga è troppo lunga per essere un'intestazione: controllare separatori e fine riga.".to_owned(),
            Self::UnknownColumns(names) => format!("Colonne sconosciute: {}. Controllare i nomi o toglierle.", names.join(", ")),
            Self::RepeatedColumn(name) => format!("La colonna {name} c'è due volte: toglierne una."),
            Self::MissingColumn(name) => format!("Manca la colonna {name}: aggiungerla."),
        }
    }

    /// The sentence in English.
    pub fn english(&self) -> String {
        match self {
            Self::Empty => "The file is empty: check what the program exported.".to_owned(),
            Self::Compressed => {
                "This is a compressed archive (ZIP): extract the CSV file and load that.".to_owned()
            }
            Self::Workbook => {
                "This is a workbook (Excel, LibreOffice): save it as \"CSV UTF-8\" and load the CSV."
                    .to_owned()
            }
            Self::Pdf => "This is a PDF: the CSV or JSON file of the program is needed.".to_owned(),
            Self::Utf16 => "The text is UTF-16: save it as UTF-8.".to_owned(),
            Self::NotUtf8 { at } => format!(
                "The text is not UTF-8 (byte {at}), perhaps Latin-1: save it as \"CSV UTF-8\", or convert it with iconv -f WINDOWS-1252 -t UTF-8."
            ),
            Self::Binary => {
                "This is no text: a CSV file, or JSON with one object a line, is needed.".to_owned()
            }
            Self::Markup => {
                "This is XML or HTML: a CSV file, or JSON with one object a line, is needed.".to_owned()
            }
            Self::JsonDocument => {
                "This is a single JSON document: write one object a line, without brackets around.".to_owned()
            }
            Self::UnknownHeader => {
                "The header is of no known format: the first row must hold the names of the columns."
                    .to_owned()
            }
            Self::HeaderTooLong => {
                "The first row is too long to be a header: check separators and line ends.".to_owned()
            }
            Self::UnknownColumns(names) => format!(
                "Unknown columns: {}. Check their names or remove them.",
                names.join(", ")
            ),
            Self::RepeatedColumn(name) => format!("Column {name} is there twice: remove one."),
            Self::MissingColumn(name) => format!("Column {name} is missing: add it."),
        }
    }
}

/// A format, and how its file is written.
pub(crate) struct Shape {
    pub(crate) format: Format,
    pub(crate) delimiter: u8,
    pub(crate) columns: Columns,
    /// Columns that are known and not used.
    pub(crate) ignored: Vec<String>,
}

/// What a file is, by its first [`HEAD_BYTES`], or all of a shorter one.
///
/// # Errors
/// When it is nothing that is read.
pub fn recognise(head: &[u8]) -> Result<Format, RefusedFile> {
    shape_of(head).map(|shape| shape.format)
}

pub(crate) fn shape_of(head: &[u8]) -> Result<Shape, RefusedFile> {
    let text = text_of(head)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.trim_start().chars().next() {
        None => Err(RefusedFile::Empty),
        Some('[') => Err(RefusedFile::JsonDocument),
        Some('<') => Err(RefusedFile::Markup),
        Some('{') if is_one_object_over_lines(text) => Err(RefusedFile::JsonDocument),
        Some('{') => Ok(Shape {
            format: Format::JsonLines,
            delimiter: b',',
            columns: Columns::default(),
            ignored: Vec::new(),
        }),
        Some(_) => shape_of_table(text),
    }
}

/// The text of the first bytes, once they are not known for something else.
fn text_of(head: &[u8]) -> Result<&str, RefusedFile> {
    if head.is_empty() {
        return Err(RefusedFile::Empty);
    }
    let has = |part: &[u8]| head.windows(part.len()).any(|window| window == part);
    if head.starts_with(b"PK\x03\x04") {
        let is_workbook = has(b"[Content_Types].xml") || has(b"xl/") || has(b"opendocument.spreadsheet");
        return Err(if is_workbook {
            RefusedFile::Workbook
        } else {
            RefusedFile::Compressed
        });
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(RefusedFile::Workbook);
    }
    let archives: [&[u8]; 5] = [b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ"];
    if archives.iter().any(|magic| head.starts_with(magic)) || head.starts_with(b"PK\x05\x06") {
        return Err(RefusedFile::Compressed);
    }
    if head.starts_with(b"%PDF") {
        return Err(RefusedFile::Pdf);
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Err(RefusedFile::Utf16);
    }
    if head.contains(&0) {
        let nulls: usize = head.iter().map(|byte| usize::from(*byte == 0)).sum();
        return Err(if nulls * 3 > head.len() && head.len() > 8 && is_wide(head) {
            RefusedFile::Utf16
        } else {
            RefusedFile::Binary
        });
    }
    match std::str::from_utf8(head) {
        Ok(text) => Ok(text),
        // The head may end within a character.
        Err(error) if error.error_len().is_none() && head.len() >= HEAD_BYTES => {
            std::str::from_utf8(&head[..error.valid_up_to()]).map_err(|_| RefusedFile::Binary)
        }
        Err(error) => {
            let controls = head
                .iter()
                .filter(|byte| **byte < 9 || (14..32).contains(*byte))
                .count();
            Err(if controls * 20 > head.len() {
                RefusedFile::Binary
            } else {
                RefusedFile::NotUtf8 {
                    at: error.valid_up_to() + 1,
                }
            })
        }
    }
}

/// Whether every other byte is empty, as Western text in UTF-16 has them.
fn is_wide(head: &[u8]) -> bool {
    let of = |offset: usize| {
        head.iter()
            .skip(offset)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    of(0) == 0 || of(1) == 0
}

/// Whether an object goes on over several lines: its first line alone is not one.
fn is_one_object_over_lines(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let second = lines.next();
    !first.ends_with('}') && second.is_some_and(|line| !line.starts_with('{'))
}

fn shape_of_table(text: &str) -> Result<Shape, RefusedFile> {
    let line = text
        .trim_start_matches(['\r', '\n'])
        .lines()
        .next()
        .unwrap_or_default();
    let count = |mark: u8| line.bytes().filter(|byte| *byte == mark).count();
    let delimiter = if count(b';') >= count(b',') { b';' } else { b',' };
    let names = header_of(text, delimiter)?;
    let has = |name: &str| names.iter().any(|own| own.eq_ignore_ascii_case(name));
    if has("idPendenza") && has("importo") {
        let (columns, ignored) = Columns::of(&names, govpay::names());
        columns.need(&govpay::NEEDED)?;
        return Ok(Shape {
            format: Format::GovPay,
            delimiter,
            columns,
            ignored,
        });
    }
    if has("IUPD") && has("azione") {
        let (columns, ignored) = Columns::of(&names, unified::names());
        columns.need(&unified::NEEDED)?;
        return Ok(Shape {
            format: Format::UnifiedPlatform,
            delimiter,
            columns,
            ignored,
        });
    }
    if has("key") && (has("service") || has("operation")) {
        let (columns, mut unknown) = Columns::of(&names, lanterna::names());
        if !unknown.is_empty() {
            unknown.truncate(NAMED_MAX);
            return Err(RefusedFile::UnknownColumns(unknown));
        }
        return Ok(Shape {
            format: Format::Lanterna,
            delimiter,
            columns,
            ignored: Vec::new(),
        });
    }
    Err(RefusedFile::UnknownHeader)
}

fn header_of(text: &str, delimiter: u8) -> Result<Vec<String>, RefusedFile> {
    let mut records =
        Records::new(Cursor::new(text.as_bytes()), delimiter).map_err(|_| RefusedFile::Binary)?;
    let record = records
        .next()
        .map_err(|_| RefusedFile::Binary)?
        .ok_or(RefusedFile::Empty)?;
    if record.problem.is_some() && record.fields.len() == 0
        || text.len() >= HEAD_BYTES && !text.contains(['\n', '\r'])
    {
        return Err(RefusedFile::HeaderTooLong);
    }
    let names: Vec<String> = record.fields.iter().map(|name| name.trim().to_owned()).collect();
    for (index, name) in names.iter().enumerate() {
        if !name.is_empty()
            && names[..index]
                .iter()
                .any(|other| other.eq_ignore_ascii_case(name))
        {
            return Err(RefusedFile::RepeatedColumn(name.clone()));
        }
    }
    Ok(names)
}
