//! What the archives answer.

use super::position::{PaymentOption, listed_digest};
use crate::gateway::Reply;
use domain::feed::ArchiveStatus;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Characters kept of a reason.
const REASON_MAX: usize = 200;
/// Characters a file's number may have.
const FILE_ID_MAX: usize = 200;

/// An answer that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the archive's {0} cannot be read")]
pub struct BadAnswer(pub &'static str);

/// A position as the archive lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub iupd: String,
    /// Where it stands there.
    pub status: ArchiveStatus,
    /// To compare with [`Fingerprint::listed`](super::Fingerprint).
    pub digest: [u8; 32],
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its positions.
    pub positions: Vec<Listed>,
    /// How many pages there are.
    pub pages: u32,
    /// How many positions there are.
    pub found: u32,
}

/// What was done with the positions of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Positions read in the file.
    pub submitted: u32,
    /// Positions worked on.
    pub processed: u32,
    /// What was said, and of which.
    pub outcomes: Vec<Outcome>,
}

/// What was said of some positions of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// As in a single call.
    pub status: u16,
    /// Why, at most 200 characters.
    pub reason: String,
    /// Their keys.
    pub iupds: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedJson {
    iupd: String,
    status: ArchiveStatus,
    #[serde(default)]
    payment_option: Vec<PaymentOption>,
}

#[derive(Deserialize)]
struct PageJson {
    payment_position_list: Vec<ListedJson>,
    page_info: PageInfo,
}

#[derive(Deserialize)]
struct PageInfo {
    items_found: u32,
    total_pages: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportJson {
    #[serde(default)]
    processed_item: u32,
    #[serde(default)]
    submitted_item: u32,
    #[serde(default)]
    responses: Vec<OutcomeJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OutcomeJson {
    status_code: u16,
    #[serde(default)]
    status_message: String,
    #[serde(default)]
    iupds: Vec<String>,
}

impl From<ListedJson> for Listed {
    fn from(json: ListedJson) -> Self {
        Self {
            digest: listed_digest(&json.payment_option),
            iupd: json.iupd,
            status: json.status,
        }
    }
}

fn read<T: DeserializeOwned>(reply: &Reply, what: &'static str) -> Result<T, BadAnswer> {
    serde_json::from_slice(&reply.body).map_err(|_| BadAnswer(what))
}

/// Reads a position asked for by its key.
pub fn read_position(reply: &Reply) -> Result<Listed, BadAnswer> {
    read::<ListedJson>(reply, "position").map(Listed::from)
}

/// Reads a page of the list.
pub fn read_page(reply: &Reply) -> Result<Page, BadAnswer> {
    let json: PageJson = read(reply, "list")?;
    Ok(Page {
        positions: json.payment_position_list.into_iter().map(Listed::from).collect(),
        pages: json.page_info.total_pages,
        found: json.page_info.items_found,
    })
}

/// Reads the number a file was taken under, from the address it can be followed at.
pub fn read_upload(reply: &Reply) -> Result<String, BadAnswer> {
    let location = reply.location.as_deref().unwrap_or_default();
    let path = location.split(['?', '#']).next().unwrap_or_default();
    let mut parts = path.split('/').skip_while(|part| *part != "file").skip(1);
    parts
        .next()
        .filter(|id| {
            (1..=FILE_ID_MAX).contains(&id.len())
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        })
        .map(str::to_owned)
        .ok_or(BadAnswer("address of the file"))
}

/// Reads what was done with a file.
pub fn read_report(reply: &Reply) -> Result<Report, BadAnswer> {
    let json: ReportJson = read(reply, "report")?;
    Ok(Report {
        submitted: json.submitted_item,
        processed: json.processed_item,
        outcomes: json
            .responses
            .into_iter()
            .map(|outcome| Outcome {
                status: outcome.status_code,
                reason: outcome
                    .status_message
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(REASON_MAX)
                    .collect(),
                iupds: outcome.iupds,
            })
            .collect(),
    })
}
