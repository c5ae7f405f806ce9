//! The demo city: a municipality and two companies it owns, with debts in every state.
//!
//! Receipts of paid notices go the way of real ones: written as the hub writes them, stored, read, applied.

use crate::catalogue::Catalogue;
use anyhow::{Context, Result, anyhow, ensure};
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use domain::application::{Application, Grant, REQUESTS_PER_MINUTE_USUAL, Scope};
use domain::debt_position::{DebtPositionEvent, InstalmentPayment};
use domain::receipt::{Psp, ReceiptDestination, ReceiptTransfer};
use domain::transfer::{Destination, TransferCategory};
use domain::{
    Cents, CreditorFiscalCode, DebtPosition, DebtPositionStatus, Iban, Instalment, Notice, NoticeNumber,
    NoticeStanding, OptionKind, PaymentOption, Receipt, ReceiptId, Subject, Transfer,
};
use pagopa::stamp_duty::StampDuty;
use serde::{Deserialize, Serialize};
use services::Services;
use services::applications::manage::{ApplicationError, create_application};
use std::collections::BTreeMap;
use storage::debt_positions;

/// The institution a position of the demo belongs to when it names none.
const MUNICIPALITY: &str = "00856930102";
/// Id of the demo's program.
pub const APPLICATION: &str = "demo";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PositionsFile {
    shares: BTreeMap<String, Shares>,
    people: BTreeMap<String, Subject>,
    position: Vec<DemoPosition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shares {
    parts: Vec<Share>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Share {
    to: CreditorFiscalCode,
    name: String,
    iban: Option<Iban>,
    postal_iban: Option<Iban>,
    stamp: Option<Stamp>,
    category: TransferCategory,
    reason: Option<String>,
    #[serde(default)]
    metadata: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stamp {
    document_digest: String,
    province: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoPosition {
    institution: Option<CreditorFiscalCode>,
    service: String,
    debtor: String,
    subject: String,
    about: String,
    #[serde(default)]
    state: DemoState,
    from: Option<Day>,
    options: Vec<DemoOption>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum DemoState {
    #[default]
    Open,
    Draft,
    Paid,
    Cancelled,
    Expired,
    ReplacedBy(u64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoOption {
    kind: OptionKind,
    notices: Vec<DemoNotice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoNotice {
    base: u64,
    amount: String,
    due: Day,
    until: Option<Day>,
    split: Option<Vec<String>>,
    #[serde(default)]
    paid: bool,
}

/// A date, or days from today.
#[derive(Deserialize, Clone, Copy)]
#[serde(untagged)]
enum Day {
    FromToday(i64),
    On(NaiveDate),
}

impl Day {
    fn date(self, today: NaiveDate) -> NaiveDate {
        match self {
            Self::FromToday(days) => today.checked_add_signed(TimeDelta::days(days)).unwrap_or(today),
            Self::On(date) => date,
        }
    }
}

/// A position of the demo with what happens to it after it is created.
struct Planned {
    position: DebtPosition,
    about: String,
    /// Notices a receipt pays.
    paid: Vec<NoticeNumber>,
    /// What happens last, if anything.
    last: Option<DebtPositionEvent>,
}

/// A notice of the demo, for people and programs that want to try it.
#[derive(Debug, Clone, Serialize)]
pub struct DemoCode {
    /// Its 18 digits.
    pub notice_number: String,
    /// Its institution.
    pub institution: String,
    /// Broker to address it through.
    pub broker: String,
    /// Station to address it through.
    pub station: String,
    /// Where it stands.
    pub state: &'static str,
    /// Whether it can be paid now.
    pub payable: bool,
    /// What it shows.
    pub about: String,
}

/// Fills an empty archive with the demo city. One that holds an institution already is given the city's catalogue as it
/// is now, and nothing else.
///
/// `sandbox` is where the sandbox listens, which plays the management program of one of the city's services.
pub async fn seed(services: &Services, sandbox: &str) -> Result<()> {
    let mut snapshot = services.store.read().await?;
    let empty = storage::institutions::list_institutions(&mut snapshot)
        .await?
        .is_empty();
    drop(snapshot);
    Catalogue::demo_beside(sandbox)?.store(services).await?;
    seed_application(services).await?;
    if !empty {
        return Ok(());
    }
    let now = services.clock.now();
    for planned in plan(services.clock.today())? {
        let position = &planned.position;
        let mut tx = services.store.begin().await?;
        debt_positions::insert_position(&mut tx, position, now)
            .await
            .context(position.key.clone())?;
        tx.commit().await?;
        for number in &planned.paid {
            pay(services, position, number).await?;
        }
        if let Some(event) = &planned.last {
            let mut tx = services.store.begin().await?;
            let stored = debt_positions::find_position(&mut tx, &position.institution, &position.key)
                .await?
                .context("the position was just inserted")?;
            let after = stored.position.apply(event)?;
            debt_positions::transition_position(&mut tx, &stored, &after, event, now).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Registers the demo's program, which may do everything for the municipality; `lanterna demo application` gives it a secret.
async fn seed_application(services: &Services) -> Result<()> {
    let application = Application {
        id: APPLICATION.to_owned(),
        institution: MUNICIPALITY.parse()?,
        name: "Programma di prova".to_owned(),
        grants: Scope::ALL
            .map(|scope| Grant {
                scope,
                services: None,
            })
            .to_vec(),
        numbers: Vec::new(),
        requests_per_minute: REQUESTS_PER_MINUTE_USUAL,
        certificate: None,
        active: true,
    };
    services.directory.refresh();
    match create_application(services, &application).await {
        Ok(()) | Err(ApplicationError::Taken(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The notices of the demo as they stand in the archive, in the order of the file.
pub async fn codes(services: &Services) -> Result<Vec<DemoCode>> {
    let today = services.clock.today();
    let catalogue = Catalogue::demo()?;
    let mut snapshot = services.store.read().await?;
    let mut codes = Vec::new();
    for planned in plan(today)? {
        for (_, _, instalment) in planned.position.instalments() {
            let institution = &planned.position.institution;
            let found =
                debt_positions::find_notice(&mut snapshot, institution, &instalment.notice_number).await?;
            if let Some(notice) = found {
                codes.push(demo_code(
                    &catalogue,
                    &planned,
                    &notice.number,
                    &notice.standing(today),
                )?);
            }
        }
    }
    Ok(codes)
}

/// The notices of the demo as a new archive would hold them.
pub fn planned_codes(today: NaiveDate) -> Result<Vec<DemoCode>> {
    let catalogue = Catalogue::demo()?;
    let mut codes = Vec::new();
    for planned in plan(today)? {
        let mut position = planned.position.clone();
        let at = today.and_time(NaiveTime::MIN).and_utc();
        for number in &planned.paid {
            position = position.apply(&DebtPositionEvent::ReceiptReceived {
                notice_number: number.clone(),
                receipt_id: ReceiptId::parse("demo")?,
                at,
            })?;
        }
        if let Some(event) = &planned.last {
            position = position.apply(event)?;
        }
        for notice in notices(&position) {
            codes.push(demo_code(
                &catalogue,
                &planned,
                &notice.number,
                &notice.standing(today),
            )?);
        }
    }
    Ok(codes)
}

fn demo_code(
    catalogue: &Catalogue,
    planned: &Planned,
    number: &NoticeNumber,
    standing: &NoticeStanding,
) -> Result<DemoCode> {
    let institution = catalogue
        .institutions
        .iter()
        .find(|institution| institution.fiscal_code == planned.position.institution)
        .context("a demo position names an institution of the catalogue")?;
    Ok(DemoCode {
        notice_number: number.to_string(),
        institution: institution.fiscal_code.to_string(),
        broker: institution.broker.to_string(),
        station: institution.station.to_string(),
        state: state_name(standing),
        payable: matches!(standing, NoticeStanding::Payable { .. }),
        about: planned.about.clone(),
    })
}

/// The word for a standing, in English, for programs.
pub fn state_name(standing: &NoticeStanding) -> &'static str {
    match standing {
        NoticeStanding::Payable { overdue: false } => "payable",
        NoticeStanding::Payable { overdue: true } => "overdue",
        NoticeStanding::NotYetPayable { .. } => "not_yet_payable",
        NoticeStanding::Paid { .. } => "paid",
        NoticeStanding::OtherOptionChosen => "other_option_chosen",
        NoticeStanding::Cancelled => "cancelled",
        NoticeStanding::Replaced { .. } => "replaced",
        NoticeStanding::Expired => "expired",
        NoticeStanding::Unpublished => "draft",
    }
}

/// The notices of a position that is not in an archive.
fn notices(position: &DebtPosition) -> Vec<Notice> {
    position
        .instalments()
        .map(|(option, payment_option, instalment)| Notice {
            institution: position.institution.clone(),
            number: instalment.notice_number.clone(),
            iuv: instalment.iuv.clone(),
            position_key: position.key.clone(),
            service: position.service.clone(),
            position_status: position.status.clone(),
            option,
            option_kind: payment_option.kind,
            instalment: 1,
            instalment_count: u8::try_from(payment_option.instalments.len()).unwrap_or(u8::MAX),
            amount: instalment.amount,
            due_on: instalment.due_on,
            payable_until: instalment.payable_until,
            valid_from: position.valid_from,
            description: instalment.description.clone(),
            all_postal: false,
            payment: instalment.payment.clone(),
        })
        .collect()
}

fn plan(today: NaiveDate) -> Result<Vec<Planned>> {
    let file: PositionsFile =
        toml::from_str(include_str!("../demo/positions.toml")).context("positions.toml is not valid")?;
    let catalogue = Catalogue::demo()?;
    file.position
        .iter()
        .map(|position| planned(&file, &catalogue, position, today))
        .collect()
}

fn planned(
    file: &PositionsFile,
    catalogue: &Catalogue,
    demo: &DemoPosition,
    today: NaiveDate,
) -> Result<Planned> {
    let about = || format!("demo position {:?}", demo.subject);
    let code = demo
        .institution
        .clone()
        .unwrap_or(CreditorFiscalCode::parse(MUNICIPALITY)?);
    let institution = catalogue
        .institutions
        .iter()
        .find(|i| i.fiscal_code == code)
        .with_context(about)?;
    let shares = &file.shares.get(&demo.service).with_context(about)?.parts;
    let number = |base| NoticeNumber::issue(institution.segregation_code, base).with_context(about);
    let debtor = file.people.get(&demo.debtor).with_context(about)?.clone();

    let mut paid = Vec::new();
    let mut options = Vec::new();
    for option in &demo.options {
        let mut instalments = Vec::new();
        for notice in &option.notices {
            let notice_number = number(notice.base)?;
            let amount = Cents::from_wire(&notice.amount)?;
            if notice.paid || matches!(demo.state, DemoState::Paid) {
                paid.push(notice_number.clone());
            }
            instalments.push(Instalment {
                iuv: notice_number.iuv(),
                notice_number,
                amount,
                due_on: Some(notice.due.date(today)),
                payable_until: notice.until.map(|until| until.date(today)),
                description: demo.subject.clone(),
                transfers: transfers(shares, amount, notice.split.as_deref(), &demo.subject)
                    .with_context(about)?,
                payment: None::<InstalmentPayment>,
            });
        }
        options.push(PaymentOption {
            kind: option.kind,
            instalments,
        });
    }

    let at = today.and_time(NaiveTime::MIN).and_utc();
    let last = match demo.state {
        DemoState::Open | DemoState::Draft | DemoState::Paid => None,
        DemoState::Cancelled => Some(DebtPositionEvent::Cancelled { at }),
        DemoState::Expired => Some(DebtPositionEvent::Expired { at }),
        DemoState::ReplacedBy(base) => Some(DebtPositionEvent::Replaced {
            by: number(base)?,
            at,
        }),
    };
    let first = options
        .first()
        .and_then(|option| option.instalments.first())
        .with_context(about)?;
    let position = DebtPosition {
        key: format!("{}-{}", demo.service, first.iuv),
        institution: code,
        service: demo.service.clone(),
        debtor,
        description: demo.subject.clone(),
        valid_from: demo.from.map(|day| day.date(today)),
        status: match demo.state {
            DemoState::Draft => DebtPositionStatus::Draft,
            _ => DebtPositionStatus::Open { chosen: None },
        },
        options,
    };
    position.check().with_context(about)?;
    Ok(Planned {
        position,
        about: demo.about.clone(),
        paid,
        last,
    })
}

fn transfers(
    shares: &[Share],
    amount: Cents,
    split: Option<&[String]>,
    subject: &str,
) -> Result<Vec<Transfer>> {
    let amounts = match split {
        Some(texts) => texts
            .iter()
            .map(|text| Ok(Cents::from_wire(text)?))
            .collect::<Result<Vec<_>>>()?,
        None => vec![amount],
    };
    ensure!(
        amounts.len() <= shares.len(),
        "more parts than its service has shares"
    );
    amounts
        .into_iter()
        .zip(shares)
        .zip(1_u8..)
        .map(|((amount, share), id)| {
            let destination = match (&share.iban, &share.stamp) {
                (Some(iban), None) => Destination::Account {
                    iban: iban.clone(),
                    postal_iban: share.postal_iban.clone(),
                },
                (None, Some(stamp)) => Destination::StampDuty {
                    document_digest: stamp.document_digest.clone(),
                    province: stamp.province.clone(),
                },
                _ => return Err(anyhow!("a share has either an account or a stamp duty")),
            };
            Ok(Transfer {
                id,
                amount,
                beneficiary: share.to.clone(),
                beneficiary_name: share.name.clone(),
                destination,
                remittance_information: share.reason.clone().unwrap_or_else(|| subject.to_owned()),
                category: share.category.clone(),
                metadata: share.metadata.clone(),
            })
        })
        .collect()
}

/// Delivers the receipt of a notice paid three days before it was due.
async fn pay(services: &Services, position: &DebtPosition, number: &NoticeNumber) -> Result<()> {
    let (_, _, instalment) = position
        .instalments()
        .find(|(_, _, instalment)| instalment.notice_number == *number)
        .context("the notice is the position's")?;
    let today = services.clock.today();
    let paid_on = instalment
        .due_on
        .unwrap_or(today)
        .checked_sub_days(Days::new(3))
        .unwrap_or(today)
        .min(today);
    let paid_at = paid_on.and_time(NaiveTime::MIN) + TimeDelta::minutes(615);
    let receipt = Receipt {
        id: ReceiptId::parse(&format!("{:0>32}", instalment.iuv.as_str()))?,
        recipient: position.institution.clone(),
        issuer: position.institution.clone(),
        notice_number: number.clone(),
        iuv: instalment.iuv.clone(),
        amount: instalment.amount,
        description: instalment.description.clone(),
        company_name: instalment.transfers[0].beneficiary_name.clone(),
        office_name: None,
        debtor: position.debtor.clone(),
        payer: Some(position.debtor.clone()),
        transfers: instalment
            .transfers
            .iter()
            .map(|transfer| receipt_transfer(transfer, paid_at))
            .collect(),
        psp: Psp {
            id: "PSPXITR1XXX".to_owned(),
            name: "Banca di prova".to_owned(),
            fiscal_code: Some("99999999990".to_owned()),
            vat_number: Some("99999999990".to_owned()),
            channel: "99999999990_01".to_owned(),
            channel_description: "app".to_owned(),
        },
        payment_method: Some("creditCard".to_owned()),
        payment_note: None,
        fee: Some(Cents::new(130)),
        paid_at: Some(paid_at),
        applied_on: Some(paid_on),
        transferred_on: paid_on.checked_add_days(Days::new(1)),
        stand_in: false,
        metadata: Vec::new(),
    };
    crate::hub_messages::deliver(services, &receipt).await
}

fn receipt_transfer(transfer: &Transfer, bought_at: NaiveDateTime) -> ReceiptTransfer {
    ReceiptTransfer {
        id: transfer.id,
        amount: transfer.amount,
        beneficiary: transfer.beneficiary.clone(),
        beneficiary_name: Some(transfer.beneficiary_name.clone()),
        destination: match &transfer.destination {
            Destination::Account { iban, .. } => ReceiptDestination::Account(iban.to_string()),
            Destination::StampDuty { document_digest, .. } => ReceiptDestination::StampDuty {
                attachment: StampDuty {
                    psp_code: "99999999990".to_owned(),
                    psp_name: "Banca di prova".to_owned(),
                    id: format!("{:0>14}", transfer.id),
                    bought_at,
                    amount: transfer.amount,
                    document_digest: document_digest.clone(),
                }
                .write_unsigned(),
                document_digest: Some(document_digest.clone()),
            },
        },
        remittance_information: transfer.remittance_information.clone(),
        category: transfer.category.to_string(),
        metadata: transfer.metadata.clone(),
    }
}
