//! From the archive to what a document says.

use super::imprint::Imprint;
use chrono::NaiveDate;
use documents::Language;
use documents::model::Attachment;
use documents::notice::{
    Field, Institution, Languages, Notice, NoticeError, PostalSlip, Printing, Recipient, Rule, from_position,
    of_instalment,
};
use documents::receipt::{Person, Receipt, TransferLine};
use documents::spelling::in_latin_letters;
use domain::data_matrix::PostalAccount;
use domain::receipt::{ReceiptDestination, ReceiptTransfer};
use domain::service::Service;
use domain::transfer::Destination;
use domain::{CreditorInstitution, DebtPosition, Instalment, NoticeNumber, Subject};
use storage::debt_positions::StoredPosition;
use storage::receipts::StoredReceipt;

/// What of a position a notice shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Every way left to pay it.
    Position,
    /// The one with the notice's number.
    Instalment,
}

/// Who issues a notice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Issuer<'a> {
    pub(super) institution: &'a CreditorInstitution,
    /// The service it is for, unless it left the catalogue.
    pub(super) service: Option<&'a Service>,
    pub(super) imprint: &'a Imprint,
}

/// The receipt as the person entitled to all of it reads it. `service` is the code of the service it paid for.
pub(super) fn receipt(stored: StoredReceipt, service: Option<String>) -> Receipt {
    let receipt = stored.receipt;
    let transfers = receipt.shown_transfers().map(transfer).collect();
    Receipt {
        receipt_id: receipt.id.into(),
        institution: receipt.issuer,
        institution_name: receipt.company_name,
        office: receipt.office_name,
        number: receipt.notice_number,
        iuv: receipt.iuv,
        amount: receipt.amount,
        fee: receipt.fee,
        subject: receipt.description,
        service,
        debtor: person(&receipt.debtor),
        payer: receipt.payer.as_ref().map(person),
        transfers,
        provider: receipt.psp.name,
        provider_code: receipt.psp.fiscal_code.or(receipt.psp.vat_number),
        channel: receipt.psp.channel_description,
        method: receipt.payment_method,
        paid_at: receipt.paid_at,
        applied_on: receipt.applied_on,
        transferred_on: receipt.transferred_on,
        stand_in: receipt.stand_in,
        effect: stored.effect,
        received_at: stored.received_at,
    }
}

fn transfer(transfer: &ReceiptTransfer) -> TransferLine {
    TransferLine {
        amount: transfer.amount,
        beneficiary: transfer.beneficiary.clone(),
        beneficiary_name: transfer.beneficiary_name.clone(),
        reason: transfer.remittance_information.clone(),
        is_stamp_duty: matches!(transfer.destination, ReceiptDestination::StampDuty { .. }),
    }
}

/// Somebody as a document names them: in Latin letters, which it says when the name was written in others.
fn person(subject: &Subject) -> Person {
    let legible = in_latin_letters(&subject.full_name);
    Person {
        name: legible.text,
        transliterated: legible.transliterated,
        code: (subject.code != Subject::ANONYMOUS).then(|| subject.code.clone()),
    }
}

/// The hub's message a receipt was made from, as it goes with the document.
pub(super) fn original(stored: &StoredReceipt, message: Vec<u8>, language: Language) -> Attachment {
    // What was asked for by its reference comes as JSON.
    let is_json = message.trim_ascii_start().first() == Some(&b'{');
    let (extension, media_type) = if is_json {
        ("json", "application/json")
    } else {
        ("xml", "application/xml")
    };
    Attachment {
        name: format!("ricevuta-{}.{extension}", file_part(stored.receipt.id.as_str())),
        media_type,
        description: match language {
            Language::It | Language::De | Language::Fr | Language::Sl => {
                "Messaggio originale del Nodo dei Pagamenti da cui nasce questa ricevuta"
            }
            Language::En => "The original message of the national payment hub this receipt was made from",
        }
        .to_owned(),
        bytes: message,
        dated: stored.received_at,
    }
}

/// A receipt's id as part of a file's name.
fn file_part(id: &str) -> String {
    id.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect()
}

/// The notice with a number among those of its position, or the one that shows nothing else.
///
/// # Errors
/// The field and the rule, when it cannot be a lawful notice, or nothing is left to pay with that number.
pub(super) fn notice(
    issuer: Issuer<'_>,
    stored: &StoredPosition,
    number: &NoticeNumber,
    extent: Extent,
    printed: Printed,
) -> Result<Notice, NoticeError> {
    match extent {
        Extent::Position => notices(issuer, stored, printed)?
            .into_iter()
            .find(|notice| notice.payments.all().any(|payment| payment.number == *number))
            .ok_or(NoticeError {
                field: Field::Number,
                rule: Rule::NothingToPay,
            }),
        Extent::Instalment => {
            let institution = institution(issuer, &stored.position);
            let printing = printed.of(stored);
            of_instalment(&stored.position, number, &institution, printing).map(legible)
        }
    }
}

/// The notices of what is left to pay of a position: one, or one for each option where options exclude each other.
///
/// # Errors
/// Nothing of it can be paid.
pub(super) fn notices(
    issuer: Issuer<'_>,
    stored: &StoredPosition,
    printed: Printed,
) -> Result<Vec<Notice>, NoticeError> {
    let institution = institution(issuer, &stored.position);
    let notices = from_position(&stored.position, &institution, printed.of(stored))?;
    Ok(notices.into_iter().map(legible).collect())
}

/// When and in which languages a notice is printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Printed {
    pub(super) languages: Languages,
    /// The day that decides what can still be paid.
    pub(super) today: NaiveDate,
}

impl Printed {
    /// What a position owes never changes, so that what its notice says has been true since it was stored.
    fn of(self, stored: &StoredPosition) -> Printing {
        Printing {
            languages: self.languages,
            dated: stored.created_at,
            today: self.today,
        }
    }
}

/// The notice with its recipient in letters that can be printed.
fn legible(notice: Notice) -> Notice {
    Notice {
        recipient: in_letters(notice.recipient),
        ..notice
    }
}

fn in_letters(mut recipient: Recipient) -> Recipient {
    let person = &mut recipient.person;
    let name = in_latin_letters(&person.name);
    (person.name, person.transliterated) = (name.text, name.transliterated);
    for line in &mut recipient.address {
        *line = in_latin_letters(line).text;
    }
    recipient
}

/// Who owes, in letters that can be printed, also where nothing else can be said.
pub(super) fn recipient(debtor: &Subject) -> Recipient {
    in_letters(documents::notice::recipient(debtor))
}

fn institution(issuer: Issuer<'_>, position: &DebtPosition) -> Institution {
    let (served, imprint) = (issuer.institution, issuer.imprint);
    let contact = &served.contact;
    Institution {
        fiscal_code: served.fiscal_code.clone(),
        name: served.name.clone(),
        sector: imprint
            .sector
            .clone()
            .or_else(|| issuer.service.map(|service| service.office_name.clone())),
        info: imprint.info.clone().or_else(|| {
            let parts = [&contact.telephone, &contact.email, &contact.website];
            let said: Vec<&str> = parts
                .into_iter()
                .map(|part| part.trim())
                .filter(|part| !part.is_empty())
                .collect();
            (!said.is_empty()).then(|| said.join(" - "))
        }),
        cbill_code: served.cbill_code.clone(),
        logo: imprint.logo.clone(),
        postal: slip(issuer, position),
        takes_payment_on_site: imprint.takes_payment_on_site,
        takes_payment_in_app: imprint.takes_payment_in_app,
        own_counters: imprint.own_counters.clone(),
    }
}

/// The postal slip, where the account has one and every part of every amount goes to a postal account: a slip pays all
/// of it or nothing.
fn slip(issuer: Issuer<'_>, position: &DebtPosition) -> Option<PostalSlip> {
    let all_postal = position
        .instalments()
        .all(|(_, _, instalment)| is_postal(instalment));
    let account = PostalAccount::of_iban(issuer.institution.postal_iban.as_ref()?)?;
    all_postal.then_some(PostalSlip {
        account,
        holder: issuer.imprint.postal_holder.clone()?,
        authorisation: issuer.imprint.postal_authorisation.clone()?,
    })
}

fn is_postal(instalment: &Instalment) -> bool {
    instalment
        .transfers
        .iter()
        .all(|transfer| match &transfer.destination {
            Destination::Account { iban, postal_iban } => iban.is_postal() || postal_iban.is_some(),
            Destination::StampDuty { .. } => false,
        })
}
