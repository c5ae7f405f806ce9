//! Use cases told as stories, on SQLite and, when a database is named, on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod applications;
mod archive;
mod at_provider;
mod cases;
mod counter;
mod documents;
mod fee_quotes;
mod feed;
mod feed_volume;
mod flow_hub;
mod flow_reports;
mod hub_questions;
mod imports;
mod interleavings;
mod missing_receipts;
mod numbers;
mod office;
mod outage;
mod outcomes;
mod payments;
mod positions;
mod print_batches;
mod probe;
mod receipts;
mod support;
mod tariff_book;
mod todays_amount;
