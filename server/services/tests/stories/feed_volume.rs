//! A night's feeding, measured: `cargo test --release -p services --test stories -- --ignored --nocapture a_night`.
//! The archive here only counts, at the real one's pace of one bulk call a second; what is measured is everything of
//! ours, on SQLite.

use crate::archive::{answer, unzip};
use crate::support::{City, cities, kept_nowhere, position};
use pagopa::gateway::{Call, Product, Reply};
use serde_json::{Value, json};
use services::clock::SystemClock;
use services::feed::{feed_status, schedule};
use services::hub::{Calling, HubGateway};
use services::jobs::{JobKind, drain};
use services::message_log::About;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use storage::debt_positions;
use tokio::time::Interval;

/// Positions fed when `LANTERNA_FEED_POSITIONS` does not say otherwise.
const POSITIONS: u64 = 1_000_000;

struct CountingArchive {
    turns: tokio::sync::Mutex<Interval>,
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    calls: u64,
    zip_bytes: u64,
    files: BTreeMap<String, usize>,
}

impl CountingArchive {
    fn reply(&self, call: &Call) -> Reply {
        let mut counted = self.counted.lock().unwrap();
        counted.calls += 1;
        if let [.., file, "report"] = call
            .path
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .as_slice()
        {
            let count = counted.files[*file];
            return answer(
                200,
                &json!({ "submittedItem": count, "processedItem": count, "responses": [] }),
            );
        }
        counted.zip_bytes += call.bytes().len() as u64;
        let positions = unzip(call)["paymentPositions"].as_array().unwrap().len();
        let id = counted.files.len().to_string();
        let location = format!("debtpositions/file/{id}/status");
        counted.files.insert(id, positions);
        Reply {
            location: Some(location),
            retry_after: Some(1),
            ..answer(202, &Value::Null)
        }
    }
}

impl HubGateway for CountingArchive {
    fn call<'a>(&'a self, _: Product, call: &'a Call, _: &'a About) -> Calling<'a> {
        Box::pin(async {
            self.turns.lock().await.tick().await;
            Ok(kept_nowhere(self.reply(call)))
        })
    }

    fn offers(&self, product: Product) -> bool {
        matches!(product, Product::Aca | Product::AcaBulk)
    }
}

async fn fill(city: &City, count: u64) {
    let mut base = 1;
    while base <= count {
        let mut tx = city.services.store.begin().await.unwrap();
        for base in base..=count.min(base + 9_999) {
            debt_positions::insert_position(&mut tx, &position(base), city.services.clock.now())
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        base += 10_000;
    }
}

#[expect(clippy::disallowed_methods, reason = "whoever measures says how much")]
fn positions() -> u64 {
    std::env::var("LANTERNA_FEED_POSITIONS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(POSITIONS)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: a measurement"]
async fn a_night_is_enough_for_a_million_positions() {
    let say = |text: String| writeln!(std::io::stderr(), "{text}").unwrap();
    let mut city = cities().await.remove(0);
    city.services.clock = Arc::new(SystemClock);
    let count = positions();
    let begun = Instant::now();
    fill(&city, count).await;
    say(format!("{count} positions loaded in {:.0?}", begun.elapsed()));

    let archive = Arc::new(CountingArchive {
        turns: tokio::sync::Mutex::new(tokio::time::interval(Duration::from_secs(1))),
        counted: Mutex::default(),
    });
    city.services.hub = archive.clone();
    let begun = Instant::now();
    loop {
        schedule(&city.services).await.unwrap();
        drain(&city.services, &JobKind::FEED, "worker", 10).await.unwrap();
        let (institutions, jobs) = feed_status(&city.services).await.unwrap();
        if institutions[0].pending == 0 && jobs.is_empty() {
            break;
        }
    }
    let took = begun.elapsed();
    let counted = archive.counted.lock().unwrap();
    let sent: usize = counted.files.values().sum();
    say(format!(
        "{sent} positions told in {took:.0?}: {} files, {} calls, {} bytes of ZIP, {} each",
        counted.files.len(),
        counted.calls,
        counted.zip_bytes,
        counted.zip_bytes / sent as u64
    ));
    assert_eq!(sent as u64, count);
    assert!(took < Duration::from_hours(8));
}
