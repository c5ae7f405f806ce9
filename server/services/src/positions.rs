//! Positions of management programs: made, changed, withdrawn and replaced under the program's own key, and found again.
//!
//! Every way in ends in [`Writer`], inside a transaction of whoever calls it: the REST interface and the counter with one
//! change, a load with many. So the same words mean the same everywhere.

mod change;
mod document;
mod history;
mod list;
mod numbers;
mod view;
mod write;

pub use change::{Change, Done, Expect, PositionError, Writer, Written};
pub use document::{NoticeDocumentError, notice_pdf};
pub(crate) use history::read_history;
pub use history::{HistoryEntry, position_history};
pub use list::{
    LIMIT_MAX, NoticeCode, STATUSES, Sought, find_notice, find_position, list_positions, status_named,
};
pub(crate) use list::{is_draft, number_of};
pub use numbers::NumberBlocks;
pub use view::{
    NoticeOfPosition, NoticeView, OptionView, PaymentView, PositionView, StateView, TransferView,
};
pub(crate) use view::{left_of, paid_of, receipt_page, views_of};
pub(crate) use write::change_position;
pub use write::{PositionAnswer, cancel_position, publish_position, put_position, replace_position};
