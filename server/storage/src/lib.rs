//! All SQL of the product, for two engines chosen by URL: SQLite inside the process for a small institution and for
//! trying, PostgreSQL for more.
//!
//! A table family is a module: its statements, its private row types, its functions. Rows are read back through the
//! domain's own readers, so what was damaged in the archive is an error here and not a wrong page elsewhere. To add a
//! function, write the statement in the module's `statements!` list, the function under it, and its story in
//! `tests/conformance`, which runs on both engines.
//!
//! # Reading and writing
//!
//! [`Store::read`] gives a [`Snapshot`]: several reads that see one moment. [`Store::glance`] gives one for a single
//! statement, without the cost of a transaction. [`Store::begin`] gives a [`Tx`], which can do all a snapshot can, and
//! write. Dropping a [`Tx`] undoes it.
//!
//! # Rules for shared statements
//!
//! - Placeholders are `$1`. No casts, no `now()`, no `ILIKE`, `ANY` or `FOR UPDATE`.
//! - Time is always bound, from a clock truncated to microseconds; no defaults in the schema.
//! - Money is cents in a 64-bit integer, small counts are 16-bit, booleans are booleans.
//! - One statement never has two uniqueness rules it could plausibly break: SQLite does not say which one it was. Where
//!   two exist, one is met with `ON CONFLICT … DO NOTHING`.
//! - After a failed statement PostgreSQL refuses the rest of the transaction: never go on after an error.
//! - A write that must touch one row checks that it did.
//! - Where the engines differ on purpose there is a `match` with two arms; everywhere else `on_engine!`.
//!
//! # Durability
//!
//! Once the hub's receipt is answered OK it is never sent again, so what is committed must outlive a power cut:
//! SQLite runs in WAL mode with `synchronous = FULL`, PostgreSQL with its defaults. The price is one flush to disk for
//! each commit; storms are committed in groups (`services::message_log`).

mod engine;
mod error;
mod postgres_connection;
mod row;
mod schema;
mod statements;
#[cfg(feature = "testing")]
pub mod testing;
mod write_ahead_log;

pub mod amount_answers;
pub mod applications;
pub mod audit;
pub mod carts;
pub mod cases;
pub mod debt_positions;
pub mod document_accesses;
pub mod fee_quotes;
pub mod flow_reports;
pub mod idempotent_requests;
pub mod imports;
pub mod imprints;
pub mod institutions;
pub mod jobs;
pub mod messages;
pub mod notice_numbers;
pub mod outcomes;
pub mod position_feed;
pub mod print_batches;
pub mod ratings;
pub mod receipt_requests;
pub mod receipts;
pub mod service_catalogue;

pub use engine::{Snapshot, Store, StoreOptions, Tx};
pub use error::{DriverError, StorageError};
