//! A reminder for the citizen's calendar (RFC 5545): the due date, the amount, the link. Nothing personal.

use super::AppState;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::money::NumberStyle;
use domain::{CreditorFiscalCode, NoticeNumber, NoticeStanding};
use services::notices::{NoticeDetails, find_notice_details};

/// `/avviso/<institution>/<number>/promemoria.ics`
pub(super) async fn reminder(
    State(state): State<AppState>,
    Path((institution, number)): Path<(String, String)>,
) -> Response {
    let (Ok(institution), Ok(number)) = (
        CreditorFiscalCode::parse(&institution),
        NoticeNumber::parse(&number),
    ) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match find_notice_details(&state.services, &institution, &number).await {
        Ok(Some(details)) => match details.notice.due_on {
            Some(due_on)
                if matches!(
                    details.standing,
                    NoticeStanding::Payable { .. } | NoticeStanding::NotYetPayable { .. }
                ) =>
            {
                let text = event(
                    &details,
                    due_on,
                    &state.portal.base_url,
                    state.services.clock.now(),
                );
                let headers = [
                    (header::CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
                    (
                        header::CONTENT_DISPOSITION,
                        format!("attachment; filename=\"avviso-{number}.ics\""),
                    ),
                ];
                (headers, text).into_response()
            }
            _ => StatusCode::NOT_FOUND.into_response(),
        },
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(error = %error, notice.number = %number, "cannot make a reminder");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// An all-day event on the due date with an alarm two days before.
fn event(details: &NoticeDetails, due_on: NaiveDate, base_url: &str, now: DateTime<Utc>) -> String {
    let notice = &details.notice;
    let link = format!("{base_url}/paga/{}", notice.number);
    let amount = notice.amount.to_people(NumberStyle::Italian);
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Lanterna//Avvisi di pagamento//IT".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}-{}@lanterna", notice.institution, notice.number),
        format!("DTSTAMP:{}", now.format("%Y%m%dT%H%M%SZ")),
        format!("DTSTART;VALUE=DATE:{}", due_on.format("%Y%m%d")),
        format!(
            "DTEND;VALUE=DATE:{}",
            due_on
                .checked_add_days(Days::new(1))
                .unwrap_or(due_on)
                .format("%Y%m%d")
        ),
        format!(
            "SUMMARY:{}",
            escaped(&format!("Scade l'avviso: {} ({amount} €)", notice.description))
        ),
        format!(
            "DESCRIPTION:{}",
            escaped(&format!(
                "{}\nCodice avviso {}\nPaga: {link}",
                details.institution.name,
                notice.number.grouped()
            ))
        ),
        format!("URL:{link}"),
        "TRANSP:TRANSPARENT".to_owned(),
        "BEGIN:VALARM".to_owned(),
        "ACTION:DISPLAY".to_owned(),
        format!("DESCRIPTION:{}", escaped(&notice.description)),
        "TRIGGER:-P2D".to_owned(),
        "END:VALARM".to_owned(),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    lines.iter().map(|line| folded(line)).collect()
}

/// Text with the characters that mean something escaped (section 3.3.11).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
        .replace('\n', "\\n")
}

/// A content line, folded at 75 bytes without cutting a character (section 3.1).
fn folded(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut width = 0;
    for character in line.chars() {
        if width + character.len_utf8() > 75 {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(character);
        width += character.len_utf8();
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_fold_without_cutting_a_character() {
        let line = format!("SUMMARY:{}", "è".repeat(60));
        let text = folded(&line);
        assert!(text.split("\r\n").all(|part| part.len() <= 75));
        assert_eq!(text.replace("\r\n ", "").trim_end(), line);
    }

    #[test]
    fn commas_and_new_lines_do_not_break_the_event() {
        assert_eq!(
            escaped("Via Roma, 1; int. 2\nGenova"),
            "Via Roma\\, 1\\; int. 2\\nGenova"
        );
    }
}
