//! SAPIENT nodes that connect to us.

use super::ground::OUR_ID;
use super::live::{Arrival, Inlet, POLL};
use atalaya_sapient::{Heard, Host, frame, wire};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Connections at once.
const CONNECTIONS: usize = 64;
/// A node that does not take our answers for so long is let go.
const ANSWER: Duration = Duration::from_secs(5);

/// Serves nodes until it is to stop.
pub(super) fn serve(listener: &TcpListener, nodes: &[String], inlet: &Inlet) {
    let host = Arc::new(Mutex::new(Host::new(OUR_ID, nodes)));
    let mut links: Vec<JoinHandle<()>> = Vec::new();
    while !inlet.stopped() {
        links.retain(|l| !l.is_finished());
        match listener.accept() {
            Ok((stream, _)) if links.len() < CONNECTIONS => {
                let (host, inlet) = (host.clone(), inlet.clone());
                let link = std::thread::Builder::new()
                    .name("sapient".into())
                    .spawn(move || {
                        let why = link(stream, &host, &inlet);
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

fn link(mut stream: TcpStream, host: &Mutex<Host>, inlet: &Inlet) -> String {
    let set = stream
        .set_nonblocking(false)
        .and_then(|()| stream.set_read_timeout(Some(POLL)))
        .and_then(|()| stream.set_write_timeout(Some(ANSWER)));
    if let Err(e) = set {
        return e.to_string();
    }
    let mut splitter = frame::Splitter::default();
    let mut buffer = vec![0; 1 << 14];
    while !inlet.stopped() {
        let n = match stream.read(&mut buffer) {
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
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let now = now.map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(0));
            let (heard, answer) = host
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .hear(&message, now);
            if let Heard::Registered { .. } = heard {
                inlet.say(Arrival::Connected);
            }
            // What is refused goes on too: it is counted where the rest is.
            inlet.message(message);
            if let Some(answer) = answer
                && let Err(e) = stream.write_all(&frame::framed(&wire::encode(&answer)))
            {
                return format!("a node does not take our answers: {e}");
            }
        }
    }
    "stopped".into()
}
