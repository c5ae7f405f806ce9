//! `lanterna hub`

mod event;
mod evidence;
mod feed;
mod flows;
mod messages;
mod probe;
mod receipts;
mod sought;

use super::{Unusable, open, say};
use crate::cli::{Configured, Hub};
use crate::config::Settings;
use crate::hub::LoggedHub;
use anyhow::Result;
use domain::CreditorFiscalCode;
use services::Services;
use services::clock::SystemClock;
use services::ids::RandomIds;
use std::sync::Arc;

pub(super) async fn run(command: Hub) -> Result<()> {
    match command {
        Hub::Probe(arguments) => Box::pin(probe::run(arguments)).await,
        Hub::Messages(arguments) => messages::messages(arguments).await,
        Hub::Evidence(arguments) => Box::pin(evidence::evidence(arguments)).await,
        Hub::Feed(command) => Box::pin(feed::run(command)).await,
        Hub::Flows(command) => flows::run(command).await,
        Hub::Receipts(command) => receipts::run(command).await,
    }
}

/// Opens the archive and the way to the hub that a configuration describes.
async fn connected(configured: &Configured) -> Result<Services> {
    let settings = Settings::read(&configured.config)?;
    let database = configured.database.as_ref().unwrap_or(&settings.database);
    open(database, |messages| {
        let (clock, ids) = (Arc::new(SystemClock), Arc::new(RandomIds));
        Ok(Arc::new(LoggedHub::new(&settings, messages.clone(), clock, ids)?))
    })
    .await
}

fn institution(code: &str) -> Result<CreditorFiscalCode, Unusable> {
    CreditorFiscalCode::parse(code).map_err(|error| Unusable(error.to_string()))
}
