//! The tariffs of this installation, compiled and checked once at the start, with the accounts their money goes to.
//!
//! Kept in memory whole: a city has some dozens of tariffs of a few kilobytes. What is here never changes while the
//! program runs; a changed file counts from the next start.

use domain::account::{Account, Credit};
use domain::draft::AccountBook;
use domain::fee::carrier;
use domain::service::{InvalidByTariff, Service};
use domain::transfer::{ParseTransferCategoryError, TransferCategory};
use domain::{CreditorFiscalCode, Iban};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;
use tariff::compile::{Compiled, Lock, LockError, Mistake, check_versions, compile};
use tariff::model::{Beneficiary, Status};
use tariff::{Tariff, versions_in_force};

/// A tariff file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TariffFile {
    /// Its name, for messages.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Why tariffs cannot be used. Each mistake stands on a line of its own, with what to do.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// Files that do not compile, or versions that contradict one another.
    #[error("the tariffs cannot be used:\n{}", lines(.0))]
    Mistakes(Vec<Mistake>),
    /// The files are not those that were published.
    #[error("the tariffs are not those of tariffs.lock:\n{}", lines(.0))]
    Lock(Vec<LockError>),
}

fn lines(mistakes: &[impl Display]) -> String {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Why a service cannot be paid by its tariff.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnusableTariff {
    /// There is none of this id.
    #[error("there is no tariff {0}")]
    Unknown(String),
    /// All its versions are drafts, or corrected ones.
    #[error("tariff {0} has only drafts: give one of its versions another status, or leave by_tariff out")]
    OnlyDrafts(String),
    /// It says too few or too many days.
    #[error(transparent)]
    Days(#[from] InvalidByTariff),
    /// A beneficiary is paid to an account that is not there.
    #[error(
        "tariff {tariff}, version {version}: beneficiary {beneficiary} is paid to account {account}, which \
         tariffs/accounts.toml does not have for institution {institution}"
    )]
    NoAccount {
        /// The tariff.
        tariff: String,
        /// Its version.
        version: String,
        /// The beneficiary.
        beneficiary: String,
        /// Key of the account.
        account: String,
        /// Whose it would be.
        institution: CreditorFiscalCode,
    },
    /// What is passed on has no transfer to travel with.
    #[error(
        "tariff {tariff}, version {version}: a beneficiary has transfer = false, and none is paid to an account of \
         institution {institution}, with whose transfer it would travel"
    )]
    NothingToTravelWith {
        /// The tariff.
        tariff: String,
        /// Its version.
        version: String,
        /// The institution.
        institution: CreditorFiscalCode,
    },
    /// A beneficiary's category is none.
    #[error("tariff {tariff}, version {version}: {error}")]
    Category {
        /// The tariff.
        tariff: String,
        /// Its version.
        version: String,
        /// Why.
        error: ParseTransferCategoryError,
    },
}

/// The tariffs of this installation. An installation without any has an empty one.
#[derive(Debug, Default)]
pub struct TariffBook {
    /// By id, those with versions that count.
    tariffs: BTreeMap<String, Counting>,
    /// Every version, by digest.
    versions: BTreeMap<String, Version>,
    /// By institution and key.
    accounts: BTreeMap<(CreditorFiscalCode, String), Account>,
}

/// The versions of a tariff that count.
#[derive(Debug)]
struct Counting {
    /// The earliest first.
    versions: Vec<Arc<Tariff>>,
    packed: Vec<u8>,
}

#[derive(Debug)]
struct Version {
    tariff: Arc<Tariff>,
    source: String,
}

impl AccountBook for TariffBook {
    fn account(&self, institution: &CreditorFiscalCode, key: &str) -> Option<&Account> {
        self.accounts.get(&(institution.clone(), key.to_owned()))
    }

    fn account_of_iban(
        &self,
        institution: &CreditorFiscalCode,
        beneficiary: &CreditorFiscalCode,
        iban: &Iban,
    ) -> Option<&Account> {
        self.accounts.values().find(|account| {
            account.institution == *institution
                && account.beneficiary == *beneficiary
                && matches!(&account.credit, Credit::Iban { iban: own, postal_iban }
                    if own == iban || postal_iban.as_ref() == Some(iban))
        })
    }
}

impl TariffBook {
    /// Compiles files, runs their examples and compares them with `tariffs.lock` when there is one. Drafts are compiled
    /// and otherwise left alone: they neither count nor stand in the way of the versions that do.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn compile(
        files: Vec<TariffFile>,
        lock: Option<&str>,
        accounts: Vec<Account>,
    ) -> Result<Self, BookError> {
        let mut compiled = Vec::with_capacity(files.len());
        let mut mistakes = Vec::new();
        for file in &files {
            match compile(&file.name, &file.text) {
                Ok(tariff) => compiled.push(tariff),
                Err(found) => mistakes.extend(found),
            }
        }
        if !mistakes.is_empty() {
            return Err(BookError::Mistakes(mistakes));
        }
        if let Some(text) = lock {
            let lock = Lock::parse(text).map_err(|error| BookError::Lock(vec![error]))?;
            let errors = lock.check(&compiled);
            if !errors.is_empty() {
                return Err(BookError::Lock(errors));
            }
        }
        let published: Vec<Compiled> = compiled
            .iter()
            .filter(|file| file.tariff.status != Status::Draft)
            .cloned()
            .collect();
        let mistakes = check_versions(&published);
        if !mistakes.is_empty() {
            return Err(BookError::Mistakes(mistakes));
        }
        let versions = compiled.into_iter().zip(files).map(|(compiled, file)| {
            let version = Version {
                tariff: Arc::new(compiled.tariff),
                source: file.text,
            };
            (version.tariff.digest.clone(), version)
        });
        let versions: BTreeMap<String, Version> = versions.collect();
        let accounts = accounts
            .into_iter()
            .map(|account| ((account.institution.clone(), account.key.clone()), account));
        Ok(Self {
            tariffs: counting(&versions),
            versions,
            accounts: accounts.collect(),
        })
    }

    /// The accounts an institution may name, by key.
    pub fn accounts(&self, institution: &CreditorFiscalCode) -> impl Iterator<Item = &Account> {
        self.accounts
            .values()
            .filter(move |account| account.institution == *institution)
    }

    /// The ids of the tariffs that can be used, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.tariffs.keys().map(String::as_str)
    }

    /// The versions of a tariff that count, the earliest first; none of a tariff that is not there.
    pub fn versions(&self, id: &str) -> &[Arc<Tariff>] {
        self.tariffs.get(id).map_or(&[], |tariff| &tariff.versions)
    }

    /// The same as the evaluator takes them.
    pub fn evaluable(&self, id: &str) -> Vec<&Tariff> {
        self.versions(id).iter().map(Arc::as_ref).collect()
    }

    /// The version with this digest, whether it counts or not.
    pub fn by_digest(&self, digest: &str) -> Option<&Tariff> {
        self.versions.get(digest).map(|version| &*version.tariff)
    }

    /// The text of the version with this digest.
    pub fn source(&self, digest: &str) -> Option<&str> {
        self.versions.get(digest).map(|version| version.source.as_str())
    }

    /// The versions of a tariff that count, as the browser takes them: postcard of a `Vec<Tariff>`.
    pub fn packed(&self, id: &str) -> Option<&[u8]> {
        self.tariffs.get(id).map(|tariff| tariff.packed.as_slice())
    }

    /// The account of each beneficiary of a version, in its order; none for those that have no transfer of their own.
    pub fn accounts_of<'a>(
        &'a self,
        institution: &CreditorFiscalCode,
        tariff: &Tariff,
    ) -> Result<Vec<Option<&'a Account>>, UnusableTariff> {
        let account = |beneficiary: &Beneficiary| {
            if !beneficiary.transfer {
                return Ok(None);
            }
            let key = (institution.clone(), beneficiary.account.clone());
            let account = self.accounts.get(&key).ok_or_else(|| UnusableTariff::NoAccount {
                tariff: tariff.id.clone(),
                version: tariff.version.clone(),
                beneficiary: beneficiary.id.clone(),
                account: beneficiary.account.clone(),
                institution: institution.clone(),
            })?;
            Ok(Some(account))
        };
        tariff.beneficiaries.iter().map(account).collect()
    }

    /// Whether a service can be paid by the tariff it names: the tariff is there, and there is an account for everybody
    /// it pays.
    pub fn check_service(&self, service: &Service) -> Result<(), UnusableTariff> {
        let Some(terms) = &service.by_tariff else {
            return Ok(());
        };
        terms.check()?;
        let versions = self.versions(&terms.tariff);
        if versions.is_empty() {
            let id = terms.tariff.clone();
            let is_there = self.versions.values().any(|version| version.tariff.id == id);
            return Err(if is_there {
                UnusableTariff::OnlyDrafts(id)
            } else {
                UnusableTariff::Unknown(id)
            });
        }
        for tariff in versions {
            let accounts = self.accounts_of(&service.institution, tariff)?;
            let is_passed_on = accounts.iter().any(Option::is_none);
            if is_passed_on && carrier(&service.institution, accounts).is_none() {
                return Err(UnusableTariff::NothingToTravelWith {
                    tariff: tariff.id.clone(),
                    version: tariff.version.clone(),
                    institution: service.institution.clone(),
                });
            }
            categories_of(tariff)?;
        }
        Ok(())
    }
}

/// The category of each beneficiary of a version, in its order.
pub(crate) fn categories_of(tariff: &Tariff) -> Result<Vec<TransferCategory>, UnusableTariff> {
    let category = |beneficiary: &Beneficiary| {
        TransferCategory::parse(&beneficiary.taxonomy).map_err(|error| UnusableTariff::Category {
            tariff: tariff.id.clone(),
            version: tariff.version.clone(),
            error,
        })
    };
    tariff.beneficiaries.iter().map(category).collect()
}

/// The versions that count, by the id of their tariff.
fn counting(versions: &BTreeMap<String, Version>) -> BTreeMap<String, Counting> {
    let mut by_id: BTreeMap<&str, Vec<&Tariff>> = BTreeMap::new();
    for version in versions.values() {
        if version.tariff.status != Status::Draft {
            by_id.entry(&version.tariff.id).or_default().push(&version.tariff);
        }
    }
    let counting = by_id.into_iter().map(|(id, published)| {
        let mut counting = versions_in_force(&published);
        counting.sort_by_key(|tariff| tariff.valid_from);
        let packed = postcard::to_stdvec(&counting).expect("a tariff holds nothing that cannot be written");
        let kept = counting.iter().filter_map(|tariff| versions.get(&tariff.digest));
        let versions = kept.map(|version| Arc::clone(&version.tariff)).collect();
        (id.to_owned(), Counting { versions, packed })
    });
    counting.collect()
}
