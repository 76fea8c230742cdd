//! MPEG-TS over HTTP, live or a file; other containers as files.

use std::io::Read;
use std::path::{Path, PathBuf};

use atalaya_video::{Demuxer, HttpInput};

use super::again::{Came, again};
use super::line::Line;
use super::remux::remultiplex;
use crate::error::Error;
use crate::pace::Pacer;
use crate::transport::{PACKET, find_sync};

/// Bytes asked for at once.
const CHUNK: usize = PACKET * 64;
/// Names a file of certificates that are trusted in place of the system's, as for OpenSSL and curl.
const AUTHORITIES: &str = "SSL_CERT_FILE";

pub(super) fn run(url: &str, shown: &str, line: &Line) {
    let trusted = std::env::var_os(AUTHORITIES).map(PathBuf::from);
    again(line, shown, || fetch(url, shown, trusted.as_deref(), line));
}

fn fetch(url: &str, shown: &str, trusted: Option<&Path>, line: &Line) -> Result<Came, Error> {
    let mut input = HttpInput::open(shown, url, trusted, &line.shared.stop)?;
    let file = input.size().is_some();
    let mut buffer = vec![0; CHUNK];
    let mut n = input.read(&mut buffer).map_err(|e| failed(shown, &e))?;
    let transport =
        buffer.first() == Some(&0x47) || find_sync(&buffer[..n]).is_some_and(|_| n >= 4 * PACKET);
    if !transport && file && n > 0 {
        drop(input);
        // MP4 and the like: packets are read where they lie.
        let demuxer = Demuxer::http(shown, url, trusted, &line.shared.stop)?;
        remultiplex(demuxer, line, Some(Pacer::new()))?;
        return Ok(Came::File);
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

fn failed(shown: &str, error: &std::io::Error) -> Error {
    atalaya_video::Error::Link {
        what: shown.to_owned(),
        cause: error.to_string(),
        remedy: "it is asked again",
    }
    .into()
}
