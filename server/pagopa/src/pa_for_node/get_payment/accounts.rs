//! Which account each transfer is credited to (technical manual, best practices; metadata dictionary).

use super::{PaymentDestination, PaymentTransfer, TransferType};
use crate::pa_for_node::parts::MAX_PAIRS;
use domain::Transfer;
use domain::transfer::Destination;

/// Metadata key under which the postal account travels beside the ordinary one.
const POSTAL_ACCOUNT_KEY: &str = "IBANAPPOGGIO";

/// The transfers of a notice with the account the hub wants:
///
/// - `POSTAL`: the postal account. Where an institution has none the manual is silent; the ordinary account is
///   given, as pagoPA's own archive does, so that the notice stays payable.
/// - `PAGOPA`: the ordinary account, and the postal one in the metadata; when those are full already, the postal
///   account itself, which the manual allows instead.
/// - not said: the ordinary account.
pub fn choose_accounts(transfers: &[Transfer], wanted: Option<TransferType>) -> Vec<PaymentTransfer> {
    transfers
        .iter()
        .map(|transfer| choose_account(transfer, wanted))
        .collect()
}

fn choose_account(transfer: &Transfer, wanted: Option<TransferType>) -> PaymentTransfer {
    let mut metadata = transfer.metadata.clone();
    let destination = match (&transfer.destination, wanted) {
        (
            Destination::StampDuty {
                document_digest,
                province,
            },
            _,
        ) => PaymentDestination::StampDuty {
            document_digest: document_digest.clone(),
            province: province.clone(),
        },
        (
            Destination::Account {
                iban,
                postal_iban: None,
            },
            _,
        )
        | (Destination::Account { iban, .. }, None) => PaymentDestination::Account(iban.clone()),
        (
            Destination::Account {
                postal_iban: Some(postal),
                ..
            },
            Some(TransferType::Postal),
        ) => PaymentDestination::Account(postal.clone()),
        (
            Destination::Account {
                iban,
                postal_iban: Some(postal),
            },
            Some(TransferType::PagoPa),
        ) => {
            let said = metadata.iter().any(|(key, _)| key == POSTAL_ACCOUNT_KEY);
            if iban == postal || said {
                PaymentDestination::Account(iban.clone())
            } else if metadata.len() < MAX_PAIRS {
                metadata.push((POSTAL_ACCOUNT_KEY.to_owned(), postal.to_string()));
                PaymentDestination::Account(iban.clone())
            } else {
                PaymentDestination::Account(postal.clone())
            }
        }
    };
    PaymentTransfer {
        id: transfer.id,
        amount: transfer.amount,
        beneficiary: transfer.beneficiary.clone(),
        beneficiary_name: transfer.beneficiary_name.clone(),
        destination,
        remittance_information: transfer.remittance_information.clone(),
        category: transfer.category.clone(),
        metadata,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::transfer::TransferCategory;
    use domain::{Cents, CreditorFiscalCode, Iban};

    const ORDINARY: &str = "IT92P0617501400000000123456";
    const POSTAL: &str = "IT63J0760101400000012345678";

    fn transfer(postal: Option<&str>, pairs: usize) -> Transfer {
        Transfer {
            id: 1,
            amount: Cents::new(100),
            beneficiary: CreditorFiscalCode::parse("00856930102").unwrap(),
            beneficiary_name: "Comune".into(),
            destination: Destination::Account {
                iban: Iban::parse(ORDINARY).unwrap(),
                postal_iban: postal.map(|text| Iban::parse(text).unwrap()),
            },
            remittance_information: "TARI".into(),
            category: TransferCategory::parse("9/0101101IM/").unwrap(),
            metadata: (0..pairs).map(|n| (format!("k{n}"), "v".to_owned())).collect(),
        }
    }

    fn chosen(transfer: Transfer, wanted: Option<TransferType>) -> (String, Option<String>, usize) {
        let chosen = choose_accounts(&[transfer], wanted).remove(0);
        let PaymentDestination::Account(iban) = chosen.destination else {
            panic!("an account")
        };
        let beside = chosen
            .metadata
            .iter()
            .find(|(key, _)| key == "IBANAPPOGGIO")
            .map(|(_, iban)| iban.clone());
        (iban.to_string(), beside, chosen.metadata.len())
    }

    #[test]
    fn a_postal_slip_is_credited_to_the_postal_account() {
        let wanted = Some(TransferType::Postal);
        assert_eq!(
            chosen(transfer(Some(POSTAL), 0), wanted),
            (POSTAL.into(), None, 0)
        );
        assert_eq!(chosen(transfer(None, 0), wanted), (ORDINARY.into(), None, 0));
    }

    #[test]
    fn the_postal_account_travels_beside_the_ordinary_one() {
        let wanted = Some(TransferType::PagoPa);
        assert_eq!(
            chosen(transfer(Some(POSTAL), 0), wanted),
            (ORDINARY.into(), Some(POSTAL.into()), 1)
        );
        assert_eq!(
            chosen(transfer(Some(POSTAL), 14), wanted),
            (ORDINARY.into(), Some(POSTAL.into()), 15)
        );
        assert_eq!(
            chosen(transfer(Some(POSTAL), 15), wanted),
            (POSTAL.into(), None, 15)
        );
        assert_eq!(
            chosen(transfer(Some(ORDINARY), 0), wanted),
            (ORDINARY.into(), None, 0)
        );
        assert_eq!(chosen(transfer(None, 0), wanted), (ORDINARY.into(), None, 0));
    }

    #[test]
    fn every_transfer_names_its_postal_account_beside() {
        let transfers = [
            transfer(Some(POSTAL), 0),
            transfer(None, 0),
            transfer(Some(POSTAL), 3),
        ];
        let chosen = choose_accounts(&transfers, Some(TransferType::PagoPa));
        let beside: Vec<usize> = chosen
            .iter()
            .map(|transfer| {
                let pairs = transfer.metadata.iter();
                pairs
                    .filter(|(key, value)| key == "IBANAPPOGGIO" && value == POSTAL)
                    .count()
            })
            .collect();
        assert_eq!(beside, [1, 0, 1]);
    }

    #[test]
    fn without_a_wish_the_ordinary_account_is_given() {
        assert_eq!(
            chosen(transfer(Some(POSTAL), 0), None),
            (ORDINARY.into(), None, 0)
        );
    }

    #[test]
    fn a_stamp_duty_stays_a_stamp_duty_whatever_is_wanted() {
        let stamp = Destination::StampDuty {
            document_digest: "JtST".into(),
            province: "GE".into(),
        };
        for wanted in [None, Some(TransferType::Postal), Some(TransferType::PagoPa)] {
            let transfer = Transfer {
                destination: stamp.clone(),
                ..transfer(None, 0)
            };
            assert!(matches!(
                choose_accounts(&[transfer], wanted)[0].destination,
                PaymentDestination::StampDuty { .. }
            ));
        }
    }
}
