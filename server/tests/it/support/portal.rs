//! The whole service in this process, on a fresh demo city, with its clock stopped and its identifiers counted.

use app::PortalAssets;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use chrono::{DateTime, Utc};
use leptos::prelude::LeptosOptions;
use server::LoggedHub;
use server::config::Settings;
use server::demo::DemoCode;
use server::http::{AppState, build_router, portal_assets};
use server::maintenance::MaintenanceWindow;
use services::Services;
use services::applications::Applications;
use services::clock::{Clock, FrozenClock, SystemClock};
use services::directory::Directory;
use services::ids::IdSource;
use services::message_log::MessageLog;
use services::notice_lookup::NoticeLookup;
use services::rate_limit::RateLimiter;
use std::fmt::Debug;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use storage::messages::{MessageId, NewMessage, find_message};
use storage::testing::TestStore;
use tokio::net::TcpListener;
use tower::ServiceExt;

/// When everything happens: a working day before noon.
pub(crate) const NOW: &str = "2026-11-23T10:00:00Z";

/// A portal.
pub(crate) struct Portal {
    pub(crate) services: Services,
    pub(crate) assets: Arc<PortalAssets>,
    router: Router,
    ids: Arc<CountedIds>,
    // Last, so that the database goes when nobody uses it any more.
    store: TestStore,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// A header's value, empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    /// The code of the fault it holds, or its outcome.
    pub(crate) fn outcome(&self) -> &str {
        let between = |from: &str, to: &str| Some(self.text().split_once(from)?.1.split_once(to)?.0);
        between("<faultCode>", "</faultCode>")
            .or_else(|| between("<outcome>", "</outcome>"))
            .unwrap_or("none")
    }
}

/// Identifiers anybody can guess, so that tests can.
#[derive(Default)]
struct CountedIds {
    tokens: AtomicU64,
    messages: Mutex<Vec<MessageId>>,
}

impl IdSource for CountedIds {
    fn token(&self) -> String {
        format!("{:0>26}", self.tokens.fetch_add(1, Ordering::Relaxed))
    }

    fn message_id(&self, now: DateTime<Utc>) -> MessageId {
        let mut messages = self.messages.lock().unwrap();
        let id = MessageId::new(now, messages.len().to_be_bytes());
        messages.push(id);
        id
    }
}

impl Portal {
    /// A portal on SQLite.
    pub(crate) async fn start() -> Self {
        Self::on(TestStore::sqlite().await).await
    }

    /// A portal on a database of its own.
    pub(crate) async fn on(store: TestStore) -> Self {
        Box::pin(Self::with_settings(store, |_| ())).await
    }

    /// The same with planned stops of stations.
    pub(crate) async fn with_stops(store: TestStore, stops: Vec<MaintenanceWindow>) -> Self {
        Box::pin(Self::with_settings(store, |settings| {
            settings.hub.maintenance = stops;
        }))
        .await
    }

    /// A portal of today, for what other processes do on its database.
    pub(crate) async fn of_today(store: TestStore) -> Self {
        Box::pin(Self::at(store, Arc::new(SystemClock), |_| ())).await
    }

    /// A portal whose settings are not all those of the demo city.
    pub(crate) async fn with_settings(store: TestStore, change: impl FnOnce(&mut Settings)) -> Self {
        let clock = FrozenClock::at(NOW.parse().unwrap());
        Box::pin(Self::at(store, Arc::new(clock), change)).await
    }

    async fn at(store: TestStore, clock: Arc<dyn Clock>, change: impl FnOnce(&mut Settings)) -> Self {
        // Nothing listens on port 1: the hub is silent.
        let nobody = "127.0.0.1:1".parse().unwrap();
        let mut settings =
            Settings::demo("127.0.0.1:3000".parse().unwrap(), nobody, store.url().to_owned()).unwrap();
        change(&mut settings);
        let ids = Arc::new(CountedIds::default());
        let (messages, _) = MessageLog::start(store.deref().clone());
        let documents = settings.documents.open(&settings.database).unwrap();
        let services = Services {
            lookup: NoticeLookup::start(store.deref().clone()),
            store: store.deref().clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            hub: Arc::new(LoggedHub::new(&settings, messages.clone(), clock, ids.clone()).unwrap()),
            checkout: Arc::new(settings.checkout()),
            messages,
            directory: Directory::default(),
            amounts: Arc::new(settings.programs.open(&settings.outcomes).unwrap()),
            numbers: Arc::default(),
            imports: Arc::default(),
            tariffs: Arc::new(server::tariffs::demo().unwrap()),
            limits: Arc::new(RateLimiter::default()),
            applications: Applications::new(documents.keys.signing().clone()),
            documents: Arc::new(documents),
            outcomes: Arc::new(settings.outcomes.open(&settings.database).unwrap()),
            duplicate_receipt: settings.hub.duplicate_receipt,
            portal_url: Arc::from(settings.portal.base_url.as_str()),
        };
        Box::pin(server::demo::seed(&services, "127.0.0.1:1"))
            .await
            .unwrap();
        let assets = Arc::new(portal_assets().unwrap());
        let router = build_router(AppState {
            services: services.clone(),
            assets: assets.clone(),
            portal: Arc::new(settings.portal),
            trusted_proxies: settings.trusted_proxies.into(),
            maintenance: settings.hub.maintenance.into(),
            leptos: LeptosOptions::builder().output_name("frontend").build(),
        });
        Self {
            services,
            assets,
            router,
            ids,
            store,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        send(self.router.clone(), request).await
    }

    /// Opens an address as a browser does.
    pub(crate) async fn open(&self, address: &str) -> Answer {
        self.send(
            Request::get(address)
                .header(header::ACCEPT, "text/html")
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// Sends a message to the hub's endpoint.
    pub(crate) async fn tell(&self, message: impl Into<Body>) -> Answer {
        self.send(to_the_hubs_endpoint(message)).await
    }

    /// Sends messages to the hub's endpoint at the same time.
    pub(crate) async fn tell_together(&self, messages: impl Iterator<Item = String>) -> Vec<Answer> {
        let sent: Vec<_> = messages
            .map(|message| tokio::spawn(send(self.router.clone(), to_the_hubs_endpoint(message))))
            .collect();
        let mut answers = Vec::new();
        for answer in sent {
            answers.push(answer.await.unwrap());
        }
        answers
    }

    /// Serves it on a free port.
    pub(crate) async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(server::serve(
            listener,
            self.router.clone(),
            Arc::from([]),
            std::future::pending(),
        ));
        address
    }

    /// The first notice of the demo city in this state.
    pub(crate) async fn notice(&self, state: &str) -> DemoCode {
        let codes = server::demo::codes(&self.services).await.unwrap();
        codes.into_iter().find(|code| code.state == state).expect(state)
    }

    /// The address of its database.
    pub(crate) fn database(&self) -> String {
        self.store.url().to_owned()
    }

    /// How many messages were given a key so far.
    pub(crate) fn messages_begun(&self) -> usize {
        self.ids.messages.lock().unwrap().len()
    }

    /// The message that was given a key in this place, once it is stored.
    pub(crate) async fn message(&self, place: usize) -> NewMessage {
        for _ in 0..200 {
            let id = self.ids.messages.lock().unwrap().get(place).copied();
            if let Some(id) = id
                && let Some(message) = find_message(&mut self.store.glance().await.unwrap(), id)
                    .await
                    .unwrap()
            {
                return message;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("message {place} was never stored");
    }
}

fn to_the_hubs_endpoint(message: impl Into<Body>) -> Request<Body> {
    let request = Request::post("/pagopa/paForNode").header(header::CONTENT_TYPE, pagopa::SOAP_CONTENT_TYPE);
    request.body(message.into()).unwrap()
}

async fn send(router: Router, request: Request<Body>) -> Answer {
    let (head, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: head.status,
        headers: head.headers,
        body,
    }
}
