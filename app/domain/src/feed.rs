//! What the national archives of open positions must hold of ours, and the step that brings them there.
//!
//! Two archives take positions in the same shape: ACA, from which a payment is taken when the institution's station
//! does not answer, and GPD, which answers for the institution always. A position is in one of them at most. Sources:
//! technical manual (SANP) 3.12, feeding the archive; GPD, available operations.

use crate::transfer::Destination;
use crate::{DebtPosition, DebtPositionStatus};
use serde::{Deserialize, Serialize};

/// Where the positions of a service are fed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feed {
    /// To the archive that stands in for the station (ACA).
    Aca,
    /// To the archive that answers for the institution (GPD).
    Gpd,
    /// Nowhere: for what is created on demand and paid at once.
    None,
}

impl Feed {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Aca, Self::Gpd, Self::None];

    /// The name in settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aca => "aca",
            Self::Gpd => "gpd",
            Self::None => "none",
        }
    }

    /// The archive that must hold a position, if one must: what ACA does not take is in none.
    pub fn archive_for(self, position: &DebtPosition) -> Option<Archive> {
        let archive = match self {
            Self::Aca => Archive::Aca,
            Self::Gpd => Archive::Gpd,
            Self::None => return None,
        };
        position
            .instalments()
            .flat_map(|(_, _, instalment)| &instalment.transfers)
            .all(|transfer| archive.takes(&transfer.destination))
            .then_some(archive)
    }
}

/// An archive of open positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Archive {
    /// ACA.
    Aca,
    /// GPD.
    Gpd,
}

impl Archive {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Aca, Self::Gpd];

    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aca => "aca",
            Self::Gpd => "gpd",
        }
    }

    /// Whether it takes a transfer that goes there. ACA wants an account for each: a stamp duty is bought on line, and
    /// never paid in stand-in.
    const fn takes(self, destination: &Destination) -> bool {
        match (self, destination) {
            (Self::Aca, Destination::StampDuty { .. }) => false,
            (Self::Aca | Self::Gpd, Destination::Account { .. })
            | (Self::Gpd, Destination::StampDuty { .. }) => true,
        }
    }
}

/// What an archive should hold of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing, and it need not be told: nobody outside knows the position.
    Nothing,
    /// The position, payable.
    Payable,
    /// Whatever it holds: part of the position is paid through the hub, which tells the archive itself.
    AsPaid,
    /// The position no more: it must not be paid.
    Withdrawn,
}

impl Wanted {
    /// What an archive should hold of a position in this state.
    pub const fn of(status: &DebtPositionStatus) -> Self {
        match status {
            DebtPositionStatus::Draft => Self::Nothing,
            DebtPositionStatus::Open { chosen: None } => Self::Payable,
            DebtPositionStatus::Open { chosen: Some(_) } | DebtPositionStatus::Paid { .. } => Self::AsPaid,
            DebtPositionStatus::Cancelled { .. }
            | DebtPositionStatus::Replaced { .. }
            | DebtPositionStatus::Expired { .. } => Self::Withdrawn,
        }
    }
}

/// What we know an archive holds of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Held {
    /// The position as it was last sent, payable.
    Payable,
    /// Nothing: it was taken out, or is not for it.
    Withdrawn,
    /// A position paid in part or whole, which takes no change.
    Paid,
    /// A file with it was taken and is being worked on.
    Uploading,
    /// Something else than we thought: to be read before the next step.
    Unsure,
    /// Nothing new: it refused the position for a reason somebody must remove.
    Refused,
}

impl Held {
    /// Every case.
    pub const ALL: [Self; 6] = [
        Self::Payable,
        Self::Withdrawn,
        Self::Paid,
        Self::Uploading,
        Self::Unsure,
        Self::Refused,
    ];

    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payable => "payable",
            Self::Withdrawn => "withdrawn",
            Self::Paid => "paid",
            Self::Uploading => "uploading",
            Self::Unsure => "unsure",
            Self::Refused => "refused",
        }
    }
}

/// What to do in an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Send it as new.
    Create,
    /// Send it again.
    Update,
    /// Take it out.
    Delete,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 3] = [Self::Create, Self::Update, Self::Delete];

    /// The name kept in storage and shown to people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// What the archive holds once it is done.
    pub const fn leads_to(self) -> Held {
        match self {
            Self::Create | Self::Update => Held::Payable,
            Self::Delete => Held::Withdrawn,
        }
    }
}

/// What to do next about a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing.
    Rest,
    /// Nothing until what is under way is known.
    Wait,
    /// A step.
    Take(Step),
    /// Read what the archive holds, then decide with [`after_reading`].
    Read,
}

/// What to do about a position of which an archive holds `held`, or which it never heard of. `same` says whether what
/// would be sent is word for word what was sent last.
#[expect(
    clippy::match_same_arms,
    reason = "case by case, so that each row can be read alone"
)]
pub const fn next(wanted: Wanted, held: Option<Held>, same: bool) -> Next {
    match (wanted, held) {
        (_, Some(Held::Uploading)) => Next::Wait,
        // What was refused may be there from before; paid meanwhile, it is nobody's trouble any more.
        (Wanted::Payable | Wanted::AsPaid | Wanted::Withdrawn, Some(Held::Unsure | Held::Refused)) => {
            Next::Read
        }
        (Wanted::Nothing | Wanted::AsPaid, _) | (Wanted::Payable, Some(Held::Paid)) => Next::Rest,
        (Wanted::Payable, None | Some(Held::Withdrawn)) => Next::Take(Step::Create),
        (Wanted::Payable, Some(Held::Payable)) => {
            if same {
                Next::Rest
            } else {
                Next::Take(Step::Update)
            }
        }
        (Wanted::Withdrawn, None | Some(Held::Withdrawn | Held::Paid)) => Next::Rest,
        (Wanted::Withdrawn, Some(Held::Payable)) => Next::Take(Step::Delete),
    }
}

/// Where a position stands in an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ArchiveStatus {
    /// Not published.
    Draft,
    /// Published, payable from a day to come.
    Published,
    /// Payable.
    Valid,
    /// Withdrawn for ever.
    Invalid,
    /// Past its date.
    Expired,
    /// Paid in part.
    PartiallyPaid,
    /// Paid.
    Paid,
    /// Paid and reported.
    Reported,
}

/// What reading a position in the archive led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Nothing to do: this is what it holds.
    Holds(Held),
    /// A step.
    Take(Step),
    /// It can neither hold the position nor be mended from here.
    Stuck(&'static str),
}

/// What to do after reading that the archive has the position in this state, or does not have it.
#[expect(
    clippy::match_same_arms,
    reason = "case by case, so that each row can be read alone"
)]
pub const fn after_reading(wanted: Wanted, found: Option<ArchiveStatus>) -> Reading {
    use ArchiveStatus as A;
    match (wanted, found) {
        (Wanted::Payable, None) => Reading::Take(Step::Create),
        (Wanted::Nothing | Wanted::AsPaid | Wanted::Withdrawn, None) => Reading::Holds(Held::Withdrawn),
        (_, Some(A::PartiallyPaid | A::Paid | A::Reported)) => Reading::Holds(Held::Paid),
        (Wanted::Payable, Some(A::Draft | A::Published | A::Valid | A::Expired)) => {
            Reading::Take(Step::Update)
        }
        (Wanted::Payable, Some(A::Invalid)) => {
            Reading::Stuck("the archive holds it as invalid, which is final: issue a new notice")
        }
        (Wanted::Withdrawn, Some(A::Draft | A::Published | A::Valid | A::Expired)) => {
            Reading::Take(Step::Delete)
        }
        (Wanted::Withdrawn, Some(A::Invalid)) => Reading::Holds(Held::Withdrawn),
        (
            Wanted::Nothing | Wanted::AsPaid,
            Some(A::Draft | A::Published | A::Valid | A::Invalid | A::Expired),
        ) => Reading::Holds(Held::Payable),
    }
}

/// What an archive said to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Done: this is what it holds.
    Holds(Held),
    /// It holds something else than we thought: the next step follows from this.
    Differs(Held),
    /// It refuses, and would refuse again.
    Refuses,
    /// It could not say: to be tried again.
    Unclear,
}

/// What an HTTP status means as the answer to a step, in a single call or in the report of a file.
pub const fn said(step: Step, status: u16) -> Said {
    match (step, status) {
        (_, 200..=299) => Said::Holds(step.leads_to()),
        (Step::Delete, 404) => Said::Holds(Held::Withdrawn),
        // There is nothing to update: it is to be created.
        (Step::Update, 404) => Said::Differs(Held::Withdrawn),
        // There already, or in a state that takes no change.
        (_, 409) => Said::Differs(Held::Unsure),
        // The key, the limit and the gateway's own waits say nothing about the position.
        (_, 401 | 403 | 408 | 425 | 429) => Said::Unclear,
        (_, 400..=499) => Said::Refuses,
        (_, _) => Said::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};

    fn at() -> DateTime<Utc> {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn what_can_be_paid_is_kept_there_and_what_cannot_is_taken_out() {
        let by = crate::NoticeNumber::issue("47".parse().unwrap(), 7).unwrap();
        for (status, wanted) in [
            (DebtPositionStatus::Draft, Wanted::Nothing),
            (DebtPositionStatus::Open { chosen: None }, Wanted::Payable),
            (DebtPositionStatus::Open { chosen: Some(1) }, Wanted::AsPaid),
            (DebtPositionStatus::Paid { chosen: 0, at: at() }, Wanted::AsPaid),
            (DebtPositionStatus::Cancelled { at: at() }, Wanted::Withdrawn),
            (DebtPositionStatus::Replaced { by, at: at() }, Wanted::Withdrawn),
            (DebtPositionStatus::Expired { at: at() }, Wanted::Withdrawn),
        ] {
            assert_eq!(Wanted::of(&status), wanted, "{status:?}");
        }
    }

    #[test]
    fn a_stamp_duty_is_for_the_archive_that_sells_it_and_an_account_for_both() {
        let account = Destination::Account {
            iban: "IT60X0542811101000000123456".parse().unwrap(),
            postal_iban: None,
        };
        let stamp = Destination::StampDuty {
            document_digest: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".to_owned(),
            province: "GE".to_owned(),
        };
        assert_eq!(Archive::ALL.map(|archive| archive.takes(&account)), [true, true]);
        assert_eq!(Archive::ALL.map(|archive| archive.takes(&stamp)), [false, true]);
    }

    #[test]
    fn a_new_position_is_created_a_changed_one_updated_and_the_same_left_alone() {
        assert_eq!(next(Wanted::Payable, None, false), Next::Take(Step::Create));
        assert_eq!(
            next(Wanted::Payable, Some(Held::Payable), false),
            Next::Take(Step::Update)
        );
        assert_eq!(next(Wanted::Payable, Some(Held::Payable), true), Next::Rest);
    }

    #[test]
    fn what_was_never_sent_is_never_taken_out() {
        assert_eq!(next(Wanted::Withdrawn, None, false), Next::Rest);
        assert_eq!(
            next(Wanted::Withdrawn, Some(Held::Payable), false),
            Next::Take(Step::Delete)
        );
    }

    #[test]
    fn nothing_is_done_while_a_file_is_being_worked_on() {
        for wanted in [
            Wanted::Nothing,
            Wanted::Payable,
            Wanted::AsPaid,
            Wanted::Withdrawn,
        ] {
            assert_eq!(next(wanted, Some(Held::Uploading), false), Next::Wait);
        }
    }

    /// An archive as pagoPA describes it: unique keys, no change to what is paid or invalid.
    fn archive(found: Option<ArchiveStatus>, step: Step) -> (Option<ArchiveStatus>, u16) {
        use ArchiveStatus as A;
        match (step, found) {
            (Step::Create, None) => (Some(A::Valid), 201),
            (Step::Create, Some(_)) => (found, 409),
            (Step::Update | Step::Delete, None) => (None, 404),
            (Step::Update, Some(A::Draft | A::Published | A::Valid | A::Expired)) => (Some(A::Valid), 200),
            (Step::Delete, Some(A::Draft | A::Published | A::Valid | A::Expired)) => (None, 200),
            (Step::Update | Step::Delete, Some(A::Invalid | A::PartiallyPaid | A::Paid | A::Reported)) => {
                (found, 409)
            }
        }
    }

    #[test]
    fn whatever_the_archive_holds_and_we_believe_a_few_steps_bring_it_where_it_should_be() {
        use ArchiveStatus as A;
        let beliefs = [None].into_iter().chain(Held::ALL.map(Some));
        for believed in beliefs.filter(|held| *held != Some(Held::Uploading)) {
            for start in [
                None,
                Some(A::Draft),
                Some(A::Published),
                Some(A::Valid),
                Some(A::Expired),
                Some(A::Invalid),
                Some(A::Paid),
            ] {
                for wanted in [Wanted::Payable, Wanted::Withdrawn] {
                    let (mut found, mut held) = (start, believed);
                    for _ in 0..4 {
                        let step = match next(wanted, held, false) {
                            Next::Rest | Next::Wait => break,
                            Next::Take(step) => step,
                            Next::Read => match after_reading(wanted, found) {
                                Reading::Take(step) => step,
                                Reading::Holds(_) => break,
                                Reading::Stuck(_) => {
                                    assert_eq!(found, Some(A::Invalid));
                                    break;
                                }
                            },
                        };
                        let (after, status) = archive(found, step);
                        found = after;
                        match said(step, status) {
                            Said::Holds(now) | Said::Differs(now) => held = Some(now),
                            Said::Refuses | Said::Unclear => panic!("{step:?} on {start:?}: {status}"),
                        }
                    }
                    // Nothing was ever sent, or it is paid: what is there is not ours to touch.
                    let left = believed.is_none() || believed == Some(Held::Withdrawn);
                    match (wanted, found) {
                        (Wanted::Payable, Some(A::Valid | A::Invalid | A::Paid))
                        | (Wanted::Withdrawn, None | Some(A::Paid | A::Invalid)) => {}
                        _ if believed == Some(Held::Paid) => {}
                        (Wanted::Withdrawn, _) if left => {}
                        other => panic!("believed {believed:?}, held {start:?}, ends as {other:?}"),
                    }
                }
            }
        }
    }

    #[test]
    fn only_a_refusal_of_the_position_itself_is_final() {
        for status in [400, 413, 422] {
            assert_eq!(said(Step::Create, status), Said::Refuses, "{status}");
        }
        for status in [302, 401, 403, 408, 425, 429, 500, 503] {
            assert_eq!(said(Step::Create, status), Said::Unclear, "{status}");
        }
    }
}
