//! `lanterna serve`

use super::{demo, say};
use crate::catalogue::Catalogue;
use crate::cli::Serve;
use crate::config::{DEFAULT_DATABASE, DEFAULT_LISTEN, DoorSettings, Settings, without_password};
use crate::http::{
    AppState, build_api_router, build_hub_router, build_public_router, build_router, portal_assets,
};
use crate::mutual_tls::{FILES_LOOKED_AT_EVERY, MutualTls};
use crate::{LoggedHub, demo_certificates, jobs, telemetry};
use anyhow::{Context, Result};
use axum::Router;
use leptos::prelude::LeptosOptions;
use services::Services;
use services::applications::Applications;
use services::clock::SystemClock;
use services::directory::Directory;
use services::ids::RandomIds;
use services::message_log::MessageLog;
use services::notice_lookup::NoticeLookup;
use services::rate_limit::RateLimiter;
use services::tariffs::TariffBook;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use storage::{StorageError, Store, StoreOptions};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

/// Codes of the demo printed when it starts.
const CODES_SHOWN: [usize; 6] = [0, 1, 3, 6, 9, 23];

/// Runs the server until interrupted.
pub(super) async fn serve(arguments: Serve) -> Result<()> {
    telemetry::start(arguments.json_log);
    let settings = settings(&arguments)?;
    let (catalogue, tariffs) = catalogue(&settings, arguments.demo)?;
    if let Some(catalogue) = &catalogue {
        settings
            .programs
            .check_services(&catalogue.services, &settings.outcomes)?;
    }
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("cannot listen on {}: is another server there?", settings.listen))?;
    // A port of 0 was chosen by the system: from here on the real one counts.
    let listen = listener.local_addr()?;
    let hub_door = match settings.hub_listener.clone() {
        Some(settings) => Some(Door::open(settings.into()).await?),
        None => None,
    };
    let api_door = match settings.api_listener.clone() {
        Some(settings) => Some(Door::open(settings.into()).await?),
        None => None,
    };

    let store = open_archive(&settings.database, arguments.demo).await?;
    let (messages, log) = MessageLog::start(store.clone());
    let services = use_cases(&settings, store, messages, tariffs)?;
    if let Some(catalogue) = &catalogue {
        catalogue.store(&services).await?;
    }
    let sandbox = if arguments.demo {
        let station = match &hub_door {
            Some(door) => format!("https://{}", door.listen),
            None => format!("http://{listen}"),
        };
        Some(start_demo(&services, &arguments, listen, &station).await?)
    } else {
        None
    };

    let trusted_proxies: Arc<[IpAddr]> = settings.trusted_proxies.into();
    let state = AppState {
        services: services.clone(),
        assets: Arc::new(portal_assets()?),
        portal: Arc::new(settings.portal),
        trusted_proxies: Arc::clone(&trusted_proxies),
        maintenance: settings.hub.maintenance.into(),
        leptos: LeptosOptions::builder()
            .output_name("frontend")
            .site_addr(listen)
            .build(),
    };
    let jobs = tokio::spawn(jobs::run(services, settings.imports.watched()));
    let public = if hub_door.is_some() && !settings.hub_on_public_listener {
        build_public_router(state.clone())
    } else {
        build_router(state.clone())
    };
    let hub = async {
        if let Some(door) = hub_door {
            door.serve(build_hub_router(state.clone()), &state).await;
        }
    };
    let programs = async {
        if let Some(door) = api_door {
            door.serve(build_api_router(state.clone()), &state).await;
        }
    };
    tracing::info!("portal on http://{listen}");
    tokio::join!(
        crate::serve(listener, public, trusted_proxies, interrupted()),
        hub,
        programs
    );
    jobs.abort();
    // Whoever logged is gone: the writer stores what is left and ends.
    if tokio::time::timeout(Duration::from_secs(10), log).await.is_err() {
        tracing::warn!("the message log was still writing when the server stopped");
    }
    drop(sandbox);
    Ok(())
}

/// Opens the archive; that of a demo is made and brought up to date.
async fn open_archive(database: &str, is_demo: bool) -> Result<Store> {
    let options = StoreOptions {
        create_missing: is_demo,
        ..StoreOptions::default()
    };
    let open = async {
        let store = Store::connect(database, options).await?;
        if is_demo {
            store.migrate().await?;
        }
        store.check().await?;
        Ok::<_, StorageError>(store)
    };
    open.await
        .with_context(|| format!("archive {}", without_password(database)))
}

/// The use cases, over the archive and what the settings name.
fn use_cases(
    settings: &Settings,
    store: Store,
    messages: MessageLog,
    tariffs: TariffBook,
) -> Result<Services> {
    let clock = Arc::new(SystemClock);
    let ids = Arc::new(RandomIds);
    let documents = settings.documents.open(&settings.database)?;
    Ok(Services {
        lookup: NoticeLookup::start(store.clone()),
        hub: Arc::new(LoggedHub::new(
            settings,
            messages.clone(),
            clock.clone(),
            ids.clone(),
        )?),
        checkout: Arc::new(settings.checkout()),
        store,
        clock,
        ids,
        messages,
        directory: Directory::default(),
        numbers: Arc::default(),
        imports: Arc::new(settings.imports.imports()),
        tariffs: Arc::new(tariffs),
        amounts: Arc::new(settings.programs.open(&settings.outcomes)?),
        limits: Arc::new(RateLimiter::default()),
        applications: Applications::new(documents.keys.signing().clone()),
        documents: Arc::new(documents),
        outcomes: Arc::new(settings.outcomes.open(&settings.database)?),
        duplicate_receipt: settings.hub.duplicate_receipt,
        portal_url: Arc::from(settings.portal.base_url.as_str()),
    })
}

/// A listener with mutual TLS, bound and with its certificates read.
struct Door {
    listener: TcpListener,
    listen: SocketAddr,
    tls: MutualTls,
}

impl Door {
    async fn open(settings: DoorSettings) -> Result<Self> {
        let listener = TcpListener::bind(settings.listen).await.with_context(|| {
            format!(
                "cannot listen on {} ({}.listen): is another server there?",
                settings.listen, settings.section
            )
        })?;
        let listen = listener.local_addr()?;
        let (endpoint, path) = settings.endpoint;
        let tls = MutualTls::start(settings)?;
        tracing::info!("{endpoint} on https://{listen}{path}");
        Ok(Self {
            listener,
            listen,
            tls,
        })
    }

    /// Serves until the process is asked to stop.
    async fn serve(self, router: Router, state: &AppState) {
        let credentials = self.tls.server();
        let clock = state.services.clock.clone();
        let following = tokio::spawn(self.tls.follow(clock, FILES_LOOKED_AT_EVERY));
        crate::serve_mutual_tls(self.listener, router, credentials, interrupted()).await;
        following.abort();
    }
}

/// The catalogue to bring the archive to, and the tariffs. The demo city's is stored with its debts.
fn catalogue(settings: &Settings, demo: bool) -> Result<(Option<Catalogue>, TariffBook)> {
    match &settings.catalogue {
        Some(folder) => {
            Catalogue::read_with_tariffs(folder).map(|(catalogue, tariffs)| (Some(catalogue), tariffs))
        }
        None if demo => Ok((None, crate::tariffs::demo()?)),
        None => Ok((None, TariffBook::default())),
    }
}

fn settings(arguments: &Serve) -> Result<Settings> {
    let mut settings = match &arguments.config {
        Some(path) if !arguments.demo => Settings::read(path)?,
        _ => {
            let listen = arguments.listen.unwrap_or(DEFAULT_LISTEN.parse()?);
            let database = arguments
                .database
                .clone()
                .unwrap_or_else(|| DEFAULT_DATABASE.to_owned());
            let mut settings = Settings::demo(listen, arguments.sandbox_listen, database)?;
            settings.hub_listener = arguments
                .hub_certificates
                .as_deref()
                .map(|folder| demo_certificates::hub_listener(folder, arguments.hub_listen));
            settings
        }
    };
    if let Some(listen) = arguments.listen {
        settings.listen = listen;
    }
    if let Some(database) = &arguments.database {
        settings.database.clone_from(database);
    }
    Ok(settings)
}

/// Fills the archive if it is empty, starts the sandbox hub as a process of its own, and says what to try.
async fn start_demo(
    services: &Services,
    arguments: &Serve,
    listen: SocketAddr,
    station: &str,
) -> Result<Child> {
    crate::demo::seed(services, &arguments.sandbox_listen.to_string())
        .await
        .context("cannot fill the archive with the demo city")?;
    let certificates = arguments
        .hub_certificates
        .as_deref()
        .map(demo_certificates::sandbox_arguments);
    let certificates = certificates.into_iter().flatten();
    let sandbox = Command::new(std::env::current_exe()?)
        .arg("sandbox")
        .args(["--listen", &arguments.sandbox_listen.to_string()])
        .args(["--station-url", &format!("{station}/pagopa/paForNode")])
        .args(certificates)
        .kill_on_drop(true)
        .spawn()
        .context("cannot start the sandbox hub")?;
    let codes = crate::demo::codes(services).await?;
    say("\nCodes to try:\n");
    for code in CODES_SHOWN.into_iter().filter_map(|place| codes.get(place)) {
        say(&format!("  {}", demo::line(code)));
    }
    say(&format!(
        "\nAll of them: lanterna demo codes\nPortal:      http://{listen}\nSandbox hub: http://{}\n\
         Programs:    http://{listen}/api/v1/ (lanterna demo application gives an id and a secret)\n",
        arguments.sandbox_listen
    ));
    Ok(sandbox)
}

/// Ends when the process is asked to stop.
pub(super) async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
