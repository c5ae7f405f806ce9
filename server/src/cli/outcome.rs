//! `lanterna outcome`

use super::{Archive, Configured};
use chrono::NaiveDate;
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Outcome {
    /// List an application's outcomes after a number of its feed
    List {
        /// Id of the application
        #[arg(long, value_name = "ID")]
        application: String,
        /// After this number
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        after: i64,
        /// How many at most
        #[arg(long, value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        /// As JSON, one outcome on each line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        archive: Archive,
    },
    /// Print what an application was told of a position, the newest first, as JSON
    Show {
        /// Key of the position
        position: String,
        /// Id of the application
        #[arg(long, value_name = "ID")]
        application: String,
        #[command(flatten)]
        archive: Archive,
    },
    /// List the addresses an application's outcomes are sent to, and how that goes
    Endpoints {
        /// Id of the application
        #[arg(long, value_name = "ID")]
        application: String,
        #[command(flatten)]
        archive: Archive,
    },
    /// Addresses outcomes are sent to
    #[command(subcommand)]
    Endpoint(OutcomeEndpoint),
    /// List what was given up for an endpoint
    Dead {
        #[command(flatten)]
        endpoint: OneEndpoint,
        /// After this number of the feed
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        after: i64,
        #[command(flatten)]
        archive: Archive,
    },
    /// Send outcomes again: everything that was given up, or a range of the feed
    Replay {
        #[command(flatten)]
        endpoint: OneEndpoint,
        /// The first number of the feed [default: what was given up]
        #[arg(long, value_name = "NUMBER")]
        from: Option<i64>,
        /// The last number of the feed [default: the first]
        #[arg(long, value_name = "NUMBER", requires = "from")]
        to: Option<i64>,
        #[command(flatten)]
        archive: Archive,
    },
    /// Print an application's outcomes of a civil day, as its daily file has them
    Daily {
        /// The day
        day: NaiveDate,
        /// Id of the application
        #[arg(long, value_name = "ID")]
        application: String,
        #[command(flatten)]
        archive: Archive,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum OutcomeEndpoint {
    /// Add an address, and print the secret that signs what is sent there
    Add {
        /// Id of the application
        #[arg(long, value_name = "ID")]
        application: String,
        /// The address
        #[arg(long, value_name = "URL")]
        url: String,
        /// Send this kind alone; may be given several times [default: every kind]
        #[arg(long = "kind", value_name = "KIND")]
        kinds: Vec<String>,
        #[command(flatten)]
        configured: Configured,
    },
    /// Give it a new secret, and print it; the one before signs too for a day
    Rotate {
        #[command(flatten)]
        endpoint: OneEndpoint,
        #[command(flatten)]
        configured: Configured,
    },
    /// Send nothing more there; the feed goes on
    Disable {
        #[command(flatten)]
        endpoint: OneEndpoint,
        #[command(flatten)]
        archive: Archive,
    },
    /// Send there again
    Enable {
        #[command(flatten)]
        endpoint: OneEndpoint,
        #[command(flatten)]
        archive: Archive,
    },
    /// Send a message that means nothing, and print how it went
    Test {
        #[command(flatten)]
        endpoint: OneEndpoint,
        #[command(flatten)]
        configured: Configured,
    },
}

/// Which endpoint
#[derive(Debug, Args)]
pub(crate) struct OneEndpoint {
    /// Id of the endpoint
    pub(crate) id: String,
    /// Id of the application it belongs to
    #[arg(long, value_name = "ID")]
    pub(crate) application: String,
}
