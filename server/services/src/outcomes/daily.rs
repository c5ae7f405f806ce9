//! An application's outcomes of a civil day, as a file for programs that take nothing else.
//!
//! After midnight in Italy the day is closed: it holds what came into the feed since the day before was closed, up to the
//! first outcome recorded after midnight. So each outcome is in one day, also one whose transaction ended late. The file is
//! written whole under another name, made durable, and then given its own; beside it lies its SHA-256. Whoever takes it may
//! delete it: it is not written again, and can be asked for by `GET /api/v1/outcomes/daily/{date}`.

use super::{OutcomeError, concerns};
use crate::caller::Caller;
use crate::clock::{instant_of_italian_time, italian_date};
use crate::digest::hexadecimal;
use crate::jobs::{self, JobKind, Outcome};
use crate::{Services, Unavailable};
use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, Utc};
use domain::Cents;
use domain::application::{Application, Scope};
use domain::outcome::{NoticeReference, OutcomeContent};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use storage::applications::list_applications;
use storage::jobs::{ClaimedJob, NewJob, enqueue};
use storage::outcomes::{
    Feed, OutcomeDay, ToldOutcome, find_first_number_since, find_last_outcome_day, find_outcome_day,
    insert_outcome_day, list_deliveries, list_feeds,
};

/// Outcomes of one answer at most; a file has all of them.
pub const ROWS_MAX: i64 = 100_000;
/// Outcomes read at once.
const PAGE: u32 = 1_000;
/// How long after midnight a day is closed: what happened in its last moments is in the feed by then.
const CLOSED_AFTER: Duration = Duration::minutes(15);
/// Days closed for one application in one go.
const DAYS_MAX: usize = 31;
/// The key of the one job there is.
const KEY: &str = "all";
/// The first line.
const HEAD: [&str; 13] = [
    "number",
    "id",
    "type",
    "recorded_at",
    "service",
    "position",
    "notice_number",
    "iuv",
    "amount",
    "receipt_id",
    "provider",
    "paid_at_local",
    "flow_id",
];

/// Leaves the job that closes days, when one is to be closed.
pub async fn schedule(services: &Services) -> Result<(), Unavailable> {
    let day = last_day_over(services.clock.now());
    let mut snapshot = services.store.read().await?;
    let applications = list_applications(&mut snapshot).await?;
    let mut whose = None;
    for feed in list_feeds(&mut snapshot).await? {
        let last = find_last_outcome_day(&mut snapshot, &feed.application).await?;
        if last.is_none_or(|last| last.day < day) {
            whose = applications
                .iter()
                .find(|application| application.id == feed.application);
        }
    }
    drop(snapshot);
    let Some(application) = whose else { return Ok(()) };
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let job = NewJob {
        kind: JobKind::OutcomeDays.as_str(),
        key: KEY,
        institution: &application.institution,
        payload: "{}",
        run_at: now,
    };
    enqueue(&mut tx, &job, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The last day that can be closed at an instant.
fn last_day_over(now: DateTime<Utc>) -> NaiveDate {
    let today = italian_date(now - CLOSED_AFTER);
    today.pred_opt().unwrap_or(today)
}

/// The instant a day ends in Italy.
fn end_of(day: NaiveDate) -> DateTime<Utc> {
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    instant_of_italian_time(next.and_time(NaiveTime::MIN))
}

/// Closes the days that are over, and writes their files.
pub(crate) async fn run_days(services: &Services, job: &ClaimedJob) -> Result<Outcome, Unavailable> {
    let mut snapshot = services.store.read().await?;
    let applications = list_applications(&mut snapshot).await?;
    let feeds = list_feeds(&mut snapshot).await?;
    drop(snapshot);
    for feed in &feeds {
        let Some(application) = applications.iter().find(|one| one.id == feed.application) else {
            continue;
        };
        for _ in 0..DAYS_MAX {
            if !jobs::hold_on(services, job).await? {
                return Ok(Outcome::Done);
            }
            match close_day(services, application, feed).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(CloseError::Unavailable(error)) => return Err(error),
                Err(CloseError::Write(error)) => {
                    return Ok(Outcome::PutOff {
                        until: None,
                        why: format!("cannot write the daily file of {}: {error}", feed.application),
                    });
                }
            }
        }
    }
    Ok(Outcome::Done)
}

#[derive(Debug, thiserror::Error)]
enum CloseError {
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error(transparent)]
    Write(#[from] io::Error),
}

impl From<storage::StorageError> for CloseError {
    fn from(error: storage::StorageError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Closes the next day of a feed, when it is over. Says whether there was one.
async fn close_day(services: &Services, application: &Application, feed: &Feed) -> Result<bool, CloseError> {
    let now = services.clock.now();
    let mut snapshot = services.store.read().await?;
    let last = find_last_outcome_day(&mut snapshot, &feed.application).await?;
    let last_over = last_day_over(now);
    let (day, after) = match last {
        Some(last) => (last.day.succ_opt().unwrap_or(last.day), last.last_number),
        None => (last_over, 0),
    };
    if day > last_over {
        return Ok(false);
    }
    let next = find_first_number_since(&mut snapshot, &feed.application, after, end_of(day)).await?;
    let end = storage::outcomes::find_feed(&mut snapshot, &feed.application)
        .await?
        .map_or(after, |feed| feed.last_number);
    drop(snapshot);
    let closed = OutcomeDay {
        day,
        after_number: after,
        last_number: next.map_or(end, |next| next - 1).max(after),
        made_at: now,
    };
    if let (true, Some(folder)) = (feed.daily_file, &services.outcomes.folder) {
        write_file(services, application, &closed, &folder.join(&application.id)).await?;
    }
    let mut tx = services.store.begin().await?;
    insert_outcome_day(&mut tx, &feed.application, &closed).await?;
    tx.commit().await?;
    Ok(true)
}

/// Writes a day's file and its digest, each whole or not at all.
async fn write_file(
    services: &Services,
    application: &Application,
    day: &OutcomeDay,
    folder: &Path,
) -> Result<(), CloseError> {
    std::fs::create_dir_all(folder)?;
    let name = file_name(day.day);
    let unfinished = folder.join(format!(".{name}.{}", services.ids.token()));
    let written = write_rows(services, application, day, &unfinished).await;
    let placed = written.and_then(|digest| {
        let digest_file = folder.join(format!("{name}.sha256"));
        std::fs::rename(&unfinished, folder.join(&name))?;
        let begun = folder.join(format!(".{name}.sha256.{}", services.ids.token()));
        let mut file = File::create(&begun)?;
        writeln!(file, "{digest}  {name}")?;
        file.sync_all()?;
        std::fs::rename(begun, digest_file)?;
        File::open(folder)?.sync_all()?;
        Ok(())
    });
    if placed.is_err() {
        // What was begun is of no use; when it cannot be deleted either, its name says so.
        let _ = std::fs::remove_file(&unfinished);
    }
    placed
}

/// The name of a day's file.
pub fn file_name(day: NaiveDate) -> String {
    format!("esiti-{day}.csv")
}

/// Writes a day's rows, a page at a time. Returns their digest in hexadecimal digits.
async fn write_rows(
    services: &Services,
    application: &Application,
    day: &OutcomeDay,
    path: &Path,
) -> Result<String, CloseError> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut digest = Sha256::new();
    let mut put = |bytes: Vec<u8>| {
        digest.update(&bytes);
        file.write_all(&bytes)
    };
    put(head())?;
    let mut after = day.after_number;
    loop {
        let mut snapshot = services.store.glance().await?;
        let page = list_deliveries(&mut snapshot, &application.id, after, day.last_number, PAGE).await?;
        drop(snapshot);
        let Some((last, _)) = page.last() else { break };
        after = *last;
        put(rows(application, &page))?;
    }
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(hexadecimal(&digest.finalize()))
}

/// The application's outcomes of a closed day, as its file has them.
pub async fn day_of(services: &Services, caller: &Caller, day: NaiveDate) -> Result<Vec<u8>, OutcomeError> {
    caller.services(Scope::ReadOutcomes)?;
    let application = caller.application();
    let mut snapshot = services.store.read().await?;
    let closed = find_outcome_day(&mut snapshot, &application.id, day)
        .await?
        .ok_or(OutcomeError::DayNotClosed)?;
    if closed.last_number - closed.after_number > ROWS_MAX {
        return Err(OutcomeError::DayTooLarge);
    }
    let mut text = head();
    let mut after = closed.after_number;
    loop {
        let page = list_deliveries(&mut snapshot, &application.id, after, closed.last_number, PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        text.extend(rows(application, &page));
    }
    Ok(text)
}

fn head() -> Vec<u8> {
    lines([HEAD.map(str::to_owned)])
}

/// The rows of some outcomes: one for each notice.
fn rows(application: &Application, page: &[(i64, ToldOutcome)]) -> Vec<u8> {
    let mine = page
        .iter()
        .filter(|(_, told)| concerns(application, told.service.as_deref()));
    lines(mine.flat_map(|(number, told)| {
        let notices = told.content.notices();
        // A payment of a flow that is no notice of this archive has a row too.
        let references: Vec<Option<&NoticeReference>> = if notices.is_empty() {
            vec![None]
        } else {
            notices.iter().map(Some).collect()
        };
        references
            .into_iter()
            .map(|notice| row(*number, told, notice))
            .collect::<Vec<_>>()
    }))
}

fn row(number: i64, told: &ToldOutcome, notice: Option<&NoticeReference>) -> [String; 13] {
    use OutcomeContent as C;
    let mut amount = notice.map(|notice| notice.amount);
    let mut number_of_notice = notice.map(|notice| notice.notice_number.to_string());
    let mut iuv = notice.map(|notice| notice.iuv.to_string());
    let (mut provider, mut paid_at, mut flow) = (None, None, None);
    match &told.content {
        C::NoticeViewed(view) => provider.clone_from(&view.provider_id),
        C::Paid { payment, .. }
        | C::PaidTwice { payment, .. }
        | C::PaidUnmatched { payment, .. }
        | C::ReceiptCorrected { payment, .. } => {
            provider = payment.provider.as_ref().map(|provider| provider.id.clone());
            paid_at = payment
                .paid_at_local
                .map(|at| at.format("%Y-%m-%dT%H:%M:%S").to_string());
        }
        C::Reported(reported) => {
            amount = Some(reported.amount);
            number_of_notice = reported.notice_number.as_ref().map(ToString::to_string);
            iuv = Some(reported.iuv.clone());
            provider = Some(reported.provider_id.clone());
            paid_at = Some(reported.paid_on.to_string());
            flow = Some(reported.flow_id.clone());
        }
        C::Credited(credit) => flow.clone_from(&credit.flow_id),
        C::Cancelled { .. } | C::Replaced { .. } | C::Expired { .. } => {}
    }
    [
        number.to_string(),
        told.event_id.clone(),
        told.content.kind().as_str().to_owned(),
        told.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        told.service.clone().unwrap_or_default(),
        told.position.clone().unwrap_or_default(),
        number_of_notice.unwrap_or_default(),
        iuv.unwrap_or_default(),
        amount.map(euros).unwrap_or_default(),
        told.content.receipt_id().unwrap_or_default().to_owned(),
        provider.unwrap_or_default(),
        paid_at.unwrap_or_default(),
        flow.unwrap_or_default(),
    ]
}

/// Euros with a point and two decimals.
fn euros(amount: Cents) -> String {
    let cents = amount.as_i64();
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

fn lines(rows: impl IntoIterator<Item = [String; 13]>) -> Vec<u8> {
    let mut text = Vec::new();
    for row in rows {
        for (place, cell) in row.iter().enumerate() {
            if place > 0 {
                text.push(b';');
            }
            // Amounts alone may begin with a sign: nobody outside writes them.
            write_cell(&mut text, cell, place == 8);
        }
        text.extend_from_slice(b"\r\n");
    }
    text
}

/// Writes a cell (RFC 4180). One that a spreadsheet would take for a formula gets an apostrophe before it.
fn write_cell(text: &mut Vec<u8>, cell: &str, is_number: bool) {
    let is_formula = !is_number && cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let cell = if is_formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if cell.contains([';', '"', '\r', '\n']) {
        text.push(b'"');
        text.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
        text.push(b'"');
    } else {
        text.extend_from_slice(cell.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_over_a_quarter_of_an_hour_after_italian_midnight() {
        let at = |text: &str| last_day_over(text.parse().unwrap()).to_string();
        assert_eq!(at("2026-11-25T23:14:59Z"), "2026-11-24");
        assert_eq!(at("2026-11-25T23:15:00Z"), "2026-11-25");
        assert_eq!(
            end_of("2026-11-25".parse().unwrap()).to_rfc3339(),
            "2026-11-25T23:00:00+00:00"
        );
        assert_eq!(
            end_of("2026-07-01".parse().unwrap()).to_rfc3339(),
            "2026-07-01T22:00:00+00:00"
        );
    }

    #[test]
    fn a_cell_is_never_a_formula_and_never_two_cells() {
        for (cell, written) in [
            ("TARI-1", "TARI-1"),
            ("=1+1", "'=1+1"),
            ("+39", "'+39"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("a;b", "\"a;b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("=a;\"b\"", "\"'=a;\"\"b\"\"\""),
        ] {
            let mut text = Vec::new();
            write_cell(&mut text, cell, false);
            assert_eq!(String::from_utf8(text).unwrap(), written);
        }
        assert_eq!(euros(Cents::new(-1_205)), "-12.05");
        assert_eq!(euros(Cents::new(7)), "0.07");
    }
}
