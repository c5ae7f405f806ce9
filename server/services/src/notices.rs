//! What a citizen sees of a notice. Nothing here is personal: a code alone says what is owed, never by whom.

use crate::clock::Clock;
use crate::directory::Entries;
use crate::todays_amount::{Today, Wanted, refresh};
use crate::{Services, Unavailable};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use domain::{
    CreditorFiscalCode, CreditorInstitution, Iuv, Notice, NoticeNumber, NoticeStanding, service::Service,
};
use storage::{Snapshot, carts, debt_positions};
use tokio::task::JoinSet;

/// How long a payment begun here may still be going on: the life of the hub's payment token.
pub const PAYMENT_OPEN_FOR: Duration = Duration::minutes(30);

impl NoticeDetails {
    /// Whether it can be paid now: it stands so, and what is due today is known.
    pub fn is_payable(&self) -> bool {
        let stands = matches!(self.standing, NoticeStanding::Payable { .. });
        stands && !matches!(self.today, Some(Today::TryLater | Today::NothingDue { .. }))
    }
}

/// A notice with everything its page shows.
#[derive(Debug, Clone)]
pub struct NoticeDetails {
    /// The notice.
    pub notice: Notice,
    /// Where it stands today.
    pub standing: NoticeStanding,
    /// Its institution.
    pub institution: CreditorInstitution,
    /// Its service, unless it left the catalogue.
    pub service: Option<Service>,
    /// Every notice of the same position, itself included, with where each stands.
    pub siblings: Vec<(Notice, NoticeStanding)>,
    /// What the program of its service says of its amount, when one was asked.
    pub today: Option<Today>,
    /// When a payment of it was begun on this portal and may still be going on.
    pub payment_open_since: Option<DateTime<Utc>>,
}

/// Finds the notices with this number, in every institution served here. Drafts do not exist for citizens.
pub async fn find_notices_by_number(
    services: &Services,
    number: &NoticeNumber,
) -> Result<Vec<Notice>, Unavailable> {
    let mut snapshot = services.store.glance().await?;
    let notices = debt_positions::find_notices_by_number(&mut snapshot, number).await?;
    Ok(published(notices, services.clock.today()))
}

/// Finds the notices with this payment reference, in every institution served here.
pub async fn find_notices_by_iuv(services: &Services, iuv: &Iuv) -> Result<Vec<Notice>, Unavailable> {
    let mut snapshot = services.store.glance().await?;
    let notices = debt_positions::find_notices_by_iuv(&mut snapshot, iuv).await?;
    Ok(published(notices, services.clock.today()))
}

fn published(notices: Vec<Notice>, today: NaiveDate) -> Vec<Notice> {
    notices
        .into_iter()
        .filter(|notice| notice.standing(today) != NoticeStanding::Unpublished)
        .collect()
}

/// Finds one notice with all its page shows, `None` when no such notice is known outside.
pub async fn find_notice_details(
    services: &Services,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
) -> Result<Option<NoticeDetails>, Unavailable> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let mut snapshot = services.store.read().await?;
    let details = read_details(&mut snapshot, &entries, &*services.clock, institution, number).await?;
    drop(snapshot);
    let [details] = bring_to_today(services, &entries, [details]).await?;
    Ok(details)
}

/// Brings notices to today's amounts, where programs say them; they are asked at once.
pub(crate) async fn bring_to_today<Found>(
    services: &Services,
    entries: &Entries,
    mut found: Found,
) -> Result<Found, Unavailable>
where
    Found: AsMut<[Option<NoticeDetails>]>,
{
    let mut questions = JoinSet::new();
    for (place, details) in found.as_mut().iter().enumerate() {
        let Some(details) = details else { continue };
        if details
            .service
            .as_ref()
            .is_some_and(|service| service.todays_amount.is_some())
        {
            let (services, notice, service) =
                (services.clone(), details.notice.clone(), details.service.clone());
            questions.spawn(async move {
                let today = refresh(&services, service.as_ref(), &notice, Wanted::Page).await;
                (place, notice, today)
            });
        }
    }
    if questions.is_empty() {
        return Ok(found);
    }
    for (place, notice, today) in questions.join_all().await {
        let Some(today) = today? else { continue };
        let mut snapshot = services.store.read().await?;
        let (institution, number) = (&notice.institution, &notice.number);
        let details = read_details(&mut snapshot, entries, &*services.clock, institution, number).await?;
        found.as_mut()[place] = details.map(|details| NoticeDetails {
            today: Some(today),
            ..details
        });
    }
    Ok(found)
}

pub(crate) async fn read_details(
    snapshot: &mut Snapshot,
    entries: &Entries,
    clock: &dyn Clock,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
) -> Result<Option<NoticeDetails>, storage::StorageError> {
    let today = clock.today();
    let Some(served) = entries.institution(institution) else {
        return Ok(None);
    };
    let Some(notice) = debt_positions::find_notice(snapshot, institution, number).await? else {
        return Ok(None);
    };
    let standing = notice.standing(today);
    if standing == NoticeStanding::Unpublished {
        return Ok(None);
    }
    let siblings = debt_positions::list_notices_of_position(snapshot, institution, &notice.position_key)
        .await?
        .into_iter()
        .map(|sibling| {
            let standing = sibling.standing(today);
            (sibling, standing)
        })
        .collect();
    let payment_open_since = match standing {
        NoticeStanding::Payable { .. } => {
            carts::find_open_handoff(snapshot, institution, number, clock.now() - PAYMENT_OPEN_FOR).await?
        }
        NoticeStanding::NotYetPayable { .. }
        | NoticeStanding::Paid { .. }
        | NoticeStanding::OtherOptionChosen
        | NoticeStanding::Cancelled
        | NoticeStanding::Replaced { .. }
        | NoticeStanding::Expired
        | NoticeStanding::Unpublished => None,
    };
    Ok(Some(NoticeDetails {
        institution: served.clone(),
        service: entries.service(institution, &notice.service).cloned(),
        notice,
        standing,
        siblings,
        today: None,
        payment_open_since,
    }))
}
