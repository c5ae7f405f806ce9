//! What each command of the command line does.

mod application;
mod case;
mod check_config;
mod code;
mod demo;
mod document;
mod hub;
mod import;
mod migrate;
mod outcome;
mod position;
mod sandbox;
mod serve;
mod tariff;

use crate::cli::{Case, Cli, Command, Demo, Position};
use crate::document_settings::DocumentSettings;
use crate::outcome_settings::OutcomeSettings;
use anyhow::bail;
use domain::CreditorFiscalCode;
use domain::receipt::DuplicateReceipt;
use pagopa::gateway::{Call, Product};
use services::Services;
use services::applications::Applications;
use services::clock::SystemClock;
use services::directory::Directory;
use services::hub::{Calling, HubError, HubGateway};
use services::ids::RandomIds;
use services::message_log::{About, MessageLog};
use services::notice_lookup::NoticeLookup;
use services::rate_limit::RateLimiter;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use storage::{Store, StoreOptions};

/// What was given cannot be used: a text that is no code, a notice that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unusable(String);

/// Runs a command and tells the shell how it went.
pub fn run(cli: Cli) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::new(error).context("cannot start")),
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Serve(arguments) => Box::pin(serve::serve(arguments)).await,
            Command::Migrate(archive) => migrate::migrate(&archive.database).await,
            Command::Demo(Demo::Codes { json, archive }) => demo::codes(&archive.database, json).await,
            Command::Demo(Demo::Certificates { out }) => demo::certificates(&out),
            Command::Demo(Demo::Application { archive }) => demo::application(&archive.database).await,
            Command::CheckConfig(arguments) => check_config::check_config(&arguments.config),
            Command::Code(arguments) => code::code(&arguments.text),
            Command::Position(Position::Show {
                notice,
                institution,
                archive,
            }) => position::show(&archive.database, &notice, institution.as_deref()).await,
            Command::Document(command) => Box::pin(document::run(command)).await,
            Command::Hub(command) => Box::pin(hub::run(command)).await,
            Command::Application(command) => Box::pin(application::run(command)).await,
            Command::Import(command) => Box::pin(import::run(command)).await,
            Command::Case(Case::List {
                institution,
                json,
                archive,
            }) => case::list(&archive.database, institution.as_deref(), json).await,
            Command::Outcome(command) => Box::pin(outcome::run(*command)).await,
            Command::Tariff(command) => tariff::run(command),
            Command::Sandbox(arguments) => sandbox::sandbox(arguments).await,
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

#[expect(clippy::print_stderr, reason = "this is how a command says what went wrong")]
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("lanterna: {error:#}");
    if error.is::<Unusable>() {
        ExitCode::from(2)
    } else {
        ExitCode::FAILURE
    }
}

/// Prints a result. Whoever reads it may have gone away, as `head` does: then there is nobody to tell.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Tells what is wrong beside the reason a command ends with.
fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The institution a command is about when it names none.
async fn the_only_institution(services: &Services) -> anyhow::Result<CreditorFiscalCode> {
    let entries = services
        .directory
        .entries(&services.store, &*services.clock)
        .await?;
    match entries.institutions.as_slice() {
        [only] => Ok(only.fiscal_code.clone()),
        [] => bail!(Unusable(
            "no institution is served here: choose one with --institution".to_owned()
        )),
        several => {
            let codes: Vec<&str> = several
                .iter()
                .map(|institution| institution.fiscal_code.as_str())
                .collect();
            bail!(Unusable(format!(
                "several institutions are served here: choose with --institution ({})",
                codes.join(", ")
            )))
        }
    }
}

/// Opens an archive for a command that only looks.
async fn look(database: &str) -> anyhow::Result<Services> {
    open(database, |_| Ok(Arc::new(NoHub))).await
}

/// Opens an archive for a command, with the hub `hub` makes for its message log.
async fn open(
    database: &str,
    hub: impl FnOnce(&MessageLog) -> anyhow::Result<Arc<dyn HubGateway>>,
) -> anyhow::Result<Services> {
    let store = Store::connect(database, StoreOptions::default()).await?;
    store.check().await?;
    let (messages, _) = MessageLog::start(store.clone());
    let documents = DocumentSettings::default().without_links()?;
    Ok(Services {
        lookup: NoticeLookup::start(store.clone()),
        store,
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        hub: hub(&messages)?,
        checkout: Arc::default(),
        messages,
        directory: Directory::default(),
        numbers: Arc::default(),
        imports: Arc::default(),
        tariffs: Arc::default(),
        amounts: Arc::default(),
        limits: Arc::new(RateLimiter::default()),
        applications: Applications::new(documents.keys.signing().clone()),
        documents: Arc::new(documents),
        outcomes: Arc::new(OutcomeSettings::default().without_key()?),
        duplicate_receipt: DuplicateReceipt::default(),
        portal_url: Arc::from(""),
    })
}

/// Commands that only look call nobody.
struct NoHub;

impl HubGateway for NoHub {
    fn call<'a>(&'a self, product: Product, _: &'a Call, _: &'a About) -> Calling<'a> {
        Box::pin(std::future::ready(Err(HubError::NotConfigured(product))))
    }

    fn offers(&self, _: Product) -> bool {
        false
    }
}
