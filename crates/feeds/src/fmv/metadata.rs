//! KLV packets of a feed: found, timed, and one stream of them chosen.

use std::collections::VecDeque;

use std::time::{SystemTime, UNIX_EPOCH};

use atalaya_klv::sei::{self, VideoCodec};
use atalaya_klv::{Checksum, Metadata, Scanner, Standard, Step};
use atalaya_model::Micros;
use atalaya_video::{Codec, Packet, StreamKind};

use super::{Fmv, Source};
use crate::clock;
use crate::pairing::platform_state;
use crate::time_watch::Heard;
use crate::unit::{MetadataUnit, Unit};

/// Asynchronous metadata packets that wait for a picture, at most.
const MAX_UNTIMED: usize = 256;

/// One KLV stream of the container.
pub(super) struct KlvStream {
    pub(super) index: usize,
    pub(super) scanner: Scanner,
    /// Where pieces begin in the stream and when they are presented.
    pub(super) pieces: VecDeque<Piece>,
}

/// Where a piece of a KLV stream begins there and in the input, and when it is
/// presented.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    pub(super) start: u64,
    pub(super) pos: Option<u64>,
    pub(super) pts: Option<i64>,
}

/// A metadata packet that was found.
pub(super) struct Found {
    pub(super) stream: usize,
    pub(super) pid: Option<u16>,
    pub(super) pts: Option<i64>,
    pub(super) metadata: Metadata,
}

impl Fmv {
    pub(super) fn klv_packet(&mut self, packet: &Packet) {
        let Some(input) = &mut self.input else {
            return;
        };
        let position = match input.klv.iter().position(|k| k.index == packet.stream) {
            Some(position) => position,
            None => {
                input.klv.push(KlvStream {
                    index: packet.stream,
                    scanner: Scanner::new(),
                    pieces: VecDeque::new(),
                });
                input.klv.len() - 1
            }
        };
        let klv = &mut input.klv[position];
        klv.pieces.push_back(Piece {
            start: klv.scanner.end_offset(),
            pos: packet.pos,
            pts: packet.pts_90k,
        });
        klv.scanner.push(packet.bytes());
        self.take_klv(position);
    }

    /// Takes all packets that stream number `position` of `Input::klv` has ready.
    pub(super) fn take_klv(&mut self, position: usize) {
        let Some(input) = &mut self.input else {
            return;
        };
        let klv = &mut input.klv[position];
        let stream = klv.index;
        let pid = input.demuxer.streams()[stream].pid;
        let mut timed = Vec::new();
        while let Some(step) = klv.scanner.next_step() {
            let packet = match step {
                Step::Packet(packet) => packet,
                Step::Skipped { offset, length } => {
                    self.stats.klv_bytes_skipped += length as u64;
                    // A stream of junk must not pile up pieces.
                    piece_of(&mut klv.pieces, offset + length as u64);
                    continue;
                }
            };
            self.stats.klv_packets += 1;
            if packet.checksum() == Checksum::Bad {
                self.stats.klv_bad += 1;
                continue;
            }
            if !matches!(packet.standard(), Standard::St0601 | Standard::Eg0104) {
                continue;
            }
            let (pos, pts) = piece_of(&mut klv.pieces, packet.offset);
            let metadata = Metadata::of(&packet);
            let found = Found {
                stream,
                pid,
                pts,
                metadata,
            };
            if pts.is_some() {
                timed.push(found);
            } else {
                input.untimed.push_back((pos, found));
            }
        }
        for found in timed {
            self.metadata(found);
        }
        // A stream without pictures must not fill the memory.
        while self
            .input
            .as_ref()
            .is_some_and(|i| i.untimed.len() > MAX_UNTIMED)
        {
            self.place_untimed(None);
        }
    }

    /// Asynchronous metadata belong to the picture that follows them in the
    /// input, which begins at `before`; without it, all that wait are placed.
    pub(super) fn place_untimed(&mut self, before: Option<u64>) {
        while let Some(input) = &mut self.input {
            let arrived = input.untimed.front().is_some_and(|(pos, _)| {
                pos.is_none_or(|pos| before.is_none_or(|before| pos < before))
            });
            let Some((_, found)) = (if arrived {
                input.untimed.pop_front()
            } else {
                None
            }) else {
                return;
            };
            self.metadata(found);
        }
    }

    pub(super) fn metadata(&mut self, found: Found) {
        let newest = self.input.as_ref().and_then(|i| i.newest);
        let synchronous = found.pts.is_some();
        let Some(at) = found.pts.or(newest) else {
            return;
        };
        if !prefer(
            &mut self.primary,
            found.stream,
            synchronous,
            &found.metadata,
        ) {
            return;
        }
        let time = found.metadata.time_us.and_then(|t| i64::try_from(t).ok());
        if let Some(time) = time {
            self.clock.observe(at, Micros(time));
            self.watch_time(at, time, synchronous, newest);
        }
        let t = time.map(Micros).or_else(|| self.clock.at(at));
        let state = platform_state(&found.metadata, t.unwrap_or_default());
        let state = state.from_north(self.options.north);
        let state = self.history.insert(at, state);
        self.out.push_back(Unit::Metadata(Box::new(MetadataUnit {
            pts_90k: Some(at),
            synchronous,
            pid: found.pid,
            state,
        })));
    }
}

impl Fmv {
    /// Compares the clocks.
    fn watch_time(&mut self, pts: i64, time_us: i64, synchronous: bool, pictures: Option<i64>) {
        let now_us = match self.source {
            Source::Live(_) => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .ok()
                .and_then(|d| i64::try_from(d.as_micros()).ok()),
            Source::File { .. } => None,
        };
        let told = self.watch.metadata(&Heard {
            pts,
            time_us,
            synchronous,
            pictures,
            now_us,
        });
        self.out.extend(told.map(Unit::Clock));
    }

    /// The time inside a coded picture, where it has one (ST 0604), against the metadata's.
    pub(super) fn watch_picture(&mut self, packet: &Packet) {
        let (Some(input), Some(pts)) = (&self.input, packet.pts_90k) else {
            return;
        };
        let codec = match input.demuxer.streams()[packet.stream].kind {
            StreamKind::Video(info) => match info.codec {
                Codec::H264 => VideoCodec::H264,
                Codec::H265 => VideoCodec::H265,
                Codec::Mpeg2 => VideoCodec::H262,
                _ => return,
            },
            _ => return,
        };
        let stamp = sei::time_stamp(codec, packet.bytes());
        let time = stamp.and_then(|s| i64::try_from(s.time_us).ok());
        // A clock that was never set tells nothing (one real encoder began with nanoseconds and
        // went on in microseconds).
        let time = time.filter(|t| clock::is_plausible(*t));
        if let Some(time) = time {
            let told = self.watch.picture(pts, time);
            self.out.extend(told.map(Unit::Clock));
        }
    }
}

/// Place and time of the piece that holds `offset`; earlier pieces are dropped.
fn piece_of(pieces: &mut VecDeque<Piece>, offset: u64) -> (Option<u64>, Option<i64>) {
    while pieces.get(1).is_some_and(|piece| piece.start <= offset) {
        pieces.pop_front();
    }
    pieces.front().map_or((None, None), |p| (p.pos, p.pts))
}

/// Chooses one of several metadata streams: the first that places the camera,
/// or the first with times of its own. Says whether these metadata are of it.
fn prefer(
    primary: &mut Option<(usize, bool)>,
    stream: usize,
    timed: bool,
    metadata: &Metadata,
) -> bool {
    match *primary {
        Some((chosen, _)) if chosen == stream => true,
        Some((_, false)) if timed && metadata.has_position() => {
            *primary = Some((stream, timed));
            true
        }
        Some(_) => false,
        None => {
            *primary = Some((stream, timed));
            true
        }
    }
}
