//! The archive the load asks about.

use crate::messages::{AMOUNT, ASKED, INSTITUTION, PAID, PAID_FROM, number};
use anyhow::{Context, Result};
use chrono::{Days, Utc};
use domain::debt_position::DebtPositionStatus;
use domain::transfer::{Destination, TransferCategory};
use domain::{
    CreditorFiscalCode, DebtPosition, Iban, Instalment, OptionKind, PaymentOption, Subject, SubjectKind,
    Transfer,
};
use sqlx::{Connection as _, Executor as _, PgConnection};
use storage::{Store, StoreOptions, debt_positions};
use tempfile::TempDir;

/// Positions one transaction holds.
const AT_ONCE: usize = 1_000;

/// A database of the load's own.
pub(crate) struct Archive {
    pub(crate) store: Store,
    pub(crate) url: String,
    _folder: Option<TempDir>,
}

impl Archive {
    /// A new SQLite file in a temporary folder.
    pub(crate) async fn sqlite() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("lanterna.db").display());
        Self::open(url, Some(folder)).await
    }

    /// A new schema of a PostgreSQL database; what a former load left there goes.
    pub(crate) async fn postgres(server: &str) -> Result<Self> {
        let mut connection = PgConnection::connect(server).await?;
        connection
            .execute("DROP SCHEMA IF EXISTS lanterna_load CASCADE")
            .await?;
        connection.execute("CREATE SCHEMA lanterna_load").await?;
        connection.close().await?;
        let separator = if server.contains('?') { '&' } else { '?' };
        Self::open(
            format!("{server}{separator}options[search_path]=lanterna_load"),
            None,
        )
        .await
    }

    async fn open(url: String, folder: Option<TempDir>) -> Result<Self> {
        let options = StoreOptions {
            create_missing: true,
            ..StoreOptions::default()
        };
        let store = Store::connect(&url, options).await?;
        store.migrate().await?;
        Ok(Self {
            store,
            url,
            _folder: folder,
        })
    }
}

/// Stores every notice the load asks about or pays. The demo city's catalogue must be there.
#[expect(
    clippy::disallowed_methods,
    reason = "a tool has no other clock than the machine's"
)]
pub(crate) async fn fill(store: &Store) -> Result<()> {
    let now = Utc::now();
    let due_on = now.date_naive().checked_add_days(Days::new(60));
    let model = position(due_on)?;
    let places: Vec<u64> = (0..ASKED).chain(PAID_FROM..PAID_FROM + PAID).collect();
    for places in places.chunks(AT_ONCE) {
        let mut tx = store.begin().await?;
        for place in places {
            let mut position = model.clone();
            position.key = format!("load-{place}");
            let instalment = &mut position.options[0].instalments[0];
            instalment.notice_number = number(*place);
            instalment.iuv = instalment.notice_number.iuv();
            debt_positions::insert_position(&mut tx, &position, now)
                .await
                .context("the archive needs the demo city's catalogue, and to be filled once")?;
        }
        tx.commit().await?;
    }
    Ok(store.gather_statistics().await?)
}

fn position(due_on: Option<chrono::NaiveDate>) -> Result<DebtPosition> {
    let institution = CreditorFiscalCode::parse(INSTITUTION)?;
    Ok(DebtPosition {
        key: String::new(),
        institution: institution.clone(),
        service: "refezione".to_owned(),
        debtor: Subject {
            kind: SubjectKind::Natural,
            code: "RSSMRA85T10A562S".to_owned(),
            full_name: "Mario Rossi".to_owned(),
            address: domain::subject::Address::default(),
            email: None,
        },
        description: "Servizio mensa".to_owned(),
        valid_from: None,
        status: DebtPositionStatus::Open { chosen: None },
        options: vec![PaymentOption {
            kind: OptionKind::Whole,
            instalments: vec![Instalment {
                notice_number: number(0),
                iuv: number(0).iuv(),
                amount: AMOUNT,
                due_on,
                payable_until: None,
                description: "Servizio mensa".to_owned(),
                transfers: vec![Transfer {
                    id: 1,
                    amount: AMOUNT,
                    beneficiary: institution,
                    beneficiary_name: "Comune di Genova".to_owned(),
                    destination: Destination::Account {
                        iban: Iban::parse("IT92P0617501400000000123456")?,
                        postal_iban: None,
                    },
                    remittance_information: "Servizio mensa".to_owned(),
                    category: TransferCategory::parse("9/0107101TS/")?,
                    metadata: Vec::new(),
                }],
                payment: None,
            }],
        }],
    })
}
