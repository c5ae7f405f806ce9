//! Receipts and notices as documents: prepared from the archive, handed out to those entitled, printed many at a time.
//!
//! What a document says and how it is drawn is `documents`' business. Here is who may have it, that it is noted before it
//! leaves, and how many are drawn at once. To hand one out: [`Documents::place`] (so that what is noted is also drawn),
//! a function of [`access`], then [`draw`].

pub mod access;
pub mod batch;
mod drawing;
pub mod imprint;
mod index;
pub mod links;
pub mod prepare;
mod volume;

pub use drawing::{Busy, DRAWN_AT_ONCE_MAX, Place, draw};

use chrono::Duration;
use links::LinkKeys;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// What documents need beside the archive.
#[derive(Debug)]
pub struct Documents {
    /// The keys of signed links.
    pub keys: LinkKeys,
    /// How long a link lasts that somebody got for a proof.
    pub link_lasts: Duration,
    /// Where volumes of notices are written.
    pub batches: PathBuf,
    places: Arc<Semaphore>,
}

impl Documents {
    /// Documents whose links are signed with these keys.
    pub fn new(keys: LinkKeys, link_lasts: Duration, batches: PathBuf) -> Self {
        Self {
            keys,
            link_lasts,
            batches,
            places: Arc::new(Semaphore::new(DRAWN_AT_ONCE_MAX)),
        }
    }
}
