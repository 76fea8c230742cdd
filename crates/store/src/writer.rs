//! The engine's way in: records are grouped into transactions and acknowledged when durable.
//!
//! A thread of its own takes what has been submitted within 50 ms (or 500 records), writes it in
//! one transaction with `synchronous=FULL`, and then tells the tickets. SQLite makes a committed
//! transaction survive `kill -9` and power loss; what was not acknowledged may be lost.

use crate::batch;
use crate::error::{SQLITE_FULL, SQLITE_PASSING, StoreError, sqlite_code};
use crate::open::Shared;
use crate::record::Record;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Longest time that records wait for company.
const GATHER: Duration = Duration::from_millis(50);
/// Most records in a transaction (a single submission may be larger).
const MOST_RECORDS: usize = 500;
/// Pause before a failed transaction is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// Bytes that may wait in the queue.
const QUEUE_BYTES: usize = 64 << 20;

/// How a submission stands.
#[derive(Clone, Debug, Default)]
enum Standing {
    #[default]
    Waiting,
    Durable,
    /// Not yet: the last attempt failed in this way, and it will be tried again.
    Delayed(StoreError),
    /// Never: it will not be tried again.
    Failed(StoreError),
}

#[derive(Debug, Default)]
struct TicketState {
    standing: Mutex<Standing>,
    changed: Condvar,
}

impl TicketState {
    fn set(&self, standing: Standing) {
        *lock(&self.standing) = standing;
        self.changed.notify_all();
    }
}

/// A promise for one submission.
#[derive(Clone, Debug)]
pub struct Ticket(Arc<TicketState>);

impl Ticket {
    /// Blocks until the submission is durable. An error says why it is not: after
    /// [`StoreError::DiskFull`] or [`StoreError::Database`] the records are still queued and tried
    /// again, and may be waited for again ([`Ticket::is_over`] tells).
    pub fn wait(&self) -> Result<(), StoreError> {
        let mut standing = lock(&self.0.standing);
        loop {
            match &*standing {
                Standing::Waiting => {
                    standing = self
                        .0
                        .changed
                        .wait(standing)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                Standing::Durable => return Ok(()),
                Standing::Delayed(e) => {
                    let e = e.clone();
                    *standing = Standing::Waiting;
                    return Err(e);
                }
                Standing::Failed(e) => return Err(e.clone()),
            }
        }
    }

    /// True when the submission is durable or will never be.
    pub fn is_over(&self) -> bool {
        matches!(
            *lock(&self.0.standing),
            Standing::Durable | Standing::Failed(_)
        )
    }

    /// True when the submission is durable.
    pub fn is_durable(&self) -> bool {
        matches!(*lock(&self.0.standing), Standing::Durable)
    }
}

/// Lock that outlives a panic elsewhere: the data are plain values.
fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Submission {
    records: Vec<Record>,
    weight: usize,
    ticket: Arc<TicketState>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Submission>,
    /// Bytes of all that is not durable yet, the transaction being written included.
    bytes: usize,
    /// Some while the last attempt failed.
    trouble: Option<StoreError>,
    closed: bool,
}

#[derive(Default)]
struct Mailbox {
    queue: Mutex<Queue>,
    changed: Condvar,
}

/// Handle for synchronous threads. Clones feed the same queue.
#[derive(Clone)]
pub struct Writer {
    mailbox: Arc<Mailbox>,
    limit: usize,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Writer({} bytes wait)", lock(&self.mailbox.queue).bytes)
    }
}

impl Writer {
    /// Queues `records`, which become durable together, and waits while the queue is full (a
    /// recording never loses a record). While the disk is full and the queue too, it returns that
    /// error instead of waiting: nothing of `records` was taken, submit them again later.
    pub fn submit(&self, records: Vec<Record>) -> Result<Ticket, StoreError> {
        self.put(records, true)
    }

    /// The same without waiting: [`StoreError::QueueFull`] when there is no room, so that a live
    /// feed can shed.
    pub fn try_submit(&self, records: Vec<Record>) -> Result<Ticket, StoreError> {
        self.put(records, false)
    }

    /// The failure of the last attempt to write, while it lasts.
    pub fn trouble(&self) -> Option<StoreError> {
        lock(&self.mailbox.queue).trouble.clone()
    }

    /// Bytes that are submitted and not durable yet.
    pub fn waiting_bytes(&self) -> usize {
        lock(&self.mailbox.queue).bytes
    }

    fn put(&self, records: Vec<Record>, wait: bool) -> Result<Ticket, StoreError> {
        let weight = records.iter().map(Record::weight).sum();
        let ticket = Arc::new(TicketState::default());
        if records.is_empty() {
            ticket.set(Standing::Durable);
            return Ok(Ticket(ticket));
        }
        let mut queue = lock(&self.mailbox.queue);
        // A submission larger than the limit passes when it is alone.
        while !queue.closed && queue.bytes > 0 && queue.bytes + weight > self.limit {
            if let Some(e) = &queue.trouble {
                return Err(e.clone());
            }
            if !wait {
                return Err(StoreError::QueueFull { bytes: queue.bytes });
            }
            queue = self
                .mailbox
                .changed
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if queue.closed {
            return Err(StoreError::Closed);
        }
        queue.bytes += weight;
        queue.waiting.push_back(Submission {
            records,
            weight,
            ticket: ticket.clone(),
        });
        drop(queue);
        self.mailbox.changed.notify_all();
        Ok(Ticket(ticket))
    }
}

/// The thread behind [`Writer`]; ends, after writing what is queued, when told to.
pub(crate) struct WriterThread {
    mailbox: Arc<Mailbox>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl WriterThread {
    pub(crate) fn start(shared: Arc<Shared>) -> Result<(Self, Writer), StoreError> {
        Self::with_limit(shared, QUEUE_BYTES)
    }

    fn with_limit(shared: Arc<Shared>, limit: usize) -> Result<(Self, Writer), StoreError> {
        let mailbox = Arc::new(Mailbox::default());
        let inside = mailbox.clone();
        let open = |why: String| StoreError::Open {
            path: shared.dir.clone(),
            why,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| open(e.to_string()))?;
        let inner = shared.clone();
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || runtime.block_on(write_until_closed(inner, inside)))
            .map_err(|e| open(e.to_string()))?;
        let writer = Writer {
            mailbox: mailbox.clone(),
            limit,
        };
        Ok((
            Self {
                mailbox,
                thread: Mutex::new(Some(thread)),
            },
            writer,
        ))
    }

    /// Takes no more, writes what is queued, and ends.
    pub(crate) fn close(&self) {
        lock(&self.mailbox.queue).closed = true;
        self.mailbox.changed.notify_all();
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the store's writer ended by a panic");
        }
    }
}

impl Drop for WriterThread {
    fn drop(&mut self) {
        self.close();
    }
}

/// Waits for the first submission, then up to [`GATHER`] for more; `None` when closed and empty.
fn gather(mailbox: &Mailbox) -> Option<Vec<Submission>> {
    let mut queue = lock(&mailbox.queue);
    while queue.waiting.is_empty() {
        if queue.closed {
            return None;
        }
        queue = mailbox
            .changed
            .wait(queue)
            .unwrap_or_else(PoisonError::into_inner);
    }
    let until = Instant::now() + GATHER;
    loop {
        let many = queue.waiting.iter().map(|s| s.records.len()).sum::<usize>() >= MOST_RECORDS;
        let left = until.saturating_duration_since(Instant::now());
        if many || queue.closed || left.is_zero() {
            break;
        }
        queue = mailbox
            .changed
            .wait_timeout(queue, left)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
    }
    let mut taken: Vec<Submission> = Vec::new();
    let mut records = 0;
    while let Some(next) = queue.waiting.front() {
        if !taken.is_empty() && records + next.records.len() > MOST_RECORDS {
            break;
        }
        records += next.records.len();
        taken.extend(queue.waiting.pop_front());
    }
    Some(taken)
}

async fn write_until_closed(shared: Arc<Shared>, mailbox: Arc<Mailbox>) {
    let mut connection = None;
    // The queue's lock is held by this thread only for moments: nothing else runs on this runtime.
    while let Some(batch) = gather(&mailbox) {
        let mut said = false;
        let end = loop {
            let attempt = write_batch(&shared, &mut connection, &batch).await;
            let Err((error, passing)) = attempt else {
                break Standing::Durable;
            };
            let closed = {
                let mut queue = lock(&mailbox.queue);
                queue.trouble = Some(error.clone());
                queue.closed
            };
            mailbox.changed.notify_all();
            if !passing || closed {
                tracing::error!("{error}");
                break Standing::Failed(error);
            }
            if !said {
                tracing::error!("{error}");
                said = true;
            }
            for s in &batch {
                s.ticket.set(Standing::Delayed(error.clone()));
            }
            tokio::time::sleep(RETRY).await;
        };
        if said && matches!(end, Standing::Durable) {
            tracing::info!("the store can be written again; nothing acknowledged was lost");
        }
        let weight: usize = batch.iter().map(|s| s.weight).sum();
        {
            let mut queue = lock(&mailbox.queue);
            queue.bytes = queue.bytes.saturating_sub(weight);
            if matches!(end, Standing::Durable) {
                queue.trouble = None;
            }
        }
        mailbox.changed.notify_all();
        for s in &batch {
            s.ticket.set(end.clone());
        }
    }
}

/// One transaction. The error's flag is true when trying again may help.
async fn write_batch(
    shared: &Shared,
    connection: &mut Option<sqlx::SqliteConnection>,
    batch: &[Submission],
) -> Result<(), (StoreError, bool)> {
    let records = || batch.iter().flat_map(|s| &s.records);
    let result = async {
        let conn = match connection {
            Some(conn) => conn,
            None => connection.insert(shared.connect().await?),
        };
        batch::write(conn, &shared.key, records()).await
    }
    .await;
    result.map_err(|e| {
        // The transaction was dropped, and with the connection it is rolled back for certain.
        *connection = None;
        match sqlite_code(&e) {
            Some(SQLITE_FULL) => (
                StoreError::DiskFull {
                    path: shared.database(),
                },
                true,
            ),
            code => (
                StoreError::sql("writing records", e),
                code.is_some_and(|c| SQLITE_PASSING.contains(&c)),
            ),
        }
    })
}
