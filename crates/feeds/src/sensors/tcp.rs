//! SAPIENT nodes that connect to us.

use super::ground::OUR_ID;
use super::live::{Arrival, Inlet, POLL};
use atalaya_sapient::{Heard, Host, Message, frame, wire};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Connections at once.
const CONNECTIONS: usize = 64;
/// A node that does not take our answers for so long is let go.
const ANSWER: Duration = Duration::from_secs(5);

/// Where messages to a node go. One at a time: an answer and a task must not be mixed.
type Out = Arc<Mutex<TcpStream>>;

/// The nodes of a feed: what is known of them, and where each is connected.
pub(super) struct Nodes {
    host: Mutex<Host>,
    links: Mutex<BTreeMap<String, Out>>,
}

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(0))
}

fn send(out: &Out, message: &Message) -> std::io::Result<()> {
    let mut stream = lock(out);
    let sent = stream.write_all(&frame::framed(&wire::encode(message)));
    if sent.is_err() {
        // Half a message may have gone: nothing behind it could be read.
        let _ = stream.shutdown(std::net::Shutdown::Both);
    }
    sent
}

impl Nodes {
    /// With those that may register; any, when empty.
    pub fn new(allowed: &[String]) -> Self {
        Self {
            host: Mutex::new(Host::new(OUR_ID, allowed)),
            links: Mutex::default(),
        }
    }

    /// Those that are connected and can be asked to look at a place.
    pub fn lookers(&self) -> Vec<String> {
        let links = lock(&self.links);
        let host = lock(&self.host);
        let all = host.lookers().filter(|n| links.contains_key(*n));
        all.map(str::to_owned).collect()
    }

    /// Asks a node to look at a place; gives the task's id.
    pub fn look(&self, node: &str, at: [f64; 3]) -> Option<String> {
        let out = lock(&self.links).get(node)?.clone();
        let task = lock(&self.host).look(node, at, now())?;
        let id = task.message("task")?.text("task_id")?.to_owned();
        send(&out, &task).is_ok().then_some(id)
    }
}

/// Serves nodes until it is to stop.
pub(super) fn serve(listener: &TcpListener, nodes: &Arc<Nodes>, inlet: &Inlet) {
    let mut links: Vec<JoinHandle<()>> = Vec::new();
    while !inlet.stopped() {
        links.retain(|l| !l.is_finished());
        match listener.accept() {
            Ok((stream, _)) if links.len() < CONNECTIONS => {
                let (nodes, inlet) = (nodes.clone(), inlet.clone());
                let link = std::thread::Builder::new()
                    .name("sapient".into())
                    .spawn(move || {
                        let why = serve_node(stream, &nodes, &inlet);
                        inlet.say(Arrival::Lost(why));
                    });
                links.extend(link.ok());
            }
            // One too many is closed at once.
            Ok(_) => {}
            Err(_) => std::thread::sleep(POLL),
        }
    }
    for l in links {
        let _ = l.join();
    }
}

fn serve_node(mut stream: TcpStream, nodes: &Nodes, inlet: &Inlet) -> String {
    let set = stream
        .set_nonblocking(false)
        .and_then(|()| stream.set_read_timeout(Some(POLL)))
        .and_then(|()| stream.set_write_timeout(Some(ANSWER)))
        .and_then(|()| stream.try_clone());
    let out: Out = match set {
        Ok(out) => Arc::new(Mutex::new(out)),
        Err(e) => return e.to_string(),
    };
    let why = listen(&mut stream, &out, nodes, inlet);
    // A node that has come back by another connection keeps that one.
    lock(&nodes.links).retain(|_, o| !Arc::ptr_eq(o, &out));
    why
}

fn listen(stream: &mut TcpStream, out: &Out, nodes: &Nodes, inlet: &Inlet) -> String {
    let mut splitter = frame::Splitter::default();
    let mut buffer = vec![0; 1 << 14];
    while !inlet.stopped() {
        let n = match stream.read(&mut buffer) {
            Ok(0) if splitter.rest() > 0 => {
                return format!(
                    "a node has closed its connection in the middle of a message; {} bytes of it are left out",
                    splitter.rest()
                );
            }
            Ok(0) => return "a node has closed its connection".into(),
            Ok(n) => n,
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(e) => return format!("the connection of a node broke: {e}"),
        };
        splitter.push(&buffer[..n]);
        loop {
            let message = match splitter.take() {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(e) => return e.to_string(),
            };
            let (heard, answer) = lock(&nodes.host).hear(&message, now());
            if let Heard::Registered { .. } = heard {
                inlet.say(Arrival::Connected);
            }
            // What is refused goes on too: it is counted where the rest is.
            inlet.message(message);
            if let Some(answer) = answer
                && let Err(e) = send(out, &answer)
            {
                return format!("a node does not take our answers: {e}");
            }
            if let Heard::Answered {
                node,
                task,
                status,
                reason,
            } = &heard
            {
                inlet.say(Arrival::Answered {
                    node: node.clone(),
                    task: task.clone(),
                    status,
                    reason: reason.clone(),
                });
            }
            // Only behind its acknowledgement may it be asked for something.
            if let Heard::Registered { node, .. } = heard {
                lock(&nodes.links).insert(node, out.clone());
            }
        }
    }
    "stopped".into()
}
