//! The rating block, with the names the validator of public sites looks for. A plain form.

use super::{Tone, alert, icon};
use crate::api::ratings::Rate;
use crate::markup::{Markup, markup};
use crate::messages::rating::{Answer, DIFFICULTIES, LIKED, Rating, stars};
use crate::site::use_language;
use leptos::server_fn::ServerFn;

/// The block under an outcome; `answer` is what the last rating came to.
pub(crate) fn rating(token: &str, answer: Option<&str>) -> Markup {
    let language = use_language();
    let text = move |message: Rating| message.text(language);
    let said = |tone, message| alert(tone, markup! { p role="status" { (text(message)) } });
    let notice = match answer {
        Some("thanks") => {
            return markup! { div class="rating-block" id="rating" { (said(Tone::Success, Rating::Thanks)) } };
        }
        Some("missing") => Some(said(Tone::Danger, Rating::Missing)),
        Some(_) => Some(said(Tone::Warning, Rating::Later)),
        None => None,
    };
    let star = |count: u8| {
        let id = ["stars-", &count.to_string()].concat();
        let element = ["feedback-rate-", &count.to_string()].concat();
        markup! {
            input class="visually-hidden" type="radio" name="stars" id=(id.clone()) value=(count.to_string());
            label for=(id) data-element=(element) {
                (icon("star-full"))
                span class="visually-hidden" { (stars(count, language)) }
            }
        }
    };
    let all: Vec<Markup> = (1..=5).map(star).collect();
    markup! {
        form class="rating-block" id="rating" method="post" action=(Rate::PATH) data-element="feedback" {
            (notice)
            input type="hidden" name="token" value=(token.to_owned());
            input type="hidden" name="language" value=(language.pick("italian", "english"));
            fieldset class="form-group" {
                legend data-element="feedback-title" { (text(Rating::Question)) }
                div class="rating" { (all) }
            }
            (question("rating-liked", "feedback-rating-positive", "liked", text(Rating::Positive), LIKED))
            (question("rating-difficulty", "feedback-rating-negative", "difficulty", text(Rating::Negative), DIFFICULTIES))
            div class="form-group rating-comment" {
                label for="commento" { (text(Rating::Comment)) }
                span class="form-text" id="commento-aiuto" { (text(Rating::CommentHint)) }
                input class="form-control" id="commento" name="comment" type="text" maxlength="200" aria-describedby="commento-aiuto" data-element="feedback-input-text";
            }
            div class="actions" {
                button class="btn btn-outline-primary" type="submit" { (text(Rating::Submit)) }
            }
        }
    }
}

/// The question for many or for few stars. The style sheet shows the one that belongs to the stars chosen.
fn question(
    class: &'static str,
    element: &'static str,
    name: &'static str,
    words: &'static str,
    answers: [Answer; 5],
) -> Markup {
    let language = use_language();
    let answer = |(value, italian, english): Answer| {
        let id = [name, "-", value].concat();
        markup! {
            div class="form-check" {
                input type="radio" name=(name) id=(id.clone()) value=(value);
                label for=(id) data-element="feedback-rating-answer" { (language.pick(italian, english)) }
            }
        }
    };
    let answers: Vec<Markup> = answers.into_iter().map(answer).collect();
    markup! {
        fieldset class=(["form-group ", class].concat()) data-element=(element) {
            legend data-element="feedback-rating-question" { (words) }
            (answers)
        }
    }
}
