//! Packets of any container into a transport stream: pictures and metadata, nothing else.

use std::io::{self, Write};
use std::sync::Arc;

use atalaya_video::{Demuxer, KlvKind, Packet, StreamKind, TsMuxer};

use super::line::{Line, Shared};
use crate::error::Error;
use crate::pace::Pacer;

/// Presentation time of the first packet: the stream's clock runs a tenth of a second behind.
const FIRST: i64 = 90_000;
/// Pictures that are kept until it is known when they are shown.
const UNTIMED: usize = 32;
/// Ticks between pictures whose rate is not known.
const STEP: i64 = 3_000;
/// The longest KLV packet that is put together.
const LONGEST: usize = 65_000;

/// A metadata stream.
struct Klv {
    stream: usize,
    /// Parts of a packet that is not whole yet, and its time.
    parts: Vec<u8>,
    pts: Option<i64>,
}

/// Copies one video stream and all that may be metadata.
pub(crate) struct Remuxer {
    muxer: TsMuxer,
    video: usize,
    klv: Vec<Klv>,
    /// Added to all times; set by the first.
    shift: Option<i64>,
    newest: i64,
    /// Pictures from the first without a time on.
    untimed: Vec<Packet>,
}

impl Remuxer {
    /// Writes what `demuxer` has, in calls of at most seven transport packets.
    pub(crate) fn new(demuxer: &Demuxer, writer: Box<dyn Write + Send>) -> Result<Self, Error> {
        let Some(video) = demuxer.video() else {
            return Err(Error::Video(atalaya_video::Error::Invalid {
                what: "source",
                cause: "has no video; name a stream that has".into(),
            }));
        };
        // What it is shows with its first packet: RTSP does not always say.
        let klv: Vec<Klv> = demuxer
            .streams()
            .iter()
            .filter(|s| matches!(s.kind, StreamKind::Klv { .. } | StreamKind::Other))
            .map(|s| Klv {
                stream: s.index,
                parts: Vec::new(),
                pts: None,
            })
            .collect();
        let kinds = vec![KlvKind::Synchronous; klv.len()];
        let (muxer, video) = (
            TsMuxer::copy_of(writer, "output".into(), video, &kinds)?,
            video.index,
        );
        Ok(Self {
            muxer,
            video,
            klv,
            shift: None,
            newest: FIRST,
            untimed: Vec::new(),
        })
    }

    /// Passes a packet on.
    pub(crate) fn packet(&mut self, demuxer: &Demuxer, packet: &Packet) -> Result<(), Error> {
        if let (None, Some(time)) = (self.shift, packet.dts_90k.or(packet.pts_90k)) {
            self.shift = Some(FIRST.saturating_sub(time));
        }
        let shift = self.shift.unwrap_or(0);
        let shifted = |time: Option<i64>| time.map(|t| t.saturating_add(shift));
        if packet.stream == self.video {
            return self.picture(demuxer, packet, shift);
        }
        let is_klv = demuxer.streams()[packet.stream].is_klv();
        let found = self.klv.iter().position(|k| k.stream == packet.stream);
        let (Some(n), true) = (found, is_klv) else {
            return Ok(());
        };
        let klv = &mut self.klv[n];
        if klv.parts.is_empty() {
            klv.pts = shifted(packet.pts_90k);
        }
        klv.parts.extend_from_slice(packet.bytes());
        while let Some(len) = whole(&klv.parts) {
            let unit: Vec<u8> = klv.parts.drain(..len).collect();
            let pts = klv.pts.unwrap_or(self.newest);
            klv.pts = shifted(packet.pts_90k);
            self.muxer.klv(n, &unit, Some(pts.max(FIRST)))?;
        }
        Ok(())
    }

    /// RTSP may give the first pictures no time: they get theirs from those that follow, as soon as it is
    /// known which of these is shown first.
    fn picture(&mut self, demuxer: &Demuxer, packet: &Packet, shift: i64) -> Result<(), Error> {
        let time = |p: &Packet| p.pts_90k.or(p.dts_90k);
        if self.untimed.is_empty() && time(packet).is_some() {
            return self.timed(packet.clone(), shift);
        }
        self.untimed.push(packet.clone());
        let stream = &demuxer.streams()[self.video];
        let timed = self.untimed.iter().filter_map(time).count();
        if timed > stream.delay() || self.untimed.len() >= UNTIMED {
            let rate = stream.video().and_then(|v| v.frame_rate);
            let step = rate.map_or(STEP, |(num, den)| {
                (90_000 * i64::from(den) / i64::from(num)).clamp(1, 90_000)
            });
            self.give_times(step, shift)?;
        }
        Ok(())
    }

    /// Writes what is kept; nothing of it can be, if no picture has a time.
    fn give_times(&mut self, step: i64, shift: i64) -> Result<(), Error> {
        let kept = std::mem::take(&mut self.untimed);
        let times = kept.iter().filter_map(|p| p.pts_90k.or(p.dts_90k));
        let Some(first) = times.min() else {
            return Ok(());
        };
        let untimed = kept.iter().filter(|p| p.pts_90k.or(p.dts_90k).is_none());
        let mut ahead = i64::try_from(untimed.count()).unwrap_or(0);
        for mut packet in kept {
            if packet.pts_90k.or(packet.dts_90k).is_none() {
                packet.pts_90k = Some(first.saturating_sub(step.saturating_mul(ahead)));
                ahead -= 1;
            }
            self.timed(packet, shift)?;
        }
        Ok(())
    }

    fn timed(&mut self, mut packet: Packet, shift: i64) -> Result<(), Error> {
        let shifted = |time: Option<i64>| time.map(|t| t.saturating_add(shift));
        packet.pts_90k = shifted(packet.pts_90k.or(packet.dts_90k));
        packet.dts_90k = shifted(packet.dts_90k);
        let time = packet.dts_90k.or(packet.pts_90k);
        self.newest = self.newest.max(time.unwrap_or(self.newest));
        Ok(self.muxer.video(&packet)?)
    }

    /// The end.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.give_times(STEP, self.shift.unwrap_or(0))?;
        Ok(self.muxer.finish()?)
    }
}

/// Passes all packets of `demuxer` on to the line, to their end or until the line is to stop: how many.
/// `pacer` holds a file to its own clock.
pub(super) fn remultiplex(
    mut demuxer: Demuxer,
    line: &Line,
    mut pacer: Option<Pacer>,
) -> Result<u64, Error> {
    let mut remuxer = Remuxer::new(&demuxer, line.writer())?;
    let mut packets = 0;
    while !line.stopped() {
        let Some(packet) = demuxer.read()? else {
            break;
        };
        if let (Some(pacer), Some(time)) = (&mut pacer, packet.dts_90k.or(packet.pts_90k)) {
            line.pause(pacer.at(time));
        }
        remuxer.packet(&demuxer, &packet)?;
        packets += 1;
    }
    remuxer.finish()?;
    Ok(packets)
}

/// Length of the first packet in `bytes`, once all of it is there. What can't be a packet is one
/// piece: it is passed on for readers to judge.
fn whole(bytes: &[u8]) -> Option<usize> {
    const KEY: usize = 16;
    if bytes.is_empty() {
        return None;
    }
    if !bytes.starts_with(&[0x06, 0x0E, 0x2B, 0x34]) && bytes.len() >= 4 {
        return Some(bytes.len().min(LONGEST));
    }
    let first = usize::from(*bytes.get(KEY)?);
    let (length, header) = match first {
        0..=0x7F => (first, KEY + 1),
        _ => {
            let count = first & 0x7F;
            let digits = bytes.get(KEY + 1..KEY + 1 + count.min(4))?;
            let length = digits.iter().fold(0, |n, &b| n << 8 | usize::from(b));
            (length, KEY + 1 + count)
        }
    };
    let end = length.saturating_add(header);
    if end > LONGEST {
        return Some(bytes.len().min(LONGEST));
    }
    (bytes.len() >= end).then_some(end)
}

/// A line as a writer.
struct LineWriter {
    line: Line,
}

impl Line {
    /// A writer that fills this line and waits where there is no room.
    pub(crate) fn writer(&self) -> Box<dyn Write + Send> {
        let shared: Arc<Shared> = Arc::clone(&self.shared);
        Box::new(LineWriter {
            line: Self {
                shared,
                sender: self.sender.clone(),
                room: self.room,
            },
        })
    }
}

impl Write for LineWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.line.push_waiting(bytes) {
            Ok(bytes.len())
        } else {
            Err(io::Error::other("stopped"))
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(length: usize) -> Vec<u8> {
        let mut bytes = vec![0x06, 0x0E, 0x2B, 0x34, 2, 11, 1, 1, 14, 1, 3, 1, 1, 0, 0, 0];
        bytes.extend_from_slice(&[0x82, (length >> 8) as u8, length as u8]);
        bytes.resize(bytes.len() + length, 9);
        bytes
    }

    #[test]
    fn packets_in_parts_are_put_together() {
        let bytes = unit(300);
        for cut in 0..bytes.len() {
            assert_eq!(whole(&bytes[..cut]), None, "{cut}");
        }
        let mut two = bytes.clone();
        two.extend_from_slice(&unit(5));
        assert_eq!(whole(&two), Some(bytes.len()));
        assert_eq!(whole(&[9; 40]), Some(40));
        let mut endless = unit(0);
        endless[16..19].copy_from_slice(&[0x83, 0xFF, 0xFF]);
        endless.push(0xFF);
        assert_eq!(whole(&endless), Some(endless.len()));
    }
}
