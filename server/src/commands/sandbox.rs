//! `lanterna sandbox`

use crate::cli::{HubClient, Sandbox};
use crate::telemetry;
use anyhow::Context;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;

/// Runs the hub's double until interrupted.
pub(super) async fn sandbox(arguments: Sandbox) -> anyhow::Result<()> {
    telemetry::start(false);
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen on {}: is another program there?", arguments.listen))?;
    // A port of 0 was chosen by the system.
    tracing::info!("sandbox hub on http://{}", listener.local_addr()?);
    sandbox::serve(listener, config(arguments)?, super::serve::interrupted()).await?;
    Ok(())
}

fn config(arguments: Sandbox) -> anyhow::Result<sandbox::SandboxConfig> {
    let mut config = sandbox::SandboxConfig::new(arguments.station_url, arguments.broker, arguments.station);
    config.options_url = arguments.odp_url;
    config.keys = arguments.keys;
    config.has_limits = !arguments.no_limits;
    config.retry_pause = Duration::from_secs(arguments.hour);
    config.openapi_folder = arguments.openapi_dir;
    identity(&arguments.client, &mut config)?;
    Ok(config)
}

/// Reads the files that say who calls the station, and whom it must be.
pub(super) fn identity(client: &HubClient, config: &mut sandbox::SandboxConfig) -> anyhow::Result<()> {
    config.authority = client.ca.as_deref().map(read).transpose()?;
    if let (Some(certificate), Some(key)) = (&client.client_certificate, &client.client_key) {
        let mut identity = read(certificate)?;
        identity.push(b'\n');
        identity.append(&mut read(key)?);
        config.client_identity = Some(identity);
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
