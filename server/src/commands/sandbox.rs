//! `lanterna sandbox`

use crate::cli::Sandbox;
use crate::telemetry;
use anyhow::Context;
use tokio::net::TcpListener;

/// Runs the hub's double until interrupted.
pub(super) async fn sandbox(arguments: Sandbox) -> anyhow::Result<()> {
    telemetry::start(false);
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen on {}: is another program there?", arguments.listen))?;
    tracing::info!("sandbox hub on http://{}", arguments.listen);
    let config = sandbox::SandboxConfig::new(arguments.station_url, arguments.broker, arguments.station);
    sandbox::serve(listener, config, super::serve::interrupted()).await?;
    Ok(())
}
