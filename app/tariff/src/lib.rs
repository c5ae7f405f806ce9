//! Tariffs as data: an office writes its rates in a file, the same code works them out in the browser and on the server.
//!
//! A [`Tariff`] is one version of one tariff, valid between two days, as the compiler left it: names resolved, types
//! checked, every number exact. [`quote`](evaluate::quote) works out what is due from a person's answers and a day; it
//! reads no clock, does no I/O, cannot loop and cannot panic, and says how it came to each line.
//!
//! The compiler (feature `compiler`, never in the browser) reads TOML and refuses what an office would regret: see
//! [`compile`].

pub mod answers;
pub mod calendar;
pub mod diff;
pub mod evaluate;
pub mod explain;
pub mod expression;
pub mod formula;
pub mod model;
pub mod number;
pub mod outlook;
pub mod quote;
pub mod rates;
pub mod text;

#[cfg(feature = "compiler")]
pub mod compile;

pub use answers::{Answer, Answers};
pub use chrono::NaiveDate;
pub use model::{Tariff, versions_in_force};
pub use number::Number;
pub use quote::{Outcome, Quote};
pub use text::{Text, Tongue};

/// Version of this package. What was worked out is kept with it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
