//! The whole server, tried from outside: in this process on a fresh demo city, and as the program people install.
//!
//! Everything runs on SQLite, and on PostgreSQL too where `LANTERNA_TEST_POSTGRES` names a database
//! (`server/storage/tests/with-postgres` starts one). What follows from the code and is written down somewhere, the
//! answers to the hub and the page of errors, is compared byte by byte; `UPDATE_DOCS=1` writes it again.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]
#![expect(
    clippy::unreadable_literal,
    reason = "a notice is named by its progressive, as the demo city's list writes it"
)]

mod cli;
mod crash;
mod day_with_hub;
mod documents;
mod errors;
mod evidence;
mod examples;
mod faults;
mod feed;
mod flow_commands;
mod hardening;
mod http;
mod hub_rules;
mod maintenance;
mod mutual_tls;
mod payment_options;
mod program_commands;
mod programs;
mod receipts;
mod soap;
mod support;
mod tariff_commands;
mod todays_amount;
