//! Notices found together: whoever asks while a statement is under way is answered by the next one, with all the others
//! who came meanwhile. A lone question goes straight through; in a storm sixteen cost little more than one.

use domain::{CreditorFiscalCode, Notice, NoticeNumber};
use storage::debt_positions::{self, NUMBERS_MAX};
use storage::{StorageError, Store};
use tokio::sync::{mpsc, oneshot};

/// Questions that may wait; more askers wait for room.
const QUEUE_MAX: usize = 4_096;

/// The way to ask. Cloning is cheap.
#[derive(Clone)]
pub struct NoticeLookup {
    store: Store,
    queue: mpsc::Sender<Question>,
}

struct Question {
    institution: CreditorFiscalCode,
    number: NoticeNumber,
    answer: oneshot::Sender<Option<Notice>>,
}

impl NoticeLookup {
    /// Starts to answer. Ends when the last `NoticeLookup` is dropped.
    pub fn start(store: Store) -> Self {
        let (queue, questions) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(answer(store.clone(), questions));
        Self { store, queue }
    }

    /// The institution's notice with this number, in whatever state.
    pub async fn find(
        &self,
        institution: &CreditorFiscalCode,
        number: &NoticeNumber,
    ) -> Result<Option<Notice>, StorageError> {
        let (answer, found) = oneshot::channel();
        let question = Question {
            institution: institution.clone(),
            number: number.clone(),
            answer,
        };
        if self.queue.send(question).await.is_ok()
            && let Ok(found) = found.await
        {
            return Ok(found);
        }
        // The statement for all failed: each asks for itself, and gets its own answer or error.
        let mut snapshot = self.store.glance().await?;
        debt_positions::find_notice(&mut snapshot, institution, number).await
    }
}

async fn answer(store: Store, mut questions: mpsc::Receiver<Question>) {
    let mut batch = Vec::with_capacity(NUMBERS_MAX);
    while questions.recv_many(&mut batch, NUMBERS_MAX).await > 0 {
        let Ok(notices) = find_all(&store, &batch).await else {
            batch.clear();
            continue;
        };
        for question in batch.drain(..) {
            let notice = notices.iter().find(|notice| {
                notice.number == question.number && notice.institution == question.institution
            });
            // Whoever asked may have gone away: nobody is left to tell.
            let _ = question.answer.send(notice.cloned());
        }
    }
}

async fn find_all(store: &Store, questions: &[Question]) -> Result<Vec<Notice>, StorageError> {
    let numbers: Vec<&NoticeNumber> = questions.iter().map(|question| &question.number).collect();
    let mut snapshot = store.glance().await?;
    debt_positions::find_notices_by_numbers(&mut snapshot, &numbers).await
}
