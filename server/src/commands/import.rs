//! `lanterna import …`: files are handed to the server that runs on the archive, which checks and applies them.

use super::{Unusable, complain, look, say};
use crate::cli::{Import as Asked, OfApplication, OneImport};
use crate::config::{DEFAULT_DATABASE, Settings};
use crate::import_settings::ImportSettings;
use anyhow::{Context as _, Result, bail};
use services::Services;
use services::caller::Caller;
use services::imports::{
    Applied, Checked, ImportError, ReceiveError, Wish, change_import, list_imports, outcome_of, receive_file,
    show_import,
};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use storage::applications::find_application;
use storage::audit::Actor;
use storage::imports::{Import, ImportState};

/// How often it is looked how far an import is.
const LOOKED_AT_EVERY: Duration = Duration::from_millis(500);
/// Looks without anything moving after which it is said that perhaps nobody works.
const STILL_MAX: u32 = 30;
/// Imports listed.
const LISTED: u32 = 50;

/// Does what is asked of imports.
pub(super) async fn run(asked: Asked) -> Result<()> {
    match asked {
        Asked::Check { file, of } => {
            let (services, caller) = opened(&of).await?;
            let import = hand_over(&services, &caller, &file, false).await?;
            let import = wait(&services, &caller, import, |state| state == ImportState::Checked).await?;
            show(&import)?;
            let checked: Checked = import.read_checked()?;
            if checked.wrong > 0 {
                bail!(Unusable(format!(
                    "{} of {} debts are wrong",
                    checked.wrong, checked.debts
                )));
            }
            Ok(())
        }
        Asked::Load { file, no_wait, of } => {
            let (services, caller) = opened(&of).await?;
            let import = hand_over(&services, &caller, &file, true).await?;
            if no_wait {
                return show(&import);
            }
            let import = wait(&services, &caller, import, |_| false).await?;
            show(&import)
        }
        Asked::List { of } => {
            let (services, caller) = opened(&of).await?;
            for import in list_imports(&services, &caller, None, LISTED)
                .await
                .map_err(told)?
            {
                let applied: Applied = import.read_applied()?;
                say(&format!(
                    "{}  {}  {}  {}  {} debts done, {} refused",
                    import.id,
                    import.created_at.format("%Y-%m-%d %H:%M"),
                    import.state.as_str(),
                    import.file_name,
                    applied.debts(),
                    applied.refused
                ));
            }
            Ok(())
        }
        Asked::Show(OneImport { id, of }) => {
            let (services, caller) = opened(&of).await?;
            show(&show_import(&services, &caller, id).await.map_err(told)?)
        }
        Asked::Apply(one) => wish(one, Wish::Apply).await,
        Asked::Pause(one) => wish(one, Wish::Pause).await,
        Asked::Resume(one) => wish(one, Wish::Resume).await,
        Asked::Cancel(one) => wish(one, Wish::Cancel).await,
        Asked::Outcome { one, out } => outcome(one, out.as_deref()).await,
    }
}

async fn wish(OneImport { id, of }: OneImport, wish: Wish) -> Result<()> {
    let (services, caller) = opened(&of).await?;
    let import = change_import(&services, &caller, Actor::CommandLine, id, wish).await;
    show(&import.map_err(told)?)
}

async fn outcome(OneImport { id, of }: OneImport, out: Option<&Path>) -> Result<()> {
    let (services, caller) = opened(&of).await?;
    let mut file = outcome_of(&services, &caller, id).await.map_err(told)?;
    let mut to: Box<dyn Write> = match out {
        Some(path) => {
            let mut open = OpenOptions::new();
            open.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
            Box::new(
                open.open(path)
                    .with_context(|| format!("cannot write {}", path.display()))?,
            )
        }
        None => Box::new(std::io::stdout()),
    };
    while let Some(piece) = file.next().await? {
        to.write_all(&piece)?;
    }
    Ok(to.flush()?)
}

/// Opens the archive and the folder of the server, for an application.
async fn opened(of: &OfApplication) -> Result<(Services, Caller)> {
    let settings = of.config.as_deref().map(Settings::read).transpose()?;
    let database = of
        .database
        .clone()
        .or_else(|| settings.as_ref().map(|settings| settings.database.clone()))
        .unwrap_or_else(|| DEFAULT_DATABASE.to_owned());
    let imports = settings.map_or_else(ImportSettings::default, |settings| settings.imports);
    let services = Services {
        imports: Arc::new(imports.imports()),
        ..look(&database).await?
    };
    let application = find_application(&mut services.store.glance().await?, &of.application).await?;
    let application = application.filter(|application| application.active);
    let application = application.ok_or_else(|| {
        Unusable(format!(
            "there is no active application {}: see lanterna application list",
            of.application
        ))
    })?;
    Ok((services, Caller::new(Arc::new(application), None)))
}

async fn hand_over(services: &Services, caller: &Caller, file: &Path, apply: bool) -> Result<Import> {
    let received = receive_file(services, caller, Actor::CommandLine, file, apply).await;
    let received = received.map_err(|error| match error {
        ReceiveError::Refused(refused) => {
            anyhow::Error::new(Unusable(format!("{}: {refused}", file.display())))
        }
        other @ (ReceiveError::TooLarge(_) | ReceiveError::Forbidden(_)) => {
            anyhow::Error::new(Unusable(other.to_string()))
        }
        other @ (ReceiveError::File(_) | ReceiveError::Unavailable(_)) => {
            anyhow::Error::new(other).context(file.display().to_string())
        }
    })?;
    if !received.is_known {
        return Ok(received.import);
    }
    complain(&format!("the same file is import {} already", received.import.id));
    if !apply {
        return Ok(received.import);
    }
    let changed = change_import(
        services,
        caller,
        Actor::CommandLine,
        received.import.id,
        Wish::Apply,
    )
    .await;
    changed.map_err(told)
}

/// Shows how far an import is until it is over, or stands where it is to be waited for.
async fn wait(
    services: &Services,
    caller: &Caller,
    import: Import,
    is_enough: impl Fn(ImportState) -> bool,
) -> Result<Import> {
    let mut import = import;
    let mut still = 0;
    while !import.state.is_over() && import.state != ImportState::Paused && !is_enough(import.state) {
        tokio::time::sleep(LOOKED_AT_EVERY).await;
        let now = show_import(services, caller, import.id).await.map_err(told)?;
        if now.version == import.version {
            still += 1;
            if still == STILL_MAX {
                complain("nothing moves: is a server running on this archive? It does the work");
            }
        } else {
            still = 0;
            complain(&progress(&now)?);
        }
        import = now;
    }
    Ok(import)
}

fn progress(import: &Import) -> Result<String> {
    let checked: Checked = import.read_checked()?;
    let bytes = match import.state {
        ImportState::Received | ImportState::Checking => checked.bytes,
        _ => import.place_byte,
    };
    let percent = bytes * 100 / import.bytes.max(1);
    let applied: Applied = import.read_applied()?;
    Ok(format!(
        "import {}: {} {percent}%, {} debts checked, {} done, {} refused",
        import.id,
        import.state.as_str(),
        checked.debts,
        applied.debts(),
        applied.refused
    ))
}

fn show(import: &Import) -> Result<()> {
    let checked: Checked = import.read_checked()?;
    let applied: Applied = import.read_applied()?;
    say(&format!(
        "import {}: {}, {} ({}, {} bytes)",
        import.id,
        import.state.as_str(),
        import.file_name,
        import.format,
        import.bytes
    ));
    if let Some(failure) = &import.failure {
        say(&format!("  {failure}"));
    }
    say(&format!(
        "  checked: {} debts in {} rows, {} right, {} wrong, {} repeated",
        checked.debts, checked.rows, checked.right, checked.wrong, checked.repeated
    ));
    if !checked.ignored_columns.is_empty() {
        say(&format!(
            "  columns not used: {}",
            checked.ignored_columns.join(", ")
        ));
    }
    say(&format!(
        "  applied: {} inserted, {} updated, {} unchanged, {} cancelled, {} replaced, {} refused",
        applied.inserted,
        applied.updated,
        applied.unchanged,
        applied.cancelled,
        applied.replaced,
        applied.refused
    ));
    for finding in &checked.findings {
        let column = match finding.column.as_str() {
            "" => String::new(),
            column => format!(", {column}"),
        };
        say(&format!(
            "  row {}{column}: {} ({})",
            finding.row, finding.en, finding.code
        ));
    }
    Ok(())
}

/// What is told of an import that cannot be shown or changed.
fn told(error: ImportError) -> anyhow::Error {
    match error {
        ImportError::NotFound | ImportError::NotNow(_) | ImportError::Forbidden(_) => {
            Unusable(error.to_string()).into()
        }
        ImportError::Unavailable(error) => error.into(),
    }
}
