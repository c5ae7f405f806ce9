//! Whatever comes, in whatever order and from however many servers at once, leaves each position in the one right state
//! and each receipt kept once. Right is what [`model`] says.

mod model;

use crate::support::{City, addressed, code, number, position_of, receipt};
use chrono::Days;
use domain::debt_position::DebtPositionEvent;
use domain::{Cents, DebtPosition, OptionKind};
use model::{Act, Model, Place, Position, Seen, Shape};
use pagopa::pa_for_node::{Edition, Head, send_rt};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{TestError, TestRunner};
use services::Services;
use services::clock::Clock;
use services::expiry::record_expired_positions;
use services::hub_requests::{HubRefusal, prepare_payment, verify_notice};
use services::receipts::{Taken, list_receipts_of_notice, take_receipt};
use sha2::{Digest, Sha256};
use storage::testing::TestStore;
use storage::{StorageError, debt_positions};

/// Stories told on each engine: a few seconds.
const STORIES: u32 = 200;
/// Notices of one story, at most; the numbers after them are nobody's.
const NOTICES_MAX: u64 = 50;

/// A step of a story.
#[derive(Debug, Clone)]
enum Step {
    /// Acts that happen at once, each on one of two servers.
    AtOnce(Vec<(bool, Drawn)>),
    /// Days that go by.
    Days(u8),
}

/// An act whose notice or position is still to be chosen among the story's.
#[derive(Debug, Clone)]
enum Drawn {
    Verify(Index),
    Get(Index),
    Deliver(u8, Index, bool),
    Cancel(Index),
    Sweep,
}

fn shapes() -> impl Strategy<Value = Vec<Shape>> {
    let options = prop::sample::select(vec![vec![1], vec![1, 1], vec![2], vec![1, 3], vec![1, 1, 2]]);
    let shape =
        (options, prop::option::weighted(0.6, 0..6_u8)).prop_map(|(options, payable_for_days)| Shape {
            options,
            payable_for_days,
        });
    prop::collection::vec(shape, 1..=3)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let drawn = prop_oneof![
        2 => any::<Index>().prop_map(Drawn::Verify),
        1 => any::<Index>().prop_map(Drawn::Get),
        6 => (0..6_u8, any::<Index>(), any::<bool>()).prop_map(|(id, notice, second)| Drawn::Deliver(id, notice, second)),
        1 => any::<Index>().prop_map(Drawn::Cancel),
        1 => Just(Drawn::Sweep),
    ];
    let step = prop_oneof![
        5 => prop::collection::vec((any::<bool>(), drawn), 1..=4).prop_map(Step::AtOnce),
        1 => (1..4_u8).prop_map(Step::Days),
    ];
    prop::collection::vec(step, 1..=8)
}

#[test]
fn any_interleaving_leaves_each_position_in_the_one_right_state_on_sqlite() {
    let runtime = runtime();
    let store = runtime.block_on(TestStore::sqlite());
    tell_stories(&runtime, store);
}

#[test]
fn any_interleaving_leaves_each_position_in_the_one_right_state_on_postgresql() {
    let runtime = runtime();
    if let Some(store) = runtime.block_on(TestStore::postgres()) {
        tell_stories(&runtime, store);
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

fn tell_stories(runtime: &tokio::runtime::Runtime, store: TestStore) {
    let city = runtime.block_on(City::on(store));
    let servers = [city.services.clone(), runtime.block_on(city.another_server())];
    let mut config = ProptestConfig::with_source_file(file!());
    config.cases = STORIES;
    config.max_shrink_iters = 300;
    let told = std::cell::Cell::new(0);
    let outcome = TestRunner::new(config).run(&(shapes(), steps()), |(shapes, steps)| {
        told.set(told.get() + 1);
        runtime.block_on(tell(&city, &servers, told.get(), &shapes, &steps))
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, told)) => panic!("{why}\n{told:#?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

/// The notices and positions of one story: all stories share an archive, none a notice.
struct Cast {
    story: u64,
    places: Vec<Place>,
    positions: Vec<DebtPosition>,
}

impl Cast {
    fn new(story: u64, shapes: &[Shape], city: &City) -> Self {
        let mut places = Vec::new();
        let mut positions = Vec::new();
        for (position, shape) in shapes.iter().enumerate() {
            let mut options = Vec::new();
            for (option, count) in shape.options.iter().enumerate() {
                let mut bases = Vec::new();
                for instalment in 0..*count {
                    bases.push(story * NOTICES_MAX + u64::try_from(places.len()).unwrap());
                    places.push(Place {
                        position,
                        option,
                        instalment,
                    });
                }
                let kind = if *count > 1 {
                    OptionKind::InstalmentPlan
                } else {
                    OptionKind::Whole
                };
                options.push((kind, bases));
            }
            let options: Vec<_> = options.iter().map(|(kind, bases)| (*kind, &bases[..])).collect();
            let mut made = position_of(&options);
            for option in &mut made.options {
                for (place, instalment) in option.instalments.iter_mut().enumerate() {
                    let last = Position::last_day(shape.payable_for_days, place);
                    instalment.payable_until = last.map(|days| city.clock.today() + Days::new(days.into()));
                    instalment.due_on = instalment.payable_until;
                }
            }
            positions.push(made);
        }
        Self {
            story,
            places,
            positions,
        }
    }

    fn act(&self, drawn: &Drawn) -> Act {
        // One more than there are: a notice nobody knows.
        let place = |index: &Index| self.places.get(index.index(self.places.len() + 1)).copied();
        match drawn {
            Drawn::Verify(index) => Act::Verify(place(index)),
            Drawn::Get(index) => Act::Get(place(index)),
            Drawn::Deliver(receipt, index, second_edition) => Act::Deliver {
                receipt: *receipt,
                pays: place(index),
                second_edition: *second_edition,
            },
            Drawn::Cancel(index) => Act::Cancel(index.index(self.positions.len())),
            Drawn::Sweep => Act::Sweep,
        }
    }

    fn base(&self, place: Option<Place>) -> u64 {
        let among = place.and_then(|place| self.places.iter().position(|other| *other == place));
        self.story * NOTICES_MAX + among.map_or(NOTICES_MAX - 1, |among| u64::try_from(among).unwrap())
    }

    fn receipt_id(&self, receipt: u8) -> String {
        format!("story-{}-{receipt}", self.story)
    }
}

async fn tell(
    city: &City,
    servers: &[Services; 2],
    story: u64,
    shapes: &[Shape],
    steps: &[Step],
) -> Result<(), TestCaseError> {
    let cast = std::sync::Arc::new(Cast::new(story, shapes, city));
    for position in &cast.positions {
        city.owes(position).await;
    }
    let mut possible = vec![Model::new(shapes)];
    for step in steps {
        match step {
            Step::Days(days) => {
                city.clock.advance(chrono::Duration::days((*days).into()));
                for model in &mut possible {
                    model.days_gone += u16::from(*days);
                }
            }
            Step::AtOnce(drawn) => {
                let mut tasks = tokio::task::JoinSet::new();
                for (second, drawn) in drawn {
                    let services = servers[usize::from(*second)].clone();
                    let (cast, act) = (cast.clone(), cast.act(drawn));
                    tasks.spawn(async move { (act, perform(&services, &cast, act).await) });
                }
                let seen = split_sweeps(&tasks.join_all().await, shapes.len());
                let mut after = Vec::new();
                for model in &possible {
                    model.after(&seen, &mut after);
                }
                prop_assert!(
                    !after.is_empty(),
                    "no order explains {seen:?} after {possible:#?}"
                );
                possible = after;
            }
        }
    }
    let found = look(&servers[0], &cast).await;
    let expected: Vec<_> = possible.iter().map(|model| expect(model, &cast)).collect();
    prop_assert!(
        expected.contains(&found),
        "found {found:#?}\nexpected one of {expected:#?}"
    );
    Ok(())
}

/// A sweep is a transaction for each position: others may come between.
fn split_sweeps(acts: &[(Act, Seen)], positions: usize) -> Vec<(Act, Seen)> {
    acts.iter()
        .flat_map(|(act, seen)| match act {
            Act::Sweep => (0..positions)
                .map(|place| (Act::SweepOne(place), *seen))
                .collect(),
            Act::Verify(_) | Act::Get(_) | Act::Deliver { .. } | Act::Cancel(_) | Act::SweepOne(_) => {
                vec![(*act, *seen)]
            }
        })
        .collect()
}

/// Does an act on a server. Returns what is seen of it.
async fn perform(services: &Services, cast: &Cast, act: Act) -> Seen {
    let to = addressed();
    match act {
        Act::Verify(place) => {
            let asked = verify_notice(services, &to, &to.institution, &number(cast.base(place))).await;
            asked.map_or_else(|refusal| refused(&refusal), |_| "payable")
        }
        Act::Get(place) => {
            let asked = prepare_payment(services, &to, &to.institution, &number(cast.base(place))).await;
            asked.map_or_else(|refusal| refused(&refusal), |_| "payable")
        }
        Act::Deliver {
            receipt,
            pays,
            second_edition,
        } => deliver(services, cast, receipt, pays, second_edition).await,
        Act::Cancel(position) => cancel(services, &cast.positions[position]).await,
        Act::Sweep | Act::SweepOne(_) => {
            record_expired_positions(services).await.unwrap();
            "swept"
        }
    }
}

fn refused(refusal: &HubRefusal) -> Seen {
    match refusal {
        HubRefusal::UnknownNotice => "unknown",
        HubRefusal::Paid => "paid",
        HubRefusal::Withdrawn => "withdrawn",
        HubRefusal::Expired => "expired",
        HubRefusal::NothingDue | HubRefusal::TryLater => "not today",
        HubRefusal::UnknownInstitution | HubRefusal::WrongBroker | HubRefusal::WrongStation => "misaddressed",
        HubRefusal::ServiceNotOffered | HubRefusal::Demand(_) => "not demanded",
        HubRefusal::DuplicateReceipt => "duplicate",
        HubRefusal::Unavailable(_) => "unavailable",
    }
}

/// Writes a receipt as the hub does, reads it as the endpoint does, and takes it.
async fn deliver(
    services: &Services,
    cast: &Cast,
    id: u8,
    pays: Option<Place>,
    second_edition: bool,
) -> Seen {
    let to = addressed();
    let sent = send_rt::Request {
        edition: if second_edition {
            Edition::Second
        } else {
            Edition::First
        },
        head: Head {
            institution: to.institution,
            broker: to.broker,
            station: to.station,
        },
        receipt: receipt(&cast.receipt_id(id), cast.base(pays)),
    };
    let message = sent.write();
    let message_id = crate::support::record_message(services, message.as_bytes()).await;
    let read = send_rt::Request::read(message.as_bytes()).unwrap();
    let digest = Sha256::digest(message.as_bytes()).into();
    match take_receipt(services, message_id, &read.receipt, digest)
        .await
        .unwrap()
    {
        Taken::New(effect) => effect.as_str(),
        Taken::Repeated => "repeated",
        Taken::RepeatedDifferently => "repeated differently",
    }
}

/// Withdraws a position, again when somebody else moved it meanwhile.
async fn cancel(services: &Services, position: &DebtPosition) -> Seen {
    loop {
        let now = services.clock.now();
        let mut tx = services.store.begin().await.unwrap();
        let stored = debt_positions::find_position(&mut tx, &position.institution, &position.key)
            .await
            .unwrap()
            .unwrap();
        let event = DebtPositionEvent::Cancelled { at: now };
        let Ok(after) = stored.position.apply(&event) else {
            return "refused";
        };
        match debt_positions::transition_position(&mut tx, &stored, &after, &event, now).await {
            Ok(()) => {
                tx.commit().await.unwrap();
                return "cancelled";
            }
            Err(StorageError::Conflict) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// What the archive must hold at the end of a story: for each position its state, how often it moved, how many events
/// its history has, and who paid each notice; for each notice, and for the one nobody knows, its receipts.
#[derive(Debug, PartialEq, Eq)]
struct Archive {
    positions: Vec<(String, i64, i64, Vec<Option<String>>)>,
    receipts: Vec<Vec<(String, Seen)>>,
}

fn expect(model: &Model, cast: &Cast) -> Archive {
    let position = |position: &Position| {
        let payers = position.paid_by.iter().flatten();
        (
            position.state().to_owned(),
            position.moves,
            position.moves,
            payers.map(|payer| payer.map(|id| cast.receipt_id(id))).collect(),
        )
    };
    let receipts = cast
        .places
        .iter()
        .map(|place| Some(*place))
        .chain([None])
        .map(|place| {
            let kept = model.receipts.iter().filter(|(_, kept)| kept.pays == place);
            kept.map(|(id, kept)| (cast.receipt_id(*id), kept.effect))
                .collect()
        });
    Archive {
        positions: model.positions.iter().map(position).collect(),
        receipts: receipts.collect(),
    }
}

async fn look(services: &Services, cast: &Cast) -> Archive {
    let mut snapshot = services.store.read().await.unwrap();
    let mut positions = Vec::new();
    for position in &cast.positions {
        let stored = debt_positions::find_position(&mut snapshot, &position.institution, &position.key)
            .await
            .unwrap()
            .unwrap();
        let events = debt_positions::list_position_events(&mut snapshot, stored.id)
            .await
            .unwrap();
        let payers = stored.position.instalments().map(|(_, _, instalment)| {
            instalment
                .payment
                .as_ref()
                .map(|payment| payment.receipt_id.to_string())
        });
        positions.push((
            stored.position.status.as_str().to_owned(),
            stored.version,
            i64::try_from(events.len()).unwrap(),
            payers.collect(),
        ));
    }
    let mut receipts = Vec::new();
    for place in cast.places.iter().map(|place| Some(*place)).chain([None]) {
        let number = number(cast.base(place));
        let kept = list_receipts_of_notice(services, &code(crate::support::CITY), &number)
            .await
            .unwrap();
        assert!(kept.iter().all(|kept| kept.receipt.amount == Cents::new(12_050)));
        let mut kept: Vec<_> = kept
            .iter()
            .map(|kept| (kept.receipt.id.to_string(), kept.effect.as_str()))
            .collect();
        kept.sort();
        receipts.push(kept);
    }
    Archive { positions, receipts }
}
