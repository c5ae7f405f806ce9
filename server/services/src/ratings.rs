//! What citizens think of the service, asked after a payment with the questions every municipality asks.

use crate::rate_limit::{Limited, TooMany};
use crate::{Services, Unavailable};
use std::net::IpAddr;
use storage::ratings::NewRating;

/// Why a rating was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RateError {
    /// Not one to five stars, an unknown reason, or a comment over 200 characters.
    #[error("a rating has one to five stars, known reasons and at most 200 characters of comment")]
    Shape,
    /// Too many from one address.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Longest comment, in characters.
pub const COMMENT_MAX: usize = 200;

/// Keeps a rating. It is anonymous: nothing ties it to the payment.
pub async fn rate(
    services: &Services,
    stars: u8,
    reasons: &[String],
    comment: &str,
    language: &str,
    from: IpAddr,
) -> Result<(), RateError> {
    let now = services.clock.now();
    services.limits.count(Limited::RatingFrom(from), now)?;
    let comment = comment.trim();
    let known =
        |reason: &String| reason.len() <= 40 && reason.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if !(1..=5).contains(&stars)
        || comment.chars().count() > COMMENT_MAX
        || reasons.len() > 5
        || !reasons.iter().all(known)
    {
        return Err(RateError::Shape);
    }
    let rating = NewRating {
        stars,
        reasons: reasons.to_vec(),
        comment: (!comment.is_empty()).then(|| comment.to_owned()),
        language: language.to_owned(),
        page: "outcome".to_owned(),
        at: now,
    };
    let mut tx = services.store.begin().await.map_err(Unavailable)?;
    storage::ratings::record_rating(&mut tx, &rating)
        .await
        .map_err(Unavailable)?;
    tx.commit().await.map_err(Unavailable)?;
    Ok(())
}
