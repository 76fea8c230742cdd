//! The simulated aircraft on a socket.

use super::Autopilot;
use crate::error::Error;
use atalaya_mav::{Reader, Writer, stamp_of_unix_us};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Between looks at the clock while nobody says anything.
const MOMENT: Duration = Duration::from_millis(20);
/// Most ground stations that it talks to.
const MOST_PEERS: usize = 16;

/// Lets the aircraft fly until `stop`: it says what it says to `also`, and to whoever has spoken to it.
pub fn fly_on_udp(
    mut aircraft: Autopilot,
    socket: &UdpSocket,
    also: &[SocketAddr],
    stop: &AtomicBool,
) -> Result<(), Error> {
    let to = socket
        .local_addr()
        .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0)));
    let fail = |cause| Error::Send { to, cause };
    socket.set_read_timeout(Some(MOMENT)).map_err(fail)?;
    let mut peers: BTreeMap<SocketAddr, Reader> = BTreeMap::new();
    let mut writer = Writer::new(aircraft.system(), 1, None);
    let began = Instant::now();
    let mut buffer = [0; 2048];
    while !stop.load(Ordering::Relaxed) {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH);
        let unix_us = unix.map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX));
        let stamp = stamp_of_unix_us(unix_us);
        match socket.recv_from(&mut buffer) {
            Ok((n, from)) if peers.contains_key(&from) || peers.len() < MOST_PEERS => {
                let reader = peers.entry(from).or_insert_with(|| Reader::new(None));
                let mut messages = Vec::new();
                reader.push(&buffer[..n], stamp, &mut messages);
                for m in &messages {
                    aircraft.hear((m.system, m.component), &m.body);
                }
            }
            Ok(_) => {}
            // A ground station that has gone is no fault of the aircraft's.
            Err(e)
                if matches!(
                    e.kind(),
                    ErrorKind::WouldBlock
                        | ErrorKind::TimedOut
                        | ErrorKind::ConnectionRefused
                        | ErrorKind::Interrupted
                ) => {}
            Err(e) => return Err(fail(e)),
        }
        aircraft.tick(began.elapsed().as_micros() as u64);
        for m in aircraft.take_messages() {
            let frame = writer.frame(&m, stamp);
            for to in also
                .iter()
                .chain(peers.keys().filter(|p| !also.contains(p)))
            {
                socket.send_to(&frame, to).ok();
            }
        }
    }
    Ok(())
}
