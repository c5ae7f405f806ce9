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
