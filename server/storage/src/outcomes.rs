//! Outcomes: facts, what each application is told of them, and where they are sent.
//!
//! A fact is written where it is bound to happen, in the same transaction ([`record_outcomes`]). Facts become visible when
//! their transactions end, which is not the order of their ids: whoever read them behind a cursor would miss some. So one
//! transaction at a time copies the facts that are there into the feeds of the applications they concern, and numbers them
//! there ([`feeds`]): these numbers grow without a gap and are seen in their order, and a reader's cursor is one of them.
//! Facts of one subject keep their order, because the second happens after the first was committed.

mod cleaning;
pub(crate) mod days;
pub(crate) mod endpoints;
pub(crate) mod events;
pub(crate) mod feeds;
pub(crate) mod views;
pub(crate) mod webhooks;

pub use cleaning::{delete_acknowledged_before, delete_outcomes_before, delete_webhooks_before};
pub use days::{
    OutcomeDay, find_first_number_since, find_last_outcome_day, find_outcome_day, insert_outcome_day,
};
pub use endpoints::{
    Endpoint, EndpointState, disable_endpoint, enable_endpoint, find_endpoint, find_endpoint_by_id,
    insert_endpoint, list_active_endpoints, list_endpoints, note_endpoint, rotate_endpoint,
};
pub use events::{
    PendingOutcome, ToldOutcome, event_id, find_concerned, list_outcomes_of_subject,
    list_outcomes_to_fan_out, mark_fanned_out, record_outcomes,
};
pub use feeds::{
    Feed, Kinds, acknowledge, ensure_feed, find_feed, insert_deliveries, list_deliveries, list_feeds,
    set_feed_choice, take_numbers,
};
pub use views::{ViewRow, find_cursor, find_end_of_page, list_views, set_cursor};
pub use webhooks::{
    Attempt, DueWebhook, NewWebhook, Webhook, WebhookCounts, WebhookState, bury_overdue, bury_webhook,
    count_webhooks, find_next_due, hurry_webhooks, insert_webhooks, list_due_webhooks, list_webhooks,
    note_delivered, put_off_webhook, replay_dead, replay_range,
};

#[cfg(feature = "testing")]
pub(crate) fn statements() -> impl Iterator<Item = crate::statements::Statement> {
    [
        cleaning::STATEMENTS,
        days::STATEMENTS,
        endpoints::STATEMENTS,
        events::STATEMENTS,
        feeds::STATEMENTS,
        views::STATEMENTS,
        webhooks::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
