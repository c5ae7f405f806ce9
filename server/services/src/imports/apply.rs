//! Applying a file, some hundred debts in each transaction.

use super::counts::Applied;
use super::refusal::told;
use super::run::{Step, StepError};
use super::source::{Looked, Source, Wanted, blocking};
use crate::audit::Act;
use crate::caller::Caller;
use crate::directory::Entries;
use crate::positions::{Change, Done, Expect, PositionError, Writer};
use crate::{Services, jobs};
use bulk::{Debt, Format, Instruction, OutcomeResult, OutcomeRow, RowError};
use chrono::{DateTime, Duration, Utc};
use domain::application::Scope;
use domain::{DebtPosition, NoticeNumber};
use miniz_oxide::deflate::compress_to_vec;
use std::collections::VecDeque;
use std::sync::Arc;
use storage::audit::Actor;
use storage::debt_positions::{find_position, insert_positions};
use storage::imports::{Import, ImportChunk, ImportState, insert_chunk, move_import};
use storage::jobs::ClaimedJob;
use storage::notice_numbers::reserve_bases;
use storage::{StorageError, Tx};

/// Debts of a transaction, at least and at most.
const DEBTS_MIN: usize = 25;
const DEBTS_MAX: usize = 2_000;
/// Debts of the first transaction.
const DEBTS_FIRST: usize = 200;
/// Debts of a transaction that takes them one by one.
const ONE_BY_ONE_MAX: usize = 50;
/// How long a transaction may hold the only writer there is, in microseconds: then the next has fewer debts. The counter waits
/// for one of them at most.
const MICROSECONDS_MAX: i64 = 20_000;
/// The same where writers do not wait for one another.
const MICROSECONDS_MAX_SIDE_BY_SIDE: i64 = 250_000;
/// Times a change is tried again when somebody else comes first.
const TRIES_MAX: usize = 3;
/// Transactions before it is made sure that the job is still in these hands.
const STEPS_MAX: usize = 50;
/// How well outcomes are deflated: they are many and alike.
const DEFLATE_LEVEL: u8 = 1;
/// New positions after which the planner is told what the tables hold now, and again whenever there are twice as many:
/// others ask meanwhile, and their questions were planned when the tables were small.
const STATISTICS_FROM: u64 = 10_000;

/// A file being applied.
pub(super) struct Applying {
    pub(super) entries: Arc<Entries>,
    pub(super) caller: Caller,
    pub(super) import: Import,
    pub(super) applied: Applied,
    /// What was read and not written yet.
    ahead: VecDeque<Looked>,
    /// Debts of the next transaction.
    size: usize,
    /// Debts still to be taken one by one: a transaction with them failed.
    wary: usize,
    /// New positions when the planner is told next what the tables hold.
    statistics_at: u64,
}

impl Applying {
    pub(super) fn new(entries: Arc<Entries>, caller: Caller, import: Import) -> Result<Self, StorageError> {
        Ok(Self {
            entries,
            caller,
            applied: import.read_applied()?,
            import,
            ahead: VecDeque::new(),
            size: DEBTS_FIRST,
            wary: 0,
            statistics_at: STATISTICS_FROM,
        })
    }

    /// Applies some transactions of the file, or all that is left of it.
    pub(super) async fn go_on(
        mut self,
        services: &Services,
        job: &ClaimedJob,
        source: Source,
    ) -> Result<Step, StepError> {
        let mut source = source;
        for step in 1.. {
            // The next debts are read while these are written.
            let most = (2 * self.size).saturating_sub(self.ahead.len());
            let reading = blocking(move || {
                let taken = source.take(most);
                (source, taken)
            });
            let (taken, written) = if self.ahead.is_empty() {
                (reading.await, Ok(()))
            } else {
                tokio::join!(reading, self.write(services))
            };
            written?;
            source = taken.0;
            self.ahead.extend(taken.1?);
            if self.ahead.is_empty() {
                return self.end(services).await;
            }
            if step % STEPS_MAX == 0 && !jobs::hold_on(services, job).await.map_err(|error| error.0)? {
                return Err(StorageError::Conflict.into());
            }
        }
        Ok(Step::More)
    }

    /// Writes the next debts, what became of them, and how far the import is.
    async fn write(&mut self, services: &Services) -> Result<(), StepError> {
        let (count, is_fast) = self.next_batch();
        let batch: Vec<Looked> = self.ahead.drain(..count).collect();
        let written = if is_fast {
            self.many(services, &batch).await
        } else {
            self.one_by_one(services, &batch).await
        };
        match written {
            Ok(began) => {
                self.wary = self.wary.saturating_sub(count);
                self.adapt(services, services.clock.now() - began);
                if self.applied.inserted >= self.statistics_at {
                    self.statistics_at = self.applied.inserted * 2;
                    Box::pin(services.store.gather_statistics()).await?;
                }
                Ok(())
            }
            // Something is there already: those of this transaction are looked at one by one.
            Err(StepError::Storage(StorageError::Duplicate { .. } | StorageError::Unknown { .. }))
                if is_fast =>
            {
                self.wary = count;
                for looked in batch.into_iter().rev() {
                    self.ahead.push_front(looked);
                }
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// How many debts come next, and whether as many new positions at once.
    fn next_batch(&self) -> (usize, bool) {
        let is_new = |looked: &&Looked| match &looked.verdict {
            Ok(Wanted::New(_)) | Err(_) => true,
            Ok(Wanted::Other) => false,
        };
        let new = self.ahead.iter().take(self.size).take_while(is_new).count();
        if self.wary == 0 && new > 0 {
            return (new, true);
        }
        let others = match self.wary {
            0 => self.ahead.iter().take_while(|looked| !is_new(looked)).count(),
            wary => wary.min(self.ahead.len()),
        };
        (others.clamp(1, ONE_BY_ONE_MAX.min(self.size)), false)
    }

    /// Makes the next transaction longer or shorter, by how long this one held the archive.
    fn adapt(&mut self, services: &Services, held: Duration) {
        let most = if services.store.has_one_writer() {
            MICROSECONDS_MAX
        } else {
            MICROSECONDS_MAX_SIDE_BY_SIDE
        };
        let held = held.num_microseconds().unwrap_or(i64::MAX);
        let size = if held > most {
            self.size / 2
        } else if held < most / 2 {
            self.size + self.size / 4 + 1
        } else {
            self.size
        };
        self.size = size.clamp(DEBTS_MIN, DEBTS_MAX);
    }

    /// Writes new positions all at once. Returns when the transaction began.
    async fn many(&mut self, services: &Services, batch: &[Looked]) -> Result<DateTime<Utc>, StepError> {
        let institution = self
            .entries
            .institution(self.caller.institution())
            .ok_or(StepError::NoInstitution)?
            .clone();
        let wanted = batch.iter().map(|looked| match &looked.verdict {
            Ok(Wanted::New(checked)) => checked.numbers_needed(),
            Ok(Wanted::Other) | Err(_) => 0,
        });
        let wanted = u32::try_from(wanted.sum::<usize>()).unwrap_or(u32::MAX);
        let mut issued: Box<dyn Iterator<Item = NoticeNumber> + Send> = Box::new(std::iter::empty());
        if wanted > 0 {
            let mut tx = services.store.begin().await?;
            let bases = reserve_bases(&mut tx, &institution.fiscal_code, wanted).await?;
            tx.commit().await?;
            let segregation = institution.segregation_code;
            issued = Box::new(bases.filter_map(move |base| NoticeNumber::issue(segregation, base)));
        }
        let mut positions = Vec::with_capacity(batch.len());
        let mut lines = Lines::default();
        let mut applied = self.applied;
        for looked in batch {
            match &looked.verdict {
                Ok(Wanted::New(checked)) => {
                    let position = (**checked).clone().position(&mut issued);
                    let position = position.ok_or(StorageError::Conflict)?;
                    lines.of_position(&looked.debt, &position, OutcomeResult::Inserted);
                    applied.count(OutcomeResult::Inserted);
                    positions.push(position);
                }
                Err(errors) => {
                    lines.of_refusal(&looked.debt, errors);
                    applied.count(OutcomeResult::Refused);
                }
                Ok(Wanted::Other) => return Err(StorageError::Conflict.into()),
            }
        }
        let lines = lines.deflated().await;
        let mut tx = services.store.begin().await?;
        let began = services.clock.now();
        insert_positions(&mut tx, &positions, began).await?;
        self.record(tx, batch, lines, applied).await?;
        Ok(began)
    }

    /// Carries debts out one by one, each for itself. Returns when the transaction began.
    async fn one_by_one(
        &mut self,
        services: &Services,
        batch: &[Looked],
    ) -> Result<DateTime<Utc>, StepError> {
        let changes = batch.iter().filter_map(|looked| looked.debt.said.as_ref().ok());
        let wanted: usize = changes
            .map(|instruction| Writer::numbers_wanted(&change_of(instruction, Expect::Unsaid)))
            .sum();
        services
            .numbers
            .prepare(services, self.caller.institution(), wanted * TRIES_MAX)
            .await?;
        let entries = Arc::clone(&self.entries);
        let caller = self.caller.clone();
        let mut tx = services.store.begin().await?;
        let began = services.clock.now();
        let writer = Writer {
            services,
            entries: &entries,
            caller: &caller,
            scope: Scope::LoadFiles,
            now: began,
        };
        let mut lines = Lines::default();
        let mut applied = self.applied;
        for looked in batch {
            let debt = &looked.debt;
            let outcome = match (&debt.said, &looked.verdict) {
                (Ok(instruction), Ok(_)) => carry_out(&writer, &mut tx, debt, instruction).await?,
                (_, Err(errors)) | (Err(errors), Ok(_)) => Err(errors.clone()),
            };
            match outcome {
                Ok((position, result)) => {
                    lines.of_position(debt, &position, result);
                    applied.count(result);
                }
                Err(errors) => {
                    lines.of_refusal(debt, &errors);
                    applied.count(OutcomeResult::Refused);
                }
            }
        }
        let lines = lines.deflated().await;
        self.record(tx, batch, lines, applied).await?;
        Ok(began)
    }

    /// Writes what became of debts and how far the import is, and makes it all permanent.
    async fn record(
        &mut self,
        mut tx: Tx,
        batch: &[Looked],
        lines: Vec<u8>,
        applied: Applied,
    ) -> Result<(), StepError> {
        let Some(last) = batch.last() else { return Ok(()) };
        let until = last.debt.until;
        let import = Import {
            place_byte: until.byte,
            place_row: until.row,
            chunks: self.import.chunks + 1,
            applied: serde_json::to_string(&applied).unwrap_or_default(),
            ..self.import.clone()
        };
        let chunk = ImportChunk {
            ordinal: import.chunks,
            bytes: (self.import.place_byte, until.byte),
            rows: (self.import.place_row, until.row),
            lines,
        };
        insert_chunk(&mut tx, import.id, &chunk).await?;
        move_import(&mut tx, &import).await?;
        tx.commit().await?;
        self.import = Import {
            version: import.version + 1,
            ..import
        };
        self.applied = applied;
        Ok(())
    }

    /// Ends the import: every row has its outcome.
    async fn end(self, services: &Services) -> Result<Step, StepError> {
        let now = services.clock.now();
        let import = Import {
            state: ImportState::Done,
            ended_at: Some(now),
            ..self.import
        };
        let mut tx = services.store.begin().await?;
        move_import(&mut tx, &import).await?;
        let subject = import.id.to_string();
        Act {
            actor: Actor::System,
            from: None,
            ..self.caller.act("import.done", &subject)
        }
        .with(serde_json::to_value(self.applied).unwrap_or_default())
        .note(&mut tx, now)
        .await?;
        tx.commit().await?;
        if self.applied.inserted >= STATISTICS_FROM {
            Box::pin(services.store.gather_statistics()).await?;
        }
        Ok(Step::Last)
    }
}

fn change_of(instruction: &Instruction, expect: Expect) -> Change<'_> {
    match instruction {
        Instruction::Insert(draft) | Instruction::Update(draft) | Instruction::Put(draft) => {
            Change::Put { draft, expect }
        }
        Instruction::Cancel { key } => Change::Cancel { key, expect },
        Instruction::Replace { replaces, with } => Change::Replace {
            key: replaces,
            by: with,
            expect,
        },
    }
}

/// Carries one debt out. What it wrote before it failed is undone, and the transaction goes on.
async fn carry_out(
    writer: &Writer<'_>,
    tx: &mut Tx,
    debt: &Debt,
    instruction: &Instruction,
) -> Result<Result<(DebtPosition, OutcomeResult), Vec<RowError>>, StepError> {
    let is_insert = matches!(instruction, Instruction::Insert(_));
    let mut tries = 0;
    loop {
        tries += 1;
        let institution = writer.caller.institution();
        let expect = match instruction {
            Instruction::Update(_) => Expect::Present,
            Instruction::Put(draft) => match find_position(tx, institution, draft.key.trim()).await? {
                Some(_) => Expect::Present,
                None => Expect::Absent,
            },
            Instruction::Insert(_) | Instruction::Cancel { .. } | Instruction::Replace { .. } => {
                Expect::Unsaid
            }
        };
        tx.set_mark().await?;
        match writer.carry_out(tx, &change_of(instruction, expect)).await {
            Ok(written) => {
                tx.take_mark_away().await?;
                let result = match (written.done, instruction) {
                    (Done::Unchanged, _) => OutcomeResult::Unchanged,
                    (_, Instruction::Cancel { .. }) => OutcomeResult::Cancelled,
                    (_, Instruction::Replace { .. }) => OutcomeResult::Replaced,
                    (Done::Created, _) => OutcomeResult::Inserted,
                    (Done::Changed, _) => OutcomeResult::Updated,
                };
                return Ok(Ok((written.stored.position, result)));
            }
            Err(PositionError::Unavailable(error)) => return Err(error.0.into()),
            Err(PositionError::Again) if tries < TRIES_MAX => tx.go_back().await?,
            Err(error) => {
                tx.go_back().await?;
                return match told(debt, is_insert, error) {
                    Ok(errors) => Ok(Err(errors)),
                    Err(_) => Err(StorageError::Conflict.into()),
                };
            }
        }
    }
}

/// Lines of the outcome file.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    /// What became of a position, a line for each row: of an instruction without instalments, for each of its rows.
    fn of_position(&mut self, debt: &Debt, position: &DebtPosition, result: OutcomeResult) {
        let mut instalments = position.instalments().map(|(_, _, instalment)| instalment);
        // A line of JSON holds all its notices: it has a line of the outcome for each of them.
        let count = match debt.format {
            Format::JsonLines => position.instalments().count(),
            Format::Lanterna | Format::GovPay | Format::UnifiedPlatform => debt.rows.len(),
        };
        for place in 0..count {
            let instalment = instalments.next();
            OutcomeRow {
                row: debt.rows.get(place).copied().unwrap_or(debt.first_row()),
                key: &position.key,
                operation: debt.operation.unwrap_or_default(),
                result,
                code: "",
                italian: "",
                english: "",
                notice_number: instalment.map_or("", |instalment| instalment.notice_number.as_str()),
                iuv: instalment.map_or("", |instalment| instalment.iuv.as_str()),
            }
            .write(&mut self.text);
        }
    }

    fn of_refusal(&mut self, debt: &Debt, errors: &[RowError]) {
        for (row, errors) in debt.errors_by_row(errors) {
            let sentence = |text: &dyn Fn(&RowError) -> String| {
                let all: Vec<String> = errors
                    .iter()
                    .map(|error| match error.column.as_str() {
                        "" => text(error),
                        column => format!("{column}: {}", text(error)),
                    })
                    .collect();
                all.join(" ")
            };
            OutcomeRow {
                row,
                key: debt.key.as_deref().unwrap_or_default(),
                operation: debt.operation.unwrap_or_default(),
                result: OutcomeResult::Refused,
                code: errors.first().map_or("", |error| error.code),
                italian: &sentence(&|error| error.italian.clone()),
                english: &sentence(&|error| error.english.clone()),
                notice_number: "",
                iuv: "",
            }
            .write(&mut self.text);
        }
    }

    async fn deflated(self) -> Vec<u8> {
        blocking(move || compress_to_vec(self.text.as_bytes(), DEFLATE_LEVEL)).await
    }
}
