//! Debt positions as the national archives take them: ACA, which stands in for the station, and GPD, which answers for
//! the institution. Both take the same shape, version 1 of GPD's.
//!
//! Sources: `gpd-4-aca.json` and `gpd.json` 1.1.35, `gpd-4-aca_massive_v2.json` and `gpd_massive_v2.json` 0.5.3 of
//! pagoPA's interface repositories; technical manual (SANP) 3.12, feeding the archive.
//!
//! # Decisions
//!
//! - **Key** ([`iupd`]): the broker's code and the position's key, so that it says to people which position it is; a
//!   digest of the key where the key has characters an address cannot carry.
//! - **Due date**: the archive refuses one that is past. An overdue notice that can still be paid is sent with its last
//!   payable day, or a year from the day it is sent when there is none, as in `paGetPayment`.
//! - **Standing in** (`payStandIn`): not for a notice whose amount moves; nor with a stamp duty, which must be bought on
//!   the institution's own site; nor for a position with two instalment plans, whose instalments version 1 would let
//!   be mixed.
//! - **Texts** that do not fit are left out where they may be, and never cut where they identify somebody.

mod answers;
mod bulk;
mod calls;
mod position;

pub use answers::{
    BadAnswer, Listed, Outcome, Page, Report, read_page, read_position, read_report, read_upload,
};
pub use bulk::{File, JSON_BYTES_MAX, POSITIONS_MAX, pack_keys, pack_positions};
pub use calls::{PAGE_SIZE, create, delete, find, list, products, report, update, upload};
pub use position::{Fingerprint, Position, Unfit, iupd};
