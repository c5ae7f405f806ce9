//! Use cases told as stories, on SQLite and, when a database is named, on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod hub_questions;
mod payments;
mod receipts;
mod support;
