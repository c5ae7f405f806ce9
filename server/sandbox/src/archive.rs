//! The hub's copies of an institution's positions: the archive that stands in for a station (ACA) and the managed
//! service (GPD), as their published interfaces describe them (`gpd-4-aca.json`, `gpd.json` 1.1.35 and the bulk ones).
//!
//! | Module | What |
//! |---|---|
//! | `body` | a position as it arrives, and what is wrong with it |
//! | `position` | a position as it is kept, and its state at an instant |
//! | `store` | many positions in little memory, found by `iupd` and by notice number |
//! | `view` | a position as it is answered |
//! | `service` | the calls one by one |
//! | `bulk`, `upload`, `bundle` | the calls by file, what became of each, and the ZIP they bring |
//!
//! Not done: the third edition of the interface, the change of one IBAN everywhere, notification costs.

mod body;
mod bulk;
mod bundle;
mod position;
mod service;
mod store;
mod upload;
mod view;

pub(crate) use bulk::MAX_BODY_BYTES as MAX_BULK_BODY_BYTES;
pub(crate) use position::{Credit, Payment, Position};
pub(crate) use store::Archive;
pub(crate) use upload::Uploads;

use crate::hub::Hub;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The largest position, in bytes.
const MAX_POSITION_BYTES: usize = 1024 * 1024;

/// Which of the two archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Feed {
    /// Positions of an institution that answers for itself: used while it does not.
    Aca,
    /// Positions the hub answers for.
    Gpd,
}

/// Both archives, each behind a lock of its own: a file of a hundred thousand positions keeps nobody else waiting.
#[derive(Debug, Default)]
pub(crate) struct Archives {
    aca: Shelf,
    gpd: Shelf,
}

#[derive(Debug, Default)]
struct Shelf {
    archive: Mutex<Archive>,
    uploads: Mutex<Uploads>,
    /// One file is read at a time: memory stays bounded.
    turn: tokio::sync::Mutex<()>,
}

impl Archives {
    /// The positions, for a moment.
    pub(crate) fn positions(&self, feed: Feed) -> MutexGuard<'_, Archive> {
        self.shelf(feed)
            .archive
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn uploads(&self, feed: Feed) -> MutexGuard<'_, Uploads> {
        self.shelf(feed)
            .uploads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    const fn turn(&self, feed: Feed) -> &tokio::sync::Mutex<()> {
        &self.shelf(feed).turn
    }

    const fn shelf(&self, feed: Feed) -> &Shelf {
        match feed {
            Feed::Aca => &self.aca,
            Feed::Gpd => &self.gpd,
        }
    }

    pub(crate) fn forget_everything(&self) {
        for feed in [Feed::Aca, Feed::Gpd] {
            *self.positions(feed) = Archive::default();
            *self.uploads(feed) = Uploads::default();
        }
    }
}

/// The calls one by one, under `…/debt-positions-service/v1`.
pub(crate) fn routes(feed: Feed) -> Router<Arc<Hub>> {
    service::routes()
        .layer(DefaultBodyLimit::max(MAX_POSITION_BYTES))
        .layer(axum::Extension(feed))
}

/// The calls by file, under `upload/…/debt-positions-service/v2`.
pub(crate) fn bulk_routes(feed: Feed) -> Router<Arc<Hub>> {
    bulk::routes().layer(axum::Extension(feed))
}
