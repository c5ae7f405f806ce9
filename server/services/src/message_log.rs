//! The message log: every exchange with the hub, kept before it is interpreted.
//!
//! Messages that arrive together are stored together: one writer takes whatever is waiting and commits it once, so
//! that a storm of small messages costs a few commits instead of thousands, and none of them is answered before its
//! own commit.

use crate::{Services, Unavailable};
use storage::messages::{MessageId, MessageSearch, NewMessage, record_messages, search_messages};
use storage::{StorageError, Store};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Messages one commit may hold.
const BATCH_MAX: usize = 256;
/// Messages that may wait; more senders wait for room.
const QUEUE_MAX: usize = 4_096;

/// What a message is about, for whoever searches the log. Text as it came: it may be wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The institution.
    pub institution: Option<String>,
    /// The notice.
    pub notice_number: Option<String>,
    /// The payment reference.
    pub iuv: Option<String>,
    /// The receipt.
    pub receipt_id: Option<String>,
    /// The station addressed.
    pub station: Option<String>,
    /// The payment provider.
    pub psp: Option<String>,
    /// Its channel.
    pub channel: Option<String>,
    /// How was paid.
    pub payment_type: Option<String>,
    /// What ties the messages of one attempt together: the payment token, or our own reference of a cart.
    pub context_code: Option<String>,
}

impl About {
    /// The message with what it is about.
    pub fn of(self, message: NewMessage) -> NewMessage {
        NewMessage {
            institution: self.institution,
            notice_number: self.notice_number,
            iuv: self.iuv,
            receipt_id: self.receipt_id,
            station: self.station,
            psp: self.psp,
            channel: self.channel,
            payment_type: self.payment_type,
            context_code: self.context_code,
            ..message
        }
    }
}
/// Messages on one page of a search: each may be of 1 MiB.
const PAGE_MESSAGES_MAX: u32 = 50;

/// The way into the log. Cloning is cheap.
#[derive(Clone)]
pub struct MessageLog {
    queue: mpsc::Sender<Entry>,
}

struct Entry {
    message: NewMessage,
    stored: Option<oneshot::Sender<bool>>,
}

/// The message could not be stored; it must not be interpreted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message could not be stored")]
pub struct NotStored;

impl MessageLog {
    /// Starts the writer. It ends, with everything stored, when the last `MessageLog` is dropped.
    pub fn start(store: Store) -> (Self, JoinHandle<()>) {
        let (queue, entries) = mpsc::channel(QUEUE_MAX);
        (Self { queue }, tokio::spawn(write(store, entries)))
    }

    /// Stores a message and returns once it is safe.
    pub async fn record(&self, message: NewMessage) -> Result<(), NotStored> {
        let (stored, answer) = oneshot::channel();
        self.queue
            .send(Entry {
                message,
                stored: Some(stored),
            })
            .await
            .map_err(|_| NotStored)?;
        if answer.await == Ok(true) {
            Ok(())
        } else {
            Err(NotStored)
        }
    }

    /// Stores a message a moment later. For our own answers: what they say is already settled.
    pub async fn record_later(&self, message: NewMessage) {
        if self
            .queue
            .send(Entry {
                message,
                stored: None,
            })
            .await
            .is_err()
        {
            tracing::error!("the message log is closed: an answer was not kept");
        }
    }
    /// Stores a message a moment later if there is room among those that wait, and never waits itself. For what is
    /// answered without the archive.
    pub fn record_if_there_is_room(&self, message: NewMessage) {
        let entry = Entry {
            message,
            stored: None,
        };
        if self.queue.try_send(entry).is_err() {
            tracing::warn!("the message log has no room: a message was not kept");
        }
    }
}

/// Some of the messages a search found, oldest first.
#[derive(Debug)]
pub struct MessagePage {
    /// The messages. A request comes with what its answer says of it.
    pub messages: Vec<NewMessage>,
    /// What to go on after; nothing when these were the last.
    pub next: Option<MessageId>,
}

/// Looks for the messages exchanged about a notice, a payment reference or a receipt of an institution.
pub async fn search(
    services: &Services,
    search: &MessageSearch,
    after: Option<MessageId>,
) -> Result<MessagePage, Unavailable> {
    let mut snapshot = services.store.glance().await?;
    let messages = search_messages(&mut snapshot, search, after, PAGE_MESSAGES_MAX).await?;
    let next = messages
        .last()
        .filter(|_| messages.len() == PAGE_MESSAGES_MAX as usize)
        .map(|last| last.id);
    Ok(MessagePage { messages, next })
}

async fn write(store: Store, mut entries: mpsc::Receiver<Entry>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while entries.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let (messages, waiting): (Vec<_>, Vec<_>) =
            batch.drain(..).map(|entry| (entry.message, entry.stored)).unzip();
        let outcome = store_all(&store, &messages).await;
        if let Err(error) = &outcome {
            tracing::error!(error = %error, messages = messages.len(), "cannot store hub messages");
        }
        for sender in waiting.into_iter().flatten() {
            // Whoever asked may have gone away: nobody is left to tell.
            let _ = sender.send(outcome.is_ok());
        }
    }
}

async fn store_all(store: &Store, messages: &[NewMessage]) -> Result<(), StorageError> {
    let mut tx = store.begin().await?;
    record_messages(&mut tx, messages).await?;
    tx.commit().await
}
