//! MPEG-TS over HTTP, live or a file; other containers as files.

use std::io::Read;

use atalaya_video::{Demuxer, HttpInput};

use super::backoff::Backoff;
use super::line::Line;
use super::remux::Remuxer;
use crate::error::Error;
use crate::pace::Pacer;
use crate::transport::{PACKET, find_sync};

/// Bytes asked for at once.
const CHUNK: usize = PACKET * 64;

/// What a request came to.
enum Came {
    /// A file, to its end.
    File,
    /// A stream, until it stopped; whether anything came.
    Stream(bool),
}

pub(super) fn run(url: &str, shown: &str, line: &Line) {
    let mut backoff = Backoff::new();
    while !line.stopped() {
        match fetch(url, shown, line) {
            Ok(Came::File) => {
                line.over();
                return;
            }
            Ok(Came::Stream(any)) => {
                if any {
                    backoff.reset();
                    line.shared.faults.well();
                }
                line.fault(format!(
                    "{shown}: the server ended the stream; asking again"
                ));
            }
            Err(error) => line.fault(error.to_string()),
        }
        line.broken();
        line.pause(backoff.next());
    }
}

fn fetch(url: &str, shown: &str, line: &Line) -> Result<Came, Error> {
    let mut input = HttpInput::open(shown, url, &line.shared.stop)?;
    let file = input.size().is_some();
    let mut buffer = vec![0; CHUNK];
    let mut n = input.read(&mut buffer).map_err(|e| failed(shown, &e))?;
    let transport =
        buffer.first() == Some(&0x47) || find_sync(&buffer[..n]).is_some_and(|_| n >= 4 * PACKET);
    if !transport && file && n > 0 {
        drop(input);
        return remultiplexed(url, shown, line);
    }
    // A file comes as fast as the line takes it: it is held to its own clock.
    let mut pacer = file.then(Pacer::new);
    let any = n > 0;
    while n > 0 && !line.stopped() {
        if let Some(pacer) = &mut pacer {
            let wait = pacer.due(&buffer[..n]);
            line.pause(wait);
        }
        if !line.push_waiting(&buffer[..n]) {
            break;
        }
        n = input.read(&mut buffer).map_err(|e| failed(shown, &e))?;
    }
    Ok(if file { Came::File } else { Came::Stream(any) })
}

/// MP4 and the like: packets are read where they lie, and made into a transport stream.
fn remultiplexed(url: &str, shown: &str, line: &Line) -> Result<Came, Error> {
    let mut demuxer = Demuxer::http(shown, url, &line.shared.stop)?;
    let mut remuxer = Remuxer::new(&demuxer, line.writer())?;
    let mut pacer = Pacer::new();
    while !line.stopped() {
        let Some(packet) = demuxer.read()? else {
            break;
        };
        if let Some(time) = packet.dts_90k.or(packet.pts_90k) {
            line.pause(pacer.at(time));
        }
        remuxer.packet(&demuxer, &packet)?;
    }
    remuxer.finish()?;
    Ok(Came::File)
}

fn failed(shown: &str, error: &std::io::Error) -> Error {
    atalaya_video::Error::Link {
        what: shown.to_owned(),
        cause: error.to_string(),
        remedy: "it is asked again",
    }
    .into()
}
