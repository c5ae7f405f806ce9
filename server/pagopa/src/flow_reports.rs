//! Flow reports, in both their forms: the REST interface an institution asks (`fdr_organization.json` 1.2.4), and the XML
//! file (`FlussoRiversamento` 1.0.4 and 1.0.5) of older collections.
//!
//! | Function | What |
//! |---|---|
//! | [`list_call`], [`read_list`] | the flows published for an institution, newest revisions only |
//! | [`head_call`], [`read_head`] | the head of one |
//! | [`rows_call`], [`read_rows`] | a page of its payments |
//! | [`read_xml`], [`write_xml`] | a whole flow as a file |
//!
//! Amounts are taken from their decimal text, never through a floating-point number. Whether a flow's parts agree is
//! not looked at here: [`domain::flow_report::check_flow`] tells, and refuses nothing.

mod rest;
mod xml;

pub use rest::{
    AnnouncedFlow, FlowPage, RowPage, head_call, list_call, read_head, read_list, read_rows, rows_call,
};
pub use xml::{MAX_FILE_BYTES, MAX_ROWS, ReadFileError, read_xml, write_xml};

use domain::flow_report::FlowOutcome;

/// How many days back the hub lists flows.
pub const LISTED_DAYS: u32 = 30;

/// Flows or payments asked for at once: as many as the hub gives.
pub const PAGE_SIZE: u32 = 1_000;

/// Longest text of a flow (`stText35`), in characters.
const TEXT_MAX: usize = 35;

fn outcome_of(text: &str, spelling: fn(FlowOutcome) -> &'static str) -> Option<FlowOutcome> {
    FlowOutcome::ALL
        .into_iter()
        .find(|outcome| spelling(*outcome) == text)
}
