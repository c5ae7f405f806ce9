//! A fee worked out by a tariff, as a debt: whose share goes by which transfer, and the position with its one notice.

use crate::account::{Account, Credit};
use crate::debt_position::{InvalidPosition, SingleNotice};
use crate::service::Service;
use crate::transfer::{Destination, TransferCategory};
use crate::{
    Cents, CreditorFiscalCode, CreditorInstitution, DebtPosition, NoticeNumber, Subject, Transfer, printable,
};
use chrono::NaiveDate;

/// Transfers of a notice at most.
pub const TRANSFERS_MAX: usize = 5;

/// What a beneficiary of a tariff gets of a fee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share<'a> {
    /// How much; nothing when no line is for it.
    pub amount: Cents,
    /// The account it is paid to. Without, the institution collects it with its own share and passes it on.
    pub account: Option<&'a Account>,
    /// Name of the beneficiary as its transfer bears it.
    pub name: &'a str,
    /// Taxonomy category.
    pub category: TransferCategory,
}

/// Why shares cannot be made into transfers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SharesError {
    /// They take more transfers than a notice can have.
    #[error("the shares take more than {TRANSFERS_MAX} transfers")]
    TooMany,
    /// Stamp duties are bought whole.
    #[error("the share of account {key}, {share}, is not a whole number of stamps of {stamp}")]
    PartOfStamp {
        /// Key of the account.
        key: String,
        /// The share.
        share: Cents,
        /// What a stamp costs.
        stamp: Cents,
    },
    /// A share is to be passed on, and the institution itself is paid by no transfer.
    #[error("a share without a transfer has no transfer of the institution to travel with")]
    NothingToTravelWith,
    /// A share is less than nothing, or their sum is beyond every amount.
    #[error("a share is not an amount that can be paid")]
    Amount,
}

/// A fee and what makes a debt of it.
#[derive(Debug, Clone)]
pub struct Fee<'a> {
    /// The institution.
    pub institution: &'a CreditorInstitution,
    /// Its service.
    pub service: &'a Service,
    /// What is paid, as the tariff is called.
    pub title: &'a str,
    /// The shares, in the order of the tariff.
    pub shares: &'a [Share<'a>],
    /// Last day it can be paid at this price.
    pub last_day: NaiveDate,
}

/// Why a fee makes no debt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFee {
    /// Its shares make no transfers.
    #[error(transparent)]
    Shares(#[from] SharesError),
    /// The position breaks a rule of every position.
    #[error(transparent)]
    Position(#[from] InvalidPosition),
}

impl Fee<'_> {
    /// The position with its one notice. `stamp_digest` is the SHA-256, in base64, of the document stamp duties are
    /// bought for.
    pub fn position(
        &self,
        key: String,
        number: NoticeNumber,
        debtor: Subject,
        stamp_digest: &str,
    ) -> Result<DebtPosition, InvalidFee> {
        let description = printable(self.title, 140);
        let institution = &self.institution.fiscal_code;
        let transfers = transfers(institution, self.shares, &description, stamp_digest)?;
        let notice = SingleNotice {
            institution,
            service: &self.service.code,
            key,
            debtor,
            description,
            number,
            transfers,
            last_day: Some(self.last_day),
        };
        Ok(notice.position()?)
    }
}

/// The transfers of shares, in their order: one for each that has an account and is more than nothing, one for each
/// stamp duty. Shares without an account travel with the first of the institution's own, also when that one is nothing by
/// itself. Their sum is that of the shares.
pub fn transfers(
    institution: &CreditorFiscalCode,
    shares: &[Share<'_>],
    reason: &str,
    stamp_digest: &str,
) -> Result<Vec<Transfer>, SharesError> {
    if shares.iter().any(|share| share.amount < Cents::ZERO) {
        return Err(SharesError::Amount);
    }
    let passed_on = shares.iter().filter(|share| share.account.is_none());
    let passed_on = Cents::sum(passed_on.map(|share| share.amount)).ok_or(SharesError::Amount)?;
    let carrier = carrier(institution, shares.iter().map(|share| share.account));
    if carrier.is_none() && passed_on > Cents::ZERO {
        return Err(SharesError::NothingToTravelWith);
    }
    let mut transfers = Vec::new();
    for (place, share) in shares.iter().enumerate() {
        let Some(account) = share.account else { continue };
        let amount = if carrier == Some(place) {
            share.amount.checked_add(passed_on).ok_or(SharesError::Amount)?
        } else {
            share.amount
        };
        let (count, part, destination) = parts(account, amount, stamp_digest)?;
        for _ in 0..count {
            if transfers.len() >= TRANSFERS_MAX {
                return Err(SharesError::TooMany);
            }
            transfers.push(Transfer {
                id: u8::try_from(transfers.len() + 1).unwrap_or(u8::MAX),
                amount: part,
                beneficiary: account.beneficiary.clone(),
                beneficiary_name: printable(share.name, 140),
                destination: destination.clone(),
                remittance_information: reason.to_owned(),
                category: share.category.clone(),
                metadata: Vec::new(),
            });
        }
    }
    Ok(transfers)
}

/// The place of the share that those without an account travel with: the first that goes to an account of the
/// institution itself. `accounts` are those of the shares, in their order.
pub fn carrier<'a>(
    institution: &CreditorFiscalCode,
    accounts: impl IntoIterator<Item = Option<&'a Account>>,
) -> Option<usize> {
    accounts.into_iter().position(|account| {
        account.is_some_and(|account| match account.credit {
            Credit::Iban { .. } => account.beneficiary == *institution,
            Credit::Stamp { .. } => false,
        })
    })
}

/// How many transfers an amount takes, what each is, and where it goes.
fn parts(
    account: &Account,
    amount: Cents,
    stamp_digest: &str,
) -> Result<(i64, Cents, Destination), SharesError> {
    match &account.credit {
        Credit::Iban { iban, postal_iban } => {
            let destination = Destination::Account {
                iban: iban.clone(),
                postal_iban: postal_iban.clone(),
            };
            Ok((i64::from(amount > Cents::ZERO), amount, destination))
        }
        Credit::Stamp {
            amount: stamp,
            province,
        } => {
            let (share, one) = (amount.as_i64(), stamp.as_i64());
            let (Some(count), Some(0)) = (share.checked_div(one), share.checked_rem(one)) else {
                return Err(SharesError::PartOfStamp {
                    key: account.key.clone(),
                    share: amount,
                    stamp: *stamp,
                });
            };
            let destination = Destination::StampDuty {
                document_digest: stamp_digest.to_owned(),
                province: province.clone(),
            };
            Ok((count, *stamp, destination))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::check_transfers;
    use proptest::prelude::*;

    const CITY: &str = "00856930102";
    const PROVINCE: &str = "80007350103";

    fn city() -> CreditorFiscalCode {
        CITY.parse().unwrap()
    }

    fn account(key: &str, beneficiary: &str) -> Account {
        Account {
            institution: city(),
            key: key.to_owned(),
            beneficiary: beneficiary.parse().unwrap(),
            credit: Credit::Iban {
                iban: "IT92P0617501400000000123456".parse().unwrap(),
                postal_iban: None,
            },
        }
    }

    fn stamps() -> Account {
        Account {
            credit: Credit::Stamp {
                amount: Cents::new(1600),
                province: "GE".to_owned(),
            },
            ..account("EBOLLO", CITY)
        }
    }

    fn share(cents: i64, account: Option<&Account>) -> Share<'_> {
        Share {
            amount: Cents::new(cents),
            account,
            name: "Comune di Prova",
            category: "9/0104103SP/".parse().unwrap(),
        }
    }

    /// Key of the account's beneficiary and cents of each transfer.
    fn split(shares: &[Share<'_>]) -> Result<Vec<(String, i64)>, SharesError> {
        let made = transfers(&city(), shares, "Certificati", "digest")?;
        Ok(made
            .into_iter()
            .map(|transfer| (transfer.beneficiary.to_string(), transfer.amount.as_i64()))
            .collect())
    }

    fn to(beneficiary: &str, cents: i64) -> (String, i64) {
        (beneficiary.to_owned(), cents)
    }

    #[test]
    fn each_beneficiary_that_gets_something_has_a_transfer_in_the_order_of_the_tariff() {
        let (own, other) = (account("TARI", CITY), account("TEFA", PROVINCE));
        let shares = [
            share(500, Some(&other)),
            share(0, Some(&own)),
            share(9_500, Some(&own)),
        ];
        assert_eq!(split(&shares), Ok(vec![to(PROVINCE, 500), to(CITY, 9_500)]));
    }

    #[test]
    fn what_is_passed_on_travels_with_the_first_transfer_of_the_institution_itself() {
        let (own, other, stamp) = (account("TARI", CITY), account("TEFA", PROVINCE), stamps());
        let shares = [
            share(1_679, None),
            share(1_600, Some(&stamp)),
            share(300, Some(&other)),
            share(542, Some(&own)),
            share(100, Some(&own)),
        ];
        assert_eq!(
            split(&shares),
            Ok(vec![
                to(CITY, 1_600),
                to(PROVINCE, 300),
                to(CITY, 2_221),
                to(CITY, 100)
            ])
        );
    }

    #[test]
    fn what_is_passed_on_has_a_transfer_also_when_the_institution_gets_nothing_itself() {
        let own = account("DEMOGRAFICI", CITY);
        assert_eq!(
            split(&[share(1_679, None), share(0, Some(&own))]),
            Ok(vec![to(CITY, 1_679)])
        );
    }

    #[test]
    fn what_is_passed_on_with_nothing_to_travel_with_is_refused() {
        let (other, stamp) = (account("TEFA", PROVINCE), stamps());
        let shares = |cents| {
            [
                share(cents, None),
                share(300, Some(&other)),
                share(1_600, Some(&stamp)),
            ]
        };
        assert_eq!(split(&shares(1)), Err(SharesError::NothingToTravelWith));
        assert_eq!(split(&shares(0)), Ok(vec![to(PROVINCE, 300), to(CITY, 1_600)]));
    }

    #[test]
    fn each_stamp_is_a_transfer_of_its_own_for_the_same_document() {
        let (own, stamp) = (account("DEMOGRAFICI", CITY), stamps());
        let shares = [share(3_200, Some(&stamp)), share(104, Some(&own))];
        let made = transfers(&city(), &shares, "Certificati", "digest").unwrap();
        let destination = Destination::StampDuty {
            document_digest: "digest".to_owned(),
            province: "GE".to_owned(),
        };
        assert_eq!(made.len(), 3);
        for transfer in &made[..2] {
            assert_eq!(transfer.amount, Cents::new(1_600));
            assert_eq!(transfer.destination, destination);
        }
        assert_eq!(
            made.iter().map(|transfer| transfer.id).collect::<Vec<_>>(),
            [1, 2, 3]
        );
    }

    #[test]
    fn part_of_a_stamp_is_refused() {
        let stamp = stamps();
        for cents in [1, 1_599, 1_601] {
            let refused = Err(SharesError::PartOfStamp {
                key: "EBOLLO".to_owned(),
                share: Cents::new(cents),
                stamp: Cents::new(1_600),
            });
            assert_eq!(split(&[share(cents, Some(&stamp))]), refused);
        }
    }

    #[test]
    fn five_transfers_are_made_and_a_sixth_is_not() {
        let (own, stamp) = (account("DEMOGRAFICI", CITY), stamps());
        let shares = |stamps: i64| [share(1_600 * stamps, Some(&stamp)), share(52, Some(&own))];
        assert_eq!(split(&shares(4)).map(|made| made.len()), Ok(5));
        assert_eq!(split(&shares(5)), Err(SharesError::TooMany));
        assert_eq!(split(&shares(1_000_000_000)), Err(SharesError::TooMany));
    }

    #[test]
    fn no_share_is_less_than_nothing() {
        let own = account("DEMOGRAFICI", CITY);
        for cents in [-1, i64::MIN] {
            assert_eq!(split(&[share(cents, Some(&own))]), Err(SharesError::Amount));
            assert_eq!(split(&[share(cents, None)]), Err(SharesError::Amount));
        }
        assert_eq!(
            split(&[share(i64::MAX, None), share(1, None)]),
            Err(SharesError::Amount)
        );
    }

    proptest! {
        /// Whatever the shares: either they are refused, or nothing is lost, added or out of order.
        #[test]
        fn the_transfers_sum_to_the_shares(
            parts in proptest::collection::vec((0_u8..4, 0_i64..100_000), 1..=5),
        ) {
            let accounts = [account("A", CITY), account("B", PROVINCE), stamps()];
            let shares: Vec<Share<'_>> = parts
                .iter()
                .map(|(which, cents)| match usize::from(*which) {
                    3 => share(*cents, None),
                    2 => share(cents / 40_000 * 1_600, Some(&accounts[2])),
                    which => share(*cents, Some(&accounts[which])),
                })
                .collect();
            let total = Cents::sum(shares.iter().map(|share| share.amount)).unwrap();
            match transfers(&city(), &shares, "Certificati", "digest") {
                Ok(made) if total == Cents::ZERO => prop_assert!(made.is_empty()),
                Ok(made) => prop_assert_eq!(check_transfers(total, &made), Ok(())),
                Err(SharesError::NothingToTravelWith) => {
                    prop_assert!(parts.iter().all(|(which, _)| *which != 0));
                }
                Err(SharesError::TooMany) => {
                    prop_assert!(parts.iter().filter(|(which, cents)| *which == 2 && *cents >= 80_000).count() > 0);
                }
                Err(error) => prop_assert!(false, "{}", error),
            }
        }
    }
}
