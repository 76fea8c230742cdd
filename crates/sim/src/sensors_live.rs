//! Playing sensors' recordings live: samples of gas as JSON over UDP or MQTT, a tripwire over TCP.

use crate::error::Error;
use atalaya_model::Micros;
use atalaya_sapient::{Value, frame::Splitter, frame::framed, wire};
use rumqttc::{Client, MqttOptions, QoS};
use serde_json::{Map, Value as Json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often a wait looks whether it should stop.
const POLL: Duration = Duration::from_millis(20);
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Where samples go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GasTarget {
    /// A datagram each.
    Udp(SocketAddr),
    /// A message each, to a broker's topic.
    Mqtt {
        /// The broker.
        host: String,
        /// Its port.
        port: u16,
        /// The topic.
        topic: String,
    },
}

/// The pace of a recording whose first moment becomes `start`.
struct Pace<'a> {
    shift: i64,
    first: i64,
    begun: Instant,
    stop: &'a AtomicBool,
}

impl<'a> Pace<'a> {
    fn new(first: i64, start: Option<i64>, stop: &'a AtomicBool) -> Self {
        Self {
            shift: start.map_or(0, |s| s - first),
            first,
            begun: Instant::now(),
            stop,
        }
    }

    /// Waits until a moment of the recording is due; gives it as it is to be said, or `None` when it is
    /// to stop.
    fn wait(&self, t: i64) -> Option<i64> {
        let due = self.begun + Duration::from_micros((t - self.first).max(0) as u64);
        while Instant::now() < due {
            if self.stop.load(Ordering::Relaxed) {
                return None;
            }
            std::thread::sleep(POLL.min(due.saturating_duration_since(Instant::now())));
        }
        (!self.stop.load(Ordering::Relaxed)).then_some(t + self.shift)
    }
}

/// Sends a table of samples once at its own pace, each as a JSON object with the table's names; the
/// first is said to be at `start_us`, where it is given.
pub fn send_gas(
    csv: &Path,
    to: &GasTarget,
    start_us: Option<i64>,
    stop: &AtomicBool,
) -> Result<(), Error> {
    let text = std::fs::read_to_string(csv).map_err(Error::file(csv))?;
    let bad = |cause: &str| Error::Recording {
        path: csv.into(),
        cause: cause.to_owned(),
    };
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let time = header
        .iter()
        .position(|h| *h == "time")
        .ok_or_else(|| bad("has no column 'time'; give a table written by atalaya sim"))?;
    let mut say = sender(to)?;
    let mut pace: Option<Pace<'_>> = None;
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let Some(t) = cells.get(time).and_then(|c| Micros::parse_rfc3339(c)) else {
            continue;
        };
        let pace = pace.get_or_insert_with(|| Pace::new(t.0, start_us, stop));
        let Some(said) = pace.wait(t.0) else {
            return Ok(());
        };
        let mut object = Map::new();
        for (name, cell) in header.iter().zip(&cells) {
            let value = if *name == "time" {
                Json::from(Micros(said).to_rfc3339())
            } else {
                let number = cell.parse::<f64>().ok();
                number.map_or_else(|| Json::from(*cell), Json::from)
            };
            object.insert((*name).to_owned(), value);
        }
        say(Json::Object(object).to_string().into_bytes())?;
    }
    Ok(())
}

type Say = Box<dyn FnMut(Vec<u8>) -> Result<(), Error>>;

fn sender(to: &GasTarget) -> Result<Say, Error> {
    match to {
        GasTarget::Udp(address) => {
            let address = *address;
            let failed = move |cause| Error::Send { to: address, cause };
            let socket = UdpSocket::bind((std::net::Ipv4Addr::UNSPECIFIED, 0)).map_err(failed)?;
            Ok(Box::new(move |bytes| {
                // Nobody listening yet is no failure of ours.
                match socket.send_to(&bytes, address) {
                    Err(e) if e.kind() != std::io::ErrorKind::ConnectionRefused => Err(failed(e)),
                    _ => Ok(()),
                }
            }))
        }
        GasTarget::Mqtt { host, port, topic } => {
            let id = format!("atalaya-sim-{}", std::process::id());
            let mut options = MqttOptions::new(id, host, *port);
            options.set_keep_alive(Duration::from_secs(15));
            let (client, mut connection) = Client::new(options, 64);
            std::thread::spawn(move || {
                // A lost connection is made again; it ends with the client.
                for event in connection.iter() {
                    if event.is_err() {
                        std::thread::sleep(Duration::from_secs(1));
                    }
                }
            });
            let topic = topic.clone();
            Ok(Box::new(move |bytes| {
                // Where the broker is away, what does not fit the queue is lost, as from a real sensor.
                let _ = client.try_publish(&topic, QoS::AtLeastOnce, false, bytes);
                Ok(())
            }))
        }
    }
}

/// Sends a recording of SAPIENT messages once at its own pace, as a node that connects; answers are
/// read and left.
pub fn send_tripwire(
    file: &Path,
    to: SocketAddr,
    start_us: Option<i64>,
    stop: &AtomicBool,
) -> Result<(), Error> {
    let bytes = std::fs::read(file).map_err(Error::file(file))?;
    let failed = |cause| Error::Send { to, cause };
    let mut stream = TcpStream::connect_timeout(&to, CONNECT).map_err(failed)?;
    stream
        .set_read_timeout(Some(Duration::from_millis(1)))
        .map_err(failed)?;
    let mut splitter = Splitter::default();
    splitter.push(&bytes);
    let mut pace: Option<Pace<'_>> = None;
    let mut answers = [0; 4096];
    while let Ok(Some(bytes)) = splitter.take() {
        let Ok(message) = wire::decode(&bytes) else {
            continue;
        };
        let Some(t) = message.time("timestamp") else {
            continue;
        };
        let pace = pace.get_or_insert_with(|| Pace::new(t, start_us, stop));
        let Some(said) = pace.wait(t) else {
            return Ok(());
        };
        let message = message.with_only("timestamp", Value::Time(said));
        stream
            .write_all(&framed(&wire::encode(&message)))
            .map_err(failed)?;
        let _ = stream.read(&mut answers);
    }
    Ok(())
}
