//! The interface of programs, asked as programs ask it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod changes;
mod support;
mod walk;
