//! Use cases told as stories, on SQLite and, when a database is named, on PostgreSQL.

mod hub_questions;
mod payments;
mod receipts;
mod support;
