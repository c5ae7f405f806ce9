//! Cases: what an office must look at because a receipt does not say what the archive expected. A receipt is never
//! refused for it, and a case never stops anything: it tells an employee what happened and proposes what to do.

use crate::money::NumberStyle;
use crate::receipt::{ReceiptDestination, ReceiptEffect};
use crate::transfer::Destination;
use crate::{Cents, CreditorFiscalCode, DebtPosition, Instalment, NoticeNumber, Receipt, ReceiptId};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The institution whose office looks at it.
    pub institution: CreditorFiscalCode,
    /// The receipt it is about. A receipt has at most one case of each kind.
    pub receipt_id: ReceiptId,
    /// The notice on the receipt.
    pub notice_number: NoticeNumber,
    /// What happened.
    pub kind: CaseKind,
    /// The money concerned; less than zero when less came than was due.
    pub money: Cents,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// The notice was paid already.
    PaidTwice {
        /// The receipt that paid it.
        first: Option<ReceiptId>,
    },
    /// The notice had been cancelled.
    Cancelled,
    /// The notice had been replaced.
    Replaced {
        /// The notice to pay instead, when known.
        by: Option<NoticeNumber>,
    },
    /// The debt was begun, or paid, with another option.
    OtherOption,
    /// The notice had never been published.
    Unpublished,
    /// Nobody here knows the notice.
    UnknownNotice,
    /// It paid its notice with another amount.
    OtherAmount {
        /// What was due.
        due: Cents,
    },
    /// It paid its notice after the last payable day.
    Late {
        /// That day.
        last_day: NaiveDate,
    },
    /// Stamp duties are not those asked for.
    StampDuty {
        /// What is wrong with which, in the order of the transfers.
        transfers: Vec<WrongStamp>,
    },
    /// A receipt that was here already came again saying something else. The first stays.
    OtherContent,
}

/// A stamp duty that is not the one asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongStamp {
    /// Number of the transfer, 1 to 5.
    pub transfer: u8,
    /// What is wrong.
    pub problem: StampProblem,
}

/// What is wrong with a stamp duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StampProblem {
    /// One was asked for and none came.
    Missing,
    /// One came that was not asked for.
    NotAskedFor,
    /// What came is no stamp.
    Unreadable,
    /// It is for another document.
    OtherDocument,
}

impl StampProblem {
    /// In Italian, after "il bollo".
    const fn in_words(self) -> &'static str {
        match self {
            Self::Missing => "manca",
            Self::NotAskedFor => "non era stato richiesto",
            Self::Unreadable => "non è leggibile",
            Self::OtherDocument => "riguarda un altro documento",
        }
    }
}

impl CaseKind {
    /// The name kept in storage and used on the command line.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::PaidTwice { .. } => "paid_twice",
            Self::Cancelled => "cancelled",
            Self::Replaced { .. } => "replaced",
            Self::OtherOption => "other_option",
            Self::Unpublished => "unpublished",
            Self::UnknownNotice => "unknown_notice",
            Self::OtherAmount { .. } => "other_amount",
            Self::Late { .. } => "late",
            Self::StampDuty { .. } => "stamp_duty",
            Self::OtherContent => "other_content",
        }
    }

    /// What happened, for an employee. Nothing personal.
    pub fn sentence(&self) -> String {
        match self {
            Self::PaidTwice { first: Some(first) } => {
                format!("L’avviso era già stato pagato con la ricevuta {first}: è stato pagato due volte.")
            }
            Self::PaidTwice { first: None } => {
                "Il debito era già pagato: è stato pagato due volte.".to_owned()
            }
            Self::Cancelled => "È stato pagato un avviso annullato.".to_owned(),
            Self::Replaced { by: Some(by) } => {
                format!("È stato pagato un avviso sostituito dall’avviso {by}.")
            }
            Self::Replaced { by: None } => "È stato pagato un avviso sostituito da un altro.".to_owned(),
            Self::OtherOption => {
                "È stato pagato un avviso di un’alternativa chiusa: il debito si paga già in un altro modo."
                    .to_owned()
            }
            Self::Unpublished => "È stato pagato un avviso mai reso pagabile.".to_owned(),
            Self::UnknownNotice => "È stato pagato un avviso che l’archivio non conosce.".to_owned(),
            Self::OtherAmount { due } => format!(
                "L’importo pagato non è quello dovuto, che era di {} €.",
                due.to_people(NumberStyle::Italian)
            ),
            Self::Late { last_day } => format!(
                "L’avviso è stato pagato dopo l’ultimo giorno utile, il {:02}/{:02}/{}.",
                last_day.day(),
                last_day.month(),
                last_day.year()
            ),
            Self::StampDuty { transfers } => {
                let wrong: Vec<String> = transfers
                    .iter()
                    .map(|wrong| {
                        format!(
                            "il bollo del versamento {} {}",
                            wrong.transfer,
                            wrong.problem.in_words()
                        )
                    })
                    .collect();
                format!("Marca da bollo digitale: {}.", wrong.join("; "))
            }
            Self::OtherContent => {
                "La stessa ricevuta è arrivata di nuovo con un contenuto diverso: vale la prima.".to_owned()
            }
        }
    }

    /// What the employee may do about it.
    pub const fn proposed_action(&self) -> &'static str {
        match self {
            Self::PaidTwice { .. } => "Rimborsare il secondo pagamento",
            Self::Cancelled => "Rimborsare, o imputare a mano se il debito esiste ancora",
            Self::Replaced { .. } => "Imputare all’avviso che lo sostituisce, o rimborsare",
            Self::OtherOption => "Imputare a quanto resta da pagare, o rimborsare",
            Self::Unpublished => "Verificare la posizione e imputare a mano, o rimborsare",
            Self::UnknownNotice => "Cercare il debito nel gestionale di provenienza e imputare a mano",
            Self::OtherAmount { .. } => "Chiedere o rimborsare la differenza",
            Self::Late { .. } => "Verificare se sono dovuti interessi o sanzioni",
            Self::StampDuty { .. } => "Non rilasciare il documento; chiedere al prestatore un bollo corretto",
            Self::OtherContent => "Confrontare i due messaggi e chiedere a pagoPA quale vale",
        }
    }
}

/// The cases a receipt opens, given what it did (`effect`) to the position it found (`before`).
pub fn cases_of(receipt: &Receipt, effect: ReceiptEffect, before: Option<&DebtPosition>) -> Vec<Case> {
    let instalment = before.and_then(|position| {
        position
            .instalments()
            .map(|(_, _, instalment)| instalment)
            .find(|instalment| instalment.notice_number == receipt.notice_number)
    });
    let mut kinds = Vec::new();
    match effect {
        // The notice is another institution's, and so are its cases.
        ReceiptEffect::AsBeneficiary => return Vec::new(),
        ReceiptEffect::Applied => kinds.extend(instalment.into_iter().flat_map(|due| applied(receipt, due))),
        ReceiptEffect::PaidTwice => kinds.push(CaseKind::PaidTwice {
            first: instalment
                .and_then(|instalment| instalment.payment.as_ref())
                .map(|payment| payment.receipt_id.clone()),
        }),
        ReceiptEffect::Cancelled => kinds.push(CaseKind::Cancelled),
        ReceiptEffect::Replaced => kinds.push(CaseKind::Replaced {
            by: before.and_then(|position| position.successor().cloned()),
        }),
        ReceiptEffect::OtherOptionChosen => kinds.push(CaseKind::OtherOption),
        ReceiptEffect::Unpublished => kinds.push(CaseKind::Unpublished),
        ReceiptEffect::Unknown => kinds.push(CaseKind::UnknownNotice),
    }
    if let Some(instalment) = instalment {
        let transfers = wrong_stamps(receipt, instalment);
        if !transfers.is_empty() {
            kinds.push(CaseKind::StampDuty { transfers });
        }
    }
    kinds.into_iter().map(|kind| case_of(receipt, kind)).collect()
}

/// The case of one kind that a receipt opens.
pub fn case_of(receipt: &Receipt, kind: CaseKind) -> Case {
    let money = match &kind {
        CaseKind::OtherAmount { due } => Cents::new(receipt.amount.as_i64() - due.as_i64()),
        CaseKind::StampDuty { transfers } => {
            let concerned = receipt
                .transfers
                .iter()
                .filter(|transfer| transfers.iter().any(|wrong| wrong.transfer == transfer.id));
            Cents::sum(concerned.map(|transfer| transfer.amount)).unwrap_or(receipt.amount)
        }
        CaseKind::PaidTwice { .. }
        | CaseKind::Cancelled
        | CaseKind::Replaced { .. }
        | CaseKind::OtherOption
        | CaseKind::Unpublished
        | CaseKind::UnknownNotice
        | CaseKind::Late { .. }
        | CaseKind::OtherContent => receipt.amount,
    };
    Case {
        institution: receipt.recipient.clone(),
        receipt_id: receipt.id.clone(),
        notice_number: receipt.notice_number.clone(),
        kind,
        money,
    }
}

/// What is odd about a receipt that paid its notice.
fn applied(receipt: &Receipt, due: &Instalment) -> Vec<CaseKind> {
    let mut kinds = Vec::new();
    if receipt.amount != due.amount {
        kinds.push(CaseKind::OtherAmount { due: due.amount });
    }
    if let (Some(paid_at), Some(last_day)) = (receipt.paid_at, due.payable_until)
        && paid_at.date() > last_day
    {
        kinds.push(CaseKind::Late { last_day });
    }
    kinds
}

/// Compares the stamps of a receipt with those its notice asked for.
fn wrong_stamps(receipt: &Receipt, asked: &Instalment) -> Vec<WrongStamp> {
    (1..=5)
        .filter_map(|transfer| {
            let wanted = asked
                .transfers
                .iter()
                .filter(|asked| asked.id == transfer)
                .find_map(|asked| match &asked.destination {
                    Destination::StampDuty { document_digest, .. } => Some(document_digest),
                    Destination::Account { .. } => None,
                });
            let came = receipt
                .transfers
                .iter()
                .filter(|came| came.id == transfer)
                .find_map(|came| match &came.destination {
                    ReceiptDestination::StampDuty { document_digest, .. } => Some(document_digest),
                    ReceiptDestination::Account(_) => None,
                });
            let problem = match (wanted, came) {
                (None, None) => return None,
                (Some(_), None) => StampProblem::Missing,
                (None, Some(_)) => StampProblem::NotAskedFor,
                (Some(_), Some(None)) => StampProblem::Unreadable,
                (Some(wanted), Some(Some(came))) if wanted == came => return None,
                (Some(_), Some(Some(_))) => StampProblem::OtherDocument,
            };
            Some(WrongStamp { transfer, problem })
        })
        .collect()
}
