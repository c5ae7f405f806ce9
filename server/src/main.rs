//! `lanterna`: the one binary of the platform.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    server::commands::run(server::cli::Cli::parse())
}
