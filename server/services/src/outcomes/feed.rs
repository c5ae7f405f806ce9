//! An application asks for its outcomes, and says up to where it has them.

use super::{OutcomeError, concerns};
use crate::Services;
use crate::caller::Caller;
use domain::application::Scope;
use serde_json::json;
use storage::outcomes::{
    Feed, Kinds, ToldOutcome, acknowledge, ensure_feed, find_feed, list_deliveries, list_outcomes_of_subject,
    set_feed_choice,
};

/// Outcomes of one answer at most.
pub const LIMIT_MAX: u32 = 500;

/// A page of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedPage {
    /// The outcomes, each with its number.
    pub outcomes: Vec<(i64, ToldOutcome)>,
    /// What to go on after.
    pub last: i64,
    /// Whether there are more.
    pub more: bool,
    /// The feed.
    pub feed: Feed,
}

/// A feed nothing was put into yet.
fn empty(application: &str) -> Feed {
    Feed {
        application: application.to_owned(),
        kinds: None,
        daily_file: false,
        last_number: 0,
        acknowledged: 0,
    }
}

/// The application's outcomes after a number, or after what it acknowledged: at most `limit`.
pub async fn read_feed(
    services: &Services,
    caller: &Caller,
    after: Option<i64>,
    limit: u32,
) -> Result<FeedPage, OutcomeError> {
    caller.services(Scope::ReadOutcomes)?;
    let application = caller.application();
    let mut snapshot = services.store.read().await?;
    let feed = find_feed(&mut snapshot, &application.id)
        .await?
        .unwrap_or_else(|| empty(&application.id));
    let after = after.unwrap_or(feed.acknowledged);
    let limit = limit.min(LIMIT_MAX);
    let mut outcomes =
        list_deliveries(&mut snapshot, &application.id, after, feed.last_number, limit).await?;
    let last = outcomes.last().map_or(after, |(number, _)| *number);
    // What it was allowed once and is not any more.
    outcomes.retain(|(_, told)| concerns(application, told.service.as_deref()));
    Ok(FeedPage {
        outcomes,
        last,
        more: last < feed.last_number,
        feed,
    })
}

/// Notes that the application has its outcomes up to a number. Said again, or of a lower number, it changes nothing. Returns
/// up to where it has them.
///
/// # Errors
/// [`OutcomeError::BeyondTheEnd`] of a number the feed does not have yet.
pub async fn acknowledge_feed(services: &Services, caller: &Caller, up_to: i64) -> Result<i64, OutcomeError> {
    caller.services(Scope::ReadOutcomes)?;
    let id = &caller.application().id;
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let feed = find_feed(&mut tx, id).await?.unwrap_or_else(|| empty(id));
    if up_to > feed.last_number {
        return Err(OutcomeError::BeyondTheEnd {
            last: feed.last_number,
        });
    }
    if up_to <= feed.acknowledged {
        return Ok(feed.acknowledged);
    }
    acknowledge(&mut tx, id, up_to, now).await?;
    let subject = id.clone();
    caller
        .act("outcomes.acknowledged", &subject)
        .with(json!({ "up_to": up_to }))
        .note(&mut tx, now)
        .await?;
    tx.commit().await?;
    Ok(up_to)
}

/// What the application chose, and how far its feed goes.
pub async fn show_feed(services: &Services, caller: &Caller) -> Result<Feed, OutcomeError> {
    caller.services(Scope::ReadOutcomes)?;
    let id = &caller.application().id;
    let mut snapshot = services.store.glance().await?;
    Ok(find_feed(&mut snapshot, id).await?.unwrap_or_else(|| empty(id)))
}

/// Sets which kinds of outcome the application takes from now on, and whether a file is written for it every day.
pub async fn choose_feed(
    services: &Services,
    caller: &Caller,
    kinds: &Kinds,
    daily_file: bool,
) -> Result<Feed, OutcomeError> {
    caller.services(Scope::ReadOutcomes)?;
    let id = caller.application().id.clone();
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    ensure_feed(&mut tx, &id, now).await?;
    set_feed_choice(&mut tx, &id, kinds, daily_file).await?;
    caller
        .act("outcomes.chosen", &id)
        .with(json!({ "kinds": kinds, "daily_file": daily_file }))
        .note(&mut tx, now)
        .await?;
    let feed = find_feed(&mut tx, &id).await?.unwrap_or_else(|| empty(&id));
    tx.commit().await?;
    Ok(feed)
}

/// What was recorded of a position of the application's institution, the newest first, of the services it may see.
pub async fn outcomes_of_position(
    services: &Services,
    caller: &Caller,
    position: &str,
) -> Result<Vec<ToldOutcome>, OutcomeError> {
    caller.services(Scope::ReadOutcomes)?;
    let mut snapshot = services.store.glance().await?;
    let mut told = list_outcomes_of_subject(&mut snapshot, caller.institution(), position, LIMIT_MAX).await?;
    told.retain(|told| concerns(caller.application(), told.service.as_deref()));
    Ok(told)
}
