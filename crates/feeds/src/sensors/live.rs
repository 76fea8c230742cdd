//! Live sensors: messages from MQTT, UDP or TCP into a bounded queue.

use super::{LONGEST, mqtt, tcp};
use crate::error::Error;
use crate::sensors::tcp::Nodes;
use atalaya_model::operation::{FeedConfig, SourceAddress};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Messages that may wait.
const WAITING: usize = 1024;
/// How often a wait looks whether it should stop.
pub(super) const POLL: Duration = Duration::from_millis(50);

/// What comes from a live sensor.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrival {
    /// A message, as it came, and when.
    Message(Vec<u8>, Instant),
    /// A node's answer to the task to look at a place.
    Answered {
        /// Its id.
        node: String,
        /// The task's id.
        task: String,
        /// `TASK_STATUS_ACCEPTED` and the like.
        status: &'static str,
        /// Its reason, where it gives one.
        reason: Option<String>,
    },
    /// The link is there.
    Connected,
    /// The link is gone, for this reason; it is tried again.
    Lost(String),
}

/// What the threads share.
#[derive(Default)]
pub(super) struct Shared {
    stop: AtomicBool,
    shed: AtomicU64,
    doubled: AtomicU64,
    done: AtomicU64,
}

/// Where threads put what comes.
#[derive(Clone)]
pub(super) struct Inlet {
    sender: Sender<Arrival>,
    shared: Arc<Shared>,
}

impl Inlet {
    pub fn stopped(&self) -> bool {
        self.shared.stop.load(Ordering::Relaxed)
    }

    /// A message; one for which there is no room is shed and counted. Gives whether it waits.
    pub fn message(&self, bytes: Vec<u8>) -> bool {
        let full = bytes.len() > LONGEST
            || matches!(
                self.sender
                    .try_send(Arrival::Message(bytes, Instant::now())),
                Err(TrySendError::Full(_))
            );
        if full {
            self.shared.shed.fetch_add(1, Ordering::Relaxed);
        }
        !full
    }

    /// A message came a second time.
    pub fn doubled(&self) {
        self.shared.doubled.fetch_add(1, Ordering::Relaxed);
    }

    /// Messages that were given out and are dealt with ([`SensorLive::done`]).
    pub fn done(&self) -> u64 {
        self.shared.done.load(Ordering::Acquire)
    }

    pub fn say(&self, word: Arrival) {
        let _ = self.sender.try_send(word);
    }

    /// Waits, unless it is to stop.
    pub fn pause(&self, how_long: Duration) {
        let until = Instant::now() + how_long;
        while !self.stopped() && Instant::now() < until {
            std::thread::sleep(POLL);
        }
    }
}

/// A live sensor. Dropping it ends its threads.
pub struct SensorLive {
    receiver: Receiver<Arrival>,
    shared: Arc<Shared>,
    local: Option<SocketAddr>,
    nodes: Option<Arc<Nodes>>,
    thread: Option<JoinHandle<()>>,
}

impl SensorLive {
    /// Opens a feed's live source.
    pub fn open(feed: &FeedConfig) -> Result<Self, Error> {
        let refused = |cause: String| Error::Sensor {
            path: feed.source.to_string(),
            cause,
        };
        let (sender, receiver) = bounded(WAITING);
        let shared: Arc<Shared> = Arc::default();
        let inlet = Inlet {
            sender,
            shared: shared.clone(),
        };
        let address = feed.address().map_err(refused)?;
        let listen = |e: std::io::Error| {
            refused(format!(
                "cannot listen: {e}; stop what uses the port, or choose another in the operation"
            ))
        };
        let mut local = None;
        let mut nodes = None;
        let run: Box<dyn FnOnce() + Send> = match address {
            SourceAddress::Udp(address) => {
                let socket = UdpSocket::bind(address).map_err(listen)?;
                socket.set_read_timeout(Some(POLL)).map_err(listen)?;
                local = socket.local_addr().ok();
                Box::new(move || datagrams(&socket, &inlet))
            }
            SourceAddress::Tcp(address) => {
                let listener = std::net::TcpListener::bind(address).map_err(listen)?;
                listener.set_nonblocking(true).map_err(listen)?;
                local = listener.local_addr().ok();
                let allowed = feed.ground.as_ref().map(|g| g.nodes.clone());
                let all = Arc::new(Nodes::new(&allowed.unwrap_or_default()));
                nodes = Some(all.clone());
                Box::new(move || tcp::serve(&listener, &all, &inlet))
            }
            SourceAddress::Mqtt(broker) => {
                let id = feed.id.clone();
                Box::new(move || mqtt::fetch(&broker, &id, &inlet))
            }
            SourceAddress::File(_) | SourceAddress::Stream(_) => {
                return Err(refused(
                    "is a recording; atalaya run analyses recordings, a live feed has an address"
                        .into(),
                ));
            }
        };
        let thread = std::thread::Builder::new()
            .name(format!("sensor {}", feed.id))
            .spawn(run)
            .map_err(|e| refused(format!("no thread for it: {e}")))?;
        Ok(Self {
            receiver,
            shared,
            local,
            nodes,
            thread: Some(thread),
        })
    }

    /// The address that is listened on, if any.
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.local
    }

    /// The nodes that are connected and can be asked to look at a place.
    pub fn lookers(&self) -> Vec<String> {
        self.nodes.as_ref().map_or_else(Vec::new, |n| n.lookers())
    }

    /// Asks a node to look at a place (longitude, latitude in degrees, height in metres); gives the
    /// task's id, or `None` when it can't be asked or does not take what it is sent.
    pub fn look(&self, node: &str, at: [f64; 3]) -> Option<String> {
        self.nodes.as_ref()?.look(node, at)
    }

    /// What comes next, if it comes soon.
    pub fn next_arrival(&self) -> Option<Arrival> {
        self.receiver.recv_timeout(POLL).ok()
    }

    /// Messages shed because reading was behind, or longer than any may be.
    pub fn shed(&self) -> u64 {
        self.shared.shed.load(Ordering::Relaxed)
    }

    /// Messages that came a second time and were left out: a broker sends again what it is not sure of.
    pub fn doubled(&self) -> u64 {
        self.shared.doubled.load(Ordering::Relaxed)
    }

    /// The oldest message that was given out is dealt with (recorded, or refused): it need not be sent
    /// again. Until then a broker with a session keeps it.
    pub fn done(&self) {
        self.shared.done.fetch_add(1, Ordering::Release);
    }

    /// Nothing more is received; what has come is still given out.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }
}

impl Drop for SensorLive {
    fn drop(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn datagrams(socket: &UdpSocket, inlet: &Inlet) {
    let mut buffer = vec![0; LONGEST];
    while !inlet.stopped() {
        // Timeouts let us look at `stop`; other errors say nothing about the next datagram.
        if let Ok(n) = socket.recv(&mut buffer)
            && n > 0
        {
            inlet.message(buffer[..n].to_vec());
        }
    }
}
