//! `lanterna import …`

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Have a file of debts checked, and say what is wrong with it; nothing is applied
    Check {
        /// The file: our CSV, JSON Lines, `GovPay`'s CSV, that of the Piattaforma Unitaria 2.0
        file: PathBuf,
        #[command(flatten)]
        of: OfApplication,
    },
    /// Have a file of debts applied, and show how far it is until it is over
    Load {
        /// The file: our CSV, JSON Lines, `GovPay`'s CSV, that of the Piattaforma Unitaria 2.0
        file: PathBuf,
        /// Hand it over and do not wait
        #[arg(long)]
        no_wait: bool,
        #[command(flatten)]
        of: OfApplication,
    },
    /// List the imports of an application's institution, the newest first
    List {
        #[command(flatten)]
        of: OfApplication,
    },
    /// Show an import: how far it is, what its check found, the first errors
    Show(OneImport),
    /// Apply an import that was checked
    Apply(OneImport),
    /// Stop an import for a while
    Pause(OneImport),
    /// Go on with an import that was stopped for a while
    Resume(OneImport),
    /// Stop an import for good; what was applied stays
    Cancel(OneImport),
    /// Write the outcome of an import: a CSV file with a line for each row
    Outcome {
        #[command(flatten)]
        one: OneImport,
        /// File to write; it must not be there yet [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Which import
#[derive(Debug, Args)]
pub(crate) struct OneImport {
    /// Its number
    pub(crate) id: i64,
    #[command(flatten)]
    pub(crate) of: OfApplication,
}

/// For whom
#[derive(Debug, Args)]
pub(crate) struct OfApplication {
    /// Id of the application files are loaded for: what it may do, and its numbers, hold
    #[arg(long, value_name = "ID")]
    pub(crate) application: String,
    /// Configuration file of the server that does the work
    #[arg(long, value_name = "FILE", env = "LANTERNA_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Archive: sqlite:PATH or postgres://… [default: the configuration's]
    #[arg(long, value_name = "URL", env = "LANTERNA_DATABASE", hide_env_values = true)]
    pub(crate) database: Option<String>,
}
