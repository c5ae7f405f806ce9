//! Notices that were looked at, read out of the log of messages behind a cursor: nothing is written when the hub asks.

use crate::clock::italian_date;
use crate::{Services, Unavailable};
use chrono::Duration;
use domain::outcome::{Outcome, View, of_view};
use pagopa::pa_for_node::Operation;
use storage::messages::MessageId;
use storage::outcomes::{find_cursor, find_end_of_page, list_views, record_outcomes, set_cursor};

/// The cursor's name.
const CURSOR: &str = "views";
/// Messages younger than this may still be on their way into the log, and are left for the next time.
const SETTLED_AFTER: Duration = Duration::minutes(1);
/// Messages of one transaction.
const PAGE: u32 = 2_000;
/// Transactions of one call.
const PAGES_MAX: usize = 20;
/// What shows a notice to somebody.
const SHOWING: [&str; 3] = [
    Operation::VerifyPaymentNotice.as_str(),
    Operation::GetPayment.as_str(),
    Operation::GetPaymentV2.as_str(),
];

/// Records which notices were looked at since the last time, each once for each Italian day. The first call only notes where
/// to begin. Two servers doing it at once do no harm: a fact is recorded once. Returns how many views were read.
pub async fn record_views(services: &Services) -> Result<usize, Unavailable> {
    let mut read = 0;
    for _ in 0..PAGES_MAX {
        match record_some(services).await? {
            None => break,
            Some(views) => read += views,
        }
    }
    Ok(read)
}

/// One transaction. Returns how many views were read; `None` when there are no messages left.
async fn record_some(services: &Services) -> Result<Option<usize>, Unavailable> {
    let now = services.clock.now();
    let settled = MessageId::new(now - SETTLED_AFTER, [0; 8]);
    let mut snapshot = services.store.read().await?;
    let begun = find_cursor(&mut snapshot, CURSOR).await?;
    let (views, end) = match begun {
        None => (Vec::new(), Some(settled)),
        Some(after) => match find_end_of_page(&mut snapshot, after, settled, PAGE).await? {
            None => (Vec::new(), None),
            Some(end) => (list_views(&mut snapshot, after, end, SHOWING).await?, Some(end)),
        },
    };
    drop(snapshot);
    let Some(end) = end else { return Ok(None) };
    let outcomes: Vec<Outcome> = views
        .into_iter()
        .map(|row| {
            let view = View {
                notice: row.notice,
                viewed_at: row.at,
                day: italian_date(row.at),
                provider_id: row.psp,
            };
            of_view(row.institution, row.of, view, now)
        })
        .collect();
    let mut tx = services.store.begin().await?;
    record_outcomes(&mut tx, &outcomes).await?;
    set_cursor(&mut tx, CURSOR, end).await?;
    tx.commit().await?;
    Ok(Some(outcomes.len()))
}
