//! `load`: how much the hub's endpoint bears.
//!
//! Everything is told as a ratio to a bare echo: the same listener answering fixed bytes, under the same load, in the
//! same run. Ratios hold on other machines; numbers do not.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command says its result"
)]

mod archive;
mod bench;
mod client;
mod echo;
mod growth;
mod histogram;
mod import;
mod messages;
mod report;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use client::{Pace, Target};
use messages::{ASKED, Kind};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;
use storage::{Store, StoreOptions};

/// Puts load on the hub's endpoint of a server.
#[derive(Parser)]
#[command(name = "load")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Verify notices
    Verify(Load),
    /// Fetch notices for payment
    Get(Load),
    /// Deliver receipts
    Receipt(Load),
    /// Fill a migrated archive with positions to ask about
    Fill {
        /// Archive: sqlite:PATH or postgres://…
        #[arg(long, value_name = "URL")]
        database: String,
    },
    /// Run the bare echo: the same listener, fixed answers
    Echo {
        /// Address to listen on; the one chosen is printed
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
    },
    /// Load a file of debts on both engines, as a share of its bare rows
    Import(import::Measure),
    /// Measure everything on both engines, compare with the limits, write the documentation
    Bench(bench::Bench),
}

/// A load on a server whose archive `load fill` filled.
#[derive(Args)]
struct Load {
    /// The server, such as <http://127.0.0.1:3000>
    #[arg(long, value_name = "URL")]
    url: String,
    /// Requests a second
    #[arg(long, default_value_t = 50, conflicts_with = "saturate")]
    rate: u32,
    /// How long
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// As many requests as the server answers, instead of a rate
    #[arg(long)]
    saturate: bool,
    /// Connections, all kept open
    #[arg(long, default_value_t = 64)]
    connections: usize,
}

impl Load {
    async fn run(&self, kind: Kind) -> Result<()> {
        let target = Target::new(&self.url, kind, ASKED)?;
        let pace = if self.saturate {
            Pace::Saturated
        } else {
            Pace::PerSecond(self.rate)
        };
        let measured =
            client::run(&target, pace, self.connections, Duration::from_secs(self.seconds)).await?;
        println!("{measured}");
        Ok(())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Verify(load) => load.run(Kind::Verify).await,
        Command::Get(load) => load.run(Kind::Get).await,
        Command::Receipt(load) => load.run(Kind::Receipt).await,
        Command::Fill { database } => fill(&database).await,
        Command::Echo { listen } => echo::run(listen).await,
        Command::Import(measure) => measure.run().await,
        Command::Bench(bench) => bench.run().await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn fill(database: &str) -> Result<()> {
    let store = Store::connect(database, StoreOptions::default()).await?;
    archive::fill(&store).await
}
