//! The files are looked at again and again, so that a renewed certificate needs no restart.

use super::Credentials;
use crate::config::DoorSettings;
use anyhow::Result;
use rustls::ServerConfig;
use services::clock::Clock;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

/// How often the files are looked at.
pub const FILES_LOOKED_AT_EVERY: Duration = Duration::from_secs(30);
/// How often certificates that end soon are spoken of.
const REMINDED_EVERY: Duration = Duration::from_hours(24);

/// When a file was changed, and its length; nothing for one that cannot be seen.
type Stamp = Option<(SystemTime, u64)>;

/// The credentials in force.
pub struct MutualTls {
    settings: DoorSettings,
    credentials: Credentials,
    stamps: [Stamp; 3],
    server: watch::Sender<Arc<ServerConfig>>,
}

impl MutualTls {
    /// Reads the files for the first time.
    pub fn start(settings: impl Into<DoorSettings>) -> Result<Self> {
        let settings = settings.into();
        // Before the files themselves: what changes meanwhile is read again.
        let stamps = stamps(&settings);
        let credentials = Credentials::of(&settings)?;
        let (server, _) = watch::channel(Arc::clone(&credentials.server));
        Ok(Self {
            settings,
            credentials,
            stamps,
            server,
        })
    }

    /// How connections are taken, now and after each change.
    pub fn server(&self) -> watch::Receiver<Arc<ServerConfig>> {
        self.server.subscribe()
    }

    /// Looks at the files every so often, and at once when the process gets `SIGHUP`, for ever.
    pub async fn follow(mut self, clock: Arc<dyn Clock>, every: Duration) {
        use tokio::signal::unix::{SignalKind, signal};
        let mut hang_ups = signal(SignalKind::hangup()).ok();
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut reminded: Option<Instant> = None;
        loop {
            if reminded.is_none_or(|at| at.elapsed() >= REMINDED_EVERY) {
                self.remind(&*clock);
                reminded = Some(Instant::now());
            }
            let asked = async {
                match &mut hang_ups {
                    Some(hang_ups) => drop(hang_ups.recv().await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = asked => self.reload(),
                _ = ticks.tick() => {
                    if stamps(&self.settings) != self.stamps {
                        self.reload();
                    }
                }
            }
        }
    }

    /// Puts what the files hold now in force, or keeps what is.
    fn reload(&mut self) {
        self.stamps = stamps(&self.settings);
        match Credentials::of(&self.settings) {
            Ok(credentials) => {
                tracing::info!(
                    names = credentials.own.names.join(", "),
                    until = %credentials.own.valid_until,
                    authorities = credentials.authorities.len(),
                    "read the certificates of {} again",
                    self.settings.section
                );
                self.server.send_replace(Arc::clone(&credentials.server));
                self.credentials = credentials;
            }
            Err(error) => tracing::error!(
                error = format!("{error:#}"),
                "the new certificates of {} cannot be used; the ones before stay in force",
                self.settings.section
            ),
        }
    }

    fn remind(&self, clock: &dyn Clock) {
        let now = clock.now();
        let Credentials { own, authorities, .. } = &self.credentials;
        for (what, certificate) in std::iter::once(("certificate_file", own))
            .chain(authorities.iter().map(|one| ("client_ca_file", one)))
        {
            if certificate.ends_soon(now) {
                tracing::warn!(
                    file = format!("{}.{what}", self.settings.section),
                    days = certificate.days_left(now),
                    "a certificate is to be renewed: {}",
                    certificate.describe(now)
                );
            }
        }
    }
}

fn stamps(settings: &DoorSettings) -> [Stamp; 3] {
    [
        &settings.certificate_file,
        &settings.key_file,
        &settings.client_ca_file,
    ]
    .map(|file| stamp(file))
}

fn stamp(file: &Path) -> Stamp {
    let about = std::fs::metadata(file).ok()?;
    Some((about.modified().ok()?, about.len()))
}
