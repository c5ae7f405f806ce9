//! What citizens think of the service.

use super::PortalError;
use super::json::Answer;
use crate::Language;
use leptos::server;

/// Keeps a rating and leads back to the outcome it was given from. Of the two answers only the one that belongs to the
/// stars counts.
#[server(prefix = "/api", endpoint = "ratings", output = Answer)]
pub async fn rate(
    /// One to five.
    #[server(default)]
    stars: u8,
    /// Answer to the question for four and five stars.
    #[server(default)]
    liked: String,
    /// Answer to the question for one to three stars.
    #[server(default)]
    difficulty: String,
    /// Free text.
    #[server(default)]
    comment: String,
    /// The payment's reference, to lead back to its outcome.
    #[server(default)]
    token: String,
    /// Language of the pages.
    language: Language,
) -> Result<(), PortalError> {
    let services = super::request::services()?;
    let reason = if stars >= 4 { liked } else { difficulty };
    let reasons = if reason.is_empty() {
        Vec::new()
    } else {
        vec![reason]
    };
    let from = super::request::client_address();
    let kept = services::ratings::rate(&services, stars, &reasons, &comment, language.tag(), from).await;
    let (word, answer) = ssr::answer(kept);
    super::request::lead_form_to(&ssr::back_to_outcome(&token, word, language));
    answer
}

#[cfg(feature = "ssr")]
mod ssr {
    use crate::Language;
    use crate::address::Page;
    use crate::api::PortalError;
    use services::ratings::RateError;

    /// The word the outcome page understands, and the answer for a program.
    pub(super) fn answer(kept: Result<(), RateError>) -> (&'static str, Result<(), PortalError>) {
        match kept {
            Ok(()) => ("thanks", Ok(())),
            Err(RateError::Shape) => ("missing", Err(PortalError::Malformed)),
            Err(RateError::TooMany(limit)) => ("later", Err(limit.into())),
            Err(RateError::Unavailable(error)) => ("later", Err(error.into())),
        }
    }

    pub(super) fn back_to_outcome(token: &str, word: &str, language: Language) -> String {
        format!(
            "{}?rating={word}#rating",
            Page::Outcome(token.to_owned()).address(language)
        )
    }
}
