//! What is wrong with a row: its number, its column, a stable code, and a sentence that says what to do, in both languages.

use crate::records::{COLUMNS_MAX, ROW_BYTES_MAX};
use domain::draft::Problem;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The row, from 1, the header included, as a spreadsheet numbers it.
    pub row: u64,
    /// The column by its name in the file; empty when it is the whole row.
    pub column: String,
    /// The stable code.
    pub code: &'static str,
    /// The sentence in Italian.
    pub italian: String,
    /// The sentence in English.
    pub english: String,
}

impl RowError {
    /// A part of a draft is wrong.
    pub fn field(row: u64, column: impl Into<String>, problem: &Problem) -> Self {
        Self {
            row,
            column: column.into(),
            code: problem.code(),
            italian: problem.italian(),
            english: problem.english(),
        }
    }

    /// A row is wrong as a row.
    pub fn row(row: u64, column: impl Into<String>, problem: RowProblem) -> Self {
        Self {
            row,
            column: column.into(),
            code: problem.code(),
            italian: problem.italian(),
            english: problem.english(),
        }
    }
}

/// What can be wrong with a row, before what it says is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowProblem {
    /// It has more or fewer columns than the header.
    Columns {
        /// Columns of the header.
        expected: usize,
        /// Its own.
        found: usize,
    },
    /// It has more columns than any file may.
    TooManyColumns,
    /// It is too long.
    TooLong,
    /// The file ends in its middle.
    Truncated,
    /// A quote is opened and never closed.
    Quote,
    /// Its bytes are not UTF-8.
    Encoding,
    /// Not a JSON object.
    Json {
        /// The column where reading stopped, from 1.
        column: usize,
    },
    /// It says something else than the first row of its position.
    Differs {
        /// The first row.
        first: u64,
    },
    /// Its option is neither that of the row before nor the next.
    OptionOrder,
    /// The position's key came before, in rows that do not stand with these.
    RepeatedKey,
    /// It is about another institution.
    ForeignInstitution,
    /// The rows of a position ask for different operations.
    MixedOperations,
    /// An amount that may mean two things, as `1.234`.
    AmbiguousAmount,
    /// The position has more rows than one may.
    TooManyRows,
    /// Another row of its position is wrong.
    Companion {
        /// The other row.
        row: u64,
    },
}

impl RowProblem {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Columns { .. } => "columns",
            Self::TooManyColumns => "too_many_columns",
            Self::TooLong => "row_too_long",
            Self::Truncated => "truncated",
            Self::Quote => "quote",
            Self::Encoding => "encoding",
            Self::Json { .. } => "json",
            Self::Differs { .. } => "differs",
            Self::OptionOrder => "option_order",
            Self::RepeatedKey => "repeated_key",
            Self::ForeignInstitution => "foreign_institution",
            Self::MixedOperations => "mixed_operations",
            Self::AmbiguousAmount => "ambiguous_amount",
            Self::TooManyRows => "too_many_rows",
            Self::Companion { .. } => "companion_row",
        }
    }

    /// The sentence in Italian.
    pub fn italian(self) -> String {
        match self {
            Self::Columns { expected, found } => {
                format!("La riga ha {found} colonne, l'intestazione {expected}: controllare separatori e virgolette.")
            }
            Self::TooManyColumns => format!("La riga ha più di {COLUMNS_MAX} colonne: controllare separatori e virgolette."),
            Self::TooLong => format!("La riga supera {ROW_BYTES_MAX} byte: abbreviarla, o chiudere le virgolette rimaste aperte."),
            Self::Truncated => "Il file finisce a metà della riga: è incompleto, va prodotto di nuovo.".to_owned(),
            Self::Quote => "Le virgolette aperte in questa riga non si chiudono: chiuderle, o raddoppiare quelle nel testo.".to_owned(),
            Self::Encoding => "La riga non è in UTF-8: salvare il file come UTF-8.".to_owned(),
            Self::Json { column } => format!("Non è un oggetto JSON valido (carattere {column}): correggere la riga."),
            Self::Differs { first } => format!("È diverso dalla riga {first} della stessa posizione: ripetere lo stesso valore o lasciarlo vuoto."),
            Self::OptionOrder => "Le opzioni si numerano da 1 in ordine, con le righe di ciascuna vicine.".to_owned(),
            Self::RepeatedKey => "La chiave è già comparsa più in alto: le righe di una posizione stanno vicine.".to_owned(),
            Self::ForeignInstitution => "La riga è di un altro ente: toglierla, o caricarla per quell'ente.".to_owned(),
            Self::MixedOperations => "Le righe di una posizione chiedono operazioni diverse: indicarne una sola.".to_owned(),
            Self::AmbiguousAmount => "L'importo si legge in due modi: scrivere i due decimali, come 1.234,00 o 1234.00.".to_owned(),
            Self::TooManyRows => "La posizione ha troppe righe: al più 99 rate per opzione e 20 opzioni.".to_owned(),
            Self::Companion { row } => format!("La riga {row} della stessa posizione è sbagliata: correggere quella."),
        }
    }

    /// The sentence in English.
    pub fn english(self) -> String {
        match self {
            Self::Columns { expected, found } => {
                format!("The row has {found} columns and the header {expected}: check separators and quotes.")
            }
            Self::TooManyColumns => {
                format!("The row has more than {COLUMNS_MAX} columns: check separators and quotes.")
            }
            Self::TooLong => format!(
                "The row is longer than {ROW_BYTES_MAX} bytes: shorten it, or close a quote left open."
            ),
            Self::Truncated => {
                "The file ends in the middle of the row: it is incomplete, make it again.".to_owned()
            }
            Self::Quote => {
                "A quote opened in this row is never closed: close it, or double those within the text."
                    .to_owned()
            }
            Self::Encoding => "The row is not UTF-8: save the file as UTF-8.".to_owned(),
            Self::Json { column } => {
                format!("Not a valid JSON object (character {column}): correct the row.")
            }
            Self::Differs { first } => format!(
                "It differs from row {first} of the same position: repeat the same value or leave it empty."
            ),
            Self::OptionOrder => {
                "Options are numbered from 1 in order, and the rows of each stand together.".to_owned()
            }
            Self::RepeatedKey => "The key came before: the rows of a position stand together.".to_owned(),
            Self::ForeignInstitution => {
                "The row is another institution's: remove it, or load it for that one.".to_owned()
            }
            Self::MixedOperations => {
                "The rows of a position ask for different operations: say one.".to_owned()
            }
            Self::AmbiguousAmount => {
                "The amount can be read in two ways: write both decimals, as in 1.234,00 or 1234.00."
                    .to_owned()
            }
            Self::TooManyRows => {
                "The position has too many rows: at most 99 instalments an option, and 20 options.".to_owned()
            }
            Self::Companion { row } => format!("Row {row} of the same position is wrong: correct that one."),
        }
    }
}
