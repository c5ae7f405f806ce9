//! Marked positions sent one by one, a few at a time.

use super::plan::{Conclusion, Planned, Task, plan};
use super::{Passed, about, note, reason_of};
use crate::directory::Entries;
use crate::jobs::Stop;
use crate::{Services, Unavailable};
use domain::CreditorFiscalCode;
use domain::feed::{Reading, Said, Step, after_reading, said};
use pagopa::debt_positions::{self, Position, products};
use pagopa::gateway::{Call, Reply};
use std::sync::Arc;
use storage::position_feed;
use tokio::task::JoinSet;

/// Positions of one round.
const ROUND_MAX: u32 = 400;
/// Calls under way at once: at a tenth of a second each, enough for the 45 a second the archives take.
const LANES: usize = 8;

/// Sends the marked positions of an institution one by one.
pub(super) async fn send_each(
    services: &Services,
    institution: &CreditorFiscalCode,
) -> Result<Passed, Unavailable> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    let mut snapshot = services.store.glance().await?;
    let ids = position_feed::list_pending(&mut snapshot, institution, 0, ROUND_MAX).await?;
    drop(snapshot);
    let full = ids.len() == ROUND_MAX as usize;
    let mut lanes = JoinSet::new();
    for lane in 0..LANES {
        let own: Vec<i64> = ids.iter().copied().skip(lane).step_by(LANES).collect();
        let (services, entries) = (services.clone(), Arc::clone(&entries));
        lanes.spawn(async move { send_lane(&services, &entries, &own).await });
    }
    let mut progress = Progress::default();
    while let Some(lane) = lanes.join_next().await {
        // A lane that panicked left its marks.
        let Ok(lane) = lane else { continue };
        progress.add(lane?);
    }
    Ok(match progress {
        Progress { stop: Some(stop), .. } => Passed::Stopped(stop),
        Progress { done: 0, .. } => Passed::Nothing,
        // What did not lead where it should is looked at again at once.
        Progress { left, .. } if full || left > 0 => Passed::Some,
        Progress { .. } => Passed::All,
    })
}

#[derive(Default)]
struct Progress {
    /// Positions something was done about.
    done: usize,
    /// Those of them whose mark stays.
    left: usize,
    stop: Option<Stop>,
}

impl Progress {
    fn add(&mut self, other: Self) {
        self.done += other.done;
        self.left += other.left;
        self.stop = self.stop.take().or(other.stop);
    }
}

async fn send_lane(services: &Services, entries: &Entries, ids: &[i64]) -> Result<Progress, Unavailable> {
    let mut progress = Progress::default();
    for id in ids {
        let mut snapshot = services.store.read().await?;
        let pending = position_feed::find_pending(&mut snapshot, *id).await?;
        drop(snapshot);
        let Some(planned) =
            pending.and_then(|pending| plan(services, entries, pending, services.clock.today()))
        else {
            continue;
        };
        match send_one(services, &planned).await {
            Ok(Some(conclusion)) => {
                progress.done += 1;
                progress.left += usize::from(!conclusion.clears_mark);
                record(services, &planned, &conclusion).await?;
            }
            Ok(None) => {}
            Err(Trouble { stop, learnt }) => {
                if let Some(conclusion) = learnt {
                    record(services, &planned, &conclusion).await?;
                }
                progress.stop = Some(stop);
                break;
            }
        }
    }
    Ok(progress)
}

/// The round cannot go on.
struct Trouble {
    stop: Stop,
    /// What was learnt of this position, if anything.
    learnt: Option<Box<Conclusion>>,
}

async fn send_one(services: &Services, planned: &Planned) -> Result<Option<Conclusion>, Trouble> {
    match &planned.task {
        Task::Rest | Task::LeaveOut => Ok(Some(planned.at_rest())),
        Task::Wait => Ok(None),
        Task::Unfit(why) => Ok(Some(planned.unfit(why, services.clock.now()))),
        Task::Take(step, position) => take(services, planned, *step, position).await.map(Some),
        Task::Read(position) => read(services, planned, position).await.map(Some),
    }
}

async fn call(services: &Services, planned: &Planned, call: &Call) -> Result<Reply, Trouble> {
    let [product, _] = products(planned.fed.archive);
    services
        .hub
        .call(product, call, &about(&planned.stored.position.institution))
        .await
        .map(|answered| answered.reply)
        .map_err(|error| Trouble {
            stop: Stop::of_error(services, error),
            learnt: None,
        })
}

async fn take(
    services: &Services,
    planned: &Planned,
    step: Step,
    position: &Position,
) -> Result<Conclusion, Trouble> {
    let institution = &planned.stored.position.institution;
    let asked = match step {
        Step::Create => debt_positions::create(institution, position),
        Step::Update => debt_positions::update(institution, position),
        Step::Delete => debt_positions::delete(institution, &planned.fed.iupd),
    };
    let reply = call(services, planned, &asked).await?;
    conclude(services, planned, position, said(step, reply.status), &reply)
}

fn conclude(
    services: &Services,
    planned: &Planned,
    position: &Position,
    said: Said,
    reply: &Reply,
) -> Result<Conclusion, Trouble> {
    let fed = match said {
        // What it holds is still what was sent before.
        Said::Unclear => planned.fed.clone(),
        Said::Holds(_) | Said::Differs(_) | Said::Refuses => {
            planned.sent(position.fingerprint(), services.clock.now())
        }
    };
    let conclusion = planned.conclude(fed, said, || reason_of(reply));
    match said {
        // It says nothing of this position: the others would hear the same.
        Said::Unclear => Err(Trouble {
            stop: Stop::of_reply(services, reply),
            learnt: Some(Box::new(conclusion)),
        }),
        Said::Holds(_) | Said::Differs(_) | Said::Refuses => Ok(conclusion),
    }
}

/// Reads what the archive holds, and takes the step that follows.
async fn read(services: &Services, planned: &Planned, position: &Position) -> Result<Conclusion, Trouble> {
    let institution = &planned.stored.position.institution;
    let reply = call(
        services,
        planned,
        &debt_positions::find(institution, &planned.fed.iupd),
    )
    .await?;
    let found = match reply.status {
        404 => None,
        200 => match debt_positions::read_position(&reply) {
            Ok(listed) => Some(listed.status),
            Err(bad) => {
                let fed = planned.fed.clone();
                return Ok(planned.conclude(fed, Said::Refuses, || bad.to_string()));
            }
        },
        _ => return conclude(services, planned, position, Said::Unclear, &reply),
    };
    match after_reading(planned.wanted, found) {
        Reading::Take(step) => take(services, planned, step, position).await,
        Reading::Holds(held) => Ok(planned.conclude(planned.fed.clone(), Said::Holds(held), String::new)),
        Reading::Stuck(why) => Ok(planned.conclude(planned.fed.clone(), Said::Refuses, || why.to_owned())),
    }
}

async fn record(services: &Services, planned: &Planned, conclusion: &Conclusion) -> Result<(), Unavailable> {
    let mut tx = services.store.begin().await?;
    note(&mut tx, planned, conclusion).await?;
    tx.commit().await?;
    Ok(())
}
