//! `lanterna document …`

use crate::moment::parse_moment;
use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Document {
    /// Print the notice of a debt: every way left to pay it
    Notice {
        /// Number of one of its notices, 18 digits
        #[arg(
            long,
            value_name = "NUMBER",
            required_unless_present = "key",
            conflicts_with = "key"
        )]
        number: Option<String>,
        /// Key of the position
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        /// Print the notice with this number alone, not the others of its debt
        #[arg(long, requires = "number")]
        only: bool,
        /// The language it is in [default: what the institution prints]
        #[arg(long, value_enum)]
        language: Option<DocumentLanguage>,
        /// The second language of a bilingual one
        #[arg(long, value_enum, requires = "language")]
        second: Option<DocumentLanguage>,
        /// File to write; it must not be there yet
        #[arg(long, value_name = "FILE.pdf")]
        out: PathBuf,
        #[command(flatten)]
        documents: Documents,
    },
    /// Print a receipt
    Receipt {
        /// Number of the receipt (IUR)
        #[arg(
            long,
            value_name = "ID",
            required_unless_present = "number",
            conflicts_with = "number"
        )]
        receipt: Option<String>,
        /// Number of the notice it paid, 18 digits
        #[arg(long, value_name = "NUMBER")]
        number: Option<String>,
        /// Put the hub's original message inside: the digital duplicate
        #[arg(long)]
        original: bool,
        /// The language it is in
        #[arg(long, value_enum, default_value_t = DocumentLanguage::It)]
        language: DocumentLanguage,
        /// File to write; it must not be there yet
        #[arg(long, value_name = "FILE.pdf")]
        out: PathBuf,
        #[command(flatten)]
        documents: Documents,
    },
    /// Put a person's receipts into a ZIP file
    Receipts {
        /// Fiscal code of who owed or paid
        #[arg(long, value_name = "CODE")]
        person: String,
        /// Received from this moment on: RFC 3339, or Italian time as 2026-12-01T22:00 or 2026-12-01
        #[arg(long, value_name = "TIME", value_parser = parse_moment)]
        from: Option<DateTime<Utc>>,
        /// Received before this moment
        #[arg(long, value_name = "TIME", value_parser = parse_moment)]
        to: Option<DateTime<Utc>>,
        /// The language they are in
        #[arg(long, value_enum, default_value_t = DocumentLanguage::It)]
        language: DocumentLanguage,
        /// File to write; it must not be there yet
        #[arg(long, value_name = "FILE.zip")]
        out: PathBuf,
        #[command(flatten)]
        documents: Documents,
    },
    /// Make a link to a document that ends by itself, to give to somebody who is entitled
    Link {
        #[command(flatten)]
        document: OneDocument,
        /// How many hours it lasts
        #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=2_160))]
        hours: u32,
        /// Language of the page it leads through
        #[arg(long, value_enum, default_value_t = super::Language::It)]
        language: super::Language,
        /// Configuration file: it names the portal's address and the key
        #[arg(long, value_name = "FILE", env = "LANTERNA_CONFIG")]
        config: PathBuf,
        /// Archive: sqlite:PATH or postgres://… [default: the configuration's]
        #[arg(long, value_name = "URL", env = "LANTERNA_DATABASE", hide_env_values = true)]
        database: Option<String>,
    },
    /// List who reached a document and how, the newest first
    Accesses {
        #[command(flatten)]
        document: OneDocument,
        /// As JSON, one access on each line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        archive: super::Archive,
    },
    /// Notices printed many at a time, in volumes with an index
    #[command(subcommand)]
    Batch(Batch),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Batch {
    /// Ask for a batch: the server prints it, or `batch run` here
    Start {
        #[command(flatten)]
        planned: BatchPlanned,
        #[command(flatten)]
        documents: Documents,
    },
    /// Print what waits, here and now, and say how far it is
    Run {
        #[command(flatten)]
        documents: Documents,
    },
    /// List the batches of an institution, the newest first
    List {
        /// As JSON, one batch on each line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        documents: Documents,
    },
    /// Say how far a batch is, its volumes, and what was refused
    Show(BatchAbout),
    /// Stop a batch; what is printed stays
    Cancel(BatchAbout),
    /// Go on with a batch that was stopped, or that was given up
    Resume(BatchAbout),
}

/// Which batch
#[derive(Debug, Args)]
pub(crate) struct BatchAbout {
    /// Its number
    pub(crate) batch: i64,
    #[command(flatten)]
    pub(crate) documents: Documents,
}

/// What a batch prints: open positions that fit everything given
#[derive(Debug, Args)]
pub(crate) struct BatchPlanned {
    /// Of this service alone
    #[arg(long, value_name = "CODE")]
    pub(crate) service: Option<String>,
    /// Whose key begins so, as one import gave them
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) key_prefix: String,
    /// Something of which is due from this day on
    #[arg(long, value_name = "DATE")]
    pub(crate) due_from: Option<NaiveDate>,
    /// Something of which is due until this day
    #[arg(long, value_name = "DATE")]
    pub(crate) due_until: Option<NaiveDate>,
    /// Stored from this moment on
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    pub(crate) created_from: Option<DateTime<Utc>>,
    /// Stored before this moment [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    pub(crate) created_before: Option<DateTime<Utc>>,
    /// In which order
    #[arg(long, value_enum, default_value_t = Order::Key)]
    pub(crate) order: Order,
    /// Notices in a volume
    #[arg(long, value_name = "NOTICES", default_value_t = 500)]
    pub(crate) volume: u32,
    /// The language they are in [default: what the institution prints]
    #[arg(long, value_enum)]
    pub(crate) language: Option<DocumentLanguage>,
    /// The second language of bilingual ones
    #[arg(long, value_enum, requires = "language")]
    pub(crate) second: Option<DocumentLanguage>,
}

/// The order of a batch
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    /// By key
    Key,
    /// By postal code, then name: as it is mailed
    PostalCode,
}

/// Whose documents, and where they are
#[derive(Debug, Args)]
pub(crate) struct Documents {
    /// Fiscal code of the institution, when several are served
    #[arg(long, value_name = "CODE")]
    pub(crate) institution: Option<String>,
    /// Configuration file: it names the archive and the folder of batches
    #[arg(long, value_name = "FILE", env = "LANTERNA_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Archive: sqlite:PATH or postgres://… [default: the configuration's, or sqlite:var/lanterna.db]
    #[arg(long, value_name = "URL", env = "LANTERNA_DATABASE", hide_env_values = true)]
    pub(crate) database: Option<String>,
}

/// Which document
#[derive(Debug, Args)]
pub(crate) struct OneDocument {
    /// Number of a notice, 18 digits
    #[arg(
        long,
        value_name = "NUMBER",
        required_unless_present = "receipt",
        conflicts_with = "receipt"
    )]
    pub(crate) notice: Option<String>,
    /// Number of a receipt (IUR)
    #[arg(long, value_name = "ID")]
    pub(crate) receipt: Option<String>,
    /// Fiscal code of the institution, when several are served
    #[arg(long, value_name = "CODE")]
    pub(crate) institution: Option<String>,
}

/// A language of documents
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DocumentLanguage {
    /// Italian
    It,
    /// English
    En,
    /// German
    De,
    /// French
    Fr,
    /// Slovene
    Sl,
}

impl From<DocumentLanguage> for documents::Language {
    fn from(language: DocumentLanguage) -> Self {
        match language {
            DocumentLanguage::It => Self::It,
            DocumentLanguage::En => Self::En,
            DocumentLanguage::De => Self::De,
            DocumentLanguage::Fr => Self::Fr,
            DocumentLanguage::Sl => Self::Sl,
        }
    }
}
