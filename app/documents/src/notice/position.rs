//! Notices of a debt position: what is still to pay of it, in the forms the guidelines know.

use super::problems::{Field, NoticeError, Rule};
use super::{Institution, Languages, Notice, Payment, Payments, Recipient};
use crate::receipt::Person;
use chrono::{DateTime, NaiveDate, Utc};
use domain::subject::Address;
use domain::{
    DebtPosition, DebtPositionStatus, Instalment, NoticeNumber, OptionKind, PaymentOption, Subject,
};

/// When and how a notice is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Printing {
    /// In which languages.
    pub languages: Languages,
    /// When what it says was true.
    pub dated: DateTime<Utc>,
    /// The day that decides what can still be paid, in Italy.
    pub today: NaiveDate,
}

/// The notices of what is still to pay of a position. One notice holds the whole and its instalments, or the two amounts of a
/// traffic fine; other options that exclude each other have a notice each. Paid and closed instalments are left out.
///
/// # Errors
/// Nothing of it can be paid.
pub fn from_position(
    position: &DebtPosition,
    institution: &Institution,
    printing: Printing,
) -> Result<Vec<Notice>, NoticeError> {
    let open: Vec<Open<'_>> = open_options(position, printing.today);
    let whole = |open: &Open<'_>| open.option.kind == OptionKind::Whole;
    let plan = |open: &Open<'_>| open.option.kind == OptionKind::InstalmentPlan && open.payments.len() > 1;
    let forms = match open.as_slice() {
        [] => {
            return Err(NoticeError {
                field: Field::Position,
                rule: Rule::NothingToPay,
            });
        }
        [one, other] if whole(one) && plan(other) => vec![instalments(Some(one), other)],
        [one, other] if plan(one) && whole(other) => vec![instalments(Some(other), one)],
        options => match fine(options) {
            Some(fine) => vec![fine],
            None => options.iter().filter_map(separate).collect(),
        },
    };
    let notice = |payments| Notice {
        institution: institution.clone(),
        recipient: recipient(&position.debtor),
        subject: position.description.clone(),
        payments,
        languages: printing.languages,
        dated: printing.dated,
    };
    Ok(forms.into_iter().map(notice).collect())
}

/// The notice of a single code, to print it again.
///
/// # Errors
/// The position has no such code, or it can no longer be paid.
pub fn of_instalment(
    position: &DebtPosition,
    number: &NoticeNumber,
    institution: &Institution,
    printing: Printing,
) -> Result<Notice, NoticeError> {
    let refused = |rule| NoticeError {
        field: Field::Position,
        rule,
    };
    let (_, _, instalment) = position
        .instalments()
        .find(|(_, _, instalment)| instalment.notice_number == *number)
        .ok_or(refused(Rule::Unknown))?;
    let open = open_options(position, printing.today);
    let payment = open
        .iter()
        .flat_map(|open| &open.payments)
        .find(|payment| payment.number == *number)
        .ok_or(refused(Rule::NothingToPay))?;
    Ok(Notice {
        institution: institution.clone(),
        recipient: recipient(&position.debtor),
        subject: instalment.description.clone(),
        payments: Payments::Whole(payment.clone()),
        languages: printing.languages,
        dated: printing.dated,
    })
}

/// An option with what can still be paid of it.
struct Open<'a> {
    option: &'a PaymentOption,
    payments: Vec<Payment>,
}

/// The options that can still be paid: of a position begun, the one that was chosen.
fn open_options(position: &DebtPosition, today: NaiveDate) -> Vec<Open<'_>> {
    let chosen = match position.status {
        DebtPositionStatus::Open { chosen } => chosen,
        DebtPositionStatus::Draft => None,
        DebtPositionStatus::Paid { .. }
        | DebtPositionStatus::Cancelled { .. }
        | DebtPositionStatus::Replaced { .. }
        | DebtPositionStatus::Expired { .. } => return Vec::new(),
    };
    let open = (0..).zip(&position.options).filter_map(|(place, option)| {
        let payments: Vec<Payment> = option
            .instalments
            .iter()
            .filter(|instalment| is_open(instalment, today))
            .map(payment)
            .collect();
        let available = chosen.is_none_or(|chosen| chosen == place) && !payments.is_empty();
        available.then_some(Open { option, payments })
    });
    open.collect()
}

fn is_open(instalment: &Instalment, today: NaiveDate) -> bool {
    instalment.payment.is_none() && instalment.payable_until.is_none_or(|until| until >= today)
}

fn payment(instalment: &Instalment) -> Payment {
    Payment {
        number: instalment.notice_number.clone(),
        amount: instalment.amount,
        due_on: instalment.due_on,
    }
}

fn instalments(whole: Option<&Open<'_>>, plan: &Open<'_>) -> Payments {
    Payments::Instalments {
        whole: whole.and_then(|whole| whole.payments.first()).cloned(),
        parts: plan.payments.clone(),
    }
}

/// Notices of one option alone.
fn separate(open: &Open<'_>) -> Option<Payments> {
    match open.payments.as_slice() {
        [] => None,
        [one] => Some(Payments::Whole(one.clone())),
        _ => Some(instalments(None, open)),
    }
}

/// Categories of the national taxonomy for fines under the highway code, without the kind of payer before them.
const TRAFFIC_FINES: [&str; 4] = ["0102100SA", "0102106SA", "0201121SA", "0708110SA"];

/// A reduced amount and a whole as the two of a traffic fine: of that category, and the first no more than 30% below the
/// second, as costs of notification are in both. The fixed texts would be false of any other pair.
fn fine(options: &[Open<'_>]) -> Option<Payments> {
    let [one, other] = options else {
        return None;
    };
    let (reduced, whole) = match (one.option.kind, other.option.kind) {
        (OptionKind::Reduced, OptionKind::Whole) => (one, other),
        (OptionKind::Whole, OptionKind::Reduced) => (other, one),
        _ => return None,
    };
    let mut transfers = whole
        .option
        .instalments
        .iter()
        .flat_map(|instalment| &instalment.transfers);
    let of_fines = transfers.any(|transfer| {
        let category = transfer.category.as_str();
        TRAFFIC_FINES.iter().any(|fine| category.contains(fine))
    });
    let (discounted, reduced) = (reduced.payments.first()?, whole.payments.first()?);
    let (less, more) = (discounted.amount.as_i64(), reduced.amount.as_i64());
    // A cent of tolerance: each amount is rounded by itself.
    let as_fines = less < more && less.saturating_mul(10).saturating_add(10) >= more.saturating_mul(7);
    (of_fines && as_fines).then(|| Payments::Fine {
        discounted: discounted.clone(),
        reduced: reduced.clone(),
    })
}

/// Who owes, as the notice shows it: who is anonymous has no code.
pub fn recipient(debtor: &Subject) -> Recipient {
    let code = (debtor.code != Subject::ANONYMOUS).then(|| debtor.code.clone());
    Recipient {
        person: Person {
            name: debtor.full_name.clone(),
            transliterated: false,
            code,
        },
        address: address(&debtor.address),
        abroad: is_abroad(&debtor.address),
    }
}

fn is_abroad(address: &Address) -> bool {
    address.country.as_deref().is_some_and(|country| country != "IT")
}

/// `Corso Sempione 55`, `20149 Milano (MI)`, and the country of who lives abroad.
fn address(address: &Address) -> Vec<String> {
    let join = |parts: [&Option<String>; 2]| {
        let parts = parts.into_iter().flatten().filter(|part| !part.trim().is_empty());
        parts.cloned().collect::<Vec<_>>().join(" ")
    };
    let mut city = join([&address.postal_code, &address.city]);
    let province = address.province.as_deref();
    if let Some(province) = province.filter(|province| !province.trim().is_empty()) {
        city.push_str(" (");
        city.push_str(province);
        city.push(')');
    }
    let country = address.country.clone().filter(|_| is_abroad(address));
    [join([&address.street, &address.number]), city]
        .into_iter()
        .chain(country)
        .filter(|line| !line.is_empty())
        .collect()
}
