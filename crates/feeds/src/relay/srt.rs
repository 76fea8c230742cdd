//! SRT, calling or being called. What a lost connection had not confirmed is sent once more on the
//! next one, so that an outage loses nothing that fits into the queue.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use atalaya_model::operation::SrtAddress;
use atalaya_video::{SrtListener, SrtSent, SrtSocket};

use super::{Next, POLL, Queue};
use crate::error::Error;
use crate::source::{Backoff, resolve, srt_options};

/// At the end, the other side has its latency and so long to confirm.
const PATIENCE: Duration = Duration::from_secs(5);
/// Without a word for the latency and so long, a connection is given up.
const STALL: Duration = Duration::from_millis(250);
/// Who is away at the end is called for so long.
const LAST_CALL: Duration = Duration::from_secs(1);

pub(super) struct Sink {
    address: SrtAddress,
    shown: String,
    listener: Option<SrtListener>,
}

impl Sink {
    pub(super) fn open(address: &SrtAddress, shown: String) -> Result<Self, Error> {
        let listener = match address.listener {
            true => {
                let at = resolve(address, &shown)?;
                Some(SrtListener::bind(&shown, at, &srt_options(address, true))?)
            }
            false => None,
        };
        Ok(Self {
            address: address.clone(),
            shown,
            listener,
        })
    }

    pub(super) fn run(self, mut queue: Queue) {
        let mut backoff = Backoff::new();
        // At the end somebody may still have to be reached, but not for ever.
        let mut closing = None;
        while !queue.shared.stop.is_stopped() {
            match self.connection(&queue) {
                Ok(Some(socket)) => {
                    backoff.reset();
                    queue.shared.faults.well();
                    queue.shared.connections.fetch_add(1, Ordering::Relaxed);
                    if serve(&socket, &mut queue) {
                        return;
                    }
                    let shown = &self.shown;
                    queue.shared.faults.tell(format!(
                        "{shown}: the connection was lost; connecting again"
                    ));
                    continue;
                }
                Ok(None) => {}
                Err(error) => queue.shared.faults.tell(error.to_string()),
            }
            let over =
                queue.closing() && closing.get_or_insert_with(Instant::now).elapsed() > LAST_CALL;
            if over || (queue.closing() && queue.shared.queued.load(Ordering::Relaxed) == 0) {
                return;
            }
            let pause = match self.listener {
                Some(_) => POLL,
                None => backoff.next(),
            };
            let until = Instant::now() + pause;
            while Instant::now() < until && !queue.shared.stop.is_stopped() && !queue.closing() {
                std::thread::sleep(POLL.min(pause));
            }
        }
    }

    fn connection(&self, queue: &Queue) -> Result<Option<SrtSocket>, Error> {
        match &self.listener {
            Some(listener) => Ok(listener.accept()?),
            None => {
                let at = resolve(&self.address, &self.shown)?;
                let options = srt_options(&self.address, true);
                let stop = &queue.shared.stop;
                Ok(Some(SrtSocket::connect(&self.shown, at, &options, stop)?))
            }
        }
    }
}

/// Sends until the end (true) or until the connection is lost (false); then the queue begins with
/// what was not confirmed.
fn serve(socket: &SrtSocket, queue: &mut Queue) -> bool {
    let mut unconfirmed = Unconfirmed::default();
    loop {
        let chunk = match queue.next() {
            Next::Chunk(chunk) => chunk,
            Next::Nothing => {
                if !unconfirmed.look(socket) {
                    unconfirmed.again(queue);
                    return false;
                }
                continue;
            }
            Next::End => {
                let until = Instant::now() + socket.latency() + PATIENCE;
                while socket.unsent_bytes().is_some_and(|n| n > 0)
                    && Instant::now() < until
                    && !queue.shared.stop.is_stopped()
                {
                    std::thread::sleep(Duration::from_millis(5));
                }
                return true;
            }
        };
        loop {
            match socket.send(&chunk) {
                SrtSent::Taken => {
                    queue.sent(chunk.len());
                    unconfirmed.push(chunk);
                    if !unconfirmed.look(socket) {
                        unconfirmed.again(queue);
                        return false;
                    }
                    break;
                }
                SrtSent::Full if queue.shared.stop.is_stopped() => return true,
                SrtSent::Full if unconfirmed.look(socket) => {}
                SrtSent::Full | SrtSent::Lost => {
                    queue.again.push_front(chunk);
                    unconfirmed.again(queue);
                    return false;
                }
            }
        }
    }
}

/// The last chunks sent: at least those that the other side has not confirmed.
#[derive(Default)]
struct Unconfirmed {
    chunks: VecDeque<Vec<u8>>,
    bytes: usize,
    /// Since when nothing was confirmed although something waits.
    stalled: Option<Instant>,
}

impl Unconfirmed {
    /// Forgets what is confirmed; false when the connection is as good as lost: nothing was
    /// confirmed for longer than the other side waits. Once the network is back it would give up
    /// what it lacks; on a new connection it gets it.
    fn look(&mut self, socket: &SrtSocket) -> bool {
        let Some(waiting) = socket.unsent_bytes() else {
            return false;
        };
        let before = self.chunks.len();
        self.confirmed_but(waiting);
        if self.chunks.is_empty() || self.chunks.len() < before {
            self.stalled = None;
            return true;
        }
        let since = self.stalled.get_or_insert_with(Instant::now);
        since.elapsed() < socket.latency() + STALL
    }

    fn push(&mut self, chunk: Vec<u8>) {
        self.bytes += chunk.len();
        self.chunks.push_back(chunk);
    }

    /// All but the last `waiting` bytes are confirmed.
    fn confirmed_but(&mut self, waiting: usize) {
        while let Some(first) = self.chunks.front() {
            if self.bytes - first.len() < waiting {
                return;
            }
            self.bytes -= first.len();
            self.chunks.pop_front();
        }
    }

    /// They go to the head of the queue.
    fn again(&mut self, queue: &mut Queue) {
        let bytes = self.bytes;
        queue.shared.queued.fetch_add(bytes, Ordering::Relaxed);
        let repeated = bytes as u64;
        queue.shared.repeated.fetch_add(repeated, Ordering::Relaxed);
        for chunk in self.chunks.drain(..).rev() {
            queue.again.push_front(chunk);
        }
        self.bytes = 0;
        self.stalled = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_confirmed_is_kept() {
        let mut sent = Unconfirmed::default();
        for n in 0..10 {
            sent.push(vec![n; 100]);
        }
        sent.confirmed_but(250);
        assert_eq!(sent.chunks.len(), 3);
        assert_eq!(sent.chunks[0][0], 7);
        sent.confirmed_but(0);
        assert_eq!((sent.chunks.len(), sent.bytes), (0, 0));
    }
}
