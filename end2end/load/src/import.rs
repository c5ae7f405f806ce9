//! One file of debts loaded on both engines, as a share of the same rows written with nothing around: raw COPY of the three
//! tables on PostgreSQL, the same rows in large transactions on SQLite. In the same run, so that the share holds elsewhere.

use crate::archive::Archive;
use crate::histogram::Histogram;
use anyhow::{Context, Result, ensure};
use bulk::{Instruction, header, write_debt};
use chrono::{Days, NaiveDate, Utc};
use clap::Args;
use domain::account::{Account, Credit};
use domain::application::{Application, Grant, Scope};
use domain::draft::{InstalmentDraft, OptionDraft, PositionDraft, Rules, TransferDraft, check};
use domain::service::Service;
use domain::{
    Cents, CreditorFiscalCode, CreditorInstitution, NoticeNumber, OptionKind, Subject, SubjectKind,
};
use pagopa::gateway::{Call, Product};
use server::document_settings::DocumentSettings;
use server::outcome_settings::OutcomeSettings;
use services::Services;
use services::applications::Applications;
use services::caller::Caller;
use services::clock::SystemClock;
use services::counter::{Release, release};
use services::hub::{Calling, HubError, HubGateway};
use services::ids::RandomIds;
use services::imports::{Applied, Imports, receive_file, show_import};
use services::jobs::{JobKind, run_one};
use services::message_log::{About, MessageLog};
use services::notice_lookup::NoticeLookup;
use services::rate_limit::RateLimiter;
use services::signing::SigningKeys;
use services::tariffs::TariffBook;
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use storage::applications::insert_application;
use storage::audit::Actor;
use storage::debt_positions::insert_positions;
use storage::imports::ImportState;
use storage::{institutions, service_catalogue};

const CITY: &str = "00856930102";
const MARIO: &str = "RSSMRA85T10A562S";
/// Positions of a transaction with nothing around.
const BARE_AT_ONCE: u64 = 10_000;
/// Releases of the counter in a second.
const RELEASES: u64 = 50;
/// Longest wait of the counter in ninety-nine cases of a hundred.
const RELEASE_MAX: Duration = Duration::from_millis(100);
/// The least share on PostgreSQL, in hundredths.
const SHARE_LEAST: u128 = 40;
/// The tables, and their columns that are written.
const TABLES: [(&str, &str); 3] = [
    (
        "debt_position",
        "id, institution, key, service, debtor, description, valid_from, payable_until, status, chosen, status_at, \
         replaced_by, version, created_at, feed_pending",
    ),
    (
        "instalment",
        "id, position_id, institution, notice_number, iuv, option_index, option_kind, ordinal, instalment_count, amount, \
         due_on, payable_until, description, all_postal, receipt_id, paid_at",
    ),
    (
        "transfer",
        "instalment_id, ordinal, amount, beneficiary, beneficiary_name, iban, postal_iban, stamp_digest, stamp_province, \
         remittance_information, category, metadata",
    ),
];

/// Load one file on both engines, and compare
#[derive(Args)]
pub(crate) struct Measure {
    /// Positions of the file
    #[arg(long, default_value_t = 1_000_000)]
    positions: u64,
    /// A PostgreSQL database to write in, too
    #[arg(
        long,
        value_name = "URL",
        env = "LANTERNA_TEST_POSTGRES",
        hide_env_values = true
    )]
    postgres: Option<String>,
    /// Release 50 notices a second at the counter meanwhile
    #[arg(long)]
    counter: bool,
}

impl Measure {
    pub(crate) async fn run(&self) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("debts.csv");
        write_file(&file, self.positions)?;
        let bytes = std::fs::metadata(&file)?.len();
        println!(
            "{} positions, {bytes} bytes, {} before anything",
            self.positions,
            memory()?
        );
        let mut archives = vec![Archive::sqlite().await?];
        if let Some(server) = &self.postgres {
            archives.push(Archive::postgres(server).await?);
        }
        for archive in archives {
            self.load(&archive, &file, &folder.path().join("kept")).await?;
        }
        Ok(())
    }

    async fn load(&self, archive: &Archive, file: &Path, kept: &Path) -> Result<()> {
        let engine = archive.store.engine_name();
        let services = services(archive, kept)?;
        let caller = begin(&services).await?;
        let over = Arc::new(AtomicBool::new(false));
        let counter = self.counter.then(|| {
            tokio::spawn(at_the_counter(
                services.clone(),
                caller.clone(),
                Arc::clone(&over),
            ))
        });
        let began = Instant::now();
        let import = receive_file(&services, &caller, Actor::CommandLine, file, true)
            .await?
            .import;
        let received = began.elapsed();
        let mut applying = None;
        let watched = services.clone();
        let looker = caller.clone();
        let id = import.id;
        let worker = tokio::spawn({
            let services = services.clone();
            async move {
                while run_one(&services, JobKind::Import, "load").await? {}
                Ok::<_, services::Unavailable>(())
            }
        });
        let mut most = 0;
        while !worker.is_finished() {
            tokio::time::sleep(Duration::from_millis(50)).await;
            most = most.max(memory_kib()?);
            if applying.is_none() {
                let import = show_import(&watched, &looker, id).await?;
                applying = (import.state != ImportState::Received && import.state != ImportState::Checking)
                    .then(Instant::now);
            }
        }
        worker.await??;
        let whole = began.elapsed();
        let applied_in = applying.map_or(whole, |began| began.elapsed());
        over.store(true, Ordering::Relaxed);
        let import = show_import(&services, &caller, id).await?;
        let applied: Applied = import.read_applied()?;
        ensure!(
            import.state == ImportState::Done && applied.inserted == self.positions,
            "{engine}: {:?} {applied:?}",
            import.state
        );
        if let Some(counter) = counter {
            let times = counter.await??;
            let p99 = times.quantile(990);
            println!(
                "{engine}: {RELEASES} releases a second meanwhile, p50 {} ms, p99 {} ms, max {} ms",
                times.quantile(500).as_millis(),
                p99.as_millis(),
                times.max().as_millis()
            );
            ensure!(p99 < RELEASE_MAX, "{engine}: the counter waits too long");
        }
        let bare = match &self.postgres {
            Some(server) if engine == "PostgreSQL" => copy_bare(&archive.url, server, kept).await?,
            _ => self.insert_bare(&services, &caller).await?,
        };
        let share = bare.as_millis() * 100 / applied_in.as_millis().max(1);
        println!(
            "{engine}: received {} ms, checked {} ms, applied {} ms ({} transactions), bare {} ms, share 0.{share:02}, at most {} MiB",
            received.as_millis(),
            whole
                .saturating_sub(received)
                .saturating_sub(applied_in)
                .as_millis(),
            applied_in.as_millis(),
            import.chunks,
            bare.as_millis(),
            most / 1024
        );
        ensure!(
            engine == "SQLite" || share >= SHARE_LEAST,
            "{engine}: the share is under 0.{SHARE_LEAST}"
        );
        Ok(())
    }

    /// The same positions in large transactions, on a fresh SQLite file.
    async fn insert_bare(&self, services: &Services, caller: &Caller) -> Result<Duration> {
        let archive = Archive::sqlite().await?;
        let bare = Services {
            store: archive.store.clone(),
            ..services.clone()
        };
        begin(&bare).await?;
        let institution = institution()?;
        let service = service(&institution.fiscal_code)?;
        let mut spent = Duration::ZERO;
        let mut from = 0;
        while from < self.positions {
            let to = (from + BARE_AT_ONCE).min(self.positions);
            let mut positions = Vec::new();
            for place in from..to {
                let rules = Rules {
                    institution: &institution,
                    service: Some(&service),
                    institutions: std::slice::from_ref(&institution),
                    accounts: &*services.tariffs,
                    numbers: &caller.application().numbers,
                    today: services.clock.today(),
                };
                let checked = check(&draft(place), &rules).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
                let number =
                    NoticeNumber::issue(institution.segregation_code, NoticeNumber::OWN_BASES_FROM + place);
                positions.extend(checked.position(number.into_iter()));
            }
            let began = Instant::now();
            let mut tx = archive.store.begin().await?;
            insert_positions(&mut tx, &positions, services.clock.now()).await?;
            tx.commit().await?;
            spent += began.elapsed();
            from = to;
        }
        Ok(spent)
    }
}

/// The rows of an archive written by COPY into new tables under the same constraints, in one transaction.
async fn copy_bare(from: &str, server: &str, folder: &Path) -> Result<Duration> {
    let mut connection = PgConnection::connect(from).await?;
    for (table, columns) in TABLES {
        let mut out = BufWriter::new(std::fs::File::create(folder.join(table))?);
        let statement = format!("COPY {table} ({columns}) TO STDOUT");
        let mut rows = connection.copy_out_raw(&statement).await?;
        while let Some(piece) = std::future::poll_fn(|context| rows.as_mut().poll_next(context)).await {
            out.write_all(&piece?)?;
        }
        out.flush()?;
    }
    connection.close().await?;
    let archive = Archive::postgres(server).await?;
    let mut tx = archive.store.begin().await?;
    institutions::upsert_institution(&mut tx, &institution()?).await?;
    service_catalogue::upsert_service(&mut tx, &service(&institution()?.fiscal_code)?).await?;
    tx.commit().await?;
    let mut connection = PgConnection::connect(&archive.url).await?;
    let began = Instant::now();
    connection.execute("BEGIN").await?;
    for (table, columns) in TABLES {
        let statement = format!("COPY {table} ({columns}) FROM STDIN");
        let mut sink = connection.copy_in_raw(&statement).await?;
        sink.read_from(tokio::fs::File::open(folder.join(table)).await?)
            .await?;
        sink.finish().await?;
    }
    connection.execute("COMMIT").await?;
    Ok(began.elapsed())
}

/// Releases notices until the load is over, each when it is due.
async fn at_the_counter(services: Services, caller: Caller, over: Arc<AtomicBool>) -> Result<Histogram> {
    let mut times = Histogram::new();
    let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / RELEASES));
    let mut count = 0;
    while !over.load(Ordering::Relaxed) {
        let due = ticks.tick().await;
        count += 1;
        let draft = draft(count);
        let wanted: Release = serde_json::from_value(serde_json::json!({
            "key": format!("COUNTER-{count}"),
            "service": draft.service,
            "debtor": draft.debtor,
            "amount": 1000,
        }))?;
        release(&services, &caller, &wanted, None).await?;
        times.record(due.elapsed());
    }
    Ok(times)
}

fn draft(place: u64) -> PositionDraft {
    let cents = 1_000 + i64::try_from(place % 50_000).unwrap_or_default();
    PositionDraft {
        key: format!("TARI-2026-{place:08}"),
        service: "tari".to_owned(),
        debtor: Subject {
            kind: SubjectKind::Natural,
            code: MARIO.to_owned(),
            full_name: format!("Mario Rossi {place}"),
            address: domain::subject::Address {
                street: Some("Via Garibaldi".to_owned()),
                number: Some((place % 200).to_string()),
                postal_code: Some("16124".to_owned()),
                city: Some("Genova".to_owned()),
                province: Some("GE".to_owned()),
                country: Some("IT".to_owned()),
            },
            email: None,
        },
        description: "Tassa sui rifiuti 2026, prima rata".to_owned(),
        valid_from: None,
        draft: false,
        options: vec![OptionDraft {
            kind: OptionKind::Whole,
            instalments: vec![InstalmentDraft {
                notice_number: None,
                iuv: None,
                amount: Cents::new(cents),
                due_on: due_on(),
                payable_until: None,
                description: None,
                transfers: vec![TransferDraft {
                    amount: Cents::new(cents),
                    account: Some("TARI".to_owned()),
                    ..TransferDraft::default()
                }],
            }],
        }],
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a tool has no other clock than the machine's"
)]
fn due_on() -> Option<NaiveDate> {
    Utc::now().date_naive().checked_add_days(Days::new(60))
}

fn write_file(path: &Path, positions: u64) -> Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    file.write_all(header().as_bytes())?;
    let mut row = String::new();
    for place in 0..positions {
        row.clear();
        write_debt(&mut row, &Instruction::Insert(draft(place)));
        file.write_all(row.as_bytes())?;
    }
    Ok(file.flush()?)
}

fn institution() -> Result<CreditorInstitution> {
    Ok(CreditorInstitution {
        fiscal_code: CreditorFiscalCode::parse(CITY)?,
        name: "Comune di Prova".to_owned(),
        broker: CITY.parse()?,
        station: format!("{CITY}_01").parse()?,
        segregation_code: "12".parse()?,
        cbill_code: None,
        postal_iban: None,
        contact: domain::creditor::Contact {
            telephone: "010 1010".to_owned(),
            email: "pagamenti@example.it".to_owned(),
            website: "https://example.it".to_owned(),
        },
    })
}

fn service(institution: &CreditorFiscalCode) -> Result<Service> {
    Ok(Service {
        institution: institution.clone(),
        code: "tari".to_owned(),
        name_it: "Tassa sui rifiuti".to_owned(),
        name_en: "Waste tax".to_owned(),
        category: "9/0101101IM/".parse()?,
        office_name: "Ufficio tributi".to_owned(),
        active: true,
        at_provider: None,
        feed: None,
        amounts_move: false,
        by_tariff: None,
        life_events: Vec::new(),
        todays_amount: None,
        account: Some("TARI".to_owned()),
    })
}

/// An institution with a service, and a program that may load files.
async fn begin(services: &Services) -> Result<Caller> {
    let institution = institution()?;
    let grant = |scope| Grant {
        scope,
        services: None,
    };
    let application = Application {
        id: "load".to_owned(),
        institution: institution.fiscal_code.clone(),
        name: "Load".to_owned(),
        grants: vec![grant(Scope::LoadFiles), grant(Scope::UseCounter)],
        numbers: Vec::new(),
        requests_per_minute: 100_000,
        certificate: None,
        active: true,
    };
    let mut tx = services.store.begin().await?;
    institutions::upsert_institution(&mut tx, &institution).await?;
    service_catalogue::upsert_service(&mut tx, &service(&institution.fiscal_code)?).await?;
    insert_application(&mut tx, &application, services.clock.now()).await?;
    tx.commit().await?;
    Ok(Caller::new(Arc::new(application), None))
}

fn services(archive: &Archive, folder: &Path) -> Result<Services> {
    let account = Account {
        institution: CreditorFiscalCode::parse(CITY)?,
        key: "TARI".to_owned(),
        beneficiary: CreditorFiscalCode::parse(CITY)?,
        credit: Credit::Iban {
            iban: "IT60X0542811101000000123456".parse()?,
            postal_iban: None,
        },
    };
    let store = archive.store.clone();
    let (messages, _) = MessageLog::start(store.clone());
    Ok(Services {
        lookup: NoticeLookup::start(store.clone()),
        store,
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        hub: Arc::new(NoHub),
        checkout: Arc::default(),
        messages,
        directory: services::directory::Directory::default(),
        numbers: Arc::default(),
        imports: Arc::new(Imports {
            folder: folder.to_owned(),
            ..Imports::default()
        }),
        tariffs: Arc::new(TariffBook::compile(Vec::new(), None, vec![account])?),
        amounts: Arc::default(),
        limits: Arc::new(RateLimiter::default()),
        applications: Applications::new(SigningKeys::new("a key of the load that is long enough", None)?),
        documents: Arc::new(DocumentSettings::default().open("postgres://nowhere")?),
        outcomes: Arc::new(OutcomeSettings::default().open("postgres://nowhere")?),
        duplicate_receipt: domain::receipt::DuplicateReceipt::default(),
        portal_url: Arc::from("http://127.0.0.1"),
    })
}

/// A load calls nobody.
struct NoHub;

impl HubGateway for NoHub {
    fn call<'a>(&'a self, product: Product, _: &'a Call, _: &'a About) -> Calling<'a> {
        Box::pin(std::future::ready(Err(HubError::NotConfigured(product))))
    }

    fn offers(&self, _: Product) -> bool {
        false
    }
}

/// What this process holds in memory, in KiB.
fn memory_kib() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

fn memory() -> Result<String> {
    Ok(format!("{} MiB", memory_kib()? / 1024))
}
