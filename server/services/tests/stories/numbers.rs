//! Two servers on one archive give out numbers at once, and one of them dies on the way: none comes twice.

use crate::support::*;
use domain::{CreditorInstitution, NoticeNumber};
use services::Services;
use std::collections::HashSet;
use std::time::Instant;
use storage::institutions;
use storage::testing::TestStore;
use tokio::task::JoinSet;

/// Tasks of each server that ask for numbers at once.
const TASKS: usize = 8;
/// The most numbers one position asks for: an instalment plan.
const PLAN: usize = 99;

async fn institution_of(services: &Services) -> CreditorInstitution {
    let mut snapshot = services.store.read().await.unwrap();
    let mut listed = institutions::list_institutions(&mut snapshot).await.unwrap();
    listed.remove(0)
}

/// Takes `count` numbers as the use cases take them: for positions of one notice, of two, of a whole plan.
async fn take(services: Services, institution: CreditorInstitution, count: usize) -> Vec<NoticeNumber> {
    let mut taken = Vec::with_capacity(count);
    for wanted in [1, 2, 1, PLAN, 12].into_iter().cycle() {
        let wanted = wanted.min(count - taken.len());
        if wanted == 0 {
            break;
        }
        services
            .numbers
            .prepare(&services, &institution.fiscal_code, wanted)
            .await
            .unwrap();
        // Another task may have taken what was prepared: then it is prepared again.
        taken.extend(services.numbers.take(&institution, wanted).into_iter().flatten());
    }
    taken
}

/// Has two servers give out `count` numbers together. At a third of the way one is killed, with its blocks begun, and a
/// new one takes its place.
async fn race(city: &City, count: usize) {
    let institution = institution_of(&city.services).await;
    let each = count.div_ceil(2 * TASKS);
    let set_off = |services: &Services, each: usize| {
        let mut tasks = JoinSet::new();
        for _ in 0..TASKS {
            tasks.spawn(take(services.clone(), institution.clone(), each));
        }
        tasks
    };
    let steady = set_off(&city.another_server().await, each);
    let doomed = city.another_server().await;
    let before = set_off(&doomed, each / 3).join_all().await;
    // It is in the middle of more when it dies: what it had taken then was told to nobody.
    let mut cut_off = set_off(&doomed, each);
    tokio::task::yield_now().await;
    cut_off.shutdown().await;
    drop(doomed);
    let after = set_off(&city.another_server().await, each - each / 3)
        .join_all()
        .await;

    let given: Vec<NoticeNumber> = steady
        .join_all()
        .await
        .into_iter()
        .chain(before)
        .chain(after)
        .flatten()
        .collect();
    assert!(given.len() >= count, "{} of {count}", given.len());
    let different: HashSet<&NoticeNumber> = given.iter().collect();
    assert_eq!(different.len(), given.len(), "numbers were given out twice");
    let references: HashSet<_> = given.iter().map(NoticeNumber::iuv).collect();
    assert_eq!(
        references.len(),
        given.len(),
        "payment references were given out twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_give_out_twenty_thousand_numbers_and_none_twice() {
    for city in cities().await {
        race(&city, 20_000).await;
    }
}

/// `server/storage/tests/with-postgres cargo test --release -p services --test stories a_million -- --ignored --nocapture`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn two_servers_give_out_a_million_numbers_and_none_twice() {
    let store = TestStore::postgres()
        .await
        .expect("LANTERNA_TEST_POSTGRES names a server");
    let city = City::on(store).await;
    let begun = Instant::now();
    race(&city, 1_000_000).await;
    println!(
        "a million numbers from two servers on PostgreSQL: {:.1?}",
        begun.elapsed()
    );
}
