//! What to do about one marked position, and what its answer leads to. Pure.

use super::feed_of;
use crate::Services;
use crate::directory::Entries;
use chrono::{DateTime, NaiveDate, Utc};
use domain::CreditorInstitution;
use domain::feed::{Archive, Held, Next, Said, Step, Wanted, next};
use pagopa::debt_positions::{Fingerprint, Position};
use storage::debt_positions::StoredPosition;
use storage::position_feed::{Fed, Pending};

/// Steps in a row that did not lead where they should, after which a position is left to people.
const FAILURES_MAX: u16 = 6;
/// The same for answers that say nothing of the position, as when the archive is ill.
const UNCLEAR_MAX: u16 = 40;

/// A marked position with what it comes to.
pub(super) struct Planned {
    pub(super) stored: StoredPosition,
    /// What is known of it, or what is to be known of one never sent.
    pub(super) fed: Fed,
    pub(super) wanted: Wanted,
    /// Whether it leaves this archive for another, which must still be told.
    moves: bool,
    pub(super) task: Task,
}

pub(super) enum Task {
    /// Nothing: the mark goes.
    Rest,
    /// Nothing, as it is for no archive: the mark goes, and it is noted so that nobody misses it there.
    LeaveOut,
    /// Nothing yet: the mark stays.
    Wait,
    /// A step, with the position as it is sent.
    Take(Step, Box<Position>),
    /// To be read there first, with the position as it would be sent.
    Read(Box<Position>),
    /// It cannot be sent.
    Unfit(String),
}

/// What a marked position comes to; `None` when its institution or service is not in the directory.
pub(super) fn plan(
    services: &Services,
    entries: &Entries,
    pending: Pending,
    today: NaiveDate,
) -> Option<Planned> {
    let Pending { stored, fed } = pending;
    let debt = &stored.position;
    let institution = entries.institution(&debt.institution)?;
    let service = entries.service(&debt.institution, &debt.service)?;
    let choice = feed_of(services, service);
    let configured = choice.and_then(|feed| feed.archive_for(debt));
    // What an archive still holds is mended there first.
    let at = fed
        .as_ref()
        .filter(|fed| fed.held != Held::Withdrawn)
        .map(|fed| fed.archive)
        .or(configured);
    let moves = at != configured && configured.is_some();
    let wanted = match Wanted::of(&debt.status) {
        Wanted::Payable if at != configured => Wanted::Withdrawn,
        wanted => wanted,
    };
    let position = Position::new(debt, institution, service, today);
    let fingerprint = position.as_ref().map(Position::fingerprint).ok();
    let same = fed
        .as_ref()
        .zip(fingerprint)
        .is_some_and(|(fed, print)| fed.whole == print.whole);
    let task = match (at, next(wanted, fed.as_ref().map(|fed| fed.held), same)) {
        (None, Next::Take(_)) if choice.is_some() => Task::LeaveOut,
        (None, _) | (Some(_), Next::Rest) => Task::Rest,
        (Some(_), Next::Wait) => Task::Wait,
        (Some(_), Next::Take(step)) => match position {
            Ok(position) => Task::Take(step, Box::new(position)),
            Err(unfit) => Task::Unfit(unfit.to_string()),
        },
        (Some(_), Next::Read) => match position {
            Ok(position) => Task::Read(Box::new(position)),
            Err(unfit) => Task::Unfit(unfit.to_string()),
        },
    };
    let fed = fed.unwrap_or_else(|| never_sent(&stored, institution));
    let fed = Fed {
        archive: at.unwrap_or(fed.archive),
        ..fed
    };
    Some(Planned {
        stored,
        fed,
        wanted,
        moves,
        task,
    })
}

fn never_sent(stored: &StoredPosition, institution: &CreditorInstitution) -> Fed {
    Fed {
        position_id: stored.id,
        archive: Archive::Aca,
        iupd: pagopa::debt_positions::iupd(&institution.broker, &stored.position.key),
        held: Held::Withdrawn,
        version: stored.version,
        whole: [0; 32],
        listed: [0; 32],
        sent_at: stored.created_at,
        upload: None,
        failures: 0,
        reason: None,
    }
}

/// What to record of a position, and whether the mark goes.
pub(super) struct Conclusion {
    pub(super) fed: Fed,
    pub(super) clears_mark: bool,
}

impl Planned {
    /// What is known of it when nothing is sent.
    pub(super) fn at_rest(&self) -> Conclusion {
        Conclusion {
            fed: self.fed.clone(),
            clears_mark: true,
        }
    }

    /// What is known once it was sent.
    pub(super) fn sent(&self, print: Fingerprint, now: DateTime<Utc>) -> Fed {
        Fed {
            version: self.stored.version,
            whole: print.whole,
            listed: print.listed,
            sent_at: now,
            ..self.fed.clone()
        }
    }

    /// What is known after this was learnt, `fed` being what was sent.
    pub(super) fn conclude(&self, fed: Fed, said: Said, reason: impl FnOnce() -> String) -> Conclusion {
        let held_before = self.fed.held;
        let concluded = conclude(fed, held_before, said, reason);
        Conclusion {
            clears_mark: concluded.clears_mark
                && !(self.moves && matches!(said, Said::Holds(Held::Withdrawn))),
            fed: concluded.fed,
        }
    }

    /// What is known of a position that cannot be sent.
    pub(super) fn unfit(&self, why: &str, now: DateTime<Utc>) -> Conclusion {
        let fed = Fed {
            sent_at: now,
            ..self.fed.clone()
        };
        conclude(fed, self.fed.held, Said::Refuses, || why.to_owned())
    }
}

/// What is known of a position after an archive said something of it.
pub(super) fn conclude(
    fed: Fed,
    held_before: Held,
    said: Said,
    reason: impl FnOnce() -> String,
) -> Conclusion {
    let failures = fed.failures.saturating_add(1);
    let failed = |held, most: u16, reason: String| {
        let given_up = failures >= most;
        Conclusion {
            fed: Fed {
                held: if given_up { Held::Refused } else { held },
                failures,
                reason: Some(reason),
                upload: None,
                ..fed.clone()
            },
            clears_mark: given_up,
        }
    };
    match said {
        Said::Holds(held) => Conclusion {
            fed: Fed {
                held,
                failures: 0,
                reason: None,
                upload: None,
                ..fed
            },
            clears_mark: true,
        },
        Said::Differs(held) => failed(held, FAILURES_MAX, reason()),
        Said::Refuses => failed(Held::Refused, 0, reason()),
        Said::Unclear => failed(held_before, UNCLEAR_MAX, reason()),
    }
}
