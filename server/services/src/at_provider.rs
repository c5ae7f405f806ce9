//! Debts begun at a payment provider's counter, without a notice.
//!
//! The hub asks again when an answer is late, and a payer may ask twice: what is asked for again on the same day, or on
//! the next one while it is still to be paid, is the same debt and gets the same notice. "The same" is institution,
//! service, debtor, amount and description; their digest and the day are the position's key, which the archive keeps
//! unique whoever asks at the same time. Paid, it is answered as paid until the day is over.

use crate::digest::digest_of;
use crate::hub_requests::{Addressed, HubRefusal, VerifiedNotice, judge, recognise};
use crate::notice_numbers::new_number;
use crate::{Services, Unavailable};
use chrono::NaiveDate;
use domain::at_provider::{DemandedDebt, Offer, ServiceData};
use domain::{Notice, SubjectKind};
use storage::StorageError;
use storage::debt_positions::{find_notice, insert_position, list_notices_of_position};

/// Times a debt is looked for again when somebody else made it meanwhile.
const ATTEMPTS_MAX: usize = 4;

/// Makes a debt and its notice from what a payer said at a provider, or finds the one made from the same words
/// (`paDemandPaymentNotice`).
pub async fn demand_notice(
    services: &Services,
    addressed: &Addressed,
    service_id: &str,
    subject_id: &str,
    data: &ServiceData,
) -> Result<VerifiedNotice, HubRefusal> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let institution = recognise(&entries, addressed, &addressed.institution)?;
    let offer = entries
        .services
        .iter()
        .filter(|service| service.active && service.institution == institution.fiscal_code)
        .find_map(|service| {
            let terms = service.at_provider.as_ref()?;
            let asked = terms.service_id.as_str() == service_id && terms.subject_id.as_str() == subject_id;
            asked.then_some(Offer {
                institution,
                service,
                terms,
            })
        })
        .ok_or(HubRefusal::ServiceNotOffered)?;
    let debt = offer.debt(data)?;
    let today = services.clock.today();
    for _ in 0..ATTEMPTS_MAX {
        let notice = match find_demanded(services, &offer, &debt, today).await? {
            Some(notice) => notice,
            None => match make(services, &offer, &debt, today).await {
                Err(MakeError::Refused(refusal)) => return Err(refusal),
                Err(MakeError::Stored(StorageError::Conflict | StorageError::Duplicate { .. })) => continue,
                Err(MakeError::Stored(error)) => return Err(error.into()),
                Ok(notice) => notice,
            },
        };
        judge(&notice, today)?;
        return Ok(VerifiedNotice {
            notice,
            institution: institution.clone(),
            service: Some(offer.service.clone()),
        });
    }
    Err(HubRefusal::Unavailable(Unavailable(StorageError::Conflict)))
}

/// The notice of the same debt made today, or made yesterday and still to be paid.
async fn find_demanded(
    services: &Services,
    offer: &Offer<'_>,
    debt: &DemandedDebt,
    today: NaiveDate,
) -> Result<Option<Notice>, StorageError> {
    let institution = &offer.institution.fiscal_code;
    let mut snapshot = services.store.read().await?;
    let made = list_notices_of_position(&mut snapshot, institution, &key(offer, debt, today)).await?;
    if let Some(notice) = made.into_iter().next() {
        return Ok(Some(notice));
    }
    let Some(yesterday) = today.pred_opt() else {
        return Ok(None);
    };
    let made = list_notices_of_position(&mut snapshot, institution, &key(offer, debt, yesterday)).await?;
    Ok(made.into_iter().find(|notice| judge(notice, today).is_ok()))
}

/// Why a debt was not made.
enum MakeError {
    Refused(HubRefusal),
    Stored(StorageError),
}

impl From<StorageError> for MakeError {
    fn from(error: StorageError) -> Self {
        Self::Stored(error)
    }
}

async fn make(
    services: &Services,
    offer: &Offer<'_>,
    debt: &DemandedDebt,
    today: NaiveDate,
) -> Result<Notice, MakeError> {
    let institution = &offer.institution.fiscal_code;
    let mut tx = services.store.begin().await?;
    let number = new_number(&mut tx, offer.institution).await?;
    let position = offer
        .position(debt.clone(), key(offer, debt, today), number.clone(), today)
        .map_err(|error| MakeError::Refused(HubRefusal::Demand(error.into())))?;
    insert_position(&mut tx, &position, services.clock.now()).await?;
    let notice = find_notice(&mut tx, institution, &number).await?;
    tx.commit().await?;
    notice.ok_or(MakeError::Stored(StorageError::Conflict))
}

/// Key of the position: the day, and a digest of everything that makes two demands the same.
fn key(offer: &Offer<'_>, debt: &DemandedDebt, day: NaiveDate) -> String {
    let kind = match debt.debtor.kind {
        SubjectKind::Natural => "F",
        SubjectKind::Legal => "G",
    };
    let amount = debt.amount.to_wire();
    let digest = digest_of(&[
        offer.institution.fiscal_code.as_str(),
        &offer.service.code,
        kind,
        &debt.debtor.code,
        &debt.debtor.full_name,
        &amount,
        &debt.description,
    ]);
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    format!("psp-{day}-{:032x}", u128::from_be_bytes(half))
}
