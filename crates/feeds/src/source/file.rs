//! A recording as if it came live: transport streams byte for byte, others remultiplexed.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use atalaya_video::Demuxer;

use super::line::Line;
use super::remux::remultiplex;
use crate::error::Error;
use crate::pace::Pacer;
use crate::transport::{PACKET, find_sync};

const CHUNK: usize = PACKET * 56;

/// A recording, held to its clock or not.
pub(crate) struct Source {
    path: PathBuf,
    paced: bool,
    transport: bool,
}

impl Source {
    pub(super) fn open(path: &Path, paced: bool) -> Result<Self, Error> {
        let mut file = File::open(path).map_err(Error::store(path, "reading"))?;
        let mut head = vec![0; PACKET * 5];
        let n = file
            .read(&mut head)
            .map_err(Error::store(path, "reading"))?;
        let transport = n == head.len() && find_sync(&head).is_some();
        if !transport {
            // Refused now, with the reason, if it can't be read.
            Demuxer::open(path)?;
        }
        Ok(Self {
            path: path.to_owned(),
            paced,
            transport,
        })
    }

    pub(super) fn run(&self, line: &Line) {
        let result = match self.transport {
            true => self.bytes(line),
            false => self.packets(line),
        };
        if let Err(error) = result {
            line.fault(error.to_string());
        }
        line.over();
    }

    fn bytes(&self, line: &Line) -> Result<(), Error> {
        let failed = |e| Error::store(&self.path, "reading")(e);
        let mut file = File::open(&self.path).map_err(failed)?;
        let mut pacer = Pacer::new();
        let mut buffer = vec![0; CHUNK];
        let mut held = 0;
        while !line.stopped() {
            let n = file.read(&mut buffer[held..]).map_err(failed)? + held;
            if n == 0 {
                break;
            }
            // Whole packets, wherever they begin: the clock is read from them.
            let end = match find_sync(&buffer[..n]) {
                Some(start) if n > PACKET => start + (n - start) / PACKET * PACKET,
                _ => n,
            };
            let start = find_sync(&buffer[..end]).unwrap_or(0);
            if self.paced {
                line.pause(pacer.due(&buffer[start..end]));
            }
            if !line.push_waiting(&buffer[..end]) {
                break;
            }
            buffer.copy_within(end..n, 0);
            held = n - end;
        }
        Ok(())
    }

    fn packets(&self, line: &Line) -> Result<(), Error> {
        let demuxer = Demuxer::open(&self.path)?;
        remultiplex(demuxer, line, self.paced.then(Pacer::new)).map(drop)
    }
}
