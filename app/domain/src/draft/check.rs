//! The checks that make a debt position of a draft.

use super::{FieldError, InstalmentDraft, OptionDraft, PositionDraft, Problem, TransferDraft};
use crate::account::{Account, Credit};
use crate::application::NumberRange;
use crate::debt_position::PositionContent;
use crate::service::Service;
use crate::subject::SubjectField;
use crate::transfer::{Destination, TransferCategory};
use crate::{
    Cents, CreditorFiscalCode, CreditorInstitution, DebtPosition, DebtPositionStatus, Iban, Instalment, Iuv,
    NoticeNumber, OptionKind, PaymentOption, Subject, Transfer, is_text,
};
use chrono::{Datelike as _, NaiveDate};
use std::collections::HashSet;

/// Options of a position at most.
const OPTIONS_MAX: usize = 20;
/// Instalments of a plan at most.
const INSTALMENTS_MAX: usize = 99;
/// Transfers of a notice at most.
const TRANSFERS_MAX: usize = 5;
/// Pairs of metadata of a transfer at most.
const METADATA_MAX: usize = 15;
/// Years from today beyond which a date is a mistake.
const YEARS_MAX: i32 = 30;

/// The accounts an institution may have credited.
pub trait AccountBook {
    /// The institution's account with this key.
    fn account(&self, institution: &CreditorFiscalCode, key: &str) -> Option<&Account>;
    /// An account with this IBAN that notices of the institution may credit to the beneficiary.
    fn account_of_iban(
        &self,
        institution: &CreditorFiscalCode,
        beneficiary: &CreditorFiscalCode,
        iban: &Iban,
    ) -> Option<&Account>;
}

/// What a draft is checked against.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The institution whose debt it is.
    pub institution: &'a CreditorInstitution,
    /// The institution's service with the draft's code, if there is one.
    pub service: Option<&'a Service>,
    /// Every institution served here: their names are known.
    pub institutions: &'a [CreditorInstitution],
    /// The accounts.
    pub accounts: &'a dyn AccountBook,
    /// The ranges the application numbers notices in by itself.
    pub numbers: &'a [NumberRange],
    /// Today in Italy.
    pub today: NaiveDate,
}

/// A draft in which nothing is wrong: a position but for the numbers that are to be issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedDraft {
    institution: CreditorFiscalCode,
    key: String,
    service: String,
    debtor: Subject,
    description: String,
    valid_from: Option<NaiveDate>,
    draft: bool,
    options: Vec<(OptionKind, Vec<Unnumbered>)>,
}

/// An instalment whose number may still be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Unnumbered {
    number: Option<NoticeNumber>,
    amount: Cents,
    due_on: Option<NaiveDate>,
    payable_until: Option<NaiveDate>,
    description: String,
    transfers: Vec<Transfer>,
}

impl Unnumbered {
    fn numbered(self, number: NoticeNumber) -> Instalment {
        Instalment {
            iuv: number.iuv(),
            notice_number: number,
            amount: self.amount,
            due_on: self.due_on,
            payable_until: self.payable_until,
            description: self.description,
            transfers: self.transfers,
            payment: None,
        }
    }
}

impl CheckedDraft {
    /// The key of the position.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether it is only being prepared.
    pub const fn is_draft(&self) -> bool {
        self.draft
    }

    /// How many numbers must be issued for it.
    pub fn numbers_needed(&self) -> usize {
        self.instalments()
            .filter(|instalment| instalment.number.is_none())
            .count()
    }

    /// The numbers the program gave itself.
    pub fn given_numbers(&self) -> impl Iterator<Item = &NoticeNumber> {
        self.instalments()
            .filter_map(|instalment| instalment.number.as_ref())
    }

    fn instalments(&self) -> impl Iterator<Item = &Unnumbered> {
        self.options.iter().flat_map(|(_, instalments)| instalments)
    }

    /// The position, its missing numbers taken from `issued`. `None` when those do not suffice.
    pub fn position(self, mut issued: impl Iterator<Item = NoticeNumber>) -> Option<DebtPosition> {
        let status = if self.draft {
            DebtPositionStatus::Draft
        } else {
            DebtPositionStatus::Open { chosen: None }
        };
        let mut numbered = |mut instalment: Unnumbered| {
            let number = instalment.number.take().or_else(|| issued.next())?;
            Some(instalment.numbered(number))
        };
        let option = |(kind, instalments): (OptionKind, Vec<Unnumbered>)| {
            let instalments = instalments
                .into_iter()
                .map(&mut numbered)
                .collect::<Option<_>>()?;
            Some(PaymentOption { kind, instalments })
        };
        Some(DebtPosition {
            key: self.key,
            institution: self.institution,
            service: self.service,
            debtor: self.debtor,
            description: self.description,
            valid_from: self.valid_from,
            status,
            options: self.options.into_iter().map(option).collect::<Option<_>>()?,
        })
    }

    /// What a position that is already here shall say from now on. Its notices keep their numbers.
    ///
    /// # Errors
    /// When its notices are not as many, or the draft numbers one of them otherwise, or it is another service's.
    pub fn content_for(self, position: &DebtPosition) -> Result<PositionContent, FieldError> {
        let error = |path: &str, problem| FieldError {
            path: path.to_owned(),
            problem,
        };
        if self.service != position.service {
            return Err(error("service", Problem::Structure));
        }
        let shape = |counts: Vec<(OptionKind, usize)>| counts;
        let before = position
            .options
            .iter()
            .map(|option| (option.kind, option.instalments.len()));
        let after = self
            .options
            .iter()
            .map(|(kind, instalments)| (*kind, instalments.len()));
        if shape(before.collect()) != shape(after.collect()) {
            return Err(error("options", Problem::Structure));
        }
        let mut options = Vec::with_capacity(self.options.len());
        for (place, ((kind, drafts), option)) in self.options.into_iter().zip(&position.options).enumerate() {
            let mut instalments = Vec::with_capacity(drafts.len());
            for (ordinal, (mut draft, old)) in drafts.into_iter().zip(&option.instalments).enumerate() {
                if draft
                    .number
                    .take()
                    .is_some_and(|number| number != old.notice_number)
                {
                    let path = format!("options[{place}].instalments[{ordinal}].notice_number");
                    return Err(error(&path, Problem::Structure));
                }
                instalments.push(draft.numbered(old.notice_number.clone()));
            }
            options.push(PaymentOption { kind, instalments });
        }
        Ok(PositionContent {
            debtor: self.debtor,
            description: self.description,
            valid_from: self.valid_from,
            options,
        })
    }
}

/// Checks a draft whole.
///
/// # Errors
/// Everything that is wrong, in the order of its parts.
pub fn check(draft: &PositionDraft, rules: &Rules<'_>) -> Result<CheckedDraft, Vec<FieldError>> {
    let mut check = Check {
        rules,
        errors: Vec::new(),
    };
    let checked = check.position(draft);
    match checked {
        Ok(checked) if check.errors.is_empty() => Ok(checked),
        Ok(_) | Err(Wrong) => Err(check.errors),
    }
}

/// A part is wrong, and it was said why.
struct Wrong;

/// A part that was looked at.
type Looked<T> = Result<T, Wrong>;

/// A check under way: a part that is wrong leaves an error, and the next part is looked at all the same.
struct Check<'a> {
    rules: &'a Rules<'a>,
    errors: Vec<FieldError>,
}

impl<'a> Check<'a> {
    fn wrong<T>(&mut self, path: impl Into<String>, problem: Problem) -> Looked<T> {
        self.errors.push(FieldError {
            path: path.into(),
            problem,
        });
        Err(Wrong)
    }

    fn text(&mut self, path: impl Into<String>, text: &str, most: usize) -> Looked<String> {
        let text = text.trim();
        if text.is_empty() {
            self.wrong(path, Problem::Required)
        } else if is_text(text, most) {
            Ok(text.to_owned())
        } else {
            self.wrong(path, Problem::Text { most })
        }
    }

    /// A text whoever holds the notice sees.
    fn public_text(&mut self, path: impl Into<String>, text: &str, debtor: &Subject) -> Looked<String> {
        let path = path.into();
        let text = self.text(path.clone(), text, 140)?;
        let code = debtor.code.trim();
        let is_there = code.len() > 5
            && code != Subject::ANONYMOUS
            && text.to_ascii_uppercase().contains(&code.to_ascii_uppercase());
        if is_there {
            self.wrong(path, Problem::PersonalData)
        } else {
            Ok(text)
        }
    }

    fn position(&mut self, draft: &PositionDraft) -> Looked<CheckedDraft> {
        let key = self.text("key", &draft.key, 60);
        let service = self.service();
        let debtor = match draft.debtor.tidied() {
            Ok(debtor) => Ok(debtor),
            Err(field) => self.wrong_debtor(&draft.debtor, field),
        };
        let description = self.public_text("description", &draft.description, &draft.debtor);
        let valid_from = self.day("valid_from", draft.valid_from);
        if draft.options.is_empty() || draft.options.len() > OPTIONS_MAX {
            return self.wrong(
                "options",
                Problem::Count {
                    least: 1,
                    most: OPTIONS_MAX,
                },
            );
        }
        let mut numbers = HashSet::new();
        let mut options = Vec::with_capacity(draft.options.len());
        for (place, option) in draft.options.iter().enumerate() {
            options.push(self.option(
                &format!("options[{place}]"),
                draft,
                option,
                service.as_ref().ok().copied(),
                &mut numbers,
            ));
        }
        Ok(CheckedDraft {
            institution: self.rules.institution.fiscal_code.clone(),
            key: key?,
            service: service?.code.clone(),
            debtor: debtor?,
            description: description?,
            valid_from: valid_from?,
            draft: draft.draft,
            options: options.into_iter().collect::<Looked<_>>()?,
        })
    }

    fn service(&mut self) -> Looked<&'a Service> {
        match self.rules.service {
            None => self.wrong("service", Problem::UnknownService),
            Some(service) if !service.active => self.wrong("service", Problem::InactiveService),
            Some(service) => Ok(service),
        }
    }

    fn wrong_debtor<T>(&mut self, debtor: &Subject, field: SubjectField) -> Looked<T> {
        match field {
            SubjectField::Code if debtor.code.trim().is_empty() => {
                self.wrong("debtor.code", Problem::Required)
            }
            SubjectField::Code => self.wrong("debtor.code", Problem::FiscalCode),
            SubjectField::Name if debtor.full_name.trim().is_empty() => {
                self.wrong("debtor.full_name", Problem::Required)
            }
            SubjectField::Name => self.wrong("debtor.full_name", Problem::Text { most: 70 }),
            SubjectField::Address => self.wrong("debtor.address", Problem::Address),
            SubjectField::Email => self.wrong("debtor.email", Problem::Email),
        }
    }

    fn option(
        &mut self,
        path: &str,
        draft: &PositionDraft,
        option: &OptionDraft,
        service: Option<&'a Service>,
        numbers: &mut HashSet<NoticeNumber>,
    ) -> Looked<(OptionKind, Vec<Unnumbered>)> {
        let most = match option.kind {
            OptionKind::InstalmentPlan => INSTALMENTS_MAX,
            OptionKind::Whole | OptionKind::Reduced => 1,
        };
        if option.instalments.is_empty() || option.instalments.len() > most {
            return self.wrong(format!("{path}.instalments"), Problem::Count { least: 1, most });
        }
        let mut instalments = Vec::with_capacity(option.instalments.len());
        for (ordinal, instalment) in option.instalments.iter().enumerate() {
            let path = format!("{path}.instalments[{ordinal}]");
            instalments.push(self.instalment(&path, draft, instalment, service, numbers));
        }
        Ok((option.kind, instalments.into_iter().collect::<Looked<_>>()?))
    }

    fn instalment(
        &mut self,
        path: &str,
        draft: &PositionDraft,
        instalment: &InstalmentDraft,
        service: Option<&'a Service>,
        numbers: &mut HashSet<NoticeNumber>,
    ) -> Looked<Unnumbered> {
        let number = self.number(path, instalment, numbers);
        let amount = self.amount(format!("{path}.amount"), instalment.amount);
        let dates = self.dates(path, draft.valid_from, instalment);
        let description = match &instalment.description {
            Some(text) => self.public_text(format!("{path}.description"), text, &draft.debtor),
            None => Ok(draft.description.trim().to_owned()),
        };
        let of = Of {
            path,
            draft,
            description: description.as_deref().unwrap_or_default(),
            service,
        };
        let transfers = self.transfers(&of, instalment);
        let (due_on, payable_until) = dates?;
        Ok(Unnumbered {
            number: number?,
            amount: amount?,
            due_on,
            payable_until,
            transfers: transfers?,
            description: description?,
        })
    }

    fn amount(&mut self, path: String, amount: Cents) -> Looked<Cents> {
        if amount > Cents::ZERO && amount <= Cents::MAX_WIRE {
            Ok(amount)
        } else {
            self.wrong(path, Problem::Amount)
        }
    }

    /// A day within thirty years of today.
    fn day(&mut self, path: impl Into<String>, day: Option<NaiveDate>) -> Looked<Option<NaiveDate>> {
        let years = day.map_or(0, |day| day.year().abs_diff(self.rules.today.year()));
        if years > YEARS_MAX.unsigned_abs() {
            self.wrong(path, Problem::FarAway)
        } else {
            Ok(day)
        }
    }

    fn dates(
        &mut self,
        path: &str,
        valid_from: Option<NaiveDate>,
        instalment: &InstalmentDraft,
    ) -> Looked<(Option<NaiveDate>, Option<NaiveDate>)> {
        let today = self.rules.today;
        let due_on = self.day(format!("{path}.due_on"), instalment.due_on);
        let until = self.day(format!("{path}.payable_until"), instalment.payable_until);
        let (due_on, until) = (due_on?, until?);
        if let Some(until) = until {
            if until < today {
                return self.wrong(format!("{path}.payable_until"), Problem::Past { today });
            }
            for (after, day) in [("due_on", due_on), ("valid_from", valid_from)] {
                if day.is_some_and(|day| until < day) {
                    return self.wrong(format!("{path}.payable_until"), Problem::Order { after });
                }
            }
        } else if due_on.is_some_and(|day| day < today) {
            // Until when it can still be paid is for the institution to say, not for us to guess.
            return self.wrong(format!("{path}.due_on"), Problem::Past { today });
        }
        if let (Some(due_on), Some(valid_from)) = (due_on, valid_from)
            && due_on < valid_from
        {
            return self.wrong(format!("{path}.due_on"), Problem::Order { after: "valid_from" });
        }
        Ok((due_on, until))
    }

    /// The number the program gave, if it gave one.
    fn number(
        &mut self,
        path: &str,
        instalment: &InstalmentDraft,
        numbers: &mut HashSet<NoticeNumber>,
    ) -> Looked<Option<NoticeNumber>> {
        let (number, path) = match (&instalment.notice_number, &instalment.iuv) {
            (None, None) => return Ok(None),
            (Some(number), iuv) => {
                let path = format!("{path}.notice_number");
                let Ok(number) = NoticeNumber::parse(number.trim()) else {
                    return self.wrong(path, Problem::NoticeNumber);
                };
                if iuv
                    .as_ref()
                    .is_some_and(|iuv| iuv.trim() != number.iuv().as_str())
                {
                    return self.wrong(path, Problem::NumberAndReference);
                }
                (number, path)
            }
            (None, Some(iuv)) => {
                let path = format!("{path}.iuv");
                let iuv = Iuv::parse(iuv.trim()).ok();
                match iuv.as_ref().and_then(NoticeNumber::holding) {
                    Some(number) => (number, path),
                    None => return self.wrong(path, Problem::NoticeNumber),
                }
            }
        };
        if number.segregation_code().is_none() {
            return self.wrong(path, Problem::NoticeNumber);
        }
        if !number.has_right_check_digits() {
            return self.wrong(path, Problem::CheckDigits);
        }
        if !self.rules.numbers.iter().any(|range| range.holds(&number)) {
            return self.wrong(path, Problem::ForeignNumber);
        }
        if !numbers.insert(number.clone()) {
            return self.wrong(path, Problem::Repeated);
        }
        Ok(Some(number))
    }

    fn transfers(&mut self, of: &Of<'_>, instalment: &InstalmentDraft) -> Looked<Vec<Transfer>> {
        let path = of.path;
        if instalment.transfers.is_empty() {
            let whole = TransferDraft {
                amount: instalment.amount,
                ..TransferDraft::default()
            };
            return Ok(vec![self.transfer(of, path, 1, &whole)?]);
        }
        if instalment.transfers.len() > TRANSFERS_MAX {
            return self.wrong(
                format!("{path}.transfers"),
                Problem::Count {
                    least: 1,
                    most: TRANSFERS_MAX,
                },
            );
        }
        let mut transfers = Vec::with_capacity(instalment.transfers.len());
        for (place, (draft, id)) in instalment.transfers.iter().zip(1_u8..).enumerate() {
            let path = format!("{path}.transfers[{place}]");
            // An amount that goes to one account whole was looked at already.
            let amount = if draft.amount == instalment.amount {
                Ok(draft.amount)
            } else {
                self.amount(format!("{path}.amount"), draft.amount)
            };
            let transfer = self.transfer(of, &path, id, draft);
            transfers.push(amount.and(transfer));
        }
        let transfers: Vec<Transfer> = transfers.into_iter().collect::<Looked<_>>()?;
        // Five amounts under the hub's maximum are far from overflowing.
        let sum = Cents::sum(transfers.iter().map(|transfer| transfer.amount)).unwrap_or(Cents::ZERO);
        if sum == instalment.amount {
            Ok(transfers)
        } else {
            let amount = instalment.amount;
            self.wrong(format!("{path}.amount"), Problem::Sum { sum, amount })
        }
    }

    fn transfer(&mut self, of: &Of<'_>, path: &str, id: u8, draft: &TransferDraft) -> Looked<Transfer> {
        let beneficiary = self.beneficiary(path, draft);
        let information = match &draft.remittance_information {
            Some(text) => self.public_text(format!("{path}.remittance_information"), text, &of.draft.debtor),
            // What is wrong with it is said where it stands.
            None => Ok(of.description.to_owned()),
        };
        let category = match &draft.category {
            Some(text) => match TransferCategory::parse(text.trim()) {
                Ok(category) => Ok(category),
                Err(_) => self.wrong(format!("{path}.category"), Problem::Category),
            },
            None => of.service.map(|service| service.category.clone()).ok_or(Wrong),
        };
        if draft.metadata.len() > METADATA_MAX {
            let most = METADATA_MAX;
            return self.wrong(format!("{path}.metadata"), Problem::Count { least: 0, most });
        }
        let is_right = |(key, value): (&String, &String)| is_text(key, 140) && is_text(value, 140);
        if !draft.metadata.iter().all(is_right) {
            return self.wrong(format!("{path}.metadata"), Problem::Text { most: 140 });
        }
        let (beneficiary, destination, name) = self.destination(of, path, draft, beneficiary?)?;
        Ok(Transfer {
            id,
            amount: draft.amount,
            beneficiary,
            beneficiary_name: name,
            destination,
            remittance_information: information?,
            category: category?,
            metadata: draft.metadata.clone().into_iter().collect(),
        })
    }

    /// The beneficiary the draft names, if it names one.
    fn beneficiary(&mut self, path: &str, draft: &TransferDraft) -> Looked<Option<CreditorFiscalCode>> {
        let Some(text) = &draft.beneficiary else {
            return Ok(None);
        };
        match CreditorFiscalCode::parse(text.trim()) {
            Ok(code) => Ok(Some(code)),
            Err(_) => self.wrong(format!("{path}.beneficiary"), Problem::Beneficiary),
        }
    }

    fn destination(
        &mut self,
        of: &Of<'_>,
        path: &str,
        draft: &TransferDraft,
        beneficiary: Option<CreditorFiscalCode>,
    ) -> Looked<(CreditorFiscalCode, Destination, String)> {
        let own = &self.rules.institution.fiscal_code;
        let (beneficiary, destination) = match (&draft.account, &draft.iban, &draft.stamp) {
            (None, None, Some(stamp)) => {
                let is_province =
                    stamp.province.len() == 2 && stamp.province.bytes().all(|byte| byte.is_ascii_uppercase());
                let is_digest = stamp.document_digest.len() == 44
                    && stamp.document_digest.ends_with('=')
                    && stamp.document_digest[..43]
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/');
                if !is_province || !is_digest {
                    return self.wrong(format!("{path}.stamp"), Problem::Stamp);
                }
                let stamp = Destination::StampDuty {
                    document_digest: stamp.document_digest.clone(),
                    province: stamp.province.clone(),
                };
                (beneficiary.unwrap_or_else(|| own.clone()), stamp)
            }
            (None, Some(iban), None) => {
                let path = format!("{path}.iban");
                let iban = match Iban::parse(&iban.replace(' ', "").to_ascii_uppercase()) {
                    Ok(iban) => iban,
                    Err(error) => return self.wrong(path, Problem::Iban(error)),
                };
                let beneficiary = beneficiary.unwrap_or_else(|| own.clone());
                let postal =
                    self.rules.institution.postal_iban.as_ref() == Some(&iban) && beneficiary == *own;
                let account = self.rules.accounts.account_of_iban(own, &beneficiary, &iban);
                match account.map(|account| &account.credit) {
                    Some(Credit::Iban { postal_iban, .. }) => {
                        let postal_iban = postal_iban.clone().filter(|postal| *postal != iban);
                        (beneficiary, Destination::Account { iban, postal_iban })
                    }
                    None if postal => {
                        let postal_iban = None;
                        (beneficiary, Destination::Account { iban, postal_iban })
                    }
                    Some(Credit::Stamp { .. }) | None => return self.wrong(path, Problem::ForeignAccount),
                }
            }
            (key, None, None) => {
                let key = match key {
                    Some(key) => key,
                    None => match of.service.and_then(|service| service.account.as_ref()) {
                        Some(key) => key,
                        // Without a service the error is the service's.
                        None if of.service.is_none() => return Err(Wrong),
                        None => return self.wrong(format!("{path}.account"), Problem::NoAccount),
                    },
                };
                let path = format!("{path}.account");
                match self.rules.accounts.account(own, key) {
                    Some(Account {
                        beneficiary: of_account,
                        credit: Credit::Iban { iban, postal_iban },
                        ..
                    }) => {
                        if beneficiary.is_some_and(|beneficiary| beneficiary != *of_account) {
                            return self.wrong(path, Problem::ForeignAccount);
                        }
                        let destination = Destination::Account {
                            iban: iban.clone(),
                            postal_iban: postal_iban.clone(),
                        };
                        (of_account.clone(), destination)
                    }
                    Some(Account {
                        credit: Credit::Stamp { .. },
                        ..
                    })
                    | None => return self.wrong(path, Problem::UnknownAccount),
                }
            }
            (Some(_), _, _) | (None, Some(_), Some(_)) => {
                return self.wrong(path, Problem::SeveralDestinations);
            }
        };
        let served = self
            .rules
            .institutions
            .iter()
            .find(|institution| institution.fiscal_code == beneficiary);
        let name = match (served, &draft.beneficiary_name) {
            (Some(institution), _) => institution.name.clone(),
            (None, Some(name)) => self.text(format!("{path}.beneficiary_name"), name, 140)?,
            (None, None) => return self.wrong(format!("{path}.beneficiary_name"), Problem::Beneficiary),
        };
        Ok((beneficiary, destination, name))
    }
}

/// What a transfer is part of.
struct Of<'a> {
    path: &'a str,
    draft: &'a PositionDraft,
    description: &'a str,
    service: Option<&'a Service>,
}
