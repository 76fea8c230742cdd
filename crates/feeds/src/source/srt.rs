//! MPEG-TS over SRT, calling or being called.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::{Duration, Instant};

use atalaya_model::operation::SrtAddress;
use atalaya_video::{SrtListener, SrtOptions, SrtReceived, SrtSocket};

use super::backoff::Backoff;
use super::line::{Line, POLL};
use crate::error::Error;
use crate::transport::payload;

/// After the loss of a connection, what was received before comes out for its latency and so long.
const PATIENCE: Duration = Duration::from_millis(300);

/// A caller, or a listener that is bound.
pub(crate) struct Source {
    address: SrtAddress,
    shown: String,
    listener: Option<SrtListener>,
}

/// What the socket is made with.
pub(crate) fn options(address: &SrtAddress, sender: bool) -> SrtOptions {
    SrtOptions {
        latency_ms: address.latency_ms,
        passphrase: address.passphrase.as_ref().map(|p| p.expose().to_owned()),
        stream_id: address.stream_id.clone(),
        sender,
    }
}

/// The other side's address, or the one to listen on.
pub(crate) fn resolve(address: &SrtAddress, shown: &str) -> Result<SocketAddr, Error> {
    let unknown = |cause: String| {
        Error::from(atalaya_video::Error::Link {
            what: shown.to_owned(),
            cause,
            remedy: "check the name",
        })
    };
    (address.host.as_str(), address.port)
        .to_socket_addrs()
        .map_err(|e| unknown(e.to_string()))?
        .next()
        .ok_or_else(|| unknown("the name has no address".into()))
}

impl Source {
    pub(super) fn open(address: &SrtAddress, shown: String) -> Result<Self, Error> {
        let listener = match address.listener {
            true => {
                let at = resolve(address, &shown)?;
                Some(SrtListener::bind(&shown, at, &options(address, false))?)
            }
            false => None,
        };
        Ok(Self {
            address: address.clone(),
            shown,
            listener,
        })
    }

    pub(super) fn local(&self) -> Option<SocketAddr> {
        self.listener.as_ref()?.local_address()
    }

    pub(super) fn run(self, line: &Line) {
        let mut backoff = Backoff::new();
        let mut next = None;
        while !line.stopped() {
            let connection = match next.take() {
                Some(socket) => Ok(Some(socket)),
                None => self.connection(line),
            };
            match connection {
                Ok(Some(socket)) => {
                    let any;
                    (any, next) = self.receive(&socket, line);
                    if any {
                        backoff.reset();
                        line.shared.faults.well();
                    }
                    let stats = socket.stats();
                    if stats.given_up > 0 {
                        let (lost, of) = (stats.given_up, stats.packets);
                        let shown = &self.shown;
                        line.fault(format!(
                            "{shown}: {lost} packets of {of} did not come in time; give a longer latency"
                        ));
                    }
                    line.broken();
                }
                Ok(None) => {}
                Err(error) => line.fault(error.to_string()),
            }
            if self.listener.is_none() {
                line.pause(backoff.next());
            }
        }
    }

    fn connection(&self, line: &Line) -> Result<Option<SrtSocket>, Error> {
        let Some(listener) = &self.listener else {
            let at = resolve(&self.address, &self.shown)?;
            let options = options(&self.address, false);
            let stop = &line.shared.stop;
            return Ok(Some(SrtSocket::connect(&self.shown, at, &options, stop)?));
        };
        let accepted = listener.accept();
        if !matches!(accepted, Ok(Some(_))) {
            line.pause(POLL / 5);
        }
        Ok(accepted?)
    }

    /// Receives until the connection is lost and all that came before is out, or until another
    /// caller is there while this one is silent. Says whether anything came, and who is next.
    fn receive(&self, socket: &SrtSocket, line: &Line) -> (bool, Option<SrtSocket>) {
        let mut buffer = [0; 1500];
        let mut any = false;
        let mut lost: Option<Instant> = None;
        let mut heard = Instant::now();
        let patience = socket.latency() + PATIENCE;
        while !line.stopped() {
            match socket.receive(&mut buffer) {
                SrtReceived::Bytes(n) => {
                    any = true;
                    heard = Instant::now();
                    lost = lost.map(|_| heard);
                    if !line.push(payload(&buffer[..n])) {
                        break;
                    }
                }
                SrtReceived::Nothing if heard.elapsed() > patience => {
                    let next = self.listener.as_ref().map(SrtListener::accept);
                    if let Some(Ok(Some(next))) = next {
                        return (any, Some(next));
                    }
                }
                SrtReceived::Nothing => {}
                SrtReceived::Lost => {
                    if lost.get_or_insert_with(Instant::now).elapsed() > patience {
                        break;
                    }
                }
            }
        }
        (any, None)
    }
}
