//! The lines of a flow, and how a faulty flow tells them.

use crate::clock;
use crate::mischief::FlowMischief;
use chrono::{DateTime, Utc};
use domain::{Cents, CreditorFiscalCode, NoticeNumber};

/// A part of a payment, credited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) issuer: CreditorFiscalCode,
    pub(crate) notice_number: NoticeNumber,
    pub(crate) iuv: String,
    pub(crate) iur: String,
    /// 1 to 5.
    pub(crate) transfer: u8,
    pub(crate) amount: Cents,
    pub(crate) outcome: Outcome,
    pub(crate) paid_at: DateTime<Utc>,
}

/// What became of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Executed,
    Revoked,
    StandIn,
    StandInWithoutRequest,
    WithoutRequest,
}

impl Outcome {
    /// `codiceEsitoSingoloPagamento`
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Executed => 0,
            Self::Revoked => 3,
            Self::StandIn => 4,
            Self::StandInWithoutRequest => 8,
            Self::WithoutRequest => 9,
        }
    }

    /// `payStatus`
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Executed => "EXECUTED",
            Self::Revoked => "REVOKED",
            Self::StandIn => "STAND_IN",
            Self::StandInWithoutRequest => "STAND_IN_NO_RPT",
            Self::WithoutRequest => "NO_RPT",
        }
    }
}

/// What the lines sum to.
pub(super) fn total(lines: &[Line]) -> Cents {
    Cents::sum(lines.iter().map(|line| line.amount)).unwrap_or(Cents::MAX_WIRE)
}

/// The lines and the total a flow tells. Nothing when no line is left.
pub(super) fn told(truth: &[Line], fault: FlowMischief) -> Option<(Vec<Line>, Cents)> {
    let mut lines = truth.to_vec();
    let first = lines.first_mut()?;
    match fault {
        FlowMischief::None | FlowMischief::WrongTotal => {}
        FlowMischief::MissingLine | FlowMischief::TwoRevisions if truth.len() > 1 => {
            lines.remove(0);
        }
        // The first revision of a flow of one line tells another amount.
        FlowMischief::OtherAmount | FlowMischief::TwoRevisions => {
            first.amount = Cents::new((first.amount.as_i64() - 1).max(1));
        }
        FlowMischief::MissingLine => return None,
        FlowMischief::Code3 => first.outcome = Outcome::Revoked,
        FlowMischief::Code4 => first.outcome = Outcome::StandIn,
        FlowMischief::Code8 => first.outcome = Outcome::StandInWithoutRequest,
        FlowMischief::Code9 => first.outcome = Outcome::WithoutRequest,
        FlowMischief::UnknownLine => {
            let stranger = Line {
                iuv: "99999999999999999".to_owned(),
                iur: clock::random_id(),
                transfer: 1,
                amount: Cents::new(1_000),
                outcome: Outcome::Executed,
                ..first.clone()
            };
            lines.push(stranger);
        }
    }
    let computed = total(&lines);
    let told = match fault {
        FlowMischief::WrongTotal => Cents::new(computed.as_i64() + 1),
        FlowMischief::None
        | FlowMischief::MissingLine
        | FlowMischief::OtherAmount
        | FlowMischief::UnknownLine
        | FlowMischief::TwoRevisions
        | FlowMischief::Code3
        | FlowMischief::Code4
        | FlowMischief::Code8
        | FlowMischief::Code9 => computed,
    };
    Some((lines, told))
}
