//! Full-motion video: one feed, from a file or live, as units.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use atalaya_klv::{Checksum, Metadata, Scanner, Standard, Step};
use atalaya_model::Micros;
use atalaya_video::{DecodeOptions, Decoder, Demuxer, Packet, Picture, StreamKind, VideoInfo};

use crate::clock::{EventClock, ticks_to_us};
use crate::error::Error;
use crate::frame;
use crate::hash::sha256_of_file;
use crate::live::Live;
pub use crate::live::StopHandle;
use crate::pairing::{History, platform_state};
use crate::record::Recorder;
use crate::unit::{FeedStats, FrameUnit, Gap, MetadataUnit, SegmentUnit, Unit};

/// A frame waits this long (presentation time) for the metadata after it.
const WAIT_FOR_METADATA: i64 = 9_000;
/// The first frames wait this long for metadata to tell the time.
const WAIT_FOR_TIME: i64 = 180_000;
/// Presentation time that jumps further has been restarted.
const JUMP_FORWARD: i64 = 900_000;
const JUMP_BACK: i64 = 450_000;
/// Event time that passes over a jump of presentation time.
const JUMP_STEP_US: i64 = 40_000;
/// Ticks between frames that carry no time and whose rate is not known.
const DEFAULT_STEP: i64 = 3_600;

/// Asynchronous metadata packets that wait for a picture, at most.
const MAX_UNTIMED: usize = 256;

/// How a feed is read.
#[derive(Debug, Clone)]
pub struct FmvOptions {
    /// Event time of the first frame, for video that carries no time.
    pub start: Option<Micros>,
    /// Decoder threads.
    pub threads: u32,
    /// Frames that wait for metadata occupy at most so many bytes.
    pub waiting_bytes: usize,
    /// Received bytes that wait to be read; more are shed.
    pub queue_bytes: usize,
    /// A live feed that is silent for so long has stopped.
    pub stop_after: Duration,
    /// Folder and name for the segments of a live feed; not recorded if `None`.
    pub record: Option<(PathBuf, String)>,
    /// Hash a recording as a whole, and report it as a segment at its end.
    pub hash_file: bool,
}

impl Default for FmvOptions {
    fn default() -> Self {
        Self {
            start: None,
            threads: 1,
            waiting_bytes: 64 << 20,
            queue_bytes: 16 << 20,
            stop_after: Duration::from_secs(3),
            record: None,
            hash_file: true,
        }
    }
}

enum Source {
    File {
        path: PathBuf,
        hash: Option<JoinHandle<Result<(String, u64), Error>>>,
    },
    Live(Live),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Live: no data have come, or not for a while.
    Silent,
    /// Live: data come, the container is not recognised yet.
    Opening,
    Reading,
    Ended,
}

/// One KLV stream of the container.
struct KlvStream {
    index: usize,
    scanner: Scanner,
    /// Where pieces begin in the stream and when they are presented.
    pieces: VecDeque<Piece>,
}

/// Where a piece of a KLV stream begins there and in the input, and when it is
/// presented.
#[derive(Clone, Copy)]
struct Piece {
    start: u64,
    pos: Option<u64>,
    pts: Option<i64>,
}

/// What belongs to one opened container.
struct Input {
    demuxer: Demuxer,
    decoder: Option<Decoder>,
    undecodable: bool,
    klv: Vec<KlvStream>,
    /// Asynchronous metadata that wait for the picture behind them.
    untimed: VecDeque<(Option<u64>, Found)>,
    /// Decoding time of the latest video packet.
    newest: Option<i64>,
}

/// A metadata packet that was found.
struct Found {
    stream: usize,
    pid: Option<u16>,
    pts: Option<i64>,
    metadata: Metadata,
}

/// Reads one feed. See the crate's documentation.
pub struct Fmv {
    source: Source,
    options: FmvOptions,
    phase: Phase,
    input: Option<Input>,
    clock: EventClock,
    history: History,
    /// The stream whose metadata are used, and whether it carries times.
    primary: Option<(usize, bool)>,
    waiting: VecDeque<Picture>,
    waiting_bytes: usize,
    out: VecDeque<Unit>,
    stats: FeedStats,
    last_pts: Option<i64>,
    /// Presentation time starts anew with the next packet, after this long.
    restart_after_us: Option<i64>,
    silent_since: Instant,
    segments: Segments,
}

/// Closed segments that wait for the frame that ends them.
#[derive(Default)]
struct Segments {
    closed: VecDeque<crate::record::ClosedSegment>,
    /// Presentation time of the first picture after the first of `closed`.
    boundaries: VecDeque<i64>,
    t0: Option<Micros>,
}

impl Fmv {
    /// Opens a recording.
    pub fn file(path: &Path, options: FmvOptions) -> Result<Self, Error> {
        let demuxer = Demuxer::open(path)?;
        let hash = options.hash_file.then(|| {
            let path = path.to_owned();
            std::thread::spawn(move || sha256_of_file(&path))
        });
        let source = Source::File {
            path: path.to_owned(),
            hash,
        };
        let mut fmv = Self::new(source, options, Phase::Reading);
        fmv.begin(demuxer);
        Ok(fmv)
    }

    /// Listens on a UDP address (`host:port`) for MPEG-TS, with or without RTP.
    pub fn udp(address: &str, options: FmvOptions) -> Result<Self, Error> {
        let recorder = match &options.record {
            Some((folder, feed)) => Some(Recorder::new(folder, feed)?),
            None => None,
        };
        let live = Live::listen(address, options.queue_bytes, options.stop_after, recorder)?;
        Ok(Self::new(Source::Live(live), options, Phase::Silent))
    }

    fn new(source: Source, options: FmvOptions, phase: Phase) -> Self {
        Self {
            clock: EventClock::new(options.start),
            source,
            options,
            phase,
            input: None,
            history: History::default(),
            primary: None,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            out: VecDeque::new(),
            stats: FeedStats::default(),
            last_pts: None,
            restart_after_us: None,
            silent_since: Instant::now(),
            segments: Segments::default(),
        }
    }

    /// The address that is listened on; `None` for a file.
    pub fn local_address(&self) -> Option<SocketAddr> {
        match &self.source {
            Source::Live(live) => Some(live.local()),
            Source::File { .. } => None,
        }
    }

    /// Ends a live feed from another thread; `None` for a file.
    pub fn stop_handle(&self) -> Option<StopHandle> {
        match &self.source {
            Source::Live(live) => Some(live.stop_handle()),
            Source::File { .. } => None,
        }
    }

    /// What is known of the video, once the container is open.
    pub fn video(&self) -> Option<VideoInfo> {
        self.input.as_ref()?.demuxer.video()?.video()
    }

    /// Counts so far.
    pub fn stats(&self) -> FeedStats {
        let mut stats = self.stats;
        if let Some(input) = &self.input {
            let demuxed = input.demuxer.stats();
            stats.packets += demuxed.packets;
            stats.packets_damaged += demuxed.damaged;
            stats.demux_errors += demuxed.errors;
            stats.decode_errors += input.decoder.as_ref().map_or(0, Decoder::errors);
        }
        if let Source::Live(live) = &self.source {
            (stats.datagrams, stats.datagrams_shed) = live.counts();
        }
        stats
    }

    /// The next unit; blocks on a live feed. `None` at the end of a recording
    /// or after a stop. An error ends the feed.
    pub fn next_unit(&mut self) -> Result<Option<Unit>, Error> {
        loop {
            if let Some(unit) = self.out.pop_front() {
                return Ok(Some(unit));
            }
            match self.phase {
                Phase::Silent => self.await_data(),
                Phase::Opening => self.open_live(),
                Phase::Reading => self.step()?,
                Phase::Ended => return Ok(None),
            }
        }
    }

    fn await_data(&mut self) {
        let Source::Live(live) = &mut self.source else {
            self.phase = Phase::Ended;
            return;
        };
        if !live.wait() {
            self.phase = Phase::Ended;
            self.out.push_back(Unit::Stats(self.stats()));
            return;
        }
        self.phase = Phase::Opening;
        if self.clock.last().is_some() {
            let after_us = i64::try_from(self.silent_since.elapsed().as_micros()).unwrap_or(0);
            self.restart_after_us = Some(after_us);
            self.out.push_back(Unit::Gap(Gap::Returned { after_us }));
        }
    }

    fn open_live(&mut self) {
        let Source::Live(live) = &mut self.source else {
            return;
        };
        match Demuxer::from_reader(live.reader()) {
            Ok(demuxer) => self.begin(demuxer),
            Err(error) => {
                self.out.push_back(Unit::Fault(error.to_string()));
                self.end_of_stretch();
            }
        }
    }

    fn begin(&mut self, demuxer: Demuxer) {
        self.input = Some(Input {
            demuxer,
            decoder: None,
            undecodable: false,
            klv: Vec::new(),
            untimed: VecDeque::new(),
            newest: None,
        });
        self.phase = Phase::Reading;
    }

    fn step(&mut self) -> Result<(), Error> {
        let Some(input) = &mut self.input else {
            self.phase = Phase::Ended;
            return Ok(());
        };
        match input.demuxer.read() {
            Ok(Some(packet)) => self.packet(&packet)?,
            Ok(None) => {
                self.drain_decoder()?;
                self.end_of_stretch();
            }
            Err(error) => {
                // What was read before the failure is still good.
                self.drain_decoder()?;
                self.out.push_back(Unit::Fault(error.to_string()));
                self.end_of_stretch();
            }
        }
        self.collect_segments();
        Ok(())
    }

    fn packet(&mut self, packet: &Packet) -> Result<(), Error> {
        let Some(input) = &self.input else {
            return Ok(());
        };
        let kind = input.demuxer.streams()[packet.stream].kind;
        match kind {
            StreamKind::Video(_) => {
                self.follow_time(packet.dts_90k.or(packet.pts_90k))?;
                self.place_untimed(packet.pos);
                self.video_packet(packet)?;
            }
            StreamKind::Klv { .. } => {
                self.klv_packet(packet);
            }
            StreamKind::Audio | StreamKind::Other => {}
        }
        self.release(false);
        Ok(())
    }

    /// Notices a presentation time of video that starts anew.
    fn follow_time(&mut self, time: Option<i64>) -> Result<(), Error> {
        let Some(time) = time else {
            return Ok(());
        };
        if let Some(after_us) = self.restart_after_us.take() {
            self.restart(time, after_us);
        }
        let newest = self.input.as_ref().and_then(|i| i.newest);
        let jump = newest.map_or(0, |newest| time.saturating_sub(newest));
        let jumped = !(-JUMP_BACK..=JUMP_FORWARD).contains(&jump);
        if jumped {
            self.drain_decoder()?;
            self.release(true);
            self.restart(time, JUMP_STEP_US);
            self.last_pts = None;
            let jump_us = ticks_to_us(jump);
            self.out
                .push_back(Unit::Gap(Gap::Discontinuity { jump_us }));
        }
        if let Some(input) = &mut self.input {
            input.newest = match input.newest {
                Some(newest) if !jumped => Some(newest.max(time)),
                _ => Some(time),
            };
        }
        Ok(())
    }

    fn restart(&mut self, pts_90k: i64, after_us: i64) {
        self.clock.restart(pts_90k, after_us);
        for (pts, t) in self.history.restart(pts_90k) {
            self.clock.observe(pts, t);
        }
    }

    fn video_packet(&mut self, packet: &Packet) -> Result<(), Error> {
        let Some(input) = &mut self.input else {
            return Ok(());
        };
        if input.decoder.is_none() && !input.undecodable {
            let options = DecodeOptions {
                threads: self.options.threads,
                ..DecodeOptions::default()
            };
            match Decoder::with_options(&input.demuxer.streams()[packet.stream], options) {
                Ok(decoder) => input.decoder = Some(decoder),
                Err(error) => {
                    input.undecodable = true;
                    self.out.push_back(Unit::Fault(error.to_string()));
                }
            }
        }
        let mut pictures = Vec::new();
        if let Some(decoder) = &mut input.decoder {
            decoder.push(packet, &mut pictures)?;
        }
        self.take_pictures(pictures);
        self.note_boundary(packet);
        Ok(())
    }

    fn drain_decoder(&mut self) -> Result<(), Error> {
        let mut pictures = Vec::new();
        if let Some(decoder) = self.input.as_mut().and_then(|i| i.decoder.as_mut()) {
            decoder.flush(&mut pictures)?;
        }
        self.take_pictures(pictures);
        Ok(())
    }

    fn take_pictures(&mut self, pictures: Vec<Picture>) {
        for mut picture in pictures {
            // A raw elementary stream carries no times: count them.
            let pts = picture.pts_90k.unwrap_or_else(|| {
                let rate = self.video().and_then(|v| v.frame_rate);
                let step = rate.map_or(DEFAULT_STEP, |(num, den)| {
                    90_000 * i64::from(den) / i64::from(num.max(1))
                });
                self.last_pts.map_or(0, |last| last.saturating_add(step))
            });
            picture.pts_90k = Some(pts);
            self.last_pts = Some(pts);
            self.waiting_bytes += picture.byte_len();
            self.waiting.push_back(picture);
        }
    }

    fn klv_packet(&mut self, packet: &Packet) {
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
    fn take_klv(&mut self, position: usize) {
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
                Step::Skipped { length, .. } => {
                    self.stats.klv_bytes_skipped += length as u64;
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
    fn place_untimed(&mut self, before: Option<u64>) {
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

    fn metadata(&mut self, found: Found) {
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
        }
        let t = time.map(Micros).or_else(|| self.clock.at(at));
        let state = platform_state(&found.metadata, t.unwrap_or_default());
        let state = self.history.insert(at, state);
        self.out.push_back(Unit::Metadata(Box::new(MetadataUnit {
            pts_90k: Some(at),
            synchronous,
            pid: found.pid,
            state,
        })));
    }

    /// Gives out frames for which all is known that will be.
    fn release(&mut self, all: bool) {
        while let Some(picture) = self.waiting.front() {
            let pts = picture.pts_90k.unwrap_or(0);
            if !all && self.waits(pts) {
                return;
            }
            let Some(picture) = self.waiting.pop_front() else {
                return;
            };
            self.waiting_bytes = self.waiting_bytes.saturating_sub(picture.byte_len());
            self.emit(&picture, pts);
        }
    }

    fn waits(&self, pts: i64) -> bool {
        let Some(input) = &self.input else {
            return false;
        };
        let ahead = input.newest.map_or(0, |newest| newest.saturating_sub(pts));
        if self.waiting_bytes > self.options.waiting_bytes {
            return false;
        }
        let has_klv = input.demuxer.streams().iter().any(|s| s.is_klv());
        let time_unknown = has_klv && !self.clock.is_set() && ahead <= WAIT_FOR_TIME;
        let more_metadata = self.primary.is_some_and(|(_, synchronous)| synchronous)
            && !self.history.reaches(pts)
            && ahead <= WAIT_FOR_METADATA;
        time_unknown || more_metadata
    }

    fn emit(&mut self, picture: &Picture, pts: i64) {
        let (platform, pairing) = self.history.at(pts);
        let (t, time_source) = self.clock.stamp(pts);
        self.end_segments_before(pts, t);
        self.segments.t0.get_or_insert(t);
        self.stats.frames += 1;
        self.stats.frames_damaged += u64::from(picture.damaged);
        self.out.push_back(Unit::Frame(Box::new(FrameUnit {
            frame: frame::wrap(picture, self.stats.frames, t),
            platform,
            pairing,
            time_source,
            key: picture.key,
        })));
    }

    /// The first picture behind a closed segment tells where it ends in time.
    fn note_boundary(&mut self, packet: &Packet) {
        self.collect_segments();
        let known = self.segments.boundaries.len();
        let (Some(pos), Some(pts)) = (packet.pos, packet.pts_90k) else {
            return;
        };
        let ended = self.segments.closed.iter().skip(known);
        let ended = ended.take_while(|segment| segment.end <= pos).count();
        self.segments
            .boundaries
            .extend(std::iter::repeat_n(pts, ended));
    }

    fn collect_segments(&mut self) {
        if let Source::Live(live) = &mut self.source {
            let (closed, faults) = live.take_recorded();
            self.segments.closed.extend(closed);
            self.out.extend(faults.into_iter().map(Unit::Fault));
        }
    }

    fn end_segments_before(&mut self, pts: i64, t: Micros) {
        while self.segments.boundaries.front().is_some_and(|&b| b <= pts) {
            self.segments.boundaries.pop_front();
            self.end_segment(t);
        }
    }

    fn end_segment(&mut self, t1: Micros) {
        if let Some(segment) = self.segments.closed.pop_front() {
            let t0 = self.segments.t0.unwrap_or(t1);
            self.segments.t0 = Some(t1);
            self.out.push_back(Unit::Segment(SegmentUnit {
                path: segment.path,
                sha256: segment.sha256,
                bytes: segment.bytes,
                t0,
                t1,
            }));
        }
    }

    /// The input ended: everything held back comes out.
    fn end_of_stretch(&mut self) {
        for position in 0..self.input.as_ref().map_or(0, |i| i.klv.len()) {
            if let Some(input) = &mut self.input {
                input.klv[position].scanner.finish();
            }
            self.take_klv(position);
        }
        self.place_untimed(None);
        self.release(true);
        self.stats = FeedStats {
            datagrams: 0,
            datagrams_shed: 0,
            ..self.stats()
        };
        self.input = None;
        self.primary = None;
        self.last_pts = None;
        self.silent_since = Instant::now();
        let last = self.clock.last();
        let live = match &mut self.source {
            Source::File { path, hash } => {
                let path = path.clone();
                if let Some(unit) = hash.take().map(|h| self.whole_file(path, h)) {
                    self.out.push_back(unit);
                }
                false
            }
            Source::Live(live) => {
                live.finish_recording();
                self.collect_segments();
                self.segments.boundaries.clear();
                while !self.segments.closed.is_empty() {
                    self.end_segment(last.unwrap_or_default());
                }
                self.segments.t0 = None;
                true
            }
        };
        let stopped = matches!(&self.source, Source::Live(live) if live.stopped());
        if live && !stopped {
            self.phase = Phase::Silent;
            self.out.push_back(Unit::Gap(Gap::Stopped { since: last }));
        } else {
            self.phase = Phase::Ended;
        }
        self.out.push_back(Unit::Stats(self.stats()));
    }

    fn whole_file(&self, path: PathBuf, hash: JoinHandle<Result<(String, u64), Error>>) -> Unit {
        match hash.join() {
            Ok(Ok((sha256, bytes))) => Unit::Segment(SegmentUnit {
                path,
                sha256,
                bytes,
                t0: self.segments.t0.unwrap_or_default(),
                t1: self.clock.last().unwrap_or_default(),
            }),
            Ok(Err(error)) => Unit::Fault(error.to_string()),
            Err(_) => Unit::Fault(format!(
                "{}: hashing failed; read the recording again",
                path.display()
            )),
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
