//! A position as its program sees it: everything a screen needs, in one piece. Sentences are for people who look at it today.

use crate::Services;
use crate::documents::access::notice_key;
use chrono::{DateTime, NaiveDate, Utc};
use domain::transfer::Destination;
use domain::{
    Cents, DebtPosition, DebtPositionStatus, Instalment, Notice, NoticeStanding, OptionKind, PaymentOption,
    QrPayload, ReceiptId, Subject, Transfer,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use storage::debt_positions::StoredPosition;
use storage::receipts::{StoredReceipt, find_receipts};
use storage::{Snapshot, StorageError};

/// A position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = Position))]
pub struct PositionView {
    /// The program's key for it.
    pub key: String,
    /// Code of its service.
    pub service: String,
    /// Who owes.
    pub debtor: Subject,
    /// What it is for.
    pub description: String,
    /// First day it can be paid, when not at once.
    pub valid_from: Option<NaiveDate>,
    /// Where it stands: `draft`, `open`, `paid`, `cancelled`, `replaced` or `expired`.
    pub status: String,
    /// The notice to pay instead, when it was replaced.
    pub successor: Option<String>,
    /// Grows with every change; the entity tag follows it.
    pub version: i64,
    /// When it came.
    pub created_at: DateTime<Utc>,
    /// When it changed last.
    pub changed_at: DateTime<Utc>,
    /// What is still to be paid today, in the way begun, or else the cheapest; in cents.
    pub left: Cents,
    /// What was paid, in cents.
    pub paid: Cents,
    /// The ways to pay it.
    pub options: Vec<OptionView>,
}

/// A way to pay a position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = PositionOption))]
pub struct OptionView {
    /// What kind of way it is.
    pub kind: OptionKind,
    /// Its notices.
    pub instalments: Vec<NoticeView>,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = Notice))]
pub struct NoticeView {
    /// Its code (NAV), 18 digits.
    pub notice_number: String,
    /// Its payment reference (IUV).
    pub iuv: String,
    /// What is due, in cents.
    pub amount: Cents,
    /// The due date.
    pub due_on: Option<NaiveDate>,
    /// Last day it can be paid.
    pub payable_until: Option<NaiveDate>,
    /// What it is for.
    pub description: String,
    /// Where it stands today.
    pub state: StateView,
    /// What paid it.
    pub payment: Option<PaymentView>,
    /// How its amount is split.
    pub transfers: Vec<TransferView>,
    /// The text of its QR code.
    pub qr_code: String,
    /// Its page on the portal; nothing of a draft.
    pub page: Option<String>,
    /// Its document, behind a link that ends by itself; nothing when there is nothing to pay with it.
    pub pdf: Option<String>,
}

/// Where a notice stands, in a word and in plain sentences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = NoticeState))]
pub struct StateView {
    /// `payable`, `not_yet_payable`, `paid`, `other_option_chosen`, `cancelled`, `replaced`, `expired` or `unpublished`.
    pub code: String,
    /// The sentence in Italian.
    pub it: String,
    /// The sentence in English.
    pub en: String,
}

/// What paid a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = NoticePayment))]
pub struct PaymentView {
    /// The receipt's number (IUR).
    pub receipt_id: String,
    /// When it was paid.
    pub paid_at: DateTime<Utc>,
    /// What was paid, in cents; nothing when the receipt is not here.
    pub amount: Option<Cents>,
    /// The payment provider.
    pub psp: Option<String>,
    /// How it was paid, in the hub's word.
    pub method: Option<String>,
    /// The receipt's page.
    pub receipt: Option<String>,
}

/// A part of an amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = NoticeTransfer))]
pub struct TransferView {
    /// Its place, 1 to 5.
    pub id: u8,
    /// Its amount, in cents.
    pub amount: Cents,
    /// Fiscal code of who gets it.
    pub beneficiary: String,
    /// Their name.
    pub beneficiary_name: String,
    /// The account credited; nothing for a stamp duty.
    pub iban: Option<String>,
    /// The document a stamp duty is bought for: its SHA-256 in base64.
    pub stamp_digest: Option<String>,
    /// What it is for.
    pub remittance_information: String,
    /// Taxonomy category.
    pub category: String,
    /// What else travels with it.
    pub metadata: BTreeMap<String, String>,
}

/// A notice with what its position says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct NoticeOfPosition {
    /// The institution's fiscal code.
    pub institution: String,
    /// Key of the position.
    pub position_key: String,
    /// Code of the service.
    pub service: String,
    /// Who owes.
    pub debtor: Subject,
    /// Where the position stands.
    pub status: String,
    /// The notice to pay instead, when it was replaced.
    pub successor: Option<String>,
    /// The kind of way to pay it belongs to.
    pub option_kind: OptionKind,
    /// Its place among the notices of that way, from 1.
    pub instalment: u8,
    /// How many that way has.
    pub instalment_count: u8,
    /// The notice.
    pub notice: NoticeView,
}

impl PositionView {
    /// One of its notices, with what the position says.
    pub fn notice(&self, institution: &str, number: &str) -> Option<NoticeOfPosition> {
        self.options.iter().find_map(|option| {
            let (notice, place) = option
                .instalments
                .iter()
                .zip(1_u8..)
                .find(|(notice, _)| notice.notice_number == number)?;
            Some(NoticeOfPosition {
                institution: institution.to_owned(),
                position_key: self.key.clone(),
                service: self.service.clone(),
                debtor: self.debtor.clone(),
                status: self.status.clone(),
                successor: self.successor.clone(),
                option_kind: option.kind,
                instalment: place,
                instalment_count: u8::try_from(option.instalments.len()).unwrap_or(u8::MAX),
                notice: notice.clone(),
            })
        })
    }
}

/// Positions of one institution as their programs see them, with the receipts that paid them.
pub(crate) async fn views_of(
    services: &Services,
    snapshot: &mut Snapshot,
    stored: &[StoredPosition],
) -> Result<Vec<PositionView>, StorageError> {
    let Some(first) = stored.first() else {
        return Ok(Vec::new());
    };
    let institution = &first.position.institution;
    let paid: Vec<ReceiptId> = stored
        .iter()
        .flat_map(|stored| stored.position.instalments())
        .filter_map(|(_, _, instalment)| Some(instalment.payment.as_ref()?.receipt_id.clone()))
        .collect();
    let receipts: HashMap<ReceiptId, StoredReceipt> = find_receipts(snapshot, institution, &paid)
        .await?
        .into_iter()
        .map(|stored| (stored.receipt.id.clone(), stored))
        .collect();
    Ok(stored
        .iter()
        .map(|stored| view_of(services, stored, &receipts))
        .collect())
}

fn view_of(
    services: &Services,
    stored: &StoredPosition,
    receipts: &HashMap<ReceiptId, StoredReceipt>,
) -> PositionView {
    let position = &stored.position;
    let options: Vec<OptionView> = position
        .options
        .iter()
        .zip(0_u8..)
        .map(|(option, index)| OptionView {
            kind: option.kind,
            instalments: option
                .instalments
                .iter()
                .zip(1_u8..)
                .map(|(instalment, place)| {
                    let notice = notice_of(position, (option, index), (instalment, place));
                    notice_view(services, &notice, instalment, receipts)
                })
                .collect(),
        })
        .collect();
    PositionView {
        left: left_of(position),
        paid: paid_of(position),
        key: position.key.clone(),
        service: position.service.clone(),
        debtor: position.debtor.clone(),
        description: position.description.clone(),
        valid_from: position.valid_from,
        status: position.status.as_str().to_owned(),
        successor: position.successor().map(ToString::to_string),
        version: stored.version,
        created_at: stored.created_at,
        changed_at: stored.changed_at,
        options,
    }
}

fn sum<'a>(instalments: impl Iterator<Item = (u8, &'a PaymentOption, &'a Instalment)>) -> Cents {
    Cents::sum(instalments.map(|(_, _, instalment)| instalment.amount)).unwrap_or(Cents::MAX_WIRE)
}

/// What was paid.
pub(crate) fn paid_of(position: &DebtPosition) -> Cents {
    sum(position
        .instalments()
        .filter(|(_, _, instalment)| instalment.payment.is_some()))
}

/// What is still to be paid: nothing of a position that cannot be.
pub(crate) fn left_of(position: &DebtPosition) -> Cents {
    let of_option = |index: u8| {
        sum(position
            .instalments()
            .filter(|(option, _, instalment)| *option == index && instalment.payment.is_none()))
    };
    match &position.status {
        DebtPositionStatus::Open { chosen: Some(chosen) } => of_option(*chosen),
        DebtPositionStatus::Open { chosen: None } | DebtPositionStatus::Draft => {
            let every = (0_u8..).take(position.options.len());
            every.map(of_option).min().unwrap_or(Cents::ZERO)
        }
        DebtPositionStatus::Paid { .. }
        | DebtPositionStatus::Cancelled { .. }
        | DebtPositionStatus::Replaced { .. }
        | DebtPositionStatus::Expired { .. } => Cents::ZERO,
    }
}

/// A notice as seen from outside.
fn notice_of(
    position: &DebtPosition,
    (option, index): (&PaymentOption, u8),
    (instalment, place): (&Instalment, u8),
) -> Notice {
    Notice {
        institution: position.institution.clone(),
        number: instalment.notice_number.clone(),
        iuv: instalment.iuv.clone(),
        position_key: position.key.clone(),
        service: position.service.clone(),
        position_status: position.status.clone(),
        option: index,
        option_kind: option.kind,
        instalment: place,
        instalment_count: u8::try_from(option.instalments.len()).unwrap_or(u8::MAX),
        amount: instalment.amount,
        due_on: instalment.due_on,
        payable_until: instalment.payable_until,
        valid_from: position.valid_from,
        description: instalment.description.clone(),
        all_postal: false,
        payment: instalment.payment.clone(),
    }
}

fn notice_view(
    services: &Services,
    notice: &Notice,
    instalment: &Instalment,
    receipts: &HashMap<ReceiptId, StoredReceipt>,
) -> NoticeView {
    let standing = notice.standing(services.clock.today());
    let page = (standing != NoticeStanding::Unpublished).then(|| {
        let portal = &services.portal_url;
        format!("{portal}/avviso/{}/{}", notice.institution, notice.number)
    });
    let is_printable = match standing {
        NoticeStanding::Payable { .. } | NoticeStanding::NotYetPayable { .. } => true,
        NoticeStanding::Paid { .. }
        | NoticeStanding::OtherOptionChosen
        | NoticeStanding::Cancelled
        | NoticeStanding::Replaced { .. }
        | NoticeStanding::Expired
        | NoticeStanding::Unpublished => false,
    };
    let pdf = page.as_ref().filter(|_| is_printable).map(|page| {
        let until = services.clock.now() + services.documents.link_lasts;
        let key = notice_key(&notice.institution, &notice.number);
        let link = services.documents.keys.sign(&key, until);
        format!("{page}/documento.pdf?scade={}&firma={}", link.expires, link.text)
    });
    let qr_code = QrPayload::new(notice.number.clone(), notice.institution.clone(), notice.amount);
    NoticeView {
        notice_number: notice.number.to_string(),
        iuv: notice.iuv.to_string(),
        amount: notice.amount,
        due_on: notice.due_on,
        payable_until: notice.payable_until,
        description: notice.description.clone(),
        payment: instalment.payment.as_ref().map(|payment| {
            let receipt = receipts.get(&payment.receipt_id);
            PaymentView {
                receipt_id: payment.receipt_id.to_string(),
                paid_at: payment.at,
                amount: receipt.map(|stored| stored.receipt.amount),
                psp: receipt.map(|stored| stored.receipt.psp.name.clone()),
                method: receipt.and_then(|stored| stored.receipt.payment_method.clone()),
                receipt: receipt.map(|stored| receipt_page(services, stored)),
            }
        }),
        transfers: instalment.transfers.iter().map(transfer_view).collect(),
        // Amounts are checked before they are stored.
        qr_code: qr_code.map(|payload| payload.to_string()).unwrap_or_default(),
        state: StateView {
            code: standing.as_str().to_owned(),
            it: standing.italian(),
            en: standing.english(),
        },
        page,
        pdf,
    }
}

/// The page of a receipt, for whoever holds its link.
pub(crate) fn receipt_page(services: &Services, stored: &StoredReceipt) -> String {
    format!("{}/ricevuta/{}", services.portal_url, stored.access_token)
}

fn transfer_view(transfer: &Transfer) -> TransferView {
    let (iban, stamp_digest) = match &transfer.destination {
        Destination::Account { iban, .. } => (Some(iban.to_string()), None),
        Destination::StampDuty { document_digest, .. } => (None, Some(document_digest.clone())),
    };
    TransferView {
        id: transfer.id,
        amount: transfer.amount,
        beneficiary: transfer.beneficiary.to_string(),
        beneficiary_name: transfer.beneficiary_name.clone(),
        iban,
        stamp_digest,
        remittance_information: transfer.remittance_information.clone(),
        category: transfer.category.to_string(),
        metadata: transfer.metadata.iter().cloned().collect(),
    }
}
