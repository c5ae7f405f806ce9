//! The ways still open to pay a debt, as the payment options service tells them (technical manual, payment options).

use crate::{Cents, DebtPositionStatus, Notice, NoticeStanding, OptionKind};
use chrono::NaiveDate;

/// A way to pay a debt with what is left to pay of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOption {
    /// What kind of way it is.
    pub kind: OptionKind,
    /// Where it stands: the best of its notices, unless some of it is paid.
    pub standing: OptionStanding,
    /// Its notices that are not paid, in order, at least one.
    pub notices: Vec<OpenNotice>,
}

/// A notice that is left to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenNotice {
    /// The notice.
    pub notice: Notice,
    /// Where it stands.
    pub standing: OpenStanding,
}

/// Where a way to pay stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionStanding {
    /// Nothing of it is paid.
    Untouched(OpenStanding),
    /// Some of its notices are paid.
    Begun,
}

/// Where a notice that is not paid stands. The order is from better to worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OpenStanding {
    /// It can be paid in time.
    Payable,
    /// Its due date has gone by and it can still be paid.
    Overdue,
    /// Its last day has gone by.
    Expired,
}

/// Why there is no way left to pay a debt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NothingOpen {
    /// Nobody outside may know of it, now or yet.
    #[error("no such notice")]
    Unknown,
    /// It is paid.
    #[error("the debt is paid")]
    Paid,
    /// It was cancelled or replaced.
    #[error("the debt was withdrawn")]
    Withdrawn,
    /// It can no longer be paid.
    #[error("the debt can no longer be paid")]
    Expired,
}

impl OpenOption {
    /// What is left to pay, unless it overflows.
    pub fn amount(&self) -> Option<Cents> {
        Cents::sum(self.notices.iter().map(|open| open.notice.amount))
    }
}

/// The ways open on `today` (a civil date in Italy) to pay the debt these notices belong to. Once one was chosen it is
/// the only one. Ways whose time is over are told while another is open.
pub fn open_options(notices: &[Notice], today: NaiveDate) -> Result<Vec<OpenOption>, NothingOpen> {
    let Some(first) = notices.first() else {
        return Err(NothingOpen::Unknown);
    };
    let chosen = match &first.position_status {
        DebtPositionStatus::Draft => return Err(NothingOpen::Unknown),
        DebtPositionStatus::Open { chosen } => *chosen,
        DebtPositionStatus::Paid { .. } => return Err(NothingOpen::Paid),
        DebtPositionStatus::Cancelled { .. } | DebtPositionStatus::Replaced { .. } => {
            return Err(NothingOpen::Withdrawn);
        }
        DebtPositionStatus::Expired { .. } => return Err(NothingOpen::Expired),
    };
    if first.valid_from.is_some_and(|from| from > today) {
        return Err(NothingOpen::Unknown);
    }
    let options: Vec<OpenOption> = notices
        .chunk_by(|one, next| one.option == next.option)
        .filter(|option| chosen.is_none_or(|chosen| option.iter().all(|notice| notice.option == chosen)))
        .filter_map(|option| open_option(option, today))
        .collect();
    let all_expired = options
        .iter()
        .flat_map(|option| &option.notices)
        .all(|open| open.standing == OpenStanding::Expired);
    if all_expired {
        Err(NothingOpen::Expired)
    } else {
        Ok(options)
    }
}

fn open_option(option: &[Notice], today: NaiveDate) -> Option<OpenOption> {
    let notices: Vec<OpenNotice> = option
        .iter()
        .filter_map(|notice| {
            let standing = match notice.standing(today) {
                NoticeStanding::Payable { overdue: false } => OpenStanding::Payable,
                NoticeStanding::Payable { overdue: true } => OpenStanding::Overdue,
                NoticeStanding::Expired => OpenStanding::Expired,
                NoticeStanding::NotYetPayable { .. }
                | NoticeStanding::Paid { .. }
                | NoticeStanding::OtherOptionChosen
                | NoticeStanding::Cancelled
                | NoticeStanding::Replaced { .. }
                | NoticeStanding::Unpublished => return None,
            };
            Some(OpenNotice {
                notice: notice.clone(),
                standing,
            })
        })
        .collect();
    let best = notices.iter().map(|open| open.standing).min()?;
    Some(OpenOption {
        kind: notices[0].notice.option_kind,
        standing: if notices.len() < option.len() {
            OptionStanding::Begun
        } else {
            OptionStanding::Untouched(best)
        },
        notices,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoticeNumber;
    use crate::debt_position::InstalmentPayment;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn notice(option: u8, instalment: u8) -> Notice {
        let base = u64::from(option) * 100 + u64::from(instalment);
        let number = NoticeNumber::issue("12".parse().unwrap(), base).unwrap();
        Notice {
            institution: "00856930102".parse().unwrap(),
            iuv: number.iuv(),
            number,
            position_key: "key".to_owned(),
            service: "tari".to_owned(),
            position_status: DebtPositionStatus::Open { chosen: None },
            option,
            option_kind: if option == 0 {
                OptionKind::Whole
            } else {
                OptionKind::InstalmentPlan
            },
            instalment,
            instalment_count: if option == 0 { 1 } else { 2 },
            amount: Cents::new(5_000),
            due_on: Some(day("2026-12-16")),
            payable_until: None,
            valid_from: None,
            description: "Tassa sui rifiuti".to_owned(),
            all_postal: false,
            payment: None,
        }
    }

    /// A whole sum, and a plan of two instalments.
    fn notices() -> Vec<Notice> {
        vec![notice(0, 1), notice(1, 1), notice(1, 2)]
    }

    fn paid(mut notice: Notice) -> Notice {
        notice.payment = Some(InstalmentPayment {
            receipt_id: "r".parse().unwrap(),
            at: "2026-11-20T10:00:00Z".parse().unwrap(),
        });
        notice
    }

    #[test]
    fn every_way_is_open_before_one_is_chosen() {
        let options = open_options(&notices(), day("2026-12-16")).unwrap();
        let told: Vec<_> = options
            .iter()
            .map(|option| {
                (
                    option.kind,
                    option.standing,
                    option.notices.len(),
                    option.amount(),
                )
            })
            .collect();
        let untouched = OptionStanding::Untouched(OpenStanding::Payable);
        assert_eq!(
            told,
            [
                (OptionKind::Whole, untouched, 1, Some(Cents::new(5_000))),
                (OptionKind::InstalmentPlan, untouched, 2, Some(Cents::new(10_000))),
            ]
        );
    }

    #[test]
    fn after_a_choice_only_what_is_left_of_it_is_open() {
        let mut all = notices();
        all[1] = paid(all[1].clone());
        for notice in &mut all {
            notice.position_status = DebtPositionStatus::Open { chosen: Some(1) };
        }
        let options = open_options(&all, day("2026-12-17")).unwrap();
        assert_eq!(options.len(), 1);
        assert_eq!(options[0].standing, OptionStanding::Begun);
        assert_eq!(options[0].notices.len(), 1);
        assert_eq!(options[0].notices[0].notice.instalment, 2);
        assert_eq!(options[0].notices[0].standing, OpenStanding::Overdue);
    }

    #[test]
    fn a_way_whose_time_is_over_is_told_while_another_is_open() {
        let mut all = notices();
        all[0].payable_until = Some(day("2026-11-30"));
        let options = open_options(&all, day("2026-12-01")).unwrap();
        assert_eq!(
            options[0].standing,
            OptionStanding::Untouched(OpenStanding::Expired)
        );
        assert_eq!(
            options[1].standing,
            OptionStanding::Untouched(OpenStanding::Payable)
        );
        for notice in &mut all {
            notice.payable_until = Some(day("2026-11-30"));
        }
        assert!(open_options(&all, day("2026-11-30")).is_ok());
        assert_eq!(open_options(&all, day("2026-12-01")), Err(NothingOpen::Expired));
    }

    #[test]
    fn a_debt_that_is_closed_or_not_open_yet_says_why() {
        let at = "2026-11-20T10:00:00Z".parse().unwrap();
        let by = notice(7, 1).number;
        for (status, expected) in [
            (DebtPositionStatus::Draft, NothingOpen::Unknown),
            (DebtPositionStatus::Paid { chosen: 0, at }, NothingOpen::Paid),
            (DebtPositionStatus::Cancelled { at }, NothingOpen::Withdrawn),
            (DebtPositionStatus::Replaced { by, at }, NothingOpen::Withdrawn),
            (DebtPositionStatus::Expired { at }, NothingOpen::Expired),
        ] {
            let mut all = notices();
            for notice in &mut all {
                notice.position_status = status.clone();
            }
            assert_eq!(open_options(&all, day("2026-11-23")), Err(expected));
        }
        let mut all = notices();
        for notice in &mut all {
            notice.valid_from = Some(day("2026-12-01"));
        }
        assert_eq!(open_options(&all, day("2026-11-30")), Err(NothingOpen::Unknown));
        assert!(open_options(&all, day("2026-12-01")).is_ok());
        assert_eq!(open_options(&[], day("2026-12-01")), Err(NothingOpen::Unknown));
    }
}
