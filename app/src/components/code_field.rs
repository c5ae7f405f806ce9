//! The field for a notice's code: digits grouped while typing, a polite count of those missing, errors beside it.

use super::icon;
use crate::Language;
use crate::markup::{Markup, markup};
use crate::messages::home::{Home, progress};
use crate::messages::layout::Layout;
use crate::site::use_site;
use domain::citizen_code::{self, Progress};
use leptos::prelude::*;

/// Identifier of the field.
pub(crate) const FIELD: &str = "codice";

/// The field under the name it has in its form, with what was written in it and what is wrong with that.
pub(crate) fn code_field(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    value: String,
    error: Option<String>,
) -> Markup {
    let site = use_site();
    let language = site.language;
    let count = RwSignal::new(String::new());
    let input = NodeRef::<leptos::html::Input>::new();
    // What was typed before the browser took over is counted too.
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            count.set(said_of(&citizen_code::progress(&input.value()), language));
        }
    });
    let typed = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let value = input.value();
        let caret = input.selection_start().ok().flatten().unwrap_or_default();
        let reached = citizen_code::progress(&value);
        if let Some((grouped, caret)) = reached
            .grouped
            .as_deref()
            .and_then(|g| regrouped(&value, caret, g))
        {
            input.set_value(grouped);
            let _ = input.set_selection_range(caret, caret);
        }
        count.set(said_of(&reached, language));
    };
    let invalid = error.is_some();
    let described = if invalid {
        "codice-aiuto codice-errore"
    } else {
        "codice-aiuto"
    };
    let message = error.map(|error| {
        let prefix = Layout::ErrorPrefix.text(language);
        markup! {
            p class="invalid-feedback" id="codice-errore" {
                (icon("error"))
                span { span class="visually-hidden" { (prefix) } (error) }
            }
        }
    });
    let value = citizen_code::progress(&value).grouped.unwrap_or(value);
    let field = view! {
        <input
            class="form-control code-field" id=FIELD name=name type="text" inputmode="numeric" autocomplete="off"
            spellcheck="false" aria-describedby=described aria-invalid=invalid.then_some("true") value=value
            node_ref=input on:input=typed
        />
    };
    let missing = view! { <p class="form-text" role="status">{move || count.get()}</p> };
    markup! {
        div class=(if invalid { "form-group is-invalid" } else { "form-group" }) {
            label for=(FIELD) { (label) }
            span class="form-text" id="codice-aiuto" { (hint) }
            (message)
            (field.into_any())
            (missing.into_any())
        }
    }
}

/// Digits are counted while there is nothing else: of a link or of letters a count says nothing.
fn said_of(reached: &Progress, language: Language) -> String {
    let digits = if reached.grouped.is_some() || reached.complete {
        reached.digits
    } else {
        0
    };
    progress(digits, reached.complete, language)
}

/// The label and hint of the field on most pages.
pub(crate) fn usual_code_field(value: String, error: Option<String>) -> Markup {
    let language = use_site().language;
    let name = language.pick("codice", "code");
    code_field(
        name,
        Home::CodeLabel.text(language),
        Home::CodeHint.text(language),
        value,
        error,
    )
}

/// The grouped digits and where the caret goes so that it stays after the same digit; `None` when nothing changes.
/// Places are in UTF-16 units, as the browser counts.
fn regrouped<'a>(value: &str, caret: u32, grouped: &'a str) -> Option<(&'a str, u32)> {
    if value == grouped {
        return None;
    }
    let mut units = 0;
    let mut digits = 0_u32;
    for character in value.chars() {
        units += character.len_utf16();
        if units > caret as usize {
            break;
        }
        digits += u32::from(character.is_ascii_digit());
    }
    let spaces = digits.saturating_sub(1) / 4;
    Some((grouped, digits + spaces))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(value: &str, caret: u32) -> (String, u32) {
        let reached = citizen_code::progress(value);
        let grouped = reached.grouped.expect("digits only");
        regrouped(value, caret, &grouped).map_or((value.to_owned(), caret), |(text, caret)| {
            (text.to_owned(), caret)
        })
    }

    #[test]
    fn digits_group_while_typing_and_the_caret_stays_after_the_same_digit() {
        assert_eq!(typed("3020", 4), ("3020".to_owned(), 4));
        assert_eq!(typed("30201", 5), ("3020 1".to_owned(), 6));
        assert_eq!(typed("3020 12", 7), ("3020 12".to_owned(), 7));
        // a digit put in the middle
        assert_eq!(typed("39020 1234", 2), ("3902 0123 4".to_owned(), 2));
        // a digit taken away from the first group
        assert_eq!(typed("302 1234", 3), ("3021 234".to_owned(), 3));
        // a space taken away: the caret is before where it was put back
        assert_eq!(typed("30201234", 4), ("3020 1234".to_owned(), 4));
    }

    #[test]
    fn a_paste_with_dashes_becomes_groups() {
        assert_eq!(
            typed("3020-1234-5678-9012-34", 22),
            ("3020 1234 5678 9012 34".to_owned(), 22)
        );
    }
}
