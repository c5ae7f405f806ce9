//! What citizens think of the service.

use crate::engine::on_engine;
use crate::row::to_json;
use crate::statements::statements;
use crate::{StorageError, Tx};
use chrono::{DateTime, Utc};

statements! {
    RECORD_RATING =
        "INSERT INTO rating (at, stars, reasons, comment, language, page) VALUES ($1, $2, $3, $4, $5, $6)";
}

/// A rating to keep. Nothing ties it to a payment or to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRating {
    /// 1 to 5.
    pub stars: u8,
    /// Codes of the reasons chosen.
    pub reasons: Vec<String>,
    /// Free words, at most 200 characters.
    pub comment: Option<String>,
    /// Language of the page, two letters.
    pub language: String,
    /// The page it was given on.
    pub page: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Keeps a rating.
pub async fn record_rating(tx: &mut Tx, rating: &NewRating) -> Result<(), StorageError> {
    on_engine!(tx, |c| sqlx::query(RECORD_RATING)
        .bind(rating.at)
        .bind(i16::from(rating.stars))
        .bind(to_json(&rating.reasons))
        .bind(&rating.comment)
        .bind(&rating.language)
        .bind(&rating.page)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
