//! How the amount of a notice is split among accounts and institutions.

use crate::{Cents, CreditorFiscalCode, Iban, is_text};
use serde::{Deserialize, Serialize};

/// One of the 1 to 5 parts of a notice's amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// Place in the notice, 1 to 5 (`idTransfer`).
    pub id: u8,
    /// Its part of the amount, more than zero.
    pub amount: Cents,
    /// The institution credited.
    pub beneficiary: CreditorFiscalCode,
    /// Its name, at most 140 characters.
    pub beneficiary_name: String,
    /// Where the money goes.
    pub destination: Destination,
    /// Reason shown in the receipt, at most 140 characters, nothing personal.
    pub remittance_information: String,
    /// Taxonomy category, `9/0101101IM/`.
    pub category: TransferCategory,
    /// Up to 15 pairs of 1 to 140 characters each.
    #[serde(default)]
    pub metadata: Vec<(String, String)>,
}

/// Where the money of a transfer goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// To an account, and to a postal one when the payer holds a postal slip.
    Account {
        /// The ordinary account.
        iban: Iban,
        /// The postal account, when the institution has one.
        #[serde(default)]
        postal_iban: Option<Iban>,
    },
    /// A stamp duty bought for a document (`richiestaMarcaDaBollo`).
    StampDuty {
        /// SHA-256 of the document in base64, 44 characters.
        document_digest: String,
        /// Province of residence, two capital letters.
        province: String,
    },
}

/// Category of a transfer in pagoPA's taxonomy: prefix, entity type, area, service, legal reason.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TransferCategory(String);

/// A text that is not a category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a taxonomy category looks like 9/0101101IM/")]
pub struct ParseTransferCategoryError;

impl TransferCategory {
    /// Reads `^[6-9]/\d{7}(IM|TS|SP|SA|AP)/$`.
    pub fn parse(text: &str) -> Result<Self, ParseTransferCategoryError> {
        let (digits, reason) = match text.as_bytes() {
            [b'6'..=b'9', b'/', middle @ .., b'/'] if middle.len() == 9 => middle.split_at(7),
            _ => return Err(ParseTransferCategoryError),
        };
        if digits.iter().all(u8::is_ascii_digit) && matches!(reason, b"IM" | b"TS" | b"SP" | b"SA" | b"AP") {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseTransferCategoryError)
        }
    }
}

crate::text_newtype!(TransferCategory, ParseTransferCategoryError);

/// Why a notice's transfers cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransfersError {
    /// None, or more than five.
    #[error("a notice has 1 to 5 transfers")]
    Count,
    /// Their ids are not 1, 2, 3 … in order.
    #[error("transfers are numbered 1 to 5 in order")]
    Ids,
    /// One is zero, negative or over the hub's maximum.
    #[error("a transfer is between 0.01 and 999999999.99")]
    Amount,
    /// They do not sum to the notice's amount.
    #[error("the transfers sum to {sum}, the notice is {amount}")]
    Sum {
        /// What they sum to.
        sum: Cents,
        /// What the notice asks.
        amount: Cents,
    },
    /// A name, a reason or a pair is empty, too long or not printable.
    #[error("the {0} of a transfer has 1 to 140 printable characters")]
    Text(&'static str),
    /// More than 15 pairs.
    #[error("a transfer has at most 15 pairs of metadata")]
    Metadata,
}

/// Checks the transfers of a notice of `amount`: count, ids, signs, texts, sum.
pub fn check_transfers(amount: Cents, transfers: &[Transfer]) -> Result<(), TransfersError> {
    if transfers.is_empty() || transfers.len() > 5 {
        return Err(TransfersError::Count);
    }
    if !transfers
        .iter()
        .zip(1_u8..)
        .all(|(transfer, id)| transfer.id == id)
    {
        return Err(TransfersError::Ids);
    }
    for transfer in transfers {
        if transfer.amount <= Cents::ZERO || transfer.amount > Cents::MAX_WIRE {
            return Err(TransfersError::Amount);
        }
        if !is_text(&transfer.beneficiary_name, 140) {
            return Err(TransfersError::Text("beneficiary's name"));
        }
        if !is_text(&transfer.remittance_information, 140) {
            return Err(TransfersError::Text("remittance information"));
        }
        if transfer.metadata.len() > 15 {
            return Err(TransfersError::Metadata);
        }
        if !transfer
            .metadata
            .iter()
            .all(|(key, value)| is_text(key, 140) && is_text(value, 140))
        {
            return Err(TransfersError::Text("metadata"));
        }
    }
    // Five amounts under the hub's maximum are far from overflowing.
    let sum = Cents::new(transfers.iter().map(|transfer| transfer.amount.as_i64()).sum());
    if sum == amount {
        Ok(())
    } else {
        Err(TransfersError::Sum { sum, amount })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transfer(id: u8, cents: i64) -> Transfer {
        Transfer {
            id,
            amount: Cents::new(cents),
            beneficiary: CreditorFiscalCode::parse("00856930102").unwrap(),
            beneficiary_name: "Comune di Genova".to_owned(),
            destination: Destination::Account {
                iban: Iban::parse("IT60X0542811101000000123456").unwrap(),
                postal_iban: None,
            },
            remittance_information: "TARI 2026".to_owned(),
            category: TransferCategory::parse("9/0101101IM/").unwrap(),
            metadata: Vec::new(),
        }
    }

    #[test]
    fn taxonomy_categories_are_read_and_nothing_else() {
        for right in [
            "9/0101101IM/",
            "6/0102100SA/",
            "7/0115103TS/",
            "8/0107106SP/",
            "9/0000000AP/",
        ] {
            assert_eq!(
                TransferCategory::parse(right).map(String::from),
                Ok(right.to_owned())
            );
        }
        for wrong in [
            "",
            "0101101IM",
            "5/0101101IM/",
            "9/0101101IM",
            "9/0101101XX/",
            "9/0101101IS/",
            "9/010110AIM/",
            "9/01011011IM/",
            "9/0101101im/",
            "9/010110\u{e9}IM/",
        ] {
            assert_eq!(
                TransferCategory::parse(wrong),
                Err(ParseTransferCategoryError),
                "{wrong}"
            );
        }
    }

    #[test]
    fn one_to_five_transfers_that_sum_are_right() {
        let five: Vec<_> = (1..=5).map(|id| transfer(id, 20)).collect();
        assert_eq!(check_transfers(Cents::new(100), &five), Ok(()));
        assert_eq!(check_transfers(Cents::new(20), &five[..1]), Ok(()));
        let six: Vec<_> = (1..=6).map(|id| transfer(id, 20)).collect();
        assert_eq!(check_transfers(Cents::new(120), &six), Err(TransfersError::Count));
        assert_eq!(check_transfers(Cents::new(100), &[]), Err(TransfersError::Count));
    }

    #[test]
    fn a_cent_more_or_less_is_refused() {
        for wrong in [99, 101] {
            let error = TransfersError::Sum {
                sum: Cents::new(100),
                amount: Cents::new(wrong),
            };
            assert_eq!(
                check_transfers(Cents::new(wrong), &[transfer(1, 60), transfer(2, 40)]),
                Err(error)
            );
        }
    }

    #[test]
    fn ids_amounts_and_texts_keep_to_the_hubs_limits() {
        let check = |change: fn(&mut Transfer)| {
            let mut changed = transfer(1, 100);
            change(&mut changed);
            check_transfers(changed.amount, &[changed])
        };
        assert_eq!(check(|t| t.id = 2), Err(TransfersError::Ids));
        assert_eq!(check(|t| t.amount = Cents::ZERO), Err(TransfersError::Amount));
        assert_eq!(check(|t| t.amount = Cents::new(-1)), Err(TransfersError::Amount));
        assert_eq!(check(|t| t.amount = Cents::MAX_WIRE), Ok(()));
        assert_eq!(
            check(|t| t.amount = Cents::new(Cents::MAX_WIRE.as_i64() + 1)),
            Err(TransfersError::Amount)
        );
        assert_eq!(
            check(|t| t.amount = Cents::new(i64::MAX)),
            Err(TransfersError::Amount)
        );
        assert_eq!(
            check(|t| t.beneficiary_name.clear()),
            Err(TransfersError::Text("beneficiary's name"))
        );
        assert_eq!(check(|t| t.remittance_information = "\u{e0}".repeat(140)), Ok(()));
        let too_long = Err(TransfersError::Text("remittance information"));
        assert_eq!(check(|t| t.remittance_information = "a".repeat(141)), too_long);
        assert_eq!(
            check(|t| t.remittance_information = "a\u{0}".to_owned()),
            too_long
        );
        assert_eq!(check(|t| t.metadata = vec![("k".into(), "v".into()); 15]), Ok(()));
        assert_eq!(
            check(|t| t.metadata = vec![("k".into(), "v".into()); 16]),
            Err(TransfersError::Metadata)
        );
        assert_eq!(
            check(|t| t.metadata = vec![("k".into(), String::new())]),
            Err(TransfersError::Text("metadata"))
        );
    }
}
