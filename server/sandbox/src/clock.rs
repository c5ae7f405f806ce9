//! Time and chance: the sandbox is a process of its own and has no ports for them.

use chrono::{DateTime, NaiveDateTime, Utc};

/// The instant, to the second.
#[expect(
    clippy::disallowed_methods,
    reason = "the only place of this process that asks for the time"
)]
pub(crate) fn now() -> DateTime<Utc> {
    let instant = Utc::now();
    DateTime::from_timestamp(instant.timestamp(), 0).unwrap_or(instant)
}

/// The instant as the hub writes it.
pub(crate) fn italian_time(instant: DateTime<Utc>) -> NaiveDateTime {
    instant.with_timezone(&chrono_tz::Europe::Rome).naive_local()
}

/// Thirty-two unguessable hexadecimal digits.
#[expect(
    clippy::disallowed_methods,
    reason = "the only place of this process that draws lots"
)]
pub(crate) fn random_id() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    format!("{:032x}", u128::from_be_bytes(bytes))
}
