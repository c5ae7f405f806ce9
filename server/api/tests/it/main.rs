//! The interface of programs, asked as programs ask it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod bad_input;
mod changes;
mod description;
mod errors;
mod getting_in;
mod outcomes;
mod reading;
mod support;
mod walk;
mod world;
