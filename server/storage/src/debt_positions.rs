//! Debt positions with their notices and transfers, in two views: the notice, as the hub and a citizen ask for it by
//! number, in one row; and the whole position, as an institution keeps it and a receipt moves it.

pub(crate) mod amendments;
pub(crate) mod many;
pub(crate) mod notices;
pub(crate) mod positions;
pub(crate) mod search;
pub(crate) mod transfers;

pub use amendments::amend_position;
pub use many::insert_positions;
pub use notices::{
    NUMBERS_MAX, PayableNotice, find_notice, find_notice_by_iuv, find_notices_by_iuv, find_notices_by_number,
    find_notices_by_numbers, find_payable, list_notices_of_position,
};
pub use positions::{
    RecordedEvent, StoredPosition, find_position, find_position_by_notice, insert_position, list_expirable,
    list_position_events, transition_position,
};
pub use search::{Place, PositionFilter, list_positions};
