//! The command line: what can be asked of the `lanterna` binary.

mod application;
mod document;
mod import;
mod outcome;

pub(crate) use application::{Application, ApplicationChange, ApplicationSecret};
pub(crate) use document::{
    Batch, BatchAbout, BatchPlanned, Document, DocumentLanguage, Documents, OneDocument, Order,
};
pub(crate) use outcome::{OneEndpoint, Outcome, OutcomeEndpoint};

pub(crate) use import::{Import, OfApplication, OneImport};

use crate::config::{DEFAULT_DATABASE, DEFAULT_HUB_LISTEN, DEFAULT_LISTEN, DEFAULT_SANDBOX_LISTEN};
use crate::moment::parse_moment;
use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Payment platform of a municipality connected directly to pagoPA.
#[derive(Debug, Parser)]
#[command(name = "lanterna", version, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  could not be done: the message says why and what to do
  2  asked wrongly, or what was given cannot be used";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server
    Serve(Serve),
    /// Bring the archive to this version
    Migrate(Archive),
    /// The demo city
    #[command(subcommand)]
    Demo(Demo),
    /// Check a configuration file and what it points at
    CheckConfig(CheckConfig),
    /// Say what a text is, as the portal would to a citizen
    Code(Code),
    /// Look at debt positions
    #[command(subcommand)]
    Position(Position),
    /// Notices and receipts as documents: one by one, a person's, or many for a printing service
    #[command(subcommand)]
    Document(Box<Document>),
    /// Ask the national hub, and look at what came from it
    #[command(subcommand)]
    Hub(Hub),
    /// Applications: the programs of institutions, what each may do, and their secrets
    #[command(subcommand)]
    Application(Application),
    /// Bulk loads: files of debts, how far each is, and what became of its rows
    #[command(subcommand)]
    Import(Import),
    /// Look at cases: receipts an office must look at
    #[command(subcommand)]
    Case(Case),
    /// Outcomes: what programs are told of their debts, and where it is sent
    #[command(subcommand)]
    Outcome(Box<Outcome>),
    /// Tariffs: the rates fees are worked out with
    #[command(subcommand)]
    Tariff(Tariff),
    /// Run the sandbox hub, to try an integration against
    Sandbox(Sandbox),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Hub {
    /// Ask the hub's products whether they answer, and the station as the hub does
    Probe(Probe),
    /// List the messages exchanged about a notice, a payment reference or a receipt
    Messages(Messages),
    /// Put every message about a notice, a payment reference or a receipt into a ZIP file, to show how an exchange went
    Evidence(Evidence),
    /// Flow reports: what payment providers say they transferred
    #[command(subcommand)]
    Flows(Flows),
    /// Receipts the hub did not deliver
    #[command(subcommand)]
    Receipts(Receipts),
    /// The national archives of open positions (ACA, GPD): what they were told, and what they hold
    #[command(subcommand)]
    Feed(HubFeed),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Flows {
    /// Collect what the hub has, of every institution or of one
    Collect {
        /// Fiscal code of the institution
        #[arg(long, value_name = "CODE")]
        institution: Option<String>,
        #[command(flatten)]
        configured: Configured,
    },
    /// List the flow reports of an institution, the last first
    List {
        /// Fiscal code of the institution
        #[arg(long, value_name = "CODE")]
        institution: String,
        /// As a JSON array
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        archive: Archive,
    },
    /// Print a flow report with its payments, as JSON
    Show {
        /// Identifier of the flow
        flow: String,
        /// Fiscal code of the institution
        #[arg(long, value_name = "CODE")]
        institution: String,
        /// Which revision [default: the highest that is here]
        #[arg(long, value_name = "NUMBER")]
        revision: Option<u32>,
        #[command(flatten)]
        archive: Archive,
    },
    /// Take a flow report from an XML file
    Import {
        /// The file
        file: PathBuf,
        /// Its revision, which the file does not say
        #[arg(long, value_name = "NUMBER", default_value_t = 1)]
        revision: u32,
        #[command(flatten)]
        archive: Archive,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Receipts {
    /// Ask the hub for a receipt and take it as if it had been delivered
    Recover {
        /// Fiscal code of the institution it is for
        #[arg(long, value_name = "CODE")]
        institution: String,
        /// The receipt's id (IUR), as a flow report writes it
        #[arg(long, value_name = "IUR")]
        receipt: String,
        /// Its payment reference
        #[arg(long, value_name = "IUV")]
        iuv: Option<String>,
        #[command(flatten)]
        configured: Configured,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum HubFeed {
    /// Tell the archives of every change, now, and wait until nothing is left that can be done
    Run {
        #[command(flatten)]
        configured: Configured,
    },
    /// Say what is still to be told, what the archives hold, and what they refused
    Status {
        #[command(flatten)]
        archive: Archive,
    },
    /// Compare what the archives list with what they should hold, and mend what differs
    Compare {
        /// Fiscal code of the institution [default: every one]
        #[arg(long, value_name = "CODE")]
        institution: Option<String>,
        /// Count what differs, and leave it
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        configured: Configured,
    },
    /// Let what was refused or given up be tried again, after removing the reason
    Retry {
        #[command(flatten)]
        archive: Archive,
    },
}

/// What a command that asks the hub needs
#[derive(Debug, Args)]
pub(crate) struct Configured {
    /// Configuration file
    #[arg(long, value_name = "FILE", env = "LANTERNA_CONFIG")]
    pub(crate) config: PathBuf,
    /// Archive: sqlite:PATH or postgres://… [default: the configuration's]
    #[arg(long, value_name = "URL", env = "LANTERNA_DATABASE", hide_env_values = true)]
    pub(crate) database: Option<String>,
}

/// Run the server
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address to listen on [default: 127.0.0.1:3000, or the configuration's]
    #[arg(long, value_name = "ADDR", env = "LANTERNA_LISTEN")]
    pub(crate) listen: Option<SocketAddr>,
    /// Archive: sqlite:PATH or postgres://… [default: sqlite:var/lanterna.db, or the configuration's]
    #[arg(long, value_name = "URL", env = "LANTERNA_DATABASE", hide_env_values = true)]
    pub(crate) database: Option<String>,
    /// Configuration file; needed unless --demo
    #[arg(
        long,
        value_name = "FILE",
        env = "LANTERNA_CONFIG",
        required_unless_present = "demo"
    )]
    pub(crate) config: Option<PathBuf>,
    /// Serve the demo city: migrate, fill the archive if it is empty, start the sandbox hub beside the server
    #[arg(long, conflicts_with = "config")]
    pub(crate) demo: bool,
    /// Where the sandbox hub of a demo listens
    #[arg(long, value_name = "ADDR", default_value = DEFAULT_SANDBOX_LISTEN, env = "LANTERNA_SANDBOX_LISTEN")]
    pub(crate) sandbox_listen: SocketAddr,
    /// Let the sandbox hub of a demo come in over mutual TLS, with the files `demo certificates` wrote into this folder
    #[arg(long, value_name = "DIR", requires = "demo")]
    pub(crate) hub_certificates: Option<PathBuf>,
    /// Where it then comes in
    #[arg(long, value_name = "ADDR", default_value = DEFAULT_HUB_LISTEN)]
    pub(crate) hub_listen: SocketAddr,
    /// Log lines as JSON
    #[arg(long)]
    pub(crate) json_log: bool,
}

/// Where the archive is
#[derive(Debug, Args)]
pub(crate) struct Archive {
    /// Archive: sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL", default_value = DEFAULT_DATABASE, env = "LANTERNA_DATABASE", hide_env_values = true)]
    pub(crate) database: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Demo {
    /// List the notices of the demo city and what each shows
    Codes {
        /// As a JSON array
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        archive: Archive,
    },
    /// Give the demo's program a new secret, and say how to come in with it
    Application {
        #[command(flatten)]
        archive: Archive,
    },
    /// Make certificates to try mutual TLS with: an authority, a server, the hub as a client
    Certificates {
        /// Folder to write them into
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// Check a configuration file and what it points at
#[derive(Debug, Args)]
pub(crate) struct CheckConfig {
    /// Configuration file
    #[arg(long, value_name = "FILE", env = "LANTERNA_CONFIG")]
    pub(crate) config: PathBuf,
}

/// Say what a text is, as the portal would to a citizen
#[derive(Debug, Args)]
pub(crate) struct Code {
    /// What was typed, pasted or scanned
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) text: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Position {
    /// Print the position a notice belongs to, as JSON
    Show {
        /// Notice number, 18 digits
        notice: String,
        /// Fiscal code of the institution, when several issued the same number
        #[arg(long, value_name = "CODE")]
        institution: Option<String>,
        #[command(flatten)]
        archive: Archive,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Case {
    /// List the open cases, the oldest first
    List {
        /// Fiscal code of one institution [default: all of them]
        #[arg(long, value_name = "CODE")]
        institution: Option<String>,
        /// As JSON, one case on each line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        archive: Archive,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Tariff {
    /// Check tariff files: mistakes, then jumps of the price and what no example reaches
    Check {
        /// Files, or folders with all they hold but accounts.toml
        #[arg(value_name = "PATH", default_value = "tariffs")]
        paths: Vec<PathBuf>,
        /// Count what no example reaches as a mistake
        #[arg(long)]
        strict: bool,
    },
    /// Work a fee out and print it as one JSON object, of the shape of an example's `expect`
    Quote(TariffQuote),
    /// Work a fee out and explain it: every step, line, row of a table and act, until when it holds, what would change it
    Explain {
        #[command(flatten)]
        quote: TariffQuote,
        #[command(flatten)]
        language: InLanguage,
    },
    /// Write the rates as a page, in Markdown
    Table {
        #[command(flatten)]
        chosen: ChosenTariff,
        /// Write the compiled versions instead, as canonical JSON for other programs
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        language: InLanguage,
    },
    /// Say what changed from one version to another, or through all versions of a tariff
    Diff {
        /// Two files, or with --id one folder
        #[arg(value_name = "PATH", required = true, num_args = 1..=2)]
        paths: Vec<PathBuf>,
        /// The tariff whose versions are compared, each with the one before
        #[arg(long)]
        id: Option<String>,
        #[command(flatten)]
        language: InLanguage,
    },
    /// Write a commented tariff to start from
    New {
        /// Its id: small letters, digits and dashes
        id: String,
        /// File to write; it must not be there yet [default: standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Compare a folder with its tariffs.lock, which says what is published and never changes
    Lock {
        /// The folder
        folder: PathBuf,
        /// Publish the versions that are not in it yet
        #[arg(long)]
        write: bool,
    },
}

/// Which tariff
#[derive(Debug, Args)]
pub(crate) struct ChosenTariff {
    /// A file, or a folder with all versions
    #[arg(long, value_name = "PATH")]
    pub(crate) tariff: PathBuf,
    /// Its id [default: the only one there is]
    #[arg(long)]
    pub(crate) id: Option<String>,
}

/// What a fee is worked out from
#[derive(Debug, Args)]
pub(crate) struct TariffQuote {
    #[command(flatten)]
    pub(crate) chosen: ChosenTariff,
    /// The day it is worked out for [default: today in Italy]
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<NaiveDate>,
    /// The answers, as a JSON object: {"particelle": 12, "superficie": "12.30"}
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub(crate) inputs: String,
}

/// In which language
#[derive(Debug, Args)]
pub(crate) struct InLanguage {
    /// Italian or English
    #[arg(long, value_enum, default_value_t = Language::It)]
    pub(crate) language: Language,
}

/// A language of the command line
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    /// Italian
    It,
    /// English
    En,
}

/// Ask the hub's products whether they answer, and the station as the hub does
#[derive(Debug, Args)]
pub(crate) struct Probe {
    /// Endpoint of our station as the hub reaches it; without it the station is not asked
    #[arg(long, value_name = "URL")]
    pub(crate) station_url: Option<String>,
    #[command(flatten)]
    pub(crate) client: HubClient,
    /// Ask for a receipt too: one of the ten questions the hub allows in an hour, for each institution
    #[arg(long)]
    pub(crate) receipts: bool,
    #[command(flatten)]
    pub(crate) configured: Configured,
}

/// List the messages exchanged about a notice, a payment reference or a receipt
#[derive(Debug, Args)]
pub(crate) struct Messages {
    #[command(flatten)]
    pub(crate) sought: Sought,
    /// As JSON lines, with the messages themselves
    #[arg(long)]
    pub(crate) json: bool,
}

/// Put every message about a notice, a payment reference or a receipt into a ZIP file
#[derive(Debug, Args)]
pub(crate) struct Evidence {
    #[command(flatten)]
    pub(crate) sought: Sought,
    /// File to write; it must not be there yet
    #[arg(long, value_name = "FILE.zip")]
    pub(crate) out: PathBuf,
}

/// Which messages are looked for
#[derive(Debug, Args)]
pub(crate) struct Sought {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// Fiscal code of the institution, when several are served
    #[arg(long, value_name = "CODE")]
    pub(crate) institution: Option<String>,
    /// From this moment on: RFC 3339, or Italian time as 2026-12-01T22:00 or 2026-12-01
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    pub(crate) from: Option<DateTime<Utc>>,
    /// Until before this moment
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    pub(crate) until: Option<DateTime<Utc>>,
    #[command(flatten)]
    pub(crate) archive: Archive,
}

/// What the messages are about
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Subject {
    /// Notice number, 18 digits
    #[arg(long, value_name = "NUMBER")]
    pub(crate) notice: Option<String>,
    /// Payment reference
    #[arg(long, value_name = "IUV")]
    pub(crate) iuv: Option<String>,
    /// Number of a receipt (IUR)
    #[arg(long, value_name = "ID")]
    pub(crate) receipt: Option<String>,
}

/// Who calls a station, and whom it must be
#[derive(Debug, Args)]
pub(crate) struct HubClient {
    /// Certificate the hub shows to the station, PEM
    #[arg(long, value_name = "FILE", requires = "client_key")]
    pub(crate) client_certificate: Option<PathBuf>,
    /// Key of that certificate, PEM
    #[arg(long, value_name = "FILE", requires = "client_certificate")]
    pub(crate) client_key: Option<PathBuf>,
    /// Authorities the station's certificate may come from, PEM [default: the system's]
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
}

/// Run the sandbox hub, to try an integration against
#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// Address to listen on
    #[arg(long, value_name = "ADDR", default_value = DEFAULT_SANDBOX_LISTEN)]
    pub(crate) listen: SocketAddr,
    /// Endpoint of the station under test
    #[arg(long, value_name = "URL", default_value_t = format!("http://{DEFAULT_LISTEN}/pagopa/paForNode"))]
    pub(crate) station_url: String,
    /// Code of the broker
    #[arg(long, value_name = "CODE", default_value = "00856930102")]
    pub(crate) broker: String,
    /// Code of the station
    #[arg(long, value_name = "CODE", default_value = "00856930102_01")]
    pub(crate) station: String,
    /// Where payment options are asked [default: /pagopa/odp on the station's host]
    #[arg(long, value_name = "URL")]
    pub(crate) odp_url: Option<String>,
    #[command(flatten)]
    pub(crate) client: HubClient,
    /// Subscription key that is asked for; given twice, a primary and a secondary one
    #[arg(long = "key", value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// Take any number of calls
    #[arg(long)]
    pub(crate) no_limits: bool,
    /// Seconds an hour of the hub takes: the pause between two attempts to deliver a receipt
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) hour: u64,
    /// Folder of pagoPA's published interfaces, to hold every call against them
    #[arg(long, value_name = "DIR", env = "LANTERNA_OPENAPI_DIR")]
    pub(crate) openapi_dir: Option<PathBuf>,
}
