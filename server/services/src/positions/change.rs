//! A program at work on positions, inside a transaction. Nothing here commits, notes or counts: that is for whoever calls.

use crate::caller::{Caller, Forbidden};
use crate::clock::italian_date;
use crate::directory::Entries;
use crate::idempotency::IdempotencyError;
use crate::{Services, Unavailable};
use chrono::{DateTime, NaiveDate, Utc};
use domain::application::Scope;
use domain::debt_position::{DebtPositionEvent, PositionContent, TransitionError};
use domain::draft::{self, CheckedDraft, FieldError, PositionDraft, Problem};
use domain::{CreditorInstitution, DebtPosition, DebtPositionStatus, Iuv, NoticeNumber, OptionKind};
use serde::{Deserialize, Serialize};
use storage::debt_positions::{
    StoredPosition, amend_position, find_notice, find_position, find_position_by_notice, insert_position,
    transition_position,
};
use storage::{StorageError, Tx};

/// What a program wants done.
#[derive(Debug, Clone, Copy)]
pub enum Change<'a> {
    /// A position under its key: made, or made to say this.
    Put {
        /// What it says.
        draft: &'a PositionDraft,
        /// What is thought to be there.
        expect: Expect,
    },
    /// A draft made payable.
    Publish {
        /// Its key.
        key: &'a str,
        /// What is thought to be there.
        expect: Expect,
    },
    /// A position withdrawn.
    Cancel {
        /// Its key.
        key: &'a str,
        /// What is thought to be there.
        expect: Expect,
    },
    /// A new position in the place of another.
    Replace {
        /// The key of the other.
        key: &'a str,
        /// The new one.
        by: &'a PositionDraft,
        /// What is thought to be there.
        expect: Expect,
    },
}

/// What a program thinks is there, so that it changes nothing it has not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// It does not say.
    Unsaid,
    /// Nothing.
    Absent,
    /// Something, whatever it is.
    Present,
    /// This version.
    Version(i64),
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// A position was made.
    Created,
    /// It changed.
    Changed,
    /// It was so already.
    Unchanged,
}

/// A position after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The position; of a replacement, the new one.
    pub stored: StoredPosition,
    /// What was done.
    pub done: Done,
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum PositionError {
    /// Parts of it are wrong.
    #[error("parts of the draft are wrong: {}", .0.first().map_or_else(String::new, ToString::to_string))]
    Invalid(Vec<FieldError>),
    /// The application may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is no such position, or it is not the application's business.
    #[error("there is no such position")]
    NotFound,
    /// The position stands where that cannot be done.
    #[error(transparent)]
    Refused(#[from] TransitionError),
    /// It would change a position without having said which version was seen.
    #[error("a change says which version it changes")]
    ConditionNeeded,
    /// Something else is there than was thought.
    #[error("the position is not what was thought")]
    ConditionFailed,
    /// A list goes on from a place in another list.
    #[error("the place is one of another list")]
    OtherList,
    /// Somebody else came first, or numbers ran out meanwhile: to be tried again from the beginning, in a new transaction.
    #[error("somebody else came first")]
    Again,
    /// The key of the request.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StorageError> for PositionError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Conflict | StorageError::Duplicate { .. } => Self::Again,
            other => Self::Unavailable(other.into()),
        }
    }
}

/// A program at work.
#[derive(Clone, Copy)]
pub struct Writer<'a> {
    /// Everything outside.
    pub services: &'a Services,
    /// The directory.
    pub entries: &'a Entries,
    /// Who works.
    pub caller: &'a Caller,
    /// What it needs to be allowed for each service it touches.
    pub scope: Scope,
    /// When.
    pub now: DateTime<Utc>,
}

impl Writer<'_> {
    /// Does what is wanted. Of an error the transaction is to be undone, unless nothing was written yet: whatever is
    /// wrong with a draft or with the state of a position ([`PositionError::Invalid`], [`PositionError::Forbidden`],
    /// [`PositionError::NotFound`], [`PositionError::Refused`], both conditions) is found before anything is.
    pub async fn carry_out(&self, tx: &mut Tx, change: &Change<'_>) -> Result<Written, PositionError> {
        match *change {
            Change::Put { draft, expect } => self.put(tx, draft, expect).await,
            Change::Publish { key, expect } => {
                self.move_on(tx, key, expect, &DebtPositionEvent::Published).await
            }
            Change::Cancel { key, expect } => {
                let event = DebtPositionEvent::Cancelled { at: self.now };
                self.move_on(tx, key, expect, &event).await
            }
            Change::Replace { key, by, expect } => self.replace(tx, key, by, expect).await,
        }
    }

    /// Numbers a change may need to have issued ([`super::NumberBlocks::prepare`]).
    pub fn numbers_wanted(change: &Change<'_>) -> usize {
        match change {
            Change::Put { draft, .. } | Change::Replace { by: draft, .. } => draft
                .options
                .iter()
                .flat_map(|option| &option.instalments)
                .filter(|instalment| instalment.notice_number.is_none() && instalment.iuv.is_none())
                .count(),
            Change::Publish { .. } | Change::Cancel { .. } => 0,
        }
    }

    /// Checks a draft against the rules, and that the application may have it.
    fn check(&self, draft: &PositionDraft, today: NaiveDate) -> Result<CheckedDraft, Vec<FieldError>> {
        let rules = self.caller.rules(self.services, self.entries, &draft.service);
        let checked = match rules {
            Some(rules) => draft::check(draft, &domain::draft::Rules { today, ..rules }),
            None => Err(vec![error("service", Problem::UnknownService)]),
        };
        let is_offered = self
            .entries
            .service(self.caller.institution(), &draft.service)
            .is_some();
        if is_offered && self.caller.needs(self.scope, &draft.service).is_err() {
            let mut errors = checked.err().unwrap_or_default();
            errors.insert(0, error("service", Problem::ForbiddenService));
            return Err(errors);
        }
        checked
    }

    async fn put(
        &self,
        tx: &mut Tx,
        draft: &PositionDraft,
        expect: Expect,
    ) -> Result<Written, PositionError> {
        self.caller.services(self.scope)?;
        let checked = self.check(draft, italian_date(self.now));
        match find_position(tx, self.caller.institution(), draft.key.trim()).await? {
            None => match expect {
                Expect::Unsaid | Expect::Absent => {
                    self.create(tx, draft, checked.map_err(PositionError::Invalid)?)
                        .await
                }
                Expect::Present | Expect::Version(_) => Err(PositionError::ConditionFailed),
            },
            Some(stored) => self.amend(tx, draft, checked, stored, expect).await,
        }
    }

    async fn create(
        &self,
        tx: &mut Tx,
        draft: &PositionDraft,
        checked: CheckedDraft,
    ) -> Result<Written, PositionError> {
        let institution = self.institution()?;
        for number in checked.given_numbers() {
            if find_notice(tx, &institution.fiscal_code, number).await?.is_some() {
                return Err(PositionError::Invalid(vec![error(
                    &place_of(draft, number),
                    Problem::Taken,
                )]));
            }
        }
        let issued = self
            .services
            .numbers
            .take(institution, checked.numbers_needed())
            .ok_or(PositionError::Again)?;
        let position = checked.position(issued.into_iter()).ok_or(PositionError::Again)?;
        insert_position(tx, &position, self.now).await?;
        let stored = find_position(tx, &institution.fiscal_code, &position.key)
            .await?
            .ok_or(PositionError::Again)?;
        Ok(Written {
            stored,
            done: Done::Created,
        })
    }

    async fn amend(
        &self,
        tx: &mut Tx,
        draft: &PositionDraft,
        checked: Result<CheckedDraft, Vec<FieldError>>,
        stored: StoredPosition,
        expect: Expect,
    ) -> Result<Written, PositionError> {
        if self.caller.needs(self.scope, &stored.position.service).is_err() {
            return Err(PositionError::Invalid(vec![error("key", Problem::Taken)]));
        }
        if expect == Expect::Absent {
            return Err(PositionError::ConditionFailed);
        }
        let checked = match checked {
            Ok(checked) => checked,
            // What was right when it came is not wrong for having grown old.
            Err(errors) => match self.check(draft, italian_date(stored.created_at)) {
                Ok(checked) if says_the_same(checked.clone(), &stored.position) => checked,
                Ok(_) | Err(_) => return Err(PositionError::Invalid(errors)),
            },
        };
        let is_draft = stored.position.status == DebtPositionStatus::Draft;
        let publishes = is_draft && !draft.draft;
        let is_same = says_the_same(checked.clone(), &stored.position);
        if is_same && !publishes {
            return match &stored.position.status {
                DebtPositionStatus::Cancelled { .. } => Err(TransitionError::Cancelled.into()),
                DebtPositionStatus::Replaced { .. } => Err(TransitionError::Replaced.into()),
                DebtPositionStatus::Draft
                | DebtPositionStatus::Open { .. }
                | DebtPositionStatus::Paid { .. }
                | DebtPositionStatus::Expired { .. } => Ok(unchanged(stored)),
            };
        }
        match expect {
            Expect::Unsaid => return Err(PositionError::ConditionNeeded),
            Expect::Version(version) if version != stored.version => {
                return Err(PositionError::ConditionFailed);
            }
            Expect::Absent | Expect::Present | Expect::Version(_) => {}
        }
        if !is_draft && draft.draft {
            return Err(TransitionError::AlreadyPublished.into());
        }
        // What can no longer be said of the position matters more than the shape of what is said.
        let event = |to: PositionContent| DebtPositionEvent::Amended {
            from: Box::new(stored.position.content()),
            to: Box::new(to),
            at: self.now,
        };
        stored.position.apply(&event(stored.position.content()))?;
        let mut after = stored.clone();
        if !is_same {
            let content = checked
                .content_for(&stored.position)
                .map_err(|error| PositionError::Invalid(vec![error]))?;
            let event = event(content);
            let amended = stored.position.apply(&event)?;
            amend_position(tx, &stored, &amended, &event, self.now).await?;
            after = self.next(&stored, amended);
        }
        if publishes {
            after = self.transition(tx, &after, &DebtPositionEvent::Published).await?;
        }
        Ok(Written {
            stored: after,
            done: Done::Changed,
        })
    }

    /// Publishes or withdraws: once done, asked again it is no error.
    async fn move_on(
        &self,
        tx: &mut Tx,
        key: &str,
        expect: Expect,
        event: &DebtPositionEvent,
    ) -> Result<Written, PositionError> {
        let stored = self.find(tx, key).await?;
        let is_done = matches!(
            (event, &stored.position.status),
            (DebtPositionEvent::Published, DebtPositionStatus::Open { .. })
                | (
                    DebtPositionEvent::Cancelled { .. },
                    DebtPositionStatus::Cancelled { .. }
                )
        );
        if is_done {
            return Ok(unchanged(stored));
        }
        met(expect, &stored)?;
        let stored = self.transition(tx, &stored, event).await?;
        Ok(Written {
            stored,
            done: Done::Changed,
        })
    }

    async fn replace(
        &self,
        tx: &mut Tx,
        key: &str,
        draft: &PositionDraft,
        expect: Expect,
    ) -> Result<Written, PositionError> {
        let old = self.find(tx, key).await?;
        let institution = self.caller.institution();
        let new = find_position(tx, institution, draft.key.trim()).await?;
        let checked = self.check(draft, italian_date(self.now));
        if let DebtPositionStatus::Replaced { by, .. } = &old.position.status {
            let successor = find_position_by_notice(tx, institution, by).await?;
            let checked = match (checked, &successor) {
                (Ok(checked), _) => Some(checked),
                (Err(_), Some(successor)) => self.check(draft, italian_date(successor.created_at)).ok(),
                (Err(_), None) => None,
            };
            return match (successor, checked) {
                (Some(successor), Some(checked))
                    if successor.position.key == checked.key()
                        && says_the_same(checked.clone(), &successor.position) =>
                {
                    Ok(unchanged(successor))
                }
                (Some(_) | None, _) => Err(TransitionError::Replaced.into()),
            };
        }
        met(expect, &old)?;
        let checked = checked.map_err(PositionError::Invalid)?;
        if checked.is_draft() {
            return Err(TransitionError::Unpublished.into());
        }
        let taken = || PositionError::Invalid(vec![error("key", Problem::Taken)]);
        if checked.key() == old.position.key {
            return Err(taken());
        }
        // Whether the old one can go is known before the new one comes.
        let probe = DebtPositionEvent::Replaced {
            by: first_notice(&old.position).ok_or(PositionError::NotFound)?,
            at: self.now,
        };
        old.position.apply(&probe)?;
        let new = match new {
            None => self.create(tx, draft, checked).await?,
            Some(new)
                if new.position.status == DebtPositionStatus::Open { chosen: None }
                    && says_the_same(checked, &new.position) =>
            {
                unchanged(new)
            }
            Some(_) => return Err(taken()),
        };
        let event = DebtPositionEvent::Replaced {
            by: first_notice(&new.stored.position).ok_or(PositionError::NotFound)?,
            at: self.now,
        };
        self.transition(tx, &old, &event).await?;
        Ok(Written {
            stored: new.stored,
            done: Done::Created,
        })
    }

    /// A position the application may touch. Another's is not there, and neither is one of a service it has no grant for.
    async fn find(&self, tx: &mut Tx, key: &str) -> Result<StoredPosition, PositionError> {
        self.caller.services(self.scope)?;
        find_position(tx, self.caller.institution(), key)
            .await?
            .filter(|stored| self.caller.needs(self.scope, &stored.position.service).is_ok())
            .ok_or(PositionError::NotFound)
    }

    async fn transition(
        &self,
        tx: &mut Tx,
        before: &StoredPosition,
        event: &DebtPositionEvent,
    ) -> Result<StoredPosition, PositionError> {
        let after = before.position.apply(event)?;
        transition_position(tx, before, &after, event, self.now).await?;
        Ok(self.next(before, after))
    }

    /// A position as it is stored once it moved.
    fn next(&self, before: &StoredPosition, position: DebtPosition) -> StoredPosition {
        StoredPosition {
            version: before.version + 1,
            position,
            changed_at: self.now,
            ..before.clone()
        }
    }

    fn institution(&self) -> Result<&CreditorInstitution, PositionError> {
        self.entries
            .institution(self.caller.institution())
            .ok_or(PositionError::NotFound)
    }
}

/// Makes sure that what is there is what was thought.
fn met(expect: Expect, stored: &StoredPosition) -> Result<(), PositionError> {
    match expect {
        Expect::Unsaid | Expect::Present => Ok(()),
        Expect::Version(version) if version == stored.version => Ok(()),
        Expect::Version(_) | Expect::Absent => Err(PositionError::ConditionFailed),
    }
}

fn unchanged(stored: StoredPosition) -> Written {
    Written {
        stored,
        done: Done::Unchanged,
    }
}

fn error(path: &str, problem: Problem) -> FieldError {
    FieldError {
        path: path.to_owned(),
        problem,
    }
}

/// Whether a draft says what a position says already, whatever was paid of it meanwhile.
fn says_the_same(checked: CheckedDraft, position: &DebtPosition) -> bool {
    let mut content = position.content();
    for instalment in content
        .options
        .iter_mut()
        .flat_map(|option| &mut option.instalments)
    {
        instalment.payment = None;
    }
    checked.content_for(position).is_ok_and(|said| said == content)
}

/// The notice that stands for a position: that of the whole sum, or its first.
fn first_notice(position: &DebtPosition) -> Option<NoticeNumber> {
    position
        .options
        .iter()
        .find(|option| option.kind == OptionKind::Whole)
        .or(position.options.first())
        .and_then(|option| option.instalments.first())
        .map(|instalment| instalment.notice_number.clone())
}

/// Where a draft gives a number.
fn place_of(draft: &PositionDraft, number: &NoticeNumber) -> String {
    let iuv: Iuv = number.iuv();
    for (place, option) in draft.options.iter().enumerate() {
        for (ordinal, instalment) in option.instalments.iter().enumerate() {
            let path = format!("options[{place}].instalments[{ordinal}]");
            let is = |said: &Option<String>, text: &str| said.as_deref().map(str::trim) == Some(text);
            if is(&instalment.notice_number, number.as_str()) {
                return path + ".notice_number";
            }
            if is(&instalment.iuv, iuv.as_str()) {
                return path + ".iuv";
            }
        }
    }
    "options".to_owned()
}
