//! The view on paper.

mod conformance;
mod layout;
mod read_aloud;
mod read_back;
mod snapshots;
