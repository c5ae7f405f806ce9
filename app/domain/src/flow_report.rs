//! The flow report (flusso di rendicontazione): what a payment provider says it transferred, payment by payment.
//!
//! A report is a statement of fact like a receipt: it is kept as it came. Whether its parts agree is checked, and what
//! does not is told in [`FlowFinding`]s; a finding is a reason to look, never a reason to refuse.
//!
//! Sources: technical manual (SANP) 3.12, reporting flows; `FlussoRiversamento` 1.0.4 and 1.0.5; `fdr_organization.json`
//! 1.2.4.

use crate::{Cents, CreditorFiscalCode, text_newtype};
use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Identifier of a flow (IUF): 1 to 35 of letters, digits, `-` and `_`; unique within a provider and a year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FlowId(String);

/// A text that cannot be a flow's identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a flow is identified by 1 to 35 letters, digits, hyphens and underscores")]
pub struct ParseFlowIdError;

impl FlowId {
    /// Reads a flow's identifier.
    pub fn parse(text: &str) -> Result<Self, ParseFlowIdError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if text.is_empty() || text.len() > 35 || !text.bytes().all(allowed) {
            return Err(ParseFlowIdError);
        }
        Ok(Self(text.to_owned()))
    }

    /// The day of the transfer it was made for, when it begins with one as the rules ask.
    pub fn regulation_day(&self) -> Option<NaiveDate> {
        self.0.get(..10)?.parse().ok()
    }
}

text_newtype!(FlowId, ParseFlowIdError);

/// Which flow, and which of its revisions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FlowKey {
    /// The institution whose money it is.
    pub institution: CreditorFiscalCode,
    /// Code of the payment provider on the hub, 1 to 35 characters as written.
    pub psp: String,
    /// The flow.
    pub id: FlowId,
    /// Its revision, from 1: a higher one takes the place of all lower ones.
    pub revision: u32,
}

/// The head of a flow report. Texts are as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowReport {
    /// Which flow it is.
    pub key: FlowKey,
    /// When the provider made it, Italian time.
    pub made_at: NaiveDateTime,
    /// Reference of the transfer that carries the money (TRN), 1 to 35 characters.
    pub regulation: String,
    /// Day of that transfer.
    pub regulated_on: NaiveDate,
    /// Bank the money comes through, when said.
    pub bank: Option<String>,
    /// The provider.
    pub sender: FlowParty,
    /// The institution, as the provider wrote it.
    pub receiver: FlowParty,
    /// What the provider says it holds.
    pub declared: FlowTotals,
    /// What the hub counted in it, when it says so.
    pub computed: Option<FlowTotals>,
}

/// Who sends or receives a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowParty {
    /// Fiscal code, ABI or BIC, 1 to 35 characters.
    pub code: String,
    /// Its name, when said.
    pub name: Option<String>,
}

/// How many payments, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowTotals {
    /// Number of payments.
    pub count: u64,
    /// Their sum.
    pub sum: Cents,
}

/// One payment of a flow. Texts are as written: a report of money is not refused for a character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowRow {
    /// Place in the flow, from 1.
    pub index: u32,
    /// Payment reference, 1 to 35 characters.
    pub iuv: String,
    /// Collection reference (IUR), 1 to 35 characters: the receipt's id.
    pub iur: String,
    /// Which transfer of the receipt, 1 to 5, when said.
    pub transfer_id: Option<u8>,
    /// How much; may be negative in a revoked payment.
    pub amount: Cents,
    /// What became of the payment.
    pub outcome: FlowOutcome,
    /// Day of the outcome.
    pub paid_on: NaiveDate,
}

/// What became of a payment of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowOutcome {
    /// Paid: a receipt says so too, or must still come.
    Executed,
    /// An earlier payment was taken back. The amount is negative by the rules and positive by the schema: both are
    /// written.
    Revoked,
    /// Paid while the hub answered in the institution's place: a receipt says so too, or must still come.
    StandIn,
    /// Paid in stand-in without a payment request: money without a receipt.
    StandInNoRpt,
    /// Paid without a payment request, or after its time: money without a receipt, perhaps paid twice.
    NoRpt,
}

impl FlowOutcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [
        Self::Executed,
        Self::Revoked,
        Self::StandIn,
        Self::StandInNoRpt,
        Self::NoRpt,
    ];

    /// The digit of the XML form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Executed => "0",
            Self::Revoked => "3",
            Self::StandIn => "4",
            Self::StandInNoRpt => "8",
            Self::NoRpt => "9",
        }
    }

    /// The word of the REST form.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Executed => "EXECUTED",
            Self::Revoked => "REVOKED",
            Self::StandIn => "STAND_IN",
            Self::StandInNoRpt => "STAND_IN_NO_RPT",
            Self::NoRpt => "NO_RPT",
        }
    }

    /// The name kept in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Executed => "executed",
            Self::Revoked => "revoked",
            Self::StandIn => "stand_in",
            Self::StandInNoRpt => "stand_in_no_rpt",
            Self::NoRpt => "no_rpt",
        }
    }
}

/// Something in a flow report that does not agree with the rest of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum FlowFinding {
    /// The rows are not as many as the head says.
    #[error("the head declares {declared} payments and there are {found}")]
    Count {
        /// What the head says.
        declared: u64,
        /// What there is.
        found: u64,
    },
    /// The rows do not add up to what the head says, whichever sign revoked payments have.
    #[error("the head declares {declared} euro and the payments add up to {found}")]
    Sum {
        /// What the head says.
        declared: Cents,
        /// What the rows add up to, as written.
        found: Cents,
    },
    /// The hub counted something else than the provider declared.
    #[error(
        "the provider declares {} payments of {} euro and the hub counted {} of {}",
        declared.count, declared.sum, computed.count, computed.sum
    )]
    Computed {
        /// What the provider says.
        declared: FlowTotals,
        /// What the hub counted.
        computed: FlowTotals,
    },
    /// Rows that say the same payment again.
    #[error("{count} payments are listed again; the first at place {first}")]
    Repeated {
        /// How many rows repeat an earlier one.
        count: u32,
        /// Place of the first that does.
        first: u32,
    },
    /// Payments that are not revoked and whose amount is zero or less.
    #[error("{count} payments have no positive amount; the first at place {first}")]
    NotPositive {
        /// How many.
        count: u32,
        /// Place of the first.
        first: u32,
    },
    /// Payments later than the transfer that carries them.
    #[error("{count} payments are later than their transfer; the first at place {first}")]
    PaidAfterRegulation {
        /// How many.
        count: u32,
        /// Place of the first.
        first: u32,
    },
    /// The flow's identifier begins with another day than the transfer's.
    #[error("the flow's name says {named} and its transfer is of {regulated_on}")]
    RegulationDay {
        /// The day in the identifier.
        named: NaiveDate,
        /// The day of the transfer.
        regulated_on: NaiveDate,
    },
    /// It is addressed to somebody else.
    #[error("the flow is addressed to {receiver}")]
    Receiver {
        /// The code it names.
        receiver: String,
    },
}

/// Everything in a report that does not agree. Empty for a sound one; at most one finding of each kind.
pub fn check_flow(report: &FlowReport, rows: &[FlowRow]) -> Vec<FlowFinding> {
    let FlowReport { key, declared, .. } = report;
    let mut findings = Vec::new();
    let found = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    if found != declared.count {
        findings.push(FlowFinding::Count {
            declared: declared.count,
            found,
        });
    }
    let as_written = sum(rows.iter().map(|row| row.amount));
    let taken_back = sum(rows.iter().map(|row| match row.outcome {
        FlowOutcome::Revoked => Cents::new(-row.amount.as_i64().saturating_abs()),
        FlowOutcome::Executed | FlowOutcome::StandIn | FlowOutcome::StandInNoRpt | FlowOutcome::NoRpt => {
            row.amount
        }
    }));
    if ![as_written, taken_back].contains(&declared.sum) {
        findings.push(FlowFinding::Sum {
            declared: declared.sum,
            found: as_written,
        });
    }
    if let Some(computed) = report.computed
        && computed != *declared
    {
        findings.push(FlowFinding::Computed {
            declared: *declared,
            computed,
        });
    }
    let mut seen = HashSet::with_capacity(rows.len());
    let repeated = places(rows, |row| {
        !seen.insert((&row.iuv, &row.iur, row.transfer_id, row.outcome))
    });
    findings.extend(repeated.map(|(count, first)| FlowFinding::Repeated { count, first }));
    findings.extend(
        places(rows, |row| {
            row.outcome != FlowOutcome::Revoked && row.amount <= Cents::ZERO
        })
        .map(|(count, first)| FlowFinding::NotPositive { count, first }),
    );
    findings.extend(
        places(rows, |row| row.paid_on > report.regulated_on)
            .map(|(count, first)| FlowFinding::PaidAfterRegulation { count, first }),
    );
    if let Some(named) = key.id.regulation_day()
        && named != report.regulated_on
    {
        findings.push(FlowFinding::RegulationDay {
            named,
            regulated_on: report.regulated_on,
        });
    }
    if report.receiver.code != key.institution.as_str() {
        findings.push(FlowFinding::Receiver {
            receiver: report.receiver.code.clone(),
        });
    }
    findings
}

/// The sum, or the largest amount there is when it does not fit: no declared sum equals that.
fn sum(amounts: impl IntoIterator<Item = Cents>) -> Cents {
    Cents::sum(amounts).unwrap_or(Cents::new(i64::MAX))
}

/// How many rows are such, and the place of the first.
fn places<'r>(rows: &'r [FlowRow], is_such: impl FnMut(&&'r FlowRow) -> bool) -> Option<(u32, u32)> {
    let mut such = rows.iter().filter(is_such);
    let first = such.next()?.index;
    Some((
        u32::try_from(such.count()).unwrap_or(u32::MAX).saturating_add(1),
        first,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(index: u32, cents: i64, outcome: FlowOutcome) -> FlowRow {
        FlowRow {
            index,
            iuv: format!("1220260000000{index:04}"),
            iur: format!("{index:032x}"),
            transfer_id: Some(1),
            amount: Cents::new(cents),
            outcome,
            paid_on: "2026-11-20".parse().unwrap(),
        }
    }

    fn report(count: u64, cents: i64) -> FlowReport {
        FlowReport {
            key: FlowKey {
                institution: "00856930102".parse().unwrap(),
                psp: "PSPXITR1XXX".to_owned(),
                id: "2026-11-21PSPXITR1XXX-0000001".parse().unwrap(),
                revision: 1,
            },
            made_at: "2026-11-22T06:00:00".parse().unwrap(),
            regulation: "0306912345678901234567890IT".to_owned(),
            regulated_on: "2026-11-21".parse().unwrap(),
            bank: None,
            sender: FlowParty {
                code: "PSPXITR1XXX".to_owned(),
                name: Some("Banca di prova".to_owned()),
            },
            receiver: FlowParty {
                code: "00856930102".to_owned(),
                name: None,
            },
            declared: FlowTotals {
                count,
                sum: Cents::new(cents),
            },
            computed: None,
        }
    }

    #[test]
    fn a_flow_whose_parts_agree_has_no_finding() {
        let rows = [
            row(1, 12_050, FlowOutcome::Executed),
            row(2, 4_500, FlowOutcome::NoRpt),
        ];
        assert_eq!(check_flow(&report(2, 16_550), &rows), []);
    }

    #[test]
    fn a_revoked_payment_may_have_either_sign_and_the_total_either_sense() {
        let paid = row(1, 12_050, FlowOutcome::Executed);
        for (revoked, total) in [(-2_000, 10_050), (2_000, 10_050), (2_000, 14_050)] {
            let rows = [paid.clone(), row(2, revoked, FlowOutcome::Revoked)];
            assert_eq!(check_flow(&report(2, total), &rows), [], "{revoked} {total}");
        }
        let rows = [paid, row(2, -2_000, FlowOutcome::Revoked)];
        assert_eq!(
            check_flow(&report(2, 14_050), &rows),
            [FlowFinding::Sum {
                declared: Cents::new(14_050),
                found: Cents::new(10_050),
            }]
        );
    }

    #[test]
    fn every_disagreement_is_told_and_nothing_is_refused() {
        let mut late = row(2, 0, FlowOutcome::Executed);
        late.paid_on = "2026-11-22".parse().unwrap();
        let rows = [
            row(1, 100, FlowOutcome::Executed),
            late,
            FlowRow {
                index: 3,
                ..row(1, 100, FlowOutcome::Executed)
            },
        ];
        let computed = FlowTotals {
            count: 3,
            sum: Cents::new(200),
        };
        let head = FlowReport {
            regulated_on: "2026-11-20".parse().unwrap(),
            receiver: FlowParty {
                code: "01199250158".to_owned(),
                name: None,
            },
            computed: Some(computed),
            ..report(2, 300)
        };
        assert_eq!(
            check_flow(&head, &rows),
            [
                FlowFinding::Count {
                    declared: 2,
                    found: 3
                },
                FlowFinding::Sum {
                    declared: Cents::new(300),
                    found: Cents::new(200)
                },
                FlowFinding::Computed {
                    declared: head.declared,
                    computed
                },
                FlowFinding::Repeated { count: 1, first: 3 },
                FlowFinding::NotPositive { count: 1, first: 2 },
                FlowFinding::PaidAfterRegulation { count: 1, first: 2 },
                FlowFinding::RegulationDay {
                    named: "2026-11-21".parse().unwrap(),
                    regulated_on: "2026-11-20".parse().unwrap(),
                },
                FlowFinding::Receiver {
                    receiver: "01199250158".to_owned()
                },
            ]
        );
    }

    #[test]
    fn the_parts_of_one_payment_are_not_a_repetition() {
        let first = row(1, 100, FlowOutcome::Executed);
        let second = FlowRow {
            index: 2,
            transfer_id: Some(2),
            ..first.clone()
        };
        let back = FlowRow {
            index: 3,
            outcome: FlowOutcome::Revoked,
            ..first.clone()
        };
        assert_eq!(check_flow(&report(3, 100), &[first, second, back]), []);
    }

    #[test]
    fn amounts_beyond_any_sum_are_a_finding_and_not_a_crash() {
        let rows = [
            row(1, i64::MAX, FlowOutcome::Executed),
            row(2, 1, FlowOutcome::Executed),
            row(3, i64::MIN, FlowOutcome::Revoked),
        ];
        assert!(matches!(
            check_flow(&report(3, 1), &rows)[0],
            FlowFinding::Sum { .. }
        ));
    }

    #[test]
    fn a_flow_is_named_by_letters_digits_hyphens_and_underscores() {
        for right in ["2026-11-21PSPXITR1XXX-0000001", "a", "_", &"x".repeat(35)] {
            assert!(FlowId::parse(right).is_ok(), "{right}");
        }
        for wrong in ["", "2026/11", "a b", "\u{e9}", &"x".repeat(36)] {
            assert!(FlowId::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(FlowId::parse("2026-1").unwrap().regulation_day(), None);
        assert_eq!(FlowId::parse("2026-13-41PSP-1").unwrap().regulation_day(), None);
    }

    proptest! {
        #[test]
        fn the_head_made_of_the_rows_agrees_with_them(cents in proptest::collection::vec(1..=99_999_999_999_i64, 1..40)) {
            let rows: Vec<_> = (1..).zip(&cents).map(|(index, cents)| row(index, *cents, FlowOutcome::Executed)).collect();
            let head = report(rows.len() as u64, cents.iter().sum());
            prop_assert_eq!(check_flow(&head, &rows), []);
        }
    }
}
