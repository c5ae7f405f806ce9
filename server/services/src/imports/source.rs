//! The debts of a file, read and checked away from the threads that answer.

use crate::Services;
use crate::caller::Caller;
use crate::directory::Entries;
use bulk::{Debt, DebtReader, Instruction, OpenError, Place, RowError};
use domain::CreditorFiscalCode;
use domain::application::Scope;
use domain::draft::{CheckedDraft, FieldError, Problem, check};
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// A debt of the file, with what is to be done once nothing is wrong.
pub(super) struct Looked {
    pub(super) debt: Debt,
    pub(super) verdict: Result<Wanted, Vec<RowError>>,
}

/// What is to be done.
pub(super) enum Wanted {
    /// A new position.
    New(Box<CheckedDraft>),
    /// Anything that needs what is there already.
    Other,
}

/// A file being read.
pub(super) struct Source {
    reader: DebtReader<File>,
    services: Services,
    entries: Arc<Entries>,
    caller: Caller,
}

impl Source {
    pub(super) fn open(
        path: &PathBuf,
        institution: &CreditorFiscalCode,
        place: Place,
        services: &Services,
        entries: &Arc<Entries>,
        caller: &Caller,
    ) -> Result<Self, OpenError> {
        let mut reader = DebtReader::open(File::open(path)?, institution)?;
        reader.go_to(place)?;
        Ok(Self {
            reader,
            services: services.clone(),
            entries: Arc::clone(entries),
            caller: caller.clone(),
        })
    }

    pub(super) fn ignored_columns(&self) -> &[String] {
        self.reader.ignored_columns()
    }

    pub(super) fn place(&self) -> Place {
        self.reader.place()
    }

    /// The next debts, at most `most`; none at the end.
    pub(super) fn take(&mut self, most: usize) -> io::Result<Vec<Looked>> {
        let mut taken = Vec::with_capacity(most);
        while taken.len() < most {
            let Some(debt) = self.reader.next_debt()? else {
                break;
            };
            let verdict = self.verdict(&debt);
            taken.push(Looked { debt, verdict });
        }
        Ok(taken)
    }

    fn verdict(&self, debt: &Debt) -> Result<Wanted, Vec<RowError>> {
        let instruction = match &debt.said {
            Ok(instruction) => instruction,
            Err(errors) => return Err(errors.clone()),
        };
        let Some(draft) = instruction.draft() else {
            return Ok(Wanted::Other);
        };
        let service = draft.service.as_str();
        let rules = self.caller.rules(&self.services, &self.entries, service);
        let checked = match rules {
            Some(rules) => check(draft, &rules),
            None => Err(vec![field("service", Problem::UnknownService)]),
        };
        let is_offered = self.entries.service(self.caller.institution(), service).is_some();
        let errors = if is_offered && self.caller.needs(Scope::LoadFiles, service).is_err() {
            let mut errors = vec![field("service", Problem::ForbiddenService)];
            errors.extend(checked.err().unwrap_or_default());
            errors
        } else {
            match (checked, instruction) {
                (Ok(checked), Instruction::Insert(_) | Instruction::Put(_)) => {
                    return Ok(Wanted::New(Box::new(checked)));
                }
                (
                    Ok(_),
                    Instruction::Update(_) | Instruction::Replace { .. } | Instruction::Cancel { .. },
                ) => {
                    return Ok(Wanted::Other);
                }
                // What was right when it came is not wrong for having grown old: whoever knows what is there says.
                (Err(errors), _) => errors,
            }
        };
        Err(debt.errors(&errors))
    }
}

fn field(path: &str, problem: Problem) -> FieldError {
    FieldError {
        path: path.to_owned(),
        problem,
    }
}

/// Does what takes a processor or a disk for long away from the threads that answer.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()))
}
