//! From a fee worked out on a page to a notice that can be paid.
//!
//! The page says what was answered and what it showed; nothing else of it is believed. The server works the fee out again
//! with its own version and its own day, and makes a notice only of what was shown. Everything the amount came from is
//! kept with the notice, so that it can be worked out again years later ([`recompute`]).
//!
//! A form is sent under a token drawn when it was shown. Sent twice, at the same time or later, it is the same notice,
//! whatever the rates are by then; another form under the same token is refused.

use crate::clock::italian_date;
use crate::digest::digest_of;
use crate::directory::Entries;
use crate::notice_numbers::new_number;
use crate::tariffs::{UnusableTariff, categories_of};
use crate::{Services, Unavailable};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use domain::fee::{Fee, InvalidFee, Share, SharesError};
use domain::service::{ByTariff, Service};
use domain::subject::SubjectField;
use domain::{Cents, CreditorFiscalCode, CreditorInstitution, NoticeNumber, Subject};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use storage::debt_positions::insert_position;
use storage::fee_quotes::{
    StoredQuote, TariffVersion, find_fee_quote, find_fee_quote_by_token, find_tariff_source,
    insert_fee_quote, keep_tariff_version,
};
use storage::{StorageError, Tx};
use tariff::compile::{Mistake, answers_from_json, compile, digest};
use tariff::evaluate::{quote, quote_with};
use tariff::outlook::last_day;
use tariff::{Answer, Answers, Outcome, Quote, Tariff};

/// Times a notice is looked for again when somebody else made it meanwhile.
const ATTEMPTS_MAX: usize = 4;
/// Characters of a token: fewer can be guessed, more are not ours.
const TOKEN_LENGTHS: std::ops::RangeInclusive<usize> = 20..=64;

/// What a citizen asks a notice for.
#[derive(Clone)]
pub struct FeeRequest {
    /// The institution.
    pub institution: CreditorFiscalCode,
    /// Code of its service.
    pub service: String,
    /// What was answered.
    pub answers: Answers,
    /// Digest of the version the page worked with.
    pub digest: String,
    /// The total the page showed.
    pub expected_total: Cents,
    /// Who owes, as typed.
    pub debtor: Subject,
    /// Drawn when the form was shown ([`crate::ids::IdSource::token`]): the same token twice is the same notice.
    pub token: String,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeeOutcome {
    /// The notice, made now or by the same form before.
    Notice(NoticeNumber),
    /// The version or the total is not what the page showed: show the new breakdown and ask again. Nothing was made.
    Changed,
}

/// The part of a request that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeeField {
    /// The token: the form is to be shown again.
    Token,
    /// A part of the debtor, to be corrected by whoever typed it.
    Debtor(SubjectField),
}

/// Why no notice was made.
#[derive(Debug, thiserror::Error)]
pub enum FeeError {
    /// The institution has no such service, or it is not paid by a tariff, or not now.
    #[error("no such service is paid by a tariff")]
    UnknownService,
    /// The verdict on these answers today is another one: exempt, below what is asked for, refused, not in force, or an
    /// answer that cannot be used. Show it.
    #[error("nothing is due")]
    NotDue,
    /// A part of the request cannot be used.
    #[error("{0:?} cannot be used")]
    Unusable(FeeField),
    /// Another form was sent under the token: show a new one.
    #[error("another request was made under the same token")]
    TokenUsed,
    /// The fee takes more transfers than a notice can have: it is to be asked for in parts.
    #[error("the fee takes more transfers than a notice can have")]
    TooManyTransfers,
    /// An error of the office, to be logged: nothing can be made of these answers until it is mended.
    #[error("the fee makes no notice")]
    Unworkable(#[from] Unworkable),
    /// The archive did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StorageError> for FeeError {
    fn from(error: StorageError) -> Self {
        Self::Unavailable(Unavailable(error))
    }
}

/// What an office must mend before a fee makes a notice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unworkable {
    /// The rates do not work for these answers.
    #[error("the rates do not work at {at}: {code}")]
    Rates {
        /// The step or line.
        at: String,
        /// Code of the fault.
        code: &'static str,
    },
    /// The accounts do not fit the tariff.
    #[error(transparent)]
    Accounts(#[from] UnusableTariff),
    /// What comes out is no debt.
    #[error(transparent)]
    Debt(InvalidFee),
}

impl From<UnusableTariff> for FeeError {
    fn from(error: UnusableTariff) -> Self {
        Self::Unworkable(error.into())
    }
}

impl From<InvalidFee> for FeeError {
    fn from(error: InvalidFee) -> Self {
        match error {
            InvalidFee::Shares(SharesError::TooMany) => Self::TooManyTransfers,
            InvalidFee::Shares(
                SharesError::PartOfStamp { .. } | SharesError::NothingToTravelWith | SharesError::Amount,
            )
            | InvalidFee::Position(_) => Self::Unworkable(Unworkable::Debt(error)),
        }
    }
}

/// Makes a notice of a fee as it was shown, or finds the one the same form made before.
pub async fn request_notice(services: &Services, request: &FeeRequest) -> Result<FeeOutcome, FeeError> {
    let asked = Asked::read(request)?;
    for _ in 0..ATTEMPTS_MAX {
        if let Some(number) = asked.find_made(services).await? {
            return Ok(FeeOutcome::Notice(number));
        }
        match asked.make(services).await {
            // Somebody made it meanwhile, or took the number.
            Err(FeeError::Unavailable(Unavailable(
                StorageError::Conflict | StorageError::Duplicate { .. },
            ))) => {}
            outcome => return outcome,
        }
    }
    Err(StorageError::Conflict.into())
}

/// A request that could be used.
struct Asked<'a> {
    request: &'a FeeRequest,
    debtor: Subject,
    /// The answers as they are kept.
    inputs: String,
    /// Digest of all that is asked for.
    content: [u8; 32],
}

impl<'a> Asked<'a> {
    fn read(request: &'a FeeRequest) -> Result<Self, FeeError> {
        let token = &request.token;
        if !TOKEN_LENGTHS.contains(&token.len()) || !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(FeeError::Unusable(FeeField::Token));
        }
        let debtor = request
            .debtor
            .tidied()
            .map_err(|field| FeeError::Unusable(FeeField::Debtor(field)))?;
        let inputs = written(&request.answers);
        let content = digest_of(&[
            request.institution.as_str(),
            &request.service,
            &inputs,
            &request.digest,
            &request.expected_total.to_wire(),
            &json(&debtor),
        ]);
        Ok(Self {
            request,
            debtor,
            inputs,
            content,
        })
    }

    /// The notice the same form made before.
    async fn find_made(&self, services: &Services) -> Result<Option<NoticeNumber>, FeeError> {
        let mut snapshot = services.store.glance().await?;
        match find_fee_quote_by_token(&mut snapshot, &self.request.token).await? {
            Some(made) if made.content == self.content => Ok(Some(made.notice_number)),
            Some(_) => Err(FeeError::TokenUsed),
            None => Ok(None),
        }
    }

    async fn make(&self, services: &Services) -> Result<FeeOutcome, FeeError> {
        let entries = services
            .directory
            .entries(&services.store, &*services.clock)
            .await?;
        let (institution, service, terms) =
            offered(&entries, &self.request.institution, &self.request.service)?;
        let versions = services.tariffs.evaluable(&terms.tariff);
        if versions.is_empty() {
            return Err(FeeError::UnknownService);
        }
        let now = services.clock.now();
        let today = italian_date(now);
        let quote = quote(&versions, &self.request.answers, today);
        let tariff = due(&quote)?;
        if tariff.digest != self.request.digest || quote.total != self.request.expected_total {
            return Ok(FeeOutcome::Changed);
        }
        let shares = shares(services, &entries, institution, &quote, tariff)?;
        let days = u64::from(terms.days_to_pay);
        let fee = Fee {
            institution,
            service,
            title: &tariff.title.it,
            shares: &shares,
            last_day: last_day(&versions, &self.request.answers, today, days),
        };
        let mut tx = services.store.begin().await?;
        let number = new_number(&mut tx, institution).await?;
        let kept = self.kept(&quote, tariff, number, now);
        let number = self.keep(services, &mut tx, &fee, &kept).await?;
        tx.commit().await?;
        Ok(FeeOutcome::Notice(number))
    }

    /// The quote as it is kept.
    fn kept(
        &self,
        quote: &Quote<'_>,
        tariff: &Tariff,
        number: NoticeNumber,
        now: DateTime<Utc>,
    ) -> StoredQuote {
        StoredQuote {
            token: self.request.token.clone(),
            content: self.content,
            institution: self.request.institution.clone(),
            position_key: format!("fee-{}", number.iuv()),
            notice_number: number,
            service: self.request.service.clone(),
            tariff: tariff.id.clone(),
            version: tariff.version.clone(),
            digest: tariff.digest.clone(),
            inputs: self.inputs.clone(),
            result: json(quote),
            today: italian_date(now),
            evaluator: tariff::VERSION.to_owned(),
            created_at: now,
        }
    }

    async fn keep(
        &self,
        services: &Services,
        tx: &mut Tx,
        fee: &Fee<'_>,
        kept: &StoredQuote,
    ) -> Result<NoticeNumber, FeeError> {
        let position = fee.position(
            kept.position_key.clone(),
            kept.notice_number.clone(),
            self.debtor.clone(),
            &stamp_digest(kept),
        )?;
        let version = TariffVersion {
            digest: &kept.digest,
            id: &kept.tariff,
            version: &kept.version,
            source: services
                .tariffs
                .source(&kept.digest)
                .ok_or(FeeError::UnknownService)?,
        };
        insert_position(tx, &position, kept.created_at).await?;
        keep_tariff_version(tx, version, kept.created_at).await?;
        insert_fee_quote(tx, kept).await?;
        Ok(kept.notice_number.clone())
    }
}

/// The service that is asked for, if it is paid by a tariff now.
fn offered<'a>(
    entries: &'a Entries,
    institution: &CreditorFiscalCode,
    service: &str,
) -> Result<(&'a CreditorInstitution, &'a Service, &'a ByTariff), FeeError> {
    let institution = entries.institution(institution).ok_or(FeeError::UnknownService)?;
    let service = entries
        .service(&institution.fiscal_code, service)
        .filter(|service| service.active)
        .ok_or(FeeError::UnknownService)?;
    let terms = service.by_tariff.as_ref().ok_or(FeeError::UnknownService)?;
    Ok((institution, service, terms))
}

/// The version by which something is due.
fn due<'a>(quote: &Quote<'a>) -> Result<&'a Tariff, FeeError> {
    match &quote.outcome {
        Outcome::Due => quote.tariff.ok_or(FeeError::NotDue),
        Outcome::NotDue
        | Outcome::Exempt(_)
        | Outcome::Refused(_)
        | Outcome::Invalid { .. }
        | Outcome::NotInForce => Err(FeeError::NotDue),
        Outcome::Unworkable { at, fault } => Err(FeeError::Unworkable(Unworkable::Rates {
            at: at.clone(),
            code: fault.code(),
        })),
    }
}

/// What each beneficiary of the version gets, and where it goes. Who is served here is called as it calls itself.
fn shares<'a>(
    services: &'a Services,
    entries: &'a Entries,
    institution: &CreditorInstitution,
    quote: &Quote<'_>,
    tariff: &'a Tariff,
) -> Result<Vec<Share<'a>>, UnusableTariff> {
    let accounts = services.tariffs.accounts_of(&institution.fiscal_code, tariff)?;
    let categories = categories_of(tariff)?;
    let beneficiaries = tariff.beneficiaries.iter().zip(0_u16..);
    let shares = beneficiaries.zip(accounts).zip(categories);
    Ok(shares
        .map(|(((beneficiary, place), account), category)| Share {
            amount: quote
                .split
                .iter()
                .find(|(to, _)| *to == place)
                .map_or(Cents::ZERO, |(_, amount)| *amount),
            account,
            name: account
                .and_then(|account| entries.institution(&account.beneficiary))
                .map_or(&beneficiary.name.it, |served| &served.name),
            category,
        })
        .collect())
}

/// Answers as a JSON object of texts, by the name of their question: how they were sent, as a form or from a script, and
/// in which order makes no difference. Of two for one question the first counts, as for the evaluator.
fn written(answers: &Answers) -> String {
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    for (id, answer) in answers.iter() {
        texts.entry(id).or_insert_with(|| match answer {
            Answer::Text(text) => text.clone(),
            Answer::Whole(whole) => whole.to_string(),
            Answer::Boolean(truth) => truth.to_string(),
            // Nothing is ever due by an answer that is not usable.
            Answer::Unusable => String::new(),
        });
    }
    json(&texts)
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts under names of text can be written")
}

/// The fingerprint stamp duties are bought for (`hashDocumento`): SHA-256, in base64, of [`canonical`].
///
/// A stamp is bought for a document, and the certificate a citizen pays for does not exist yet. What exists, and is
/// kept, is the request for it: the office writes the stamp's number on the certificate, and who checks it later finds
/// the request by the notice and the same fingerprint in the receipt. The token in it makes every request another document
/// and its answers impossible to guess from the fingerprint.
pub fn stamp_digest(quote: &StoredQuote) -> String {
    STANDARD.encode(Sha256::digest(canonical(quote)))
}

/// A kept quote as one text that is always the same: a JSON object with these keys in this order, the kept texts of
/// inputs and result in it as texts.
pub fn canonical(quote: &StoredQuote) -> String {
    #[derive(Serialize)]
    struct Canonical<'a> {
        token: &'a str,
        institution: &'a str,
        service: &'a str,
        tariff: &'a str,
        version: &'a str,
        digest: &'a str,
        today: String,
        inputs: &'a str,
        result: &'a str,
    }
    json(&Canonical {
        token: &quote.token,
        institution: quote.institution.as_str(),
        service: &quote.service,
        tariff: &quote.tariff,
        version: &quote.version,
        digest: &quote.digest,
        today: quote.today.to_string(),
        inputs: &quote.inputs,
        result: &quote.result,
    })
}

/// A quote with the text of the version it was made with.
#[derive(Debug, Clone)]
pub struct KeptQuote {
    /// The quote.
    pub quote: StoredQuote,
    /// The text of the tariff's file as it was.
    pub source: String,
}

/// Finds how the amount of a notice came about; `None` when no tariff made it.
pub async fn find_quote(
    services: &Services,
    institution: &CreditorFiscalCode,
    number: &NoticeNumber,
) -> Result<Option<KeptQuote>, Unavailable> {
    let mut snapshot = services.store.read().await?;
    let Some(quote) = find_fee_quote(&mut snapshot, institution, number).await? else {
        return Ok(None);
    };
    let source = find_tariff_source(&mut snapshot, &quote.digest)
        .await?
        .ok_or(StorageError::Unknown {
            what: "tariff version",
        })?;
    Ok(Some(KeptQuote { quote, source }))
}

/// A quote worked out again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recomputed {
    /// What comes out today, as JSON.
    pub result: String,
    /// Whether it is what came out then, to the letter.
    pub agrees: bool,
}

/// Why a quote cannot be worked out again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecomputeError {
    /// The text is not the version the quote was made with.
    #[error("the text is not that of the version the quote was made with: its digest differs")]
    OtherSource,
    /// The text no longer compiles.
    #[error("the version does not compile with this program: {}", .0.first().map_or_else(String::new, ToString::to_string))]
    Source(Vec<Mistake>),
    /// The kept answers cannot be read.
    #[error("the kept answers cannot be read: {0}")]
    Inputs(String),
}

/// Works a kept quote out again from the kept text of its version, for its own day.
pub fn recompute(stored: &StoredQuote, source: &str) -> Result<Recomputed, RecomputeError> {
    if digest(source) != stored.digest {
        return Err(RecomputeError::OtherSource);
    }
    let name = format!("{}/{}.toml", stored.tariff, stored.version);
    let compiled = compile(&name, source).map_err(RecomputeError::Source)?;
    let answers = answers_from_json(&stored.inputs).map_err(RecomputeError::Inputs)?;
    let result = json(&quote_with(&compiled.tariff, &answers, stored.today));
    Ok(Recomputed {
        agrees: result == stored.result,
        result,
    })
}
